//! `relto hold`: what waits for a foreign disclosure officer, and what the officer does about it.

use super::{
    attachments::save,
    download, submission,
    traffic::{Traffics, banner_for, page},
};
use crate::{
    cache::{Installed, refresh},
    client::Client,
    document::carried,
    exit::Exit,
    head::Came,
    output::{NotVerified, Output, ask, moment},
    profile::Profile,
    session::Session,
    signing::{answers, approval},
};
use anyhow::{Result, bail};
use relto_audit::leaf::Precedence;
use relto_formats::api::{Decline, Held, HeldReport, Submission};
use relto_policy::{code::Code, content::each_place};
use relto_report::{
    assessment::Document,
    render::{Options, render},
    shapes::Words,
    unseen::{RULE, shown, unseen},
};
use serde_json::json;
use std::path::{Path, PathBuf};

/// `relto hold list`.
pub(super) async fn list(session: &Session) -> Result<Exit> {
    let (profile, mut client) = session.connect().await?;
    let held: Vec<Held> = client.get("/v1/holds").await?;
    let output = session.output;
    let traffics = Traffics::of(&profile, &mut client, &held).await;
    let held = traffics.keep(output, held);
    held.iter().try_for_each(|one| output.object(&traffics.object(one)?))?;
    if held.is_empty() {
        output.line("nothing is held")?;
        return Ok(Exit::Done);
    }
    let row = |one: &Held| {
        vec![
            moment(one.time),
            one.serial.clone(),
            one.account.clone(),
            submission::names(&one.owed),
            one.approved_by.join(" "),
            one.id.clone(),
        ]
    };
    traffics.table(output, &["since", "serial", "author", "owed", "approved by", "id"], &held, row)?;
    for one in held.iter().filter(|one| is_offered(one)) {
        let mut offers = one.owed.iter().filter(|ground| ground.is(Code::EmergencyRelease));
        offers.try_for_each(|line| output.line(format!("{}: {line}", one.serial)))?;
    }
    Ok(Exit::Done)
}

/// `relto hold show`.
pub(super) async fn show(session: &Session, id: &str, attachments: Option<&Path>) -> Result<Exit> {
    let (profile, mut client) = session.connect().await?;
    let opened = open(&profile, &mut client, id).await?;
    let output = session.output;
    output.object(&json!({
        "held": opened.shown.held,
        "traffic": opened.document.report().traffic,
        "precedence": opened.shown.precedence,
        "text": opened.text,
        "home": String::from_utf8_lossy(&opened.shown.home.0),
        "plaintext_digest": opened.document.digest().to_string(),
        "places": places(&opened),
        "carried": carried(&opened.document),
    }))?;
    print(output, &opened)?;
    if attachments.is_some() {
        look(output, &opened, attachments)?;
    }
    Ok(Exit::Done)
}

/// How an officer approves.
pub(super) struct Choice {
    /// Another precedence than the report has.
    pub(super) precedence: Option<String>,
    /// Where the attachments are written before the question.
    pub(super) attachments: Option<PathBuf>,
    /// Alone, what needs two.
    pub(super) emergency: bool,
    /// Without a question.
    pub(super) yes: bool,
}

