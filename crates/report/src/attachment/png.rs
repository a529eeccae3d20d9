//! PNG (third edition): the signature, and chunks of which each is known, right and there once; nothing behind.

mod chunks;
mod rows;
mod text;

use super::{
    bytes::Bytes,
    finding::{Advice, At, Finding, Sort},
    icc,
    inflate::{Broken, Inflate},
    inspected::Inspected,
    sink::{Nothing, Sink, Walked},
    window::{MAX_INFLATED, Window, most_inflated},
};
use chunks::Head;
use rows::Rows;

const SIGNATURE: [u8; 8] = *b"\x89PNG\r\n\x1a\n";
/// Bytes of a chunk other than the picture's that are looked at; texts may be longer, and are taken out unread.
const MAX_CHUNK: usize = 64 * 1024;
/// Chunks that are known, each told only once.
const KNOWN: [&[u8; 4]; 15] = [
    b"IHDR", b"PLTE", b"IEND", b"tRNS", b"cHRM", b"gAMA", b"sRGB", b"sBIT", b"cICP", b"mDCV", b"cLLI", b"bKGD",
    b"hIST", b"pHYs", b"tIME",
];

/// What a PNG has that its picture does not need.
pub(super) fn inspect(file: &dyn Bytes) -> Inspected {
    walk(file, &mut Nothing).inspected
}

/// Walks through the chunks; those that belong to the picture go to the sink.
pub(super) fn walk(file: &dyn Bytes, sink: &mut dyn Sink) -> Walked {
    let mut reader = Reader {
        window: Window::new(file),
        sink,
        walked: Walked::default(),
        most: most_inflated(file.length()),
        head: None,
        seen: Vec::new(),
        picture: Picture::Before,
    };
    if let Err(finding) = reader.file() {
        reader.walked.broken = Some(finding.clone());
        reader.walked.found(finding);
    }
    reader.walked
}

/// How far the picture's data has come.
enum Picture {
    Before,
    Inside(Box<Data>),
    Behind,
}

struct Data {
    inflate: Inflate,
    rows: Rows,
    /// Bytes behind the end of the compressed data were told.
    longer: bool,
}

struct Reader<'r> {
    window: Window<'r>,
    sink: &'r mut dyn Sink,
    walked: Walked,
    /// Bytes that the picture may inflate to.
    most: u64,
    head: Option<Head>,
    /// Kinds of the chunks so far, each once.
    seen: Vec<[u8; 4]>,
    picture: Picture,
}

/// What takes the bytes of a chunk piece by piece.
type Take<'t, R> = dyn FnMut(&mut R, &[u8]) -> Result<(), Finding> + 't;

/// Why a chunk stops being read.
enum Stop {
    Deflate,
    Found(Finding),
}

impl From<Broken> for Stop {
    fn from(Broken: Broken) -> Self {
        Self::Deflate
    }
}

fn odd(what: &str, at: u64) -> Finding {
    Finding::new(Sort::Odd, what, At::Byte(at), Advice::ExportAnew)
}

fn hidden(what: &str, at: u64) -> Finding {
    Finding::new(Sort::Hidden, what, At::Byte(at), Advice::Clean)
}

