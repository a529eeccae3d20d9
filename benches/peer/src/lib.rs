//! What a good engineer would write by hand for the same exchange with ordinary parts: tonic over mutual TLS, SQLite with
//! group commit, Ed25519. Relto is measured against it; README.md says what it does, what it does not, and what was tried.
//!
//! The road of one report: [`client`] signs it, [`api`] verifies it, [`writer`] commits it, [`link`] sends it, [`receive`]
//! verifies it at the partner's, whose writer commits it; the receipt comes back the same way and is committed before the
//! author is answered.
#![forbid(unsafe_code)]

pub mod api;
pub mod bench;
pub mod beside;
pub mod client;
pub mod keys;
pub mod lab;
pub mod link;
pub mod load;
pub mod messages;
pub mod node;
pub mod process;
pub mod receive;
pub mod services;
pub mod shared;
pub mod signing;
pub mod store;
pub mod writer;
