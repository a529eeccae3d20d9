//! Clocks that an agreement sets and no decision rests on: whoever is late is told of, once per start of the node. FLW-21

use crate::{
    acts::emergency::incident,
    model::{
        ids::{LinkId, Now},
        rows::Stage,
        store::StoreError,
    },
    state::{State, late::Overdue, pair::Pair},
    turn::batch::{Batch, Step},
};
use relto_audit::leaf::{Leaf, Precedence};
use relto_policy::agreement::Handling;
use relto_report::calendar::Timestamp;
use std::collections::BTreeSet;

/// Milliseconds ahead of our clock from which on a leaf is not followed: a day.
const ABSURD: u64 = 24 * 3_600_000;

/// Whether a leaf of this time is followed at all, by a clock that may be believed. FLW-26
pub(crate) const fn is_absurd(now: Now, time: u64) -> bool {
    now.trusted && time > now.millis.saturating_add(ABSURD)
}

/// Whether one of these leaves is of a time that has not come: it would stand before that of every leaf to come, ours and
/// theirs. It is told of, and followed when that time is near.
///
/// # Errors
/// [`StoreError`] when the store cannot be read.
pub(crate) fn refuses(
    state: &mut State,
    batch: &mut Batch<'_>,
    link: LinkId,
    leaves: &[(Vec<u8>, Leaf)],
) -> Result<bool, StoreError> {
    let now = batch.now();
    let Some(time) = leaves.iter().filter_map(|(_, leaf)| leaf.time()).find(|time| is_absurd(now, *time)) else {
        return Ok(false);
    };
    absurd(state, batch, link, time)?;
    Ok(true)
}

/// Tells of such a leaf, once per start: it comes again with each session.
pub(crate) fn absurd(state: &mut State, batch: &mut Batch<'_>, link: LinkId, time: u64) -> Result<(), StoreError> {
    if !state.told_late.insert(Overdue::Absurd(link, time)) {
        return Ok(());
    }
    let when = Timestamp::from_millis(time);
    let what =
        format!("a leaf of the partner of link {} says {when}, more than a day from now: it is not followed", link.0);
    batch.run(state, link, |view| {
        let mut step = Step::default();
        step.alarm(view, &what);
        Ok(step)
    })
}

/// Tells of everything that has become late since the last look.
pub(crate) fn look(state: &mut State, batch: &mut Batch<'_>, id: LinkId) -> Result<(), StoreError> {
    let Some(pair) = state.memory().pair(id) else { return Ok(()) };
    let now = batch.now().millis;
    let mut found = late(pair, id, now, &state.told_late);
    let silent = silent(pair, id, now, &state.told_late);
    // One word for all: a partner who never acknowledges would fill the journal.
    found.extend(silent.first().map(|(late, at)| {
        let count = silent.len();
        let what = "reports have no acknowledgement in the time of their precedence; the first is leaf";
        (*late, format!("{count} {what} {at}"))
    }));
    state.told_late.extend(silent.into_iter().map(|(late, _)| late));
    for (late, what) in found {
        state.told_late.insert(late);
        batch.run(state, id, |view| {
            let mut step = Step::default();
            step.alarm(view, &what);
            Ok(step)
        })?;
    }
    Ok(())
}

/// Minutes that the agreement gives a precedence, where they are over since a moment.
fn over(pair: &Pair, now: u64, since: u64, precedence: Precedence, clock: fn(&Handling) -> u32) -> Option<u32> {
    let minutes = clock(pair.agreement.precedence.get(precedence.word())?);
    (now > since.saturating_add(u64::from(minutes).saturating_mul(60_000))).then_some(minutes)
}

/// Admitted reports that nobody acknowledged in the time of their precedence, by leaf.
fn silent(pair: &Pair, id: LinkId, now: u64, told: &BTreeSet<Overdue>) -> Vec<(Overdue, u64)> {
    let late = pair.unacknowledged.iter().filter(|(_, (since, precedence))| {
        over(pair, now, *since, *precedence, |handling| handling.acknowledge).is_some()
    });
    let late = late.map(|(index, _)| (Overdue::Acknowledgement(id, *index), *index));
    late.filter(|(late, _)| !told.contains(late)).collect()
}

/// Everything else that is late and was not told, with what is said of it.
fn late(pair: &Pair, id: LinkId, now: u64, told: &BTreeSet<Overdue>) -> Vec<(Overdue, String)> {
    let deliver = |since, precedence| over(pair, now, since, precedence, |handling| handling.deliver);
    let mut out = Vec::new();
    for (id, one) in &pair.waiting {
        let (late, whom) =
            if one.officers { (Overdue::Officers(*id), "for officers") } else { (Overdue::Queue(*id), "to go") };
        if let Some(limit) = deliver(one.time, one.precedence).filter(|_| !told.contains(&late)) {
            let word = one.precedence.word();
            out.push((late, format!("{} waits {whom} for more than {limit} minutes, and is {word}", one.serial)));
        }
    }
    let sent = pair.unresolved.iter().filter(|(_, row)| row.statement.is_none() && row.stage == Stage::Released);
    for (index, row) in sent {
        let late = Overdue::Receipt(id, *index);
        if let Some(limit) = deliver(row.time, row.precedence).filter(|_| !told.contains(&late)) {
            let word = row.precedence.word();
            let what = format!("the partner has no receipt for leaf {index} after {limit} minutes, and it is {word}");
            out.push((late, what));
        }
    }
    for (index, owed) in pair.unconfirmed.iter().filter(|(_, owed)| now > owed.by) {
        let late = Overdue::Confirmation(id, *index);
        if !told.contains(&late) {
            out.push((late, incident(&owed.serial, *index, "no second officer confirmed it in time")));
        }
    }
    out
}
