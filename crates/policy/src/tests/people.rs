//! Edges of what people owe: the day of a review, an authority given in advance where nobody is needed.

use super::*;

const BOTH: &[&str] = &["XAA", "XBB"];

fn told(world: &World, one: &Try) -> String {
    answer(&world.decide(one))
}

fn restricted() -> Try {
    let one = Try::out("RESTRICTED//REL TO XAA, XBB", &["R//REL TO XAA, XBB"], BOTH);
    Try { approvals: Vec::new(), national: true, ..one }
}

#[test]
fn a_review_date_has_passed_on_the_day_after_it() {
    let world = World::new();
    let with = |review: &str| {
        let mut one = Try::out("SECRET//REL TO XAA, XBB", &["S//REL TO XAA, XBB"], BOTH);
        one.report.review = Day::parse(review);
        told(&world, &one)
    };
    assert_eq!(with("2026-11-18"), "permit");
    assert_eq!(with("2026-11-17"), "permit", "the day itself");
    assert_eq!(with("2026-11-16"), "hold REVIEW_DATE_PASSED");
}

#[test]
fn a_release_rests_on_a_standing_authority_only_where_an_officer_is_needed() {
    let mut world = World::new();
    let basis = |world: &World, one: &Try| {
        let Decision::Permit(permit) = world.decide(one) else { panic!("released") };
        permit.basis().clone()
    };
    assert_eq!(basis(&world, &restricted()).standing.as_deref(), Some("XAA-DDL-2026-014"));
    world.agreement.scopes[0].officer_from_level = 2;
    assert_eq!(basis(&world, &restricted()), crate::decision::Basis::default(), "nobody is needed");
}

#[test]
fn in_an_emergency_a_person_releases_and_no_authority_given_in_advance() {
    let mut world = World::new();
    world.national.standing[0].topics.push("terrorism.attack-planning".to_owned());
    world.agreement.scopes[0].second_officer_from_level = 1;
    let mut one = restricted().topic(&["terrorism.attack-planning"]);
    one.emergency = true;
    assert_eq!(told(&world, &one), "hold APPROVAL_REQUIRED");
    let alone = Try { approvals: vec![approval("one")], ..one };
    let Decision::Permit(permit) = world.decide(&alone) else { panic!("released") };
    assert!(permit.basis().emergency && permit.basis().standing.is_none());
    assert_eq!(permit.basis().officers, ["one"]);
}

#[test]
fn national_rules_and_accreditation_hold_from_their_first_moment_to_before_their_last() {
    let world = World::new();
    let with = |now: &'static str, level: u8| {
        let mut world = world.clone();
        world.national.accreditation.highest_level = level;
        let mut one = Try { now, ..restricted() };
        one.approvals = vec![approval("one"), approval("two")];
        one.report.information_cutoff = at(now);
        one.report.review = None;
        told(&world, &one)
    };
    let (invalid, lapsed) = ("refuse NATIONAL_SCOPE_NOT_VALID", "refuse ACCREDITATION_LAPSED");
    assert_eq!(with("2026-05-31T23:59:59Z", 3), invalid);
    assert_eq!(with("2026-06-01T00:00:00Z", 3), "permit");
    assert_eq!(with("2026-12-30T23:59:59Z", 3), "permit");
    assert_eq!(with("2026-12-31T00:00:00Z", 3), lapsed);
    assert_eq!(with("2027-05-31T23:59:59Z", 3), lapsed);
    assert_eq!(with("2027-06-01T00:00:00Z", 3), "refuse ACCREDITATION_LAPSED NATIONAL_SCOPE_NOT_VALID");
    assert_eq!(with("2026-12-30T23:59:59Z", 1), "permit", "the level that it reaches");
    assert_eq!(with("2026-12-30T23:59:59Z", 0), lapsed);
}
