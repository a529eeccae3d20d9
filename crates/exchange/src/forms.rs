//! The forms of Statements that this program makes and takes.

/// A form that this program makes and takes; a word of the vocabulary's statement forms.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Form {
    /// A person of the recipient has the report: its office says so to the originator, once.
    Acknowledged,
}

impl Form {
    /// The vocabulary's word.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Acknowledged => "acknowledged",
        }
    }

    pub(crate) fn of_word(word: &str) -> Option<Self> {
        (word == Self::Acknowledged.word()).then_some(Self::Acknowledged)
    }
}
