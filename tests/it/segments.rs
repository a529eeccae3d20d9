//! Bodies outside the database: a crash at every effect, with and without what was not flushed, and files that are not
//! what rows name.
#![cfg(test)] // so that the lints know the helpers for tests

use relto_audit::{leaf::Precedence, origin::Origin};
use relto_exchange::{
    body::Body,
    rows::Draft,
    store::{Key, Reader as _, Row, Store as _, StoreError, Write, one},
};
use relto_host::{
    inspect::{Damage, Inspection},
    store::{
        OpenFault, SqliteReader, SqliteStore,
        segment::{Disk, Limits, Medium, SegmentFault},
    },
};
use relto_report::nation::Nation;
use relto_tests::{
    lossy::{Loss, Lossy},
    node::storage_key,
};
use std::{
    collections::BTreeMap,
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    sync::Arc,
};
use tempfile::TempDir;

const LIMITS: Limits = Limits { size: 16 * 1024, in_rows: 0, alone: 6 * 1024 };

/// Where parts of long payloads begin among the rows here: ten for each payload.
const PARTS: u64 = 100;

fn key(index: u64) -> Key {
    if index >= PARTS {
        return Key::Part([u8::try_from(index / 10).unwrap(); 16], index % 10);
    }
    Key::Payload(Origin::new("TEST-1", Nation::parse("XAA").unwrap(), 0), index)
}

fn body(index: u64, length: usize) -> Body {
    let seed = u8::try_from(index).unwrap();
    let plain = (0..length).map(|at| seed.wrapping_mul(31).wrapping_add((at % 251).try_into().unwrap())).collect();
    let body = Body::new(plain, [seed.wrapping_add(1); 32]);
    if index >= PARTS { body.of_long() } else { body }
}

/// The row at a key.
fn index_of(key: &Key) -> u64 {
    match key {
        Key::Payload(_, at) => *at,
        Key::Part([id, ..], at) => u64::from(*id) * 10 + at,
        other => panic!("{other:?}"),
    }
}

fn insert(index: u64, length: usize) -> Write {
    Write::Insert(key(index), Row::Body(body(index, length)))
}

/// What one step asks of a store.
enum Step {
    Write(Vec<Write>),
    /// The thread beside the writer.
    Make,
    /// What the writer does between two turns.
    Close,
}

/// First in rows, then in a segment, a long one alone, on into the next segment; some erased.
fn script() -> Vec<Step> {
    vec![
        Step::Write(vec![insert(0, 1_000), insert(1, 2_000)]),
        Step::Make,
        Step::Write(vec![insert(2, 1_000), insert(3, 3_000)]),
        Step::Write(vec![insert(4, 9_000), insert(5, 500)]),
        Step::Write(vec![insert(6, 3_500), insert(7, 10)]),
        Step::Make,
        Step::Write(vec![insert(8, 2_000), insert(9, 3_000)]),
        Step::Write(vec![Write::Erase(key(3)), Write::Erase(key(0)), insert(10, 700)]),
        Step::Close,
        Step::Write(vec![Write::Erase(key(4)), Write::Erase(key(2))]),
        Step::Close,
        Step::Write([5, 6, 7].map(|at| Write::Erase(key(at))).into()),
        Step::Close,
        Step::Write(vec![insert(11, 900)]),
    ]
}

/// Parts of two long payloads one behind the other, beside a short one, on into the next file; one of them goes, and then
/// the other.
fn parts() -> Vec<Step> {
    let all = |id: u64| Write::EraseAll(key(id * 10), key(id * 10 + 9));
    vec![
        Step::Write(vec![insert(100, 3_000), insert(101, 3_000), insert(0, 700)]),
        Step::Write(vec![insert(110, 3_000), insert(1, 9_000)]),
        Step::Make,
        Step::Write(vec![insert(102, 2_000), insert(2, 1_000)]),
        Step::Write(vec![insert(111, 9_000)]),
        Step::Write(vec![all(10), insert(112, 500)]),
        Step::Close,
        Step::Write(vec![insert(103, 20_000), all(11), insert(113, 10)]),
        Step::Close,
        Step::Write(vec![all(10), all(12)]),
        Step::Close,
        Step::Write(vec![insert(100, 100)]),
    ]
}

