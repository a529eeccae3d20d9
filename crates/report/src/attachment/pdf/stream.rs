//! Streams: where their bytes are, and what must be read of them.

use super::{
    filter::{self, Predicted, Pull, Raw},
    head::{Head, Number},
    lexer::{Lexer, Token},
    object::{self, Sheet},
    rules::bit_of,
    source::FileSource,
    stop::Stop,
    table::{Class, Place},
    window::Window,
    within,
    work::Scene,
};
use crate::attachment::finding::At;

/// Bytes that are read at once to find a length that stands elsewhere.
const LENGTH_AT_ONCE: usize = 64;
/// Bytes of an object that is a length: many streams may have the same.
const MAX_LENGTH: u64 = 64;
/// Bytes of a packet of XMP.
const MAX_XMP: usize = 1024 * 1024;

/// Where the bytes of a stream are.
#[derive(Clone, Copy)]
pub(super) struct Span {
    pub(super) start: u64,
    pub(super) end: u64,
    /// First byte behind `endstream`.
    pub(super) after: u64,
}

/// Finds the bytes of a stream whose word `stream` was read.
pub(super) fn span(
    scene: Scene<'_>,
    window: &mut Window<'_>,
    behind_word: u64,
    head: &Head,
    sheet: &Sheet,
) -> Result<Span, Stop> {
    let odd = |what, at| Stop::odd(what, At::Byte(at));
    let start = match (window.byte(behind_word)?, window.byte(behind_word.saturating_add(1))?) {
        (Some(b'\n'), _) => behind_word.saturating_add(1),
        (Some(b'\r'), Some(b'\n')) => behind_word.saturating_add(2),
        _ => return Err(odd("the word stream without a line end behind it", behind_word)),
    };
    let length = match head.length {
        Some(Number::Here(length)) => Some(length),
        Some(Number::In(number)) => far_length(scene, number, sheet)?,
        None => None,
    };
    let length = length.and_then(|length| u64::try_from(length).ok());
    let end = length.and_then(|length| start.checked_add(length)).filter(|end| *end <= window.length());
    let end = end.ok_or_else(|| odd("a stream without its length", start))?;
    let mut close = end;
    if window.byte(close)? == Some(b'\r') {
        close = close.saturating_add(1);
    }
    if window.byte(close)? == Some(b'\n') {
        close = close.saturating_add(1);
    }
    if !window.has(close, b"endstream")? {
        return Err(odd("a stream that does not end where its length says", end));
    }
    Ok(Span { start, end, after: close.saturating_add(9) })
}

/// A length that is an object of its own. One in an object stream is not looked for.
fn far_length(scene: Scene<'_>, number: u32, sheet: &Sheet) -> Result<Option<i64>, Stop> {
    let Place::Byte(at, _) = sheet.table.place(number) else { return Ok(None) };
    let mut window = Window::new(scene.file, LENGTH_AT_ONCE);
    let mut lexer = Lexer::new(FileSource::short(&mut window, at, MAX_LENGTH), scene.work);
    let begins = (lexer.token()?, lexer.token()?, lexer.token()?);
    let (Token::Int(found), Token::Int(_), Token::Word(word)) = begins else { return Ok(None) };
    if found != i64::from(number) || !word.is("obj") {
        return Ok(None);
    }
    match (lexer.token()?, lexer.token()?) {
        (Token::Int(length), Token::Word(word)) if word.is("endobj") => Ok(Some(length)),
        _ => Ok(None),
    }
}

/// What a stream is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Use {
    /// A table of objects.
    Table,
    /// Objects.
    Objects,
    /// Names of people and tools.
    Xmp,
    /// Anything that is shown.
    Shown,
}

/// Reads a stream to its end: its filters end with it, and objects in it are judged as those in clear.
pub(super) fn read(
    scene: Scene<'_>,
    window: &mut Window<'_>,
    span: Span,
    (number, found): (u32, &object::Object),
    sheet: &mut Sheet,
) -> Result<Use, Stop> {
    let at = At::Byte(span.start);
    found.facts.of_stream(at)?;
    let kind = found.facts.kind();
    let used = match () {
        () if kind.is("XRef") => Use::Table,
        () if kind.is("ObjStm") => Use::Objects,
        () if kind.is("Metadata") || found.facts.subtype().is("XML") => Use::Xmp,
        () => Use::Shown,
    };
    match used {
        Use::Objects => {
            let mut data = decoded(scene, window, span, &found.head)?;
            within::read(scene, &mut data, number, &found.head, sheet)?;
        }
        Use::Table => drain(&mut decoded(scene, window, span, &found.head)?)?,
        Use::Xmp => xmp(scene, window, span, &found.head, sheet)?,
        // Some programs say how nothing is compressed.
        Use::Shown if span.start == span.end => {}
        Use::Shown => {
            let raw = Box::new(Raw::new(window, scene.work, span.start, span.end));
            let mut data = filter::chain(raw, found.head.filters(at)?, scene.work, at)?;
            drain(data.as_mut())?;
            for what in data.carries() {
                sheet.names.name(what, &format!("a picture in object {number}"));
            }
        }
    }
    Ok(used)
}

/// A stream that must be understood: in clear, or Flate alone.
pub(super) fn decoded<'w>(
    scene: Scene<'w>,
    window: &'w mut Window<'_>,
    span: Span,
    head: &Head,
) -> Result<Predicted<'w>, Stop> {
    let at = At::Byte(span.start);
    let filters = head.filters(at)?;
    if filters.len() > 1 || filters.iter().any(|filter| !filter.is("FlateDecode")) {
        return Err(Stop::odd("a table, objects or metadata in another coding than Flate", at));
    }
    let raw: Box<dyn Pull + 'w> = Box::new(Raw::new(window, scene.work, span.start, span.end));
    Predicted::new(filter::chain(raw, filters, scene.work, at)?, head.parameters(at)?, at)
}

pub(super) fn drain(data: &mut dyn Pull) -> Result<(), Stop> {
    let mut piece = vec![0; 16 * 1024];
    while data.pull(&mut piece)? > 0 {}
    Ok(())
}

fn xmp(scene: Scene<'_>, window: &mut Window<'_>, span: Span, head: &Head, sheet: &mut Sheet) -> Result<(), Stop> {
    let at = At::Byte(span.start);
    // In another coding its names would not be read.
    let mut data = decoded(scene, window, span, head)?;
    let (mut packet, mut piece) = (Vec::new(), vec![0; 16 * 1024]);
    loop {
        let count = data.pull(&mut piece)?;
        if count == 0 {
            break;
        }
        packet.extend_from_slice(piece.get(..count).unwrap_or_default());
        if packet.len() > MAX_XMP {
            return Err(Stop::large("metadata of more than 1 MiB", at));
        }
    }
    if packet.contains(&0) {
        return Err(Stop::odd("metadata that is not UTF-8", at));
    }
    sheet.names.xmp(&packet);
    Ok(())
}

/// What an object with these bytes is to those that refer to it.
pub(super) const fn class_of(used: Use) -> Class {
    match used {
        Use::Objects => Class::ObjectStream,
        Use::Xmp => Class::Metadata,
        _ => Class::Stream,
    }
}

/// Whether an object stream is one by its keys and not by its type.
pub(super) fn is_disguised(found: &object::Object) -> bool {
    let keys = found.facts.has(bit_of("First")) && found.facts.has(bit_of("N"));
    keys && !found.facts.kind().is("ObjStm")
}
