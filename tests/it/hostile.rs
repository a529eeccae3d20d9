//! A partner that holds its seal key and breaks every rule: what it does closes its link or is refused, and nothing else.
#![cfg(test)] // so that the lints know the helpers for tests

mod asks;
mod changes;
mod hello;
mod idle;
mod others;
mod rollback;
mod session;

use relto_audit::{
    checkpoint::Checkpoint,
    leaf::{Head, Leaf, Released, SignedStatement, Verdict},
    tree::empty_root,
};
use relto_exchange::{
    exchange::Backlog,
    out::{Answer, Event},
    rows::SubmissionState,
    store::{Key, Row, one},
    wire::{
        frame::{CHUNK, Decoder, FrameType, HEADER, Incoming, MAGIC, MAX_LEAVES_BODY, raw},
        protocol::{ByeCode, FORM},
    },
};
use relto_policy::code::Code;
use relto_report::crypto::sha256;
use relto_tests::{
    fixture::{Draft, key, link, nation},
    hostile::Hostile,
    pair::LINK,
};

#[test]
fn lnk_2_lnk_3_lnk_5_a_frame_that_is_none_closes_the_link() {
    let header = |magic: [u8; 4], version: u8, kind: u8, reserved: u8, length: u32| {
        [&magic[..], &[version, kind, reserved, 0], &length.to_le_bytes()].concat()
    };
    let leaves = FrameType::Leaves.number();
    for (bytes, code) in [
        (header(*b"HTTP", FORM, leaves, 0, 1), ByeCode::BadFrame),
        (header(MAGIC, 2, leaves, 0, 1), ByeCode::BadFrame),
        (header(MAGIC, FORM, leaves, 1, 1), ByeCode::BadFrame),
        (header(MAGIC, FORM, 0, 0, 1), ByeCode::UnknownFrame),
        (header(MAGIC, FORM, 9, 0, 1), ByeCode::UnknownFrame),
        (header(MAGIC, FORM, leaves, 0, u32::MAX), ByeCode::TooLong),
        (header(MAGIC, FORM, FrameType::Want.number(), 0, 8 * 1024 + 1), ByeCode::TooLong),
        (raw(leaves, b"no body of LEAVES"), ByeCode::Malformed),
        (raw(FrameType::Want.number(), &[0; 49]), ByeCode::Malformed),
    ] {
        let mut hostile = Hostile::greeted();
        hostile.send(&bytes);
        assert_eq!(hostile.closed(), Some(code));
        assert!(matches!(hostile.heard.last(), Some(Incoming::Bye(said)) if *said == code));
        hostile.release(1);
        assert_eq!(hostile.followed(), 1, "nothing more is taken");
    }
}

#[test]
fn lnk_4_what_is_held_is_bounded() {
    let mut decoder = Decoder::default();
    let length = u32::try_from(MAX_LEAVES_BODY).unwrap();
    let header = [&MAGIC[..], &[FORM, FrameType::Leaves.number(), 0, 0], &length.to_le_bytes()].concat();
    decoder.push(&header);
    assert_eq!(decoder.next_frame(), Ok(None));
    // However long a partner goes on: one frame of the largest kind and one read.
    let part = vec![0_u8; CHUNK];
    let mut ended = None;
    for _ in 0..200 {
        decoder.push(&part);
        assert!(decoder.held() <= HEADER + MAX_LEAVES_BODY + CHUNK, "{}", decoder.held());
        if let Err(code) = decoder.next_frame() {
            ended = Some(code);
            break;
        }
    }
    assert_eq!(ended, Some(ByeCode::Malformed));
    let mut decoder = Decoder::default();
    decoder.push(&[&MAGIC[..], &[FORM, FrameType::Leaves.number(), 0, 0], &[0xff; 4]].concat());
    assert_eq!(decoder.next_frame(), Err(ByeCode::TooLong));
    assert_eq!(decoder.held(), HEADER);
}

