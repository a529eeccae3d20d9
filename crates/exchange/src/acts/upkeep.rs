//! What a turn does after its inputs: receipts that are owed, queued reports, payloads that fit, anchors.

use crate::{
    acts::{change, inbound, officers, overdue, statement},
    model::{
        ids::{Fetch, LinkId},
        journal::Act,
        limits::{LANE_BYTES, LONG},
        place::{OutboxAt, SubmissionAt},
        rows::{Stage, SubmissionState},
        store::{StoreError, SubmissionId},
    },
    ready::fetch::{Fetched, Found},
    state::State,
    turn::{
        batch::{Batch, Step, View},
        out::{Event, Out},
    },
};
use relto_audit::{commitment::commit_anchor, leaf::Leaf, leaf::Precedence};

/// Milliseconds after which an unanswered leaf of the partner is observed.
pub(crate) const OBSERVE_AFTER: u64 = 60_000;
/// Queued reports taken up in one turn.
const QUEUED_A_TURN: usize = 64;
/// Drafts of one link that are being read and made ready at once.
const DRAFTS: usize = 16;
/// The same for spooled payloads of the partner.
const SPOOLS: usize = 4;

/// After the inputs of a turn, for one link.
pub(crate) fn keep_up(state: &mut State, batch: &mut Batch<'_>, id: LinkId) -> Result<(), StoreError> {
    // FLW-25
    if state.halted.is_some() || state.belief.by().is_none() {
        return Ok(());
    }
    // Before the partner's HELLO nothing is appended to the link's log. FLW-8
    if state.greeted.contains(&id) {
        while let Some(due) = change::due(state, id, batch.now().millis) {
            batch.run(state, id, |view| Ok(change::act(view, due)))?;
        }
        // Under a clock that is not trusted nothing gets a time that others would judge by. FLW-3
        if batch.now().trusted {
            receipts(state, batch, id)?;
            observe(state, batch, id)?;
            // At the tick alone: a turn that something else has caused would tell that it happened. The first of a log
            // stands at its beginning.
            if state.looks || state.memory().pair(id).is_some_and(|pair| pair.anchored == 0) {
                anchor(state, batch, id)?;
            }
        }
    }
    if state.looks {
        overdue::look(state, batch, id)?;
    }
    if state.is_confirmed(id, batch.now().millis) {
        queued(state, batch, id)?;
    }
    expose(state, batch, id)
}

/// Outcomes that need no payload, and payloads that are whole: as many as my log has room for.
fn receipts(state: &mut State, batch: &mut Batch<'_>, id: LinkId) -> Result<(), StoreError> {
    loop {
        let Some(pair) = state.memory().pair(id) else { return Ok(()) };
        if !pair.has_room() {
            return Ok(());
        }
        let owed = |index: &u64| pair.awaited.get(index).is_some_and(|row| row.owed.is_some());
        if let Some(index) = pair.due.iter().copied().find(owed) {
            batch.run(state, id, |view| Ok(inbound::refuse_owed(view, index)))?;
        } else if let Some(index) = next_spool(state, id).filter(|_| pair.into.lacking.is_none()) {
            state.fetching.insert(Fetch::Spool(id, index));
            batch.push(Out::Event(Event::Fetch(Fetch::Spool(id, index))));
        } else {
            return Ok(());
        }
    }
}

/// The payload in the spool that is the next to be read, fastest and oldest first, where a link may read one more.
fn next_spool(state: &State, id: LinkId) -> Option<u64> {
    let pair = state.memory().pair(id)?;
    let is_read = |index: u64| state.fetching.contains(&Fetch::Spool(id, index));
    // Others go on meanwhile. FLW-27
    let is_looked_at = |index: u64| state.looking.contains(&Fetch::Spool(id, index));
    let read: Vec<u64> = pair.due.iter().copied().filter(|index| is_read(*index)).collect();
    // Long ones are read one at a time, elsewhere, and take no place of the others.
    let is_long = |index: &u64| pair.awaited.get(index).is_some_and(|row| row.length > LONG);
    let (long, short): (Vec<u64>, Vec<u64>) = read.into_iter().partition(is_long);
    let room = |index: &u64| if is_long(index) { long.is_empty() } else { short.len() < SPOOLS };
    let rows = pair.due.iter().filter_map(|index| Some((*index, pair.awaited.get(index)?)));
    rows.filter(|(index, row)| row.owed.is_none() && !is_read(*index) && !is_looked_at(*index) && room(index))
        .min_by_key(|(index, row)| (row.precedence.lane(), *index))
        .map(|(index, _)| index)
}

