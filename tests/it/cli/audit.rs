//! `relto audit verify` over a store that is right, and over the same store with one byte changed at a time.

use super::{Ran, lab, relto, text};
use relto_audit::{
    checkpoint::Checkpoint,
    commitment::{commit, commit_detail, plaintext_digest},
    leaf::{Head, Leaf, Outcome, Precedence, Released, Verdict},
    origin::Origin,
    tree::{Frontier, leaf_hash},
};
use relto_exchange::{
    journal::{self, Act, Entry},
    rows::Detail,
    seal::HeadFile as _,
    store::{Key, Row, Store as _, Write},
};
use relto_host::{
    heads::HeadRing,
    keys::{load_secret32, load_signer},
    store::SqliteStore,
};
use relto_report::{codec, crypto::SoftwareKey, digest::Digest, nation::Nation};
use std::{
    fs,
    path::{Path, PathBuf},
};

const AGREEMENT: &str = "XAA-XBB-2026-01";

/// A node's files whose logs hold one report, its receipt and two entries of the journal.
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
}

impl<'a> Writer<'a> {
    fn new(origin: Origin, key: &'a SoftwareKey) -> Self {
        Self { origin, key, frontier: Frontier::new(), writes: Vec::new(), rows: Vec::new() }
    }

    fn push(&mut self, leaf: Vec<u8>) {
        let at = self.frontier.size();
        self.frontier.push(&leaf);
        let head = Checkpoint::of(self.origin, &self.frontier).sign(self.key).unwrap();
        let note = head.as_bytes().to_vec();
        self.rows.extend([leaf.clone(), note.clone()]);
        self.writes.push(Write::Insert(Key::Leaf(self.origin, at), Row::Bytes(leaf)));
        self.writes.push(Write::Insert(Key::Checkpoint(self.origin, at + 1), Row::Bytes(note)));
    }
}

fn nation(text: &str) -> Nation {
    Nation::parse(text).unwrap()
}

fn detail() -> Detail {
    Detail {
        salt: [5; 32],
        account: "author".to_owned(),
        author: vec![1; 64],
        signature: vec![2; 64],
        home: b"home file".to_vec(),
        approvals: Vec::new(),
        basis: String::new(),
    }
}

/// Our log: Genesis and a report with payload and private detail.
fn ours(key: &SoftwareKey) -> Writer<'_> {
    let mut log = Writer::new(Origin::new(AGREEMENT, nation("XAA"), 0), key);
    log.push(Leaf::genesis(AGREEMENT, nation("XAA"), 0).encode());
    let (salt, plaintext) = ([7_u8; 32], b"what was sent".to_vec());
    let length = u64::try_from(plaintext.len()).unwrap();
    log.push(
        Leaf::Released(Released {
            time: 1_000,
            agreement: Digest::from_bytes([3; 32]),
            commitment: commit(log.origin, 1, &salt, length, &plaintext_digest(&plaintext)),
            length: length + 32,
            precedence: Precedence::Routine,
            detail: commit_detail(log.origin, 1, &[5; 32], &codec::encode(&detail())),
            seen: Head { size: 0, root: Frontier::new().root() },
        })
        .encode(),
    );
    let payload = [&salt[..], &plaintext].concat();
    log.writes.push(Write::Insert(Key::Payload(log.origin, 1), Row::Bytes(payload)));
    log.writes.push(Write::Insert(Key::Detail(log.origin, 1), Row::Detail(detail())));
    log
}

/// The partner's log with its receipt.
fn theirs<'a>(key: &'a SoftwareKey, answered: &[u8]) -> Writer<'a> {
    let mut log = Writer::new(Origin::new(AGREEMENT, nation("XBB"), 0), key);
    log.push(Leaf::genesis(AGREEMENT, nation("XBB"), 0).encode());
    log.push(
        Leaf::Outcome(Outcome {
            time: 2_000,
            index: 1,
            leaf: leaf_hash(answered),
            verdict: Verdict::Admitted,
            codes: 0,
            seen: Head { size: 2, root: Frontier::new().root() },
        })
        .encode(),
    );
    log
}

fn filled() -> Filled {
    let folder = tempfile::tempdir().unwrap();
    let lab = lab(&folder);
    let dir = lab.join("XAA");
    let (database, heads) = (dir.join("data/relto.db"), dir.join("heads.ring"));
    for stale in [&database, &heads] {
        fs::remove_file(stale).unwrap();
    }
    let key = |name: &str| load_signer(&lab.join(name), None).unwrap();
    let (our_key, their_key) = (key("XAA/seal.key"), key("XBB/seal.key"));
    let mine = ours(&our_key);
    let copy = theirs(&their_key, &mine.rows[2]);
    let mut diary = Writer::new(journal::origin(nation("XAA"), 0), &our_key);
    for epoch in 1..3 {
        diary.push(Entry { time: 1_000 * epoch, act: Act::Started { epoch } }.encode());
    }
    let mut store = SqliteStore::create(&database, &load_secret32(&dir.join("storage.key")).unwrap()).unwrap();
    let mut ring = HeadRing::create(&heads).unwrap();
    let mut rows = Vec::new();
    for (log, is_own) in [(mine, true), (copy, false), (diary, true)] {
        store.commit(store.fence(), &log.writes).unwrap();
        if is_own {
            ring.record(&[Checkpoint::of(log.origin, &log.frontier).sign(log.key).unwrap()]).unwrap();
        }
        rows.extend(log.rows);
    }
    drop(store);
    Filled { _folder: folder, config: dir.join("node.toml"), database, heads, rows }
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
        "ok     XAA>XBB    our log of XAA-XBB-2026-01: 2 leaves, 2 checkpoints, 1 payloads, 1 private details",
        "ok     XBB>XAA    our copy of the partner's log of XAA-XBB-2026-01: 2 leaves, 2 checkpoints, 0 payloads",
        "ok     journal    the journal of XAA: 2 leaves, 2 checkpoints",
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
