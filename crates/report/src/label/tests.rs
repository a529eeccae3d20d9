//! The join on small reports.

use super::*;
use crate::{
    assessment::{FORMAT, MarkedText, Portion},
    calendar::Timestamp,
    marking::{Owner, tests::registers},
    nation::Nation,
};

fn marked(mark: &str) -> MarkedText {
    MarkedText { mark: mark.to_owned(), text: "Text.".to_owned() }
}

fn report(marks: &[&str], rel_to: &[&str]) -> Report {
    let portions = marks.iter().map(|mark| Portion { block: Block::Paragraph, body: marked(mark) }).collect();
    Report {
        format: FORMAT.to_owned(),
        serial: "XAA-J2-2026-0001".to_owned(),
        form: "assessment".to_owned(),
        title: marked("U"),
        banner: String::new(),
        rel_to: rel_to.iter().map(|code| (*code).to_owned()).collect(),
        topics: Vec::new(),
        purpose: String::new(),
        precedence: "ROUTINE".to_owned(),
        action: Vec::new(),
        info: Vec::new(),
        traffic: "live".to_owned(),
        language: "en".to_owned(),
        translation_of: None,
        information_cutoff: Timestamp::from_seconds(0),
        produced: Timestamp::from_seconds(0),
        review: None,
        declassify: None,
        classified_by: None,
        likelihood_scale: "icd-203/en".to_owned(),
        tlp: None,
        answers: None,
        refers_to: Vec::new(),
        supersedes: None,
        aggregation_reason: None,
        from_tear_line: false,
        judgements: Vec::new(),
        sources: Vec::new(),
        portions,
        attachments: Vec::new(),
    }
}

fn lantern(code: &str) -> Option<Vec<Nation>> {
    let members = ["XAA", "XBB", "XCC"].into_iter().filter_map(Nation::parse);
    (code == "NLGP").then(|| members.collect())
}

#[test]
fn banners_are_computed_from_the_portions() {
    let (xaa, _) = registers();
    for (marks, rel_to, wanted) in [
        (&["U"][..], &["XAA", "XBB"][..], "UNCLASSIFIED//REL TO XAA, XBB"),
        (&["U"], &[], "UNCLASSIFIED"),
        (&["U", "S//REL TO XAA, XBB"], &["XAA", "XBB"], "SECRET//REL TO XAA, XBB"),
        (&["R", "S//REL TO XAA, XBB"], &["XAA", "XBB"], "SECRET"),
        (&["S//NF", "C//REL TO XAA, XBB"], &["XAA", "XBB"], "SECRET//NOFORN"),
        (&["S//REL TO XAA, XBB, XCC", "C//OC/REL TO XAA, XBB"], &["XAA", "XBB"], "SECRET//ORCON/REL TO XAA, XBB"),
        (&["S//REL TO XAA, XBB", "C//REL TO XAA, XCC"], &["XAA", "XBB"], "SECRET"),
        (&["S//REL", "//XCC C//REL TO XAA, XBB, XCC"], &["XAA", "XBB"], "SECRET//FGI XCC//REL TO XAA, XBB"),
        (&["//XCC U"], &["XAA", "XBB"], "UNCLASSIFIED//FGI XCC"),
        (&["//XCC S//REL TO XAA, XBB", "//FGI R//REL TO XAA, XBB"], &["XAA", "XBB"], "SECRET//FGI//REL TO XAA, XBB"),
        (&["S//REL TO XAA, NLGP"], &["XAA", "NLGP"], "SECRET//REL TO XAA, NLGP"),
        (&["S//REL TO XAA, NLGP"], &["XAA", "XBB"], "SECRET//REL TO XAA, XBB, XCC"),
        (&["S//REL TO XAA, ABCD"], &["XAA", "ABCD", "XBB"], "SECRET//REL TO XAA, ABCD, XBB"),
        (&["U"], &["XAA", "ABCD"], "UNCLASSIFIED//REL TO XAA, ABCD"),
        (&["U"], &["XAA"], "UNCLASSIFIED"),
        (&["S//NF", "S//REL TO XAA, ABCD"], &["XAA", "ABCD"], "SECRET//NOFORN"),
    ] {
        assert_eq!(compute_banner(&report(marks, rel_to), &xaa, &lantern), wanted, "{marks:?}");
    }
}

