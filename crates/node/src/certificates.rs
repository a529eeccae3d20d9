//! What is known of certificates beside the files: those that were accepted, and what was told of their ends.

use crate::sync::lock;
use relto_host::tls::{
    expiry::{Expiry, Kind, Warning, Warnings},
    identity::Identity,
    session::Established,
};
use std::{collections::BTreeMap, sync::Mutex};

/// What is known of certificates beside the files.
#[derive(Default)]
pub(crate) struct Certificates {
    warnings: Mutex<Warnings>,
    seen: Mutex<BTreeMap<Identity, Expiry>>,
}

impl Certificates {
    /// Takes note of a certificate that was accepted, of a partner's node or a person of ours: both are in node.toml, so
    /// there are not more of them than there.
    pub(crate) fn saw(&self, peer: &Established) {
        let expiry = Expiry {
            kind: Kind::Certificate,
            nation: peer.identity.nation,
            who: Some(peer.identity.clone()),
            digest: peer.certificate,
            not_after_ms: peer.not_after_ms,
        };
        lock(&self.seen).insert(peer.identity.clone(), expiry);
    }

    /// The ends of those that were accepted.
    pub(crate) fn seen(&self) -> Vec<Expiry> {
        lock(&self.seen).values().cloned().collect()
    }

    /// What is to be told of these ends now.
    pub(crate) fn due(&self, expiries: &[Expiry], now_ms: u64) -> Vec<Warning> {
        lock(&self.warnings).due(expiries, now_ms)
    }
}
