//! One suite for every store: what memory promises, SQLite keeps, and keeps across a restart.
#![cfg(test)] // so that the lints know the helpers for tests

mod copies;

use relto_audit::{
    checkpoint::Checkpoint,
    leaf::{Head, Precedence, Verdict},
    origin::Origin,
    tree::empty_root,
};
use relto_exchange::{
    body::Body,
    rows::{Awaited, Confirmation, Detail, Draft, Inbox, Outbox, Stage, Submission, SubmissionState, Upload},
    seal::HeadFile as _,
    store::{Fence, Key, Reader, Row, SerialAt, Store, StoreError, SubtreeAt, Write, one},
};
use relto_host::{
    heads::HeadRing,
    store::{
        OpenFault, SqliteReader, SqliteStore,
        segment::{Disk, Limits},
    },
};
use relto_policy::{code::Code, ground::Ground};
use relto_report::{crypto::sha256, nation::Nation};
use relto_tests::{
    fixture,
    memory::{CommitFault, MemoryDisk},
    node::storage_key,
};
use std::{collections::BTreeSet, path::PathBuf, sync::Arc};
use tempfile::TempDir;

const SECRET: &[u8] = b"the text of a report that nobody may read on this disk";

/// A kind of store, and how its process ends and starts again.
trait Kind {
    fn open(&mut self) -> (Box<dyn Store>, Fence);
}

struct Memory(MemoryDisk);

impl Kind for Memory {
    fn open(&mut self) -> (Box<dyn Store>, Fence) {
        let store = self.0.open();
        let fence = store.fence();
        (Box::new(store), fence)
    }
}

struct Sqlite(TempDir);

impl Sqlite {
    fn new() -> Self {
        let sqlite = Self(tempfile::tempdir().unwrap());
        drop(SqliteStore::create(&sqlite.file(), &storage_key(1)).unwrap());
        sqlite
    }

    fn file(&self) -> PathBuf {
        self.0.path().join("node.db")
    }
}

impl Kind for Sqlite {
    fn open(&mut self) -> (Box<dyn Store>, Fence) {
        let store = SqliteStore::open(&self.file(), &storage_key(1)).unwrap();
        let fence = store.fence();
        (Box::new(store), fence)
    }
}

/// The same with every body outside the database that may stand there.
struct Outside(Sqlite);

impl Outside {
    fn new() -> Self {
        let mut kind = Self(Sqlite::new());
        let (mut store, fence) = kind.open();
        // The first body asks for a segment.
        store.commit(fence, &[Write::Insert(Key::Payload(log("XZZ"), 0), bytes(SECRET))]).unwrap();
        kind
    }
}

impl Kind for Outside {
    fn open(&mut self) -> (Box<dyn Store>, Fence) {
        let limits = Limits { size: 256 * 1024, in_rows: 0, alone: 128 * 1024 };
        let store = SqliteStore::open_with(&self.0.file(), &storage_key(1), (limits, Arc::new(Disk))).unwrap();
        let fence = store.fence();
        (Box::new(Bodies(store)), fence)
    }
}

/// Writes payloads and home files as the exchange does: encrypted before the turn.
struct Bodies(SqliteStore);

impl Reader for Bodies {
    fn get(&self, keys: &[Key]) -> Result<Vec<Option<Row>>, StoreError> {
        self.0.get(keys)
    }

    fn scan(&self, from: &Key, to: &Key, limit: usize) -> Result<Vec<(Key, Row)>, StoreError> {
        self.0.scan(from, to, limit)
    }
}

impl Store for Bodies {
    fn commit(&mut self, fence: Fence, writes: &[Write]) -> Result<(), StoreError> {
        let body = |write: &Write| match write {
            Write::Insert(key @ (Key::Payload(..) | Key::Home(..)), Row::Bytes(bytes)) => {
                Write::Insert(key.clone(), Row::Body(Body::new(bytes.clone(), [7; 32])))
            }
            other => other.clone(),
        };
        self.0.commit(fence, &writes.iter().map(body).collect::<Vec<_>>())?;
        self.0.segment_maker().keep()?;
        self.0.keep_segments()
    }
}

fn each(run: impl Fn(&mut dyn Kind)) {
    run(&mut Memory(MemoryDisk::default()));
    run(&mut Sqlite::new());
    run(&mut Outside::new());
}

fn log(owner: &str) -> Origin {
    Origin::new("TEST-1", Nation::parse(owner).unwrap(), 0)
}