/// What an earlier turn asked for is here.
pub(crate) fn take_fetched(state: &mut State, batch: &mut Batch<'_>, fetched: Fetched) -> Result<(), StoreError> {
    state.fetching.remove(&fetched.asked);
    if state.halted.is_some() {
        return Ok(());
    }
    match (fetched.asked, fetched.found) {
        (Fetch::Spool(id, index), Found::Spool(theirs)) => {
            batch.run(state, id, |view| inbound::take_spooled(view, index, &theirs))
        }
        (Fetch::Draft(id), Found::Draft(drafted)) => {
            let Some(link) = officers::link_of(state, batch, &id) else { return Ok(()) };
            if drafted.own.seen.is_none() {
                state.looking.insert(fetched.asked);
            }
            // Where it waits on for a reason of its own it is asked for again with the next tick, not at once.
            state.deferred.insert(id);
            batch.run(state, link, |view| officers::take_queued(view, id, &drafted))
        }
        (Fetch::Spool(..), Found::Looking) => {
            state.looking.insert(fetched.asked);
            Ok(())
        }
        (Fetch::Spool(id, index), _) => {
            let row = state.memory().pair(id).and_then(|pair| pair.awaited.get(&index));
            // Withdrawn meanwhile is no fault; else it would be asked for for ever.
            match row.is_some_and(|row| row.owed.is_none() && row.spooled == row.length) {
                true => Err(StoreError::Fatal("a piece of a spooled payload is missing")),
                false => Ok(()),
            }
        }
        (Fetch::Draft(id), _) => match batch.peek(SubmissionAt(id)) {
            Some(row) if matches!(row.state, SubmissionState::Queued(_)) => {
                Err(StoreError::Fatal("a queued submission has no draft"))
            }
            _ => Ok(()),
        },
    }
}

/// Attachments were looked at: what waits for that may be asked for again.
pub(crate) fn note_look(state: &mut State, asked: Fetch) -> Result<(), StoreError> {
    state.looking.remove(&asked);
    if let Fetch::Draft(id) = asked {
        state.deferred.remove(&id);
    }
    Ok(())
}

fn queued(state: &mut State, batch: &mut Batch<'_>, id: LinkId) -> Result<(), StoreError> {
    let Some(pair) = state.memory().pair(id) else { return Ok(()) };
    let is_read = |submission: &SubmissionId| state.fetching.contains(&Fetch::Draft(*submission));
    let mut reads = pair.queued.iter().filter(|(_, submission)| is_read(submission)).count();
    let is_looked_at = |submission: &SubmissionId| state.looking.contains(&Fetch::Draft(*submission));
    let is_deferred = |submission: &SubmissionId| state.deferred.contains(submission);
    let waits = |one: &SubmissionId| !is_read(one) && !is_looked_at(one) && !is_deferred(one);
    let next = pair.queued.iter().filter(|(_, submission)| waits(submission)).take(QUEUED_A_TURN);
    let next: Vec<_> = next.copied().collect();
    for (lane, submission) in next {
        if reads >= DRAFTS {
            return Ok(());
        }
        let asked = Fetch::Draft(submission);
        let precedence = Precedence::ALL.get(lane).copied().unwrap_or(Precedence::Routine);
        // Without its draft: a turn reads as few as may go.
        match batch.ask(state, id, |view| officers::waits(view, submission, precedence)).transpose()?.flatten() {
            Some((row, why)) => batch.run(state, id, |_| Ok(officers::still_queued(submission, row, why)))?,
            None => {
                reads += 1;
                state.fetching.insert(asked);
                batch.push(Out::Event(Event::Fetch(asked)));
            }
        }
    }
    Ok(())
}

/// A leaf of the partner that stays unanswered is named by its head all the same, so that its place is on record in
/// both logs while its payload is still on the way. LOG-12
fn observe(state: &mut State, batch: &mut Batch<'_>, id: LinkId) -> Result<(), StoreError> {
    let now = batch.now().millis;
    let waits = state.memory().pair(id).is_some_and(|pair| {
        let oldest = pair.awaited.range(pair.observed..).next();
        oldest.is_some_and(|(_, row)| now.saturating_sub(row.time) >= OBSERVE_AFTER) && pair.has_room()
    });
    if !waits {
        return Ok(());
    }
    batch.run(state, id, |view| {
        let mut step = Step::default();
        let (time, seen) = (step.leaf_time(view), view.pair.theirs.as_head());
        step.append(view, &Leaf::Observed { time, seen });
        Ok(step)
    })
}

