//! `relto bench links --at-rest`: what both nodes of a pair have resident with so many links up and nothing to do, beside the
//! same with one.
//!
//! The links are the live one and exercises between the same two nations, each with an agreement, rules, seal keys, logs and
//! memory of its own, over one session.

use super::{pair::NATIONS, process::resident_mib};
use crate::lab::{
    self, Options,
    run::{Node, connected_within, person, unless_asked},
};
use anyhow::{Result, ensure};
use relto_cli::{client::Client, output::Output};
use relto_formats::api::Status;
use relto_host::clock;
use serde_json::json;
use std::time::Duration;

/// Between the last link's head and the look at memory.
const REST: Duration = Duration::from_secs(5);

/// In which time all links must be up: so long, and so long for each.
const UP: Duration = Duration::from_secs(10);
const UP_EACH: Duration = Duration::from_millis(500);

/// What each node has resident, MiB.
type Resident = [f64; 2];

/// Runs the measurement.
pub(super) fn run(links: usize, output: Output) -> Result<()> {
    ensure!(links > 1, "--at-rest is at least 2 links, beside one");
    let (one, all) = unless_asked(async { anyhow::Ok((resident(1).await?, resident(links).await?)) })???;
    tell(links, one, all, output)
}

/// Starts a laboratory with so many links and looks at both nodes once all are up.
async fn resident(links: usize) -> Result<Resident> {
    let temporary = tempfile::tempdir()?;
    let dir = temporary.path().join("lab");
    lab::build(&dir, clock::now_ms(), Options { exercises: links - 1, ..Options::default() })?;
    let mut nodes = NATIONS.map(|nation| Node::start(&dir, nation)).into_iter().collect::<Result<Vec<_>>>()?;
    let time = UP + UP_EACH.saturating_mul(u32::try_from(links).unwrap_or(u32::MAX));
    for nation in NATIONS {
        let author = person(&dir, nation, "author")?;
        connected_within(&author, time).await?;
        let status: Status = Client::connect(&author).await?.get("/v1/status").await?;
        ensure!(status.links.len() == links, "{} links of {links}", status.links.len());
    }
    tokio::time::sleep(REST).await;
    let mut found = Resident::default();
    for (mib, node) in found.iter_mut().zip(&nodes) {
        *mib = resident_mib(node.id())?;
    }
    nodes.iter_mut().try_for_each(Node::stop)?;
    Ok(found)
}

#[expect(clippy::cast_precision_loss, reason = "a count of links")]
fn tell(links: usize, one: Resident, all: Resident, output: Output) -> Result<()> {
    let mut each = serde_json::Map::new();
    let mut rows = Vec::new();
    for ((nation, one), all) in NATIONS.into_iter().zip(one).zip(all) {
        let more = (all - one) / (links - 1) as f64;
        let figures = json!({ "one_mib": one, "all_mib": all, "each_more_mib": more });
        each.insert(nation.to_owned(), figures);
        rows.push(vec![nation.to_owned(), format!("{one:.1}"), format!("{all:.1}"), format!("{more:.2}")]);
    }
    output.object(&json!({ "links": links, "at_rest": each }))?;
    output.line(format!("two nodes at rest with one link and with {links}"))?;
    output.table(&["node", "MiB with one", &format!("MiB with {links}"), "MiB for each more"], &rows)
}