struct Files {
    folder: TempDir,
    /// What was acknowledged.
    rows: BTreeMap<u64, usize>,
    /// Ciphertexts of erased rows whose bytes are gone, too.
    gone: Vec<Body>,
}

impl Files {
    fn new() -> Self {
        let files = Self { folder: tempfile::tempdir().unwrap(), rows: BTreeMap::new(), gone: Vec::new() };
        drop(SqliteStore::create(&files.database(), &storage_key(1)).unwrap());
        files
    }

    fn database(&self) -> PathBuf {
        self.folder.path().join("node.db")
    }

    fn segments(&self) -> PathBuf {
        self.folder.path().join("node.db.seg")
    }

    fn open(&self, medium: Arc<dyn Medium>) -> Result<SqliteStore, OpenFault> {
        SqliteStore::open_with(&self.database(), &storage_key(1), (LIMITS, medium))
    }

    /// Runs the steps until one fails.
    fn run(&mut self, store: &mut SqliteStore, steps: Vec<Step>) -> Result<(), StoreError> {
        let fence = store.fence();
        let mut erased = Vec::new();
        for step in steps {
            match step {
                Step::Make => store.segment_maker().keep()?,
                Step::Close => {
                    store.keep_segments()?;
                    self.gone.append(&mut erased);
                }
                Step::Write(writes) => {
                    store.commit(fence, &writes)?;
                    for write in writes {
                        match write {
                            Write::Insert(key, Row::Body(body)) => {
                                self.rows.insert(index_of(&key), body.plain().len());
                            }
                            Write::Erase(key) => {
                                let at = index_of(&key);
                                erased.push(body(at, self.rows.remove(&at).unwrap()));
                            }
                            Write::EraseAll(from, to) => {
                                for at in index_of(&from)..=index_of(&to) {
                                    erased.extend(self.rows.remove(&at).map(|length| body(at, length)));
                                }
                            }
                            other => panic!("{other:?}"),
                        }
                    }
                }
            }
        }
        Ok(())
    }

    /// Every row that was acknowledged reads as it was written, none that was erased reads at all, and its bytes are gone.
    fn check(&self, store: &SqliteStore) {
        for at in (0..16).chain(PARTS..PARTS + 30) {
            let found = one(store, &key(at)).unwrap();
            let wanted = self.rows.get(&at).map(|length| Row::Bytes(body(at, *length).plain().to_vec()));
            assert!(found == wanted, "row {at}: {} there", if found.is_some() { "another is" } else { "none is" });
        }
        let Ok(entries) = fs::read_dir(self.segments()) else { return };
        for entry in entries {
            let bytes = fs::read(entry.unwrap().path()).unwrap();
            for body in &self.gone {
                let text = &body.at_rest().unwrap().text[..32.min(body.plain().len())];
                assert!(!bytes.windows(text.len()).any(|window| window == text), "bytes of an erased row");
            }
        }
    }
}

fn disk() -> Arc<dyn Medium> {
    Arc::new(Disk)
}

/// Files after the whole script.
fn filled() -> Files {
    let mut files = Files::new();
    let mut store = files.open(disk()).unwrap();
    files.run(&mut store, script()).unwrap();
    files.check(&store);
    files
}

#[test]
fn sto_2_a_crash_at_any_effect_loses_nothing_that_was_acknowledged() {
    crash_at_any_effect(script, 30);
}

#[test]
fn sto_10_a_crash_at_any_effect_loses_no_part_of_a_long_payload() {
    crash_at_any_effect(parts, 20);
    let mut files = Files::new();
    let mut store = files.open(disk()).unwrap();
    files.run(&mut store, parts().into_iter().take(5).collect()).unwrap();
    let names = || fs::read_dir(files.segments()).unwrap().count();
    assert_eq!(names(), 4, "two files of parts, a long body alone, a segment");
    assert_eq!(store.segment_bytes().unwrap().dead, 0);
    drop(store);
    files.check(&files.open(disk()).unwrap());
}

