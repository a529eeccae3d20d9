//! Digests and signatures: SHA-256 and Ed25519 of ring.

use crate::messages::Report;
use anyhow::{Result, anyhow};
use ring::{
    digest::{Context, SHA256},
    rand::SystemRandom,
    signature::{ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey},
};

/// Bytes of a signature.
pub const SIGNATURE: usize = 64;

/// SHA-256.
pub type Digest = [u8; 32];

/// An Ed25519 public key.
pub type PublicKey = [u8; 32];

/// How nodes sign what goes between them.
#[derive(Clone, Copy, PartialEq, Eq, Debug, clap::ValueEnum)]
pub enum Signatures {
    /// One signature of a batch, one of its receipt
    Batch,
    /// The author's signature of each report is verified again, and each has a signed receipt
    Each,
}

/// What a node's signature of reports is for.
#[derive(Clone, Copy, Debug)]
pub enum Purpose {
    /// They are sent.
    Sent,
    /// They are stored.
    Stored,
}

/// A private key.
pub struct Signer(Ed25519KeyPair);

impl Signer {
    /// A new one, as PKCS#8.
    ///
    /// # Errors
    /// Where the system gives no random bytes.
    pub fn make() -> Result<Vec<u8>> {
        let document = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).map_err(|_| anyhow!("no random bytes"))?;
        Ok(document.as_ref().to_vec())
    }

    /// Reads one.
    ///
    /// # Errors
    /// Where it is none.
    pub fn read(pkcs8: &[u8]) -> Result<Self> {
        Ok(Self(Ed25519KeyPair::from_pkcs8(pkcs8).map_err(|fault| anyhow!("a signing key: {fault}"))?))
    }

    /// Its public half.
    ///
    /// # Errors
    /// Never, for an Ed25519 key.
    pub fn public(&self) -> Result<PublicKey> {
        Ok(self.0.public_key().as_ref().try_into()?)
    }

    /// Signs.
    #[must_use]
    pub fn sign(&self, message: &[u8]) -> [u8; SIGNATURE] {
        let mut out = [0; SIGNATURE];
        for (to, from) in out.iter_mut().zip(self.0.sign(message).as_ref()) {
            *to = *from;
        }
        out
    }
}

/// Whether a signature is the key's.
#[must_use]
pub fn is_signed(key: &PublicKey, message: &[u8], signature: &[u8]) -> bool {
    UnparsedPublicKey::new(&ED25519, key).verify(message, signature).is_ok()
}

/// What an author signs of a report, and what the nodes' signatures hang on.
#[must_use]
pub fn digest(report: &Report) -> Digest {
    let mut context = Context::new(&SHA256);
    context.update(b"relto-peer/report\0");
    context.update(&report.author.to_be_bytes());
    context.update(&report.id);
    context.update(&report.payload);
    finish(context)
}

/// What a node signs of reports with consecutive numbers.
#[must_use]
pub fn statement<'a>(purpose: Purpose, first: u64, digests: impl ExactSizeIterator<Item = &'a Digest>) -> Digest {
    let mut context = Context::new(&SHA256);
    context.update(match purpose {
        Purpose::Sent => b"relto-peer/sent\0\0\0",
        Purpose::Stored => b"relto-peer/stored\0",
    });
    context.update(&first.to_be_bytes());
    context.update(&digests.len().to_be_bytes());
    digests.for_each(|digest| context.update(digest));
    finish(context)
}

fn finish(context: Context) -> Digest {
    let mut out = [0; 32];
    for (to, from) in out.iter_mut().zip(context.finish().as_ref()) {
        *to = *from;
    }
    out
}

/// Whether the signatures of a receipt are the key's: one of all, or one of each.
#[must_use]
pub fn is_receipt(how: Signatures, key: &PublicKey, first: u64, digests: &[Digest], signatures: &[u8]) -> bool {
    match how {
        Signatures::Batch => is_signed(key, &statement(Purpose::Stored, first, digests.iter()), signatures),
        Signatures::Each => {
            let whole = signatures.len() == digests.len() * SIGNATURE;
            let mut each = (first..).zip(digests).zip(signatures.chunks(SIGNATURE));
            whole
                && each.all(|((number, digest), signature)| {
                    is_signed(key, &statement(Purpose::Stored, number, [digest].into_iter()), signature)
                })
        }
    }
}

/// The signatures of a receipt.
#[must_use]
pub fn receipt(how: Signatures, signer: &Signer, first: u64, digests: &[Digest]) -> Vec<u8> {
    match how {
        Signatures::Batch => signer.sign(&statement(Purpose::Stored, first, digests.iter())).to_vec(),
        Signatures::Each => (first..)
            .zip(digests)
            .flat_map(|(number, digest)| signer.sign(&statement(Purpose::Stored, number, [digest].into_iter())))
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_receipt_is_of_its_reports_alone() {
        let signer = Signer::read(&Signer::make().unwrap()).unwrap();
        let key = signer.public().unwrap();
        let digests = [[1; 32], [2; 32], [3; 32]];
        for how in [Signatures::Batch, Signatures::Each] {
            let signatures = receipt(how, &signer, 7, &digests);
            assert!(is_receipt(how, &key, 7, &digests, &signatures));
            assert!(!is_receipt(how, &key, 8, &digests, &signatures), "another number");
            assert!(!is_receipt(how, &key, 7, &digests[..2], &signatures), "fewer");
            assert!(!is_receipt(how, &key, 7, &[[1; 32], [3; 32], [2; 32]], &signatures), "another order");
            assert!(!is_receipt(how, &[9; 32], 7, &digests, &signatures), "another's key");
            let mut broken = signatures.clone();
            broken[5] ^= 1;
            assert!(!is_receipt(how, &key, 7, &digests, &broken), "a broken signature");
        }
    }

    #[test]
    fn sent_is_not_stored() {
        let digests = [[1; 32]];
        assert_ne!(statement(Purpose::Sent, 1, digests.iter()), statement(Purpose::Stored, 1, digests.iter()));
    }
}
