//! Recorded, then signed, then in the head file, then sendable: the only road out of this node for a leaf or a payload.

use crate::{
    input::Input,
    model::{
        head_write::HeadWrite,
        ids::{LinkId, SessionNumber},
        parts::InParts,
        place::{CheckpointAt, LeafAt, OutboxAt, PayloadAt, read, scan},
        store::{Reader, StoreError},
    },
    turn::{
        batch::{Exits, Recorded},
        out::{Appended, Out},
    },
    wire::{
        frame::{Frame, MAX_LEAVES},
        lanes::{Stretch, WINDOW},
        protocol::ByeCode,
    },
};
use relto_audit::{
    checkpoint::{Checkpoint, SignedCheckpoint},
    leaf::Precedence,
    origin::Origin,
};
use relto_report::crypto::{PublicKey, Signer, SignerDown};
use std::{collections::BTreeMap, sync::Arc};

/// Finds the seal key of a log of this nation.
pub trait SealKeys {
    /// The key that signs the heads of this log.
    fn key_of(&self, log: Origin) -> Option<&dyn Signer>;
}

/// What goes to one connection, or to all of a link. Only this crate makes one, of what was recorded and sealed.
pub enum Outgoing {
    /// Leaves and the checkpoint that covers them.
    #[non_exhaustive]
    Leaves {
        /// Which link.
        link: LinkId,
        /// The frame.
        frame: Frame,
        /// Its checkpoint.
        checkpoint: SignedCheckpoint,
    },
    /// A payload whose exposure is committed.
    #[allow(missing_docs, reason = "each member is named for what it holds")]
    #[non_exhaustive]
    Body {
        link: LinkId,
        session: SessionNumber,
        log: Origin,
        index: u64,
        precedence: Precedence,
        offset: u64,
        length: u64,
        payload: Option<Arc<Vec<u8>>>,
    },
    /// What comes next of the payload of such a one, read back when its turn to be sent came.
    #[allow(missing_docs, reason = "each member is named for what it holds")]
    #[non_exhaustive]
    Loaded { link: LinkId, log: Origin, index: u64, read: Stretch },
    /// Nothing more of this payload may leave.
    #[allow(missing_docs, reason = "each member is named for what it holds")]
    #[non_exhaustive]
    Stop { link: LinkId, log: Origin, index: u64 },
    /// A payload that we still await.
    #[allow(missing_docs, reason = "each member is named for what it holds")]
    #[non_exhaustive]
    Want { link: LinkId, session: SessionNumber, log: Origin, index: u64, offset: u64 },
    /// Our log has leaves up to this size, signed before this came here: what is not at hand is in the store.
    #[allow(missing_docs, reason = "each member is named for what it holds")]
    #[non_exhaustive]
    Reach { link: LinkId, session: SessionNumber, log: Origin, size: u64 },
    /// What the store says to a question of the partner; `None`: nothing.
    #[allow(missing_docs, reason = "each member is named for what it holds")]
    Answer { link: LinkId, frame: Option<Frame> },
    /// The link must close.
    #[allow(missing_docs, reason = "each member is named for what it holds")]
    #[non_exhaustive]
    Close { link: LinkId, session: SessionNumber, code: ByeCode },
}

impl Outgoing {
    /// Which link.
    #[must_use]
    pub const fn link(&self) -> LinkId {
        match self {
            Self::Leaves { link, .. }
            | Self::Body { link, .. }
            | Self::Loaded { link, .. }
            | Self::Stop { link, .. }
            | Self::Want { link, .. }
            | Self::Reach { link, .. }
            | Self::Answer { link, .. }
            | Self::Close { link, .. } => *link,
        }
    }
}

/// The file that holds the newest heads on a medium of its own.
pub trait HeadFile {
    /// Writes the checkpoints and flushes them to the disk.
    ///
    /// # Errors
    /// A failure is fatal: the process must end and recover.
    fn record(&mut self, heads: &[SignedCheckpoint]) -> Result<Option<HeadWrite>, StoreError>;
}

/// What stands in the head file, and what may leave by it.
pub struct Written {
    /// The write, where the file counts them: to be stored with the heads. HED-6
    pub write: Option<HeadWrite>,
    /// The heads.
    pub heads: Vec<SignedCheckpoint>,
    /// What may be sent.
    pub outgoing: Vec<Outgoing>,
}

impl Written {
    /// What the writer stores of it.
    pub fn inputs(&self) -> impl Iterator<Item = Input> {
        self.write.map(Input::Wrote).into_iter().chain(self.heads.clone().into_iter().map(Input::Sealed))
    }
}

/// Batches with their heads signed, and not yet sendable.
pub struct Sealed {
    heads: Vec<SignedCheckpoint>,
    outgoing: Vec<Outgoing>,
}

impl Sealed {
    /// Writes the heads to the head file; only then may anything leave.
    ///
    /// # Errors
    /// As [`HeadFile::record`].
    pub fn record(self, file: &mut dyn HeadFile) -> Result<Written, StoreError> {
        let write = if self.heads.is_empty() { None } else { file.record(&self.heads)? };
        Ok(Written { write, heads: self.heads, outgoing: self.outgoing })
    }
}

