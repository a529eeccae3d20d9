//! Which clauses a decision came to and why it did not come to the others.

use super::{generate::Sample, *};
use crate::explain::{Clause, Explanation, Outcome, Stage, explain};

const BOTH: &[&str] = &["XAA", "XBB"];

fn secret() -> Try {
    Try::out("SECRET//REL TO XAA, XBB", &["S//REL TO XAA, XBB", "C//REL TO XAA, XBB"], BOTH)
}

fn of(world: &World, one: &Try) -> Explanation {
    let (precedence, named) = (one.report.precedence.clone(), world.agreement.digest);
    let sample = Sample { one: one.clone(), bytes: 4096, precedence, clock_trusted: true, superseded: false, named };
    world.ask(&sample, explain)
}

fn clause(told: &Explanation, code: Code) -> &Clause {
    told.clauses.iter().find(|one| one.code == code).unwrap_or_else(|| panic!("no clause {code}"))
}

/// `passed`, `FAILED`, or why it was not judged.
fn outcome(told: &Explanation, code: Code) -> String {
    match &clause(told, code).outcome {
        Outcome::NotJudged(why) => {
            assert_eq!(clause(told, code).outcome.to_string(), "not judged");
            (*why).to_owned()
        }
        judged => judged.to_string(),
    }
}

/// The clauses that were not judged, all of them for one reason.
fn not_judged<'a>(told: &'a Explanation, wanted: &str) -> Vec<&'a Clause> {
    let not = |one: &&Clause| match one.outcome {
        Outcome::NotJudged(why) => {
            assert_eq!(why, wanted, "{}", one.code);
            true
        }
        Outcome::Passed | Outcome::Failed(_) => false,
    };
    told.clauses.iter().filter(not).collect()
}

#[test]
fn without_the_senders_register_nothing_behind_the_serial_is_judged() {
    let mut world = World::new();
    world.registers.clear();
    let told = of(&world, &secret());
    assert_eq!(told.failed(), ["EVALUATION_ERROR"]);
    let missing = "the sender's register or the time of release is missing";
    let open = not_judged(&told, missing);
    assert_eq!(open.len(), 41, "all but four of authenticity and the one that failed");
    assert!(open.iter().all(|one| one.stage != Stage::Authenticity));
    assert_eq!(told.remedy.word(), "nothing");
}

#[test]
fn a_fault_of_authenticity_is_told_alone_with_what_was_asked_before_it() {
    let world = World::new();
    let nothing_else = "nothing else can be believed";
    let mut one = secret();
    one.report.rel_to = owned(&["XBB", "XAA"]);
    let told = of(&world, &one);
    assert_eq!(told.failed(), ["MALFORMED"]);
    assert_eq!(not_judged(&told, nothing_else).len(), 42);
    for code in [Code::PartyMismatch, Code::AgreementDigestMismatch, Code::OriginatorMismatch] {
        assert_eq!(outcome(&told, code), "passed", "{code} was asked first");
    }
    // What the caller found comes before everything that is asked here.
    let found = of(&world, &Try { faults: CodeSet::EMPTY.with(Code::PartyMismatch), ..secret() });
    assert_eq!(outcome(&found, Code::PartyMismatch), "FAILED");
    assert_eq!(not_judged(&found, nothing_else).len(), 45);
    let replayed = of(&world, &Try { faults: CodeSet::EMPTY.with(Code::Replayed), ..secret() });
    assert_eq!(not_judged(&replayed, nothing_else).len(), 46);
    let clause = clause(&replayed, Code::Replayed);
    assert_eq!((clause.stage, clause.name), (Stage::Authenticity, "found before the decision"));
}

