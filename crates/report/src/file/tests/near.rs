//! A mark that is there and cannot be read: what is said of it, and that what is said to write is read.

use super::*;

const LAWFUL: &str = "(C//REL TO XAA, XBB) A lawful survey would explain the passes.";

/// Faults of R100 and R014 in the example with another text at a place of it.
fn told(old: &str, new: &str) -> Vec<String> {
    assert!(REPORT.contains(old), "{old}");
    let list = read(REPORT.replacen(old, new, 1).as_bytes(), Some(HOME)).err().map(|faults| faults.list);
    let list = list.unwrap_or_default().into_iter().filter(|one| matches!(one.rule, "R100" | "R014" | "R114"));
    list.map(|one| one.message).collect()
}

/// What a message says to write.
fn proposal(message: &str) -> Option<&str> {
    let says = ["Write ", ": write ", "Begin with the mark: ", "on the same line: ", " space: "];
    says.iter().filter_map(|say| message.rsplit_once(say)).map(|(_, text)| text).min_by_key(|text| text.len())
}

/// A paragraph, what is said of it, and what it should be. What is said to write, written, has no fault of these rules.
fn is_told(text: &str, wrong: &str, right: &str) {
    let found = told(LAWFUL, &format!("{text}\n\n(U)"));
    let found = found.first().unwrap_or_else(|| panic!("{text:?} is read"));
    assert!(found.starts_with(wrong), "{text:?}: {found}");
    assert_eq!(proposal(found), Some(right), "{text:?}: {found}");
    assert_eq!(told(LAWFUL, &format!("{right}\n\n(U)")), [""; 0], "{text:?}: {found}");
}

#[test]
fn brackets_of_another_kind_are_told_as_such() {
    let full_width = "the mark stands in full-width brackets: type ( and ). Write (U)";
    let other = "the mark stands in brackets of another kind: type ( and ). Write (U)";
    for (text, wrong) in [
        ("[U] Seen", "the mark stands in square brackets: write (U) "),
        ("{U} Seen", "the mark stands in curly brackets: write (U) "),
        ("<U> Seen", "the mark stands in pointed brackets: write (U) "),
        ("[U]Seen", "the mark stands in square brackets: write (U) "),
        ("[U]: Seen", "the mark stands in square brackets: write (U) "),
        ("[ U ] Seen", "the mark stands in square brackets: write (U) "),
        ("\u{FF08}U\u{FF09} Seen", full_width),
        ("\u{FF08}\u{FF35}\u{FF09}\u{3000}Seen", full_width),
        ("(U\u{FF09} Seen", full_width),
        ("\u{FF08}U) Seen", full_width),
        ("\u{FF3B}U\u{FF3D} Seen", full_width),
        ("\u{3010}U\u{3011} Seen", other),
        ("(U] Seen", "the mark is closed by a bracket of another kind: write (U) "),
        ("(U Seen", "the bracket of the mark is not closed: write (U) "),
        ("[U Seen", "the bracket of the mark is not closed: write (U) "),
        ("U) Seen", "the first bracket of the mark is missing, if it is one: write (U) "),
    ] {
        is_told(text, wrong, "(U) Seen");
    }
    let list = "(S//REL TO XAA, XBB) Seen";
    is_told("[S//REL TO XAA, XBB] Seen", "the mark stands in square brackets: write (S//", list);
    is_told("S//REL TO XAA, XBB Seen", "the mark stands without brackets: write (S//", list);
    is_told("(S//REL TO XAA, XBB Seen", "the bracket of the mark is not closed: write (S//", list);
    is_told("S//NF Seen", "the mark stands without brackets: write (S//", "(S//NF) Seen");
    is_told("[U] Caption\n| a | b |", "the mark stands in square brackets: write (U)", "(U) Caption");
    is_told("[U]\nSeen", "the mark stands in square brackets: write (U)", "(U) Seen");
}

