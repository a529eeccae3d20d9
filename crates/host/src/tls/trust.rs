//! What is trusted for one nation: its TLS roots, each with its current CRL. Everything is checked when it is loaded,
//! and the clock's part of it again in each handshake.
//!
//! A root is the authority that issues the nation's node or person certificates directly. Certificates that a peer
//! sends behind its own are not looked at, so nobody below a root can be made an authority for a link. Path
//! validation, signatures and revocation are webpki's; the checks here are those that it leaves out (a trust anchor
//! there is a name and a key, so it would take an expired root, one that is no authority, or none of the CRLs).

use super::{
    claim::{self, Claim},
    expiry::{Expiry, Kind},
    extension,
    fault::{At, CrlFault, LeafFault, RootFault, TrustFault},
    identity::{Identity, Usage},
    memory::{CrlMark, CrlMemory},
    primitives,
    provider::ALGORITHMS,
};
use relto_report::{crypto::sha256, digest::Digest, nation::Nation};
use rustls::pki_types::{
    CertificateDer, CertificateRevocationListDer, SignatureVerificationAlgorithm, TrustAnchor, UnixTime,
};
use std::{ops::Range, slice, time::Duration};
use webpki::{
    CertRevocationList, EndEntityCert, ExpirationPolicy, KeyUsage, OwnedCertRevocationList, RevocationCheckDepth,
    RevocationOptionsBuilder, UnknownStatusPolicy,
};
use x509_parser::{
    certificate::X509Certificate,
    oid_registry::{OID_SIG_ECDSA_WITH_SHA384, OID_SIG_ED25519},
    prelude::{FromDer as _, X509Version},
    revocation_list::CertificateRevocationList,
};

/// How far a CRL's thisUpdate may lie ahead of this machine's clock, in seconds.
pub const CRL_CLOCK_SKEW: i64 = 300;

/// The roots and CRLs of one nation. LNK-8
#[derive(Debug)]
pub struct NationTrust {
    nation: Nation,
    roots: Vec<Root>,
}

#[derive(Debug)]
struct Root {
    digest: Digest,
    subject: Vec<u8>,
    key: Vec<u8>,
    not_before: i64,
    not_after: i64,
    anchor: TrustAnchor<'static>,
    crl: CertRevocationList<'static>,
    list: Digest,
    next_update: i64,
}

/// A certificate that its nation's root bears out, and that is not revoked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Vetted {
    /// Whose it is: proven.
    pub identity: Identity,
    /// SHA-256 of the certificate.
    pub certificate: Digest,
    /// SHA-256 of the root's certificate, as an agreement names it in `tls_roots`.
    pub root: Digest,
    /// End of the certificate's validity, milliseconds since 1970.
    pub not_after_ms: u64,
    /// From when it was judged to the first moment, milliseconds since 1970, at which a date of the certificate, its root
    /// or its list can change the answer; under the same trust there is none between.
    pub holds: Range<u64>,
}

