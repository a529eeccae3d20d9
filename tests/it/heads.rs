//! The head file: no head is taken out of it unseen.
#![cfg(test)] // so that the lints know the helpers for tests

use relto_audit::{checkpoint::Checkpoint, origin::Origin};
use relto_exchange::{head_write::HeadWrite, seal::HeadFile as _};
use relto_host::heads::{Gap, HeadRing, Heads};
use relto_report::{crypto::sha256, nation::Nation};
use relto_tests::fixture;
use std::path::Path;

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
