//! Sets of nations that cost nothing to make: up to eight stand in the set itself.

use super::Nation;
use std::fmt;

const FEW: usize = 8;

/// A sorted set of nations.
#[derive(Clone)]
pub struct Nations {
    /// The members, where there are at most [`FEW`]; behind them stands whatever.
    few: [Nation; FEW],
    count: usize,
    /// All members, where there are more.
    many: Vec<Nation>,
}

impl Nations {
    /// The set of one nation.
    #[must_use]
    pub const fn of(nation: Nation) -> Self {
        Self { few: [nation; FEW], count: 1, many: Vec::new() }
    }

    /// The members, alphabetical.
    #[must_use]
    pub fn as_slice(&self) -> &[Nation] {
        if self.many.is_empty() { self.few.get(..self.count).unwrap_or_default() } else { &self.many }
    }

    /// The members, alphabetical.
    pub fn iter(&self) -> std::slice::Iter<'_, Nation> {
        self.as_slice().iter()
    }

    /// How many.
    #[must_use]
    pub fn len(&self) -> usize {
        self.as_slice().len()
    }

    /// Whether it has no member.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.as_slice().is_empty()
    }

    /// Whether a nation is a member.
    #[must_use]
    pub fn contains(&self, nation: &Nation) -> bool {
        if self.many.is_empty() {
            self.iter().any(|one| one == nation)
        } else {
            self.many.binary_search(nation).is_ok()
        }
    }

    /// Whether every member is one of the other too.
    #[must_use]
    pub fn is_subset(&self, other: &Self) -> bool {
        self.iter().all(|nation| other.contains(nation))
    }

    /// The members that the other has not.
    pub fn difference<'a>(&'a self, other: &'a Self) -> impl Iterator<Item = &'a Nation> {
        self.iter().filter(|nation| !other.contains(nation))
    }

    /// Whether every member of the other is one of this.
    #[must_use]
    pub fn is_superset(&self, other: &Self) -> bool {
        other.is_subset(self)
    }

    /// Adds a nation.
    pub fn insert(&mut self, nation: Nation) {
        let so_far = self.as_slice();
        // Lists are written in order, so most nations come last.
        let is_last = so_far.last().is_none_or(|last| *last < nation);
        let Err(place) = (if is_last { Err(so_far.len()) } else { so_far.binary_search(&nation) }) else { return };
        if self.many.is_empty() && self.count < FEW {
            if let Some(behind @ [_, _, ..]) = self.few.get_mut(place..=self.count) {
                behind.rotate_right(1);
            }
            if let Some(at) = self.few.get_mut(place) {
                *at = nation;
            }
            self.count += 1;
        } else {
            if self.many.is_empty() {
                self.many.extend_from_slice(&self.few);
            }
            self.many.insert(place, nation);
        }
    }

    /// Keeps the members for which this holds.
    pub fn retain(&mut self, keeps: impl Fn(&Nation) -> bool) {
        if !self.iter().all(&keeps) {
            *self = self.iter().copied().filter(|nation| keeps(nation)).collect();
        }
    }
}

impl Default for Nations {
    fn default() -> Self {
        Self { few: [Nation(*b"AAA"); FEW], count: 0, many: Vec::new() }
    }
}

impl PartialEq for Nations {
    fn eq(&self, other: &Self) -> bool {
        self.as_slice() == other.as_slice()
    }
}

impl Eq for Nations {}

impl Extend<Nation> for Nations {
    fn extend<I: IntoIterator<Item = Nation>>(&mut self, nations: I) {
        nations.into_iter().for_each(|nation| self.insert(nation));
    }
}

impl FromIterator<Nation> for Nations {
    fn from_iter<I: IntoIterator<Item = Nation>>(nations: I) -> Self {
        let mut out = Self::default();
        out.extend(nations);
        out
    }
}

impl<'a> IntoIterator for &'a Nations {
    type Item = &'a Nation;
    type IntoIter = std::slice::Iter<'a, Nation>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl fmt::Debug for Nations {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn nation(n: u32) -> Nation {
        let letter = |n: u32| b'A' + u8::try_from(n % 26).unwrap();
        Nation([b'X', letter(n / 26), letter(n)])
    }

    #[test]
    fn it_is_a_set_like_any_other() {
        // Steps by a number without a common divisor, so that they come in no order; beyond what stands in the set itself.
        for step in [1, 7, 11, 25] {
            let (mut one, mut other) = (Nations::default(), BTreeSet::new());
            for n in (0..24).map(|n| n * step % 24).chain(0..3) {
                one.insert(nation(n));
                other.insert(nation(n));
                assert!(one.iter().eq(&other), "{one:?} {other:?}");
                assert_eq!((one.len(), one.is_empty()), (other.len(), false));
                assert!((0..30).all(|n| one.contains(&nation(n)) == other.contains(&nation(n))));
                let even: Nations = one.iter().copied().filter(|one| (0..12).any(|n| *one == nation(2 * n))).collect();
                let mut kept = one.clone();
                kept.retain(|one| (0..12).any(|n| *one == nation(2 * n)));
                assert_eq!(kept, even);
                assert!(even.is_subset(&one) && one.is_superset(&even) && one.is_subset(&even) == (one == even));
                assert_eq!(even.is_superset(&one), one == even);
                assert_eq!(one.difference(&even).count(), one.len() - even.len());
                assert_eq!(even.difference(&one).next(), None);
            }
        }
        assert_eq!(format!("{:?}", Nations::of(nation(0))), "{XAA}");
        assert!(Nations::default().is_empty() && Nations::default() != Nations::of(nation(0)));
    }
}
