//! This machine: the store on disk, the head file, keys, TLS, and the one place where time and randomness enter.
#![forbid(unsafe_code)]

pub mod clock;
pub mod files;
pub mod heads;
pub mod inspect;
pub mod keys;
pub mod process;
pub mod random;
pub mod store;
pub mod tls;
