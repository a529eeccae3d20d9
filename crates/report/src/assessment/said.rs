//! What a report says in the texts that people read.

use super::Report;
use crate::shown::{Sort, texts};

impl Report {
    /// Whether a text of the report that people read says this, in these letters and as words of its own.
    #[must_use]
    pub fn says(&self, word: &str) -> bool {
        let written = texts(self).into_iter().filter(|one| one.sort == Sort::Words);
        written.into_iter().any(|one| {
            let text = one.text.split_whitespace().collect::<Vec<_>>().join(" ");
            let alone = |at: usize| {
                let before = text.get(..at).and_then(|before| before.chars().next_back());
                let after = text.get(at.saturating_add(word.len())..).and_then(|after| after.chars().next());
                ![before, after].into_iter().flatten().any(char::is_alphanumeric)
            };
            text.match_indices(word).any(|(at, _)| alone(at))
        })
    }
}
