//! Moments and days as the files write them: whole seconds UTC and calendar dates. Nothing here reads a clock.

use serde::{Deserialize, Serialize};
use std::fmt;
use time::{Date, Month, OffsetDateTime, PrimitiveDateTime, Time, UtcOffset};

/// Seconds of a day.
const DAY: i64 = 86_400;

/// A moment: whole seconds since 1970-01-01T00:00:00Z. Written `2026-11-16T18:00:00Z`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Timestamp(i64);

impl Timestamp {
    /// The first moment that a file can write: 0001-01-01T00:00:00Z.
    pub const FIRST: Self = Self(Day::FIRST.0 as i64 * DAY);
    /// The last one: 9999-12-31T23:59:59Z.
    pub const LAST: Self = Self(Day::LAST.0 as i64 * DAY + DAY - 1);

    /// Of Unix seconds.
    #[must_use]
    pub const fn from_seconds(seconds: i64) -> Self {
        Self(seconds)
    }

    /// Of Unix milliseconds, rounded down.
    #[must_use]
    pub fn from_millis(millis: u64) -> Self {
        Self(i64::try_from(millis / 1000).unwrap_or(i64::MAX))
    }

    /// Unix seconds.
    #[must_use]
    pub const fn seconds(self) -> i64 {
        self.0
    }

    /// This moment and `seconds` more, at the ends of the range no further.
    #[must_use]
    pub const fn plus(self, seconds: i64) -> Self {
        Self(self.0.saturating_add(seconds))
    }

    /// The UTC day.
    #[must_use]
    pub fn day(self) -> Day {
        Day(i32::try_from(self.0.div_euclid(DAY)).unwrap_or(if self.0 < 0 { i32::MIN } else { i32::MAX }))
    }

    /// Of a date, a time of day and an offset from UTC in minutes; `None` for a date that does not exist.
    #[must_use]
    pub fn from_parts(date: (i32, u8, u8), clock: (u8, u8, u8), offset_minutes: i32) -> Option<Self> {
        let day = civil(date)?;
        let at = Time::from_hms(clock.0, clock.1, clock.2).ok()?;
        let offset = UtcOffset::from_whole_seconds(offset_minutes.checked_mul(60)?).ok()?;
        Some(Self(PrimitiveDateTime::new(day, at).assume_offset(offset).unix_timestamp()))
    }

    /// Reads `YYYY-MM-DDThh:mm:ssZ` or an offset `+hh:mm` in place of `Z`; fractions of a second are refused.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (date, rest) = text.split_once('T')?;
        let (clock, offset) = if let Some(clock) = rest.strip_suffix('Z') {
            (clock, 0)
        } else {
            let sign_at = rest.rfind(['+', '-'])?;
            let (clock, signed) = rest.split_at_checked(sign_at)?;
            let (hours, minutes) = signed.get(1..)?.split_once(':')?;
            let total = digits(hours, 2)? * 60 + digits(minutes, 2)?;
            (clock, if signed.starts_with('-') { -total } else { total })
        };
        let mut parts = clock.split(':');
        let mut next = || parts.next().and_then(|part| u8::try_from(digits(part, 2)?).ok());
        let clock = (next()?, next()?, next()?);
        if parts.next().is_some() {
            return None;
        }
        Self::from_parts(Day::split(date)?, clock, offset)
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match OffsetDateTime::from_unix_timestamp(self.0) {
            Ok(at) => write!(
                f,
                "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z",
                at.year(),
                u8::from(at.month()),
                at.day(),
                at.hour(),
                at.minute(),
                at.second()
            ),
            Err(_) => write!(f, "@{}", self.0),
        }
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A calendar day: days since 1970-01-01. Written `2027-05-16`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Day(i32);

impl Day {
    /// The first day that a file can write: 0001-01-01.
    pub const FIRST: Self = Self(-719_162);
    /// The last one: 9999-12-31.
    pub const LAST: Self = Self(2_932_896);

    /// Of a count of days since 1970-01-01.
    #[must_use]
    pub const fn from_count(days: i32) -> Self {
        Self(days)
    }

    /// Days since 1970-01-01.
    #[must_use]
    pub const fn count(self) -> i32 {
        self.0
    }

    /// Of year, month and day; `None` for a date that does not exist.
    #[must_use]
    pub fn from_parts(date: (i32, u8, u8)) -> Option<Self> {
        Timestamp::from_parts(date, (0, 0, 0), 0).map(Timestamp::day)
    }

    /// Its first second in UTC.
    #[must_use]
    pub fn start(self) -> Timestamp {
        Timestamp(i64::from(self.0) * DAY)
    }

    /// Reads `YYYY-MM-DD`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::from_parts(Self::split(text)?)
    }

    fn split(text: &str) -> Option<(i32, u8, u8)> {
        let mut parts = text.split('-');
        let year = digits(parts.next()?, 4)?;
        let month = u8::try_from(digits(parts.next()?, 2)?).ok()?;
        let day = u8::try_from(digits(parts.next()?, 2)?).ok()?;
        parts.next().is_none().then_some((year, month, day))
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.start().to_string();
        f.write_str(text.split('T').next().unwrap_or(&text))
    }
}

impl fmt::Debug for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

fn civil((year, month, day): (i32, u8, u8)) -> Option<Date> {
    Date::from_calendar_date(year, Month::try_from(month).ok()?, day).ok()
}

fn digits(text: &str, count: usize) -> Option<i32> {
    (text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit())).then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_read_as_they_are_written() {
        let at = Timestamp::parse("2026-11-16T18:00:00Z").unwrap();
        assert_eq!(at.to_string(), "2026-11-16T18:00:00Z");
        assert_eq!(Timestamp::parse("2026-11-16T20:00:00+02:00"), Some(at));
        assert_eq!(at.day().to_string(), "2026-11-16");
        assert_eq!(Day::parse("2026-11-16"), Some(at.day()));
        for bad in
            ["2026-11-16", "2026-11-16T18:00:00", "2026-02-30T00:00:00Z", "2026-11-16T18:00:00.5Z", "2026-11-16T18:00Z"]
        {
            assert_eq!(Timestamp::parse(bad), None, "{bad}");
        }
    }
}
