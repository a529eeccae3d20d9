//! The process that looks at attachments: what it is limited to, and how it talks to the node that started it.
//!
//! It is the same program as the node, started anew: it has one end of a socket pair and nothing else, no key, no
//! environment, no folder. It limits itself before it reads the first job, judges what it is given by the same functions
//! as the client, and ends with its node. Out of scope: what to believe of it
//! ([`relto_report::inspection::talk`]), and when to start one.

pub mod channel;
pub mod child;
pub mod limits;
