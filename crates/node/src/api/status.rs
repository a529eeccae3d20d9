//! The routes that only tell how the node stands.

use super::{
    caller::Caller,
    problem::{Refused, must_be},
};
use crate::{
    hub::Hub,
    jobs::Job,
    metrics::Shared,
    snapshot::{LinkSnapshot, Snapshot},
    trust,
};
use axum::{
    Extension, Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use relto_exchange::ids::LinkId;
use relto_formats::api::{
    ClockStatus, ExpiryStatus, Inspectors, LinkStatus, Role, ScrubStatus, SegmentStatus, Status, TrustStatus,
};
use relto_host::{
    clock, process,
    store::segment::SegmentBytes,
    tls::{expiry::Expiry, identity},
};
use relto_report::nation::Nation;
use std::sync::Arc;
use tokio::sync::oneshot;

/// Bytes of room below which a disk is as good as full: the write-ahead log takes some pages more than what is written.
const LEAST_ROOM: u64 = 256 * 1024;

pub(super) async fn snapshot(hub: &Hub) -> Result<Snapshot, Refused> {
    let (reply, snapshot) = oneshot::channel();
    hub.write(Job::Status(reply));
    snapshot.await.map_err(|_| Refused::busy())
}

/// `GET /v1/health`: 200 while the node appends to its logs under a clock that is believed, 503 while it does not.
pub(super) async fn health(State(hub): State<Arc<Hub>>) -> Result<Response, Refused> {
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
pub(super) async fn metrics_text(hub: &Hub) -> Result<String, Refused> {
    let snapshot = snapshot(hub).await?;
    let agreements: Vec<String> = hub.links.iter().map(|link| link.agreement.id.clone()).collect();
    let connected: Vec<bool> =
        (0..agreements.len()).map(|at| LinkId::at(at).is_some_and(|link| hub.is_connected(link))).collect();
    let [clients, requests, answers] = hub.shares.held();
    let held = Shared { clients, requests, answers, hushed: hub.quiet.hushed(), scrub: hub.scrubbed.figures() };
    let mut text = hub.metrics.text(&snapshot, &agreements, &connected, (&held, &inspectors(hub)));
    text.push_str("# HELP relto_storage_full 1 while nothing can be written.\n# TYPE relto_storage_full gauge\n");
    text.push_str(&format!("relto_storage_full {}\n", u64::from(is_full(hub, &snapshot))));
    text.push_str(&trust::metrics(hub));
    Ok(text)
}

/// `GET /v1/metrics`.
pub(super) async fn metrics(
    State(hub): State<Arc<Hub>>,
    Extension(caller): Extension<Caller>,
) -> Result<String, Refused> {
    must_be(&caller, &[Role::Operator, Role::Auditor])?;
    metrics_text(&hub).await
}

/// `GET /v1/status`.
pub(super) async fn status(
    State(hub): State<Arc<Hub>>,
    Extension(caller): Extension<Caller>,
) -> Result<Json<Status>, Refused> {
    let snapshot = snapshot(&hub).await?;
    let count = |n: usize| u64::try_from(n).unwrap_or(u64::MAX);
    let now = relto_report::calendar::Timestamp::from_millis(clock::now_ms());
    let link = |(at, link): (usize, &relto_exchange::link::Link)| {
        let LinkSnapshot { confirmed, sizes, backlog, record, .. } =
            snapshot.links.get(at).cloned().unwrap_or_default();
        let text = hub.versions.in_force(at, link);
        LinkStatus {
            agreement: text.id.clone(),
            version: text.version,
            state: record.state(&text).standing(&text.life, now).into(),
            partner: link.partner.to_string(),
            connected: LinkId::at(at).is_some_and(|link| hub.is_connected(link)),
            heads_confirmed: confirmed,
            own_size: sizes.ours,
            own_sealed: sizes.sealed,
            partner_size: sizes.theirs,
            unanswered: count(backlog.unanswered),
            awaited: count(backlog.awaited),
            queued: count(backlog.queued),
        }
    };
    let [read, of, damaged] = hub.scrubbed.figures();
    Ok(Json(Status {
        node: hub.config.node.clone(),
        nation: hub.config.nation.to_string(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        storage_full: is_full(&hub, &snapshot),
        scrub: ScrubStatus { read, of, damaged },
        segments: snapshot.segments.map(|SegmentBytes { live, dead }| SegmentStatus { live, dead }),
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
