//! `relto bench links --at-rest`: what both nodes of a pair have resident with so many links up and nothing to do, beside the
//! same with one.
//!
//! The links are the live one and exercises between the same two nations, each with an agreement, rules, seal keys, logs and
//! memory of its own, over one session.

use super::{pair::NATIONS, process::resident_mib};
use crate::lab::{
    self, Options,
    run::{Node, connected, person, unless_asked},
};
use anyhow::{Result, ensure};
use relto_cli::{client::Client, output::Output};
use relto_formats::api::Status;
use relto_host::clock;
use serde_json::json;
use std::time::Duration;

/// Between the last link's head and the look at memory.
const REST: Duration = Duration::from_secs(5);

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
    lab::build(&dir, clock::now_ms(), Options { exercises: links - 1, third: false })?;
    let mut nodes = NATIONS.map(|nation| Node::start(&dir, nation)).into_iter().collect::<Result<Vec<_>>>()?;
    let [near, _] = NATIONS;
    let author = person(&dir, near, "author")?;
    connected(&author).await?;
    let mut client = Client::connect(&author).await?;
    loop {
        let status: Status = client.get("/v1/status").await?;
        ensure!(status.links.len() == links, "{} links of {links}", status.links.len());
        if status.links.iter().all(|link| link.connected && link.heads_confirmed) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    drop(client);
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
