//! One append-only log: what stands in it, its tree, its signed heads, and the checks that need no trust in its owner.
//!
//! ```text
//!   leaf, leaf, leaf ...      bytes of at most 4 KiB, see `leaf`; what they promise is committed, see `commitment`
//!        │ leaf_hash
//!        ▼
//!   Frontier (tree)           the right edge of the RFC 9162 tree: size and root after every leaf
//!        │ sign                                                    ▲ follow: same leaves, same root, or nothing
//!        ▼                                                         │
//!   SignedCheckpoint          a C2SP note over (origin, size, root): the one thing that a seal key says of a log
//! ```
//!
//! - [`follow::follow`] takes a partner's batch: next leaves and the checkpoint that must cover exactly them.
//! - [`proof`] shows one leaf, or that one head continues another, to somebody who does not have the log.
//! - [`verify::LogVerifier`] checks one stored log from end to end, offline, with nothing but its bytes and its key.
//!
//! ```
//! use relto_audit::{checkpoint::Checkpoint, follow::follow, leaf::Leaf, origin::Origin, tree::Frontier};
//! use relto_report::{crypto::{Signer, SoftwareKey}, nation::Nation};
//!
//! # let key = SoftwareKey::from_seed(&zeroize::Zeroizing::new([7; 32])).unwrap();
//! let arcadia = Nation::parse("XAA").unwrap();
//! let origin = Origin::new("AGR-1", arcadia, 0);
//! let genesis = Leaf::genesis("AGR-1", arcadia, 0).encode();
//!
//! // The owner appends and signs.
//! let mut mine = Frontier::new();
//! mine.push(&genesis);
//! let head = Checkpoint::of(origin, &mine).sign(&key)?;
//!
//! // The partner follows: it takes the leaves only if they give the root that was signed.
//! let followed = follow(&Frontier::new(), 0, &[genesis], head.as_bytes(), origin, &key.public_key()).unwrap();
//! assert_eq!(followed.frontier, mine);
//! # Ok::<(), relto_report::crypto::SignerDown>(())
//! ```
//!
//! # In scope
//! Bytes of leaves and checkpoints, hashes, proofs, commitments, and the verification of all of them. Every function
//! is total: no input makes it panic or recurse, and what it allocates is bounded by what it is given.
//!
//! # Out of scope
//! - What a leaf *means* (who owes an Outcome, whether a precedence is allowed): crate `exchange`.
//! - Who may change a log's key, k of n: `exchange` over the agreement's signers; here a key is an argument.
//! - Storage, head files, clocks, randomness: crate `host`. Salts, times and stored bytes are arguments.
//! - C2SP witnesses and cosignatures: the partner that follows every leaf is the witness.
#![forbid(unsafe_code)]

pub mod checkpoint;
pub mod commitment;
pub mod follow;
pub mod fuzzing;
pub mod leaf;
pub mod origin;
pub mod proof;
#[cfg(test)]
mod testing;
pub mod tree;
pub mod verify;
