//! The head file: no head is taken out of it unseen; and a store of the version before, made new with it.
#![cfg(test)] // so that the lints know the helpers for tests

use relto_audit::{checkpoint::Checkpoint, origin::Origin};
use relto_exchange::{head_write::HeadWrite, seal::HeadFile as _};
use relto_host::{
    heads::{Gap, HeadRing, Heads},
    inspect::Inspection,
    store::{Migrated, SqliteStore, migrate},
};
use relto_report::{crypto::sha256, nation::Nation};
use relto_tests::{fixture, node::storage_key};
use std::{
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::Command,
};

fn log(owner: &str) -> Origin {
    Origin::new("TEST-1", Nation::parse(owner).unwrap(), 0)
}

fn head(log: Origin, size: u64) -> relto_audit::checkpoint::SignedCheckpoint {
    let key = fixture::key("seal");
    Checkpoint { origin: log, size, root: sha256(&[&size.to_le_bytes()]) }.sign(&key).unwrap()
}

/// A head file after some writes of two logs, each alone or both at once.
fn written(path: &Path) -> Vec<Option<HeadWrite>> {
    let mut ring = HeadRing::create(path).unwrap();
    let mut writes = Vec::new();
    for size in 1..=6 {
        writes.push(ring.record(&[head(log("XAA"), size), head(log("XBB"), size)]).unwrap());
        writes.push(ring.record(&[head(log("XAA"), 100 + size)]).unwrap());
        writes.push(ring.record(&[head(log("XBB"), 100 + size)]).unwrap());
    }
    writes
}

fn whole_slots(file: &[u8]) -> Vec<usize> {
    (0..file.len() / 1024).filter(|at| file[at * 1024..].starts_with(b"RLH2")).collect()
}

#[test]
fn hed_5_no_head_is_taken_out_of_the_head_file_unseen() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("heads");
    let writes = written(&path);
    let whole = std::fs::read(&path).unwrap();
    let read = HeadRing::read(&path).unwrap();
    assert_eq!((read.gap(), read.last()), (None, writes.last().copied().flatten()));
    let newest = |heads: &Heads| heads.newest().map(|(log, note)| (*log, note.to_vec())).collect::<Vec<_>>();
    let mut seen = 0;
    for at in whole_slots(&whole) {
        let mut file = whole.clone();
        file[at * 1024..(at + 1) * 1024].fill(0);
        std::fs::write(&path, &file).unwrap();
        let cut = HeadRing::read(&path).unwrap();
        let told = cut.gap().or_else(|| cut.lacks(&writes.last().unwrap().unwrap()));
        // An old head of a log may go: nothing rests on it. The newest of each is missed, whichever log wrote last.
        assert_eq!(told.is_none(), newest(&cut) == newest(&read), "slot {at}: {told:?}");
        seen += usize::from(told.is_some());
        // Nor is an older head put in its place.
        let mut back = whole.clone();
        let (from, to) = (at / 4 * 4, at);
        for other in (from..from + 4).filter(|other| *other != to) {
            back[to * 1024..(to + 1) * 1024].copy_from_slice(&whole[other * 1024..(other + 1) * 1024]);
            std::fs::write(&path, &back).unwrap();
            let forged = HeadRing::read(&path).unwrap();
            let told = forged.gap().or_else(|| forged.lacks(&writes.last().unwrap().unwrap()));
            assert_eq!(told.is_none(), newest(&forged) == newest(&read), "slot {other} at {to}: {told:?}");
        }
    }
    assert_eq!(seen, 2, "one for each log");
}

#[test]
fn hed_6_the_database_knows_the_newest_write() {
    let folder = tempfile::tempdir().unwrap();
    let (path, other) = (folder.path().join("heads"), folder.path().join("other"));
    let writes = written(&path);
    let heads = HeadRing::read(&path).unwrap();
    let last = writes.last().unwrap().unwrap();
    for named in writes.iter().flatten() {
        assert_eq!(heads.lacks(named), None, "{named:?}");
    }
    assert_eq!(heads.lacks(&HeadWrite { number: last.number + 1, ..last }), Some(Gap::Cut));
    let forged = HeadWrite { digest: sha256(&[b"another"]), ..last };
    assert_eq!(heads.lacks(&forged), Some(Gap::Other));
    drop(HeadRing::create(&other).unwrap());
    assert_eq!(HeadRing::read(&other).unwrap().lacks(&last), Some(Gap::Cut), "an empty one");
}

