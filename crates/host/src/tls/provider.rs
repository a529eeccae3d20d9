//! The algorithms of TLS, and no others: one cipher suite, two signature algorithms, one or two key exchanges.
//!
//! The process-wide default provider of rustls is never used, because another crate's feature can change it.

#[cfg(not(feature = "aws-lc"))]
use super::kx::X25519MLKEM768;
#[cfg(feature = "aws-lc")]
use super::primitives::X25519MLKEM768;
use super::primitives::{ECDSA_P384_SHA384, ED25519, TLS13_AES_256_GCM_SHA384, X25519, default_provider};
use rustls::{
    SignatureScheme,
    crypto::{CryptoProvider, SupportedKxGroup, WebPkiSupportedAlgorithms},
};
use std::sync::Arc;

/// Signature algorithms of certificates, CRLs and handshakes: Ed25519, and ECDSA on P-384 with SHA-384 for keys in
/// tokens that know no Ed25519. No RSA, no SHA-1, no P-256.
pub static ALGORITHMS: WebPkiSupportedAlgorithms = WebPkiSupportedAlgorithms {
    all: &[ECDSA_P384_SHA384, ED25519],
    mapping: &[(SignatureScheme::ED25519, &[ED25519]), (SignatureScheme::ECDSA_NISTP384_SHA384, &[ECDSA_P384_SHA384])],
};

/// The provider of links: X25519MLKEM768 is the only key exchange, so a recorded link resists a quantum computer or
/// there is no link. LNK-1
#[must_use]
pub fn link_provider() -> Arc<CryptoProvider> {
    provider(vec![X25519MLKEM768])
}

/// The provider of the client API: prefers X25519MLKEM768, and takes X25519 from national tools on older TLS stacks.
#[must_use]
pub fn client_api_provider() -> Arc<CryptoProvider> {
    provider(vec![X25519MLKEM768, X25519])
}

fn provider(kx_groups: Vec<&'static dyn SupportedKxGroup>) -> Arc<CryptoProvider> {
    Arc::new(CryptoProvider {
        cipher_suites: vec![TLS13_AES_256_GCM_SHA384],
        kx_groups,
        signature_verification_algorithms: ALGORITHMS,
        ..default_provider()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustls::{CipherSuite, NamedGroup};

    #[test]
    fn nothing_but_the_chosen_algorithms_is_offered() {
        for (provider, groups) in [
            (link_provider(), vec![NamedGroup::X25519MLKEM768]),
            (client_api_provider(), vec![NamedGroup::X25519MLKEM768, NamedGroup::X25519]),
        ] {
            let suites: Vec<_> = provider.cipher_suites.iter().map(|suite| suite.suite()).collect();
            assert_eq!(suites, [CipherSuite::TLS13_AES_256_GCM_SHA384]);
            assert_eq!(provider.kx_groups.iter().map(|group| group.name()).collect::<Vec<_>>(), groups);
            assert_eq!(
                provider.signature_verification_algorithms.supported_schemes(),
                [SignatureScheme::ED25519, SignatureScheme::ECDSA_NISTP384_SHA384]
            );
        }
    }
}
