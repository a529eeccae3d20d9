//! The partner is killed in the middle of a transfer, a FLASH warning is released behind the waiting ROUTINE reports,
//! and after the restart nothing is lost and the FLASH has overtaken.

use super::acts::{Author, WAIT};
use crate::lab::run::Node;
use anyhow::Result;
use relto_audit::leaf::Verdict;
use relto_cli::client::Client;
use relto_formats::api::{Standing, Submission};
use std::path::Path;

/// ROUTINE reports of the transfer.
const REPORTS: usize = 24;
/// After how many of them the partner is killed.
const KILLED_AFTER: usize = 8;
const FLASH: &str = "browser-flash-warning.md";
const ROUTINE: &str = "linux-port-numbers.md";
const ROUTINE_SERIAL: &str = "XAA-CYBER-2026-4410";

/// What the act came to.
pub(crate) struct Interrupted {
    /// Reports submitted, the FLASH included.
    pub(crate) submitted: usize,
    /// Of these, admitted by the partner, each with exactly one receipt.
    pub(crate) admitted: usize,
    /// Whether the FLASH's receipt came before that of every ROUTINE report that waited with it.
    pub(crate) overtook: bool,
}

/// Plays the act: `partner` is killed and started again.
pub(crate) async fn play(dir: &Path, partner: &mut Node) -> Result<Interrupted> {
    let mut author = Author::of(dir, "XAA").await?;
    let folder = dir.join("XAA").join("reports");
    let text = std::fs::read_to_string(folder.join(ROUTINE))?;
    let mut early = Vec::new();
    let mut late = Vec::new();
    for n in 0..REPORTS {
        let path = folder.join(format!("routine-{n:02}.md"));
        std::fs::write(&path, text.replace(ROUTINE_SERIAL, &format!("XAA-CYBER-2026-{}", 50_000 + n)))?;
        if n == KILLED_AFTER {
            partner.kill()?;
        }
        let list = if n < KILLED_AFTER { &mut early } else { &mut late };
        list.push(submit(&mut author, &path).await?);
    }
    let flash = submit(&mut author, &folder.join(FLASH)).await?;
    *partner = Node::start(dir, "XBB")?;
    let flash = receipt(&mut author.client, &flash).await?;
    let (mut admitted, mut overtook) = (usize::from(flash.is_some()), flash.is_some());
    for id in &early {
        admitted += usize::from(receipt(&mut author.client, id).await?.is_some());
    }
    for id in &late {
        let outcome = receipt(&mut author.client, id).await?;
        admitted += usize::from(outcome.is_some());
        overtook &= outcome > flash;
    }
    Ok(Interrupted { submitted: REPORTS + 1, admitted, overtook })
}

async fn submit(author: &mut Author, path: &Path) -> Result<String> {
    let body = author.sign(path)?;
    let first: Submission = author.client.post("/v1/submissions", &body).await?;
    // A lost answer is asked for again with the same id; the node knows it and makes no second report.
    let again: Submission = author.client.post("/v1/submissions", &body).await?;
    anyhow::ensure!(first.id == again.id && first.serial == again.serial, "a retry was taken for another submission");
    Ok(first.id)
}

/// Index of the partner's leaf that admits the report; `None` where it was not admitted in time.
async fn receipt(client: &mut Client, id: &str) -> Result<Option<u64>> {
    let found: Submission = client.get(&format!("/v1/submissions/{id}?wait={WAIT}")).await?;
    Ok(match found.standing {
        Standing::Resolved { verdict: Verdict::Admitted, outcome, .. } => Some(outcome),
        _ => None,
    })
}
