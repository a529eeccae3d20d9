//! How a PKCS#8 key is encrypted, in words: for a key that is in order and encrypted in a way that is not taken here.

use x509_parser::asn1_rs::{Any, FromDer as _, Oid, Tag};

/// Deepest nesting that is looked into: an algorithm with its parameters and theirs.
const DEPTH: usize = 6;

/// What OpenSSL calls the algorithms that keys are found with.
const NAMES: [(&str, &str); 19] = [
    ("1.2.840.113549.1.5.3", "PBE-MD5-DES"),
    ("1.2.840.113549.1.5.10", "PBE-SHA1-DES"),
    ("1.2.840.113549.1.12.1.1", "PBE-SHA1-RC4-128"),
    ("1.2.840.113549.1.12.1.2", "PBE-SHA1-RC4-40"),
    ("1.2.840.113549.1.12.1.3", "PBE-SHA1-3DES"),
    ("1.2.840.113549.1.12.1.5", "PBE-SHA1-RC2-128"),
    ("1.2.840.113549.1.12.1.6", "PBE-SHA1-RC2-40"),
    ("1.2.840.113549.1.5.12", "PBKDF2"),
    ("1.2.840.113549.1.5.13", "PBES2"),
    ("1.3.6.1.4.1.11591.4.11", "scrypt"),
    ("1.2.840.113549.2.7", "hmacWithSHA1"),
    ("1.2.840.113549.2.9", "hmacWithSHA256"),
    ("1.2.840.113549.2.11", "hmacWithSHA512"),
    ("1.2.840.113549.3.7", "des-ede3-cbc"),
    ("1.3.14.3.2.7", "des-cbc"),
    ("1.2.392.200011.61.1.1.1.4", "camellia-256-cbc"),
    ("2.16.840.1.101.3.4.1.2", "aes-128-cbc"),
    ("2.16.840.1.101.3.4.1.22", "aes-192-cbc"),
    ("2.16.840.1.101.3.4.1.42", "aes-256-cbc"),
];

/// The algorithms of an EncryptedPrivateKeyInfo (RFC 5958); `None` where it is none.
pub(super) fn scheme(der: &[u8]) -> Option<String> {
    let (rest, outer) = Any::from_der(der).ok()?;
    let (_, algorithm) = Any::from_der(outer.data).ok()?;
    if !rest.is_empty() || outer.tag() != Tag::Sequence || algorithm.tag() != Tag::Sequence {
        return None;
    }
    let mut found = Vec::new();
    identifiers(algorithm.data, DEPTH, &mut found);
    (!found.is_empty()).then(|| found.join(", "))
}

/// Each byte is looked at once a level.
fn identifiers(mut der: &[u8], depth: usize, found: &mut Vec<String>) {
    while let Ok((rest, one)) = Any::from_der(der) {
        der = rest;
        if one.tag() == Tag::Sequence && depth > 0 {
            identifiers(one.data, depth - 1, found);
        } else if let Ok(oid) = Oid::try_from(one) {
            let text = oid.to_id_string();
            let name = NAMES.iter().find(|(known, _)| *known == text);
            found.push(name.map_or(text, |(_, name)| (*name).to_owned()));
        }
    }
}
