//! One stored log from end to end, a page at a time.

use crate::inspect::{Damage, Inspection, Page};
use relto_audit::{
    checkpoint::Checkpoint,
    leaf::{Leaf, Statement},
    origin::Origin,
    verify::{LogVerifier, MAX_FAULTS},
};
use relto_exchange::store::SubtreeAt;
use relto_report::{crypto::PublicKey, digest::Digest};

/// A log that the store must hold.
pub struct Log {
    /// `XAA>XBB`, or `journal`.
    pub name: String,
    /// For people.
    pub what: String,
    /// Its name in checkpoints and proofs.
    pub origin: Origin,
    /// The key that signs its heads.
    pub key: PublicKey,
    /// One of this nation.
    pub is_own: bool,
    /// The nation's journal.
    pub is_journal: bool,
}

/// What was found in it.
pub struct Found {
    /// Leaves.
    pub size: u64,
    /// Root over all of them.
    pub root: Digest,
    /// Stored checkpoints.
    pub checkpoints: u64,
    /// Payloads that open their leaf's commitment.
    pub payloads: u64,
    /// Private details that do.
    pub details: u64,
    /// Leaves behind the newest checkpoint.
    pub unsigned: u64,
    /// Leaves with a time before an earlier one's.
    pub disordered: u64,
    /// The first of them, in words.
    pub faults: Vec<String>,
    /// All of them.
    pub fault_count: u64,
}

impl Found {
    /// Nothing is wrong.
    #[must_use]
    pub const fn is_sound(&self) -> bool {
        self.fault_count == 0
    }
}

/// Verifies a log against its key and, where it is ours, the head file's newest head of it; `on_way` is told how many of how
/// many leaves were read.
#[must_use]
pub fn verify(store: &Inspection, log: &Log, head: Option<&[u8]>, on_way: &mut dyn FnMut(u64, u64)) -> Found {
    let verifier = match (log.is_journal, log.is_own) {
        (true, _) => LogVerifier::journal(log.origin, log.key),
        (false, true) => LogVerifier::new(log.origin, log.key),
        (false, false) => LogVerifier::followed(log.origin, log.key),
    };
    let mut run =
        Run { store, log, verifier, next_checkpoint: 0, details: 0, subtrees: 0, faults: Vec::new(), fault_count: 0 };
    if let Some(note) = head {
        match size_of(note) {
            // First of all: a log that was cut short is found out by it.
            Some(size) => run.verifier.checkpoint(size, note),
            None => run.fault("the head file's head of this log is not a checkpoint".to_owned()),
        }
    }
    let end = run.pages(on_way);
    let leaves = match end {
        Ok(leaves) => leaves,
        Err(damage) => {
            run.fault(format!("{damage}. What lies behind it was not verified"));
            0
        }
    };
    if log.is_own && leaves > 0 && head.is_none() {
        run.fault("the head file has no head of this log: it was lost or replaced".to_owned());
    }
    run.finish()
}

/// Size of a head as it is written, before its signature is looked at.
fn size_of(note: &[u8]) -> Option<u64> {
    Checkpoint::parse_unverified(note).ok().map(|head| head.size)
}

struct Run<'a> {
    store: &'a Inspection,
    log: &'a Log,
    verifier: LogVerifier,
    /// Sizes below it were given.
    next_checkpoint: u64,
    details: u64,
    /// Roots of subtrees that are kept and right.
    subtrees: u64,
    faults: Vec<String>,
    fault_count: u64,
}

