//! Frames between the node and its inspector: four bytes of length, little-endian, and the value in the strict form of
//! [`crate::codec`].

use super::Look;
use crate::codec::{self, Malformed, Validate, bound};
use serde::{Deserialize, Serialize};

/// Bytes of the longest frame.
pub const MAX_FRAME: usize = 1024 * 1024;
/// Bytes of the longest frame of an inspector: it has little to say.
pub const MAX_SAID: usize = 16 * 1024;
/// Bytes that one [`FromChild::Read`] may ask for.
pub const MAX_READ: u32 = 256 * 1024;
/// Bytes of a media type, and of the ending of a name.
const MAX_NAME: usize = 120;

/// What the node says.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum FromNode {
    /// Judge this file.
    Job {
        /// Its number, which the verdict names.
        id: u64,
        /// What its report calls it.
        media_type: String,
        /// What its name ends in.
        name_ending: String,
        /// Its bytes.
        length: u64,
    },
    /// What was asked for.
    Bytes {
        /// Where it stands.
        offset: u64,
        /// The bytes.
        #[serde(with = "serde_bytes")]
        bytes: Vec<u8>,
    },
}

/// What an inspector says.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum FromChild {
    /// First and once: under which limits it works.
    Ready(InForce),
    /// It wants bytes of the file.
    Read {
        /// From where.
        offset: u64,
        /// How many, at most [`MAX_READ`].
        length: u32,
    },
    /// What it found.
    Verdict {
        /// Number of the job.
        id: u64,
        /// Its findings.
        look: Look,
    },
}

/// The limits of an inspector beside those that always hold: a process of its own, and its resources.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "a list of what is in force and what is not")]
pub struct InForce {
    /// ABI of Landlock by which every right is denied; 0 where the kernel has none.
    pub landlock: u8,
    /// Whether any other system call than the few on the list ends it.
    pub seccomp: bool,
    /// Whether it gains nothing by starting a program.
    pub no_new_privileges: bool,
    /// Whether no other process may look into it, and no core is written.
    pub undumpable: bool,
    /// Whether it ends with the thread that started it.
    pub dies_with_parent: bool,
    /// Whether it is the first to be ended where memory is short.
    pub first_to_go: bool,
}

impl Validate for FromNode {
    fn validate(&self) -> Result<(), Malformed> {
        match self {
            Self::Job { media_type, name_ending, .. } => {
                bound(media_type.len(), MAX_NAME, "media type")?;
                bound(name_ending.len(), MAX_NAME, "ending of the name")
            }
            Self::Bytes { bytes, .. } => bound(bytes.len(), usize::try_from(MAX_READ).unwrap_or(0), "bytes"),
        }
    }
}

impl Validate for FromChild {
    fn validate(&self) -> Result<(), Malformed> {
        match self {
            Self::Ready(_) => Ok(()),
            Self::Read { length, .. } if (1..=MAX_READ).contains(length) => Ok(()),
            Self::Read { .. } => Err(Malformed::OutOfBounds("bytes that are asked for")),
            Self::Verdict { look, .. } => look.validate(),
        }
    }
}

/// A frame with its length before it.
#[must_use]
pub fn write<T: Serialize>(value: &T) -> Vec<u8> {
    let body = codec::encode(value);
    // Longer ones than fit are none that either side makes.
    let length = u32::try_from(body.len()).unwrap_or(u32::MAX);
    [&length.to_le_bytes()[..], &body].concat()
}

/// Length of the frame behind these four bytes.
///
/// # Errors
/// [`Malformed::TooLong`] beyond `most`.
pub fn length(header: [u8; 4], most: usize) -> Result<usize, Malformed> {
    usize::try_from(u32::from_le_bytes(header)).ok().filter(|length| *length <= most).ok_or(Malformed::TooLong)
}

/// What the node said, without its length.
///
/// # Errors
/// [`Malformed`] unless it is exactly a frame.
pub fn from_node(body: &[u8]) -> Result<FromNode, Malformed> {
    codec::decode::<_, MAX_FRAME>(body)
}

/// What an inspector said, without its length.
///
/// # Errors
/// [`Malformed`] unless it is exactly a frame.
pub fn from_child(body: &[u8]) -> Result<FromChild, Malformed> {
    codec::decode::<_, MAX_SAID>(body)
}
