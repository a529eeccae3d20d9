//! Long payloads made ready: hashed and decoded part by part, their attachments read by ranges wherever the store stands.

use crate::model::{
    parts::{Parts, salt_of},
    store::{Reader, StoreError},
};
use relto_audit::{
    commitment::{SALT, SALT_BYTES, commit},
    origin::Origin,
};
use relto_report::{
    assessment::{Document, Hashed, Hashing, Report},
    attachment::bytes::{Apart, Bytes, Unread},
    codec::Malformed,
    digest::Digest,
};
use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError},
};

/// Payloads whose hashes are remembered: more than are looked at at once.
const MAX_KNOWN: usize = 32;

/// What a long payload comes to.
pub struct HashedPayload {
    /// Its salt.
    pub(crate) salt: Vec<u8>,
    /// Digest of its plaintext.
    pub(crate) plaintext: Digest,
    /// Bytes of its plaintext.
    pub(crate) length: u64,
    /// Its report, or why it does not decode.
    pub(crate) hashed: Result<Hashed, Malformed>,
}

/// Where long payloads stand for whoever reads them off the writer's thread.
pub trait Shelf: Send + Sync {
    /// The bytes of these parts from `base` on, so many, which are read when they are asked for.
    fn apart(&self, parts: Parts, base: u64, length: u64) -> Apart;

    /// What these parts were found to come to, while that is remembered: only what opened its commitment, for other bytes
    /// may come in its place.
    fn known(&self, parts: Parts) -> Option<Arc<HashedPayload>>;

    /// Remembers it.
    fn keep(&self, parts: Parts, found: Arc<HashedPayload>);
}

/// A shelf over a reader of its own.
pub struct Shelved<R> {
    reader: Arc<Mutex<R>>,
    known: Mutex<VecDeque<(Parts, Arc<HashedPayload>)>>,
}

impl<R: Reader + Send + 'static> Shelved<R> {
    /// Over this reader.
    pub fn new(reader: R) -> Self {
        Self { reader: Arc::new(Mutex::new(reader)), known: Mutex::default() }
    }
}

impl<R: Reader + Send + 'static> Shelf for Shelved<R> {
    fn apart(&self, parts: Parts, base: u64, length: u64) -> Apart {
        Arc::new(Standing { reader: self.reader.clone(), parts, base, length, last: Mutex::default() })
    }

    fn known(&self, parts: Parts) -> Option<Arc<HashedPayload>> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.iter().find(|(one, _)| *one == parts).map(|(_, found)| found.clone())
    }

    fn keep(&self, parts: Parts, found: Arc<HashedPayload>) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.retain(|(one, _)| *one != parts);
        known.push_back((parts, found));
        if known.len() > MAX_KNOWN {
            known.pop_front();
        }
    }
}

/// Attachments that stand in the store.
struct Standing<R> {
    reader: Arc<Mutex<R>>,
    parts: Parts,
    base: u64,
    length: u64,
    /// The part that was read last, and where it begins.
    last: Mutex<Option<(u64, Vec<u8>)>>,
}

impl<R: Reader + Send> Standing<R> {
    /// The rest of the part in which byte `at` stands, as far as it fits.
    fn some(&self, at: u64, into: &mut [u8]) -> Result<usize, Unread> {
        let size = u64::try_from(self.parts.size()).map_err(|_| Unread)?;
        let (begin, within) = (at - at % size, usize::try_from(at % size).map_err(|_| Unread)?);
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if last.as_ref().is_none_or(|(known, _)| *known != begin) {
            let reader = self.reader.lock().unwrap_or_else(PoisonError::into_inner);
            let part = self.parts.read(&*reader, begin).map_err(|_| Unread)?.ok_or(Unread)?;
            *last = Some((begin, part));
        }
        let part = last.as_ref().and_then(|(_, part)| part.get(within..)).unwrap_or_default();
        let count = part.len().min(into.len());
        let (now, _) = into.split_at_mut_checked(count).ok_or(Unread)?;
        now.copy_from_slice(part.get(..count).ok_or(Unread)?);
        if count == 0 { Err(Unread) } else { Ok(count) }
    }
}

impl<R: Reader + Send> Bytes for Standing<R> {
    fn length(&self) -> u64 {
        self.length
    }

    fn read_at(&self, offset: u64, into: &mut [u8]) -> Result<(), Unread> {
        let count = u64::try_from(into.len()).map_err(|_| Unread)?;
        if offset.checked_add(count).is_none_or(|end| end > self.length) {
            return Err(Unread);
        }
        let (mut at, mut rest) = (self.base.checked_add(offset).ok_or(Unread)?, into);
        while !rest.is_empty() {
            let count = self.some(at, rest)?;
            at = at.saturating_add(u64::try_from(count).map_err(|_| Unread)?);
            rest = rest.get_mut(count..).ok_or(Unread)?;
        }
        Ok(())
    }
}