impl Run<'_> {
    fn fault(&mut self, what: String) {
        if self.faults.len() < MAX_FAULTS {
            self.faults.push(what);
        }
        self.fault_count += 1;
    }

    /// Gives every row to the verifier; gives how many leaves there are.
    fn pages(&mut self, on_way: &mut dyn FnMut(u64, u64)) -> Result<u64, Damage> {
        let size = if self.log.is_journal {
            self.store.entry_count(self.log.origin)
        } else {
            self.store.size(self.log.origin)
        }?;
        let (mut next, mut count) = (0, 0);
        loop {
            let page = match self.log.is_journal {
                true => self.store.entries(self.log.origin, next)?,
                false => self.store.leaves(self.log.origin, next)?,
            };
            let Some((last, _)) = page.last() else { break };
            let end = last.saturating_add(1);
            self.checkpoints_to(end)?;
            self.leaves(&page)?;
            self.payloads(next, *last)?;
            count += u64::try_from(page.len()).unwrap_or(0);
            on_way(end, size);
            next = end;
        }
        self.payloads(next, u64::MAX)?;
        // Beyond the last leaf no checkpoint may stand; a page of them is as telling as all.
        let beyond = self.store.checkpoints(self.log.origin, self.next_checkpoint, u64::MAX)?;
        beyond.iter().for_each(|(size, note)| self.verifier.checkpoint(*size, note));
        let kept = self.store.subtree_count(self.log.origin)?;
        if kept > self.subtrees && self.fault_count == 0 {
            let spare = kept - self.subtrees;
            self.fault(format!("{spare} roots of subtrees belong to no leaves"));
        }
        Ok(count)
    }

    /// A checkpoint is given before the first leaf that it does not cover.
    fn checkpoints_to(&mut self, size: u64) -> Result<(), Damage> {
        loop {
            let page = self.store.checkpoints(self.log.origin, self.next_checkpoint, size)?;
            let Some((last, _)) = page.last() else { return Ok(()) };
            self.next_checkpoint = last.saturating_add(1);
            page.iter().for_each(|(size, note)| self.verifier.checkpoint(*size, note));
        }
    }

    fn leaves(&mut self, page: &Page) -> Result<(), Damage> {
        for (index, stored) in page {
            let mut complete = Vec::new();
            self.verifier.leaf_seen(*index, stored, |height, root| {
                complete.extend(SubtreeAt::of(height, index.saturating_add(1)).map(|at| (at, *root)));
            });
            if self.log.is_journal {
                continue;
            }
            for (at, root) in complete {
                self.subtree(at, &root)?;
            }
            match Leaf::decode(stored) {
                Ok(Leaf::KeyChange { .. }) => {
                    self.fault(format!("leaf {index}: a key change, whose signers this program cannot verify yet"));
                }
                Ok(Leaf::Released(released) | Leaf::Statement(Statement { released, .. })) if self.log.is_own => {
                    self.detail(*index, &released.detail);
                }
                // What does not decode has been told by the verifier.
                Ok(_) | Err(_) => {}
            }
        }
        Ok(())
    }

    /// The root of a subtree that is kept beside the leaves is theirs. REC-1
    fn subtree(&mut self, at: SubtreeAt, root: &Digest) -> Result<(), Damage> {
        match self.store.subtree(self.log.origin, at)? {
            Some(kept) if kept == root.as_bytes() => self.subtrees += 1,
            Some(_) => self.fault(format!("subtree {} of level {}: its root is not its leaves'", at.index, at.level)),
            None => self.fault(format!("subtree {} of level {}: its root is missing", at.index, at.level)),
        }
        Ok(())
    }

    /// The private detail, where it is still held, is what the leaf commits to.
    fn detail(&mut self, index: u64, committed: &Digest) {
        match self.store.detail_commitment(self.log.origin, index) {
            Ok(None) => {}
            Ok(Some(found)) if found == *committed => self.details += 1,
            Ok(Some(_)) => {
                self.fault(format!("private detail of leaf {index}: it does not open the leaf's commitment"))
            }
            Err(damage) => self.fault(format!("private detail of leaf {index}: {damage}")),
        }
    }

    /// The payloads held for these leaves, one at a time: each may be large.
    fn payloads(&mut self, from: u64, to: u64) -> Result<(), Damage> {
        for index in self.store.payload_indexes(self.log.origin, from, to)? {
            match self.store.payload(self.log.origin, index) {
                Ok(Some(payload)) => self.payload(index, &payload),
                // Erased while we looked, by a node that runs.
                Ok(None) => {}
                Err(damage) => self.fault(format!("payload of leaf {index}: {damage}")),
            }
        }
        Ok(())
    }

    fn payload(&mut self, index: u64, payload: &[u8]) {
        match self.store.in_parts((self.log.origin, self.log.is_own), index, payload) {
            Ok(None) => self.verifier.payload(index, payload),
            Ok(Some(found)) => self.verifier.payload_in_parts(index, payload, found.plaintext()),
            Err(damage) => self.fault(format!("payload of leaf {index}: {damage}")),
        }
    }

    fn finish(self) -> Found {
        let verdict = self.verifier.finish();
        let mut faults: Vec<String> = verdict.faults.iter().map(ToString::to_string).collect();
        faults.extend(self.faults);
        faults.truncate(MAX_FAULTS);
        Found {
            size: verdict.size,
            root: verdict.root,
            checkpoints: verdict.checkpoints,
            payloads: verdict.payloads,
            details: self.details,
            unsigned: verdict.unsigned,
            disordered: verdict.disordered,
            faults,
            fault_count: verdict.fault_count.saturating_add(self.fault_count),
        }
    }
}
