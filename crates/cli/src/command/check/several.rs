//! One report against several agreements: each nation's verdict beside the others, and none is decided by another's.

use super::local::{self, Verdict};
use crate::{
    args::CheckArgs,
    cache,
    command::unfilled::{or_unfilled, print_unfilled, unfilled_in},
    document::Source,
    exit::Exit,
    output::fault_of,
    profile::Profile,
    session::Session,
};
use anyhow::{Result, bail};
use relto_report::{calendar::Timestamp, nation::Nation};
use serde_json::{Value, json};

/// What one agreement says.
struct Checked {
    serial: String,
    agreement: String,
    decided: local::Decided,
    left: Option<&'static str>,
}

/// Decides for each from the agreement as it was last fetched; gives the worst exit code. API-32
pub(super) async fn run(
    session: &Session,
    args: &CheckArgs,
    profile: &Profile,
    to: &[Nation],
    source: &Source,
    now: Timestamp,
) -> Result<Exit> {
    if args.online || args.explain {
        bail!("--online and --explain are for one nation at a time. Name one with --to");
    }
    let (mut worst, mut serial) = (Exit::Done, None);
    let (mut rows, mut list, mut all) = (Vec::new(), Vec::new(), Vec::new());
    for nation in to {
        let checked = check(session, args, profile, *nation, source, now).await;
        let (object, exit, cells) = match &checked {
            Ok(checked) => {
                serial.get_or_insert_with(|| checked.serial.clone());
                let codes: Vec<String> = checked.decided.reasons.iter().map(|reason| reason.name()).collect();
                let object = json!({
                    "to": nation.as_str(), "agreement": checked.agreement, "verdict": checked.decided.verdict.word(),
                    "reasons": checked.decided.reasons_object(), "exit": checked.decided.verdict.exit().code(),
                });
                let verdict = word(&checked.decided);
                let cells = [nation.to_string(), checked.agreement.clone(), verdict, codes.join(" ")];
                (object, checked.decided.verdict.exit(), cells)
            }
            Err(error) => {
                let (fault, exit) = fault_of(error);
                let object = json!({ "to": nation.as_str(), "exit": exit.code(), "error": fault });
                let told = fault.get("error").and_then(Value::as_str).unwrap_or_default().to_owned();
                (object, exit, [nation.to_string(), String::new(), "not decided".to_owned(), told])
            }
        };
        worst = worst.or_worse(exit);
        list.push(object);
        rows.push(cells.to_vec());
        all.push((*nation, checked));
    }
    let output = session.output;
    let left = all.iter().find_map(|(_, checked)| checked.as_ref().ok().and_then(|one| one.left));
    let file = args.file.display().to_string();
    output.object(&json!({ "file": file, "serial": serial, "unfilled": left, "checks": list }))?;
    output.line(serial.unwrap_or_default())?;
    output.table(&["nation", "agreement", "verdict", "codes"], &rows)?;
    for (nation, checked) in &all {
        match checked {
            Ok(checked) if checked.decided.reasons.is_empty() => {}
            Ok(checked) => {
                output.line(format!("\n{nation}"))?;
                checked.decided.reasons.iter().try_for_each(|reason| output.line(format!("  {reason}")))?;
            }
            Err(error) => output.line(format!("\n{nation}\n{error:#}"))?,
        }
    }
    output.line(
        "\nnot checked: national rules, approvals given, serials spent. `relto check --to NATION` says all of it",
    )?;
    print_unfilled(output, left)?;
    Ok(or_unfilled(worst, left))
}

fn word(decided: &local::Decided) -> String {
    match decided.verdict {
        Verdict::Held if decided.standing_may_release => "held, unless by standing authority".to_owned(),
        Verdict::Releasable | Verdict::Held | Verdict::Refused => decided.verdict.word().to_owned(),
    }
}

async fn check(
    session: &Session,
    args: &CheckArgs,
    profile: &Profile,
    to: Nation,
    source: &Source,
    now: Timestamp,
) -> Result<Checked> {
    let installed = cache::current(session.output, profile, profile.agreement_with(to)?).await?;
    let parsed = source.parse_for(&installed, profile.nation, now)?;
    let case = local::Case { installed: &installed, own: profile.nation, now, explain: false };
    let consents = local::consents(&args.consent)?;
    let decided = case.decide(&parsed.document, parsed.home.as_ref(), consents.as_deref());
    let (serial, agreement) = (parsed.document.report().serial.clone(), installed.agreement.id.clone());
    Ok(Checked { serial, agreement, decided, left: unfilled_in(source, &parsed.document) })
}
