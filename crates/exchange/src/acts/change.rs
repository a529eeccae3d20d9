//! The agreement's life: what both nations' signers have stated, what stops when it stops, and who could have known.

use crate::{
    acts::statement,
    model::{
        ids::{LinkId, Ticket},
        journal::Act as Entry,
        place::{LeafAt, OutboxAt, read},
        rows::{Outbox, Stage},
        store::StoreError,
    },
    state::State,
    turn::{
        batch::{Batch, Step, View},
        out::{Answer, Out},
    },
};
use relto_audit::leaf::{Leaf, SignedStatement};
use relto_policy::{agreement::Agreement, change::Act};
use std::sync::Arc;

/// A change that our signers have signed: on record and acting at once. Its leaf follows as soon as our log may grow.
pub(crate) fn change(view: &View<'_>, ticket: Ticket, signed: SignedStatement) -> Step {
    let mut step = Step::default();
    let pair = view.pair;
    let next = pair.next_change(view.link.own, &signed).and_then(|change| match change.act {
        // FLW-23
        Act::Adopt(version) => pair.changes.may_adopt(view.link.own, version, &pair.versions),
        _ => Ok(()),
    });
    let answer = match (view.halted, next) {
        (Some(why), _) => Answer::Unavailable(why.to_owned()),
        (None, Err(fault)) => Answer::Invalid { rule: fault.code(), message: fault.to_string() },
        (None, Ok(_)) => {
            let agreement = view.link.agreement.id.clone();
            step.journal(view, Entry::Changed { agreement, change: signed });
            Answer::Noted
        }
    };
    step.out.push(Out::Reply(ticket, answer));
    step
}

/// A version's file, verified, is here from now on: whether or not the journal comes to say so, it is on the disk.
pub(crate) fn install(
    state: &mut State,
    batch: &mut Batch<'_>,
    (ticket, id): (Ticket, LinkId),
    text: &Arc<Agreement>,
) -> Result<(), StoreError> {
    // What the partner stated under it before the file was here, as its log has it.
    let mut stated = Vec::new();
    if let Some(pair) = state.memory().pair(id) {
        for (index, time) in &pair.unread.leaves {
            if let Some(leaf) = read(&batch.rows(), LeafAt(pair.theirs.origin, *index))?
                && let Ok(Leaf::AgreementChange { change, .. }) = Leaf::decode(&leaf)
            {
                stated.push((change, *index, *time));
            }
        }
    }
    state.install(id, text, stated);
    batch.run(state, id, |view| Ok(installed(view, ticket, text)))
}

fn installed(view: &View<'_>, ticket: Ticket, text: &Agreement) -> Step {
    let mut step = Step::default();
    let answer = if let Some(why) = view.halted {
        Answer::Unavailable(why.to_owned())
    } else {
        let (agreement, version) = (text.id.clone(), text.digest);
        // Asked again after an answer that was lost, it is in the journal already.
        if !view.pair.journaled.contains(&version) {
            step.journal(view, Entry::Installed { agreement, version, number: text.version });
        }
        Answer::Noted
    };
    step.out.push(Out::Reply(ticket, answer));
    step
}

/// The partner's change: it is followed like every leaf, and one that is none only alarms.
pub(crate) fn follow_change(step: &mut Step, view: &View<'_>, index: u64, signed: &SignedStatement) {
    let partner = view.link.partner;
    match view.pair.next_change(partner, signed) {
        Ok(change) => {
            let what =
                format!("{partner} has stated {} for {}, leaf {index}", change.act.word(), view.link.agreement.id);
            match change.act {
                // Traffic goes on: a line of the log, and no alarm.
                Act::Adopt(_) | Act::Renew(_) | Act::Resume(_) => step.notice(view, &what),
                Act::Suspend | Act::GiveNotice | Act::Terminate | Act::Measure(_) => step.alarm(view, &what),
            }
        }
        Err(fault) => {
            let code = fault.code();
            step.alarm(view, &format!("leaf {index} of {partner} is a change that changes nothing: {code}: {fault}"));
        }
    }
}

/// The least that is to be done now, once the partner has said HELLO: the leaf of an own change, or where nothing may
/// go the withdrawal of one report that has no answer. `None`: nothing, or no room in our log.
pub(crate) fn due(state: &State, id: LinkId, now: u64) -> Option<Due> {
    let pair = state.memory().pair(id)?;
    if !pair.has_room() {
        return None;
    }
    if let Some(signed) = pair.unlogged.first() {
        return Some(Due::Leaf(signed.clone()));
    }
    if pair.unresolved.is_empty() || pair.stands(now) {
        return None;
    }
    let link = state.links.get(id.place())?;
    let stopped = |row: &Outbox| row.stage == Stage::Released && !statement::may_go(link, pair, now, row);
    let released = pair.unresolved.iter().find(|(_, row)| stopped(row));
    released.map(|(index, row)| Due::Withdraw(*index, Box::new(row.clone())))
}

/// See [`due`].
pub(crate) enum Due {
    /// A change of ours that has no leaf yet.
    Leaf(SignedStatement),
    /// A report that must not go on.
    Withdraw(u64, Box<Outbox>),
}

/// Does what is due. FLW-18
pub(crate) fn act(view: &View<'_>, due: Due) -> Step {
    let mut step = Step::default();
    let time = step.leaf_time(view);
    match due {
        Due::Leaf(change) => {
            step.append(view, &Leaf::AgreementChange { time, change });
        }
        Due::Withdraw(index, row) => {
            let (log, maybe) = (view.pair.mine.origin, row.exposed);
            step.append(view, &Leaf::Withdrawn { time, index, maybe });
            step.replace(OutboxAt(log, index), Outbox { stage: Stage::Withdrawn { maybe }, ..*row });
            step.out.push(Out::Stop { link: view.id, log, index });
        }
    }
    step
}
