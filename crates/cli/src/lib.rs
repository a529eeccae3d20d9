//! relto: the client's commands, the lab, the demo and the offline verifier.
#![forbid(unsafe_code)]

pub mod args;
pub mod bench;
pub mod cache;
pub mod client;
pub mod command;
pub mod demo;
pub mod document;
pub mod exit;
pub mod lab;
pub mod output;
pub mod pki;
pub mod profile;
pub mod progress;
pub mod signing;

pub use command::main;
