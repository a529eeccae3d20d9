//! Each fault of national rules by its number, on the example with that fault put in.

use super::*;
use crate::agreement::Agreement;

const FILE: &str = include_str!("../../../../examples/national-rules.toml");
const AGREEMENT: &str = include_str!("../../../../examples/agreement.toml");

fn agreement() -> Agreement {
    Agreement::read("agreement.toml", AGREEMENT.as_bytes()).unwrap()
}

#[test]
fn the_example_is_read_whole_and_only_narrows() {
    let rules = NationalRules::read("national-rules.toml", FILE.as_bytes()).unwrap();
    assert_eq!(rules.narrows(&agreement()), Ok(()));
    let (xaa, xbb) = (Nation::parse("XAA").unwrap(), Nation::parse("XBB").unwrap());
    let out = rules.scope(xaa, xbb).unwrap();
    assert_eq!(out.hold_topics, ["hybrid.disinformation"]);
    assert_eq!(out.narrowing.second_officer_from_level, Some(2));
    assert_eq!(out.narrowing.max_report_bytes, None);
    assert_eq!(rules.standing[0].serial, "XAA-DDL-2026-014");
    assert_eq!(rules.content.as_ref().unwrap().hold_words_file.as_deref(), Some("hold-words.txt"));
    assert_eq!(rules.needs_unbuilt(Side::Out), None);
    assert_eq!(rules.needs_unbuilt(Side::In), None);
}

#[test]
fn faults_of_the_file_are_told_by_number_and_place() {
    for (from, to, told) in [
        ("relto-national/1", "relto-national/2", "error N010"),
        ("nation    = \"XAA\"", "nation    = \"Xaa\"", "error N012: nation"),
        ("max_age_hours = 336", "max_age_hours = 0", "error N011: scope.max_age_hours = 0"),
        ("max_age_hours = 336", "max_age = 336", "error N091: unknown key \"scope.max_age\""),
        ("strip_metadata = false", "strip_metadata = true", "error N011: content.strip_metadata"),
        ("strip_metadata = false", "filter_seconds = 10", "error N011: filter_seconds without filter"),
        ("strip_metadata = false", "filter = \"look\"\nfilter_seconds = 0", "error N011: content.filter_seconds = 0"),
        ("serial    = \"XAA-NDP", "seriel    = \"XAA-NDP", "error N093: serial is missing"),
        ("valid_until = 2027-06-01", "valid_until = 2026-06-01", "error N011: valid_from"),
        ("issued_by = \"XAA/FDO\"", "issued_by = \"XBB/FDO\"", "error N011: issued_by"),
        ("[\"originator-controlled\"]", "[\"national-only\"]", "error N011: national-only never leaves"),
        ("# [overlay]", "[overlay]\nfile = \"x.cedar\"\nsha256 = \"00\"", "error N003: overlay.sha256"),
    ] {
        let text = FILE.replacen(from, to, 1);
        assert!(text != FILE, "the example lacks {from:?}");
        let list = NationalRules::read("national-rules.toml", text.as_bytes()).unwrap_err().to_string();
        assert!(list.contains(told), "{list}\nlacks {told}");
    }
}

#[test]
fn each_wider_key_is_named() {
    for (from, to, told) in [
        (
            "max_age_hours = 336",
            "max_age_hours = 721",
            "25:17: error N001: scope XAA>XBB max_age_hours = 721 is wider than the agreement's 720",
        ),
        (
            "\"maritime.subsurface\"              = 1",
            "\"maritime.subsurface\"              = 3",
            "error N001: scope XAA>XBB topic maritime.subsurface = 3 is wider than the agreement's 2",
        ),
        (
            "\"maritime.subsurface\"  ",
            "\"land.fires\"  ",
            "error N001: scope XAA>XBB topic land.fires = 1 is wider than the agreement's none",
        ),
        (
            "forms         = [\"assessment\"",
            "forms         = [\"summary\"",
            "error N001: scope XAA>XBB forms has \"summary\"",
        ),
        (
            "second_officer_from_level = 2",
            "second_officer_from_level = 4",
            "error N001: scope XAA>XBB second_officer_from_level = 4",
        ),
        (
            "standing_authority_to_level = 1",
            "standing_authority_to_level = 2",
            "error N001: scope XAA>XBB standing_authority_to_level",
        ),
        ("\"image/png\"", "\"image/gif\"", "error N001: scope XAA>XBB attachments.types has \"image/gif\""),
        (
            "max_report_bytes = 131072",
            "max_report_bytes = 262145",
            "error N001: scope XBB>XAA transport.max_report_bytes = 262145",
        ),
        (
            "[\"originator-controlled\"]",
            "[\"no-contractors\"]",
            "error N001: scope XAA>XBB caveats has \"no-contractors\"",
        ),
        (
            "max_age_hours = 336",
            "information_from = 2025-12-14T00:00:00Z",
            "error N001: scope XAA>XBB information_from",
        ),
        ("highest_level = 3", "highest_level = 4", "error N001: accreditation.highest_level = 4"),
        (
            "to_level  = 1",
            "to_level  = 2",
            "error N002: standing authority XAA-DDL-2026-014 reaches level 2; standing_authority_to_level is 1",
        ),
        (
            "agreement = \"XAA-XBB-2026-01\"",
            "agreement = \"XAA-XBB-2026-02\"",
            "7:13: error N012: these rules are for XAA-XBB-2026-02",
        ),
        ("from = \"XBB\"\nto   = \"XAA\"", "from = \"XBB\"\nto   = \"XCC\"", "error N012: scope XBB>XCC"),
    ] {
        let text = FILE.replacen(from, to, 1);
        assert!(text != FILE, "the example lacks {from:?}");
        let rules = NationalRules::read("national-rules.toml", text.as_bytes()).unwrap();
        let list = rules.narrows(&agreement()).unwrap_err().to_string();
        assert!(list.contains(told), "{list}\nlacks {told}");
    }
}

#[test]
fn an_overlay_is_known_by_its_digest() {
    let digest = sha256(&[b"forbid"]);
    let overlay = Overlay { file: "x.cedar".to_owned(), digest };
    assert!(overlay.is(b"forbid"));
    assert!(!overlay.is(b"permit"));
}
