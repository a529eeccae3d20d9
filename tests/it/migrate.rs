//! A store of a version before, made new in its place.
#![cfg(test)] // so that the lints know the helpers for tests

use relto_audit::{
    leaf::Verdict,
    origin::Origin,
    proof::verify_inclusion,
    tree::{Frontier, leaf_hash},
};
use relto_exchange::{
    body::Body,
    journal::{Act, Entry},
    proofs::path,
    rows::{Inbox, Submission, SubmissionState},
    store::{Key, Reader as _, Row, Store as _, SubtreeAt, Write, one},
};
use relto_host::{
    heads::HeadRing,
    inspect::{Inspection, journal_of},
    store::{Migrated, SqliteReader, SqliteStore, migrate},
};
use relto_policy::{
    code::Code,
    ground::{Cause, Ground, Named},
    waits::Waits,
};
use relto_report::nation::Nation;
use relto_tests::node::storage_key;
use std::{
    collections::BTreeMap,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::Command,
};

fn journal() -> Origin {
    journal_of(Nation::parse("XAA").unwrap())
}

fn data(version: u32) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/data/version-{version}"))
}

/// A copy of the store of a version in a folder of its own: database and head file.
fn stored(version: u32, folder: &Path) -> (PathBuf, PathBuf) {
    let (database, heads) = (folder.join("relto.db"), folder.join("heads.ring"));
    std::fs::copy(data(version).join("relto.db"), &database).unwrap();
    let mut ring = std::fs::read(data(version).join("heads.ring")).unwrap();
    ring.resize(512 * 1024, 0);
    std::fs::write(&heads, ring).unwrap();
    (database, heads)
}

#[test]
fn log_14_a_store_of_version_2_is_made_new_in_its_place_and_can_be_taken_up() {
    let folder = tempfile::tempdir().unwrap();
    let (database, heads) = stored(2, folder.path());
    let (key, journal) = (storage_key(7), journal());
    let text = b"GREENLANTERN";
    let lies_open = |path: &Path| std::fs::read(path).is_ok_and(|file| file.windows(text.len()).any(|one| one == text));
    assert!(lies_open(&database), "the reason of a decline, in the clear");
    let fault = SqliteStore::open(&database, &key).err().unwrap().to_string();
    assert!(fault.contains("--migrate"), "{fault}");
    let fault = HeadRing::open(&heads).err().unwrap().to_string();
    assert!(fault.contains("--migrate"), "{fault}");
    let (old_database, old_heads) = (std::fs::read(&database).unwrap(), std::fs::read(&heads).unwrap());
    assert!(migrate(&database, &heads, &storage_key(8), journal).is_err(), "another storage key");
    let done = migrate(&database, &heads, &key, journal).unwrap();
    assert_eq!(done, Migrated { entries: Some(9), rows: Some(3), heads: true, copy: None });
    for file in ["relto.db", "relto.db-wal"] {
        assert!(!lies_open(&folder.path().join(file)), "{file}");
    }
    let new_heads = HeadRing::read(&heads).unwrap();
    assert_eq!((new_heads.gap(), new_heads.newest().count()), (None, 2));
    let found = Inspection::open(&database, &key).unwrap();
    assert_eq!(new_heads.lacks(&found.head_write().unwrap().unwrap()), None);
    assert_eq!((found.entry_count(journal).unwrap(), found.strays(journal).unwrap()), (9, 0));
    drop(found);
    // Twice is once, and a crash between the halves is taken up.
    assert_eq!(migrate(&database, &heads, &key, journal).unwrap(), Migrated::default());
    std::fs::write(&heads, &old_heads).unwrap();
    assert_eq!(migrate(&database, &heads, &key, journal).unwrap(), Migrated { heads: true, ..Migrated::default() });
    let again = HeadRing::read(&heads).unwrap();
    assert_eq!((again.gap(), again.last()), (None, new_heads.last()));
    // A store without its head file is not touched.
    std::fs::write(&database, &old_database).unwrap();
    std::fs::remove_file(&heads).unwrap();
    assert!(migrate(&database, &heads, &key, journal).is_err());
    assert_eq!(std::fs::read(&database).unwrap(), old_database);
}

