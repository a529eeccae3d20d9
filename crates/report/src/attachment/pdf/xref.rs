//! The tables of a PDF (ISO 32000-2, 7.5): from the last one, which the end of the file names, back to the first.

use super::{
    lexer::{Lexer, Short, Token},
    object::{self, Sheet},
    source::{FileSource, Source},
    stop::Stop,
    stream,
    table::Place,
    window::Window,
    within,
    work::Scene,
};
use crate::attachment::finding::At;

/// Tables of one file: one or two are usual.
const MAX_TABLES: usize = 100;
/// Bytes that are read at once where a table begins.
const TABLE_AT_ONCE: usize = 1024;

/// A table, and the bytes that it takes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Section {
    pub(super) start: u64,
    pub(super) end: u64,
    /// An object like others, which is read again in its turn.
    pub(super) stream: bool,
}

/// The tables of a file, by where they begin.
#[derive(Default)]
pub(super) struct Sections {
    all: Vec<Section>,
    root: Option<u32>,
}

impl Sections {
    pub(super) fn at(&self, start: u64) -> Option<Section> {
        self.all.iter().find(|one| one.start == start).copied()
    }

    /// Reads the chain of tables.
    pub(super) fn read(scene: Scene<'_>, last: u64, sheet: &mut Sheet) -> Result<Self, Stop> {
        let mut made = Self::default();
        let (mut next, mut rank) = (Some(last), 0_u8);
        while let Some(at) = next {
            let found = made.one(scene, at, rank, sheet)?;
            if let Some(beside) = found.stream {
                let beside = made.one(scene, beside, rank, sheet)?;
                if beside.prev.is_some_and(|prev| Some(prev) != found.prev) {
                    return Err(Stop::odd("two chains of tables", At::Byte(at)));
                }
            }
            next = found.prev;
            rank = rank.saturating_add(1);
        }
        Ok(made)
    }

    fn one(&mut self, scene: Scene<'_>, at: u64, rank: u8, sheet: &mut Sheet) -> Result<Links, Stop> {
        let odd = |what| Stop::odd(what, At::Byte(at));
        if self.all.len() >= MAX_TABLES {
            return Err(Stop::large("more than 100 tables of objects", At::Byte(at)));
        }
        if at >= scene.file.length() || self.all.iter().any(|one| (one.start..one.end).contains(&at)) {
            return Err(odd("a table that is named twice or lies outside of the file"));
        }
        // No byte belongs to two tables, so all of them together are no longer than the file.
        let until = self.all.iter().map(|one| one.start).filter(|start| *start > at).min();
        let mut window = Window::new(scene.file, TABLE_AT_ONCE);
        let table = window.has(at, b"xref")?;
        let part = Part { scene, at, rank, until: until.unwrap_or_else(|| scene.file.length()) };
        let (end, head) = if table { part.table(&mut window, sheet)? } else { part.stream(&mut window, sheet)? };
        if end > part.until {
            return Err(odd("a table that reaches into another"));
        }
        self.all.push(Section { start: at, end, stream: !table });
        if let Some(info) = head.info {
            sheet.names.add_info(info);
        }
        match (self.root, head.root) {
            (Some(known), Some(root)) if known != root => return Err(odd("two beginnings of the document")),
            (None, root) => self.root = root,
            _ => {}
        }
        let place =
            |number: Option<i64>| number.map(u64::try_from).transpose().map_err(|_| odd("a table before the file"));
        let beside = if table { place(head.stream)? } else { None };
        Ok(Links { prev: place(head.prev)?, stream: beside })
    }

    pub(super) const fn count(&self) -> usize {
        self.all.len()
    }

    pub(super) const fn has_root(&self) -> bool {
        self.root.is_some()
    }
}

/// What a table names.
struct Links {
    prev: Option<u64>,
    stream: Option<u64>,
}

/// A table that is being read.
struct Part<'f> {
    scene: Scene<'f>,
    at: u64,
    rank: u8,
    until: u64,
}

type Read = Result<(u64, super::head::Head), Stop>;