impl Reader<'_> {
    fn file(&mut self) -> Result<(), Finding> {
        if self.window.array::<8>()? != Some(SIGNATURE) {
            return Err(odd("a PNG without its signature", 0));
        }
        self.sink.keep(0, 8);
        while self.chunk()? {}
        let (end, left) = (self.window.position(), self.window.left());
        if left > 0 {
            self.leave("bytes behind the end of the image", end, end.saturating_add(left));
        }
        while !self.window.some(u64::MAX)?.is_empty() {}
        Ok(())
    }

    fn leave(&mut self, what: &str, from: u64, to: u64) {
        self.walked.found(hidden(what, from));
        self.sink.leave(what, from, to);
    }

    /// One chunk; whether another may follow.
    fn chunk(&mut self) -> Result<bool, Finding> {
        let at = self.window.position();
        let short = odd("a PNG that ends before its last chunk", at);
        let Some([a, b, c, d, kind @ ..]) = self.window.array::<8>()? else { return Err(short) };
        let length = u32::from_be_bytes([a, b, c, d]);
        if !kind.iter().all(u8::is_ascii_alphabetic) {
            return Err(odd("a chunk whose name is not of letters", at));
        }
        if u64::from(length).saturating_add(4) > self.window.left() {
            return Err(odd("a chunk that is longer than the file", at));
        }
        let chunk = Chunk { kind, length: u64::from(length), at };
        if self.head.is_none() && kind != *b"IHDR" {
            return Err(odd("a PNG that does not begin with IHDR", at));
        }
        if kind == *b"IDAT" {
            self.data(&chunk)?;
            return Ok(true);
        }
        self.data_ended(at)?;
        let again = self.seen.contains(&kind);
        let verdict = match &kind {
            b"IHDR" | b"PLTE" | b"IEND" if again => return Err(odd(&format!("a second chunk {}", chunk.name()), at)),
            b"iCCP" if !again => self.profile(&chunk)?,
            _ if again || !KNOWN.contains(&&kind) => self.unknown(&chunk, again)?,
            _ => self.known(&chunk)?,
        };
        if !again {
            self.seen.push(kind);
        }
        match verdict {
            None => self.sink.keep(at, chunk.end()),
            Some(what) if is_critical(&kind) => return Err(odd(&what, at)),
            Some(what) => self.leave(&what, at, chunk.end()),
        }
        Ok(kind != *b"IEND")
    }

    /// The bytes of a chunk piece by piece, and its checksum.
    fn body(&mut self, chunk: &Chunk, take: &mut Take<'_, Self>) -> Result<(), Finding> {
        let (mut left, mut crc) = (chunk.length, chunks::crc(u32::MAX, &chunk.kind));
        while left > 0 {
            let piece = self.window.some(left.min(16 * 1024))?.to_vec();
            if piece.is_empty() {
                return Err(odd("a PNG that ends inside a chunk", chunk.at));
            }
            left = left.saturating_sub(u64::try_from(piece.len()).unwrap_or(u64::MAX));
            crc = chunks::crc(crc, &piece);
            take(self, &piece)?;
        }
        match self.window.array::<4>()? {
            Some(found) if u32::from_be_bytes(found) == !crc => Ok(()),
            _ => Err(odd(&format!("a chunk {} whose checksum is wrong", chunk.name()), chunk.at)),
        }
    }

    /// All bytes of a chunk, as far as they are looked at.
    fn bytes(&mut self, chunk: &Chunk) -> Result<Vec<u8>, Finding> {
        let mut out = Vec::new();
        self.body(chunk, &mut |_, piece| {
            let room = MAX_CHUNK.saturating_sub(out.len());
            out.extend_from_slice(piece.get(..room).unwrap_or(piece));
            Ok(())
        })?;
        Ok(out)
    }

    fn known(&mut self, chunk: &Chunk) -> Result<Option<String>, Finding> {
        let bytes = self.bytes(chunk)?;
        if chunk.kind == *b"IHDR" {
            let head = Head::read(&bytes).map_err(|what| odd(what, chunk.at))?;
            self.head = Some(self.fitting(head, chunk.at)?);
            return Ok(None);
        }
        let Some(head) = &mut self.head else { return Err(odd("a PNG that does not begin with IHDR", chunk.at)) };
        // Only the time of the last change may stand behind the picture.
        let behind = !matches!(self.picture, Picture::Before);
        if chunk.kind == *b"IEND" {
            if !behind {
                return Err(odd("a PNG without a picture", chunk.at));
            }
        } else if behind && chunk.kind != *b"tIME" {
            return Ok(Some(format!("a chunk {} behind the picture", chunk.name())));
        }
        Ok(head.check(&chunk.kind, &bytes, chunk.length).err().map(|why| format!("a chunk {} {why}", chunk.name())))
    }

    /// A head whose picture is not too large for this file.
    fn fitting(&self, head: Head, at: u64) -> Result<Head, Finding> {
        if head.inflated() > self.most {
            let what = format!("a picture of {} x {} in so small a file", head.width, head.height);
            let what = if head.inflated() > MAX_INFLATED { "a picture of more than 1 GiB" } else { &what };
            return Err(Finding::new(Sort::TooLarge, what, At::Byte(at), Advice::Part));
        }
        Ok(head)
    }

    fn unknown(&mut self, chunk: &Chunk, again: bool) -> Result<Option<String>, Finding> {
        let bytes = self.bytes(chunk)?;
        text::names(&chunk.kind, &bytes, &mut self.walked.inspected);
        let what = if again { "a second chunk" } else { "a chunk" };
        Ok(Some(format!("{what} {}", chunk.name())))
    }

    /// A colour profile: a name, a zero, the method zero, and a zlib stream that ends with the chunk.
    fn profile(&mut self, chunk: &Chunk) -> Result<Option<String>, Finding> {
        let (mut inflate, mut head, mut out, mut wrong) = (Inflate::new(), Vec::new(), Vec::new(), None);
        self.body(chunk, &mut |_, piece| {
            let mut rest = piece;
            while !is_whole(&head)
                && let Some((first, more)) = rest.split_first()
            {
                head.push(*first);
                rest = more;
            }
            if rest.is_empty() || wrong.is_some() {
                return Ok(());
            }
            let used = inflate.push(rest, &mut |some: &[u8]| {
                out.extend_from_slice(some);
                if out.len() > icc::MAX_PROFILE { Err(Stop::Deflate) } else { Ok(()) }
            });
            match used {
                Ok(used) if used < rest.len() => wrong = Some("with bytes behind its compressed profile"),
                Ok(_) => {}
                Err(_) => wrong = Some("that does not inflate"),
            }
            Ok(())
        })?;
        if !chunks::is_profile_name(&head) {
            wrong = Some("whose name is not of its form");
        } else if !inflate.ended {
            wrong = wrong.or(Some("whose compressed profile does not end"));
        }
        if !matches!(self.picture, Picture::Before) {
            wrong = wrong.or(Some("behind the picture"));
        }
        let why = match wrong {
            Some(why) => Some(format!("a chunk iCCP {why}")),
            None => icc::check(&out).err().map(|why| format!("a chunk iCCP with {why}")),
        };
        Ok(why)
    }

    /// A chunk of the picture's data.
    fn data(&mut self, chunk: &Chunk) -> Result<(), Finding> {
        if matches!(self.picture, Picture::Before) {
            let Some(head) = &self.head else { return Err(odd("a PNG that does not begin with IHDR", chunk.at)) };
            if head.needs_palette() && !self.seen.contains(b"PLTE") {
                return Err(odd("a picture without its palette", chunk.at));
            }
            let data = Data { inflate: Inflate::new(), rows: Rows::new(head.passes()), longer: false };
            self.picture = Picture::Inside(Box::new(data));
        }
        self.body(chunk, &mut |reader: &mut Self, piece| {
            let Picture::Inside(data) = &mut reader.picture else {
                return Err(odd("picture data in two places", chunk.at));
            };
            let rows = &mut data.rows;
            let used = data
                .inflate
                .push(piece, &mut |some: &[u8]| rows.take(some).map_err(|what| Stop::Found(odd(what, chunk.at))));
            match used {
                Ok(used) => data.longer |= used < piece.len(),
                Err(Stop::Found(finding)) => return Err(finding),
                Err(Stop::Deflate) => return Err(odd("picture data that does not inflate", chunk.at)),
            }
            if data.longer {
                return Err(odd("bytes behind the end of the compressed picture", chunk.at));
            }
            Ok(())
        })?;
        self.sink.keep(chunk.at, chunk.end());
        Ok(())
    }

    /// The picture's data is whole when another chunk comes.
    fn data_ended(&mut self, at: u64) -> Result<(), Finding> {
        let Picture::Inside(data) = &self.picture else { return Ok(()) };
        if !data.inflate.ended || !data.rows.are_whole() {
            return Err(odd("picture data that is less than its size asks, or in two places", at));
        }
        self.picture = Picture::Behind;
        Ok(())
    }
}

/// Kind, bytes of the data, and where the chunk begins.
struct Chunk {
    kind: [u8; 4],
    length: u64,
    at: u64,
}

impl Chunk {
    /// Behind its checksum.
    const fn end(&self) -> u64 {
        self.at.saturating_add(12).saturating_add(self.length)
    }

    /// Four letters.
    fn name(&self) -> String {
        self.kind.iter().map(|byte| char::from(*byte)).collect()
    }
}

/// Whether the name of a profile and the byte behind its zero have come, or are too long.
fn is_whole(head: &[u8]) -> bool {
    head.iter().position(|byte| *byte == 0).is_some_and(|zero| zero.saturating_add(1) < head.len()) || head.len() > 81
}

/// Whether a viewer that does not know the chunk must not show the picture.
const fn is_critical(kind: &[u8; 4]) -> bool {
    kind[0].is_ascii_uppercase()
}

#[cfg(test)]
mod tests;
