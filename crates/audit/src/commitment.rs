//! Salted commitments: what a leaf says of a payload or of a private detail without saying anything about it.
//!
//! `inner = H(Inner, salt32, length, H(Plaintext, plaintext))` and the leaf holds `H(Leaf, origin, index, inner)`.
//! The salt travels with the payload and is erased with it; from then on the commitment is unguessable.

use crate::origin::Origin;
use relto_report::{
    digest::Digest,
    domain::{Tag, hash},
};

/// Bytes of the salt in front of every payload.
pub const SALT: usize = 32;
/// The same, beside lengths of payloads.
pub const SALT_BYTES: u64 = SALT as u64;

/// The digest of a payload's plaintext, hashed once a node: authors sign over it, commitments are over it.
#[must_use]
pub fn plaintext_digest(plaintext: &[u8]) -> Digest {
    hash(Tag::Plaintext, &[plaintext])
}

/// The commitment of the leaf at `index` of `origin` to a plaintext of `length` bytes with this digest.
#[must_use]
pub fn commit(origin: Origin, index: u64, salt: &[u8; SALT], length: u64, plaintext: &Digest) -> Digest {
    let inner = hash(Tag::Inner, &[salt, &length.to_le_bytes(), plaintext.as_bytes()]);
    hash(Tag::Leaf, &[origin.as_bytes(), &index.to_le_bytes(), inner.as_bytes()])
}

/// Whether `payload` (salt, then plaintext) is what the leaf at `index` of `origin` commits to. LOG-3
#[must_use]
pub fn opens(origin: Origin, index: u64, commitment: &Digest, payload: &[u8]) -> bool {
    payload.get(SALT..).is_some_and(|text| opens_as(origin, index, commitment, payload, &plaintext_digest(text)))
}

/// The same, where the digest of the payload's plaintext is at hand.
#[must_use]
pub fn opens_as(origin: Origin, index: u64, commitment: &Digest, payload: &[u8], plaintext: &Digest) -> bool {
    let Some((salt, text)) = payload.split_first_chunk::<SALT>() else { return false };
    let length = u64::try_from(text.len()).unwrap_or(u64::MAX);
    commit(origin, index, salt, length, plaintext) == *commitment
}

/// A detail commitment: `detail` is opened only to one's own auditor.
#[must_use]
pub fn commit_detail(origin: Origin, index: u64, salt: &[u8; SALT], detail: &[u8]) -> Digest {
    hash(Tag::Detail, &[salt, origin.as_bytes(), &index.to_le_bytes(), detail])
}

/// An Anchor's commitment to the head of the national journal.
#[must_use]
pub fn commit_anchor(salt: &[u8; SALT], journal: Origin, size: u64, root: &Digest) -> Digest {
    hash(Tag::Anchor, &[salt, journal.as_bytes(), &size.to_le_bytes(), root.as_bytes()])
}

#[cfg(test)]
mod tests {
    use super::*;
    use relto_report::nation::Nation;

    #[test]
    fn log_3_a_commitment_opens_only_in_its_place() {
        let origin = Origin::new("A-1", Nation::parse("XAA").unwrap(), 0);
        let other = Origin::new("A-1", Nation::parse("XBB").unwrap(), 0);
        let payload = [&[7_u8; 32][..], b"text"].concat();
        let commitment = commit(origin, 5, &[7; 32], 4, &plaintext_digest(b"text"));
        assert!(opens(origin, 5, &commitment, &payload));
        assert!(!opens(origin, 6, &commitment, &payload));
        assert!(!opens(other, 5, &commitment, &payload));
        assert!(!opens(origin, 5, &commitment, &payload[..35]));
        assert!(!opens(origin, 5, &commitment, b"short"));
        for at in 0..payload.len() {
            let mut changed = payload.clone();
            changed[at] ^= 1;
            assert!(!opens(origin, 5, &commitment, &changed), "byte {at}");
        }
    }
}
