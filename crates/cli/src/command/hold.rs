//! `relto hold`: what waits for a foreign disclosure officer, and what the officer does about it.

use super::{Session, fetched, moment, submission};
use crate::{
    cache::Installed,
    client::Client,
    exit::Exit,
    output::{NotVerified, Output, ask},
    profile::Profile,
};
use anyhow::{Result, bail};
use relto_audit::leaf::Precedence;
use relto_formats::{
    api::{Approve, Decline, Held, HeldReport, Submission},
    base64_bytes::Bytes,
};
use relto_host::clock;
use relto_policy::code::Code;
use relto_report::{
    assessment::Document,
    calendar::Timestamp,
    codec,
    crypto::Signer as _,
    domain::{Tag, message},
    render::{Options, render},
    signed::ApprovalStatement,
};
use serde_json::json;

/// Seconds for which an approval answers.
const APPROVAL_LASTS: i64 = 24 * 60 * 60;

/// `relto hold list`.
pub(super) async fn list(session: &Session) -> Result<Exit> {
    let (_, mut client) = session.connect().await?;
    let held: Vec<Held> = client.get("/v1/holds").await?;
    let output = session.output;
    for one in &held {
        output.object(&serde_json::to_value(one)?)?;
    }
    if held.is_empty() {
        output.line("nothing is held")?;
        return Ok(Exit::Done);
    }
    let rows = held.iter().map(|one| {
        let codes: Vec<&str> = one.owed.iter().map(|line| code_of(line)).collect();
        vec![
            moment(one.time),
            one.serial.clone(),
            one.account.clone(),
            codes.join(" "),
            one.approved_by.join(" "),
            one.id.clone(),
        ]
    });
    output.table(&["since", "serial", "author", "owed", "approved by", "id"], &rows.collect::<Vec<_>>())?;
    Ok(Exit::Done)
}

/// `relto hold show`.
pub(super) async fn show(session: &Session, id: &str) -> Result<Exit> {
    let (profile, mut client) = session.connect().await?;
    let opened = open(&profile, &mut client, id).await?;
    let output = session.output;
    output.object(&json!({
        "held": opened.shown.held,
        "precedence": opened.shown.precedence,
        "text": opened.text,
        "home": String::from_utf8_lossy(&opened.shown.home.0),
        "plaintext_digest": opened.document.digest().to_string(),
    }))?;
    print(output, &opened)?;
    Ok(Exit::Done)
}

/// `relto hold approve`: what was fetched is decoded, shown and hashed here; that hash is signed. API-11
pub(super) async fn approve(session: &Session, id: &str, precedence: Option<&str>, yes: bool) -> Result<Exit> {
    if precedence.is_some_and(|word| Precedence::parse(word).is_none()) {
        bail!("--precedence must be FLASH, IMMEDIATE, PRIORITY or ROUTINE");
    }
    if !(yes || session.output.can_ask()) {
        bail!("there is no terminal to ask at. Read it with `relto hold show {id}`, then give --yes");
    }
    let (profile, mut client) = session.connect().await?;
    let opened = open(&profile, &mut client, id).await?;
    let held = &opened.shown.held;
    if held.account == profile.account {
        bail!("{} wrote this report; another foreign disclosure officer must release it", profile.account);
    }
    let precedence = precedence.unwrap_or(&opened.shown.precedence);
    if !yes {
        print(session.output, &opened)?;
        let question = format!("release {} to {} at {precedence}?", held.serial, opened.installed.partner);
        if ask(session.output, &question)? != Some(true) {
            bail!("not signed. `relto hold refuse {} --reason TEXT` tells the author why", held.id);
        }
    }
    let statement = codec::encode(&ApprovalStatement {
        agreement: opened.installed.agreement.digest,
        recipient: opened.installed.partner,
        traffic: opened.document.report().traffic.clone(),
        plaintext: opened.document.digest(),
        precedence: precedence.to_owned(),
        answers: answers(held, &profile.account),
        expires: Timestamp::from_millis(clock::now_ms()).plus(APPROVAL_LASTS),
    });
    let signature = profile.signer()?.sign(&message(Tag::Approval, &statement))?;
    let body = Approve { statement: Bytes(statement), signature: Bytes(signature.as_bytes().to_vec()) };
    let answer: Submission = client.post(&format!("/v1/holds/{}/approve", held.id), &body).await?;
    submission::print(session.output, &answer)?;
    Ok(submission::exit_of(&answer.standing))
}

