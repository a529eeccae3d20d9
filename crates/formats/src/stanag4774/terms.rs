//! In whose words a marking is, and by which agreement it is turned into the other Party's.

use super::Refused;
use relto_policy::agreement::{Agreement, Meaning};
use relto_report::{calendar::Day, label::Groups as _, nation::Nation, register::Register};

/// In whose words, under which agreement, on which day.
#[derive(Clone, Copy, Debug)]
pub struct Terms<'a> {
    /// Gives levels, caveats and groups their meaning.
    pub agreement: &'a Agreement,
    /// The register of the Party in whose words the marking is wanted, or which wrote it.
    pub register: &'a Register,
    /// The day whose rows and groups hold.
    pub day: Day,
}

impl Terms<'_> {
    /// One Party's caveat in the other's words.
    pub(super) fn caveat_of(&self, from: Nation, word: &str, to: Nation) -> Result<&str, Refused> {
        let unknown = || Refused::Caveat(word.to_owned());
        let (place, other) = (self.agreement.place_of(from).ok_or_else(unknown)?, self.agreement.place_of(to));
        let row = self.agreement.caveats.iter().find(|row| row.words.get(place).is_some_and(|one| one == word));
        let row = row.ok_or_else(unknown)?;
        if row.means == Meaning::NationalOnly {
            return Err(Refused::NationalOnly(word.to_owned()));
        }
        other.and_then(|other| row.words.get(other)).map(String::as_str).ok_or_else(unknown)
    }

    /// Whether a code names this nation, itself or as a member of a group.
    pub(super) fn admits(&self, code: &str, nation: Nation) -> bool {
        code == nation.as_str()
            || self.agreement.groups_on(self.day).members(code).is_some_and(|members| members.contains(&nation))
    }
}
