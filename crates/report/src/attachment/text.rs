//! What a table or JSON attachment says in letters, block by block, so that a file of 1 GiB needs no memory of its size.
//!
//! A block ends where no search sees a difference: a table's behind the end of a line that ends a cell in every reading of
//! it, JSON's outside strings, and never within a number. Where no such place is found for long, it ends anywhere, and the
//! next one begins before that end, so that what goes over it is seen whole. Bytes that are no UTF-8 are read as U+FFFD, as
//! they are in a text that is read whole. What is in memory is one block.

mod cut;
#[cfg(test)]
mod tests;

use super::bytes::{Bytes, Unread, each_piece};
use crate::csv_cells::{Reading, Signs};
use cut::{Cut, Json, Table};
use std::borrow::Cow;

/// How an attachment's text is read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Way {
    /// A table.
    Csv,
    /// JSON or GeoJSON.
    Json,
}

impl Way {
    /// By the media type; `None`: it has no text that is gone through, such as a picture or pages.
    #[must_use]
    pub fn of(media_type: &str) -> Option<Self> {
        match media_type {
            "text/csv" => Some(Self::Csv),
            "application/json" | "application/geo+json" => Some(Self::Json),
            _ => None,
        }
    }
}

/// A part of a text, or all of it.
pub struct Block<'t> {
    /// What stands there. Of JSON that had to be parted within a string, the part begins with a quote of its own.
    pub text: &'t str,
    /// Whether it is the first.
    pub is_first: bool,
    /// The line of the file in which it begins, from 1.
    pub line: usize,
    /// Of a table: its readings, as they stand where the block begins. Empty for JSON.
    pub readings: &'t [Reading],
    /// Of a table: whether the block begins within quotes, where every separator parts cells.
    pub is_quoted: bool,
}

/// How large blocks are, in bytes.
#[derive(Clone, Copy)]
struct Sizes {
    /// What a block has before a place for its end is looked for, and what is read at once.
    block: usize,
    /// What it has at most.
    most: usize,
    /// How far before the end of a block that ended anywhere the next one begins.
    overlap: usize,
}

const SIZES: Sizes = Sizes { block: 1024 * 1024, most: 8 * 1024 * 1024, overlap: 64 * 1024 };