#[test]
fn what_cannot_be_read_is_told_and_never_widens() {
    let (xaa, _) = registers();
    let joined = join(&report(&["Q//PROPIN", "S//REL TO XAA, NLGP"], &[]), &xaa, &());
    assert_eq!(joined.unknown_levels, ["Q//PROPIN"]);
    assert!(joined.unknown_controls.contains("PROPIN"));
    assert!(joined.unknown_groups.contains("NLGP"));
    assert_eq!(joined.audience.map(|nations| nations.len()), Some(1));
    assert!(!joined.malformed);
    assert!(join(&report(&["S//REL TO XAA,XBB"], &[]), &xaa, &()).malformed);
    assert!(join(&report(&[""], &[]), &xaa, &()).malformed);
    let both = join(&report(&["S//NF/REL TO XAA, XBB"], &[]), &xaa, &());
    assert!(both.excluded_and_listed && both.has_excluding_caveat);
    assert_eq!(both.audience.map(|nations| nations.len()), Some(1));
}

#[test]
fn only_fixed_headings_go_without_a_mark() {
    let (xaa, _) = registers();
    let mut one = report(&["U", ""], &[]);
    one.portions[1] =
        Portion { block: Block::Heading(2), body: MarkedText { mark: String::new(), text: "DISCUSSION".to_owned() } };
    assert!(!join(&one, &xaa, &()).malformed);
    assert_eq!(parts(&one).len(), 2);
    one.portions[1].body.text = "What we saw".to_owned();
    assert!(join(&one, &xaa, &()).malformed);
    one.portions[1].body.mark = "U".to_owned();
    assert!(!join(&one, &xaa, &()).malformed, "a heading with a mark");
    one.portions[1].block = Block::Paragraph;
    one.portions[1].body = MarkedText { mark: String::new(), text: "DISCUSSION".to_owned() };
    assert!(join(&one, &xaa, &()).malformed, "a paragraph is no heading");
}

#[test]
fn every_mark_is_found_by_its_text_alone_and_read_once() {
    let (xaa, _) = registers();
    let report = report(&["S//OC", "S//LD", "//XCC C", "S//OC", "Q", "U"], &[]);
    let joined = join_parts(&report, &xaa, &());
    let texts: Vec<&str> = joined.marks.iter().map(|one| one.text).collect();
    assert_eq!(texts, ["U", "S//OC", "S//LD", "//XCC C", "Q"]);
    for text in texts {
        assert_eq!(joined.mark(text).map(|one| one.text), Some(text));
    }
    for absent in ["S//NF", "S", "", "T", "//XDD C"] {
        assert_eq!(joined.mark(absent), None, "{absent:?}");
    }
    let read = |text: &str| joined.mark(text).map(|one| (one.foreign, one.level.clone())).unwrap();
    assert_eq!(read("//XCC C"), (Nation::parse("XCC").map(Owner::Nation), ReadLevel::Place(2)));
    assert_eq!(read("Q"), (None, ReadLevel::Unknown("Q".to_owned())));
}

#[test]
fn what_each_mark_is_wrong_in_is_kept_apart() {
    let (xaa, _) = registers();
    let joined = |mark: &str| join(&report(&[mark], &[]), &xaa, &());
    for (mark, unknown) in
        [("S//rel to xaa, xbb", true), ("", true), ("SECRET", true), ("DR", true), ("S//PROPIN", false)]
    {
        assert_eq!(joined(mark).unknown_levels, if unknown { vec![mark] } else { Vec::new() }, "{mark:?}");
    }
    for (mark, excluding, both) in [
        ("S//NF", true, false),
        ("S//NF/PROPIN", true, false),
        ("S//REL TO XAA,XBB", false, false),
        ("S//REL TO XAA, XBB", false, false),
        ("S//OC/NF/REL", true, true),
    ] {
        let one = joined(mark);
        assert_eq!((one.has_excluding_caveat, one.excluded_and_listed), (excluding, both), "{mark}");
    }
}

#[test]
fn the_reason_of_an_aggregation_is_a_part_of_the_banner_as_every_text_is() {
    let (xaa, _) = registers();
    let with = |mark: &str| {
        let mut one = report(&["U//REL TO XAA, XBB"], &["XAA", "XBB"]);
        one.aggregation_reason = Some(marked(mark));
        one
    };
    for (mark, wanted) in [
        ("U", "UNCLASSIFIED//REL TO XAA, XBB"),
        ("S//NF", "SECRET//NOFORN"),
        ("C//REL TO XAA, XBB", "CONFIDENTIAL//REL TO XAA, XBB"),
        ("C//OC/REL TO XAA, XBB", "CONFIDENTIAL//ORCON/REL TO XAA, XBB"),
        ("//XCC R//REL TO XAA, XBB", "RESTRICTED//FGI XCC//REL TO XAA, XBB"),
        ("S//REL TO XAA, XCC", "SECRET"),
    ] {
        assert_eq!(compute_banner(&with(mark), &xaa, &lantern), wanted, "{mark}");
    }
    assert!(join(&with("Q//PROPIN"), &xaa, &()).unknown_controls.contains("PROPIN"));
    assert!(join(&with(""), &xaa, &()).malformed, "a reason without a mark");
}
