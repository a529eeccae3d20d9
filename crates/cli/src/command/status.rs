//! `relto status`.

use crate::{
    exit::Exit,
    output::{Output, moment},
    session::Session,
};
use anyhow::Result;
use relto_formats::api::Status;

/// Days within which an end is told as soon.
const SOON_DAYS: u64 = 14;

/// Prints how the node and its links stand; a node that appends to no log is a failure.
pub(super) async fn run(session: &Session) -> Result<Exit> {
    let (_, mut client) = session.connect().await?;
    let status: Status = client.get("/v1/status").await?;
    let output = session.output;
    output.object(&serde_json::to_value(&status)?)?;
    output.field("node", format!("{} ({}), version {}", status.node, status.nation, status.version))?;
    if status.storage_full {
        output.field(
            "STORAGE FULL",
            "nothing can be written: make room on the disks of the store and of the head file",
        )?;
    }
    match &status.halted {
        Some(why) => output.field("HALTED", why)?,
        None => output.field("journal", format!("{} entries", status.journal_size))?,
    }
    let scrub = &status.scrub;
    if scrub.damaged > 0 {
        let what = "stored rows or files do not open or are missing: the node's log names the first";
        output.field("DAMAGED", format!("{} {what}", scrub.damaged))?;
    }
    if scrub.read < scrub.of {
        output.field("store", format!("{} of {} leaves read again since the start", scrub.read, scrub.of))?;
    }
    if let Some(bytes) = status.segments.as_ref().filter(|bytes| bytes.live.saturating_add(bytes.dead) > 0) {
        let what = format!("{} bytes of payloads and home files, {} that erased ones left", bytes.live, bytes.dead);
        output.field("segments", what)?;
    }
    let is = &status.inspectors;
    let landlock = if is.landlock == 0 { "no landlock".to_owned() } else { format!("landlock (ABI {})", is.landlock) };
    let seccomp = if is.seccomp { "seccomp" } else { "no seccomp" };
    let counts = format!("{} attachments judged, {} reports wait", is.judged, is.waiting);
    let ill = format!("{} died, {} were late, {} files cannot be inspected", is.died, is.late, is.uninspectable);
    output.field("inspectors", format!("{landlock}, {seccomp}; {counts}; {ill}"))?;
    match (&status.clock.believed_by, &status.clock.why) {
        (Some(by), _) => output.field("clock", format!("{}, believed by {by}", moment(status.clock.now)))?,
        (None, why) => output.field("CLOCK", why.as_deref().unwrap_or_default())?,
    }
    for link in &status.links {
        output.line("")?;
        output.field("agreement", format!("{} version {}, {}", link.agreement, link.version, link.state))?;
        let session = match (link.connected, link.heads_confirmed) {
            (true, true) => "connected; reports leave as they are released",
            (true, false) => "connected; its log is not followed to the end yet: releases wait until it is",
            (false, true) => "NOT CONNECTED; reports are still released into our log, and leave when it is back",
            (false, false) => "NOT CONNECTED; releases wait until it is back and its log is followed",
        };
        output.field("partner", format!("{}, {session}", link.partner))?;
        output.field("our log", format!("{} leaves, {} under a stored checkpoint", link.own_size, link.own_sealed))?;
        output.field("partner's log", format!("{} leaves", link.partner_size))?;
        let waiting = format!(
            "{} of ours without receipt, {} of theirs without payload, {} queued",
            link.unanswered, link.awaited, link.queued
        );
        output.field("waiting", waiting)?;
    }
    trust(output, &status)?;
    let ill = status.halted.is_some() || status.storage_full || status.scrub.damaged > 0;
    Ok(if ill || status.clock.believed_by.is_none() { Exit::Failed } else { Exit::Done })
}

/// Whose certificates are accepted, and when each certificate and list ends.
fn trust(output: Output, status: &Status) -> Result<()> {
    output.line("")?;
    for one in &status.trust {
        match (&one.why, one.usable) {
            (None, true) => output.field("trust", format!("{}: good", one.nation))?,
            (why, false) => {
                let why = why.as_deref().unwrap_or_default();
                output.field("TRUST", format!("{}: NOT USABLE, nobody of it is let in: {why}", one.nation))?;
            }
            (Some(why), true) => {
                output.field("TRUST", format!("{}: the last good list is in use: {why}", one.nation))?;
            }
        }
    }
    for one in &status.expiries {
        let name = match one.what.as_str() {
            "crl" => format!("CRL of {}", one.of),
            "root" => format!("TLS root of {}", one.of),
            _ => one.of.clone(),
        };
        let end = moment(one.not_after);
        match one.days_left {
            None => output.field("EXPIRED", format!("{name}, since {end}"))?,
            Some(days) if days < SOON_DAYS => output.field("ENDS SOON", format!("{name}, {end}: {days} days left"))?,
            Some(days) => output.field("ends", format!("{name}, {end}: {days} days left"))?,
        }
    }
    output.line("a person's certificate is listed once it was shown since the node's start")?;
    Ok(())
}
