//! How a submission stands, in words.

use super::traffic::{Traffics, between};
use crate::output::Output;
use anyhow::Result;
use relto_formats::api::{Incident, Standing, Submission};
use relto_policy::ground::Ground;

/// Whether nothing about it will change: then its file may be put away.
pub(super) const fn is_final(standing: &Standing) -> bool {
    match standing {
        Standing::Resolved { .. } | Standing::Refused { .. } | Standing::Declined { .. } => true,
        Standing::Released { .. }
        | Standing::Withdrawn { .. }
        | Standing::Held { .. }
        | Standing::Queued { .. }
        | Standing::Releasable { .. } => false,
    }
}

/// A standing in words: one line, then one for each reason.
pub(super) fn words(standing: &Standing) -> Vec<String> {
    fn with<T: std::fmt::Display>(head: &str, list: &[T]) -> Vec<String> {
        std::iter::once(head.to_owned()).chain(list.iter().map(|one| format!("  {one}"))).collect()
    }
    match standing {
        Standing::Released { index } => vec![format!("released as leaf {index}; the partner has not answered yet")],
        Standing::Withdrawn { index } => {
            vec![format!("withdrawn (our leaf {index}): it goes no further; the partner has not answered yet")]
        }
        Standing::Resolved { index, verdict, codes, outcome } => {
            with(&format!("{verdict} by the partner (our leaf {index}, its leaf {outcome})"), codes)
        }
        Standing::Held { owed } => with("held; before it may leave, officers owe:", owed),
        Standing::Queued { why } => vec![format!("queued: {why}. It leaves by itself when it can")],
        Standing::Refused { reasons } => with("refused; every reason, and what would make it releasable:", reasons),
        Standing::Declined { officer, reason } => vec![format!("declined by {officer}: {reason}")],
        Standing::Releasable { basis } if basis.is_empty() => vec!["releasable now".to_owned()],
        Standing::Releasable { basis } => vec![format!("releasable now: {basis}")],
    }
}

/// The names of grounds, one behind the other.
pub(super) fn names(grounds: &[Ground]) -> String {
    grounds.iter().map(Ground::name).collect::<Vec<_>>().join(" ")
}

/// A standing in one short line of a list, and what goes below it: codes, or the reason that was given.
pub(super) fn short(standing: &Standing) -> (String, String) {
    match standing {
        Standing::Released { index } => (format!("released as leaf {index}"), "not answered yet".to_owned()),
        Standing::Withdrawn { index } => (format!("withdrawn (leaf {index})"), "not answered yet".to_owned()),
        Standing::Resolved { index, verdict, codes: list, outcome } => {
            (verdict.to_string(), format!("by the partner (our leaf {index}, its leaf {outcome}) {}", list.join(" ")))
        }
        Standing::Held { owed } => ("held; officers owe:".to_owned(), names(owed)),
        Standing::Queued { why } => ("queued:".to_owned(), why.to_string()),
        Standing::Refused { reasons } => ("refused:".to_owned(), names(reasons)),
        Standing::Declined { officer, reason } => (format!("declined by {officer}:"), reason.clone()),
        Standing::Releasable { basis } => ("releasable now".to_owned(), basis.clone()),
    }
}

/// Prints a submission; of an exercise, between the lines that say so.
pub(super) fn print(output: Output, submission: &Submission, traffics: &Traffics) -> Result<()> {
    output.object(&traffics.object(submission)?)?;
    between(output, traffics.banner(&submission.agreement), || {
        output.line(format!("{}  {}", submission.serial, submission.id))?;
        words(&submission.standing).iter().try_for_each(|line| output.line(line))?;
        submission.acknowledged_by.iter().try_for_each(|by| output.line(format!("acknowledged by {by}")))?;
        submission.incident.as_ref().map_or(Ok(()), |one| opened(one).iter().try_for_each(|line| output.line(line)))
    })
}

/// An incident in words: why, who knows of it, and whom the agreement owes word.
fn opened(incident: &Incident) -> Vec<String> {
    let Incident { officer, reason, told, partner, first_report_hours, committee_hours } = incident;
    let within = |hours: &Option<u32>| hours.map_or_else(String::new, |hours| format!(" within {hours} hours"));
    let roles: Vec<String> = told.iter().filter_map(|role| serde_json::to_value(role).ok()).filter_map(text).collect();
    vec![
        format!("INCIDENT: it was released in an emergency, and {officer} did not confirm it: {reason}"),
        format!("  opened with the node's {}: the alarm is in the journal", roles.join(" and ")),
        format!("  owed under the agreement: a first report to {partner}{}", within(first_report_hours)),
        format!("  owed under the agreement: word to the joint committee{}", within(committee_hours)),
    ]
}

fn text(value: serde_json::Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}