#[test]
fn what_stands_before_the_mark_is_told() {
    for (text, wrong, right) in [
        ("\u{201C}(U) Seen\u{201D}", "a quote stands before the mark (U). Begin", "(U) \u{201C}Seen\u{201D}"),
        ("\"(U) Seen\"", "a quote stands before the mark (U). Begin", "(U) \"Seen\""),
        ("\"(U) Seen\" by radar", "a quote stands before the mark (U). Begin", "(U) \"Seen\" by radar"),
        ("\"(U)\" Seen", "a quote stands before the mark (U). Begin", "(U) Seen"),
        ("\u{AB}\u{A0}(U) Vu\u{A0}\u{BB}", "a quote stands before the mark (U). Begin", "(U) \u{AB}Vu\u{A0}\u{BB}"),
        ("'[U] Seen'", "a quote stands before the mark, and the mark stands in square brackets. Write", "(U) 'Seen'"),
        ("**(U)** Seen", "** stands before the mark (U). Begin", "(U) Seen"),
        ("__(U)__ Seen", "__ stands before the mark (U). Begin", "(U) Seen"),
        ("`(U)` Seen", "` stands before the mark (U). Begin", "(U) Seen"),
        ("**(u)** Seen", "** stands before the mark (U). Begin", "(U) Seen"),
        ("*(U) Seen* [1]", "* stands before the mark (U). Begin", "(U) Seen [1]"),
        ("**(U) Seen** there", "** stands before the mark (U). Begin", "(U) Seen there"),
        ("**[U]** Seen", "** stands before the mark, and the mark stands in square brackets. Write", "(U) Seen"),
        ("> (U) Seen", "> stands before the mark (U). Begin", "(U) Seen"),
        ("\\(U\\) Seen", "\\ stands before the mark (U). Begin", "(U) Seen"),
        ("Note: (U) Seen", "Note: stands before the mark (U). Begin", "(U) Note: Seen"),
        ("a) (U) Seen", "a) stands before the mark (U). Begin", "(U) a) Seen"),
        ("2.1 (U) Seen", "2.1 stands before the mark (U). Begin", "(U) 2.1 Seen"),
        ("* (U) Seen * there", "* opens no list item here. Write", "- (U) Seen * there"),
        ("+ (U) Seen", "+ opens no list item here. Write", "- (U) Seen"),
        ("\u{2022}(U) Seen", "\u{2022} opens no list item here. Write", "- (U) Seen"),
        ("\u{2022} [U] Seen", "\u{2022} opens no list item here, and the mark stands in square", "- (U) Seen"),
        ("-(U) Seen", "- needs a space behind it. Write", "- (U) Seen"),
        ("1.(U) Seen", "1. needs a space behind it. Write", "1. (U) Seen"),
        ("2) (U) Seen", "2) opens no list item here. Write", "2. (U) Seen"),
        ("(3) (U) Seen", "(3) opens no list item here. Write", "3. (U) Seen"),
        ("\u{200B}(U) Seen", "a character that nobody sees stands before the mark (U). Begin", "(U) Seen"),
    ] {
        is_told(text, wrong, right);
    }
}

#[test]
fn what_stands_behind_the_mark_is_told() {
    for (text, wrong) in [
        ("(U)Seen", "no space stands behind the mark (U)."),
        ("(U): Seen", "no space stands behind the mark (U)."),
        ("(U)\tSeen", "a tab stands behind the mark (U)."),
        ("(U)\u{A0}Seen", "U+00A0 stands behind the mark (U)"),
        ("(U)\u{3000}Seen", "U+3000 stands behind the mark (U)"),
        ("(U)\nSeen", "the mark (U) stands alone on its line."),
        ("(U)  \nSeen", "the mark (U) stands alone on its line."),
    ] {
        is_told(text, wrong, "(U) Seen");
    }
    for alone in ["(U)", "**(U)**", "[U]", "\"(U)\""] {
        let found = told(LAWFUL, &format!("{alone}\n\n(U)"));
        assert_eq!(
            found,
            ["nothing stands behind the mark (U). Write the text behind it, on the same line"],
            "{alone}"
        );
    }
}

#[test]
fn an_item_heading_or_key_is_told_what_it_can_be() {
    for (text, right) in [
        ("- * (U) Seen", "- (U) Seen"),
        ("- **(U)** Seen", "(U) Seen"),
        ("1. \u{2022} (U) Seen", "(U) Seen"),
        ("- 1) (U) Seen", "(U) 1) Seen"),
        ("## **(U) Seen**", "(U) Seen"),
        ("## 1. (U) Seen", "(U) 1. Seen"),
    ] {
        let found = told(LAWFUL, &format!("{text}\n\n(U)"));
        assert_eq!(found.len(), 1, "{text}: {found:?}");
        assert_eq!(proposal(&found[0]), Some(right), "{text}: {found:?}");
    }
    let title = "\"(U) Cable corridor: survey vessel loitering";
    for (text, wrong, right) in [
        ("[U] Seen", "title: the mark stands in square brackets", "(U) Seen"),
        ("\u{2022} (U) Seen", "title: \u{2022} stands before the mark (U). Begin", "(U) Seen"),
        (" (U) Seen", "title: a blank stands before the mark (U). Begin", "(U) Seen"),
        ("\u{201C}(U) Seen\u{201D}", "title: a quote stands before the mark (U). Begin", "(U) \u{201C}Seen\u{201D}"),
        ("1) (U) Seen", "title: 1) stands before the mark (U). Begin", "(U) 1) Seen"),
    ] {
        let found = told(title, &format!("\"{text}\" # \""));
        assert_eq!(found.len(), 1, "{text}: {found:?}");
        assert!(found[0].starts_with(wrong) && proposal(&found[0]) == Some(right), "{text}: {found:?}");
        assert_eq!(told(title, &format!("\"{right}\" # \"")), [""; 0]);
    }
}

#[test]
fn what_is_no_mark_is_not_called_one() {
    for text in [
        "[1] Seen",
        "[see] Seen",
        "[u] Seen",
        "[C compiler] Seen",
        "{x} Seen",
        "<b> Seen",
        "U Seen",
        "C: Seen",
        "Port (C) and starboard",
        "33 (C) and rising",
        "(see U) Seen",
        "\"Seen\" (X)",
        "S/MIME Seen",
        "",
    ] {
        let found = told(LAWFUL, &format!("{text}\n\n(U)"));
        let is_plain = |one: &String| one.starts_with("paragraph has no portion mark. Begin it with one, such as ");
        assert!(found.iter().all(is_plain) && found.len() == usize::from(!text.is_empty()), "{text}: {found:?}");
    }
}
