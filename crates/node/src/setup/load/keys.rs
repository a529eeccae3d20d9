//! The seal keys of a nation.

use relto_audit::origin::Origin;
use relto_exchange::{seal::SealKeys, wire::hello::Proof};
use relto_report::crypto::{PublicKey, Signer, SoftwareKey};
use std::collections::BTreeMap;
use tokio::sync::oneshot;

/// The nation's key signs the journal and every log that has no key of its own; an exercise's log has one. API-30
pub(crate) struct NationKeys {
    nation: SoftwareKey,
    own: BTreeMap<Origin, SoftwareKey>,
}

impl NationKeys {
    /// The nation's key, and those of single logs.
    #[must_use]
    pub(crate) const fn new(nation: SoftwareKey, own: BTreeMap<Origin, SoftwareKey>) -> Self {
        Self { nation, own }
    }

    /// A signature by each of these keys, each key once; `None` where one is not here or does not answer.
    fn prove(&self, message: &[u8], keys: &[PublicKey]) -> Option<Vec<Proof>> {
        let mut proofs: Vec<Proof> = Vec::new();
        for key in keys {
            if proofs.iter().any(|proof| proof.key == *key) {
                continue;
            }
            let signer = self.own.values().chain([&self.nation]).find(|one| one.public_key() == *key)?;
            proofs.push(Proof { key: *key, signature: signer.sign(message).ok()? });
        }
        Some(proofs)
    }

    /// Answers, or says why no session can begin.
    pub(crate) fn answer(&self, message: &[u8], keys: &[PublicKey], reply: oneshot::Sender<Vec<Proof>>) {
        match self.prove(message, keys) {
            // Who asked may be gone by now.
            Some(proofs) => drop(reply.send(proofs)),
            None => tracing::error!("a seal key does not answer: no session can begin"),
        }
    }
}

impl SealKeys for NationKeys {
    fn key_of(&self, log: Origin) -> Option<&dyn Signer> {
        Some(self.own.get(&log).unwrap_or(&self.nation))
    }
}
