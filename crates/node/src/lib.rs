//! reltod: the daemon of one nation's node. Configuration, threads, link tasks, client API.
//!
//! In scope: what must run and in which order it starts and stops. Out of scope: every decision; those are in
//! `exchange` and `policy`.
#![forbid(unsafe_code)]

mod api;
mod certificates;
pub mod filter;
mod hub;
pub mod inspect;
mod jobs;
mod link;
mod metrics;
mod pool;
mod quiet;
mod quota;
mod scrubbed;
mod sealed;
mod sessions;
mod setup;
mod snapshot;
mod start;
mod sync;
mod threads;
mod trust;
mod uploads;
pub mod versions;

pub use start::main;
