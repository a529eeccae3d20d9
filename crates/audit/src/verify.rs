//! Complete verification of one stored log, offline: every leaf, every kept checkpoint, every payload still held.
//!
//! The verifier sees what a store gives it and believes none of it. Memory: the tree's edge, 48 bytes for each leaf
//! that commits to a payload, and the checkpoints that were given ahead of their leaves.

use crate::{
    checkpoint::{CheckpointError, SignedCheckpoint},
    commitment,
    follow::MAX_LEAVES,
    leaf::{Leaf, Statement},
    origin::Origin,
    tree::{Frontier, leaf_hash},
};
use relto_report::{codec::Malformed, crypto::PublicKey, digest::Digest};
use std::{collections::BTreeMap, fmt};

/// Faults that a [`Verdict`] lists; all are counted.
pub const MAX_FAULTS: usize = 100;

/// What was found in one log.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Verdict {
    /// Leaves by the last index seen.
    pub size: u64,
    /// Root over the leaves as they are stored.
    pub root: Digest,
    /// The largest checkpoint that holds over these leaves.
    pub newest: Option<SignedCheckpoint>,
    /// Leaves past it: committed, not yet signed when the log was read. A note, not a fault.
    pub unsigned: u64,
    /// Checkpoints that hold.
    pub checkpoints: u64,
    /// Payloads that open their leaf's commitment.
    pub payloads: u64,
    /// Leaves of a log that was followed whose time is before that of an earlier one: its owner's fault, and no change.
    pub disordered: u64,
    /// The first [`MAX_FAULTS`] faults in the order found. A changed leaf shows at the next checkpoint, and at all
    /// later ones.
    pub faults: Vec<Fault>,
    /// How many faults there are.
    pub fault_count: u64,
}

impl Verdict {
    /// Whether nothing is wrong.
    #[must_use]
    pub const fn is_sound(&self) -> bool {
        self.fault_count == 0
    }
}

/// One thing that is wrong, and where.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Fault {
    /// Where it shows.
    pub at: Place,
    /// What it is.
    pub what: What,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.at, self.what)
    }
}

/// A row of the stored log.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Place {
    /// The checkpoint kept for this size.
    Checkpoint(u64),
    /// The leaf at this index.
    Leaf(u64),
    /// The payload of the leaf at this index.
    Payload(u64),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Checkpoint(size) => write!(f, "checkpoint of size {size}"),
            Self::Leaf(index) => write!(f, "leaf {index}"),
            Self::Payload(index) => write!(f, "payload of leaf {index}"),
        }
    }
}

/// A kind of fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum What {
    /// The stored bytes are not a checkpoint of this log by its key.
    #[error("{0}")]
    Checkpoint(CheckpointError),
    /// The checkpoint is of another size than it is kept for.
    #[error("the checkpoint is of size {signed}")]
    CheckpointSize {
        /// Size in the checkpoint.
        signed: u64,
    },
    /// Leaves are missing before this one.
    #[error("leaves are missing, {expected} is the next index")]
    Gap {
        /// Index that should have come.
        expected: u64,
    },
    /// Leaf 0 is not the Genesis of this log, or a Genesis stands elsewhere.
    #[error("the log's Genesis is leaf 0 and no other")]
    Genesis,
    /// The leaf does not decode, or is not in canonical form.
    #[error("{0}")]
    Malformed(Malformed),
    /// The checkpoint covers leaves that are not stored: the log was cut or rolled back.
    #[error("leaves under this checkpoint are missing, {stored} are stored")]
    MissingLeaves {
        /// Leaves stored.
        stored: u64,
    },
    /// A log with leaves and no checkpoint that holds.
    #[error("no checkpoint holds over any leaf of the log")]
    NoCheckpoint,
    /// No leaf at this index commits to a payload.
    #[error("no leaf commits to this payload")]
    NoCommitment,
    /// Given behind a leaf that it does not cover, so that its root can no longer be computed.
    #[error("the checkpoint was given too late to be checked")]
    OutOfPlace,
    /// The payload is not the one that the leaf commits to.
    #[error("the payload does not open the leaf's commitment")]
    Payload,
    /// The payload's length is not the one in the leaf.
    #[error("the payload has {stored} bytes, its leaf says {declared}")]
    PayloadLength {
        /// Bytes by the leaf.
        declared: u64,
        /// Bytes stored.
        stored: u64,
    },
    /// A leaf with this index was given before.
    #[error("a leaf with this index came before")]
    Repeated,
    /// The key signed another root than the stored leaves give: leaves were changed, or the log was forked.
    #[error("the leaves give {computed}, the log's key signed {signed}")]
    Root {
        /// Root over the stored leaves.
        computed: Digest,
        /// Root in the checkpoint.
        signed: Digest,
    },
    /// The leaf's time is before that of an earlier leaf.
    #[error("the leaf's time is before {before}, that of an earlier leaf")]
    Time {
        /// Latest time before, in Unix milliseconds.
        before: u64,
    },
    /// Two checkpoints of one size with two roots, both signed: a fork.
    #[error("the log's key signed two roots at this size")]
    TwoRoots,
    /// More leaves than a log may have beyond a checkpoint; some checkpoint in between is missing.
    #[error("{leaves} leaves before it have no checkpoint, at most 1024 may be without")]
    Uncovered {
        /// Leaves since the last checkpoint that holds.
        leaves: u64,
    },
}