impl NationTrust {
    /// Checks roots and CRLs, at the time `now_ms` in milliseconds since 1970, and takes note of the CRLs in
    /// `memory`; write that to disk before the trust is used.
    ///
    /// # Errors
    /// [`TrustFault`] when there is no root; a root is no authority, may not sign certificates and CRLs, is not valid
    /// now, has the name of another or has no CRL; a CRL is not one of these roots', not signed by it, without number
    /// or nextUpdate, not current, a second one, or older than one that was used before. `memory` is then unchanged.
    pub fn load(
        nation: Nation,
        roots: &[CertificateDer<'_>],
        crls: &[CertificateRevocationListDer<'_>],
        memory: &mut CrlMemory,
        now_ms: u64,
    ) -> Result<Self, TrustFault> {
        let now = i64::try_from(now_ms / 1000).unwrap_or(i64::MAX);
        let mut trial = memory.clone();
        let lists = crls.iter().map(|crl| List::parse(nation, crl)).collect::<Result<Vec<_>, _>>()?;
        let mut loaded: Vec<Root> = Vec::with_capacity(roots.len());
        for der in roots {
            let refuse = |fault| TrustFault::Root { nation, root: sha256(&[der]), fault };
            let parsed = claim::parse(der).ok_or_else(|| refuse(RootFault::Unreadable))?;
            check_root(&parsed, now).map_err(refuse)?;
            let subject = parsed.subject().as_raw();
            if loaded.iter().any(|root| root.subject == subject) {
                return Err(refuse(RootFault::SameName));
            }
            let mut own = lists.iter().filter(|list| list.parsed.issuer().as_raw() == subject);
            let list = own.next().ok_or_else(|| refuse(RootFault::NoCrl))?;
            if let Some(second) = own.next() {
                return Err(second.refuse(nation, CrlFault::Second));
            }
            let crl = list.check(&parsed, &mut trial, now).map_err(|fault| list.refuse(nation, fault))?;
            loaded.push(Root::new(der, &parsed, list, crl).map_err(refuse)?);
        }
        if let Some(foreign) =
            lists.iter().find(|list| !loaded.iter().any(|root| root.subject == list.parsed.issuer().as_raw()))
        {
            return Err(foreign.refuse(nation, CrlFault::Foreign));
        }
        if loaded.is_empty() {
            return Err(TrustFault::NoRoots(nation));
        }
        *memory = trial;
        Ok(Self { nation, roots: loaded })
    }

    /// Whose trust this is.
    #[must_use]
    pub const fn nation(&self) -> Nation {
        self.nation
    }

    /// SHA-256 of each root's certificate.
    pub fn root_digests(&self) -> impl Iterator<Item = Digest> {
        self.roots.iter().map(|root| root.digest)
    }

    /// When each root and each list ends.
    #[must_use]
    pub fn expiries(&self) -> Vec<Expiry> {
        let millis = |seconds: i64| u64::try_from(seconds).unwrap_or(0).saturating_mul(1000);
        let of = |root: &Root| {
            let end = |kind, digest, seconds| Expiry {
                kind,
                nation: self.nation,
                who: None,
                digest,
                not_after_ms: millis(seconds),
            };
            [end(Kind::Root, root.digest, root.not_after), end(Kind::Crl, root.list, root.next_update)]
        };
        self.roots.iter().flat_map(of).collect()
    }

    /// Whether every root and list is in its time now (milliseconds since 1970): what was good when it was loaded may
    /// have run out since.
    ///
    /// # Errors
    /// [`TrustFault`] naming the first root or list that is not.
    pub fn usable_at(&self, now_ms: u64) -> Result<(), TrustFault> {
        let now = i64::try_from(now_ms / 1000).unwrap_or(i64::MAX);
        for root in &self.roots {
            check_validity(root.not_before, root.not_after, now).map_err(|fault| TrustFault::Root {
                nation: self.nation,
                root: root.digest,
                fault,
            })?;
            if root.next_update <= now {
                let fault = CrlFault::Expired(At(root.next_update));
                return Err(TrustFault::Crl { nation: self.nation, crl: root.list, fault });
            }
        }
        Ok(())
    }

    /// Whose key both have, if there is one.
    ///
    /// # Errors
    /// [`TrustFault`] naming the root of `self`.
    pub fn apart_from(&self, other: &Self) -> Result<(), TrustFault> {
        match self.shared_root(other) {
            Some(root) => Err(TrustFault::Root { nation: self.nation, root, fault: RootFault::Shared(other.nation) }),
            None => Ok(()),
        }
    }

    /// The root here whose key is also a root's key there.
    pub(super) fn shared_root(&self, other: &Self) -> Option<Digest> {
        let shared = self.roots.iter().find(|root| other.roots.iter().any(|their| their.key == root.key));
        shared.map(|root| root.digest)
    }

    /// Decides on a certificate whose claim names this nation.
    pub(super) fn vet(&self, leaf: &[u8], claim: Claim, usage: Usage, now: UnixTime) -> Result<Vetted, TrustFault> {
        let refuse = |fault| TrustFault::Leaf { certificate: claim.certificate, fault };
        let nation = claim.identity.nation;
        let root = self.roots.iter().find(|root| root.subject == claim.issuer);
        let root = root.ok_or_else(|| refuse(LeafFault::UnknownIssuer(nation)))?;
        let seconds = i64::try_from(now.as_secs()).unwrap_or(i64::MAX);
        check_validity(root.not_before, root.not_after, seconds).map_err(|fault| TrustFault::Root {
            nation: self.nation,
            root: root.digest,
            fault,
        })?;
        root.verify(leaf, usage, now).map_err(|error| refuse(leaf_fault(&claim.identity, error)))?;
        let millis = |seconds: i64| u64::try_from(seconds).unwrap_or(0).saturating_mul(1000);
        let ends = millis(claim.not_after.min(root.not_after).min(root.next_update));
        Ok(Vetted {
            certificate: claim.certificate,
            root: root.digest,
            not_after_ms: millis(claim.not_after),
            holds: millis(seconds)..ends,
            identity: claim.identity,
        })
    }
}

impl Root {
    fn new(
        der: &CertificateDer<'_>,
        parsed: &X509Certificate<'_>,
        list: &List<'_>,
        crl: CertRevocationList<'static>,
    ) -> Result<Self, RootFault> {
        let next_update = list.parsed.next_update().map_or(i64::MIN, |time| time.timestamp());
        Ok(Self {
            digest: sha256(&[der]),
            subject: parsed.subject().as_raw().to_vec(),
            key: parsed.public_key().raw.to_vec(),
            not_before: parsed.validity().not_before.timestamp(),
            not_after: parsed.validity().not_after.timestamp(),
            anchor: webpki::anchor_from_trusted_cert(der).map_err(RootFault::Path)?.to_owned(),
            crl,
            list: sha256(&[list.der]),
            next_update,
        })
    }

    /// The whole of path validation, for the one path there can be: the certificate, then this root.
    fn verify(&self, leaf: &[u8], usage: Usage, now: UnixTime) -> Result<(), webpki::Error> {
        let der = CertificateDer::from(leaf);
        let crls = [&self.crl];
        let revocation = RevocationOptionsBuilder::new(&crls)
            .map_err(|_| webpki::Error::UnknownRevocationStatus)?
            .with_depth(RevocationCheckDepth::Chain)
            .with_status_policy(UnknownStatusPolicy::Deny)
            .with_expiration_policy(ExpirationPolicy::Enforce)
            .build();
        let usage = match usage {
            Usage::ClientAuth => KeyUsage::client_auth(),
            Usage::ServerAuth => KeyUsage::server_auth(),
        };
        EndEntityCert::try_from(&der)?
            .verify_for_usage(ALGORITHMS.all, slice::from_ref(&self.anchor), &[], now, usage, Some(revocation), None)
            .map(|_| ())
    }
}

/// The time of a handshake or a re-check from milliseconds since 1970.
pub(super) fn unix_time(now_ms: u64) -> UnixTime {
    UnixTime::since_unix_epoch(Duration::from_millis(now_ms))
}

fn check_root(root: &X509Certificate<'_>, now: i64) -> Result<(), RootFault> {
    let unreadable = |_| RootFault::Unreadable;
    if let Some(name) = extension::unused_in_certificate(root.extensions()) {
        return Err(RootFault::CriticalExtension(name));
    }
    if !root.basic_constraints().map_err(unreadable)?.is_some_and(|constraints| constraints.value.ca) {
        return Err(RootFault::NotAuthority);
    }
    let usage = root.key_usage().map_err(unreadable)?;
    if !usage.as_ref().is_some_and(|usage| usage.value.key_cert_sign()) {
        return Err(RootFault::NoCertSign);
    }
    if !usage.is_some_and(|usage| usage.value.crl_sign()) {
        return Err(RootFault::NoCrlSign);
    }
    check_validity(root.validity().not_before.timestamp(), root.validity().not_after.timestamp(), now)
}

fn check_validity(not_before: i64, not_after: i64, now: i64) -> Result<(), RootFault> {
    if now < not_before {
        return Err(RootFault::NotYetValid(At(not_before)));
    }
    if now > not_after {
        return Err(RootFault::Expired(At(not_after)));
    }
    Ok(())
}

/// A CRL as it was read.
struct List<'a> {
    der: &'a [u8],
    parsed: CertificateRevocationList<'a>,
}

impl<'a> List<'a> {
    fn parse(nation: Nation, der: &'a CertificateRevocationListDer<'_>) -> Result<Self, TrustFault> {
        match CertificateRevocationList::from_der(der) {
            Ok(([], parsed)) => Ok(Self { der, parsed }),
            _ => Err(TrustFault::Crl { nation, crl: sha256(&[der]), fault: CrlFault::Unreadable }),
        }
    }

