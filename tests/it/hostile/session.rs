//! Sessions: when payloads may go, and what counts that an older one said.

use super::anchor;
use relto_audit::leaf::{Leaf, Verdict};
use relto_exchange::{
    exchange::{Backlog, Sizes},
    input::{Input, Piece},
    out::Answer,
    ready::{Content, Seed},
    rows::SubmissionState,
    wire::{frame::Incoming, protocol::ByeCode},
};
use relto_report::crypto::sha256;
use relto_tests::{fixture::Draft, hostile::Hostile, pair::LINK};

#[test]
fn flw_3_heads_are_confirmed_when_the_partners_own_is_followed() {
    let mut hostile = Hostile::new();
    hostile.connect();
    hostile.greet();
    let answer = hostile.submit(&Draft::new(0, 1));
    assert!(matches!(answer, Answer::Stands(SubmissionState::Queued(_))), "{answer:?}");
    hostile.send_leaves();
    assert_eq!(
        hostile.node.exchange.backlog(LINK),
        Some(Backlog { unanswered: 1, ..Backlog::default() }),
        "it is released now"
    );
}

#[test]
fn flw_14_payloads_wait_until_the_partners_head_is_followed() {
    let mut hostile = Hostile::greeted();
    let answer = hostile.submit(&Draft::new(0, 1));
    assert!(matches!(answer, Answer::Stands(SubmissionState::Released(_))), "{answer:?}");
    hostile.append(&anchor(&hostile));
    hostile.connect();
    hostile.theirs.truncate(2);
    hostile.greet();
    let payloads =
        |hostile: &Hostile| hostile.heard.iter().filter(|frame| matches!(frame, Incoming::Payload(_))).count();
    hostile.pump();
    assert_eq!(payloads(&hostile), 0, "its head is not followed yet");
    hostile.send_leaves();
    assert_eq!(payloads(&hostile), 1);
}

#[test]
fn lnk_15_what_an_older_session_said_counts_no_more() {
    let mut hostile = Hostile::greeted();
    let (index, payload) = hostile.release(1);
    let older = hostile.node.connection.as_ref().unwrap().session();
    hostile.connect();
    hostile.greet();
    hostile.sent = hostile.log.len();
    let rules = hostile.node.links[0].clone();
    let piece = |bytes: &[u8]| {
        let content = Content::new(0, bytes.to_vec(), &rules, Seed([1; 32]));
        Box::new(Piece { index, offset: 0, content })
    };
    hostile.node.push(Input::Payload(LINK, older, piece(&payload)));
    hostile.node.push(Input::Down(LINK, older));
    hostile.pump();
    assert_eq!(hostile.verdict(index), None);
    hostile.node.push(Input::Payload(LINK, older + 1, piece(&payload)));
    hostile.pump();
    assert_eq!(hostile.verdict(index), Some((Verdict::Admitted, 0)), "the new session stands");
}

#[test]
fn repeated_checkpoints_commit_nothing() {
    let mut hostile = Hostile::greeted();
    let turns = hostile.node.turns;
    let checkpoint = hostile.checkpoint(1);
    for _ in 0..3 {
        hostile.leaves(1, Vec::new(), checkpoint.as_bytes());
    }
    assert_eq!((hostile.closed(), hostile.followed()), (None, 1));
    assert_eq!(hostile.node.turns, turns + 3);
    assert_eq!(hostile.node.exchange.sizes(LINK), Some(Sizes { ours: 2, sealed: 2, theirs: 1 }));
}

#[test]
fn lnk_21_leaves_that_two_connections_followed_apart_end_the_session_and_not_the_node() {
    // A connection follows its own copy of the log. Leaves that another one brought first make the two differ: here the
    // writer is given what such a connection found good, over another root than its own copy has.
    let mut hostile = Hostile::greeted();
    let (first, _) = hostile.release(1);
    let size = hostile.followed();
    let session = hostile.node.connection.as_ref().unwrap().session();
    let leaf = Leaf::Anchor { time: hostile.now, commitment: sha256(&[b"fork"]) };
    let input = |first: u64, checkpoint| Input::Leaves {
        link: LINK,
        session,
        first,
        leaves: vec![(leaf.encode(), leaf.clone())],
        checkpoint,
    };
    let forked = hostile.sign(size + 1, sha256(&[b"another root"]));
    hostile.node.push(input(size + 7, forked.clone()));
    hostile.node.push(input(size, forked));
    hostile.pump();
    assert!(hostile.node.ended.is_none(), "the node goes on");
    assert_eq!(hostile.followed(), size, "nothing of it was kept");
    assert_eq!(hostile.closed(), Some(ByeCode::OutOfOrder));
    // The next session is served as if nothing had been.
    hostile.connect();
    hostile.greet();
    assert_eq!((hostile.wants(), hostile.closed()), (vec![(first, 0)], None));
}
