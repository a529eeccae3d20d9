//! What received reports ask of their readers, kept in memory.

use crate::sync::lock;
use relto_audit::origin::Origin;
use relto_policy::reading::Terms;
use relto_report::digest::Digest;
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

/// Version of the agreement, the partner's log, index.
pub(crate) type Place = (Digest, Origin, u64);

/// What is kept of terms, by [`Terms::weight`]: some 100 bytes each, so 26 MB at most.
const MOST: usize = 1 << 18;

/// What received reports ask of their readers, so that a list does not decrypt every text each time.
#[derive(Default)]
pub(crate) struct Kept(Mutex<Weighed>);

#[derive(Default)]
struct Weighed {
    weight: usize,
    terms: BTreeMap<Place, Arc<Terms>>,
}

impl Weighed {
    fn keep(&mut self, key: Place, terms: Arc<Terms>) {
        let weight = terms.weight();
        if self.weight.saturating_add(weight) > MOST {
            *self = Self::default();
        }
        if self.terms.insert(key, terms).is_none() {
            self.weight = self.weight.saturating_add(weight);
        }
    }
}

impl Kept {
    /// What is kept of a place.
    pub(super) fn get(&self, place: &Place) -> Option<Arc<Terms>> {
        lock(&self.0).terms.get(place).cloned()
    }

    /// Keeps it; where there is too much, everything is forgotten.
    pub(super) fn keep(&self, place: Place, terms: Arc<Terms>) {
        lock(&self.0).keep(place, terms);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use relto_policy::agreement::Agreement;
    use relto_report::{
        calendar::{Day, Timestamp},
        file::{Context, parse},
        register::Register,
        vocabulary::Vocabulary,
    };

    fn terms() -> Arc<Terms> {
        let register = Register::read("r", include_bytes!("../../../../examples/markings-XAA.toml")).unwrap();
        let vocabulary = Vocabulary::read("v", include_bytes!("../../../../examples/vocabulary.toml")).unwrap();
        let agreement = Agreement::read("a", include_bytes!("../../../../examples/agreement.toml")).unwrap();
        let now = Timestamp::parse("2026-11-17T12:00:00Z").unwrap();
        let text = include_bytes!("../../../../examples/reports/linux-port-numbers.md");
        let parsed = parse("r.md", text, &Context::new(&register, &vocabulary, now));
        let parsed = parsed.unwrap_or_else(|faults| panic!("{faults}"));
        Arc::new(Terms::of(parsed.document.report(), &agreement, &register, Day::parse("2026-11-17").unwrap()))
    }

    #[test]
    fn what_is_kept_is_bounded() {
        let (mut kept, terms) = (Weighed::default(), terms());
        let key = |index| {
            (
                Digest::from_bytes([1; 32]),
                Origin::new("A", relto_report::nation::Nation::parse("XAA").unwrap(), 0),
                index,
            )
        };
        kept.keep(key(0), terms.clone());
        let one = kept.weight;
        assert!(one > 1);
        kept.keep(key(0), terms.clone());
        assert_eq!((kept.weight, kept.terms.len()), (one, 1), "the same twice weighs once");
        let most = u64::try_from(MOST / one).unwrap();
        for index in 1..most {
            kept.keep(key(index), terms.clone());
        }
        assert!(kept.weight <= MOST && kept.terms.len() == usize::try_from(most).unwrap());
        kept.keep(key(most), terms);
        assert_eq!((kept.weight, kept.terms.len()), (one, 1), "it begins anew");
    }
}
