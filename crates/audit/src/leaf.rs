//! What stands in a log. A leaf holds codes, times, digests, indexes and salted commitments, never text.
//!
//! The kinds are closed, by what the protocol must do and not by subject. `Released` and `Statement` oblige exactly
//! one `Outcome` each; no other leaf obliges anything.

use crate::origin::Origin;
use relto_report::{
    codec::{self, Malformed, Validate},
    crypto::Signature,
    digest::Digest,
    nation::Nation,
};
use serde::{Deserialize, Serialize};
use std::fmt;

/// Bytes of the longest leaf that is decoded. A usual one has about 300.
pub const MAX_LEAF: usize = 4096;
/// Signatures that an agreement or key change carries at most: nine signers a Party, two Parties.
pub const MAX_SIGNATURES: usize = 18;
/// Bytes of the signed statement of an agreement or key change.
pub const MAX_STATEMENT_BYTES: usize = 1024;

/// Speed of handling, set by the officer (ACP 121).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub enum Precedence {
    /// First contact, imminent attack, danger to life.
    Flash,
    /// Gravely affects the security of forces or nation.
    Immediate,
    /// Operations in progress; needs action today.
    Priority,
    /// The rest.
    Routine,
}

impl Precedence {
    /// All, fastest first.
    pub const ALL: [Self; 4] = [Self::Flash, Self::Immediate, Self::Priority, Self::Routine];

    /// The word of the vocabulary.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Flash => "FLASH",
            Self::Immediate => "IMMEDIATE",
            Self::Priority => "PRIORITY",
            Self::Routine => "ROUTINE",
        }
    }

    /// Reads the word of the vocabulary.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.word() == word)
    }

    /// FLASH and IMMEDIATE: nothing that moves it on may wait for others.
    #[must_use]
    pub const fn hurries(self) -> bool {
        matches!(self, Self::Flash | Self::Immediate)
    }

    /// 0 for FLASH to 3 for ROUTINE: the lane.
    #[must_use]
    pub const fn lane(self) -> usize {
        match self {
            Self::Flash => 0,
            Self::Immediate => 1,
            Self::Priority => 2,
            Self::Routine => 3,
        }
    }
}

/// The head of a log as another leaf names it: size and root, 0 and the empty root where nothing was seen yet.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Head {
    /// Leaves that the head covers.
    pub size: u64,
    /// RFC 9162 root over them.
    pub root: Digest,
}

/// What the receiving nation decided.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// In its readers' inbox.
    Admitted,
    /// Locked away: a clause that protects failed, the incident clock runs.
    Quarantined,
    /// Shown to nobody, erased.
    Refused,
}

impl Verdict {
    /// As people read it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Admitted => "admitted",
            Self::Quarantined => "quarantined",
            Self::Refused => "refused",
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// A report leaves: everything that the partner may know of it before it has the payload.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Released {
    /// Unix milliseconds; never earlier than the leaf before.
    pub time: u64,
    /// Digest of the agreement version under which it was decided.
    pub agreement: Digest,
    /// Commitment to the payload; see [`crate::commitment`].
    pub commitment: Digest,
    /// Bytes of the payload, salt included.
    pub length: u64,
    /// Set by the officer.
    pub precedence: Precedence,
    /// Salted commitment to the private detail, random where there is none.
    pub detail: Digest,
    /// The partner's head as followed when this was written.
    pub seen: Head,
}

/// Any act between the nations that is not a report.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Statement {
    /// As for a report.
    pub released: Released,
    /// A word of the vocabulary's statement forms, by its place in the list.
    pub form: u16,
    /// The leaf that it is about: owner and index.
    pub subject: Option<(Nation, u64)>,
}

/// The receipt: what became of one leaf of the partner.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Outcome {
    /// Unix milliseconds; never earlier than the leaf before.
    pub time: u64,
    /// Index of the partner's leaf.
    pub index: u64,
    /// RFC 9162 leaf hash of the partner's leaf.
    pub leaf: Digest,
    /// What was decided.
    pub verdict: Verdict,
    /// Partner-visible reason codes, bits as specs/policy.md numbers them.
    pub codes: u64,
    /// The partner's head that covers the leaf.
    pub seen: Head,
}

/// A change signed by the agreement's signers: the statement's exact bytes and who signed them.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct SignedStatement {
    /// The statement, at most [`MAX_STATEMENT_BYTES`].
    #[serde(with = "serde_bytes")]
    pub statement: Vec<u8>,
    /// Signatures with the index of the signer, ascending.
    pub signatures: Vec<(u8, Signature)>,
}

/// One leaf of a log between nations.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Leaf {
    /// Index 0 of every log.
    Genesis {
        /// Agreement id, owner and epoch, as in [`Origin::new`].
        agreement: String,
        /// Who writes this log.
        owner: Nation,
        /// 0 for the first log.
        epoch: u32,
    },
    /// A report leaves.
    Released(Released),
    /// No more payload comes for this leaf of mine; `maybe`: part of it may have left.
    Withdrawn {
        /// Unix milliseconds.
        time: u64,
        /// Index of the leaf in this log.
        index: u64,
        /// Whether any of its payload may have left.
        maybe: bool,
    },
    /// The receipt for a leaf of the partner.
    Outcome(Outcome),
    /// Any other act between the nations.
    Statement(Statement),
    /// The partner's head was seen, where no other leaf says so in time.
    Observed {
        /// Unix milliseconds.
        time: u64,
        /// The partner's head.
        seen: Head,
    },
    /// A salted commitment to the national journal's head.
    Anchor {
        /// Unix milliseconds.
        time: u64,
        /// See [`crate::commitment::commit_anchor`].
        commitment: Digest,
    },
    /// A new version, a suspension, a notice, a measure.
    AgreementChange {
        /// Unix milliseconds.
        time: u64,
        /// Signed by the agreement's signers.
        change: SignedStatement,
    },
    /// A new seal key for this log.
    KeyChange {
        /// Unix milliseconds.
        time: u64,
        /// Signed by the agreement's signers.
        change: SignedStatement,
    },
    /// A payload was erased under the retention rules.
    Erased {
        /// Unix milliseconds.
        time: u64,
        /// First and last index, inclusive.
        range: (u64, u64),
    },
}