    fn refuse(&self, nation: Nation, fault: CrlFault) -> TrustFault {
        TrustFault::Crl { nation, crl: sha256(&[self.der]), fault }
    }

    fn check(
        &self,
        root: &X509Certificate<'_>,
        memory: &mut CrlMemory,
        now: i64,
    ) -> Result<CertRevocationList<'static>, CrlFault> {
        // What people get wrong has its own fault, before the signature and path validation have theirs for all of it.
        if self.parsed.version() != Some(X509Version::V2) {
            return Err(CrlFault::VersionOne);
        }
        if let Some(name) = extension::unused_in_list(self.parsed.extensions()) {
            return Err(CrlFault::CriticalExtension(name));
        }
        let next_update = self.parsed.next_update().ok_or(CrlFault::NoNextUpdate)?.timestamp();
        let number = self.parsed.crl_number().ok_or(CrlFault::NoNumber)?.to_bytes_be();
        let number = CrlMark::number(&number).ok_or(CrlFault::NoNumber)?;
        // Before anything is kept: an unsigned list must not move the memory.
        if !self.is_signed_by(root) {
            return Err(CrlFault::NotSigned);
        }
        let this_update = self.parsed.last_update().timestamp();
        if this_update > now.saturating_add(CRL_CLOCK_SKEW) {
            return Err(CrlFault::FromTheFuture(At(this_update)));
        }
        if next_update <= now {
            return Err(CrlFault::Expired(At(next_update)));
        }
        let crl = OwnedCertRevocationList::from_der(self.der).map_err(CrlFault::Unsupported)?;
        let issuer = sha256(&[root.subject().as_raw(), root.public_key().raw]);
        memory.admit(issuer, CrlMark { number, this_update, crl: sha256(&[self.der]) })?;
        Ok(CertRevocationList::Owned(crl))
    }