/// Sends what `say` says to a node that follows one leaf; it must close with the code and have followed nothing more.
fn closes(code: ByeCode, say: impl FnOnce(&mut Hostile)) {
    let mut hostile = Hostile::greeted();
    say(&mut hostile);
    assert_eq!(hostile.closed(), Some(code));
    assert_eq!(hostile.followed(), 1);
    assert_eq!(hostile.node.exchange.halted(), None, "a partner's fault stops its link and not the node");
    // The next session goes on where the last good leaf was.
    hostile.log.truncate(1);
    hostile.sent = 1;
    hostile.connect();
    hostile.greet();
    let (index, payload) = hostile.release(77);
    hostile.payload(index, 0, &payload);
    assert_eq!(hostile.verdict(index), Some((Verdict::Admitted, 0)));
}

fn anchor(hostile: &Hostile) -> Leaf {
    Leaf::Anchor { time: hostile.now, commitment: sha256(&[b"anchor"]) }
}

#[test]
fn lnk_20_leaves_must_follow() {
    closes(ByeCode::OutOfOrder, |hostile| {
        let leaf = anchor(hostile);
        hostile.append_many(&leaf, 3);
        let (leaves, checkpoint) = (hostile.log[2..].to_vec(), hostile.checkpoint(4));
        hostile.leaves(2, leaves, checkpoint.as_bytes());
    });
    closes(ByeCode::OutOfOrder, |hostile| {
        let checkpoint = hostile.checkpoint(1);
        hostile.leaves(0, hostile.log.clone(), checkpoint.as_bytes());
    });
    closes(ByeCode::OutOfOrder, |hostile| {
        // Of a log that is not the speaker's.
        let leaf = anchor(hostile).encode();
        let checkpoint = hostile.checkpoint(1);
        hostile.leaves_of(link(0).mine(), 1, vec![leaf], checkpoint.as_bytes());
    });
}

#[test]
fn lnk_21_a_checkpoint_is_the_logs_own_over_these_leaves() {
    closes(ByeCode::BadCheckpoint, |hostile| {
        hostile.append(&anchor(hostile));
        let checkpoint = hostile.sign(2, sha256(&[b"another root"]));
        hostile.leaves(1, hostile.log[1..].to_vec(), checkpoint.as_bytes());
    });
    closes(ByeCode::BadCheckpoint, |hostile| {
        hostile.append(&anchor(hostile));
        let good = *hostile.checkpoint(2).checkpoint();
        let checkpoint = good.sign(&key("another")).unwrap();
        hostile.leaves(1, hostile.log[1..].to_vec(), checkpoint.as_bytes());
    });
    closes(ByeCode::BadCheckpoint, |hostile| {
        hostile.append(&anchor(hostile));
        hostile.append(&anchor(hostile));
        let checkpoint = hostile.checkpoint(2);
        hostile.leaves(1, hostile.log[1..].to_vec(), checkpoint.as_bytes());
    });
    closes(ByeCode::BadCheckpoint, |hostile| {
        hostile.append(&anchor(hostile));
        let other = Checkpoint { origin: link(0).mine(), ..*hostile.checkpoint(2).checkpoint() };
        let checkpoint = other.sign(&hostile.key).unwrap();
        hostile.leaves(1, hostile.log[1..].to_vec(), checkpoint.as_bytes());
    });
    closes(ByeCode::BadCheckpoint, |hostile| {
        hostile.append(&anchor(hostile));
        hostile.leaves(1, hostile.log[1..].to_vec(), b"no checkpoint");
    });
}

#[test]
fn log_8_a_forked_log_is_not_followed() {
    closes(ByeCode::BadCheckpoint, |hostile| {
        // Another leaf 0 than the one that the node holds, and everything else right.
        let leaf = anchor(hostile);
        hostile.append(&leaf);
        let kept = hostile.log.clone();
        hostile.log[0] = leaf.encode();
        let checkpoint = hostile.checkpoint(2);
        hostile.log = kept;
        hostile.leaves(1, hostile.log[1..].to_vec(), checkpoint.as_bytes());
        let alarms = alarms(hostile);
        assert!(alarms.len() == 1 && alarms[0].contains("does not lead to the head it signed"), "{alarms:?}");
    });
}

#[test]
fn log_2_genesis_stands_first_and_nowhere_else() {
    closes(ByeCode::BadLeaf, |hostile| {
        hostile.append(&Leaf::genesis(&link(1).agreement.id, nation(1), 0));
        hostile.send_leaves();
    });
    for first in [Leaf::genesis("OTHER-1", nation(1), 0), Leaf::Anchor { time: 1, commitment: sha256(&[b"x"]) }] {
        let mut hostile = Hostile::new();
        hostile.log = vec![first.encode()];
        hostile.connect();
        hostile.greet();
        hostile.send_leaves();
        assert_eq!((hostile.closed(), hostile.followed()), (Some(ByeCode::BadLeaf), 0));
    }
}

