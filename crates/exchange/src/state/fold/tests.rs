use super::*;
use crate::model::journal::Account;

fn log(byte: u8) -> LogFold {
    let mut frontier = Frontier::new();
    (0..3).for_each(|leaf| frontier.push(&[byte, leaf]));
    LogFold { origin: Origin::from_bytes([byte; 32]), frontier, time: 5, head: Some(2) }
}

fn sample() -> Fold {
    let account = Account {
        key: "key".to_owned(),
        roles: vec!["author".to_owned()],
        office: "XAA/J2".to_owned(),
        offices: Vec::new(),
        clearance: Some(3),
        nationality: vec!["XAA".to_owned()],
        contractor: None,
    };
    let link = LinkFold {
        mine: log(2),
        theirs: log(3),
        my_times: vec![1, 2, 3],
        their_times: vec![4, 5, 6],
        my_changes: [(1, sha256(&[b"mine"]))].into(),
        their_changes: [(2, (9, sha256(&[b"theirs"])))].into(),
        observed: 1,
        anchored: 2,
        acknowledged_head: 3,
        unresolved: [1, 2].into(),
        unconfirmed: [2].into(),
        unacknowledged: [(0, (3, Precedence::Flash))].into(),
        awaited: [0].into(),
        waiting: [[7; 16]].into(),
    };
    let serials = [[1; 16].as_slice(), &0_u16.to_le_bytes(), &8_u64.to_le_bytes()].concat();
    Fold {
        journal: log(1),
        people: [("author".to_owned(), account)].into(),
        stated: [(1, sha256(&[b"stated"]))].into(),
        links: vec![link],
        salt: Some(sha256(&[b"salt"])),
        logs: vec![Origin::from_bytes([2; 32])],
        serials,
    }
}

/// A program that reads folds which another one wrote otherwise would call them changed: whoever changes this raises the
/// version of the store, and takes the folds of older ones away in the migration.
#[test]
fn sto_7_a_fold_is_written_so_in_this_version_of_the_store() {
    let (bytes, digest) = sample().encode();
    assert_eq!(Fold::decode(&bytes), Ok(sample()));
    assert_eq!(digest.hex(), "76c722a5d3f3538f21594b305aacaf0cac3f2cf64616c8d9f73a4390f51c88eb");
    let at = SerialAt { serial: [1; 16], log: Origin::from_bytes([2; 32]), index: 8 };
    assert_eq!(sample().serials(), Some([at].into()));
    assert_eq!(bytes.first_chunk(), Some(&3_u64.to_le_bytes()), "the size of the journal");
}

#[test]
fn sto_7_a_fold_with_a_serial_of_no_log_or_half_a_serial_is_none() {
    let cut = |fold: &Fold, bytes: usize| Fold { serials: fold.serials[..bytes].to_vec(), ..fold.clone() };
    assert_eq!(cut(&sample(), 25).serials(), None);
    assert_eq!(Fold { logs: Vec::new(), ..sample() }.serials(), None);
}
