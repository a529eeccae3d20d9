//! Has the content of submissions looked at before their turn, each account in its own line.

use crate::{hub::Hub, sync::lock};
use relto_exchange::ids::LinkId;
use relto_policy::{content::Inspector, national::NationalRules};
use relto_report::signed::{Authored, Verified};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, SemaphorePermit};

/// Programs, and looks at large plaintexts, that run at once for submissions.
const AT_ONCE: usize = 4;
static TURNS: Turns = Turns { all: Semaphore::const_new(AT_ONCE), own: Mutex::new(BTreeMap::new()) };
/// Long plaintexts that are hashed or made ready at once, each in seconds.
const LONG_AT_ONCE: usize = 2;
pub(super) static LONG: Turns = Turns { all: Semaphore::const_new(LONG_AT_ONCE), own: Mutex::new(BTreeMap::new()) };

/// Whose look is next. Of each account one at most waits in the common line, so that many of one account hold up one of
/// another by one look only. API-48
pub(super) struct Turns {
    all: Semaphore,
    own: Mutex<BTreeMap<String, Arc<Semaphore>>>,
}

/// A turn, until it is dropped.
pub(super) struct Turn<'a> {
    _all: SemaphorePermit<'a>,
    _own: OwnedSemaphorePermit,
}

impl Turns {
    pub(super) async fn wait(&self, account: &str) -> Option<Turn<'_>> {
        let own = {
            let mut own = lock(&self.own);
            // Who has none at work and none that waits needs no row.
            own.retain(|_, turns| Arc::strong_count(turns) > 1);
            own.entry(account.to_owned()).or_insert_with(|| Arc::new(Semaphore::new(1))).clone()
        };
        let own = own.acquire_owned().await.ok()?;
        Some(Turn { _all: self.all.acquire().await.ok()?, _own: own })
    }
}

fn inspector(hub: &Hub, link: LinkId) -> Option<Arc<dyn Inspector>> {
    let national = hub.links.get(link.place()).and_then(|link| link.national.as_deref());
    national.and_then(NationalRules::inspector).cloned()
}

/// Looks at a submission on the spot where that takes microseconds; `true` where nothing is left to be looked at here.
pub(crate) fn look_if_quick(hub: &Hub, link: LinkId, authored: &Authored) -> bool {
    let Some(inspector) = inspector(hub, link) else { return true };
    let quick = inspector.is_quick(&authored.document);
    if quick {
        inspector.look(&authored.document);
    }
    quick
}

/// Has a submission looked at before it goes to the writer. `None`: too much is being looked at.
pub(crate) async fn look(
    hub: &Hub,
    account: &str,
    link: LinkId,
    authored: Verified<Authored>,
) -> Option<Verified<Authored>> {
    if look_if_quick(hub, link, authored.get()) {
        return Some(authored);
    }
    let Some(inspector) = inspector(hub, link) else { return Some(authored) };
    let _turn = TURNS.wait(account).await?;
    let work = move || {
        inspector.look(&authored.get().document);
        authored
    };
    tokio::task::spawn_blocking(work).await.ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn api_48_many_looks_of_one_account_hold_up_another_by_one() {
        let turns: &'static Turns = Box::leak(Box::new(Turns { all: Semaphore::new(AT_ONCE), own: Mutex::default() }));
        let first = turns.wait("much").await.unwrap();
        let (told, mut order) = tokio::sync::mpsc::unbounded_channel();
        for account in std::iter::repeat_n("much", 100).chain(["a", "b", "c", "d"]) {
            let told = told.clone();
            tokio::spawn(async move {
                let turn = turns.wait(account).await.unwrap();
                told.send((account, turn)).map_err(|_| ()).unwrap();
            });
            tokio::task::yield_now().await;
        }
        let mut at_work = Vec::new();
        for wanted in ["a", "b", "c"] {
            let (account, turn) = order.recv().await.unwrap();
            assert_eq!(account, wanted);
            at_work.push(turn);
        }
        drop(first);
        assert_eq!(order.recv().await.unwrap().0, "d", "who waited for its first before the next of the other");
        drop(at_work);
        for _ in 0..100 {
            assert_eq!(order.recv().await.unwrap().0, "much");
        }
        drop(turns.wait("e").await);
        assert_eq!(lock(&turns.own).len(), 1, "none has a row for ever");
    }
}
