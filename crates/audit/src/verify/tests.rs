use super::*;
use crate::{
    checkpoint::Checkpoint,
    commitment::{commit, plaintext_digest},
    leaf::{Head, Statement},
    testing::{AGREEMENT, frontier, key, nation, origin, plain_leaves, released, signed},
    tree::empty_root,
};
use relto_report::crypto::Signer as _;

/// A stored log: what a test breaks before it is verified.
#[derive(Clone)]
struct Stored {
    leaves: Vec<(u64, Vec<u8>)>,
    checkpoints: Vec<(u64, Vec<u8>)>,
    payloads: Vec<(u64, Vec<u8>)>,
}

fn payload(index: u64) -> Vec<u8> {
    [&[index as u8; commitment::SALT][..], b"text of leaf ", index.to_string().as_bytes()].concat()
}

fn commits(index: u64, time: u64) -> Leaf {
    let payload = payload(index);
    let (salt, plaintext) = payload.split_first_chunk().unwrap();
    let commitment = commit(origin(), index, salt, plaintext.len() as u64, &plaintext_digest(plaintext));
    released(time, commitment, payload.len() as u64)
}

/// Genesis, reports, a statement and other leaves; a checkpoint after each of `batches`.
fn stored(size: u64, batches: &[u64]) -> Stored {
    let mut log = Stored { leaves: Vec::new(), checkpoints: Vec::new(), payloads: Vec::new() };
    for index in 0..size {
        let time = 1_000 + index / 2;
        let leaf = match (index, index % 4) {
            (0, _) => Leaf::genesis(AGREEMENT, nation(), 0),
            (_, 3) => Leaf::Observed { time, seen: Head { size: 0, root: empty_root() } },
            (_, 2) => {
                let Leaf::Released(released) = commits(index, time) else { unreachable!() };
                Leaf::Statement(Statement { released, form: 3, subject: Some((nation(), 1)) })
            }
            _ => commits(index, time),
        };
        if matches!(leaf, Leaf::Released(_) | Leaf::Statement(_)) {
            log.payloads.push((index, payload(index)));
        }
        log.leaves.push((index, leaf.encode()));
    }
    let leaves: Vec<Vec<u8>> = log.leaves.iter().map(|(_, bytes)| bytes.clone()).collect();
    for size in batches {
        let head = signed(&leaves[..usize::try_from(*size).unwrap()]);
        log.checkpoints.push((*size, head.as_bytes().to_vec()));
    }
    log
}

impl Stored {
    /// Gives each checkpoint in its place, payloads at the end.
    fn feed(&self, verifier: &mut LogVerifier) {
        let mut checkpoints = self.checkpoints.iter().peekable();
        for (index, bytes) in &self.leaves {
            while let Some((size, note)) = checkpoints.next_if(|(size, _)| size <= index) {
                verifier.checkpoint(*size, note);
            }
            verifier.leaf(*index, bytes);
        }
        for (size, note) in checkpoints {
            verifier.checkpoint(*size, note);
        }
        for (index, bytes) in &self.payloads {
            verifier.payload(*index, bytes);
        }
    }

    fn verdict(&self) -> Verdict {
        let mut verifier = LogVerifier::new(origin(), key(1).public_key());
        self.feed(&mut verifier);
        verifier.finish()
    }

    fn resigned(mut self) -> Self {
        let leaves: Vec<Vec<u8>> = self.leaves.iter().map(|(_, bytes)| bytes.clone()).collect();
        for (size, note) in &mut self.checkpoints {
            *note = signed(&leaves[..usize::try_from(*size).unwrap()]).as_bytes().to_vec();
        }
        self
    }
}

fn sample() -> Stored {
    stored(12, &[1, 4, 5, 12])
}

#[test]
fn a_sound_log_is_sound() {
    let log = sample();
    let verdict = log.verdict();
    assert_eq!(verdict.faults, []);
    assert!(verdict.is_sound());
    let leaves: Vec<Vec<u8>> = log.leaves.iter().map(|(_, bytes)| bytes.clone()).collect();
    assert_eq!((verdict.size, verdict.root), (12, frontier(&leaves).root()));
    assert_eq!(verdict.newest.unwrap().as_bytes(), log.checkpoints[3].1);
    assert_eq!((verdict.unsigned, verdict.checkpoints, verdict.payloads), (0, 4, log.payloads.len() as u64));
}

#[test]
fn checkpoints_may_come_before_their_leaves() {
    let log = sample();
    let mut verifier = LogVerifier::new(origin(), key(1).public_key());
    for (size, note) in log.checkpoints.iter().rev().chain(&log.checkpoints) {
        verifier.checkpoint(*size, note);
    }
    Stored { checkpoints: Vec::new(), ..log }.feed(&mut verifier);
    let verdict = verifier.finish();
    assert_eq!((verdict.faults, verdict.checkpoints), (vec![], 4));
}

