//! Our submissions as the node lists them: page by page, one of them, and a report's with each nation.

use super::{released::sent, side::Line};
use crate::{client::Client, profile::Profile};
use anyhow::{Result, bail};
use relto_formats::api::{Standing, Submission};
use relto_report::nation::Nation;
use std::collections::BTreeMap;

/// The next page of submissions, newest first; `before` holds the last id seen. `None`: there are no more.
pub(super) async fn next_page(client: &mut Client, before: &mut String) -> Result<Option<Vec<Submission>>> {
    let path = if before.is_empty() { String::new() } else { format!("?before={before}") };
    let page: Vec<Submission> = client.get(&format!("/v1/submissions{path}")).await?;
    Ok(page.last().map(|last| last.id.clone()).map(|last| {
        *before = last;
        page
    }))
}

/// A submission of ours by leaf or serial: as it was released, else the newest of that serial.
pub(super) async fn find(profile: &Profile, client: &mut Client, id: &str) -> Result<Submission> {
    if let Some(sent) = sent(profile, client, id, None).await? {
        return client.get(&format!("/v1/submissions/{}", sent.submission)).await;
    }
    let mut before = String::new();
    while let Some(page) = next_page(client, &mut before).await? {
        if let Some(found) = page.into_iter().find(|one| one.serial == id) {
            return Ok(found);
        }
    }
    bail!("{id} was not submitted here. `relto outbox --all` lists what was")
}

/// How a report of ours stands with each nation, by its serial: with each the one that was released, else the newest.
/// `None` where it was submitted to fewer than two of the nations that the profile names.
pub(super) async fn with_each(profile: &Profile, client: &mut Client, serial: &str) -> Result<Option<Vec<Line>>> {
    if profile.agreements.len() < 2 {
        return Ok(None);
    }
    let mut found: BTreeMap<Nation, Submission> = BTreeMap::new();
    let mut before = String::new();
    while let Some(page) = next_page(client, &mut before).await? {
        for one in page.into_iter().filter(|one| one.serial == serial) {
            let nation = profile.agreements.iter().find(|(_, id)| **id == one.agreement).map(|(nation, _)| *nation);
            let Some(nation) = nation else { continue };
            let is_better = found.get(&nation).is_none_or(|kept| is_out(&one) && !is_out(kept));
            if is_better {
                found.insert(nation, one);
            }
        }
    }
    let line = |(nation, one): (Nation, Submission)| Line {
        nation: nation.to_string(),
        agreement: one.agreement.clone(),
        outcome: Ok(one),
    };
    Ok((found.len() > 1).then(|| found.into_iter().map(line).collect()))
}

/// Whether it was released, whatever the partner answered.
fn is_out(one: &Submission) -> bool {
    matches!(one.standing, Standing::Released { .. } | Standing::Withdrawn { .. } | Standing::Resolved { .. })
}
