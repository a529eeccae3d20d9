//! Portions of the text: marks that are missing, misplaced or too long, and where a fault behind a mark stands.

use super::*;

fn told(edits: &[(&str, &str)]) -> Vec<String> {
    let mut text = REPORT.to_owned();
    for (old, new) in edits {
        assert!(text.contains(old), "not in the example: {old}");
        text = text.replacen(old, new, 1);
    }
    shown(read(text.as_bytes(), Some(HOME)))
}

fn shown(result: Result<Parsed, Faults>) -> Vec<String> {
    let faults = result.err().map(|faults| faults.list).unwrap_or_default();
    let errors = faults.into_iter().filter(|one| !one.warning);
    errors.map(|one| format!("{}:{} {} {}", one.line, one.column, one.rule, one.message)).collect()
}

const LAWFUL: &str = "(C//REL TO XAA, XBB) A lawful survey would explain the passes. It";

const BEGIN: &str = "Begin it with one, such as (U) or (C//REL TO XAA, XBB)";

/// The example with another paragraph at line 138, and text behind it.
fn with(text: &str) -> Vec<String> {
    told(&[(LAWFUL, text)])
}

#[test]
fn what_has_no_mark_is_told_by_its_kind_with_marks_of_the_register() {
    let none = |place: &str, what: &str| [format!("{place} R100 {what} has no portion mark. {BEGIN}")];
    assert_eq!(told(&[("## DISCUSSION", "## What we saw")]), none("124:1", "heading"));
    assert_eq!(told(&[("- (U) Mariners", "- Mariners")]), none("134:1", "list item"));
    assert_eq!(with("1. It"), none("138:1", "list item"));
    assert_eq!(with("| a | b |\n| c | d |\n\n(U) It"), none("138:1", "table"));
    assert_eq!(with("(U) Caption\n| a | b |\n| c | d |\n\n(U) It"), [""; 0]);
    // Brackets that hold words, digits or nothing are no mark; capitals are one, and a wrong one.
    for text in ["It", "(see 3) It", "(3) It", "() It", "(  ) It"] {
        assert_eq!(with(text), none("138:1", "paragraph"), "{text:?}");
    }
    let wrong = |text: &str, what: &str| {
        let told = with(text);
        assert!(told.len() == 1 && told[0].starts_with(&format!("138:1 R100 {what}")), "{text:?}: {told:?}");
    };
    wrong("(U)It", "no space stands behind the mark (U). Write (U) It");
    wrong("(U)\n\n(U) It", "nothing stands behind the mark (U).");
    wrong("(U)\nIt", "the mark (U) stands alone on its line.");
    assert_eq!(with("(ABC) It"), ["138:2 R101 level \"ABC\" is not XAA's. Known: TS, S, C, R, U"]);
    let borealian = REPORT_XBB.replacen("(C//COM À XBB, XAA) Deux", "Deux", 1);
    assert_eq!(
        shown(read_xbb(borealian.as_bytes(), Some(HOME_XBB))),
        ["59:1 R100 paragraph has no portion mark. Begin it with one, such as (NP) or (C//COM À XBB, XAA)"]
    );
}

#[test]
fn a_mark_at_the_end_of_the_line_is_told_where_it_belongs() {
    let before = |place: &str, text: &str| [format!("{place} R114 the mark stands before the text: {text}")];
    for (sign, place, right) in [
        ("", "138:1", "(C//REL TO XAA, XBB) A lawful survey"),
        ("- ", "138:3", "- (C//REL TO XAA, XBB) A lawful survey"),
        ("1. ", "138:4", "1. (C//REL TO XAA, XBB) A lawful survey"),
        ("## ", "138:4", "(C//REL TO XAA, XBB) A lawful survey"),
    ] {
        let text = format!("{sign}A lawful survey (C//REL TO XAA, XBB)\n\n(U) It");
        assert_eq!(with(&text), before(place, right), "{sign}");
    }
    let long = with("A lawful survey of the cable corridor in November (U)\n\n(U) It");
    assert_eq!(long, before("138:1", "(U) A lawful survey of the cable corridor in"));
    let stopped = with("A lawful survey (U).\n\n(U) It");
    assert_eq!(stopped, before("138:1", "(U) A lawful survey"));
    let no_mark = format!("138:1 R100 paragraph has no portion mark. {BEGIN}");
    assert_eq!(with("A lawful survey (Q)\n\n(U) It"), [no_mark], "what stands there is no mark");
}

