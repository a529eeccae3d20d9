//! `relto audit verify` over a store that is right, and over the same store with one byte changed at a time.

mod ends;

use super::{Ran, lab, relto, text};
use relto_audit::{
    checkpoint::Checkpoint,
    commitment::commit_anchor,
    commitment::{commit, commit_detail, plaintext_digest},
    leaf::{Head, Leaf, Outcome, Precedence, Released, Verdict},
    origin::Origin,
    tree::{Frontier, leaf_hash},
};
use relto_exchange::{
    head_write::HeadWrite,
    journal::{self, Act, Entry},
    rows::{Awaited, Confirmation, Detail, Draft, Inbox, Outbox, Stage, Submission, SubmissionState},
    seal::HeadFile as _,
    store::{Key, Row, Store as _, Write, one},
};
use relto_host::{
    heads::HeadRing,
    keys::{load_secret32, load_signer},
    store::SqliteStore,
};
use relto_policy::{
    code::Code,
    ground::{Cause, Ground},
};
use relto_report::{
    codec,
    crypto::SoftwareKey,
    digest::Digest,
    nation::Nation,
    signed::{AuthorStatement, home_digest},
};
use rusqlite::{Connection, params, types::Value};
use std::{
    fs,
    path::{Path, PathBuf},
};

const AGREEMENT: &str = "XAA-XBB-2026-01";

/// A node's files: a report sent and its receipt, one received and one that is awaited, a refused and a held
/// submission.
struct Filled {
    _folder: tempfile::TempDir,
    config: PathBuf,
    database: PathBuf,
    heads: PathBuf,
    /// Every leaf and every checkpoint, as stored.
    rows: Vec<Vec<u8>>,
}

impl Filled {
    fn verify(&self) -> Ran {
        relto(&["audit", "verify", "--config", text(&self.config)])
    }
}

/// A log as its owner writes it, one checkpoint a leaf.
struct Writer<'a> {
    origin: Origin,
    key: &'a SoftwareKey,
    frontier: Frontier,
    writes: Vec<Write>,
    rows: Vec<Vec<u8>>,
    is_journal: bool,
}

impl<'a> Writer<'a> {
    fn new(origin: Origin, key: &'a SoftwareKey) -> Self {
        Self { origin, key, frontier: Frontier::new(), writes: Vec::new(), rows: Vec::new(), is_journal: false }
    }

    fn push(&mut self, leaf: Vec<u8>) {
        let at = self.frontier.size();
        self.frontier.push(&leaf);
        let head = Checkpoint::of(self.origin, &self.frontier).sign(self.key).unwrap();
        let note = head.as_bytes().to_vec();
        // An entry does not lie in the file as it is.
        let key = if self.is_journal { Key::Entry(self.origin, at) } else { Key::Leaf(self.origin, at) };
        self.rows.extend((!self.is_journal).then(|| leaf.clone()).into_iter().chain([note.clone()]));
        self.writes.push(Write::Insert(key, Row::Bytes(leaf)));
        self.writes.push(Write::Insert(Key::Checkpoint(self.origin, at + 1), Row::Bytes(note)));
    }
}

fn nation(text: &str) -> Nation {
    Nation::parse(text).unwrap()
}

const HOME: &[u8] = b"home file";

fn detail() -> Detail {
    let statement = AuthorStatement {
        agreement: AGREEMENT.to_owned(),
        recipient: nation("XBB"),
        traffic: "live".to_owned(),
        plaintext: Digest::from_bytes([6; 32]),
        home: home_digest(Some(HOME)),
    };
    Detail {
        salt: [5; 32],
        account: "author".to_owned(),
        author: codec::encode(&statement),
        signature: vec![2; 64],
        approvals: Vec::new(),
        basis: String::new(),
    }
}

/// The node's submissions: one released as leaf 1, one refused, one held.
const SUBMISSIONS: [[u8; 16]; 3] = [[1; 16], [2; 16], [3; 16]];

