//! Shapes of marks in each text of a report file, with their places; and marks that are there and wrong.

use super::*;

fn told(old: &str, new: &str) -> Vec<(usize, usize, &'static str, String, bool)> {
    assert!(REPORT.contains(old), "{old}");
    let list = match read(REPORT.replacen(old, new, 1).as_bytes(), Some(HOME)) {
        Ok(parsed) => parsed.warnings.list,
        Err(faults) => faults.list,
    };
    list.into_iter().map(|one| (one.line, one.column, one.rule, one.message, one.warning)).collect()
}

#[test]
fn rpt_9_each_text_of_a_report_is_looked_at() {
    for (old, new, line, column) in [
        ("(U) Cable corridor", "(U)  (C) Cable corridor", 5, 20),
        ("\"Commercial", "\"(S) Commercial", 49, 16),
        ("Mariners", "(S//NF) Mariners", 0, 0),
        ("A lawful survey", "A lawful\n(S) survey", 0, 0),
        ("A lawful survey", "A lawful\nSECRET//NOFORN\nsurvey", 0, 0),
        ("A lawful survey", "A lawful\n(TS//SI//NF) survey", 0, 0),
    ] {
        let found = told(old, new);
        let found: Vec<_> = found.iter().filter(|one| one.2 == "R115").collect();
        assert_eq!(found.len(), 1, "{new}: {found:?}");
        assert!(found[0].3.contains(" begins with ") && !found[0].4);
        if line > 0 {
            assert_eq!((found[0].0, found[0].1), (line, column), "{new}");
        }
    }
    let at = REPORT.lines().position(|line| line.contains("A lawful survey")).unwrap() + 1;
    let found = told("A lawful survey", "A lawful\n  (S) survey");
    let found = found.iter().find(|one| one.2 == "R115").unwrap();
    assert_eq!((found.0, found.1), (at + 1, 3));
    assert_eq!(
        found.3,
        "line begins with (S): a portion has one mark. Put an empty line before it, or move it to the line above if it \
         is no mark"
    );
}

#[test]
fn rpt_9_the_advice_is_one_that_the_place_allows() {
    let message = |old: &str, new: &str| {
        let found = told(old, new);
        let found: Vec<_> = found.into_iter().filter(|one| one.2 == "R115").collect();
        assert_eq!(found.len(), 1, "{new}: {found:?}");
        found[0].3.clone()
    };
    let one_line = |what: &str| {
        format!(
            "{what} begins with (C) behind its mark, and it has one mark. Take (C) out, or write the {what} anew with the \
             one mark that it needs"
        )
    };
    assert_eq!(message("(U) Cable corridor", "(U) (C) Cable corridor"), one_line("title"));
    assert_eq!(message("(U) Hazard", "(U) (C) Hazard"), one_line("title"), "of the tear line");
    let track = ("(C//REL TO XAA, XBB) Plotted", "(C//REL TO XAA, XBB) (C) Plotted");
    assert_eq!(message(track.0, track.1), one_line("attachment title"));
    let reason = "precedence = \"PRIORITY\"\naggregation_reason = \"(U) (C) Together\"";
    assert_eq!(message("precedence = \"PRIORITY\"", reason), one_line("reason"));
    assert_eq!(
        message("\"Commercial", "\"(S) Commercial"),
        "descriptor begins with (S), and its mark stands in the key mark. Take (S) out, or write the descriptor anew and \
         give it there the mark that it needs"
    );
    for table in ["(U) Caption\n| a | b |\n| c | (S) site |", "(U) Caption\n| (S) a | b |\n| c | site |"] {
        assert_eq!(
            message("- (U) Mariners", &format!("\n{table}\n\n- (U) Mariners")),
            "cell begins with (S): a table has one mark. Move the text of the cell into a portion of its own, or take (S) \
             out if it is no mark"
        );
    }
    let caption = message("- (U) Mariners", "\n(U) Caption\n(S) more\n| a | b |\n\n- (U) Mariners");
    assert!(caption.starts_with("line begins with (S): a portion has one mark. Put an empty line"), "{caption}");
}

