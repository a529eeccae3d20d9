//! Why something was refused or is owed, as it is stored and sent: a name from a closed list, and what it says of the
//! report. Whoever reads it acts on the name; the sentence is for people alone, and nothing takes it apart.

use crate::code::{Code, Reason, scoped};
use relto_report::rules;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;

/// What a ground is named by. Written as its name wherever it stands, so that a list may grow in its middle.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Named {
    /// A code of the decision.
    Code(Code),
    /// A rule of the report grammar, by its number.
    Rule(&'static str),
    /// A name that this program's lists do not have: of another version's.
    Other(String),
}

impl Named {
    /// The name that a list of another version, or none, has for words that name nothing.
    pub const UNKNOWN: &'static str = "UNKNOWN";

    /// What bears this name.
    #[must_use]
    pub fn of(name: &str) -> Self {
        match (Code::parse(name), rules::rule(name)) {
            (Some(code), _) => Self::Code(code),
            (None, Some(rule)) => Self::Rule(rule.number),
            (None, None) => Self::Other(name.to_owned()),
        }
    }

    /// The name.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Code(code) => code.name(),
            Self::Rule(number) => number,
            Self::Other(name) => name,
        }
    }

    /// The code, where it is one.
    #[must_use]
    pub const fn code(&self) -> Option<Code> {
        match self {
            Self::Code(code) => Some(*code),
            Self::Rule(_) | Self::Other(_) => None,
        }
    }
}

impl Serialize for Named {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for Named {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self::of(&String::deserialize(deserializer)?))
    }
}

/// What a ground comes to without its sentence: what the journal keeps, which nothing erases.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub struct Cause {
    /// Which code or rule.
    pub code: Named,
    /// Whether national rules and not the agreement's clause failed.
    pub national: bool,
}

impl Cause {
    /// A code that the agreement or the exchange itself gives.
    #[must_use]
    pub const fn of(code: Code) -> Self {
        Self { code: Named::Code(code), national: false }
    }
}

/// One ground for refusing or holding a report, or for keeping what came from its readers.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ground {
    /// Which code or rule.
    pub code: Named,
    /// Whether national rules and not the agreement's clause failed.
    pub national: bool,
    /// One plain sentence, which may quote the report; absent where it is not kept.
    pub detail: Option<String>,
}

impl Ground {
    /// Bytes of the longest sentence that is stored or sent: a report may make it as long as it likes.
    pub const MAX_DETAIL: usize = 900;

    /// A ground with its sentence, cut where it is too long.
    #[must_use]
    pub fn new(code: Named, national: bool, detail: &str) -> Self {
        let detail = if detail.len() > Self::MAX_DETAIL {
            format!("{}...", detail.get(..detail.floor_char_boundary(Self::MAX_DETAIL - 3)).unwrap_or_default())
        } else {
            detail.to_owned()
        };
        Self { code, national, detail: Some(detail) }
    }

    /// A code that the agreement or the exchange itself gives, with its sentence.
    #[must_use]
    pub fn of(code: Code, detail: &str) -> Self {
        Self::new(Named::Code(code), false, detail)
    }

    /// What is kept where sentences are not.
    #[must_use]
    pub fn cause(&self) -> Cause {
        Cause { code: self.code.clone(), national: self.national }
    }

    /// Its name in a list of codes, with `NATIONAL_SCOPE:` before a clause that national rules narrow.
    #[must_use]
    pub fn name(&self) -> String {
        match &self.code {
            Named::Code(code) => scoped(*code, self.national),
            named @ (Named::Rule(_) | Named::Other(_)) => named.name().to_owned(),
        }
    }

    /// Whether it is of this code.
    #[must_use]
    pub fn is(&self, code: Code) -> bool {
        self.code == Named::Code(code)
    }
}

impl From<&Reason> for Ground {
    fn from(reason: &Reason) -> Self {
        Self::new(Named::Code(reason.code), reason.national, &reason.detail)
    }
}

impl From<&Reason> for Cause {
    fn from(reason: &Reason) -> Self {
        Self { code: Named::Code(reason.code), national: reason.national }
    }
}

impl From<Cause> for Ground {
    fn from(Cause { code, national }: Cause) -> Self {
        Self { code, national, detail: None }
    }
}

/// For people.
impl fmt::Display for Ground {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name())?;
        self.detail.as_ref().map_or(Ok(()), |detail| write!(f, ": {detail}"))
    }
}

/// The causes of some grounds.
#[must_use]
pub fn causes(grounds: &[Ground]) -> Vec<Cause> {
    grounds.iter().map(Ground::cause).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ground_is_named_by_a_code_a_rule_or_what_another_version_says() {
        for code in Code::ALL {
            assert_eq!(Named::of(code.name()), Named::Code(*code));
        }
        assert_eq!((Named::of("R012"), Named::of("R012").code()), (Named::Rule("R012"), None));
        for name in ["TOPIC_NOT_AGREED", "NATIONAL_SCOPE:TOPIC_UNKNOWN", "R012: a text", ""] {
            assert_eq!(Named::of(name), Named::Other(name.to_owned()));
            assert_eq!(Named::of(name).name(), name);
        }
    }

    #[test]
    fn a_ground_reads_as_its_reason_does() {
        for (code, national) in [(Code::ReportTooOld, true), (Code::ReportTooOld, false), (Code::NationalOverlay, true)]
        {
            let reason = Reason { code, national, detail: "by a day".to_owned() };
            let ground = Ground::from(&reason);
            assert_eq!((ground.to_string(), ground.name()), (reason.to_string(), reason.name()));
            assert!(ground.is(code) && !ground.is(Code::Replayed));
            let bare = Ground::from(ground.cause());
            assert_eq!((bare.to_string(), &bare.detail), (reason.name(), &None));
        }
    }

    #[test]
    fn a_sentence_is_cut_between_characters() {
        let long = "é".repeat(Ground::MAX_DETAIL);
        let cut = Ground::of(Code::TopicUnknown, &long).detail.unwrap();
        assert!(
            cut.len() <= Ground::MAX_DETAIL && cut.len() > Ground::MAX_DETAIL - 5 && cut.ends_with("é..."),
            "{cut}"
        );
        let whole = "x".repeat(Ground::MAX_DETAIL);
        assert_eq!(Ground::of(Code::TopicUnknown, &whole).detail, Some(whole));
    }
}
