//! What a partner may ask about a log: it is told what it was sent, in parts and few, and nothing else.

use super::closes;
use relto_audit::{
    checkpoint::SignedCheckpoint,
    leaf::Leaf,
    origin::Origin,
    proof::{prefix_root, verify_inclusion},
    tree::{Frontier, leaf_hash},
};
use relto_exchange::wire::{
    frame::{FrameType, Incoming, raw},
    protocol::ByeCode,
    question::ProveBody,
};
use relto_report::{codec, crypto::PublicKey, digest::Digest};
use relto_tests::{
    fixture::{Draft, link},
    hostile::{HONEST, Hostile},
};

/// A node that has sent so many reports, and their partner.
fn told(reports: u32) -> Hostile {
    let mut hostile = Hostile::greeted();
    for number in 0..reports {
        hostile.submit(&Draft::new(0, number));
    }
    hostile.send_leaves();
    hostile
}

fn frontier(leaves: &[Vec<u8>]) -> Frontier {
    let mut frontier = Frontier::new();
    leaves.iter().for_each(|leaf| frontier.push(leaf));
    frontier
}

/// The leaves that the last frame has, and that they lead from these to the head in it.
fn part(hostile: &Hostile, log: Origin, key: &PublicKey, before: &[Vec<u8>]) -> Vec<Vec<u8>> {
    let Some(Incoming::Leaves(body)) = hostile.heard.last() else { panic!("{:?}", hostile.heard.last()) };
    assert_eq!((body.log, body.first), (log, before.len() as u64));
    let all: Vec<Vec<u8>> = before.iter().cloned().chain(body.leaves.iter().map(|leaf| leaf.to_vec())).collect();
    let head = SignedCheckpoint::open(&body.checkpoint, log, key).unwrap();
    let frontier = frontier(&all);
    assert_eq!((head.checkpoint().size, head.checkpoint().root), (frontier.size(), frontier.root()));
    all
}

