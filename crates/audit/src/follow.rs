//! Following a partner's log: the next leaves are taken only under a head that its key signed over exactly them.

use crate::{
    checkpoint::{CheckpointError, SignedCheckpoint},
    origin::Origin,
    tree::Frontier,
};
use relto_report::{crypto::PublicKey, digest::Digest};

/// Leaves that a log has beyond its last checkpoint, and that one LEAVES frame carries, at most. LOG-5
pub const MAX_LEAVES: usize = 1024;

/// One's copy of a partner's log after a batch: to be committed whole, or not at all.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Followed {
    /// The copy's right edge with the new leaves.
    pub frontier: Frontier,
    /// The partner's head over it.
    pub checkpoint: SignedCheckpoint,
}

/// Why a batch was not followed. Nothing of it may be committed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FollowFault {
    /// Not a checkpoint at all.
    #[error("the batch does not end in a checkpoint")]
    BadCheckpoint,
    /// Signed by another key, or the signature does not verify.
    #[error("the checkpoint is not signed by the log's key")]
    BadSignature,
    /// The batch does not begin at the next leaf.
    #[error("the batch begins at leaf {first}, the next one is {expected}")]
    OutOfOrder {
        /// Index of the next leaf.
        expected: u64,
        /// Index of the batch's first leaf.
        first: u64,
    },
    /// The log's key signed another root: a fork of the log, or leaves changed on the way. Keep both heads.
    #[error("at size {size} the leaves give {computed}, the log's key signed {signed}")]
    RootMismatch {
        /// Leaves that the checkpoint covers.
        size: u64,
        /// Root over the copy and the batch.
        computed: Digest,
        /// Root in the checkpoint.
        signed: Digest,
    },
    /// The checkpoint does not end at the batch's last leaf.
    #[error("the checkpoint does not end with the batch")]
    SizeMismatch,
    /// Over [`MAX_LEAVES`] leaves, or more than any log holds.
    #[error("the batch has more leaves than a log may have beyond a checkpoint")]
    TooMany,
    /// A checkpoint of another log.
    #[error("the checkpoint is of another log")]
    WrongOrigin,
}

/// Follows the leaves `first ..` of the log `origin` under the checkpoint that came with them, by the key in force
/// below the checkpoint's size. No leaves, with `first` at the frontier's size, repeat the newest checkpoint.
///
/// The leaves' content is not looked at: they are hashed as they are, so decode them first.
///
/// # Errors
/// [`FollowFault`]; the frontier given is untouched.
pub fn follow(
    frontier: &Frontier,
    first: u64,
    leaves: &[Vec<u8>],
    checkpoint: &[u8],
    origin: Origin,
    key: &PublicKey,
) -> Result<Followed, FollowFault> {
    let expected = frontier.size();
    if first != expected {
        return Err(FollowFault::OutOfOrder { expected, first });
    }
    if leaves.len() > MAX_LEAVES {
        return Err(FollowFault::TooMany);
    }
    let added = u64::try_from(leaves.len()).map_err(|_| FollowFault::TooMany)?;
    let size = first.checked_add(added).ok_or(FollowFault::TooMany)?;
    let checkpoint = SignedCheckpoint::open(checkpoint, origin, key).map_err(FollowFault::from)?;
    if checkpoint.checkpoint().size != size {
        return Err(FollowFault::SizeMismatch);
    }
    let mut frontier = frontier.clone();
    for leaf in leaves {
        frontier.push(leaf);
    }
    let (computed, signed) = (frontier.root(), checkpoint.checkpoint().root);
    // LOG-8
    if computed != signed {
        return Err(FollowFault::RootMismatch { size, computed, signed });
    }
    Ok(Followed { frontier, checkpoint })
}

impl From<CheckpointError> for FollowFault {
    fn from(error: CheckpointError) -> Self {
        match error {
            CheckpointError::BadSignature | CheckpointError::WrongKey => Self::BadSignature,
            CheckpointError::WrongOrigin => Self::WrongOrigin,
            CheckpointError::Extension
            | CheckpointError::NotText
            | CheckpointError::Origin
            | CheckpointError::Root
            | CheckpointError::SignatureLine
            | CheckpointError::Size
            | CheckpointError::TooLong
            | CheckpointError::Trailing => Self::BadCheckpoint,
        }
    }
}

#[cfg(test)]
mod tests;