#[test]
fn log_1_an_unknown_or_spoilt_leaf_closes_the_link() {
    closes(ByeCode::BadLeaf, |hostile| {
        hostile.log.push(vec![200, 0, 0, 0]);
        hostile.send_leaves();
    });
    closes(ByeCode::BadLeaf, |hostile| {
        let mut leaf = anchor(hostile).encode();
        leaf.push(0);
        hostile.log.push(leaf);
        hostile.send_leaves();
    });
}

#[test]
fn lnk_23_a_want_for_nothing_is_ignored() {
    let mut hostile = Hostile::greeted();
    let heard = hostile.heard.len();
    for (index, offset) in [(0, 0), (1, 0), (99, 0), (u64::MAX, u64::MAX)] {
        hostile.want(index, offset);
    }
    assert_eq!((hostile.closed(), hostile.heard.len()), (None, heard));
    let answer = hostile.submit(&Draft::new(0, 1));
    let Answer::Stands(SubmissionState::Released(index)) = answer else { panic!("{answer:?}") };
    // From within a chunk and from beyond its end; and again and again, of which a session serves four.
    for offset in [10, u64::MAX].into_iter().chain([0; 9]) {
        hostile.want(index, offset);
    }
    let offsets = hostile.heard.iter().filter_map(|frame| match frame {
        Incoming::Payload(body) => Some(body.offset),
        _ => None,
    });
    assert_eq!(offsets.collect::<Vec<_>>(), [0; 5]);
}

#[test]
fn lnk_25_a_payload_that_nobody_awaits_is_dropped() {
    let mut hostile = Hostile::greeted();
    let (index, payload) = hostile.release(1);
    let journal = hostile.node.exchange.journal_size();
    hostile.payload(index + 1, 0, &payload);
    hostile.payload(index, 1, &payload[1..]);
    hostile.payload(index, 0, &[&payload[..], b"more"].concat());
    hostile.payload(0, 0, b"Genesis has none");
    assert_eq!((hostile.closed(), hostile.verdict(index)), (None, None));
    assert_eq!(hostile.node.exchange.journal_size(), journal);
    hostile.payload(index, 0, &payload);
    assert_eq!(hostile.verdict(index), Some((Verdict::Admitted, 0)));
    hostile.payload(index, 0, &payload);
    assert_eq!(hostile.node.exchange.backlog(LINK), Some(Backlog::default()), "once and no more");
}

#[test]
fn lnk_26_a_piece_that_is_neither_whole_nor_the_last_is_dropped() {
    let mut hostile = Hostile::greeted();
    let (index, payload) = hostile.release(1);
    for (at, byte) in payload.iter().enumerate().take(100) {
        hostile.payload(index, u64::try_from(at).unwrap(), &[*byte]);
    }
    hostile.payload(index, 0, &payload[..100]);
    let awaited = one(hostile.node.reader(), &Key::Awaited(hostile.node.links[0].theirs(), index)).unwrap();
    assert!(matches!(awaited, Some(Row::Awaited(row)) if row.spooled == 0), "nothing was kept");
    hostile.payload(index, 0, &payload);
    assert_eq!(hostile.verdict(index), Some((Verdict::Admitted, 0)));
}

#[test]
fn flw_15_a_serial_that_came_before_is_refused() {
    let mut hostile = Hostile::greeted();
    let (first, payload) = hostile.release(1);
    hostile.payload(first, 0, &payload);
    assert_eq!(hostile.verdict(first), Some((Verdict::Admitted, 0)));
    let (again, payload) = hostile.release(1);
    hostile.payload(again, 0, &payload);
    assert_eq!(hostile.verdict(again), Some((Verdict::Refused, Code::Replayed.bit())));
}

