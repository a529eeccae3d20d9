//! Exit codes, the same for every command.

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
}
