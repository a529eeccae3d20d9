//! Proofs about a log of any length, read from the roots of subtrees that are kept beside its leaves: of one proof at most 512
//! leaves are hashed. REC-1

use crate::model::{
    place::{LeafAt, SubtreeRow, read, scan},
    store::{Reader, StoreError, SubtreeAt},
};
use relto_audit::{
    origin::Origin,
    proof::kept::{Subtrees, inclusion, prefix},
    tree::Frontier,
};
use relto_report::digest::Digest;

const MISSING: StoreError = StoreError::Fatal("a leaf, or the root of a subtree, is missing under a checkpoint");

/// A log as it is stored.
struct Stored<'a> {
    reader: &'a dyn Reader,
    log: Origin,
}

impl Subtrees for Stored<'_> {
    type Fault = StoreError;

    fn complete(&self, begin: u64, leaves: u64) -> Result<Digest, StoreError> {
        let mut frontier = Frontier::new();
        let height = leaves.trailing_zeros();
        let level = u8::try_from(height / SubtreeAt::HEIGHT).map_err(|_| MISSING)?;
        let last = |first: u64, count: u64| first.saturating_add(count).saturating_sub(1);
        let count = if level == 0 {
            let rows = scan(self.reader, LeafAt(self.log, begin), LeafAt(self.log, last(begin, leaves)), usize::MAX)?;
            rows.iter().for_each(|(_, leaf)| frontier.push(leaf));
            leaves
        } else {
            let (first, count) = (begin / SubtreeAt::leaves(level), leaves / SubtreeAt::leaves(level));
            let at = |index| SubtreeRow(self.log, SubtreeAt { level, index });
            for (_, root) in scan(self.reader, at(first), at(last(first, count)), usize::MAX)? {
                frontier.push_hash(Digest::from_bytes(root.try_into().map_err(|_| MISSING)?));
            }
            count
        };
        if frontier.size() == count { Ok(frontier.root()) } else { Err(MISSING) }
    }
}

/// A leaf's bytes, and its path from its sibling to the root's child.
pub type Path = (Vec<u8>, Vec<Digest>);

/// A leaf, and its path in the tree of this size; `None`: that tree has no such leaf.
///
/// # Errors
/// [`StoreError::Fatal`] when the store cannot be read, or has no such tree.
pub fn path(reader: &dyn Reader, log: Origin, index: u64, size: u64) -> Result<Option<Path>, StoreError> {
    let Some(hashes) = inclusion(&Stored { reader, log }, index, size)? else { return Ok(None) };
    let leaf = read(reader, LeafAt(log, index))?.ok_or(MISSING)?;
    Ok(Some((leaf, hashes)))
}

/// The proof that the log of `n` leaves continues its first `m`; `None` unless 0 < `m` < `n`.
///
/// # Errors
/// As [`path`].
pub fn consistency(reader: &dyn Reader, log: Origin, m: u64, n: u64) -> Result<Option<Vec<Digest>>, StoreError> {
    prefix(&Stored { reader, log }, m, n)
}

