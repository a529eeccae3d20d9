//! `relto inbox`, `relto outbox`, `relto show`.

use super::{
    Session, fetched, moment,
    side::{Line, Side},
    submission,
    traffic::{Traffics, page},
};
use crate::{
    args::ShowArgs,
    cache::Installed,
    client::{Client, Refused},
    document::{carried, is_plain_name},
    exit::Exit,
    output::NotVerified,
    profile::Profile,
};
use anyhow::{Context as _, Result, anyhow, bail};
use relto_formats::api::{Opened, Received, Sent, Standing, Submission};
use relto_host::clock;
use relto_report::{
    assessment::{Document, Report},
    calendar::Timestamp,
    marking::read_banner,
    nation::Nation,
    render::{Options, render},
    shapes::{Words, each_shape},
};
use serde_json::json;
use std::{collections::BTreeMap, fs::OpenOptions, io::Write as _, os::unix::fs::OpenOptionsExt as _, path::Path};

/// Characters of a line that is read on a terminal.
const WIDTH: usize = 100;

/// `relto inbox`.
pub(super) async fn inbox(session: &Session) -> Result<Exit> {
    let (profile, mut client) = session.connect().await?;
    let received: Vec<Received> = client.get("/v1/inbox").await?;
    let output = session.output;
    let traffics = Traffics::of(&profile, &mut client, &received).await;
    let received = traffics.keep(output, received);
    received.iter().try_for_each(|one| output.object(&traffics.object(one)?))?;
    if received.is_empty() {
        output.line("nothing was received")?;
        return Ok(Exit::Done);
    }
    let row = |one: &Received| {
        vec![
            moment(one.time),
            one.leaf.clone(),
            one.precedence.clone(),
            one.verdict.clone() + if one.acknowledged { ", acknowledged" } else { "" },
            one.statement.clone().unwrap_or_else(|| one.serial.clone()),
            one.reasons.join("; "),
        ]
    };
    traffics.table(output, &["decided", "leaf", "precedence", "verdict", "serial", "reasons"], &received, row)?;
    Ok(Exit::Done)
}

/// `relto outbox`.
pub(super) async fn outbox(session: &Session) -> Result<Exit> {
    let (profile, mut client) = session.connect().await?;
    let sent: Vec<Sent> = client.get("/v1/outbox").await?;
    let output = session.output;
    let traffics = Traffics::of(&profile, &mut client, &sent).await;
    let sent = traffics.keep(output, sent);
    sent.iter().try_for_each(|one| output.object(&traffics.object(one)?))?;
    if sent.is_empty() {
        output.line("nothing was released")?;
        return Ok(Exit::Done);
    }
    let row = |one: &Sent| {
        vec![
            moment(one.time),
            one.leaf.clone(),
            one.precedence.clone(),
            one.acknowledged_by
                .as_ref()
                .map_or_else(|| one.stage.clone(), |by| format!("{}, acknowledged by {by}", one.stage)),
            one.statement.clone().unwrap_or_else(|| one.serial.clone()),
            one.codes.join(" "),
        ]
    };
    traffics.table(output, &["released", "leaf", "precedence", "stage", "serial", "codes"], &sent, row)?;
    Ok(Exit::Done)
}

/// `relto outbox --all`: newest first, what was never released too.
pub(super) async fn all(session: &Session) -> Result<Exit> {
    let (profile, mut client) = session.connect().await?;
    let output = session.output;
    let mut before = String::new();
    let mut found = Vec::new();
    while let Some(mut more) = next_page(&mut client, &mut before).await? {
        found.append(&mut more);
    }
    let traffics = Traffics::of(&profile, &mut client, &found).await;
    let found = traffics.keep(output, found);
    found.iter().try_for_each(|one| output.object(&traffics.object(one)?))?;
    if found.is_empty() {
        output.line("nothing was submitted")?;
        return Ok(Exit::Done);
    }
    let widest = found.iter().map(|one| one.serial.chars().count()).max().unwrap_or(0);
    listed(&found, widest, |id| traffics.word(id)).iter().try_for_each(|line| output.line(line))?;
    Ok(Exit::Done)
}

