//! What an author is told of a report that may not go, what stops one for a human look, and what label one bears.

use super::typed::{Told, Typed, relto, texts, told};
use crate::lab::run::person;
use anyhow::{Result, ensure};
use relto_cli::client::Client;
use relto_formats::api::Received;
use relto_policy::code::Code;
use serde_json::{Value, json};
use std::{
    fs,
    path::{Path, PathBuf},
};

/// SECRET, on a topic that goes to level 2; refused before.
const REFUSED: &str = "license-manager-upload.md";
/// RESTRICTED, under a standing authority; admitted before.
const ADMITTED: &str = "roc800-file-access.md";
const ADMITTED_SERIAL: &str = "XAA-CYBER-2026-3107";
/// The same with a codeword in it, under a serial of its own.
const WORDED: &str = "roc800-second.md";
const WORDED_SERIAL: &str = "XAA-CYBER-2026-3108";
/// In Arcadia's list of hold words.
const CODEWORD: &str = "AMBER LANTERN";

fn report(dir: &Path, name: &str) -> PathBuf {
    dir.join("XAA").join("reports").join(name)
}

/// `relto check --explain` of a report that was refused: every clause, and the smallest change.
pub(super) fn explain(dir: &Path) -> Result<Told> {
    let file = report(dir, REFUSED).display().to_string();
    let ran = relto(dir, "XAA", "author", &["check", &file, "--to", "XBB", "--explain"])?;
    let told = ran.object().pointer("/explanation").cloned().unwrap_or(Value::Null);
    let list = |name: &str| told.pointer(name).and_then(Value::as_array).cloned().unwrap_or_default();
    let word = |one: &Value, key: &str| one.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    let clauses = list("/clauses");
    let failed: Vec<&Value> = clauses.iter().filter(|one| word(one, "outcome") == "failed").collect();
    let mut lines = vec![format!("{} clauses, of which {} failed:", clauses.len(), failed.len())];
    for one in &failed {
        lines.push(format!("  {}: {}; agreed: {}", word(one, "clause"), word(one, "value"), word(one, "agreed")));
    }
    for one in list("/closing") {
        let whose = word(&one, "originator");
        let what = format!("{} ({})", word(&one, "place"), word(&one, "mark"));
        lines.push(format!("closed by {what}, whose marking {whose} alone can change; relto changes none"));
    }
    let change = texts(told.pointer("/remedy/text"));
    lines.push("the smallest change after which it would not be refused:".to_owned());
    lines.extend(change.iter().map(|line| format!("  {line}")));
    let codes: Vec<String> = failed.iter().flat_map(|one| texts(one.get("failed_as"))).collect();
    let right = ran.code == 3
        && codes == [Code::ClassExceedsCeiling.name()]
        && told.pointer("/remedy/kind").is_some_and(|kind| kind == "changes")
        && change.len() == 1;
    let says = format!("Arcadia's author asks why {} was refused: {}", ran.text("/serial"), ran.words);
    let object = json!({
        "act": "explain", "command": ran.words, "exit": ran.code, "serial": ran.text("/serial"), "failed": codes,
        "closing": told.get("closing"), "remedy": told.get("remedy"), "as_wanted": right,
    });
    Ok(Told { says, lines, object, right })
}

