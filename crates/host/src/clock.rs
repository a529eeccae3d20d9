//! The one place where the program reads the time; everywhere else time is an argument.
//!
//! In scope: the wall clock for what people and partners see, the monotonic clock for timers and durations, and the
//! wall clock in the form in which TLS asks for it; and what this machine knows of whether the clock is right. The
//! exchange asks the partners' HELLOs and our people beside.
#![expect(clippy::disallowed_methods, reason = "this is the one place where time enters the program")]

use rtime_clock::adjtime::{Timex, adjtimex};
use rustls::{pki_types::UnixTime, time_provider::TimeProvider};
use std::{
    sync::{Arc, LazyLock},
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

/// The wall clock in milliseconds since 1970-01-01T00:00:00Z, leap seconds not counted.
///
/// A clock before 1970 reads as 0, at which every certificate, CRL and agreement is not yet valid: all is refused.
#[must_use]
pub fn now_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

/// Milliseconds since this process first asked; never goes back, whatever the wall clock does.
#[must_use]
pub fn monotonic_ms() -> u64 {
    static START: LazyLock<Instant> = LazyLock::new(Instant::now);
    u64::try_from(START.elapsed().as_millis()).unwrap_or(u64::MAX)
}

/// Milliseconds that the wall clock may differ from what this node knows of the time before it is trusted no more.
pub const MOST_STEP: u64 = 60_000;

/// Tells a wall clock that stepped from one that goes: by the monotonic clock since the start, and by the newest time
/// that this node has on record.
#[derive(Debug, Clone, Copy)]
pub struct Guard {
    wall: u64,
    monotonic: u64,
    newest: u64,
}

impl Guard {
    /// A guard from now on, all in milliseconds; `newest` is the newest time in this node's own logs, 0 for none.
    #[must_use]
    pub const fn new(wall: u64, monotonic: u64, newest: u64) -> Self {
        Self { wall, monotonic, newest }
    }

    /// The newest time on record; 0 for none.
    #[must_use]
    pub const fn newest(&self) -> u64 {
        self.newest
    }

    /// The same where something better than our records vouches for the clock: what stands there of later was wrong.
    #[must_use]
    pub const fn without_records(self) -> Self {
        Self { newest: 0, ..self }
    }

    /// The time by what this node knows, where the wall clock is not believed: it goes on from the start, and from the
    /// newest record. What is written meanwhile then stands in no future that would have to come first.
    #[must_use]
    pub fn expected(&self, monotonic: u64) -> u64 {
        self.wall.saturating_add(monotonic.saturating_sub(self.monotonic)).max(self.newest)
    }

    /// Whether the wall clock may be believed: it has not stepped by more than [`MOST_STEP`] since the start, and it
    /// does not stand before the newest record by more than that.
    #[must_use]
    pub const fn is_trusted(&self, wall: u64, monotonic: u64) -> bool {
        let wanted = self.wall.saturating_add(monotonic.saturating_sub(self.monotonic));
        wall.abs_diff(wanted) <= MOST_STEP && wall.saturating_add(MOST_STEP) >= self.newest
    }
}

/// Milliseconds for which our own newest record vouches for a clock that stands behind it: a day.
pub const RECORDS_VOUCH: u64 = 24 * 3_600_000;

/// Whether our newest record, of this time, vouches for the wall clock: it stands behind it by no more than a day, and
/// before it by no more than [`MOST_STEP`]. A store without a record vouches for nothing. FLW-25
#[must_use]
pub const fn is_vouched(wall: u64, newest: u64) -> bool {
    newest > 0 && wall.saturating_add(MOST_STEP) >= newest && wall <= newest.saturating_add(RECORDS_VOUCH)
}

/// Whether the kernel says that its clock is synchronised: something disciplines it, and its status is not unsynchronised.
/// A system that does not tell says no.
#[must_use]
pub fn is_synchronised() -> bool {
    /// `STA_UNSYNC` of adjtimex(2).
    const UNSYNCHRONISED: i32 = 0x40;
    let mut asked = Timex::new();
    adjtimex(&mut asked).is_ok() && asked.0.status & UNSYNCHRONISED == 0
}

/// Measures one duration on the monotonic clock.
#[derive(Debug, Clone, Copy)]
pub struct Stopwatch(Instant);

impl Stopwatch {
    /// Starts now.
    #[must_use]
    pub fn start() -> Self {
        Self(Instant::now())
    }

    /// The time since the start.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        self.0.elapsed()
    }
}

/// The wall clock as TLS asks for it: each handshake judges certificates and CRLs at the time read here.
#[must_use]
pub fn tls() -> Arc<dyn TimeProvider> {
    Arc::new(WallClock)
}

#[derive(Debug)]
struct WallClock;

impl TimeProvider for WallClock {
    fn current_time(&self) -> Option<UnixTime> {
        Some(UnixTime::since_unix_epoch(Duration::from_millis(now_ms())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wall_clock_is_in_milliseconds_of_this_era() {
        let now = now_ms();
        assert!((1_700_000_000_000..10_000_000_000_000).contains(&now), "{now}");
        let tls = tls().current_time().unwrap().as_secs();
        assert!(tls >= now / 1000 && tls <= now / 1000 + 60);
    }

    #[test]
    fn flw_3_a_clock_that_stepped_is_not_trusted() {
        let start = 1_800_000_000_000;
        let guard = Guard::new(start, 500, start - 5);
        assert!(guard.is_trusted(start + 3_600_000, 500 + 3_600_000), "an hour went by on both");
        assert!(guard.is_trusted(start + MOST_STEP, 500), "a small correction");
        assert!(!guard.is_trusted(start + MOST_STEP + 1, 500), "a step forward");
        assert!(!guard.is_trusted(start + 10_000, 500 + 10_000 + MOST_STEP + 1), "a step back");
        // Started with a clock that stands before what this node has on record.
        let behind = Guard::new(start, 0, start + MOST_STEP + 1);
        assert!(!behind.is_trusted(start, 0));
        assert!(behind.is_trusted(start + 1, 1), "until that time has come");
        assert_eq!(guard.expected(500 + 2_000), start + 2_000, "it goes on as it went");
        assert_eq!(behind.expected(7), start + MOST_STEP + 1, "and never stands before a record");
    }

    #[test]
    fn flw_25_our_newest_record_vouches_for_a_day() {
        let newest = 1_800_000_000_000;
        assert!(is_vouched(newest, newest) && is_vouched(newest + RECORDS_VOUCH, newest));
        assert!(!is_vouched(newest + RECORDS_VOUCH + 1, newest), "ten days ahead, or the node was off");
        assert!(is_vouched(newest - MOST_STEP, newest) && !is_vouched(newest - MOST_STEP - 1, newest));
        assert!(!is_vouched(newest, 0), "a new store knows nothing");
    }

    #[test]
    fn the_monotonic_clock_does_not_go_back() {
        let (first, watch) = (monotonic_ms(), Stopwatch::start());
        std::thread::sleep(Duration::from_millis(5));
        assert!(monotonic_ms() >= first + 4);
        assert!(watch.elapsed() >= Duration::from_millis(5));
    }
}
