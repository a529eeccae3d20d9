//! relto: the client's commands, the lab, the demo, the bench and the offline verifier.
#![forbid(unsafe_code)]

pub mod client;
pub mod demo;
pub mod exit;
pub mod lab;
pub mod launch;
pub mod pki;
pub mod prepare;
pub mod profile;

pub use launch::main;