/// Submissions for people: when, which, how it stands; below that its id, and what it waits for or why it did not go.
fn listed<'t>(found: &[Submission], widest: usize, traffic: impl Fn(&str) -> &'t str) -> Vec<String> {
    let width = widest.max("serial".len());
    let below = " ".repeat(moment(0).len() + 2);
    let mut out = vec![format!("{:<21} {:<width$}  standing", "submitted", "serial")];
    for one in found {
        let (stands, more) = submission::short(&one.standing);
        out.push(format!("{}  {:<width$}  {stands}", moment(one.time), one.serial));
        if let Some(by) = &one.acknowledged_by {
            out.push(format!("{below}acknowledged by {by}"));
        }
        let of = traffic(&one.agreement);
        let exercise = if of == "live" { String::new() } else { format!("  traffic {of}") };
        out.push(format!("{below}id {}{exercise}", one.id));
        out.extend(wrapped(&more, WIDTH - below.len()).iter().map(|line| format!("{below}{line}")));
    }
    out
}

/// A text in lines of so many characters, broken between words.
fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match out.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => out.push(word.to_owned()),
        }
    }
    out
}

/// The next page of submissions, newest first; `before` holds the last id seen. `None`: there are no more.
async fn next_page(client: &mut Client, before: &mut String) -> Result<Option<Vec<Submission>>> {
    let path = if before.is_empty() { String::new() } else { format!("?before={before}") };
    let page: Vec<Submission> = client.get(&format!("/v1/submissions{path}")).await?;
    Ok(page.last().map(|last| last.id.clone()).map(|last| {
        *before = last;
        page
    }))
}

