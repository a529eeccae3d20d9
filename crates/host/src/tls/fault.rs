//! Why a certificate, a CRL or a TLS session is refused: what is wrong, with which certificate, and what to do.
//!
//! A certificate is named by the SHA-256 of its DER bytes, as `openssl x509 -fingerprint -sha256` and an agreement's
//! `tls_roots` name it; text out of a certificate is shown only where it has passed as a nation or a name.

pub use super::mark::At;
use super::{
    extension::ExtensionName,
    identity::{Identity, Role, Usage},
    mark::CrlMark,
    words,
};
use crate::keys::KeyFault;
use relto_report::{digest::Digest, nation::Nation};
use rustls::{AlertDescription, CertificateError, OtherError};
use std::{io, path::PathBuf, sync::Arc};

/// Why a certificate is not accepted, or a nation's trust cannot be loaded.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TrustFault {
    /// The certificate that a peer showed.
    #[error("certificate {certificate}: {fault}")]
    Leaf {
        /// SHA-256 of the certificate.
        certificate: Digest,
        /// What is wrong with it.
        fault: LeafFault,
    },
    /// A root of a nation.
    #[error("TLS root {root} of {nation}: {fault}")]
    Root {
        /// Whose root.
        nation: Nation,
        /// SHA-256 of the root's certificate.
        root: Digest,
        /// What is wrong with it.
        fault: RootFault,
    },
    /// A certificate revocation list of a nation.
    #[error("CRL {crl} of {nation}: {fault}")]
    Crl {
        /// Whose list.
        nation: Nation,
        /// SHA-256 of the list.
        crl: Digest,
        /// What is wrong with it.
        fault: CrlFault,
    },
    /// A nation without roots.
    #[error("{0} has no TLS root: configure the root that its agreement names in tls_roots")]
    NoRoots(Nation),
    /// The same nation twice.
    #[error("{0} is configured twice: put all its TLS roots and CRLs in one place")]
    NationTwice(Nation),
    /// No nation at all.
    #[error("no nation is configured whose certificates could be accepted: configure TLS roots and CRLs")]
    NoNations,
    /// A name that no certificate can carry.
    #[error(
        "the expected node name is no name: 1 to 64 of a to z, 0 to 9, dot, hyphen, underscore, first a letter or digit"
    )]
    BadName,
    /// A peer that showed no certificate.
    #[error("the peer showed no certificate: it has to be configured with the one that its nation issued")]
    NoCertificate,
}

/// What is wrong with a certificate of a node or a person.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LeafFault {
    /// Not exactly one well-formed X.509 certificate.
    #[error("does not read as one DER X.509 certificate: have it issued again")]
    Unreadable,
    /// basicConstraints says CA.
    #[error("is a certificate authority's: have one issued for the node or person itself")]
    Authority,
    /// keyUsage is absent or lacks digitalSignature.
    #[error("has no keyUsage digitalSignature: have it issued again by the profile in certs/")]
    NoDigitalSignature,
    /// extendedKeyUsage is absent or lacks this usage; anyExtendedKeyUsage does not do.
    #[error("has no extendedKeyUsage {0}: have it issued again by the profile in certs/")]
    NoUsage(Usage),
    /// Not exactly one URI among its alternative names, or one of another form.
    #[error(
        "has not exactly one SAN URI relto://NATION/node/NAME or relto://NATION/person/ACCOUNT: have it issued again"
    )]
    NoIdentity,
    /// C= (or c3=) is absent, repeated, or names another nation than the URI.
    #[error("claims {0} in its SAN URI, but its subject has not exactly that one C= (or c3=): have it issued again")]
    CountryDiffers(Nation),
    /// A critical extension that is not used here.
    #[error("has the critical extension {0}, which is not used here: have it issued again without it, or not critical")]
    CriticalExtension(ExtensionName),
    /// No trust is configured for the nation.
    #[error("claims {0}, and no TLS root is configured for that nation here")]
    UnknownNation(Nation),
    /// The nation's trust is configured, and cannot be used as it lies there.
    #[error("claims {0}, and nobody of {0} is trusted until its TLS roots and CRLs here can be used: {1}")]
    Untrusted(Nation, Arc<str>),
    /// A person where a node belongs, or the other way round.
    #[error("is that of {0}, and this endpoint takes only a {1}'s")]
    WrongRole(Identity, Role),
    /// The server is another than the one dialled.
    #[error("is that of {found}, where {expected} was expected: see the address that is dialled")]
    NotExpected {
        /// Who was dialled.
        expected: Identity,
        /// Who answered.
        found: Identity,
    },
    /// None of the nation's roots has the issuer's name.
    #[error("claims {0}, but was issued by none of the TLS roots of that nation")]
    UnknownIssuer(Nation),
    /// The root of that name did not sign it.
    #[error("claims {0}, but the TLS root that it names as issuer has not signed it")]
    NotSigned(Nation),
    /// Its validity has ended.
    #[error("of {0} has expired: its nation has to issue a new one")]
    Expired(Identity),
    /// Its validity has not begun.
    #[error("of {0} is not valid yet: see the clocks of both machines")]
    NotYetValid(Identity),
    /// On the CRL of its issuer.
    #[error("of {0} is revoked by its nation")]
    Revoked(Identity),
    /// The CRL does not speak for this certificate.
    #[error("of {0}: the CRL held here does not cover it: configure the complete CRL of its issuer")]
    NotCovered(Identity),
    /// The CRL held here is past its nextUpdate.
    #[error("of {0}: the CRL held here is past its nextUpdate: fetch the new one and reload")]
    CrlExpired(Identity),
    /// Whatever else path validation found.
    #[error("of {0} is not valid: {words}: have it issued again by the profile in certs/", words = words::of_path(.1))]
    Path(Identity, webpki::Error),
}

