//! Proofs from roots of complete subtrees that are kept, for a log of any length: what is hashed is what stands around one leaf
//! and at the right edge. REC-1

use crate::tree::{empty_root, node_hash};
use relto_report::digest::Digest;

/// Who knows the roots of complete subtrees.
pub trait Subtrees {
    /// Why one is not given.
    type Fault;

    /// The root over the leaves from `begin` on, so many: a power of two, of which `begin` is a multiple.
    ///
    /// # Errors
    /// Where it is not there.
    fn complete(&self, begin: u64, leaves: u64) -> Result<Digest, Self::Fault>;
}

/// The proof of RFC 9162 section 2.1.3 for the leaf at `index` of a tree of `size` leaves: from its sibling to the root's child.
/// `None`: there is no such leaf.
///
/// # Errors
/// The subtrees'.
pub fn inclusion<S: Subtrees>(log: &S, index: u64, size: u64) -> Result<Option<Vec<Digest>>, S::Fault> {
    if index >= size {
        return Ok(None);
    }
    let (mut begin, mut end, mut proof) = (0, size, Vec::new());
    while end - begin > 1 {
        let middle = begin + split(end - begin);
        let sibling = if index < middle { (middle, end) } else { (begin, middle) };
        proof.push(root(log, sibling.0, sibling.1)?);
        (begin, end) = if index < middle { (begin, middle) } else { (middle, end) };
    }
    proof.reverse();
    Ok(Some(proof))
}

/// The proof that a tree of `n` leaves continues its first `m`, as [`super::prefix_proof`] has it: the node that it starts from is
/// always its first hash. `None` unless 0 < `m` < `n`.
///
/// # Errors
/// The subtrees'.
pub fn prefix<S: Subtrees>(log: &S, m: u64, n: u64) -> Result<Option<Vec<Digest>>, S::Fault> {
    if m == 0 || m >= n {
        return Ok(None);
    }
    let (mut begin, mut end, mut proof) = (0, n, Vec::new());
    while m < end {
        let middle = begin + split(end - begin);
        if m <= middle {
            proof.push(root(log, middle, end)?);
            end = middle;
        } else {
            proof.push(root(log, begin, middle)?);
            begin = middle;
        }
    }
    proof.push(root(log, begin, end)?);
    proof.reverse();
    Ok(Some(proof))
}

/// The root over the leaves from `begin` up to `end`, of a node of some tree: `begin` is a multiple of the largest power of two that
/// is not over their number.
///
/// # Errors
/// The subtrees'.
pub fn root<S: Subtrees>(log: &S, mut begin: u64, end: u64) -> Result<Digest, S::Fault> {
    let mut complete = Vec::new();
    while begin < end {
        let left = end - begin;
        let leaves = 1_u64 << (63 - left.leading_zeros());
        complete.push(log.complete(begin, leaves)?);
        begin += leaves;
    }
    let mut smallest_first = complete.into_iter().rev();
    let Some(smallest) = smallest_first.next() else { return Ok(empty_root()) };
    Ok(smallest_first.fold(smallest, |right, left| node_hash(&left, &right)))
}

/// The largest power of two below a number of leaves that is above 1.
const fn split(leaves: u64) -> u64 {
    1 << (63 - (leaves - 1).leading_zeros())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        proof::{inclusion_proof, prefix_proof},
        tree::{Frontier, leaf_hash},
    };

    struct Leaves(Vec<Digest>);

    impl Subtrees for Leaves {
        type Fault = ();

        fn complete(&self, begin: u64, leaves: u64) -> Result<Digest, ()> {
            assert!(leaves.is_power_of_two() && begin.is_multiple_of(leaves), "{begin} {leaves}");
            let (begin, leaves) = (usize::try_from(begin).unwrap(), usize::try_from(leaves).unwrap());
            let mut frontier = Frontier::new();
            self.0.get(begin..begin + leaves).ok_or(())?.iter().for_each(|leaf| frontier.push_hash(*leaf));
            Ok(frontier.root())
        }
    }

    #[test]
    fn rec_1_proofs_from_kept_roots_are_those_over_all_leaves() {
        let leaves = Leaves((0..70_u8).map(|n| leaf_hash(&[n])).collect());
        for size in 0..=70_usize {
            let n = u64::try_from(size).unwrap();
            for index in 0..=n {
                let whole = inclusion_proof(&leaves.0[..size], index);
                assert_eq!(inclusion(&leaves, index, n), Ok(whole), "{index} of {n}");
                assert_eq!(prefix(&leaves, index, n), Ok(prefix_proof(&leaves.0[..size], index)), "{index} to {n}");
            }
        }
        assert_eq!(inclusion(&leaves, 0, 71), Err(()), "of what is not there nothing is proven");
    }

    #[test]
    fn rec_1_a_subtree_is_told_once_it_is_complete() {
        let (mut frontier, mut told) = (Frontier::new(), Vec::new());
        let leaves = Leaves((0..70_u8).map(|n| leaf_hash(&[n])).collect());
        for leaf in &leaves.0 {
            let end = frontier.size() + 1;
            frontier.push_hash_seen(*leaf, |height, root| told.push((height, (end >> height) - 1, *root)));
        }
        assert_eq!(told.len(), 35 + 17 + 8 + 4 + 2 + 1);
        for (height, at, root) in told {
            assert_eq!(leaves.complete(at << height, 1 << height), Ok(root), "{height} {at}");
        }
    }
}