/// `relto hold approve`: what was fetched is decoded, shown and hashed here; that hash is signed. API-11
pub(super) async fn approve(session: &Session, id: &str, choice: &Choice) -> Result<Exit> {
    if choice.precedence.as_ref().is_some_and(|word| Precedence::parse(word).is_none()) {
        bail!("--precedence must be FLASH, IMMEDIATE, PRIORITY or ROUTINE");
    }
    if !(choice.yes || session.output.can_ask()) {
        bail!("there is no terminal to ask at. Read it with `relto hold show {id}`, then give --yes");
    }
    let (profile, mut client) = session.connect().await?;
    let opened = open(&profile, &mut client, id).await?;
    let held = &opened.shown.held;
    if held.account == profile.account {
        bail!("{} wrote this report; another foreign disclosure officer must release it", profile.account);
    }
    if choice.emergency && !is_offered(held) {
        bail!(
            "{id} is no release in an emergency: its author does not ask for one, it needs no two officers, or the \
             agreement does not name all its topics. Approve it without --emergency"
        );
    }
    if held.approved_by.contains(&profile.account) {
        // An approval that has expired, or answers less than is owed by now, is given again: so this is no refusal.
        session
            .output
            .note(format!("{} approved {} before; the new one takes its place", profile.account, held.serial));
    }
    let precedence = choice.precedence.as_ref().unwrap_or(&opened.shown.precedence);
    if choice.yes {
        places(&opened).iter().for_each(|place| session.output.note(place));
        carried(&opened.document).iter().for_each(|text| session.output.note(text));
    } else {
        print(session.output, &opened)?;
    }
    look(session.output, &opened, choice.attachments.as_deref())?;
    let to = opened.installed.partner;
    if choice.emergency {
        let offer = held.owed.iter().find(|ground| ground.is(Code::EmergencyRelease));
        offer.into_iter().for_each(|ground| session.output.note(ground.to_string()));
    }
    let how = if choice.emergency { ", alone, in an emergency" } else { "" };
    let question = format!("release {} to {to} at {precedence}{how}?", held.serial);
    if !choice.yes && ask(session.output, &question)? != Some(true) {
        bail!("not signed. `relto hold refuse {} --reason TEXT` tells the author why", held.id);
    }
    let answers = answers(held, &profile.account, choice.emergency);
    let body = approval(&profile, opened.installed.agreement.digest, to, &opened.document, precedence, answers)?;
    let answer: Submission = client.post(&format!("/v1/holds/{}/approve", held.id), &body).await?;
    session.output.note(format!("the approval of {} is on record", profile.account));
    submission::print(session.output, &answer, &Traffics::with(&profile, &opened.installed))?;
    if choice.emergency && Exit::of(&answer.standing) == Exit::Done {
        session.output.line(format!(
            "another officer must confirm it: `relto hold approve {serial}`, or `relto hold refuse {serial} --reason TEXT`; \
             unconfirmed or refused it is an incident",
            serial = held.serial
        ))?;
    }
    Ok(Exit::of(&answer.standing))
}

/// Whether the officer may release it alone.
fn is_offered(held: &Held) -> bool {
    held.owed.iter().any(|ground| ground.is(Code::EmergencyRelease))
}

/// The attachments, where the officer can open them; and which nobody has been able to open.
fn look(output: Output, opened: &Opened, folder: Option<&Path>) -> Result<()> {
    let attachments = &opened.document.report().attachments;
    if attachments.is_empty() {
        return Ok(());
    }
    match folder {
        Some(folder) => {
            let saved = save(&opened.document, folder)?;
            output.note(format!("open these before you answer: {}", saved.join(", ")));
        }
        None => {
            let names: Vec<&str> = attachments.iter().map(|one| one.name.as_str()).collect();
            output.note(format!(
                "not opened: {}. `relto hold show {} --attachments DIR` writes what is to be released where you can open it",
                names.join(", "),
                opened.shown.held.serial
            ));
        }
    }
    Ok(())
}

/// `relto hold refuse`.
pub(super) async fn refuse(session: &Session, id: &str, reason: &str) -> Result<Exit> {
    if let Some(one) = unseen(reason) {
        bail!("--reason ({RULE}): {one}");
    }
    let (profile, mut client) = session.connect().await?;
    let id = find(&mut client, id).await?.id;
    let body = Decline { reason: reason.to_owned() };
    let answer: Submission = client.post(&format!("/v1/holds/{id}/decline"), &body).await?;
    let traffics = Traffics::of(&profile, &mut client, std::slice::from_ref(&answer)).await;
    submission::print(session.output, &answer, &traffics)?;
    Ok(Exit::Done)
}

