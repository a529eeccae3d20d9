//! Submissions one by one: an author's signed report in, its standing out.

use super::{
    caller::Caller,
    posting::Posting,
    problem::{Refused, blocking, must_be, refused},
    standing::{resolved, standing},
    submitting::{Claimed, Sender, Ticket, id_of, seed, stored},
    uploads::uploaded,
};
use crate::{
    hub::Hub,
    jobs::{Job, Told},
    sync::lock,
};
use axum::{
    Extension, Json,
    extract::{Path, Query, State},
    http::HeaderMap,
};
use relto_exchange::{
    out::Answer,
    place::{self, SubmissionAt},
    rows::SubmissionState,
    store::SubmissionId,
};
use relto_formats::api::{Role, Standing, Submission, Submit};
use relto_report::{
    domain::{Tag, hash},
    signed::NotSigned,
};
use serde::Deserialize;
use std::{sync::Arc, time::Duration};
use tokio::{sync::oneshot, time::timeout};

/// Seconds that an answer may be waited for.
pub(super) const MAX_WAIT: u64 = 300;

/// `?wait=SECONDS`: answer when the submission is resolved, or then.
#[derive(Deserialize, Default)]
pub(crate) struct Wait {
    wait: Option<u64>,
}

impl Wait {
    fn time(&self) -> Duration {
        Duration::from_secs(self.wait.unwrap_or(0).min(MAX_WAIT))
    }
}

/// `POST /v1/submissions`.
pub(crate) async fn submit(
    State(hub): State<Arc<Hub>>,
    Extension(caller): Extension<Caller>,
    Query(wait): Query<Wait>,
    headers: HeaderMap,
    Posting { value: body, bytes, share }: Posting<Submit>,
) -> Result<Json<Submission>, Refused> {
    let from = Sender { hub, caller, headers };
    let ticket = Ticket::take(&from, &body.id, bytes).await?;
    let id = ticket.id;
    // Its parts are the submission's since it came first.
    let known = if body.uploaded { known(&from, id, &body).await? } else { None };
    if let Some(found) = known {
        drop(share);
        let told = from.hub.wait_for(id);
        return Ok(Json(settled(&from.hub, id, found, told, wait.time()).await?));
    }
    let asked = ready(&from, body).await?.put(&from, ticket);
    let (found, told) = asked.answered(&from).await?;
    // The bytes are with the store now, or gone; only the answer waits.
    drop(share);
    Ok(Json(settled(&from.hub, id, found, told, wait.time()).await?))
}

/// How a submission stands that came before with the same signed bytes from the same account. FLW-1
async fn known(from: &Sender, id: SubmissionId, body: &Submit) -> Result<Option<Submission>, Refused> {
    let (hub, account, signed) =
        (from.hub.clone(), from.caller.0.account.clone(), hash(Tag::Author, &[&body.statement.0]));
    let row = blocking(move || Ok(place::read(&*lock(&hub.reader), SubmissionAt(id))?)).await?;
    match row {
        None => Ok(None),
        Some(row) if row.account == account && row.signed == signed => stored(&from.hub, id).await.map(Some),
        // API-4
        Some(_) => Err(refused(Answer::IdReused)),
    }
}

/// Checks what a body claims, in one visit to the verifier, and makes it ready.
async fn ready(from: &Sender, body: Submit) -> Result<super::submitting::Ready, Refused> {
    let uploaded = if body.uploaded {
        let found = uploaded(&from.hub, &from.caller.0.account, id_of(&body.id)?).await?;
        Some(found.map_err(|fault| from.not_signed(NotSigned::Report(fault)))?)
    } else {
        None
    };
    let claimed = Claimed::read(&from.hub, body, uploaded)?;
    let (key, seed, hub) = (from.caller.0.key, seed()?, from.hub.clone());
    let signed = from.hub.verify(move || claimed.check(&hub, &key, seed)).await.ok_or_else(Refused::busy)?;
    signed.map_err(|fault| from.not_signed(fault))?.make_ready(from).await
}

/// The standing now, or when it is final, or when the wait is over. `told` was asked for before `found` was known, so
/// that nothing is missed between. What the partner answered is told and not read.
pub(super) async fn settled(
    hub: &Arc<Hub>,
    id: SubmissionId,
    mut found: Submission,
    mut told: oneshot::Receiver<Told>,
    wait: Duration,
) -> Result<Submission, Refused> {
    let started = relto_host::clock::Stopwatch::start();
    loop {
        let waits =
            matches!(found.standing, Standing::Released { .. } | Standing::Withdrawn { .. } | Standing::Queued { .. });
        let left = wait.saturating_sub(started.elapsed());
        if !waits || left.is_zero() {
            return Ok(found);
        }
        let heard = timeout(left, &mut told).await.ok().and_then(Result::ok);
        if let Some(standing) = heard.and_then(resolved) {
            return Ok(Submission { standing, ..found });
        }
        told = hub.wait_for(id);
        found = stored(hub, id).await?;
    }
}

/// `GET /v1/submissions/{id}`.
pub(crate) async fn show(
    State(hub): State<Arc<Hub>>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
    Query(wait): Query<Wait>,
) -> Result<Json<Submission>, Refused> {
    let id = id_of(&id)?;
    let told = hub.wait_for(id);
    // API-8: before any waiting, which would tell by its length that there is something
    let found = stored(&hub, id).await?;
    let own = found.account == caller.0.account;
    let office = must_be(&caller, &[Role::Officer, Role::SeniorOfficer, Role::Auditor]).is_ok();
    if !own && !office {
        return Err(Refused::not_found());
    }
    Ok(Json(settled(&hub, id, found, told, wait.time()).await?))
}

/// `POST /v1/checks`: what a submission would be answered now; nothing is written, nothing is journalled. API-6
pub(crate) async fn check(
    State(hub): State<Arc<Hub>>,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
    Posting { value: body, share: _share, .. }: Posting<Submit>,
) -> Result<Json<Standing>, Refused> {
    let from = Sender { hub, caller, headers };
    if body.uploaded {
        return Err(Refused::bad("what was uploaded is submitted; a check has its plaintext in the body"));
    }
    let ready = ready(&from, body).await?;
    let (hub, at, emergency) = (&from.hub, ready.link, ready.emergency);
    let report = Arc::new((ready.authored.into_inner(), ready.own));
    let (reply, dry_run) = oneshot::channel();
    hub.write(Job::Check(at, report.clone(), reply));
    let dry_run = dry_run.await.map_err(|_| Refused::busy())?;
    let link = hub.links.get(at.place()).ok_or_else(Refused::not_found)?;
    match dry_run.answer(link, &from.caller.0.account, &report.0, &report.1, emergency) {
        Answer::Releasable(basis) => Ok(Json(Standing::Releasable { basis })),
        Answer::Stands(
            state @ (SubmissionState::Held(_) | SubmissionState::Queued(_) | SubmissionState::Refused(_)),
        ) => Ok(Json(standing(state))),
        other => Err(from.refuse(other)),
    }
}
