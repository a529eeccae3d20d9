//! What a content is, by its first bytes and, where these say nothing, by its letters.

use super::{
    bytes::{Bytes, Unread},
    window::Window,
};
use serde::{Deserialize, Serialize};
use std::fmt;

/// Bytes of the beginning, and of the end of an archive, that are looked at.
const LOOKED_AT: u64 = 64 * 1024;

/// What a content looks like.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Looks {
    /// Nothing at all.
    Empty,
    /// PDF.
    Pdf,
    /// PNG.
    Png,
    /// JPEG.
    Jpeg,
    /// PDF, PNG or JPEG with other bytes, such as a byte order mark, before it.
    Behind(Shown),
    /// Text in UTF-8.
    Text,
    /// Text in UTF-8 with a character that text files do not have, at this byte.
    Controls(u64),
    /// Text in UTF-16.
    Utf16,
    /// Text in UTF-32.
    Utf32,
    /// Text in an encoding of one byte a character, such as Windows-1252.
    OneByte,
    /// Another format.
    Other(Format),
    /// Nothing that is known.
    Unknown,
    /// The file was not given.
    Unread,
}

/// Types that have a signature and that reports carry.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Shown {
    /// PDF.
    Pdf,
    /// PNG.
    Png,
    /// JPEG.
    Jpeg,
}

/// Formats that reports do not carry.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Format {
    /// Excel.
    Xlsx,
    /// Word.
    Docx,
    /// PowerPoint.
    Pptx,
    /// Another Office archive.
    Office,
    /// OpenDocument.
    OpenDocument,
    /// Excel, Word or PowerPoint before 2007.
    OldOffice,
    /// ZIP.
    Zip,
    /// gzip.
    Gzip,
    /// 7z.
    SevenZip,
    /// RAR.
    Rar,
    /// A program for Windows.
    WindowsProgram,
    /// A program for Linux.
    LinuxProgram,
    /// GIF.
    Gif,
    /// TIFF.
    Tiff,
    /// WebP.
    Webp,
    /// BMP.
    Bmp,
    /// HEIC or AVIF.
    Heic,
    /// Rich text.
    Rtf,
    /// PostScript.
    PostScript,
    /// SVG.
    Svg,
    /// HTML.
    Html,
    /// XML.
    Xml,
}

impl Format {
    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Xlsx => "an Office document (XLSX)",
            Self::Docx => "an Office document (DOCX)",
            Self::Pptx => "an Office document (PPTX)",
            Self::Office => "an Office document",
            Self::OpenDocument => "an OpenDocument file",
            Self::OldOffice => "an old Office document",
            Self::Zip => "a ZIP archive",
            Self::Gzip => "a gzip archive",
            Self::SevenZip => "a 7z archive",
            Self::Rar => "a RAR archive",
            Self::WindowsProgram => "a Windows program",
            Self::LinuxProgram => "a Linux program",
            Self::Gif => "a GIF image",
            Self::Tiff => "a TIFF image",
            Self::Webp => "a WebP image",
            Self::Bmp => "a BMP image",
            Self::Heic => "a HEIC or AVIF image",
            Self::Rtf => "a rich text document",
            Self::PostScript => "a PostScript document",
            Self::Svg => "an SVG drawing",
            Self::Html => "a web page (HTML)",
            Self::Xml => "an XML document",
        }
    }

    /// What its author can do.
    #[must_use]
    pub const fn advice(self) -> &'static str {
        match self {
            Self::Xlsx | Self::OldOffice | Self::OpenDocument => {
                "Save its table as CSV in UTF-8 (in Excel \"CSV UTF-8\"), or print it to PDF"
            }
            Self::Docx | Self::Pptx | Self::Office | Self::Rtf | Self::PostScript | Self::Html | Self::Svg => {
                "Print it to PDF, or paste its text into the report"
            }
            Self::Gif | Self::Tiff | Self::Webp | Self::Bmp | Self::Heic => "Save the picture as PNG or JPEG",
            Self::Zip | Self::Gzip | Self::SevenZip | Self::Rar => "Unpack it and attach the files in it",
            Self::WindowsProgram | Self::LinuxProgram => "Take it out; programs are not sent",
            Self::Xml => "Write its data as JSON or CSV",
        }
    }
}