/// `relto hold refuse`.
pub(super) async fn refuse(session: &Session, id: &str, reason: &str) -> Result<Exit> {
    let (_, mut client) = session.connect().await?;
    let id = find(&mut client, id).await?.id;
    let body = Decline { reason: reason.to_owned() };
    let answer: Submission = client.post(&format!("/v1/holds/{id}/decline"), &body).await?;
    submission::print(session.output, &answer)?;
    Ok(Exit::Done)
}

/// What an officer decides on, decoded and verified here.
struct Opened {
    shown: HeldReport,
    document: Document,
    installed: Installed,
    text: String,
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
    let installed = fetched(profile, client, &held.agreement).await?;
    let mut shown: HeldReport = client.get(&format!("/v1/holds/{}", held.id)).await?;
    let plaintext = std::mem::take(&mut shown.plaintext.0);
    let document =
        Document::decode(plaintext).map_err(|fault| NotVerified(format!("the held report of {id}: {fault}")))?;
    if document.report().serial != shown.held.serial {
        let found = &document.report().serial;
        return Err(NotVerified(format!("the node lists {} and its text is {found}", shown.held.serial)).into());
    }
    let options = Options { equivalent: None, vocabulary: Some(&installed.vocabulary) };
    let text = render(document.report(), installed.register(profile.nation)?, &options);
    Ok(Opened { shown, document, installed, text })
}

fn print(output: Output, opened: &Opened) -> Result<()> {
    output.line(&opened.text)?;
    let home = String::from_utf8_lossy(&opened.shown.home.0);
    if home.is_empty() {
        output.line("there is no home file\n")?;
    } else {
        output.line("home file, which stays here:")?;
        home.lines().try_for_each(|line| output.line(format!("  {}", visible(line))))?;
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
    held.owed.iter().try_for_each(|line| output.line(format!("  {line}")))
}

/// A line of a file that nobody has checked for characters that move the cursor.
fn visible(line: &str) -> String {
    line.chars().map(|one| if one.is_control() && one != '\t' { '\u{fffd}' } else { one }).collect()
}

fn code_of(owed: &str) -> &str {
    owed.split(':').next().unwrap_or_default()
}

/// The codes that this officer's approval answers: what is owed, and the release itself where it was answered by the
/// approval that this one replaces.
fn answers(held: &Held, account: &str) -> Vec<String> {
    let owed = held.owed.iter().map(|line| code_of(line));
    // That an author approved is no question that an approval answers.
    let mut out: Vec<String> = owed.filter(|code| *code != Code::ApproverIsAuthor.name()).map(str::to_owned).collect();
    if held.approved_by.iter().any(|one| one == account) {
        out.push(Code::ApprovalRequired.name().to_owned());
    }
    out.sort_unstable();
    out.dedup();
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn held(owed: &[&str], approved_by: &[&str]) -> Held {
        Held {
            id: String::new(),
            serial: String::new(),
            agreement: String::new(),
            account: "author".to_owned(),
            time: 0,
            owed: owed.iter().map(|text| (*text).to_owned()).collect(),
            approved_by: approved_by.iter().map(|text| (*text).to_owned()).collect(),
        }
    }

    #[test]
    fn an_approval_answers_what_is_owed_sorted_and_once() {
        let owed = ["SECOND_APPROVAL_REQUIRED: two", "APPROVAL_REQUIRED: one", "APPROVER_IS_AUTHOR: no"];
        assert_eq!(answers(&held(&owed, &[]), "mira"), ["APPROVAL_REQUIRED", "SECOND_APPROVAL_REQUIRED"]);
        let owed = ["REVIEW_DATE_PASSED: since yesterday"];
        assert_eq!(answers(&held(&owed, &["ivo"]), "mira"), ["REVIEW_DATE_PASSED"]);
        assert_eq!(answers(&held(&owed, &["mira"]), "mira"), ["APPROVAL_REQUIRED", "REVIEW_DATE_PASSED"]);
    }
}
