//! Sessions: was I rolled back, which payloads may go, which are still wanted, are the heads confirmed?

use crate::{
    acts::{belief, recovery},
    input::LinkUp,
    model::{
        head_write::HeadWrite,
        ids::LinkId,
        limits::{LANE_BYTES, LONG},
        place::{CheckpointAt, HeadWriteAt},
        rows::Stage,
        store::StoreError,
    },
    state::{
        State,
        belief::By,
        roots::{holds_my_root, is_on_copy},
        session::Session,
    },
    turn::{
        batch::{Batch, Step, View},
        out::{Event, Out},
    },
    wire::{frame::CHUNK, protocol::ByeCode},
};
use relto_audit::{
    checkpoint::SignedCheckpoint,
    leaf::{Leaf, Precedence},
};
use std::{collections::BTreeMap, sync::Arc};

/// WANTs for one leaf that one session serves: one at its HELLO, and one for each payload that did not open. Each costs
/// the reading of a whole payload.
const MAX_WANTS: u8 = 4;
/// As [`CHUNK`].
const CHUNK_BYTES: u64 = CHUNK as u64;

/// Heads are confirmed once the partner's hello showed no larger head of mine and its own head is followed.
pub(crate) fn confirm(state: &mut State, link: LinkId, now: u64) {
    let followed = state.memory().pair(link).map_or(0, |pair| pair.theirs.size());
    if let Some(session) = state.sessions.get_mut(&link) {
        session.seen = now;
        if followed >= session.target {
            state.confirmed.insert(link, now);
        }
    }
}

/// The session's HELLO is proven: was I rolled back? Which payloads go, which are still wanted?
pub(crate) fn up(state: &mut State, batch: &mut Batch<'_>, link: LinkId, up: LinkUp) -> Result<(), StoreError> {
    let close = |batch: &mut Batch<'_>, code| batch.push(Out::Close { link, session: up.session, code });
    let Some(pair) = state.memory().pair(link) else { return Ok(()) };
    if state.sessions.get(&link).is_some_and(|session| session.number > up.session) {
        close(batch, ByeCode::Done);
        return Ok(());
    }
    let (size, held) = (pair.mine.size(), up.holds.as_ref().map_or(0, |head| head.checkpoint().size));
    // A partner that holds a larger head of mine, or another root of mine, knows a log that this store does not. FLW-8
    let known = holds_my_root(&batch.rows(), pair, up.holds.as_ref())?;
    if held > size || !known {
        let why = format!("the partner holds size {held} of my log and this store has {size}: it was rolled back");
        batch.push(Out::Event(Event::Alarm(why.clone())));
        recovery::note_shown(state, link, held);
        state.halt(&why);
        close(batch, ByeCode::RolledBack);
        return Ok(());
    }
    if state.halted.is_some() {
        recovery::note_shown(state, link, held);
        close(batch, ByeCode::RolledBack);
        return Ok(());
    }
    let skew = i64::from(pair.agreement.clock_skew_seconds) * 1000;
    let (skewed, partner) = (up.clock_difference.abs() > skew, pair.partner);
    // FLW-26: until its next HELLO says otherwise
    if skewed {
        state.skewed.insert(link);
    } else {
        state.skewed.remove(&link);
    }
    if state.belief.by().is_none() {
        // FLW-25: two clocks that agree are believed; of two that do not, nobody here knows which is wrong.
        if skewed {
            close(batch, ByeCode::Done);
            return Ok(());
        }
        belief::believe(state, batch, By::Partner(partner))?;
    }
    let Some(pair) = state.memory().pair(link) else { return Ok(()) };
    // A head of the partner's log that is not on the copy we followed: two heads that its key signed cannot both stand.
    if !is_on_copy(&batch.rows(), pair, up.head.as_ref())? {
        let what = format!("the head in the HELLO of {} is not on the copy of its log: its log was forked", link.0);
        close(batch, ByeCode::BadCheckpoint);
        return batch.run(state, link, |view| {
            let mut step = Step::default();
            step.alarm(view, &what);
            Ok(step)
        });
    }
    let mut pending: [BTreeMap<u64, u64>; 4] = Default::default();
    for (index, row) in pair.unresolved.range(held..) {
        if let (Stage::Released, Some(lane)) = (row.stage, pending.get_mut(row.precedence.lane())) {
            lane.insert(*index, 0);
        }
    }
    // WANT for what was awaited at our hello; what was sent since is pushed. LNK-24
    for (index, row) in pair.awaited.range(..up.held).filter(|(_, row)| row.owed.is_none() && row.spooled < row.length)
    {
        let out = Out::Want { link, session: up.session, log: pair.theirs.origin, index: *index, offset: row.spooled };
        batch.push(out);
    }
    let target = up.head.as_ref().map_or(0, |head| head.checkpoint().size);
    let (taken_up, seen) = (size, batch.now().millis);
    let mut session = Session::new(up.session, up.load);
    (session.target, session.skewed, session.seen) = (target, skewed, seen);
    (session.pending, session.taken_up) = (pending, taken_up);
    // What was sealed while this connection had no session went past it: it reads the store up to here.
    batch.push(Out::Reach { link, session: up.session, log: pair.mine.origin, size });
    state.sessions.insert(link, session);
    state.greeted.insert(link);
    confirm(state, link, batch.now().millis);
    Ok(())
}

