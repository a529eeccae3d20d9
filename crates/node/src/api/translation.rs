//! A translation is held against its original, which the author's program may not have shown. RPT-11

use super::problem::{Refused, blocking};
use crate::{hub::Hub, jobs::Job, sync::lock};
use relto_exchange::{
    ids::LinkId,
    ready::{
        Prepared,
        held::{Original, Originals},
    },
    store::StoreError,
};
use relto_report::{assessment::Document, calendar::Timestamp};
use std::sync::Arc;
use tokio::sync::oneshot;

impl Originals for Hub {
    /// Asks the writer, and waits for it: never on a thread that it waits for.
    fn original(&self, agreement: &str, serial: &str) -> Result<Option<Original>, StoreError> {
        let (reply, found) = oneshot::channel();
        self.write(Job::Original(agreement.to_owned(), serial.to_owned(), reply));
        let today = Timestamp::from_millis(relto_host::clock::now_ms()).day();
        Ok(found.blocking_recv().ok().flatten().map(|original| original.on(today)))
    }
}

/// A report made ready that, if it is a translation, was held to its original.
///
/// # Errors
/// Busy; the store's.
pub(super) async fn held(hub: &Arc<Hub>, at: LinkId, document: &Document, own: Prepared) -> Result<Prepared, Refused> {
    if document.report().translation_of.is_none() {
        return Ok(own);
    }
    let (hub, document) = (hub.clone(), document.clone());
    blocking(move || {
        let link = hub.links.get(at.place()).ok_or_else(Refused::not_found)?;
        let serial = document.report().translation_of.as_deref().unwrap_or_default();
        // Before the reader is taken, for which others wait.
        let found = hub.original(&link.agreement.id, serial)?;
        Ok(own.held_to(&*lock(&hub.reader), link, document.report(), &found)?)
    })
    .await
}
