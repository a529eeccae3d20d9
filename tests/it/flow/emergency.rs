//! Release in an emergency and its confirmation, and the clocks that only alarm.

use super::{Draft, Pair, SubmissionState, author, officer, released, resolved, stands};
use relto_audit::leaf::{Precedence, Verdict};
use relto_exchange::{
    input::Input,
    out::{Answer, Event},
    rows::Confirmation,
};
use relto_policy::{code::Code, ground::Ground};
use relto_report::{
    assessment::Document,
    calendar::Timestamp,
    signed::{Approval, ApprovalStatement, Verified},
};
use relto_tests::{
    fixture::{self, nation},
    pair::LINK,
};

const HOUR: u64 = 3_600_000;
/// One that the example agreement names for emergencies.
const TOPIC: &str = "terrorism.attack-planning";

fn alarms(pair: &mut Pair, side: usize, word: &str) -> usize {
    let told = std::mem::take(&mut pair.nodes[side].events);
    told.iter().filter(|event| matches!(event, Event::Alarm(what) if what.contains(word))).count()
}

fn confirmation(pair: &Pair, sent: usize) -> Confirmation {
    pair.outbox(sent).unwrap().confirmation
}

/// A second officer's word: what answers the second approval.
fn second(account: &str, document: &Document) -> Verified<Approval> {
    fixture::approve(0, account, document)
}

/// An urgent report on `topic`, released by one officer where it may be.
fn urgent(pair: &mut Pair, number: u32, topic: &'static str) -> usize {
    pair.emergency = true;
    let sent = pair.submit(0, &Draft::new(0, number).level(2).topic(topic).signed());
    pair.emergency = false;
    pair.settle();
    assert!(matches!(stands(pair.told(sent)), SubmissionState::Held(_)), "a person says so first");
    let (id, document) = (pair.sent[sent].id, pair.sent[sent].document.clone());
    pair.approve_with(0, id, fixture::approve_alone(0, &officer(0, 1), &document));
    pair.settle_all();
    sent
}

#[test]
fn flw_20_one_officer_releases_in_an_emergency_and_another_confirms() {
    let mut pair = Pair::linked();
    pair.careful = true;
    let sent = urgent(&mut pair, 1, TOPIC);
    assert!(matches!(pair.state(sent), Some(SubmissionState::Released(_))), "{:?}", pair.state(sent));
    assert_eq!(resolved(&pair, sent), (Verdict::Admitted, vec![]));
    let Confirmation::Owed { by } = confirmation(&pair, sent) else { panic!("{:?}", confirmation(&pair, sent)) };
    assert!(by > pair.now + 3 * HOUR && by <= pair.now + 4 * HOUR, "as the agreement says");
    let (id, document) = (pair.sent[sent].id, pair.sent[sent].document.clone());
    assert_eq!(pair.nodes[0].exchange.unconfirmed(LINK), [id]);
    // Neither its author nor the officer who released it, nor an officer who signs for another report.
    let other = Draft::new(0, 9).level(2).document();
    for approval in [second(&author(0), &document), second(&officer(0, 1), &document), second(&officer(0, 2), &other)] {
        let asked = pair.approve_with(0, id, approval);
        pair.settle();
        let told = pair.answer(asked);
        assert!(matches!(told, Some(Answer::Invalid { rule: "R091", .. })), "{told:?}");
    }
    // It survives a restart that it is owed.
    pair.restart(0);
    pair.settle_all();
    assert_eq!(pair.nodes[0].exchange.unconfirmed(LINK), [id]);
    let asked = pair.approve_with(0, id, second(&officer(0, 2), &document));
    pair.settle();
    released(pair.answer(asked));
    assert!(matches!(confirmation(&pair, sent), Confirmation::Given(given) if given.account == officer(0, 2)));
    assert!(pair.nodes[0].exchange.unconfirmed(LINK).is_empty());
    // Once is enough, and nothing is late afterwards.
    let again = pair.approve_with(0, id, second(&officer(0, 3), &document));
    pair.settle();
    assert_eq!(pair.answer(again), Some(&Answer::NotFound));
    alarms(&mut pair, 0, "");
    pair.advance(5 * HOUR);
    pair.settle_all();
    assert_eq!(alarms(&mut pair, 0, "incident"), 0);
}

