//! The two sides' judgement of the other's certificate: read the claim, let it select a nation's trust, and let that
//! trust alone decide. LNK-6, LNK-7
//!
//! No state passes from one to the other: no union of roots, no map by issuer, no server name. [`PerNation`] is the
//! server's, [`PinnedServer`] the client's. A session that is up is judged again with `recheck`, after each reload of
//! CRLs and as time passes, by the verifier of the configuration then in force.

use super::{
    claim::{self, Claim},
    fault::{LeafFault, RootFault, TrustFault},
    identity::{Identity, Role, Usage},
    provider::ALGORITHMS,
    told::Told,
    trust::{NationTrust, Vetted, unix_time},
};
use relto_report::nation::Nation;
use rustls::{
    DigitallySignedStruct, DistinguishedName, Error, PeerIncompatible, SignatureScheme,
    client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    crypto::verify_tls13_signature,
    pki_types::{CertificateDer, ServerName, UnixTime},
    server::danger::{ClientCertVerified, ClientCertVerifier},
};
use std::{collections::BTreeMap, sync::Arc};

/// Judges those who dial in.
#[derive(Debug)]
pub struct PerNation {
    role: Role,
    trusts: BTreeMap<Nation, Arc<NationTrust>>,
    lost: BTreeMap<Nation, Arc<str>>,
}

impl PerNation {
    /// Takes nodes of these nations: for a link.
    ///
    /// # Errors
    /// [`TrustFault`] when there is no nation, one stands twice, or two have a root with the same key.
    pub fn partners(trusts: impl IntoIterator<Item = Arc<NationTrust>>) -> Result<Self, TrustFault> {
        let mut by_nation: BTreeMap<Nation, Arc<NationTrust>> = BTreeMap::new();
        for trust in trusts {
            let nation = trust.nation();
            for (other, held) in &by_nation {
                if *other == nation {
                    return Err(TrustFault::NationTwice(nation));
                }
                if let Some(root) = trust.shared_root(held) {
                    return Err(TrustFault::Root { nation, root, fault: RootFault::Shared(*other) });
                }
            }
            by_nation.insert(nation, trust);
        }
        if by_nation.is_empty() {
            return Err(TrustFault::NoNations);
        }
        Ok(Self { role: Role::Node, trusts: by_nation, lost: BTreeMap::new() })
    }

    /// Takes people of this nation: for the client API of its own node.
    #[must_use]
    pub fn people(own: Arc<NationTrust>) -> Self {
        Self { role: Role::Person, trusts: BTreeMap::from([(own.nation(), own)]), lost: BTreeMap::new() }
    }

    /// Takes those of the nations whose trust can be used, and refuses everybody of the `lost` ones with the reason why
    /// theirs cannot. No nation's loss changes what is decided of another's. LNK-38
    ///
    /// # Errors
    /// [`TrustFault`] where two of the usable ones have a root with the same key.
    pub fn each(
        role: Role,
        usable: impl IntoIterator<Item = Arc<NationTrust>>,
        lost: BTreeMap<Nation, Arc<str>>,
    ) -> Result<Self, TrustFault> {
        let mut trusts: BTreeMap<Nation, Arc<NationTrust>> = BTreeMap::new();
        for trust in usable {
            trusts
                .values()
                .filter(|held| held.nation() != trust.nation())
                .try_for_each(|held| trust.apart_from(held))?;
            trusts.insert(trust.nation(), trust);
        }
        Ok(Self { role, trusts, lost })
    }

    /// Who may dial in.
    #[must_use]
    pub const fn role(&self) -> Role {
        self.role
    }

    /// Of which nations.
    pub fn nations(&self) -> impl Iterator<Item = Nation> {
        self.trusts.keys().chain(self.lost.keys()).copied()
    }

