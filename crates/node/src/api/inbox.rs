//! Inbox, outbox and receipts.

use super::{
    caller::{Caller, Line},
    charge::{Reserved, reserve},
    problem::{Refused, blocking, leaf_name, must_be, refused},
    proofs::proof,
    reading::{Decided, covered, decide, decide_row},
    standing::link_of,
    turns::{long_read, turn},
};
use crate::{hub::Hub, sync::lock};
use axum::{
    Extension, Json,
    extract::{Path, State},
    http::StatusCode,
};
use relto_audit::commitment::SALT;
use relto_exchange::{
    ids::LinkId,
    input::Input,
    link::Link,
    out::Answer,
    parts::Parts,
    place::{self, InboxAt, OutboxAt, PayloadAt, Place},
    ready::parts::document,
    rows::{About, Inbox, Stage},
    store::StoreError,
};
use relto_formats::{
    api::{Opened, ProblemKind, Receipt, Received, Role, Sent, SentStage},
    base64_bytes::Bytes,
};
use relto_host::store::SqliteReader;
use relto_policy::{code::names, reading::ReadingRefusal};
use relto_report::{assessment::Document, digest::Digest};
use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
};
use tokio::sync::Notify;

/// Bytes of a report that are given at once at most: the text, and attachments that are not long.
const MOST_AT_ONCE: u64 = 26 * 1024 * 1024;

/// Rows of one list at most; the newest.
const MAX_ROWS: usize = 10_000;

/// `GET /v1/outbox`: an author's own reports; all for officers and auditors.
pub(crate) async fn outbox(
    State(hub): State<Arc<Hub>>,
    Extension(caller): Extension<Caller>,
) -> Result<Json<Vec<Sent>>, Refused> {
    must_be(&caller, &[Role::Author, Role::Officer, Role::SeniorOfficer, Role::Auditor])?;
    let all = must_be(&caller, &[Role::Officer, Role::SeniorOfficer, Role::Auditor]).is_ok();
    long_read(hub, &caller.clone(), move |hub| {
        let mut out = Vec::new();
        for link in &hub.links {
            let log = link.mine();
            for (OutboxAt(_, index), row) in newest(&hub.reader, |at| OutboxAt(log, at), |OutboxAt(_, at)| at)? {
                if !all && row.account != caller.0.account {
                    continue;
                }
                let (stage, codes) = match row.stage {
                    Stage::Released => (SentStage::Released, Vec::new()),
                    Stage::Withdrawn { .. } => (SentStage::Withdrawn, Vec::new()),
                    Stage::Resolved { verdict, codes, .. } => (verdict.into(), names(codes)),
                };
                out.push(Sent {
                    agreement: link.agreement.id.clone(),
                    leaf: leaf_name(link.own, link.partner, index),
                    serial: row.serial,
                    precedence: row.precedence.word().to_owned(),
                    time: row.time,
                    submission: uuid::Uuid::from_bytes(row.submission).to_string(),
                    stage,
                    codes,
                    statement: statement(link, row.statement),
                    acknowledged_by: row.acknowledged.map(|said| said.office),
                });
            }
        }
        Ok(Json(out))
    })
    .await
}

/// The newest rows of a kind, oldest first, at most [`MAX_ROWS`]. Between two pages others may read.
fn newest<P: Place>(
    reader: &Mutex<SqliteReader>,
    at: impl Fn(u64) -> P,
    index: impl Fn(P) -> u64,
) -> Result<VecDeque<(P, P::Value)>, StoreError> {
    const PAGE: usize = 1_024;
    let mut out = VecDeque::new();
    let mut from = 0;
    loop {
        let rows = place::scan(&*lock(reader), at(from), at(u64::MAX), PAGE)?;
        let last = rows.len() < PAGE;
        if let Some((place, _)) = rows.last() {
            from = index(*place).saturating_add(1);
        }
        out.extend(rows);
        out.drain(..out.len().saturating_sub(MAX_ROWS));
        if last {
            return Ok(out);
        }
    }
}

fn received(link: &Link, index: u64, row: Inbox) -> Received {
    Received {
        agreement: link.agreement.id.clone(),
        leaf: leaf_name(link.partner, link.own, index),
        index,
        verdict: row.verdict,
        reasons: row.reasons,
        serial: row.serial,
        precedence: row.precedence.word().to_owned(),
        time: row.time,
        statement: statement(link, row.statement),
        acknowledged: row.acknowledged.is_some(),
    }
}

/// Which act a Statement is, and of which leaf.
fn statement(link: &Link, about: Option<About>) -> Option<String> {
    let about = about?;
    let word = link.vocabulary.statement_forms.get(usize::from(about.form)).map_or("unknown", String::as_str);
    let subject = about.subject.map(|(owner, index)| {
        let other = if owner == link.own { link.partner } else { link.own };
        format!(" {}", leaf_name(owner, other, index))
    });
    Some(format!("{word}{}", subject.unwrap_or_default()))
}