/// Verifies one log, given in order: leaves by index; each checkpoint before the first leaf that it does not cover, as
/// early as one likes; each payload at any time after its leaf. A head known from elsewhere (the head file, the
/// partner's copy) is given first of all, like any other checkpoint: then a log that was cut short is found out.
pub struct LogVerifier {
    origin: Origin,
    first_key: PublicKey,
    /// By the index of the KeyChange leaf: in force for every larger size.
    later_keys: BTreeMap<u64, PublicKey>,
    decodes: bool,
    /// A copy: its leaves are as its owner signed them, and their times the owner's.
    followed: bool,
    disordered: u64,
    frontier: Frontier,
    next: u64,
    latest_time: u64,
    /// Ascending by index, because leaves are.
    commitments: Vec<Commitment>,
    ahead: BTreeMap<u64, SignedCheckpoint>,
    newest: Option<SignedCheckpoint>,
    checkpoints: u64,
    payloads: u64,
    faults: Vec<Fault>,
    fault_count: u64,
}

struct Commitment {
    index: u64,
    digest: Digest,
    length: u64,
}

impl LogVerifier {
    /// For the log of this name, which began with this seal key.
    #[must_use]
    pub fn new(origin: Origin, key: PublicKey) -> Self {
        Self {
            origin,
            first_key: key,
            later_keys: BTreeMap::new(),
            decodes: true,
            followed: false,
            disordered: 0,
            frontier: Frontier::new(),
            next: 0,
            latest_time: 0,
            commitments: Vec::new(),
            ahead: BTreeMap::new(),
            newest: None,
            checkpoints: 0,
            payloads: 0,
            faults: Vec::new(),
            fault_count: 0,
        }
    }

    /// For the copy of a partner's log: that its owner wrote a time that cannot be is told and is no fault of the copy,
    /// which nobody here could have refused to keep. LOG-6
    #[must_use]
    pub fn followed(origin: Origin, key: PublicKey) -> Self {
        Self { followed: true, ..Self::new(origin, key) }
    }

    /// For a national journal: the same tree and checkpoints over entries that another crate decodes.
    #[must_use]
    pub fn journal(origin: Origin, key: PublicKey) -> Self {
        Self { decodes: false, ..Self::new(origin, key) }
    }

    /// From the KeyChange leaf at `index` on, checkpoints above that size are signed by `key`. Whether k of n signed
    /// the change is for the caller to verify, before it gives the first such checkpoint.
    pub fn key_change(&mut self, index: u64, key: PublicKey) {
        self.later_keys.insert(index, key);
    }

    /// The next leaf, as stored.
    pub fn leaf(&mut self, index: u64, stored: &[u8]) {
        self.leaf_seen(index, stored, |_, _| {});
    }

    /// The same; `seen` is told of the subtrees that are complete with it, as [`Frontier::push_hash_seen`] tells of them.
    pub fn leaf_seen(&mut self, index: u64, stored: &[u8], seen: impl FnMut(u32, &Digest)) {
        let at = Place::Leaf(index);
        if index < self.next {
            return self.fault(at, What::Repeated);
        }
        if index > self.next {
            self.fault(at, What::Gap { expected: self.next });
        }
        self.next = index.saturating_add(1);
        self.frontier.push_hash_seen(leaf_hash(stored), seen);
        if self.decodes {
            match Leaf::decode(stored) {
                Ok(leaf) => self.content(index, &leaf),
                Err(malformed) => self.fault(at, What::Malformed(malformed)),
            }
        }
        while let Some(entry) = self.ahead.first_entry().filter(|entry| *entry.key() <= self.next) {
            let signed = entry.remove();
            self.root(signed);
        }
    }

    /// A checkpoint, as stored for this size.
    pub fn checkpoint(&mut self, size: u64, stored: &[u8]) {
        let at = Place::Checkpoint(size);
        let key = self.later_keys.range(..size).next_back().map_or(self.first_key, |(_, key)| *key);
        let signed = match SignedCheckpoint::open(stored, self.origin, &key) {
            Ok(signed) => signed,
            Err(error) => return self.fault(at, What::Checkpoint(error)),
        };
        if signed.checkpoint().size != size {
            return self.fault(at, What::CheckpointSize { signed: signed.checkpoint().size });
        }
        if size < self.next {
            return self.fault(at, What::OutOfPlace);
        }
        if size == self.next {
            return self.root(signed);
        }
        match self.ahead.get(&size) {
            Some(other) if other.checkpoint() != signed.checkpoint() => self.fault(at, What::TwoRoots),
            Some(_) => (),
            None => {
                self.ahead.insert(size, signed);
            }
        }
    }