/// A Released leaf of this log at this index, and its payload.
fn released(log: Origin, index: u64, time: u64, detail: Digest) -> (Leaf, Vec<u8>) {
    let (salt, plaintext) = ([7_u8; 32], format!("what was sent as {index}").into_bytes());
    let length = u64::try_from(plaintext.len()).unwrap();
    let leaf = Leaf::Released(Released {
        time,
        agreement: Digest::from_bytes([3; 32]),
        commitment: commit(log, index, &salt, length, &plaintext_digest(&plaintext)),
        length: length + 32,
        precedence: Precedence::Routine,
        detail,
        seen: Head { size: 0, root: Frontier::new().root() },
    });
    (leaf, [&salt[..], &plaintext].concat())
}

/// Our log: Genesis and a report with payload, private detail and the rows that tell of it.
fn ours(key: &SoftwareKey) -> Writer<'_> {
    let mut log = Writer::new(Origin::new(AGREEMENT, nation("XAA"), 0), key);
    let origin = log.origin;
    log.push(Leaf::genesis(AGREEMENT, nation("XAA"), 0).encode());
    let (leaf, payload) = released(origin, 1, 1_000, commit_detail(origin, 1, &[5; 32], &codec::encode(&detail())));
    let outbox = Outbox {
        submission: SUBMISSIONS[0],
        account: "author".to_owned(),
        serial: "XAA-J2-2026-0001".to_owned(),
        plaintext: Digest::from_bytes([4; 32]),
        precedence: Precedence::Routine,
        length: u64::try_from(payload.len()).unwrap(),
        time: 1_000,
        leaf: leaf_hash(&leaf.encode()),
        exposed: true,
        stage: Stage::Resolved { outcome: 1, verdict: Verdict::Admitted, codes: 0, time: 2_000 },
        confirmation: Confirmation::NotOwed,
        statement: None,
        acknowledged: None,
    };
    log.push(leaf.encode());
    log.writes.push(Write::Insert(Key::Payload(origin, 1), Row::Bytes(payload)));
    log.writes.push(Write::Insert(Key::Detail(origin, 1), Row::Detail(detail())));
    log.writes.push(Write::Insert(Key::Home(origin, 1), Row::Bytes(HOME.to_vec())));
    log.writes.push(Write::Insert(Key::Outbox(origin, 1), Row::Outbox(outbox)));
    log.writes.extend(submissions());
    log
}

fn submissions() -> Vec<Write> {
    let states = [
        SubmissionState::Released(1),
        SubmissionState::Refused(vec![Cause::of(Code::TopicOutOfScope).into()]),
        SubmissionState::Held(vec![Ground::of(Code::ApprovalRequired, "one")]),
    ];
    let row = |(state, at): (SubmissionState, u64)| Submission {
        account: "author".to_owned(),
        signed: Digest::from_bytes([8; 32]),
        agreement: AGREEMENT.to_owned(),
        serial: format!("XAA-J2-2026-000{at}"),
        time: 900,
        precedence: Precedence::Routine,
        state,
    };
    let rows = states.into_iter().zip(1..).map(row).map(Row::Submission);
    let mut out: Vec<Write> =
        SUBMISSIONS.into_iter().map(Key::Submission).zip(rows).map(|(key, row)| Write::Insert(key, row)).collect();
    let draft = Draft {
        author: vec![1; 64],
        signature: vec![2; 64],
        precedence: Precedence::Routine,
        emergency: false,
        approvals: Vec::new(),
    };
    out.push(Write::Insert(Key::Draft(SUBMISSIONS[2]), Row::Draft(draft)));
    out.push(Write::Insert(Key::DraftBody(SUBMISSIONS[2]), Row::Bytes(b"held".to_vec())));
    out
}

