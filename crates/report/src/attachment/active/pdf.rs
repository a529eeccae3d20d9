//! PDF (ISO 32000-2): names that make a document act or carry a file.
//!
//! The file is not parsed as a viewer would, because viewers differ: every name in it counts, wherever it stands, in
//! comments, strings and streams too, with its `#` escapes undone. Short names, which compressed data has by accident,
//! count where a value of their kind follows. Objects in compressed object streams are inflated and read alike; an object
//! stream in another coding, and an encrypted document, cannot be inspected.

use super::Active;
use miniz_oxide::inflate::decompress_to_vec_zlib_with_limit;

/// Inflated bytes of all object streams of a document: far beyond any real one.
const MAX_INFLATED: usize = 64 * 1024 * 1024;
/// Bytes before `stream` in which its dictionary is looked for.
const MAX_DICTIONARY: usize = 64 * 1024;
/// Bytes of all dictionaries of streams that are read: far beyond any real document's.
const MAX_DICTIONARIES: usize = 256 * 1024 * 1024;
/// White space and comments between a name and its value that are skipped.
const MAX_SPACE: usize = 4096;
/// Bytes of a name that are read; the names of the table are far shorter.
const MAX_NAME: usize = 64;

/// What must follow a name so that it counts.
#[derive(Clone, Copy)]
enum Value {
    /// Anything: the name is long enough to be no accident.
    Any,
    /// A dictionary or a reference.
    Dictionary,
    /// An array or a reference.
    Array,
    /// A string or a reference.
    Text,
    /// Anything but an array, which is a page to show first and no action.
    NoArray,
}

const NAMES: [(&str, Value); 19] = [
    ("JavaScript", Value::Any),
    ("JS", Value::Text),
    ("Launch", Value::Any),
    ("OpenAction", Value::NoArray),
    ("AA", Value::Dictionary),
    ("EmbeddedFile", Value::Any),
    ("EmbeddedFiles", Value::Any),
    ("EF", Value::Dictionary),
    ("FileAttachment", Value::Any),
    ("RichMedia", Value::Any),
    ("XFA", Value::Array),
    ("Rendition", Value::Any),
    ("SubmitForm", Value::Any),
    ("ImportData", Value::Any),
    ("GoToE", Value::Any),
    ("GoToR", Value::Any),
    ("Movie", Value::Any),
    ("Sound", Value::Any),
    ("Collection", Value::Dictionary),
];

/// The first name that makes a document act or carry a file, or the first part that cannot be inspected.
pub(super) fn active(bytes: &[u8]) -> Option<Active> {
    if let Some(at) = names(bytes).find(|name| name.is("Encrypt") && name.has(bytes, Value::Dictionary)) {
        return Some(Active::Opaque("an encrypted document", at.at));
    }
    named(bytes).map(|(name, at)| Active::Name(name, at)).or_else(|| object_streams(bytes))
}

fn named(bytes: &[u8]) -> Option<(&'static str, usize)> {
    names(bytes).find_map(|name| {
        let row = NAMES.iter().find(|(known, value)| name.is(known) && name.has(bytes, *value));
        row.map(|(known, _)| (*known, name.at))
    })
}

struct Name {
    /// Byte of its slash.
    at: usize,
    /// First byte after it.
    end: usize,
    text: Vec<u8>,
}

impl Name {
    fn is(&self, wanted: &str) -> bool {
        self.text == wanted.as_bytes()
    }

    fn has(&self, bytes: &[u8], value: Value) -> bool {
        let rest = bytes.get(self.end..).unwrap_or_default();
        let near = rest.get(..MAX_SPACE).unwrap_or(rest);
        let rest = skip_space(near);
        if rest.is_empty() && near.len() == MAX_SPACE {
            return true; // nobody writes so much; what follows is not looked for
        }
        match value {
            Value::Any => true,
            Value::Dictionary => rest.starts_with(b"<<") || is_reference(rest),
            Value::Array => rest.starts_with(b"[") || is_reference(rest),
            Value::Text => rest.starts_with(b"(") || rest.starts_with(b"<") || is_reference(rest),
            Value::NoArray => !rest.starts_with(b"["),
        }
    }
}

/// Every name in the bytes, whatever surrounds it.
fn names(bytes: &[u8]) -> impl Iterator<Item = Name> + '_ {
    let slashes = bytes.iter().enumerate().filter(|(_, byte)| **byte == b'/');
    slashes.filter_map(|(at, _)| {
        let start = at.checked_add(1)?;
        let token = bytes.get(start..)?.iter().take(MAX_NAME).take_while(|byte| is_regular(**byte));
        let token: Vec<u8> = token.copied().collect();
        Some(Name { at, end: start.checked_add(token.len())?, text: unescaped(&token) })
    })
}