/// `relto show`.
pub(super) async fn show(session: &Session, args: &ShowArgs) -> Result<Exit> {
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
        let found = find_own(&profile, &mut client, id).await?;
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

/// A submission of ours by leaf or serial: as it was released, else the newest of that serial.
async fn find_own(profile: &Profile, client: &mut Client, id: &str) -> Result<Submission> {
    if let Some(sent) = sent(profile, client, id, None).await? {
        return client.get(&format!("/v1/submissions/{}", sent.submission)).await;
    }
    let mut before = String::new();
    while let Some(page) = next_page(client, &mut before).await? {
        if let Some(found) = page.into_iter().find(|one| one.serial == id) {
            return Ok(found);
        }
    }
    bail!("{id} was not submitted here. `relto outbox --all` lists what was")
}

/// How a report of ours stands with each nation, by its serial: with each the one that was released, else the newest.
/// `None` where it was submitted to fewer than two of the nations that the profile names.
pub(super) async fn with_each(profile: &Profile, client: &mut Client, serial: &str) -> Result<Option<Vec<Line>>> {
    if profile.agreements.len() < 2 {
        return Ok(None);
    }
    let mut found: BTreeMap<Nation, Submission> = BTreeMap::new();
    let mut before = String::new();
    while let Some(page) = next_page(client, &mut before).await? {
        for one in page.into_iter().filter(|one| one.serial == serial) {
            let nation = profile.agreements.iter().find(|(_, id)| **id == one.agreement).map(|(nation, _)| *nation);
            let Some(nation) = nation else { continue };
            let is_better = found.get(&nation).is_none_or(|kept| is_out(&one) && !is_out(kept));
            if is_better {
                found.insert(nation, one);
            }
        }
    }
    let line = |(nation, one): (Nation, Submission)| Line {
        nation: nation.to_string(),
        agreement: one.agreement.clone(),
        outcome: Ok(one),
    };
    Ok((found.len() > 1).then(|| found.into_iter().map(line).collect()))
}

/// Whether it was released, whatever the partner answered.
fn is_out(one: &Submission) -> bool {
    matches!(one.standing, Standing::Released { .. } | Standing::Withdrawn { .. } | Standing::Resolved { .. })
}

/// A released report of ours by leaf, serial or submission id; under this agreement where one is named.
pub(super) async fn sent(
    profile: &Profile,
    client: &mut Client,
    id: &str,
    agreement: Option<&str>,
) -> Result<Option<Sent>> {
    let mut sent: Vec<Sent> = client.get("/v1/outbox").await?;
    sent.retain(|one| agreement.is_none_or(|agreement| one.agreement == agreement));
    let traffics = Traffics::of(profile, client, &sent).await;
    Ok(traffics.pick(sent, |one| one.leaf == id || one.serial == id || one.submission == id))
}

/// The same, where it must have been released.
pub(super) async fn find_sent(
    profile: &Profile,
    client: &mut Client,
    id: &str,
    agreement: Option<&str>,
) -> Result<Sent> {
    let released = sent(profile, client, id, agreement).await?;
    let under = agreement.map(|agreement| format!(" under {agreement}")).unwrap_or_default();
    released.with_context(|| {
        format!("{id} was not released from here{under}. `relto outbox --all` lists what was submitted")
    })
}

async fn open(
    session: &Session,
    profile: &Profile,
    client: &mut Client,
    place: &Place,
    attachments: Option<&Path>,
) -> Result<Exit> {
    let installed = fetched(profile, client, &place.agreement).await?;
    let path = format!("/v1/inbox/{}/{}", place.agreement, place.by);
    let opened: Opened = client.get(&path).await.map_err(|error| explain(error, place))?;
    let document =
        Document::decode(opened.plaintext.0).map_err(|fault| NotVerified(format!("{}: {fault}", place.name)))?;
    let from = installed.partner;
    if document.report().originator() != from.as_str() {
        return Err(NotVerified(format!("{}: serial {} is not of {from}", place.name, document.report().serial)).into());
    }
    let equivalent = equivalent(&installed, from, profile.nation, &document);
    let options = Options { equivalent: equivalent.as_deref(), vocabulary: Some(&installed.vocabulary) };
    let text = render(document.report(), installed.register(from)?, &options);
    let text = page(&text, document.report(), &installed, profile.nation);
    let saved = match attachments {
        Some(folder) => save(&document, folder)?,
        None => Vec::new(),
    };
    let report = document.report();
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
    carried(&document).into_iter().for_each(|text| session.output.note(text));
    saved.iter().try_for_each(|path| session.output.line(format!("saved {path}")))?;
    if saved.is_empty() && !report.attachments.is_empty() {
        session.output.note("give --attachments DIR to save the attachments");
    }
    Ok(Exit::Done)
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
fn equivalent(installed: &Installed, from: Nation, own: Nation, document: &Document) -> Option<String> {
    let register = installed.register(from).ok()?;
    let (banner, _) = read_banner(&document.report().banner, register);
    let day = Timestamp::from_millis(clock::now_ms()).day();
    let row = installed.agreement.equivalence_of(from, &banner.word, day)?;
    let word = row.markings.get(installed.agreement.place_of(own)?)?;
    Some(format!("{word} ({own})"))
}

/// Saves attachments under their own names, none over a file that is there, none outside the folder. API-17
pub(super) fn save(document: &Document, folder: &Path) -> Result<Vec<String>> {
    std::fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
    let mut out = Vec::new();
    for (at, one) in document.report().attachments.iter().enumerate() {
        if !is_plain_name(&one.name) {
            return Err(NotVerified(format!("attachment {at}: its name is not that of a file: {:?}", one.name)).into());
        }
        let path = folder.join(&one.name);
        let bytes = document.attachment(at).with_context(|| format!("attachment {}", one.name))?;
        // Who looks twice has them already.
        if std::fs::read(&path).is_ok_and(|there| there == bytes) {
            out.push(path.display().to_string());
            continue;
        }
        let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path);
        match file.and_then(|mut file| file.write_all(bytes)) {
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
                bail!("{}: another file of this name is there. Name a new folder", path.display())
            }
            written => written.with_context(|| path.display().to_string())?,
        }
        out.push(path.display().to_string());
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use relto_report::{
        assessment::Report,
        file::{Context, parse},
        register::Register,
        vocabulary::Vocabulary,
    };

    const TRACK: &[u8] = include_bytes!("../../../../examples/sierra-14-track.csv");

    fn with_attachment(name: &str) -> Document {
        let register = Register::read("r", include_bytes!("../../../../examples/markings-XAA.toml")).unwrap();
        let vocabulary = Vocabulary::read("v", include_bytes!("../../../../examples/vocabulary.toml")).unwrap();
        let now = Timestamp::parse("2026-11-17T12:00:00Z").unwrap();
        let track = |_: &str| Some(TRACK.to_vec());
        let home = include_bytes!("../../../../examples/report.home.toml");
        let context =
            Context { home: Some(("home", home)), attachment: &track, ..Context::new(&register, &vocabulary, now) };
        let parsed = parse("report.md", include_bytes!("../../../../examples/report.md"), &context);
        let parsed = parsed.unwrap_or_else(|faults| panic!("{faults}"));
        let mut report: Report = parsed.document.report().clone();
        report.attachments[0].name = name.to_owned();
        Document::decode(Document::lay_out(&report, &[TRACK])).unwrap()
    }

    #[test]
    fn a_list_of_submissions_is_read_on_a_terminal() {
        let codes =
            ["APPROVAL_REQUIRED: one", "SECOND_APPROVAL_REQUIRED: two", "CONTENT_HELD: x", "REVIEW_DATE_PASSED: y"];
        let owed = codes.map(str::to_owned).to_vec();
        let reason = "too much of it ".repeat(20);
        let last = u64::from(u32::MAX);
        let admitted =
            Standing::Resolved { index: 10_000_000, verdict: "admitted".to_owned(), codes: Vec::new(), outcome: last };
        let standings = [
            Standing::Held { owed },
            Standing::Declined { officer: "officer-1".to_owned(), reason: reason.clone() },
            Standing::Queued { why: reason },
            admitted,
        ];
        let found = standings.map(|standing| Submission {
            id: "01a20d19-450b-7249-acfe-bb48109451fa".to_owned(),
            serial: "XAA-CYBER-LONG-NAME-OF-OF-2026-12345678".to_owned(),
            agreement: String::new(),
            account: String::new(),
            time: 1_795_516_089_615,
            standing,
            incident: None,
            acknowledged_by: None,
        });
        let lines = listed(&found, 39, |_| "live");
        assert!(lines.iter().all(|line| line.chars().count() <= WIDTH), "{lines:#?}");
        assert_eq!(lines[1], "2026-11-24T10:28:09Z  XAA-CYBER-LONG-NAME-OF-OF-2026-12345678  held; officers owe:");
        assert_eq!(lines[2].trim(), "id 01a20d19-450b-7249-acfe-bb48109451fa");
        assert!(lines[3].contains("SECOND_APPROVAL_REQUIRED CONTENT_HELD"), "{lines:#?}");
        assert!(lines.iter().any(|line| line.contains("declined by officer-1:")), "{lines:#?}");
        let lines = listed(&found, 39, |_| "EX-NORTHERN-LANTERN-26");
        assert!(lines.iter().all(|line| line.chars().count() <= WIDTH), "{lines:#?}");
        let marked = lines.iter().filter(|line| line.ends_with("  traffic EX-NORTHERN-LANTERN-26"));
        assert_eq!(marked.count(), found.len());
    }

    #[test]
    fn api_17_attachments_stay_in_their_folder_and_overwrite_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let into = folder.path().join("saved");
        let saved = save(&with_attachment("track.csv"), &into).unwrap();
        assert_eq!(saved.len(), 1);
        assert_eq!(std::fs::read(into.join("track.csv")).unwrap(), TRACK);
        assert_eq!(save(&with_attachment("track.csv"), &into).unwrap(), saved, "the same is there already");
        std::fs::write(into.join("track.csv"), "another").unwrap();
        let error = save(&with_attachment("track.csv"), &into).unwrap_err();
        assert!(error.to_string().contains("another file of this name is there"), "{error}");
        assert_eq!(std::fs::read(into.join("track.csv")).unwrap(), b"another", "nothing is overwritten");
        for name in ["../track.csv", "/etc/track.csv", ".profile", "a/b.csv", "", "a\u{202e}b.csv", "a b.csv"] {
            let error = save(&with_attachment(name), &into).unwrap_err();
            assert!(error.is::<NotVerified>(), "{name}");
        }
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