/// Seals any number of recorded batches with one signature per log that grew, over its newest head. LOG-10
///
/// # Errors
/// [`SignerDown`]; nothing is lost, the rows are on disk and the next seal covers them.
pub fn seal(batches: Vec<Recorded<Exits>>, keys: &dyn SealKeys) -> Result<Sealed, SignerDown> {
    let mut runs: BTreeMap<Origin, Appended> = BTreeMap::new();
    let mut rest = Vec::new();
    for batch in batches {
        let exits = batch.into_inner();
        for appended in exits.appended {
            match runs.get_mut(&appended.log) {
                Some(run) => {
                    run.leaves.extend(appended.leaves);
                    run.root = appended.root;
                }
                None => {
                    runs.insert(appended.log, appended);
                }
            }
        }
        rest.extend(exits.out.into_iter().filter_map(outgoing));
    }
    let mut heads = Vec::with_capacity(runs.len());
    let mut out = Vec::with_capacity(runs.len() + rest.len());
    for (log, run) in runs {
        let size = run.first.saturating_add(u64::try_from(run.leaves.len()).unwrap_or(u64::MAX));
        let signer = keys.key_of(log).ok_or(SignerDown)?;
        let checkpoint = Checkpoint { origin: log, size, root: run.root }.sign(signer)?;
        heads.push(checkpoint.clone());
        if let Some(link) = run.link {
            let frame = Frame::leaves(log, run.first, Arc::new(run.leaves), checkpoint.clone());
            out.push(Outgoing::Leaves { link, frame, checkpoint });
        }
    }
    // Leaves stand before payloads: a payload never overtakes its leaf.
    out.extend(rest);
    Ok(Sealed { heads, outgoing: out })
}

fn outgoing(out: Out) -> Option<Outgoing> {
    match out {
        Out::Body { link, session, log, index, precedence, offset, length, payload } => {
            Some(Outgoing::Body { link, session, log, index, precedence, offset, length, payload })
        }
        Out::Stop { link, log, index } => Some(Outgoing::Stop { link, log, index }),
        Out::Want { link, session, log, index, offset } => Some(Outgoing::Want { link, session, log, index, offset }),
        Out::Reach { link, session, log, size } => Some(Outgoing::Reach { link, session, log, size }),
        Out::Close { link, session, code } => Some(Outgoing::Close { link, session, code }),
        // Taken out before sealing by those who answer our own people.
        Out::Reply(..) | Out::Event(_) => None,
    }
}

/// Leaves read back from the disk, from `from` to the furthest kept checkpoint within one frame. What stands on the
/// disk is recorded by definition, and its checkpoint was in the head file before it was stored.
///
/// # Errors
/// [`StoreError::Fatal`] when the store cannot be read or a leaf is missing under a checkpoint.
pub(crate) fn resend(
    reader: &dyn Reader,
    link: LinkId,
    log: Origin,
    key: &PublicKey,
    from: u64,
) -> Result<Option<Outgoing>, StoreError> {
    let most = from.saturating_add(u64::try_from(MAX_LEAVES).unwrap_or(0));
    let heads = scan(reader, CheckpointAt(log, from.saturating_add(1)), CheckpointAt(log, most), MAX_LEAVES)?;
    let Some((CheckpointAt(_, size), note)) = heads.into_iter().next_back() else { return Ok(None) };
    let checkpoint = SignedCheckpoint::open(&note, log, key)
        .map_err(|_| StoreError::Fatal("a stored checkpoint does not verify"))?;
    let rows = scan(reader, LeafAt(log, from), LeafAt(log, size.saturating_sub(1)), MAX_LEAVES)?;
    let leaves: Vec<Vec<u8>> = rows.into_iter().map(|(_, leaf)| leaf).collect();
    if u64::try_from(leaves.len()).ok() != size.checked_sub(from) {
        return Err(StoreError::Fatal("a leaf is missing under a checkpoint"));
    }
    let frame = Frame::leaves(log, from, Arc::new(leaves), checkpoint.clone());
    Ok(Some(Outgoing::Leaves { link, frame, checkpoint }))
}

/// The payload of a leaf of mine from `offset` on, read back for a connection that has it in its lanes: its exposure is
/// committed. Of a long one that stands in parts no more than [`WINDOW`] bytes.
///
/// # Errors
/// [`StoreError::Fatal`] when the store cannot be read or has no such payload.
pub(crate) fn reload(
    reader: &dyn Reader,
    link: LinkId,
    log: Origin,
    index: u64,
    offset: u64,
) -> Result<Outgoing, StoreError> {
    const MISSING: StoreError = StoreError::Fatal("the payload of an unanswered report is missing");
    let payload = read(reader, PayloadAt(log, index))?.ok_or(MISSING)?;
    let row = read(reader, OutboxAt(log, index))?.ok_or(MISSING)?;
    let whole = u64::try_from(payload.len()) == Ok(row.length);
    let read = if whole {
        Stretch { start: 0, bytes: Arc::new(payload) }
    } else {
        let parts = InParts::uploaded(row.submission, payload);
        let length = usize::try_from(row.length.saturating_sub(offset).min(WINDOW)).unwrap_or(0);
        let mut bytes = vec![0; length];
        if !parts.read_at(reader, offset, &mut bytes)? {
            return Err(MISSING);
        }
        Stretch { start: offset, bytes: Arc::new(bytes) }
    };
    Ok(Outgoing::Loaded { link, log, index, read })
}