#[test]
fn flw_7_a_payload_that_does_not_open_is_refused_the_third_time() {
    let mut hostile = Hostile::greeted();
    let (index, payload) = hostile.release(1);
    let mut wrong = payload.clone();
    *wrong.last_mut().unwrap() ^= 1;
    hostile.payload(index, 0, &wrong);
    hostile.payload(index, 0, &wrong);
    assert_eq!(hostile.wants(), [(index, 0), (index, 0)]);
    assert_eq!(hostile.verdict(index), None);
    hostile.payload(index, 0, &wrong);
    assert_eq!(hostile.verdict(index), Some((Verdict::Refused, Code::NotOpened.bit())));
    assert_eq!(hostile.wants().len(), 2);
    hostile.payload(index, 0, &payload);
    assert_eq!(hostile.verdict(index), Some((Verdict::Refused, Code::NotOpened.bit())), "an Outcome stands");
}

#[test]
fn flw_10_a_payload_that_opens_and_does_not_decode_is_refused_for_good() {
    let good = Draft::new(1, 1).document();
    let spoilt = Draft::new(1, 1).edited(|report| report.title.text.push('\u{202e}'));
    for plaintext in [&b"no report"[..], &[], &[good.plaintext(), b"x"].concat(), spoilt.plaintext()] {
        let mut hostile = Hostile::greeted();
        let (released, payload) = hostile.released(plaintext);
        let index = hostile.append(&Leaf::Released(released));
        hostile.send_leaves();
        hostile.payload(index, 0, &payload);
        assert_eq!(hostile.verdict(index), Some((Verdict::Refused, Code::Malformed.bit())));
        assert_eq!(hostile.closed(), None);
        // It does not come again, in this session or the next.
        hostile.connect();
        hostile.greet();
        assert_eq!((hostile.wants(), hostile.closed()), (vec![], None));
    }
}

/// Sends a leaf that is not as a good one, and gives what the node answered without any payload.
fn answered(change: impl FnOnce(&mut Released)) -> Option<(Verdict, u64)> {
    let mut hostile = Hostile::greeted();
    hostile.release(1);
    let (mut released, _) = hostile.released(Draft::new(1, 2).document().plaintext());
    change(&mut released);
    let index = hostile.append(&Leaf::Released(released));
    hostile.send_leaves();
    assert_eq!(hostile.closed(), None, "a leaf whose meaning is wrong is answered");
    hostile.verdict(index)
}

#[test]
fn log_6_a_backdated_leaf_is_refused() {
    let refused = Some((Verdict::Refused, Code::LeafTimeInvalid.bit()));
    assert_eq!(answered(|_| {}), None, "a good leaf waits for its payload");
    assert_eq!(answered(|leaf| leaf.time -= 1), refused, "before its predecessor");
    assert_eq!(answered(|leaf| leaf.time += 300_000), None, "within the skew");
    assert_eq!(answered(|leaf| leaf.time += 300_001), refused, "ahead of our clock");
    let unseen = Head { size: 99, root: sha256(&[b"x"]) };
    assert_eq!(answered(|leaf| leaf.seen = unseen), refused, "a head that we never had");
    assert_eq!(answered(|leaf| leaf.length = 32), Some((Verdict::Refused, Code::Malformed.bit())));
    assert_eq!(answered(|leaf| leaf.length = u64::MAX), {
        let codes = Code::Malformed.bit() | Code::WindowExceeded.bit() | Code::SizeExceeded.bit();
        Some((Verdict::Refused, codes))
    });
}

#[test]
fn log_6_a_leaf_before_the_head_that_it_names_is_refused() {
    for (late, refused) in [(300_000, false), (300_001, true)] {
        let mut hostile = Hostile::greeted();
        let (mut released, _) = hostile.released(Draft::new(1, 2).document().plaintext());
        hostile.wait(late);
        hostile.submit(&Draft::new(0, 1));
        let size = u64::try_from(hostile.theirs.len()).unwrap();
        assert_eq!(size, 3, "Genesis, an Anchor, a report");
        // Its time is of long ago, and it claims to have seen what is new.
        released.seen = Head { size, root: empty_root() };
        let index = hostile.append(&Leaf::Released(released));
        hostile.send_leaves();
        assert_eq!(hostile.verdict(index).is_some(), refused, "{late} ms");
    }
}

fn alarms(hostile: &mut Hostile) -> Vec<String> {
    let alarm = |event| if let Event::Alarm(what) = event { Some(what) } else { None };
    std::mem::take(&mut hostile.node.events).into_iter().filter_map(alarm).collect()
}

