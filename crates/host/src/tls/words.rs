//! What rustls and webpki say, in words. Their own texts are names out of source code, and are never shown.

use rustls::{AlertDescription, CertificateError, Error, InconsistentKeys, PeerIncompatible};

/// A TLS error as a sentence's end, with what to do where that is known; a refusal of our own verifier is told by
/// [`super::fault::in_words`].
#[must_use]
pub fn of_tls(error: &Error) -> String {
    match error {
        Error::InvalidCertificate(error) => of_certificate(error),
        Error::AlertReceived(alert) => format!("the other side ended it: {}{}", of_alert(*alert), advice(*alert)),
        Error::NoCertificatesPresented => {
            "the peer showed no certificate: it has to be configured with its certificate".to_owned()
        }
        Error::NoApplicationProtocol => {
            "the peer speaks another protocol (ALPN): see the port that it dials".to_owned()
        }
        Error::PeerIncompatible(what) => of_incompatible(what).to_owned(),
        Error::PeerMisbehaved(_) => "the peer broke the TLS protocol: see which program it runs".to_owned(),
        Error::InappropriateMessage { .. } | Error::InappropriateHandshakeMessage { .. } => {
            "the peer sent a TLS message out of its order: see which program it runs".to_owned()
        }
        Error::InvalidMessage(_) => "what came is no TLS message: see that the port is the right one".to_owned(),
        Error::PeerSentOversizedRecord => "the peer sent a TLS record over the greatest length".to_owned(),
        Error::DecryptError => "a TLS record does not decrypt: bytes were changed on the way".to_owned(),
        Error::EncryptError => "a TLS record could not be encrypted".to_owned(),
        Error::HandshakeNotComplete => "the TLS handshake is not done".to_owned(),
        Error::FailedToGetCurrentTime => "this machine gives no time of day".to_owned(),
        Error::FailedToGetRandomBytes => "this machine gives no random bytes".to_owned(),
        Error::InconsistentKeys(InconsistentKeys::KeyMismatch) => {
            "the private key does not belong to the certificate: configure the pair that was made together".to_owned()
        }
        Error::InconsistentKeys(_) => "whether the private key belongs to the certificate cannot be told".to_owned(),
        Error::Other(other) => plain(&other.to_string()),
        Error::General(text) => plain(text),
        _ => "TLS failed for a reason that this version has no words for".to_owned(),
    }
}

/// Why a certificate is refused.
fn of_certificate(error: &CertificateError) -> String {
    use CertificateError as C;
    let text = match error {
        C::Other(other) => return plain(&other.to_string()),
        C::BadEncoding => "the peer's certificate does not read as one X.509 certificate: have it issued again",
        C::Expired | C::ExpiredContext { .. } => "the peer's certificate has expired: it needs a new one",
        C::NotValidYet | C::NotValidYetContext { .. } => {
            "the peer's certificate is not valid yet: see the clocks of both machines"
        }
        C::Revoked => "the peer's certificate is revoked by its nation",
        C::UnhandledCriticalExtension => {
            "the peer's certificate has a critical extension that is not used here: have it issued by the profile in certs/"
        }
        C::UnknownIssuer => "the peer's certificate was issued by no TLS root that is configured here for its nation",
        C::UnknownRevocationStatus => {
            "whether the peer's certificate is revoked is not known here: configure the complete CRL of its issuer"
        }
        C::ExpiredRevocationList | C::ExpiredRevocationListContext { .. } => {
            "the CRL held here for the peer's certificate is past its nextUpdate: fetch the new one"
        }
        C::BadSignature => "the peer's certificate or handshake is not signed by the key that it names",
        C::InvalidPurpose | C::InvalidPurposeContext { .. } => {
            "the peer's certificate is not for this use (extendedKeyUsage): have it issued by the profile in certs/"
        }
        C::NotValidForName | C::NotValidForNameContext { .. } => "the peer's certificate is of another name",
        C::UnsupportedSignatureAlgorithmContext { .. } | C::UnsupportedSignatureAlgorithmForPublicKeyContext { .. } => {
            "the peer's certificate is not signed with Ed25519 or ECDSA P-384: have it issued by the profile in certs/"
        }
        _ => "the peer's certificate is not accepted",
    };
    text.to_owned()
}