/// `GET /v1/inbox`: readers see what they may open, officers and auditors everything.
pub(crate) async fn inbox(
    State(hub): State<Arc<Hub>>,
    Extension(caller): Extension<Caller>,
) -> Result<Json<Vec<Received>>, Refused> {
    must_be(&caller, &[Role::Reader, Role::Officer, Role::SeniorOfficer, Role::Auditor])?;
    let all = must_be(&caller, &[Role::Officer, Role::SeniorOfficer, Role::Auditor]).is_ok();
    long_read(hub, &caller.clone(), move |hub| {
        let mut out = Vec::new();
        for link in &hub.links {
            let log = link.theirs();
            for (InboxAt(_, index), row) in newest(&hub.reader, |at| InboxAt(log, at), |InboxAt(_, at)| at)? {
                let is_listed = if all {
                    covered(hub, link, row.outcome)?
                } else {
                    matches!(decide_row(hub, link, index, &row, &caller.0)?, Some(Ok(_)))
                };
                if is_listed {
                    out.push(received(link, index, row));
                }
            }
        }
        Ok(Json(out))
    })
    .await
}

/// `GET /v1/inbox/{agreement}/{index}`: the readers' rules are asked, and what they say is committed to the journal before
/// the text is read for the caller. API-7, API-24
pub(crate) async fn open(
    State(hub): State<Arc<Hub>>,
    Extension(caller): Extension<Caller>,
    Extension(Line(line)): Extension<Line>,
    Path((agreement, index)): Path<(String, u64)>,
) -> Result<(Extension<Reserved>, Json<Opened>), Refused> {
    must_be(&caller, &[Role::Reader])?;
    let link = link_of(&hub, &agreement).ok_or_else(Refused::not_found)?;
    opening(hub, caller, line, (link, index)).await
}

/// `GET /v1/inbox/{agreement}/serials/{serial}`: the same by serial, for one who may not open it alike. API-44
pub(crate) async fn open_serial(
    State(hub): State<Arc<Hub>>,
    Extension(caller): Extension<Caller>,
    Extension(Line(line)): Extension<Line>,
    Path((agreement, serial)): Path<(String, String)>,
) -> Result<(Extension<Reserved>, Json<Opened>), Refused> {
    must_be(&caller, &[Role::Reader])?;
    let link = link_of(&hub, &agreement).ok_or_else(Refused::not_found)?;
    let index = long_read(hub.clone(), &caller, move |hub| {
        let log = hub.links.get(link.place()).ok_or_else(Refused::not_found)?.theirs();
        let is_it = |row: &Inbox| row.serial == serial && row.statement.is_none();
        let rows = newest(&hub.reader, |at| InboxAt(log, at), |InboxAt(_, at)| at)?;
        let found = rows.into_iter().rev().find(|(_, row)| is_it(row));
        found.map(|(InboxAt(_, index), _)| index).ok_or_else(Refused::not_found)
    });
    let index = index.await?;
    opening(hub, caller, line, (link, index)).await
}

async fn opening(
    hub: Arc<Hub>,
    caller: Caller,
    line: Arc<Notify>,
    (link, index): (LinkId, u64),
) -> Result<(Extension<Reserved>, Json<Opened>), Refused> {
    let (asked, person) = (hub.clone(), caller.0.clone());
    let found = blocking(move || {
        let link = asked.links.get(link.place()).ok_or_else(Refused::not_found)?;
        let row = place::read(&*lock(&asked.reader), InboxAt(link.theirs(), index))?;
        // Of a long one the attachments are asked for alone.
        let length = row.map_or(0, |row| row.length.min(MOST_AT_ONCE));
        Ok(decide(&asked, link, index, &person)?.map(|found| (found, length)))
    });
    let (found, length) = found.await?.ok_or_else(Refused::not_found)?;
    // What there is no room for is not on record as opened. API-37
    let _turn = turn(&hub, &caller).await?;
    let reserved = reserve(hub.shares.of(&caller.0), &caller.0.account, &line, length)?;
    register(&hub, &caller, (link, index), found).await?;
    let reads = hub.clone();
    blocking(move || {
        let link = reads.links.get(link.place()).ok_or_else(Refused::not_found)?;
        let (row, payload) = {
            let reader = lock(&reads.reader);
            let log = link.theirs();
            (place::read(&*reader, InboxAt(log, index))?, place::read(&*reader, PayloadAt(log, index))?)
        };
        let (Some(row), Some(payload)) = (row, payload) else { return Err(Refused::not_found()) };
        let plaintext = Bytes(payload.get(SALT..).unwrap_or_default().to_vec());
        Ok((Extension(reserved), Json(Opened { received: received(link, index, row), plaintext })))
    })
    .await
}

