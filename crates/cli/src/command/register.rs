//! `relto register`: who opened which received report, or was refused, from the node's journal.

use super::{Session, moment};
use crate::{client::Client, exit::Exit};
use anyhow::Result;
use relto_formats::api::{Opening, Register};

/// Prints every opening in the order of the journal. API-25
pub(super) async fn run(session: &Session) -> Result<Exit> {
    let (_, mut client) = session.connect().await?;
    let output = session.output;
    let mut rows = Vec::new();
    let mut from = Some(0);
    while let Some(entry) = from {
        let page = page(&mut client, entry).await?;
        for one in page.openings {
            output.object(&serde_json::to_value(&one)?)?;
            let what = what(&one);
            rows.push(vec![moment(one.time), one.account, one.office, one.leaf, one.serial, what]);
        }
        from = page.next;
    }
    if rows.is_empty() {
        output.line("nobody has opened a report, or was refused one")?;
        return Ok(Exit::Done);
    }
    output.table(&["when", "account", "office", "leaf", "serial", "what"], &rows)?;
    Ok(Exit::Done)
}

/// The register from an entry of the journal on.
async fn page(client: &mut Client, from: u64) -> Result<Register> {
    client.get(&format!("/v1/register?from={from}")).await
}

/// `opened`, or why not.
fn what(one: &Opening) -> String {
    if one.opened { "opened".to_owned() } else { format!("refused: {}", one.reasons.join(", ")) }
}