#[test]
fn leaves_past_the_last_checkpoint_are_a_note() {
    let verdict = stored(12, &[1, 4, 9]).verdict();
    assert!(verdict.is_sound());
    assert_eq!((verdict.size, verdict.unsigned), (12, 3));
    let empty = stored(0, &[]).verdict();
    assert!(empty.is_sound());
    assert_eq!((empty.size, empty.root, empty.newest), (0, empty_root(), None));
}

#[test]
fn a_changed_byte_anywhere_is_found() {
    let log = sample();
    let found = |changed: &Stored, at: Place, byte: usize| {
        let verdict = changed.verdict();
        assert!(!verdict.is_sound(), "{at} byte {byte}");
        verdict
    };
    for row in 0..log.leaves.len() {
        for byte in 0..log.leaves[row].1.len() {
            let mut changed = log.clone();
            changed.leaves[row].1[byte] ^= 1;
            let verdict = found(&changed, Place::Leaf(row as u64), byte);
            let roots = verdict.faults.iter().filter(|fault| matches!(fault.what, What::Root { .. }));
            let under = log.checkpoints.iter().filter(|(size, _)| *size > row as u64).count();
            assert_eq!(roots.count(), under, "the next checkpoint and every later one");
        }
    }
    for row in 0..log.checkpoints.len() {
        for byte in 0..log.checkpoints[row].1.len() {
            let mut changed = log.clone();
            changed.checkpoints[row].1[byte] ^= 1;
            found(&changed, Place::Checkpoint(log.checkpoints[row].0), byte);
        }
    }
    for row in 0..log.payloads.len() {
        for byte in 0..log.payloads[row].1.len() {
            let mut changed = log.clone();
            changed.payloads[row].1[byte] ^= 1;
            let index = log.payloads[row].0;
            let verdict = found(&changed, Place::Payload(index), byte);
            assert_eq!(verdict.faults, [Fault { at: Place::Payload(index), what: What::Payload }]);
        }
    }
}

#[test]
fn lost_swapped_and_repeated_rows_are_found() {
    let log = sample();
    for row in 0..log.leaves.len() {
        let mut lost = log.clone();
        lost.leaves.remove(row);
        assert!(!lost.verdict().is_sound(), "lost leaf {row}");
        let mut repeated = log.clone();
        repeated.leaves.insert(row + 1, repeated.leaves[row].clone());
        let fault = Fault { at: Place::Leaf(row as u64), what: What::Repeated };
        assert_eq!(repeated.verdict().faults, [fault]);
    }
    let mut gap = log.clone();
    gap.leaves.remove(6);
    let faults = gap.verdict().faults;
    assert_eq!(faults[0], Fault { at: Place::Leaf(7), what: What::Gap { expected: 6 } });
    assert!(matches!(faults[1], Fault { at: Place::Checkpoint(12), what: What::Root { .. } }));

    let mut swapped = log.clone();
    let (first, second) = (swapped.leaves[5].1.clone(), swapped.leaves[9].1.clone());
    swapped.leaves[5].1 = second;
    swapped.leaves[9].1 = first;
    assert!(!swapped.verdict().is_sound());
    let mut swapped = log.clone();
    swapped.payloads[0].0 = log.payloads[1].0;
    assert_eq!(swapped.verdict().faults[0].at, Place::Payload(log.payloads[1].0));
}

#[test]
fn a_log_that_was_cut_is_found_by_a_head_from_elsewhere() {
    let log = sample();
    let mut cut = log.clone();
    cut.leaves.truncate(5);
    cut.checkpoints.truncate(3);
    cut.payloads.retain(|(index, _)| *index < 5);
    assert!(cut.verdict().is_sound(), "a cut log is sound in itself");
    let mut verifier = LogVerifier::new(origin(), key(1).public_key());
    verifier.checkpoint(12, &log.checkpoints[3].1);
    cut.feed(&mut verifier);
    let fault = Fault { at: Place::Checkpoint(12), what: What::MissingLeaves { stored: 5 } };
    assert_eq!(verifier.finish().faults, [fault]);

    // Cut and grown again another way.
    let mut other = stored(12, &[1, 4, 5, 12]);
    other.leaves[7].1 = commits(7, 2_000).encode();
    other.leaves.truncate(9);
    other.checkpoints.truncate(3);
    other.payloads.clear();
    other.leaves.extend(stored(12, &[]).leaves.split_off(9));
    let mut verifier = LogVerifier::new(origin(), key(1).public_key());
    verifier.checkpoint(12, &log.checkpoints[3].1);
    other.feed(&mut verifier);
    let faults = verifier.finish().faults;
    assert!(faults.iter().any(|f| f.at == Place::Checkpoint(12) && matches!(f.what, What::Root { .. })), "{faults:?}");
}

