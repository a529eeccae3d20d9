//! `relto register`: who opened which received report, or was refused, who was what, and by what the node's clock was
//! believed, from the node's journal.

use super::traffic::Traffics;
use crate::{
    client::Client,
    exit::Exit,
    output::{Output, moment},
    session::Session,
};
use anyhow::Result;
use relto_formats::api::{AccountRecord, ClockRecord, Opening, Register, RoleRecord};
use serde_json::json;
use std::collections::BTreeMap;

/// Prints every opening in the order of the journal. API-25
pub(super) async fn run(session: &Session) -> Result<Exit> {
    let (profile, mut client) = session.connect().await?;
    let output = session.output;
    let mut found: Vec<Opening> = Vec::new();
    let (mut roles, mut clocks): (Vec<RoleRecord>, Vec<ClockRecord>) = (Vec::new(), Vec::new());
    let mut from = Some(0);
    while let Some(entry) = from {
        let page = page(&mut client, entry).await?;
        found.extend(page.openings);
        roles.extend(page.roles);
        clocks.extend(page.clocks);
        from = page.next;
    }
    // The register is whole: an auditor sees every opening, of whatever traffic.
    let traffics = Traffics::of(&profile, &mut client, &found).await;
    found.iter().try_for_each(|one| output.object(&serde_json::to_value(one)?))?;
    roles.iter().try_for_each(|one| output.object(&json!({ "role": one })))?;
    clocks.iter().try_for_each(|one| output.object(&json!({ "clock": one })))?;
    if found.is_empty() {
        output.line("nobody has opened a report, or was refused one")?;
    } else {
        let row = |one: &Opening| {
            let (account, office) = (one.account.clone(), one.office.clone());
            vec![moment(one.time), account, office, one.leaf.clone(), one.serial.clone(), what(one)]
        };
        traffics.table(output, &["when", "account", "office", "leaf", "serial", "what"], &found, row)?;
    }
    print_roles(output, &roles)?;
    output.line("")?;
    for one in &clocks {
        let signed = if one.signed_by.is_empty() { String::new() } else { format!(": {}", one.signed_by.join(", ")) };
        output.line(format!("{}  clock believed, by {}{signed}", moment(one.time), one.by))?;
    }
    Ok(Exit::Done)
}

/// Accounts, keys, roles, offices and clearances in the order of the journal: each where it changed. API-46
fn print_roles(output: Output, roles: &[RoleRecord]) -> Result<()> {
    output.line("")?;
    let mut known: BTreeMap<&str, &AccountRecord> = BTreeMap::new();
    for one in roles {
        let (when, account) = (moment(one.time), one.account.as_deref());
        match (account, &one.now) {
            (Some(account), Some(now)) => {
                let what = match known.insert(account, now) {
                    None => format!("new: {}", fields(now).map(|(key, value)| format!("{key} {value}")).join(", ")),
                    Some(before) => changed(before, now),
                };
                output.line(format!("{when}  {account}  {what}"))?;
            }
            (Some(account), None) => {
                known.remove(account);
                output.line(format!("{when}  {account}  taken away"))?;
            }
            (None, _) => {
                let (count, digest) = (one.count.unwrap_or_default(), one.digest.as_deref().unwrap_or_default());
                output.line(format!("{when}  started with {count} people, {digest}"))?;
            }
        }
    }
    Ok(())
}

/// What is on record of an account, by name.
fn fields(account: &AccountRecord) -> [(&'static str, String); 7] {
    let list = |words: &[String]| if words.is_empty() { "none".to_owned() } else { words.join("+") };
    [
        ("key", account.key.clone()),
        ("roles", list(&account.roles)),
        ("office", account.office.clone()),
        ("reads for", list(&account.offices)),
        ("clearance", account.clearance.map_or_else(|| "none".to_owned(), |level| level.to_string())),
        ("nationality", list(&account.nationality)),
        ("contractor", account.contractor.clone().unwrap_or_else(|| "none".to_owned())),
    ]
}

/// What differs.
fn changed(before: &AccountRecord, now: &AccountRecord) -> String {
    let pairs = fields(before).into_iter().zip(fields(now));
    let told = pairs.filter(|(old, new)| old != new).map(|((key, old), (_, new))| format!("{key} {old} -> {new}"));
    told.collect::<Vec<_>>().join(", ")
}

/// The register from an entry of the journal on.
async fn page(client: &mut Client, from: u64) -> Result<Register> {
    client.get(&format!("/v1/register?from={from}")).await
}

/// `opened`, or why not.
fn what(one: &Opening) -> String {
    if one.opened {
        return "opened".to_owned();
    }
    let rules: Vec<&str> = one.reasons.iter().map(|rule| rule.word()).collect();
    format!("refused: {}", rules.join(", "))
}
