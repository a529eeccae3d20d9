//! Held reports: what officers see, and what they decide.

use super::{
    caller::Caller,
    content::LONG,
    inbox::report_in,
    posting::Posting,
    problem::{Refused, blocking, must_be, refused},
    standing::standing_of,
    status::snapshot,
    submitting::{id_of, seed},
    turns::long_read,
};
use crate::{
    hub::Hub,
    sync::{Locked, lock},
};
use axum::{
    Extension, Json,
    extract::{Path, State},
};
use relto_audit::{commitment::SALT, origin::Origin};
use relto_exchange::{
    ids::Ticket,
    input::Input,
    out::Answer,
    parts::Parts,
    place::{self, DetailAt, DraftAt, DraftBodyAt, DraftHomeAt, HomeAt, OutboxAt, PayloadAt, SubmissionAt},
    ready::{
        fetch::{Desk, Drafted},
        parts::length_of_head,
    },
    rows::{Confirmation, Draft, Outbox, Submission as SubmissionRow, SubmissionState},
    store::SubmissionId,
};
use relto_formats::{
    api::{Approve, Decline, Held, HeldReport, Role, Submission},
    base64_bytes::Bytes,
};
use relto_policy::{code::Code, ground::Ground};
use relto_report::{
    assessment::Document,
    calendar::Timestamp,
    crypto::Signature,
    signed::{Approval, Unverified},
};
use std::sync::Arc;

const OFFICERS: [Role; 2] = [Role::Officer, Role::SeniorOfficer];
/// Held reports of one list at most.
const MAX_ROWS: usize = 10_000;

fn held(id: &SubmissionId, row: SubmissionRow, draft: &Draft) -> Option<Held> {
    let SubmissionState::Held(owed) = row.state else { return None };
    Some(Held {
        id: uuid::Uuid::from_bytes(*id).to_string(),
        serial: row.serial,
        agreement: row.agreement,
        account: row.account,
        time: row.time,
        owed,
        approved_by: draft.approvals.iter().map(|given| given.approval.account.clone()).collect(),
    })
}

/// `GET /v1/holds`: oldest first.
pub(crate) async fn holds(
    State(hub): State<Arc<Hub>>,
    Extension(caller): Extension<Caller>,
) -> Result<Json<Vec<Held>>, Refused> {
    must_be(&caller, &[Role::Officer, Role::SeniorOfficer, Role::Auditor])?;
    let unconfirmed: Vec<SubmissionId> =
        snapshot(&hub).await?.links.into_iter().flat_map(|link| link.unconfirmed).collect();
    long_read(hub, &caller.clone(), move |hub| {
        // What has left already comes first: it is owed within hours.
        let found = unconfirmed.iter().map(|id| unconfirmed_of(hub, id)).collect::<Result<Vec<_>, Refused>>()?;
        let mut out: Vec<Held> = found.into_iter().flatten().map(|found| found.0).collect();
        let drafts = lock(&hub.reader).drafts()?;
        for (id, _) in drafts {
            // One text in memory at a time, and of queued reports none; between two of them others may read.
            let Some(row) = place::read(&*lock(&hub.reader), SubmissionAt(id))? else { continue };
            if !matches!(row.state, SubmissionState::Held(_)) {
                continue;
            }
            let Some(draft) = place::read(&*lock(&hub.reader), DraftAt(id))? else { continue };
            out.extend(held(&id, row, &draft));
            if out.len() == MAX_ROWS {
                break;
            }
        }
        Ok(Json(out))
    })
    .await
}

/// A report that was released in an emergency, while a second officer is to confirm it: its row, detail and place.
fn unconfirmed_of(hub: &Hub, id: &SubmissionId) -> Result<Option<(Held, Outbox, Origin, u64)>, Refused> {
    let reader = lock(&hub.reader);
    let Some(row) = place::read(&*reader, SubmissionAt(*id))? else { return Ok(None) };
    let SubmissionState::Released(index) = row.state else { return Ok(None) };
    let Some(link) = hub.links.iter().find(|link| link.agreement.id == row.agreement) else { return Ok(None) };
    let (Some(outbox), Some(detail)) =
        (place::read(&*reader, OutboxAt(link.mine(), index))?, place::read(&*reader, DetailAt(link.mine(), index))?)
    else {
        return Ok(None);
    };
    let Confirmation::Owed { by } = outbox.confirmation else { return Ok(None) };
    let by = Timestamp::from_millis(by);
    let owes = format!("released in an emergency as leaf {index}; a second officer confirms it by {by}");
    let held = Held {
        id: uuid::Uuid::from_bytes(*id).to_string(),
        serial: row.serial,
        agreement: row.agreement,
        account: row.account,
        time: row.time,
        owed: vec![Ground::of(Code::SecondApprovalRequired, &owes)],
        approved_by: detail.approvals.iter().map(|given| given.approval.account.clone()).collect(),
    };
    Ok(Some((held, outbox, link.mine(), index)))
}

/// What was released so, for the officer who is to confirm it.
fn released(hub: &Hub, id: &SubmissionId) -> Result<Json<HeldReport>, Refused> {
    let (held, outbox, log, index) = unconfirmed_of(hub, id)?.ok_or_else(Refused::not_found)?;
    let reader = lock(&hub.reader);
    let payload = place::read(&*reader, PayloadAt(log, index))?.ok_or_else(Refused::not_found)?;
    let home = place::read(&*reader, HomeAt(log, index))?.unwrap_or_default();
    let plaintext = Bytes(payload.get(SALT..).unwrap_or_default().to_vec());
    let precedence = outbox.precedence.word().to_owned();
    Ok(Json(HeldReport { held, plaintext, home: Bytes(home), precedence }))
}

