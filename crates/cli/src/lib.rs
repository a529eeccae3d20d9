//! relto: the client's commands and the offline verifier.
#![forbid(unsafe_code)]

pub mod again;
pub mod args;
mod backup;
pub mod cache;
pub mod client;
mod command;
pub mod document;
pub mod exit;
pub mod head;
pub mod node_files;
pub mod on_disk;
pub mod output;
pub mod profile;
pub mod program;
pub mod progress;
pub mod receipt;
pub mod session;
pub mod signing;
