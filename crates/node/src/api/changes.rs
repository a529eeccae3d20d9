//! The agreement's state: what both nations' signers have stated, and an own change that they have signed.

use super::{
    answers::{Refused, refused, snapshot, state_word},
    posting::Posting,
};
use crate::hub::{Hub, LinkSnapshot};
use axum::{
    Json,
    extract::{Path, State},
};
use relto_audit::leaf::SignedStatement;
use relto_exchange::{
    exchange::Link,
    input::{Answer, Input, LinkId},
};
use relto_formats::api::{Life, StateChange, Stated};
use relto_policy::change::OnRecord;
use relto_report::{calendar::Timestamp, crypto::Signature};
use std::sync::Arc;

/// `GET /v1/agreements/{id}/changes`.
pub async fn list(State(hub): State<Arc<Hub>>, Path(id): Path<String>) -> Result<Json<Life>, Refused> {
    let at = place(&hub, &id)?;
    let snapshot = snapshot(&hub).await?;
    let (link, found) = hub.links.get(at).zip(snapshot.links.get(at)).ok_or_else(Refused::not_found)?;
    Ok(Json(life(link, found)))
}

/// `POST /v1/agreements/{id}/changes`: on record and acting before it is answered. API-27
pub async fn state(
    State(hub): State<Arc<Hub>>,
    Path(id): Path<String>,
    Posting { value: body, share: _share, .. }: Posting<StateChange>,
) -> Result<Json<Life>, Refused> {
    let number = LinkId(u16::try_from(place(&hub, &id)?).map_err(|_| Refused::not_found())?);
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

fn life(link: &Link, found: &LinkSnapshot) -> Life {
    let now = Timestamp::from_millis(relto_host::clock::now_ms());
    let terms = &link.agreement.life;
    let state = found.record.state(terms);
    let stated = |one: &OnRecord| Stated {
        nation: one.change.nation.to_string(),
        counter: one.change.counter,
        act: one.change.act.word().to_owned(),
        digest: one.change.digest().to_string(),
        time: u64::try_from(one.time.seconds()).unwrap_or(0).saturating_mul(1000),
        leaf: one.index,
    };
    Life {
        state: state_word(state.standing(terms, now)).to_owned(),
        ours: state.ours.word().to_owned(),
        partners: state.partners.word().to_owned(),
        ends: terms.end(state.earliest_notice(), state.renewals).map(|end| end.to_string()),
        suspensions: found.record.open_suspensions(terms).iter().map(ToString::to_string).collect(),
        changes: found.record.ours.iter().chain(&found.record.partners).map(stated).collect(),
    }
}
