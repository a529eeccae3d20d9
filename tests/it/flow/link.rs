//! What the link does to the flow: order, resumption, windows, silence.

use super::{released, resolved, stands};
use relto_audit::leaf::{Leaf, Precedence, Verdict};
use relto_exchange::{
    exchange::Sizes,
    out::Answer,
    rows::SubmissionState,
    store::{Key, Row, one},
    wire::frame::{CHUNK, Incoming},
};
use relto_policy::waits::Waits;
use relto_tests::{
    check::leaves,
    fixture::{Draft, payload_length},
    hostile::Hostile,
    node::Disk,
    pair::{Act, LINK, Pair},
};

const MINUTE: u64 = 60_000;

fn queued(answer: Option<&Answer>) -> &Waits {
    match stands(answer) {
        SubmissionState::Queued(why) => why,
        other => panic!("{other:?}"),
    }
}

#[test]
fn flw_3_a_report_waits_until_the_heads_are_confirmed() {
    let mut pair = Pair::new();
    let sent = pair.submit(0, &Draft::new(0, 1).signed());
    pair.settle();
    assert_eq!(queued(pair.told(sent)), &Waits::Heads);
    assert_eq!(pair.nodes[0].exchange.sizes(LINK), Some(Sizes { ours: 1, sealed: 1, theirs: 0 }), "Genesis alone");
    let mut pair = pair.link();
    pair.settle_all();
    assert_eq!(resolved(&pair, sent), (Verdict::Admitted, vec![]));
}

#[test]
fn flw_3_releases_stop_an_hour_after_the_last_head() {
    let mut pair = Pair::linked();
    pair.linked = false;
    pair.cut();
    pair.advance(60 * MINUTE);
    let in_time = pair.submit(0, &Draft::new(0, 1).signed());
    pair.settle();
    released(pair.told(in_time));
    pair.advance(1);
    let late = pair.submit(0, &Draft::new(0, 2).signed());
    pair.settle();
    queued(pair.told(late));
    let mut pair = pair.link();
    pair.settle_all();
    assert_eq!(resolved(&pair, in_time), (Verdict::Admitted, vec![]));
    assert_eq!(resolved(&pair, late), (Verdict::Admitted, vec![]));
}

#[test]
fn a_restarted_node_needs_a_fresh_hello() {
    let mut pair = Pair::linked();
    pair.linked = false;
    pair.restart(0);
    let sent = pair.submit(0, &Draft::new(0, 1).signed());
    pair.settle();
    queued(pair.told(sent));
    pair.link().settle_all();
}

#[test]
fn flw_3_clocks_that_differ_stop_releases() {
    let mut pair = Pair::new();
    pair.nodes[1].clock_offset = 301_000;
    let mut pair = pair.link();
    let sent = pair.submit(0, &Draft::new(0, 1).signed());
    pair.settle();
    assert_eq!(queued(pair.told(sent)), &Waits::ClocksDiffer);
    pair.nodes[1].clock_offset = 0;
    pair.cut();
    pair.settle_all();
    pair.nodes[0].clock_trusted = false;
    let sent = pair.submit(0, &Draft::new(0, 2).signed());
    pair.settle();
    assert_eq!(queued(pair.told(sent)), &Waits::Clock);
    pair.nodes[0].clock_trusted = true;
    pair.settle_all();
    released(Some(&Answer::Stands(pair.state(sent).unwrap())));
}

/// Times of the Anchors in a node's own log, the first apart, which begins it.
fn anchors(pair: &Pair, side: usize) -> Vec<u64> {
    let node = &pair.nodes[side];
    let of = |leaf: &Vec<u8>| match Leaf::decode(leaf) {
        Ok(Leaf::Anchor { time, .. }) => Some(time),
        _ => None,
    };
    leaves(node.reader(), node.links[0].mine()).iter().filter_map(of).skip(1).collect()
}

#[test]
fn log_9_an_anchor_comes_at_known_times_whatever_happened() {
    let mut pair = Pair::linked();
    pair.submit(0, &Draft::new(0, 1).level(2).signed());
    let begins = pair.now;
    pair.idle(31 * MINUTE);
    let all = anchors(&pair, 0);
    assert_eq!(all, anchors(&pair, 1), "both by the clock, and not by what each did");
    assert!((6..=7).contains(&all.len()), "{all:?}");
    for at in &all {
        // The harness ticks every ten seconds.
        assert!(*at > begins && at % (5 * MINUTE) < 10_000, "{at}");
    }
    assert_eq!(pair.closes, [], "heartbeats keep the session");
    let sent = pair.submit(0, &Draft::new(0, 2).signed());
    pair.settle();
    released(pair.told(sent));
    pair.linked = false;
    pair.cut();
    let before = pair.nodes[0].exchange.sizes(LINK).unwrap().ours;
    pair.idle(15 * MINUTE);
    assert_eq!(pair.nodes[0].exchange.sizes(LINK).unwrap().ours - before, 3, "without a session too");
}