/// Whether one of the blocks of a text is so, asked in their order. A text in memory is one block.
///
/// # Errors
/// [`Unread`] where a part of it is not given: then nothing is known of it.
pub fn any_block(file: &dyn Bytes, way: Way, is_so: impl FnMut(&Block<'_>) -> bool) -> Result<bool, Unread> {
    match file.here() {
        Some(bytes) => Ok(whole(bytes, way, is_so)),
        None => any_block_of(file, way, SIZES, is_so),
    }
}

fn whole(bytes: &[u8], way: Way, mut is_so: impl FnMut(&Block<'_>) -> bool) -> bool {
    let text = String::from_utf8_lossy(bytes);
    let mut signs = Signs::default();
    signs.see(bytes);
    let readings = if way == Way::Csv { signs.readings() } else { Vec::new() };
    is_so(&Block { text: &text, is_first: true, line: 1, readings: &readings, is_quoted: false })
}

fn any_block_of(
    file: &dyn Bytes,
    way: Way,
    sizes: Sizes,
    is_so: impl FnMut(&Block<'_>) -> bool,
) -> Result<bool, Unread> {
    match way {
        Way::Json => Blocks::new(file, sizes, Json::default()).any(is_so),
        // Which signs part cells, the whole file says.
        Way::Csv => {
            let mut signs = Signs::default();
            each_piece(file, file.length(), |piece| signs.see(piece))?;
            Blocks::new(file, sizes, Table::new(&signs.readings())).any(is_so)
        }
    }
}

/// A text on its way through the memory.
struct Blocks<'f, C> {
    file: &'f dyn Bytes,
    length: u64,
    sizes: Sizes,
    /// Bytes of the file that were read.
    read: u64,
    /// The last of them, where they are no whole character yet.
    begun: Vec<u8>,
    /// The text from the start of the block on.
    text: String,
    /// How much of it the cutter has seen.
    scanned: usize,
    is_first: bool,
    line: usize,
    /// The cutter where the block begins, and where it has scanned to.
    start: C,
    cutter: C,
}

impl<'f, C: Cut> Blocks<'f, C> {
    fn new(file: &'f dyn Bytes, sizes: Sizes, cutter: C) -> Self {
        Self {
            file,
            length: file.length(),
            sizes,
            read: 0,
            begun: Vec::new(),
            text: String::new(),
            scanned: 0,
            is_first: true,
            line: 1,
            start: cutter.clone(),
            cutter,
        }
    }

    fn any(mut self, mut is_so: impl FnMut(&Block<'_>) -> bool) -> Result<bool, Unread> {
        loop {
            let is_last = self.fill()?;
            let cut = if is_last { Some(self.text.len()) } else { self.scan() };
            let is_full = self.text.len() >= self.sizes.most;
            let Some(end) = cut.or_else(|| is_full.then_some(self.text.len())) else { continue };
            let block = Block {
                text: self.text.get(..end).unwrap_or_default(),
                is_first: std::mem::take(&mut self.is_first),
                line: self.line,
                readings: self.start.readings(),
                is_quoted: self.start.is_quoted(),
            };
            if is_so(&block) {
                return Ok(true);
            }
            if is_last {
                return Ok(false);
            }
            if cut.is_some() { self.go_on(end) } else { self.go_back() }
        }
    }

    /// Reads on; whether the file has ended.
    fn fill(&mut self) -> Result<bool, Unread> {
        let piece = u64::try_from(self.sizes.block).unwrap_or(u64::MAX);
        let size = self.length.saturating_sub(self.read).min(piece);
        let kept = self.begun.len();
        self.begun.resize(kept.saturating_add(usize::try_from(size).map_err(|_| Unread)?), 0);
        self.file.read_at(self.read, self.begun.get_mut(kept..).unwrap_or_default())?;
        self.read = self.read.saturating_add(size);
        let is_last = self.read >= self.length;
        let whole = if is_last { self.begun.len() } else { whole_characters(&self.begun) };
        let (now, later) = self.begun.split_at_checked(whole).unwrap_or((&self.begun, &[]));
        match String::from_utf8_lossy(now) {
            Cow::Owned(text) if self.text.is_empty() => self.text = text,
            text => self.text.push_str(&text),
        }
        self.begun = later.to_vec();
        Ok(is_last)
    }

    /// Where the block may end, as far behind as there is such a place.
    fn scan(&mut self) -> Option<usize> {
        let from = self.scanned;
        self.scanned = self.text.len();
        self.cutter.scan(self.text.get(from..).unwrap_or_default()).map(|at| from.saturating_add(at))
    }

    /// The next block begins where this one ended, and the cutter is as at the start there.
    fn go_on(&mut self, end: usize) {
        self.leave(end);
        self.scanned = self.scanned.saturating_sub(end);
        self.start = self.start.anew();
    }

    /// The next block begins before the end of this one, which was anywhere.
    fn go_back(&mut self) {
        let mut from = self.text.floor_char_boundary(self.text.len().saturating_sub(self.sizes.overlap));
        let mut cutter = self.start.clone();
        cutter.scan(self.text.get(..from).unwrap_or_default());
        // Not between two signs that belong together, such as a backslash and what it stands before.
        let rest = self.text.get(from..).unwrap_or_default();
        for one in rest.chars() {
            if cutter.may_part(one) {
                break;
            }
            cutter.scan(one.encode_utf8(&mut [0; 4]));
            from = from.saturating_add(one.len_utf8());
        }
        self.leave(from);
        if let Some(sign) = cutter.opening() {
            self.text.insert(0, sign);
            cutter = cutter.anew();
        }
        self.scanned = 0;
        (self.start, self.cutter) = (cutter.clone(), cutter);
    }

    fn leave(&mut self, end: usize) {
        let gone = self.text.get(..end).unwrap_or_default();
        self.line = self.line.saturating_add(memchr::memchr_iter(b'\n', gone.as_bytes()).count());
        self.text.drain(..end);
    }
}

/// How many of these bytes are before a character of which more bytes may come.
fn whole_characters(bytes: &[u8]) -> usize {
    let tail = bytes.len().saturating_sub(3);
    // Where a character begins, if it has more bytes than are here.
    let begun = (tail..bytes.len()).find(|at| {
        let rest = bytes.get(*at..).unwrap_or_default();
        std::str::from_utf8(rest).is_err_and(|fault| fault.valid_up_to() == 0 && fault.error_len().is_none())
    });
    begun.unwrap_or(bytes.len())
}