const fn is_space(byte: u8) -> bool {
    matches!(byte, 0 | b'\t' | b'\n' | 0x0c | b'\r' | b' ')
}

const fn is_regular(byte: u8) -> bool {
    !is_space(byte) && !matches!(byte, b'(' | b')' | b'<' | b'>' | b'[' | b']' | b'{' | b'}' | b'/' | b'%')
}

/// A name with each `#` and two hexadecimal digits as the byte that they stand for.
fn unescaped(token: &[u8]) -> Vec<u8> {
    let digit = |byte: &u8| char::from(*byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let mut out = Vec::with_capacity(token.len());
    let mut rest = token;
    while let Some((first, tail)) = rest.split_first() {
        let escape = match tail {
            [high, low, after @ ..] if *first == b'#' => digit(high).zip(digit(low)).map(|pair| (pair, after)),
            _ => None,
        };
        match escape {
            Some(((high, low), after)) => {
                out.push(high << 4 | low);
                rest = after;
            }
            None => {
                out.push(*first);
                rest = tail;
            }
        }
    }
    out
}

/// What follows white space and comments.
fn skip_space(mut rest: &[u8]) -> &[u8] {
    while let Some((first, tail)) = rest.split_first() {
        if is_space(*first) {
            rest = tail;
        } else if *first == b'%' {
            let end = tail.iter().position(|byte| matches!(byte, b'\n' | b'\r')).unwrap_or(tail.len());
            rest = tail.get(end..).unwrap_or_default();
        } else {
            break;
        }
    }
    rest
}

/// `5 0 R`.
fn is_reference(rest: &[u8]) -> bool {
    after_number(rest).and_then(after_number).is_some_and(|rest| rest.first() == Some(&b'R'))
}

fn after_number(rest: &[u8]) -> Option<&[u8]> {
    let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let after = rest.get(digits..)?;
    let parted = after.first().is_some_and(|byte| is_space(*byte) || *byte == b'%');
    (digits > 0 && parted).then(|| skip_space(after))
}

/// The objects in streams, inflated. A stream is one of objects by its `/Type`, or by the `/First` that readers need.
fn object_streams(bytes: &[u8]) -> Option<Active> {
    let (mut left, mut unread) = (MAX_INFLATED, MAX_DICTIONARIES);
    for (at, data) in streams(bytes) {
        let from = at.saturating_sub(MAX_DICTIONARY);
        let before = bytes.get(from..at).unwrap_or_default();
        let start = before.windows(4).rposition(|four| matches!(four, [space, b'o', b'b', b'j'] if is_space(*space)));
        let dictionary = before.get(start.unwrap_or(0)..).unwrap_or_default();
        unread = match unread.checked_sub(dictionary.len()) {
            Some(unread) => unread,
            None => return Some(Active::Opaque("too many streams", at)),
        };
        let has = |wanted: &str| names(dictionary).any(|name| name.is(wanted));
        if !has("ObjStm") && !has("First") {
            continue;
        }
        let coding: Vec<Name> = names(dictionary).filter(|name| name.text.ends_with(b"Decode")).collect();
        match coding.as_slice() {
            // In clear: read with the rest.
            [] if !has("Filter") => continue,
            [one] if one.is("FlateDecode") && !has("DecodeParms") && !has("Crypt") => {}
            _ => return Some(Active::Opaque("an object stream in another coding", at)),
        }
        let Ok(inflated) = decompress_to_vec_zlib_with_limit(data, left) else {
            return Some(Active::Opaque("an object stream that does not inflate or is too large", at));
        };
        if let Some((name, _)) = named(&inflated) {
            return Some(Active::Name(name, at));
        }
        left = left.saturating_sub(inflated.len());
    }
    None
}

/// Where each `stream` stands, and all bytes from its data on.
fn streams(bytes: &[u8]) -> impl Iterator<Item = (usize, &[u8])> {
    const WORD: &[u8] = b"stream";
    let found = bytes.windows(WORD.len()).enumerate().filter(|(_, window)| *window == WORD);
    found.filter_map(|(at, _)| {
        let data = bytes.get(at.checked_add(WORD.len())?..)?;
        let data =
            data.strip_prefix(b"\r\n").or_else(|| data.strip_prefix(b"\n")).or_else(|| data.strip_prefix(b"\r"))?;
        (!bytes.get(..at)?.ends_with(b"end")).then_some((at, data))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use miniz_oxide::deflate::compress_to_vec_zlib;

    const PLAIN: &str = "%PDF-1.7\n1 0 obj << /Type /Catalog /Pages 2 0 R /OpenAction [3 0 R /Fit] >> endobj\n\
        4 0 obj << /First 5 0 R /Title (Launch, JavaScript, AA) >> endobj\n";

    fn with(body: &str) -> Option<Active> {
        active(format!("{PLAIN}9 0 obj {body} endobj\n%%EOF\n").as_bytes())
    }

    fn found(body: &str) -> &'static str {
        match with(body) {
            Some(Active::Name(name, _)) => name,
            other => panic!("{body}: {other:?}"),
        }
    }

    #[test]
    fn names_that_act_are_found_however_they_are_written() {
        assert_eq!(with("<< /AAPL 1 /JSON (x) /Movies 2 /Launcher 3 /XFAx [] /EF 4 /AA 5 >>"), None);
        assert_eq!(found("<< /S /JavaScript >>"), "JavaScript");
        assert_eq!(found("<< /S /J#61va#53cript >>"), "JavaScript");
        assert_eq!(found("<< /JS (app.alert) >>"), "JS");
        assert_eq!(found("<< /JS 12 0 R >>"), "JS");
        assert_eq!(found("<< /JS%hidden\n<6170> >>"), "JS");
        assert_eq!(found("<< /S/Launch/F(x) >>"), "Launch");
        assert_eq!(found("<< /OpenAction << /S /GoTo >> >>"), "OpenAction");
        assert_eq!(found("<< /OpenAction 7 0 R >>"), "OpenAction");
        assert_eq!(found("<< /AA << /O 1 0 R >> >>"), "AA");
        assert_eq!(found("<< /AA 5 % x\n 0 R >>"), "AA");
        assert_eq!(found(&format!("<< /AA {} << >> >>", " ".repeat(MAX_SPACE))), "AA");
        assert_eq!(found("<< /Type /EmbeddedFile >>"), "EmbeddedFile");
        assert_eq!(found("<< /Type /Filespec /EF << /F 9 0 R >> >>"), "EF");
        assert_eq!(found("<< /Subtype /RichMedia >>"), "RichMedia");
        assert_eq!(found("<< /XFA [ (a) 1 0 R ] >>"), "XFA");
        // Where a viewer may find an object although a parser would skip it.
        assert_eq!(found("(text 5 0 obj << /S /SubmitForm >> )"), "SubmitForm");
        assert_eq!(found("% << /S /ImportData >>\n"), "ImportData");
        let Some(Active::Name(_, at)) = with("<< /S /Launch >>") else { panic!("found") };
        assert_eq!(at, PLAIN.len() + "9 0 obj << /S ".len());
    }

    fn stream(dictionary: &str, data: &[u8]) -> Option<Active> {
        let head = format!("{PLAIN}9 0 obj << {dictionary} /Length {} >>\nstream\r\n", data.len());
        active(&[head.as_bytes(), data, b"\nendstream endobj\n%%EOF\n"].concat())
    }

    #[test]
    fn object_streams_are_inflated() {
        let harmless = compress_to_vec_zlib(b"5 0 << /Type /Page >>", 6);
        let harmful = compress_to_vec_zlib(b"5 0 << /S /JavaScript >>", 6);
        let object = "/Type /ObjStm /N 1 /First 4 /Filter /FlateDecode";
        assert_eq!(stream(object, &harmless), None);
        assert!(matches!(stream(object, &harmful), Some(Active::Name("JavaScript", _))));
        assert!(matches!(stream("/N 1 /First 4 /Filter [/FlateDecode]", &harmful), Some(Active::Name(..))));
        // A stream of no objects is what a viewer draws.
        assert_eq!(stream("/Filter /FlateDecode", &harmful), None);
        assert_eq!(stream("/Type /ObjStm /N 1 /First 4", b"5 0 << /Type /Page >>"), None);
        for opaque in [
            "/Type /ObjStm /First 4 /Filter /LZWDecode",
            "/Type /ObjStm /First 4 /Filter [/ASCIIHexDecode /FlateDecode]",
            "/Type /ObjStm /First 4 /Filter 8 0 R",
            "/Type /ObjStm /First 4 /Filter /FlateDecode /DecodeParms << /Predictor 12 >>",
        ] {
            assert!(matches!(stream(opaque, &harmless), Some(Active::Opaque(..))), "{opaque}");
        }
        assert!(matches!(stream(object, &harmless[..8]), Some(Active::Opaque(..))));
        let bomb = compress_to_vec_zlib(&vec![b' '; MAX_INFLATED + 1], 9);
        assert!(matches!(stream(object, &bomb), Some(Active::Opaque(..))));
    }

    #[test]
    fn an_encrypted_document_cannot_be_inspected() {
        let made = format!("{PLAIN}trailer << /Encrypt 9 0 R /Root 1 0 R >>\n");
        assert!(matches!(active(made.as_bytes()), Some(Active::Opaque("an encrypted document", _))));
        assert_eq!(active(PLAIN.as_bytes()), None);
        assert_eq!(active(b"/"), None);
    }
}
