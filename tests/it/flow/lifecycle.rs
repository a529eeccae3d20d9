//! Changes of the agreement's state, against reports on their way in both directions.

use super::{resolved, stands};
use relto_audit::leaf::{Leaf, SignedStatement, Verdict};
use relto_exchange::{
    input::Input,
    out::Answer,
    rows::{Stage, SubmissionState},
    wire::frame::{CHUNK, Decoder, Incoming},
};
use relto_policy::{
    change::{Act, Record},
    code::Code,
    ground::Ground,
    state::Standing,
};
use relto_tests::{
    check::leaves,
    fixture::{self, Draft},
    node::Disk,
    pair::{Act as Doing, LINK, Pair},
};
use std::collections::BTreeMap;

const BOTH: (Standing, Standing) = (Standing::Suspended, Standing::Suspended);

fn refused(answer: Option<&Answer>) -> &Ground {
    match stands(answer) {
        SubmissionState::Refused(reasons) => &reasons[0],
        other => panic!("{other:?}"),
    }
}

fn standings(pair: &Pair) -> (Standing, Standing) {
    (pair.stands(0), pair.stands(1))
}

fn withdrawn(pair: &Pair, side: usize) -> Vec<(u64, bool)> {
    let of = |leaf: &Vec<u8>| match Leaf::decode(leaf) {
        Ok(Leaf::Withdrawn { index, maybe, .. }) => Some((index, maybe)),
        _ => None,
    };
    leaves(pair.nodes[side].reader(), pair.nodes[side].links[0].mine()).iter().filter_map(of).collect()
}

fn pieces(pair: &Pair) -> usize {
    let is_piece = |frame: &[u8]| {
        let mut decoder = Decoder::default();
        decoder.push(frame);
        matches!(decoder.next_frame(), Ok(Some(Incoming::Payload(_))))
    };
    pair.wire.sent.iter().filter(|(_, frame)| is_piece(frame)).count()
}

fn state(pair: &mut Pair, side: usize, signed: SignedStatement) -> Option<Answer> {
    let asked = pair.request(side, move |ticket| Input::Change { ticket, link: LINK, change: signed.clone() });
    pair.settle_all();
    pair.answer(asked).cloned()
}

#[test]
fn flw_17_a_suspension_acts_at_both_ends_until_both_resume() {
    let mut pair = Pair::linked();
    let suspended = pair.change(1, Act::Suspend);
    pair.settle_all();
    assert_eq!(pair.answer(suspended), Some(&Answer::Noted));
    assert_eq!(standings(&pair), BOTH);
    for side in [0, 1] {
        let sent = pair.submit(side, &Draft::new(side, 1).level(0).signed());
        pair.settle_all();
        assert!(refused(pair.told(sent)).is(Code::AgreementSuspended), "{:?}", pair.told(sent));
    }
    let lifts = pair.nodes[0].exchange.life(LINK).unwrap().1.open_suspensions(&fixture::link(0).agreement.life);
    for (side, after) in [(0, Standing::Suspended), (1, Standing::InForce)] {
        pair.change(side, Act::Resume(lifts.clone()));
        pair.settle_all();
        assert_eq!(standings(&pair), (after, after));
    }
    for side in [0, 1] {
        let sent = pair.submit(side, &Draft::new(side, 2).level(0).signed());
        pair.settle_all();
        assert_eq!(resolved(&pair, sent), (Verdict::Admitted, vec![]));
    }
}

#[test]
fn flw_17_a_change_out_of_order_or_unsigned_is_refused_and_says_why() {
    let mut pair = Pair::linked();
    let good = fixture::change(&fixture::link(0), &Record::default(), Act::Suspend);
    let few = SignedStatement { signatures: Vec::new(), ..good.clone() };
    let partners = fixture::change(&fixture::link(1), &Record::default(), Act::Suspend);
    for (signed, wanted) in [(few, Some("K014")), (partners, Some("K011")), (good.clone(), None), (good, Some("K012"))]
    {
        match (state(&mut pair, 0, signed), wanted) {
            (Some(Answer::Noted), None) => {}
            (Some(Answer::Invalid { rule, .. }), Some(wanted)) => assert_eq!(rule, wanted),
            other => panic!("{other:?}"),
        }
        let stands = if wanted == Some("K012") || wanted.is_none() { Standing::Suspended } else { Standing::InForce };
        assert_eq!(pair.stands(0), stands);
    }
}