impl Part<'_> {
    fn odd(&self, what: &str) -> Stop {
        Stop::odd(what, At::Byte(self.at))
    }

    /// `xref`, ranges of rows of 20 bytes, and the trailer.
    fn table(&self, window: &mut Window<'_>, sheet: &mut Sheet) -> Read {
        let start = self.at.saturating_add(4);
        let mut lexer = Lexer::new(FileSource::new(window, start), self.scene.work);
        loop {
            match lexer.token()? {
                Token::Word(word) if word.is("trailer") => break,
                Token::Int(first) => {
                    let Token::Int(count) = lexer.token()? else { return Err(self.odd("a table without rows")) };
                    let range = u32::try_from(first).ok().zip(u32::try_from(count).ok());
                    let (first, count) = range.ok_or_else(|| self.odd("a table without rows"))?;
                    lexer.skip_space()?;
                    for n in 0..count {
                        let number = first.checked_add(n).ok_or_else(|| self.odd("a table without end"))?;
                        let place = self.row(&mut lexer.source)?;
                        sheet.table.add(number, place, self.rank)?;
                    }
                }
                _ => return Err(self.odd("a table without a trailer")),
            }
        }
        let found = object::read(&mut lexer, sheet, 0)?;
        if !found.dictionary {
            return Err(self.odd("a trailer that is no dictionary"));
        }
        Ok((lexer.source.at(), found.head))
    }

    /// `nnnnnnnnnn ggggg n` and two bytes of line end.
    fn row(&self, source: &mut FileSource<'_, '_>) -> Result<Place, Stop> {
        let at = source.at;
        if at >= self.until {
            return Err(self.odd("a table that reaches into another"));
        }
        let mut row = [0; 20];
        for byte in &mut row {
            *byte = source.peek()?.ok_or_else(|| self.odd("a table that is cut"))?;
            source.bump();
        }
        self.scene.work.step(20);
        let odd = || Stop::odd("a row of a table that is not of 20 bytes", At::Byte(at));
        let digits = |digits: &[u8]| {
            let all = digits.iter().all(u8::is_ascii_digit);
            all.then(|| digits.iter().fold(0_u64, |sum, digit| sum * 10 + u64::from(digit - b'0'))).ok_or_else(odd)
        };
        let (offset, generation) = (digits(&row[..10])?, digits(&row[11..16])?);
        let (_, [b' ', ..]) = row.split_at(10) else { return Err(odd()) };
        match (row[16], row[17], [row[18], row[19]]) {
            (b' ', b'f', [b' ', b'\n' | b'\r'] | [b'\r', b'\n']) => Ok(Place::Free(self.rank)),
            (b' ', b'n', [b' ', b'\n' | b'\r'] | [b'\r', b'\n']) => {
                Ok(Place::Byte(offset, u16::try_from(generation).map_err(|_| odd())?))
            }
            _ => Err(odd()),
        }
    }

    /// An object whose stream has the rows.
    fn stream(&self, window: &mut Window<'_>, sheet: &mut Sheet) -> Read {
        let mut lexer = Lexer::new(FileSource::new(window, self.at), self.scene.work);
        let number = object::begin(&mut lexer)?.ok_or_else(|| self.odd("no table where one should be"))?.0;
        let found = object::read(&mut lexer, sheet, number)?;
        if !found.facts.kind().is("XRef") || lexer.token()? != Token::Word(Short::of("stream")) {
            return Err(self.odd("no table where one should be"));
        }
        let behind = lexer.source.at();
        let span = stream::span(self.scene, window, behind, &found.head, sheet)?;
        if span.after > self.until {
            return Err(self.odd("a table that reaches into another"));
        }
        let head = found.head;
        let widths = match head.widths.as_slice() {
            [a, b, c] => [*a, *b, *c].map(|width| usize::try_from(width).ok().filter(|width| *width <= 8)),
            _ => [None; 3],
        };
        let [Some(kind), Some(second), Some(third)] = widths else { return Err(self.odd("a table without widths")) };
        if second == 0 {
            return Err(self.odd("a table without widths"));
        }
        let whole = [0, head.size.unwrap_or(0)];
        let index = if head.index.is_empty() { &whole } else { head.index.as_slice() };
        let mut numbers = index.chunks_exact(2).flat_map(|range| match range {
            [first, count] => (*first..first.saturating_add(*count)).map(u32::try_from),
            _ => (0..0).map(u32::try_from),
        });
        let at = At::Byte(self.at);
        let mut data = stream::decoded(self.scene, window, span, &head)?;
        within::rows(&mut data, [kind, second, third], at, |row| {
            let number = numbers.next().and_then(Result::ok).ok_or_else(|| self.odd("a table of too many rows"))?;
            sheet.table.add(number, self.place(row)?, self.rank)
        })?;
        if numbers.next().is_some() {
            return Err(self.odd("a table of too few rows"));
        }
        Ok((span.after, head))
    }

    fn place(&self, [kind, second, third]: [Option<u64>; 3]) -> Result<Place, Stop> {
        let (second, third) = (second.unwrap_or(0), third.unwrap_or(0));
        let odd = || self.odd("a row of a table that means nothing");
        match kind.unwrap_or(1) {
            0 => Ok(Place::Free(self.rank)),
            1 => Ok(Place::Byte(second, u16::try_from(third).map_err(|_| odd())?)),
            2 => {
                let pair = u32::try_from(second).ok().zip(u32::try_from(third).ok());
                pair.map(|(stream, index)| Place::Within(stream, index)).ok_or_else(odd)
            }
            _ => Err(odd()),
        }
    }
}
