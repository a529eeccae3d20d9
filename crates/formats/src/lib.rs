//! What others speak. Below this crate there is no JSON.
//!
//! In scope: the bodies of the client API ([`api`]). Later: STANAG 4774 labels, STIX, MISP, CSAF.
#![forbid(unsafe_code)]

pub mod api;
pub mod base64_bytes;
pub mod fuzzing;
