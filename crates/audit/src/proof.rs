//! Proofs about a tree of RFC 9162: that a leaf stands at its index (section 2.1.3), that a larger tree continues a
//! smaller one (section 2.1.4), and the first of them as a text that a person can keep and check without the log.

pub mod kept;

use crate::{
    checkpoint::{Checkpoint, CheckpointError, MAX_CHECKPOINT, SignedCheckpoint, decimal, hash_of_base64},
    origin::Origin,
    tree::{empty_root, leaf_hash, node_hash},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use relto_report::{crypto::PublicKey, digest::Digest};
use std::borrow::Cow;

/// Hashes of the longest proof: one for each level above the leaves of a tree of up to `u64::MAX` leaves; a
/// consistency proof has one more, the node that it starts from.
pub const MAX_HASHES: usize = 64;

/// Bytes of the longest text of an [`InclusionProof`]: 23 (first line), 27 (index), 45 a hash, 1, the checkpoint.
pub const MAX_PROOF_TEXT: usize = 23 + 27 + 45 * MAX_HASHES + 1 + MAX_CHECKPOINT;

const FIRST_LINE: &str = "c2sp.org/tlog-proof@v1";

/// Why a proof proves nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// The leaf's index is not below the tree's size.
    #[error("the index is not below the size of the tree")]
    Index,
    /// More or fewer hashes than a proof between these places has.
    #[error("the proof has too many or too few hashes")]
    Length,
    /// The proof leads to the newer root but starts from another older one: the log's owner forked it.
    #[error("the newer tree continues another tree than this older one")]
    OldRoot,
    /// The older tree is larger than the newer one, or a size is out of the range that the proof is about.
    #[error("the sizes are not those of an older and a newer tree")]
    Order,
    /// The hashes do not lead to the root.
    #[error("the proof does not lead to the root")]
    Root,
}

/// The hashes beside the way from the leaf at `index` to the root over all of `leaf_hashes`; `None` if there is no
/// such leaf. Takes one hash for each leaf of the tree.
#[must_use]
pub fn inclusion_proof(leaf_hashes: &[Digest], index: u64) -> Option<Vec<Digest>> {
    let place = usize::try_from(index).ok().filter(|place| *place < leaf_hashes.len())?;
    let mut proof = Vec::new();
    collect_siblings(Cow::Borrowed(leaf_hashes), place, &mut proof);
    Some(proof)
}

/// Checks that the leaf with this hash is the one at `index` in the tree of this size and root.
///
/// # Errors
/// [`ProofError`] `Index`, `Length` or `Root`.
pub fn verify_inclusion(
    leaf: &Digest,
    index: u64,
    size: u64,
    proof: &[Digest],
    root: &Digest,
) -> Result<(), ProofError> {
    let last = size.checked_sub(1).filter(|last| index <= *last).ok_or(ProofError::Index)?;
    if climb(leaf, (index, last), proof, |_| {})? == *root { Ok(()) } else { Err(ProofError::Root) }
}

/// The proof of RFC 9162 section 2.1.4.1 that the tree over all of `leaf_hashes` continues its first `m` leaves; empty
/// for `m` of 0 and of all leaves, `None` for more.
#[must_use]
pub fn consistency_proof(leaf_hashes: &[Digest], m: u64) -> Option<Vec<Digest>> {
    let old = usize::try_from(m).ok().filter(|old| *old <= leaf_hashes.len())?;
    if old == 0 || old == leaf_hashes.len() {
        return Some(Vec::new());
    }
    let mut proof = prefix_proof(leaf_hashes, m)?;
    if m.is_power_of_two() {
        // The older tree is one complete subtree: its root is what the verifier already has.
        proof.remove(0);
    }
    Some(proof)
}

/// Checks that the tree of size `n` and root `root_n` continues the one of size `m` and root `root_m`.
///
/// # Errors
/// [`ProofError`] `Order`, `Length`, `Root` or `OldRoot`.
pub fn verify_consistency(
    m: u64,
    root_m: &Digest,
    n: u64,
    root_n: &Digest,
    proof: &[Digest],
) -> Result<(), ProofError> {
    if m > n {
        return Err(ProofError::Order);
    }
    if m == 0 || m == n {
        let old = if m == 0 { empty_root() } else { *root_n };
        return match proof {
            [] if old == *root_m => Ok(()),
            [] => Err(ProofError::OldRoot),
            [..] => Err(ProofError::Length),
        };
    }
    let climbed = if m.is_power_of_two() {
        climb_from_prefix(m, n, root_m, proof)?
    } else {
        let (start, rest) = proof.split_first().ok_or(ProofError::Length)?;
        climb_from_prefix(m, n, start, rest)?
    };
    if climbed.whole != *root_n {
        Err(ProofError::Root)
    } else if climbed.left != *root_m {
        Err(ProofError::OldRoot)
    } else {
        Ok(())
    }
}