/// The partner's log: Genesis, its receipt, a report that we admitted and one whose payload has not come.
fn theirs<'a>(key: &'a SoftwareKey, answered: &[u8], newest: u64) -> Writer<'a> {
    let mut log = Writer::new(Origin::new(AGREEMENT, nation("XBB"), 0), key);
    let origin = log.origin;
    log.push(Leaf::genesis(AGREEMENT, nation("XBB"), 0).encode());
    log.push(outcome(1, answered, 2_000).encode());
    let (admitted, payload) = released(origin, 2, 2_100, Digest::from_bytes([6; 32]));
    let inbox = Inbox {
        verdict: Verdict::Admitted,
        codes: 0,
        reasons: Vec::new(),
        outcome: 2,
        serial: "XBB-SR-2026-0204".to_owned(),
        precedence: Precedence::Routine,
        time: 2_500,
        length: u64::try_from(payload.len()).unwrap(),
        statement: None,
        acknowledged: None,
    };
    log.push(admitted.encode());
    let (waits, _) = released(origin, 3, newest, Digest::from_bytes([6; 32]));
    log.push(waits.encode());
    let Leaf::Released(leaf) = &waits else { panic!("a report") };
    let awaited = Awaited {
        commitment: leaf.commitment,
        length: leaf.length,
        precedence: leaf.precedence,
        time: leaf.time,
        agreement: leaf.agreement,
        leaf: leaf_hash(&waits.encode()),
        seen: leaf.seen,
        spooled: 4,
        tries: 0,
        owed: None,
        statement: None,
    };
    log.writes.push(Write::Insert(Key::Payload(origin, 2), Row::Bytes(payload)));
    log.writes.push(Write::Insert(Key::Inbox(origin, 2), Row::Inbox(inbox)));
    log.writes.push(Write::Insert(Key::Awaited(origin, 3), Row::Awaited(awaited)));
    log.writes.push(Write::Insert(Key::Spool(origin, 3, 0), Row::Bytes(vec![7; 4])));
    log
}

/// The receipt for a leaf.
fn outcome(index: u64, answered: &[u8], time: u64) -> Leaf {
    Leaf::Outcome(Outcome {
        time,
        index,
        leaf: leaf_hash(answered),
        verdict: Verdict::Admitted,
        codes: 0,
        seen: Head { size: index + 1, root: Frontier::new().root() },
    })
}

/// The salt of the one Anchor, and the journal's size under it.
const ANCHOR: ([u8; 32], u64) = ([4; 32], 2);

/// What the journal says before and at the Anchor.
fn diary(key: &SoftwareKey) -> Writer<'_> {
    let mut diary = Writer::new(journal::origin(nation("XAA"), 0), key);
    diary.is_journal = true;
    for (time, act) in (1_000..).zip(entries()) {
        diary.push(Entry { time, act }.encode());
    }
    diary
}

/// The leaf of our log that anchors the first entries of the journal.
fn anchor() -> Leaf {
    let journal = journal::origin(nation("XAA"), 0);
    let mut frontier = Frontier::new();
    for (time, act) in (1_000..).zip(entries()).take(2) {
        frontier.push(&Entry { time, act }.encode());
    }
    let commitment = commit_anchor(&ANCHOR.0, journal, ANCHOR.1, &frontier.root());
    Leaf::Anchor { time: 2_600, commitment }
}

fn entries() -> Vec<Act> {
    let (account, agreement) = ("author".to_owned(), Digest::from_bytes([3; 32]));
    let list = vec!["CODE".to_owned()];
    let owed = vec![Cause::of(Code::ApprovalRequired)];
    vec![
        Act::Started { epoch: 1 },
        Act::RefusedInWords { submission: SUBMISSIONS[1], account: account.clone(), agreement, reasons: list },
        Act::Held { submission: SUBMISSIONS[2], account, agreement, owed },
        Act::Anchored { log: Origin::new(AGREEMENT, nation("XAA"), 0), index: 3, size: ANCHOR.1, salt: ANCHOR.0 },
    ]
}

