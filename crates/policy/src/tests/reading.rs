//! Who may read what came: one rule a row, and everything that a rule says of a person who lacks something.

use super::*;
use crate::{
    agreement::Reading,
    reading::{Reader, ReadingRefusal, Reads, Terms, may_read},
};

const DAY: &str = "2026-11-17";
const SECRET: (&str, &str) = ("SECRET//COMMUNICABLE À XBB, XAA", "S//COM À XBB, XAA");
const RESTRICTED: (&str, &str) = ("DIFFUSION RESTREINTE//COMMUNICABLE À XBB, XAA", "DR//COM À XBB, XAA");
const LIMITED: (&str, &str) = ("SECRET//DIFFUSION LIMITÉE/COMMUNICABLE À XBB, XAA", "S//DL/COM À XBB, XAA");

/// A person, who may read everything that is addressed to J2 unless changed.
struct Someone {
    nation: &'static str,
    offices: &'static [&'static str],
    clearance: Option<u8>,
    nationalities: &'static [&'static str],
    is_contractor: bool,
}

const ANNA: Someone =
    Someone { nation: "XAA", offices: &["XAA/J2"], clearance: Some(3), nationalities: &["XAA"], is_contractor: false };

fn received(marks: (&str, &str)) -> Report {
    report("XBB", "NP", marks.0, &["NP", marks.1], &["XBB", "XAA"])
}

/// The office, or the words of the refusals.
fn read(world: &World, report: &Report, someone: &Someone) -> String {
    let register = &world.registers[&nation("XBB")];
    let terms = Terms::of(report, &world.agreement, register, Day::parse(DAY).unwrap());
    let nationalities: Vec<Nation> = someone.nationalities.iter().map(|code| nation(code)).collect();
    let offices = owned(someone.offices);
    let reader = Reader {
        nation: nation(someone.nation),
        offices: &offices,
        clearance: someone.clearance,
        nationalities: &nationalities,
        is_contractor: someone.is_contractor,
    };
    match may_read(&terms, &world.agreement, &reader) {
        Ok(Reads { office }) => format!("as {office}"),
        Err(refusals) => refusals.iter().map(|one| one.rule().word()).collect::<Vec<_>>().join(" "),
    }
}

#[test]
fn api_23_clearance_reaches_the_level_where_the_agreement_asks_for_one() {
    let world = World::new();
    let hidden = ("DIFFUSION RESTREINTE//COMMUNICABLE À XBB, XAA", "S//COM À XBB, XAA");
    for (marks, clearance, wanted) in [
        (SECRET, Some(4), "as XAA/J2"),
        (SECRET, Some(3), "as XAA/J2"),
        (SECRET, Some(2), "clearance"),
        (SECRET, Some(0), "clearance"),
        (SECRET, None, "clearance"),
        (RESTRICTED, None, "as XAA/J2"),
        (hidden, Some(2), "clearance"),
        (hidden, Some(3), "as XAA/J2"),
    ] {
        assert_eq!(read(&world, &received(marks), &Someone { clearance, ..ANNA }), wanted, "{marks:?} {clearance:?}");
    }
    // The row of the level decides, and a level without a row is read by nobody.
    let mut open = World::new();
    open.agreement.protection.iter_mut().for_each(|row| row.clearance = row.level == 1);
    assert_eq!(read(&open, &received(SECRET), &Someone { clearance: None, ..ANNA }), "as XAA/J2");
    assert_eq!(read(&open, &received(RESTRICTED), &Someone { clearance: Some(0), ..ANNA }), "clearance");
    open.agreement.protection.retain(|row| row.level != 3);
    assert_eq!(read(&open, &received(SECRET), &ANNA), "marking");
}