#[test]
fn flw_20_the_authors_wish_binds_nobody() {
    let mut pair = Pair::linked();
    pair.emergency = true;
    let sent = pair.submit(0, &Draft::new(0, 1).level(2).topic(TOPIC).signed());
    pair.settle();
    let SubmissionState::Held(owed) = stands(pair.told(sent)) else { panic!("{:?}", pair.told(sent)) };
    let codes = |owed: &[Ground]| owed.iter().map(Ground::name).collect::<Vec<_>>();
    assert_eq!(codes(owed), ["APPROVAL_REQUIRED", "SECOND_APPROVAL_REQUIRED", "EMERGENCY_RELEASE"]);
    assert!(owed[2].to_string().contains("you alone release what needs two officers, because"), "{owed:?}");
    // An officer who does not say that it is one is one of two.
    let first = pair.approve(sent, 1);
    pair.settle();
    let SubmissionState::Held(owed) = stands(pair.answer(first)) else { panic!("{:?}", pair.answer(first)) };
    assert_eq!(codes(owed), ["SECOND_APPROVAL_REQUIRED", "EMERGENCY_RELEASE"]);
    pair.approve(sent, 2);
    pair.settle_all();
    assert_eq!(confirmation(&pair, sent), Confirmation::NotOwed, "two officers released it");
    // Nor does the author's own word stand for an officer's.
    let sent = pair.submit(0, &Draft::new(0, 2).level(2).topic(TOPIC).signed());
    pair.settle();
    let (id, document) = (pair.sent[sent].id, pair.sent[sent].document.clone());
    pair.approve_with(0, id, fixture::approve_alone(0, &author(0), &document));
    pair.approve(sent, 1);
    pair.settle_all();
    assert!(matches!(pair.state(sent), Some(SubmissionState::Held(_))), "{:?}", pair.state(sent));
}

#[test]
fn flw_20_what_nobody_confirms_is_an_incident() {
    let mut pair = Pair::linked();
    let (late, denied) = (urgent(&mut pair, 1, TOPIC), urgent(&mut pair, 2, TOPIC));
    let asked = pair.decline(denied, 2, "no danger to life");
    pair.settle();
    released(pair.answer(asked));
    assert!(
        matches!(confirmation(&pair, denied), Confirmation::Denied { reason, .. } if reason == "no danger to life")
    );
    assert_eq!(alarms(&mut pair, 0, "incident"), 1, "at once");
    pair.advance(3 * HOUR);
    pair.settle_all();
    assert_eq!(alarms(&mut pair, 0, "incident"), 0);
    pair.advance(HOUR + 60_000);
    pair.settle_all();
    assert_eq!(alarms(&mut pair, 0, "incident"), 1, "of the one that nobody spoke on");
    pair.advance(HOUR);
    pair.settle_all();
    assert_eq!(alarms(&mut pair, 0, "incident"), 0, "told once");
    // Late is better than never, and a start tells again only of what is still owed.
    let document = pair.sent[late].document.clone();
    pair.approve_with(0, pair.sent[late].id, second(&officer(0, 2), &document));
    pair.settle();
    assert!(matches!(confirmation(&pair, late), Confirmation::Given(_)));
    assert_eq!(alarms(&mut pair, 1, "incident"), 0, "{} hears nothing of it", nation(1));
}

#[test]
fn flw_20_an_emergency_waives_nothing_on_other_topics() {
    let mut pair = Pair::linked();
    let sent = urgent(&mut pair, 1, "maritime.surface");
    let Some(SubmissionState::Held(owed)) = pair.state(sent) else { panic!("{:?}", pair.state(sent)) };
    assert!(owed.iter().any(|reason| reason.is(Code::SecondApprovalRequired)), "{owed:?}");
    pair.approve(sent, 2);
    pair.settle_all();
    assert_eq!(confirmation(&pair, sent), Confirmation::NotOwed, "two officers released it");
}

#[test]
fn flw_21_officers_and_the_partner_are_told_of_when_they_are_late() {
    let mut pair = Pair::linked();
    let held = pair.submit(0, &Draft::new(0, 1).level(2).precedence(Precedence::Immediate).signed());
    let routine = pair.submit(0, &Draft::new(0, 2).level(2).signed());
    pair.settle();
    alarms(&mut pair, 0, "");
    // The partner hears of what goes out now, and does not answer.
    pair.nodes[1].seal_key_down = true;
    let out = pair.submit(0, &Draft::new(0, 3).precedence(Precedence::Priority).signed());
    pair.settle();
    released(pair.told(out));
    pair.advance(31 * 60_000);
    pair.settle();
    assert_eq!(alarms(&mut pair, 0, "waits for officers"), 1, "the IMMEDIATE one: {:?}", pair.told(held));
    pair.advance(7 * HOUR);
    pair.settle();
    let told = std::mem::take(&mut pair.nodes[0].events);
    let told =
        |word: &str| told.iter().filter(|event| matches!(event, Event::Alarm(what) if what.contains(word))).count();
    assert_eq!(told("waits for officers"), 1, "the ROUTINE one: {:?}", pair.told(routine));
    assert_eq!(told("no receipt for leaf"), 1);
    pair.nodes[1].seal_key_down = false;
    pair.settle_all();
    assert_eq!(alarms(&mut pair, 0, "no receipt"), 0, "once");
    // A report that cannot go because nobody is there.
    pair.linked = false;
    pair.cut();
    pair.advance(2 * HOUR);
    let queued = pair.submit(0, &Draft::new(0, 4).precedence(Precedence::Priority).signed());
    pair.settle();
    assert!(matches!(stands(pair.told(queued)), SubmissionState::Queued(_)));
    pair.advance(3 * HOUR + 1_000);
    pair.settle();
    assert_eq!(alarms(&mut pair, 0, "waits to go"), 1);
}

