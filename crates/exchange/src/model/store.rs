//! What must be durable, as typed rows, and the two traits behind which every disk stands.

use crate::model::{
    body::Body,
    rows::{Awaited, Detail, Draft, Inbox, Outbox, Submission, Upload},
};
use relto_audit::origin::Origin;

/// A client-made submission id: a UUIDv7, so that rows arrive in time order. Never sent to the partner.
pub type SubmissionId = [u8; 16];

/// Where a report of a serial is on record.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct SerialAt {
    /// The serial, as a salted digest.
    pub serial: [u8; 16],
    /// In which log.
    pub log: Origin,
    /// At which leaf.
    pub index: u64,
}

/// Which subtree.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct SubtreeAt {
    /// 1: of 256 leaves; 2: of 256 times as many; and so on.
    pub level: u8,
    /// Its place among those of its level.
    pub index: u64,
}

impl SubtreeAt {
    /// Leaves of a subtree of level 1, as a power of two.
    pub const HEIGHT: u32 = 8;

    /// The one of this height above the leaves that is complete with so many leaves, where one of that height is kept.
    #[must_use]
    pub fn of(height: u32, size: u64) -> Option<Self> {
        let level = u8::try_from(height / Self::HEIGHT).ok().filter(|level| *level > 0)?;
        let index = size.checked_shr(height)?.checked_sub(1)?;
        height.is_multiple_of(Self::HEIGHT).then_some(Self { level, index })
    }

    /// Leaves under one of this level.
    #[must_use]
    pub const fn leaves(level: u8) -> u64 {
        // Far below 2^56 leaves no level is above 7.
        1 << (8 * if level > 7 { 7 } else { level } as u32)
    }
}

/// Where a row stands. Every key of a link carries its log's origin.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Key {
    /// A leaf of a log between nations: mine, or a copy of the partner's.
    Leaf(Origin, u64),
    /// An entry of the national journal: who did what, and why. Encrypted at rest.
    Entry(Origin, u64),
    /// The checkpoint of a log at this size.
    Checkpoint(Origin, u64),
    /// The root of a complete subtree of a log between nations: of so many leaves as [`SubtreeAt::leaves`] says. REC-1
    Subtree(Origin, SubtreeAt),
    /// The payload of a leaf: salt and plaintext. Encrypted at rest.
    Payload(Origin, u64),
    /// What stays at home about a leaf. Encrypted at rest.
    Detail(Origin, u64),
    /// The home file of a report of mine, where it has one. Encrypted at rest.
    Home(Origin, u64),
    /// A report of mine on its way.
    Outbox(Origin, u64),
    /// A leaf of the partner that waits for its payload.
    Awaited(Origin, u64),
    /// A piece of such a payload, by offset. Encrypted at rest.
    Spool(Origin, u64, u64),
    /// What became of a leaf of the partner.
    Inbox(Origin, u64),
    /// A submission of one of our people.
    Submission(SubmissionId),
    /// A report held for officers or queued: who wrote it, who approved. Encrypted at rest.
    Draft(SubmissionId),
    /// Its salt and plaintext. Encrypted at rest.
    DraftBody(SubmissionId),
    /// Its home file, where it has one. Encrypted at rest.
    DraftHome(SubmissionId),
    /// A long plaintext that one of our people sends before the submission of it. Encrypted at rest.
    Upload(SubmissionId),
    /// A part of such a plaintext, by offset: from then on of the draft, and of the leaf, with this id. Encrypted at rest.
    Part(SubmissionId, u64),
    /// The newest write of the head file that this store knows of. Encrypted at rest.
    HeadWrite,
    /// That a report of this serial is on record, and where. The key is the row; its value is empty. An `Insert` of one
    /// that stands is no fault: it says the same.
    Serial(SerialAt),
    /// What the digests of serials are salted with. Encrypted at rest.
    SerialSalt,
    /// What memory held at one moment; there are two, 0 and 1, that are written in turn. Encrypted at rest. STO-7
    Fold(u64),
}

impl Key {
    /// Where a leaf of a log stands: the journal's entries stand apart.
    #[must_use]
    pub const fn in_log(log: Origin, is_journal: bool, index: u64) -> Self {
        if is_journal { Self::Entry(log, index) } else { Self::Leaf(log, index) }
    }
}

/// What stands there.
#[derive(Clone, PartialEq, Debug)]
pub enum Row {
    /// Bytes of a leaf or entry, of a verbatim checkpoint, of a payload or a piece of one, of a home file, of a write.
    Bytes(Vec<u8>),
    /// The same to be written, encrypted already. It is read back as [`Row::Bytes`].
    Body(Body),
    /// See [`Key::Outbox`].
    Outbox(Outbox),
    /// See [`Key::Awaited`].
    Awaited(Awaited),
    /// See [`Key::Inbox`].
    Inbox(Inbox),
    /// See [`Key::Detail`].
    Detail(Detail),
    /// See [`Key::Submission`].
    Submission(Submission),
    /// See [`Key::Draft`].
    Draft(Draft),
    /// See [`Key::Upload`].
    Upload(Upload),
}

/// One change. `Insert` fails where a row stands, `Replace` where none does.
#[derive(Clone, PartialEq, Debug)]
pub enum Write {
    /// A new row.
    Insert(Key, Row),
    /// A changed row.
    Replace(Key, Row),
    /// A row is gone. Erasing what is not there is no fault.
    Erase(Key),
    /// All rows from one key to another of the same kind, both included, are gone: pieces and parts of one payload.
    EraseAll(Key, Key),
}

impl Write {
    /// The key that it changes, or the first of them.
    #[must_use]
    pub const fn key(&self) -> &Key {
        match self {
            Self::Insert(key, _) | Self::Replace(key, _) | Self::Erase(key) | Self::EraseAll(key, _) => key,
        }
    }
}

/// Who may write: the store refuses a commit of an earlier epoch.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Fence {
    /// Counts the starts of this node on this store.
    pub epoch: u64,
}

/// Why nothing was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// The disk is full and nothing was changed: answer so, and try again later.
    #[error("storage is full")]
    Full,
    /// Another process has taken this store over.
    #[error("another process has taken this store over")]
    Fenced,
    /// The outcome is unknown or the rows contradict the program: the process must end and recover.
    #[error("the store failed: {0}")]
    Fatal(&'static str),
}

/// Sees committed rows only.
pub trait Reader {
    /// The rows at these keys, in the same order.
    ///
    /// # Errors
    /// [`StoreError::Fatal`] when the store cannot be read.
    fn get(&self, keys: &[Key]) -> Result<Vec<Option<Row>>, StoreError>;

    /// Up to `limit` rows from `from` to `to`, both included, ascending. Both keys are of one kind.
    ///
    /// # Errors
    /// [`StoreError::Fatal`] when the store cannot be read.
    fn scan(&self, from: &Key, to: &Key, limit: usize) -> Result<Vec<(Key, Row)>, StoreError>;
}

/// Writes rows. `Ok` means on disk, all of them or none.
pub trait Store: Reader {
    /// Commits one transaction.
    ///
    /// # Errors
    /// [`StoreError`]; after anything but [`StoreError::Full`] the store refuses every later call.
    fn commit(&mut self, fence: Fence, writes: &[Write]) -> Result<(), StoreError>;
}

/// The one row at a key.
///
/// # Errors
/// [`StoreError::Fatal`] when the store cannot be read.
pub fn one(reader: &dyn Reader, key: &Key) -> Result<Option<Row>, StoreError> {
    Ok(reader.get(std::slice::from_ref(key))?.pop().flatten())
}
