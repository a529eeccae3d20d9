//! Which received reports a reader may list and open: the rules of `relto_policy::reading`, asked of what is stored.

use super::problem::leaf_name;
use crate::{hub::Hub, setup::config::Person, sync::lock};
use relto_audit::leaf::{Leaf, Verdict};
use relto_exchange::{
    link::Link,
    place::{self, CheckpointAt, InboxAt, LeafAt, PayloadAt},
    ready::parts::report_of,
    rows::Inbox,
    store::StoreError,
};
use relto_policy::{
    agreement::Agreement,
    reading::{Reader, ReadingRefusal, Terms, may_read},
};
use relto_report::calendar::Timestamp;
use std::sync::Arc;

/// The office by which a report may be read, or every reason why it may not.
pub(crate) type Decided = Result<String, Vec<ReadingRefusal>>;

/// Whether this person may read a received report; `None`: none of this index can be read, by nobody or not yet.
///
/// # Errors
/// The store's.
pub(crate) fn decide(hub: &Hub, link: &Link, index: u64, person: &Person) -> Result<Option<Decided>, StoreError> {
    let row = place::read(&*lock(&hub.reader), InboxAt(link.theirs(), index))?;
    row.map_or(Ok(None), |row| decide_row(hub, link, index, &row, person))
}

/// As [`decide`], where the row of the inbox is at hand.
///
/// # Errors
/// The store's.
pub(crate) fn decide_row(
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
pub(crate) fn covered(hub: &Hub, link: &Link, outcome: u64) -> Result<bool, StoreError> {
    if outcome < hub.sealed.of(link.mine()) {
        return Ok(true);
    }
    let from = CheckpointAt(link.mine(), outcome.saturating_add(1));
    Ok(!place::scan(&*lock(&hub.reader), from, CheckpointAt(link.mine(), u64::MAX), 1)?.is_empty())
}

/// `None`: the payload is gone, or its body is no report.
fn terms(hub: &Hub, link: &Link, agreement: &Agreement, index: u64) -> Result<Option<Arc<Terms>>, StoreError> {
    let key = (agreement.digest, link.theirs(), index);
    if let Some(known) = hub.terms.get(&key) {
        return Ok(Some(known));
    }
    let (leaf, payload) = {
        let reader = lock(&hub.reader);
        let log = link.theirs();
        (place::read(&*reader, LeafAt(log, index))?, place::read(&*reader, PayloadAt(log, index))?)
    };
    let (Some(leaf), Some(payload)) = (leaf, payload) else { return Ok(None) };
    let released = Leaf::decode(&leaf).ok().and_then(|leaf| leaf.time());
    let (Some(released), Some(report), Some(register)) =
        (released, report_of(&payload), link.registers.get(&link.partner))
    else {
        tracing::error!(leaf = %leaf_name(link.partner, link.own, index), "an admitted report cannot be judged for readers");
        return Ok(None);
    };
    let day = Timestamp::from_millis(released).day();
    let found = Arc::new(Terms::of(&report, agreement, register, day));
    hub.terms.keep(key, found.clone());
    Ok(Some(found))
}