/// An opening, or that it was refused, on record; before anything of the text is read for whoever asked. API-25
async fn register(
    hub: &Arc<Hub>,
    caller: &Caller,
    (link, index): (LinkId, u64),
    found: Decided,
) -> Result<(), Refused> {
    let rules = |refusals: &Vec<ReadingRefusal>| refusals.iter().map(ReadingRefusal::rule).collect();
    let (account, decided) = (caller.0.account.clone(), found.clone().map_err(|refusals| rules(&refusals)));
    match hub.ask(Box::new(move |ticket| Input::Opened { ticket, account, link, index, decided })).await {
        Some(Answer::Noted) => {}
        Some(other) => return Err(refused(other)),
        None => return Err(Refused::storage_full()),
    }
    found.map(|_| ()).map_err(|refusals| may_not(&refusals))
}

/// A received report for whoever may open it; that somebody asked who may not is on record. Nothing of it may be given before
/// [`register_opening`]. API-24
pub(super) async fn may_open(
    hub: &Arc<Hub>,
    caller: &Caller,
    (link, index): (LinkId, u64),
) -> Result<Document, Refused> {
    let found = decided(hub, caller, (link, index)).await?;
    if found.is_err() {
        register(hub, caller, (link, index), found).await?;
    }
    let reads = hub.clone();
    blocking(move || {
        let log = reads.links.get(link.place()).ok_or_else(Refused::not_found)?.theirs();
        let payload = place::read(&*lock(&reads.reader), PayloadAt(log, index))?.ok_or_else(Refused::not_found)?;
        report_in(&payload, Parts::Spooled(log, index), &reads)
    })
    .await
}

/// Puts on record that a report is opened, by the rules of this moment. API-25
pub(super) async fn register_opening(
    hub: &Arc<Hub>,
    caller: &Caller,
    (link, index): (LinkId, u64),
) -> Result<(), Refused> {
    let found = decided(hub, caller, (link, index)).await?;
    register(hub, caller, (link, index), found).await
}

/// What the readers' rules say of a report.
async fn decided(hub: &Arc<Hub>, caller: &Caller, (link, index): (LinkId, u64)) -> Result<Decided, Refused> {
    let (asked, person) = (hub.clone(), caller.0.clone());
    let found = blocking(move || {
        let link = asked.links.get(link.place()).ok_or_else(Refused::not_found)?;
        Ok(decide(&asked, link, index, &person)?)
    });
    found.await?.ok_or_else(Refused::not_found)
}

/// The report of a stored payload, its attachments where they stand.
pub(super) fn report_in(payload: &[u8], parts: Parts, hub: &Hub) -> Result<Document, Refused> {
    // Of what this node stored itself, for whom it matters where its bytes are and not what they hash to.
    let found = document(payload, Digest::from_bytes([0; 32]), parts, &*hub.shelf);
    found.map_err(|_| Refused::from(StoreError::Fatal("a stored payload does not decode")))
}

/// Every reason at once, so that nobody asks three times.
pub(super) fn may_not(refusals: &[ReadingRefusal]) -> Refused {
    let reasons: Vec<String> = refusals.iter().map(ToString::to_string).collect();
    let text = format!("you may not open this report, and that you asked is on record: {}", reasons.join("; "));
    Refused::new(StatusCode::FORBIDDEN, ProblemKind::Reading, text)
}

/// `GET /v1/receipts/{agreement}/{index}`: both leaves, each with its proof under its owner's checkpoint.
pub(crate) async fn receipt(
    State(hub): State<Arc<Hub>>,
    Extension(caller): Extension<Caller>,
    Path((agreement, index)): Path<(String, u64)>,
) -> Result<Json<Receipt>, Refused> {
    must_be(&caller, &[Role::Author, Role::Officer, Role::SeniorOfficer, Role::Auditor])?;
    let id = link_of(&hub, &agreement).ok_or_else(Refused::not_found)?;
    long_read(hub, &caller.clone(), move |hub| {
        let link = hub.links.get(id.place()).ok_or_else(Refused::not_found)?;
        let Some(row) = place::read(&*lock(&hub.reader), OutboxAt(link.mine(), index))? else {
            return Err(Refused::not_found());
        };
        let all = must_be(&caller, &[Role::Officer, Role::SeniorOfficer, Role::Auditor]).is_ok();
        if !all && row.account != caller.0.account {
            return Err(Refused::not_found());
        }
        let Stage::Resolved { outcome, verdict, codes, .. } = row.stage else { return Err(Refused::not_found()) };
        let (our_leaf, our_proof) = proof(hub, link.mine(), &link.own_key, index)?;
        let (outcome_leaf, outcome_proof) = proof(hub, link.theirs(), &link.partner_key, outcome)?;
        Ok(Json(Receipt {
            leaf: leaf_name(link.own, link.partner, index),
            our_leaf: Bytes(our_leaf),
            our_proof,
            outcome: leaf_name(link.partner, link.own, outcome),
            outcome_leaf: Bytes(outcome_leaf),
            outcome_proof,
            verdict,
            codes: names(codes),
        }))
    })
    .await
}
