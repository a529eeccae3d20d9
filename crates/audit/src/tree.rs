//! The Merkle tree of RFC 9162 section 2.1 over a list that only grows, kept as its right edge.
//!
//! A [`Frontier`] holds the roots of the complete subtrees that the leaves fall into, largest first: one for each set
//! bit of the size, so at most 64 hashes for any log. Appending is amortised one hash, the root at most 63.

use relto_report::{
    codec::{Malformed, Validate},
    crypto::sha256,
    digest::Digest,
};
use serde::{Deserialize, Serialize};

/// Bytes of the longest encoded frontier: size, number of hashes, 64 hashes.
pub const MAX_FRONTIER: usize = 8 + 8 + 64 * 32;

const LEAF_PREFIX: &[u8] = &[0x00];
const NODE_PREFIX: &[u8] = &[0x01];

/// The hash of a leaf's stored bytes (RFC 9162 section 2.1.1). LOG-7
#[must_use]
pub fn leaf_hash(leaf: &[u8]) -> Digest {
    sha256(&[LEAF_PREFIX, leaf])
}

/// The hash of the node over two subtrees (RFC 9162 section 2.1.1).
#[must_use]
pub fn node_hash(left: &Digest, right: &Digest) -> Digest {
    sha256(&[NODE_PREFIX, left.as_bytes(), right.as_bytes()])
}

/// The root of the tree without leaves: SHA-256 of nothing.
#[must_use]
pub fn empty_root() -> Digest {
    sha256(&[])
}

/// The right edge of the tree: enough to append and to give the root, never enough to give a leaf back.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Frontier {
    size: u64,
    nodes: Vec<Digest>,
}

impl Frontier {
    /// The empty log.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Number of leaves.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// Appends a leaf by its stored bytes.
    pub fn push(&mut self, leaf: &[u8]) {
        self.push_hash(leaf_hash(leaf));
    }

    /// Appends a leaf by its [`leaf_hash`]. A log of `u64::MAX` leaves takes no more and stays as it is.
    pub fn push_hash(&mut self, leaf: Digest) {
        self.push_hash_seen(leaf, |_, _| {});
    }

    /// The same; `seen` is told the height above the leaves, and the root, of each larger subtree that is complete with it.
    pub fn push_hash_seen(&mut self, leaf: Digest, mut seen: impl FnMut(u32, &Digest)) {
        let Some(size) = self.size.checked_add(1) else { return };
        let mut node = leaf;
        // Each trailing one of the old size is a complete subtree as large as the one that `node` has grown to.
        for height in 1..=self.size.trailing_ones() {
            let Some(left) = self.nodes.pop() else { break };
            node = node_hash(&left, &node);
            seen(height, &node);
        }
        self.nodes.push(node);
        self.size = size;
    }

    /// The root over all leaves.
    #[must_use]
    pub fn root(&self) -> Digest {
        let mut smallest_first = self.nodes.iter().rev();
        let Some(smallest) = smallest_first.next() else { return empty_root() };
        smallest_first.fold(*smallest, |right, left| node_hash(left, &right))
    }
}

impl Validate for Frontier {
    fn validate(&self) -> Result<(), Malformed> {
        if u32::try_from(self.nodes.len()) == Ok(self.size.count_ones()) {
            Ok(())
        } else {
            Err(Malformed::OutOfBounds("hashes of a frontier"))
        }
    }
}

#[cfg(test)]
mod tests;