fn bytes(text: &[u8]) -> Row {
    Row::Bytes(text.to_vec())
}

fn outbox() -> Outbox {
    Outbox {
        submission: [1; 16],
        account: "author".to_owned(),
        serial: "XAA-J2-2026-0001".to_owned(),
        plaintext: relto_report::digest::Digest::from_bytes([4; 32]),
        precedence: Precedence::Flash,
        length: 99,
        time: 5,
        leaf: sha256(&[b"leaf"]),
        exposed: true,
        stage: Stage::Resolved { outcome: 3, verdict: Verdict::Quarantined, codes: 1 << 63, time: 6 },
        confirmation: Confirmation::NotOwed,
        statement: None,
        acknowledged: None,
    }
}

fn awaited() -> Awaited {
    let digest = sha256(&[b"digest"]);
    Awaited {
        commitment: digest,
        length: 99,
        precedence: Precedence::Routine,
        time: 5,
        agreement: digest,
        leaf: digest,
        seen: Head { size: 1, root: empty_root() },
        spooled: 7,
        tries: 2,
        owed: Some(1),
        statement: None,
    }
}

/// One row of each kind, with text where a kind has any.
fn rows() -> Vec<(Key, Row)> {
    let text = || String::from_utf8(SECRET.to_vec()).unwrap();
    let inbox = Inbox {
        verdict: Verdict::Admitted,
        codes: 0,
        reasons: vec![Ground::of(Code::TopicUnknown, "reason")],
        outcome: 4,
        serial: "XBB-J2-2026-0001".to_owned(),
        precedence: Precedence::Priority,
        time: 5,
        length: 99,
        statement: None,
        acknowledged: None,
    };
    let detail = Detail {
        salt: [2; 32],
        account: text(),
        author: SECRET.to_vec(),
        signature: vec![0; 64],
        approvals: Vec::new(),
        basis: text(),
    };
    let submission = Submission {
        account: "author".to_owned(),
        signed: sha256(&[b"signed"]),
        agreement: "TEST-1".to_owned(),
        serial: "XAA-J2-2026-0001".to_owned(),
        precedence: Precedence::Immediate,
        time: 5,
        state: SubmissionState::Held(vec![Ground::of(Code::ApprovalRequired, "owed")]),
    };
    let upload =
        Upload { account: String::from_utf8(SECRET.to_vec()).unwrap(), length: 300_000, received: 262_144, time: 5 };
    let draft = Draft {
        author: SECRET.to_vec(),
        signature: vec![0; 64],
        precedence: Precedence::Immediate,
        emergency: true,
        approvals: Vec::new(),
    };
    vec![
        (Key::Leaf(log("XAA"), 0), bytes(b"leaf")),
        (Key::Checkpoint(log("XAA"), 1), bytes(b"checkpoint")),
        (Key::Subtree(log("XAA"), SubtreeAt { level: 2, index: 3 }), bytes(&[7; 32])),
        (Key::Payload(log("XAA"), 0), bytes(SECRET)),
        (Key::Detail(log("XAA"), 0), Row::Detail(detail)),
        (Key::Outbox(log("XAA"), 0), Row::Outbox(outbox())),
        (Key::Awaited(log("XBB"), 0), Row::Awaited(awaited())),
        (Key::Spool(log("XBB"), 0, 65_536), bytes(SECRET)),
        (Key::Inbox(log("XBB"), 0), Row::Inbox(inbox)),
        (Key::Submission([1; 16]), Row::Submission(submission)),
        (Key::Draft([1; 16]), Row::Draft(draft)),
        (Key::Home(log("XAA"), 0), bytes(SECRET)),
        (Key::DraftBody([1; 16]), bytes(SECRET)),
        (Key::DraftHome([1; 16]), bytes(SECRET)),
        (Key::Upload([2; 16]), Row::Upload(upload)),
        (Key::Part([2; 16], 262_144), bytes(SECRET)),
        (Key::SerialSalt, bytes(SECRET)),
        (Key::Fold(1 << 40), bytes(SECRET)),
    ]
}

fn inserts() -> Vec<Write> {
    rows().into_iter().map(|(key, row)| Write::Insert(key, row)).collect()
}

fn stands(reader: &dyn Reader, key: &Key) -> bool {
    one(reader, key).unwrap().is_some()
}