/// It verifies once it is made new, with this in what `relto audit verify` says, and not before.
fn verifies(version: u32, parts: &[&str]) {
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("data");
    std::fs::create_dir(&store).unwrap();
    stored(version, &store);
    for name in ["agreement.toml", "agreement.toml.sig"] {
        std::fs::copy(data(version).join(name), folder.path().join(name)).unwrap();
    }
    let secret = folder.path().join("storage.key");
    std::fs::write(&secret, "07".repeat(32)).unwrap();
    std::fs::set_permissions(&secret, std::fs::Permissions::from_mode(0o600)).unwrap();
    let config = folder.path().join("node.toml");
    let text = "nation = \"XAA\"\ndata = \"data\"\nhead_file = \"data/heads.ring\"\nstorage_key = \"storage.key\"\n\n\
                [[link]]\nagreement = \"agreement.toml\"\n";
    std::fs::write(&config, text).unwrap();
    let verify = || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_relto"));
        command.env_remove("RELTO_PROFILE").args(["audit", "verify", "--config"]).arg(&config).output().unwrap()
    };
    let before = verify();
    assert_ne!(before.status.code(), Some(0), "by this program it cannot be read yet");
    let told = String::from_utf8_lossy(&[&before.stdout[..], &before.stderr[..]].concat()).into_owned();
    assert!(told.contains("--migrate"), "{told}");
    by_the_program(folder.path(), version);
    let ran = verify();
    let told = String::from_utf8_lossy(&ran.stdout).into_owned();
    assert_eq!(ran.status.code(), Some(0), "{told}");
    for part in parts {
        assert!(told.contains(part), "{part}: {told}");
    }
}

#[test]
fn log_14_a_store_of_version_2_verifies_once_it_is_made_new() {
    // The confirmation that was refused, too, which that version's verifier took for a fault for good.
    verifies(2, &["the journal of XAA: 9 leaves, 7 checkpoints", "3 submissions", "3 logs verified"]);
}

#[test]
fn log_14_a_store_of_version_3_verifies_once_it_is_made_new() {
    // The tree is over the entries as that version wrote them, in words.
    let journal = "the journal of XAA: 21 leaves, 13 checkpoints";
    verifies(3, &[journal, "2 sent, 2 received, 0 awaited, 6 submissions", "3 logs verified"]);
}

#[test]
fn log_14_a_store_of_version_4_verifies_and_takes_long_payloads_once_it_is_made_new() {
    let journal_line = "the journal of XAA: 21 leaves, 13 checkpoints";
    verifies(4, &[journal_line, "2 sent, 2 received, 0 awaited, 6 submissions", "3 logs verified"]);
    let folder = tempfile::tempdir().unwrap();
    let ((database, heads), key) = (stored(4, folder.path()), storage_key(7));
    assert!(SqliteStore::open(&database, &key).err().unwrap().to_string().contains("--migrate"));
    assert!(migrate(&database, &heads, &storage_key(8), journal()).is_err(), "another storage key");
    let done = migrate(&database, &heads, &key, journal()).unwrap();
    assert_eq!(
        done,
        Migrated { entries: None, rows: Some(0), heads: false, copy: Some(database.with_extension("version-4.db")) }
    );
    assert_eq!(migrate(&database, &heads, &key, journal()).unwrap(), Migrated::default(), "twice is once");
    let mut store = SqliteStore::open(&database, &key).unwrap();
    let part = Row::Body(Body::new(vec![7; 100_000], [7; 32]).of_long());
    store.commit(store.fence(), &[Write::Insert(Key::Part([1; 16], 0), part)]).unwrap();
    assert_eq!(one(&store, &Key::Part([1; 16], 0)).unwrap(), Some(Row::Bytes(vec![7; 100_000])));
    assert_eq!(states(&SqliteReader::open(&database, &key).unwrap()).len(), 6);
}

#[test]
fn log_14_a_store_of_version_5_verifies_once_it_is_made_new() {
    let journal_line = "the journal of XAA: 21 leaves, 13 checkpoints";
    verifies(5, &[journal_line, "2 sent, 2 received, 0 awaited, 6 submissions", "3 logs verified"]);
}