    /// Judges the certificates of a session that is up, as if they were shown now (milliseconds since 1970).
    ///
    /// # Errors
    /// [`TrustFault`] when they would be refused now: end the session.
    pub fn recheck(&self, chain: &[CertificateDer<'_>], now_ms: u64) -> Result<Vetted, TrustFault> {
        self.vet(chain.first().ok_or(TrustFault::NoCertificate)?, unix_time(now_ms))
    }

    fn vet(&self, leaf: &[u8], now: UnixTime) -> Result<Vetted, TrustFault> {
        let claim = claim::read(leaf, Usage::ClientAuth)?;
        if claim.identity.role != self.role {
            return Err(refuse(&claim, LeafFault::WrongRole(claim.identity.clone(), self.role)));
        }
        let nation = claim.identity.nation;
        match self.trusts.get(&nation) {
            Some(trust) => trust.vet(leaf, claim, Usage::ClientAuth, now),
            None => match self.lost.get(&nation) {
                Some(why) => Err(refuse(&claim, LeafFault::Untrusted(nation, Arc::clone(why)))),
                None => Err(refuse(&claim, LeafFault::UnknownNation(nation))),
            },
        }
    }
}

impl ClientCertVerifier for PerNation {
    // Strangers are not told who the partners are.
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    // What stands behind the certificate is not looked at: its root is configured here or it has none.
    fn verify_client_cert(
        &self,
        leaf: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        self.vet(leaf, now).map(|_| ClientCertVerified::assertion()).map_err(logged)
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Err(PeerIncompatible::SupportedVersionsExtensionRequired.into())
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        leaf: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, leaf, signature, &ALGORITHMS)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        ALGORITHMS.supported_schemes()
    }
}

/// Judges the one node that was dialled.
#[derive(Debug)]
pub struct PinnedServer {
    expected: Identity,
    trust: Arc<NationTrust>,
}

impl PinnedServer {
    /// Takes the node of this name of the trust's nation.
    ///
    /// # Errors
    /// [`TrustFault::BadName`] when no node can be called that.
    pub fn new(trust: Arc<NationTrust>, node: &str) -> Result<Self, TrustFault> {
        let expected = Identity::new(trust.nation(), Role::Node, node).ok_or(TrustFault::BadName)?;
        Ok(Self { expected, trust })
    }

    /// Who is expected to answer.
    #[must_use]
    pub const fn expected(&self) -> &Identity {
        &self.expected
    }

    /// Judges the certificates of a session that is up, as if they were shown now (milliseconds since 1970).
    ///
    /// # Errors
    /// [`TrustFault`] when they would be refused now: end the session.
    pub fn recheck(&self, chain: &[CertificateDer<'_>], now_ms: u64) -> Result<Vetted, TrustFault> {
        self.vet(chain.first().ok_or(TrustFault::NoCertificate)?, unix_time(now_ms))
    }

    fn vet(&self, leaf: &[u8], now: UnixTime) -> Result<Vetted, TrustFault> {
        let claim = claim::read(leaf, Usage::ServerAuth)?;
        if claim.identity != self.expected {
            let (expected, found) = (self.expected.clone(), claim.identity.clone());
            return Err(refuse(&claim, LeafFault::NotExpected { expected, found }));
        }
        self.trust.vet(leaf, claim, Usage::ServerAuth, now)
    }
}

impl ServerCertVerifier for PinnedServer {
    // The name dialled is not looked at: the node's own name is pinned, whatever the address.
    fn verify_server_cert(
        &self,
        leaf: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        self.vet(leaf, now).map(|_| ServerCertVerified::assertion()).map_err(logged)
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Err(PeerIncompatible::ServerTlsVersionIsDisabledByOurConfig.into())
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        leaf: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, leaf, signature, &ALGORITHMS)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        ALGORITHMS.supported_schemes()
    }
}

fn refuse(claim: &Claim, fault: LeafFault) -> TrustFault {
    TrustFault::Leaf { certificate: claim.certificate, fault }
}

/// TLS has fewer words than we have reasons, so the reason goes to the log.
fn logged(fault: TrustFault) -> Error {
    static TOLD: Told = Told::new();
    if let Some(not_told) = TOLD.is_new(&fault.to_string(), crate::clock::monotonic_ms()) {
        tracing::warn!(%fault, not_told, "certificate refused");
    }
    fault.into()
}
