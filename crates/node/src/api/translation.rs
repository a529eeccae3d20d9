//! A translation is held against its original, which the author's program may not have shown. R028, RPT-11

use super::answers::{Refused, blocking, refused};
use crate::hub::{Hub, Job, lock};
use relto_exchange::{
    input::{Answer, LinkId},
    translation::{not_kept, read_original},
};
use relto_report::{assessment::Document, calendar::Timestamp};
use std::sync::Arc;
use tokio::sync::oneshot;

/// Whether a report that is no translation, or one that keeps the markings of its original. What is not on record here
/// is left to the rule on references, which knows what was exchanged before the logs began. FLW-29
///
/// # Errors
/// R028, with what is not kept; busy, and the store's.
pub(super) async fn judge(hub: &Arc<Hub>, at: LinkId, document: &Document) -> Result<(), Refused> {
    let Some(serial) = document.report().translation_of.clone() else { return Ok(()) };
    let (reply, found) = oneshot::channel();
    hub.write(Job::Original(at, serial.clone(), reply));
    let Some(original) = found.await.map_err(|_| Refused::busy())? else { return Ok(()) };
    let (reading, document) = (hub.clone(), document.clone());
    let lowered = blocking(move || {
        let text = read_original(&*lock(&reading.reader), original)?;
        let link = reading.links.get(usize::from(at.0)).ok_or_else(Refused::not_found)?;
        let agreement = reading.versions.in_force(usize::from(at.0), link);
        let day = Timestamp::from_millis(relto_host::clock::now_ms()).day();
        Ok(text.and_then(|text| not_kept(link, &agreement, original, text.report(), document.report(), day)))
    });
    let Some(lowered) = lowered.await? else { return Ok(()) };
    let message = format!("a translation keeps the markings of {serial}: {lowered}");
    Err(refused(Answer::Invalid { rule: "R028", message }))
}