#[test]
fn rec_1_roots_of_subtrees_are_made_for_a_store_that_kept_none() {
    let folder = tempfile::tempdir().unwrap();
    let ((database, heads), key) = (stored(5, folder.path()), storage_key(7));
    let log = Origin::new("TEST-1", Nation::parse("XAA").unwrap(), 0);
    let leaf = |at: u64| at.to_le_bytes().to_vec();
    {
        migrate(&database, &heads, &key, journal()).unwrap();
        let mut store = SqliteStore::open(&database, &key).unwrap();
        let leaves: Vec<Write> = (0..600).map(|at| Write::Insert(Key::Leaf(log, at), Row::Bytes(leaf(at)))).collect();
        store.commit(store.fence(), &leaves).unwrap();
        drop(store);
        // As it was before.
        let connection = rusqlite::Connection::open(&database).unwrap();
        connection.execute_batch("DROP TABLE subtree; UPDATE counter SET value = 5 WHERE name = 'version'").unwrap();
    }
    assert!(SqliteStore::open(&database, &key).err().unwrap().to_string().contains("--migrate"));
    migrate(&database, &heads, &key, journal()).unwrap();
    let store = SqliteReader::open(&database, &key).unwrap();
    let mut frontier = Frontier::new();
    (0..600).for_each(|at| frontier.push(&leaf(at)));
    let (found, hashes) = path(&store, log, 300, 600).unwrap().unwrap();
    assert_eq!(found, leaf(300));
    verify_inclusion(&leaf_hash(&found), 300, 600, &hashes, &frontier.root()).unwrap();
    let at = |index| Key::Subtree(log, SubtreeAt { level: 1, index });
    assert_eq!(store.scan(&at(0), &at(9), 10).unwrap().len(), 2);
}

#[test]
fn log_14_reasons_in_words_are_named_when_a_store_of_version_3_is_made_new() {
    let folder = tempfile::tempdir().unwrap();
    let ((database, heads), key) = (stored(3, folder.path()), storage_key(7));
    let old = std::fs::read(&database).unwrap();
    assert!(SqliteReader::open(&database, &key).err().unwrap().to_string().contains("--migrate"));
    assert!(migrate(&database, &heads, &storage_key(8), journal()).is_err(), "another storage key");
    assert_eq!(std::fs::read(&database).unwrap(), old);
    let done = migrate(&database, &heads, &key, journal()).unwrap();
    assert_eq!(
        done,
        Migrated { entries: None, rows: Some(8), heads: false, copy: Some(database.with_extension("version-3.db")) }
    );
    assert_eq!(migrate(&database, &heads, &key, journal()).unwrap(), Migrated::default(), "twice is once");

    let reader = SqliteReader::open(&database, &key).unwrap();
    let states = states(&reader);
    let state = |serial: &str| &states[serial];
    let two = "SECRET (level 3) from XAA to XBB: from CONFIDENTIAL (level 2) on two officers release it";
    assert_eq!(*state("XAA-J2-2026-0431"), SubmissionState::Held(vec![Ground::of(Code::SecondApprovalRequired, two)]));
    assert_eq!(*state("XAA-CYBER-2026-4411"), SubmissionState::Queued(Waits::Heads));
    let refused = [Code::CaveatForbidsForeign, Code::NotReleasableToRecipient, Code::ClassExceedsCeiling];
    let refused = refused.map(|code| Cause::of(code).into()).to_vec();
    assert_eq!(*state("XAA-CYBER-2026-2948"), SubmissionState::Refused(refused));
    assert!(matches!(state("XAA-J2-2026-0440"), SubmissionState::Declined { officer, .. } if officer == "officer-1"));
    assert_eq!(*state("XAA-CYBER-2026-3107"), SubmissionState::Released(2));
    assert_eq!(*state("XAA-CYBER-2026-4410"), SubmissionState::Released(5));
    let theirs = Origin::new("XAA-XBB-2026-01", Nation::parse("XBB").unwrap(), 0);
    let inbox = |index| match reader.get(&[Key::Inbox(theirs, index)]).unwrap().pop().flatten() {
        Some(Row::Inbox(Inbox { verdict, reasons, .. })) => (verdict, reasons),
        other => panic!("{other:?}"),
    };
    let scoped = Cause { code: Named::Code(Code::AttachmentTypeNotAgreed), national: true };
    assert_eq!(inbox(3), (Verdict::Refused, vec![scoped.into()]));
    assert_eq!(inbox(4), (Verdict::Admitted, Vec::new()));
}