fn filled() -> Filled {
    filled_where(2_200)
}

/// The same where the newest leaf of the partner's log has this time.
fn filled_where(newest: u64) -> Filled {
    let folder = tempfile::tempdir().unwrap();
    let lab = lab(&folder);
    let dir = lab.join("XAA");
    let (database, heads) = (dir.join("data/relto.db"), dir.join("heads.ring"));
    for stale in [&database, &heads] {
        fs::remove_file(stale).unwrap();
    }
    let key = |name: &str| load_signer(&lab.join(name), None).unwrap();
    let (our_key, their_key) = (key("XAA/seal.key"), key("XBB/seal.key"));
    let mut mine = ours(&our_key);
    let copy = theirs(&their_key, &mine.rows[2], newest);
    mine.push(outcome(2, &copy.rows[4], 2_500).encode());
    mine.push(anchor().encode());
    let diary = diary(&our_key);
    let mut store = SqliteStore::create(&database, &load_secret32(&dir.join("storage.key")).unwrap()).unwrap();
    let mut ring = HeadRing::create(&heads).unwrap();
    let mut rows = Vec::new();
    for (log, is_own) in [(mine, true), (copy, false), (diary, true)] {
        store.commit(store.fence(), &log.writes).unwrap();
        if is_own {
            let write = ring.record(&[Checkpoint::of(log.origin, &log.frontier).sign(log.key).unwrap()]).unwrap();
            name(&mut store, &write.unwrap());
        }
        rows.extend(log.rows);
    }
    drop(store);
    Filled { _folder: folder, config: dir.join("node.toml"), database, heads, rows }
}

/// The database names this write of the head file.
fn name(store: &mut SqliteStore, write: &HeadWrite) {
    let row = Row::Bytes(write.to_bytes());
    let is_new = one(store, &Key::HeadWrite).unwrap().is_none();
    let write = if is_new { Write::Insert(Key::HeadWrite, row) } else { Write::Replace(Key::HeadWrite, row) };
    store.commit(store.fence(), &[write]).unwrap();
}

fn find(text: &[u8], wanted: &[u8]) -> usize {
    text.windows(wanted.len()).position(|window| window == wanted).expect("the row lies in the file as it is")
}

#[test]
fn a_sound_store_is_verified_log_by_log() {
    let node = filled();
    let ran = node.verify();
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    for line in [
        "ok     XAA>XBB    our log of XAA-XBB-2026-01: 4 leaves, 4 checkpoints, 1 payloads, 1 private details",
        "ok     XBB>XAA    our copy of the partner's log of XAA-XBB-2026-01: 4 leaves, 4 checkpoints, 1 payloads",
        "ok     journal    the journal of XAA: 4 leaves, 4 checkpoints",
        "ok     records    as the leaves have it: 1 sent, 1 received, 1 awaited, 3 submissions",
        "3 logs verified",
    ] {
        assert!(ran.out.contains(line), "{line}\n{}", ran.out);
    }
    let one = relto(&["--json", "audit", "verify", "--config", text(&node.config), "--log", "journal"]);
    assert_eq!(one.code, 0);
    let lines: Vec<serde_json::Value> = one.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((&lines[1]["log"], &lines[1]["sound"], &lines[2]["logs"]), (&"journal".into(), &true.into(), &1.into()));
    let none = relto(&["audit", "verify", "--config", text(&node.config), "--log", "XAA>XCC"]);
    assert!(none.code == 1 && none.err.contains("Known: XAA>XBB, XBB>XAA, journal"), "{}", none.err);
}

