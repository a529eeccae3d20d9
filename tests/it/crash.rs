//! A node may end after any effect, a wire may break at any byte, a disk may fail at any commit: whatever was
//! acknowledged is resolved exactly once all the same.
#![cfg(test)] // so that the lints know the helpers for tests

mod sim;

use relto_audit::leaf::Verdict;
use relto_exchange::{
    exchange::Backlog,
    out::Answer,
    rows::{Stage, SubmissionState},
};
use relto_tests::{
    fixture::{Draft, Side},
    memory::CommitFault,
    node::Disk,
    pair::{Act, LINK, Pair},
    wire::Fault,
};

/// A few reports both ways: two at once, one that two officers release, one that is refused, one in two chunks.
fn script(pair: &mut Pair) {
    for node in &mut pair.nodes {
        node.batch = 3;
    }
    pair.submit(0, &Draft::new(0, 1).signed());
    pair.submit(1, &Draft::new(1, 1).signed());
    let held = pair.submit(0, &Draft::new(0, 2).level(2).signed());
    pair.submit(0, &Draft::new(0, 3).topic("maritime.mines").signed());
    pair.submit(0, &Draft::new(0, 4).attachments(&[70_000]).signed());
    // An officer approves what is shown as held.
    while pair.told(held).is_none() {
        assert!(pair.step());
    }
    pair.approve(held, 1);
    pair.approve(held, 2);
}

/// What the script must come to, whatever happened on the way.
fn come_to_its_end(pair: &mut Pair) {
    come_to_rest(pair);
    for sent in 0..pair.sent.len() {
        let serial = &pair.sent[sent].serial;
        match pair.state(sent) {
            Some(SubmissionState::Released(_)) => {
                let stage = pair.outbox(sent).unwrap().stage;
                let admitted = matches!(stage, Stage::Resolved { verdict: Verdict::Admitted, codes: 0, .. });
                assert!(admitted, "{serial}: {stage:?}");
                assert_eq!(pair.inbox(sent).unwrap().serial, *serial);
            }
            Some(SubmissionState::Refused(_)) => assert_eq!(serial, "XAA-J2-2026-0003"),
            other => panic!("{serial}: {other:?}"),
        }
    }
}

/// Runs on until nothing is open on either side.
fn come_to_rest(pair: &mut Pair) {
    pair.settle();
    if pair.nodes.iter().any(|node| node.exchange.backlog(LINK) != Some(Backlog::default())) {
        // A frame was lost inside a session, which TCP never does: the next session asks for what is missing.
        pair.cut();
    }
    pair.settle_all();
}

/// Effects of each node in the script without any fault.
fn effects() -> [u64; 2] {
    let mut pair = Pair::linked();
    script(&mut pair);
    come_to_its_end(&mut pair);
    pair.effects
}

#[test]
fn each_node_ends_after_each_effect() {
    let all = effects();
    assert!(all.iter().all(|count| *count > 30), "{all:?}");
    for late_arrivals in [false, true] {
        for side in [0, 1] {
            for at in 1..=all[side] {
                let mut pair = Pair::new();
                pair.late_arrivals = late_arrivals;
                pair.crash = Some((side, at));
                script(&mut pair);
                let mut pair = pair.link();
                come_to_its_end(&mut pair);
            }
        }
    }
}

#[test]
fn both_nodes_end_again_and_again() {
    for every in 3..12 {
        let mut pair = Pair::new();
        script(&mut pair);
        pair.linked = true;
        for n in 0..40 {
            let side = n % 2;
            pair.crash = Some((side, pair.effects[side] + every));
            for _ in 0..every {
                pair.step();
            }
            if pair.nodes.iter().all(|node| node.connection.is_none()) {
                pair.connect();
            }
        }
        come_to_its_end(&mut pair);
    }
}

#[test]
fn flw_12_each_commit_fails_in_each_way() {
    let mut pair = Pair::linked();
    script(&mut pair);
    come_to_its_end(&mut pair);
    let commits = pair.nodes.each_ref().map(|node| node.turns);
    for fault in [CommitFault::Full, CommitFault::ReportedFailed, CommitFault::NotWritten] {
        for side in [0, 1] {
            for nth in 0..commits[side] {
                let mut pair = Pair::new();
                pair.nodes[side].fail_commit(nth, fault);
                script(&mut pair);
                let mut pair = pair.link();
                come_to_its_end(&mut pair);
            }
        }
    }
}

