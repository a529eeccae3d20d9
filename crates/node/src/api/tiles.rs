//! Roots of the complete parts of a log, which never change and are kept: a proof reads only the part around its leaf and
//! the last one.

use crate::sync::lock;
use relto_audit::{
    origin::Origin,
    proof::inclusion_proof,
    tree::{Frontier, leaf_hash},
};
use relto_exchange::store::{Key, Reader, Row, StoreError};
use relto_host::store::SqliteReader;
use relto_report::digest::Digest;
use std::{collections::BTreeMap, sync::Mutex};

/// Leaves of a part: a power of two, so that a part is a subtree of every larger tree. 32 bytes are kept for each part.
const PART: u64 = 256;

/// Roots of the complete parts of each log, from its first leaf on.
#[derive(Default)]
pub(crate) struct Tiles(Mutex<BTreeMap<Origin, Vec<Digest>>>);

impl Tiles {
    /// A leaf and its path in the tree of this size.
    ///
    /// # Errors
    /// The store's.
    pub(super) fn path(
        &self,
        reader: &Mutex<SqliteReader>,
        log: Origin,
        index: u64,
        size: u64,
    ) -> Result<(Vec<u8>, Vec<Digest>), StoreError> {
        let missing = StoreError::Fatal("a leaf under a stored checkpoint is missing");
        let mut roots = self.roots(reader, log, size / PART)?;
        let tail = part(&lock(reader), log, size / PART, size)?;
        if !tail.is_empty() {
            roots.push(root(&tail));
        }
        let at = index / PART;
        let leaves = if at == size / PART { tail } else { part(&lock(reader), log, at, size)? };
        let hashes: Vec<Digest> = leaves.iter().map(|leaf| leaf_hash(leaf)).collect();
        let mut path = inclusion_proof(&hashes, index % PART).ok_or(missing)?;
        path.extend(inclusion_proof(&roots, at).ok_or(missing)?);
        let leaf = usize::try_from(index % PART).ok().and_then(|at| leaves.into_iter().nth(at)).ok_or(missing)?;
        Ok((leaf, path))
    }

    /// The roots of the first `count` parts; those that are not kept yet are read, each under the lock for itself.
    fn roots(&self, reader: &Mutex<SqliteReader>, log: Origin, count: u64) -> Result<Vec<Digest>, StoreError> {
        let wanted = usize::try_from(count).unwrap_or(usize::MAX);
        let mut roots = lock(&self.0).get(&log).cloned().unwrap_or_default();
        let known = roots.len();
        for at in (0..count).skip(known) {
            let leaves = part(&lock(reader), log, at, u64::MAX)?;
            roots.push(root(&leaves));
        }
        if roots.len() > known {
            let kept = &mut *lock(&self.0);
            let kept = kept.entry(log).or_default();
            if kept.len() < roots.len() {
                kept.clone_from(&roots);
            }
        }
        roots.truncate(wanted);
        Ok(roots)
    }
}

/// The leaves of one part below `size`.
fn part(reader: &SqliteReader, log: Origin, at: u64, size: u64) -> Result<Vec<Vec<u8>>, StoreError> {
    let first = at.saturating_mul(PART);
    let end = first.saturating_add(PART).min(size);
    if first >= end {
        return Ok(Vec::new());
    }
    let rows = reader.scan(&Key::Leaf(log, first), &Key::Leaf(log, end - 1), usize::MAX)?;
    let leaves = rows.into_iter().filter_map(|(_, row)| if let Row::Bytes(leaf) = row { Some(leaf) } else { None });
    Ok(leaves.collect())
}

fn root(leaves: &[Vec<u8>]) -> Digest {
    let mut frontier = Frontier::new();
    for leaf in leaves {
        frontier.push(leaf);
    }
    frontier.root()
}

#[cfg(test)]
mod tests {
    use super::*;
    use relto_audit::proof::verify_inclusion;
    use relto_exchange::store::{Store as _, Write};
    use relto_host::store::SqliteStore;
    use relto_report::nation::Nation;
    use zeroize::Zeroizing;

    #[test]
    fn parts_give_the_same_paths_as_the_whole_log() {
        let folder = tempfile::tempdir().unwrap();
        let (file, key) = (folder.path().join("relto.db"), Zeroizing::new([1; 32]));
        let mut store = SqliteStore::create(&file, &key).unwrap();
        let log = Origin::new("TEST-1", Nation::parse("XAA").unwrap(), 0);
        let leaf = |at: u64| at.to_le_bytes().to_vec();
        let writes: Vec<Write> = (0..1_100).map(|at| Write::Insert(Key::Leaf(log, at), Row::Bytes(leaf(at)))).collect();
        let fence = store.fence();
        store.commit(fence, &writes).unwrap();
        let reader = Mutex::new(SqliteReader::open(&file, &key).unwrap());
        let tiles = Tiles::default();
        for size in [1, 2, 255, 256, 257, 511, 512, 513, 700, 768, 1_024, 1_025, 1_100] {
            let all: Vec<Vec<u8>> = (0..size).map(leaf).collect();
            let whole = root(&all);
            for index in
                [0, 1, 100, 255, 256, 511, 512, 600, 767, 1_023, 1_024, 1_099].into_iter().filter(|at| *at < size)
            {
                let (found, path) = tiles.path(&reader, log, index, size).unwrap();
                assert_eq!(found, leaf(index));
                verify_inclusion(&leaf_hash(&found), index, size, &path, &whole).unwrap();
            }
        }
        assert_eq!(lock(&tiles.0).get(&log).unwrap().len(), 4, "complete parts are kept, and no other");
        assert!(tiles.path(&reader, log, 1_100, 1_100).is_err());
    }
}