/// What an officer decides on, decoded and verified here.
struct Opened {
    shown: HeldReport,
    document: Document,
    installed: Installed,
    text: String,
    /// EXERCISE EXERCISE EXERCISE, where it is of one.
    exercise: Option<String>,
}

async fn find(client: &mut Client, id: &str) -> Result<Held> {
    let held: Vec<Held> = client.get("/v1/holds").await?;
    let mut found = held.into_iter().filter(|one| one.id == id || one.serial == id);
    match (found.next(), found.next()) {
        (Some(one), None) => Ok(one),
        (Some(_), Some(_)) => bail!("{id} is held more than once. Name its id, as `relto hold list` shows it"),
        (None, _) => bail!("{id} is not held. `relto hold list` shows what is"),
    }
}

async fn open(profile: &Profile, client: &mut Client, id: &str) -> Result<Opened> {
    let held = find(client, id).await?;
    let installed = refresh(profile, client, &held.agreement).await?;
    let mut shown: HeldReport = client.get(&format!("/v1/holds/{}", held.id)).await?;
    let plaintext = std::mem::take(&mut shown.plaintext.0);
    let came = Came::read(plaintext).map_err(|fault| NotVerified(format!("the held report of {id}: {fault}")))?;
    if came.report().serial != shown.held.serial {
        let found = &came.report().serial;
        return Err(NotVerified(format!("the node lists {} and its text is {found}", shown.held.serial)).into());
    }
    let document = match came {
        Came::Whole(document) => *document,
        Came::Head(head) => {
            let document = download::whole(profile, format!("/v1/holds/{}", held.id), &head).await?;
            // A connection over which nothing was asked for so long the node may have closed.
            *client = Client::connect(profile).await?;
            document
        }
    };
    let options = Options { equivalent: None, vocabulary: Some(&installed.vocabulary) };
    let text = render(document.report(), installed.register(profile.nation)?, &options);
    let text = page(&text, document.report(), &installed, profile.nation);
    let exercise = banner_for(document.report(), &installed, profile.nation).map(str::to_owned);
    Ok(Opened { shown, document, installed, text, exercise })
}

/// Every place that an officer answers for, found in what was fetched and not in what the node says. POL-21, POL-22
fn places(opened: &Opened) -> Vec<String> {
    let (mut out, words) = (Vec::new(), Words::of(opened.installed.registers.values()));
    each_place(&opened.document, &words, |code, place| out.push(format!("{}: {place}", code.name())));
    out
}

fn print(output: Output, opened: &Opened) -> Result<()> {
    output.line(&opened.text)?;
    let home = String::from_utf8_lossy(&opened.shown.home.0);
    if home.is_empty() {
        output.line("there is no home file\n")?;
    } else {
        output.line("home file, which stays here:")?;
        home.lines().try_for_each(|line| output.line(format!("  {}", shown(line))))?;
        output.line("")?;
    }
    let held = &opened.shown.held;
    output.field("author", &held.account)?;
    output.field("to", format!("{} under {}", opened.installed.partner, held.agreement))?;
    output.field("precedence", &opened.shown.precedence)?;
    output.field(
        "approved by",
        if held.approved_by.is_empty() { "nobody yet".to_owned() } else { held.approved_by.join(", ") },
    )?;
    output.line("owed:")?;
    held.owed.iter().try_for_each(|line| output.line(format!("  {line}")))?;
    let places = places(opened);
    if !places.is_empty() {
        output.line(format!("places to look at, found here in the text above: {}", places.len()))?;
        places.iter().try_for_each(|line| output.line(format!("  {line}")))?;
    }
    carried(&opened.document).into_iter().for_each(|text| output.note(text));
    // The text above has its own; this ends all that is shown with it.
    opened.exercise.as_ref().map_or(Ok(()), |banner| output.line(banner))
}
