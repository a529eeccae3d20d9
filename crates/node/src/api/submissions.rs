//! Submissions: an author's signed report in, its standing out.

use super::{
    Caller,
    answers::{Refused, blocking, link_of, must_be, refused, resolved, standing, standing_of},
    drafts::room,
    posting::Posting,
    translation,
};
use crate::{
    filter,
    hub::{Hub, Job, Told},
    inspect,
};
use axum::{
    Extension, Json,
    extract::{Path, Query, State},
    http::{HeaderMap, StatusCode, header},
};
use relto_exchange::{
    input::{Answer, Input, LinkId, Submit as SubmitInput},
    ready::{Own, Seed},
    rows::SubmissionState,
    store::SubmissionId,
};
use relto_formats::{
    agent::other_list,
    api::{Role, Standing, Submission, Submit},
};
use relto_report::{
    codec::{self, Malformed},
    crypto::Signature,
    rules,
    signed::{AuthorStatement, Authored, MAX_STATEMENT, NotSigned, Submitted, Unverified, Verified},
};
use serde::Deserialize;
use std::{sync::Arc, time::Duration};
use tokio::{sync::oneshot, time::timeout};

/// Seconds that an answer may be waited for.
const MAX_WAIT: u64 = 300;

/// `?wait=SECONDS`: answer when the submission is resolved, or then.
#[derive(Deserialize, Default)]
pub struct Wait {
    wait: Option<u64>,
}

/// Reads a submission id: a UUID of version 7, so that rows stand in time order.
///
/// # Errors
/// 400 naming the form.
pub fn id_of(text: &str) -> Result<SubmissionId, Refused> {
    let id = uuid::Uuid::parse_str(text).ok().filter(|id| id.get_version_num() == 7);
    id.map(uuid::Uuid::into_bytes)
        .ok_or_else(|| Refused::bad("id must be a UUID of version 7, made by the client and kept"))
}

struct Parsed {
    link: LinkId,
    submitted: Submitted,
    emergency: bool,
}

fn parse(hub: &Hub, body: Submit) -> Result<Parsed, Refused> {
    let signature =
        Signature::from_slice(&body.signature.0).ok_or_else(|| Refused::bad("signature must have 64 bytes"))?;
    let statement: AuthorStatement = codec::decode::<_, MAX_STATEMENT>(&body.statement.0)
        .map_err(|fault| Refused::bad(format!("statement: {fault}")))?;
    let link = link_of(hub, &statement.agreement)
        .ok_or_else(|| Refused::bad(format!("there is no agreement {} on this node", statement.agreement)))?;
    let home = body.home.map(|bytes| bytes.0);
    let submitted = Submitted { plaintext: body.plaintext.0, home, statement: body.statement.0, signature };
    Ok(Parsed { link, submitted, emergency: body.emergency })
}

/// A report that does not decode breaks a rule, and is told so by its number. RPT-7
fn not_signed(headers: &HeaderMap, fault: NotSigned) -> Refused {
    if let NotSigned::Report(malformed) = fault {
        let rule = rules::broken_by(malformed);
        let asks = rules::rule(rule).map_or("the report decodes", |rule| rule.asks);
        let message = match malformed {
            Malformed::OutOfBounds(field) => format!("{field} is not within the bounds of the format: {asks}"),
            other => format!("the report {other}: {asks}"),
        };
        return by_its_rules(headers, Answer::Invalid { rule, message });
    }
    Refused::new(StatusCode::UNPROCESSABLE_ENTITY, "not-signed", fault.to_string())
}

/// Checks the author's signature on the verifier's thread, once, before anything is written, and makes the report
/// ready: in the same visit, unless something must be looked at for longer. API-5
async fn verified(
    (hub, headers): (&Arc<Hub>, &HeaderMap),
    caller: &Caller,
    link: LinkId,
    submitted: Submitted,
) -> Result<(Verified<Authored>, Own), Refused> {
    let (key, given, links) = (caller.0.key, seed()?, hub.clone());
    let verified = hub.verify(move || {
        let authored = Unverified::new(submitted).verify(&key)?;
        let plain = authored.get().document.report().attachments.is_empty();
        let looked = plain && filter::look_if_quick(&links, link, authored.get());
        let own = looked.then(|| own_of(&links, link, authored.get(), given));
        Ok((authored, own))
    });
    let (authored, own) = verified.await.ok_or_else(Refused::busy)?.map_err(|fault| not_signed(headers, fault))?;
    if let Some(own) = own {
        return own.map(|own| (authored, own)).ok_or_else(Refused::not_found);
    }
    let (seed, links) = (seed()?, hub.clone());
    let authored = inspect::look(hub, &caller.0.account, authored).await.map_err(|_| Refused::busy())?;
    let authored = filter::look(hub, &caller.0.account, link, authored).await.ok_or_else(Refused::busy)?;
    let ready = hub.verify(move || {
        let own = own_of(&links, link, authored.get(), seed);
        own.map(|own| (authored, own))
    });
    ready.await.ok_or_else(Refused::busy)?.ok_or_else(Refused::not_found)
}

/// A report made ready for a link; `None` where there is no such link.
fn own_of(hub: &Hub, link: LinkId, authored: &Authored, seed: Seed) -> Option<Own> {
    hub.links.get(usize::from(link.0)).map(|link| Own::new(authored, link, seed))
}

/// Fresh randomness for what is made ready.
///
/// # Errors
/// Busy, where the system gives none.
pub fn seed() -> Result<Seed, Refused> {
    relto_host::random::fill().map(Seed).map_err(|_| Refused::busy())
}

