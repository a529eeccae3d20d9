//! The whole story, both sides, numbered as the design numbers it.
//!
//! ```text
//! submit   S1 decoded, signed, known id?     S2 policy::check     S3 refused: journal, explain; held or queued: wait
//!          S4 COMMIT leaf + payload + outbox + detail; answer     S5 seal, head file     S6 LEAVES, then the payload
//! follow   F1 next index, root, key (connection)             F2 COMMIT leaves + checkpoint + effects
//! payload  R1 awaited, in order     R2 opens the commitment?      R3 decodes?      R4 policy::check inbound
//!          R5 COMMIT payload + Outcome leaf + inbox + journal     R6 seal; only now readable; the Outcome is the receipt
//! resume   HELLO; LEAVES from the size the other side holds; WANT for what was awaited
//! ```
//! Each step reads a [`View`] and gives a [`Step`]: writes, and what may be let out once they are on the disk.

use crate::{
    acts::{
        admit, belief, change, inbound, keep, officers, overdue, recovery, session, start, statement, submit, upkeep,
        upload,
    },
    input::Input,
    model::{
        ids::LinkId,
        place::CheckpointAt,
        store::{Key, StoreError},
    },
    state::State,
    turn::{
        batch::{Batch, Step, View},
        out::{Answer, Event},
    },
    wire::protocol::ByeCode,
};
use relto_audit::{checkpoint::SignedCheckpoint, leaf::Leaf};

/// The rows that a step of this input will ask for: one read for the whole batch.
pub(crate) fn needs(input: &Input) -> Option<Key> {
    match input {
        Input::Submit(submit) => Some(Key::Submission(submit.id)),
        Input::Statement(stated) => Some(Key::Submission(stated.id)),
        Input::Approve { id, .. } | Input::Decline { id, .. } => Some(Key::Submission(*id)),
        Input::Fetched(fetched) => fetched.submission().map(Key::Submission),
        Input::Up(..)
        | Input::Uploaded(_)
        | Input::Down(..)
        | Input::Change { .. }
        | Input::Install { .. }
        | Input::Mismatch(..)
        | Input::Leaves { .. }
        | Input::Payload(..)
        | Input::Want { .. }
        | Input::Sealed(_)
        | Input::Wrote(_)
        | Input::Opened { .. }
        | Input::Looked(_)
        | Input::Disbelieved(_)
        | Input::Started
        | Input::Believed(_)
        | Input::ClockWord { .. }
        | Input::Recovery(..)
        | Input::Tick => None,
    }
}

