//! The end of the journal: nobody takes it out unseen, and nobody reads it in the file.

use super::{Filled, after, anchor, diary, entries, filled, name, ours, outcome, theirs};
use relto_audit::{checkpoint::Checkpoint, tree::Frontier};
use relto_exchange::{journal::Entry, seal::HeadFile as _};
use relto_host::{
    heads::HeadRing,
    keys::{load_secret32, load_signer},
    store::SqliteStore,
};
use rusqlite::Connection;
use std::fs;

/// Takes out what was written last of the journal, as who wants to hide it would: entries, checkpoints, heads.
fn cut_journal(node: &Filled, entries: u64) {
    let of = "(k >> 47) = (SELECT k >> 47 FROM entry LIMIT 1)";
    let most = (1_u64 << 47) - 1;
    let database = Connection::open(&node.database).unwrap();
    database
        .execute_batch(&format!(
            "DROP TRIGGER entry_no_DELETE; DROP TRIGGER checkpoint_no_DELETE;
             DELETE FROM checkpoint WHERE {of} AND (k & {most}) > {entries};
             DELETE FROM entry WHERE (k & {most}) >= {entries};"
        ))
        .unwrap();
}

#[test]
fn log_13_an_anchor_that_no_entry_opens_tells_of_a_journal_that_was_cut() {
    let node = filled();
    assert_eq!(node.verify().code, 0);
    let dir = node.config.parent().unwrap();
    let key = load_signer(&dir.join("seal.key"), None).unwrap();
    // Even with the seal key, and heads made anew: the leaf stays, and the partner has it.
    cut_journal(&node, 3);
    fs::remove_file(&node.heads).unwrap();
    let mut ring = HeadRing::create(&node.heads).unwrap();
    let (whole, mut short) = (diary(&key), Frontier::new());
    for (time, act) in (1_000..).zip(entries()).take(3) {
        short.push(&Entry { time, act }.encode());
    }
    let their_key = load_signer(&dir.join("../XBB/seal.key"), None).unwrap();
    let mut mine = ours(&key);
    let copy = theirs(&their_key, &mine.rows[2], 2_200);
    mine.push(outcome(2, &copy.rows[4], 2_500).encode());
    mine.push(anchor().encode());
    let heads = [
        Checkpoint::of(whole.origin, &short).sign(&key).unwrap(),
        Checkpoint::of(mine.origin, &mine.frontier).sign(&key).unwrap(),
    ];
    let write = ring.record(&heads).unwrap().unwrap();
    let storage = load_secret32(&dir.join("storage.key")).unwrap();
    name(&mut SqliteStore::open(&node.database, &storage).unwrap(), &write);
    let ran = node.verify();
    assert!(ran.code == 4 && ran.out.contains("anchors the journal and no entry opens it"), "{}", ran.out);
}

#[test]
fn hed_6_the_end_of_the_journal_cannot_be_cut_with_its_head() {
    let node = filled();
    cut_journal(&node, 3);
    // The newest slot alone is the journal's: without it the head file is one that fits, and the database knows better.
    let mut file = fs::read(&node.heads).unwrap();
    let slots = file.chunks(1024).enumerate().filter(|(_, slot)| slot.starts_with(b"RLH2"));
    let number = |slot: &[u8]| u64::from_le_bytes(slot[16..24].try_into().unwrap());
    let at = slots.max_by_key(|(_, slot)| number(slot)).unwrap().0;
    file[at * 1024..(at + 1) * 1024].fill(0);
    fs::write(&node.heads, &file).unwrap();
    let ran = node.verify();
    assert!(ran.code == 4 && ran.out.contains("names a later write of the head file"), "{}", ran.out);
}

#[test]
fn log_14_an_entry_that_was_changed_or_moved_is_found_and_none_lies_in_the_clear() {
    let node = filled();
    let good = fs::read(&node.database).unwrap();
    for text in [&b"CODE"[..], b"Held"] {
        assert!(!good.windows(text.len()).any(|window| window == text), "an entry in the clear");
    }
    for change in [
        "UPDATE entry SET v = (SELECT v FROM entry ORDER BY k DESC LIMIT 1)",
        "UPDATE entry SET v = x'00'",
        "UPDATE entry SET k = k + 100",
    ] {
        let ran = after(&node, &format!("DROP TRIGGER entry_no_UPDATE; {change}"));
        assert_eq!(ran.code, 4, "{change}: {}", ran.out);
    }
    // A leaf that stands where the journal's stood before, in the clear, and an entry of another log.
    let ran = after(&node, "INSERT INTO leaf SELECT k, x'00' FROM entry");
    assert!(ran.code == 4 && ran.out.contains("belong to no log"), "{}", ran.out);
    let ran = after(&node, "INSERT INTO entry SELECT k, v FROM leaf");
    assert!(ran.code == 4 && ran.out.contains("belong to no log"), "{}", ran.out);
}
