//! reltod: the daemon of one nation's node. Configuration, threads, link tasks, client API.
//!
//! In scope: what must run and in which order it starts and stops. Out of scope: every decision; those are in
//! `exchange` and `policy`.
#![forbid(unsafe_code)]

pub mod api;
pub mod check;
pub mod config;
pub mod filter;
pub mod gate;
pub mod hub;
pub mod link;
pub mod load;
pub mod metrics;
pub mod sealer;
pub mod sessions;
pub mod start;
pub mod trust;
pub mod versions;
pub mod writer;

pub use start::main;