#[test]
fn log_9_a_turn_that_something_else_caused_brings_no_anchor() {
    let mut pair = Pair::linked();
    pair.idle(10_000);
    pair.tick();
    pair.settle();
    let before = anchors(&pair, 0).len();
    pair.now += 5 * MINUTE;
    // Held: nobody else is to know that there was a turn at all.
    let held = pair.submit(0, &Draft::new(0, 1).level(2).signed());
    while pair.step() {}
    assert!(pair.told(held).is_some());
    assert_eq!(anchors(&pair, 0).len(), before);
    pair.tick();
    pair.settle();
    assert_eq!(anchors(&pair, 0).len(), before + 1);
}

#[test]
fn log_6_a_clock_that_steps_back_takes_no_leaf_with_it() {
    let mut pair = Pair::linked();
    let first = pair.submit(0, &Draft::new(0, 1).signed());
    pair.settle_all();
    pair.nodes[0].clock_offset = -200_000;
    let second = pair.submit(0, &Draft::new(0, 2).signed());
    pair.submit(1, &Draft::new(1, 1).signed());
    pair.settle_all();
    assert_eq!(pair.outbox(first).unwrap().time, pair.outbox(second).unwrap().time);
    assert_eq!(resolved(&pair, second), (Verdict::Admitted, vec![]));
}

#[test]
fn flw_8_a_whole_spool_is_decided_after_the_hello_and_not_before() {
    let mut pair = Pair::linked();
    let draft = Draft::new(0, 1).attachments(&[70_000]);
    let sent = pair.submit(0, &draft.signed());
    // One of two pieces arrives; the other is put beside it as a crash before the decision would leave it.
    let log = pair.nodes[1].links[0].theirs();
    let spooled = |pair: &Pair, index| match one(pair.nodes[1].reader(), &Key::Awaited(log, index)).unwrap() {
        Some(Row::Awaited(row)) => row.spooled,
        _ => 0,
    };
    while pair.index(sent).is_none_or(|index| spooled(&pair, index) == 0) {
        pair.step();
    }
    let index = pair.index(sent).unwrap();
    let Some(Row::Bytes(payload)) = one(pair.nodes[0].reader(), &Key::Payload(log, index)).unwrap() else {
        panic!("no payload")
    };
    pair.linked = false;
    pair.restart(1);
    let (disk, _) = pair.nodes[1].disk.as_memory();
    let mut rows = disk.rows();
    let Some(Row::Awaited(awaited)) = rows.get_mut(&Key::Awaited(log, index)) else { panic!("not awaited") };
    assert_eq!(awaited.spooled, u64::try_from(CHUNK).unwrap());
    awaited.spooled = awaited.length;
    rows.insert(Key::Spool(log, index, u64::try_from(CHUNK).unwrap()), Row::Bytes(payload[CHUNK..].to_vec()));
    disk.restore(rows);
    pair.restart(1);
    let before = pair.nodes[1].exchange.sizes(LINK);
    pair.settle();
    assert_eq!((pair.nodes[1].exchange.sizes(LINK), pair.inbox(sent)), (before, None));
    let mut pair = pair.link();
    pair.settle_all();
    assert_eq!(resolved(&pair, sent), (Verdict::Admitted, vec![]));
}

#[test]
fn lnk_31_silence_ends_the_session() {
    let mut pair = Pair::linked();
    pair.linked = false;
    pair.advance(29_999);
    pair.act(0, Act::Turn);
    assert!(pair.nodes.iter().all(|node| node.connection.is_some()));
    // Nothing arrives any more.
    pair.wire.delay = u64::MAX / 2;
    pair.advance(30_000);
    pair.act(0, Act::Pull);
    assert_eq!(
        pair.nodes[0].connection.as_ref().and_then(relto_exchange::connection::Connection::closed),
        Some(relto_exchange::wire::protocol::ByeCode::Silent)
    );
}

