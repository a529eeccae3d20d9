//! What frames and HELLO both speak of: the version, and why a link is closed.

use serde::{Deserialize, Serialize};

/// The form of frames, which their headers name.
pub const FORM: u8 = 1;
/// The lowest and the highest protocol version of this program. From version 2 on logs are asked about.
pub const VERSIONS: (u8, u8) = (1, 2);

/// The version that two ranges have in common, the highest; `None`: there is none. LNK-10
#[must_use]
pub fn common((low, high): (u8, u8)) -> Option<u8> {
    let (lowest, highest) = VERSIONS;
    let version = high.min(highest);
    (version >= low && version >= lowest).then_some(version)
}

/// Why a link was closed; the number crosses the link.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum ByeCode {
    /// The node stops, or a newer session replaces this one.
    Done,
    /// Not a frame of this protocol: magic, version, reserved bytes.
    BadFrame,
    /// Longer than its type allows.
    TooLong,
    /// A body that is not the canonical form of its type.
    Malformed,
    /// A type that this version does not know.
    UnknownFrame,
    /// A leaf that does not decode, or of an unknown kind.
    BadLeaf,
    /// Leaves that do not follow the last ones.
    OutOfOrder,
    /// A checkpoint that is not signed by the log's key, or over another root.
    BadCheckpoint,
    /// The HELLO is not acceptable: versions, nation, agreement, proof.
    BadHello,
    /// Known, and not served by this version: FETCH, PROVE.
    NotServed,
    /// Nothing heard for 30 seconds.
    Silent,
    /// A log is behind what its partner holds of it: somebody was rolled back.
    RolledBack,
    /// Leaves that oblige nothing come faster than time allows them.
    TooFast,
}
