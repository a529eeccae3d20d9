//! Problems, roles, and the routes that only tell how things stand.

use super::Caller;
use crate::{
    gate::Pass,
    hub::{Hub, Job, LinkSnapshot, Snapshot, Told, lock},
    metrics::Shared,
    trust,
};
use axum::{
    Extension, Json,
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use relto_exchange::{
    exchange::Link,
    input::{Answer, LinkId},
    rows::{Confirmation, Outbox, Stage, Submission, SubmissionState},
    store::{Key, Reader as _, Row, StoreError, SubmissionId},
};
use relto_formats::{
    api::{
        Agreement, ClockStatus, ExpiryStatus, Incident, Inspectors, LinkStatus, Problem, Role, Standing, Status,
        Submission as Body, TrustStatus,
    },
    base64_bytes::Bytes,
};
use relto_host::{
    clock, process,
    tls::{expiry::Expiry, identity},
};
use relto_policy::code::names;
use relto_report::nation::Nation;
use std::{sync::Arc, time::Duration};
use tokio::{
    sync::{SemaphorePermit, oneshot},
    time::timeout,
};

/// How long a long read waits for its turn.
const LONG_WAIT: Duration = Duration::from_secs(20);
/// Bytes of room below which a disk is as good as full: the write-ahead log takes some pages more than what is written.
const LEAST_ROOM: u64 = 256 * 1024;

/// An answer that is not 2xx.
pub struct Refused(StatusCode, Problem);

impl Refused {
    /// Its status and body.
    #[must_use]
    pub fn into_parts(self) -> (StatusCode, Problem) {
        (self.0, self.1)
    }

    /// A problem with its word and text.
    pub fn new(status: StatusCode, error: &str, message: impl Into<String>) -> Self {
        Self(status, Problem { error: error.to_owned(), message: message.into() })
    }

    /// The thing asked for is not there, or not for this account: the same answer for both. API-8
    pub fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "not-found", "there is no such thing here for this account")
    }

    /// The body breaks a rule.
    pub fn bad(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "bad-request", message)
    }

    /// Nothing was written.
    pub fn storage_full() -> Self {
        Self::new(
            StatusCode::INSUFFICIENT_STORAGE,
            "storage-full",
            "storage is full; nothing was written. Try again with the same id",
        )
    }

    /// Too much at once.
    pub fn busy() -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "busy", "too much is queued. Try again with the same id")
    }

    /// The account does not read what it asked for.
    pub fn busy_answers() -> Self {
        let text =
            "too many long answers to this account, or to all, are not read yet. Read those first, and ask again";
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "busy", text)
    }

    /// The account's share of refusals is used up. API-38
    pub fn refused_too_often(millis: u64) -> Self {
        let text = format!(
            "so many submissions of this account were refused that the next is taken in {} s. Check a report before you submit it: relto check --online",
            millis.div_ceil(1_000)
        );
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "busy", text)
    }
}

impl From<StoreError> for Refused {
    fn from(fault: StoreError) -> Self {
        tracing::error!(%fault, "the store could not be read for an answer");
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "store", "the store could not be read; the operator must look")
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        (self.0, Json(self.1)).into_response()
    }
}

/// Whether the caller has one of these roles.
///
/// # Errors
/// 403 naming the roles that may.
pub fn must_be(caller: &Caller, roles: &[Role]) -> Result<(), Refused> {
    // API-2
    if caller.0.roles.iter().any(|role| roles.contains(role)) {
        return Ok(());
    }
    let words: Vec<String> = roles.iter().filter_map(|role| serde_json::to_string(role).ok()).collect();
    Err(Refused::new(StatusCode::FORBIDDEN, "role", format!("this needs one of the roles {}", words.join(", "))))
}

/// How people name a leaf: `XAA>XBB:17`.
pub fn leaf_name(from: Nation, to: Nation, index: u64) -> String {
    format!("{from}>{to}:{index}")
}

/// The link of an agreement's id.
pub fn link_of(hub: &Hub, agreement: &str) -> Option<LinkId> {
    let at = hub.links.iter().position(|link| link.agreement.id == agreement)?;
    u16::try_from(at).ok().map(LinkId)
}

/// A submission's row and its outbox row, as a body.
pub fn standing_of(hub: &Hub, id: &SubmissionId) -> Result<Option<Body>, StoreError> {
    let reader = lock(&hub.reader);
    let Some(Row::Submission(row)) = relto_exchange::store::one(&*reader, &Key::Submission(*id))? else {
        return Ok(None);
    };
    let at = hub.links.iter().position(|link| link.agreement.id == row.agreement);
    let link = at.and_then(|at| hub.links.get(at));
    let outbox = match (&row.state, link) {
        (SubmissionState::Released(index), Some(link)) => {
            reader.get(&[Key::Outbox(link.mine(), *index)])?.pop().flatten()
        }
        _ => None,
    };
    let outbox = if let Some(Row::Outbox(row)) = outbox { Some(row) } else { None };
    let incident = at.zip(link).zip(outbox.as_ref()).and_then(|((at, link), row)| incident(hub, at, link, row));
    Ok(Some(body(hub, id, row, outbox, incident)))
}