#[test]
fn what_a_key_signed_wrongly_is_found_all_the_same() {
    let only = |log: Stored, at: Place, what: What| assert_eq!(log.resigned().verdict().faults, [Fault { at, what }]);

    let mut malformed = sample();
    malformed.leaves[3].1.push(0);
    only(malformed, Place::Leaf(3), What::Malformed(Malformed::Trailing));

    let mut undecodable = sample();
    let at = undecodable.leaves[2].1.len() - 12; // the option's byte before nation and index of the subject
    assert_eq!(undecodable.leaves[2].1[at], 1);
    undecodable.leaves[2].1[at] = 2;
    undecodable.payloads.retain(|(index, _)| *index != 2);
    only(undecodable, Place::Leaf(2), What::Malformed(Malformed::Undecodable));

    let mut backwards = sample();
    backwards.leaves[7].1 = Leaf::Observed { time: 999, seen: Head { size: 0, root: empty_root() } }.encode();
    only(backwards, Place::Leaf(7), What::Time { before: 1_003 });

    let mut foreign = sample();
    foreign.leaves[0].1 = Leaf::genesis("AGR-OTHER", nation(), 0).encode();
    only(foreign, Place::Leaf(0), What::Genesis);

    let mut second = sample();
    second.leaves[3].1 = Leaf::genesis(AGREEMENT, nation(), 0).encode();
    only(second, Place::Leaf(3), What::Genesis);

    let mut longer = sample();
    longer.payloads[0].1.push(b'x');
    let (index, declared) = (longer.payloads[0].0, payload(longer.payloads[0].0).len() as u64);
    only(longer, Place::Payload(index), What::PayloadLength { declared, stored: declared + 1 });

    let mut nobodys = sample();
    nobodys.payloads.push((3, payload(3)));
    only(nobodys, Place::Payload(3), What::NoCommitment);
}

#[test]
fn wrong_missing_and_late_checkpoints_are_found() {
    let log = sample();
    let faults = |log: &Stored| log.verdict().faults;

    let mut none = log.clone();
    none.checkpoints.clear();
    assert_eq!(faults(&none), [Fault { at: Place::Checkpoint(12), what: What::NoCheckpoint }]);

    let mut misplaced = log.clone();
    misplaced.checkpoints[1].1 = log.checkpoints[2].1.clone();
    assert_eq!(faults(&misplaced), [Fault { at: Place::Checkpoint(4), what: What::CheckpointSize { signed: 5 } }]);

    let mut late = log.clone();
    late.checkpoints.push(late.checkpoints[1].clone());
    assert_eq!(faults(&late), [Fault { at: Place::Checkpoint(4), what: What::OutOfPlace }]);

    let head = Checkpoint::parse_unverified(&log.checkpoints[1].1).unwrap();
    let mut forged = log.clone();
    forged.checkpoints[1].1 = head.sign(&key(2)).unwrap().as_bytes().to_vec();
    let what = What::Checkpoint(CheckpointError::WrongKey);
    assert_eq!(faults(&forged), [Fault { at: Place::Checkpoint(4), what }]);

    let other = Checkpoint { root: Digest::from_bytes([7; 32]), ..head }.sign(&key(1)).unwrap();
    let mut forked = log.clone();
    forked.checkpoints[1].1 = other.as_bytes().to_vec();
    let what = What::Root { computed: head.root, signed: Digest::from_bytes([7; 32]) };
    assert_eq!(faults(&forked), [Fault { at: Place::Checkpoint(4), what }]);

    let mut verifier = LogVerifier::new(origin(), key(1).public_key());
    verifier.checkpoint(4, &log.checkpoints[1].1);
    verifier.checkpoint(4, other.as_bytes());
    assert_eq!(verifier.faults, [Fault { at: Place::Checkpoint(4), what: What::TwoRoots }]);
}

#[test]
fn a_key_change_changes_who_must_sign() {
    let mut log = sample();
    let changed = Checkpoint::parse_unverified(&log.checkpoints[3].1).unwrap();
    log.checkpoints[3].1 = changed.sign(&key(2)).unwrap().as_bytes().to_vec();
    let verdict = |index: Option<u64>| {
        let mut verifier = LogVerifier::new(origin(), key(1).public_key());
        if let Some(index) = index {
            verifier.key_change(index, key(2).public_key());
        }
        log.feed(&mut verifier);
        verifier.finish()
    };
    let wrong = |size| Fault { at: Place::Checkpoint(size), what: What::Checkpoint(CheckpointError::WrongKey) };
    assert_eq!(verdict(None).faults, [wrong(12)]);
    // The change at index 4 holds from size 5 on, its own batch included.
    assert_eq!(verdict(Some(4)).faults, [wrong(5)]);
    assert!(verdict(Some(5)).is_sound());
    assert!(verdict(Some(11)).is_sound());
    assert_eq!(verdict(Some(12)).faults, [wrong(12)]);
}

