//! Exit codes, the same for every command.

use relto_audit::leaf::Verdict;
use relto_formats::api::Standing;

/// How a command ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Exit {
    /// Done.
    Done,
    /// Failed: bad input, the node not reached, a fault of the machine.
    Failed,
    /// The policy refuses.
    Refused,
    /// A signature, proof or log does not verify.
    NotVerified,
    /// Held for officers.
    Held,
}

impl Exit {
    /// The process's exit code; 2 is usage, which the argument parser gives.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Failed => 1,
            Self::Refused => 3,
            Self::NotVerified => 4,
            Self::Held => 5,
        }
    }

    /// The exit code of a command that asked for a release. API-14
    #[must_use]
    pub fn of(standing: &Standing) -> Self {
        match standing {
            Standing::Resolved { verdict: Verdict::Admitted, .. } => Self::Done,
            Standing::Resolved { .. } | Standing::Refused { .. } | Standing::Declined { .. } => Self::Refused,
            Standing::Held { .. } => Self::Held,
            // What is withdrawn the partner may not have: as what it refuses.
            Standing::Withdrawn { .. } => Self::Refused,
            Standing::Released { .. } | Standing::Queued { .. } | Standing::Releasable { .. } => Self::Done,
        }
    }

    /// The worse of two: something that does not verify, then what failed, was refused, is held, is done.
    #[must_use]
    pub fn or_worse(self, other: Self) -> Self {
        let rank = |exit: Self| match exit {
            Self::Done => 0_u8,
            Self::Held => 1,
            Self::Refused => 2,
            Self::Failed => 3,
            Self::NotVerified => 4,
        };
        if rank(other) > rank(self) { other } else { self }
    }
}

#[cfg(test)]
mod tests {
    use super::Exit::{Done, Failed, Held, NotVerified, Refused};

    #[test]
    fn api_32_the_worst_of_several_ends_the_command() {
        let sorted = [Done, Held, Refused, Failed, NotVerified];
        for (at, one) in sorted.iter().enumerate() {
            for other in &sorted[..=at] {
                assert_eq!((one.or_worse(*other), other.or_worse(*one)), (*one, *one));
            }
        }
        assert_eq!(Held.or_worse(Refused).code(), 3);
    }
}
