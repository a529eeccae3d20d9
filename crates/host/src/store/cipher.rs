//! Rows that hold a report's text or who wrote it, encrypted under a key of their own, which is wrapped under the
//! node's storage key. Erasing the row erases its key.
//!
//! ```text
//! | nonce 12 | wrapped row key 32 + 16 | ciphertext | tag 16 |
//! ```

use relto_exchange::body::{AtRest, Body};
use relto_report::crypto::{decrypt, encrypt};
use zeroize::Zeroizing;

/// Under it the one known text of the storage key itself is sealed, and nothing else.
const ONCE: [u8; 12] = [0; 12];
const NONCE: usize = 12;
const WRAPPED: usize = 48;
const MARK: &[u8] = b"relto/1/storage key";

pub(crate) struct Cipher {
    key: Zeroizing<[u8; 32]>,
}

impl Cipher {
    pub(crate) fn new(key: &Zeroizing<[u8; 32]>) -> Self {
        Self { key: key.clone() }
    }

    /// What tells at start whether the storage key is this store's: a known text, sealed under it.
    pub(crate) fn mark(&self) -> Option<Vec<u8>> {
        encrypt(&self.key, ONCE, MARK, MARK.to_vec())
    }

    pub(crate) fn is_mine(&self, mark: &[u8]) -> bool {
        decrypt(&self.key, ONCE, MARK, mark.to_vec()).is_some_and(|text| text == MARK)
    }

    /// A row as it stands: its key wrapped under the storage key for its place, and its body. `nonce` is fresh.
    pub(crate) fn wrap(&self, associated: &[u8], body: &AtRest, nonce: [u8; NONCE]) -> Option<Vec<u8>> {
        Some([&*self.wrap_key(associated, body, nonce)?, &body.text].concat())
    }

    /// The same without its text, which stands elsewhere.
    pub(crate) fn wrap_key(&self, associated: &[u8], body: &AtRest, nonce: [u8; NONCE]) -> Option<Vec<u8>> {
        let wrapped = encrypt(&self.key, nonce, associated, body.key.to_vec())?;
        Some([&nonce[..], &wrapped].concat())
    }

    pub(crate) fn open(&self, associated: &[u8], sealed: Vec<u8>) -> Option<Vec<u8>> {
        let (nonce, rest) = sealed.split_first_chunk::<NONCE>()?;
        let (wrapped, body) = rest.split_at_checked(WRAPPED)?;
        self.open_text(associated, (nonce, wrapped), body.to_vec())
    }

    /// What [`Self::wrap_key`] wrapped the key of.
    pub(crate) fn open_outside(&self, associated: &[u8], row: &[u8], text: Vec<u8>) -> Option<Vec<u8>> {
        let (nonce, wrapped) = row.split_first_chunk::<NONCE>()?;
        self.open_text(associated, (nonce, wrapped), text)
    }

    fn open_text(&self, associated: &[u8], (nonce, wrapped): (&[u8; NONCE], &[u8]), text: Vec<u8>) -> Option<Vec<u8>> {
        let row_key = Zeroizing::new(decrypt(&self.key, *nonce, associated, wrapped.to_vec())?);
        let row_key: &[u8; 32] = row_key.as_slice().try_into().ok()?;
        Body::open(text, row_key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_opens_only_whole_and_in_its_place() {
        let cipher = Cipher::new(&Zeroizing::new([1; 32]));
        let body = Body::new(b"text".to_vec(), [2; 32]);
        let sealed = cipher.wrap(b"here", body.at_rest().unwrap(), [3; 12]).unwrap();
        assert_eq!(cipher.open(b"here", sealed.clone()), Some(b"text".to_vec()));
        assert_eq!(cipher.open(b"there", sealed.clone()), None);
        // A body of another row under this row's key.
        let other = Body::new(b"more".to_vec(), [4; 32]);
        let other = cipher.wrap(b"there", other.at_rest().unwrap(), [5; 12]).unwrap();
        assert_eq!(cipher.open(b"here", [&sealed[..NONCE + WRAPPED], &other[NONCE + WRAPPED..]].concat()), None);
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert_eq!(cipher.open(b"here", changed), None, "byte {at}");
        }
        assert!(!Cipher::new(&Zeroizing::new([9; 32])).is_mine(&cipher.mark().unwrap()));
    }

    /// Computed by another program: a store that one build wrote, with whichever provider, the other reads.
    #[test]
    fn a_row_and_the_mark_are_the_same_bytes_in_every_build() {
        let cipher = Cipher::new(&Zeroizing::new([1; 32]));
        let row = "030303030303030303030303fa631698fd86356baffee465ce1b26aaba31a34f85cdc0b0ae12bf44a848847194c8483b\
                   c47c555e5556dd632903a4de2e1742baec5ca053f475bbfa15d4dd793c78577c";
        let body = Body::new(b"text".to_vec(), [2; 32]);
        let made = cipher.wrap(b"here", body.at_rest().unwrap(), [3; 12]).unwrap();
        assert_eq!(hex::encode(&made), row);
        assert_eq!(cipher.open(b"here", hex::decode(row).unwrap()), Some(b"text".to_vec()));
        let mark = "cd50f4a81a143290e00dfd371043a461dea3e6005ec3a63e1eeac69850586c4a9234f5";
        assert_eq!(cipher.mark().map(hex::encode), Some(mark.to_owned()));
        assert!(cipher.is_mine(&hex::decode(mark).unwrap()));
    }
}
