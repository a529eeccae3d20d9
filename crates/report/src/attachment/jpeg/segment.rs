//! One segment of a JPEG, and what is said of a part that is wrong.

use super::super::finding::{Advice, At, Finding, Sort};

/// A segment that was read: its marker, where it stands, its data.
pub(super) struct Segment {
    pub(super) marker: u8,
    pub(super) at: u64,
    pub(super) data: Vec<u8>,
}

impl Segment {
    /// Behind its data.
    pub(super) fn end(&self) -> u64 {
        self.at.saturating_add(4).saturating_add(u64::try_from(self.data.len()).unwrap_or(u64::MAX))
    }
}

/// What is said of a part that is not as the standard has it.
pub(super) fn odd(what: &str, at: u64) -> Finding {
    Finding::new(Sort::Odd, what, At::Byte(at), Advice::ExportAnew)
}

/// What is said of a picture that would cost too much to walk.
pub(super) fn too_large(what: &str, at: u64) -> Finding {
    Finding::new(Sort::TooLarge, what, At::Byte(at), Advice::Part)
}
