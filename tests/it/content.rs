//! Content holds at a node: the screen as a node has it, in the flow from submission to release.
#![cfg(test)] // so that the lints know the helpers for tests

use relto_exchange::{link::Link, out::Answer, rows::SubmissionState};
use relto_host::clock::Stopwatch;
use relto_node::filter::{Program, Screen};
use relto_policy::{
    code::Code,
    content::{HoldWords, Inspector},
    ground::Ground,
    national::NationalRules,
};
use relto_report::{
    assessment::{Document, Report},
    calendar::Timestamp,
    crypto::sha256,
    signed::ApprovalStatement,
};
use relto_tests::{
    fixture::{self, Draft, officer},
    node::Disk,
    pair::Pair,
};
use std::{path::PathBuf, sync::Arc, time::Duration};

const RULES: &str = include_str!("../../examples/national-rules.toml");

/// Arcadia's link with `[content]` as the example has it, and a filter program where there is one.
fn link(program: Option<(&str, u64)>) -> (Link, Arc<Screen>) {
    let words = HoldWords::read("hold-words.txt", include_bytes!("../../examples/hold-words.txt")).unwrap();
    let filter = "strip_metadata = false\nfilter = \"look\"";
    let text = if program.is_some() { RULES.replacen("strip_metadata = false", filter, 1) } else { RULES.to_owned() };
    let mut rules = NationalRules::read("national-rules.toml", text.as_bytes()).unwrap();
    let program =
        program.map(|(path, seconds)| Program { path: PathBuf::from(path), time: Duration::from_secs(seconds) });
    let screen = Screen::new(Some(words), program).unwrap();
    rules.set_inspector(screen.clone());
    (Link { national: Some(Arc::new(rules)), ..fixture::link(0) }, screen)
}

fn pair(program: Option<(&str, u64)>) -> (Pair, Arc<Screen>) {
    let (own, screen) = link(program);
    (Pair::with([own, fixture::link(1)], [Disk::memory(), Disk::memory()]).link(), screen)
}

fn stands(pair: &Pair, sent: usize) -> &SubmissionState {
    match pair.told(sent) {
        Some(Answer::Stands(state)) => state,
        other => panic!("{other:?}"),
    }
}

/// What is owed of a held report.
fn held(pair: &Pair, sent: usize) -> Vec<Ground> {
    match stands(pair, sent) {
        SubmissionState::Held(owed) => owed.clone(),
        other => panic!("{other:?}"),
    }
}

fn submit(pair: &mut Pair, draft: &Draft, edit: impl FnOnce(&mut Report)) -> usize {
    let sent = pair.submit(0, &fixture::sign(0, &draft.edited(edit)));
    pair.settle_all();
    sent
}

#[test]
fn pol_13_a_report_with_a_hold_word_waits_and_an_officer_who_has_looked_releases_it() {
    let (mut pair, _screen) = pair(None);
    let clean = submit(&mut pair, &Draft::new(0, 1), |_| {});
    assert!(matches!(stands(&pair, clean), SubmissionState::Released(_)));
    let frames = pair.wire.sent.len();
    let sent = submit(&mut pair, &Draft::new(0, 2), |report| report.title.text = "Northgate 7".to_owned());
    assert_eq!(held(&pair, sent), [Ground::of(Code::ContentHeld, "a hold word stands in the title")]);
    assert_eq!(pair.wire.sent.len(), frames, "the partner learned of it");
    let approval = |answers: &[&str]| ApprovalStatement {
        agreement: fixture::link(0).agreement.digest,
        recipient: fixture::nation(1),
        traffic: "live".to_owned(),
        plaintext: pair.sent[sent].document.digest(),
        precedence: "ROUTINE".to_owned(),
        answers: answers.iter().map(|one| (*one).to_owned()).collect(),
        expires: Timestamp::from_millis(pair.now).plus(3_600),
    };
    let account = officer(0, 1);
    let [other, answering] =
        [["APPROVAL_REQUIRED"], ["CONTENT_HELD"]].map(|codes| fixture::approve_as(&account, approval(&codes)));
    let id = pair.sent[sent].id;
    let asked = pair.approve_with(0, id, other);
    pair.settle_all();
    let answer = pair.answer(asked);
    assert!(matches!(answer, Some(Answer::Stands(SubmissionState::Held(_)))), "it answers another code: {answer:?}");
    let asked = pair.approve_with(0, id, answering);
    pair.settle_all();
    let answer = pair.answer(asked);
    assert!(matches!(answer, Some(Answer::Stands(SubmissionState::Released(_)))), "{answer:?}");
}

#[test]
fn pol_14_a_formula_in_a_table_refuses_the_report_at_home() {
    let (mut pair, _screen) = pair(None);
    let table = b"a,=1+1\n";
    let draft = Draft::new(0, 1).attachments(&[16]);
    let mut report = draft.document().report().clone();
    report.attachments[0].length = u64::try_from(table.len()).unwrap();
    report.attachments[0].sha256 = sha256(&[table]);
    let document = Document::decode(Document::lay_out(&report, &[table])).unwrap_or_else(|fault| panic!("{fault}"));
    let sent = pair.submit(0, &fixture::sign(0, &document));
    pair.settle_all();
    let SubmissionState::Refused(reasons) = stands(&pair, sent) else { panic!("{:?}", pair.told(sent)) };
    let first = reasons[0].to_string();
    assert!(first.starts_with("NATIONAL_SCOPE:ATTACHMENT_TYPE_NOT_AGREED: attachment 1"), "{first}");
    assert!(first.contains("line 1, column 2"), "{first}");
}

#[test]
fn pol_15_a_filter_that_crashes_or_is_late_holds_and_the_node_goes_on() {
    // A shell that is asked about a report ends in a fault; `yes` never ends; `cat` reads all and finds nothing.
    for (program, seconds, says) in [
        ("/bin/sh", 20, Some("the nation's content filter ended in a fault")),
        ("/usr/bin/yes", 1, Some("the nation's content filter did not end in its time")),
        ("/nonexistent/filter", 1, Some("the nation's content filter could not be started")),
        ("/bin/cat", 20, None),
    ] {
        let (mut pair, screen) = pair(Some((program, seconds)));
        let draft = Draft::new(0, 1);
        screen.look(&draft.document());
        let sent = submit(&mut pair, &draft, |_| {});
        match says {
            Some(says) => assert_eq!(held(&pair, sent), [Ground::of(Code::ContentHeld, says)], "{program}"),
            None => assert!(matches!(stands(&pair, sent), SubmissionState::Released(_)), "{program}"),
        }
    }
}

#[test]
fn pol_16_a_report_waits_while_it_is_looked_at_and_is_then_decided() {
    let (mut pair, screen) = pair(Some(("/bin/cat", 20)));
    let draft = Draft::new(0, 1);
    // Nobody had it looked at before, as after a restart: the node itself has, meanwhile.
    let sent = pair.submit(0, &draft.signed());
    pair.settle();
    let found = |screen: &Screen| screen.findings(&draft.document()).is_some();
    let started = Stopwatch::start();
    while !found(&screen) && started.elapsed() < Duration::from_secs(60) {
        std::thread::sleep(Duration::from_millis(5));
    }
    pair.tick();
    pair.settle_all();
    let state = pair.state(sent);
    assert!(matches!(state, Some(SubmissionState::Released(_))), "{state:?}");
}