#[test]
fn lnk_22_flash_overtakes_a_thousand_routine_payloads() {
    let mut pair = Pair::linked();
    pair.careful = false;
    for number in 1..=1000 {
        pair.submit(0, &Draft::new(0, number).padding(6000).signed());
    }
    for _ in 0..20 {
        for act in [Act::Ask, Act::Turn, Act::Seal, Act::Record, Act::Turn, Act::Pull, Act::Pull] {
            pair.act(0, act);
        }
    }
    let flash = pair.submit(0, &Draft::new(0, 2000).precedence(Precedence::Flash).signed());
    let mark = pair.wire.sent.len();
    for act in [Act::Ask, Act::Turn, Act::Seal, Act::Record] {
        pair.act(0, act);
    }
    let index = released(pair.told(flash));
    assert_eq!(index, 1002, "its leaf comes last: Genesis, an Anchor, and a thousand before it");
    while pair.act(0, Act::Pull) {}
    let next = pair.wire.frames(0, mark).find_map(|frame| match frame {
        Incoming::Payload(body) => Some(body.index),
        _ => None,
    });
    assert_eq!(next, Some(index), "the next payload on the wire");
    pair.settle_all();
    for sent in 0..pair.sent.len() {
        assert_eq!(resolved(&pair, sent), (Verdict::Admitted, vec![]));
    }
}

#[test]
fn what_waited_for_the_link_goes_by_precedence() {
    let mut pair = Pair::linked();
    pair.linked = false;
    pair.cut();
    let order = [Precedence::Routine, Precedence::Priority, Precedence::Immediate, Precedence::Flash];
    for (number, precedence) in (1..).zip(order.into_iter().cycle().take(12)) {
        let draft = Draft::new(0, number).precedence(precedence);
        let large = if precedence == Precedence::Routine { 2_000_000 } else { 1_000 };
        pair.submit(0, &draft.attachments(&[large]).signed());
    }
    pair.settle();
    let mark = pair.wire.sent.len();
    let mut pair = pair.link();
    pair.settle_all();
    let mut sent: Vec<u64> = Vec::new();
    for frame in pair.wire.frames(0, mark) {
        if let Incoming::Payload(body) = frame
            && sent.last() != Some(&body.index)
        {
            sent.push(body.index);
        }
    }
    // Genesis, an Anchor, then ROUTINE, PRIORITY, IMMEDIATE, FLASH and again.
    assert_eq!(sent, [5, 9, 13, 4, 8, 12, 3, 7, 11, 2, 6, 10]);
}

#[test]
fn lnk_22_no_payload_leaves_before_its_leaf() {
    let mut pair = Pair::linked();
    let mark = pair.wire.sent.len();
    // More batches than wait for a slow socket; the last one's head is signed and not stored yet.
    for number in 1..=70 {
        let precedence = if number == 70 { Precedence::Flash } else { Precedence::Routine };
        pair.submit(0, &Draft::new(0, number).precedence(precedence).signed());
        for act in [Act::Ask, Act::Turn, Act::Seal, Act::Record] {
            pair.act(0, act);
        }
    }
    while pair.act(0, Act::Pull) {}
    let mut known = 2;
    let mut payloads = Vec::new();
    for frame in pair.wire.frames(0, mark) {
        match frame {
            Incoming::Leaves(body) => known = body.first + u64::try_from(body.leaves.len()).unwrap(),
            Incoming::Payload(body) => {
                assert!(body.index < known, "payload {} and {known} leaves", body.index);
                payloads.push(body.index);
            }
            _ => {}
        }
    }
    assert_eq!(payloads.len(), 69, "one waits for its leaf");
    pair.settle_all();
}

#[test]
fn a_large_payload_crosses_in_chunks() {
    let mut pair = Pair::linked();
    let draft = Draft::new(0, 1).padding(100_000).attachments(&[200_000, 65_536, 1]);
    let (mark, length) = (pair.wire.sent.len(), payload_length(&draft.document()));
    let sent = pair.submit(0, &draft.signed());
    pair.settle_all();
    assert_eq!(resolved(&pair, sent), (Verdict::Admitted, vec![]));
    let pieces = payload_pieces(&pair, mark);
    assert_eq!(pieces.len(), usize::try_from(length).unwrap().div_ceil(CHUNK));
    assert_eq!(pair.inbox(sent).unwrap().length, length);
}

/// Offset and length of each piece that XAA sent.
fn payload_pieces(pair: &Pair, skip: usize) -> Vec<(u64, usize)> {
    let piece = |frame| match frame {
        Incoming::Payload(body) => Some((body.offset, body.bytes.len())),
        _ => None,
    };
    pair.wire.frames(0, skip).filter_map(piece).collect()
}