#[test]
fn a_full_disk_answers_so_and_goes_on_when_there_is_room() {
    let mut pair = Pair::linked();
    let sent = pair.submit(0, &Draft::new(0, 1).signed());
    pair.nodes[0].fail_commit(0, CommitFault::Full);
    pair.act(0, Act::Ask);
    pair.act(0, Act::Turn);
    assert_eq!((pair.told(sent), pair.state(sent)), (None, None));
    assert_eq!(pair.nodes[0].ended, None, "the process goes on");
    pair.settle_all();
    assert!(matches!(pair.told(sent), Some(Answer::Stands(_))));
    assert!(matches!(pair.state(sent), Some(SubmissionState::Released(_))));
}

#[test]
fn a_head_that_a_full_disk_did_not_take_is_stored_later() {
    let mut pair = Pair::linked();
    let sent = pair.submit(0, &Draft::new(0, 1).signed());
    while pair.inbox(sent).is_none() {
        for (side, acts) in [(0, &Act::ALL[..]), (1, &[Act::Deliver, Act::Turn])] {
            for act in acts {
                pair.act(side, *act);
            }
        }
    }
    pair.act(1, Act::Seal);
    pair.act(1, Act::Record);
    pair.nodes[1].fail_commit(0, CommitFault::Full);
    pair.settle_all();
    let opening = pair.open(1, pair.index(sent).unwrap());
    pair.settle_all();
    assert_eq!(pair.answer(opening), Some(&Answer::Noted), "its receipt is sealed, so it can be read");
}

/// Two small reports, one each way: few enough bytes to cut a session at each of them.
fn small(disks: [Disk; 2]) -> Pair {
    let mut pair = Pair::of(disks);
    pair.submit(0, &Draft::new(0, 1).signed());
    pair.submit(1, &Draft::new(1, 1).signed());
    pair.linked = true;
    pair
}

fn in_memory() -> [Disk; 2] {
    [Disk::memory(), Disk::memory()]
}

/// Where each frame of a side begins in its stream, and where the stream ends.
fn frames(side: Side) -> Vec<u64> {
    let mut pair = small(in_memory());
    pair.settle_all();
    let mut at = 0;
    let mut out = vec![0];
    for (_, frame) in pair.wire.sent.iter().filter(|(from, _)| *from == side) {
        at += u64::try_from(frame.len()).unwrap();
        out.push(at);
    }
    out
}

fn with_fault(side: Side, fault: Fault) {
    with_fault_as(side, fault, true);
}

fn with_fault_as(side: Side, fault: Fault, careful: bool) {
    let mut pair = small(in_memory());
    pair.careful = careful;
    pair.wire.fault(side, fault);
    come_to_its_end(&mut pair);
}

fn cut_at_every_byte(side: Side) {
    let frames = frames(side);
    for at in 0..=*frames.last().unwrap() {
        // Inside of a frame each byte leaves the same steps behind: there all is checked at rest, and near a frame's
        // ends and at samples of the rest after every step.
        let near = frames.iter().any(|edge| at.abs_diff(*edge) <= 16) || at.is_multiple_of(97);
        with_fault_as(side, Fault::CutAfter(at), near);
    }
}

#[test]
fn the_wire_breaks_at_every_byte_of_the_dialer() {
    cut_at_every_byte(0);
}

#[test]
fn the_wire_breaks_at_every_byte_of_the_listener() {
    cut_at_every_byte(1);
}

#[test]
fn bytes_may_come_one_by_one() {
    let mut pair = small(in_memory());
    pair.wire.mtu = 1;
    come_to_its_end(&mut pair);
}

#[test]
fn each_frame_is_lost_doubled_or_late() {
    for side in [0, 1] {
        let count = u64::try_from(frames(side).len()).unwrap();
        for nth in 0..count {
            with_fault(side, Fault::Drop(nth));
            with_fault(side, Fault::Duplicate(nth));
        }
    }
    let mut pair = small(in_memory());
    pair.wire.delay = 700;
    come_to_its_end(&mut pair);
}

#[test]
fn a_flipped_bit_is_never_believed() {
    for side in [0, 1] {
        let ends = frames(side);
        for frame in ends.windows(2) {
            // Header, body's beginning, and samples of the rest.
            let (start, end) = (frame[0], frame[1]);
            for at in (start..end).filter(|at| at - start < 16 || (at - start) % 97 == 0) {
                with_fault(side, Fault::Corrupt(at));
            }
        }
    }
}

#[test]
fn files_on_disk_stand_cuts_and_crashes() {
    let run = |change: &dyn Fn(&mut Pair)| {
        let mut pair = small([Disk::files(), Disk::files()]);
        change(&mut pair);
        come_to_its_end(&mut pair);
        pair
    };
    let all = run(&|_| {}).effects;
    for side in [0, 1] {
        for at in 1..=all[side] {
            run(&|pair| pair.crash = Some((side, at)));
        }
        for end in frames(side) {
            for at in [end.saturating_sub(1), end, end + 1] {
                run(&|pair| pair.wire.fault(side, Fault::CutAfter(at)));
            }
        }
    }
}