/// The partner's key signed a head that its own leaves do not lead to. LOG-8
pub(crate) fn mismatch(view: &View<'_>, what: &str) -> Step {
    let mut step = Step::default();
    step.alarm(
        view,
        &format!("the log of the partner of link {} does not lead to the head it signed: {what}", view.id.0),
    );
    step
}

/// Ends the current session of a link.
pub(crate) fn end(state: &mut State, batch: &mut Batch<'_>, link: LinkId, code: ByeCode) -> Result<(), StoreError> {
    if let Some(session) = state.sessions.remove(&link) {
        batch.push(Out::Close { link, session: session.number, code });
    }
    Ok(())
}

/// Whether these leaves lead from the copy of the partner's log to this checkpoint.
pub(crate) fn leads_to(state: &State, link: LinkId, leaves: &[(Vec<u8>, Leaf)], checkpoint: &SignedCheckpoint) -> bool {
    let Some(pair) = state.memory().pair(link) else { return false };
    let mut frontier = pair.theirs.frontier.clone();
    for (bytes, _) in leaves {
        frontier.push(bytes);
    }
    let head = checkpoint.checkpoint();
    frontier.size() == head.size && frontier.root() == head.root
}

/// A WANT for a withdrawn, resolved or unknown leaf is ignored. LNK-23
pub(crate) fn want(state: &mut State, link: LinkId, index: u64, offset: u64) {
    let Some(row) = state.memory().pair(link).and_then(|pair| pair.unresolved.get(&index)) else { return };
    // LNK-26: what was written in whole chunks goes on at a chunk
    let whole = offset.is_multiple_of(CHUNK_BYTES);
    let (lane, wanted) = (row.precedence.lane(), row.stage == Stage::Released && offset < row.length && whole);
    let Some(session) = state.sessions.get_mut(&link).filter(|_| wanted) else { return };
    let served = session.wanted.entry(index).or_insert(0);
    if *served >= MAX_WANTS {
        return;
    }
    *served += 1;
    if let Some(lane) = session.pending.get_mut(lane) {
        lane.insert(index, offset);
    }
}

/// S5 is done: the checkpoint is in the head file, and is kept for ever.
pub(crate) fn keep_checkpoint(
    state: &mut State,
    batch: &mut Batch<'_>,
    checkpoint: &SignedCheckpoint,
) -> Result<(), StoreError> {
    let log = checkpoint.checkpoint().origin;
    state.opened.insert(log, checkpoint.clone());
    batch.run_national(state, |view| {
        let mut step = Step::default();
        let kept = view.memory.logs().find(|one| one.origin == log).map(|one| one.sealed());
        if kept.is_some_and(|kept| checkpoint.checkpoint().size > kept) {
            step.insert(CheckpointAt(log, checkpoint.checkpoint().size), checkpoint.as_bytes().to_vec());
        }
        Ok(step)
    })
}

/// The database names the newest write of the head file. HED-6
pub(crate) fn keep_head_write(state: &mut State, batch: &mut Batch<'_>, write: HeadWrite) -> Result<(), StoreError> {
    batch.run_national(state, |view| {
        let mut step = Step::default();
        let named = write.to_bytes();
        match view.memory.head_write {
            None => step.insert(HeadWriteAt(), named),
            Some(old) if old.number < write.number => step.replace(HeadWriteAt(), named),
            Some(_) => {}
        }
        Ok(step)
    })
}

/// S6 for the usual case: linked, nothing waits, and the lanes are short. The exposure is part of this commit.
pub(crate) fn expose_at_once(
    step: &mut Step,
    view: &View<'_>,
    index: u64,
    precedence: Precedence,
    (length, payload): (u64, &Arc<Vec<u8>>),
) -> bool {
    let Some(session) = view.session.filter(|session| session.is_ready(view.pair.theirs.size())) else { return false };
    if session.lane_bytes() >= LANE_BYTES || session.pending.iter().any(|lane| !lane.is_empty()) {
        return false;
    }
    step.out.push(Out::Body {
        link: view.id,
        session: session.number,
        log: view.pair.mine.origin,
        index,
        precedence,
        offset: 0,
        length,
        // A long one is read by the connection when it is the next to be sent.
        payload: (length <= LONG).then(|| payload.clone()),
    });
    true
}
