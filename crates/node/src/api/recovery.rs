//! The way back of a node that has halted: its plan, and two people who sign it. RCV-2

use super::{
    caller::Caller,
    posting::Posting,
    problem::{Refused, must_be, refused},
};
use crate::{hub::Hub, jobs::Job};
use axum::{Extension, Json, extract::State};
use relto_exchange::{
    belief::Voice,
    input::Input,
    out::Answer,
    recovery::{Asks, Plan},
};
use relto_formats::api::{Recovery, RecoveryAct, Role};
use relto_report::{
    crypto::Signature,
    signed::{Unverified, recovery::RecoveryWord},
};
use std::sync::Arc;
use tokio::sync::oneshot;

const ROLES: &[Role] = &[Role::Operator, Role::Auditor];

/// `GET /v1/recovery`.
pub(super) async fn show(
    State(hub): State<Arc<Hub>>,
    Extension(caller): Extension<Caller>,
) -> Result<Json<Recovery>, Refused> {
    must_be(&caller, ROLES)?;
    told(&hub).await.map(Json)
}

async fn told(hub: &Hub) -> Result<Recovery, Refused> {
    let (reply, plan) = oneshot::channel();
    hub.write(Job::Recovery(reply));
    let (start, halted, plan) = plan.await.map_err(|_| Refused::busy())?;
    let signed = |plan: &Plan| {
        let (operator, auditor) = plan.signed;
        let both = [(Role::Operator, operator), (Role::Auditor, auditor)];
        both.into_iter().filter(|(_, signed)| *signed).map(|(role, _)| role).collect()
    };
    Ok(Recovery {
        node: hub.config.node.clone(),
        start,
        halted,
        waits_for: plan.iter().flat_map(|plan| &plan.waits_for).map(ToString::to_string).collect(),
        wrong: plan.as_ref().and_then(|plan| plan.wrong.clone()),
        signed_by: plan.as_ref().map(signed).unwrap_or_default(),
        done: plan.as_ref().is_some_and(|plan| plan.done),
        plan: plan.map(|plan| plan.text),
    })
}

/// `POST /v1/recovery`.
pub(super) async fn act(
    State(hub): State<Arc<Hub>>,
    Extension(caller): Extension<Caller>,
    Posting { value: body, share: _share, .. }: Posting<RecoveryAct>,
) -> Result<Json<Recovery>, Refused> {
    let asks = match body {
        RecoveryAct::Sign { statement, signature } => sign(&hub, &caller, statement.0, &signature.0).await?,
        RecoveryAct::Start => {
            must_be(&caller, &[Role::Operator])?;
            Asks::Start
        }
        RecoveryAct::Abort => Asks::Abort,
    };
    match hub.ask(Box::new(move |ticket| Input::Recovery(ticket, asks))).await {
        Some(Answer::Noted) => told(&hub).await.map(Json),
        Some(other) => Err(refused(other)),
        None => Err(Refused::storage_full()),
    }
}

async fn sign(hub: &Arc<Hub>, caller: &Caller, statement: Vec<u8>, signature: &[u8]) -> Result<Asks, Refused> {
    let signature = Signature::from_slice(signature).ok_or_else(|| Refused::bad("signature must have 64 bytes"))?;
    let word = RecoveryWord { account: caller.0.account.clone(), key: caller.0.key, statement, signature };
    let verified = hub.verify(move || Unverified::new(word).verify()).await.ok_or_else(Refused::busy)?;
    let (word, said) = verified.map_err(|fault| Refused::not_signed(fault.to_string()))?;
    let start = told(hub).await?.start;
    if (said.nation, said.node.as_str(), said.start) != (hub.config.nation, hub.config.node.as_str(), start) {
        let text = "it is of another node, or of another start of it. Look at the plan again: relto recover plan";
        return Err(Refused::not_signed(text.to_owned()));
    }
    let voice = if caller.0.roles.contains(&Role::Operator) { Voice::Operator } else { Voice::Auditor };
    Ok(Asks::Sign(voice, word, said.plan))
}