#[test]
fn api_23_need_to_know_is_an_office_that_it_is_addressed_to() {
    let world = World::new();
    let (cyber, ct, none) = (&["XAA/CYBER"][..], &["XAA/CT", "XAA/J2"][..], &[][..]);
    for (marks, action, info, offices, wanted) in [
        (SECRET, &["XAA/J2"][..], &[][..], ct, "as XAA/J2"),
        (SECRET, &["XAA/J2"], &["XAA/CT"], ct, "as XAA/CT"),
        (SECRET, &["XAA/J2"], &["XAA/CYBER"], cyber, "as XAA/CYBER"),
        (SECRET, &["XAA/J2"], &[], cyber, "need-to-know"),
        (SECRET, &[], &["XAA/J2"], cyber, "need-to-know"),
        (SECRET, &["XAA/J2"], &[], none, "need-to-know"),
        (SECRET, &[], &[], cyber, "as XAA/CYBER"),
        (SECRET, &[], &[], &["XAA/FDO"], "need-to-know"),
        (SECRET, &[], &[], &["XBB/J2"], "need-to-know"),
        (SECRET, &[], &[], &["XAA/FDO", "XAA/WATCH"], "as XAA/WATCH"),
        (SECRET, &[], &[], none, "need-to-know"),
        (LIMITED, &["XAA/J2"], &["XAA/CYBER"], cyber, "as XAA/CYBER"),
        (LIMITED, &["XAA/J2"], &[], cyber, "limited-distribution"),
        (LIMITED, &[], &[], cyber, "limited-distribution"),
    ] {
        let report = Report { action: owned(action), info: owned(info), ..received(marks) };
        let found = read(&world, &report, &Someone { offices, ..ANNA });
        assert_eq!(found, wanted, "{marks:?} to {action:?} {info:?}, {offices:?}");
    }
}

#[test]
fn api_23_third_nationals_and_contractors_read_as_the_agreement_says() {
    let mut world = World::new();
    let report = received(SECRET);
    for (nationals, contractors, nationalities, is_contractor, wanted) in [
        (Reading::Consent, Reading::Consent, &["XAA"][..], false, "as XAA/J2"),
        (Reading::Consent, Reading::Consent, &["XBB", "XAA"], false, "as XAA/J2"),
        (Reading::Consent, Reading::Consent, &["XAA", "XCC"], false, "third-nationality"),
        (Reading::No, Reading::Consent, &["XCC", "XAA"], false, "third-nationality"),
        (Reading::No, Reading::No, &["XAA"], false, "as XAA/J2"),
        (Reading::Yes, Reading::Consent, &["XAA", "XCC"], false, "as XAA/J2"),
        (Reading::Yes, Reading::Consent, &[], false, "as XAA/J2"),
        (Reading::Consent, Reading::Consent, &[], false, "nationality-unknown"),
        (Reading::No, Reading::Consent, &[], false, "nationality-unknown"),
        (Reading::Consent, Reading::Consent, &["XAA"], true, "contractor"),
        (Reading::Consent, Reading::No, &["XAA"], true, "contractor"),
        (Reading::Consent, Reading::Yes, &["XAA"], true, "as XAA/J2"),
        (Reading::Consent, Reading::Consent, &["XCC"], true, "third-nationality contractor"),
    ] {
        world.agreement.third_party.third_state_nationals = nationals;
        world.agreement.third_party.contractors = contractors;
        let found = read(&world, &report, &Someone { nationalities, is_contractor, ..ANNA });
        assert_eq!(found, wanted, "{nationals:?} {contractors:?} {nationalities:?} {is_contractor}");
    }
}

#[test]
fn api_23_a_caveat_keeps_contractors_away_whatever_the_agreement_permits() {
    let mut world = World::new();
    let control = "\n[[control]]\nlong = \"SANS INDUSTRIE\"\nshort = \"SI\"\n\n[list]";
    let text = include_str!("../../../../examples/markings-XBB.toml").replacen("\n[list]", control, 1);
    world.registers.insert(nation("XBB"), Register::read("r.toml", text.as_bytes()).unwrap());
    let text = include_str!("../../../../examples/agreement.toml");
    let row = "[[caveat]]\nmeans = \"no-contractors\"\nXAA = \"NOCONTRACT\"\nXBB = \"SANS INDUSTRIE\"\n\n[[caveat]]";
    let text = text.replacen("[[caveat]]", row, 1);
    world.agreement = Agreement::read("a.toml", text.as_bytes()).unwrap();
    let report = received(("SECRET//SANS INDUSTRIE/COMMUNICABLE À XBB, XAA", "S//SI/COM À XBB, XAA"));
    let firm = Someone { is_contractor: true, ..ANNA };
    assert_eq!(read(&world, &report, &ANNA), "as XAA/J2");
    assert_eq!(read(&world, &report, &firm), "contractor no-contractors");
    world.agreement.third_party.contractors = Reading::Yes;
    assert_eq!(read(&world, &report, &firm), "no-contractors");
    assert_eq!(read(&world, &received(SECRET), &firm), "as XAA/J2");
}