/// An approval with these answers, at this precedence.
fn answered(n: u8, document: &Document, precedence: &str, answers: &[Code]) -> Verified<Approval> {
    let mut answers: Vec<String> = answers.iter().map(|code| code.name().to_owned()).collect();
    answers.sort();
    let statement = ApprovalStatement {
        agreement: fixture::link(0).agreement.digest,
        recipient: nation(1),
        traffic: "live".to_owned(),
        plaintext: document.digest(),
        precedence: precedence.to_owned(),
        answers,
        expires: Timestamp::from_millis(fixture::NOW).plus(3_600),
    };
    fixture::approve_as(&officer(0, n), statement)
}

const BOTH: [Code; 2] = [Code::ApprovalRequired, Code::SecondApprovalRequired];

#[test]
fn flw_20_who_says_that_it_is_an_emergency_is_who_releases() {
    let mut pair = Pair::linked();
    pair.emergency = true;
    let sent = pair.submit(0, &Draft::new(0, 1).level(2).topic(TOPIC).signed());
    pair.settle();
    let (id, document) = (pair.sent[sent].id, pair.sent[sent].document.clone());
    pair.approve_with(0, id, answered(1, &document, "ROUTINE", &[Code::EmergencyRelease]));
    pair.approve_with(0, id, answered(2, &document, "ROUTINE", &BOTH));
    pair.settle_all();
    let state = pair.state(sent);
    assert!(
        matches!(&state, Some(SubmissionState::Held(owed)) if owed[0].is(Code::SecondApprovalRequired)),
        "{state:?}"
    );
    pair.approve_with(0, id, answered(3, &document, "ROUTINE", &BOTH));
    pair.settle_all();
    assert!(matches!(pair.state(sent), Some(SubmissionState::Released(_))), "{:?}", pair.state(sent));
    assert_eq!(confirmation(&pair, sent), Confirmation::NotOwed, "two officers released it");
}

#[test]
fn flw_20_an_approval_that_did_not_release_keeps_nobody_from_confirming() {
    let mut pair = Pair::linked();
    pair.emergency = true;
    let sent = pair.submit(0, &Draft::new(0, 1).level(2).topic(TOPIC).signed());
    pair.settle();
    let (id, document) = (pair.sent[sent].id, pair.sent[sent].document.clone());
    pair.approve_with(0, id, answered(1, &document, "ROUTINE", &BOTH));
    pair.settle();
    let alone = [Code::ApprovalRequired, Code::SecondApprovalRequired, Code::EmergencyRelease];
    pair.approve_with(0, id, answered(2, &document, "PRIORITY", &alone));
    pair.settle_all();
    assert!(matches!(confirmation(&pair, sent), Confirmation::Owed { .. }), "{:?}", pair.state(sent));
    // Who released it alone neither confirms nor refuses; nor does the author, nor who signs for another precedence.
    for denied in [officer(0, 2), author(0)] {
        let reason = "no";
        let asked = pair.request(0, move |ticket| Input::Decline {
            ticket,
            id,
            officer: denied.clone(),
            reason: reason.to_owned(),
        });
        pair.settle();
        assert!(matches!(pair.answer(asked), Some(Answer::Invalid { rule: "R091", .. })), "{:?}", pair.answer(asked));
    }
    for approval in [answered(2, &document, "PRIORITY", &BOTH), answered(1, &document, "ROUTINE", &BOTH)] {
        let asked = pair.approve_with(0, id, approval);
        pair.settle();
        assert!(matches!(pair.answer(asked), Some(Answer::Invalid { rule: "R091", .. })), "{:?}", pair.answer(asked));
    }
    let asked = pair.approve_with(0, id, answered(1, &document, "PRIORITY", &BOTH));
    pair.settle();
    released(pair.answer(asked));
    assert!(matches!(confirmation(&pair, sent), Confirmation::Given(given) if given.account == officer(0, 1)));
}