impl Shown {
    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pdf => "a PDF document",
            Self::Png => "a PNG image",
            Self::Jpeg => "a JPEG image",
        }
    }
}

impl fmt::Display for Looks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("empty"),
            Self::Pdf => f.write_str(Shown::Pdf.name()),
            Self::Png => f.write_str(Shown::Png.name()),
            Self::Jpeg => f.write_str(Shown::Jpeg.name()),
            Self::Behind(shown) => write!(f, "{} with other bytes before it", shown.name()),
            Self::Text => f.write_str("plain text"),
            Self::Controls(at) => write!(f, "text with a control character at byte {at}"),
            Self::Utf16 => f.write_str("text in UTF-16"),
            Self::Utf32 => f.write_str("text in UTF-32"),
            Self::OneByte => f.write_str("text in Windows-1252 or another encoding of one byte a character"),
            Self::Other(format) => f.write_str(format.name()),
            Self::Unknown => f.write_str("of an unknown type"),
            Self::Unread => f.write_str("a file that could not be read"),
        }
    }
}

/// How formats begin.
const SIGNATURES: [(&[u8], Looks); 21] = [
    (b"%PDF-", Looks::Pdf),
    (b"\x89PNG\r\n\x1a\n", Looks::Png),
    (b"\xff\xd8\xff", Looks::Jpeg),
    (b"PK\x03\x04", Looks::Other(Format::Zip)),
    (b"PK\x05\x06", Looks::Other(Format::Zip)),
    (b"\x1f\x8b", Looks::Other(Format::Gzip)),
    (b"7z\xbc\xaf\x27\x1c", Looks::Other(Format::SevenZip)),
    (b"Rar!\x1a\x07", Looks::Other(Format::Rar)),
    (b"\xd0\xcf\x11\xe0", Looks::Other(Format::OldOffice)),
    (b"MZ", Looks::Other(Format::WindowsProgram)),
    (b"\x7fELF", Looks::Other(Format::LinuxProgram)),
    (b"GIF8", Looks::Other(Format::Gif)),
    (b"II*\0", Looks::Other(Format::Tiff)),
    (b"MM\0*", Looks::Other(Format::Tiff)),
    (b"BM", Looks::Other(Format::Bmp)),
    (b"{\\rtf", Looks::Other(Format::Rtf)),
    (b"%!PS", Looks::Other(Format::PostScript)),
    (b"<svg", Looks::Other(Format::Svg)),
    (b"<!DOCTYPE html", Looks::Other(Format::Html)),
    (b"<html", Looks::Other(Format::Html)),
    (b"<?xml", Looks::Other(Format::Xml)),
];

/// What the content is. Reads it once at most, and its beginning and end once more.
pub(super) fn looks(file: &dyn Bytes) -> Looks {
    look(file).unwrap_or(Looks::Unread)
}

/// The signature that the content begins with.
pub(super) fn signature(file: &dyn Bytes) -> Result<Option<Looks>, Unread> {
    let start = part(file, 0, 16)?;
    let by = |start: &[u8]| SIGNATURES.iter().find(|(signature, _)| start.starts_with(signature)).map(|(_, is)| *is);
    Ok(by(&start).or(match start.as_slice() {
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some(Looks::Other(Format::Webp)),
        [0, _, _, _, b'f', b't', b'y', b'p', b'h' | b'm' | b'a', ..] => Some(Looks::Other(Format::Heic)),
        _ => None,
    }))
}

fn part(file: &dyn Bytes, from: u64, most: u64) -> Result<Vec<u8>, Unread> {
    let size = file.length().saturating_sub(from).min(most);
    let mut out = vec![0; usize::try_from(size).map_err(|_| Unread)?];
    file.read_at(from, &mut out)?;
    Ok(out)
}

