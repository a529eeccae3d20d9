//! What is known of this node's clock, and by whom.

use relto_report::{nation::Nation, signed::ClockWord};
use std::fmt;

/// By what the clock is believed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum By {
    /// node.toml says that somebody else looks after it.
    Configuration,
    /// The system says that it is synchronised.
    System,
    /// It stands within a day behind the newest of our own records.
    Records,
    /// The HELLO of this nation was within the agreement's skew.
    Partner(Nation),
    /// An operator and an auditor signed that it is right.
    Accounts,
}

impl fmt::Display for By {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Configuration => f.write_str("node.toml"),
            Self::System => f.write_str("the system, which says that it is synchronised"),
            Self::Records => f.write_str("our own records, the newest of which is less than a day old"),
            Self::Partner(nation) => write!(f, "a HELLO of {nation}"),
            Self::Accounts => f.write_str("an operator and an auditor"),
        }
    }
}

/// Which of the two signs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Voice {
    /// An account that runs the service.
    Operator,
    /// An account that audits.
    Auditor,
}

/// What is known of the clock.
#[derive(Clone, Debug)]
pub struct Belief {
    /// By what it is believed; `None`: not yet.
    pub(crate) by: Option<By>,
    /// Why not, for people.
    pub(crate) why: String,
    pub(crate) operator: Option<ClockWord>,
    pub(crate) auditor: Option<ClockWord>,
    /// The node has started, which the journal is to say.
    pub(crate) started: bool,
}

impl Default for Belief {
    fn default() -> Self {
        Self { by: Some(By::Configuration), why: String::new(), operator: None, auditor: None, started: false }
    }
}

impl Belief {
    /// By what it is believed.
    #[must_use]
    pub const fn by(&self) -> Option<&By> {
        self.by.as_ref()
    }

    /// Why it is not.
    #[must_use]
    pub fn doubt(&self) -> Option<&str> {
        self.by.is_none().then_some(self.why.as_str())
    }

    /// Whose signature is here: an operator's, an auditor's.
    #[must_use]
    pub const fn signed(&self) -> (bool, bool) {
        (self.operator.is_some(), self.auditor.is_some())
    }
}
