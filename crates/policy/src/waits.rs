//! Why a report that nothing forbids has not gone yet.

use relto_report::digest::Digest;
use serde::{Deserialize, Serialize};
use std::fmt;

/// What a queued report waits for. It leaves by itself when that has come. New ones stand at the end: rows hold their
/// numbers, bodies their words.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Waits {
    /// Its attachments are being looked at.
    Attachments,
    /// Its words are being looked at, and its attachments where it has any.
    Content,
    /// The clock of this node is not trusted.
    Clock,
    /// The partner's clock differs by more than the agreement's skew.
    ClocksDiffer,
    /// A version of the agreement is adopted whose file is not installed here.
    Version(#[serde(with = "text")] Digest),
    /// The partner has not confirmed the heads of the logs.
    Heads,
    /// The seal key does not keep up.
    SealKey,
    /// The window of unanswered reports is full.
    Window,
    /// As a store of an earlier version has it, where it says none of these.
    Words(String),
}

/// For people.
impl fmt::Display for Waits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Attachments => "its attachments are being looked at",
            Self::Content => "its words and attachments are being looked at",
            Self::Clock => "the clock of this node is not trusted",
            Self::ClocksDiffer => "the partner's clock differs by more than the agreement's skew",
            Self::Version(version) => {
                let adopted = "a version of the agreement that is adopted is not installed here";
                return write!(f, "{adopted}: {version}. Install its file");
            }
            Self::Heads => "the partner has not confirmed the heads of the logs",
            Self::SealKey => "the seal key does not keep up",
            Self::Window => "the window of unanswered reports is full",
            Self::Words(words) => words,
        })
    }
}

/// A digest as people read it, in rows and bodies alike.
mod text {
    use relto_report::digest::Digest;
    use serde::{Deserialize as _, Deserializer, Serializer, de::Error as _};

    pub(super) fn serialize<S: Serializer>(digest: &Digest, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(digest)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Digest, D::Error> {
        let text = String::deserialize(deserializer)?;
        Digest::parse(&text).ok_or_else(|| D::Error::custom("no digest"))
    }
}