#[test]
fn what_was_found_before_stands_in_the_stage_of_its_class() {
    let world = World::new();
    for (code, stage, name, fails) in [
        (Code::WindowExceeded, Stage::Agreement, "found before the decision", true),
        (Code::EngineDisagreement, Stage::Agreement, "found before the decision", true),
        (Code::NationalOverlay, Stage::National, "further national rules", true),
        (Code::OverlayUnavailable, Stage::National, "further national rules", true),
    ] {
        let told = of(&world, &Try { faults: CodeSet::EMPTY.with(code), ..secret() });
        let clause = clause(&told, code);
        assert_eq!((clause.stage, clause.name), (stage, name), "{code}");
        assert_eq!(told.failed().contains(&code.name().to_owned()), fails, "{code}");
        assert!(told.clauses.windows(2).all(|pair| pair[0].stage <= pair[1].stage), "{code}");
        assert_eq!(told.clauses.len(), 47, "{code}");
    }
    let author = Approval { is_author: true, ..approval("author") };
    let told = of(&world, &Try { approvals: vec![author], ..secret() });
    let clause = clause(&told, Code::ApproverIsAuthor);
    assert_eq!((clause.stage, clause.name), (Stage::People, "officers apart from the author"));
    assert_eq!(clause.agreed, "officers who did not write it");
    assert_eq!(clause.value, "SECRET (level 3); 0 approvals on record, 1 of the author");
}

#[test]
fn clauses_that_this_side_or_this_direction_does_not_ask_say_so() {
    let world = World::new();
    let senders = "the sender's duty";
    let inbound = Try::inbound("SECRET//COMMUNICABLE À XBB, XAA", &["S//COM À XBB, XAA"], &["XBB", "XAA"]);
    let told = of(&world, &Try { national: true, ..inbound });
    assert_eq!(outcome(&told, Code::ThirdPartyConsentMissing), senders);
    for code in [Code::ApprovalRequired, Code::ReviewDatePassed, Code::NationalTopicHeld, Code::ContentHeld] {
        assert_eq!(outcome(&told, code), senders, "{code}");
    }
    assert_eq!(not_judged(&told, senders).len(), 6);
    let told = of(&world, &secret());
    assert_eq!(not_judged(&told, "no national rules are at hand").len(), 2);
    assert_eq!(outcome(&told, Code::ThirdPartyConsentMissing), "passed");
    let told = of(&world, &Try { national: true, ..secret() });
    assert!(told.clauses.iter().all(|one| one.outcome == Outcome::Passed), "{:?}", told.clauses);
    let told = of(&world, &Try { national: true, ..secret().topic(&["economic.coercion"]) });
    assert_eq!(not_judged(&told, "people are asked when nothing else forbids it").len(), 5);
    let told = of(&world, &Try { national: true, approvals: Vec::new(), ..secret() });
    assert_eq!(outcome(&told, Code::ApprovalRequired), "FAILED");
    assert_eq!(outcome(&told, Code::ReviewDatePassed), "passed", "people were asked");
    let mut one_way = World::new();
    one_way.agreement.scopes.remove(0);
    let told = of(&one_way, &Try { national: true, ..secret() });
    let nothing = "nothing is agreed in this direction";
    assert_eq!(outcome(&told, Code::DirectionNotAgreed), "FAILED");
    assert_eq!(outcome(&told, Code::CaveatForbidsForeign), nothing);
    assert_eq!(told.clauses.iter().filter(|one| one.outcome == Outcome::NotJudged(nothing)).count(), 15);
}

#[test]
fn a_state_that_crossed_the_report_is_not_judged() {
    let world = World::new();
    let state = StateView::both(AgreementState::Suspended);
    let told = of(&world, &Try { state, faults: CodeSet::EMPTY.with(Code::Crossed), ..secret() });
    let crossed = "a change of the agreement crossed the report";
    assert_eq!(outcome(&told, Code::AgreementSuspended), crossed);
    assert_eq!(outcome(&told, Code::AgreementNotInForce), crossed);
    assert_eq!(told.failed(), ["CROSSED"]);
    let told = of(&world, &Try { state, ..secret() });
    assert_eq!(outcome(&told, Code::AgreementSuspended), "FAILED");
    assert_eq!(outcome(&told, Code::AgreementNotInForce), "passed");
}
