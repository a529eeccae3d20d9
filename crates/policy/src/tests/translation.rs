//! R028: what a translation keeps of its original's marks.

use super::*;
use crate::translation::{Lowered, Marked, lowered};

const THEIRS: &[&str] = &["XBB", "XAA"];
const OURS: &[&str] = &["XAA", "XBB"];
const SECRET: &str = "SECRET//COMMUNICABLE À XBB, XAA";
const LIST: &str = "S//COM À XBB, XAA";

/// What is lower in our translation of this report of theirs.
fn told(banner: &str, marks: &[&str], ours: &Report) -> Option<Lowered> {
    let world = World::new();
    let theirs = report("XBB", "NP", banner, marks, THEIRS);
    let marked = |report, code| Marked { report, register: &world.registers[&nation(code)] };
    lowered(marked(&theirs, "XBB"), marked(ours, "XAA"), &world.agreement, Day::parse("2026-11-17").unwrap())
}

fn ours(banner: &str, marks: &[&str]) -> Report {
    report("XAA", "U", banner, marks, OURS)
}

const OWNED: &str = "SECRET//FGI XBB//REL TO XAA, XBB";

#[test]
fn rpt_11_a_translation_that_keeps_every_mark_is_right() {
    let kept = ours(OWNED, &["U", "//XBB S//REL TO XAA, XBB"]);
    assert_eq!(told(SECRET, &["NP", LIST], &kept), None);
    let noted = ours(OWNED, &["U", "U", "//XBB S//REL TO XAA, XBB"]);
    assert_eq!(told(SECRET, &["NP", LIST], &noted), None, "the translator's note stands first");
    let stricter = ours("TOP SECRET//REL TO XAA, XBB", &["S//REL TO XAA, XBB", "TS//REL TO XAA, XBB"]);
    assert_eq!(told(SECRET, &["NP", LIST], &stricter), None);
}

#[test]
fn rpt_11_what_a_translation_marks_lower_is_told() {
    let lower = ours("SECRET//REL TO XAA, XBB", &["S//REL TO XAA, XBB", "C//REL TO XAA, XBB"]);
    let words = told(SECRET, &["NP", LIST], &lower).unwrap().to_string();
    assert_eq!(words, "(S//COM À XBB, XAA) in portion 2, (C//REL TO XAA, XBB) here");
    let merged = ours("SECRET//REL TO XAA, XBB", &["S//REL TO XAA, XBB"]);
    assert_eq!(told(SECRET, &["NP", LIST], &merged), Some(Lowered::Portions(2, 1)));
    let more = ["S//REL TO XAA, XBB", "U", "U"];
    assert_eq!(told(SECRET, &[LIST], &ours("SECRET//REL TO XAA, XBB", &more)), Some(Lowered::Portions(1, 3)));
    let banner = ours("CONFIDENTIAL//REL TO XAA, XBB", &["C//REL TO XAA, XBB"]);
    assert!(matches!(told(SECRET, &["C//COM À XBB, XAA"], &banner), Some(Lowered::Banner(..))));
    let limited = "SECRET//DIFFUSION LIMITÉE/COMMUNICABLE À XBB, XAA";
    let open = ours("SECRET//REL TO XAA, XBB", &["S//REL TO XAA, XBB"]);
    let word = told(limited, &["S//DL/COM À XBB, XAA"], &open);
    assert_eq!(word, Some(Lowered::Caveat("DIFFUSION LIMITÉE".to_owned())));
}

#[test]
fn rpt_11_owners_and_readers_stay_who_they_were() {
    let foreign = "SECRET//FGI XCC//COMMUNICABLE À XBB, XAA";
    let mark = "//XCC S//COM À XBB, XAA";
    let open = ours("SECRET//REL TO XAA, XBB", &["S//REL TO XAA, XBB"]);
    assert_eq!(told(foreign, &[mark], &open), Some(Lowered::Owner(Some(nation("XCC")))));
    let kept = ours("SECRET//FGI XCC//REL TO XAA, XBB", &["//XCC S//REL TO XAA, XBB"]);
    assert_eq!(told(foreign, &[mark], &kept), None);
    let mut wider = ours("SECRET//REL TO XAA, XBB, XCC", &["S//REL TO XAA, XBB, XCC"]);
    wider.rel_to.push("XCC".to_owned());
    assert_eq!(told(SECRET, &[LIST], &wider), Some(Lowered::Reader(nation("XCC"))));
}
