//! A seal key that counts.

use crate::fixture::{Side, key, seal_key_name};
use relto_audit::origin::Origin;
use relto_exchange::seal::SealKeys;
use relto_report::crypto::{PublicKey, Signature, Signer, SignerDown, SoftwareKey};
use std::sync::atomic::{AtomicU64, Ordering};

/// A nation's seal key that counts what it signs.
pub struct SealKey {
    key: SoftwareKey,
    signed: AtomicU64,
}

impl SealKey {
    /// The seal key of a side.
    #[must_use]
    pub fn of(side: Side) -> Self {
        Self { key: key(&seal_key_name(side)), signed: AtomicU64::new(0) }
    }

    /// Signatures made.
    #[must_use]
    pub fn signed(&self) -> u64 {
        self.signed.load(Ordering::Relaxed)
    }
}

impl Signer for SealKey {
    fn public_key(&self) -> PublicKey {
        self.key.public_key()
    }

    fn sign(&self, message: &[u8]) -> Result<Signature, SignerDown> {
        self.signed.fetch_add(1, Ordering::Relaxed);
        self.key.sign(message)
    }
}

impl SealKeys for SealKey {
    fn key_of(&self, _: Origin) -> Option<&dyn Signer> {
        Some(self)
    }
}
