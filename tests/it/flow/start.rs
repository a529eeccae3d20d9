//! A start from a fold of memory: as good as one from nothing, never from a fold that is not what was signed.

use super::released;
use relto_exchange::{
    exchange::Exchange,
    journal::{self, Act, Entry},
    out::Answer,
    rows::{Stage, SubmissionState},
    store::{Fence, Key, Reader, Row, StoreError},
};
use relto_tests::{
    check::entries,
    fixture::{Draft, nation},
    pair::Pair,
};
use std::{cell::Cell, collections::BTreeMap};

/// Two nations after reports both ways: some answered, one held, one queued, and one whose receipt is to come.
fn lived() -> Pair {
    let mut pair = Pair::linked();
    for number in 1..=6 {
        let sent = pair.submit(0, &Draft::new(0, number).signed());
        let back = pair.submit(1, &Draft::new(1, number).signed());
        pair.settle_all();
        released(pair.told(sent));
        released(pair.told(back));
    }
    pair.submit(0, &Draft::new(0, 20).level(2).signed());
    pair.settle();
    pair.linked = false;
    pair.cut();
    pair.submit(0, &Draft::new(0, 21).signed());
    pair.settle();
    pair
}

fn recover(pair: &Pair, reader: &dyn Reader) -> Result<Exchange, StoreError> {
    Exchange::recover(reader, pair.nodes[0].links.clone(), nation(0), Fence { epoch: 1 })
}

/// The folds of the first node, the newest last.
fn folds(rows: &BTreeMap<Key, Row>) -> Vec<(Key, Vec<u8>)> {
    let fold = |(key, row): (&Key, &Row)| match (key, row) {
        (Key::Fold(_), Row::Bytes(bytes)) => Some((key.clone(), bytes.clone())),
        _ => None,
    };
    rows.iter().filter_map(fold).collect()
}

/// Rows as they are, and how many of them were read.
struct Counted<'a> {
    rows: &'a BTreeMap<Key, Row>,
    read: Cell<usize>,
}

impl Reader for Counted<'_> {
    fn get(&self, keys: &[Key]) -> Result<Vec<Option<Row>>, StoreError> {
        self.read.set(self.read.get() + keys.len());
        Ok(keys.iter().map(|key| self.rows.get(key).cloned()).collect())
    }

    fn scan(&self, from: &Key, to: &Key, limit: usize) -> Result<Vec<(Key, Row)>, StoreError> {
        if from > to {
            return Ok(Vec::new());
        }
        let found = self.rows.range(from..=to).take(limit);
        let found: Vec<_> = found.map(|(key, row)| (key.clone(), row.clone())).collect();
        self.read.set(self.read.get() + found.len());
        Ok(found)
    }
}

fn counted(rows: &BTreeMap<Key, Row>) -> Counted<'_> {
    Counted { rows, read: Cell::new(0) }
}

fn rows_of(pair: &mut Pair) -> BTreeMap<Key, Row> {
    pair.nodes[0].disk.as_memory().0.rows()
}

/// It goes on from a fold and believes all of them.
fn goes_on(pair: &Pair, rows: &BTreeMap<Key, Row>) -> bool {
    let exchange = recover(pair, &counted(rows)).unwrap();
    exchange.folded() > 0 && exchange.disbelieved().is_none()
}

#[test]
fn sto_7_a_start_goes_on_from_a_fold_and_reads_little() {
    let mut pair = Pair::linked();
    let mut read = Vec::new();
    for number in 1..=60 {
        pair.submit(0, &Draft::new(0, number).signed());
        pair.settle_all();
        if number % 20 == 0 {
            let rows = rows_of(&mut pair);
            let counted = counted(&rows);
            let exchange = recover(&pair, &counted).unwrap();
            assert_eq!(exchange.disbelieved(), None);
            assert!(exchange.folded() > 0);
            read.push((counted.read.get(), rows.len()));
        }
    }
    let [(first, _), .., (last, rows)] = read[..] else { panic!("{read:?}") };
    // 40 more that no office has acknowledged, each of which is open, and a few as the logs end at other places.
    assert!(last < first + 40 + 20 && last < rows / 3, "{read:?}");
}

#[test]
fn sto_7_a_fold_is_on_record_and_two_are_kept() {
    let mut pair = lived();
    let rows = rows_of(&mut pair);
    let folds = folds(&rows);
    assert_eq!(folds.len(), 2);
    for (key, bytes) in folds {
        let Key::Fold(at) = key else { panic!("{key:?}") };
        let journal = journal::origin(nation(0), 0);
        let Some(Row::Bytes(entry)) = rows.get(&Key::Entry(journal, at)) else { panic!("no entry at {at}") };
        let digest = relto_report::crypto::sha256(&[&bytes]);
        assert_eq!(Entry::decode(entry).unwrap().act, Act::Folded { digest });
    }
    let folded = |entry: &Vec<u8>| matches!(Entry::decode(entry).unwrap().act, Act::Folded { .. });
    let reader = pair.nodes[0].reader();
    assert!(entries(reader, journal::origin(nation(0), 0)).iter().filter(|entry| folded(entry)).count() > 2);
}

#[test]
fn sto_7_no_byte_of_a_fold_can_be_another() {
    let mut pair = lived();
    let rows = rows_of(&mut pair);
    assert!(goes_on(&pair, &rows));
    let folds = folds(&rows);
    let [(_, older), (newest, bytes)] = &folds[..] else { panic!("{}", folds.len()) };
    for at in 0..bytes.len() {
        let mut changed = rows.clone();
        let mut other = bytes.clone();
        other[at] ^= 1 << (at % 8);
        changed.insert(newest.clone(), Row::Bytes(other));
        let exchange = recover(&pair, &counted(&changed)).unwrap();
        assert!(exchange.disbelieved().is_some(), "byte {at}");
        assert_eq!(exchange.differs_from(&counted(&rows)).unwrap(), None, "byte {at}");
    }
    // An older one in its place, a shorter one, none that its entry names.
    for other in [older.clone(), bytes[..bytes.len() - 1].to_vec(), Vec::new()] {
        let mut changed = rows.clone();
        changed.insert(newest.clone(), Row::Bytes(other));
        assert!(recover(&pair, &counted(&changed)).unwrap().disbelieved().is_some());
    }
}