/// As [`consistency_proof`], but the node it starts from is always its first hash, so that it says by itself what the
/// root at size `m` was; `None` unless `m` is above 0 and below the number of leaves.
#[must_use]
pub fn prefix_proof(leaf_hashes: &[Digest], m: u64) -> Option<Vec<Digest>> {
    let old = usize::try_from(m).ok().filter(|old| *old > 0 && *old < leaf_hashes.len())?;
    let height = old.trailing_zeros();
    let mut level = Cow::Borrowed(leaf_hashes);
    for _ in 0..height {
        level = Cow::Owned(level_above(&level));
    }
    // The last and smallest of the complete subtrees that make up the older tree.
    let place = (old >> height).checked_sub(1)?;
    let mut proof = vec![*level.get(place)?];
    collect_siblings(level, place, &mut proof);
    Some(proof)
}

/// The root at size `m` that the tree of size `n` and root `root_n` continues, by a [`prefix_proof`]. Where the log's
/// key signed `root_n` and, at size `m`, another root than this one, the two heads and the proof are evidence of a
/// fork that convinces anybody.
///
/// # Errors
/// [`ProofError`] `Order` unless 0 < `m` < `n`, `Length` or `Root`.
pub fn prefix_root(m: u64, n: u64, root_n: &Digest, proof: &[Digest]) -> Result<Digest, ProofError> {
    if m == 0 || m >= n {
        return Err(ProofError::Order);
    }
    let (start, rest) = proof.split_first().ok_or(ProofError::Length)?;
    let climbed = climb_from_prefix(m, n, start, rest)?;
    if climbed.whole == *root_n { Ok(climbed.left) } else { Err(ProofError::Root) }
}

/// Pushes the sibling of the node at `place` and those of all nodes above it.
fn collect_siblings(mut level: Cow<'_, [Digest]>, mut place: usize, proof: &mut Vec<Digest>) {
    while level.len() > 1 {
        proof.extend(level.get(place ^ 1));
        level = Cow::Owned(level_above(&level));
        place >>= 1;
    }
}

/// A last node without a sibling rises as it is: the same tree as the RFC's split at the largest power of two.
fn level_above(level: &[Digest]) -> Vec<Digest> {
    let (pairs, single) = level.as_chunks::<2>();
    pairs.iter().map(|[left, right]| node_hash(left, right)).chain(single.iter().copied()).collect()
}

/// What a climb from a prefix to the root gives.
struct Climbed {
    /// Hash over the start and what lies to the left of it.
    left: Digest,
    /// Hash over everything: the root.
    whole: Digest,
}

/// Climbs from the last complete subtree of the first `m` of `n` leaves; 0 < `m` < `n`.
fn climb_from_prefix(m: u64, n: u64, start: &Digest, proof: &[Digest]) -> Result<Climbed, ProofError> {
    let height = m.trailing_zeros();
    let place = m.checked_sub(1).and_then(|place| place.checked_shr(height)).ok_or(ProofError::Order)?;
    let last = n.checked_sub(1).and_then(|last| last.checked_shr(height)).ok_or(ProofError::Order)?;
    let mut left = *start;
    let whole = climb(start, (place, last), proof, |hash| left = node_hash(hash, &left))?;
    Ok(Climbed { left, whole })
}

/// The loop of RFC 9162 sections 2.1.3.2 and 2.1.4.2, from the node at `place` of a level whose last place is `last`, to
/// the root; `left` is told each hash that lies to the left of it.
fn climb(
    start: &Digest,
    (mut place, mut last): (u64, u64),
    proof: &[Digest],
    mut left: impl FnMut(&Digest),
) -> Result<Digest, ProofError> {
    let mut whole = *start;
    for hash in proof {
        if last == 0 {
            return Err(ProofError::Length);
        }
        if place & 1 == 1 || place == last {
            left(hash);
            whole = node_hash(hash, &whole);
            // A last node rose through every level at which it had no sibling.
            while place & 1 == 0 && place != 0 {
                place >>= 1;
                last >>= 1;
            }
        } else {
            whole = node_hash(&whole, hash);
        }
        place >>= 1;
        last >>= 1;
    }
    if last == 0 { Ok(whole) } else { Err(ProofError::Length) }
}