/// What is wrong with a root.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RootFault {
    /// Not exactly one well-formed X.509 certificate.
    #[error("does not read as one DER X.509 certificate: get the root again from its nation")]
    Unreadable,
    /// basicConstraints is absent or does not say CA.
    #[error("is not a certificate authority (basicConstraints CA): get the issuing authority's certificate")]
    NotAuthority,
    /// keyUsage is absent or lacks keyCertSign.
    #[error("has no keyUsage keyCertSign: get the issuing authority's certificate")]
    NoCertSign,
    /// keyUsage is absent or lacks cRLSign.
    #[error("has no keyUsage cRLSign: its CRLs could not be believed; get the issuing authority's certificate")]
    NoCrlSign,
    /// Its validity has not begun.
    #[error("is not valid before {0}: see the clock of this machine")]
    NotYetValid(At),
    /// Its validity has ended.
    #[error("has expired on {0}: agree on a new root with the nation and configure it")]
    Expired(At),
    /// Another root of the nation has the same subject.
    #[error("has the same subject as another root of the nation: a new root needs a new name, else its CRLs mix")]
    SameName,
    /// Another nation has a root with the same key.
    #[error("has the same key as a root of {0}: one authority must not speak for two nations")]
    Shared(Nation),
    /// A critical extension that is not used here.
    #[error("has the critical extension {0}, which is not used here: get an authority's certificate without it")]
    CriticalExtension(ExtensionName),
    /// Whatever else path validation found.
    #[error("cannot be used: {words}: get the root again from its nation", words = words::of_path(.0))]
    Path(webpki::Error),
    /// No agreement with the nation names it.
    #[error("is not one that agreement {0} names in tls_roots: configure that one, or agree on this one first")]
    NotPinned(String),
    /// No CRL for it.
    #[error("has no CRL: configure one, even if it lists nothing; without it no revocation could be seen")]
    NoCrl,
}