fn hashes(hostile: &Hostile, of: ProveBody) -> Vec<Digest> {
    match hostile.heard.last() {
        Some(Incoming::Proof(body)) if body.of == of => body.hashes.clone(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn rec_1_either_log_is_given_in_parts_that_verify() {
    let mut hostile = told(700);
    for side in [0, 1] {
        let (log, key) = (link(side).mine(), link(side).own_key);
        let all = if side == 0 { hostile.theirs.clone() } else { hostile.log.clone() };
        let (mut got, mut parts) = (Vec::new(), 0);
        while got.len() < all.len() {
            hostile.fetch(log, got.len() as u64);
            got = part(&hostile, log, &key, &got);
            parts += 1;
        }
        assert!(got == all && parts > usize::from(side == 0), "{parts} parts of {}", all.len());
        // At the end: the newest head, and no leaf.
        hostile.fetch(log, got.len() as u64);
        assert_eq!(part(&hostile, log, &key, &got), got);
    }
    assert_eq!(hostile.closed(), None);
}

#[test]
fn rec_1_proofs_are_those_of_the_log_that_was_sent() {
    let mut hostile = told(600);
    let (log, leaves) = (link(HONEST).mine(), hostile.theirs.clone());
    let size = leaves.len() as u64;
    let root = |size: u64| frontier(&leaves[..usize::try_from(size).unwrap()]).root();
    for (first, second) in [(1, 2), (255, 256), (256, 300), (256, size), (300, size), (size - 1, size)] {
        hostile.ask_proof(log, 0, first, second);
        let found = hashes(&hostile, ProveBody { log, what: 0, first, second });
        assert_eq!(prefix_root(first, second, &root(second), &found), Ok(root(first)), "{first} to {second}");
    }
    for (index, of) in [(0, 1), (0, size), (255, 256), (256, size), (511, 512), (size - 1, size)] {
        hostile.ask_proof(log, 1, index, of);
        let found = hashes(&hostile, ProveBody { log, what: 1, first: index, second: of });
        let leaf = leaf_hash(&leaves[usize::try_from(index).unwrap()]);
        verify_inclusion(&leaf, index, of, &found, &root(of)).unwrap();
    }
    hostile.ask_proof(log, 2, 256, 256);
    let parts = hashes(&hostile, ProveBody { log, what: 2, first: 256, second: 256 });
    assert_eq!(parts, leaves[256..512].iter().map(|leaf| leaf_hash(leaf)).collect::<Vec<_>>());
    hostile.ask_proof(log, 2, 0, 65_536);
    let parts = hashes(&hostile, ProveBody { log, what: 2, first: 0, second: 65_536 });
    assert_eq!(parts, [root(256), frontier(&leaves[256..512]).root()], "whole parts alone");
}

#[test]
fn rec_2_of_what_was_not_sent_nothing_is_said_whether_it_is_signed_or_not() {
    for signed in [false, true] {
        let questions: [fn(&mut Hostile, Origin, u64); 4] = [
            |hostile, log, sent| hostile.fetch(log, sent + 1),
            |hostile, log, sent| hostile.ask_proof(log, 0, 1, sent + 1),
            |hostile, log, sent| hostile.ask_proof(log, 1, 0, sent + 1),
            |hostile, log, sent| hostile.ask_proof(log, 1, sent, sent + 1),
        ];
        for question in questions {
            let mut hostile = told(20);
            let (log, sent) = (link(HONEST).mine(), hostile.theirs.len() as u64);
            hostile.node.seal_key_down = true;
            hostile.submit(&Draft::new(0, 77));
            // Signed, in the head file and at the connection; the question comes before the socket takes it.
            hostile.node.seal_key_down = !signed;
            hostile.node.work(hostile.now);
            let before = hostile.heard.len();
            question(&mut hostile, log, sent);
            let is_answer = |frame: &&Incoming| match frame {
                Incoming::Leaves(body) => body.first > sent,
                Incoming::Proof(_) => true,
                _ => false,
            };
            assert_eq!(hostile.heard[before..].iter().filter(is_answer).count(), 0, "signed: {signed}");
            assert_eq!(hostile.closed(), None);
            // Once it was sent it is told.
            hostile.node.seal_key_down = false;
            hostile.pump();
            let before = hostile.heard.len();
            hostile.ask_proof(log, 1, sent, sent + 1);
            assert_eq!(hostile.heard[before..].iter().filter(is_answer).count(), 1);
        }
    }
}

#[test]
fn rec_3_a_log_of_others_is_as_one_that_is_not_there() {
    let mut hostile = told(3);
    let before = hostile.heard.len();
    for log in [Origin::new("XAA-XCC-2026-01", relto_tests::fixture::nation(0), 0), Origin::from_bytes([7; 32])] {
        hostile.fetch(log, 0);
        for what in 0..3 {
            hostile.ask_proof(log, what, 0, 1);
        }
    }
    // Nor is an answer given to what no log can have.
    let log = link(HONEST).mine();
    for (what, first, second) in
        [(0, 0, 1), (0, 2, 2), (0, 3, 2), (1, 1, 1), (2, 1, 256), (2, 0, 255), (2, 1 << 40, 256)]
    {
        hostile.ask_proof(log, what, first, second);
    }
    hostile.fetch(log, u64::MAX);
    assert_eq!((hostile.heard.len(), hostile.closed()), (before, None));
    // What was not asked is not taken.
    closes(ByeCode::OutOfOrder, |hostile| {
        let of = ProveBody { log: link(HONEST).mine(), what: 0, first: 1, second: 2 };
        hostile.frame(FrameType::Proof, &relto_exchange::wire::question::ProofBody { of, hashes: Vec::new() });
    });
    closes(ByeCode::OutOfOrder, |hostile| {
        let (log, leaf) =
            (link(HONEST).mine(), Leaf::genesis(&link(0).agreement.id, relto_tests::fixture::nation(0), 0));
        let checkpoint = hostile.checkpoint(1);
        hostile.leaves_of(log, 0, vec![leaf.encode()], checkpoint.as_bytes());
    });
    closes(ByeCode::Malformed, |hostile| hostile.ask_proof(link(HONEST).mine(), 3, 0, 1));
}

#[test]
fn rec_2_beyond_an_hours_share_questions_are_dropped_and_reports_go_on() {
    let mut hostile = told(2);
    let (log, before) = (link(HONEST).mine(), hostile.heard.len());
    for _ in 0..1_100 {
        hostile.ask_proof(log, 0, 1, 2);
    }
    assert_eq!(hostile.heard.len() - before, 1_024);
    hostile.submit(&Draft::new(0, 99));
    assert!(hostile.heard.len() - before > 1_024, "its report is sent as ever");
    // One that recovers asks for its own log, and is given more.
    let (own, before) = (link(1).mine(), hostile.heard.len());
    for _ in 0..1_100 {
        hostile.fetch(own, 0);
    }
    assert_eq!((hostile.heard.len() - before, hostile.closed()), (1_100, None));
}

#[test]
fn lnk_32_in_a_session_of_version_1_nothing_is_asked() {
    for kind in [FrameType::Fetch, FrameType::Prove, FrameType::Proof] {
        let mut hostile = Hostile::new();
        hostile.versions = (1, 1);
        hostile.connect();
        hostile.greet();
        hostile.send_leaves();
        hostile.send(&raw(kind.number(), &[0; 57]));
        assert_eq!(hostile.closed(), Some(ByeCode::NotServed));
    }
    for versions in [(0, 0), (3, 9)] {
        let mut hostile = Hostile::new();
        hostile.versions = versions;
        hostile.connect();
        hostile.greet();
        assert_eq!(hostile.closed(), Some(ByeCode::BadHello), "{versions:?}");
    }
    let mut hostile = Hostile::new();
    hostile.versions = (1, 9);
    hostile.connect();
    hostile.greet();
    hostile.send_leaves();
    hostile.fetch(link(1).mine(), 0);
    assert_eq!(hostile.closed(), None, "of later versions the highest that both have");
}

#[test]
fn rec_2_a_proof_of_what_is_not_stored_yet_is_none_and_no_end_of_the_node() {
    let own = link(1).mine();
    for (what, first) in [(0, 1), (1, 0), (2, 0)] {
        let mut hostile = told(20);
        // New leaves and a question about them in the same bytes: they are followed, and wait for the writer.
        let before = hostile.log.len();
        let (released, _) = hostile.released(Draft::new(1, 5).document().plaintext());
        hostile.append(&Leaf::Released(released));
        let size = hostile.log.len() as u64;
        let second = if what == 2 { 256 } else { size };
        let (checkpoint, leaves) = (hostile.checkpoint(hostile.log.len()), hostile.log[before..].to_vec());
        hostile.sent = hostile.log.len();
        let leaves = hostile.leaves_bytes(before as u64, leaves, checkpoint.as_bytes());
        let question = raw(FrameType::Prove.number(), &codec::encode(&ProveBody { log: own, what, first, second }));
        hostile.node.receive(&[leaves, question].concat(), hostile.now);
        while let Some(wire) = hostile.node.pull(hostile.now) {
            assert_ne!(wire.as_bytes()[5], FrameType::Proof.number(), "{what}: of what the store does not have");
        }
        hostile.pump();
        assert!(hostile.node.ended.is_none() && hostile.followed() == size && hostile.closed().is_none());
        hostile.ask_proof(own, 0, 1, size);
        let found = hashes(&hostile, ProveBody { log: own, what: 0, first: 1, second: size });
        assert_eq!(
            prefix_root(1, size, &frontier(&hostile.log).root(), &found),
            Ok(frontier(&hostile.log[..1]).root())
        );
    }
}
