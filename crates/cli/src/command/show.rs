//! `relto show`: a received report, or how one of our own stands.

use super::{
    attachments::{download, joined, save},
    side::Side,
    submission,
    submissions::{find, with_each},
    traffic::{Traffics, page},
};
use crate::{
    args::ShowArgs,
    cache::{Installed, refresh},
    client::{Client, Refused},
    document::carried,
    exit::Exit,
    head::Came,
    output::NotVerified,
    profile::Profile,
    session::Session,
};
use anyhow::{Result, anyhow};
use relto_formats::api::{Opened, Received, Submission};
use relto_host::clock;
use relto_report::{
    assessment::Report,
    calendar::Timestamp,
    marking::read_banner,
    nation::Nation,
    render::{Options, render},
    shapes::{Words, each_shape},
};
use serde_json::json;
use std::path::Path;

/// Runs the command.
pub(super) async fn run(session: &Session, args: &ShowArgs) -> Result<Exit> {
    let (profile, mut client) = session.connect().await?;
    let id = args.id.as_str();
    let own = format!("{}-", profile.nation);
    let own_leaf = format!("{}>", profile.nation);
    if uuid::Uuid::parse_str(id).is_ok() {
        let found: Submission = client.get(&format!("/v1/submissions/{id}")).await?;
        let traffics = Traffics::of(&profile, &mut client, std::slice::from_ref(&found)).await;
        submission::print(session.output, &found, &traffics)?;
        return Ok(Exit::Done);
    }
    if id.starts_with(&own)
        && let Some(lines) = with_each(&profile, &mut client, id).await?
    {
        // How each stands is what was asked for: none of it is a failure of the asking.
        Side { profile: &profile, lines }.print(session.output)?;
        return Ok(Exit::Done);
    }
    if id.starts_with(&own) || id.starts_with(&own_leaf) {
        let found = find(&profile, &mut client, id).await?;
        let traffics = Traffics::of(&profile, &mut client, std::slice::from_ref(&found)).await;
        submission::print(session.output, &found, &traffics)?;
        return Ok(Exit::Done);
    }
    let received: Vec<Received> = client.get("/v1/inbox").await?;
    let traffics = Traffics::of(&profile, &mut client, &received).await;
    let found = traffics.pick(received, |one| one.leaf == id || (one.serial == id && !id.is_empty()));
    let place = found.map(|line| Place::of(line.agreement, line.index, line.leaf));
    // What is not listed is asked for all the same: the node says why it may not be read, and puts it on record.
    let Some(place) = place.or_else(|| Place::named(&profile, id)).or_else(|| Place::serial(&profile, id)) else {
        return Err(not_there(id));
    };
    open(session, &profile, &mut client, &place, args.attachments.as_deref()).await
}

/// Where a received report stands.
struct Place {
    agreement: String,
    /// What the node's inbox of that agreement has it by: an index, or a serial.
    by: String,
    /// As it was named.
    name: String,
}

/// No leaf, and no serial that anything here has.
fn not_there(id: &str) -> anyhow::Error {
    anyhow!("{id} is not in the inbox. `relto inbox` lists what you may open; name a leaf, a serial or a submission id")
}

impl Place {
    fn of(agreement: String, index: u64, name: String) -> Self {
        Self { agreement, by: index.to_string(), name }
    }

    /// A serial of a partner's that is not listed, under the profile's agreement with that nation. API-44
    fn serial(profile: &Profile, serial: &str) -> Option<Self> {
        let agreement = profile.agreements.get(&Nation::parse(serial.get(..3)?)?)?.clone();
        let is_one = serial.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        is_one.then(|| Self { agreement, by: format!("serials/{serial}"), name: serial.to_owned() })
    }

    /// A leaf's name, such as `XBB>XAA:17`, under the profile's agreement with that nation.
    fn named(profile: &Profile, leaf: &str) -> Option<Self> {
        let (logs, index) = leaf.split_once(':')?;
        let (from, to) = logs.split_once('>')?;
        let agreement = profile.agreements.get(&Nation::parse(from)?)?.clone();
        let index: u64 = index.parse().ok()?;
        (to == profile.nation.as_str()).then(|| Self::of(agreement, index, leaf.to_owned()))
    }
}

