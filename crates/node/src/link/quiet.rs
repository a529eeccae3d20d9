//! What happens again and again, told at once and then each minute with how often it happened.

/// Milliseconds between two lines.
const MINUTE: u64 = 60_000;

/// When it was told last, and how often it has happened since.
#[derive(Debug, Default)]
pub(super) struct Quiet {
    told: Option<u64>,
    since: u64,
}

impl Quiet {
    /// It happened at this time (monotonic milliseconds): `Some` where it is to be told, with how often it has happened
    /// since the last line.
    pub(super) fn tells(&mut self, now_ms: u64) -> Option<u64> {
        self.since += 1;
        if self.told.is_some_and(|at| now_ms.saturating_sub(at) < MINUTE) {
            return None;
        }
        self.told = Some(now_ms);
        Some(std::mem::take(&mut self.since))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_told_at_once_and_then_each_minute_with_the_count() {
        let mut quiet = Quiet::default();
        // Each five seconds for four minutes, from some time on.
        let told: Vec<(u64, u64)> =
            (0..48).filter_map(|n| Some((n * 5, quiet.tells(1_000_000 + n * 5_000)?))).collect();
        assert_eq!(told, [(0, 1), (60, 12), (120, 12), (180, 12)]);
    }
}
