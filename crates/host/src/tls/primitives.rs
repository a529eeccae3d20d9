//! What TLS is made of, from ring, or from aws-lc-rs in a build with the cargo feature `aws-lc`: see `primitives.rs` of
//! `report`, which chooses for everything else. No other file names a provider of rustls or webpki.

#[cfg(feature = "aws-lc")]
use rustls::crypto::aws_lc_rs as tls;
#[cfg(not(feature = "aws-lc"))]
use rustls::crypto::ring as tls;
#[cfg(feature = "aws-lc")]
use webpki::aws_lc_rs as certificates;
#[cfg(not(feature = "aws-lc"))]
use webpki::ring as certificates;

// rustls' own of this provider. Its form is that of `kx`, byte for byte (a test there has each answer the other), so that a
// node of either build links with a node of the other; ring has no ML-KEM, for which `kx` is there.
pub use certificates::{ECDSA_P384_SHA384, ED25519};
#[cfg(feature = "aws-lc")]
pub use tls::kx_group::X25519MLKEM768;
pub use tls::{
    cipher_suite::TLS13_AES_256_GCM_SHA384,
    default_provider,
    kx_group::X25519,
    sign::{any_ecdsa_type, any_eddsa_type},
};
