//! Months as agreements count them: the same day of a later month, or that month's last day. Ages and their limits in
//! words.

use relto_report::calendar::{Day, Timestamp};

const DAY: i64 = 86_400;

/// The same time of day `months` later; on the month's last day where the day does not exist there. At the end of the
/// calendar it goes no further.
pub(crate) fn add_months(from: Timestamp, months: u32) -> Timestamp {
    let (year, month, day) = civil(i64::from(from.day().count()));
    let total = i64::from(month) - 1 + i64::from(months);
    let (year, month) = (year.saturating_add(total.div_euclid(12)), total.rem_euclid(12) + 1);
    let (Ok(year), Ok(month)) = (i32::try_from(year), u8::try_from(month)) else { return from };
    let fitting = (28..=day).rev().chain(std::iter::once(day)).find_map(|day| Day::from_parts((year, month, day)));
    // Past the last year of the calendar there is no such day; staying here only ends things earlier.
    fitting.map_or(from, |found| found.start().plus(from.seconds().rem_euclid(DAY)))
}

/// Year, month and day of a count of days since 1970-01-01, in the proleptic Gregorian calendar. The year is counted
/// from March, so that the leap day is its last.
fn civil(days: i64) -> (i64, u8, u8) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let of_era = shifted.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let march_month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * march_month + 2) / 5 + 1;
    let month = if march_month < 10 { march_month + 3 } else { march_month - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, u8::try_from(month).unwrap_or(1), u8::try_from(day).unwrap_or(1))
}

/// A time in seconds as people read it: in hours below two days, in days from there, with the minutes that have begun:
/// an age that is over its limit never reads as the limit does.
pub(crate) fn in_words(seconds: i64) -> String {
    let whole = seconds.unsigned_abs();
    let minutes = if seconds < 0 { whole / 60 } else { whole.div_ceil(60) };
    let (days, hours) = if minutes < 2 * 24 * 60 { (0, minutes / 60) } else { (minutes / 1_440, minutes / 60 % 24) };
    let parts = [(days, "days"), (hours, "h"), (minutes % 60, "min")];
    let words: Vec<String> =
        parts.iter().filter(|(count, _)| *count > 0).map(|(count, unit)| format!("{count} {unit}")).collect();
    match (words.is_empty(), seconds < 0) {
        (true, _) => "0 h".to_owned(),
        (false, true) => format!("minus {}", words.join(" ")),
        (false, false) => words.join(" "),
    }
}

/// The same of a limit in hours.
pub(crate) fn hours_in_words(hours: u32) -> String {
    in_words(i64::from(hours) * 3_600)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_day_of_400_years_is_the_calendars() {
        for days in -50_000..96_097 {
            let (year, month, day) = civil(i64::from(days));
            let there = Day::from_parts((i32::try_from(year).unwrap(), month, day)).unwrap();
            assert_eq!(there.count(), days);
        }
    }

    #[test]
    fn months_keep_the_day_or_take_the_last() {
        let at = |text| Timestamp::parse(text).unwrap();
        for (from, months, to) in [
            ("2026-01-31T10:00:05Z", 1, "2026-02-28T10:00:05Z"),
            ("2028-01-31T00:00:00Z", 1, "2028-02-29T00:00:00Z"),
            ("2026-07-01T00:00:00Z", 12, "2027-07-01T00:00:00Z"),
            ("2026-11-15T00:00:00Z", 2, "2027-01-15T00:00:00Z"),
            ("2026-11-15T00:00:00Z", 0, "2026-11-15T00:00:00Z"),
        ] {
            assert_eq!(add_months(at(from), months), at(to));
        }
        assert_eq!(add_months(at("9999-12-01T00:00:00Z"), 12), at("9999-12-01T00:00:00Z"));
    }

    #[test]
    fn a_time_is_told_in_hours_and_from_two_days_on_in_days() {
        for (seconds, words) in [
            (0, "0 h"),
            (1, "1 min"),
            (5_400, "1 h 30 min"),
            (2 * 86_400 - 60, "47 h 59 min"),
            (2 * 86_400, "2 days"),
            (14 * 86_400 + 1, "14 days 1 min"),
            (14 * 86_400 + 3_600, "14 days 1 h"),
            (16 * 86_400 + 12 * 3_600, "16 days 12 h"),
            // A cut-off after the release.
            (-30, "0 h"),
            (-7_260, "minus 2 h 1 min"),
        ] {
            assert_eq!(in_words(seconds), words, "{seconds}");
        }
        assert_eq!([36, 168, 336, 720].map(hours_in_words), ["36 h", "7 days", "14 days", "30 days"]);
        assert!(in_words(i64::MIN).starts_with("minus ") && hours_in_words(u32::MAX).ends_with(" h"));
    }
}
