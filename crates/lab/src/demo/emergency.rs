//! Danger to life: one officer releases alone what needs two, a second one confirms it afterwards, and the recipient's
//! office says that it has the report.

use super::typed::{Story, Told, grounds, read, relto, told};
use anyhow::Result;
use relto_audit::leaf::Verdict;
use relto_formats::api::{SentStage, Standing};
use relto_policy::{code::Code, ground::Ground};
use serde_json::{Value, json};
use std::{path::Path, time::Duration};

/// A SECRET warning, FLASH, on a topic that the agreement lists for emergencies.
const REPORT: &str = "pipeline-flash-warning.md";
const SERIAL: &str = "XAA-J2-2026-0440";
/// The office of Borealia's that it is addressed to, for which Borealia's author reads.
const OFFICE: &str = "XBB/J2";
const FIRST: Code = Code::ApprovalRequired;
const SECOND: Code = Code::SecondApprovalRequired;
const ALONE: Code = Code::EmergencyRelease;

/// Released by one officer and confirmed by the other.
pub(super) async fn release(dir: &Path) -> Result<Told> {
    let mut story = Story::new(dir);
    let file = dir.join("XAA").join("reports").join(REPORT).display().to_string();
    let usual = story.step("XAA", "author", &["check", &file, "--online"], 5)?.grounds("/standing/owed");
    story.must(are(&usual, &[FIRST, SECOND]), &format!("it would owe: {}", told(&usual)));
    let held = story.step("XAA", "author", &["submit", &file, "--to", "XBB", "--emergency"], 5)?;
    let owed = held.grounds("/standing/owed");
    story.must(are(&owed, &[FIRST, SECOND, ALONE]), &format!("in an emergency it owes: {}", told(&owed)));
    let approve = ["hold", "approve", SERIAL, "--yes"];
    let alone = ["hold", "approve", SERIAL, "--emergency", "--yes"];
    let released = story.step("XAA", "officer-1", &alone, 0)?;
    let alone = matches!(released.standing(), Some(Standing::Released { .. } | Standing::Resolved { .. }));
    story.must(alone, &format!("{} by one officer alone", released.text("/standing/state")));
    let admitted = until(dir, &["show", SERIAL], is_admitted).await?;
    story.must(admitted.is_some(), "Borealia: admitted");
    let list = story.step("XAA", "officer-2", &["hold", "list"], 0)?;
    let open = list.objects.iter().find(|one| pointed(one, "/serial") == SERIAL);
    let confirm = open.map(|one| grounds(one.get("owed"))).unwrap_or_default();
    story.must(are(&confirm, &[SECOND]), &format!("still owed: {}", told(&confirm)));
    // Who released it cannot be the second officer too.
    let again = story.step("XAA", "officer-1", &approve, 1)?;
    story.must(again.text("/rule") == "R091", &format!("refused: {}", again.text("/message")));
    story.step("XAA", "officer-2", &approve, 0)?;
    let list = story.step("XAA", "officer-2", &["hold", "list"], 0)?;
    let done = list.objects.iter().all(|one| pointed(one, "/serial") != SERIAL);
    story.must(done, if done { "confirmed: nothing is owed any more" } else { "it is still owed" });
    let says =
        format!("XAA submits {SERIAL}, SECRET, in danger to life; one officer releases it, another confirms: {REPORT}");
    let object = json!({
        "act": "emergency", "serial": SERIAL, "usual": usual, "owed": owed, "released": alone,
        "admitted": admitted.is_some(), "confirm": confirm, "confirmed": done, "steps": story.steps,
        "as_wanted": story.right,
    });
    Ok(Told { says, lines: story.lines, object, right: story.right })
}

/// The office that has the report acknowledges it, and its author sees which.
pub(super) async fn acknowledged(dir: &Path) -> Result<Told> {
    let mut story = Story::new(dir);
    let before = relto(dir, "XAA", "author", &["outbox"])?;
    let line = before.objects.iter().find(|one| pointed(one, "/serial") == SERIAL);
    let stage = |one: &Value| read::<SentStage>(one.get("stage"));
    let none =
        line.is_some_and(|one| stage(one) == Some(SentStage::Admitted) && pointed(one, "/acknowledged_by").is_empty());
    story.must(none, "Arcadia's outbox: admitted by Borealia's node; no office has acknowledged it");
    story.step("XBB", "author", &["show", SERIAL], 0)?;
    story.step("XBB", "author", &["acknowledge", SERIAL], 0)?;
    let outbox = ["outbox"];
    let known =
        until(dir, &outbox, |one| pointed(one, "/serial") == SERIAL && !pointed(one, "/acknowledged_by").is_empty());
    let by = known.await?.map(|one| pointed(&one, "/acknowledged_by").to_owned()).unwrap_or_default();
    story.must(by == OFFICE, &format!("Arcadia's author sees in the outbox: acknowledged by {by}"));
    let object = json!({
        "act": "acknowledgement", "serial": SERIAL, "acknowledged_by": by, "steps": story.steps, "as_wanted": story.right,
    });
    let says = format!("Borealia's J2 reads {SERIAL} and says so; the statement takes a report's road back");
    Ok(Told { says, lines: story.lines, object, right: story.right })
}

/// Whether these very codes are owed.
fn are(owed: &[Ground], codes: &[Code]) -> bool {
    owed.len() == codes.len() && owed.iter().zip(codes).all(|(ground, code)| ground.is(*code))
}

fn is_admitted(one: &Value) -> bool {
    matches!(read(one.get("standing")), Some(Standing::Resolved { verdict: Verdict::Admitted, .. }))
}

fn pointed<'v>(one: &'v Value, path: &str) -> &'v str {
    one.pointer(path).and_then(Value::as_str).unwrap_or_default()
}

/// What Arcadia's author is shown, once it is so; `None` where it is not within a few seconds.
async fn until(dir: &Path, words: &[&str], is_so: impl Fn(&Value) -> bool) -> Result<Option<Value>> {
    for _ in 0..200 {
        let ran = relto(dir, "XAA", "author", words)?;
        if let Some(found) = ran.objects.into_iter().find(&is_so) {
            return Ok(Some(found));
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    Ok(None)
}