/// Reads and hashes a whole plaintext of ours, or payload of the partner, of so many bytes; `None`: it is not all there.
///
/// # Errors
/// [`StoreError::Fatal`] when the store cannot be read.
pub fn hash(reader: &dyn Reader, parts: Parts, length: u64) -> Result<Option<Arc<HashedPayload>>, StoreError> {
    let (mut hashing, mut salt) = (Hashing::new(), Vec::new());
    let salted = matches!(parts, Parts::Spooled(..));
    let whole = parts.each(reader, length, |part| match part.split_at_checked(SALT) {
        Some((first, rest)) if salted && salt.is_empty() => {
            salt = first.to_vec();
            hashing.push(rest);
        }
        _ => hashing.push(part),
    })?;
    if !whole {
        return Ok(None);
    }
    Ok(Some(Arc::new(HashedPayload { salt, ..HashedPayload::of(hashing) })))
}

impl HashedPayload {
    /// Of a plaintext of which all has come.
    #[must_use]
    pub fn of(hashing: Hashing) -> Self {
        let length = hashing.pushed();
        let (plaintext, hashed) = hashing.finish();
        Self { salt: Vec::new(), plaintext, length, hashed }
    }

    /// Digest and length in bytes of its plaintext.
    #[must_use]
    pub const fn plaintext(&self) -> (&Digest, u64) {
        (&self.plaintext, self.length)
    }

    /// Whether it is what a leaf commits to. LOG-3
    pub(crate) fn opens(&self, origin: Origin, index: u64, commitment: &Digest) -> bool {
        let salt = self.salt.first_chunk();
        salt.is_some_and(|salt| commit(origin, index, salt, self.length, &self.plaintext) == *commitment)
    }

    /// The report, its attachments where they stand.
    ///
    /// # Errors
    /// [`Malformed`] where it does not decode.
    pub fn document(&self, shelf: &dyn Shelf, parts: Parts) -> Result<Document, Malformed> {
        let hashed = self.hashed.as_ref().map_err(|fault| *fault)?;
        if hashed.report().attachment_bytes() == 0 {
            // A long text, and nothing behind it.
            return Document::decode(hashed.head().to_vec());
        }
        Ok(hashed.apart(attachments(shelf, parts, hashed.head().len(), self.length)))
    }
}

/// The attachments of a plaintext of so many bytes, of which so many come before them.
fn attachments(shelf: &dyn Shelf, parts: Parts, head: usize, length: u64) -> Apart {
    let head = u64::try_from(head).unwrap_or(u64::MAX);
    let salt = if matches!(parts, Parts::Spooled(..)) { SALT_BYTES } else { 0 };
    shelf.apart(parts, salt.saturating_add(head), length.saturating_sub(head))
}

/// The report of a payload as its row has it: whole, or where that ends behind the report, its attachments in these parts.
/// The digest is the one that was found when it came.
///
/// # Errors
/// [`Malformed`] where it does not decode.
pub fn document(payload: &[u8], digest: Digest, parts: Parts, shelf: &dyn Shelf) -> Result<Document, Malformed> {
    let plaintext = payload.get(SALT..).unwrap_or_default();
    match length_of_head(plaintext) {
        Some(length) => {
            let apart = attachments(shelf, parts, plaintext.len(), length);
            Document::stored(plaintext.to_vec(), digest, apart)
        }
        None => Document::decode(plaintext.to_vec()),
    }
}

/// Bytes of the whole plaintext, where this is its head alone and there is more.
#[must_use]
pub fn length_of_head(plaintext: &[u8]) -> Option<u64> {
    let attached = Document::decode_head_alone(plaintext)?.attachment_bytes();
    Some(u64::try_from(plaintext.len()).unwrap_or(u64::MAX).saturating_add(attached))
}

/// The report of a payload as its row has it, whatever stands in parts.
#[must_use]
pub fn report_of(payload: &[u8]) -> Option<Report> {
    Document::decode_head(payload.get(SALT..)?).ok().map(|(report, _)| report)
}

/// The payload row of a long one: salt, length and report.
pub(crate) fn row_of(found: &HashedPayload) -> Vec<u8> {
    let head = found.hashed.as_ref().map_or(&[][..], Hashed::head);
    [&salt_of(&found.salt), head].concat()
}
