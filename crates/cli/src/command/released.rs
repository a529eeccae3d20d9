//! What was released from here, found by leaf, serial or submission.

use super::traffic::Traffics;
use crate::{client::Client, profile::Profile};
use anyhow::{Context as _, Result};
use relto_formats::api::Sent;

/// A released report of ours by leaf, serial or submission id; under this agreement where one is named.
pub(super) async fn sent(
    profile: &Profile,
    client: &mut Client,
    id: &str,
    agreement: Option<&str>,
) -> Result<Option<Sent>> {
    let mut sent: Vec<Sent> = client.get("/v1/outbox").await?;
    sent.retain(|one| agreement.is_none_or(|agreement| one.agreement == agreement));
    let traffics = Traffics::of(profile, client, &sent).await;
    Ok(traffics.pick(sent, |one| one.leaf == id || one.serial == id || one.submission == id))
}

/// The same, where it must have been released.
pub(super) async fn find(profile: &Profile, client: &mut Client, id: &str, agreement: Option<&str>) -> Result<Sent> {
    let released = sent(profile, client, id, agreement).await?;
    let under = agreement.map(|agreement| format!(" under {agreement}")).unwrap_or_default();
    released.with_context(|| {
        format!("{id} was not released from here{under}. `relto outbox --all` lists what was submitted")
    })
}