/// What is wrong with a certificate revocation list.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CrlFault {
    /// Not exactly one well-formed X.509 CRL.
    #[error("does not read as one DER X.509 CRL: fetch it again")]
    Unreadable,
    /// Version 1: a list without extensions.
    #[error(
        "is a version 1 list, which has no crlNumber, so a rollback could not be seen: the nation has to issue version 2 \
         lists by the profile in certs/ (with OpenSSL: `crl_extensions` and `crlnumber` in its configuration)"
    )]
    VersionOne,
    /// A critical extension that is not used here.
    #[error("has the critical extension {0}, which is not used here: the nation has to issue the list without it")]
    CriticalExtension(ExtensionName),
    /// A delta or indirect CRL, or one that path validation does not take.
    #[error("is of a kind that is not used here: {words}: configure the complete CRL of the root", words = words::of_path(.0))]
    Unsupported(webpki::Error),
    /// No root of the nation issued it.
    #[error("was issued by no TLS root of the nation: configure the CRL of the root itself")]
    Foreign,
    /// A second list of the same root.
    #[error("is a second CRL of the same root: configure only the newest complete one")]
    Second,
    /// The root's key did not sign it, or signed with an algorithm that is not used here.
    #[error("is not signed by its root with Ed25519 or ECDSA P-384: fetch it again, and if it stays so ask the nation")]
    NotSigned,
    /// No crlNumber of 1 to 20 bytes.
    #[error("has no crlNumber, so a rollback could not be seen: the nation has to issue CRLs by the profile in certs/")]
    NoNumber,
    /// No nextUpdate.
    #[error(
        "has no nextUpdate, so nobody could tell when it has grown old: the nation has to issue CRLs by the profile in \
         certs/ (with OpenSSL: `-crldays` or `default_crl_days`)"
    )]
    NoNextUpdate,
    /// thisUpdate lies ahead of this machine's clock.
    #[error("was issued on {0}, which is still to come: see the clock of this machine")]
    FromTheFuture(At),
    /// nextUpdate has passed.
    #[error("was good until {0}: fetch the new one")]
    Expired(At),
    /// Older than one that has been used here, or another one of the same number.
    #[error(
        "goes back: {held} has been used here, this is {offered}: fetch the newest, and if it stays so ask the nation"
    )]
    RolledBack {
        /// The newest that has been used.
        held: Box<CrlMark>,
        /// The one refused.
        offered: Box<CrlMark>,
    },
}

impl From<TrustFault> for rustls::Error {
    /// The closest that TLS can say; the peer sees only an alert, and where TLS has no word, `certificate_unknown`.
    fn from(fault: TrustFault) -> Self {
        use LeafFault as L;
        let error = match &fault {
            TrustFault::NoCertificate => return Self::NoCertificatesPresented,
            TrustFault::Leaf { fault, .. } => match fault {
                L::Unreadable => Some(CertificateError::BadEncoding),
                L::NoUsage(_) => Some(CertificateError::InvalidPurpose),
                L::UnknownNation(_) | L::UnknownIssuer(_) => Some(CertificateError::UnknownIssuer),
                L::NotSigned(_) => Some(CertificateError::BadSignature),
                L::Expired(_) => Some(CertificateError::Expired),
                L::NotYetValid(_) => Some(CertificateError::NotValidYet),
                L::Revoked(_) => Some(CertificateError::Revoked),
                L::NotCovered(_) => Some(CertificateError::UnknownRevocationStatus),
                L::CrlExpired(_) => Some(CertificateError::ExpiredRevocationList),
                L::CriticalExtension(_) => Some(CertificateError::UnhandledCriticalExtension),
                // The peer is told what it is told of an expired list: the fault is not its certificate's.
                L::Untrusted(..) => Some(CertificateError::UnknownRevocationStatus),
                L::Authority
                | L::NoDigitalSignature
                | L::NoIdentity
                | L::CountryDiffers(_)
                | L::WrongRole(..)
                | L::NotExpected { .. }
                | L::Path(..) => None,
            },
            TrustFault::Root { .. }
            | TrustFault::Crl { .. }
            | TrustFault::NoRoots(_)
            | TrustFault::NationTwice(_)
            | TrustFault::NoNations
            | TrustFault::BadName => None,
        };
        error.unwrap_or_else(|| CertificateError::Other(OtherError(Arc::new(fault)))).into()
    }
}