#[test]
fn log_11_a_journal_is_verified_without_being_read() {
    let leaves = plain_leaves(9);
    let verdict = |leaves: &[Vec<u8>], head: &SignedCheckpoint| {
        let mut verifier = LogVerifier::journal(origin(), key(1).public_key());
        for (index, leaf) in leaves.iter().enumerate() {
            verifier.leaf(index as u64, leaf);
        }
        verifier.checkpoint(9, head.as_bytes());
        verifier.finish()
    };
    let head = signed(&leaves);
    assert!(verdict(&leaves, &head).is_sound());
    let mut changed = leaves;
    changed[3].push(1);
    let faults = verdict(&changed, &head).faults;
    assert!(matches!(faults[0], Fault { at: Place::Checkpoint(9), what: What::Root { .. } }), "{faults:?}");
    assert_eq!(faults[1..], [Fault { at: Place::Checkpoint(9), what: What::NoCheckpoint }]);
}

#[test]
fn log_5_at_most_1024_leaves_between_checkpoints_and_100_faults_listed() {
    let verdict = |sizes: &[u64]| stored(1_026, sizes).verdict();
    assert!(verdict(&[1, 1_025]).is_sound());
    let fault = Fault { at: Place::Checkpoint(1_026), what: What::Uncovered { leaves: 1_025 } };
    assert_eq!(verdict(&[1, 1_026]).faults, [fault]);
    assert_eq!(verdict(&[1]).faults, [fault]);
    // Nobody follows a journal.
    let mut verifier = LogVerifier::journal(origin(), key(1).public_key());
    let leaves = plain_leaves(1_026);
    for (index, leaf) in leaves.iter().enumerate() {
        verifier.leaf(index as u64, leaf);
    }
    verifier.checkpoint(1_026, signed(&leaves).as_bytes());
    assert!(verifier.finish().is_sound());

    let mut verifier = LogVerifier::new(origin(), key(1).public_key());
    for index in 0..250 {
        verifier.leaf(index, b"");
    }
    let verdict = verifier.finish();
    assert_eq!((verdict.faults.len(), verdict.fault_count), (MAX_FAULTS, 251));
    assert_eq!(verdict.faults[0].to_string(), "leaf 0: does not decode");
}

#[test]
fn the_largest_indexes_do_not_panic() {
    let mut verifier = LogVerifier::new(origin(), key(1).public_key());
    let leaf = commits(u64::MAX, 5).encode();
    verifier.leaf(u64::MAX - 1, &leaf);
    verifier.leaf(u64::MAX, &leaf);
    verifier.leaf(u64::MAX, &leaf);
    verifier.leaf(0, &leaf);
    verifier.payload(u64::MAX, &payload(u64::MAX));
    verifier.payload(0, b"");
    verifier.key_change(u64::MAX, key(2).public_key());
    let head = Checkpoint { origin: origin(), size: u64::MAX, root: empty_root() }.sign(&key(1)).unwrap();
    verifier.checkpoint(u64::MAX, head.as_bytes());
    let verdict = verifier.finish();
    assert!(!verdict.is_sound());
    assert_eq!(verdict.size, u64::MAX);
}

#[test]
fn log_6_a_time_before_an_earlier_one_is_its_owners_and_no_fault_of_a_copy() {
    let mut log = sample();
    log.leaves[7].1 = Leaf::Observed { time: 999, seen: Head { size: 0, root: empty_root() } }.encode();
    let log = log.resigned();
    assert_eq!(log.verdict().faults, [Fault { at: Place::Leaf(7), what: What::Time { before: 1_003 } }]);
    let mut copy = LogVerifier::followed(origin(), key(1).public_key());
    log.feed(&mut copy);
    let verdict = copy.finish();
    assert_eq!((verdict.faults.as_slice(), verdict.disordered, verdict.is_sound()), (&[][..], 1, true));
    // Of everything else a copy is held to what any log is.
    let mut changed = log.clone();
    changed.leaves[3].1[12] ^= 1;
    let mut copy = LogVerifier::followed(origin(), key(1).public_key());
    changed.feed(&mut copy);
    assert!(!copy.finish().is_sound());
}
