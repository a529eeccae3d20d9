//! The agreement's life: one nation's signers suspend it, nothing goes, both nations' signers resume it, reports go again.

use super::typed::{Story, Told, Typed, relto};
use anyhow::Result;
use relto_audit::leaf::Verdict;
use relto_formats::api::Standing;
use relto_policy::code::Code;
use serde_json::json;
use std::{path::Path, time::Duration};

/// UNCLASSIFIED, under a standing authority.
const REPORT: &str = "linux-port-numbers.md";

/// A statement of a nation's signers: written, signed by each of these offices, installed.
fn state(story: &mut Story<'_>, (nation, partner): (&str, &str), act: &str, offices: &[&str]) -> Result<()> {
    let file = story.dir.join(nation).join(format!("{nation}-{act}.toml")).display().to_string();
    story.step(nation, "operator", &["agreement", act, partner, "--out", &file], 0)?;
    for office in offices {
        let key = story.dir.join("signers").join(format!("{}.key", office.replace('/', "-")));
        let key = key.display().to_string();
        let words = ["agreement", "sign", &file, "--key", &key, "--nation", nation, "--office", office];
        story.step(nation, "operator", &words, 0)?;
    }
    story.step(nation, "operator", &["agreement", "install", &file], 0)?;
    Ok(())
}

/// Waits until a nation's node holds the agreement to stand so.
async fn until(story: &mut Story<'_>, nation: &str, wanted: &str, why: &str) -> Result<()> {
    let mut state = String::new();
    for _ in 0..200 {
        let ran = relto(story.dir, nation, "author", &["agreement", "state"])?;
        ran.text("/state").clone_into(&mut state);
        if state == wanted {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let right = state == wanted;
    story.right &= right;
    story.steps.push(json!({ "nation": nation, "state": state }));
    let end = if right { why } else { "   <- NOT AS IT SHOULD BE" };
    story.lines.push(format!("  {nation}'s node: {state}{end}"));
    Ok(())
}

/// Arcadia's author submits the report and waits for what it comes to.
fn submit(story: &mut Story<'_>, code: i32) -> Result<Typed> {
    let file = story.dir.join("XAA").join("reports").join(REPORT).display().to_string();
    story.step("XAA", "author", &["submit", &file, "--to", "XBB", "--wait", "20"], code)
}

/// Plays the act.
pub(super) async fn play(dir: &Path) -> Result<Told> {
    let mut story = Story::new(dir);
    state(&mut story, ("XBB", "XAA"), "suspend", &["XBB/ANS"])?;
    until(&mut story, "XAA", "suspended", ", as it follows Borealia's log").await?;
    let refused = submit(&mut story, 3)?;
    let reasons = refused.grounds("/standing/reasons");
    story.right &= reasons.iter().any(|reason| reason.is(Code::AgreementSuspended));
    story.lines.extend(reasons.iter().map(|reason| format!("  refused: {reason}")));
    state(&mut story, ("XBB", "XAA"), "resume", &["XBB/ANS", "XBB/MINDEF"])?;
    // Who suspended cannot resume alone.
    until(&mut story, "XBB", "suspended", " still; Arcadia's signers have not resumed it").await?;
    state(&mut story, ("XAA", "XBB"), "resume", &["XAA/NSA", "XAA/MFA"])?;
    until(&mut story, "XAA", "in-force", "").await?;
    until(&mut story, "XBB", "in-force", "").await?;
    let sent = submit(&mut story, 0)?;
    let verdict = sent.text("/standing/verdict").to_owned();
    story.right &= matches!(sent.standing(), Some(Standing::Resolved { verdict: Verdict::Admitted, .. }));
    story.lines.push(format!("  {verdict}"));
    let receipt = story.step("XAA", "author", &["receipt", sent.text("/serial")], 0)?;
    story.right &= receipt.object().get("verified").is_some_and(|one| one == true);
    story.lines.push("  receipt verified offline".to_owned());
    let says =
        "Borealia's signers suspend the agreement, one office alone; to resume it takes both nations, two offices each";
    let object = json!({
        "act": "lifecycle", "steps": story.steps, "suspended": reasons, "resumed": verdict, "as_wanted": story.right,
    });
    Ok(Told { says: says.to_owned(), lines: story.lines, object, right: story.right })
}