#[test]
fn rows_come_back_as_they_were_written() {
    each(|kind| {
        let (mut store, fence) = kind.open();
        store.commit(fence, &inserts()).unwrap();
        store.commit(fence, &[]).unwrap();
        let check = |store: &dyn Reader| {
            let (keys, wanted): (Vec<Key>, Vec<Row>) = rows().into_iter().unzip();
            let found: Vec<Row> = store.get(&keys).unwrap().into_iter().map(Option::unwrap).collect();
            assert_eq!(found, wanted);
            assert_eq!(store.get(&[Key::Leaf(log("XAA"), 1), Key::Leaf(log("XCC"), 0)]).unwrap(), [None, None]);
        };
        check(&*store);
        drop(store);
        let (store, later) = kind.open();
        assert_eq!(later.epoch, fence.epoch + 1);
        check(&*store);
    });
}

#[test]
fn rows_are_replaced_and_erased() {
    each(|kind| {
        let (mut store, fence) = kind.open();
        store.commit(fence, &inserts()).unwrap();
        let key = Key::Payload(log("XAA"), 0);
        store.commit(fence, &[Write::Replace(key.clone(), bytes(b"new"))]).unwrap();
        assert_eq!(one(&*store, &key).unwrap(), Some(bytes(b"new")));
        // Within one transaction each write sees those before it.
        let writes = [
            Write::Erase(key.clone()),
            Write::Insert(key.clone(), bytes(b"again")),
            Write::Replace(key.clone(), bytes(b"last")),
            Write::Erase(Key::Draft([1; 16])),
            Write::Erase(Key::Draft([9; 16])),
        ];
        store.commit(fence, &writes).unwrap();
        drop(store);
        let (store, _) = kind.open();
        assert_eq!(one(&*store, &key).unwrap(), Some(bytes(b"last")));
        assert!(!stands(&*store, &Key::Draft([1; 16])));
    });
}

#[test]
fn sto_10_all_parts_of_a_payload_go_at_once_and_no_others() {
    each(|kind| {
        let (mut store, fence) = kind.open();
        let body = |byte: u8, length| Row::Body(Body::new(vec![byte; length], [byte; 32]).of_long());
        let part = |id: u8, offset| Key::Part([id; 16], offset);
        let piece = |at, offset| Key::Spool(log("XBB"), at, offset);
        let all: Vec<Key> = vec![
            part(1, 9),
            part(2, 0),
            part(2, 300_000),
            part(3, 0),
            piece(3, 9),
            piece(4, 0),
            piece(4, 70_000),
            piece(5, 0),
        ];
        let writes = all.iter().zip(1..).map(|(key, byte)| Write::Insert(key.clone(), body(byte, 100_000)));
        store.commit(fence, &writes.collect::<Vec<_>>()).unwrap();
        let gone = [
            Write::EraseAll(part(2, 0), part(2, u64::MAX)),
            Write::EraseAll(piece(4, 0), piece(4, u64::MAX)),
            // What comes again in the same turn comes after what went.
            Write::Insert(piece(4, 0), body(99, 10)),
            Write::EraseAll(part(8, 0), part(8, u64::MAX)),
        ];
        store.commit(fence, &gone).unwrap();
        let check = |store: &dyn Reader| {
            for (key, byte) in all.iter().zip(1..) {
                let wanted = match key {
                    Key::Part([2, ..], _) | Key::Spool(_, 4, 70_000) => None,
                    Key::Spool(_, 4, _) => Some(bytes(&[99; 10])),
                    _ => Some(bytes(&vec![byte; 100_000])),
                };
                assert!(one(store, key).unwrap() == wanted, "{key:?}");
            }
        };
        check(&*store);
        drop(store);
        check(&*kind.open().0);
    });
}

#[test]
fn a_transaction_is_whole_or_nothing() {
    let (old, new) = (Key::Inbox(log("XBB"), 0), Key::Payload(log("XAA"), 7));
    let row = rows().into_iter().find(|(key, _)| *key == old).unwrap().1;
    let bad = [
        Write::Insert(old.clone(), row.clone()),
        Write::Replace(Key::Inbox(log("XBB"), 1), row),
        Write::Replace(Key::Leaf(log("XCC"), 0), bytes(b"of a log that is not there")),
        Write::Insert(Key::Leaf(log("XAA"), 0), bytes(b"another leaf 0")),
    ];
    for wrong in bad {
        each(|kind| {
            let (mut store, fence) = kind.open();
            store.commit(fence, &inserts()).unwrap();
            let erased = Key::Draft([1; 16]);
            let writes = [Write::Insert(new.clone(), bytes(b"new")), Write::Erase(erased.clone()), wrong.clone()];
            assert!(matches!(store.commit(fence, &writes), Err(StoreError::Fatal(_))));
            // From then on it takes nothing.
            let good = [Write::Insert(Key::Leaf(log("XAA"), 1), bytes(b"leaf"))];
            assert!(matches!(store.commit(fence, &good), Err(StoreError::Fatal(_))));
            drop(store);
            let (store, _) = kind.open();
            assert!(!stands(&*store, &new) && stands(&*store, &erased) && !stands(&*store, good[0].key()));
        });
    }
}