#[test]
fn hed_4_hed_5_a_write_of_several_heads_that_a_crash_cut_short_is_passed_over_whole() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("heads");
    written(&path);
    let before = HeadRing::read(&path).unwrap();
    HeadRing::open(&path).unwrap().record(&[head(log("XAA"), 200), head(log("XBB"), 200)]).unwrap();
    let whole = std::fs::read(&path).unwrap();
    let of = |size: u64, name: &str| {
        let note = head(log(name), size).as_bytes().to_vec();
        whole.windows(note.len()).position(|window| window == note).unwrap() / 1024 * 1024
    };
    for torn in [of(200, "XAA"), of(200, "XBB")] {
        let mut file = whole.clone();
        file[torn + 700..torn + 1024].fill(7);
        std::fs::write(&path, &file).unwrap();
        let read = HeadRing::read(&path).unwrap();
        assert_eq!((read.gap(), read.last()), (None, before.last()), "nothing under it has left");
        // The next write takes its number, and what was left of it is gone.
        let next = HeadRing::open(&path).unwrap().record(&[head(log("XCC"), 1)]).unwrap();
        let read = HeadRing::read(&path).unwrap();
        assert_eq!((read.gap(), read.last(), read.newest().count()), (None, next, 3));
    }
}

/// A copy of the store of version 2 in a folder of its own: database and head file.
fn version_2(folder: &Path) -> (PathBuf, PathBuf) {
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/version-2");
    let (database, heads) = (folder.join("relto.db"), folder.join("heads.ring"));
    std::fs::copy(from.join("relto.db"), &database).unwrap();
    let mut ring = std::fs::read(from.join("heads.ring")).unwrap();
    ring.resize(512 * 1024, 0);
    std::fs::write(&heads, ring).unwrap();
    (database, heads)
}

#[test]
fn log_14_a_store_of_version_2_is_made_new_in_its_place_and_can_be_taken_up() {
    let folder = tempfile::tempdir().unwrap();
    let (database, heads) = version_2(folder.path());
    let (key, journal) = (storage_key(7), relto_host::inspect::journal_of(Nation::parse("XAA").unwrap()));
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
    assert_eq!(done, Migrated { entries: Some(9), heads: true });
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
    assert_eq!(migrate(&database, &heads, &key, journal).unwrap(), Migrated { entries: None, heads: false });
    std::fs::write(&heads, &old_heads).unwrap();
    assert_eq!(migrate(&database, &heads, &key, journal).unwrap(), Migrated { entries: None, heads: true });
    let again = HeadRing::read(&heads).unwrap();
    assert_eq!((again.gap(), again.last()), (None, new_heads.last()));
    // A store without its head file is not touched.
    std::fs::write(&database, &old_database).unwrap();
    std::fs::remove_file(&heads).unwrap();
    assert!(migrate(&database, &heads, &key, journal).is_err());
    assert_eq!(std::fs::read(&database).unwrap(), old_database);
}

#[test]
fn log_14_a_store_of_version_2_verifies_once_it_is_made_new() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    std::fs::create_dir(&data).unwrap();
    version_2(&data);
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/version-2");
    for name in ["agreement.toml", "agreement.toml.sig"] {
        std::fs::copy(from.join(name), folder.path().join(name)).unwrap();
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
    by_the_program(folder.path());
    let ran = verify();
    let told = String::from_utf8_lossy(&ran.stdout).into_owned();
    // The confirmation that was refused, too, which that version's verifier took for a fault for good.
    assert_eq!(ran.status.code(), Some(0), "{told}");
    for part in ["the journal of XAA: 9 leaves, 7 checkpoints", "3 submissions", "3 logs verified"] {
        assert!(told.contains(part), "{part}: {told}");
    }
}

/// `reltod --migrate` over the store in this folder, as its operator types it: a node of today with that store.
fn by_the_program(folder: &Path) {
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
        assert!(code == Some(1) && told.contains("--migrate"), "{more:?}: {told}");
    }
    let (code, told) = reltod(&["--migrate"]);
    assert!(code == Some(0) && told.contains("the journal is encrypted") && told.contains("entries=9"), "{told}");
    assert!(told.contains("made_new=true"), "{told}");
    let (code, told) = reltod(&["--migrate"]);
    assert!(code == Some(0) && told.contains("of this version already") && told.contains("made_new=false"), "{told}");
}
