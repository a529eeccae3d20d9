//! All that an inspector says of one attachment.

use super::finding::Finding;
use crate::codec::{Malformed, Validate, bound};
use serde::{Deserialize, Serialize};

/// Names kept of one attachment; more add nothing for the person who looks.
pub const MAX_NAMES: usize = 16;
/// Characters of the key and of the value of a name, each.
pub const MAX_NAME: usize = 120;

/// What an inspector says of one attachment.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Inspected {
    /// The first thing that is active, hidden, odd or too large; `None`: every byte belongs to a part that the rules
    /// name.
    pub finding: Option<Finding>,
    /// Names of people and tools that stand in its metadata, at most [`MAX_NAMES`].
    pub names: Vec<Named>,
}

/// A name that stands in the metadata of an attachment.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Named {
    /// What it is the name of, in the words of the format: `Author`, `Creator`, `Exif Artist`.
    pub key: String,
    /// The name, as far as it is printable ASCII; `?` for every other character.
    pub value: String,
}

impl Inspected {
    /// Only a finding, and no names.
    #[must_use]
    pub const fn found(finding: Finding) -> Self {
        Self { finding: Some(finding), names: Vec::new() }
    }

    /// Keeps a name, unless it is empty, is there already or is one too many.
    pub fn name(&mut self, key: &str, value: &str) {
        let one = Named { key: printable(key), value: printable(value.trim()) };
        if !one.value.is_empty() && self.names.len() < MAX_NAMES && !self.names.contains(&one) {
            self.names.push(one);
        }
    }
}

impl From<Option<Finding>> for Inspected {
    fn from(finding: Option<Finding>) -> Self {
        Self { finding, names: Vec::new() }
    }
}

fn printable(text: &str) -> String {
    text.chars().take(MAX_NAME).map(|one| if matches!(one, ' '..='~') { one } else { '?' }).collect()
}

impl Validate for Named {
    fn validate(&self) -> Result<(), Malformed> {
        bound(self.key.len(), MAX_NAME, "key of a name")?;
        bound(self.value.len(), MAX_NAME, "name")?;
        let printable = self.key.bytes().chain(self.value.bytes()).all(|one| matches!(one, b' '..=b'~'));
        if printable { Ok(()) } else { Err(Malformed::OutOfBounds("name")) }
    }
}

impl Validate for Inspected {
    fn validate(&self) -> Result<(), Malformed> {
        bound(self.names.len(), MAX_NAMES, "names")?;
        self.finding.iter().try_for_each(Validate::validate)?;
        self.names.iter().try_for_each(Validate::validate)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::attachment::finding::{Advice, At, Sort};

    #[test]
    fn names_are_few_and_short_and_nothing_that_a_terminal_obeys() {
        let mut one = Inspected::found(Finding::new(Sort::Hidden, "a chunk tEXt", At::Byte(33), Advice::Clean));
        one.name("Author", " J. Doe\u{1b}[2J ");
        one.name("Author", "J. Doe\u{1b}[2J");
        one.name("Creator", " ");
        assert_eq!(one.names, [Named { key: "Author".to_owned(), value: "J. Doe?[2J".to_owned() }]);
        for n in 0..100 {
            one.name("Exif Artist", &format!("{n} {}", "é".repeat(500)));
        }
        assert_eq!(one.names.len(), MAX_NAMES);
        assert_eq!(one.validate(), Ok(()));
        let bytes = crate::codec::encode(&one);
        assert_eq!(crate::codec::decode::<Inspected, 65_536>(&bytes), Ok(one.clone()));
        let mut forged = one.clone();
        forged.names[0].value = "\n".to_owned();
        assert!(forged.validate().is_err());
        one.names.push(one.names[0].clone());
        assert!(one.validate().is_err());
    }
}