const fn of_incompatible(what: &PeerIncompatible) -> &'static str {
    match what {
        PeerIncompatible::NoKxGroupsInCommon
        | PeerIncompatible::KeyShareExtensionRequired
        | PeerIncompatible::NamedGroupsExtensionRequired => {
            "the peer's TLS lacks the key exchange that this channel asks for (X25519MLKEM768 on a link)"
        }
        PeerIncompatible::NoCipherSuitesInCommon => "the peer's TLS lacks the cipher that this channel asks for",
        PeerIncompatible::NoSignatureSchemesInCommon
        | PeerIncompatible::NoCertificateRequestSignatureSchemesInCommon
        | PeerIncompatible::SignatureAlgorithmsExtensionRequired => {
            "the peer's TLS does not sign with Ed25519 or ECDSA P-384, which certificates here are made with"
        }
        PeerIncompatible::SupportedVersionsExtensionRequired
        | PeerIncompatible::ServerDoesNotSupportTls12Or13
        | PeerIncompatible::ServerTlsVersionIsDisabledByOurConfig
        | PeerIncompatible::Tls12NotOffered
        | PeerIncompatible::Tls12NotOfferedOrEnabled => "the peer does not speak TLS 1.3",
        _ => "the peer's TLS lacks something that this channel asks for",
    }
}

/// An alert of the other side.
#[must_use]
pub const fn of_alert(alert: AlertDescription) -> &'static str {
    use AlertDescription as A;
    match alert {
        A::CloseNotify => "it closed the connection",
        A::HandshakeFailure => "it finds no common algorithm",
        A::NoCertificate | A::CertificateRequired => "it was shown no certificate",
        A::BadCertificate => "it cannot read our certificate, or it finds an extension that it does not take",
        A::UnsupportedCertificate => "our certificate is not for this use",
        A::CertificateRevoked => "our certificate is revoked",
        A::CertificateExpired => "our certificate has expired, or is not valid yet",
        A::CertificateUnknown => "it does not accept our certificate",
        A::UnknownCA => "it has no TLS root for our certificate, or no current CRL",
        A::AccessDenied => "it denies us access",
        A::DecryptError => "our certificate or handshake is not signed by the key that it names",
        A::ProtocolVersion => "it does not speak TLS 1.3",
        A::InsufficientSecurity => "it asks for stronger algorithms",
        A::NoApplicationProtocol => "that port speaks another protocol",
        A::InternalError => "it failed by itself",
        A::UserCanceled => "it was ended by hand",
        A::UnexpectedMessage
        | A::BadRecordMac
        | A::RecordOverflow
        | A::IllegalParameter
        | A::DecodeError
        | A::MissingExtension
        | A::UnsupportedExtension => {
            "it finds our side's TLS broken: bytes were changed on the way, or versions differ"
        }
        _ => "it gives a reason that this version has no words for",
    }
}

/// Whether an alert is about the certificate that this side showed.
#[must_use]
pub const fn is_about_certificate(alert: AlertDescription) -> bool {
    use AlertDescription as A;
    matches!(
        alert,
        A::NoCertificate
            | A::CertificateRequired
            | A::BadCertificate
            | A::UnsupportedCertificate
            | A::CertificateRevoked
            | A::CertificateExpired
            | A::CertificateUnknown
            | A::UnknownCA
            | A::AccessDenied
            | A::DecryptError
    )
}

/// What to do about an alert.
#[must_use]
pub const fn advice(alert: AlertDescription) -> &'static str {
    use AlertDescription as A;
    match alert {
        A::CertificateRevoked => ": our certificate is on our nation's CRL; have a new one issued",
        A::CertificateExpired => ": renew it, and see the clocks of both machines",
        A::UnknownCA => ": it lacks our TLS root or a current CRL of ours",
        A::CertificateRequired | A::NoCertificate => ": configure our certificate",
        A::NoApplicationProtocol => ": see the address that is dialled",
        _ => "",
    }
}

