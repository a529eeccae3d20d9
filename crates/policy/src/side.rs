//! The two nodes that decide on each report.

/// Which node decides.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Side {
    /// The sender's, before the report leaves.
    Out,
    /// The recipient's, when it has arrived.
    In,
}