#[test]
fn scans_are_ordered_limited_and_of_one_log() {
    each(|kind| {
        let (mut store, fence) = kind.open();
        let mut writes: Vec<Write> = [5_u64, 300, 0, 70_000, 1]
            .iter()
            .flat_map(|at| {
                ["XAA", "XBB"].map(|owner| Write::Insert(Key::Leaf(log(owner), *at), bytes(owner.as_bytes())))
            })
            .collect();
        for (at, offset) in [(2, 0), (1, 65_536), (256, 0), (1, 0), (1, 131_072)] {
            writes.push(Write::Insert(Key::Spool(log("XBB"), at, offset), bytes(b"piece")));
        }
        for id in [[3; 16], [1; 16], [2; 16]] {
            let submission = rows().into_iter().find(|(key, _)| matches!(key, Key::Submission(_))).unwrap().1;
            writes.push(Write::Insert(Key::Submission(id), submission));
        }
        store.commit(fence, &writes).unwrap();
        let leaves = |from, to, limit| -> Vec<u64> {
            let rows = store.scan(&Key::Leaf(log("XAA"), from), &Key::Leaf(log("XAA"), to), limit).unwrap();
            rows.into_iter()
                .map(|(key, row)| {
                    assert_eq!(row, bytes(b"XAA"));
                    let Key::Leaf(_, at) = key else { panic!("{key:?}") };
                    at
                })
                .collect()
        };
        assert_eq!(leaves(0, u64::MAX, usize::MAX), [0, 1, 5, 300, 70_000]);
        assert_eq!(leaves(1, 300, usize::MAX), [1, 5, 300]);
        assert_eq!(leaves(1, 300, 2), [1, 5]);
        assert_eq!(leaves(6, 299, 9), Vec::<u64>::new());
        assert_eq!(leaves(5, 1, 9), Vec::<u64>::new());
        assert_eq!(leaves(0, 9, 0), Vec::<u64>::new());
        let unknown = store.scan(&Key::Leaf(log("XCC"), 0), &Key::Leaf(log("XCC"), u64::MAX), 9).unwrap();
        assert_eq!(unknown, []);
        let spool = |from: (u64, u64), to: (u64, u64)| -> Vec<(u64, u64)> {
            let key = |(at, offset)| Key::Spool(log("XBB"), at, offset);
            let rows = store.scan(&key(from), &key(to), usize::MAX).unwrap();
            let place = |(key, _)| if let Key::Spool(_, at, offset) = key { (at, offset) } else { panic!("{key:?}") };
            rows.into_iter().map(place).collect()
        };
        assert_eq!(spool((0, 0), (u64::MAX, u64::MAX)), [(1, 0), (1, 65_536), (1, 131_072), (2, 0), (256, 0)]);
        assert_eq!(spool((1, 1), (2, 0)), [(1, 65_536), (1, 131_072), (2, 0)]);
        let ids = store.scan(&Key::Submission([0; 16]), &Key::Submission([0xff; 16]), usize::MAX).unwrap();
        let ids: Vec<Key> = ids.into_iter().map(|(key, _)| key).collect();
        assert_eq!(ids, [[1; 16], [2; 16], [3; 16]].map(Key::Submission));
    });
}

