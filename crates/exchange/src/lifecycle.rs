//! The agreement's life: what both nations' signers have stated, what stops when it stops, and who could have known.

use crate::{
    batch::{Step, View},
    exchange::Exchange,
    input::{Answer, LinkId, Out, Ticket},
    journal::Act as Entry,
    memory::Pair,
    rows::{Outbox, Stage},
    statement,
    store::{Key, Row},
};
use relto_audit::leaf::{Leaf, SignedStatement};
use relto_policy::{
    change::{Change, ChangeFault, OnRecord, Record},
    state::{Standing, StateView},
};
use relto_report::{calendar::Timestamp, nation::Nation};

impl Pair {
    /// How the agreement stands by both logs.
    pub(crate) fn state(&self) -> StateView {
        self.changes.state(&self.agreement.life)
    }

    /// Whether reports may go at this moment.
    pub(crate) fn stands(&self, millis: u64) -> bool {
        let now = Timestamp::from_millis(millis);
        self.state().standing(&self.agreement.life, now) == Standing::InForce
    }

    /// The next change of a nation, if this is one: signed by its quorum, and following its last. FLW-17
    fn next_change(&self, nation: Nation, signed: &SignedStatement) -> Result<Change, ChangeFault> {
        let list = if nation == self.own { &self.changes.ours } else { &self.changes.partners };
        // Its place first, which costs nothing: signatures are checked of what can be the next one alone.
        let read = Change::read("statement", &signed.statement)?;
        if read.version == self.agreement.digest && read.nation == nation {
            Record::follows(list, &read)?;
        }
        let change = Change::verify(&signed.statement, &signed.signatures, &self.agreement, nation)?;
        Record::follows(list, &change).map(|()| change)
    }

    /// Folds a change into the record: an own one when the journal has it, and again when its leaf gives it a place.
    /// What is no next change changes nothing.
    pub(crate) fn take_change(&mut self, nation: Nation, time: u64, index: Option<u64>, signed: &SignedStatement) {
        let time = Timestamp::from_millis(time);
        let next = self.next_change(nation, signed);
        let list = if nation == self.own { &mut self.changes.ours } else { &mut self.changes.partners };
        // One that has its leaf already is no next one, and changes nothing.
        let mut waiting = list.iter_mut().filter(|one| one.index.is_none());
        if let Some(known) = waiting.find(|one| one.change.write().as_bytes() == signed.statement.as_slice()) {
            (known.index, known.time) = (index, time);
            self.unlogged.retain(|one| one != signed);
            return;
        }
        let Ok(change) = next else { return };
        list.push(OnRecord { change, time, index });
        if index.is_none() {
            self.unlogged.push(signed.clone());
        }
    }
}

/// A change that our signers have signed: on record and acting at once. Its leaf follows as soon as our log may grow.
pub(crate) fn change(view: &View<'_>, ticket: Ticket, signed: SignedStatement) -> Step {
    let mut step = Step::default();
    let answer = match (view.halted, view.pair.next_change(view.link.own, &signed)) {
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

/// The partner's change: it is followed like every leaf, and one that is none only alarms.
pub(crate) fn followed(step: &mut Step, view: &View<'_>, index: u64, signed: &SignedStatement) {
    let partner = view.link.partner;
    let what = match view.pair.next_change(partner, signed) {
        Ok(change) => {
            format!("{partner} has stated {} for {}, leaf {index}", change.act.word(), view.link.agreement.id)
        }
        Err(fault) => format!("leaf {index} of {partner} is a change that changes nothing: {}: {fault}", fault.code()),
    };
    step.alarm(view, &what);
}

/// The least that is to be done now, once the partner has said HELLO: the leaf of an own change, or where nothing may
/// go the withdrawal of one report that has no answer. `None`: nothing, or no room in our log.
pub(crate) fn due(exchange: &Exchange, id: LinkId, now: u64) -> Option<Due> {
    let pair = exchange.memory.pair(id)?;
    if !pair.has_room() {
        return None;
    }
    if let Some(signed) = pair.unlogged.first() {
        return Some(Due::Leaf(signed.clone()));
    }
    if pair.unresolved.is_empty() || pair.stands(now) {
        return None;
    }
    let link = exchange.links.get(usize::from(id.0))?;
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
            step.replace(Key::Outbox(log, index), Row::Outbox(Outbox { stage: Stage::Withdrawn { maybe }, ..*row }));
            step.out.push(Out::Stop { link: view.id, log, index });
        }
    }
    step
}

/// Whether a report of the partner crossed a stop on its way: by all that the partner had appended or followed when it
/// wrote the leaf, it could release, and by what is known here now it could not. FLW-19
pub(crate) fn crossed(view: &View<'_>, index: u64, seen: u64, released: Timestamp) -> bool {
    let (pair, life) = (view.pair, &view.pair.agreement.life);
    let now = Timestamp::from_millis(view.now.millis);
    let stands = |state: StateView| {
        let standing = state.standing(life, released).max(state.standing(life, now));
        standing == Standing::InForce
    };
    // Where the clock alone ended it, what the partner knew does not stand now either, and nothing crossed.
    stands(pair.changes.as_of(seen, index).state(life)) && !stands(pair.state())
}
