//! `relto inbox`, `relto outbox`.

use super::{submission, submissions::next_page, traffic::Traffics};
use crate::{exit::Exit, output::moment, session::Session};
use anyhow::Result;
use relto_formats::api::{Received, Sent, Submission};

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
            one.verdict.to_string() + if one.acknowledged { ", acknowledged" } else { "" },
            one.statement.clone().unwrap_or_else(|| one.serial.clone()),
            one.reasons.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "),
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
                .map_or_else(|| one.stage.to_string(), |by| format!("{}, acknowledged by {by}", one.stage)),
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

#[cfg(test)]
mod tests {
    use super::*;
    use relto_audit::leaf::Verdict;
    use relto_formats::api::Standing;
    use relto_policy::{code::Code, ground::Ground, waits::Waits};

    #[test]
    fn a_list_of_submissions_is_read_on_a_terminal() {
        let codes = [Code::ApprovalRequired, Code::SecondApprovalRequired, Code::ContentHeld, Code::ReviewDatePassed];
        let owed = codes.map(|code| Ground::of(code, "x")).to_vec();
        let reason = "too much of it ".repeat(20);
        let last = u64::from(u32::MAX);
        let admitted =
            Standing::Resolved { index: 10_000_000, verdict: Verdict::Admitted, codes: Vec::new(), outcome: last };
        let standings = [
            Standing::Held { owed },
            Standing::Declined { officer: "officer-1".to_owned(), reason: reason.clone() },
            Standing::Queued { why: Waits::Words(reason) },
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
}