#[test]
fn lnk_24_a_cut_payload_goes_on_where_the_disk_has_it() {
    for restart in [false, true] {
        let mut pair = Pair::linked();
        let draft = Draft::new(0, 1).attachments(&[5 * CHUNK]);
        let mark = pair.wire.sent.len();
        let sent = pair.submit(0, &draft.signed());
        while payload_pieces(&pair, mark).len() < 4 {
            pair.step();
        }
        // The fourth piece is on its way and is lost.
        if restart {
            pair.restart(1);
        }
        pair.cut();
        let mark = pair.wire.sent.len();
        pair.settle_all();
        assert_eq!(resolved(&pair, sent), (Verdict::Admitted, vec![]));
        let wants: Vec<u64> = pair
            .wire
            .frames(1, mark)
            .filter_map(|frame| match frame {
                Incoming::Want(body) => Some(body.offset),
                _ => None,
            })
            .collect();
        let [offset] = wants[..] else { panic!("{wants:?}") };
        assert_eq!(offset % u64::try_from(CHUNK).unwrap(), 0);
        assert!(offset >= u64::try_from(2 * CHUNK).unwrap(), "what was durable is asked for again: {offset}");
        let pieces = payload_pieces(&pair, mark);
        assert_eq!(pieces[0].0, offset, "{pieces:?}");
        let bytes: usize = pieces.iter().map(|(_, length)| length).sum();
        assert_eq!(offset + u64::try_from(bytes).unwrap(), payload_length(&draft.document()));
    }
}

#[test]
fn a_leaf_that_was_sealed_while_the_session_began_is_sent() {
    let mut pair = Pair::linked();
    pair.linked = false;
    pair.cut();
    // Both sides know their logs as of now; the HELLOs are not yet there.
    pair.connect();
    let sent = pair.submit(0, &Draft::new(0, 1).signed());
    for act in [Act::Turn, Act::Ask, Act::Turn, Act::Seal, Act::Record] {
        pair.act(0, act);
    }
    released(pair.told(sent));
    pair.settle_all();
    assert_eq!(resolved(&pair, sent), (Verdict::Admitted, vec![]));
}

#[test]
fn flw_5_a_full_window_queues_and_keeps_room_for_the_urgent() {
    let mut pair = Pair::linked();
    pair.careful = false;
    pair.linked = false;
    pair.cut();
    let room = 4096 / 8 * 6;
    for number in 1..=room + 3 {
        pair.submit(0, &Draft::new(0, number).signed());
    }
    pair.settle();
    let all = 0..pair.sent.len();
    let (out, waiting): (Vec<usize>, Vec<usize>) = all.partition(|sent| pair.index(*sent).is_some());
    assert_eq!((out.len(), waiting.len()), (usize::try_from(room).unwrap(), 3));
    let why = Answer::Stands(pair.state(waiting[0]).unwrap());
    assert_eq!(queued(Some(&why)), &Waits::Window);
    let urgent = [Precedence::Flash, Precedence::Immediate, Precedence::Priority];
    let urgent: Vec<usize> = (9000..)
        .zip(urgent)
        .map(|(number, precedence)| pair.submit(0, &Draft::new(0, number).precedence(precedence).signed()))
        .collect();
    pair.settle();
    released(pair.told(urgent[0]));
    released(pair.told(urgent[1]));
    queued(pair.told(urgent[2]));
    let mut pair = pair.link();
    pair.settle_all();
    assert!((0..pair.sent.len()).all(|sent| pair.index(sent).is_some()));
}

#[test]
fn log_5_without_the_seal_key_submissions_queue_and_owed_receipts_wait() {
    let mut pair = Pair::linked();
    pair.careful = false;
    pair.settle_all();
    let size = pair.nodes[0].exchange.sizes(LINK).unwrap().ours;
    pair.nodes[0].seal_key_down = true;
    let reports: Vec<usize> =
        (1..=780).map(|number| pair.submit(0, &Draft::new(0, number).precedence(Precedence::Flash).signed())).collect();
    pair.settle();
    let (out, waiting): (Vec<usize>, Vec<usize>) = reports.iter().partition(|sent| pair.index(**sent).is_some());
    assert_eq!((out.len(), waiting.len()), (1_024 - 256, 12), "a quarter is kept for receipts");
    let why = Answer::Stands(pair.state(waiting[0]).unwrap());
    assert_eq!(queued(Some(&why)), &Waits::SealKey);
    let theirs: Vec<usize> = (1..=270).map(|number| pair.submit(1, &Draft::new(1, number).signed())).collect();
    pair.settle();
    let Sizes { ours: now, sealed: signed, .. } = pair.nodes[0].exchange.sizes(LINK).unwrap();
    assert_eq!((now - size, signed), (1_024, size), "no leaf more than one frame can bring");
    let owed = pair.nodes[0].exchange.backlog(LINK).unwrap().awaited;
    assert_eq!(owed, 270 - 256, "decided, and their receipts wait as rows");
    pair.nodes[0].seal_key_down = false;
    pair.settle_all();
    for sent in reports.into_iter().chain(theirs) {
        assert_eq!(resolved(&pair, sent), (Verdict::Admitted, vec![]));
    }
}