#[test]
fn sto_10_without_its_flush_a_part_would_be_lost_and_that_is_found() {
    let lossy = Lossy::without_flush();
    let mut files = Files::new();
    let mut store = files.open(Arc::new(lossy.clone())).unwrap();
    files.run(&mut store, vec![Step::Write(vec![insert(100, 3_000)])]).unwrap();
    drop(store);
    lossy.lose(Loss::All);
    let fault = files.open(disk()).err().unwrap();
    assert!(matches!(fault, OpenFault::Segment { .. }), "{fault}");
}

fn crash_at_any_effect(script: fn() -> Vec<Step>, effects: usize) {
    let whole = Lossy::default();
    let mut files = Files::new();
    let mut store = files.open(Arc::new(whole.clone())).unwrap();
    files.run(&mut store, script()).unwrap();
    let lengths = whole.lengths();
    assert!(lengths.len() > effects, "{lengths:?}");
    for (effect, length) in lengths.iter().enumerate() {
        // Zeros that are written ahead are nobody's: in their middle one crash is as another.
        let step = if *length > 8 * 512 { *length / 2 + 1 } else { 512 };
        for bytes in (0..=*length).step_by(step) {
            // Of a part that is lost whole nothing was written.
            let losses = if bytes == 0 { [Loss::Nothing, Loss::All] } else { [Loss::Nothing, Loss::Half] };
            for loss in losses {
                let lossy = Lossy::crashing(u64::try_from(effect).unwrap(), bytes);
                let mut files = Files::new();
                let mut store = files.open(Arc::new(lossy.clone())).unwrap();
                // An effect written whole, and the crash behind it, is no fault of the store's yet.
                let _ = files.run(&mut store, script());
                assert!(lossy.has_crashed());
                drop(store);
                lossy.lose(loss);
                let mut store = files.open(disk()).unwrap_or_else(|fault| panic!("{effect} {bytes} {loss:?}: {fault}"));
                store.keep_segments().unwrap();
                files.check(&store);
                // And it goes on, over what the crash left behind the end.
                let more = vec![Step::Write(vec![insert(12, 800)]), Step::Make, Step::Write(vec![insert(13, 900)])];
                files.run(&mut store, more).unwrap();
                drop(store);
                files.check(&files.open(disk()).unwrap());
            }
        }
    }
}

#[test]
fn without_its_flush_a_segment_would_lose_rows_and_that_is_found() {
    let lossy = Lossy::without_flush();
    let mut files = Files::new();
    let mut store = files.open(Arc::new(lossy.clone())).unwrap();
    let steps = script().into_iter().take(4).collect();
    files.run(&mut store, steps).unwrap();
    drop(store);
    lossy.lose(Loss::All);
    let fault = files.open(disk()).err().unwrap();
    assert!(matches!(fault, OpenFault::Segment { source: SegmentFault::Missing, .. }), "{fault}");
}

