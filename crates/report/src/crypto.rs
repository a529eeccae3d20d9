//! Every cryptographic primitive of the program, in one place, so that the provider is one module's work to replace.
//!
//! SHA-256 (FIPS 180-4), Ed25519 (RFC 8032) and AES-256-GCM (SP 800-38D), all from the crate that `primitives` names.
//! TLS takes its own from rustls' provider object in `host`. No randomness is drawn here: nonces and seeds are arguments.

use crate::{
    digest::Digest,
    primitives::{aead, digest as hashing, signature},
};
use serde::{Deserialize, Serialize};
use std::fmt;
use zeroize::Zeroizing;

/// SHA-256 over the parts, one after the other.
#[must_use]
pub fn sha256(parts: &[&[u8]]) -> Digest {
    let mut context = Sha256::new();
    parts.iter().for_each(|part| context.update(part));
    context.finish()
}

/// SHA-256 over bytes that come piece by piece.
#[derive(Clone)]
pub struct Sha256(hashing::Context);

impl Sha256 {
    /// Over no bytes yet.
    #[must_use]
    pub fn new() -> Self {
        Self(hashing::Context::new(&hashing::SHA256))
    }

    /// Takes the next bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// The digest of all bytes that were taken.
    #[must_use]
    pub fn finish(self) -> Digest {
        let mut out = [0_u8; 32];
        for (to, from) in out.iter_mut().zip(self.0.finish().as_ref()) {
            *to = *from;
        }
        Digest::from_bytes(out)
    }
}

impl Default for Sha256 {
    fn default() -> Self {
        Self::new()
    }
}

/// An Ed25519 public key. Written `ed25519:` and 64 hexadecimal digits in every file.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct PublicKey([u8; 32]);

impl PublicKey {
    /// The key of these 32 bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The 32 bytes of the key.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Reads `ed25519:` and 64 lower-case hexadecimal digits.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Digest::parse_hex(text.strip_prefix("ed25519:")?).map(|digest| Self(*digest.as_bytes()))
    }

    /// Whether `signature` is this key's signature over `message`.
    #[must_use]
    pub fn verify(&self, message: &[u8], signature: &Signature) -> bool {
        self.is_canonical()
            && signature::UnparsedPublicKey::new(&signature::ED25519, &self.0).verify(message, &signature.0).is_ok()
    }

    /// Whether this is the one form of its point that RFC 8032 section 5.1.3 takes. Providers differ on the others, which
    /// nobody has who made his key: y of p and more, and a sign where x is 0.
    fn is_canonical(&self) -> bool {
        let [first, middle @ .., last] = &self.0;
        let (high, signed) = (last & 0x7f, last & 0x80 != 0);
        let near_p = high == 0x7f && middle.iter().all(|byte| *byte == 0xff);
        let is_one = high == 0 && *first == 1 && middle.iter().all(|byte| *byte == 0);
        let not_reduced = near_p && *first >= 0xed;
        let x_is_zero = is_one || (near_p && *first == 0xec);
        !(not_reduced || (signed && x_is_zero))
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ed25519:{}", hex::encode(self.0))
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// An Ed25519 signature.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Signature([u8; 64]);

impl Signature {
    /// The signature of these bytes; `None` unless there are 64.
    #[must_use]
    pub fn from_slice(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    /// The 64 bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 64] {
        &self.0
    }
}

impl fmt::Debug for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "signature:{}", hex::encode(self.0))
    }
}

impl Serialize for Signature {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serde_bytes::serialize(&self.0, serializer)
    }
}

impl<'de> Deserialize<'de> for Signature {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let bytes: Vec<u8> = serde_bytes::deserialize(deserializer)?;
        Self::from_slice(&bytes).ok_or_else(|| serde::de::Error::custom("a signature has 64 bytes"))
    }
}

/// The key could not sign now: the token is away, the process that holds it is down. Nothing is lost by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the signing key does not answer")]
pub struct SignerDown;

/// Whatever holds a private key: a file, a systemd credential, a PKCS#11 token. Blocking on purpose.
pub trait Signer: Send + Sync {
    /// The public half.
    fn public_key(&self) -> PublicKey;

    /// Signs the message.
    ///
    /// # Errors
    /// [`SignerDown`] when the key does not answer.
    fn sign(&self, message: &[u8]) -> Result<Signature, SignerDown>;
}

/// A private key held in this process.
pub struct SoftwareKey {
    pair: signature::Ed25519KeyPair,
    public: PublicKey,
}

impl SoftwareKey {
    /// The key of a 32-byte seed.
    #[must_use]
    pub fn from_seed(seed: &Zeroizing<[u8; 32]>) -> Option<Self> {
        signature::Ed25519KeyPair::from_seed_unchecked(&seed[..]).ok().and_then(Self::of)
    }

    /// The key of a PKCS#8 document, version 1 (as OpenSSL writes it) or 2.
    #[must_use]
    pub fn from_pkcs8(der: &[u8]) -> Option<Self> {
        signature::Ed25519KeyPair::from_pkcs8_maybe_unchecked(der).ok().and_then(Self::of)
    }

    fn of(pair: signature::Ed25519KeyPair) -> Option<Self> {
        use signature::KeyPair as _;
        let public = PublicKey(pair.public_key().as_ref().try_into().ok()?);
        Some(Self { pair, public })
    }
}

impl Signer for SoftwareKey {
    fn public_key(&self) -> PublicKey {
        self.public
    }

    fn sign(&self, message: &[u8]) -> Result<Signature, SignerDown> {
        Signature::from_slice(self.pair.sign(message).as_ref()).ok_or(SignerDown)
    }
}

impl fmt::Debug for SoftwareKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SoftwareKey({})", self.public)
    }
}

/// Encrypts under AES-256-GCM; the tag is appended. A key and nonce pair must never be used twice.
#[must_use]
pub fn encrypt(key: &[u8; 32], nonce: [u8; 12], associated: &[u8], mut plaintext: Vec<u8>) -> Option<Vec<u8>> {
    let key = aead::LessSafeKey::new(aead::UnboundKey::new(&aead::AES_256_GCM, key).ok()?);
    let nonce = aead::Nonce::assume_unique_for_key(nonce);
    key.seal_in_place_append_tag(nonce, aead::Aad::from(associated), &mut plaintext).ok()?;
    Some(plaintext)
}

/// Decrypts what [`encrypt`] made; `None` when a byte of it, of the nonce or of the associated data differs.
#[must_use]
pub fn decrypt(key: &[u8; 32], nonce: [u8; 12], associated: &[u8], mut ciphertext: Vec<u8>) -> Option<Vec<u8>> {
    let key = aead::LessSafeKey::new(aead::UnboundKey::new(&aead::AES_256_GCM, key).ok()?);
    let nonce = aead::Nonce::assume_unique_for_key(nonce);
    let length = key.open_in_place(nonce, aead::Aad::from(associated), &mut ciphertext).ok()?.len();
    ciphertext.truncate(length);
    Some(ciphertext)
}

#[cfg(test)]
mod tests;
