//! Windows: how much of what may be open, of either nation, at once.

/// Leaves that a log may have beyond its last stored checkpoint. LOG-5
pub const MAX_UNSEALED: u64 = 1_024;
/// Bytes in a link's lanes beyond which payloads wait in the store.
pub(crate) const LANE_BYTES: usize = 4 * 1024 * 1024;
/// Unanswered Released leaves of one log. FLW-5
pub(crate) const MAX_UNRESOLVED: usize = 4_096;
/// Unanswered Statements of one log. FLW-22
pub(crate) const MAX_STATEMENTS: usize = 256;
/// Bytes beyond which a payload is long: it stands in parts, and has a window of its own.
pub const LONG: u64 = 1024 * 1024;
/// Bytes of payloads that are not long. FLW-5
const MAX_SHORT_BYTES: u64 = 256 * 1024 * 1024;
/// Bytes of long payloads. FLW-5
const MAX_LONG_BYTES: u64 = 2 * 1024 * 1024 * 1024;

/// Bytes of payloads that are open in one log: long ones keep none of the others out. FLW-5
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub(crate) struct OpenBytes {
    short: u64,
    long: u64,
}

impl OpenBytes {
    fn of(&mut self, length: u64) -> (&mut u64, u64) {
        if length > LONG { (&mut self.long, MAX_LONG_BYTES) } else { (&mut self.short, MAX_SHORT_BYTES) }
    }

    /// A payload of this length is open.
    pub(crate) fn add(&mut self, length: u64) {
        let (bytes, _) = self.of(length);
        *bytes = bytes.saturating_add(length);
    }

    /// One is open no more.
    pub(crate) fn take(&mut self, length: u64) {
        let (bytes, _) = self.of(length);
        *bytes = bytes.saturating_sub(length);
    }

    /// Whether another of this length has room in so many eighths of its window.
    pub(crate) fn fits(mut self, length: u64, eighths: u64) -> bool {
        let (bytes, most) = self.of(length);
        bytes.saturating_add(length) <= most / 8 * eighths
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flw_5_long_payloads_keep_no_other_out() {
        let mut open = OpenBytes::default();
        let gib = 1024 * 1024 * 1024;
        assert!(open.fits(gib + LONG, 6), "the longest, for whom the least is kept");
        open.add(gib);
        assert!(!open.fits(gib, 6) && open.fits(gib, 8) && open.fits(LONG, 6));
        (0..192).for_each(|_| open.add(LONG));
        assert!(!open.fits(LONG, 6) && open.fits(LONG, 7) && open.fits(LONG + 1, 8));
        (0..192).for_each(|_| open.take(LONG));
        assert!(open.fits(LONG, 6) && !open.fits(gib, 6));
    }
}
