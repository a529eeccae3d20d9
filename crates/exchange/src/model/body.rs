//! The bulk of a row, encrypted for the disk before the turn that writes it.

use relto_report::{
    crypto::{decrypt, encrypt},
    domain::{Tag, message},
};
use std::{fmt, sync::Arc};
use zeroize::Zeroizing;

/// A row key is used once, so its one nonce may be constant.
const ONCE: [u8; 12] = [0; 12];
/// Every body is bound to its place by its key, which the store wraps for that place.
const BODY: &[u8] = b"body";

/// Bytes as they are, and as they stand on the disk. Making one takes time in proportion to its size; writing one does
/// not encrypt it again.
#[derive(Clone)]
pub struct Body {
    plain: Arc<Vec<u8>>,
    at_rest: Option<Arc<AtRest>>,
    of_long: bool,
}

/// Ciphertext and the key that opens it. Whoever writes it wraps the key for the row's place.
pub struct AtRest {
    /// Used for this body alone.
    pub key: Zeroizing<[u8; 32]>,
    /// AES-256-GCM, the tag at its end.
    pub text: Vec<u8>,
}

impl Body {
    /// Encrypts `plain` under a fresh `key`.
    #[must_use]
    pub fn new(plain: Vec<u8>, key: [u8; 32]) -> Self {
        let key = Zeroizing::new(key);
        let text = encrypt(&key, ONCE, &message(Tag::Row, BODY), plain.clone());
        Self { plain: Arc::new(plain), at_rest: text.map(|text| Arc::new(AtRest { key, text })), of_long: false }
    }

    /// The same as one of many parts of a long payload, which a store keeps one behind the other.
    #[must_use]
    pub fn of_long(self) -> Self {
        Self { of_long: true, ..self }
    }

    /// Whether it is one.
    #[must_use]
    pub const fn is_of_long(&self) -> bool {
        self.of_long
    }

    /// Opens what [`Body::new`] made; `None` when a byte of it differs.
    #[must_use]
    pub fn open(text: Vec<u8>, key: &[u8; 32]) -> Option<Vec<u8>> {
        decrypt(key, ONCE, &message(Tag::Row, BODY), text)
    }

    /// The bytes.
    #[must_use]
    pub const fn plain(&self) -> &Arc<Vec<u8>> {
        &self.plain
    }

    /// As it stands on the disk; `None` where it is longer than the cipher takes.
    #[must_use]
    pub fn at_rest(&self) -> Option<&AtRest> {
        self.at_rest.as_deref()
    }

    /// How many bytes.
    #[must_use]
    pub fn length(&self) -> u64 {
        u64::try_from(self.plain.len()).unwrap_or(u64::MAX)
    }
}

impl PartialEq for Body {
    fn eq(&self, other: &Self) -> bool {
        self.plain == other.plain
    }
}

impl fmt::Debug for Body {
    /// Says how long it is and nothing of what it says.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Body({} bytes)", self.plain.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_opens_whole_and_with_its_own_key_only() {
        let body = Body::new(b"text".to_vec(), [7; 32]);
        let at_rest = body.at_rest().unwrap();
        assert_eq!(Body::open(at_rest.text.clone(), &at_rest.key), Some(b"text".to_vec()));
        assert_eq!(Body::open(at_rest.text.clone(), &[8; 32]), None);
        for at in 0..at_rest.text.len() {
            let mut changed = at_rest.text.clone();
            changed[at] ^= 1;
            assert_eq!(Body::open(changed, &at_rest.key), None, "byte {at}");
        }
        assert_eq!(format!("{body:?}"), "Body(4 bytes)");
    }
}
