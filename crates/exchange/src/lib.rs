//! The exchange between two nations: one turn takes inputs, commits one transaction, and lets out what it recorded.
//!
//! In scope: the flow of a report from submission to receipt (`flow`), the order that types enforce
//! ([`batch::Recorded`], [`seal::Sealed`], [`wire::frame::Wire`]), frames and lanes of a connection, officers'
//! approvals. Out of scope: sockets, TLS, files, threads, clocks and randomness, which are `host`'s and `node`'s; the
//! decision itself, which is `policy`'s; the tree, which is `audit`'s.
#![forbid(unsafe_code)]

mod acts;
pub mod choice;
pub mod connection;
mod decide;
pub mod exchange;
mod flow;
pub mod forms;
pub mod fuzzing;
pub mod input;
mod model;
pub mod proofs;
pub mod ready;
pub mod seal;
pub mod serve;
mod state;
mod turn;
pub mod wire;

pub use acts::dry_run;
pub use model::{body, head_write, ids, journal, limits, link, parts, place, rows, store};
pub use state::{Keeping, belief, recovery};
pub use turn::{batch, out};
