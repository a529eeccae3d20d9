//! Rows a page at a time.

use crate::model::store::{Key, Reader, Row, StoreError, SubmissionId};

/// Rows that are read at once.
pub(super) const PAGE: usize = 4_096;

/// Every row from one key to another, a page at a time.
pub(super) fn pages(
    reader: &dyn Reader,
    mut from: Key,
    to: &Key,
    mut take: impl FnMut(Vec<(Key, Row)>) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    loop {
        let rows = reader.scan(&from, to, PAGE)?;
        let full = rows.len() == PAGE;
        let next = rows.last().and_then(|(key, _)| after(key));
        take(rows)?;
        match next {
            Some(next) if full => from = next,
            _ => return Ok(()),
        }
    }
}

/// The least key after `key` of the same kind.
fn after(key: &Key) -> Option<Key> {
    let bump = |id: &SubmissionId| u128::from_be_bytes(*id).checked_add(1).map(u128::to_be_bytes);
    Some(match key {
        Key::Leaf(log, at) => Key::Leaf(*log, at.checked_add(1)?),
        Key::Entry(log, at) => Key::Entry(*log, at.checked_add(1)?),
        Key::Checkpoint(log, at) => Key::Checkpoint(*log, at.checked_add(1)?),
        Key::Outbox(log, at) => Key::Outbox(*log, at.checked_add(1)?),
        Key::Awaited(log, at) => Key::Awaited(*log, at.checked_add(1)?),
        Key::Inbox(log, at) => Key::Inbox(*log, at.checked_add(1)?),
        Key::Submission(id) => Key::Submission(bump(id)?),
        // Read by their keys, or all at once.
        Key::Subtree(..)
        | Key::Payload(..)
        | Key::Detail(..)
        | Key::Home(..)
        | Key::Spool(..)
        | Key::Draft(_)
        | Key::DraftBody(_)
        | Key::DraftHome(_)
        | Key::Upload(_)
        | Key::Part(..)
        | Key::HeadWrite
        | Key::Serial(_)
        | Key::SerialSalt
        | Key::Fold(_) => return None,
    })
}
