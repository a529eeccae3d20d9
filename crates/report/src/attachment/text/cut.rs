//! Where a text may be parted, so that whoever goes through the parts sees what he would see in the whole.

use crate::{csv_cells::Reading, prototype::is_note};

/// Follows a text and finds such places.
pub(super) trait Cut: Clone {
    /// Goes on through the next part of the text. Gives the last place in it at which it may be parted, where all is as at the
    /// start of the text.
    fn scan(&mut self, text: &str) -> Option<usize>;

    /// As it is where the text may be parted.
    fn anew(&self) -> Self;

    /// Whether a block may begin before this character, where none may be found at which it should.
    fn may_part(&self, next: char) -> bool;

    /// What must stand before a text that begins here, so that it is read as it is in the whole.
    fn opening(&self) -> Option<char>;

    /// Of a table: its readings here.
    fn readings(&self) -> &[Reading];

    /// Of a table: whether this is within quotes, where every separator parts cells.
    fn is_quoted(&self) -> bool;
}

/// A table: parted behind ends of lines.
#[derive(Clone)]
pub(super) struct Table {
    /// One for each sign that parts cells.
    readings: Vec<Reading>,
    /// The same for a reader who takes the signs of notes for blanks; from the first such sign on to the next place where
    /// that makes no difference any more.
    noted: Vec<Reading>,
    /// As it is read where every separator parts cells.
    parted: Parted,
    is_first: bool,
}

/// How far a table was read in which every separator parts cells, and a quote opens one as its very first sign alone.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Parted {
    Start,
    Plain,
    Quoted,
    /// Behind a quote within quotes, which ends them unless another follows.
    Closing,
}

impl Parted {
    const fn take(self, one: char) -> Self {
        match (self, one) {
            (Self::Start | Self::Closing, '"') => Self::Quoted,
            (Self::Quoted, '"') => Self::Closing,
            (Self::Quoted, _) => Self::Quoted,
            (_, ',' | ';' | '\t' | '|' | '\n') => Self::Start,
            _ => Self::Plain,
        }
    }
}

impl Table {
    pub(super) fn new(readings: &[Reading]) -> Self {
        Self { readings: readings.to_vec(), noted: Vec::new(), parted: Parted::Start, is_first: true }
    }

    fn take(&mut self, one: char) {
        // A mark of byte order is of the file and of no cell; to the readings it is a sign like others.
        if !(std::mem::take(&mut self.is_first) && one == '\u{feff}') {
            self.parted = self.parted.take(one);
        }
        if !one.is_ascii() && is_note(one) {
            if self.noted.is_empty() {
                self.noted.clone_from(&self.readings);
            }
            take_all(&mut self.noted, ' ');
        } else {
            take_all(&mut self.noted, one);
        }
        take_all(&mut self.readings, one);
    }

    fn is_at_start(&mut self) -> bool {
        let is_so = self.parted == Parted::Start && self.readings.iter().chain(&self.noted).all(Reading::is_at_start);
        if is_so {
            self.noted.clear();
        }
        is_so
    }
}

fn take_all(readings: &mut [Reading], one: char) {
    for reading in readings {
        reading.take(one);
    }
}

impl Cut for Table {
    fn scan(&mut self, text: &str) -> Option<usize> {
        let (mut last, mut at) = (None, 0_usize);
        while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
            // Most lines have no quotes, and begin as the text does: nothing in them matters but their end.
            if !self.is_first && self.is_at_start() {
                match memchr::memchr2(b'"', b'\n', rest.as_bytes()) {
                    Some(end) if rest.as_bytes().get(end) == Some(&b'\n') => {
                        at = at.saturating_add(end).saturating_add(1);
                        last = Some(at);
                        continue;
                    }
                    _ => {}
                }
            }
            for one in rest.chars() {
                self.take(one);
                at = at.saturating_add(one.len_utf8());
                if one == '\n' && self.is_at_start() {
                    last = Some(at);
                    break;
                }
            }
        }
        last
    }

    fn anew(&self) -> Self {
        let mut out = self.clone();
        out.readings.iter_mut().for_each(Reading::restart);
        out.noted.clear();
        (out.parted, out.is_first) = (Parted::Start, false);
        out
    }

    fn may_part(&self, next: char) -> bool {
        self.parted != Parted::Closing && next != '"'
    }

    fn opening(&self) -> Option<char> {
        None
    }

    fn readings(&self) -> &[Reading] {
        &self.readings
    }

    fn is_quoted(&self) -> bool {
        matches!(self.parted, Parted::Quoted | Parted::Closing)
    }
}

/// JSON: parted outside strings, behind a sign that belongs to no number and no word.
#[derive(Clone, Default)]
pub(super) struct Json {
    within: bool,
    escaped: bool,
}

impl Json {
    /// Whether the text may be parted behind this byte.
    const fn take(&mut self, byte: u8) -> bool {
        if self.within {
            match byte {
                _ if self.escaped => self.escaped = false,
                b'\\' => self.escaped = true,
                b'"' => self.within = false,
                _ => {}
            }
            return !self.within;
        }
        self.within = byte == b'"';
        matches!(byte, b',' | b':' | b'[' | b']' | b'{' | b'}' | b' ' | b'\n' | b'\r' | b'\t')
    }
}

impl Cut for Json {
    fn scan(&mut self, text: &str) -> Option<usize> {
        let mut last = None;
        for (at, byte) in text.bytes().enumerate() {
            if self.take(byte) {
                last = Some(at.saturating_add(1));
            }
        }
        last
    }

    fn anew(&self) -> Self {
        Self::default()
    }

    fn may_part(&self, _: char) -> bool {
        !self.escaped
    }

    fn opening(&self) -> Option<char> {
        self.within.then_some('"')
    }

    fn readings(&self) -> &[Reading] {
        &[]
    }

    fn is_quoted(&self) -> bool {
        false
    }
}