#[test]
fn sto_8_serials_are_found_whatever_log_they_are_of_and_may_be_written_twice() {
    each(|kind| {
        let (mut store, fence) = kind.open();
        let at = |serial: u8, owner: &str, index| SerialAt { serial: [serial; 16], log: log(owner), index };
        let rows = [at(1, "XBB", 3), at(2, "XAA", 7), at(2, "XBB", u64::from(u32::MAX)), at(3, "XAA", 0)];
        let write = |at: &SerialAt| Write::Insert(Key::Serial(*at), bytes(b""));
        store.commit(fence, &rows.iter().map(write).collect::<Vec<_>>()).unwrap();
        store.commit(fence, &rows.iter().map(write).collect::<Vec<_>>()).unwrap();
        let end = |serial: u8, log: u8, index| {
            Key::Serial(SerialAt { serial: [serial; 16], log: Origin::from_bytes([log; 32]), index })
        };
        let found = |store: &dyn Reader, from, to| -> Vec<Key> {
            let rows = store.scan(&end(from, 0, 0), &end(to, 0xff, u64::MAX), 9).unwrap();
            rows.into_iter().map(|(key, _)| key).collect()
        };
        let sorted = |rows: &[SerialAt]| rows.iter().map(|at| Key::Serial(*at)).collect::<BTreeSet<Key>>();
        let set = |keys: Vec<Key>| keys.into_iter().collect::<BTreeSet<Key>>();
        assert_eq!(set(found(&*store, 2, 2)), sorted(&rows[1..3]));
        assert_eq!(set(found(&*store, 0, 0xff)), sorted(&rows));
        assert_eq!(found(&*store, 4, 4), []);
        // Another opening knows the logs by their numbers alone.
        drop(store);
        let (store, _) = kind.open();
        assert_eq!(set(found(&*store, 2, 3)), sorted(&rows[1..]));
    });
}

#[test]
fn a_large_row_is_kept_whole() {
    each(|kind| {
        let (mut store, fence) = kind.open();
        let large = bytes(&SECRET.repeat(60_000));
        store.commit(fence, &[Write::Insert(Key::Payload(log("XAA"), 1), large.clone())]).unwrap();
        drop(store);
        let (store, _) = kind.open();
        assert_eq!(one(&*store, &Key::Payload(log("XAA"), 1)).unwrap(), Some(large));
    });
}

#[test]
fn an_older_start_is_fenced_off() {
    each(|kind| {
        let (mut store, fence) = kind.open();
        let old = Fence { epoch: fence.epoch - 1 };
        let writes = [Write::Insert(Key::Leaf(log("XAA"), 0), bytes(b"leaf"))];
        assert_eq!(store.commit(old, &writes), Err(StoreError::Fenced));
        assert!(matches!(store.commit(fence, &writes), Err(StoreError::Fatal(_))), "it takes nothing more");
        drop(store);
        let (store, _) = kind.open();
        assert!(!stands(&*store, writes[0].key()));
    });
    // The older of two that have a store in memory open.
    let disk = MemoryDisk::default();
    let (mut older, mut newer) = (disk.open(), disk.open());
    let writes = [Write::Insert(Key::Leaf(log("XAA"), 0), bytes(b"leaf"))];
    let fence = older.fence();
    assert_eq!(older.commit(fence, &writes), Err(StoreError::Fenced));
    let fence = newer.fence();
    assert_eq!(newer.commit(fence, &writes), Ok(()));
}

#[test]
fn faults_on_demand_are_what_they_say() {
    for (fault, answer, written, goes_on) in [
        (CommitFault::Full, StoreError::Full, false, true),
        (CommitFault::ReportedFailed, StoreError::Fatal("a commit failed"), true, false),
        (CommitFault::NotWritten, StoreError::Fatal("a write failed"), false, false),
    ] {
        let disk = MemoryDisk::default();
        let mut store = disk.open();
        let fence = store.fence();
        let write = |at| [Write::Insert(Key::Leaf(log("XAA"), at), bytes(b"leaf"))];
        store.fail(1, fault);
        store.commit(fence, &write(0)).unwrap();
        assert_eq!(store.commit(fence, &write(1)), Err(answer));
        assert_eq!(stands(&store, &Key::Leaf(log("XAA"), 1)), written);
        assert_eq!(store.commit(fence, &write(2)).is_ok(), goes_on);
    }
}

#[test]
fn text_does_not_stand_in_the_files_of_a_database() {
    let mut kind = Sqlite::new();
    let (mut store, fence) = kind.open();
    store.commit(fence, &inserts()).unwrap();
    let names = |kind: &Sqlite| -> BTreeSet<String> {
        let entries = std::fs::read_dir(kind.0.path()).unwrap();
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    };
    let holds = |kind: &Sqlite, text: &[u8]| {
        let files = names(kind).into_iter().map(|name| std::fs::read(kind.0.path().join(name)).unwrap());
        files.into_iter().any(|file| file.windows(text.len()).any(|window| window == text))
    };
    assert!(names(&kind).contains("node.db-wal"), "{:?}", names(&kind));
    assert!(!holds(&kind, SECRET), "in the write-ahead log");
    assert!(holds(&kind, b"checkpoint"), "the search finds what stands there");
    drop(store);
    assert!(!holds(&kind, SECRET), "in the database");
    assert!(holds(&kind, b"checkpoint"));
    let (store, _) = kind.open();
    assert_eq!(one(&*store, &Key::Payload(log("XAA"), 0)).unwrap(), Some(bytes(SECRET)));
}