#[test]
fn portions_and_marks_have_a_length_and_a_text_2_000_portions() {
    let mark = |length: usize| format!("(U//{}) It", "X".repeat(length - 3));
    assert_eq!(with(&mark(1_025)), ["138:2 R100 a mark of 1025 bytes; the limit is 1024"]);
    let longest = with(&mark(1_024));
    assert!(longest.len() == 1 && longest[0].starts_with("138:5 R110 control \"XXX"), "{longest:?}");
    let portion = |length: usize| with(&format!("(U) {}\n\n(U) It", "x".repeat(length - 4)));
    assert_eq!(portion(16_384), [""; 0]);
    assert_eq!(portion(16_385), ["138:1 R006 portion of 16,385 bytes; the limit is 16,384. Split the paragraph"]);
    let many = |more: usize| shown(read((REPORT.to_owned() + &"\n(U) x\n".repeat(more)).as_bytes(), Some(HOME)));
    // The example has 23 blocks, its tear line among them.
    assert_eq!(many(1_977), [""; 0]);
    assert_eq!(many(1_978), ["4114:1 R006 2001 portions; the limit is 2,000. Move tables and data to an attachment"]);
}

#[test]
fn a_place_behind_the_mark_is_counted_in_characters_of_its_own_line() {
    let unknown =
        |place: &str, n: u32| format!("{place} R058 [{n}] names no listed source. Sources are numbered 1 to 7");
    for (text, first, second) in [
        ("(U) It [9] and\nthere [8]", "138:8", "139:7"),
        ("(U)   It [9] and\nthere [8]", "138:10", "139:7"),
        ("(C//REL TO XAA, XBB) É É [9] and\né é [8]", "138:26", "139:5"),
        ("- (U) It [9] and\n  there [8]", "138:10", "139:9"),
    ] {
        assert_eq!(with(text), [unknown(first, 9), unknown(second, 8)], "{text:?}");
    }
}

#[test]
fn the_tear_line_lasts_to_the_next_heading_of_its_level() {
    let tear = |edits: &[(&str, &str)]| {
        let text = edits.iter().fold(REPORT.to_owned(), |text, (old, new)| text.replacen(old, new, 1));
        let parsed = good(read(text.as_bytes(), Some(HOME)));
        let line = parsed.tear_line.unwrap();
        (parsed.document.report().portions.len(), line.document.report().portions.len())
    };
    assert_eq!(tear(&[]), (19, 3));
    assert_eq!(tear(&[("(U) Ships should", "### (U) Ships\n\n(U) Ships should")]), (19, 4), "a heading below it");
    assert_eq!(tear(&[("(U) Ships should", "## OUTLOOK\n\n(U) Ships should")]), (21, 2), "a heading beside it");
    assert_eq!(tear(&[("(U) Ships should", "# (U) Ships\n\n(U) Ships should")]), (21, 2), "a heading above it");
    let twice = told(&[("(U) Ships should", "## TEAR LINE\n\n(U) Ships should")]);
    assert_eq!(twice, ["158:4 R070 TEAR LINE stands here twice. A report has one tear line"]);
}

#[test]
fn what_reads_as_the_heading_of_a_tear_line_is_told_where_it_stands() {
    let reads = "this reads as the heading of a tear line. Where one begins, write ## TEAR LINE without a mark and in \
                 these letters; else write other words";
    for (text, place) in [
        ("## (U) Tear Line", "138:4"),
        ("## Tear line", "138:4"),
        ("## (U) TEAR\u{a0}LINE", "138:4"),
        ("(U) TEAR LINE:", "138:1"),
        ("- (U) Tear line", "138:3"),
    ] {
        assert_eq!(with(&format!("{text}\n\n(U) It")), [format!("{place} R070 {reads}")], "{text:?}");
    }
    assert_eq!(with("## (U) Tear lines\n\n(U) The tear line.\n\n(U) It"), [""; 0]);
}

