//! Entry points of the fuzz targets: any bytes, no panic, and nothing accepted that contradicts itself.

use crate::{
    agreement::{Agreement, Meaning},
    national::NationalRules,
    signatures::SignatureFile,
};
use relto_report::crypto::sha256;

/// Any bytes as an agreement.
///
/// # Panics
/// When an accepted agreement breaks a rule that its reader promises.
pub fn fuzz_agreement(bytes: &[u8]) {
    let Ok(agreement) = Agreement::read("agreement.toml", bytes) else { return };
    let [one, other] = agreement.parties;
    assert!(one < other, "the Parties stand in order");
    assert_eq!(agreement.digest, sha256(&[bytes]), "the digest is of the exact bytes");
    let highest = agreement.highest_level();
    for scope in &agreement.scopes {
        assert!(agreement.partner_of(scope.from) == Some(scope.to), "a scope is between the Parties");
        assert!(
            !scope.topics.is_empty() && scope.highest_level <= highest,
            "a scope has topics and no level above the table"
        );
        assert!(!scope.caveats.contains(&Meaning::NationalOnly), "national-only never leaves");
    }
    assert!(agreement.widening(&agreement).is_empty(), "a version is no wider than itself");
    assert!(agreement.life.enters_into_force < agreement.life.term_ends, "a term has a length");
}

/// Any bytes as national rules, and as a file of signatures.
///
/// # Panics
/// When an accepted file breaks a rule that its reader promises.
pub fn fuzz_national(bytes: &[u8]) {
    if let Ok(rules) = NationalRules::read("national-rules.toml", bytes) {
        assert!(rules.valid_from < rules.valid_until, "rules have a length");
        assert_eq!(rules.digest, sha256(&[bytes]), "the digest is of the exact bytes");
    }
    if let Ok(file) = SignatureFile::read("signatures", bytes) {
        let again = SignatureFile::read("signatures", file.write().as_bytes());
        assert_eq!(again.as_ref(), Ok(&file), "what is written reads back");
    }
}
