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
/// Payloads that are hashed while they come. What is forgotten is hashed from its beginning.
const MAX_AHEAD: usize = 8;

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

    /// What is hashed of these parts, where that was of this try, which is then forgotten here.
    fn take_ahead(&self, parts: Parts, tries: u8) -> Option<Ahead>;

    /// Remembers what is hashed of parts of which more come.
    fn keep_ahead(&self, parts: Parts, ahead: Ahead);
}

/// A payload of the partner that is hashed while its pieces come.
pub struct Ahead {
    /// Which try: with the next one other bytes come in the place of these.
    tries: u8,
    salt: Vec<u8>,
    hashing: Hashing,
}

impl Ahead {
    /// Nothing of this try is hashed.
    pub(crate) fn new(tries: u8) -> Self {
        Self { tries, salt: Vec::new(), hashing: Hashing::new() }
    }

    /// Bytes that are hashed, salt and all.
    fn hashed(&self) -> u64 {
        self.hashing.pushed().saturating_add(u64::try_from(self.salt.len()).unwrap_or(u64::MAX))
    }

    /// Hashes what there is of these parts up to here; `false`: it is not all there.
    ///
    /// # Errors
    /// [`StoreError::Fatal`] when the store cannot be read.
    pub(crate) fn go_on(&mut self, reader: &dyn Reader, parts: Parts, to: u64) -> Result<bool, StoreError> {
        let salted = matches!(parts, Parts::Spooled(..));
        parts.each(reader, self.hashed()..to, |part| match part.split_at_checked(SALT) {
            Some((first, rest)) if salted && self.salt.is_empty() => {
                self.salt = first.to_vec();
                self.hashing.push(rest);
            }
            _ => self.hashing.push(part),
        })
    }

    /// Hashes the rest of so many bytes; `None`: they are not all there.
    ///
    /// # Errors
    /// As [`Self::go_on`].
    pub(crate) fn finish(
        mut self,
        reader: &dyn Reader,
        parts: Parts,
        length: u64,
    ) -> Result<Option<Arc<HashedPayload>>, StoreError> {
        let whole = self.go_on(reader, parts, length)?;
        let (salt, hashing) = (self.salt, self.hashing);
        Ok(whole.then(|| Arc::new(HashedPayload { salt, ..HashedPayload::of(hashing) })))
    }
}

/// A shelf over a reader of its own.
pub struct Shelved<R> {
    reader: Arc<Mutex<R>>,
    known: Mutex<VecDeque<(Parts, Arc<HashedPayload>)>>,
    ahead: Mutex<VecDeque<(Parts, Ahead)>>,
}

impl<R: Reader + Send + 'static> Shelved<R> {
    /// Over this reader.
    pub fn new(reader: R) -> Self {
        Self { reader: Arc::new(Mutex::new(reader)), known: Mutex::default(), ahead: Mutex::default() }
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

    fn take_ahead(&self, parts: Parts, tries: u8) -> Option<Ahead> {
        let mut all = self.ahead.lock().unwrap_or_else(PoisonError::into_inner);
        let at = all.iter().position(|(one, _)| *one == parts)?;
        all.remove(at).map(|(_, ahead)| ahead).filter(|ahead| ahead.tries == tries)
    }

    fn keep_ahead(&self, parts: Parts, ahead: Ahead) {
        let mut all = self.ahead.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|(one, _)| *one != parts);
        all.push_back((parts, ahead));
        if all.len() > MAX_AHEAD {
            all.pop_front();
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
    Ahead::new(0).finish(reader, parts, length)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::store::{Key, Row};
    use relto_report::nation::Nation;

    const LONG: u64 = 5 * 65_536 + 7;

    /// The pieces of one payload, each byte of them the same, as far as they have come.
    #[derive(Clone, Copy)]
    struct Pieces {
        byte: u8,
        come: u64,
    }

    impl Reader for Pieces {
        fn get(&self, keys: &[Key]) -> Result<Vec<Option<Row>>, StoreError> {
            let of = |key: &Key| {
                let Key::Spool(_, _, offset) = key else { panic!("{key:?}") };
                let count = self.come.saturating_sub(*offset).min(65_536);
                (count > 0).then(|| Row::Bytes(vec![self.byte; usize::try_from(count).unwrap()]))
            };
            Ok(keys.iter().map(of).collect())
        }

        fn scan(&self, _: &Key, _: &Key, _: usize) -> Result<Vec<(Key, Row)>, StoreError> {
            panic!("pieces are read one by one")
        }
    }

    fn digest(found: Option<Arc<HashedPayload>>) -> (Vec<u8>, Digest, u64) {
        let found = found.unwrap();
        (found.salt.clone(), found.plaintext, found.length)
    }

    #[test]
    fn flw_31_a_payload_hashed_while_it_comes_is_the_same_and_never_of_another_try() {
        let parts = Parts::Spooled(Origin::new("XAA-XBB-2026-01", Nation::parse("XBB").unwrap(), 0), 7);
        let pieces = |byte, come| Pieces { byte, come };
        let whole = |byte| digest(hash(&pieces(byte, LONG), parts, LONG).unwrap());
        let shelf = Shelved::new(pieces(0, 0));
        for come in [65_536, 65_536, 4 * 65_536] {
            let mut ahead = shelf.take_ahead(parts, 0).unwrap_or_else(|| Ahead::new(0));
            assert!(ahead.go_on(&pieces(1, come), parts, come).unwrap());
            assert_eq!(ahead.hashed(), come);
            shelf.keep_ahead(parts, ahead);
        }
        // What was hashed is not read again.
        let mut rest = shelf.take_ahead(parts, 0).unwrap();
        let taken = shelf.take_ahead(parts, 0).is_none();
        assert!(taken, "whoever takes it is the only one who has it");
        assert!(!rest.go_on(&pieces(1, 4 * 65_536), parts, LONG).unwrap(), "not all there");
        assert_eq!(digest(rest.finish(&pieces(1, LONG), parts, LONG).unwrap()), whole(1));
        // Thrown away: the next try begins anew.
        let mut ahead = Ahead::new(0);
        assert!(ahead.go_on(&pieces(2, 65_536), parts, 65_536).unwrap());
        shelf.keep_ahead(parts, ahead);
        assert!(shelf.take_ahead(parts, 1).is_none() && shelf.take_ahead(parts, 0).is_none());
        assert_ne!(whole(1), whole(2));
        for n in 0..3 * MAX_AHEAD as u64 {
            shelf.keep_ahead(
                Parts::Spooled(Origin::new("XAA-XBB-2026-01", Nation::parse("XBB").unwrap(), 0), n),
                Ahead::new(0),
            );
        }
        assert_eq!(shelf.ahead.lock().unwrap().len(), MAX_AHEAD);
    }
}
