//! What a start goes on from: what memory held at one moment, but for what rows say at once. STO-7
//!
//! It names open rows and does not hold them: each is read at a start as it stands then.

use crate::{
    model::{
        journal::People,
        store::{SerialAt, SubmissionId},
    },
    state::{log::Log, memory::Memory, pair::Pair},
};
use relto_audit::{leaf::Precedence, origin::Origin, tree::Frontier};
use relto_report::{
    codec::{self, Malformed, Validate},
    crypto::sha256,
    digest::Digest,
};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Leaves and entries of all logs after which memory is folded anew.
pub(crate) const AFTER: u64 = 16_384;
/// Bytes of the longest.
const MAX_FOLD: usize = 1 << 30;
/// Bytes of one serial: digest, place of its log in the list, index.
const SERIAL: usize = 16 + 2 + 8;

/// See the module.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct Fold {
    pub(super) journal: LogFold,
    pub(super) people: People,
    /// Entries of the journal to be read again: see [`Memory::stated`].
    pub(super) stated: BTreeMap<u64, Digest>,
    pub(super) links: Vec<LinkFold>,
    /// Digest of the salt of serials, where the store had it then.
    pub(super) salt: Option<Digest>,
    /// Logs of the serials that follow.
    logs: Vec<Origin>,
    /// Serials that are no rows yet.
    #[serde(with = "serde_bytes")]
    serials: Vec<u8>,
}

/// One log.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(super) struct LogFold {
    pub(super) origin: Origin,
    pub(super) frontier: Frontier,
    pub(super) time: u64,
    /// Size of its newest stored checkpoint, where it has one.
    pub(super) head: Option<u64>,
}

/// One link.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(super) struct LinkFold {
    pub(super) mine: LogFold,
    pub(super) theirs: LogFold,
    /// Times of the newest leaves, the last last.
    pub(super) my_times: Vec<u64>,
    pub(super) their_times: Vec<u64>,
    pub(super) my_changes: BTreeMap<u64, Digest>,
    pub(super) their_changes: BTreeMap<u64, (u64, Digest)>,
    pub(super) observed: u64,
    pub(super) anchored: u64,
    pub(super) acknowledged_head: u64,
    /// Leaves of mine without a receipt.
    pub(super) unresolved: BTreeSet<u64>,
    /// Releases in an emergency that no second officer had spoken on.
    pub(super) unconfirmed: BTreeSet<u64>,
    /// Admitted reports that no office had acknowledged.
    pub(super) unacknowledged: BTreeMap<u64, (u64, Precedence)>,
    /// Leaves of the partner that waited for their payload.
    pub(super) awaited: BTreeSet<u64>,
    /// Submissions that waited at home.
    pub(super) waiting: BTreeSet<SubmissionId>,
}

impl LogFold {
    fn of(log: &Log) -> Self {
        let head = log.head.as_ref().map(|(head, _)| head.size);
        Self { origin: log.origin, frontier: log.frontier.clone(), time: log.time, head }
    }
}

impl LinkFold {
    fn of(pair: &Pair) -> Self {
        Self {
            mine: LogFold::of(&pair.mine),
            theirs: LogFold::of(&pair.theirs),
            my_times: pair.my_times.values().copied().collect(),
            their_times: pair.their_times.values().copied().collect(),
            my_changes: pair.my_changes.clone(),
            their_changes: pair.their_changes.clone(),
            observed: pair.observed,
            anchored: pair.anchored,
            acknowledged_head: pair.acknowledged_head,
            unresolved: pair.unresolved.keys().copied().collect(),
            unconfirmed: pair.unconfirmed.keys().copied().collect(),
            unacknowledged: pair.unacknowledged.clone(),
            awaited: pair.awaited.keys().copied().collect(),
            waiting: pair.waiting.keys().copied().collect(),
        }
    }
}

impl Fold {
    /// What memory holds now.
    pub(crate) fn of(memory: &Memory) -> Self {
        let held = &memory.serials.held;
        let logs: BTreeSet<Origin> = held.iter().map(|one| one.log).collect();
        let places: BTreeMap<Origin, u16> =
            logs.iter().copied().zip((0..u16::MAX).chain(std::iter::repeat(u16::MAX))).collect();
        let mut serials = Vec::with_capacity(held.len().saturating_mul(SERIAL));
        for SerialAt { serial, log, index } in held {
            serials.extend_from_slice(serial);
            serials.extend_from_slice(&places.get(log).copied().unwrap_or(u16::MAX).to_le_bytes());
            serials.extend_from_slice(&index.to_le_bytes());
        }
        Self {
            journal: LogFold::of(&memory.journal),
            people: memory.people.clone(),
            stated: memory.stated.clone(),
            links: memory.pairs.iter().map(LinkFold::of).collect(),
            salt: memory.serials.salt_digest(),
            logs: logs.into_iter().collect(),
            serials,
        }
    }

    /// As it stands in a row, behind the size of the journal in it; and by what the journal knows that.
    pub(crate) fn encode(&self) -> (Vec<u8>, Digest) {
        let row = [&self.journal.frontier.size().to_le_bytes()[..], &codec::encode(self)].concat();
        let digest = digest_of(&row);
        (row, digest)
    }

    /// From a row.
    pub(super) fn decode(row: &[u8]) -> Result<Self, Malformed> {
        codec::decode::<Self, MAX_FOLD>(row.get(8..).unwrap_or_default())
    }

    /// The fold of the link with these logs.
    pub(super) fn link(&self, pair: &Pair) -> Option<&LinkFold> {
        let same = |link: &&LinkFold| link.mine.origin == pair.mine.origin && link.theirs.origin == pair.theirs.origin;
        self.links.iter().find(same)
    }

    /// Serials that were no rows yet.
    pub(super) fn serials(&self) -> Option<BTreeSet<SerialAt>> {
        self.serials.chunks(SERIAL).map(|one| self.serial(one)).collect()
    }

    fn serial(&self, bytes: &[u8]) -> Option<SerialAt> {
        let (serial, rest) = bytes.split_first_chunk::<16>()?;
        let (log, index) = rest.split_first_chunk::<2>()?;
        let log = *self.logs.get(usize::from(u16::from_le_bytes(*log)))?;
        Some(SerialAt { serial: *serial, log, index: u64::from_le_bytes(index.try_into().ok()?) })
    }
}

/// By what the journal knows a fold.
pub(super) fn digest_of(bytes: &[u8]) -> Digest {
    sha256(&[bytes])
}

impl Validate for Fold {
    // Of our own making: what the journal's digest is of.
    fn validate(&self) -> Result<(), Malformed> {
        let both = self.links.iter().flat_map(|link| [&link.mine, &link.theirs]);
        both.chain([&self.journal]).try_for_each(|log| log.frontier.validate())
    }
}

#[cfg(test)]
mod tests;