#[test]
fn api_23_what_no_rule_covers_is_read_by_nobody() {
    let world = World::new();
    let to = "COMMUNICABLE À XBB, XAA";
    for (banner, mark, rel_to, wanted) in [
        (format!("TRÈS SECRET//{to}"), "S//COM À XBB, XAA", &["XBB", "XAA"][..], "marking"),
        (format!("CONFIDENTIAL//{to}"), "S//COM À XBB, XAA", &["XBB", "XAA"], "marking"),
        (format!("SECRET//{to}"), "TS//COM À XBB, XAA", &["XBB", "XAA"], "marking"),
        (format!("SECRET//INCONNU/{to}"), "S//COM À XBB, XAA", &["XBB", "XAA"], "marking"),
        (format!("SECRET//{to}"), "S//INCONNU/COM À XBB, XAA", &["XBB", "XAA"], "marking"),
        (format!("SECRET//{to}"), "S//", &["XBB", "XAA"], "marking audience"),
        (format!("SECRET//{to}"), "S//COM À XBB, XAA", &["XAA", "XBB"], "marking"),
        ("SECRET//SPÉCIAL BORÉALIE".to_owned(), "S//SB", &["XBB"], "marking audience"),
        ("SECRET//COMMUNICABLE À XBB, XCC".to_owned(), "S//COM À XBB, XCC", &["XBB", "XCC"], "audience"),
    ] {
        let report = report("XBB", "NP", &banner, &[mark], rel_to);
        assert_eq!(read(&world, &report, &ANNA), wanted, "{banner} {mark}");
    }
    let stranger = Someone { nation: "XCC", offices: &["XCC/J2"], nationalities: &["XCC"], ..ANNA };
    let report = Report { action: owned(&["XCC/J2"]), ..received(SECRET) };
    assert_eq!(read(&world, &report, &stranger), "not-a-party audience need-to-know");
}

#[test]
fn every_reason_is_told_at_once_and_names_nothing_of_the_report_but_its_level() {
    let world = World::new();
    let register = &world.registers[&nation("XBB")];
    let report = Report { info: owned(&["XAA/CT"]), ..received(LIMITED) };
    let terms = Terms::of(&report, &world.agreement, register, Day::parse(DAY).unwrap());
    assert_eq!(terms.weight(), 1 + 2 + 2, "two offices, two nations");
    let third = Report { info: owned(&["XAA/CT", "XAA/CYBER"]), ..report.clone() };
    let third = Terms::of(&third, &world.agreement, register, Day::parse(DAY).unwrap());
    assert_eq!(third.weight(), 1 + 3 + 2, "three offices, two nations");
    let (offices, nationalities) = (owned(&["XAA/CYBER"]), [nation("XAA"), nation("XCC")]);
    let mut reader = Reader {
        nation: nation("XAA"),
        offices: &offices,
        clearance: Some(1),
        nationalities: &nationalities,
        is_contractor: true,
    };
    let refusals = may_read(&terms, &world.agreement, &reader).unwrap_err();
    let (level, has) = ("SECRET (level 3)".to_owned(), Some("RESTRICTED (level 1)".to_owned()));
    let wanted = [
        ReadingRefusal::Clearance { level, has },
        ReadingRefusal::LimitedDistribution,
        ReadingRefusal::ThirdNationality { nation: nation("XCC"), consent: true },
        ReadingRefusal::Contractor { consent: true },
    ];
    assert_eq!(refusals, wanted);
    let text: Vec<String> = refusals.iter().map(ToString::to_string).collect();
    assert_eq!(text[0], "it needs a clearance for SECRET (level 3); yours goes to RESTRICTED (level 1)");
    assert!(text[2].contains("XCC") && text[2].contains("consent, and none is on record"), "{text:?}");
    assert!(text.iter().all(|line| !line.contains("XAA/") && !line.contains(" CT")), "{text:?}");
    reader.clearance = None;
    let refusals = may_read(&terms, &world.agreement, &reader).unwrap_err();
    assert!(refusals[0].to_string().ends_with("you have none on record"), "{refusals:?}");
    let no = ReadingRefusal::Contractor { consent: false }.to_string();
    assert!(no.contains("does not permit it"), "{no}");
}
