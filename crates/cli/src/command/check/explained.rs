//! `--explain`: every clause with its value and limits, what closes the report, and the smallest change.

use crate::output::Output;
use anyhow::Result;
use relto_policy::explain::{Change, Clause, Closing, Explanation, Outcome, Remedy};
use relto_report::nation::Nation;
use serde_json::{Value, json};

/// Characters of a cell; the whole value is in the reasons and, with `--json`, in the object.
const CELL: usize = 40;

/// For programs.
pub(super) fn object(told: &Explanation) -> Value {
    json!({
        "closing": told.closing.iter().map(closing).collect::<Vec<_>>(),
        "clauses": told.clauses.iter().map(clause).collect::<Vec<_>>(),
        "remedy": remedy(&told.remedy),
    })
}

fn closing(one: &Closing) -> Value {
    let why: Vec<Value> = one.why.iter().map(|why| json!({ "code": why.code.name(), "text": why.text })).collect();
    json!({
        "place": one.place(), "mark": one.mark, "why": why,
        "originator": one.originator.map(|nation| nation.to_string()),
    })
}

fn clause(one: &Clause) -> Value {
    let (outcome, text) = match &one.outcome {
        Outcome::Passed => ("passed", None),
        Outcome::Failed(reasons) => {
            let details: Vec<&str> = reasons.iter().map(|reason| reason.detail.as_str()).collect();
            ("failed", Some(details.join("; ")))
        }
        Outcome::NotJudged(why) => ("not-judged", Some((*why).to_owned())),
    };
    json!({
        "stage": one.stage.word(), "clause": one.name, "code": one.code.name(), "value": one.value,
        "agreed": one.agreed, "national": one.national, "outcome": outcome, "failed_as": one.failed_as(),
        "text": text,
    })
}

fn remedy(one: &Remedy) -> Value {
    let changes: Vec<Value> = match one {
        Remedy::Changes(changes) => changes.iter().map(change).collect(),
        Remedy::NotNeeded | Remedy::People(_) | Remedy::Nothing(_) => Vec::new(),
    };
    json!({ "kind": one.word(), "changes": changes, "text": one.in_words() })
}

fn change(one: &Change) -> Value {
    json!({ "kind": one.word(), "text": one.to_string() })
}

/// For people: what closes the report first.
pub(super) fn print(output: Output, told: &Explanation, to: Nation) -> Result<()> {
    if !told.closing.is_empty() {
        output.line(format!("\nmarks that close the report to {to}; relto changes none of them:"))?;
        told.closing.iter().try_for_each(|one| output.line(format!("  {one}")))?;
    }
    output.line("\nevery clause, in the order of the decision:")?;
    let rows: Vec<Vec<String>> = told.clauses.iter().map(row).collect();
    output.table(&["", "clause", "value", "agreed", "national"], &rows)
}

/// For people: what would make it releasable.
pub(super) fn print_remedy(output: Output, told: &Explanation) -> Result<()> {
    let heading = match &told.remedy {
        Remedy::NotNeeded => return Ok(()),
        Remedy::People(_) => "releasable once people have done this:",
        Remedy::Changes(changes) if changes.len() == 1 => "the smallest change after which it would not be refused:",
        Remedy::Changes(_) => "the smallest set of changes after which it would not be refused, all of them:",
        Remedy::Nothing(_) => "what would make it releasable:",
    };
    output.line(format!("\n{heading}"))?;
    told.remedy.in_words().iter().try_for_each(|line| output.line(format!("  {line}")))
}

fn row(one: &Clause) -> Vec<String> {
    let failed = one.failed_as();
    let outcome = if failed.is_empty() { one.outcome.to_string() } else { format!("FAILED {}", failed.join(" ")) };
    vec![
        outcome,
        one.name.to_owned(),
        cell(&one.value),
        cell(&one.agreed),
        one.national.as_deref().map(cell).unwrap_or_default(),
    ]
}

fn cell(text: &str) -> String {
    if text.chars().count() <= CELL {
        return text.to_owned();
    }
    let kept: String = text.chars().take(CELL - 3).collect();
    format!("{}...", kept.trim_end())
}
