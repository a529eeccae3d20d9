//! One clause of a decision as it is explained.

use crate::code::{Code, Reason};
use std::fmt;

/// Where in the order of the decision a clause stands.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Stage {
    /// What makes everything else unbelievable; the first failed one is told alone.
    Authenticity,
    /// Of the agreement, whatever the direction.
    Agreement,
    /// Of the agreement's scope for this direction, and of the national rules where they narrow it.
    Scope,
    /// Of the national rules alone.
    National,
    /// What people owe, asked last and outbound only.
    People,
}

impl Stage {
    /// The stage's name.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Authenticity => "authenticity",
            Self::Agreement => "agreement",
            Self::Scope => "scope",
            Self::National => "national",
            Self::People => "people",
        }
    }
}

/// What a clause came to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// It holds.
    Passed,
    /// It failed, for these reasons of the decision.
    Failed(Vec<Reason>),
    /// The decision did not come to it; why not.
    NotJudged(&'static str),
}

/// One clause.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Clause {
    /// Its place in the order.
    pub stage: Stage,
    /// What it is about.
    pub name: &'static str,
    /// The code that it refuses or holds with.
    pub code: Code,
    /// What the report, or the moment, has.
    pub value: String,
    /// What the agreement asks.
    pub agreed: String,
    /// What the national rules ask, where they say something of their own.
    pub national: Option<String>,
    /// What it came to.
    pub outcome: Outcome,
}

impl Clause {
    /// The names under which it stands in the decision's list of codes; none where it did not fail.
    #[must_use]
    pub fn failed_as(&self) -> Vec<String> {
        match &self.outcome {
            Outcome::Failed(reasons) => reasons.iter().map(Reason::name).collect(),
            Outcome::Passed | Outcome::NotJudged(_) => Vec::new(),
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Passed => f.write_str("passed"),
            Self::Failed(_) => f.write_str("FAILED"),
            Self::NotJudged(_) => f.write_str("not judged"),
        }
    }
}
