//! The recipient's own readers: one opens the SECRET report, one is not cleared for it, and the auditor sees both.

use crate::lab::run::person;
use anyhow::{Context as _, Result, bail};
use relto_cli::client::{Client, Refused};
use relto_formats::api::{Opened, Opening, ProblemKind, Received, Register};
use relto_policy::reading::ReadingRule;
use std::{path::Path, time::Duration};

/// SECRET, to J2 and others of Borealia, for the information of CYBER.
const SERIAL: &str = "XAA-J2-2026-0431";

/// What the act came to.
pub(crate) struct Readers {
    /// The report.
    pub(crate) leaf: String,
    /// Whether the analyst's own list has it.
    pub(crate) listed: bool,
    /// Why the analyst may not open it; `None`: it was opened.
    pub(crate) refused: Option<String>,
    /// What the auditor's register says of it.
    pub(crate) register: Vec<Opening>,
}

impl Readers {
    /// Opened by one, refused to the other, both on record with what they rest on.
    pub(crate) fn is_as_wanted(&self) -> bool {
        let of = |account: &str| self.register.iter().find(|one| one.account == account);
        let opened = of("author").is_some_and(|one| one.opened && one.office == "XBB/J2");
        let kept = of("analyst").is_some_and(|one| !one.opened && one.reasons == [ReadingRule::Clearance]);
        opened && kept && !self.listed && self.refused.is_some()
    }
}

/// Plays the act in Borealia, which has admitted the report.
pub(crate) async fn play(dir: &Path) -> Result<Readers> {
    let mut cleared = Client::connect(&person(dir, "XBB", "author")?).await?;
    let line = find(&mut cleared).await?;
    let path = format!("/v1/inbox/{}/{}", line.agreement, line.index);
    let _: Opened = cleared.get(&path).await?;
    let mut analyst = Client::connect(&person(dir, "XBB", "analyst")?).await?;
    let inbox: Vec<Received> = analyst.get("/v1/inbox").await?;
    let refused = match analyst.get::<Opened>(&path).await {
        Ok(_) => None,
        Err(error) => {
            let refused = error.downcast_ref::<Refused>().filter(|one| one.problem.error == ProblemKind::Reading);
            Some(refused.map(|one| one.problem.message.clone()).context("refused, and not by the readers' rules")?)
        }
    };
    let mut auditor = Client::connect(&person(dir, "XBB", "auditor")?).await?;
    let mut register: Register = auditor.get("/v1/register").await?;
    register.openings.retain(|one| one.leaf == line.leaf);
    let listed = inbox.iter().any(|one| one.leaf == line.leaf);
    Ok(Readers { leaf: line.leaf, listed, refused, register: register.openings })
}

/// The report can be read once a stored checkpoint covers its receipt, which left a moment before.
async fn find(client: &mut Client) -> Result<Received> {
    for _ in 0..100 {
        let inbox: Vec<Received> = client.get("/v1/inbox").await?;
        if let Some(line) = inbox.into_iter().find(|line| line.serial == SERIAL) {
            return Ok(line);
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    bail!("{SERIAL} is not in Borealia's inbox")
}
