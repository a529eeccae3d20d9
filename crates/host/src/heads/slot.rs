//! One slot of a head file, and where it stands.

use relto_audit::{checkpoint::Checkpoint, origin::Origin};
use relto_report::{crypto::sha256, digest::Digest};

pub(super) const SLOT: usize = 1024;
pub(super) const SLOTS: u64 = 4;
/// Logs of one head file at most.
pub const MAX_LOGS: u64 = 128;
pub(super) const DIGEST: usize = 32;
/// Bytes before the note.
pub(super) const HEAD: usize = 96;
pub(super) const MAGIC: &[u8; 4] = b"RLH2";

/// One whole slot.
pub(super) struct Slot {
    pub(super) place: (u64, u64),
    pub(super) origin: Origin,
    /// Counts the heads of this log.
    pub(super) sequence: u64,
    /// Counts the writes of the file.
    pub(super) number: u64,
    /// Slots of this write.
    pub(super) count: u64,
    pub(super) before: Digest,
    pub(super) board: Digest,
    pub(super) note: Vec<u8>,
}

impl Slot {
    pub(super) fn bytes(&self) -> Option<Vec<u8>> {
        if self.note.len() > SLOT - DIGEST - HEAD {
            return None;
        }
        let mut out = MAGIC.to_vec();
        out.extend_from_slice(&u32::try_from(self.note.len()).ok()?.to_le_bytes());
        for figure in [self.sequence, self.number, self.count] {
            out.extend_from_slice(&figure.to_le_bytes());
        }
        out.extend_from_slice(self.before.as_bytes());
        out.extend_from_slice(self.board.as_bytes());
        out.extend_from_slice(&self.note);
        out.resize(SLOT - DIGEST, 0);
        let digest = sha256(&[&out]);
        out.extend_from_slice(digest.as_bytes());
        Some(out)
    }

    /// `None`: empty, torn, or of another form.
    pub(super) fn read(bytes: &[u8; SLOT], place: (u64, u64)) -> Option<Self> {
        let rest = whole(bytes)?.strip_prefix(MAGIC)?;
        let (length, rest) = rest.split_first_chunk::<4>()?;
        let (sequence, rest) = rest.split_first_chunk::<8>()?;
        let (number, rest) = rest.split_first_chunk::<8>()?;
        let (count, rest) = rest.split_first_chunk::<8>()?;
        let (before, rest) = rest.split_first_chunk::<DIGEST>()?;
        let (board, rest) = rest.split_first_chunk::<DIGEST>()?;
        let note = rest.get(..usize::try_from(u32::from_le_bytes(*length)).ok()?)?.to_vec();
        Some(Self {
            place,
            origin: log_of(&note)?,
            sequence: u64::from_le_bytes(*sequence),
            number: u64::from_le_bytes(*number),
            count: u64::from_le_bytes(*count),
            before: Digest::from_bytes(*before),
            board: Digest::from_bytes(*board),
            note,
        })
    }

    pub(super) fn digest(&self) -> Digest {
        digest_of(self.number, &self.before, &self.board)
    }
}

/// Digest of a write.
pub(super) fn digest_of(number: u64, before: &Digest, board: &Digest) -> Digest {
    sha256(&[&number.to_le_bytes(), before.as_bytes(), board.as_bytes()])
}

/// Digest over the newest head of every log, ascending by log: origin, sequence, SHA-256 of the note.
pub(super) fn board_of<'n>(logs: impl Iterator<Item = (Origin, u64, &'n [u8])>) -> Digest {
    let mut bytes = Vec::new();
    for (origin, sequence, note) in logs {
        bytes.extend_from_slice(origin.as_bytes());
        bytes.extend_from_slice(&sequence.to_le_bytes());
        bytes.extend_from_slice(sha256(&[note]).as_bytes());
    }
    sha256(&[&bytes])
}

pub(super) const fn place(region: u64, slot: u64) -> u64 {
    (region * SLOTS + slot) * 1024
}

/// The log of a note, whoever signed it.
pub(super) fn log_of(note: &[u8]) -> Option<Origin> {
    Checkpoint::parse_unverified(note).ok().map(|head| head.origin)
}

/// Whether the last bytes of a slot are the digest of those before.
pub(super) fn whole(bytes: &[u8; SLOT]) -> Option<&[u8]> {
    let (body, digest) = bytes.split_last_chunk::<DIGEST>()?;
    (sha256(&[body]).as_bytes() == digest).then_some(body)
}
