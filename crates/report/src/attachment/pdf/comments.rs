//! Comments (ISO 32000-2, 7.2.4): no viewer shows them, and programs write a line or two.

use super::stop::Stop;
use crate::attachment::finding::At;

/// Comments of one file, and bytes of all of them.
const MOST: usize = 8;
const MOST_BYTES: usize = 100;
/// Bytes of the comment behind the version, which tells that the file is not text; ReportLab adds its name.
const MOST_OF_MARK: usize = 80;
/// Bytes before it at most: the version and a line end.
const MARK_AT: u64 = 10;
/// Bytes of the command line that Ghostscript writes.
const MOST_OF_INVOCATION: usize = 512;
/// How that begins and goes on.
const INVOCATION: [&[u8]; 2] = [b"%%Invocation:", b"%%+"];
/// Bytes of a comment that are of interest: one more than any may have.
pub(super) const LONGEST: usize = MOST_OF_INVOCATION + 1;

/// The comments of a file so far.
#[derive(Default)]
pub(super) struct Comments {
    /// Where those in the file begin: what is read again counts once.
    places: Vec<u64>,
    count: usize,
    bytes: usize,
    invocation: String,
}

impl Comments {
    /// Takes a comment, as far as it is of interest.
    pub(super) fn put(&mut self, text: &[u8], place: At) -> Result<(), Stop> {
        let is_mark = matches!(place, At::Byte(0..=MARK_AT)) && text.len() <= MOST_OF_MARK;
        if text == b"%%EOF" || is_mark {
            return Ok(());
        }
        if let At::Byte(at) = place {
            if self.places.contains(&at) {
                return Ok(());
            }
            self.places.push(at);
        }
        if self.is_invocation(text) {
            self.invocation.extend(text.iter().map(|byte| char::from(*byte)));
        } else {
            self.count = self.count.saturating_add(1);
            self.bytes = self.bytes.saturating_add(text.len());
        }
        if self.count <= MOST && self.bytes <= MOST_BYTES {
            return Ok(());
        }
        Err(Stop::hidden("comments that no reader shows, of more than 100 bytes or more than 8", place))
    }

    /// Lines of Ghostscript's one command line, which are told as it.
    fn is_invocation(&self, text: &[u8]) -> bool {
        let begins =
            INVOCATION.get(usize::from(!self.invocation.is_empty())).is_some_and(|word| text.starts_with(word));
        let short = self.invocation.len().saturating_add(text.len()) <= MOST_OF_INVOCATION;
        begins && short && text.iter().all(|byte| matches!(byte, b' '..=b'~'))
    }

    /// Ghostscript's command line without the word that begins it.
    pub(super) fn invocation(&self) -> &str {
        self.invocation.get(INVOCATION[0].len()..).unwrap_or_default()
    }
}
