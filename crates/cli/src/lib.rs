//! relto: the client's commands, the lab, the demo, the bench and the offline verifier.
#![forbid(unsafe_code)]

pub mod args;
pub mod client;
pub mod demo;
pub mod document;
pub mod exit;
pub mod lab;
pub mod pki;
pub mod profile;

pub use args::main;