/// Whom the agreement owes word of a release in an emergency that was not confirmed. FLW-20
fn incident(hub: &Hub, at: usize, link: &Link, row: &Outbox) -> Option<Incident> {
    let Confirmation::Denied { officer, reason } = &row.confirmation else { return None };
    let agreement = hub.versions.in_force(at, link);
    Some(Incident {
        officer: officer.clone(),
        reason: reason.clone(),
        told: vec![Role::Operator, Role::Auditor],
        partner: link.partner.to_string(),
        first_report_hours: agreement.duties.incident.map(|clause| clause.first_report_hours),
        committee_hours: agreement.emergency.as_ref().map(|clause| clause.tell_committee_within_hours),
    })
}

/// How a submission stands that the partner has not answered.
pub fn standing(state: SubmissionState) -> Standing {
    match state {
        SubmissionState::Released(index) => Standing::Released { index },
        SubmissionState::Held(owed) => Standing::Held { owed },
        SubmissionState::Queued(why) => Standing::Queued { why },
        SubmissionState::Refused(reasons) => Standing::Refused { reasons },
        SubmissionState::Declined { officer, reason } => Standing::Declined { officer, reason },
    }
}

/// What the partner has answered, where it has.
pub fn resolved(told: Told) -> Option<Standing> {
    match told {
        Told::Resolved { index, verdict, codes, outcome } => {
            Some(Standing::Resolved { index, verdict: verdict.word().to_owned(), codes: names(codes), outcome })
        }
        Told::Moved => None,
    }
}

fn body(hub: &Hub, id: &SubmissionId, row: Submission, outbox: Option<Outbox>, incident: Option<Incident>) -> Body {
    let acknowledged_by = outbox.as_ref().and_then(|row| row.acknowledged.as_ref()).map(|said| said.office.clone());
    let standing = match (row.state, outbox.map(|row| row.stage)) {
        (SubmissionState::Released(index), Some(Stage::Resolved { outcome, verdict, codes, .. })) => {
            resolved(Told::Resolved { index, verdict, codes, outcome }).unwrap_or(Standing::Released { index })
        }
        (SubmissionState::Released(index), Some(Stage::Withdrawn { .. })) => Standing::Withdrawn { index },
        // The row has the codes; what they said of this report is remembered for a while. API-38
        (SubmissionState::Refused(reasons), _) => {
            Standing::Refused { reasons: hub.refusals.texts(id).unwrap_or(reasons) }
        }
        (state, _) => standing(state),
    };
    Body {
        id: uuid::Uuid::from_bytes(*id).to_string(),
        serial: row.serial,
        agreement: row.agreement,
        account: row.account,
        time: row.time,
        standing,
        incident,
        acknowledged_by,
    }
}

/// An answer of the writer that is a refusal of the request itself.
pub fn refused(answer: Answer) -> Refused {
    match answer {
        // API-4
        Answer::IdReused => {
            let text = "this id came before with other signed bytes, or from another account. Make a new id for a new submission";
            Refused::new(StatusCode::CONFLICT, "id-reused", text)
        }
        Answer::Invalid { rule, message } => {
            Refused::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid", format!("{rule}: {message}"))
        }
        Answer::NotHeld => Refused::not_found(),
        Answer::Unavailable(why) => Refused::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", why),
        Answer::Stands(_) | Answer::Known(_) | Answer::Noted | Answer::Releasable(_) => Refused::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "answer",
            "an answer of the wrong kind; the operator must look",
        ),
    }
}

/// Runs a blocking read off the tokio threads.
pub async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Refused> + Send + 'static,
) -> Result<T, Refused> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(_) => Err(Refused::busy()),
    }
}

/// As [`blocking`], for what reads much: few at once of the caller's class, few of one account that wait. API-36
///
/// # Errors
/// Busy where the account has too many, or the turn does not come in time; those of `work`.
pub async fn long_read<T: Send + 'static>(
    hub: Arc<Hub>,
    caller: &Caller,
    work: impl FnOnce(&Hub) -> Result<T, Refused> + Send + 'static,
) -> Result<T, Refused> {
    let _turn = turn(&hub, caller).await?;
    let reads = hub.clone();
    blocking(move || work(&reads)).await
}

