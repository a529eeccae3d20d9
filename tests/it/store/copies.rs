//! Copies of a store of which texts are erased meanwhile.

use super::{Bodies, Sqlite, bytes, log};
use relto_exchange::store::{Key, Store as _, Write, one};
use relto_host::store::{
    SqliteReader, SqliteStore,
    backup::{self, Source},
    segment::{Disk, Limits},
};
use relto_tests::node::storage_key;
use std::{path::PathBuf, sync::Arc};

#[test]
fn sto_12_while_a_copy_is_made_no_erased_text_goes_and_the_next_copy_is_without_it() {
    let kind = Sqlite::new();
    let limits = Limits { size: 256 * 1024, in_rows: 0, alone: 128 * 1024 };
    let store = SqliteStore::open_with(&kind.file(), &storage_key(1), (limits, Arc::new(Disk))).unwrap();
    let fence = store.fence();
    let mut store = Bodies(store);
    let at = |index| Key::Payload(log("XAA"), index);
    for index in 0..8 {
        store.commit(fence, &[Write::Insert(at(index), bytes(&vec![b'a'; 30_000]))]).unwrap();
    }
    let dir = kind.0.path().join("copies");
    std::fs::create_dir(&dir).unwrap();
    let mut source = Source::open(&kind.file()).unwrap();
    let (first, second) = (dir.join("first.db"), dir.join("second.db"));
    let snapshot = source.copy_database(&first, |_, _| {}).unwrap();
    // Erased between the copy of its row and that of its text.
    store.commit(fence, &[Write::Erase(at(5)), Write::Erase(at(6))]).unwrap();
    store.commit(fence, &[Write::Insert(at(9), bytes(b"more"))]).unwrap();
    let bodies = backup::folder_of(&first);
    std::fs::create_dir(&bodies).unwrap();
    let copy = |source: &Source, of: &backup::Snapshot| {
        for one in &of.bodies {
            let copy = bodies.join(&one.name);
            let from = std::fs::metadata(&copy).map_or(0, |about| about.len()).min(one.end);
            source.append(one, from, &copy).unwrap();
            let before = backup::digest_of(&copy, one.end, &one.dead).unwrap();
            backup::take_out(&copy, &one.dead).unwrap();
            assert_eq!(backup::digest_of(&copy, one.end, &one.dead).unwrap(), before, "taken out or not");
        }
    };
    copy(&source, &snapshot);
    let read = |database: &PathBuf| {
        let reader = SqliteReader::open(database, &storage_key(1)).unwrap();
        (0..10).filter(|index| matches!(one(&reader, &at(*index)), Ok(Some(_)))).collect::<Vec<u64>>()
    };
    assert_eq!(read(&first), [0, 1, 2, 3, 4, 5, 6, 7], "the copy is of the moment of its database");
    drop(source);
    // Nobody copies any more: the text goes here, and with the next copy there.
    store.commit(fence, &[Write::Insert(at(10), bytes(b"more"))]).unwrap();
    let mut source = Source::open(&kind.file()).unwrap();
    let snapshot = source.copy_database(&second, |_, _| {}).unwrap();
    let dead: u64 = snapshot.bodies.iter().flat_map(|one| &one.dead).map(|(_, bytes)| bytes).sum();
    assert!((60_000..70_000).contains(&dead), "{snapshot:?}");
    copy(&source, &snapshot);
    std::fs::rename(&bodies, backup::folder_of(&second)).unwrap();
    assert_eq!(read(&second), [0, 1, 2, 3, 4, 7, 9]);
    std::fs::rename(backup::folder_of(&second), &bodies).unwrap();
    assert_eq!(
        read(&first),
        [0, 1, 2, 3, 4, 7],
        "and in the older copy, whose row has its key, nothing is to be opened"
    );
}
