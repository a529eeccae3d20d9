//! Edges of single clauses that the decision cases leave open.

use super::*;

const SECRET: &str = "SECRET//REL TO XAA, XBB";
const BOTH: &[&str] = &["XAA", "XBB"];
const FGI: &str = "SECRET//FGI XCC//REL TO XAA, XBB";
const FOREIGN: &str = "//XCC C//REL TO XAA, XBB, XCC";

fn secret() -> Try {
    Try::out(SECRET, &["S//REL TO XAA, XBB"], BOTH)
}

fn restricted() -> Try {
    Try {
        approvals: Vec::new(),
        national: true,
        ..Try::out("RESTRICTED//REL TO XAA, XBB", &["R//REL TO XAA, XBB"], BOTH)
    }
}

fn foreign() -> Try {
    Try::out(FGI, &["S//REL TO XAA, XBB", FOREIGN], BOTH).source("XCC", FOREIGN, &["maritime.surface"])
}

fn told(world: &World, one: &Try) -> String {
    answer(&world.decide(one))
}

#[test]
fn consent_is_asked_of_its_owner_for_level_topic_recipient_and_moment() {
    let world = World::new();
    let with = |change: &dyn Fn(&mut Consent)| {
        let mut consent = consent(&["maritime.surface"], 2);
        change(&mut consent);
        told(&world, &Try { consents: vec![consent], ..foreign() })
    };
    let missing = "refuse THIRD_PARTY_CONSENT_MISSING";
    assert_eq!(with(&|_| {}), "permit");
    assert_eq!(with(&|consent| consent.to_level = 1), missing);
    assert_eq!(with(&|consent| consent.owner = nation("XDD")), missing);
    assert_eq!(with(&|consent| consent.holder = nation("XBB")), missing);
    assert_eq!(with(&|consent| consent.to = vec![nation("XDD")]), missing);
    assert_eq!(with(&|consent| consent.topics = owned(&["cyber.ics"])), missing);
    assert_eq!(with(&|consent| consent.valid_from = at("2026-11-17T12:00:01Z")), missing);
    assert_eq!(with(&|consent| consent.name_origin = false), missing, "the portion names the owner");
    // Two years long: it counts as expired after twelve months.
    let long = |from: &str| {
        with(&|consent| {
            consent.valid_from = at(from);
            consent.valid_until = at("2028-01-01T00:00:00Z");
        })
    };
    assert_eq!(long("2025-11-17T12:00:01Z"), "permit");
    assert_eq!(long("2025-11-17T12:00:00Z"), missing);
}

#[test]
fn consents_together_cover_the_topics_of_a_source() {
    let world = World::new();
    let mut one = foreign().topic(&["maritime.surface", "cyber.ics"]);
    one.report.sources[0].described.as_mut().unwrap().topics.clear();
    one.report.banner = "CONFIDENTIAL//FGI XCC//REL TO XAA, XBB".to_owned();
    one.report.portions[0].body.mark = "C//REL TO XAA, XBB".to_owned();
    one.consents = vec![consent(&["maritime.surface"], 2)];
    assert_eq!(told(&world, &one), "refuse THIRD_PARTY_CONSENT_MISSING");
    one.consents.push(consent(&["cyber.ics"], 2));
    assert_eq!(told(&world, &one), "permit");
}

