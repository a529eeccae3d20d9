//! `relto register`: who opened which received report, or was refused, from the node's journal.

use super::{Session, moment, traffic::Traffics};
use crate::{client::Client, exit::Exit};
use anyhow::Result;
use relto_formats::api::{Opening, Register};

/// Prints every opening in the order of the journal. API-25
pub(super) async fn run(session: &Session) -> Result<Exit> {
    let (profile, mut client) = session.connect().await?;
    let output = session.output;
    let mut found: Vec<Opening> = Vec::new();
    let mut from = Some(0);
    while let Some(entry) = from {
        let page = page(&mut client, entry).await?;
        found.extend(page.openings);
        from = page.next;
    }
    // The register is whole: an auditor sees every opening, of whatever traffic.
    let traffics = Traffics::of(&profile, &mut client, &found).await;
    found.iter().try_for_each(|one| output.object(&serde_json::to_value(one)?))?;
    if found.is_empty() {
        output.line("nobody has opened a report, or was refused one")?;
        return Ok(Exit::Done);
    }
    let row = |one: &Opening| {
        let (account, office) = (one.account.clone(), one.office.clone());
        vec![moment(one.time), account, office, one.leaf.clone(), one.serial.clone(), what(one)]
    };
    traffics.table(output, &["when", "account", "office", "leaf", "serial", "what"], &found, row)?;
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