#[test]
fn flw_6_an_outcome_answers_one_leaf_once() {
    let mut hostile = Hostile::greeted();
    let answer = hostile.submit(&Draft::new(0, 1));
    let Answer::Stands(SubmissionState::Released(index)) = answer else { panic!("{answer:?}") };
    let good = hostile.outcome(index);
    let mut unknown = hostile.outcome(0);
    unknown.index = 99;
    let mut other_hash = good.clone();
    other_hash.leaf = sha256(&[b"another leaf"]);
    for outcome in [unknown, other_hash, hostile.outcome(0)] {
        hostile.append(&Leaf::Outcome(outcome));
        hostile.send_leaves();
        assert_eq!(alarms(&mut hostile).len(), 1);
        assert_eq!(
            hostile.node.exchange.backlog(LINK),
            Some(Backlog { unanswered: 1, ..Backlog::default() }),
            "still unanswered"
        );
    }
    hostile.append(&Leaf::Outcome(good.clone()));
    hostile.send_leaves();
    assert_eq!(alarms(&mut hostile), Vec::<String>::new());
    assert_eq!(hostile.node.exchange.backlog(LINK), Some(Backlog::default()));
    let mut second = good;
    second.verdict = Verdict::Refused;
    hostile.append(&Leaf::Outcome(second));
    hostile.send_leaves();
    assert_eq!(alarms(&mut hostile).len(), 1, "evidence, and no change");
    assert_eq!(hostile.closed(), None);
}

#[test]
fn flw_5_flw_16_what_is_beyond_the_window_or_too_long_is_refused() {
    let mut hostile = Hostile::greeted();
    let (released, _) = hostile.released(Draft::new(1, 1).document().plaintext());
    let leaf = Leaf::Released(released);
    for _ in 0..4 {
        hostile.append_many(&leaf, 1024);
        hostile.send_leaves();
    }
    assert_eq!(hostile.node.exchange.backlog(LINK), Some(Backlog { awaited: 4096, ..Backlog::default() }));
    for _ in 0..2 {
        hostile.append_many(&leaf, 1000);
        hostile.send_leaves();
    }
    assert_eq!(hostile.closed(), None);
    assert_eq!(
        hostile.node.exchange.backlog(LINK),
        Some(Backlog { awaited: 4096, ..Backlog::default() }),
        "each of the rest has its answer"
    );
    for index in [4097, 6096] {
        assert_eq!(hostile.verdict(index), Some((Verdict::Refused, Code::WindowExceeded.bit())));
    }
    // By bytes: as many payloads of 1 MB as 256 MiB hold, and none beside them.
    let mut hostile = Hostile::greeted();
    let (mut released, _) = hostile.released(b"not long");
    released.length = 1_000_000;
    hostile.append_many(&Leaf::Released(released.clone()), 300);
    hostile.send_leaves();
    assert_eq!((hostile.verdict(1), hostile.verdict(268)), (None, None));
    assert_eq!(hostile.verdict(269), Some((Verdict::Refused, Code::WindowExceeded.bit())));
    // Long ones have a window of their own, of 2 GiB.
    let mut hostile = Hostile::greeted();
    let (mut released, _) = hostile.released(b"large");
    released.length = 5_000_000;
    hostile.append_many(&Leaf::Released(released.clone()), 440);
    // Longer than any report that the agreement lets through.
    released.length = 6_000_000;
    let long = hostile.append(&Leaf::Released(released));
    hostile.send_leaves();
    assert_eq!((hostile.verdict(1), hostile.verdict(429)), (None, None));
    assert_eq!(hostile.verdict(430), Some((Verdict::Refused, Code::WindowExceeded.bit())));
    let codes = Code::WindowExceeded.bit() | Code::SizeExceeded.bit();
    assert_eq!(hostile.verdict(long), Some((Verdict::Refused, codes)));
}

