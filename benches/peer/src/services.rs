//! The generated code of the two gRPC services.
#![allow(
    clippy::allow_attributes_without_reason,
    clippy::too_many_lines,
    missing_docs,
    unreachable_pub,
    reason = "generated"
)]

include!(concat!(env!("OUT_DIR"), "/peer.Submissions.rs"));
include!(concat!(env!("OUT_DIR"), "/peer.Partner.rs"));
