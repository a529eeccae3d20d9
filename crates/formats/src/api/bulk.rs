//! Submissions in bulk: lines of answers.

use super::{ProblemKind, Submission};
use serde::{Deserialize, Serialize};

/// Lines of a batch at most; a stream has any number.
pub const MAX_BATCH_LINES: u64 = 1_024;

/// One line of the answer to `POST /v1/submissions:batch` and `:stream`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(untagged)]
pub enum StreamLine {
    /// Of one line of the request.
    Answer(Box<LineAnswer>),
    /// All were read and answered.
    End(StreamEnd),
}

/// How one line stands: a submission, or why it is none.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LineAnswer {
    /// Which line, from 1; empty lines are not counted.
    pub line: u64,
    /// Its submission's id, as far as it was read.
    pub id: Option<String>,
    /// How it stands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub submission: Option<Submission>,
    /// Whether this is its second answer, after the partner's.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub outcome: bool,
    /// Why it was not taken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub problem: Option<LineProblem>,
}

/// What a request of this line alone would have been answered.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LineProblem {
    /// HTTP status.
    pub status: u16,
    /// Of which kind.
    pub error: ProblemKind,
    /// Number of the rule that is broken, where it is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// What is wrong and what to do.
    pub message: String,
}

/// The last line: without it the answer was cut.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StreamEnd {
    /// Always true.
    pub end: bool,
    /// Lines of the request.
    pub lines: u64,
}
