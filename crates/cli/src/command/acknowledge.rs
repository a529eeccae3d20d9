//! `relto acknowledge`: the originator is told which office has a report.

use super::{submission, traffic::Traffics};
use crate::{exit::Exit, session::Session};
use anyhow::{Result, bail};
use relto_formats::api::{Acknowledge, Received, Submission};
use relto_host::{clock, random};

/// Acknowledges a received report, named by leaf or serial.
pub(super) async fn acknowledge(session: &Session, id: &str) -> Result<Exit> {
    let (profile, mut client) = session.connect().await?;
    let received: Vec<Received> = client.get("/v1/inbox").await?;
    let traffics = Traffics::of(&profile, &mut client, &received).await;
    let found = traffics.pick(received, |one| one.leaf == id || (one.serial == id && !id.is_empty()));
    let Some(report) = found else {
        bail!("{id} is not in the inbox. `relto inbox` lists what you may open; name a leaf or a serial");
    };
    if report.acknowledged {
        session.output.note(format!("{} was acknowledged before, and its originator knows", report.serial));
        session.output.object(&serde_json::json!({ "leaf": report.leaf, "acknowledged": true }))?;
        return Ok(Exit::Done);
    }
    let id = uuid::Uuid::from_bytes(random::uuid_v7(clock::now_ms(), random::fill()?)).to_string();
    let path = format!("/v1/inbox/{}/{}/acknowledge", report.agreement, report.index);
    let answer: Submission = client.post(&path, &Acknowledge { id }).await?;
    session.output.note(format!("{} is acknowledged: its originator is told", report.serial));
    submission::print(session.output, &answer, &traffics)?;
    Ok(Exit::of(&answer.standing))
}
