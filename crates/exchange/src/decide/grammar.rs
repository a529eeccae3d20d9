//! Rules of the report grammar that need this node's records: R012, R026, R037 to R039.

use crate::{
    decide::kept::{Kept, kept},
    model::ids::LinkId,
    ready::Prepared,
    state::memory::{Spent, serial_key},
    turn::{batch::View, out::Answer},
};
use relto_report::{
    assessment::Report,
    rules::{SPENT, rule},
    signed::Authored,
};

/// The first of these rules that a submission breaks.
pub(crate) fn fault(view: &View<'_>, authored: &Authored, own: &Prepared) -> Option<Answer> {
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
    // A node cannot trust clients: what the client refuses is refused here again, by the same function. RPT-7
    if let Some(broken) = own.fault {
        let asks = rule(broken).map_or("the report's form", |rule| rule.asks);
        return invalid(broken, format!("the report is not of the form that the grammar asks for: {asks}"));
    }
    spent(view, authored)
        .or_else(|| references(view, report))
        .or_else(|| translation(view, report, own))
        .map(|(rule, message)| Answer::Invalid { rule, message })
}

/// FLW-4: a serial is spent at S4, in the whole nation, for ever; on these very bytes, which may go to others too.
fn spent(view: &View<'_>, authored: &Authored) -> Option<(&'static str, String)> {
    let (link, serial) = (view.link, &authored.document.report().serial);
    let plaintext = authored.document.digest();
    let partner_of = |to: LinkId| view.memory.pair(to).map(|pair| pair.partner);
    let known = view.memory.sent.get(&serial_key(serial)).map(Vec::as_slice).unwrap_or_default();
    let other = |one: &Spent| one.plaintext != plaintext || partner_of(one.link) == Some(link.partner);
    let next = "Draw another number at random, as `relto new report` does, or set supersedes to correct that report";
    (known.iter().any(other) || link.prior.sent.contains(serial))
        .then(|| (SPENT, format!("serial {serial} was used. {next}")))
}

/// R028, R037 to R039: what a report names the partner has under this very agreement. What is known from another link
/// does not count: a name alone would tell this partner that the report exists. FLW-29
fn references(view: &View<'_>, report: &Report) -> Option<(&'static str, String)> {
    let (link, memory) = (view.link, view.memory);
    let sent = |serial: &String| memory.sent_to(view.id, serial).is_some() || link.prior.sent.contains(serial);
    let received =
        |serial: &String| memory.admitted_from(view.id, serial).is_some() || link.prior.received.contains(serial);
    let either = |serial: &&String| !sent(serial) && !received(serial);
    let (to, id) = (link.partner, &link.agreement.id);
    let hidden = |serial: &String| {
        format!(
            "{to} does not have {serial} under {id}: it was never released to it there, or was withdrawn, refused or \
             quarantined. A reference would tell that it exists: take it out, or release it first"
        )
    };
    if let Some(unknown) = report.translation_of.as_ref().filter(either) {
        return Some(("R028", hidden(unknown)));
    }
    if let Some(request) = report.answers.as_ref().filter(|request| !received(request)) {
        return Some(("R037", format!("no request {request} from {to} under {id} is on record here")));
    }
    if let Some(unknown) = report.refers_to.iter().find(either) {
        return Some(("R038", hidden(unknown)));
    }
    let old = report.supersedes.as_ref().filter(|old| !sent(old))?;
    Some(("R039", format!("{to} does not have {old} under {id}; a correction must reach those who have the report")))
}

/// R028: a translation was held to the report that it names, and keeps its markings. RPT-11
fn translation(view: &View<'_>, report: &Report, own: &Prepared) -> Option<(&'static str, String)> {
    let serial = report.translation_of.as_ref()?;
    // Of what was exchanged before the logs began there is no text here.
    match kept(view, report, own.held_to.as_ref()) {
        Kept::Yes => None,
        Kept::Unknown => Some(("R028", format!("{serial} has come or gone while this was looked at. Submit it again"))),
        Kept::No(lowered) => Some(("R028", format!("a translation keeps the markings of {serial}: {lowered}"))),
    }
}
