//! What others speak. Below this crate there is no JSON.
//!
//! In scope: the bodies of the client API ([`api`]), agreements as Cedar policies ([`cedar`]). labels of
//! STANAG 4774 ([`stanag4774`]). Later: STIX, MISP, CSAF.
#![forbid(unsafe_code)]

pub mod agent;
pub mod api;
pub mod base64_bytes;
pub mod cedar;
pub mod fuzzing;
pub mod stanag4774;
