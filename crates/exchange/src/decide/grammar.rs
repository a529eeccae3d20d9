//! Rules of the report grammar that need this node's records: R012, R026, R037 to R039.

use crate::{
    decide::kept::{Kept, kept},
    model::{ids::LinkId, store::StoreError},
    ready::Prepared,
    state::memory::Spent,
    turn::{batch::View, out::Answer},
};
use relto_report::{
    assessment::Report,
    rules::{SPENT, rule},
    signed::Authored,
};

/// The first of these rules that a submission breaks.
pub(crate) fn fault(view: &View<'_>, authored: &Authored, own: &Prepared) -> Result<Option<Answer>, StoreError> {
    let (statement, report) = (&authored.statement, authored.document.report());
    let link = view.link;
    let invalid = |rule, message: String| Ok(Some(Answer::Invalid { rule, message }));
    if statement.agreement != link.agreement.id || statement.recipient != link.partner {
        return invalid(
            "R090",
            "the author signed for another agreement or recipient. Submit it again with --to".to_owned(),
        );
    }
    if statement.traffic != report.traffic {
        return invalid("R026", "the author signed for other traffic than the report says".to_owned());
    }
    // A node cannot trust clients: what the client refuses is refused here again, by the same function. RPT-7
    if let Some(broken) = own.fault {
        let asks = rule(broken).map_or("the report's form", |rule| rule.asks);
        return invalid(broken, format!("the report is not of the form that the grammar asks for: {asks}"));
    }
    let mut broken = spent(view, authored)?;
    if broken.is_none() {
        broken = references(view, report)?;
    }
    if broken.is_none() {
        broken = translation(view, report, own)?;
    }
    Ok(broken.map(|(rule, message)| Answer::Invalid { rule, message }))
}

/// Which rule is broken, and what to do.
type Broken = Option<(&'static str, String)>;

/// FLW-4: a serial is spent at S4, in the whole nation, for ever; on these very bytes, which may go to others too.
fn spent(view: &View<'_>, authored: &Authored) -> Result<Broken, StoreError> {
    let (link, serial) = (view.link, &authored.document.report().serial);
    let plaintext = authored.document.digest();
    let partner_of = |to: LinkId| view.memory.pair(to).map(|pair| pair.partner);
    let known = view.memory.spent(&view.rows(), serial)?;
    let other = |one: &Spent| one.plaintext != Some(plaintext) || partner_of(one.link) == Some(link.partner);
    let next = "Draw another number at random, as `relto new report` does, or set supersedes to correct that report";
    Ok((known.iter().any(other) || link.prior.sent.contains(serial))
        .then(|| (SPENT, format!("serial {serial} was used. {next}"))))
}

/// R028, R037 to R039: what a report names the partner has under this very agreement. What is known from another link
/// does not count: a name alone would tell this partner that the report exists. FLW-29
fn references(view: &View<'_>, report: &Report) -> Result<Broken, StoreError> {
    let (link, memory, rows) = (view.link, view.memory, view.rows());
    let sent = |serial: &String| -> Result<bool, StoreError> {
        Ok(link.prior.sent.contains(serial) || memory.sent_to(&rows, view.id, serial)?.is_some())
    };
    let received = |serial: &String| -> Result<bool, StoreError> {
        Ok(link.prior.received.contains(serial) || memory.admitted_from(&rows, view.id, serial)?.is_some())
    };
    let known = |serial: &String| -> Result<bool, StoreError> { Ok(sent(serial)? || received(serial)?) };
    let (to, id) = (link.partner, &link.agreement.id);
    let hidden = |serial: &String| {
        format!(
            "{to} does not have {serial} under {id}: it was never released to it there, or was withdrawn, refused or \
             quarantined. A reference would tell that it exists: take it out, or release it first"
        )
    };
    if let Some(serial) = &report.translation_of
        && !known(serial)?
    {
        return Ok(Some(("R028", hidden(serial))));
    }
    if let Some(request) = &report.answers
        && !received(request)?
    {
        return Ok(Some(("R037", format!("no request {request} from {to} under {id} is on record here"))));
    }
    for serial in &report.refers_to {
        if !known(serial)? {
            return Ok(Some(("R038", hidden(serial))));
        }
    }
    if let Some(old) = &report.supersedes
        && !sent(old)?
    {
        let why = format!("{to} does not have {old} under {id}; a correction must reach those who have the report");
        return Ok(Some(("R039", why)));
    }
    Ok(None)
}

/// R028: a translation was held to the report that it names, and keeps its markings. RPT-11
fn translation(view: &View<'_>, report: &Report, own: &Prepared) -> Result<Broken, StoreError> {
    let Some(serial) = &report.translation_of else { return Ok(None) };
    // Of what was exchanged before the logs began there is no text here.
    Ok(match kept(view, report, own.held_to.as_ref())? {
        Kept::Yes => None,
        Kept::Unknown => Some(("R028", format!("{serial} has come or gone while this was looked at. Submit it again"))),
        Kept::No(lowered) => Some(("R028", format!("a translation keeps the markings of {serial}: {lowered}"))),
    })
}
