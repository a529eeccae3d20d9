//! At start: the head file against the database. A node whose database is behind its own heads was rolled back, and
//! appends to no log. HED-2, HED-3, HED-6

use crate::{
    exchange::{Exchange, Link},
    memory::{Log, Memory},
    records::{root_at, root_from_leaves},
    store::{Reader, StoreError},
};
use relto_audit::{
    checkpoint::{Checkpoint, SignedCheckpoint},
    origin::Origin,
};
use relto_report::{crypto::PublicKey, digest::Digest};
use std::collections::BTreeMap;

/// One write of the head file: all heads that one flush put there.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct HeadWrite {
    /// Counts the writes of the file, whichever logs they are of, from 1.
    pub number: u64,
    /// Over the number, the digest of the write before and the newest head of every log.
    pub digest: Digest,
}

impl HeadWrite {
    /// As it stands in a row.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        [&self.number.to_le_bytes()[..], self.digest.as_bytes()].concat()
    }

    /// From a row.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (number, digest) = bytes.split_first_chunk::<8>()?;
        Some(Self { number: u64::from_le_bytes(*number), digest: Digest::from_bytes(digest.try_into().ok()?) })
    }
}

impl Exchange {
    /// Compares the newest heads of the head file with the rows, and halts this exchange where they contradict. Gives
    /// the heads that were signed and whose checkpoint is not stored yet: they go into the first turn, as
    /// [`crate::input::Input::Sealed`].
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be read.
    pub fn compare_heads<'a>(
        &mut self,
        store: &dyn Reader,
        newest: impl Iterator<Item = (&'a Origin, &'a [u8])>,
    ) -> Result<Vec<SignedCheckpoint>, StoreError> {
        let newest: BTreeMap<Origin, &[u8]> = newest.map(|(origin, note)| (*origin, note)).collect();
        let mut ahead = Vec::new();
        let mut wrong = Vec::new();
        for (log, key) in self.own_logs() {
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
            self.halt(why);
        }
        Ok(ahead)
    }

    /// Why the head file, read after the database, cannot be its own: it lacks a head that is stored. HED-3
    pub fn lacks_heads<'a>(&self, newest: impl Iterator<Item = (&'a Origin, &'a [u8])>) -> Option<&'static str> {
        let size = |note| Checkpoint::parse_unverified(note).map_or(0, |head| head.size);
        let newest: BTreeMap<Origin, u64> = newest.map(|(origin, note)| (*origin, size(note))).collect();
        let lacks = |(log, _): (&Log, _)| newest.get(&log.origin).is_some_and(|size| *size < log.sealed());
        let why = "the head file lacks a head that the database has: it was rolled back or replaced";
        self.own_logs().any(lacks).then_some(why)
    }

    /// The write of the head file that the database names last, for whoever has read the file. HED-6
    #[must_use]
    pub const fn head_write(&self) -> Option<HeadWrite> {
        self.memory.head_write
    }

    /// Whether a head of ours is stored: then a write of the head file is named too.
    #[must_use]
    pub fn has_heads(&self) -> bool {
        self.own_logs().any(|(log, _)| log.sealed() > 0)
    }

    /// The logs that this node writes, each with the key that seals it; the journal under that of the first link.
    fn own_logs(&self) -> impl Iterator<Item = (&Log, &PublicKey)> {
        let links = self.links.iter().zip(&self.memory.pairs).map(|(link, pair)| (&pair.mine, &link.own_key));
        links.chain(self.links.first().map(|link| (&self.memory.journal, &link.own_key)))
    }
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