/// A salted commitment to the journal's head, on a fixed schedule: its rhythm says nothing. LOG-9
fn anchor(state: &mut State, batch: &mut Batch<'_>, id: LinkId) -> Result<(), StoreError> {
    batch.run(state, id, |view| {
        let mut step = Step::default();
        // At fixed times of the clock, which everybody knows, and no interval after the last one.
        let period = u64::from(view.pair.agreement.anchor_minutes).saturating_mul(60_000).max(1);
        let due = view.now.millis / period > view.pair.anchored / period;
        if due && view.pair.has_room() && view.pair.mine.size() > 0 {
            let journal = view.memory.journal.as_head();
            let salt = view.salt();
            let commitment = commit_anchor(&salt, view.memory.journal.origin, journal.size, &journal.root);
            let time = step.leaf_time(view);
            let index = step.append(view, &Leaf::Anchor { time, commitment });
            step.journal(view, Act::Anchored { log: view.pair.mine.origin, index, size: journal.size, salt });
        }
        Ok(step)
    })
}

/// Moves payloads into the lanes while these are short, fastest first. The exposure is committed before a byte leaves.
fn expose(state: &mut State, batch: &mut Batch<'_>, id: LinkId) -> Result<(), StoreError> {
    let now = batch.now().millis;
    loop {
        take_up(state, id);
        let Some((link, pair, session)) = state.in_session(id) else { return Ok(()) };
        // Where no report may go, none goes into a lane, whether or not there was room yet to withdraw it. FLW-18
        let all = pair.unresolved.is_empty() || pair.stands(now);
        let goes =
            |index: &u64| all || pair.unresolved.get(index).is_some_and(|row| statement::may_go(link, pair, now, row));
        // What was stated under a version whose file is not here may be a stop. FLW-23
        if pair.out.lacking.is_some() || !session.is_ready(pair.theirs.size()) {
            return Ok(());
        }
        let bytes = session.lane_bytes();
        // FLASH and IMMEDIATE do not wait behind full lanes of slower payloads.
        let open = |lane: usize| bytes < if lane <= Precedence::Immediate.lane() { 2 * LANE_BYTES } else { LANE_BYTES };
        let lanes = session.pending.iter_mut().enumerate().filter(|(lane, _)| open(*lane));
        let next = lanes.map(|(_, lane)| lane).find_map(|lane| {
            let index = lane.keys().copied().find(goes)?;
            lane.remove(&index).map(|offset| (index, offset))
        });
        let Some((index, offset)) = next else { return Ok(()) };
        batch.run(state, id, |view| expose_one(view, index, offset))?;
    }
}

/// Reports released in this session that did not go to a lane at once.
fn take_up(state: &mut State, id: LinkId) {
    let Some((_, pair, session)) = state.in_session(id) else { return };
    for (index, row) in pair.unresolved.range(session.taken_up..) {
        if let (Stage::Released, false, Some(lane)) =
            (row.stage, row.exposed, session.pending.get_mut(row.precedence.lane()))
        {
            lane.entry(*index).or_insert(0);
        }
    }
    session.taken_up = pair.mine.size();
}

fn expose_one(view: &View<'_>, index: u64, offset: u64) -> Result<Step, StoreError> {
    let mut step = Step::default();
    let origin = view.pair.mine.origin;
    let (Some(row), Some(session)) = (view.pair.unresolved.get(&index), view.session) else { return Ok(step) };
    if row.stage != Stage::Released {
        return Ok(step);
    }
    if !row.exposed {
        let mut exposed = row.clone();
        exposed.exposed = true;
        step.replace(OutboxAt(origin, index), exposed);
    }
    step.out.push(Out::Body {
        link: view.id,
        session: session.number,
        log: origin,
        index,
        precedence: row.precedence,
        offset,
        length: row.length,
        // Read by the connection when it is the next to be sent: what waits takes no memory.
        payload: None,
    });
    Ok(step)
}
