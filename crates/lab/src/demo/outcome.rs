//! What a submission comes to, and what there is to tell of it.

use relto_audit::leaf::Verdict;
use relto_formats::api::Standing;
use relto_policy::ground::Ground;
use std::fmt;

/// What a submission comes to.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    /// The partner decided.
    Answered(Verdict),
    /// It left, and nothing came back.
    Unanswered(u64),
    /// It waits for officers.
    Held,
    /// It waits.
    Queued,
    /// Its own node refused it.
    Refused,
    /// An officer declined it.
    Declined,
    /// It was only checked.
    Releasable,
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Answered(Verdict::Admitted) => "admitted",
            Self::Answered(verdict) => return write!(f, "{verdict} by the partner"),
            Self::Unanswered(index) => return write!(f, "released at {index}, no receipt"),
            Self::Held => "held",
            Self::Queued => "queued",
            Self::Refused => "refused",
            Self::Declined => "declined",
            Self::Releasable => "releasable",
        })
    }
}

/// What it came to, the names of its reasons, and what there is to tell of them.
pub(super) fn outcome(standing: &Standing) -> (Outcome, Vec<String>, Vec<String>) {
    let of = |outcome, grounds: &[Ground]| {
        (outcome, grounds.iter().map(Ground::name).collect(), grounds.iter().map(ToString::to_string).collect())
    };
    match standing {
        Standing::Resolved { verdict, codes, .. } => (Outcome::Answered(*verdict), codes.clone(), codes.clone()),
        Standing::Released { index } | Standing::Withdrawn { index } => of(Outcome::Unanswered(*index), &[]),
        Standing::Held { owed } => of(Outcome::Held, owed),
        Standing::Queued { why } => (Outcome::Queued, Vec::new(), vec![why.to_string()]),
        Standing::Refused { reasons } => of(Outcome::Refused, reasons),
        Standing::Declined { officer, reason } => (Outcome::Declined, Vec::new(), vec![format!("{officer}: {reason}")]),
        Standing::Releasable { basis } => (Outcome::Releasable, Vec::new(), vec![basis.clone()]),
    }
}