/// A turn to read much, while it is held.
pub(super) struct Turn<'a>(#[expect(dead_code, reason = "held")] (Pass<String>, SemaphorePermit<'a>));

/// Waits for a turn to read much.
pub(super) async fn turn<'a>(hub: &'a Hub, caller: &Caller) -> Result<Turn<'a>, Refused> {
    let part = hub.shares.of(&caller.0);
    let waits = part.readers.enter(caller.0.account.clone(), 1).ok_or_else(Refused::busy)?;
    match timeout(LONG_WAIT, part.reads.acquire()).await {
        Ok(Ok(permit)) => Ok(Turn((waits, permit))),
        _ => Err(Refused::busy()),
    }
}

pub(super) async fn snapshot(hub: &Hub) -> Result<Snapshot, Refused> {
    let (reply, snapshot) = oneshot::channel();
    hub.write(Job::Status(reply));
    snapshot.await.map_err(|_| Refused::busy())
}

/// `GET /v1/health`: 200 while the node appends to its logs under a clock that is believed, 503 while it does not.
pub async fn health(State(hub): State<Arc<Hub>>) -> Result<Response, Refused> {
    let snapshot = snapshot(&hub).await?;
    let clock = clock_status(&snapshot).why;
    match (snapshot.halted, clock) {
        (None, None) => Ok((StatusCode::OK, "ok\n").into_response()),
        (Some(why), _) => Ok((StatusCode::SERVICE_UNAVAILABLE, format!("halted: {why}\n")).into_response()),
        (None, Some(why)) => Ok((StatusCode::SERVICE_UNAVAILABLE, format!("clock: {why}\n")).into_response()),
    }
}

/// What is known of the node's clock. FLW-25
pub(super) fn clock_status(snapshot: &Snapshot) -> ClockStatus {
    let stepped = "it stepped, or stands before this node's own records: reports wait until it is right, or an operator \
                   and an auditor say so: relto clock trust";
    let why = snapshot.clock.doubt().or_else(|| (!snapshot.trusted).then_some(stepped)).map(str::to_owned);
    let (operator, auditor) = snapshot.clock.signed();
    let waits = [(Role::Operator, operator), (Role::Auditor, auditor)].into_iter().filter(|(_, signed)| !signed);
    ClockStatus {
        now: relto_host::clock::now_ms(),
        start: snapshot.start,
        believed_by: if why.is_some() { None } else { snapshot.clock.by().map(ToString::to_string) },
        waits_for: if why.is_some() { waits.map(|(role, _)| role).collect() } else { Vec::new() },
        why,
    }
}

/// The text form of the counters.
///
/// # Errors
/// 503 while the writer does not answer.
pub async fn metrics_text(hub: &Hub) -> Result<String, Refused> {
    let snapshot = snapshot(hub).await?;
    let agreements: Vec<String> = hub.links.iter().map(|link| link.agreement.id.clone()).collect();
    let connected: Vec<bool> =
        (0..agreements.len()).map(|at| u16::try_from(at).is_ok_and(|at| hub.is_connected(LinkId(at)))).collect();
    let [clients, requests, answers] = hub.shares.held();
    let held = Shared { clients, requests, answers, hushed: hub.quiet.hushed() };
    let mut text = hub.metrics.text(&snapshot, &agreements, &connected, (&held, &inspectors(hub)));
    text.push_str("# HELP relto_storage_full 1 while nothing can be written.\n# TYPE relto_storage_full gauge\n");
    text.push_str(&format!("relto_storage_full {}\n", u64::from(is_full(hub, &snapshot))));
    text.push_str(&trust::metrics(hub));
    Ok(text)
}

/// `GET /v1/metrics`.
pub async fn metrics(State(hub): State<Arc<Hub>>, Extension(caller): Extension<Caller>) -> Result<String, Refused> {
    must_be(&caller, &[Role::Operator, Role::Auditor])?;
    metrics_text(&hub).await
}

