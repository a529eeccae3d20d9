//! Two nations on one machine, to try and to measure: the laboratory with its certificate authority, the demo, the bench.
//!
//! In scope: what makes keys and certificates, wrong ones among them, and plays both nations. None of it belongs on the
//! machine of an analyst: the package without it is built with `--no-default-features`.
#![forbid(unsafe_code)]

pub mod args;
pub mod bench;
pub mod demo;
pub mod lab;
pub mod pki;
mod program;

pub use program::main;