/// The roots of the 256 equal parts of the complete subtree of 256^`level` leaves that begins at `first`, as far as the log has
/// them whole; of level 1 the parts are leaves.
///
/// # Errors
/// As [`path`].
pub fn parts(reader: &dyn Reader, log: Origin, first: u64, level: u8, size: u64) -> Result<Vec<Digest>, StoreError> {
    let part = SubtreeAt::leaves(level.saturating_sub(1));
    let whole = size.saturating_sub(first).checked_div(part).unwrap_or(0).min(256);
    if whole == 0 {
        return Ok(Vec::new());
    }
    let stored = Stored { reader, log };
    (0..whole).map(|at| stored.complete(first.saturating_add(at.saturating_mul(part)), part)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        model::store::{Key, Row},
        state::log::Log,
    };
    use relto_audit::{
        proof::{prefix_root, verify_inclusion},
        tree::leaf_hash,
    };
    use relto_report::nation::Nation;
    use std::{
        cell::{Cell, RefCell},
        collections::BTreeMap,
    };

    /// Rows in memory, and how many leaves were read.
    #[derive(Default)]
    struct Rows {
        rows: RefCell<BTreeMap<Key, Row>>,
        leaves: Cell<usize>,
    }

    impl Reader for Rows {
        fn get(&self, keys: &[Key]) -> Result<Vec<Option<Row>>, StoreError> {
            Ok(keys.iter().map(|key| self.rows.borrow().get(key).cloned()).collect())
        }

        fn scan(&self, from: &Key, to: &Key, limit: usize) -> Result<Vec<(Key, Row)>, StoreError> {
            let rows = self.rows.borrow();
            let found: Vec<_> =
                rows.range(from.clone()..=to.clone()).take(limit).map(|(k, v)| (k.clone(), v.clone())).collect();
            if matches!(from, Key::Leaf(..)) {
                self.leaves.set(self.leaves.get() + found.len());
            }
            Ok(found)
        }
    }

    #[test]
    fn rec_1_a_proof_hashes_what_stands_around_it_and_no_log() {
        let log = Origin::new("TEST-1", Nation::parse("XAA").unwrap(), 0);
        let (rows, mut grown, mut roots) = (Rows::default(), Log::new(log), vec![relto_audit::tree::empty_root()]);
        let leaf = |at: u64| at.to_le_bytes().to_vec();
        let sizes = [1, 2, 255, 256, 257, 511, 513, 1_025, 65_535, 65_536, 65_537, 66_000, 70_001];
        for at in 0..70_001 {
            rows.rows.borrow_mut().insert(Key::Leaf(log, at), Row::Bytes(leaf(at)));
            for write in grown.push(&leaf(at)) {
                let crate::model::store::Write::Insert(key, row) = write else { panic!("{write:?}") };
                assert_eq!(rows.rows.borrow_mut().insert(key, row), None);
            }
            roots.push(if sizes.contains(&(at + 1)) { grown.frontier.root() } else { roots[0] });
        }
        let kept = rows.rows.borrow().keys().filter(|key| matches!(key, Key::Subtree(..))).count();
        assert_eq!(kept, 70_001 / 256 + 1);
        for size in sizes {
            let root = roots[usize::try_from(size).unwrap()];
            for index in [0, 1, 255, 256, 511, 1_000, 65_535, 65_536, 70_000].into_iter().filter(|at| *at < size) {
                rows.leaves.set(0);
                let (found, hashes) = path(&rows, log, index, size).unwrap().unwrap();
                assert_eq!(found, leaf(index));
                verify_inclusion(&leaf_hash(&found), index, size, &hashes, &root).unwrap();
                assert!(rows.leaves.get() <= 512, "{index} of {size}: {} leaves", rows.leaves.get());
            }
            for older in sizes.into_iter().filter(|older| *older < size) {
                rows.leaves.set(0);
                let hashes = consistency(&rows, log, older, size).unwrap().unwrap();
                assert_eq!(prefix_root(older, size, &root, &hashes), Ok(roots[usize::try_from(older).unwrap()]));
                assert!(rows.leaves.get() <= 512, "{older} to {size}: {} leaves", rows.leaves.get());
            }
        }
        assert_eq!((path(&rows, log, 5, 5), consistency(&rows, log, 0, 9)), (Ok(None), Ok(None)));
        assert!(path(&rows, log, 3, 80_000).is_err(), "beyond what is there");
        let first = parts(&rows, log, 0, 2, 70_001).unwrap();
        assert_eq!((first.len(), parts(&rows, log, 65_536, 2, 70_001).unwrap().len()), (256, 17));
        let mut whole = Frontier::new();
        first.iter().for_each(|root| whole.push_hash(*root));
        assert_eq!(whole.root(), roots[65_536]);
    }
}