#[test]
fn flw_13_a_statement_and_a_withdrawn_leaf_have_one_outcome_each() {
    let mut hostile = Hostile::greeted();
    let (released, _) = hostile.released(b"a notice");
    let statement = relto_audit::leaf::Statement { released, form: 1, subject: None };
    let stated = hostile.append(&Leaf::Statement(statement));
    let (released, payload) = hostile.released(Draft::new(1, 2).document().plaintext());
    let withdrawn = hostile.append(&Leaf::Released(released));
    hostile.send_leaves();
    assert_eq!(hostile.verdict(stated), Some((Verdict::Refused, Code::EvaluationError.bit())));
    hostile.payload(withdrawn, 0, &payload[..100]);
    for _ in 0..2 {
        let leaf = Leaf::Withdrawn { time: hostile.now, index: withdrawn, maybe: true };
        hostile.append(&leaf);
    }
    hostile.send_leaves();
    assert_eq!(hostile.verdict(withdrawn), Some((Verdict::Refused, Code::Withdrawn.bit())));
    hostile.payload(withdrawn, 0, &payload);
    assert_eq!(hostile.verdict(withdrawn), Some((Verdict::Refused, Code::Withdrawn.bit())));
}

#[test]
fn lnk_33_a_change_that_is_not_acted_on_is_not_followed() {
    let change = SignedStatement { statement: vec![1], signatures: Vec::new() };
    closes(ByeCode::NotServed, |hostile| {
        hostile.append(&Leaf::KeyChange { time: hostile.now, change });
        hostile.send_leaves();
    });
}

#[test]
fn a_flood_of_alarms_does_not_outgrow_the_journal() {
    let mut hostile = Hostile::greeted();
    let mut outcome = hostile.outcome(0);
    outcome.index = 99;
    let leaf = Leaf::Outcome(outcome);
    // Four frames before the node has a moment to work.
    let mut frames = Vec::new();
    for _ in 0..4 {
        let first = hostile.log.len();
        hostile.append_many(&leaf, 1024);
        let checkpoint = hostile.checkpoint(hostile.log.len());
        let leaves = hostile.log[first..].to_vec();
        frames.push(hostile.leaves_bytes(u64::try_from(first).unwrap(), leaves, checkpoint.as_bytes()));
    }
    hostile.node.events.clear();
    let journal = hostile.node.exchange.journal_size();
    hostile.send(&frames.concat());
    // LNK-36: answers to nothing have a rate, and of a frame that goes beyond it nothing is followed
    assert_eq!((hostile.closed(), hostile.followed()), (Some(ByeCode::TooFast), 1));
    assert_eq!(alarms(&mut hostile).len(), 1);
    assert_eq!(hostile.node.exchange.journal_size() - journal, 1);
    // Within the rate each alarms, and the journal keeps as many as one head covers.
    let mut hostile = Hostile::greeted();
    hostile.append_many(&leaf, 256);
    let journal = hostile.node.exchange.journal_size();
    hostile.send_leaves();
    assert_eq!((hostile.closed(), alarms(&mut hostile).len()), (None, 256));
    let grown = hostile.node.exchange.journal_size() - journal;
    // And the fold that falls due with so many leaves.
    assert!((100..=257).contains(&grown), "{grown}");
}

#[test]
fn a_report_that_fills_every_reason_leaves_a_readable_journal() {
    let mut hostile = Hostile::greeted();
    let long = |n: usize| format!("{n:04}{}", "Z".repeat(1000));
    let document = Draft::new(1, 1).padding(900 * 16 * 1024).edited(|report| {
        report.topics = (0..8).map(long).collect();
        report.action = (0..16).map(long).collect();
        report.info = (16..48).map(long).collect();
        report.portions.iter_mut().zip(0..).skip(1).for_each(|(portion, n)| {
            portion.body.text = "x".to_owned();
            portion.body.mark = long(n);
        });
    });
    let (released, payload) = hostile.released(document.plaintext());
    let index = hostile.append(&Leaf::Released(released));
    hostile.send_leaves();
    for (n, piece) in payload.chunks(CHUNK).enumerate() {
        hostile.payload(index, u64::try_from(n * CHUNK).unwrap(), piece);
    }
    assert!(hostile.verdict(index).is_some_and(|(verdict, _)| verdict != Verdict::Admitted));
    let journal = relto_exchange::journal::origin(nation(0), 0);
    let entries = relto_tests::check::entries(hostile.node.reader(), journal);
    let entries = entries.iter().map(|entry| relto_exchange::journal::Entry::decode(entry).expect("it decodes"));
    assert!(entries.count() >= 2);
}
