use super::*;
use crate::{
    checkpoint::Checkpoint,
    testing::{frontier, key, nation, origin, plain_leaves, signed},
};
use relto_report::crypto::Signer as _;

fn try_follow(held: &Frontier, first: u64, leaves: &[Vec<u8>], checkpoint: &[u8]) -> Result<Followed, FollowFault> {
    follow(held, first, leaves, checkpoint, origin(), &key(1).public_key())
}

#[test]
fn batches_of_any_cut_lead_to_the_same_copy() {
    let leaves = plain_leaves(40);
    for step in [1, 3, 7, 40] {
        let mut held = Frontier::new();
        let mut end = 0;
        for batch in leaves.chunks(step) {
            let first = end;
            end += batch.len();
            let head = signed(&leaves[..end]);
            let followed = try_follow(&held, first as u64, batch, head.as_bytes()).unwrap();
            assert_eq!(followed.checkpoint, head);
            held = followed.frontier;
        }
        assert_eq!(held, frontier(&leaves));
    }
}

#[test]
fn no_leaves_repeat_the_newest_checkpoint() {
    for count in [0, 5] {
        let leaves = plain_leaves(count);
        let (held, head) = (frontier(&leaves), signed(&leaves));
        let followed = try_follow(&held, count as u64, &[], head.as_bytes()).unwrap();
        assert_eq!(followed, Followed { frontier: held, checkpoint: head });
    }
    let held = frontier(&plain_leaves(5));
    let older = signed(&plain_leaves(4));
    assert_eq!(try_follow(&held, 5, &[], older.as_bytes()), Err(FollowFault::SizeMismatch));
    let mut changed = plain_leaves(5);
    changed[2].push(b'x');
    let fork = signed(&changed);
    let fault = FollowFault::RootMismatch { size: 5, computed: held.root(), signed: fork.checkpoint().root };
    assert_eq!(try_follow(&held, 5, &[], fork.as_bytes()), Err(fault));
}

#[test]
fn every_fault_has_its_name() {
    let leaves = plain_leaves(8);
    let held = frontier(&leaves[..5]);
    let head = signed(&leaves);
    let batch = &leaves[5..];
    assert!(try_follow(&held, 5, batch, head.as_bytes()).is_ok());

    for first in [0, 4, 6, u64::MAX] {
        let fault = FollowFault::OutOfOrder { expected: 5, first };
        assert_eq!(try_follow(&held, first, batch, head.as_bytes()), Err(fault));
    }
    for size in [0, 5, 7] {
        let other = signed(&leaves[..size]);
        assert_eq!(try_follow(&held, 5, batch, other.as_bytes()), Err(FollowFault::SizeMismatch));
    }
    assert_eq!(try_follow(&held, 5, &leaves[5..7], head.as_bytes()), Err(FollowFault::SizeMismatch));
    assert_eq!(try_follow(&held, 5, batch, b"no note"), Err(FollowFault::BadCheckpoint));
    assert_eq!(try_follow(&held, 5, batch, &[head.as_bytes(), b"\n"].concat()), Err(FollowFault::BadCheckpoint));

    let forged = head.checkpoint().sign(&key(2)).unwrap();
    assert_eq!(try_follow(&held, 5, batch, forged.as_bytes()), Err(FollowFault::BadSignature));
    let mut broken = head.as_bytes().to_vec();
    let at = broken.len() - 20;
    broken[at] = if broken[at] == b'A' { b'B' } else { b'A' };
    assert_eq!(try_follow(&held, 5, batch, &broken), Err(FollowFault::BadSignature));

    let elsewhere = Origin::new(crate::testing::AGREEMENT, nation(), 1);
    let other = Checkpoint { origin: elsewhere, ..*head.checkpoint() }.sign(&key(1)).unwrap();
    assert_eq!(try_follow(&held, 5, batch, other.as_bytes()), Err(FollowFault::WrongOrigin));
}

#[test]
fn any_changed_swapped_or_doubled_leaf_gives_another_root() {
    let leaves = plain_leaves(8);
    let held = frontier(&leaves[..5]);
    let head = signed(&leaves);
    let refused = |batch: &[Vec<u8>]| {
        let fault = try_follow(&held, 5, batch, head.as_bytes()).unwrap_err();
        assert!(matches!(fault, FollowFault::RootMismatch { size: 8, .. }), "{fault:?}");
    };
    for at in 0..3 {
        let mut changed = leaves[5..].to_vec();
        changed[at].push(0);
        refused(&changed);
    }
    refused(&[leaves[6].clone(), leaves[5].clone(), leaves[7].clone()]);
    refused(&[leaves[5].clone(), leaves[5].clone(), leaves[7].clone()]);
}

#[test]
fn log_5_at_most_1024_leaves_in_a_batch() {
    let leaves = plain_leaves(MAX_LEAVES + 1);
    let most = &leaves[..MAX_LEAVES];
    assert!(try_follow(&Frontier::new(), 0, most, signed(most).as_bytes()).is_ok());
    let head = signed(&leaves);
    assert_eq!(try_follow(&Frontier::new(), 0, &leaves, head.as_bytes()), Err(FollowFault::TooMany));
}

#[test]
fn the_largest_log_takes_no_leaf() {
    use relto_report::codec;
    let full: (u64, Vec<Digest>) = (u64::MAX, vec![Digest::from_bytes([9; 32]); 64]);
    let full: Frontier = codec::decode::<_, { crate::tree::MAX_FRONTIER }>(&codec::encode(&full)).unwrap();
    let head = Checkpoint::of(origin(), &full).sign(&key(1)).unwrap();
    assert!(try_follow(&full, u64::MAX, &[], head.as_bytes()).is_ok());
    assert_eq!(try_follow(&full, u64::MAX, &[b"x".to_vec()], head.as_bytes()), Err(FollowFault::TooMany));
}