#[test]
fn log_6_a_copy_with_a_time_before_an_earlier_ones_is_told_and_makes_no_audit_fail() {
    let node = filled_where(1_500);
    let ran = node.verify();
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    let copy = ran.out.lines().find(|line| line.contains("our copy of the partner's log")).unwrap();
    assert!(copy.starts_with("ok ") && copy.contains("1 with a time before an earlier one's, by its owner"), "{copy}");
    assert!(ran.out.contains("3 logs verified"), "{}", ran.out);
    let lines = relto(&["--json", "audit", "verify", "--config", text(&node.config), "--log", "XBB>XAA"]);
    let told: Vec<serde_json::Value> = lines.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(told.iter().any(|one| one["disordered"] == 1 && one["fault_count"] == 0), "{}", lines.out);
}

#[test]
fn api_16_one_changed_byte_of_a_leaf_or_checkpoint_is_found() {
    let node = filled();
    let good = fs::read(&node.database).unwrap();
    for row in &node.rows {
        let start = find(&good, row);
        for at in (start..start + row.len()).step_by(29).chain([start + row.len() - 1]) {
            let mut changed = good.clone();
            changed[at] ^= 0x01;
            fs::write(&node.database, &changed).unwrap();
            let ran = node.verify();
            assert_eq!(ran.code, 4, "byte {at}: {}{}", ran.out, ran.err);
            assert!(ran.out.contains("NOT VERIFIED"), "{}", ran.out);
        }
    }
    fs::write(&node.database, &good).unwrap();
    assert_eq!(node.verify().code, 0);
}

#[test]
fn api_16_a_changed_byte_anywhere_in_the_database_never_ends_in_a_crash() {
    let node = filled();
    let good = fs::read(&node.database).unwrap();
    let (mut payload, mut detail) = (false, false);
    for at in (0..good.len()).step_by(211) {
        let mut changed = good.clone();
        changed[at] ^= 0x40;
        fs::write(&node.database, &changed).unwrap();
        let ran = node.verify();
        // Bytes of unused space and of tables that no log is made of change nothing.
        assert!(matches!(ran.code, 0 | 1 | 4), "byte {at}: {}: {}{}", ran.code, ran.out, ran.err);
        assert!(!ran.err.contains("panicked"), "byte {at}: {}", ran.err);
        payload |= ran.code == 4 && ran.out.contains("payload of leaf 1: the encrypted row does not open");
        detail |= ran.code == 4 && ran.out.contains("private detail of leaf 1: the encrypted row does not open");
    }
    // Both rows are shorter than the step; look closer until each is hit.
    let pages: Vec<usize> = (0..good.len()).step_by(4_096).collect();
    for at in pages.iter().flat_map(|page| (page + 3_700..page + 4_090).step_by(61)).filter(|at| *at < good.len()) {
        if payload && detail {
            break;
        }
        let mut changed = good.clone();
        changed[at] ^= 0x40;
        fs::write(&node.database, &changed).unwrap();
        let ran = node.verify();
        payload |= ran.code == 4 && ran.out.contains("payload of leaf 1: the encrypted row does not open");
        detail |= ran.code == 4 && ran.out.contains("private detail of leaf 1: the encrypted row does not open");
    }
    assert!(payload && detail, "a changed payload and a changed detail are told: {payload} {detail}");
}

/// Runs a statement on the node's database, verifies, and puts the database back.
fn after(node: &Filled, statement: &str) -> Ran {
    let good = fs::read(&node.database).unwrap();
    let database = Connection::open(&node.database).unwrap();
    database.execute_batch(statement).unwrap();
    database.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).unwrap();
    drop(database);
    let ran = node.verify();
    fs::write(&node.database, &good).unwrap();
    ran
}

/// Changes a row as the node itself would write it, verifies, and puts the database back.
fn forged(node: &Filled, key: &Key, change: impl FnOnce(&mut Row)) -> Ran {
    let good = fs::read(&node.database).unwrap();
    let storage = load_secret32(&node.config.with_file_name("storage.key")).unwrap();
    let mut store = SqliteStore::open(&node.database, &storage).unwrap();
    let mut row = one(&store, key).unwrap().unwrap();
    change(&mut row);
    let fence = store.fence();
    store.commit(fence, &[Write::Replace(key.clone(), row)]).unwrap();
    drop(store);
    let ran = node.verify();
    fs::write(&node.database, &good).unwrap();
    ran
}