#[test]
fn sto_3_a_segment_is_whole_before_a_row_names_it() {
    let mut files = Files::new();
    let mut store = files.open(disk()).unwrap();
    files.run(&mut store, script().into_iter().take(1).collect()).unwrap();
    // What a crash left half made under another name, and what looks like a segment and is none.
    fs::create_dir(files.segments()).unwrap();
    let path = |name: &str| files.segments().join(name);
    fs::write(path("00000001.new"), [0; 100]).unwrap();
    fs::write(path("00000001.seg"), [0; 100]).unwrap();
    fs::write(path("notes.txt"), b"an operator's").unwrap();
    drop(store);
    let mut store = files.open(disk()).unwrap();
    let names = || -> Vec<String> {
        let entries = fs::read_dir(files.segments()).unwrap();
        let mut names: Vec<String> = entries.map(|one| one.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    };
    assert_eq!(names(), ["00000001.seg", "notes.txt"]);
    let fence = store.fence();
    store.commit(fence, &[insert(2, 1_000)]).unwrap();
    assert_eq!(
        fs::read(path("00000001.seg")).unwrap(),
        [0; 100],
        "nobody waits for a segment: the body stands in its row"
    );
    store.segment_maker().keep().unwrap();
    assert_eq!(names(), ["00000001.seg", "notes.txt"]);
    let made = fs::read(path("00000001.seg")).unwrap();
    assert_eq!(made.len(), 16 * 1024);
    assert!(made[..8] == *b"reltoseg" && made[4_096..].iter().all(|byte| *byte == 0));
    // It stays for the next start.
    drop(store);
    let mut store = files.open(disk()).unwrap();
    let fence = store.fence();
    store.commit(fence, &[insert(3, 1_000)]).unwrap();
    assert!(fs::read(path("00000001.seg")).unwrap()[4_096..].starts_with(b"rrec"));
}

#[test]
fn sto_2_long_bodies_of_a_turn_that_never_was_fill_no_disk() {
    let mut files = Files::new();
    let mut store = files.open(disk()).unwrap();
    files.run(&mut store, vec![Step::Write(vec![insert(0, 9_000)])]).unwrap();
    let fence = store.fence();
    // The last row stands already.
    let turn = [insert(1, 9_000), insert(2, 9_000), insert(0, 10)];
    assert!(matches!(store.commit(fence, &turn), Err(StoreError::Fatal(_))));
    let names: Vec<_> = fs::read_dir(files.segments()).unwrap().map(|one| one.unwrap().file_name()).collect();
    assert_eq!(names, ["00000000.one"]);
}

#[test]
fn sto_6_bytes_of_an_erased_row_go_after_a_crash_too() {
    let mut files = Files::new();
    let mut store = files.open(disk()).unwrap();
    files.run(&mut store, script().into_iter().take(4).collect()).unwrap();
    let fence = store.fence();
    let text = |at: u64, length| body(at, length).at_rest().unwrap().text.clone();
    let (erased, kept) = (text(3, 3_000), text(2, 1_000));
    let holds = |files: &Files, text: &[u8]| {
        let bytes = fs::read(files.segments().join("00000001.seg")).unwrap();
        bytes.windows(32).any(|window| window == &text[100..132])
    };
    store.commit(fence, &[Write::Erase(key(3))]).unwrap();
    files.rows.remove(&3);
    // The process ends between the commit and the hole.
    drop(store);
    assert!(holds(&files, &erased));
    let mut store = files.open(disk()).unwrap();
    store.keep_segments().unwrap();
    assert!(!holds(&files, &erased) && holds(&files, &kept));
    files.check(&store);
    let database = rusqlite::Connection::open(files.database()).unwrap();
    let count = |what: &str| database.query_row(what, [], |row| row.get::<_, u64>(0)).unwrap();
    assert_eq!(count("SELECT count(*) FROM hole"), 0);
    let live = files.rows.values().map(|length| u64::try_from(length + 16 + 49).unwrap());
    let inside: u64 = [0_u64, 1].iter().map(|at| u64::try_from(files.rows[at] + 65).unwrap()).sum();
    assert_eq!(count("SELECT sum(live) FROM segment"), live.sum::<u64>() - inside);
    assert_eq!(store.segment_bytes().unwrap().dead, 3_000 + 16 + 49, "space that it left");
}

#[test]
fn sto_4_a_folder_that_does_not_belong_to_the_database_is_found_at_start() {
    let files = filled();
    let first = |files: &Files, ending: &str| -> PathBuf {
        let mut found: Vec<PathBuf> =
            fs::read_dir(files.segments()).unwrap().map(|entry| entry.unwrap().path()).collect();
        found.retain(|path| path.extension().is_some_and(|found| found == ending));
        found.sort();
        found.remove(0)
    };
    let file = first(&files, "seg");
    let good = fs::read(&file).unwrap();
    let fault = |files: &Files| match files.open(disk()).err().unwrap() {
        OpenFault::Segment { source, .. } => source,
        other => panic!("{other}"),
    };
    fs::remove_file(&file).unwrap();
    assert!(matches!(fault(&files), SegmentFault::Missing));
    fs::write(&file, &good[..5_000]).unwrap();
    assert!(matches!(fault(&files), SegmentFault::Short { found: 5_000, .. }));
    let other = filled();
    fs::copy(first(&other, "seg"), &file).unwrap();
    assert!(matches!(fault(&files), SegmentFault::Foreign));
    let mut changed = good.clone();
    changed[20] ^= 1;
    fs::write(&file, changed).unwrap();
    assert!(matches!(fault(&files), SegmentFault::Header));
    fs::write(&file, &good).unwrap();
    files.check(&files.open(disk()).unwrap());
    // A database of an earlier day beside today's folder takes nothing away: the right one opens again.
    let (today, yesterday) = (fs::read(files.database()).unwrap(), Files::new());
    for ending in ["-wal", "-shm"] {
        let _ = fs::remove_file(format!("{}{ending}", files.database().display()));
    }
    fs::copy(yesterday.database(), files.database()).unwrap();
    assert!(matches!(fault(&files), SegmentFault::Foreign));
    fs::write(files.database(), today).unwrap();
    files.check(&files.open(disk()).unwrap());
    // Nor is a new store made there.
    fs::rename(files.database(), files.folder.path().join("aside")).unwrap();
    let made = SqliteStore::create(&files.database(), &storage_key(1)).err().unwrap();
    assert!(matches!(&made, OpenFault::Exists(path) if *path == files.segments()), "{made}");
    fs::rename(files.folder.path().join("aside"), files.database()).unwrap();
    // Numbers that would write over bodies.
    let database = rusqlite::Connection::open(files.database()).unwrap();
    for (change, back) in [
        (
            "UPDATE counter SET value = 1 WHERE name = 'alone'",
            "UPDATE counter SET value = 4294967297 WHERE name = 'alone'",
        ),
        ("UPDATE segment SET end = end - 60000", "UPDATE segment SET end = end + 60000"),
    ] {
        assert!(database.execute(change, []).unwrap() > 0);
        assert!(files.open(disk()).is_err(), "{change}");
        assert!(database.execute(back, []).unwrap() > 0);
    }
    drop(database);
    fs::remove_dir_all(files.segments()).unwrap();
    let words = files.open(disk()).err().unwrap().to_string();
    assert!(words.contains(".seg") && words.contains("put back the folder"), "{words}");
}

#[test]
fn sto_5_a_record_that_is_another_is_told_by_its_file_and_place() {
    let files = filled();
    let file = files.segments().join("00000002.seg");
    let good = fs::read(&file).unwrap();
    let log = Origin::new("TEST-1", Nation::parse("XAA").unwrap(), 0);
    let read = |index| Inspection::open(&files.database(), &storage_key(1)).unwrap().payload(log, index);
    let text = body(8, 2_000).at_rest().unwrap().text.clone();
    let at = good.windows(text.len()).position(|window| window == text).unwrap();
    // Each byte of its header and of its text.
    for place in (at - 49..at + 60).chain([at + text.len() - 1]) {
        let mut changed = good.clone();
        changed[place] ^= 1;
        fs::write(&file, &changed).unwrap();
        match read(8) {
            Err(Damage::Outside(words)) => {
                assert!(place < at && words.contains("00000002.seg: at byte"), "{place} {words}");
            }
            Err(Damage::Sealed) => assert!(place >= at),
            other => panic!("{place}: {other:?}"),
        }
        assert!(SqliteReader::open(&files.database(), &storage_key(1)).unwrap().get(&[key(8)]).is_err());
    }
    // Two rows that name each other's records.
    fs::write(&file, &good).unwrap();
    let database = rusqlite::Connection::open(files.database()).unwrap();
    let swap =
        "UPDATE payload SET offset = (SELECT offset FROM payload WHERE k % 4096 = 9), length = 3016 WHERE k % 4096 = 8";
    assert_eq!(database.execute(swap, []).unwrap(), 1);
    assert!(matches!(read(8), Err(Damage::Outside(_))));
    assert!(matches!(read(9), Ok(Some(_))));
}

#[test]
fn the_offline_verifier_finds_what_rows_and_files_do_not_say_alike() {
    let files = filled();
    let look = || Inspection::open(&files.database(), &storage_key(1)).unwrap().segments().unwrap();
    let found = look();
    assert_eq!((found.files, found.faults.len()), (1, 0), "{found:?}");
    let live: usize = [8_u64, 9, 10, 11].iter().map(|at| files.rows[at] + 65).sum();
    assert_eq!((found.live, found.dead), (u64::try_from(live).unwrap(), 0));
    let told = files.open(disk()).unwrap().segment_bytes().unwrap();
    assert_eq!((told.live, told.dead), (found.live, found.dead), "the database alone says the same");
    let database = rusqlite::Connection::open(files.database()).unwrap();
    let tell = |change: &str, back: &str, words: &str| {
        assert!(database.execute(change, []).unwrap() > 0, "{change}");
        let faults = look().faults.join("; ");
        assert!(faults.contains(words), "{change}: {faults}");
        assert!(database.execute(back, []).unwrap() > 0);
        assert!(look().faults.is_empty());
    };
    let moved = "UPDATE payload SET offset = offset - 10 WHERE k % 4096 = 9";
    tell(
        moved,
        "UPDATE payload SET offset = offset + 10 WHERE k % 4096 = 9",
        "1 rows name bytes that are another row's",
    );
    tell("UPDATE segment SET live = live + 1", "UPDATE segment SET live = live - 1", "and the database counts");
    tell("UPDATE segment SET end = 99999", &format!("UPDATE segment SET end = {}", 4_096 + live), "has 16384 bytes");
    tell("UPDATE segment SET n = 7", "UPDATE segment SET n = 2", "4 rows stand in segment files");
}

#[test]
fn sto_1_few_bytes_stand_in_rows_and_files_are_for_their_owner() {
    let files = filled();
    let database = rusqlite::Connection::open(files.database()).unwrap();
    let outside = |at: u64| -> bool {
        let text = format!("SELECT segment IS NOT NULL FROM payload WHERE k % 4096 = {at}");
        database.query_row(&text, [], |row| row.get(0)).unwrap()
    };
    assert!(!outside(1) && outside(8) && outside(11));
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&files.segments()), 0o700);
    let names: Vec<PathBuf> = fs::read_dir(files.segments()).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert!(names.iter().all(|path| mode(path) == 0o600), "{names:?}");
    // The first is gone with its last row, and the long one with its own.
    assert_eq!(names, [files.segments().join("00000002.seg")]);
    // With the limits of a node, a few reports stay in their rows, and more than 64 KiB at once go outside.
    let mut store = SqliteStore::open(&files.database(), &storage_key(1)).unwrap();
    let fence = store.fence();
    store.commit(fence, &[insert(12, 60_000)]).unwrap();
    assert!(!outside(12));
    store.commit(fence, &[insert(13, 40_000), insert(14, 40_000)]).unwrap();
    assert!(outside(14) || !outside(13), "the segment of the test is too short for both");
}