#[test]
fn a_store_opens_once_and_with_its_own_key() {
    let mut kind = Sqlite::new();
    let file = kind.file();
    assert!(matches!(SqliteStore::create(&file, &storage_key(1)), Err(OpenFault::Exists(_))));
    assert!(matches!(SqliteStore::open(&file, &storage_key(2)), Err(OpenFault::WrongKey(_))));
    assert!(matches!(SqliteReader::open(&file, &storage_key(2)), Err(OpenFault::WrongKey(_))));
    let missing = file.with_file_name("other.db");
    assert!(matches!(SqliteStore::open(&missing, &storage_key(1)), Err(OpenFault::Missing(_))));
    assert!(matches!(SqliteReader::open(&missing, &storage_key(1)), Err(OpenFault::Missing(_))));
    let (mut store, fence) = kind.open();
    assert!(matches!(SqliteStore::open(&file, &storage_key(1)), Err(OpenFault::InUse(_))));
    // Readers may stand beside the writer, and see what is committed.
    let reader = SqliteReader::open(&file, &storage_key(1)).unwrap();
    assert!(!stands(&reader, &Key::Leaf(log("XAA"), 0)));
    store.commit(fence, &inserts()).unwrap();
    assert_eq!(one(&reader, &Key::Payload(log("XAA"), 0)).unwrap(), Some(bytes(SECRET)));
    drop(store);
    drop(kind.open());
}

fn head(log: Origin, size: u64) -> relto_audit::checkpoint::SignedCheckpoint {
    let key = fixture::key("seal");
    Checkpoint { origin: log, size, root: sha256(&[&size.to_le_bytes()]) }.sign(&key).unwrap()
}

#[test]
fn hed_1_the_head_file_gives_the_newest_head_of_each_log() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("heads");
    assert!(HeadRing::open(&path).is_err(), "missing is not empty");
    let mut ring = HeadRing::create(&path).unwrap();
    assert!(HeadRing::create(&path).is_err(), "an existing file is never touched");
    assert_eq!(HeadRing::open(&path).unwrap().newest().count(), 0);
    let length = std::fs::metadata(&path).unwrap().len();
    for size in 1..=11 {
        ring.record(&[head(log("XAA"), size), head(log("XBB"), 100 + size)]).unwrap();
        let read = HeadRing::open(&path).unwrap();
        let newest: Vec<(Origin, Vec<u8>)> = read.newest().map(|(log, note)| (*log, note.to_vec())).collect();
        let wanted = [head(log("XAA"), size), head(log("XBB"), 100 + size)];
        let mut wanted = wanted.map(|head| (head.checkpoint().origin, head.as_bytes().to_vec()));
        wanted.sort();
        assert_eq!(newest, wanted);
    }
    assert_eq!(std::fs::metadata(&path).unwrap().len(), length, "it is made at its full size");
    // It goes on where it was when the process starts again.
    drop(ring);
    HeadRing::open(&path).unwrap().record(&[head(log("XCC"), 1), head(log("XAA"), 12)]).unwrap();
    let newest = HeadRing::open(&path).unwrap().newest().count();
    assert_eq!(newest, 3);
}

#[test]
fn hed_4_a_torn_slot_gives_the_head_before() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("heads");
    let mut ring = HeadRing::create(&path).unwrap();
    for size in 1..=6 {
        ring.record(&[head(log("XAA"), size)]).unwrap();
    }
    drop(ring);
    let whole = std::fs::read(&path).unwrap();
    let newest = head(log("XAA"), 6).as_bytes().to_vec();
    let slot = whole.windows(newest.len()).position(|window| window == newest).unwrap() / 1024 * 1024;
    for torn in [1, 4, 12, 100, 512, 1023] {
        let mut file = whole.clone();
        file[slot + torn..slot + 1024].fill(0);
        std::fs::write(&path, &file).unwrap();
        let ring = HeadRing::open(&path).unwrap();
        let (_, note) = ring.newest().next().unwrap();
        assert_eq!(note, head(log("XAA"), 5).as_bytes(), "torn at byte {torn}");
    }
}
