//! What crosses the link, as bytes: frames, HELLO, the lanes of payloads.

pub mod frame;
pub mod hello;
pub mod lanes;
pub mod protocol;
pub mod question;
