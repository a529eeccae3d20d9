//! Mutual TLS 1.3 between partner nodes, and between a nation's people and their own node.
//!
//! In scope: which algorithms, who a certificate says it is, whose root must have signed it, and what is checked once
//! a handshake is done. A certificate's claim of a nation only selects the roots and the CRL that must then bear it
//! out, so no nation's authority can speak for another. Out of scope: what the peer may do on the connection, and
//! the partner's HELLO, which alone brings a link up (a client's `connect` returns before the server has judged the
//! client's certificate).
//!
//! ```text
//! identity   who a certificate may be for        claim      what it says of itself
//! mark       which list a CRL is                 trust      one nation's roots and CRLs, checked when loaded
//! memory     CRLs seen, so that none goes back   verifier   claim, then that nation's trust decides
//! kx         X25519MLKEM768                      provider   the algorithms, and no others
//! primitives what those are made of, by build    config     the four kinds of endpoint
//! credential our own certificate and key
//! session    what is read off a finished handshake
//! extension  critical extensions by name         expiry     when certificates and lists end, and who is warned
//! words      errors of TLS as people read them
//! ```
//!
//! Certificate profiles: `certs/` at the root of the source tree. RFC 8446, RFC 5280, RFC 9266.

mod claim;
pub mod config;
pub mod credential;
pub mod expiry;
pub mod extension;
pub mod fault;
pub mod identity;
pub mod kx;
mod mark;
pub mod memory;
pub mod primitives;
pub mod provider;
pub mod session;
mod told;
pub mod trust;
pub mod verifier;
pub mod words;
