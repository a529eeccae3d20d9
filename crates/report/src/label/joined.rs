//! What the portions of a report say together, and the different marks that they have.

use super::audience::Audience;
use crate::{marking::Owner, nation::Nations};
use std::collections::BTreeSet;

/// What the portions say together.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Joined {
    /// The highest known level: the smallest place in `register.levels`.
    pub level: Option<usize>,
    /// Marks, as written, whose level the register does not have (MARKING_UNKNOWN).
    pub unknown_levels: Vec<String>,
    /// Named owners of foreign portions.
    pub foreign: Nations,
    /// Some owner is concealed.
    pub concealed: bool,
    /// Long words of the caveats of any portion.
    pub caveats: BTreeSet<String>,
    /// Controls that the register does not have (CAVEAT_UNKNOWN).
    pub unknown_controls: BTreeSet<String>,
    /// Who may read every portion that has a say, the own nation among them; `None`: no portion has a say.
    pub audience: Option<Nations>,
    /// Group codes that do not expand (GROUP_CODE_UNKNOWN).
    pub unknown_groups: BTreeSet<String>,
    /// Some portion has both a caveat that excludes a list and a list (LABEL_INCONSISTENT).
    pub excluded_and_listed: bool,
    /// Some mark has a fault for which the decision has no code (MALFORMED).
    pub malformed: bool,
    /// Some portion has a caveat that excludes a list (NOFORN).
    pub has_excluding_caveat: bool,
}

/// One of a report's marks, read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ReadMark<'m> {
    /// As written.
    pub text: &'m str,
    /// Length and first letter of the text, by which most marks are told apart.
    pub(super) key: usize,
    /// The owner of foreign information; `None`: the nation's own.
    pub foreign: Option<Owner>,
    /// Its level.
    pub level: ReadLevel,
}

/// The level of a mark, as the register has it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ReadLevel {
    /// Place in `register.levels`.
    Place(usize),
    /// None of the register's, and no fault says that it should be; as written.
    Word(String),
    /// MARKING_UNKNOWN; as written.
    Unknown(String),
}

/// All parts of a report, joined, with the different marks that they have.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct JoinedParts<'m> {
    /// The join.
    pub joined: Joined,
    /// Every mark, in the order in which they come; one that comes again is hardly ever told again.
    pub marks: Vec<ReadMark<'m>>,
    /// The report's `rel_to`, expanded.
    pub listed: Audience,
}

impl JoinedParts<'_> {
    /// A mark of the report.
    #[must_use]
    pub fn mark(&self, text: &str) -> Option<&ReadMark<'_>> {
        let key = key_of(text);
        self.marks.iter().find(|one| one.key == key && one.text == text)
    }
}

/// The key of a mark, by which most are told apart.
#[inline]
pub(super) fn key_of(text: &str) -> usize {
    text.len() << 8 | usize::from(text.as_bytes().first().copied().unwrap_or_default())
}
