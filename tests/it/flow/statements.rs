//! Statements: an office acknowledges a report, and what is no Statement of this version or moment is answered.

use super::{Draft, Pair, SubmissionState, released, resolved, stands};
use relto_audit::leaf::{Leaf, Precedence, Statement, Verdict};
use relto_exchange::{
    exchange::Backlog,
    out::{Answer, Event},
    rows::Acknowledged,
};
use relto_policy::{change, code::Code};
use relto_report::{assessment::MarkedText, note::Note};
use relto_tests::{
    check::leaves,
    fixture::{nation, note},
    hostile::Hostile,
    node::Disk,
    pair::LINK,
};

/// One admitted report of side 0, and its leaf.
fn admitted(pair: &mut Pair, number: u32) -> (usize, u64) {
    let sent = pair.submit(0, &Draft::new(0, number).signed());
    pair.settle_all();
    assert_eq!(resolved(pair, sent), (Verdict::Admitted, vec![]));
    (sent, pair.index(sent).unwrap())
}

fn acknowledged(pair: &Pair, sent: usize) -> Option<Acknowledged> {
    pair.outbox(sent).unwrap().acknowledged
}

fn invalid(answer: Option<&Answer>) -> &'static str {
    match answer {
        Some(Answer::Invalid { rule, .. }) => rule,
        other => panic!("{other:?}"),
    }
}

#[test]
fn flw_22_an_office_acknowledges_a_report_once_and_its_author_is_told() {
    for mut pair in [Pair::linked(), Pair::of([Disk::files(), Disk::files()]).link()] {
        pair.careful = true;
        let (sent, index) = admitted(&mut pair, 1);
        assert_eq!(acknowledged(&pair, sent), None);
        let asked = pair.acknowledge(1, index);
        pair.settle_all();
        let statement = released(pair.answer(asked));
        let said = acknowledged(&pair, sent).unwrap();
        assert_eq!((said.office.as_str(), said.statement), ("XBB/J2", statement));
        let told = |event: &Event| matches!(event, Event::Acknowledged { office, .. } if office == "XBB/J2");
        assert!(pair.nodes[0].events.iter().any(told));
        // In both logs: the Statement in theirs, its one Outcome in ours; and nothing is left open.
        let theirs = leaves(pair.nodes[0].reader(), pair.nodes[0].links[0].theirs());
        let Ok(Leaf::Statement(Statement { subject, .. })) = Leaf::decode(&theirs[usize::try_from(statement).unwrap()])
        else {
            panic!("leaf {statement}")
        };
        assert_eq!(subject, Some((nation(0), index)));
        for node in &pair.nodes {
            assert_eq!(node.exchange.backlog(LINK), Some(Backlog::default()));
        }
        // The same id again is the same act; another one for the same report is none.
        let again = pair.acknowledge(1, index);
        pair.settle_all();
        assert_eq!(invalid(pair.answer(again)), "FLW-22");
        // It is in the rows: after a restart of both nothing is said twice and nothing is forgotten.
        pair.restart(0);
        pair.restart(1);
        pair.settle_all();
        assert_eq!(acknowledged(&pair, sent), Some(said));
        let late = pair.acknowledge(1, index);
        pair.settle_all();
        assert_eq!(invalid(pair.answer(late)), "FLW-22");
    }
}

#[test]
fn flw_22_only_an_admitted_report_of_the_partner_is_acknowledged() {
    let mut pair = Pair::linked();
    let (_, index) = admitted(&mut pair, 1);
    let id = pair.next_id();
    for subject in [(nation(0), 0), (nation(0), 99), (nation(1), index)] {
        let asked = pair.make_statement(1, id, subject, note(1));
        pair.settle_all();
        assert_eq!(pair.answer(asked), Some(&Answer::NotFound), "{subject:?}");
    }
    // The id was spent on nothing, and stands for one act once it is.
    let first = pair.make_statement(1, id, (nation(0), index), note(1));
    pair.settle_all();
    let leaf = released(pair.answer(first));
    let same = pair.make_statement(1, id, (nation(0), index), note(1));
    let other = pair.make_statement(1, id, (nation(0), index), Note { from: "XBB/J3".to_owned(), ..note(1) });
    pair.settle_all();
    assert_eq!(released(pair.answer(same)), leaf);
    assert_eq!(pair.answer(other), Some(&Answer::IdReused));
}

