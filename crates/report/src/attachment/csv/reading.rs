//! A table read with one separator.

use super::cell::Cell;

/// Where in a cell the next letter stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Place {
    /// Nothing of the cell has come.
    Start,
    /// Inside a cell without quotes.
    Plain,
    /// Between quotes.
    Quoted,
    /// Behind a quote that closes the cell, or is the first of two.
    Closing,
}

/// Line and column, from 1.
pub(super) type Spot = (u64, u64);

/// A table read with one separator. Where a quote stands that is not right, reading goes on as the programs do: it is a
/// letter like others.
pub(super) struct Reading {
    pub(super) separator: char,
    place: Place,
    cell: Cell,
    /// Where the cell began.
    began: Spot,
    column: u64,
    /// A separator has parted a line.
    split: bool,
    /// The other separators that the cell has, as a set.
    has: usize,
    /// The first quote that is not right.
    pub(super) wrong: Option<Spot>,
    /// The first cell that is a formula whoever reads it.
    certain: Option<Spot>,
    /// The first cells that begin with a sign and are no number, by the other separators that they have.
    signed: [Option<Spot>; 8],
}

impl Reading {
    pub(super) fn new(separator: char) -> Self {
        Self {
            separator,
            place: Place::Start,
            cell: Cell::default(),
            began: (1, 1),
            column: 1,
            split: false,
            has: 0,
            wrong: None,
            certain: None,
            signed: [None; 8],
        }
    }

    /// The next letter, in this line of the file.
    pub(super) fn take(&mut self, letter: char, line: u64) {
        let ends = letter == self.separator || letter == '\n';
        if letter != self.separator {
            self.has |= bit(letter);
        }
        self.place = match (self.place, letter) {
            (Place::Start, '"') => {
                self.began = (line, self.column);
                Place::Quoted
            }
            (Place::Quoted, '"') => Place::Closing,
            (Place::Quoted, _) => {
                self.cell.push(letter);
                Place::Quoted
            }
            // The second of two.
            (Place::Closing, '"') => {
                self.cell.push('"');
                Place::Quoted
            }
            (place, _) if ends => {
                if place == Place::Start {
                    self.began = (line, self.column);
                }
                self.close(letter);
                Place::Start
            }
            (place, _) => {
                if place == Place::Start {
                    self.began = (line, self.column);
                }
                if place == Place::Closing || letter == '"' {
                    self.wrong.get_or_insert((line, self.column));
                }
                self.cell.push(letter);
                Place::Plain
            }
        };
    }

    /// Whether a line begins here, and nothing of it has come.
    pub(super) fn is_at_line(&self) -> bool {
        self.place == Place::Start && self.column == 1 && self.has == 0 && self.cell.is_empty()
    }

    /// A whole line in which no cell can be a formula and no quote stands.
    pub(super) fn take_plain_line(&mut self, line: &[u8]) {
        let parts = || u8::try_from(self.separator).is_ok_and(|sign| memchr::memchr(sign, line).is_some());
        self.split = self.split || parts();
    }

    /// Whether letters that part nothing and are no quotes change nothing now.
    pub(super) const fn passes_over(&self) -> bool {
        matches!(self.place, Place::Plain | Place::Quoted) && self.cell.is_harmless()
    }

    fn close(&mut self, by: char) {
        let (cell, has) = (std::mem::take(&mut self.cell), std::mem::take(&mut self.has));
        if cell.is_harmless() {
            // The usual case.
        } else if cell.is_certain() {
            self.certain.get_or_insert(self.began);
        } else if cell.is_signed() {
            let has = if cell.goes_on_behind_tabs() { has & !bit('\t') } else { has };
            if let Some(first) = self.signed.get_mut(has) {
                first.get_or_insert(self.began);
            }
        }
        if by == '\n' {
            self.column = 1;
        } else {
            self.column = self.column.saturating_add(1);
            self.split = true;
        }
    }

    /// The file ends here.
    pub(super) fn end(&mut self) {
        if self.place == Place::Quoted {
            self.wrong.get_or_insert(self.began);
        }
        self.close('\n');
    }

    pub(super) const fn is_right(&self) -> bool {
        self.wrong.is_none()
    }

    pub(super) const fn is_split(&self) -> bool {
        self.split && self.is_right()
    }

    /// The first formula. What only begins with a sign counts where the reading is right and parts a line, or where no
    /// reading does: for the others `-5,5;x` begins with a sign and is no number. A cell that a right reading (of `right`)
    /// parts is judged by that one's cells: no formula has a `;` or `|` between its signs, nor a tab but before an operator.
    pub(super) fn formula(&self, alone: bool, right: usize) -> Option<Spot> {
        let counts = self.is_split() || alone;
        let signed = self.signed.iter().enumerate().filter(|(has, _)| has & right == 0).filter_map(|(_, spot)| *spot);
        self.certain.into_iter().chain(signed.filter(|_| counts)).min()
    }
}

/// A separator as a set. The comma is none: it stands inside numbers too, so that a cell which it parts may be a formula
/// for others, as `-1,5+A1` is.
pub(super) const fn bit(separator: char) -> usize {
    match separator {
        ';' => 1,
        '\t' => 2,
        '|' => 4,
        _ => 0,
    }
}
