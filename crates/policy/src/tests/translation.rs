//! R028: what a translation keeps of its original's marks.

use super::*;
use crate::translation::{Lowered, Marked, lowered};
use relto_report::{assessment::Block, shown::Place};

const THEIRS: &[&str] = &["XBB", "XAA"];
const OURS: &[&str] = &["XAA", "XBB"];
const SECRET: &str = "SECRET//COMMUNICABLE À XBB, XAA";
const LIST: &str = "S//COM À XBB, XAA";

fn marked<'a>(world: &'a World, report: &'a Report, code: &str) -> Marked<'a> {
    let (register, agreement) = (&world.registers[&nation(code)], &world.agreement);
    Marked { report, register, agreement, day: Day::parse("2026-11-17").unwrap() }
}

/// What is lower in our translation of this report of theirs.
fn told(banner: &str, marks: &[&str], ours: &Report) -> Option<Lowered> {
    let world = World::new();
    let theirs = report("XBB", "NP", banner, marks, THEIRS);
    lowered(marked(&world, &theirs, "XBB"), marked(&world, ours, "XAA"))
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
    let stricter = ours("SECRET//REL TO XAA, XBB", &["S//REL TO XAA, XBB", "S//REL TO XAA, XBB"]);
    assert_eq!(told("CONFIDENTIEL//COMMUNICABLE À XBB, XAA", &["NP", "C//COM À XBB, XAA"], &stricter), None);
    let nowhere = ours("TOP SECRET//REL TO XAA, XBB", &["S//REL TO XAA, XBB", "TS//REL TO XAA, XBB"]);
    assert!(told(SECRET, &["NP", LIST], &nowhere).is_some(), "what has no level keeps none");
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
    assert!(matches!(word, Some(Lowered::Part(Place::Portion(1), ..))), "{word:?}");
    let of_banner = told(limited, &[LIST], &open);
    assert_eq!(of_banner, Some(Lowered::Caveat("DIFFUSION LIMITÉE".to_owned())));
}

#[test]
fn rpt_11_owners_and_readers_stay_who_they_were() {
    let foreign = "SECRET//FGI XCC//COMMUNICABLE À XBB, XAA";
    let mark = "//XCC S//COM À XBB, XAA";
    let open = ours("SECRET//REL TO XAA, XBB", &["S//REL TO XAA, XBB"]);
    assert!(matches!(told(foreign, &[mark], &open), Some(Lowered::Part(Place::Portion(1), ..))));
    let dropped = ours("SECRET//FGI XCC//REL TO XAA, XBB", &["//XDD S//REL TO XAA, XBB"]);
    assert!(matches!(told(foreign, &[mark], &dropped), Some(Lowered::Part(..))), "another owner is not this one");
    let kept = ours("SECRET//FGI XCC//REL TO XAA, XBB", &["//XCC S//REL TO XAA, XBB"]);
    assert_eq!(told(foreign, &[mark], &kept), None);
    let mut wider = ours("SECRET//REL TO XAA, XBB, XCC", &["S//REL TO XAA, XBB, XCC"]);
    wider.rel_to.push("XCC".to_owned());
    assert!(matches!(told(SECRET, &[LIST], &wider), Some(Lowered::Part(..))));
    let mut listed = ours("SECRET//REL TO XAA, XBB, XCC", &["U"]);
    listed.rel_to.push("XCC".to_owned());
    assert_eq!(told("SECRET//COMMUNICABLE À XBB, XAA", &["NP"], &listed), Some(Lowered::Reader(nation("XCC"))));
}

/// What is lower after this change to a translation that keeps everything.
fn after(change: impl FnOnce(&mut Report, &mut Report)) -> Option<String> {
    let world = World::new();
    let mut theirs = report("XBB", "NP", SECRET, &["NP", LIST], THEIRS);
    let mut here = ours(OWNED, &["U", "//XBB S//REL TO XAA, XBB"]);
    change(&mut theirs, &mut here);
    let found = lowered(marked(&world, &theirs, "XBB"), marked(&world, &here, "XAA"));
    found.map(|found| found.to_string())
}

const OPEN: &str = "U";
const CLOSED: &str = "//XBB S//REL TO XAA, XBB";

#[test]
fn rpt_11_every_part_that_has_a_mark_keeps_it() {
    assert_eq!(after(|_, _| {}), None);
    let told = |change: fn(&mut Report, &mut Report)| after(change).unwrap_or_default();
    let title = told(|old, new| {
        old.title.mark = LIST.to_owned();
        new.title.mark = OPEN.to_owned();
    });
    assert_eq!(title, "(S//COM À XBB, XAA) in the title, (U) here");
    let kept = after(|old, new| {
        old.title.mark = LIST.to_owned();
        new.title.mark = CLOSED.to_owned();
    });
    assert_eq!(kept, None);
    let caveat = told(|old, new| {
        old.portions[1].body.mark = "S//DL/COM À XBB, XAA".to_owned();
        new.portions[0].body.mark = "S//LD/REL TO XAA, XBB".to_owned();
    });
    assert!(caveat.starts_with("(S//DL/COM À XBB, XAA) in portion 2"), "the caveat left its text: {caveat}");
}

