//! Payloads of more than a mebibyte: uploaded in parts, sent in pieces, kept in them, and never held whole.

use super::{released, resolved, stands, with_a_careless_partner};
use relto_audit::leaf::{Precedence, Verdict};
use relto_exchange::{
    exchange::Backlog,
    out::Answer,
    parts::{PART, Parts},
    rows::SubmissionState,
    store::{Key, Row, one},
    wire::frame::{CHUNK, Incoming},
};
use relto_report::{assessment::Document, attachment::bytes::Bytes as _};
use relto_tests::{
    check::stored_payload,
    fixture::{Draft, author},
    node::Disk,
    pair::{LINK, Pair},
    upload::{submit_long, upload, upload_part, uploaded},
};

const SIZE: usize = 1_500_000;

fn long(number: u32) -> Document {
    Draft::new(0, number).attachments(&[SIZE, 70_000]).document()
}

fn whole(document: &Document) -> Vec<u8> {
    let mut out = vec![0; usize::try_from(document.length()).unwrap()];
    document.read_at(0, &mut out).unwrap();
    out
}

/// Bytes of the payload of a leaf of XAA that XBB has in its spool.
fn spooled(pair: &Pair, sent: usize) -> u64 {
    let log = pair.nodes[1].links[0].theirs();
    match pair.index(sent).map(|index| one(pair.nodes[1].reader(), &Key::Awaited(log, index)).unwrap()) {
        Some(Some(Row::Awaited(row))) => row.spooled,
        _ => 0,
    }
}

fn parts_left(pair: &Pair, side: usize) -> usize {
    let (from, to) = (Key::Part([0; 16], 0), Key::Part([0xff; 16], u64::MAX));
    pair.nodes[side].reader().scan(&from, &to, usize::MAX).unwrap().len()
}

fn pieces_left(pair: &Pair) -> usize {
    let log = pair.nodes[1].links[0].theirs();
    let (from, to) = (Key::Spool(log, 0, 0), Key::Spool(log, u64::MAX, u64::MAX));
    pair.nodes[1].reader().scan(&from, &to, usize::MAX).unwrap().len()
}

#[test]
fn flw_31_a_long_payload_arrives_whole_and_stands_in_its_pieces() {
    for disks in [[Disk::memory(), Disk::memory()], [Disk::files(), Disk::files()]] {
        let mut pair = Pair::of(disks).link();
        let document = long(1);
        let sent = submit_long(&mut pair, 0, &document);
        pair.settle_all();
        assert_eq!(resolved(&pair, sent), (Verdict::Admitted, vec![]));
        let (index, log) = (pair.index(sent).unwrap(), pair.nodes[0].links[0].mine());
        for node in &pair.nodes {
            let Some(Row::Bytes(row)) = one(node.reader(), &Key::Payload(log, index)).unwrap() else {
                panic!("no row")
            };
            assert_eq!(row.len(), 32 + document.head().len(), "the report, and nothing behind it");
            assert!(stored_payload(node.reader(), log, index).unwrap()[32..] == whole(&document));
        }
        assert_eq!(parts_left(&pair, 0), whole(&document).len().div_ceil(PART));
        assert_eq!(pieces_left(&pair), (32 + whole(&document).len()).div_ceil(CHUNK));
        for side in [0, 1] {
            pair.restart(side);
        }
        pair.settle_all();
        assert_eq!(pair.nodes[1].exchange.backlog(LINK), Some(Backlog::default()));
    }
}

#[test]
fn flw_31_a_long_payload_goes_on_where_it_broke_off() {
    let mut pair = Pair::linked();
    let sent = submit_long(&mut pair, 0, &long(1));
    while spooled(&pair, sent) < 600_000 {
        pair.step();
    }
    pair.restart(1);
    let before = spooled(&pair, sent);
    assert!((600_000..SIZE as u64).contains(&before));
    let mark = pair.wire.sent.len();
    pair.settle_all();
    assert_eq!(resolved(&pair, sent), (Verdict::Admitted, vec![]));
    let offsets = pair.wire.frames(0, mark).filter_map(|frame| match frame {
        Incoming::Payload(body) => Some(body.offset),
        _ => None,
    });
    assert_eq!(offsets.min(), Some(before), "nothing goes twice");
}

