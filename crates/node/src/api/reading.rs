//! Which received reports a reader may list and open: the rules of `relto_policy::reading`, asked of what is stored.

use super::answers::leaf_name;
use crate::{
    config::Person,
    hub::{Hub, lock},
};
use relto_audit::{
    commitment::SALT,
    leaf::{Leaf, Verdict},
    origin::Origin,
};
use relto_exchange::{
    exchange::Link,
    rows::Inbox,
    store::{Key, Reader as _, Row, StoreError},
};
use relto_policy::{
    agreement::Agreement,
    reading::{Reader, ReadingRefusal, Terms, may_read},
};
use relto_report::{assessment::Document, calendar::Timestamp, digest::Digest};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

/// What is kept of terms, by [`Terms::weight`]: some 100 bytes each, so 26 MB at most.
const MOST: usize = 1 << 18;

/// What received reports ask of their readers, so that a list does not decrypt every text each time.
#[derive(Default)]
pub struct Kept(Mutex<Weighed>);

#[derive(Default)]
struct Weighed {
    weight: usize,
    /// By version of the agreement, the partner's log, index.
    terms: BTreeMap<(Digest, Origin, u64), Arc<Terms>>,
}

impl Weighed {
    fn keep(&mut self, key: (Digest, Origin, u64), terms: Arc<Terms>) {
        let weight = terms.weight();
        if self.weight.saturating_add(weight) > MOST {
            *self = Self::default();
        }
        if self.terms.insert(key, terms).is_none() {
            self.weight = self.weight.saturating_add(weight);
        }
    }
}

/// The office by which a report may be read, or every reason why it may not.
pub type Decided = Result<String, Vec<ReadingRefusal>>;

/// Whether this person may read a received report; `None`: none of this index can be read, by nobody or not yet.
///
/// # Errors
/// The store's.
pub fn decide(hub: &Hub, link: &Link, index: u64, person: &Person) -> Result<Option<Decided>, StoreError> {
    let row = lock(&hub.reader).get(&[Key::Inbox(link.theirs(), index)])?.pop().flatten();
    match row {
        Some(Row::Inbox(row)) => decide_row(hub, link, index, &row, person),
        _ => Ok(None),
    }
}

/// As [`decide`], where the row of the inbox is at hand.
///
/// # Errors
/// The store's.
pub fn decide_row(
    hub: &Hub,
    link: &Link,
    index: u64,
    row: &Inbox,
    person: &Person,
) -> Result<Option<Decided>, StoreError> {
    if row.verdict != Verdict::Admitted || row.statement.is_some() || !covered(hub, link, row.outcome)? {
        return Ok(None);
    }
    // By the version in force now: what readers may is what both nations have agreed on last.
    let at = hub.links.iter().position(|one| one.theirs() == link.theirs());
    let agreement = hub.versions.in_force(at.unwrap_or(usize::MAX), link);
    let Some(terms) = terms(hub, link, &agreement, index)? else { return Ok(None) };
    // API-23
    let reader = Reader {
        nation: link.own,
        offices: &person.reads.offices,
        clearance: person.reads.clearance,
        nationalities: &person.reads.nationalities,
        is_contractor: person.reads.contractor.is_some(),
    };
    Ok(Some(may_read(&terms, &agreement, &reader).map(|reads| reads.office.to_owned())))
}

/// R6: a row is readable once a checkpoint of ours that is in the head file covers its receipt. FLW-9
pub fn covered(hub: &Hub, link: &Link, outcome: u64) -> Result<bool, StoreError> {
    if outcome < hub.sealed.of(link.mine()) {
        return Ok(true);
    }
    let from = Key::Checkpoint(link.mine(), outcome.saturating_add(1));
    Ok(!lock(&hub.reader).scan(&from, &Key::Checkpoint(link.mine(), u64::MAX), 1)?.is_empty())
}

/// `None`: the payload is gone, or its body is no report.
fn terms(hub: &Hub, link: &Link, agreement: &Agreement, index: u64) -> Result<Option<Arc<Terms>>, StoreError> {
    let key = (agreement.digest, link.theirs(), index);
    if let Some(known) = lock(&hub.terms.0).terms.get(&key) {
        return Ok(Some(known.clone()));
    }
    let keys = [Key::Leaf(link.theirs(), index), Key::Payload(link.theirs(), index)];
    let mut rows = lock(&hub.reader).get(&keys)?.into_iter().flatten();
    let (Some(Row::Bytes(leaf)), Some(Row::Bytes(payload))) = (rows.next(), rows.next()) else { return Ok(None) };
    let released = Leaf::decode(&leaf).ok().and_then(|leaf| leaf.time());
    let document = Document::decode(payload.get(SALT..).unwrap_or_default().to_vec()).ok();
    let (Some(released), Some(document), Some(register)) = (released, document, link.registers.get(&link.partner))
    else {
        tracing::error!(leaf = %leaf_name(link.partner, link.own, index), "an admitted report cannot be judged for readers");
        return Ok(None);
    };
    let day = Timestamp::from_millis(released).day();
    let found = Arc::new(Terms::of(document.report(), agreement, register, day));
    lock(&hub.terms.0).keep(key, found.clone());
    Ok(Some(found))
}

#[cfg(test)]
mod tests {
    use super::*;
    use relto_report::{
        calendar::Day,
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
