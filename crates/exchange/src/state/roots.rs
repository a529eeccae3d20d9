//! Roots of logs as they once were, and whether a head that somebody shows is one of them.

use crate::{
    model::{
        place::{CheckpointAt, read},
        store::{Key, Reader, Row, StoreError},
    },
    state::{log::Log, pair::Pair},
};
use relto_audit::{
    checkpoint::{Checkpoint, SignedCheckpoint},
    tree::Frontier,
};
use relto_report::digest::Digest;

/// Whether a head of mine that the partner holds is one of this store's log.
pub(crate) fn holds_my_root(
    store: &dyn Reader,
    pair: &Pair,
    held: Option<&SignedCheckpoint>,
) -> Result<bool, StoreError> {
    let Some(head) = held.map(SignedCheckpoint::checkpoint) else { return Ok(true) };
    Ok(head.size <= pair.mine.size() && head.root == root_at(store, &pair.mine, head.size)?)
}

/// Whether a head that the partner shows of its own log is on the copy that was followed, as far as this goes: where the
/// copy ends, and where a checkpoint was kept. The roots between are in no row, and computing them takes the whole log.
pub(crate) fn is_on_copy(
    store: &dyn Reader,
    pair: &Pair,
    shown: Option<&SignedCheckpoint>,
) -> Result<bool, StoreError> {
    let Some(head) = shown.map(SignedCheckpoint::checkpoint) else { return Ok(true) };
    if head.size >= pair.theirs.size() {
        return Ok(head.size > pair.theirs.size() || head.root == pair.theirs.frontier.root());
    }
    let kept = read(store, CheckpointAt(pair.theirs.origin, head.size))?;
    let kept = kept.and_then(|note| Checkpoint::parse_unverified(&note).ok());
    Ok(kept.is_none_or(|kept| kept.root == head.root))
}

/// The root that a log had at this size. The log is its own witness: it is computed from the leaves.
pub(crate) fn root_at(store: &dyn Reader, log: &Log, size: u64) -> Result<Digest, StoreError> {
    if size == log.size() {
        return Ok(log.frontier.root());
    }
    // A checkpoint that is kept at this size says so at once; without one the leaves do.
    if let Some(note) = read(store, CheckpointAt(log.origin, size))?
        && let Ok(kept) = Checkpoint::parse_unverified(&note)
    {
        return Ok(kept.root);
    }
    root_from_leaves(store, log, size)
}

/// The same, from the leaves alone.
pub(crate) fn root_from_leaves(store: &dyn Reader, log: &Log, size: u64) -> Result<Digest, StoreError> {
    if size == log.size() {
        return Ok(log.frontier.root());
    }
    let mut frontier = if log.base.size() <= size { log.base.clone() } else { Frontier::new() };
    if push_leaves(store, |at| log.key(at), (&mut frontier, size), 4_096, |_| {})? {
        Ok(frontier.root())
    } else {
        Err(StoreError::Fatal("a leaf of my log is missing"))
    }
}

/// Pushes the leaves of a log up to this size, a page at a time; `then` is told how many each page had. `false`: one is
/// missing.
pub(crate) fn push_leaves(
    store: &dyn Reader,
    key: impl Fn(u64) -> Key,
    (frontier, size): (&mut Frontier, u64),
    page: usize,
    mut then: impl FnMut(usize),
) -> Result<bool, StoreError> {
    while frontier.size() < size {
        let rows = store.scan(&key(frontier.size()), &key(size.saturating_sub(1)), page)?;
        for (at, row) in &rows {
            match row {
                Row::Bytes(leaf) if *at == key(frontier.size()) => frontier.push(leaf),
                _ => return Ok(false),
            }
        }
        if rows.is_empty() {
            return Ok(false);
        }
        then(rows.len());
    }
    Ok(true)
}