#[test]
fn flw_31_flash_overtakes_a_long_payload_at_its_next_piece() {
    let mut pair = Pair::linked();
    let slow = submit_long(&mut pair, 0, &long(1));
    while spooled(&pair, slow) == 0 {
        pair.step();
    }
    let flash = pair.submit(0, &Draft::new(0, 2).precedence(Precedence::Flash).signed());
    while pair.outbox(flash).is_none_or(|row| row.stage == relto_exchange::rows::Stage::Released) {
        pair.step();
    }
    assert!(spooled(&pair, slow) < SIZE as u64 / 2, "it has its receipt long before the other is there");
    pair.settle_all();
    assert_eq!(resolved(&pair, slow), (Verdict::Admitted, vec![]));
}

#[test]
fn flw_31_of_a_long_payload_that_is_refused_nothing_is_left() {
    // Borealia's careless node sends what Arcadia's locks away; the other way round Arcadia's is refused at home.
    let mut pair = with_a_careless_partner();
    let document = Draft::new(1, 1).topic("cbrn.chemical").attachments(&[SIZE]).document();
    let quarantined = submit_long(&mut pair, 1, &document);
    let refused = submit_long(&mut pair, 0, &Draft::new(0, 1).topic("maritime.mines").attachments(&[SIZE]).document());
    assert_eq!(parts_left(&pair, 0), SIZE.div_ceil(PART), "until it is decided on");
    pair.settle_all();
    assert_eq!(resolved(&pair, quarantined).0, Verdict::Quarantined);
    assert!(matches!(stands(pair.told(refused)), SubmissionState::Refused(_)));
    assert_eq!(parts_left(&pair, 0), 0, "of what does not leave nothing stays");
    // The same again is refused there, whose bytes are read and thrown away.
    let index = pair.index(quarantined).unwrap();
    let log = pair.nodes[0].links[0].theirs();
    assert!(stored_payload(pair.nodes[0].reader(), log, index).unwrap()[32..] == whole(&document), "locked away whole");
}

#[test]
fn flw_31_a_long_report_on_hold_is_released_or_gone_with_all_its_parts() {
    let mut pair = Pair::linked();
    let document = |number| Draft::new(0, number).level(2).attachments(&[SIZE]).document();
    let (released_one, declined) = (submit_long(&mut pair, 0, &document(1)), submit_long(&mut pair, 0, &document(2)));
    pair.settle_all();
    assert!(matches!(stands(pair.told(declined)), SubmissionState::Held(_)));
    for n in [1, 2] {
        pair.approve(released_one, n);
        pair.settle_all();
    }
    assert_eq!(resolved(&pair, released_one), (Verdict::Admitted, vec![]));
    pair.decline(declined, 1, "no");
    pair.settle_all();
    assert_eq!(parts_left(&pair, 0), whole(&document(1)).len().div_ceil(PART));
    assert!(pair.nodes[0].reader().get(&[Key::Upload(pair.sent[declined].id)]).unwrap()[0].is_none());
}

#[test]
fn api_54_an_upload_is_taken_in_order_from_one_account_and_given_up_in_a_day() {
    let mut pair = Pair::linked();
    let (document, id, own) = (long(1), pair.next_id(), author(0));
    let part = u64::try_from(PART).unwrap();
    let put = |pair: &mut Pair, account: &str, offset| upload_part(pair, (0, id), account, (&document, offset));
    assert_eq!(put(&mut pair, &own, part), Answer::Received(0), "it begins at its beginning");
    assert_eq!(put(&mut pair, &own, 0), Answer::Taken(part));
    assert_eq!(put(&mut pair, &own, 0), Answer::Received(part), "the same again changes nothing");
    assert_eq!(put(&mut pair, "somebody", part), Answer::IdReused);
    assert_eq!(put(&mut pair, &own, part), Answer::Taken(2 * part));
    assert_eq!(put(&mut pair, &own, 2 * part + 1), Answer::Received(2 * part), "nothing is left out");
    let other = Draft::new(0, 2).attachments(&[SIZE + 1]).document();
    assert_eq!(upload_part(&mut pair, (0, id), &own, (&other, 2 * part)), Answer::IdReused, "another length");
    for _ in 0..3 {
        let id = pair.next_id();
        assert_eq!(upload_part(&mut pair, (0, id), &own, (&document, 0)), Answer::Taken(part));
    }
    let fifth = pair.next_id();
    assert_eq!(upload_part(&mut pair, (0, fifth), &own, (&document, 0)), Answer::TooMany(4));
    assert_eq!(upload_part(&mut pair, (0, fifth), "somebody", (&document, 0)), Answer::Taken(part));
    pair.advance(12 * 3_600_000);
    pair.settle();
    assert_eq!(upload_part(&mut pair, (0, id), &own, (&document, 2 * part)), Answer::Taken(3 * part));
    pair.advance(12 * 3_600_000);
    pair.settle();
    assert_eq!(parts_left(&pair, 0), 3, "what goes on stays, and the rest is given up");
    pair.advance(12 * 3_600_000);
    pair.settle();
    assert_eq!(parts_left(&pair, 0), 0);
    // A submission rests on all of it.
    let id = pair.next_id();
    upload(&mut pair, (0, id), &document);
    let apart = uploaded(&pair, (0, id), &document);
    let elsewhere = pair.next_id();
    let lacking = pair.submit_as(0, elsewhere, &relto_tests::fixture::sign(0, &apart));
    pair.settle_all();
    assert_eq!(pair.told(lacking), Some(&Answer::Received(0)));
    let sent = pair.submit_as(0, id, &relto_tests::fixture::sign(0, &apart));
    pair.settle_all();
    released(pair.told(sent));
    assert_eq!(upload_part(&mut pair, (0, id), &own, (&document, 0)), Answer::IdReused, "its parts are the leaf's");
}