#[test]
fn api_20_a_draft_takes_what_its_parts_take() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("node.db");
    let mut store = SqliteStore::create(&file, &storage_key(1)).unwrap();
    let draft = Row::Draft(Draft {
        author: Vec::new(),
        signature: Vec::new(),
        precedence: Precedence::Routine,
        emergency: false,
        approvals: Vec::new(),
    });
    let body = |length| Row::Body(Body::new(vec![7; length], [7; 32]).of_long());
    let mut writes = Vec::new();
    for id in [[1; 16], [0xff; 16]] {
        writes.push(Write::Insert(Key::Draft(id), draft.clone()));
        writes.push(Write::Insert(Key::DraftBody(id), Row::Bytes(b"salt and head".to_vec())));
    }
    for (id, offset) in [([1; 16], 0), ([1; 16], 262_144), ([2; 16], 0), ([0xff; 16], 0)] {
        writes.push(Write::Insert(Key::Part(id, offset), body(200_000)));
    }
    store.commit(store.fence(), &writes).unwrap();
    let drafts = SqliteReader::open(&file, &storage_key(1)).unwrap().drafts().unwrap();
    let parts: Vec<u64> = drafts.iter().map(|(_, bytes)| bytes / 200_000).collect();
    assert_eq!((drafts.len(), parts), (2, vec![2, 1]));
}