/// `GET /v1/holds/{id}`: the report as the partner would have it, the home file, and what is owed.
pub(crate) async fn hold(
    State(hub): State<Arc<Hub>>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
) -> Result<Json<HeldReport>, Refused> {
    must_be(&caller, &OFFICERS)?;
    let id = id_of(&id)?;
    long_read(hub, &caller, move |hub| {
        let (found, home) = {
            let reader = lock(&hub.reader);
            // The submission first: these are several reads, and what was released meanwhile has no draft any more.
            let submission = place::read(&*reader, SubmissionAt(id))?;
            let draft = place::read(&*reader, DraftAt(id))?.zip(place::read(&*reader, DraftBodyAt(id))?);
            (submission.zip(draft), place::read(&*reader, DraftHomeAt(id))?)
        };
        let Some((row, (draft, payload))) = found else { return released(hub, &id) };
        let home = home.unwrap_or_default();
        let plaintext = payload.get(SALT..).unwrap_or_default().to_vec();
        let held = held(&id, row, &draft).ok_or_else(Refused::not_found)?;
        let precedence = draft.precedence.word().to_owned();
        Ok(Json(HeldReport { held, plaintext: Bytes(plaintext), home: Bytes(home), precedence }))
    })
    .await
}

/// The report of what is held, or waits for a second officer.
pub(super) async fn report_on_hold(hub: Arc<Hub>, caller: &Caller, id: SubmissionId) -> Result<Document, Refused> {
    long_read(hub, caller, move |hub| {
        let (submission, body) = {
            let reader = lock(&hub.reader);
            (place::read(&*reader, SubmissionAt(id))?, place::read(&*reader, DraftBodyAt(id))?)
        };
        let is_held = submission.is_some_and(|row| matches!(row.state, SubmissionState::Held(_)));
        let payload = match body.filter(|_| is_held) {
            Some(body) => body,
            None => {
                let (_, _, log, index) = unconfirmed_of(hub, &id)?.ok_or_else(Refused::not_found)?;
                place::read(&*lock(&hub.reader), PayloadAt(log, index))?.ok_or_else(Refused::not_found)?
            }
        };
        report_in(&payload, Parts::Uploaded(id), hub)
    })
    .await
}

/// Asks the writer, and answers with the standing of the submission.
pub(super) async fn ask_writer(
    hub: Arc<Hub>,
    id: SubmissionId,
    question: Box<dyn FnOnce(Ticket) -> Input + Send>,
) -> Result<Json<Submission>, Refused> {
    match hub.ask(question).await {
        Some(Answer::Stands(_)) => {
            blocking(move || Ok(standing_of(&hub, &id)?)).await?.map(Json).ok_or_else(Refused::not_found)
        }
        Some(other) => Err(refused(other)),
        None => Err(Refused::storage_full()),
    }
}

/// `POST /v1/holds/{id}/approve`: the officer's signature over what was shown.
pub(crate) async fn approve(
    State(hub): State<Arc<Hub>>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
    Posting { value: body, share: _share, .. }: Posting<Approve>,
) -> Result<Json<Submission>, Refused> {
    let id = id_of(&id)?;
    let signature =
        Signature::from_slice(&body.signature.0).ok_or_else(|| Refused::bad("signature must have 64 bytes"))?;
    let approval = Approval { account: caller.0.account.clone(), statement: body.statement.0, signature };
    let key = caller.0.key;
    let verified = hub.verify(move || Unverified::new(approval).verify(&key)).await.ok_or_else(Refused::busy)?;
    let approval = verified.map_err(|fault| Refused::not_signed(fault.to_string()))?;
    let (seed, reading) = (seed()?, hub.clone());
    let long = {
        let reads = hub.clone();
        let body = blocking(move || Ok(place::read(&*lock(&reads.reader), DraftBodyAt(id))?)).await?;
        body.is_some_and(|body| length_of_head(body.get(SALT..).unwrap_or_default()).is_some())
    };
    let _turn = if long { LONG.wait(&caller.0.account).await } else { None };
    let drafted = blocking(move || {
        let (links, shelf) = (&reading.links, &*reading.shelf);
        let desk = Desk { reader: &Locked(&reading.reader), links, originals: &*reading, shelf, seed };
        Ok(Drafted::read(&desk, id)?)
    })
    .await?;
    ask_writer(hub, id, Box::new(move |ticket| Input::Approve { ticket, id, approval, drafted })).await
}

/// `POST /v1/holds/{id}/decline`.
pub(crate) async fn decline(
    State(hub): State<Arc<Hub>>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
    Posting { value: body, share: _share, .. }: Posting<Decline>,
) -> Result<Json<Submission>, Refused> {
    let id = id_of(&id)?;
    if body.reason.trim().is_empty() || body.reason.len() > 1_000 {
        return Err(Refused::bad("reason must be a text of 1 to 1,000 bytes: the author must know what to change"));
    }
    let officer = caller.0.account.clone();
    ask_writer(hub, id, Box::new(move |ticket| Input::Decline { ticket, id, officer, reason: body.reason })).await
}