#[test]
fn rpt_11_limits_beside_the_marks_stay() {
    use relto_report::assessment::Declassify;
    let day = |text: &str| Some(Declassify::On(Day::parse(text).unwrap()));
    let told = |change: &dyn Fn(&mut Report, &mut Report)| after(|old, new| change(old, new)).unwrap_or_default();
    assert_eq!(told(&|old, _| old.tlp = Some("RED".to_owned())), "its tlp is not kept here");
    assert_eq!(told(&|_, new| new.traffic = "TRIDENT 26".to_owned()), "its traffic is not kept here");
    let ends = |theirs: Option<Declassify>, here: Option<Declassify>| {
        told(&|old, new| (old.declassify, new.declassify) = (theirs.clone(), here.clone()))
    };
    assert_eq!(ends(Some(Declassify::Originator), day("2027-05-16")), "its declassify is not kept here");
    assert_eq!(ends(day("2027-05-16"), day("2027-05-15")), "its declassify is not kept here");
    assert_eq!(ends(day("2027-05-16"), None), "its declassify is not kept here");
    assert_eq!(ends(day("2027-05-16"), day("2027-05-16")), "");
    assert_eq!(ends(day("2027-05-16"), Some(Declassify::Originator)), "");
    assert_eq!(ends(None, day("2027-05-16")), "its declassify is not kept here");
    assert_eq!(ends(None, None), "");
}

#[test]
fn rpt_11_a_heading_without_a_mark_neither_counts_nor_closes() {
    let heading = |report: &mut Report| {
        let mut one = report.portions[0].clone();
        one.body.mark.clear();
        one.block = Block::Heading(2);
        one.body.text = "JUGEMENTS CLÉS".to_owned();
        report.portions.insert(0, one);
    };
    assert_eq!(after(|old, _| heading(old)), None, "it may be left out");
    let moved = after(|old, new| {
        heading(old);
        new.portions.swap(0, 1);
    });
    assert_eq!(moved.unwrap(), "(S//COM À XBB, XAA) in portion 3, (U) here");
}

#[test]
fn rpt_11_what_has_no_meaning_is_not_kept() {
    let mut world = World::new();
    let theirs =
        report("XBB", "NP", "SECRET//DIFFUSION LIMITÉE/COMMUNICABLE À XBB, XAA", &["S//DL/COM À XBB, XAA"], THEIRS);
    let here = ours("SECRET//LIMITED DISTRIBUTION/REL TO XAA, XBB", &["S//LD/REL TO XAA, XBB"]);
    let told = |world: &World| lowered(marked(world, &theirs, "XBB"), marked(world, &here, "XAA"));
    assert_eq!(told(&world), None);
    let caveats = std::mem::take(&mut world.agreement.caveats);
    assert!(told(&world).is_some(), "its caveat has no row any more");
    world.agreement.caveats = caveats;
    world.agreement.equivalence.retain(|row| row.level != 3);
    assert!(told(&world).is_some(), "nor its level");
}

#[test]
fn rpt_11_each_copy_of_an_attachment_keeps_its_mark() {
    use relto_report::assessment::{Attachment, MarkedText};
    let one = |name: &str, mark: &str| Attachment {
        name: name.to_owned(),
        mark: mark.to_owned(),
        title: MarkedText { mark: "U".to_owned(), text: "A table".to_owned() },
        media_type: "text/csv".to_owned(),
        length: 1,
        sha256: relto_report::crypto::sha256(&[b"x"]),
    };
    let theirs = |old: &mut Report, marks: &[&str]| {
        old.attachments = marks.iter().map(|mark| one("a.csv", mark)).collect();
        old.attachments.iter_mut().for_each(|one| one.title.mark = "NP".to_owned());
    };
    let after = |there: &[&str], here: &[&str]| {
        after(|old, new| {
            theirs(old, there);
            new.attachments = here.iter().map(|mark| one("a.csv", mark)).collect();
        })
    };
    assert_eq!(after(&[LIST], &[CLOSED]), None);
    assert!(after(&[LIST], &[OPEN]).is_some());
    assert!(after(&[LIST], &[CLOSED, OPEN]).is_some(), "a second copy hides nothing");
    assert_eq!(after(&["NP", LIST], &[OPEN, CLOSED]), None, "as it was");
    assert!(after(&["NP", LIST], &[OPEN, CLOSED, OPEN]).is_some());
    assert_eq!(after(&[LIST], &[]), None, "what is left out is not shown");
}