#[test]
fn a_concealed_owner_is_asked_too_and_the_recipients_own_may_return() {
    let mut world = World::new();
    let mark = "//FGI C//REL TO XAA, XBB";
    let banner = "SECRET//FGI//REL TO XAA, XBB";
    let mut one = Try::out(banner, &["S//REL TO XAA, XBB", mark], BOTH).source("FGI", mark, &[]);
    one.consents = vec![Consent { name_origin: false, ..consent(&["maritime.surface"], 2) }];
    assert_eq!(told(&world, &one), "refuse THIRD_PARTY_CONSENT_MISSING", "nobody says whose it is");
    one.owners = [(1, nation("XCC"))].into();
    assert_eq!(told(&world, &one), "permit");
    one.owners = [(1, nation("XDD"))].into();
    assert_eq!(told(&world, &one), "refuse THIRD_PARTY_CONSENT_MISSING");
    one.owners = [(1, nation("XBB"))].into();
    assert_eq!(told(&world, &one), "permit", "the recipient's own");
    world.agreement.third_party.concealed_origin = false;
    assert_eq!(told(&world, &one), "refuse FGI_MISMATCH");
    let mark = "//XBB C//REL TO XAA, XBB";
    let own =
        Try::out("SECRET//FGI XBB//REL TO XAA, XBB", &["S//REL TO XAA, XBB", mark], BOTH).source("XBB", mark, &[]);
    assert_eq!(told(&world, &own), "permit");
    world.agreement.third_party.recipients_own_may_return = false;
    assert_eq!(told(&world, &own), "refuse THIRD_PARTY_CONSENT_MISSING");
}

#[test]
fn foreign_owners_of_portions_sources_and_banner_are_one_set() {
    let world = World::new();
    let ready = |one: Try| Try { consents: vec![consent(&["maritime.surface"], 3)], ..one };
    let other = Try::out(SECRET, &["S//REL TO XAA, XBB"], BOTH).source("XCC", "U", &[]);
    assert_eq!(told(&world, &ready(other)), "refuse FGI_MISMATCH", "a source's mark without its nation");
    let banner_only = Try::out(FGI, &["S//REL TO XAA, XBB"], BOTH);
    assert_eq!(told(&world, &ready(banner_only)), "refuse FGI_MISMATCH");
    let mut concealed = foreign();
    concealed.report.banner = "SECRET//FGI//REL TO XAA, XBB".to_owned();
    assert_eq!(told(&world, &ready(concealed)), "refuse FGI_MISMATCH", "nothing to conceal");
    let mut unlisted = foreign();
    unlisted.report.sources.clear();
    assert_eq!(told(&world, &ready(unlisted)), "refuse FGI_MISMATCH");
}

#[test]
fn the_standing_authority_answers_for_one_officer_within_its_bounds() {
    let mut world = World::new();
    let held = "hold APPROVAL_REQUIRED";
    let one = restricted();
    assert_eq!(told(&world, &one), "permit");
    let Decision::Permit(permit) = world.decide(&one) else { panic!("released") };
    assert_eq!(permit.basis().standing.as_deref(), Some("XAA-DDL-2026-014"));
    let mut late = Try { now: "2026-11-30T23:59:59Z", ..one.clone() };
    late.report.information_cutoff = at("2026-11-30T00:00:00Z");
    assert_eq!(told(&world, &late), "permit");
    assert_eq!(told(&world, &Try { now: "2026-12-01T00:00:00Z", ..late }), held, "its last moment is past");
    assert_eq!(told(&world, &one.clone().topic(&["maritime.surface", "hybrid.sabotage"])), held, "every topic");
    assert_eq!(told(&world, &Try { national: false, ..one.clone() }), held, "it is the national rules'");
    let caveat = Try::out("RESTRICTED//ORCON/REL TO XAA, XBB", &["R//OC/REL TO XAA, XBB"], BOTH);
    let caveat = Try { approvals: Vec::new(), national: true, ..caveat };
    assert_eq!(told(&world, &caveat), held, "no caveat is in it");
    world.agreement.scopes[0].standing_authority_to_level = 0;
    assert_eq!(told(&world, &one), held, "the agreement bounds it");
    world.agreement.scopes[0].standing_authority_to_level = 1;
    world.agreement.scopes[0].second_officer_from_level = 1;
    assert_eq!(told(&world, &one), "hold SECOND_APPROVAL_REQUIRED", "it is one officer and not two");
    assert_eq!(told(&world, &Try { approvals: vec![approval("one")], ..one }), "permit");
}

