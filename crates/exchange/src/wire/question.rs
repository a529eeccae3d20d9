//! What one node asks the other about a log of either, from protocol version 2 on: leaves, and proofs. REC-1 to REC-3
//!
//! In scope: the bodies and how one of them is read as a question. Out of scope: what is answered, which the store says.

use crate::model::store::SubtreeAt;
use relto_audit::origin::Origin;
use relto_report::{
    codec::{Malformed, Validate, bound},
    digest::Digest,
};
use serde::{Deserialize, Serialize};

/// Hashes of one PROOF at most.
pub const MAX_HASHES: usize = 256;
/// The largest level of parts that is asked for: 256^7 leaves are more than any log has.
const MAX_LEVEL: u8 = 7;

/// The body of FETCH: send me leaves of this log from here on.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct FetchBody {
    /// Either log.
    pub log: Origin,
    /// Index of the first leaf.
    pub first: u64,
    /// 0.
    pub zero: u64,
}

/// The body of PROVE.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ProveBody {
    /// Either log.
    pub log: Origin,
    /// 0 consistency, 1 inclusion, 2 parts.
    pub what: u8,
    /// The smaller size; the leaf's index; where the subtree begins.
    pub first: u64,
    /// The larger size; the size of the tree; the leaves of the subtree, a power of 256.
    pub second: u64,
}

/// The body of PROOF.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ProofBody {
    /// What it answers.
    pub of: ProveBody,
    /// The hashes.
    pub hashes: Vec<Digest>,
}

impl Validate for FetchBody {
    fn validate(&self) -> Result<(), Malformed> {
        if self.zero == 0 { Ok(()) } else { Err(Malformed::OutOfBounds("zero")) }
    }
}

impl Validate for ProveBody {
    fn validate(&self) -> Result<(), Malformed> {
        if self.what > 2 { Err(Malformed::OutOfBounds("what is to be proven")) } else { Ok(()) }
    }
}

impl Validate for ProofBody {
    fn validate(&self) -> Result<(), Malformed> {
        self.of.validate()?;
        bound(self.hashes.len(), MAX_HASHES, "hashes")
    }
}

/// A question about one log.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Question {
    /// Its leaves from this index on, with the checkpoint that covers them.
    Leaves(Origin, u64),
    /// That the tree of the second size continues the one of the first.
    Consistency(Origin, u64, u64),
    /// That a leaf stands at this index of the tree of this size.
    Inclusion(Origin, u64, u64),
    /// The roots of the 256 equal parts of a complete subtree: where it begins, and its level.
    Parts(Origin, u64, u8),
}

/// A body that asks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Asking {
    /// FETCH.
    Fetch(FetchBody),
    /// PROVE.
    Prove(ProveBody),
}

impl Question {
    /// What a FETCH asks.
    #[must_use]
    pub const fn of_fetch(body: &FetchBody) -> Self {
        Self::Leaves(body.log, body.first)
    }

    /// What a PROVE asks; `None`: a subtree that no log has.
    #[must_use]
    pub fn of_prove(body: &ProveBody) -> Option<Self> {
        let ProveBody { log, what, first, second } = *body;
        match what {
            0 => Some(Self::Consistency(log, first, second)),
            1 => Some(Self::Inclusion(log, first, second)),
            _ => {
                let level = (1..=MAX_LEVEL).find(|level| SubtreeAt::leaves(*level) == second)?;
                first.is_multiple_of(second).then_some(Self::Parts(log, first, level))
            }
        }
    }

    /// The body that asks it.
    #[must_use]
    pub const fn asking(&self) -> Asking {
        let (log, what, first, second) = match *self {
            Self::Leaves(log, first) => return Asking::Fetch(FetchBody { log, first, zero: 0 }),
            Self::Consistency(log, first, second) => (log, 0, first, second),
            Self::Inclusion(log, first, second) => (log, 1, first, second),
            Self::Parts(log, first, level) => (log, 2, first, SubtreeAt::leaves(level)),
        };
        Asking::Prove(ProveBody { log, what, first, second })
    }

    /// Which log it is about.
    #[must_use]
    pub const fn log(&self) -> Origin {
        match self {
            Self::Leaves(log, _) | Self::Consistency(log, ..) | Self::Inclusion(log, ..) | Self::Parts(log, ..) => *log,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rec_1_a_question_has_one_body_and_a_body_asks_one_thing() {
        let log = Origin::from_bytes([1; 32]);
        for question in [
            Question::Consistency(log, 3, 9),
            Question::Inclusion(log, 0, 1),
            Question::Parts(log, 0, 1),
            Question::Parts(log, 65_536 * 3, 2),
        ] {
            let Asking::Prove(body) = question.asking() else { panic!("{question:?}") };
            assert_eq!(Question::of_prove(&body), Some(question));
        }
        for (first, second) in [(1, 256), (0, 257), (0, 0), (256, 65_536), (0, u64::MAX)] {
            assert_eq!(Question::of_prove(&ProveBody { log, what: 2, first, second }), None, "{first} {second}");
        }
        assert!(ProveBody { log, what: 3, first: 0, second: 0 }.validate().is_err());
    }
}
