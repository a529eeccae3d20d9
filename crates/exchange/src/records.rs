//! Rules of the report grammar that need this node's records: R012, R026, R037 to R039.

use crate::{
    batch::{Batch, View},
    input::Answer,
    memory::{Pair, serial_key},
    store::{Key, Row, StoreError},
};
use relto_audit::{checkpoint::SignedCheckpoint, tree::Frontier};
use relto_report::signed::Authored;

/// The first of these rules that a submission breaks.
pub(crate) fn fault(view: &View<'_>, authored: &Authored) -> Option<Answer> {
    let (statement, report) = (&authored.statement, authored.document.report());
    let link = view.link;
    let invalid = |rule, message: String| Some(Answer::Invalid { rule, message });
    if statement.agreement != link.agreement.id || statement.recipient != link.partner {
        return invalid(
            "R090",
            "the author signed for another agreement or recipient. Submit it again with --to".to_owned(),
        );
    }
    if statement.traffic != report.traffic {
        return invalid("R026", "the author signed for other traffic than the report says".to_owned());
    }
    // A node cannot trust clients: what the client's parser refuses is refused here again.
    if let Err(fault) = crate::decide::well_formed(view, &authored.document, link.own) {
        return invalid("MALFORMED", format!("{fault}. Write the report with this version's client"));
    }
    let sent = |serial: &str| view.memory.sent.get(&serial_key(serial)).is_some_and(|(to, _)| *to == view.id);
    let sent = |serial: &str| sent(serial) || link.prior.sent.contains(serial);
    let received =
        |serial: &str| view.memory.received.contains(&serial_key(serial)) || link.prior.received.contains(serial);
    let serial = &report.serial;
    // FLW-4: a serial is spent at S4, in the whole nation, for ever
    if view.memory.sent.contains_key(&serial_key(serial)) || link.prior.sent.contains(serial) {
        let next = "Take the next number, or set supersedes to correct that report";
        return invalid("R012", format!("serial {serial} was used. {next}"));
    }
    if let Some(request) = report.answers.as_ref().filter(|request| !received(request)) {
        return invalid("R037", format!("no request {request} from {} is on record here", link.partner));
    }
    if let Some(unknown) = report.refers_to.iter().find(|serial| !sent(serial) && !received(serial)) {
        let why = "A reference would tell that it exists: take it out, or release it first";
        return invalid("R038", format!("{unknown} was not released to {}. {why}", link.partner));
    }
    if let Some(old) = report.supersedes.as_ref().filter(|old| !sent(old)) {
        return invalid(
            "R039",
            format!("{old} did not go to {}; a correction must reach those who have the report", link.partner),
        );
    }
    None
}

/// Whether a head of mine that the partner holds is one of this store's log.
pub(crate) fn holds_my_root(
    batch: &Batch<'_>,
    pair: &Pair,
    held: Option<&SignedCheckpoint>,
) -> Result<bool, StoreError> {
    let Some(head) = held.map(SignedCheckpoint::checkpoint) else { return Ok(true) };
    if head.size > pair.mine.size() {
        return Ok(false);
    }
    // The log is its own witness: recompute the root that it had at that size.
    let mut frontier = Frontier::new();
    let mut next = 0;
    while next < head.size {
        let to = Key::Leaf(pair.mine.origin, head.size.saturating_sub(1));
        let rows = batch.scan(&Key::Leaf(pair.mine.origin, next), &to, 4_096)?;
        if rows.is_empty() {
            return Err(StoreError::Fatal("a leaf of my log is missing"));
        }
        for (_, row) in rows {
            if let Row::Bytes(leaf) = row {
                frontier.push(&leaf);
            }
            next = next.saturating_add(1);
        }
    }
    Ok(frontier.root() == head.root)
}
