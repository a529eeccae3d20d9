//! The file from its first byte to its last: objects, tables, trailers, and nothing else.

use super::{
    lexer::{Lexer, Short, Token},
    object::{self, Sheet},
    source::{FileSource, Source, is_space},
    stop::Stop,
    stream,
    table::{Class, Place},
    window::Window,
    work::Scene,
    xref::Sections,
};
use crate::attachment::finding::At;

/// Bytes of the version and one behind it.
const BEGIN: usize = 9;
/// Bytes that are read at once where the file is walked.
const AT_ONCE: usize = 4096;
/// Bytes before the end in which `startxref` stands: two words, a number and line ends.
const TAIL: u64 = 64;

/// Where the last table is, by the last lines of the file.
pub(super) fn last_table(scene: Scene<'_>) -> Result<u64, Stop> {
    let length = scene.file.length();
    let from = length.saturating_sub(TAIL);
    let mut tail = vec![0; usize::try_from(length.saturating_sub(from)).unwrap_or(0)];
    let odd = |what| Stop::odd(what, At::Byte(from));
    scene.file.read_at(from, &mut tail).map_err(|_| odd("an end that cannot be read"))?;
    let tail = tail.as_slice();
    let line = tail.strip_suffix(b"\r\n").or_else(|| tail.strip_suffix(b"\n")).or_else(|| tail.strip_suffix(b"\r"));
    let end = line.unwrap_or(tail).strip_suffix(b"%%EOF");
    let end = end.ok_or_else(|| Stop::hidden("bytes behind the end of the document, or no end", At::Byte(from)))?;
    let figures = end.trim_ascii_end();
    let digits = figures.iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
    let (before, figures) = figures.split_at(figures.len().saturating_sub(digits));
    let named = before.trim_ascii_end().ends_with(b"startxref") && before.last().is_some_and(u8::is_ascii_whitespace);
    let place = std::str::from_utf8(figures).ok().and_then(|figures| figures.parse().ok());
    place.filter(|_| named).ok_or_else(|| odd("no startxref before the end"))
}

/// The first line. Gives the first byte behind the version.
pub(super) fn header(scene: Scene<'_>) -> Result<u64, Stop> {
    let mut window = Window::new(scene.file, BEGIN);
    let version = [window.byte(5)?, window.byte(6)?, window.byte(7)?];
    let known = matches!(version, [Some(b'1'), Some(b'.'), Some(b'0'..=b'7')] | [Some(b'2'), Some(b'.'), Some(b'0')]);
    let ends = matches!(window.byte(8)?, Some(b'\r' | b'\n'));
    if window.has(0, b"%PDF-")? && known && ends {
        return Ok(8);
    }
    Err(Stop::odd("no %PDF-1.x or %PDF-2.0 alone in the first line", At::Byte(0)))
}

/// Reads the whole file from behind its first words on.
pub(super) fn walk(scene: Scene<'_>, begin: u64, sections: &Sections, sheet: &mut Sheet) -> Result<(), Stop> {
    let mut window = Window::new(scene.file, AT_ONCE);
    let mut at = begin;
    let mut tables = 0_usize;
    loop {
        let mut lexer = Lexer::new(FileSource::new(&mut window, at), scene.work);
        lexer.skip_space()?;
        let start = lexer.source.at();
        match sections.at(start) {
            Some(section) if !section.stream => {
                at = section.end;
                tables += 1;
                continue;
            }
            _ => {}
        }
        match lexer.source.peek()? {
            None => break,
            Some(b's') => at = start_xref(&mut lexer, sections, start)?,
            Some(b'0'..=b'9') => at = one(scene, &mut window, start, sections, sheet)?,
            Some(b'x') => return Err(Stop::hidden("a table that no other names", At::Byte(start))),
            Some(_) => return Err(Stop::odd("bytes that belong to no part of a PDF", At::Byte(start))),
        }
        tables += usize::from(sections.at(start).is_some());
    }
    if tables == sections.count() { Ok(()) } else { Err(Stop::odd("a table inside of another part", At::File)) }
}

/// `startxref`, a number and `%%EOF`.
fn start_xref(lexer: &mut Lexer<'_, FileSource<'_, '_>>, sections: &Sections, start: u64) -> Result<u64, Stop> {
    let odd = |what| Stop::odd(what, At::Byte(start));
    if lexer.token()? != Token::Word(Short::of("startxref")) {
        return Err(odd("bytes that belong to no part of a PDF"));
    }
    let Token::Int(place) = lexer.token()? else { return Err(odd("startxref without a place")) };
    // A file that can be shown while it loads has 0 in its first part.
    let known = place == 0 || u64::try_from(place).is_ok_and(|place| sections.at(place).is_some());
    if !known {
        return Err(odd("a startxref that names no table"));
    }
    let mut at = lexer.source.at();
    while lexer.source.window.byte(at)?.is_some_and(is_space) {
        at = at.saturating_add(1);
    }
    if lexer.source.window.has(at, b"%%EOF")? { Ok(at) } else { Err(odd("startxref without %%EOF behind it")) }
}

/// One object that begins here. Gives the first byte behind it.
fn one(
    scene: Scene<'_>,
    window: &mut Window<'_>,
    start: u64,
    sections: &Sections,
    sheet: &mut Sheet,
) -> Result<u64, Stop> {
    let odd = |what| Stop::odd(what, At::Byte(start));
    let line = start.checked_sub(1).map(|before| window.byte(before)).transpose()?.flatten();
    if !matches!(line, Some(b'\r' | b'\n')) {
        return Err(odd("an object that does not begin a line"));
    }
    let mut lexer = Lexer::new(FileSource::new(&mut *window, start), scene.work);
    let begun = object::begin(&mut lexer)?.filter(|_| !lexer.commented);
    let (number, generation) = begun.ok_or_else(|| odd("bytes that belong to no part of a PDF"))?;
    let found = object::read(&mut lexer, sheet, number)?;
    if sheet.names.wants(number) && matches!(found.class, Class::Text | Class::LinkText) {
        sheet.names.text(number, lexer.text());
    }
    let next = lexer.token()?;
    let behind = lexer.source.at();
    let place = Place::Byte(start, generation);
    if next == Token::Word(Short::of("endobj")) {
        sheet.table.met(number, place, found.class)?;
        return Ok(behind);
    }
    if next != Token::Word(Short::of("stream")) || !found.dictionary {
        return Err(odd("an object without its end"));
    }
    if stream::is_disguised(&found) {
        return Err(odd("a stream that may be one of objects"));
    }
    let span = stream::span(scene, window, behind, &found.head, sheet)?;
    let used = stream::read(scene, window, span, (number, &found), sheet)?;
    let table = sections.at(start).is_some();
    if (used == stream::Use::Table) != table {
        return Err(Stop::hidden("a table that no other names", At::Byte(start)));
    }
    // A table need not have itself.
    if !(table && matches!(sheet.table.place(number), Place::Nowhere)) {
        sheet.table.met(number, place, stream::class_of(used))?;
    }
    let mut lexer = Lexer::new(FileSource::new(window, span.after), scene.work);
    if lexer.token()? == Token::Word(Short::of("endobj")) {
        Ok(lexer.source.at())
    } else {
        Err(odd("an object without its end"))
    }
}