#[test]
fn flw_22_an_acknowledgement_passes_while_suspended_and_not_after_the_end() {
    let mut pair = Pair::linked();
    pair.careful = true;
    let (sent, index) = admitted(&mut pair, 1);
    let (late, last) = admitted(&mut pair, 2);
    pair.change(0, change::Act::Suspend);
    pair.settle_all();
    let asked = pair.acknowledge(1, index);
    pair.settle_all();
    released(pair.answer(asked));
    assert!(acknowledged(&pair, sent).is_some(), "the example agreement lets it pass while suspended");
    for side in [0, 1] {
        pair.change(side, change::Act::Terminate);
    }
    pair.settle_all();
    let asked = pair.acknowledge(1, last);
    pair.settle_all();
    assert_eq!(invalid(pair.answer(asked)), "AGREEMENT_NOT_IN_FORCE");
    assert!(acknowledged(&pair, late).is_none());
}

#[test]
fn flw_22_a_statement_survives_a_cut_and_a_crash_on_its_way() {
    let mut pair = Pair::linked();
    let (sent, index) = admitted(&mut pair, 1);
    pair.linked = false;
    pair.cut();
    let asked = pair.acknowledge(1, index);
    pair.settle();
    // Heads stay confirmed for a while: it is in the log and waits for the link.
    released(pair.answer(asked));
    pair.restart(1);
    pair.linked = true;
    pair.settle_all();
    assert!(acknowledged(&pair, sent).is_some());
}

#[test]
fn flw_21_reports_that_nobody_acknowledges_are_told_of_once() {
    let mut pair = Pair::linked();
    let sent = pair.submit(0, &Draft::new(0, 1).precedence(Precedence::Flash).signed());
    admitted(&mut pair, 2);
    pair.settle_all();
    assert_eq!(resolved(&pair, sent), (Verdict::Admitted, vec![]));
    let count = |pair: &mut Pair| {
        let told = std::mem::take(&mut pair.nodes[0].events);
        told.iter().filter(|event| matches!(event, Event::Alarm(what) if what.contains("no acknowledgement"))).count()
    };
    assert_eq!(count(&mut pair), 0);
    pair.advance(31 * 60_000);
    pair.settle_all();
    assert_eq!(count(&mut pair), 1, "FLASH is acknowledged within 30 minutes");
    pair.advance(31 * 60_000);
    pair.settle_all();
    assert_eq!(count(&mut pair), 0);
}

#[test]
fn flw_22_a_hostile_statement_is_refused_and_answered() {
    let mut hostile = Hostile::greeted();
    let ours = hostile.submit(&Draft::new(0, 1));
    let SubmissionState::Released(ours) = *stands(Some(&ours)) else { panic!("{ours:?}") };
    let mut state = |note: &Note, form: u16, subject| {
        let (released, payload) = hostile.released(&note.encode());
        let index = hostile.append(&Leaf::Statement(Statement { released, form, subject }));
        hostile.send_leaves();
        hostile.payload(index, 0, &payload);
        hostile.verdict(index).expect("each obliges one Outcome")
    };
    let malformed = (Verdict::Refused, Code::Malformed.bit());
    let body = MarkedText { mark: String::new(), text: "and by the way".to_owned() };
    let mine = Some((nation(0), ours));
    // Not admitted by the hostile nation itself yet.
    assert_eq!(state(&note(1), 0, mine), malformed);
    assert_eq!(state(&note(1), 0, None), malformed);
    assert_eq!(state(&note(1), 0, Some((nation(1), ours))), malformed);
    assert_eq!(state(&note(1), 0, Some((nation(0), u64::MAX))), malformed);
    assert_eq!(state(&note(0), 0, mine), malformed, "an office of ours");
    assert_eq!(state(&Note { body, ..note(1) }, 0, mine), malformed, "it says more than its form");
    let unknown = (Verdict::Refused, Code::EvaluationError.bit());
    assert_eq!(state(&note(1), 3, mine), unknown);
    assert_eq!(state(&note(1), u16::MAX, mine), unknown);
    // A report under a Statement's leaf, and a note under a report's.
    let (released, payload) = hostile.released(Draft::new(1, 5).document().plaintext());
    let index = hostile.append(&Leaf::Statement(Statement { released, form: 0, subject: mine }));
    hostile.send_leaves();
    hostile.payload(index, 0, &payload);
    assert_eq!(hostile.verdict(index), Some(malformed));
    let (released, payload) = hostile.released(&note(1).encode());
    let index = hostile.append(&Leaf::Released(released));
    hostile.send_leaves();
    hostile.payload(index, 0, &payload);
    assert_eq!(hostile.verdict(index), Some(malformed));
}
