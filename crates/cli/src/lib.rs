//! relto: the client's commands, the lab, the demo, the bench and the offline verifier.
#![forbid(unsafe_code)]

pub mod pki;