#[test]
fn rpt_10_what_an_officer_must_look_at_is_a_warning_with_its_place() {
    assert!(told("+++", "+++").iter().all(|one| one.2 != "R115" && one.2 != "MARK_IN_TEXT"), "the example has none");
    let at = REPORT.lines().position(|line| line.contains("A lawful survey")).unwrap() + 1;
    let found = told("A lawful survey", "Public part. (S) A lawful survey");
    let found = found.iter().find(|one| one.2 == "MARK_IN_TEXT").unwrap();
    assert!(found.4, "a warning");
    assert_eq!(found.0, at);
    assert!(
        found.3.starts_with("an officer must look at portion ") && found.3.ends_with(", line 1: (S) opens a sentence")
    );
    let title = told("(U) Cable corridor", "(U) The (S//NF) cable corridor");
    let title = title.iter().find(|one| one.2 == "MARK_IN_TEXT").unwrap();
    assert_eq!((title.0, title.1), (5, 23));
    assert_eq!(title.3, "an officer must look at the title, line 1: (S//NF) stands in it");
}

#[test]
fn a_mark_that_is_there_and_wrong_is_told_as_that() {
    let paragraph = "(U) Mariners";
    assert!(REPORT.contains(&format!("- {paragraph}")));
    for (new, wanted) in [
        ("- (U)Mariners", "no space stands behind the mark (U). Write (U) Mariners"),
        (
            "\n(U)\nMariners",
            "the mark (U) stands alone on its line. Write the text behind it, on the same line: (U) Mariners",
        ),
        ("\n(U)\n\n(U) Mariners", "nothing stands behind the mark (U). Write the text behind it, on the same line"),
        ("\n* (U) Mariners", "* opens no list item here. Write - (U) Mariners"),
        ("\n\u{2022} (U) Mariners", "\u{2022} opens no list item here. Write - (U) Mariners"),
        (
            "- (U)\u{a0}Mariners",
            "U+00A0 stands behind the mark (U) and looks like a space. Type an ordinary space: (U) Mariners",
        ),
        ("- (U)\tMariners", "a tab stands behind the mark (U). Type a space: (U) Mariners"),
        ("- **(U)** Mariners", "** stands before the mark (U). Begin with the mark: (U) Mariners"),
        ("- (S//NF)Mariners", "no space stands behind the mark (S//NF). Write (S//NF) Mariners"),
    ] {
        let found = told("- (U) Mariners", new);
        let found: Vec<&str> = found.iter().filter(|one| one.2 == "R100").map(|one| one.3.as_str()).collect();
        assert!(found.iter().any(|one| one.starts_with(wanted)), "{new:?}: {found:?}");
    }
    let title = told("(U) Cable corridor", "(U)Cable corridor");
    assert!(title.iter().any(|one| one.2 == "R014" && one.3.starts_with("title: no space stands behind the mark (U)")));
    let words = told("- (U) Mariners", "- (see annex) Mariners");
    assert!(words.iter().any(|one| one.2 == "R100" && one.3.starts_with("list item has no portion mark")), "{words:?}");
}

#[test]
fn curly_quotes_are_told_by_name() {
    let found = told("purpose    = \"early-warning\"", "purpose    = \u{201c}early-warning\u{201d}");
    let found = found.iter().find(|one| one.2 == "R005").unwrap();
    assert_eq!(found.3, "quotation mark \u{201c} (U+201C) from a word processor. Type a straight one: \"");
    assert_eq!((found.0, found.1), (9, 14));
    let list = told("rel_to     = [\"XAA\", ", "rel_to     = [\u{ab}XAA\u{bb}, ");
    assert!(list.iter().any(|one| one.2 == "R005" && one.3.contains("U+00AB")), "{list:?}");
}
