//! How single values of a report are spelt: serials, traffic, offices, texts of one line.

use crate::nation::Nation;

/// Characters of a serial.
pub(crate) const MAX_SERIAL: usize = 40;

/// `NNN-OFFICE-YYYY-number`: the nation and the number; `None`: not of this form.
pub(crate) fn serial_parts(serial: &str) -> Option<(Nation, u64)> {
    let mut parts = serial.rsplitn(3, '-');
    let (number, year, rest) = (parts.next()?, parts.next()?, parts.next()?);
    let (nation, office) = rest.split_once('-')?;
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let capital = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'-';
    let right = digits(number) && (4..=8).contains(&number.len()) && digits(year) && year.len() == 4;
    let office = !office.is_empty() && office.bytes().all(capital);
    if !(right && office && serial.len() <= MAX_SERIAL) {
        return None;
    }
    Some((Nation::parse(nation)?, number.parse().ok()?))
}

/// The first serial `AAA-YYYY-n` of one of these prefixes, and the character at which it begins.
pub(crate) fn source_serial<'t>(text: &'t str, prefixes: &[impl AsRef<str>]) -> Option<(usize, &'t str)> {
    let mut found: Option<(usize, &str)> = None;
    for prefix in prefixes.iter().map(AsRef::as_ref).filter(|prefix: &&str| !prefix.is_empty()) {
        for (at, _) in text.match_indices(prefix) {
            let serial = text.get(at..).and_then(|rest| serial_at(rest, prefix.len()));
            if let Some(serial) = serial.filter(|_| found.is_none_or(|(earlier, _)| at < earlier)) {
                found = Some((at, serial));
            }
        }
    }
    found.map(|(at, serial)| (text.get(..at).unwrap_or_default().chars().count(), serial))
}

/// `PREFIX-[0-9]{4}-[0-9]+` at the start of a text.
fn serial_at(text: &str, prefix: usize) -> Option<&str> {
    let rest = text.get(prefix..)?.strip_prefix('-')?;
    let (year, rest) = rest.split_at_checked(4)?;
    let number = rest.strip_prefix('-')?.bytes().take_while(u8::is_ascii_digit).count();
    let right = year.bytes().all(|byte| byte.is_ascii_digit()) && number > 0;
    right.then(|| text.get(..prefix + 1 + 4 + 1 + number)).flatten()
}

/// `live`, or an exercise's id.
pub(crate) fn is_traffic(word: &str) -> bool {
    let usual = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'-';
    word == "live" || ((1..=40).contains(&word.len()) && word.bytes().all(usual))
}

/// Whether an office of this nation, as it goes out: `XAA/J2`.
pub(crate) fn is_office(text: &str, nation: Nation) -> bool {
    let behind = text.strip_prefix(nation.as_str()).and_then(|rest| rest.strip_prefix('/'));
    let is_of_name = |one: char| one.is_alphanumeric() || matches!(one, ' ' | '-' | '.' | ',' | '/' | '&' | '\'');
    is_line(text, 80)
        && text.chars().all(is_of_name)
        && !text.contains("//")
        && behind.is_some_and(|rest| !rest.trim().is_empty())
}

/// A text of one line, and of so many characters at most.
pub(crate) fn is_line(text: &str, most: usize) -> bool {
    (1..=most).contains(&text.chars().count()) && !text.contains('\n') && !text.trim().is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn source_serials_are_found() {
        let prefixes = ["IMG", "SIG"];
        assert_eq!(source_serial("see SIG-2026-55017.", &prefixes), Some((4, "SIG-2026-55017")));
        assert_eq!(source_serial("é IMG-2026-1 SIG-2026-2", &prefixes), Some((2, "IMG-2026-1")));
        for none in ["SIG-26-1", "SIG-2026-", "SIG-202é-1", "TEC-2026-1", "IMG", ""] {
            assert_eq!(source_serial(none, &prefixes), None, "{none}");
        }
    }
}
