//! What is wrong with a file that a person wrote: where, which rule, what to do. All faults are told at once.

use std::fmt;

/// Faults told at most; the rest are counted.
pub const MAX_TOLD: usize = 50;

/// One fault of a file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fault {
    /// 1-based line; 0 when the fault is of the whole file.
    pub line: usize,
    /// 1-based column in characters; 0 when the fault is of the whole file.
    pub column: usize,
    /// Number of the rule, such as `R026`.
    pub rule: &'static str,
    /// What is wrong and what to do.
    pub message: String,
    /// A warning does not stop the file from being used.
    pub warning: bool,
}

/// The faults of one file, in the order of their places.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Faults {
    /// Name of the file as the user gave it.
    pub file: String,
    /// Sorted by line and column.
    pub list: Vec<Fault>,
}

impl Faults {
    /// Sorts the faults of `file` by place.
    #[must_use]
    pub fn new(file: &str, mut list: Vec<Fault>) -> Self {
        list.sort_by_key(|fault| (fault.line, fault.column));
        Self { file: file.to_owned(), list }
    }

    /// Whether anything here stops the file from being used.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.list.iter().any(|fault| !fault.warning)
    }

    /// One fault as a line of text: `report.md:41:7: error R001: ...`.
    #[must_use]
    pub fn line(&self, fault: &Fault) -> String {
        let kind = if fault.warning { "warning" } else { "error" };
        if fault.line == 0 {
            return format!("{}: {kind} {}: {}", self.file, fault.rule, fault.message);
        }
        format!("{}:{}:{}: {kind} {}: {}", self.file, fault.line, fault.column, fault.rule, fault.message)
    }
}

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, fault) in self.list.iter().take(MAX_TOLD).enumerate() {
            if at > 0 {
                f.write_str("\n")?;
            }
            f.write_str(&self.line(fault))?;
        }
        let more = self.list.len().saturating_sub(MAX_TOLD);
        if more > 0 { write!(f, "\nand {more} more") } else { Ok(()) }
    }
}

impl std::error::Error for Faults {}

/// Finds line and column of a byte offset. Columns count characters.
#[derive(Clone, Copy, Debug)]
pub struct Places<'t> {
    text: &'t str,
    first_line: usize,
}

impl<'t> Places<'t> {
    /// Places in `text`, whose first line is line `first_line` of the file.
    #[must_use]
    pub const fn new(text: &'t str, first_line: usize) -> Self {
        Self { text, first_line }
    }

    /// The 1-based line and column of a byte offset.
    #[must_use]
    pub fn at(&self, offset: usize) -> (usize, usize) {
        let mut end = offset.min(self.text.len());
        while !self.text.is_char_boundary(end) {
            end -= 1;
        }
        let before = self.text.get(..end).unwrap_or_default();
        let line = before.matches('\n').count();
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count();
        (self.first_line + line, column + 1)
    }
}

/// The nearest of `known` to a word that is not among them, if any is near enough to be meant.
#[must_use]
pub fn nearest<'k>(word: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    known
        .into_iter()
        .map(|candidate| (strsim::jaro_winkler(word, candidate), candidate))
        .filter(|(score, _)| *score > 0.75)
        .max_by(|one, other| one.0.total_cmp(&other.0))
        .map(|(_, candidate)| candidate)
}