/// How each submission stands, by serial.
fn states(reader: &SqliteReader) -> BTreeMap<String, SubmissionState> {
    let rows = reader.scan(&Key::Submission([0; 16]), &Key::Submission([0xff; 16]), 100).unwrap();
    let row = |(_, row)| match row {
        Row::Submission(Submission { serial, state, .. }) => (serial, state),
        other => panic!("{other:?}"),
    };
    rows.into_iter().map(row).collect()
}

#[test]
fn log_14_entries_in_words_are_read_and_stay_as_they_are() {
    let folder = tempfile::tempdir().unwrap();
    let ((database, heads), key) = (stored(3, folder.path()), storage_key(7));
    migrate(&database, &heads, &key, journal()).unwrap();
    let reader = SqliteReader::open(&database, &key).unwrap();
    let rows = reader.scan(&Key::Entry(journal(), 0), &Key::Entry(journal(), u64::MAX), 100).unwrap();
    let mut found: BTreeMap<&str, u32> = BTreeMap::new();
    for (_, row) in &rows {
        let Row::Bytes(bytes) = row else { panic!("{row:?}") };
        let entry = Entry::decode(bytes).unwrap();
        assert_eq!(entry.encode(), *bytes);
        let kind = match entry.act {
            Act::HeldInWords { owed, .. } => {
                assert_eq!(owed, ["APPROVAL_REQUIRED", "SECOND_APPROVAL_REQUIRED"]);
                "held"
            }
            Act::QueuedInWords { why, .. } => {
                assert_eq!(why, Waits::Heads.to_string());
                "queued"
            }
            Act::ReceivedInWords { .. } => "received",
            Act::NotOpenedInWords { reasons, .. } => {
                assert_eq!(reasons, ["clearance"]);
                "not opened"
            }
            Act::NotReleasedInWords { .. } => "not released",
            Act::Held { .. }
            | Act::Queued { .. }
            | Act::Received { .. }
            | Act::NotOpened { .. }
            | Act::NotReleased { .. } => panic!("no act of version 3"),
            _ => "of both",
        };
        *found.entry(kind).or_default() += 1;
    }
    let kinds = [("held", 2), ("not opened", 1), ("not released", 1), ("of both", 14), ("queued", 1), ("received", 2)];
    assert_eq!(found, kinds.into());
}

/// `reltod --migrate` over the store in this folder, as its operator types it: a node of today with that store.
fn by_the_program(folder: &Path, version: u32) {
    let lab = folder.join("lab");
    let made = Command::new(env!("CARGO_BIN_EXE_relto")).args(["lab", "new"]).arg(&lab).output().unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let config = lab.join("XAA/node.toml");
    let mut text = std::fs::read_to_string(&config).unwrap();
    for (key, old, new) in [
        ("data", "data", "data"),
        ("head_file", "heads.ring", "data/heads.ring"),
        ("storage_key", "storage.key", "storage.key"),
    ] {
        let line = format!("{key} = \"{old}\"\n");
        assert!(text.contains(&line), "{line} in {text}");
        text = text.replacen(&line, &format!("{key} = \"{}\"\n", folder.join(new).display()), 1);
    }
    std::fs::write(&config, text).unwrap();
    let reltod = |more: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_reltod"));
        let ran = command.arg("--config").arg(&config).args(more).output().unwrap();
        (ran.status.code(), String::from_utf8_lossy(&ran.stderr).into_owned())
    };
    for more in [&[][..], &["--check"]] {
        let (code, told) = reltod(more);
        // Tried again it would be no better.
        let wanted = if more.is_empty() { 78 } else { 1 };
        assert!(code == Some(wanted) && told.contains("--migrate"), "{more:?}: {code:?} {told}");
    }
    let (code, told) = reltod(&["--migrate"]);
    let is_two = version == 2;
    let said = if is_two { "the journal is encrypted" } else { "the database is of this version" };
    assert!(code == Some(0) && told.contains(said) && told.contains("entries=9") == is_two, "{told}");
    assert!(told.contains(&format!("made_new={is_two}")), "{told}");
    let (code, told) = reltod(&["--migrate"]);
    assert!(code == Some(0) && told.contains("of this version already") && told.contains("made_new=false"), "{told}");
}