#[test]
fn pol_7_officers_are_different_people_and_not_the_author() {
    let world = World::new();
    let twice = Try { approvals: vec![approval("one"), approval("one")], ..secret() };
    assert_eq!(told(&world, &twice), "hold SECOND_APPROVAL_REQUIRED");
    let author = Approval { is_author: true, ..approval("author") };
    let all = Try { approvals: vec![author.clone(), approval("one"), approval("two")], ..secret() };
    assert_eq!(told(&world, &all), "permit", "told only while an approval is owed");
    let alone = Try { approvals: vec![author], ..secret() };
    assert_eq!(told(&world, &alone), "hold APPROVAL_REQUIRED APPROVER_IS_AUTHOR SECOND_APPROVAL_REQUIRED");
    let Decision::Hold(hold) = world.decide(&alone) else { panic!("held") };
    assert_eq!(hold.officers_missing, 2);
    let words = hold.in_words();
    assert_eq!(words[0], "2 foreign disclosure officers, not the author, approve");
    assert!(words[1].contains("author's own"), "{words:?}");
    let other = Approval { answers: CodeSet::EMPTY.with(Code::ReviewDatePassed), ..approval("two") };
    let other = Try { approvals: vec![approval("one"), other], ..secret() };
    assert_eq!(told(&world, &other), "hold SECOND_APPROVAL_REQUIRED", "an approval answers what it says");
}

#[test]
fn held_topics_wait_for_a_senior_and_passed_reviews_for_an_officer() {
    let world = World::new();
    let answers = |code| CodeSet::EMPTY.with(Code::ApprovalRequired).with(code);
    let mut one = restricted().topic(&["hybrid.disinformation"]);
    one.approvals = vec![Approval { answers: answers(Code::NationalTopicHeld), ..approval("one") }];
    assert_eq!(told(&world, &one), "hold NATIONAL_TOPIC_HELD", "not a senior officer");
    one.approvals[0].senior = true;
    assert_eq!(told(&world, &one), "permit");
    one.approvals[0].is_author = true;
    assert_eq!(told(&world, &one), "hold APPROVAL_REQUIRED APPROVER_IS_AUTHOR NATIONAL_TOPIC_HELD");
    let mut one = secret();
    one.report.review = Day::parse("2026-11-16");
    assert_eq!(told(&world, &one), "hold REVIEW_DATE_PASSED");
    one.approvals[1].answers = answers(Code::ReviewDatePassed);
    assert_eq!(told(&world, &one), "permit");
    let held = Try { faults: CodeSet::EMPTY.with(Code::ContentHeld), ..secret() };
    assert_eq!(told(&world, &held), "hold CONTENT_HELD");
}

#[test]
fn an_emergency_waives_the_second_officer_and_nothing_else() {
    let mut world = World::new();
    let mut one = secret().topic(&["terrorism.attack-planning"]);
    one.emergency = true;
    one.approvals.truncate(1);
    assert_eq!(told(&world, &one), "permit");
    let Decision::Permit(permit) = world.decide(&one) else { panic!("released") };
    assert!(permit.basis().emergency);
    assert_eq!(
        told(&world, &one.clone().topic(&["terrorism.attack-planning", "maritime.surface"])),
        "hold SECOND_APPROVAL_REQUIRED"
    );
    assert_eq!(told(&world, &Try { approvals: Vec::new(), ..one.clone() }), "hold APPROVAL_REQUIRED");
    world.agreement.emergency.as_mut().unwrap().permitted = false;
    assert_eq!(told(&world, &one), "hold SECOND_APPROVAL_REQUIRED");
}

#[test]
fn what_no_list_foresees_always_waits_for_an_officer() {
    let mut world = World::new();
    let scope = &mut world.agreement.scopes[0];
    scope.topics.push(("emerging.unassigned".to_owned(), 3));
    scope.officer_from_level = 3;
    let open = Try { approvals: Vec::new(), ..Try::out("RESTRICTED//REL TO XAA, XBB", &["R//REL TO XAA, XBB"], BOTH) };
    assert_eq!(told(&world, &open), "permit");
    assert_eq!(told(&world, &open.topic(&["emerging.unassigned"])), "hold APPROVAL_REQUIRED");
}

