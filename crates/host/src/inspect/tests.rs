use super::*;
use crate::store::SqliteStore;
use relto_audit::leaf::Leaf;
use relto_exchange::store::{Store as _, Write};

fn nation(text: &str) -> Nation {
    Nation::parse(text).unwrap()
}

fn filled(folder: &Path) -> (std::path::PathBuf, Origin, Zeroizing<[u8; 32]>) {
    let (file, key) = (folder.join("relto.db"), Zeroizing::new([7; 32]));
    let other = Origin::new("A-1", nation("XBB"), 0);
    let log = Origin::new("A-1", nation("XAA"), 0);
    let mut store = SqliteStore::create(&file, &key).unwrap();
    let genesis = Leaf::genesis("A-1", nation("XAA"), 0).encode();
    let mut writes = vec![Write::Insert(Key::Leaf(other, 0), Row::Bytes(b"other".to_vec()))];
    writes.push(Write::Insert(Key::Leaf(log, 0), Row::Bytes(genesis)));
    writes.extend((1..2_000).map(|at| Write::Insert(Key::Leaf(log, at), Row::Bytes(at.to_le_bytes().to_vec()))));
    writes.push(Write::Insert(Key::Checkpoint(log, 2_000), Row::Bytes(b"note".to_vec())));
    writes.push(Write::Insert(Key::Payload(log, 5), Row::Bytes(b"payload".to_vec())));
    store.commit(store.fence(), &writes).unwrap();
    (file, log, key)
}

#[test]
fn pages_give_each_row_of_one_log_once() {
    let folder = tempfile::tempdir().unwrap();
    let (file, log, key) = filled(folder.path());
    let found = Inspection::open(&file, &key).unwrap();
    assert_eq!(found.logs().count(), 2);
    assert_eq!(found.size(log).unwrap(), 2_000);
    let (first, second) = (found.leaves(log, 0).unwrap(), found.leaves(log, 1_024).unwrap());
    assert_eq!((first.len(), second.len()), (PAGE, 2_000 - PAGE));
    assert_eq!(second[0], (1_024, 1_024_u64.to_le_bytes().to_vec()));
    assert_eq!(found.checkpoints(log, 0, u64::MAX).unwrap(), [(2_000, b"note".to_vec())]);
    assert_eq!(found.checkpoints(log, 0, 1_999).unwrap(), []);
    assert_eq!(found.payload_indexes(log, 0, u64::MAX).unwrap(), [5]);
    assert_eq!(found.payload(log, 5).unwrap().as_deref(), Some(&b"payload"[..]));
    assert_eq!(found.payload(log, 6).unwrap(), None);
    assert_eq!(found.leaves(journal_of(nation("XAA")), 0).unwrap(), []);
    assert_eq!(found.strays(journal_of(nation("XAA"))), Ok(0));
}

#[test]
fn a_changed_payload_and_a_row_of_no_log_are_told() {
    let folder = tempfile::tempdir().unwrap();
    let (file, log, key) = filled(folder.path());
    let raw = Connection::open(&file).unwrap();
    raw.execute("UPDATE payload SET v = CAST(replace(hex(v), '0', '1') AS BLOB)", []).unwrap();
    raw.execute("INSERT INTO leaf (k, v) VALUES (?1, x'00')", params![99_i64 << INDEX_BITS]).unwrap();
    let found = Inspection::open(&file, &key).unwrap();
    assert_eq!(found.payload(log, 5), Err(Damage::Sealed));
    assert_eq!(found.strays(journal_of(nation("XAA"))), Ok(1));
}

#[test]
fn no_changed_byte_of_a_payload_opens() {
    let folder = tempfile::tempdir().unwrap();
    let (file, log, key) = filled(folder.path());
    let raw = Connection::open(&file).unwrap();
    let good: Vec<u8> = raw.query_row("SELECT v FROM payload", [], |row| row.get(0)).unwrap();
    for at in 0..good.len() {
        let mut changed = good.clone();
        changed[at] ^= 1;
        raw.execute("UPDATE payload SET v = ?1", params![changed]).unwrap();
        assert_eq!(Inspection::open(&file, &key).unwrap().payload(log, 5), Err(Damage::Sealed), "byte {at}");
    }
}

#[test]
fn a_file_that_is_no_database_is_damage_and_an_absent_one_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let (file, _, key) = filled(folder.path());
    let absent = Inspection::open(&folder.path().join("absent.db"), &key).err().unwrap();
    assert!(!is_damage(&absent), "{absent}");
    let other = Inspection::open(&file, &Zeroizing::new([8; 32])).err().unwrap();
    assert!(!is_damage(&other), "{other}");
    let torn = folder.path().join("torn.db");
    std::fs::write(&torn, [0x55; 8192]).unwrap();
    let torn = Inspection::open(&torn, &key).err().unwrap();
    assert!(is_damage(&torn), "{torn}");
}
