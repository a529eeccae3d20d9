//! The body of a Statement that is no report: short, marked like a portion, and from an office to offices.

use crate::{
    assessment::MarkedText,
    codec::{self, Malformed, Validate, bound},
    unseen::unseen,
};
use serde::{Deserialize, Serialize};

/// The form of notes that this program reads.
pub const NOTE_FORMAT: &str = "relto-note/1";
/// Bytes of an encoded note.
pub const MAX_NOTE: usize = 16 * 1024;
/// Bytes of an office's name.
const MAX_OFFICE: usize = 64;
/// Topics, and addressees.
const MAX_LIST: usize = 32;
/// Bytes of its text.
const MAX_TEXT: usize = 8 * 1024;

/// A note between offices of two nations. No `Debug` that prints text.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// [`NOTE_FORMAT`].
    pub format: String,
    /// Which office makes it, such as `XBB/J2`.
    pub from: String,
    /// To which offices; empty: to those of the subject.
    pub to: Vec<String>,
    /// Topics; empty where the form needs none.
    pub topics: Vec<String>,
    /// Its text with its mark; both empty where the form says all.
    pub body: MarkedText,
}

impl Note {
    /// A note that says nothing but which office makes it.
    #[must_use]
    pub fn bare(from: String) -> Self {
        let body = MarkedText { mark: String::new(), text: String::new() };
        Self { format: NOTE_FORMAT.to_owned(), from, to: Vec::new(), topics: Vec::new(), body }
    }

    /// The canonical form.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        codec::encode(self)
    }

    /// Decodes the canonical form. RPT-1
    ///
    /// # Errors
    /// [`Malformed`] for anything else.
    pub fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        codec::decode::<Self, MAX_NOTE>(bytes)
    }

    /// Whether it says nothing but who makes it: neither text nor mark, topics nor addressees.
    #[must_use]
    pub fn is_bare(&self) -> bool {
        self.to.is_empty() && self.topics.is_empty() && self.body.mark.is_empty() && self.body.text.is_empty()
    }
}

impl Validate for Note {
    fn validate(&self) -> Result<(), Malformed> {
        if self.format != NOTE_FORMAT {
            return Err(Malformed::OutOfBounds("format"));
        }
        // A name is shown to people: it moves no cursor and hides nothing.
        let is_name = |name: &str| !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_graphic());
        let offices = std::iter::once(&self.from).chain(&self.to);
        for name in offices.chain(&self.topics) {
            bound(name.len(), MAX_OFFICE, "name")?;
            if !is_name(name) {
                return Err(Malformed::OutOfBounds("name"));
            }
        }
        bound(self.to.len(), MAX_LIST, "to")?;
        bound(self.topics.len(), MAX_LIST, "topics")?;
        bound(self.body.mark.len(), MAX_OFFICE * 4, "mark")?;
        bound(self.body.text.len(), MAX_TEXT, "text")?;
        // RPT-8
        if [&self.body.mark, &self.body.text].into_iter().any(|text| unseen(text).is_some()) {
            return Err(Malformed::OutOfBounds("text"));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn note() -> Note {
        Note::bare("XBB/J2".to_owned())
    }

    #[test]
    fn rpt_1_a_note_has_one_form_and_its_bounds() {
        let bytes = note().encode();
        assert!(Note::decode(&bytes).is_ok_and(|found| found == note() && found.is_bare()));
        for end in 0..bytes.len() {
            assert!(Note::decode(&bytes[..end]).is_err(), "cut at {end}");
        }
        assert!(Note::decode(&[&bytes[..], &[0]].concat()).is_err());
        let edits: [fn(&mut Note); 8] = [
            |note| note.format = "relto-note/2".to_owned(),
            |note| note.from = String::new(),
            |note| note.from = "XBB/\u{202e}J2".to_owned(),
            |note| note.to = vec!["XAA/J2".to_owned(); 33],
            |note| note.topics = vec!["a b".to_owned()],
            |note| note.body.text = "x\u{34f}".to_owned(),
            |note| note.body.mark = "U\u{200b}".to_owned(),
            |note| note.body.text = "x".repeat(8 * 1024 + 1),
        ];
        for edit in edits {
            let mut bad = note();
            edit(&mut bad);
            assert!(Note::decode(&bad.encode()).is_err());
        }
    }
}
