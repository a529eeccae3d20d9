//! Months as agreements count them, written without the other implementation's formulas: day by day.

const DAY: i64 = 86_400;

fn days_of_month(year: i64, month: i64) -> i64 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        _ => 31,
    }
}

/// The same time of day so many months later, on that month's last day where it has no such day. From 1970 on.
pub(crate) fn later(seconds: i64, months: u32) -> i64 {
    let (mut year, mut month, mut day) = (1970, 1, 1 + seconds.div_euclid(DAY));
    while day > days_of_month(year, month) {
        day -= days_of_month(year, month);
        (year, month) = if month == 12 { (year + 1, 1) } else { (year, month + 1) };
    }
    let mut days = seconds.div_euclid(DAY) - (day - 1);
    for _ in 0..months {
        days += days_of_month(year, month);
        (year, month) = if month == 12 { (year + 1, 1) } else { (year, month + 1) };
    }
    (days + day.min(days_of_month(year, month)) - 1) * DAY + seconds.rem_euclid(DAY)
}

#[cfg(test)]
mod tests {
    use super::later;
    use relto_report::calendar::Timestamp;

    #[test]
    fn months_keep_the_day_or_take_the_last() {
        for (from, months, to) in [
            ("2026-01-31T10:00:05Z", 1, "2026-02-28T10:00:05Z"),
            ("2028-01-31T00:00:00Z", 1, "2028-02-29T00:00:00Z"),
            ("2026-07-01T00:00:00Z", 12, "2027-07-01T00:00:00Z"),
            ("2026-11-15T23:59:59Z", 2, "2027-01-15T23:59:59Z"),
        ] {
            let at = |text| Timestamp::parse(text).unwrap().seconds();
            assert_eq!(later(at(from), months), at(to), "{from}");
        }
    }
}