#[test]
fn api_22_a_row_that_was_taken_out_is_found_and_named() {
    let node = filled();
    // The submission that waits has a draft, the awaited report a piece in its spool.
    for (table, told) in [
        ("outbox", "leaf XAA>XBB:1 is a release and has no outbox row"),
        ("payload", "payload of leaf XAA>XBB:1 is missing"),
        ("payload", "inbox row of XBB>XAA:2: the report was admitted and its payload is missing"),
        ("detail", "private detail of leaf XAA>XBB:1 is missing"),
        ("inbox", "leaf XBB>XAA:2 obliges a receipt and has neither"),
        ("awaited", "leaf XBB>XAA:3 obliges a receipt and has neither"),
        ("spool", "awaited row of XBB>XAA:3: 0 bytes are in the spool, it says 4"),
        ("submission", "outbox row of XAA>XBB:1: submission 01010101-"),
        ("submission", "submission 02020202-0202-0202-0202-020202020202: the journal knows it and its row is missing"),
        ("draft", "it waits and its draft is missing"),
    ] {
        let ran = after(&node, &format!("DELETE FROM {table}"));
        assert!(ran.code == 4 && ran.out.contains("FAULT  records") && ran.out.contains(told), "{table}: {}", ran.out);
    }
    // One row at a time, of each table.
    let mut taken = 0;
    for table in ["outbox", "inbox", "payload", "detail", "awaited", "spool", "submission", "draft"] {
        let database = Connection::open(&node.database).unwrap();
        let mut statement = database.prepare(&format!("SELECT k FROM {table}")).unwrap();
        let keys: Vec<Value> = statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
        assert!(!keys.is_empty(), "{table}");
        for key in keys {
            let literal: String = database.query_row("SELECT quote(?1)", params![key], |row| row.get(0)).unwrap();
            let ran = after(&node, &format!("DELETE FROM {table} WHERE k = {literal}"));
            assert_eq!(ran.code, 4, "{table} {literal}: {}", ran.out);
            taken += 1;
        }
    }
    assert_eq!(taken, 11);
    assert_eq!(node.verify().code, 0);
}

#[test]
fn api_22_a_row_that_says_something_else_than_its_leaf_is_found() {
    let node = filled();
    // Somebody who has the storage key: admitted becomes quarantined, and back it would open a report.
    let (ours, theirs) = (Origin::new(AGREEMENT, nation("XAA"), 0), Origin::new(AGREEMENT, nation("XBB"), 0));
    let ran = forged(&node, &Key::Inbox(theirs, 2), |row| {
        if let Row::Inbox(row) = row {
            row.verdict = Verdict::Quarantined;
        }
    });
    let told = "inbox row of XBB>XAA:2: it says quarantined, the receipt XAA>XBB:2 says admitted";
    assert!(ran.code == 4 && ran.out.contains(told), "{}", ran.out);
    let ran = forged(&node, &Key::Outbox(ours, 1), |row| {
        if let Row::Outbox(row) = row {
            row.submission = [0; 16];
        }
    });
    assert!(ran.code == 4 && ran.out.contains("no outbox row says that it was released"), "{}", ran.out);
    // A copy of a row under an index that no leaf asks for, and a row that is none.
    for table in ["outbox", "inbox", "awaited"] {
        let ran = after(&node, &format!("INSERT INTO {table} SELECT k + 40, v FROM {table}"));
        assert!(ran.code == 4 && ran.out.contains("belong to no leaf"), "{table}: {}", ran.out);
        let ran = after(&node, &format!("UPDATE {table} SET v = x'00'"));
        assert!(ran.code == 4 && ran.out.contains("the row does not decode"), "{table}: {}", ran.out);
    }
    let ran = after(&node, "INSERT INTO draft VALUES (zeroblob(16), x'00')");
    assert!(ran.code == 4 && ran.out.contains("1 drafts are of no submission"), "{}", ran.out);
    let ran = after(&node, "INSERT INTO part (k, v) VALUES (zeroblob(24), x'00')");
    assert!(ran.code == 4 && ran.out.contains("which has neither draft nor leaf"), "{}", ran.out);
    let ran =
        after(&node, "UPDATE spool SET k = CAST(substr(k, 1, 2) || x'0000000000000009' || substr(k, 11) AS BLOB)");
    assert!(ran.code == 4 && ran.out.contains("XBB>XAA:9, which does not wait for any"), "{}", ran.out);
    // Of one log alone the rows are not compared.
    assert_eq!(relto(&["audit", "verify", "--config", text(&node.config), "--log", "XAA>XBB"]).code, 0);
}

