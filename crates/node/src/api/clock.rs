//! An operator and an auditor say that the node's clock is right, where nothing else does. API-45

use super::{
    caller::Caller,
    posting::Posting,
    problem::{Refused, refused},
    status::{clock_status, snapshot},
};
use crate::hub::Hub;
use axum::{Extension, Json, extract::State};
use relto_exchange::{belief::Voice, input::Input, out::Answer};
use relto_formats::api::{ClockStatus, Role, TrustClock};
use relto_host::clock;
use relto_report::{
    calendar::Timestamp,
    crypto::Signature,
    signed::{ClockWord, Unverified},
};
use std::sync::Arc;

/// Seconds by which the signed time may differ from the clock when it comes here.
const FRESH: u64 = 600;

/// `POST /v1/clock`: signed over node, start and time; both words go on record.
pub(super) async fn trust(
    State(hub): State<Arc<Hub>>,
    Extension(caller): Extension<Caller>,
    Posting { value: body, share: _share, .. }: Posting<TrustClock>,
) -> Result<Json<ClockStatus>, Refused> {
    let signature =
        Signature::from_slice(&body.signature.0).ok_or_else(|| Refused::bad("signature must have 64 bytes"))?;
    let (account, key) = (caller.0.account.clone(), caller.0.key);
    let word = ClockWord { account, statement: body.statement.0, signature };
    let verified = hub.verify(move || Unverified::new(word).verify(&key)).await.ok_or_else(Refused::busy)?;
    let not_signed = |text: String| Refused::not_signed(text);
    let (word, said) = verified.map_err(|fault| not_signed(fault.to_string()))?;
    let start = snapshot(&hub).await?.start;
    let now = Timestamp::from_millis(clock::now_ms()).seconds();
    if (said.nation, said.node.as_str(), said.start) != (hub.config.nation, hub.config.node.as_str(), start)
        || said.time.seconds().abs_diff(now) > FRESH
    {
        let text = "it is of another node, start or time. Compare the clock again: relto clock trust";
        return Err(not_signed(text.to_owned()));
    }
    let voice = if caller.0.roles.contains(&Role::Operator) { Voice::Operator } else { Voice::Auditor };
    match hub.ask(Box::new(move |ticket| Input::ClockWord { ticket, voice, word })).await {
        Some(Answer::Noted) => Ok(Json(clock_status(&snapshot(&hub).await?))),
        Some(other) => Err(refused(other)),
        None => Err(Refused::storage_full()),
    }
}
