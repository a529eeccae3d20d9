//! Long reads: few at once of the caller's class, few of one account that wait.

use super::{
    caller::Caller,
    problem::{Refused, blocking},
};
use crate::{hub::Hub, quota::Pass};
use std::{sync::Arc, time::Duration};
use tokio::{sync::SemaphorePermit, time::timeout};

/// How long a long read waits for its turn.
const LONG_WAIT: Duration = Duration::from_secs(20);
/// As [`blocking`], for what reads much: few at once of the caller's class, few of one account that wait. API-36
///
/// # Errors
/// Busy where the account has too many, or the turn does not come in time; those of `work`.
pub(super) async fn long_read<T: Send + 'static>(
    hub: Arc<Hub>,
    caller: &Caller,
    work: impl FnOnce(&Hub) -> Result<T, Refused> + Send + 'static,
) -> Result<T, Refused> {
    let _turn = turn(&hub, caller).await?;
    let reads = hub.clone();
    blocking(move || work(&reads)).await
}

/// A turn to read much, while it is held.
pub(super) struct Turn<'a>(#[expect(dead_code, reason = "held")] (Pass<String>, SemaphorePermit<'a>));

/// Waits for a turn to read much.
pub(super) async fn turn<'a>(hub: &'a Hub, caller: &Caller) -> Result<Turn<'a>, Refused> {
    let part = hub.shares.of(&caller.0);
    let waits = part.readers.enter(caller.0.account.clone(), 1).ok_or_else(Refused::busy)?;
    match timeout(LONG_WAIT, part.reads.acquire()).await {
        Ok(Ok(permit)) => Ok(Turn((waits, permit))),
        _ => Err(Refused::busy()),
    }
}
