//! Who a certificate says it is: one SAN URI, `relto://XBB/node/ulvik` or `relto://XAA/person/a.moreau`.
//!
//! The claim is read the same way before and after it is proven. Reading closes what path validation leaves open:
//! a missing keyUsage or extendedKeyUsage passes there and is refused here.

use super::{
    extension,
    fault::{LeafFault, TrustFault},
};
use relto_report::{crypto::sha256, digest::Digest, nation::Nation};
use std::fmt;
use x509_parser::{
    certificate::X509Certificate,
    extensions::GeneralName,
    prelude::{FromDer as _, X509Version},
};

/// The longest name of a node or account, in characters.
pub const MAX_NAME: usize = 64;

const SCHEME: &str = "relto://";
/// Object identifiers of the subject attributes that name a country: C (2.5.4.6), and c3 (2.5.4.98, ITU-T X.520
/// countryCode3c), which is made for three letters and which OpenSSL writes where it refuses them in C.
const COUNTRIES: [&[u8]; 2] = [&[0x55, 4, 6], &[0x55, 4, 98]];

/// What kind of party a certificate is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// A node, at either end of a link and at the server's end of the client API.
    Node,
    /// A person, at the client's end of the client API.
    Person,
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Node => "node",
            Self::Person => "person",
        })
    }
}

/// A nation's node or person, by name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Identity {
    /// Whose.
    pub nation: Nation,
    /// Node or person.
    pub role: Role,
    /// The node's name or the person's account: 1 to [`MAX_NAME`] of `a` to `z`, `0` to `9`, `.`, `-`, `_`, the first
    /// a letter or digit.
    pub name: String,
}

impl Identity {
    /// The identity of these parts, if `name` is one.
    #[must_use]
    pub fn new(nation: Nation, role: Role, name: &str) -> Option<Self> {
        let starts = name.starts_with(|first: char| first.is_ascii_lowercase() || first.is_ascii_digit());
        let rest =
            name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'.' | b'-' | b'_'));
        (starts && rest && name.len() <= MAX_NAME).then(|| Self { nation, role, name: name.to_owned() })
    }

    /// Reads the URI form; there is one spelling for each identity.
    #[must_use]
    pub fn parse(uri: &str) -> Option<Self> {
        let mut parts = uri.strip_prefix(SCHEME)?.split('/');
        let nation = Nation::parse(parts.next()?)?;
        let role = match parts.next()? {
            "node" => Role::Node,
            "person" => Role::Person,
            _ => return None,
        };
        let identity = Self::new(nation, role, parts.next()?)?;
        parts.next().is_none().then_some(identity)
    }
}

impl fmt::Display for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{SCHEME}{}/{}/{}", self.nation, self.role, self.name)
    }
}

/// What the holder of a certificate does with it in a handshake.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Usage {
    /// Dials.
    ClientAuth,
    /// Answers.
    ServerAuth,
}

impl fmt::Display for Usage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ClientAuth => "clientAuth",
            Self::ServerAuth => "serverAuth",
        })
    }
}

/// What a certificate says of itself. Nothing in it is proven until the nation's trust has vetted the certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
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
pub fn read(der: &[u8], usage: Usage) -> Result<Claim, TrustFault> {
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
    fn an_identity_has_one_spelling() {
        for text in ["relto://XBB/node/ulvik", "relto://XAA/person/a.moreau_2", "relto://XAA/node/1"] {
            assert_eq!(Identity::parse(text).unwrap().to_string(), text);
        }
        for text in [
            "relto://XBB/node/",
            "relto://XBB/node/Ulvik",
            "relto://XBB/node/ulvik/",
            "relto://XBB/node/ulvik?x",
            "relto://XBB/node/-ulvik",
            "relto://XBB/node/ul%76ik",
            "relto://XBB/node/a/b",
            "relto://xbb/node/ulvik",
            "relto://XBBB/node/ulvik",
            "relto://XBB/server/ulvik",
            "RELTO://XBB/node/ulvik",
            "https://XBB/node/ulvik",
            "relto://XBB/node/ülvik",
            "",
        ] {
            assert_eq!(Identity::parse(text), None, "{text}");
        }
        assert!(Identity::parse(&format!("relto://XBB/node/{}", "a".repeat(64))).is_some());
        assert!(Identity::parse(&format!("relto://XBB/node/{}", "a".repeat(65))).is_none());
    }

    #[test]
    fn what_is_no_certificate_is_unreadable() {
        for der in [&b""[..], b"\x30\x00", b"-----BEGIN CERTIFICATE-----", &[0x30; 500]] {
            let fault = read(der, Usage::ClientAuth).unwrap_err();
            assert!(matches!(fault, TrustFault::Leaf { fault: LeafFault::Unreadable, .. }), "{fault}");
        }
    }
}
