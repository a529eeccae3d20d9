//! When certificates and lists end, and when their end is to be told: at 30, 14, 7 and 2 days, and when it has come.
//!
//! Each threshold is told once for each certificate and list. One that is loaded with less time left than a threshold
//! is told of once, by the nearest; a list that lives a week is therefore told of when it comes, and again at two days.

use super::identity::{Identity, Role};
use relto_report::{digest::Digest, nation::Nation};
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

/// Days before the end at which it is told, the longest first.
pub const WARNED_AT_DAYS: [u64; 4] = [30, 14, 7, 2];
/// Milliseconds of a day.
pub const DAY_MS: u64 = 24 * 60 * 60 * 1000;

/// What ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A certificate of a node or a person.
    Certificate,
    /// A TLS root.
    Root,
    /// A certificate revocation list: its nextUpdate.
    Crl,
}

impl Kind {
    /// The word for programs.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Certificate => "certificate",
            Self::Root => "root",
            Self::Crl => "crl",
        }
    }
}

/// The end of one certificate or list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expiry {
    /// What it is.
    pub kind: Kind,
    /// Whose.
    pub nation: Nation,
    /// The node or person of a certificate.
    pub who: Option<Identity>,
    /// SHA-256 of it.
    pub digest: Digest,
    /// The end, milliseconds since 1970.
    pub not_after_ms: u64,
}

impl Expiry {
    /// Whole days left at this time (milliseconds since 1970); `None` where it has ended.
    #[must_use]
    pub const fn days_left(&self, now_ms: u64) -> Option<u64> {
        match self.not_after_ms.checked_sub(now_ms) {
            Some(left) if left > 0 => Some(left / DAY_MS),
            _ => None,
        }
    }
}

impl fmt::Display for Expiry {
    /// What it is and whose, without the account of a person: log lines name none.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.kind, &self.who) {
            (Kind::Certificate, Some(who)) if who.role == Role::Node => write!(f, "certificate of {who}"),
            (Kind::Certificate, _) => write!(f, "certificate {} of a person of {}", self.digest, self.nation),
            (Kind::Root, _) => write!(f, "TLS root {} of {}", self.digest, self.nation),
            (Kind::Crl, _) => write!(f, "CRL {} of {}", self.digest, self.nation),
        }
    }
}

/// What was told of each certificate and list.
#[derive(Debug, Default)]
pub struct Warnings {
    told: BTreeMap<Digest, u64>,
}

/// One that is to be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    /// Of what.
    pub expiry: Expiry,
    /// The threshold that it has come to, in days; 0: it has ended.
    pub days: u64,
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = &self.expiry;
        match (self.days, what.kind) {
            (0, Kind::Crl) => {
                write!(
                    f,
                    "{what} is past its nextUpdate: nobody whom it speaks for is let in until the new one is here"
                )
            }
            (0, _) => write!(f, "{what} has expired"),
            (days, Kind::Crl) => {
                write!(f, "{what} is good for less than {days} days: have the next one fetched in time")
            }
            (days, Kind::Root) => {
                write!(f, "{what} expires in less than {days} days: a new root has to be agreed on and configured")
            }
            (days, Kind::Certificate) => write!(f, "{what} expires in less than {days} days: have a new one issued"),
        }
    }
}

impl Warnings {
    /// What has come to a threshold since the last look. What is no longer in the list is forgotten. LNK-38
    pub fn due(&mut self, list: &[Expiry], now_ms: u64) -> Vec<Warning> {
        let here: BTreeSet<Digest> = list.iter().map(|one| one.digest).collect();
        self.told.retain(|digest, _| here.contains(digest));
        let mut out = Vec::new();
        for expiry in list {
            let Some(days) = threshold(expiry, now_ms) else { continue };
            if self.told.get(&expiry.digest).is_none_or(|told| days < *told) {
                self.told.insert(expiry.digest, days);
                out.push(Warning { expiry: expiry.clone(), days });
            }
        }
        out
    }
}

/// The nearest threshold that has been reached; 0 where it has ended.
fn threshold(expiry: &Expiry, now_ms: u64) -> Option<u64> {
    let left = expiry.not_after_ms.saturating_sub(now_ms);
    if left == 0 {
        return Some(0);
    }
    WARNED_AT_DAYS.into_iter().rev().find(|days| left <= days * DAY_MS)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn crl(digest: u8, not_after_ms: u64) -> Expiry {
        let nation = Nation::parse("XBB").unwrap();
        Expiry { kind: Kind::Crl, nation, who: None, digest: Digest::from_bytes([digest; 32]), not_after_ms }
    }

    #[test]
    fn lnk_38_the_end_is_told_once_at_each_of_four_days_and_when_it_has_come() {
        let (mut warnings, end) = (Warnings::default(), 100 * DAY_MS);
        let list = [crl(1, end)];
        let mut told = Vec::new();
        // An hour at a time, from 40 days before to 3 days after.
        for hour in 0..43 * 24 {
            let now = end - 40 * DAY_MS + hour * DAY_MS / 24;
            told.extend(warnings.due(&list, now).into_iter().map(|one| (one.days, (end.max(now) - now) / DAY_MS)));
        }
        assert_eq!(told, [(30, 30), (14, 14), (7, 7), (2, 2), (0, 0)]);
    }

    #[test]
    fn what_comes_late_is_told_once_by_the_nearest_and_what_is_replaced_starts_anew() {
        let (mut warnings, now) = (Warnings::default(), 1_000 * DAY_MS);
        let days = |list: Vec<Warning>| list.into_iter().map(|one| one.days).collect::<Vec<_>>();
        assert_eq!(days(warnings.due(&[crl(1, now + 10 * DAY_MS)], now)), [14]);
        assert_eq!(days(warnings.due(&[crl(1, now + 10 * DAY_MS)], now)), []);
        assert_eq!(days(warnings.due(&[crl(2, now + 31 * DAY_MS)], now)), [], "the next list has time");
        assert_eq!(days(warnings.due(&[crl(3, now + DAY_MS), crl(4, now)], now)), [2, 0]);
        assert_eq!(crl(1, now + 10 * DAY_MS + 5).days_left(now), Some(10));
        assert_eq!(crl(1, now + 5).days_left(now), Some(0));
        assert_eq!(crl(1, now).days_left(now), None);
    }

    #[test]
    fn a_line_names_no_account() {
        let who = Identity::parse("relto://XAA/person/a.moreau");
        let one = Expiry { kind: Kind::Certificate, who, ..crl(1, 0) };
        assert!(!Warning { expiry: one, days: 2 }.to_string().contains("moreau"));
    }
}