    /// The payload of the leaf at `index`, salt and plaintext, as stored.
    pub fn payload(&mut self, index: u64, stored: &[u8]) {
        let length = u64::try_from(stored.len()).unwrap_or(u64::MAX);
        let opens = |origin, digest: &Digest| commitment::opens(origin, index, digest, stored);
        self.payload_as(index, length, opens);
    }

    /// The same of a payload that stands in parts: its salt, and what the whole plaintext came to, digest and length.
    pub fn payload_in_parts(&mut self, index: u64, salt: &[u8], (plaintext, length): (&Digest, u64)) {
        let opens = |origin, digest: &Digest| {
            let salt = salt.first_chunk();
            salt.is_some_and(|salt| commitment::commit(origin, index, salt, length, plaintext) == *digest)
        };
        let salt = u64::try_from(commitment::SALT).unwrap_or(u64::MAX);
        self.payload_as(index, length.saturating_add(salt), opens);
    }

    fn payload_as(&mut self, index: u64, stored: u64, opens: impl FnOnce(Origin, &Digest) -> bool) {
        let at = Place::Payload(index);
        let found = self.commitments.binary_search_by_key(&index, |commitment| commitment.index);
        let Some(Commitment { digest, length, .. }) = found.ok().and_then(|place| self.commitments.get(place)) else {
            return self.fault(at, What::NoCommitment);
        };
        let (digest, declared) = (*digest, *length);
        if stored != declared {
            self.fault(at, What::PayloadLength { declared, stored });
        } else if !opens(self.origin, &digest) {
            self.fault(at, What::Payload);
        } else {
            self.payloads += 1;
        }
    }

    /// Nothing more is stored.
    #[must_use]
    pub fn finish(mut self) -> Verdict {
        let stored = self.next;
        for size in std::mem::take(&mut self.ahead).into_keys() {
            self.fault(Place::Checkpoint(size), What::MissingLeaves { stored });
        }
        let unsigned = self.uncovered(stored);
        if stored > 0 && self.newest.is_none() {
            self.fault(Place::Checkpoint(stored), What::NoCheckpoint);
        } else {
            self.require_cover(stored);
        }
        Verdict {
            size: stored,
            root: self.frontier.root(),
            newest: self.newest,
            unsigned,
            checkpoints: self.checkpoints,
            payloads: self.payloads,
            disordered: self.disordered,
            faults: self.faults,
            fault_count: self.fault_count,
        }
    }

    fn content(&mut self, index: u64, leaf: &Leaf) {
        let at = Place::Leaf(index);
        if leaf.genesis_of() != (index == 0).then_some(self.origin) {
            self.fault(at, What::Genesis);
        }
        if let Some(time) = leaf.time() {
            match (time < self.latest_time, self.followed) {
                (true, true) => self.disordered += 1,
                (true, false) => self.fault(at, What::Time { before: self.latest_time }),
                (false, _) => {}
            }
            self.latest_time = self.latest_time.max(time);
        }
        match leaf {
            Leaf::Released(released) | Leaf::Statement(Statement { released, .. }) => {
                self.commitments.push(Commitment { index, digest: released.commitment, length: released.length });
            }
            Leaf::Genesis { .. }
            | Leaf::Withdrawn { .. }
            | Leaf::Outcome(_)
            | Leaf::Observed { .. }
            | Leaf::Anchor { .. }
            | Leaf::AgreementChange { .. }
            | Leaf::KeyChange { .. }
            | Leaf::Erased { .. } => (),
        }
    }

    /// Compares the root of a checkpoint with that of the leaves, at the checkpoint's size or, where leaves are
    /// missing, above it.
    fn root(&mut self, signed: SignedCheckpoint) {
        let (size, root) = (signed.checkpoint().size, signed.checkpoint().root);
        let computed = self.frontier.root();
        if size != self.next || size != self.frontier.size() || root != computed {
            return self.fault(Place::Checkpoint(size), What::Root { computed, signed: root });
        }
        self.require_cover(size);
        self.newest = Some(signed);
        self.checkpoints += 1;
    }

    /// Leaves below `size` that are past the last checkpoint that holds.
    fn uncovered(&self, size: u64) -> u64 {
        size.saturating_sub(self.newest.as_ref().map_or(0, |newest| newest.checkpoint().size))
    }

    fn require_cover(&mut self, size: u64) {
        let leaves = self.uncovered(size);
        // The rule bounds what a partner must follow at once; a journal has no follower.
        if !self.decodes {
            return;
        }
        if usize::try_from(leaves).map_or(true, |leaves| leaves > MAX_LEAVES) {
            self.fault(Place::Checkpoint(size), What::Uncovered { leaves });
        }
    }

    fn fault(&mut self, at: Place, what: What) {
        if self.faults.len() < MAX_FAULTS {
            self.faults.push(Fault { at, what });
        }
        self.fault_count = self.fault_count.saturating_add(1);
    }
}

#[cfg(test)]
mod tests;
