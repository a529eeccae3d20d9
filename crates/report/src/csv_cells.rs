//! The cells of a CSV: texts within a text. A phrase never goes across two.

use std::borrow::Cow;

/// Signs that may part the cells of a CSV.
const SEPARATORS: [char; 4] = [',', ';', '\t', '|'];

/// Which of the signs that may part cells stand in a CSV.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Signs([bool; 4]);

impl Signs {
    /// Looks at the next bytes of a CSV, which need not end with a character.
    pub fn see(&mut self, bytes: &[u8]) {
        for (sign, found) in SEPARATORS.into_iter().zip(&mut self.0) {
            let sign = u8::try_from(sign).unwrap_or_default();
            *found = *found || memchr::memchr(sign, bytes).is_some();
        }
    }

    /// Whether all of them do, so that no more can be found.
    #[must_use]
    pub fn are_all(self) -> bool {
        self.0.into_iter().all(|found| found)
    }

    /// The readings of such a CSV, each at its start: one for each sign, and as lines alone where there is none.
    #[must_use]
    pub fn readings(self) -> Vec<Reading> {
        let there: Vec<Reading> = SEPARATORS
            .into_iter()
            .zip(self.0)
            .filter(|(_, found)| *found)
            .map(|(sign, _)| Reading::new(sign))
            .collect();
        if there.is_empty() { vec![Reading::new('\n')] } else { there }
    }
}

/// How far a CSV was read with one sign that parts cells. A quote opens a cell at its start alone, and is doubled within.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Reading {
    sign: char,
    quoted: bool,
    fresh: bool,
    closed: bool,
}

impl Reading {
    const fn new(sign: char) -> Self {
        Self { sign, quoted: false, fresh: true, closed: false }
    }

    /// Whether what was read so far ends with a cell, or with the end of a line in one. Then all is as at the start.
    #[must_use]
    pub fn is_at_start(&self) -> bool {
        *self == Self::new(self.sign)
    }

    /// Goes back to the start.
    pub const fn restart(&mut self) {
        *self = Self::new(self.sign);
    }

    /// Takes the next character; whether it ends a cell.
    pub fn take(&mut self, one: char) -> bool {
        let doubled = std::mem::take(&mut self.closed);
        match one {
            '"' if self.quoted || self.fresh || doubled => {
                self.closed = self.quoted;
                self.quoted = !self.quoted;
            }
            _ if !self.quoted && (one == self.sign || one == '\n') => {
                self.fresh = true;
                return true;
            }
            _ => {}
        }
        self.fresh &= one == ' ';
        false
    }
}

/// Whether one of the cells is so, in any reading: for each sign that may part cells and stands in the text, and as
/// lines alone where none does.
pub fn any(csv: &str, is_so: impl FnMut(&str) -> bool) -> bool {
    let mut signs = Signs::default();
    signs.see(csv.as_bytes());
    any_from(csv, &signs.readings(), is_so)
}

/// The same for a part of a CSV: `readings` are those of the whole, as they stand where the part begins.
pub fn any_from(part: &str, readings: &[Reading], mut is_so: impl FnMut(&str) -> bool) -> bool {
    readings.iter().any(|reading| cells(part, *reading, &mut is_so))
}

fn cells(csv: &str, mut reading: Reading, is_so: &mut impl FnMut(&str) -> bool) -> bool {
    let mut start = 0;
    for (at, one) in csv.char_indices() {
        if reading.take(one) {
            if is_so(&undoubled(csv.get(start..at).unwrap_or_default())) {
                return true;
            }
            start = at.saturating_add(1);
        }
    }
    is_so(&undoubled(csv.get(start..).unwrap_or_default()))
}

/// A cell with its doubled quotes undone. Those round it part it from nothing.
fn undoubled(cell: &str) -> Cow<'_, str> {
    if cell.contains("\"\"") { Cow::Owned(cell.replace("\"\"", "\"")) } else { Cow::Borrowed(cell) }
}
