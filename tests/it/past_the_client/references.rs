//! What a report names, the partner must have, under this very agreement. FLW-29

use relto_audit::leaf::{Leaf, Statement, Verdict};
use relto_exchange::{
    input::{Input, Submit},
    link::Prior,
    out::Answer,
    ready::{Prepared, Seed},
    rows::{Stage, SubmissionState},
};
use relto_policy::{change::Act, code::Code};
use relto_report::assessment::Report;
use relto_tests::{
    fixture::{self, Draft, change_rules, corrupt_agreement},
    hostile::Hostile,
    node::Disk,
    pair::{LINK, Pair},
};
use std::sync::Arc;

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

#[test]
fn flw_29_what_was_exchanged_before_the_logs_began_may_be_named() {
    let mut link = fixture::link(0);
    let prior =
        Prior { sent: ["XAA-J2-2026-0398".to_owned()].into(), received: ["XBB-RFI-2026-0112".to_owned()].into() };
    link.prior = Arc::new(prior);
    let mut pair = Pair::with([link, fixture::link(1)], [Disk::memory(), Disk::memory()]).link();
    for (number, (_, change)) in (10..).zip(every_way("XAA-J2-2026-0398")) {
        assert_eq!(refused(&mut pair, 0, number, change), None);
    }
    let answers = |serial: &'static str| move |report: &mut Report| report.answers = Some(serial.to_owned());
    assert_eq!(refused(&mut pair, 0, 20, answers("XBB-RFI-2026-0112")), None);
    assert_eq!(refused(&mut pair, 0, 21, answers("XAA-J2-2026-0398")), Some("R037"), "it went the other way");
    assert_eq!(refused(&mut pair, 0, 22, answers("XBB-RFI-2026-0113")), Some("R037"));
}

#[test]
fn flw_29_what_the_partner_quarantined_is_not_named() {
    // Borealia's node thinks that a topic is agreed which is not.
    let mut theirs = fixture::link(1);
    corrupt_agreement(&mut theirs, |agreement| agreement.scopes[1].topics.push(("cbrn.chemical".to_owned(), 0)));
    change_rules(&mut theirs, |rules| rules.standing[0].topics.push("cbrn.chemical".to_owned()));
    let mut pair = Pair::with([fixture::link(0), theirs], [Disk::memory(), Disk::memory()]).link();
    let sent = pair.submit(1, &Draft::new(1, 1).topic("cbrn.chemical").signed());
    pair.settle_all();
    let stage = pair.outbox(sent).map(|row| row.stage);
    assert!(matches!(stage, Some(Stage::Resolved { verdict: Verdict::Quarantined, .. })), "{stage:?}");
    let serial = pair.sent[sent].serial.clone();
    for (number, (rule, change)) in (10..).zip(every_way(&serial)) {
        assert_eq!(refused(&mut pair, 1, number, change), Some(rule));
    }
    // Nor by who locked it away: a name would tell that it was read.
    assert_eq!(refused(&mut pair, 0, 20, |report| report.refers_to.push(serial)), Some("R038"));
}

#[test]
fn flw_29_what_was_withdrawn_is_not_named() {
    let mut pair = Pair::linked();
    pair.linked = false;
    pair.cut();
    let sent = pair.submit(0, &Draft::new(0, 1).signed());
    pair.settle();
    let serial = pair.sent[sent].serial.clone();
    pair.change(0, Act::Suspend);
    pair.settle();
    assert_eq!(pair.outbox(sent).unwrap().stage, Stage::Withdrawn { maybe: false });
    let mut pair = pair.link();
    pair.settle_all();
    let lifts = pair.nodes[0].exchange.life(LINK).unwrap().1.open_suspensions(&fixture::link(0).agreement.life);
    for side in [0, 1] {
        pair.change(side, Act::Resume(lifts.clone()));
        pair.settle_all();
    }
    for (number, (rule, change)) in (10..).zip(every_way(&serial)) {
        assert_eq!(refused(&mut pair, 0, number, change), Some(rule));
        pair.restart(0);
        pair.settle_all();
    }
}

