//! Bodies outside the database: long texts that came in one turn stand one behind the other in a file that was made
//! ahead, full of zeros, so that they are written once and flushed while the database works out its rows. A row has the
//! key of its body, wrapped, and says where it stands. STO-1 to STO-6
//!
//! ```text
//! relto.db.seg/00000001.seg   64 MiB, used up; 00000002.seg in use; 00000003.seg made ahead; 00000001.one a long body,
//!                             or parts of long payloads, one behind the other, up to 64 MiB
//! ```
//! A transaction writes its bodies behind the end that the database names, has them flushed, and moves that end in the
//! same commit. What stands behind the end is of a transaction that never was: it is written over, and nobody reads it.

mod audit;
mod check;
mod fault;
mod lease;
mod maker;
mod medium;
mod place;
mod reader;
mod record;
mod spans;
mod writer;

pub use audit::SegmentsFound;
pub(super) use audit::audit;
pub use check::SegmentBytes;
pub(super) use check::{bytes, open};
pub use fault::SegmentFault;
pub use lease::Lease;
pub use maker::SegmentMaker;
pub(super) use maker::is_full;
pub use medium::{Disk, Medium, SegmentFile};
pub(super) use place::Folder;
pub use place::{Number, Spot};
pub(super) use reader::SegmentReader;
pub(super) use record::{BLOCK, Owner};
pub(super) use spans::{Spans, spans};
pub(super) use writer::{Bulk, Segments, Written, dig, dig_all};

/// What stands outside the database, and how long its files are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of a segment file.
    pub size: u64,
    /// Bytes of bodies in one transaction that stand in its rows: below, one flush less is worth more.
    pub in_rows: u64,
    /// Bytes from which on a body has a file of its own.
    pub alone: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { size: 64 * 1024 * 1024, in_rows: 64 * 1024, alone: 1024 * 1024 }
    }
}