/// One leaf's place in a log as a text to hand out: a C2SP tlog-proof without extra data.
///
/// ```text
/// c2sp.org/tlog-proof@v1
/// index 17
/// <44 base64>            as many lines as the proof has hashes, the leaf's sibling first
///                        blank
/// <checkpoint>           five lines, verbatim
/// ```
/// Parsing verifies nothing. Whoever has the leaf's bytes, the log's origin and its key needs nothing else.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct InclusionProof {
    /// The leaf's index.
    pub index: u64,
    /// From the leaf's sibling to the root's child; at most [`MAX_HASHES`].
    pub hashes: Vec<Digest>,
    /// The verbatim checkpoint under which the leaf stands.
    pub checkpoint: String,
}

/// Why a proof text is none, or does not prove its leaf.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EvidenceError {
    /// The checkpoint in it.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// Not the exact form of a proof text: first line, index, hashes, blank line.
    #[error("not a proof of inclusion in the form c2sp.org/tlog-proof@v1")]
    Malformed,
    /// The proof itself.
    #[error(transparent)]
    Proof(#[from] ProofError),
    /// Over [`MAX_PROOF_TEXT`] bytes.
    #[error("the proof text is longer than a proof can be")]
    TooLong,
}

impl InclusionProof {
    /// Proves the leaf at `index` under a checkpoint of the log with these leaves, which may have grown since; `None`
    /// if the checkpoint does not cover the index, or more leaves than there are.
    #[must_use]
    pub fn of(leaf_hashes: &[Digest], index: u64, checkpoint: &SignedCheckpoint) -> Option<Self> {
        let size = usize::try_from(checkpoint.checkpoint().size).ok()?;
        let hashes = inclusion_proof(leaf_hashes.get(..size)?, index)?;
        Some(Self { index, hashes, checkpoint: checkpoint.as_str().to_owned() })
    }

    /// The text.
    #[must_use]
    pub fn format(&self) -> String {
        let mut out = format!("{FIRST_LINE}\nindex {}\n", self.index);
        for hash in &self.hashes {
            out.push_str(&STANDARD.encode(hash.as_bytes()));
            out.push('\n');
        }
        out.push('\n');
        out.push_str(&self.checkpoint);
        out
    }

    /// Reads exactly the form that [`InclusionProof::format`] writes.
    ///
    /// # Errors
    /// [`EvidenceError`] `TooLong`, `Malformed` or `Checkpoint`.
    pub fn parse(bytes: &[u8]) -> Result<Self, EvidenceError> {
        if bytes.len() > MAX_PROOF_TEXT {
            return Err(EvidenceError::TooLong);
        }
        let text = std::str::from_utf8(bytes).map_err(|_| EvidenceError::Malformed)?;
        let (first, text) = text.split_once('\n').ok_or(EvidenceError::Malformed)?;
        let (second, mut text) = text.split_once('\n').ok_or(EvidenceError::Malformed)?;
        let index = second.strip_prefix("index ").and_then(decimal).ok_or(EvidenceError::Malformed)?;
        if first != FIRST_LINE {
            return Err(EvidenceError::Malformed);
        }
        let mut hashes = Vec::new();
        loop {
            let (line, rest) = text.split_once('\n').ok_or(EvidenceError::Malformed)?;
            text = rest;
            if line.is_empty() {
                break;
            }
            if hashes.len() == MAX_HASHES {
                return Err(EvidenceError::Malformed);
            }
            hashes.push(hash_of_base64(line).ok_or(EvidenceError::Malformed)?);
        }
        Checkpoint::parse_unverified(text.as_bytes())?;
        Ok(Self { index, hashes, checkpoint: text.to_owned() })
    }

    /// Checks that the stored bytes `leaf` stand at [`InclusionProof::index`] of the log `origin`, by its key, and
    /// gives the head that says so.
    ///
    /// # Errors
    /// [`EvidenceError`] `Checkpoint` or `Proof`.
    pub fn verify(&self, leaf: &[u8], origin: Origin, key: &PublicKey) -> Result<SignedCheckpoint, EvidenceError> {
        let signed = SignedCheckpoint::open(self.checkpoint.as_bytes(), origin, key)?;
        let Checkpoint { size, root, .. } = *signed.checkpoint();
        verify_inclusion(&leaf_hash(leaf), self.index, size, &self.hashes, &root)?;
        Ok(signed)
    }
}

#[cfg(test)]
mod tests;