fn look(file: &dyn Bytes) -> Result<Looks, Unread> {
    match signature(file)? {
        Some(Looks::Other(Format::Zip)) => return archive(file).map(Looks::Other),
        // "MZ" and "BM" may begin a text; a program and an image have bytes that no text has.
        Some(Looks::Other(Format::WindowsProgram | Format::Bmp)) if text(file)? == Looks::Text => {}
        Some(found) => return Ok(found),
        None => {}
    }
    let start = part(file, 0, 1024)?;
    let within = |wanted: &[u8]| start.windows(wanted.len()).any(|some| some == wanted);
    for (signature, shown) in [(b"%PDF-".as_slice(), Shown::Pdf), (b"\x89PNG\r\n", Shown::Png)] {
        if within(signature) {
            return Ok(Looks::Behind(shown));
        }
    }
    match start.as_slice() {
        [] => Ok(Looks::Empty),
        [0xff, 0xfe, 0, 0, ..] | [0, 0, 0xfe, 0xff, ..] => Ok(Looks::Utf32),
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => Ok(Looks::Utf16),
        [0xef, 0xbb, 0xbf, 0xff, 0xd8, 0xff, ..] => Ok(Looks::Behind(Shown::Jpeg)),
        _ => text(file),
    }
}

/// Which archive: Office and OpenDocument files name their parts.
fn archive(file: &dyn Bytes) -> Result<Format, Unread> {
    let end = file.length().saturating_sub(LOOKED_AT);
    let (first, last) = (part(file, 0, LOOKED_AT)?, part(file, end, LOOKED_AT)?);
    let names =
        |wanted: &[u8]| [&first, &last].iter().any(|part| part.windows(wanted.len()).any(|some| some == wanted));
    Ok(match () {
        () if names(b"mimetypeapplication/vnd.oasis.opendocument") => Format::OpenDocument,
        () if !names(b"[Content_Types].xml") => Format::Zip,
        () if names(b"xl/workbook") => Format::Xlsx,
        () if names(b"word/document") => Format::Docx,
        () if names(b"ppt/presentation") => Format::Pptx,
        () => Format::Office,
    })
}

/// Which kind of text, read to its end where it is UTF-8.
pub(super) fn text(file: &dyn Bytes) -> Result<Looks, Unread> {
    let mut window = Window::new(file);
    let mut control = None;
    loop {
        let at = window.position();
        match window.letter() {
            Ok(None) => return Ok(control.unwrap_or(Looks::Text)),
            Ok(Some('\n' | '\r' | '\t')) => {}
            Ok(Some(letter)) if letter.is_control() => {
                control.get_or_insert(Looks::Controls(at));
                if letter == '\0' {
                    return encoding(file);
                }
            }
            Ok(Some(_)) => window.pass(|byte| matches!(byte, b' '..=b'~')),
            Err(super::window::NoLetter::NotUtf8(_)) => return encoding(file),
            Err(super::window::NoLetter::Unread) => return Err(Unread),
        }
    }
}

/// What bytes that are no UTF-8 may be, by their beginning.
fn encoding(file: &dyn Bytes) -> Result<Looks, Unread> {
    let start = part(file, 0, LOOKED_AT)?;
    let control = |byte: &u8| *byte < 32 && !matches!(byte, b'\n' | b'\r' | b'\t') || *byte == 127;
    let zeros = |first: usize| start.iter().skip(first).step_by(2).filter(|byte| **byte == 0).count();
    let half = start.len() / 2;
    if start.len() >= 4 && half > 0 && (zeros(0) * 10 >= half * 9) != (zeros(1) * 10 >= half * 9) {
        return Ok(Looks::Utf16);
    }
    Ok(if start.iter().any(control) { Looks::Unknown } else { Looks::OneByte })
}