#[test]
fn pol_12_the_stricter_of_both_states_holds_at_both_moments() {
    use AgreementState::{Draft, InForce, NoticeGiven, Signed, Suspended, Terminated};
    let world = World::new();
    let out = |ours, partners| told(&world, &Try { state: StateView::of(ours, partners), ..secret() });
    let ended = "refuse AGREEMENT_NOT_IN_FORCE";
    assert_eq!(out(InForce, Suspended), "refuse AGREEMENT_SUSPENDED");
    assert_eq!(out(Suspended, InForce), "refuse AGREEMENT_SUSPENDED");
    assert_eq!(out(Suspended, Terminated), ended);
    assert_eq!(out(InForce, Draft), ended);
    assert_eq!(out(Signed, InForce), ended);
    assert_eq!(out(InForce, NoticeGiven(at("2026-09-15T00:00:00Z"))), "permit");
    let inbound = |released, now| {
        let one = Try::inbound("SECRET//COMMUNICABLE À XBB, XAA", &["S//COM À XBB, XAA"], &["XBB", "XAA"]);
        let mut one = Try { released, now, state: StateView::both(NoticeGiven(at("2026-09-15T00:00:00Z"))), ..one };
        one.report.information_cutoff = at(released);
        told(&world, &one)
    };
    assert_eq!(inbound("2026-12-31T23:59:59Z", "2026-12-31T23:59:59Z"), "permit");
    assert_eq!(inbound("2026-12-31T23:59:59Z", "2027-01-01T00:00:00Z"), ended);
    assert_eq!(inbound("2025-12-31T23:59:59Z", "2026-11-01T00:00:00Z"), ended);
    let mut crossed = Try { state: StateView::both(Suspended), ..secret() };
    crossed.faults = CodeSet::EMPTY.with(Code::Crossed);
    assert_eq!(told(&world, &crossed), "refuse CROSSED", "a change on the way is no fault of the sender");
    let view = StateView { notice: Some(at("2026-09-15T00:00:00Z")), ..StateView::both(Suspended) };
    assert_eq!(view.standing(&world.agreement.life, at("2027-01-01T00:00:00Z")), crate::state::Standing::NotInForce);
}

#[test]
fn pol_2_faults_of_authenticity_stand_alone() {
    let world = World::new();
    let mut one = Try { state: StateView::both(AgreementState::Terminated), ..secret() }.topic(&[]);
    for code in Code::ALL.iter().filter(|code| code.class() == crate::code::Class::Authenticity) {
        one.faults = CodeSet::EMPTY.with(*code);
        assert_eq!(told(&world, &one), format!("refuse {code}"));
    }
    one.faults = CodeSet::EMPTY;
    one.report.serial = "XCC-J2-2026-0001".to_owned();
    assert_eq!(told(&world, &one), "refuse ORIGINATOR_MISMATCH");
    one.to = "XCC";
    assert_eq!(told(&world, &one), "refuse PARTY_MISMATCH");
    let mut one = secret();
    one.report.rel_to = owned(&["XBB", "XAA"]);
    assert_eq!(told(&world, &one), "refuse MALFORMED");
}

