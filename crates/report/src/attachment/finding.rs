//! What an inspector found in an attachment, as a closed type that crosses from the process that looks to the one that
//! decides.

use crate::codec::{Malformed, Validate, bound};
use serde::{Deserialize, Serialize};
use std::fmt;

/// Bytes of the words of one finding.
pub const MAX_WHAT: usize = 120;

/// Of what sort a finding is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub enum Sort {
    /// Something that a program would execute, follow or calculate.
    Active,
    /// Something that no reader is shown.
    Hidden,
    /// A byte that belongs to no part which the grammar of its type names.
    Odd,
    /// More than an inspector takes.
    TooLarge,
}

/// Where in the attachment it stands.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub enum At {
    /// Byte of the file, from 0.
    Byte(u64),
    /// Line and column of a table, from 1.
    Cell(u64, u64),
    /// Number of an object in a PDF.
    Object(u32),
    /// The file as a whole.
    File,
}

/// What its author can do about it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Advice {
    /// `relto clean FILE` takes it out.
    Clean,
    /// Printing to PDF anew leaves it out.
    PrintAnew,
    /// Saving the values in place of formulas.
    SaveValues,
    /// Saving the table in a plain form.
    SaveTable,
    /// Exporting the picture anew.
    ExportAnew,
    /// Sending less, or in parts.
    Part,
    /// Mending the JSON text.
    MendJson,
    /// Saving the document without a password.
    Unlock,
    /// Attaching the embedded file on its own.
    Detach,
    /// Making a link one of the web or of mail, or taking it out.
    MendLink,
}

impl Advice {
    /// What to do, in words.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Clean => "relto clean FILE writes the file without it",
            Self::PrintAnew => "print it to PDF anew and attach that",
            Self::SaveValues => "save the values in place of the formulas",
            Self::SaveTable => "save it as plain CSV in UTF-8, with one separator and quotes only round whole cells",
            Self::ExportAnew => "export the picture anew as PNG or JPEG",
            Self::Part => "send less, or part it in several files",
            Self::MendJson => "mend the JSON text",
            Self::Unlock => "save it without a password and attach that",
            Self::Detach => "print it to PDF anew, and attach the file in it on its own",
            Self::MendLink => "begin the link with http://, https:// or mailto:, or take it out",
        }
    }
}

/// One thing found.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Finding {
    /// Of what sort.
    pub sort: Sort,
    /// What it is, in at most [`MAX_WHAT`] printable ASCII characters; nothing of the file but names of its format.
    what: String,
    /// Where it stands.
    pub at: At,
    /// What to do.
    pub advice: Advice,
}

impl Finding {
    /// A finding; words that are too long or hold what a terminal would obey are cut and replaced.
    #[must_use]
    pub fn new(sort: Sort, what: &str, at: At, advice: Advice) -> Self {
        let printable = |one: char| if matches!(one, ' '..='~') { one } else { '?' };
        Self { sort, what: what.chars().take(MAX_WHAT).map(printable).collect(), at, advice }
    }

    /// What it is.
    #[must_use]
    pub fn what(&self) -> &str {
        &self.what
    }
}

impl Validate for Finding {
    fn validate(&self) -> Result<(), Malformed> {
        bound(self.what.len(), MAX_WHAT, "finding")?;
        let printable = self.what.bytes().all(|one| matches!(one, b' '..=b'~'));
        if printable { Ok(()) } else { Err(Malformed::OutOfBounds("finding")) }
    }
}

impl fmt::Display for At {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Byte(at) => write!(f, " at byte {at}"),
            Self::Cell(line, column) => write!(f, " in line {line}, column {column}"),
            Self::Object(n) => write!(f, " in object {n}"),
            Self::File => Ok(()),
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sort = match self.sort {
            Sort::Active => "active content",
            Sort::Hidden => "hidden content",
            Sort::Odd => "not of the form of its type",
            Sort::TooLarge => "too large to inspect",
        };
        write!(f, "{sort}: {}{}: {}", self.what, self.at, self.advice.words())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_finding_says_what_where_and_what_to_do_and_nothing_that_a_terminal_obeys() {
        let one = Finding::new(Sort::Hidden, "a chunk tEXt\u{1b}[2J", At::Byte(33), Advice::Clean);
        let told = "hidden content: a chunk tEXt?[2J at byte 33: relto clean FILE writes the file without it";
        assert_eq!(one.to_string(), told);
        assert_eq!(one.validate(), Ok(()));
        assert_eq!(Finding::new(Sort::Odd, &"x".repeat(500), At::File, Advice::Part).what().len(), MAX_WHAT);
        let forged = Finding { what: "\n".to_owned(), ..one };
        assert!(forged.validate().is_err());
    }
}