#[test]
fn a_database_that_was_rolled_back_is_behind_its_head_file() {
    let node = filled();
    // The head file of the whole node beside a database that holds less.
    let other = filled();
    let ran = {
        fs::copy(&other.heads, &node.heads).unwrap();
        node.verify()
    };
    assert_eq!(ran.code, 4, "heads by another key: {}", ran.out);
    fs::remove_file(&node.heads).unwrap();
    let ran = node.verify();
    assert!(
        ran.code == 4 && ran.out.contains("head file") && ran.out.contains("has no head of this log"),
        "{}",
        ran.out
    );
    cut(&node);
}

/// A head of two leaves beside a store of one.
fn cut(node: &Filled) {
    let dir = node.config.parent().unwrap().to_owned();
    let key = load_signer(&dir.join("seal.key"), None).unwrap();
    let whole = ours(&key);
    let mut short = Writer::new(whole.origin, &key);
    short.push(whole.rows[0].clone());
    fs::remove_file(&node.database).unwrap();
    let storage = load_secret32(&dir.join("storage.key")).unwrap();
    let mut store = SqliteStore::create(&node.database, &storage).unwrap();
    store.commit(store.fence(), &short.writes).unwrap();
    drop(store);
    let mut ring = HeadRing::create(&node.heads).unwrap();
    ring.record(&[Checkpoint::of(whole.origin, &whole.frontier).sign(&key).unwrap()]).unwrap();
    let ran = node.verify();
    let told = "checkpoint of size 2: leaves under this checkpoint are missing, 1 are stored";
    assert!(ran.code == 4 && ran.out.contains(told), "{}", ran.out);
}

#[test]
fn a_store_that_is_absent_or_of_another_key_fails_and_is_not_called_unsound() {
    let node = filled();
    let dir = node.config.parent().unwrap();
    let key = dir.join("storage.key");
    let good = fs::read_to_string(&key).unwrap();
    write_secret(&key, &"ab".repeat(32));
    let ran = node.verify();
    assert!(ran.code == 1 && ran.err.contains("the storage key does not open this store"), "{}", ran.err);
    write_secret(&key, &good);
    fs::remove_file(&node.database).unwrap();
    let ran = node.verify();
    assert!(ran.code == 1 && ran.err.contains("there is no store here"), "{}", ran.err);
    fs::write(&node.database, [0x55; 8_192]).unwrap();
    assert_eq!(node.verify().code, 4);
}

fn write_secret(path: &Path, text: &str) {
    fs::write(path, text).unwrap();
}

#[test]
fn an_agreement_whose_signatures_do_not_hold_is_a_fault() {
    let node = filled();
    let beside = node.config.parent().unwrap().join("agreement.toml.sig");
    let good = fs::read_to_string(&beside).unwrap();
    fs::write(&beside, good.replacen("nation    = \"XBB\"", "nation    = \"XAA\"", 1)).unwrap();
    let ran = node.verify();
    assert!(ran.code == 4 && ran.out.contains("FAULT") && ran.out.contains("agreement.toml.sig"), "{}", ran.out);
}