/// One input, as one or more steps. What a session brings that is no longer the current one is dropped.
pub(crate) fn input(state: &mut State, batch: &mut Batch<'_>, input: Input) -> Result<(), StoreError> {
    if input.session().is_some_and(|(link, number)| !is_current(state, link, number)) {
        return Ok(());
    }
    match input {
        Input::Uploaded(part) => batch.run_national(state, |view| upload::take(view, &part)),
        Input::Submit(input) => batch.run(state, input.link, |view| submit::submit(view, *input)),
        Input::Statement(stated) => batch.run(state, stated.link, |view| statement::make(view, &stated)),
        Input::Approve { ticket, id, approval, drafted } => match officers::link_of(state, batch, &id) {
            Some(link) => batch.run(state, link, |view| officers::approve(view, ticket, id, approval, &drafted)),
            None => batch.answer(ticket, Answer::NotFound),
        },
        Input::Decline { ticket, id, officer, reason } => match officers::link_of(state, batch, &id) {
            Some(link) => batch.run(state, link, |view| officers::decline(view, ticket, id, officer, reason)),
            None => batch.answer(ticket, Answer::NotFound),
        },
        Input::Opened { ticket, account, link, index, decided } => {
            batch.run(state, link, |view| officers::register_opening(view, ticket, account, index, decided))
        }
        Input::Up(link, up) => session::up(state, batch, link, up),
        Input::Down(link, number) => {
            if state.sessions.get(&link).is_some_and(|session| session.number == number) {
                state.sessions.remove(&link);
            }
            Ok(())
        }
        Input::Leaves { link, first, leaves, checkpoint, .. } => follow(state, batch, link, first, leaves, &checkpoint),
        Input::Change { ticket, link, change } => {
            batch.run(state, link, |view| Ok(change::change(view, ticket, change)))
        }
        Input::Install { ticket, link, text } => change::install(state, batch, (ticket, link), &text),
        Input::Mismatch(link, _, what) => batch.run(state, link, |view| Ok(session::mismatch(view, &what))),
        Input::Payload(link, _, piece) => batch.run(state, link, |view| inbound::payload(view, *piece)),
        Input::Want { link, index, offset, .. } => {
            session::want(state, link, index, offset);
            Ok(())
        }
        Input::Fetched(fetched) => upkeep::take_fetched(state, batch, *fetched),
        Input::Looked(asked) => upkeep::note_look(state, asked),
        Input::Sealed(checkpoint) => session::keep_checkpoint(state, batch, &checkpoint),
        Input::Wrote(write) => session::keep_head_write(state, batch, write),
        Input::Started => start::started(state, batch),
        Input::Disbelieved(why) => keep::disbelieve(state, batch, why),
        Input::Believed(by) => belief::believe(state, batch, by),
        Input::ClockWord { ticket, voice, word } => belief::word(state, batch, (ticket, voice), word),
        Input::Recovery(ticket, asks) => recovery::asks(state, batch, ticket, asks),
        Input::Tick => Ok(()),
    }
}

fn is_current(state: &State, link: LinkId, number: u64) -> bool {
    state.halted.is_none()
        && state.belief.by().is_some()
        && state.sessions.get(&link).is_some_and(|session| session.number == number)
}

/// An operator's act: index 0 of our log. LOG-2
pub(crate) fn genesis(view: &View<'_>) -> Step {
    let mut step = Step::default();
    if view.pair.mine.size() == 0 {
        step.append(view, &Leaf::genesis(&view.link.agreement.id, view.link.own, 0));
    }
    step
}

/// F2: every leaf of a frame, one step each, then the checkpoint that covers them.
fn follow(
    state: &mut State,
    batch: &mut Batch<'_>,
    link: LinkId,
    first: u64,
    leaves: Vec<(Vec<u8>, Leaf)>,
    checkpoint: &SignedCheckpoint,
) -> Result<(), StoreError> {
    let size = state.memory().pair(link).map_or(0, |pair| pair.theirs.size());
    // Each connection followed its own copy; the writer's is the one that counts, and a second connection's leaves may
    // have come first. A session that does not follow it is over at once, whatever else it has sent.
    if first != size {
        return session::end(state, batch, link, ByeCode::OutOfOrder);
    }
    if !session::leads_to(state, link, &leaves, checkpoint) {
        return session::end(state, batch, link, ByeCode::BadCheckpoint);
    }
    if overdue::refuses(state, batch, link, &leaves)? {
        return session::end(state, batch, link, ByeCode::BadLeaf);
    }
    // What no honest partner's log has is not even kept.
    if let Err(refusal) = admit::look(state, link, first, &leaves, batch.now().millis) {
        return admit::refuse(state, batch, link, refusal);
    }
    let empty = leaves.is_empty();
    for (index, (bytes, leaf)) in (first..).zip(leaves) {
        batch.run(state, link, |view| inbound::follow(view, index, bytes, &leaf))?;
    }
    if !empty {
        batch.run(state, link, |view| {
            let mut step = Step::default();
            let head = view.pair.theirs.as_head();
            step.insert(CheckpointAt(view.pair.theirs.origin, head.size), checkpoint.as_bytes().to_vec());
            step.event(Event::Followed { link, head });
            Ok(step)
        })?;
    }
    state.opened.insert(checkpoint.checkpoint().origin, checkpoint.clone());
    session::confirm(state, link, batch.now().millis);
    Ok(())
}
