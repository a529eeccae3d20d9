//! Two nodes in one thread with virtual time, faults and `check_all`.
//!
//! In scope: everything that `node` does with an exchange, a store, a head file and connections, in the same order and
//! through the same public calls, one effect at a time, so that a test can stop after any of them. Out of scope: TLS,
//! sockets, threads and HTTP, which have tests of their own.
#![forbid(unsafe_code)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a harness for tests: whatever is not as expected ends the test"
)]

pub mod check;
pub mod far;
pub mod fixture;
pub mod hostile;
pub mod lossy;
pub mod memory;
pub mod node;
pub mod operations;
pub mod pair;
pub mod seal_key;
pub mod upload;
pub mod wire;