async fn open(
    session: &Session,
    profile: &Profile,
    client: &mut Client,
    place: &Place,
    attachments: Option<&Path>,
) -> Result<Exit> {
    let installed = refresh(profile, client, &place.agreement).await?;
    let path = format!("/v1/inbox/{}/{}", place.agreement, place.by);
    let opened: Opened = client.get(&path).await.map_err(|error| explain(error, place))?;
    let came = Came::read(opened.plaintext.0).map_err(|fault| NotVerified(format!("{}: {fault}", place.name)))?;
    let (from, report) = (installed.partner, came.report());
    if report.originator() != from.as_str() {
        return Err(NotVerified(format!("{}: serial {} is not of {from}", place.name, report.serial)).into());
    }
    let equivalent = equivalent(&installed, from, profile.nation, report);
    let options = Options { equivalent: equivalent.as_deref(), vocabulary: Some(&installed.vocabulary) };
    let text = render(report, installed.register(from)?, &options);
    let text = page(&text, report, &installed, profile.nation);
    let path = format!("/v1/inbox/{}/{}", place.agreement, opened.received.index);
    let Looked { saved, notes } = look(profile, path, &came, attachments).await?;
    let shaped = shaped(report, &installed);
    let list =
        report.attachments.iter().map(|one| json!({ "name": one.name, "type": one.media_type, "bytes": one.length }));
    session.output.object(&json!({
        "received": opened.received,
        "traffic": report.traffic,
        "banner": report.banner,
        "equivalent": equivalent,
        "title": report.title.text,
        "text": text,
        "attachments": list.collect::<Vec<_>>(),
        "shaped_like_marks": shaped,
        "saved": saved,
    }))?;
    session.output.line(text.trim_end())?;
    // RPT-10
    shaped.iter().for_each(|place| session.output.note(format!("text shaped like a mark, and none: {place}")));
    notes.into_iter().for_each(|text| session.output.note(text));
    saved.iter().try_for_each(|path| session.output.line(format!("saved {path}")))?;
    if saved.is_empty() && !report.attachments.is_empty() {
        session.output.note("give --attachments DIR to save the attachments");
    }
    Ok(Exit::Done)
}

/// What became of a report's attachments.
struct Looked {
    /// Files that are there now.
    saved: Vec<String>,
    /// What they carry that no reader sees, or that this is not known.
    notes: Vec<String>,
}

/// Looks at the attachments, and saves them where a folder is named; `path` is where those that did not come with the
/// report are asked for.
async fn look(profile: &Profile, path: String, came: &Came, folder: Option<&Path>) -> Result<Looked> {
    match (came, folder) {
        (Came::Whole(document), Some(folder)) => {
            Ok(Looked { saved: save(document, folder)?, notes: carried(document) })
        }
        (Came::Whole(document), None) => Ok(Looked { saved: Vec::new(), notes: carried(document) }),
        (Came::Head(head), Some(folder)) => {
            let saved = download(profile, path, head, folder).await?;
            let notes = carried(&joined(head, &saved)?);
            Ok(Looked { saved, notes })
        }
        (Came::Head(head), None) => {
            let bytes = head.report().attachment_bytes();
            let note = format!(
                "the attachments, {bytes} bytes, were not fetched, and what they carry that no reader sees was not looked for"
            );
            Ok(Looked { saved: Vec::new(), notes: vec![note] })
        }
    }
}

/// Where text of a report is shaped like a mark; the marks before the text are those that count.
fn shaped(report: &Report, installed: &Installed) -> Vec<String> {
    let mut out = Vec::new();
    let words = Words::of(installed.registers.values());
    each_shape(report, &words, |place, shape| out.push(format!("{place}, {shape}")));
    out
}

/// Only readers open reports; an officer who may list them is told so, and not that there is nothing.
fn explain(error: anyhow::Error, place: &Place) -> anyhow::Error {
    let status = error.downcast_ref::<Refused>().map(|refused| refused.status);
    match status {
        Some(404) if place.by.starts_with("serials/") => not_there(&place.name),
        Some(404) => {
            error.context("it cannot be opened: it was refused or quarantined, or its receipt is not signed yet")
        }
        _ => error,
    }
}

/// The agreed equivalent of the banner's level in the reader's nation, such as `SECRET (XAA)`.
fn equivalent(installed: &Installed, from: Nation, own: Nation, report: &Report) -> Option<String> {
    let register = installed.register(from).ok()?;
    let (banner, _) = read_banner(&report.banner, register);
    let day = Timestamp::from_millis(clock::now_ms()).day();
    let row = installed.agreement.equivalence_of(from, &banner.word, day)?;
    let word = row.markings.get(installed.agreement.place_of(own)?)?;
    Some(format!("{word} ({own})"))
}