/// `POST /v1/submissions`.
pub async fn submit(
    State(hub): State<Arc<Hub>>,
    Extension(caller): Extension<Caller>,
    Query(wait): Query<Wait>,
    headers: HeaderMap,
    Posting { value: body, bytes, share }: Posting<Submit>,
) -> Result<Json<Submission>, Refused> {
    let id = id_of(&body.id)?;
    let chance = room(&hub, &caller.0.account, id).await?;
    let parsed = parse(&hub, body)?;
    let (authored, own) = verified((&hub, &headers), &caller, parsed.link, parsed.submitted).await?;
    let own = translation::held(&hub, parsed.link, &authored.get().document, own).await?;
    let account = caller.0.account.clone();
    let (link, emergency) = (parsed.link, parsed.emergency);
    let (serial, agreement) = {
        let Authored { document, statement, .. } = authored.get();
        (document.report().serial.clone(), statement.agreement.clone())
    };
    let told = hub.wait_for(id);
    let question =
        move |ticket| Input::Submit(Box::new(SubmitInput { ticket, id, account, link, authored, own, emergency }));
    let answer = hub.ask_when(Box::new(question)).await;
    // The bytes are with the store now, or gone; only the answer waits.
    drop(share);
    match answer {
        None => Err(Refused::storage_full()),
        Some((Answer::Stands(state), time)) => {
            hub.drafts.note(&caller.0.account, bytes, &state);
            hub.refusals.remember(&id, &state);
            if let (SubmissionState::Refused(_), Some(chance)) = (&state, chance) {
                chance.used();
            }
            let (id_text, account) = (uuid::Uuid::from_bytes(id).to_string(), caller.0.account.clone());
            let standing = standing(state);
            let (acknowledged_by, incident) = (None, None);
            let found =
                Submission { id: id_text, serial, agreement, account, time, standing, acknowledged_by, incident };
            settled(&hub, id, found, told, wait.wait).await
        }
        // It came before, and may have come further since.
        Some((Answer::Known(_), _)) => {
            let found = stored(&hub, id).await?;
            settled(&hub, id, found, told, wait.wait).await
        }
        Some((other, _)) => Err(by_its_rules(&headers, other)),
    }
}

/// A refusal; where it is by a rule that the client has in another list, or not, it says so of both.
fn by_its_rules(headers: &HeaderMap, answer: Answer) -> Refused {
    let Answer::Invalid { rule, message } = answer else { return refused(answer) };
    let agent = headers.get(header::USER_AGENT).and_then(|text| text.to_str().ok());
    let other = other_list(agent).filter(|_| is_rule(rule));
    let message = other.map_or_else(|| message.clone(), |other| format!("{message}. {other}"));
    refused(Answer::Invalid { rule, message })
}

fn is_rule(number: &str) -> bool {
    rules::rule(number).is_some()
}

/// The standing as its row has it.
async fn stored(hub: &Arc<Hub>, id: SubmissionId) -> Result<Submission, Refused> {
    let reader = hub.clone();
    blocking(move || Ok(standing_of(&reader, &id)?)).await?.ok_or_else(Refused::not_found)
}

/// The standing now, or when it is final, or when the wait is over. `told` was asked for before `found` was known, so
/// that nothing is missed between. What the partner answered is told and not read.
async fn settled(
    hub: &Arc<Hub>,
    id: SubmissionId,
    mut found: Submission,
    mut told: oneshot::Receiver<Told>,
    wait: Option<u64>,
) -> Result<Json<Submission>, Refused> {
    let wait = Duration::from_secs(wait.unwrap_or(0).min(MAX_WAIT));
    let started = relto_host::clock::Stopwatch::start();
    loop {
        let waits =
            matches!(found.standing, Standing::Released { .. } | Standing::Withdrawn { .. } | Standing::Queued { .. });
        let left = wait.saturating_sub(started.elapsed());
        if !waits || left.is_zero() {
            return Ok(Json(found));
        }
        let heard = timeout(left, &mut told).await.ok().and_then(Result::ok);
        if let Some(standing) = heard.and_then(resolved) {
            return Ok(Json(Submission { standing, ..found }));
        }
        told = hub.wait_for(id);
        found = stored(hub, id).await?;
    }
}

/// `GET /v1/submissions/{id}`.
pub async fn show(
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
    if own || office { settled(&hub, id, found, told, wait.wait).await } else { Err(Refused::not_found()) }
}

/// `POST /v1/checks`: what a submission would be answered now; nothing is written, nothing is journalled. API-6
pub async fn check(
    State(hub): State<Arc<Hub>>,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
    Posting { value: body, share: _share, .. }: Posting<Submit>,
) -> Result<Json<Standing>, Refused> {
    let parsed = parse(&hub, body)?;
    let (authored, own) = verified((&hub, &headers), &caller, parsed.link, parsed.submitted).await?;
    let own = translation::held(&hub, parsed.link, &authored.get().document, own).await?;
    let report = Arc::new((authored.into_inner(), own));
    let (reply, outlook) = oneshot::channel();
    hub.write(Job::Check(parsed.link, report.clone(), reply));
    let outlook = outlook.await.map_err(|_| Refused::busy())?;
    let link = hub.links.get(usize::from(parsed.link.0)).ok_or_else(Refused::not_found)?;
    let standing = match outlook.answer(link, &caller.0.account, &report.0, &report.1, parsed.emergency) {
        Answer::Releasable(basis) => Standing::Releasable { basis },
        Answer::Stands(SubmissionState::Held(owed)) => Standing::Held { owed },
        Answer::Stands(SubmissionState::Queued(why)) => Standing::Queued { why },
        Answer::Stands(SubmissionState::Refused(reasons)) => Standing::Refused { reasons },
        other => return Err(by_its_rules(&headers, other)),
    };
    Ok(Json(standing))
}