#[test]
fn rpt_11_a_translation_is_held_to_its_original_at_each_entry() {
    let mut pair = Pair::linked();
    let original = pair.submit(0, &Draft::new(0, 1).level(1).signed());
    pair.settle_all();
    assert!(matches!(pair.state(original), Some(SubmissionState::Released(_))), "{:?}", pair.state(original));
    let serial = pair.sent[original].serial.clone();
    let named = |level| Draft::new(0, 40).level(level).edited(|report| report.translation_of = Some(serial.clone()));

    let sent = pair.submit(0, &fixture::sign(0, &named(0)));
    pair.settle_all();
    let told = pair.told(sent);
    assert!(matches!(told, Some(Answer::Invalid { rule: "R028", .. })), "{told:?}");

    // Queued while the link is down, and taken up by the reader: it is compared again.
    pair.linked = false;
    pair.cut();
    let kept = pair.submit(0, &fixture::sign(0, &named(1)));
    pair.settle();
    let mut pair = pair.link();
    pair.settle_all();
    assert!(matches!(pair.state(kept), Some(SubmissionState::Released(_))), "{:?}", pair.state(kept));
}

#[test]
fn rpt_11_a_partner_that_marks_our_report_lower_in_its_translation_is_refused() {
    let mut hostile = Hostile::greeted();
    let original = Draft::new(0, 1).level(1);
    let answer = hostile.submit(&original);
    assert!(matches!(answer, Answer::Stands(SubmissionState::Released(_))), "{answer:?}");
    for (number, level, wanted) in [(50, 0, Verdict::Refused), (51, 1, Verdict::Admitted)] {
        let named = |report: &mut Report| report.translation_of = Some(original.serial());
        let document = Draft::new(1, number).level(level).edited(named);
        let (released, payload) = hostile.released(document.plaintext());
        let index = hostile.append(&Leaf::Released(released));
        hostile.send_leaves();
        hostile.payload(index, 0, &payload);
        let said = hostile.verdict(index);
        let codes = if wanted == Verdict::Refused { Code::Malformed.bit() } else { 0 };
        assert_eq!(said, Some((wanted, codes)), "level {level}");
    }
}

#[test]
fn rpt_11_a_statement_is_no_translation_whatever_its_bytes_are() {
    let mut hostile = Hostile::greeted();
    let original = Draft::new(0, 1);
    hostile.submit(&original);
    let named = |report: &mut Report| report.translation_of = Some(original.serial());
    let document = Draft::new(1, 52).edited(named);
    let (released, payload) = hostile.released(document.plaintext());
    let statement = Statement { released, form: 0, subject: Some((fixture::nation(0), 1)) };
    let index = hostile.append(&Leaf::Statement(statement));
    hostile.send_leaves();
    hostile.payload(index, 0, &payload);
    let malformed = Some((Verdict::Refused, Code::Malformed.bit()));
    assert_eq!(hostile.verdict(index), malformed, "it is answered, and not fetched for ever");
}

#[test]
fn rpt_11_what_was_not_held_to_the_original_on_record_is_not_taken() {
    let mut pair = Pair::linked();
    let original = pair.submit(0, &Draft::new(0, 1).signed());
    pair.settle_all();
    let serial = pair.sent[original].serial.clone();
    let document = Draft::new(0, 41).edited(|report| report.translation_of = Some(serial));
    let authored = fixture::sign(0, &document);
    let asked = pair.request(0, move |ticket| {
        let own = Prepared::new(authored.get(), &fixture::link(0), Seed([1; 32]));
        let (id, account) = ([7; 16], fixture::author(0));
        let authored = authored.clone();
        Input::Submit(Box::new(Submit {
            ticket,
            id,
            account,
            link: LINK,
            authored,
            own,
            uploaded: false,
            emergency: false,
        }))
    });
    pair.settle();
    let told = pair.answer(asked);
    assert!(matches!(told, Some(Answer::Invalid { rule: "R028", .. })), "{told:?}");
}
