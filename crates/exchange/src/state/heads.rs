//! At start: the head file against the database. A node whose database is behind its own heads was rolled back, and
//! appends to no log. HED-2, HED-3, HED-6

use crate::{
    model::{
        link::Link,
        store::{Reader, StoreError},
    },
    state::{
        State,
        log::Log,
        memory::Memory,
        roots::{root_at, root_from_leaves},
    },
};
use relto_audit::{
    checkpoint::{Checkpoint, SignedCheckpoint},
    origin::Origin,
};
use relto_report::crypto::PublicKey;
use std::collections::BTreeMap;

/// Compares the newest heads of the head file with the rows, and halts where they contradict. Gives the heads that were
/// signed and whose checkpoint is not stored yet.
///
/// # Errors
/// [`StoreError`] when the store cannot be read.
pub(crate) fn compare<'a>(
    state: &mut State,
    store: &dyn Reader,
    newest: impl Iterator<Item = (&'a Origin, &'a [u8])>,
) -> Result<Vec<SignedCheckpoint>, StoreError> {
    let newest: BTreeMap<Origin, &[u8]> = newest.map(|(origin, note)| (*origin, note)).collect();
    let mut ahead = Vec::new();
    let mut wrong = Vec::new();
    for (log, key) in own_logs(state) {
        match newest.get(&log.origin).map(|note| SignedCheckpoint::open(note, log.origin, key)) {
            // A log whose first head was never signed has none in either place.
            None if log.sealed() > 0 => {
                wrong.push("the head file has no head of a log that the database has: it was lost or replaced");
            }
            None => {}
            Some(Err(_)) => wrong.push("the head file holds a head that our seal key did not sign"),
            Some(Ok(head)) => {
                let held = head.checkpoint();
                if held.size > log.size() || held.root != root_at(store, log, held.size)? {
                    wrong.push("the head file holds a head that the database does not have: it was rolled back");
                } else if held.size > log.sealed() {
                    ahead.push(head);
                }
            }
        }
    }
    for why in wrong {
        state.halt(why);
    }
    Ok(ahead)
}

/// Why the head file, read after the database, cannot be its own: it lacks a head that is stored. HED-3
pub(crate) fn lacks<'a>(state: &State, newest: impl Iterator<Item = (&'a Origin, &'a [u8])>) -> Option<&'static str> {
    let size = |note| Checkpoint::parse_unverified(note).map_or(0, |head| head.size);
    let newest: BTreeMap<Origin, u64> = newest.map(|(origin, note)| (*origin, size(note))).collect();
    let lacks = |(log, _): (&Log, _)| newest.get(&log.origin).is_some_and(|size| *size < log.sealed());
    let why = "the head file lacks a head that the database has: it was rolled back or replaced";
    own_logs(state).any(lacks).then_some(why)
}

/// The logs that this node writes, each with the key that seals it; the journal under that of the first link.
pub(crate) fn own_logs(state: &State) -> impl Iterator<Item = (&Log, &PublicKey)> {
    let links = state.links.iter().zip(&state.memory().pairs).map(|(link, pair)| (&pair.mine, &link.own_key));
    links.chain(state.links.first().map(|link| (&state.memory().journal, &link.own_key)))
}

/// The newest stored checkpoint of every log against its leaves and its owner's key: a store that was changed or damaged
/// is found before a leaf names a head that nobody signed.
pub(crate) fn verify_stored(store: &dyn Reader, memory: &Memory, links: &[Link]) -> Result<(), StoreError> {
    let journal = links.first().map(|link| (&memory.journal, &link.own_key));
    let pairs = links.iter().zip(&memory.pairs);
    let both = pairs.flat_map(|(link, pair)| [(&pair.mine, &link.own_key), (&pair.theirs, &link.partner_key)]);
    for (log, key) in both.chain(journal) {
        let Some((head, note)) = &log.head else { continue };
        if SignedCheckpoint::open(note, log.origin, key).is_err() {
            return Err(StoreError::Fatal(
                "a stored checkpoint is not signed by its log's key: run relto audit verify",
            ));
        }
        if head.size > log.size() || head.root != root_from_leaves(store, log, head.size)? {
            return Err(StoreError::Fatal("a log does not lead to its stored checkpoint: run relto audit verify"));
        }
    }
    Ok(())
}
