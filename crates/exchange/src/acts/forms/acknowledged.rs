//! `acknowledged`: an office of the recipient has the report, and says so to its originator, once. FLW-22

use super::rules::{Rules, Said, Sayable};
use crate::{
    input::Stated,
    model::{
        place::{InboxAt, OutboxAt},
        rows::{Acknowledged, Inbox, Outbox, Stage},
        store::StoreError,
    },
    turn::{
        batch::{Step, View},
        out::{Answer, Event},
    },
};
use relto_audit::leaf::Verdict;
use relto_policy::code::Code;

pub(super) const RULES: Rules = Rules { make, take };

/// The report of the partner that is acknowledged: admitted, and no Statement itself.
fn admitted(view: &View<'_>, index: u64) -> Result<Option<Inbox>, StoreError> {
    let row = view.read(InboxAt(view.pair.theirs.origin, index))?;
    Ok(row.filter(|row| row.verdict == Verdict::Admitted && row.statement.is_none()))
}

fn make(view: &View<'_>, stated: &Stated) -> Result<Result<Sayable, Answer>, StoreError> {
    let (nation, at) = stated.subject;
    let subject = if nation == view.link.partner { admitted(view, at)? } else { None };
    let Some(subject) = subject else { return Ok(Err(Answer::NotFound)) };
    if subject.acknowledged.is_some() {
        let message = "it was acknowledged before, and the originator knows".to_owned();
        return Ok(Err(Answer::Invalid { rule: "FLW-22", message }));
    }
    let (precedence, place) = (subject.precedence, InboxAt(view.pair.theirs.origin, at));
    let mark = Box::new(move |step: &mut Step, index| {
        step.replace(place, Inbox { acknowledged: Some(index), ..subject });
    });
    Ok(Ok(Sayable { precedence, mark }))
}

/// It names a report of ours that its nation has admitted, says nothing else, and is by an office of that nation.
fn take(step: &mut Step, view: &View<'_>, said: &Said<'_>) -> Result<Result<(), Code>, StoreError> {
    let note = said.note;
    let by_partner = note.from.split('/').next() == Some(view.link.partner.as_str());
    let Some((_, at)) =
        said.about.subject.filter(|(nation, _)| *nation == view.link.own && note.is_bare() && by_partner)
    else {
        return Ok(Err(Code::Malformed));
    };
    let place = OutboxAt(view.pair.mine.origin, at);
    let Some(mine) = view.read(place)? else { return Ok(Err(Code::Malformed)) };
    if mine.statement.is_some() || !matches!(mine.stage, Stage::Resolved { verdict: Verdict::Admitted, .. }) {
        return Ok(Err(Code::Malformed));
    }
    // A second one changes nothing.
    if mine.acknowledged.is_none() {
        step.event(Event::Acknowledged { submission: mine.submission, office: note.from.clone() });
        let by = Acknowledged { office: note.from.clone(), statement: said.index, time: said.row.time };
        step.replace(place, Outbox { acknowledged: Some(by), ..mine });
    }
    Ok(Ok(()))
}
