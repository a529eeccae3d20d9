//! Windows: how much of what may be open, of either nation, at once.

/// Leaves that a log may have beyond its last stored checkpoint. LOG-5
pub const MAX_UNSEALED: u64 = 1_024;
/// Bytes in a link's lanes beyond which payloads wait in the store.
pub(crate) const LANE_BYTES: usize = 4 * 1024 * 1024;
/// Unanswered Released leaves of one log. FLW-5
pub(crate) const MAX_UNRESOLVED: usize = 4_096;
/// Bytes of their payloads; a larger payload goes alone. FLW-5
pub(crate) const MAX_UNRESOLVED_BYTES: u64 = 256 * 1024 * 1024;
/// Unanswered Statements of one log. FLW-22
pub(crate) const MAX_STATEMENTS: usize = 256;