impl Leaf {
    /// Decodes the canonical form. LOG-1
    ///
    /// # Errors
    /// [`Malformed`] for anything else, an unknown kind included.
    pub fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        codec::decode::<Self, MAX_LEAF>(bytes)
    }

    /// The canonical form.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        codec::encode(self)
    }

    /// The Genesis leaf of a log.
    #[must_use]
    pub fn genesis(agreement: &str, owner: Nation, epoch: u32) -> Self {
        Self::Genesis { agreement: agreement.to_owned(), owner, epoch }
    }

    /// The leaf's own time in Unix milliseconds; none for Genesis, which is remade byte for byte after a loss.
    #[must_use]
    pub const fn time(&self) -> Option<u64> {
        match self {
            Self::Genesis { .. } => None,
            Self::Released(released) => Some(released.time),
            Self::Outcome(outcome) => Some(outcome.time),
            Self::Statement(statement) => Some(statement.released.time),
            Self::Withdrawn { time, .. }
            | Self::Observed { time, .. }
            | Self::Anchor { time, .. }
            | Self::AgreementChange { time, .. }
            | Self::KeyChange { time, .. }
            | Self::Erased { time, .. } => Some(*time),
        }
    }

    /// The partner's head that this leaf names, if its kind names one.
    #[must_use]
    pub const fn seen(&self) -> Option<Head> {
        match self {
            Self::Released(released) => Some(released.seen),
            Self::Statement(statement) => Some(statement.released.seen),
            Self::Outcome(outcome) => Some(outcome.seen),
            Self::Observed { seen, .. } => Some(*seen),
            Self::Genesis { .. }
            | Self::Withdrawn { .. }
            | Self::Anchor { .. }
            | Self::AgreementChange { .. }
            | Self::KeyChange { .. }
            | Self::Erased { .. } => None,
        }
    }

    /// The kind's name.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Genesis { .. } => "Genesis",
            Self::Released(_) => "Released",
            Self::Withdrawn { .. } => "Withdrawn",
            Self::Outcome(_) => "Outcome",
            Self::Statement(_) => "Statement",
            Self::Observed { .. } => "Observed",
            Self::Anchor { .. } => "Anchor",
            Self::AgreementChange { .. } => "AgreementChange",
            Self::KeyChange { .. } => "KeyChange",
            Self::Erased { .. } => "Erased",
        }
    }

    /// The log whose index 0 this leaf is, if it is a Genesis.
    #[must_use]
    pub fn genesis_of(&self) -> Option<Origin> {
        match self {
            Self::Genesis { agreement, owner, epoch } => Some(Origin::new(agreement, *owner, *epoch)),
            _ => None,
        }
    }
}

impl Validate for SignedStatement {
    fn validate(&self) -> Result<(), Malformed> {
        codec::bound(self.statement.len(), MAX_STATEMENT_BYTES, "statement")?;
        codec::bound(self.signatures.len(), MAX_SIGNATURES, "signatures")
    }
}

impl Validate for Leaf {
    fn validate(&self) -> Result<(), Malformed> {
        match self {
            Self::Genesis { agreement, owner, .. } => {
                owner.validate()?;
                codec::bound(agreement.len(), 40, "agreement id")
            }
            Self::Statement(Statement { subject: Some((nation, _)), .. }) => nation.validate(),
            Self::AgreementChange { change, .. } | Self::KeyChange { change, .. } => change.validate(),
            Self::Erased { range: (first, last), .. } if first > last => Err(Malformed::OutOfBounds("range")),
            Self::Released(_)
            | Self::Withdrawn { .. }
            | Self::Outcome(_)
            | Self::Statement(_)
            | Self::Observed { .. }
            | Self::Anchor { .. }
            | Self::Erased { .. } => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn released() -> Leaf {
        let digest = Digest::from_bytes([3; 32]);
        Leaf::Released(Released {
            time: 1,
            agreement: digest,
            commitment: digest,
            length: 40,
            precedence: Precedence::Flash,
            detail: digest,
            seen: Head { size: 2, root: digest },
        })
    }

    #[test]
    fn log_1_a_leaf_has_one_form_and_is_small() {
        let bytes = released().encode();
        assert!(bytes.len() < 300, "{}", bytes.len());
        assert_eq!(Leaf::decode(&bytes), Ok(released()));
        assert_eq!(Leaf::decode(&[&bytes[..], &[0]].concat()), Err(Malformed::Trailing));
        assert_eq!(Leaf::decode(&bytes[..bytes.len() - 1]), Err(Malformed::Undecodable));
    }

    #[test]
    fn an_unknown_kind_is_malformed() {
        let mut bytes = released().encode();
        bytes[0] = 200;
        assert_eq!(Leaf::decode(&bytes), Err(Malformed::Undecodable));
    }
}
