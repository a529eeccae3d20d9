//! An image without what nobody sees in it: what `relto clean` writes. What is signed is never changed; this is for
//! before.

use super::{
    bytes::Bytes,
    finding::Finding,
    jpeg,
    looks::{Looks, looks},
    png,
    sink::{Nothing, Sink, Walked},
};

/// Bytes of the largest image that is cleaned; it is written in memory.
pub const MAX_IMAGE: u64 = 256 * 1024 * 1024;

/// An image without its hidden parts.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Cleaned {
    /// The image; its inspector finds nothing in it.
    pub bytes: Vec<u8>,
    /// What was taken out, in the order of the file.
    pub taken: Vec<Taken>,
}

/// A part that was taken out.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Taken {
    /// What it was.
    pub what: String,
    /// Where it began in the file.
    pub at: u64,
    /// How many bytes it had.
    pub bytes: u64,
}

/// Why no clean image is written.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Unclean {
    /// It is no PNG and no JPEG, but this.
    NoImage(Looks),
    /// Something that cannot be taken out.
    Stays(Finding),
    /// Over [`MAX_IMAGE`].
    TooLarge,
}

/// Takes out of a PNG or JPEG what its inspector would find. The orientation of a JPEG stays.
///
/// # Errors
/// [`Unclean`] where nothing clean can be written.
pub fn clean(file: &dyn Bytes) -> Result<Cleaned, Unclean> {
    if file.length() > MAX_IMAGE {
        return Err(Unclean::TooLarge);
    }
    let mut copy = Copy { file, out: Vec::new(), taken: Vec::new() };
    let walk: fn(&dyn Bytes, &mut dyn Sink) -> Walked = match looks(file) {
        Looks::Png => png::walk,
        Looks::Jpeg => jpeg::walk,
        other => return Err(Unclean::NoImage(other)),
    };
    if let Some(finding) = walk(file, &mut copy).broken {
        return Err(Unclean::Stays(finding));
    }
    match walk(&copy.out.as_slice(), &mut Nothing).inspected.finding {
        Some(finding) => Err(Unclean::Stays(finding)),
        None => Ok(Cleaned { bytes: copy.out, taken: copy.taken }),
    }
}

struct Copy<'f> {
    file: &'f dyn Bytes,
    out: Vec<u8>,
    taken: Vec<Taken>,
}

impl Sink for Copy<'_> {
    fn keep(&mut self, from: u64, to: u64) {
        let start = self.out.len();
        let size = usize::try_from(to.saturating_sub(from)).unwrap_or_default();
        self.out.resize(start.saturating_add(size), 0);
        // What cannot be read is not there: the inspector judges what was written.
        if let Some(place) = self.out.get_mut(start..)
            && self.file.read_at(from, place).is_err()
        {
            self.out.truncate(start);
        }
    }

    fn put(&mut self, bytes: &[u8]) {
        self.out.extend_from_slice(bytes);
    }

    fn leave(&mut self, what: &str, from: u64, to: u64) {
        self.taken.push(Taken { what: what.to_owned(), at: from, bytes: to.saturating_sub(from) });
    }
}