#[test]
fn flw_17_a_suspension_before_the_hello_acts_at_once_and_its_leaf_follows() {
    for disks in [[Disk::memory(), Disk::memory()], [Disk::files(), Disk::files()]] {
        let mut pair = Pair::of(disks).link();
        pair.linked = false;
        pair.cut();
        pair.restart(0);
        let size = pair.nodes[0].exchange.sizes(LINK).unwrap().ours;
        let suspended = pair.change(0, Act::Suspend);
        pair.settle();
        assert_eq!(pair.answer(suspended), Some(&Answer::Noted));
        assert_eq!(pair.nodes[0].exchange.sizes(LINK).unwrap().ours, size, "nothing is appended before the HELLO");
        let sent = pair.submit(0, &Draft::new(0, 1).signed());
        pair.settle();
        assert!(refused(pair.told(sent)).is(Code::AgreementSuspended));
        pair.restart(0);
        assert_eq!(pair.stands(0), Standing::Suspended, "the journal keeps it");
        let mut pair = pair.link();
        pair.settle_all();
        let record = pair.nodes[1].exchange.life(LINK).unwrap().1;
        assert!(matches!(&record.partners[..], [one] if one.change.act == Act::Suspend && one.index.is_some()));
        pair.restart(1);
        assert_eq!(standings(&pair), BOTH);
    }
}

#[test]
fn flw_18_what_has_not_left_is_withdrawn_and_never_leaves() {
    let mut pair = Pair::linked();
    pair.linked = false;
    pair.cut();
    // Released within the hour since the last head; nothing of it can leave.
    let sent = pair.submit(0, &Draft::new(0, 1).signed());
    pair.settle();
    let index = pair.index(sent).unwrap();
    pair.change(0, Act::Suspend);
    pair.settle();
    assert_eq!(withdrawn(&pair, 0), [(index, false)]);
    assert_eq!(pair.outbox(sent).unwrap().stage, Stage::Withdrawn { maybe: false });
    let mut pair = pair.link();
    pair.settle_all();
    assert_eq!(resolved(&pair, sent), (Verdict::Refused, vec!["WITHDRAWN".to_owned()]));
    assert_eq!(pieces(&pair), 0);
}

#[test]
fn flw_18_a_payload_in_the_lanes_stops_in_the_middle() {
    for suspender in [0, 1] {
        let mut pair = Pair::linked();
        let sent = pair.submit(0, &Draft::new(0, 1).attachments(&[40 * CHUNK]).signed());
        while pieces(&pair) < 3 {
            assert!(pair.step());
        }
        pair.change(suspender, Act::Suspend);
        pair.settle_all();
        assert!(pieces(&pair) < 20, "{} pieces left", pieces(&pair));
        assert_eq!(withdrawn(&pair, 0), [(pair.index(sent).unwrap(), true)]);
        assert_eq!(resolved(&pair, sent), (Verdict::Refused, vec!["WITHDRAWN".to_owned()]));
    }
}

/// Both nations suspend, each at its own moment, while a report is on its way: in no order is it a breach, both logs
/// agree on what became of it, and what was admitted stays so.
#[test]
fn flw_19_a_report_that_crosses_a_suspension_is_no_breach() {
    let mut outcomes = BTreeMap::<String, u32>::new();
    for from in [0, 1] {
        for (first, later, suspender) in (0..40)
            .flat_map(|first| [0, 3, 13].map(|later| (first, first + later)))
            .flat_map(|(first, later)| [(first, later, 0), (first, later, 1)])
        {
            let mut pair = Pair::linked();
            let sent = pair.submit(from, &Draft::new(from, 1).level(0).signed());
            for step in 0..=later {
                if step == first {
                    pair.change(suspender, Act::Suspend);
                }
                if step == later {
                    pair.change(1 - suspender, Act::Suspend);
                }
                // One act of one node, in turn: finer than a round of all.
                pair.act(step / Doing::ALL.len() % 2, Doing::ALL[step % Doing::ALL.len()]);
            }
            pair.settle_all();
            assert_eq!(standings(&pair), BOTH);
            let outcome = match pair.state(sent) {
                Some(SubmissionState::Refused(reasons)) => reasons[0].name(),
                _ => {
                    let (verdict, codes) = resolved(&pair, sent);
                    format!("{} {}", verdict.word(), codes.join(" "))
                }
            };
            *outcomes.entry(outcome).or_default() += 1;
        }
    }
    // Received before either word came, on its way when one did, or not sent any more.
    let known = ["admitted ", "refused CROSSED", "refused WITHDRAWN"];
    assert_eq!(outcomes.keys().map(String::as_str).collect::<Vec<_>>(), known, "{outcomes:?}");
}

#[test]
fn flw_17_a_crash_after_any_effect_keeps_the_change() {
    for side in [0, 1] {
        for at in 1..14 {
            let mut pair = Pair::linked();
            let sent = pair.submit(1 - side, &Draft::new(1 - side, 1).level(0).signed());
            let asked = pair.change(side, Act::Suspend);
            pair.crash = Some((side, pair.effects[side] + at));
            pair.settle_all();
            // Asked again after its answer was lost, it is on record already.
            match pair.answer(asked) {
                Some(Answer::Noted | Answer::Invalid { rule: "K012", .. }) => {}
                other => panic!("{other:?}"),
            }
            assert_eq!(standings(&pair), BOTH, "{side} {at}");
            let record = pair.nodes[side].exchange.life(LINK).unwrap().1;
            assert!(matches!(&record.ours[..], [one] if one.index.is_some()), "{record:?}");
            assert!(pair.told(sent).is_some());
        }
    }
}