/// A codeword in a report that would leave at once: it waits for an officer, who declines it. Borealia learns nothing.
pub(super) async fn codeword(dir: &Path) -> Result<Told> {
    write_worded(dir)?;
    let file = report(dir, WORDED).display().to_string();
    let submitted = relto(dir, "XAA", "author", &["submit", &file, "--to", "XBB"])?;
    let owed = submitted.grounds("/standing/owed");
    let reason = "take the codeword out";
    let declined = relto(dir, "XAA", "officer-1", &["hold", "refuse", WORDED_SERIAL, "--reason", reason])?;
    let shown = relto(dir, "XAA", "author", &["show", WORDED_SERIAL])?;
    let mut partner = Client::connect(&person(dir, "XBB", "officer-1")?).await?;
    let inbox: Vec<Received> = partner.get("/v1/inbox").await?;
    let left = inbox.iter().any(|one| one.serial == WORDED_SERIAL);
    let held = told(&owed);
    let right = submitted.code == 5
        && owed.first().is_some_and(|ground| ground.is(Code::ContentHeld))
        && !held.contains(CODEWORD)
        && declined.code == 0
        && shown.text("/standing/reason") == reason
        && !left;
    let lines = vec![
        format!("held, though a standing authority covers it: {held}"),
        format!("officer-1: {}", declined.words),
        format!(
            "{} is what the author is told; {} to Borealia",
            told_of(&shown),
            if left { "IT WENT" } else { "nothing went" }
        ),
    ];
    let says = format!("XAA submits {WORDED_SERIAL}, in which a codeword of Arcadia's list stands: {WORDED}");
    let object = json!({
        "act": "content-hold", "serial": WORDED_SERIAL, "owed": owed, "left": left,
        "steps": [submitted.told(), declined.told(), shown.told()], "as_wanted": right,
    });
    Ok(Told { says, lines, object, right })
}

fn told_of(shown: &Typed) -> String {
    format!(
        "\"{} by {}: {}\"",
        shown.text("/standing/state"),
        shown.text("/standing/officer"),
        shown.text("/standing/reason")
    )
}

/// The report with a codeword, and its home file.
fn write_worded(dir: &Path) -> Result<()> {
    for (from, to) in [(ADMITTED, WORDED), ("roc800-file-access.home.toml", "roc800-second.home.toml")] {
        let text = fs::read_to_string(report(dir, from))?.replace(ADMITTED_SERIAL, WORDED_SERIAL);
        fs::write(report(dir, to), text.replace("Both were told", &format!("{CODEWORD}: both were told")))?;
    }
    let text = fs::read_to_string(report(dir, WORDED))?;
    ensure!(text.contains(CODEWORD) && text.contains(WORDED_SERIAL), "{ADMITTED} is another report than it was");
    Ok(())
}

/// `relto label export` of the report that was admitted: its marking in both nations' words.
pub(super) fn label(dir: &Path) -> Result<Told> {
    let file = report(dir, ADMITTED).display().to_string();
    let ran = relto(dir, "XAA", "author", &["label", "export", &file, "--to", "XBB"])?;
    let labels = [("originator", "RESTRICTED"), ("alternative", "DIFFUSION RESTREINTE")];
    let xml = |which: &str| ran.text(&format!("/{which}")).to_owned();
    let lines = labels.iter().map(|(which, _)| {
        let text = xml(which);
        let (policy, level) = (element(&text, "PolicyIdentifier"), element(&text, "Classification"));
        format!("{which} label: <PolicyIdentifier> {policy}, <Classification> {level}")
    });
    let lines = lines.collect();
    let right = ran.code == 0 && labels.iter().all(|(which, word)| element(&xml(which), "Classification") == *word);
    let says =
        format!("The marking of {} as STANAG 4774 labels, in both nations' words: {}", ran.text("/serial"), ran.words);
    let object = json!({
        "act": "label", "command": ran.words, "exit": ran.code, "serial": ran.text("/serial"),
        "originator": xml("originator"), "alternative": xml("alternative"), "as_wanted": right,
    });
    Ok(Told { says, lines, object, right })
}

/// The text of the first element of this name in a label that this program wrote.
fn element<'x>(xml: &'x str, name: &str) -> &'x str {
    let rest = xml.split_once(&format!(":{name}>")).map_or("", |(_, rest)| rest);
    rest.split('<').next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_element_is_found_by_its_name() {
        let xml = "<s:A><s:PolicyIdentifier>XAA</s:PolicyIdentifier><s:Classification>SECRET</s:Classification></s:A>";
        assert_eq!((element(xml, "Classification"), element(xml, "PolicyIdentifier")), ("SECRET", "XAA"));
        assert_eq!(element(xml, "PrivacyMark"), "");
    }
}