    fn is_signed_by(&self, root: &X509Certificate<'_>) -> bool {
        let named = &self.parsed.signature_algorithm.algorithm;
        let algorithm: &dyn SignatureVerificationAlgorithm = if *named == OID_SIG_ED25519 {
            primitives::ED25519
        } else if *named == OID_SIG_ECDSA_WITH_SHA384 {
            primitives::ECDSA_P384_SHA384
        } else {
            return false;
        };
        let key = &root.public_key().subject_public_key.data;
        algorithm.verify_signature(key, self.parsed.tbs_cert_list.as_ref(), &self.parsed.signature_value.data).is_ok()
    }
}

fn leaf_fault(identity: &Identity, error: webpki::Error) -> LeafFault {
    let identity = identity.clone();
    match error {
        webpki::Error::UnknownIssuer => LeafFault::UnknownIssuer(identity.nation),
        webpki::Error::InvalidSignatureForPublicKey => LeafFault::NotSigned(identity.nation),
        webpki::Error::CertExpired { .. } => LeafFault::Expired(identity),
        webpki::Error::CertNotValidYet { .. } => LeafFault::NotYetValid(identity),
        webpki::Error::CertRevoked => LeafFault::Revoked(identity),
        webpki::Error::UnknownRevocationStatus => LeafFault::NotCovered(identity),
        webpki::Error::CrlExpired { .. } => LeafFault::CrlExpired(identity),
        other => LeafFault::Path(identity, other),
    }
}
