//! What a report names, the partner must have, under this very agreement. FLW-29

use relto_audit::leaf::Verdict;
use relto_exchange::{
    input::Answer,
    rows::{Stage, SubmissionState},
};
use relto_report::assessment::Report;
use relto_tests::{
    fixture::{self, Draft},
    pair::Pair,
};

/// What the node of a side says to a report after this change.
fn refused(pair: &mut Pair, side: usize, number: u32, change: impl FnOnce(&mut Report)) -> Option<&'static str> {
    let document = Draft::new(side, number).edited(change);
    let sent = pair.submit(side, &fixture::sign(side, &document));
    pair.settle_all();
    match pair.told(sent) {
        Some(Answer::Invalid { rule, .. }) => Some(rule),
        Some(Answer::Stands(SubmissionState::Released(_))) => None,
        other => panic!("{other:?}"),
    }
}

/// Names a serial in a report.
type Naming = Box<dyn Fn(&mut Report)>;

fn every_way(serial: &str) -> Vec<(&'static str, Naming)> {
    let (one, two, three) = (serial.to_owned(), serial.to_owned(), serial.to_owned());
    vec![
        ("R038", Box::new(move |report: &mut Report| report.refers_to.push(one.clone()))),
        ("R028", Box::new(move |report: &mut Report| report.translation_of = Some(two.clone()))),
        ("R039", Box::new(move |report: &mut Report| report.supersedes = Some(three.clone()))),
    ]
}

#[test]
fn flw_29_a_reference_is_to_what_the_partner_has() {
    let mut pair = Pair::linked();
    let good = pair.submit(0, &Draft::new(0, 1).signed());
    let theirs = pair.submit(1, &Draft::new(1, 1).signed());
    pair.settle_all();
    let (good, theirs) = (pair.sent[good].serial.clone(), pair.sent[theirs].serial.clone());
    for (number, (_, change)) in (10..).zip(every_way(&good)) {
        assert_eq!(refused(&mut pair, 0, number, change), None, "released and admitted");
    }
    assert_eq!(refused(&mut pair, 0, 20, |report| report.refers_to.push(theirs.clone())), None, "received");
    assert_eq!(refused(&mut pair, 0, 21, |report| report.answers = Some(theirs.clone())), None, "received");
    assert_eq!(refused(&mut pair, 0, 22, |report| report.answers = Some(good.clone())), Some("R037"), "none of theirs");
    assert_eq!(refused(&mut pair, 0, 23, |report| report.supersedes = Some(theirs)), Some("R039"), "none of ours");
}

#[test]
fn flw_29_what_was_refused_or_withdrawn_is_not_named() {
    // Arcadia's own rules refuse this topic.
    let mut pair = Pair::linked();
    let sent = pair.submit(1, &Draft::new(1, 1).topic("hybrid.disinformation").signed());
    pair.settle_all();
    let stage = pair.outbox(sent).map(|row| row.stage);
    assert!(matches!(stage, Some(Stage::Resolved { verdict: Verdict::Refused, .. })), "{stage:?}");
    let serial = pair.sent[sent].serial.clone();
    for (number, (rule, change)) in (10..).zip(every_way(&serial)) {
        assert_eq!(refused(&mut pair, 1, number, change), Some(rule));
        // A restart knows it from the rows.
        pair.restart(1);
        pair.settle_all();
    }
}