#[test]
fn log_12_an_unanswered_leaf_is_observed_once() {
    let mut pair = Pair::linked();
    let sent = pair.submit(0, &Draft::new(0, 1).attachments(&[5 * CHUNK]).signed());
    // XBB has followed the leaf and some of the payload when the link breaks.
    while pair.nodes[1].exchange.backlog(LINK).unwrap().awaited == 0 {
        assert!(pair.step());
    }
    pair.linked = false;
    pair.cut();
    pair.settle();
    let observed = |pair: &Pair| {
        let kinds = leaves(pair.nodes[1].reader(), pair.nodes[1].links[0].mine());
        kinds.iter().filter(|leaf| matches!(Leaf::decode(leaf), Ok(Leaf::Observed { .. }))).count()
    };
    assert_eq!(observed(&pair), 0);
    for _ in 0..3 {
        pair.advance(2 * MINUTE);
        pair.settle();
    }
    assert_eq!(observed(&pair), 1);
    let mut pair = pair.link();
    pair.settle_all();
    assert_eq!(resolved(&pair, sent), (Verdict::Admitted, vec![]));
}

#[test]
fn a_fast_payload_in_the_spool_is_read_before_slow_ones() {
    let mut pair = Pair::linked();
    // Whole in the spool of the recipient, which cannot answer yet: its log has no room while its seal key is down.
    pair.nodes[1].clock_trusted = false;
    let mut sent = Vec::new();
    for number in 1..=6 {
        sent.push(pair.submit(0, &Draft::new(0, number).attachments(&[100_000]).signed()));
    }
    sent.push(pair.submit(0, &Draft::new(0, 9).precedence(Precedence::Flash).attachments(&[100_000]).signed()));
    pair.settle();
    assert_eq!(pair.nodes[1].exchange.backlog(LINK).unwrap().awaited, 7, "nothing is decided under such a clock");
    pair.nodes[1].clock_trusted = true;
    pair.settle_all();
    let decided: Vec<u64> = sent.iter().map(|sent| pair.inbox(*sent).unwrap().outcome).collect();
    let flash = decided.last().copied().unwrap();
    assert!(decided[3..6].iter().all(|slow| flash < *slow), "{decided:?}: among the first four that were read");
}

#[test]
fn a_spool_that_lost_a_piece_ends_the_node_and_does_not_spin() {
    let mut pair = Pair::linked();
    pair.nodes[1].clock_trusted = false;
    let sent = pair.submit(0, &Draft::new(0, 1).attachments(&[100_000]).signed());
    pair.settle();
    let (log, index) = (pair.nodes[1].links[0].theirs(), pair.index(sent).unwrap());
    let Disk::Memory(disk, _) = &pair.nodes[1].disk else { panic!("a store in memory") };
    let mut rows = disk.rows();
    assert!(rows.remove(&Key::Spool(log, index, 0)).is_some());
    disk.restore(rows);
    pair.nodes[1].clock_trusted = true;
    pair.nodes[1].push(relto_exchange::input::Input::Tick);
    for _ in 0..4 {
        pair.nodes[1].turn(pair.now);
    }
    assert!(pair.nodes[1].ended.is_some(), "it would ask for the piece for ever");
}

#[test]
fn flw_5_refused_lengths_do_not_open_the_window() {
    let mut hostile = Hostile::greeted();
    let large = 1024 * 1024;
    let announce = |hostile: &mut Hostile, length: u64| {
        let (mut released, _) = hostile.released(b"x");
        released.length = length;
        hostile.append(&Leaf::Released(released))
    };
    let mut last = 0;
    for _ in 0..2 {
        for _ in 0..130 {
            last = announce(&mut hostile, large);
        }
        announce(&mut hostile, u64::MAX);
        hostile.send_leaves();
    }
    let (verdict, codes) = hostile.verdict(last).expect("beyond 256 MiB it is refused at once");
    assert_eq!((verdict, codes), (Verdict::Refused, relto_policy::code::Code::WindowExceeded.bit()));
}
