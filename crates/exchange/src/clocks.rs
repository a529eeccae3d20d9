//! Clocks that an agreement sets and no decision rests on: whoever is late is told of, once a start of the node. FLW-21

use crate::{
    batch::{Batch, Step},
    emergency::incident,
    exchange::Exchange,
    input::LinkId,
    memory::Pair,
    rows::Stage,
    store::{StoreError, SubmissionId},
};
use relto_audit::leaf::Precedence;

/// What somebody is late with.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Late {
    /// Officers, with a held report.
    Officers(SubmissionId),
    /// A queued report.
    Queue(SubmissionId),
    /// The partner, with its receipt for a leaf of ours.
    Receipt(LinkId, u64),
    /// An office of the partner, with its acknowledgement of a report of ours.
    Acknowledgement(LinkId, u64),
    /// A second officer, with the confirmation of a release in an emergency.
    Confirmation(LinkId, u64),
}

/// Tells of everything that has become late since the last look.
pub(crate) fn look(exchange: &mut Exchange, batch: &mut Batch<'_>, id: LinkId) -> Result<(), StoreError> {
    let Some(pair) = exchange.memory.pair(id) else { return Ok(()) };
    let mut found = late(pair, id, batch.now().millis);
    found.retain(|(late, _)| !exchange.told_late.contains(late));
    let silent = pair.silent(batch.now().millis);
    let silent: Vec<u64> = silent.filter(|at| !exchange.told_late.contains(&Late::Acknowledgement(id, *at))).collect();
    // One word for all: a partner who never acknowledges would fill the journal.
    let first = silent.first().map(|first| {
        let what = format!(
            "{} reports have no acknowledgement in the time of their precedence; the first is leaf {first}",
            silent.len()
        );
        (Late::Acknowledgement(id, *first), what)
    });
    exchange.told_late.extend(silent.into_iter().map(|at| Late::Acknowledgement(id, at)));
    for (late, what) in found.into_iter().chain(first) {
        exchange.told_late.insert(late);
        batch.run(exchange, id, |view| {
            let mut step = Step::default();
            step.alarm(view, &what);
            Ok(step)
        })?;
    }
    Ok(())
}

impl Pair {
    /// Admitted reports that nobody acknowledged in the time of their precedence.
    fn silent(&self, now: u64) -> impl Iterator<Item = u64> + '_ {
        let over = move |since: u64, precedence: Precedence| {
            let handling = self.agreement.precedence.get(precedence.word());
            handling.is_some_and(|one| now > since.saturating_add(u64::from(one.acknowledge).saturating_mul(60_000)))
        };
        let late = self.unacknowledged.iter().filter(move |(_, (since, precedence))| over(*since, *precedence));
        late.map(|(index, _)| *index)
    }
}

fn late(pair: &Pair, id: LinkId, now: u64) -> Vec<(Late, String)> {
    let minutes = |precedence: Precedence| {
        let handling = pair.agreement.precedence.get(precedence.word());
        handling.map_or(u64::MAX, |handling| u64::from(handling.deliver))
    };
    let over = |since: u64, precedence| now > since.saturating_add(minutes(precedence).saturating_mul(60_000));
    let mut out = Vec::new();
    for (id, one) in pair.waiting.iter().filter(|(_, one)| over(one.time, one.precedence)) {
        let (word, limit) = (one.precedence.word(), minutes(one.precedence));
        let (late, whom) =
            if one.officers { (Late::Officers(*id), "for officers") } else { (Late::Queue(*id), "to go") };
        out.push((late, format!("{} waits {whom} for more than {limit} minutes, and is {word}", one.serial)));
    }
    for (index, row) in &pair.unresolved {
        if row.statement.is_none() && row.stage == Stage::Released && over(row.time, row.precedence) {
            let (word, limit) = (row.precedence.word(), minutes(row.precedence));
            let what = format!("the partner has no receipt for leaf {index} after {limit} minutes, and it is {word}");
            out.push((Late::Receipt(id, *index), what));
        }
    }
    for (index, owed) in pair.unconfirmed.iter().filter(|(_, owed)| now > owed.by) {
        let what = incident(&owed.serial, *index, "no second officer confirmed it in time");
        out.push((Late::Confirmation(id, *index), what));
    }
    out
}