/// Why an endpoint cannot be set up, or a session is not taken.
#[derive(Debug, thiserror::Error)]
pub enum TlsFault {
    /// A certificate or a nation's trust; also a peer refused here for a reason that TLS has no word for.
    #[error(transparent)]
    Trust(#[from] TrustFault),
    /// A private key's file.
    #[error(transparent)]
    Key(#[from] KeyFault),
    /// A certificate file cannot be read.
    #[error("certificate file {path}: {error}: see that it is there and readable")]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        error: io::Error,
    },
    /// A file without a PEM block of the wanted kind.
    #[error("file {path} is not PEM, or holds no certificate or CRL of the kind wanted: convert it with openssl")]
    NotPem {
        /// The file.
        path: PathBuf,
    },
    /// The private key is not Ed25519 or ECDSA P-384.
    #[error(
        "the private key of certificate {0} is not Ed25519 or ECDSA P-384: have a certificate issued for such a key"
    )]
    KeyAlgorithm(Digest),
    /// The private key belongs to another certificate.
    #[error("the private key does not belong to certificate {0}: configure the pair that was made together")]
    KeyDiffers(Digest),
    /// A verifier of people on a link, or of nodes on the client API.
    #[error("{channel} takes only a {wanted}'s certificates, and is set up with a verifier of others")]
    WrongCallers {
        /// What the endpoint is for: `a link` or `the client API`.
        channel: &'static str,
        /// Who belongs there.
        wanted: Role,
    },
    /// A link to the own nation, or a client API for another one.
    #[error(
        "{nation} does not belong at the other end of {channel} of {own}: see whose TLS roots are configured for it"
    )]
    WrongNation {
        /// The own nation.
        own: Nation,
        /// The nation at the other end.
        nation: Nation,
        /// What the endpoint is for.
        channel: &'static str,
    },
    /// rustls would not take the settings: a fault of this program.
    #[error("TLS cannot be set up: {words}", words = in_words(.0))]
    Setup(rustls::Error),
    /// The connection broke before the handshake was done.
    #[error("the connection broke during the TLS handshake: {0}: see the network and the address")]
    Broken(io::Error),
    /// This side refused the peer, or the peer broke the protocol.
    #[error("TLS handshake refused here: {words}", words = in_words(.0))]
    Refused(rustls::Error),
    /// The other side refused this one.
    #[error(
        "the other side refused this one in the TLS handshake: {words}{advice}; its log has the reason",
        words = words::of_alert(*.0), advice = words::advice(*.0)
    )]
    RefusedByPeer(AlertDescription),
    /// Asked about a session that is not up.
    #[error("the TLS handshake is not done")]
    Unfinished,
    /// Another protocol, or none, was agreed on.
    #[error("the other side does not speak {0} (ALPN): see that the port is the right one and both run this program")]
    WrongProtocol(&'static str),
    /// The session's version or key exchange is not the one that this channel asks for.
    #[error("the TLS session was agreed with algorithms that this channel does not take")]
    WrongAlgorithms,
}

impl From<io::Error> for TlsFault {
    /// What a failed `connect` or `accept`, or a client's first read, says.
    fn from(error: io::Error) -> Self {
        match error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
            Some(rustls::Error::AlertReceived(alert)) => Self::RefusedByPeer(*alert),
            Some(inner) => own_reason(inner).map_or_else(|| Self::Refused(inner.clone()), Self::Trust),
            None => Self::Broken(error),
        }
    }
}

/// A TLS error as a sentence's end: what our own verifier said, or TLS's own word for it.
#[must_use]
pub fn in_words(error: &rustls::Error) -> String {
    own_reason(error).map_or_else(|| words::of_tls(error), |reason| reason.to_string())
}

/// The reason that our verifier gave, where TLS had no word for it.
fn own_reason(error: &rustls::Error) -> Option<TrustFault> {
    let rustls::Error::InvalidCertificate(CertificateError::Other(other)) = error else { return None };
    other.0.downcast_ref::<TrustFault>().cloned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_of_our_own_verifier_keeps_its_text() {
        let fault = TrustFault::Leaf {
            certificate: Digest::from_bytes([7; 32]),
            fault: LeafFault::Revoked(Identity::parse("relto://XBB/node/ulvik").unwrap()),
        };
        let own = CertificateError::Other(OtherError(Arc::new(fault.clone())));
        assert_eq!(in_words(&rustls::Error::InvalidCertificate(own)), fault.to_string());
    }

    #[test]
    fn times_read_as_dates() {
        assert_eq!(At(1_795_521_600).to_string(), "2026-11-24T12:00:00Z");
        assert_eq!(At(0).to_string(), "1970-01-01T00:00:00Z");
        assert!(At(i64::MAX).to_string().contains("second"));
    }

    #[test]
    fn an_alert_and_an_own_refusal_are_told_apart() {
        let of = |error| TlsFault::from(io::Error::new(io::ErrorKind::InvalidData, error));
        let alert = of(rustls::Error::AlertReceived(AlertDescription::CertificateRevoked));
        assert!(matches!(alert, TlsFault::RefusedByPeer(AlertDescription::CertificateRevoked)));
        assert!(alert.to_string().contains("our certificate is revoked"), "{alert}");
        assert!(matches!(of(rustls::Error::NoCertificatesPresented), TlsFault::Refused(_)));
        assert!(matches!(TlsFault::from(io::Error::from(io::ErrorKind::ConnectionReset)), TlsFault::Broken(_)));
    }
}
