//! The forms of Statements that this program makes and takes, by name. The rules of each are a file in `acts/forms`.

/// A form; a word of the vocabulary's statement forms.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Form {
    /// A person of the recipient has the report: its office says so to the originator, once.
    Acknowledged,
}

impl Form {
    /// All of them.
    pub const ALL: [Self; 1] = [Self::Acknowledged];

    /// The vocabulary's word.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Acknowledged => "acknowledged",
        }
    }

    pub(crate) fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|form| form.word() == word)
    }
}
