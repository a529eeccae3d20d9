//! The acts as they are told, to people and to programs; each telling gives whether all was as it should be.

use super::{
    acts::{Act, Played},
    interrupted::Interrupted,
    readers::Readers,
    typed::Told,
};
use anyhow::Result;
use relto_audit::leaf::Verdict;
use relto_cli::{exit::Exit, output::Output, receipt::Proven};
use relto_formats::api::{Standing, Submission};

/// What became of the reader's own reports; the exit code of the last that was not admitted.
pub(super) fn own(output: Output, stands: &[Submission]) -> Result<Exit> {
    output.line("\nYour reports:")?;
    let mut exit = Exit::Done;
    for one in stands {
        let what = match &one.standing {
            Standing::Resolved { verdict: Verdict::Admitted, .. } => "admitted by the partner",
            Standing::Resolved { .. } => "left, and the partner did not admit it; its codes stand above",
            Standing::Refused { .. } => {
                "refused: it did not leave, and the partner knows nothing of it; \
                                         the reasons stand above"
            }
            Standing::Held { .. } => "held: it did not leave; what is still owed stands above",
            Standing::Queued { .. } => "queued: it did not leave; what it waits for stands above",
            Standing::Released { .. } | Standing::Withdrawn { .. } => "released, and the partner has not answered",
            Standing::Declined { .. } | Standing::Releasable { .. } => "it did not leave",
        };
        output.line(format!("  {}  {what}", one.serial))?;
        exit = Some(Exit::of(&one.standing)).filter(|one| *one != Exit::Done).unwrap_or(exit);
    }
    Ok(exit)
}

/// An act that was typed as commands.
pub(super) fn typed(output: Output, act: &Told) -> Result<bool> {
    output.object(&act.object)?;
    output.line(format!("\n{}", act.says))?;
    act.lines.iter().try_for_each(|line| output.line(format!("  {line}")))?;
    if !act.right {
        output.line("  <- NOT AS IT SHOULD BE")?;
    }
    Ok(act.right)
}

/// A report of the story.
pub(super) fn act(output: Output, act: &Act, played: &Played) -> Result<bool> {
    let right = act.is_as_wanted(played);
    let receipt = played.receipt.as_ref();
    output.object(&serde_json::json!({
        "file": act.file, "from": act.nation, "serial": played.submission.serial, "outcome": played.outcome.to_string(),
        "reasons": played.told, "approvals": played.approvals, "receipt": receipt.map(Proven::object),
        "partner_saw": played.partner_saw, "as_wanted": right,
    }))?;
    let says = if act.says.is_empty() { String::new() } else { format!(" ({})", act.says) };
    output.line(format!("\n{} submits {}{says}: {}", act.nation, played.submission.serial, act.file))?;
    for officer in &played.approvals {
        output.line(format!("  held; approved by {officer}"))?;
    }
    output.line(format!("  {}{}", played.outcome, if right { "" } else { "   <- NOT AS IT SHOULD BE" }))?;
    played.told.iter().try_for_each(|line| output.line(format!("    {line}")))?;
    if let Some(receipt) = receipt {
        output.line(format!("  {}", receipt.line()))?;
    }
    if !played.partner_saw.is_empty() {
        let other = act.partner();
        output.line(format!("  what {other}'s own officer sees in the inbox, and {} does not:", act.nation))?;
        played.partner_saw.iter().try_for_each(|line| output.line(format!("    {line}")))?;
    }
    Ok(right)
}

/// What the recipient's readers did.
pub(super) fn readers(output: Output, act: &Readers) -> Result<bool> {
    let right = act.is_as_wanted();
    output.object(&serde_json::json!({
        "leaf": act.leaf, "reader_refused": act.refused, "register": act.register, "as_wanted": right,
    }))?;
    let leaf = &act.leaf;
    output.line(format!("\nBorealia's readers open {leaf}, SECRET; its auditor's register says:"))?;
    for one in &act.register {
        let rules = one.reasons.iter().map(|rule| rule.word()).collect::<Vec<_>>().join(", ");
        let word = if one.opened { format!("opened for {}", one.office) } else { format!("refused: {rules}") };
        output.line(format!("  {:<10}{word}", one.account))?;
    }
    match (&act.refused, right) {
        (Some(why), true) => output.line(format!("  what the analyst was told: {why}"))?,
        _ => output.line("  <- NOT AS IT SHOULD BE")?,
    }
    Ok(right)
}

/// What the killed node came to.
pub(super) fn interrupted(output: Output, act: &Interrupted) -> Result<bool> {
    let right = act.admitted == act.submitted && act.overtook;
    output.object(&serde_json::json!({
        "submitted": act.submitted, "admitted": act.admitted, "flash_overtook": act.overtook, "as_wanted": right,
    }))?;
    output.line(format!(
        "\nBorealia's node is killed with SIGKILL while XAA submits {} reports, the last a FLASH",
        act.submitted
    ))?;
    output.line(format!("  started again: {} of {} admitted, each once", act.admitted, act.submitted))?;
    let order = if act.overtook { "was decided before" } else { "DID NOT OVERTAKE" };
    let line = format!("  the FLASH warning, last into the log, {order} the ROUTINE reports that waited with it");
    output.line(line)?;
    Ok(right)
}
