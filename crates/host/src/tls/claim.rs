//! What a certificate says of itself. The claim is read the same way before and after it is proven. Reading closes what
//! path validation leaves open: a missing keyUsage or extendedKeyUsage passes there and is refused here.

use super::{
    extension,
    fault::{LeafFault, TrustFault},
    identity::{Identity, Usage},
};
use relto_report::{crypto::sha256, digest::Digest};
use x509_parser::{
    certificate::X509Certificate,
    extensions::GeneralName,
    prelude::{FromDer as _, X509Version},
};

/// Object identifiers of the subject attributes that name a country: C (2.5.4.6), and c3 (2.5.4.98, ITU-T X.520
/// countryCode3c), which is made for three letters and which OpenSSL writes where it refuses them in C.
const COUNTRIES: [&[u8]; 2] = [&[0x55, 4, 6], &[0x55, 4, 98]];

/// What a certificate says of itself. Nothing in it is proven until the nation's trust has vetted the certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Claim {
    /// Who it says it is.
    pub identity: Identity,
    /// SHA-256 of the certificate.
    pub certificate: Digest,
    /// The issuer's name, DER.
    pub issuer: Vec<u8>,
    /// Last second of its validity, since 1970.
    pub not_after: i64,
}

/// Reads a certificate's claim.
///
/// # Errors
/// [`TrustFault::Leaf`] unless it is one X.509 v3 certificate, without a critical extension that is not used here
/// (LNK-37), not of an authority, with keyUsage digitalSignature,
/// with extendedKeyUsage `usage`, with one SAN URI of the form above and with one C= or c3= of the same nation.
pub(super) fn read(der: &[u8], usage: Usage) -> Result<Claim, TrustFault> {
    let certificate = sha256(&[der]);
    let refuse = |fault| TrustFault::Leaf { certificate, fault };
    let parsed = parse(der).ok_or_else(|| refuse(LeafFault::Unreadable))?;
    let identity = read_parsed(&parsed, usage).map_err(refuse)?;
    let issuer = parsed.issuer().as_raw().to_vec();
    Ok(Claim { identity, certificate, issuer, not_after: parsed.validity().not_after.timestamp() })
}

/// One X.509 v3 certificate with nothing behind it.
pub(super) fn parse(der: &[u8]) -> Option<X509Certificate<'_>> {
    match X509Certificate::from_der(der) {
        Ok(([], certificate)) if certificate.version() == X509Version::V3 => Some(certificate),
        _ => None,
    }
}

fn read_parsed(certificate: &X509Certificate<'_>, usage: Usage) -> Result<Identity, LeafFault> {
    let unreadable = |_| LeafFault::Unreadable;
    if let Some(name) = extension::unused_in_certificate(certificate.extensions()) {
        return Err(LeafFault::CriticalExtension(name));
    }
    // An extension that stands twice is an error in each of these.
    if certificate.basic_constraints().map_err(unreadable)?.is_some_and(|constraints| constraints.value.ca) {
        return Err(LeafFault::Authority);
    }
    if !certificate.key_usage().map_err(unreadable)?.is_some_and(|usage| usage.value.digital_signature()) {
        return Err(LeafFault::NoDigitalSignature);
    }
    let extended = certificate.extended_key_usage().map_err(unreadable)?;
    let allowed = extended.is_some_and(|extended| match usage {
        Usage::ClientAuth => extended.value.client_auth,
        Usage::ServerAuth => extended.value.server_auth,
    });
    if !allowed {
        return Err(LeafFault::NoUsage(usage));
    }
    let identity = one_uri(certificate).and_then(Identity::parse).ok_or(LeafFault::NoIdentity)?;
    let names = certificate.subject().iter_attributes();
    let mut countries = names.filter(|attribute| COUNTRIES.contains(&attribute.attr_type().as_bytes()));
    match (countries.next().map(|country| country.as_str()), countries.next()) {
        (Some(Ok(country)), None) if country == identity.nation.as_str() => Ok(identity),
        _ => Err(LeafFault::CountryDiffers(identity.nation)),
    }
}

/// The only URI among the alternative names; names of other kinds may stand beside it.
fn one_uri<'a>(certificate: &'a X509Certificate<'_>) -> Option<&'a str> {
    let names = &certificate.subject_alternative_name().ok()??.value.general_names;
    if names.iter().any(|name| matches!(name, GeneralName::Invalid(..))) {
        return None;
    }
    let mut uris = names.iter().filter_map(|name| if let GeneralName::URI(uri) = name { Some(*uri) } else { None });
    let first = uris.next()?;
    uris.next().is_none().then_some(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_certificate_is_unreadable() {
        for der in [&b""[..], b"\x30\x00", b"-----BEGIN CERTIFICATE-----", &[0x30; 500]] {
            let fault = read(der, Usage::ClientAuth).unwrap_err();
            assert!(matches!(fault, TrustFault::Leaf { fault: LeafFault::Unreadable, .. }), "{fault}");
        }
    }
}
