//! Critical extensions: whoever issues one says that it must be understood. What is not used here is refused, by name.

use std::fmt;
use x509_parser::{extensions::X509Extension, oid_registry::Oid};

/// Extensions of certificates that path validation or this program understands: keyUsage, subjectAltName,
/// basicConstraints, nameConstraints, cRLDistributionPoints, extKeyUsage.
const OF_CERTIFICATES: [&[u8]; 6] =
    [&[0x55, 29, 15], &[0x55, 29, 17], &[0x55, 29, 19], &[0x55, 29, 30], &[0x55, 29, 31], &[0x55, 29, 37]];
/// Extensions of lists: crlNumber, issuingDistributionPoint, authorityKeyIdentifier. A delta list is told by its own.
const OF_LISTS: [&[u8]; 4] = [&[0x55, 29, 20], &[0x55, 29, 27], &[0x55, 29, 28], &[0x55, 29, 35]];

/// Names of extensions that authorities do mark critical, by RFC 5280 and its successors.
const NAMES: [(&[u64], &str); 14] = [
    (&[2, 5, 29, 9], "subjectDirectoryAttributes"),
    (&[2, 5, 29, 14], "subjectKeyIdentifier"),
    (&[2, 5, 29, 16], "privateKeyUsagePeriod"),
    (&[2, 5, 29, 18], "issuerAltName"),
    (&[2, 5, 29, 32], "certificatePolicies"),
    (&[2, 5, 29, 33], "policyMappings"),
    (&[2, 5, 29, 35], "authorityKeyIdentifier"),
    (&[2, 5, 29, 36], "policyConstraints"),
    (&[2, 5, 29, 46], "freshestCRL"),
    (&[2, 5, 29, 54], "inhibitAnyPolicy"),
    (&[1, 3, 6, 1, 5, 5, 7, 1, 1], "authorityInfoAccess"),
    (&[1, 3, 6, 1, 5, 5, 7, 1, 3], "qcStatements"),
    (&[1, 3, 6, 1, 5, 5, 7, 1, 24], "tlsFeature"),
    (&[1, 3, 6, 1, 5, 5, 7, 48, 1, 5], "ocspNoCheck"),
];

/// An extension, by its name where it has one that people know, and by its object identifier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExtensionName(String);

impl fmt::Display for ExtensionName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl ExtensionName {
    fn of(oid: &Oid<'_>) -> Self {
        let arcs: Option<Vec<u64>> = oid.iter().map(Iterator::collect);
        let name = NAMES.iter().find(|(known, _)| arcs.as_deref() == Some(*known));
        Self(name.map_or_else(|| oid.to_id_string(), |(_, name)| format!("{name} ({})", oid.to_id_string())))
    }
}

/// The first critical extension of a certificate that is not used here.
pub(super) fn unused_in_certificate(extensions: &[X509Extension<'_>]) -> Option<ExtensionName> {
    unused(extensions, &OF_CERTIFICATES)
}

/// The first critical extension of a list that is not used here.
pub(super) fn unused_in_list(extensions: &[X509Extension<'_>]) -> Option<ExtensionName> {
    unused(extensions, &OF_LISTS)
}

fn unused(extensions: &[X509Extension<'_>], used: &[&[u8]]) -> Option<ExtensionName> {
    let found = extensions.iter().find(|one| one.critical && !used.contains(&one.oid.as_bytes()));
    found.map(|one| ExtensionName::of(&one.oid))
}