#[test]
fn flw_31_a_node_may_end_at_any_effect_of_a_long_payload() {
    let story = |pair: &mut Pair| {
        let sent = submit_long(pair, 0, &long(1));
        pair.settle_all();
        assert_eq!(resolved(pair, sent), (Verdict::Admitted, vec![]));
        assert_eq!(pieces_left(pair), (32 + whole(&long(1)).len()).div_ceil(CHUNK));
    };
    let mut pair = Pair::linked();
    pair.burst = 4;
    let before = pair.effects;
    story(&mut pair);
    let effects = pair.effects;
    for side in [0, 1] {
        for at in (before[side] + 1..=effects[side]).step_by(3) {
            let mut pair = Pair::linked();
            pair.burst = 4;
            pair.careful = at % 5 == 0;
            pair.crash = Some((side, at));
            story(&mut pair);
        }
    }
}

#[test]
fn lnk_25_pieces_that_do_not_open_their_commitment_are_thrown_away_and_asked_for_again() {
    let mut pair = Pair::linked();
    let sent = submit_long(&mut pair, 0, &long(1));
    while spooled(&pair, sent) < 700_000 {
        pair.step();
    }
    // A piece changes on the disk, as no partner could: the hash of what stands there decides.
    pair.linked = false;
    pair.restart(1);
    let (log, index) = (pair.nodes[1].links[0].theirs(), pair.index(sent).unwrap());
    let (disk, _) = pair.nodes[1].disk.as_memory();
    let mut rows = disk.rows();
    let Some(Row::Bytes(piece)) = rows.get_mut(&Key::Spool(log, index, 65_536)) else { panic!("no piece") };
    piece[5] ^= 1;
    disk.restore(rows);
    pair.restart(1);
    let mut pair = pair.link();
    pair.settle_all();
    assert_eq!(resolved(&pair, sent), (Verdict::Admitted, vec![]));
    assert!(stored_payload(pair.nodes[1].reader(), log, index).unwrap()[32..] == whole(&long(1)));
    let (from, _) = Parts::Spooled(log, index).keys();
    assert!(one(pair.nodes[1].reader(), &from).unwrap().is_some());
}

#[test]
fn flw_31_the_report_that_is_sent_is_the_one_that_was_judged() {
    let mut pair = Pair::linked();
    pair.linked = false;
    pair.cut();
    let document = long(1);
    let sent = submit_long(&mut pair, 0, &document);
    pair.settle();
    // Whatever its first part has on the disk by now.
    let id = pair.sent[sent].id;
    let (disk, _) = pair.nodes[0].disk.as_memory();
    let mut rows = disk.rows();
    let Some(Row::Bytes(part)) = rows.get_mut(&Key::Part(id, 0)) else { panic!("no part") };
    part[..document.head().len()].fill(b'?');
    disk.restore(rows);
    pair.restart(0);
    let mark = pair.wire.sent.len();
    let mut pair = pair.link();
    pair.settle_all();
    assert_eq!(resolved(&pair, sent), (Verdict::Admitted, vec![]));
    assert!(pair.wire.sent.len() > mark);
}
