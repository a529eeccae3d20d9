//! Room for one more submission: beyond an account's share, or beyond what this node keeps, it is answered Busy and writes
//! nothing; and so is one of an account that was refused too often.

use super::{
    problem::{Refused, blocking},
    refusals::{Chance, NoChance},
    standing::standing_of,
};
use crate::hub::Hub;
use relto_exchange::store::SubmissionId;
use std::sync::Arc;

/// Whether this account may submit: room for one more that is held or refused, or this very submission is known already.
/// What is refused takes the chance that is given.
///
/// # Errors
/// Busy; the store's.
pub(super) async fn room(hub: &Arc<Hub>, account: &str, id: SubmissionId) -> Result<Option<Chance>, Refused> {
    let chance = hub.refusals.take(account, relto_host::clock::monotonic_ms());
    if chance.is_ok() && hub.drafts.is_free_for(account) {
        return Ok(chance.ok());
    }
    let (hub, account) = (hub.clone(), account.to_owned());
    blocking(move || {
        let full = hub.drafts.count(&hub.reader, &account)?;
        if (full || chance.is_err()) && standing_of(&hub, &id)?.is_none() {
            return Err(match chance.err() {
                Some(NoChance::UsedUp(millis)) => Refused::refused_too_often(millis),
                Some(NoChance::InWork) | None => Refused::busy(),
            });
        }
        Ok(chance.ok())
    })
    .await
}
