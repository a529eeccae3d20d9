//! The exchange between two nations: one turn takes inputs, commits one transaction, and lets out what it recorded.
//!
//! In scope: the flow of a report from submission to receipt ([`flow`]), the order that types enforce
//! ([`batch::Recorded`], [`seal::Sealed`], [`link::frame::Wire`]), frames and lanes of a connection, officers'
//! approvals. Out of scope: sockets, TLS, files, threads, clocks and randomness, which are `host`'s and `node`'s; the
//! decision itself, which is `policy`'s; the tree, which is `audit`'s.
#![forbid(unsafe_code)]

mod admit;
pub mod batch;
pub mod belief;
pub mod body;
mod clocks;
mod decide;
mod emergency;
pub mod exchange;
pub mod flow;
pub mod fuzzing;
pub mod heads;
mod inbound;
pub mod input;
pub mod journal;
mod lifecycle;
pub mod link;
mod memory;
pub mod outlook;
mod people;
pub mod ready;
mod records;
pub mod rows;
pub mod seal;
mod session;
mod settle;
pub mod statement;
pub mod store;
pub mod translation;
