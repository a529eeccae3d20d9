//! What the tests of this crate share: one log's name, keys, leaves, and pseudo-random choices that repeat.

use crate::{
    checkpoint::{Checkpoint, SignedCheckpoint},
    leaf::{Head, Leaf, Precedence, Released},
    origin::Origin,
    tree::{Frontier, empty_root, leaf_hash},
};
use relto_report::{crypto::SoftwareKey, digest::Digest, nation::Nation};
use zeroize::Zeroizing;

pub(crate) const AGREEMENT: &str = "AGR-TEST";

pub(crate) fn nation() -> Nation {
    Nation::parse("XAA").unwrap()
}

pub(crate) fn origin() -> Origin {
    Origin::new(AGREEMENT, nation(), 0)
}

pub(crate) fn key(seed: u8) -> SoftwareKey {
    SoftwareKey::from_seed(&Zeroizing::new([seed; 32])).unwrap()
}

/// Leaves of no meaning: their bytes are what the tree is about.
pub(crate) fn plain_leaves(count: usize) -> Vec<Vec<u8>> {
    (0..count).map(|at| at.to_string().repeat(at % 5).into_bytes()).collect()
}

pub(crate) fn hashes(leaves: &[Vec<u8>]) -> Vec<Digest> {
    leaves.iter().map(|leaf| leaf_hash(leaf)).collect()
}

pub(crate) fn frontier(leaves: &[Vec<u8>]) -> Frontier {
    let mut frontier = Frontier::new();
    for leaf in leaves {
        frontier.push(leaf);
    }
    frontier
}

pub(crate) fn signed(leaves: &[Vec<u8>]) -> SignedCheckpoint {
    Checkpoint::of(origin(), &frontier(leaves)).sign(&key(1)).unwrap()
}

pub(crate) fn released(time: u64, commitment: Digest, length: u64) -> Leaf {
    Leaf::Released(Released {
        time,
        agreement: Digest::from_bytes([1; 32]),
        commitment,
        length,
        precedence: Precedence::Routine,
        detail: Digest::from_bytes([2; 32]),
        seen: Head { size: 0, root: empty_root() },
    })
}
