//! `relto clock trust`: an operator or an auditor signs that the node's clock is right, after comparing it. API-45

use crate::{
    exit::Exit,
    output::{ask, moment},
    session::Session,
};
use anyhow::{Result, bail};
use relto_formats::{
    api::{ClockStatus, Status, TrustClock},
    base64_bytes::Bytes,
};
use relto_host::clock;
use relto_report::{
    calendar::Timestamp,
    codec,
    crypto::Signer as _,
    domain::{Tag, message},
    signed::ClockStatement,
};

/// Milliseconds between the node's clock and this machine's that are worth a word.
const APART: u64 = 5_000;

/// Shows both clocks, asks, signs.
pub(super) async fn trust(session: &Session, yes: bool) -> Result<Exit> {
    if !(yes || session.output.can_ask()) {
        bail!("there is no terminal to ask at. Compare the clock that `relto status` shows, then give --yes");
    }
    let (profile, mut client) = session.connect().await?;
    let status: Status = client.get("/v1/status").await?;
    let (output, here) = (session.output, clock::now_ms());
    if status.clock.believed_by.is_some() {
        return print(session, &status.clock);
    }
    output.field("node's clock", moment(status.clock.now))?;
    output.field("this machine", moment(here))?;
    if status.clock.now.abs_diff(here) > APART {
        output.note("they differ: look at a third, and set the one that is wrong, before you sign");
    }
    if !yes && ask(output, &format!("is {} right?", moment(status.clock.now)))? != Some(true) {
        bail!("not signed");
    }
    let statement = codec::encode(&ClockStatement {
        nation: profile.nation,
        node: status.node.clone(),
        start: status.clock.start,
        time: Timestamp::from_millis(status.clock.now),
    });
    let signature = profile.signer()?.sign(&message(Tag::Clock, &statement))?;
    let body = TrustClock { statement: Bytes(statement), signature: Bytes(signature.as_bytes().to_vec()) };
    let told: ClockStatus = client.post("/v1/clock", &body).await?;
    print(session, &told)
}

fn print(session: &Session, clock: &ClockStatus) -> Result<Exit> {
    let output = session.output;
    output.object(&serde_json::to_value(clock)?)?;
    let waits: Vec<String> =
        clock.waits_for.iter().filter_map(|role| serde_json::to_value(role).ok()).filter_map(text).collect();
    match &clock.believed_by {
        Some(by) => output.line(format!("the node's clock is believed, by {by}"))?,
        None => output.line(format!("your word is here; still to sign: {}", waits.join(" and ")))?,
    }
    Ok(Exit::Done)
}

fn text(value: serde_json::Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}