/// `GET /v1/status`.
pub async fn status(
    State(hub): State<Arc<Hub>>,
    Extension(caller): Extension<Caller>,
) -> Result<Json<Status>, Refused> {
    let snapshot = snapshot(&hub).await?;
    let count = |n: usize| u64::try_from(n).unwrap_or(u64::MAX);
    let now = relto_report::calendar::Timestamp::from_millis(clock::now_ms());
    let link = |(at, link): (usize, &relto_exchange::exchange::Link)| {
        let LinkSnapshot { confirmed, sizes, backlog, record, .. } =
            snapshot.links.get(at).cloned().unwrap_or_default();
        let text = hub.versions.in_force(at, link);
        LinkStatus {
            agreement: text.id.clone(),
            version: text.version,
            state: state_word(record.state(&text).standing(&text.life, now)).to_owned(),
            partner: link.partner.to_string(),
            connected: u16::try_from(at).is_ok_and(|at| hub.is_connected(LinkId(at))),
            heads_confirmed: confirmed,
            own_size: sizes.0,
            own_sealed: sizes.1,
            partner_size: sizes.2,
            unanswered: count(backlog.0),
            awaited: count(backlog.1),
            queued: count(backlog.2),
        }
    };
    Ok(Json(Status {
        node: hub.config.node.clone(),
        nation: hub.config.nation.to_string(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        storage_full: is_full(&hub, &snapshot),
        halted: snapshot.halted.clone(),
        journal_size: snapshot.journal,
        inspectors: inspectors(&hub),
        clock: clock_status(&snapshot),
        links: hub.links.iter().enumerate().map(link).collect(),
        trust: trusted(&hub),
        expiries: expiries(&hub, &caller),
    }))
}

/// Nothing could be written, or the next write would find no room.
fn is_full(hub: &Hub, snapshot: &Snapshot) -> bool {
    let none = |path: &std::path::Path| process::room(path).is_ok_and(|bytes| bytes < LEAST_ROOM);
    snapshot.full || none(&hub.config.data) || none(&hub.config.head_file)
}

fn trusted(hub: &Hub) -> Vec<TrustStatus> {
    let of = |(nation, closed, faults): (Nation, Option<String>, Vec<String>)| TrustStatus {
        nation: nation.to_string(),
        usable: closed.is_none(),
        why: if faults.is_empty() { closed } else { Some(faults.join("; ")) },
    };
    trust::standings(hub, clock::now_ms()).into_iter().map(of).collect()
}

/// Whose certificate of a person ends when is for operators, auditors and the person. API-42
fn expiries(hub: &Hub, caller: &Caller) -> Vec<ExpiryStatus> {
    let all = caller.0.roles.iter().any(|role| matches!(role, Role::Operator | Role::Auditor));
    let may = |one: &Expiry| {
        let person = one.who.as_ref().filter(|who| who.role == identity::Role::Person);
        all || person.is_none_or(|who| who.name == caller.0.account)
    };
    let now = clock::now_ms();
    let of = |one: Expiry| ExpiryStatus {
        what: trust::what(&one).to_owned(),
        of: one.who.as_ref().map_or_else(|| one.nation.to_string(), ToString::to_string),
        sha256: one.digest.to_string(),
        not_after: one.not_after_ms,
        days_left: one.days_left(now),
    };
    trust::expiries(hub).into_iter().filter(may).map(of).collect()
}

fn inspectors(hub: &Hub) -> Inspectors {
    let (limits, counts) = (hub.inspectors.in_force().unwrap_or_default(), hub.inspectors.counts());
    Inspectors {
        landlock: limits.landlock,
        seccomp: limits.seccomp,
        judged: counts.judged,
        died: counts.died,
        late: counts.late,
        uninspectable: counts.uninspectable,
        waiting: counts.waiting,
    }
}

pub(super) const fn state_word(standing: relto_policy::state::Standing) -> &'static str {
    match standing {
        relto_policy::state::Standing::InForce => "in-force",
        relto_policy::state::Standing::Suspended => "suspended",
        relto_policy::state::Standing::NotInForce => "not-in-force",
    }
}

/// `GET /v1/agreements`: the ids.
pub async fn agreements(State(hub): State<Arc<Hub>>) -> Json<Vec<String>> {
    Json(hub.links.iter().map(|link| link.agreement.id.clone()).collect())
}

/// `GET /v1/agreements/{id}`: the version in force.
pub async fn agreement(State(hub): State<Arc<Hub>>, Path(id): Path<String>) -> Result<Json<Agreement>, Refused> {
    let at = hub.links.iter().position(|link| link.agreement.id == id).ok_or_else(Refused::not_found)?;
    let (link, files) = hub.links.get(at).zip(hub.files.get(at)).ok_or_else(Refused::not_found)?;
    let in_force = hub.versions.in_force(at, link).digest;
    let later = hub.versions.later(at).into_iter().find(|one| one.text.digest == in_force);
    let (file, signatures) = match later {
        Some(version) => (version.file.clone(), version.signatures.clone()),
        None => (files.agreement.clone(), files.signatures.clone()),
    };
    Ok(Json(Agreement {
        file: Bytes(file),
        signatures: Bytes(signatures),
        vocabulary: Bytes(files.vocabulary.clone()),
        registers: files.registers.iter().map(|(nation, bytes)| (nation.to_string(), Bytes(bytes.clone()))).collect(),
        partner: link.partner.to_string(),
    }))
}
