//! A node that was put back to an old state finds out, says why, and signs nothing more.

use relto_exchange::{out::Answer, wire::protocol::ByeCode};
use relto_tests::{
    fixture::Draft,
    pair::{LINK, Pair},
};

/// What may have been put back to the old state.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Back {
    Database,
    DatabaseAndHeadFile,
    HeadFileLost,
}

fn rolled_back(back: Back) -> Pair {
    let mut pair = Pair::linked();
    pair.submit(0, &Draft::new(0, 1).signed());
    pair.settle_all();
    let (disk, heads) = pair.nodes[0].disk.as_memory();
    let (rows, old_heads) = (disk.rows(), heads.clone());
    pair.submit(0, &Draft::new(0, 2).signed());
    pair.settle_all();
    pair.linked = false;
    pair.cut();
    let (disk, heads) = pair.nodes[0].disk.as_memory();
    match back {
        Back::Database => disk.restore(rows),
        Back::DatabaseAndHeadFile => {
            disk.restore(rows);
            *heads = old_heads;
        }
        Back::HeadFileLost => heads.clear(),
    }
    // What was answered since the backup is lost: that is what the checks would find.
    pair.sent.clear();
    pair.careful = false;
    pair.restart(0);
    pair
}

fn stands_still(pair: &mut Pair, reconnected: bool) {
    let sizes = pair.nodes[0].exchange.sizes(LINK);
    let journal = pair.nodes[0].exchange.journal_size();
    let (signed, heads) = (pair.nodes[0].key.signed(), pair.nodes[0].heads_signed);
    let asked = pair.request_submit(0, [7; 16], &Draft::new(0, 3).signed());
    let declined = pair.request(0, |ticket| relto_exchange::input::Input::Decline {
        ticket,
        id: [8; 16],
        officer: "officer".to_owned(),
        reason: "no".to_owned(),
    });
    for _ in 0..50 {
        pair.tick();
        pair.step();
    }
    let Some(Answer::Unavailable(why)) = pair.answer(asked) else { panic!("{:?}", pair.answer(asked)) };
    assert_eq!(Some(why.as_str()), pair.nodes[0].exchange.halted());
    assert_eq!(pair.answer(declined), Some(&Answer::NotFound));
    // Every connection that is tried ends at once, and costs the signature of a HELLO.
    let before = pair.closes.len();
    for _ in 0..3 {
        pair.connect();
        while pair.step() {}
    }
    assert_eq!(pair.nodes[0].key.signed() - signed, 3, "HELLO proofs alone");
    assert_eq!(pair.nodes[0].heads_signed, heads);
    assert_eq!(pair.nodes[0].exchange.sizes(LINK), sizes);
    assert_eq!(pair.nodes[0].exchange.journal_size(), journal);
    assert!(pair.closes[before..].iter().any(|(side, code)| (*side, *code) == (0, ByeCode::RolledBack)));
    assert_eq!(pair.nodes[1].exchange.halted(), None, "the partner is well: {reconnected}");
}

#[test]
fn hed_2_a_database_behind_its_head_file_stops() {
    let mut pair = rolled_back(Back::Database);
    let why = pair.nodes[0].exchange.halted().expect("halted at start").to_owned();
    assert!(why.contains("rolled back"), "{why}");
    stands_still(&mut pair, false);
}

#[test]
fn hed_3_a_lost_head_file_stops() {
    let mut pair = rolled_back(Back::HeadFileLost);
    let why = pair.nodes[0].exchange.halted().expect("halted at start").to_owned();
    assert!(why.contains("lost or replaced"), "{why}");
    stands_still(&mut pair, false);
}

#[test]
fn flw_8_a_partner_that_holds_a_larger_head_stops_a_node_that_was_put_back() {
    let mut pair = rolled_back(Back::DatabaseAndHeadFile);
    assert_eq!(pair.nodes[0].exchange.halted(), None, "nothing here can tell");
    let heads = pair.nodes[0].heads_signed;
    pair.connect();
    while pair.step() {}
    let why = pair.nodes[0].exchange.halted().expect("the partner's HELLO told").to_owned();
    assert!(why.contains("rolled back"), "{why}");
    assert_eq!(pair.nodes[0].heads_signed, heads, "nothing was appended before the HELLO");
    stands_still(&mut pair, true);
    // Started again it finds out again.
    pair.restart(0);
    pair.connect();
    while pair.step() {}
    assert!(pair.nodes[0].exchange.halted().is_some());
}

#[test]
fn a_journal_that_was_put_back_alone_stops() {
    let mut pair = Pair::linked();
    pair.submit(0, &Draft::new(0, 1).level(2).signed());
    pair.settle();
    let (disk, _) = pair.nodes[0].disk.as_memory();
    let rows = disk.rows();
    pair.submit(0, &Draft::new(0, 2).level(2).signed());
    pair.settle();
    let (disk, _) = pair.nodes[0].disk.as_memory();
    disk.restore(rows);
    pair.sent.clear();
    pair.restart(0);
    assert!(pair.nodes[0].exchange.halted().is_some(), "a hold is missing from the record");
}
