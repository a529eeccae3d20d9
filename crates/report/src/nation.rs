//! Nations by three letters, and pairs of them.

mod set;

pub use set::Nations;

use crate::codec::{Malformed, Validate};
use serde::{Deserialize, Serialize};
use std::{cmp::Ordering, fmt};

/// Three capital letters (ISO 3166-1 alpha-3 or one of its user-assigned codes).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Nation([u8; 3]);

impl Nation {
    /// Reads exactly three capital letters A to Z.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::of_bytes(text.as_bytes())
    }

    /// As [`Self::parse`].
    pub(crate) fn of_bytes(bytes: &[u8]) -> Option<Self> {
        let [one, two, three] = *bytes else { return None };
        let letters = [one, two, three];
        letters.iter().all(u8::is_ascii_uppercase).then_some(Self(letters))
    }

    /// The code as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or("???")
    }

    /// The code's three letters.
    pub(crate) const fn as_bytes(&self) -> &[u8; 3] {
        &self.0
    }
}

/// Alphabetical, as one number: sets of nations compare them at every step of a decision.
impl Ord for Nation {
    fn cmp(&self, other: &Self) -> Ordering {
        let number = |Self([one, two, three]): &Self| u32::from_be_bytes([0, *one, *two, *three]);
        number(self).cmp(&number(other))
    }
}

impl PartialOrd for Nation {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Validate for Nation {
    fn validate(&self) -> Result<(), Malformed> {
        if self.0.iter().all(u8::is_ascii_uppercase) { Ok(()) } else { Err(Malformed::OutOfBounds("nation code")) }
    }
}

impl fmt::Display for Nation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Nation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_nation_is_three_capital_letters_wherever_it_comes_from() {
        for right in ["XAA", "AAA", "ZZZ"] {
            let nation = Nation::parse(right).unwrap();
            assert_eq!((nation.as_str(), nation.to_string().as_str()), (right, right));
            assert_eq!((format!("{nation:?}").as_str(), nation.validate()), (right, Ok(())));
        }
        for wrong in ["", "XA", "XAAA", "XAa", "X1A", "XÉ", "@AA", "AA["] {
            assert_eq!(Nation::parse(wrong), None, "{wrong:?}");
        }
        for bytes in [*b"xaa", *b"XA1", [0; 3], [0xff; 3]] {
            assert_eq!(Nation(bytes).validate(), Err(Malformed::OutOfBounds("nation code")), "{bytes:?}");
        }
        assert_eq!(Nation([0xff; 3]).as_str(), "???");
    }

    #[test]
    fn nations_stand_in_alphabetical_order() {
        let codes = ["AAB", "ABA", "BAA", "XAA", "XAB"];
        let mut nations: Vec<Nation> = codes.iter().rev().filter_map(|code| Nation::parse(code)).collect();
        nations.sort_unstable();
        assert!(nations.iter().map(Nation::as_str).eq(codes));
    }
}