#[test]
fn banner_and_portions_are_compared_part_by_part() {
    let world = World::new();
    let lacks = "refuse LABEL_UNDERSTATES_PORTIONS";
    let case = |banner: &str, marks: &[&str], rel_to: &[&str]| told(&world, &Try::out(banner, marks, rel_to));
    assert_eq!(case("SECRET//REL TO XAA, XBB", &["S//OC/REL TO XAA, XBB"], BOTH), lacks);
    assert_eq!(
        case("SECRET//ORCON/REL TO XAA, XBB", &["S//REL TO XAA, XBB"], BOTH),
        "refuse AGGREGATION_REASON_MISSING"
    );
    assert_eq!(
        case("SECRET//REL TO XAA, XBB", &["TS//REL TO XAA, XBB"], BOTH),
        "refuse LABEL_UNDERSTATES_PORTIONS MARKING_NOT_EXCHANGEABLE"
    );
    assert_eq!(
        case("SECRET//REL TO XAA, XBB", &["X//REL TO XAA, XBB"], BOTH),
        "refuse LABEL_UNDERSTATES_PORTIONS MARKING_UNKNOWN"
    );
    assert_eq!(case("TOP SECRET//REL TO XAA, XBB", &["S//REL TO XAA, XBB"], BOTH), "refuse MARKING_NOT_EXCHANGEABLE");
    assert_eq!(case("SECRET//REL TO XAA, XBB", &["S//PROPIN/REL TO XAA, XBB"], BOTH), "refuse CAVEAT_UNKNOWN");
    assert_eq!(
        case("SECRET//REL TO XAA, XBB", &["S//REL TO XAA, XBB"], &["XAA", "XBB", "XCC"]),
        "refuse LABEL_INCONSISTENT"
    );
    assert_eq!(
        case("SECRET//REL TO XAA, XBB", &["S//REL TO XAA, XCC"], BOTH),
        "refuse LABEL_UNDERSTATES_PORTIONS NOT_RELEASABLE_TO_RECIPIENT"
    );
    assert_eq!(case("SECRET//REL TO XAA, NLGP", &["S//REL TO XAA, XBB, XCC"], &["XAA", "NLGP"]), "permit");
    assert_eq!(
        case("SECRET//REL TO XAA, ABCD", &["S//REL TO XAA, ABCD"], &["XAA", "ABCD"]),
        "refuse GROUP_CODE_UNKNOWN NOT_RELEASABLE_TO_RECIPIENT"
    );
}

#[test]
fn pol_9_what_is_not_built_refuses() {
    let mut world = World::new();
    let with = include_bytes!("../../../../examples/national-rules.toml");
    world.national = NationalRules::read("n.toml", with).unwrap();
    assert_eq!(told(&world, &Try { national: true, ..secret() }), "refuse EVALUATION_ERROR");
    world.agreement.scopes[0].forms.push("technology-package".to_owned());
    world.agreement.precedence.values_mut().for_each(|one| one.forms.push("technology-package".to_owned()));
    let mut one = secret();
    one.report.form = "technology-package".to_owned();
    assert_eq!(told(&world, &one), "refuse EVALUATION_ERROR");
    world.national.agreement = "OTHER".to_owned();
    assert_eq!(
        told(&world, &Try { national: true, ..secret() }),
        "refuse EVALUATION_ERROR",
        "rules of another agreement"
    );
    world.registers.remove(&nation("XAA"));
    assert_eq!(told(&world, &secret()), "refuse EVALUATION_ERROR", "no register of the sender");
}

#[test]
fn pol_3_every_reason_is_a_sentence_with_value_and_limit() {
    let world = World::new();
    let mut one = secret().topic(&["cyber.ics", "economic.coercion"]);
    one.report.information_cutoff = at("2026-01-01T00:00:00Z");
    let Decision::Refusal(refusal) = world.decide(&one) else { panic!("refused") };
    let lines: Vec<String> = refusal.reasons.iter().map(ToString::to_string).collect();
    assert!(
        lines.iter().any(|line| line.contains("SECRET (level 3); agreed CONFIDENTIAL (level 2) for topic cyber.ics")),
        "{lines:?}"
    );
    assert!(
        lines.iter().any(|line| line.contains("topic economic.coercion from XAA to XBB; agreed: maritime.surface")),
        "{lines:?}"
    );
    assert!(lines.iter().any(|line| line.starts_with("REPORT_TOO_OLD: 320 days 12 h")), "{lines:?}");
}
