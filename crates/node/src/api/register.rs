//! The register of openings: who read or was refused what, when, for which office, from the national journal. API-25

use super::{
    caller::Caller,
    problem::{Refused, leaf_name, must_be},
    turns::long_read,
};
use crate::{hub::Hub, sync::lock};
use axum::{
    Extension, Json,
    extract::{Query, State},
};
use relto_exchange::{
    journal::{self, Account, Act, Entry},
    place::{self, EntryAt, InboxAt},
    store::StoreError,
};
use relto_formats::api::{AccountRecord, ClockRecord, Opening, Register, Role, RoleRecord};
use relto_policy::reading::ReadingRule;
use relto_report::nation::Nation;
use serde::Deserialize;
use std::sync::Arc;

/// Openings of one answer at most.
const MAX_ROWS: usize = 10_000;
/// Entries of the journal that are read for one answer at most.
const MAX_READ: usize = 64 * PAGE;
/// Entries that are read under one hold of the reader.
const PAGE: usize = 1_024;

/// `?from=ENTRY`: from this entry of the journal on.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
pub(crate) struct From {
    #[serde(default)]
    from: u64,
}

/// `GET /v1/register`: in the order of the journal.
pub(crate) async fn register(
    State(hub): State<Arc<Hub>>,
    Extension(caller): Extension<Caller>,
    Query(query): Query<From>,
) -> Result<Json<Register>, Refused> {
    must_be(&caller, &[Role::Auditor])?;
    long_read(hub, &caller.clone(), move |hub| Ok(Json(openings(hub, query.from)?))).await
}

fn openings(hub: &Hub, from: u64) -> Result<Register, StoreError> {
    let log = journal::origin(hub.config.nation, 0);
    let (mut next, mut read) = (from, 0);
    let mut found = Register { openings: Vec::new(), roles: Vec::new(), clocks: Vec::new(), next: None };
    let rows = |found: &Register| found.openings.len().max(found.roles.len()).max(found.clocks.len());
    while read < MAX_READ && rows(&found) < MAX_ROWS {
        let page = place::scan(&*lock(&hub.reader), EntryAt(log, next), EntryAt(log, u64::MAX), PAGE)?;
        for (EntryAt(_, at), bytes) in &page {
            next = at.saturating_add(1);
            // Silence about an entry would be worse than no register.
            let entry =
                Entry::decode(bytes).map_err(|_| StoreError::Fatal("an entry of the journal does not decode"))?;
            match entry.act {
                Act::Account { .. } | Act::People { .. } => found.roles.extend(role(*at, entry)),
                Act::ClockBelieved { by, words } => {
                    let signed_by = words.into_iter().map(|word| word.account).collect();
                    found.clocks.push(ClockRecord { entry: *at, time: entry.time, by, signed_by });
                }
                _ => found.openings.extend(opening(hub, *at, entry)?),
            }
            if rows(&found) == MAX_ROWS {
                break;
            }
        }
        read = read.saturating_add(PAGE);
        if page.len() < PAGE && rows(&found) < MAX_ROWS {
            return Ok(found);
        }
    }
    found.next = Some(next);
    Ok(found)
}

/// What an entry says of accounts and roles. API-46
fn role(entry: u64, found: Entry) -> Option<RoleRecord> {
    let of = |account| RoleRecord { entry, time: found.time, account, now: None, digest: None, count: None };
    match found.act {
        Act::Account { account, now } => Some(RoleRecord { now: now.map(record), ..of(Some(account)) }),
        Act::People { digest, count } => {
            Some(RoleRecord { digest: Some(digest.to_string()), count: Some(count), ..of(None) })
        }
        _ => None,
    }
}

fn record(account: Account) -> AccountRecord {
    let Account { key, roles, office, offices, clearance, nationality, contractor } = account;
    AccountRecord { key, roles, office, offices, clearance, nationality, contractor }
}

fn opening(hub: &Hub, entry: u64, found: Entry) -> Result<Option<Opening>, StoreError> {
    let of = |agreement: String, nation: Nation, index| -> Result<Opening, StoreError> {
        let link = hub.links.iter().find(|link| link.agreement.id == agreement && link.partner == nation);
        let row = match link {
            Some(link) => place::read(&*lock(&hub.reader), InboxAt(link.theirs(), index))?,
            None => None,
        };
        let serial = row.map(|row| row.serial).unwrap_or_default();
        let leaf = leaf_name(nation, hub.config.nation, index);
        let (time, account, office) = (found.time, String::new(), String::new());
        Ok(Opening { entry, time, account, office, agreement, leaf, serial, opened: true, reasons: Vec::new() })
    };
    Ok(match found.act {
        Act::Opened { account, office, agreement, nation, index } => {
            Some(Opening { account, office, ..of(agreement, nation, index)? })
        }
        Act::NotOpened { account, agreement, nation, index, reasons } => {
            Some(Opening { account, opened: false, reasons, ..of(agreement, nation, index)? })
        }
        Act::NotOpenedInWords { account, agreement, nation, index, reasons } => {
            let rules: Option<Vec<ReadingRule>> = reasons.iter().map(|word| ReadingRule::parse(word)).collect();
            let reasons = rules.ok_or(StoreError::Fatal("an entry of the journal names a rule that is none"))?;
            Some(Opening { account, opened: false, reasons, ..of(agreement, nation, index)? })
        }
        Act::Started { .. }
        | Act::RefusedInWords { .. }
        | Act::NotReleasedInWords { .. }
        | Act::NotReleased { .. }
        | Act::HeldInWords { .. }
        | Act::Held { .. }
        | Act::QueuedInWords { .. }
        | Act::Queued { .. }
        | Act::Approved { .. }
        | Act::Declined { .. }
        | Act::ReceivedInWords { .. }
        | Act::Received { .. }
        | Act::Alarm { .. }
        | Act::Anchored { .. }
        | Act::Changed { .. }
        | Act::Emergency { .. }
        | Act::Confirmed { .. }
        | Act::Installed { .. }
        | Act::NotConfirmed { .. }
        | Act::ClockBelieved { .. }
        | Act::Account { .. }
        | Act::People { .. }
        | Act::Folded { .. }
        | Act::Recovered { .. } => None,
    })
}