#[test]
fn sto_7_a_fold_that_no_head_has_reached_is_passed_over() {
    let mut pair = lived();
    let rows = rows_of(&mut pair);
    let folds = folds(&rows);
    let [_, (Key::Fold(newest), _)] = folds[..] else { panic!("{}", folds.len()) };
    let with = recover(&pair, &counted(&rows)).unwrap().folded();
    let journal = journal::origin(nation(0), 0);
    // As a crash between the commit and the head leaves it.
    let mut before = rows.clone();
    before.retain(|key, _| !matches!(key, Key::Checkpoint(log, size) if *log == journal && *size > newest));
    let exchange = recover(&pair, &counted(&before)).unwrap();
    assert!(exchange.folded() > 0 && exchange.folded() < with, "{} and {with}", exchange.folded());
    assert_eq!(exchange.disbelieved(), None);
    // A head that a fold names was there.
    before.retain(|key, _| !matches!(key, Key::Checkpoint(log, _) if *log == journal));
    let exchange = recover(&pair, &counted(&before)).unwrap();
    assert_eq!((exchange.folded(), exchange.disbelieved().is_some()), (0, true));
}

#[test]
fn sto_7_a_leaf_behind_the_fold_that_was_changed_is_found() {
    let mut pair = lived();
    let rows = rows_of(&mut pair);
    let (mine, theirs) = (pair.nodes[0].links[0].mine(), pair.nodes[0].links[0].theirs());
    let journal = journal::origin(nation(0), 0);
    for log in [mine, theirs, journal] {
        let last =
            rows.keys().filter(|key| matches!(key, Key::Leaf(of, _) | Key::Entry(of, _) if *of == log)).next_back();
        let last = last.unwrap().clone();
        let mut changed = rows.clone();
        let Some(Row::Bytes(leaf)) = changed.get_mut(&last) else { panic!("{last:?}") };
        let end = leaf.len() - 1;
        leaf[end] ^= 1;
        assert!(recover(&pair, &counted(&changed)).is_err(), "{last:?}");
    }
}

#[test]
fn sto_7_an_open_row_that_is_gone_or_put_back_is_found() {
    let mut pair = lived();
    let rows = rows_of(&mut pair);
    let mine = pair.nodes[0].links[0].mine();
    // What waits for an officer, what waits for its receipt.
    let open = |(key, row): (&Key, &Row)| match (key, row) {
        (Key::Outbox(..), Row::Outbox(row)) => row.stage == Stage::Released,
        (Key::Submission(_), Row::Submission(row)) => matches!(row.state, SubmissionState::Held(_)),
        _ => false,
    };
    let open: Vec<Key> = rows.iter().filter(|row| open(*row)).map(|(key, _)| key.clone()).collect();
    assert!(open.iter().any(|key| matches!(key, Key::Submission(_))), "{open:?}");
    for key in open {
        let mut changed = rows.clone();
        changed.remove(&key);
        assert!(recover(&pair, &counted(&changed)).is_err(), "{key:?}");
    }
    // A row whose receipt came behind the fold, as it was before.
    pair.linked = true;
    pair.connect();
    let sent = pair.submit(0, &Draft::new(0, 40).signed());
    pair.settle_all();
    let index = released(pair.told(sent));
    let mut changed = rows_of(&mut pair);
    let Some(Row::Outbox(row)) = changed.get_mut(&Key::Outbox(mine, index)) else { panic!("no row") };
    assert!(matches!(row.stage, Stage::Resolved { .. }));
    row.stage = Stage::Released;
    let found = recover(&pair, &counted(&changed));
    let folded = found.as_ref().map(Exchange::folded);
    assert!(found.is_err(), "{folded:?}");
}

#[test]
fn sto_8_a_serial_that_is_a_row_is_spent_and_received_for_ever() {
    let mut pair = Pair::linked();
    for number in 1..=12 {
        pair.submit(0, &Draft::new(0, number).signed());
        pair.settle_all();
    }
    pair.restart(0);
    pair.restart(1);
    pair.settle_all();
    for (side, place) in [(0, pair.nodes[0].links[0].mine()), (1, pair.nodes[1].links[0].theirs())] {
        let rows = pair.nodes[side].disk.as_memory().0.rows();
        let moved = rows.keys().filter(|key| matches!(key, Key::Serial(at) if at.log == place)).count();
        assert!(moved >= 9, "{moved} of 12");
        let Some(Row::Bytes(salt)) = rows.get(&Key::SerialSalt) else { panic!("no salt") };
        assert!(salt.len() == 32 && salt.iter().any(|byte| *byte != 0));
        // Nobody tries serials without the salt.
        let plain = relto_report::crypto::sha256(&[Draft::new(0, 1).serial().as_bytes()]);
        let is_plain = |key: &Key| matches!(key, Key::Serial(at) if at.serial == plain.as_bytes()[..16]);
        assert!(!rows.keys().any(is_plain));
    }
    for number in 1..=12 {
        let again = pair.submit(0, &Draft::new(0, number).padding(9).signed());
        pair.settle_all();
        let told = pair.told(again);
        assert!(matches!(told, Some(Answer::Invalid { rule: "R012", .. })), "{number}: {told:?}");
    }
}
