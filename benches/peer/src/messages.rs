//! What goes over the wire, as protobuf.

use bytes::Bytes;

/// A report as its author signed it.
#[derive(Clone, PartialEq, prost::Message)]
pub struct Report {
    /// 16 bytes that the author chose, the time first, as in a UUIDv7.
    #[prost(bytes = "bytes", tag = "1")]
    pub id: Bytes,
    /// Which author.
    #[prost(uint32, tag = "2")]
    pub author: u32,
    /// The author's signature of [`crate::signing::digest`].
    #[prost(bytes = "bytes", tag = "3")]
    pub signature: Bytes,
    /// What it says.
    #[prost(bytes = "bytes", tag = "4")]
    pub payload: Bytes,
}

/// Some reports, so that those which are there together go together.
#[derive(Clone, PartialEq, prost::Message)]
pub struct Reports {
    /// In the order in which they were made.
    #[prost(message, repeated, tag = "1")]
    pub reports: Vec<Report>,
}

/// What an author is told of a report.
#[derive(Clone, PartialEq, prost::Message)]
pub struct Answer {
    /// Which report.
    #[prost(bytes = "bytes", tag = "1")]
    pub id: Bytes,
    /// Its number at the author's node, whose receipt is stored; 0 where it was refused.
    #[prost(uint64, tag = "2")]
    pub number: u64,
    /// Why it was refused; empty where it was not.
    #[prost(string, tag = "3")]
    pub refused: String,
}

/// Some answers.
#[derive(Clone, PartialEq, prost::Message)]
pub struct Answers {
    /// In the order in which they were decided.
    #[prost(message, repeated, tag = "1")]
    pub answers: Vec<Answer>,
}

/// Reports with consecutive numbers, from the author's node to the partner's.
#[derive(Clone, PartialEq, prost::Message)]
pub struct Batch {
    /// Number of the first.
    #[prost(uint64, tag = "1")]
    pub first: u64,
    /// The reports.
    #[prost(message, repeated, tag = "2")]
    pub reports: Vec<Report>,
    /// The node's signature of them all; empty where the author's signature of each is verified.
    #[prost(bytes = "bytes", tag = "3")]
    pub signature: Bytes,
}

/// That reports with consecutive numbers are stored.
#[derive(Clone, PartialEq, prost::Message)]
pub struct Receipt {
    /// Number of the first.
    #[prost(uint64, tag = "1")]
    pub first: u64,
    /// How many.
    #[prost(uint64, tag = "2")]
    pub count: u64,
    /// One signature of them all, or one of each.
    #[prost(bytes = "bytes", tag = "3")]
    pub signatures: Bytes,
}