/// Why webpki refuses a certificate or a CRL.
#[must_use]
pub fn of_path(error: &webpki::Error) -> &'static str {
    use webpki::Error as E;
    match error {
        E::BadDer | E::TrailingData(_) | E::BadDerTime => "it is not encoded as X.509 asks (DER)",
        E::CaUsedAsEndEntity => "it is a certificate authority's",
        E::EndEntityUsedAsCa => "its issuer is no certificate authority",
        E::CertExpired { .. } => "it has expired",
        E::CertNotValidYet { .. } => "it is not valid yet",
        E::InvalidCertValidity => "its validity ends before it begins",
        E::CertRevoked => "it is revoked",
        E::CrlExpired { .. } => "the CRL is past its nextUpdate",
        E::ExtensionValueInvalid | E::MalformedExtensions => "one of its extensions does not read",
        E::InvalidCrlNumber => "its crlNumber is not 1 to 20 bytes of a positive number",
        E::InvalidSerialNumber => "a serial number is not 1 to 20 bytes of a positive number",
        E::InvalidCrlSignatureForPublicKey | E::InvalidSignatureForPublicKey => "it is not signed by its issuer's key",
        E::IssuerNotCrlSigner => "its issuer may sign no CRL (keyUsage cRLSign)",
        E::NameConstraintViolation | E::MalformedNameConstraint | E::InvalidNetworkMaskConstraint => {
            "it breaks the name constraints of its issuer"
        }
        E::PathLenConstraintViolated => "it breaks the path length of its issuer",
        E::EmptyEkuExtension | E::RequiredEkuNotFoundContext(_) => "it is not for this use (extendedKeyUsage)",
        E::SignatureAlgorithmMismatch => "it names two different signature algorithms",
        E::UnknownIssuer => "no root here issued it",
        E::UnknownRevocationStatus => "no CRL here covers it",
        E::UnsupportedCertVersion => "it is not of X.509 version 3",
        E::UnsupportedCriticalExtension => "it has a critical extension that is not used here",
        E::UnsupportedCrlVersion => "it is not a version 2 list",
        E::UnsupportedDeltaCrl => "it is a delta list",
        E::UnsupportedIndirectCrl => "it is an indirect list, which speaks for other issuers",
        E::UnsupportedCrlIssuingDistributionPoint | E::UnsupportedRevocationReasonsPartitioning => {
            "it is a part of a list, for one distribution point or for some reasons"
        }
        E::UnsupportedRevocationReason => "it gives a reason of revocation that X.509 does not have",
        E::UnsupportedCrlSignatureAlgorithmContext(_)
        | E::UnsupportedSignatureAlgorithmContext(_)
        | E::UnsupportedCrlSignatureAlgorithmForPublicKeyContext(_)
        | E::UnsupportedSignatureAlgorithmForPublicKeyContext(_) => "it is not signed with Ed25519 or ECDSA P-384",
        _ => "it does not meet the profile in certs/",
    }
}

/// A text of a library without the names and addresses of its source.
fn plain(text: &str) -> String {
    let text = text.split(": http").next().unwrap_or_default();
    if text.contains(['(', '{', '[']) { "TLS failed".to_owned() } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn looks_like_source(text: &str) -> bool {
        // Two words run together, as a variant's name is, beside names that are written so.
        let known = ["nextUpdate", "crlNumber", "extendedKeyUsage", "keyUsage", "cRLSign", "X25519MLKEM768"];
        let text = known.iter().fold(text.to_owned(), |text, word| text.replace(word, ""));
        let bytes = text.as_bytes();
        bytes.windows(2).any(|pair| pair[0].is_ascii_lowercase() && pair[1].is_ascii_uppercase())
            || text.contains("::")
            || text.contains('{')
    }

    #[test]
    fn no_error_of_tls_is_told_by_its_name_in_the_source() {
        let certificates = [
            CertificateError::BadEncoding,
            CertificateError::Expired,
            CertificateError::NotValidYet,
            CertificateError::Revoked,
            CertificateError::UnhandledCriticalExtension,
            CertificateError::UnknownIssuer,
            CertificateError::UnknownRevocationStatus,
            CertificateError::ExpiredRevocationList,
            CertificateError::BadSignature,
            CertificateError::InvalidPurpose,
            CertificateError::NotValidForName,
            CertificateError::InvalidOcspResponse,
            CertificateError::ApplicationVerificationFailure,
        ];
        let mut errors: Vec<Error> = certificates.into_iter().map(Error::InvalidCertificate).collect();
        errors.extend((0..=255_u8).map(|alert| Error::AlertReceived(AlertDescription::from(alert))));
        errors.extend([
            Error::NoCertificatesPresented,
            Error::NoApplicationProtocol,
            Error::PeerIncompatible(PeerIncompatible::NoKxGroupsInCommon),
            Error::PeerIncompatible(PeerIncompatible::NullCompressionRequired),
            Error::PeerMisbehaved(rustls::PeerMisbehaved::TooManyKeyUpdateRequests),
            Error::InvalidMessage(rustls::InvalidMessage::InvalidContentType),
            Error::PeerSentOversizedRecord,
            Error::DecryptError,
            Error::EncryptError,
            Error::UnsupportedNameType,
            Error::BadMaxFragmentSize,
            Error::General("Some(InnerThing { a: 1 }): https://docs.rs".to_owned()),
            Error::InconsistentKeys(InconsistentKeys::KeyMismatch),
            Error::InconsistentKeys(InconsistentKeys::Unknown),
        ]);
        for error in errors {
            let told = of_tls(&error);
            assert!(!told.is_empty() && !looks_like_source(&told), "{error:?}: {told}");
        }
        for error in [webpki::Error::BadDer, webpki::Error::UnsupportedDeltaCrl, webpki::Error::MalformedExtensions] {
            assert!(!looks_like_source(of_path(&error)));
        }
    }
}
