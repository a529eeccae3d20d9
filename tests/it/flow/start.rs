//! A start from a fold of memory: as good as one from nothing, never from a fold that is not what was signed.

use super::released;
use relto_audit::leaf::Leaf;
use relto_exchange::{
    exchange::Exchange,
    journal::{self, Act, Entry},
    out::Answer,
    rows::{Stage, SubmissionState},
    store::{Fence, Key, Reader, Row, StoreError},
};
use relto_policy::change;
use relto_tests::{
    check::entries,
    fixture::{Draft, nation},
    node::Disk,
    pair::{LINK, Pair},
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

/// The folds of the first node, the newest last, with the size of the journal in each.
fn folds(rows: &BTreeMap<Key, Row>) -> Vec<(u64, Key, Vec<u8>)> {
    let fold = |(key, row): (&Key, &Row)| match (key, row) {
        (Key::Fold(_), Row::Bytes(bytes)) => {
            Some((u64::from_le_bytes(bytes[..8].try_into().unwrap()), key.clone(), bytes.clone()))
        }
        _ => None,
    };
    let mut folds: Vec<_> = rows.iter().filter_map(fold).collect();
    folds.sort();
    folds
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
    for (at, _, bytes) in folds {
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
    let [(.., older), (_, newest, bytes)] = &folds[..] else { panic!("{}", folds.len()) };
    let whole = recover(&pair, &counted(&rows)).unwrap();
    for at in 0..bytes.len() {
        let mut changed = rows.clone();
        let mut other = bytes.clone();
        other[at] ^= 1 << (at % 8);
        changed.insert(newest.clone(), Row::Bytes(other));
        let exchange = recover(&pair, &counted(&changed)).unwrap();
        assert!(exchange.disbelieved().is_some(), "byte {at}");
        assert_eq!(
            (exchange.sizes(LINK), exchange.backlog(LINK)),
            (whole.sizes(LINK), whole.backlog(LINK)),
            "byte {at}"
        );
    }
    for other in [bytes[..bytes.len() - 1].to_vec(), Vec::new()] {
        let mut changed = rows.clone();
        changed.insert(newest.clone(), Row::Bytes(other));
        assert!(recover(&pair, &counted(&changed)).unwrap().disbelieved().is_some());
    }
    // The older one in its place: more is read, and it comes to the same.
    let mut changed = rows.clone();
    changed.insert(newest.clone(), Row::Bytes(older.clone()));
    let exchange = recover(&pair, &counted(&changed)).unwrap();
    assert!(exchange.folded() > 0 && exchange.disbelieved().is_none());
}

#[test]
fn sto_7_a_fold_that_no_head_has_reached_is_passed_over() {
    let mut pair = lived();
    let rows = rows_of(&mut pair);
    let folds = folds(&rows);
    let [_, (newest, ..)] = folds[..] else { panic!("{}", folds.len()) };
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
    let folded = recover(&pair, &counted(&rows)).unwrap().folded_logs();
    for log in [mine, theirs, journal] {
        let of = |key: &&Key| matches!(key, Key::Leaf(of, _) | Key::Entry(of, _) if *of == log);
        let last = rows.keys().rfind(of).unwrap().clone();
        let size = folded.iter().find(|one| one.log == log).unwrap().head.size;
        assert!(matches!(last, Key::Leaf(_, at) | Key::Entry(_, at) if at >= size), "{last:?} is behind {size}");
        let mut changed = rows.clone();
        let Some(Row::Bytes(leaf)) = changed.get_mut(&last) else { panic!("{last:?}") };
        let end = leaf.len() - 1;
        leaf[end] ^= 1;
        let fault = recover(&pair, &counted(&changed)).err();
        let what = "a log does not lead to its stored checkpoint: run relto audit verify";
        // Of what no head covers yet nobody has signed anything.
        let covered = rows.keys().any(|key| matches!((key, &last), (Key::Checkpoint(of, size), Key::Leaf(_, at) | Key::Entry(_, at)) if *of == log && size > at));
        assert_eq!(fault, covered.then_some(StoreError::Fatal(what)), "{last:?}");
    }
}

#[test]
fn sto_7_a_change_of_the_agreement_under_the_fold_that_was_changed_is_found() {
    let mut pair = Pair::linked();
    for (side, act) in [(0, change::Act::Suspend), (1, change::Act::Suspend)] {
        pair.change(side, act);
        pair.settle_all();
    }
    for number in 1..=8 {
        pair.submit(0, &Draft::new(0, number).signed());
        pair.settle_all();
        pair.idle(600_000);
    }
    let rows = rows_of(&mut pair);
    let folded = recover(&pair, &counted(&rows)).unwrap();
    assert_eq!(folded.differs_from(&counted(&rows)).unwrap(), None);
    let logs = folded.folded_logs();
    let is_change = |key: &Key, row: &Row| match (key, row) {
        (Key::Leaf(..), Row::Bytes(leaf)) => matches!(Leaf::decode(leaf), Ok(Leaf::AgreementChange { .. })),
        (Key::Entry(..), Row::Bytes(entry)) => {
            Entry::decode(entry).is_ok_and(|entry| matches!(entry.act, Act::Changed { .. }))
        }
        _ => false,
    };
    let changes: Vec<&Key> = rows.iter().filter(|(key, row)| is_change(key, row)).map(|(key, _)| key).collect();
    assert_eq!(changes.len(), 3, "two of ours, in the journal and in the log, and the partner's");
    for key in changes {
        let (Key::Leaf(log, at) | Key::Entry(log, at)) = key else { panic!("{key:?}") };
        assert!(logs.iter().any(|one| one.log == *log && one.head.size > *at), "{key:?} is under the fold");
        let mut changed = rows.clone();
        let Some(Row::Bytes(leaf)) = changed.get_mut(key) else { panic!("{key:?}") };
        // Another signature, which any decoder takes.
        let end = leaf.len() - 1;
        leaf[end] ^= 1;
        assert!(recover(&pair, &counted(&changed)).is_err(), "{key:?}");
        changed.remove(key);
        assert!(recover(&pair, &counted(&changed)).is_err(), "{key:?}");
    }
}

#[test]
fn sto_8_without_its_salt_no_fold_is_gone_on_from_and_every_serial_is_known_all_the_same() {
    let mut pair = lived();
    let mut rows = rows_of(&mut pair);
    assert!(rows.remove(&Key::SerialSalt).is_some());
    let exchange = recover(&pair, &counted(&rows)).unwrap();
    assert!(exchange.disbelieved().is_some() && exchange.folded() == 0);
    let known = exchange.known_serials();
    for (key, row) in &rows {
        let (log, index, serial) = match (key, row) {
            (Key::Outbox(log, index), Row::Outbox(row)) => (*log, *index, &row.serial),
            (Key::Inbox(log, index), Row::Inbox(row)) => (*log, *index, &row.serial),
            _ => continue,
        };
        assert!(known.has(&counted(&rows), serial, log, index).unwrap(), "{serial}");
        assert!(!known.has(&counted(&rows), serial, log, index + 100).unwrap());
    }
}

#[test]
fn sto_7_an_open_row_that_is_gone_or_put_back_is_found() {
    let mut pair = lived();
    let rows = rows_of(&mut pair);
    let mine = pair.nodes[0].links[0].mine();
    // What waits for an officer, what waits for its receipt or the link.
    let open = |(key, row): (&Key, &Row)| match (key, row) {
        (Key::Outbox(..), Row::Outbox(row)) => row.stage == Stage::Released,
        (Key::Submission(_), Row::Submission(row)) => {
            matches!(row.state, SubmissionState::Held(_) | SubmissionState::Queued(_))
        }
        _ => false,
    };
    let open: Vec<Key> = rows.iter().filter(|row| open(*row)).map(|(key, _)| key.clone()).collect();
    let of = |kind: fn(&Key) -> bool| open.iter().filter(|key| kind(key)).count();
    assert!(of(|key| matches!(key, Key::Submission(_))) > 0, "{open:?}");
    assert!(of(|key| matches!(key, Key::Outbox(..))) > 0, "{open:?}");
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
    assert!(recover(&pair, &counted(&changed)).is_err(), "behind the fold or under it");
    // One that the partner has answered long ago.
    let first = rows_of(&mut pair).keys().find(|key| matches!(key, Key::Outbox(..))).unwrap().clone();
    let mut changed = rows_of(&mut pair);
    let Some(Row::Outbox(row)) = changed.get_mut(&first) else { panic!("no row") };
    row.stage = Stage::Released;
    let exchange = recover(&pair, &counted(&changed)).unwrap();
    assert_eq!(exchange.backlog(LINK).unwrap().unanswered, 0, "it is not asked");
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

#[test]
fn sto_7_a_fold_that_rotted_on_the_disk_is_told_and_stops_no_start() {
    let mut pair = Pair::of([Disk::files(), Disk::files()]).link();
    for number in 1..=8 {
        pair.submit(0, &Draft::new(0, number).signed());
        pair.settle_all();
    }
    let database = rusqlite::Connection::open(pair.nodes[0].disk.database().unwrap()).unwrap();
    let rows: Vec<(i64, Vec<u8>)> = database
        .prepare("SELECT k, v FROM fold ORDER BY k")
        .unwrap()
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    assert_eq!(rows.len(), 2);
    // The one, then both: the other is gone on from, then everything is read.
    for (count, goes_on) in [(1, true), (2, false)] {
        for (key, bytes) in rows.iter().take(count) {
            let mut other = bytes.clone();
            let end = other.len() - 1;
            other[end] ^= 1;
            database.execute("UPDATE fold SET v = ?2 WHERE k = ?1", rusqlite::params![key, other]).unwrap();
        }
        pair.restart(0);
        let exchange = &pair.nodes[0].exchange;
        assert!(exchange.disbelieved().is_some(), "{count}");
        assert_eq!(exchange.folded_logs().is_empty(), !goes_on, "{count}");
        for (key, bytes) in &rows {
            database.execute("UPDATE fold SET v = ?2 WHERE k = ?1", rusqlite::params![key, bytes]).unwrap();
        }
    }
    drop(database);
    pair.restart(0);
    pair.settle_all();
    let sent = pair.submit(0, &Draft::new(0, 30).signed());
    pair.settle_all();
    assert!(pair.inbox(sent).is_some());
}
