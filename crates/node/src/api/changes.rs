//! The agreement's state: what both nations' signers have stated, an own change that they have signed, and later versions
//! of the text.

use super::{
    posting::Posting,
    problem::{Refused, refused},
    status::snapshot,
};
use crate::{hub::Hub, snapshot::LinkSnapshot};
use axum::{
    Json,
    extract::{Path, State},
};
use relto_audit::leaf::SignedStatement;
use relto_exchange::{ids::LinkId, input::Input, link::Link, out::Answer};
use relto_formats::api::{Life, MeasureTaken, NewVersion, StateChange, Stated, VersionStands, VersionState};
use relto_policy::change::{Act, Measure, OnRecord, Record, Restricts};
use relto_report::{calendar::Timestamp, crypto::Signature, digest::Digest};
use std::sync::Arc;

/// `GET /v1/agreements/{id}/changes`.
pub(crate) async fn list(State(hub): State<Arc<Hub>>, Path(id): Path<String>) -> Result<Json<Life>, Refused> {
    let at = place(&hub, &id)?;
    let snapshot = snapshot(&hub).await?;
    let (link, found) = hub.links.get(at).zip(snapshot.links.get(at)).ok_or_else(Refused::not_found)?;
    Ok(Json(life(&hub, at, link, found)))
}

/// `POST /v1/agreements/{id}/changes`: on record and acting before it is answered. API-27
pub(crate) async fn state(
    State(hub): State<Arc<Hub>>,
    Path(id): Path<String>,
    Posting { value: body, share: _share, .. }: Posting<StateChange>,
) -> Result<Json<Life>, Refused> {
    let number = LinkId::at(place(&hub, &id)?).ok_or_else(Refused::not_found)?;
    let mut signatures = Vec::new();
    for one in body.signatures {
        let signature = Signature::from_slice(&one.signature.0);
        signatures.push((one.signer, signature.ok_or_else(|| Refused::bad("signature must have 64 bytes"))?));
    }
    let change = SignedStatement { statement: body.statement.0, signatures };
    let answer = hub.ask(Box::new(move |ticket| Input::Change { ticket, link: number, change })).await;
    match answer.ok_or_else(Refused::storage_full)? {
        Answer::Noted => list(State(hub), Path(id)).await,
        other => Err(refused(other)),
    }
}

fn place(hub: &Hub, id: &str) -> Result<usize, Refused> {
    hub.links.iter().position(|link| link.agreement.id == id).ok_or_else(Refused::not_found)
}

/// `POST /v1/agreements/{id}/versions`: judged against the version that it supersedes, on the disk and in the journal
/// before it is answered. API-34
pub(crate) async fn install(
    State(hub): State<Arc<Hub>>,
    Path(id): Path<String>,
    Posting { value: body, share: _share, .. }: Posting<NewVersion>,
) -> Result<Json<Life>, Refused> {
    let at = place(&hub, &id)?;
    let number = LinkId::at(at).ok_or_else(Refused::not_found)?;
    let node = hub.clone();
    // It verifies signatures and flushes files: not on the thread of the links.
    let judged = tokio::task::spawn_blocking(move || {
        let link = node.links.get(at)?;
        Some(node.versions.install(at, link, (body.file.0, body.signatures.0)))
    });
    let judged = judged.await.ok().flatten().ok_or_else(Refused::not_found)?;
    let text = judged.map_err(|fault| Refused::invalid(fault.rule, fault.what))?;
    // Again, too, where its file is here already: an answer that was lost may have come before the journal's entry.
    let answer = hub.ask(Box::new(move |ticket| Input::Install { ticket, link: number, text })).await;
    match answer.ok_or_else(Refused::storage_full)? {
        Answer::Noted => {}
        other => return Err(refused(other)),
    }
    list(State(hub), Path(id)).await
}

fn life(hub: &Hub, at: usize, link: &Link, found: &LinkSnapshot) -> Life {
    let now = Timestamp::from_millis(relto_host::clock::now_ms());
    let in_force = hub.versions.in_force(at, link);
    let terms = &in_force.life;
    let state = found.record.state(&in_force);
    let stated = |one: &OnRecord| Stated {
        nation: one.change.nation.to_string(),
        counter: one.change.counter,
        act: (&one.change.act).into(),
        digest: one.change.digest().to_string(),
        time: u64::try_from(one.time.seconds()).unwrap_or(0).saturating_mul(1000),
        leaf: one.index,
    };
    Life {
        state: state.standing(terms, now).into(),
        ours: state.ours.into(),
        partners: state.partners.into(),
        ends: terms.end(state.earliest_notice(), state.renewals).map(|end| end.to_string()),
        suspensions: found.record.open_suspensions(terms).iter().map(ToString::to_string).collect(),
        measures: found.record.measures().map(|(one, measure)| taken(one, measure)).collect(),
        versions: versions(hub, at, link, (&found.record, in_force.digest)),
        changes: found.record.ours.iter().chain(&found.record.partners).map(stated).collect(),
    }
}

fn taken(one: &OnRecord, measure: &Measure) -> MeasureTaken {
    let on = match &measure.restricts {
        Restricts::Nothing | Restricts::Agreement => String::new(),
        Restricts::Topic(from, topic) => format!("{topic} from {from}"),
        Restricts::Level(from, level) => format!("above level {level} from {from}"),
        Restricts::Direction(from) => format!("all from {from}"),
    };
    MeasureTaken {
        nation: one.change.nation.to_string(),
        counter: one.change.counter,
        step: measure.step,
        does: measure.restricts.does().word().to_owned(),
        on,
        digest: one.change.digest().to_string(),
    }
}

/// Every version that is installed, and those that are adopted and are not.
fn versions(hub: &Hub, at: usize, link: &Link, (record, in_force): (&Record, Digest)) -> Vec<VersionStands> {
    let adopted = |one: &OnRecord| if let Act::Adopt(version) = one.change.act { Some(version) } else { None };
    let changes = || record.ours.iter().chain(&record.partners);
    let mut known: Vec<(Option<u32>, Digest)> = vec![(Some(link.agreement.version), link.agreement.digest)];
    known.extend(hub.versions.later(at).iter().map(|one| (Some(one.text.version), one.text.digest)));
    for version in changes().filter_map(adopted) {
        if known.iter().all(|(_, digest)| *digest != version) {
            known.push((None, version));
        }
    }
    let of = |(version, digest): (Option<u32>, Digest)| {
        let by = changes().filter(|one| adopted(one) == Some(digest));
        let adopted_by: Vec<String> = by.map(|one| one.change.nation.to_string()).collect();
        let began = digest == link.agreement.digest || adopted_by.len() == 2;
        let state = match (digest == in_force, began, adopted_by.is_empty()) {
            (true, _, _) => VersionState::InForce,
            (false, true, _) => VersionState::Superseded,
            (false, false, false) => VersionState::Pending,
            (false, false, true) => VersionState::Installed,
        };
        VersionStands { version, digest: digest.to_string(), state, adopted_by }
    };
    known.into_iter().map(of).collect()
}
