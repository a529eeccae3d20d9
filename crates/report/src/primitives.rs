//! The crate that the primitives come from, by the names that both have: `ring`, or `aws-lc-rs` in a build with the cargo
//! feature `aws-lc`. No other file names either; what TLS is made of is chosen by the same feature in `host`,
//! `tls/primitives.rs`.
//!
//! Signatures, digests and ciphertexts are the same bytes in both builds, and both refuse the same ones: `crypto/tests.rs`
//! holds them to fixed answers. A node of one build exchanges with a node of the other and reads its store.

#[cfg(feature = "aws-lc")]
pub use aws_lc_rs::{aead, digest, rand, signature};
#[cfg(not(feature = "aws-lc"))]
pub use ring::{aead, digest, rand, signature};