#[test]
fn a_range_cites_each_of_its_numbers_and_names_the_first_that_is_not_listed() {
    assert_eq!(with("(U) It [1-3] and [4, 7]; [2026-11-16]"), [""; 0]);
    let unknown = |n: u32| [format!("138:8 R058 [{n}] names no listed source. Sources are numbered 1 to 7")];
    for (text, n) in [("[1-9]", 8), ("[1, 9]", 9), ("[1-99999999999]", 8), ("[ 9]", 9)] {
        assert_eq!(with(&format!("(U) It {text}")), unknown(n), "{text}");
    }
}

#[test]
fn a_citation_in_a_report_without_sources_is_told_as_that() {
    let begins = REPORT.find("[[source]]").unwrap();
    let ends = REPORT.find("[[attachment]]").unwrap();
    let text = format!("{}{}", &REPORT[..begins], &REPORT[ends..]);
    let told = shown(read(text.as_bytes(), None));
    let of: Vec<&String> = told.iter().filter(|one| one.contains(" R058 ")).collect();
    assert!(!of.is_empty(), "{told:?}");
    for one in of {
        let (_, said) = one.split_once(" R058 ").unwrap();
        let (number, rest) = said.split_once("] ").unwrap();
        assert!(number.starts_with('['), "{one}");
        assert_eq!(rest, "stands here and the report lists no source. Take it out, or add its [[source]]");
    }
}

#[test]
fn a_table_with_a_line_that_is_no_row_is_a_paragraph_and_stays_valid() {
    for text in ["(U) Caption\n| a |\nmore", "(U) Caption\nmore\n| a |", "(U) Caption\n  | a |\n| b |"] {
        assert_eq!(with(&format!("{text}\n\n(U) It")), [""; 0], "{text:?}");
    }
    let told = with("(U) Caption\na | b\n--- | ---\nc | (S) d\n\n(U) It");
    assert!(told.len() == 1 && told[0].starts_with("141:5 R115 cell begins with (S)"), "{told:?}");
}

#[test]
fn a_judgement_of_the_tear_line_that_is_not_listed_is_told_by_what_is_wrong() {
    let ships = |id: &str| told(&[("(U) Ships should", &format!("(U) {id}. Ships should"))]);
    assert_eq!(
        ships("KJ9"),
        [
            "158:1 R040 the tear line has KJ9 and the report has no such judgement. Begin the paragraph with one that it \
             has, or without a number"
        ]
    );
    assert_eq!(
        ships("KJ3"),
        ["158:1 R040 the tear line has KJ3 and its judgements do not list it. Add \"KJ3\" to them, or begin the \
             paragraph without a number"]
    );
    assert_eq!(ships("KJ"), [""; 0], "no number");
}

#[test]
fn without_a_partner_a_mark_is_shown_without_a_list() {
    let ((xaa, xbb), vocabulary) = (registers(), vocabulary());
    let now = Timestamp::parse("2026-11-17T12:00:00Z").unwrap();
    let alone = Context::new(&xaa, &vocabulary, now);
    assert_eq!(super::super::mark::examples(&alone), "(U)");
    let other = Context { others: &[&xbb], ..Context::new(&xaa, &vocabulary, now) };
    assert_eq!(super::super::mark::examples(&other), "(U) or (C//REL TO XAA, XBB)");
    let itself = Context { others: &[&xaa], ..Context::new(&xaa, &vocabulary, now) };
    assert_eq!(super::super::mark::examples(&itself), "(U)");
}

#[test]
fn a_mark_and_the_first_of_its_text_stand_on_one_line() {
    use super::super::mark::split;
    for (text, wanted) in [
        ("(U) x", Some(("U", "x"))),
        ("(U)   x\ny", Some(("U", "x\ny"))),
        ("() x", Some(("", "x"))),
        ("(U) (S) x", Some(("U", "(S) x"))),
        ("(U\n) x", None),
        ("(U) ", None),
        ("(U) \nx", None),
        ("(U)\nx", None),
        ("(U)x", None),
        ("(U x", None),
        ("U) x", None),
        (" (U) x", None),
    ] {
        assert_eq!(split(text), wanted, "{text:?}");
    }
}
