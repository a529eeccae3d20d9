//! The agreement's life: what both nations' signers have stated, what stops when it stops, and who could have known.

use crate::{
    batch::{Batch, Step, View},
    exchange::Exchange,
    input::{Answer, LinkId, Out, Ticket},
    journal::Act as Entry,
    memory::Pair,
    rows::{Outbox, Stage},
    statement,
    store::{Key, Row, StoreError, one},
};
use relto_audit::leaf::{Leaf, SignedStatement};
use relto_policy::{
    agreement::Agreement,
    change::{Act, Bound, Change, ChangeFault, OnRecord, Record, Text, Versions},
    state::Standing,
};
use relto_report::{calendar::Timestamp, nation::Nation};
use std::sync::Arc;

impl Pair {
    /// Whether reports of ours may go at this moment.
    pub(crate) fn stands(&self, millis: u64) -> bool {
        is_in_force(&self.out, Timestamp::from_millis(millis))
    }

    /// The changes of a nation that are on record.
    fn of(&self, nation: Nation) -> &[OnRecord] {
        if nation == self.own { &self.changes.ours } else { &self.changes.partners }
    }

    /// The next change of a nation, if this is one. FLW-17
    fn next_change(&self, nation: Nation, signed: &SignedStatement) -> Result<Change, ChangeFault> {
        next_of(self.of(nation), &self.versions, nation, signed)
    }

    /// Whether it begins as a next change does: what does not costs a start no reading. LNK-35
    fn may_be_next(&self, nation: Nation, signed: &SignedStatement) -> bool {
        let list = self.of(nation);
        let version = Record::newest(list, &self.versions);
        if self.versions.get(&version).is_none() {
            return true;
        }
        let last = list.last().map(|one| &one.change);
        let wanted = Change::beginning(&self.agreement.id, version, nation, last);
        signed.statement.starts_with(wanted.as_bytes())
    }

    /// Folds a change into the record: an own one when the journal has it, and again when its leaf gives it a place.
    /// What is no next change changes nothing.
    pub(crate) fn take_change(&mut self, nation: Nation, time: u64, index: Option<u64>, signed: &SignedStatement) {
        let at = Timestamp::from_millis(time);
        let list = if nation == self.own { &mut self.changes.ours } else { &mut self.changes.partners };
        // One that has its leaf already is no next one, and changes nothing.
        let mut waiting = list.iter_mut().filter(|one| one.index.is_none());
        if let Some(known) = waiting.find(|one| one.change.write().as_bytes() == signed.statement.as_slice()) {
            (known.index, known.time) = (index, at);
            self.unlogged.retain(|one| one != signed);
            self.stale = true;
            return;
        }
        if !self.may_be_next(nation, signed) {
            return;
        }
        match (self.next_change(nation, signed), index) {
            (Ok(change), _) => {
                let list = if nation == self.own { &mut self.changes.ours } else { &mut self.changes.partners };
                list.push(OnRecord { change, time: at, index });
                self.stale = true;
                if index.is_none() {
                    self.unlogged.push(signed.clone());
                }
            }
            (Err(ChangeFault::NotInstalled { .. }), Some(index)) if nation == self.partner => {
                self.unread.take(&self.changes.partners, (&self.agreement.id, nation), signed, (index, time));
            }
            (Err(_), _) => {}
        }
    }

    /// What all that was stated comes to.
    pub(crate) fn rebind(&mut self) {
        self.stale = false;
        self.agreement = self.changes.in_force(&self.versions).clone();
        self.state = self.changes.state(&self.agreement);
        self.out = Arc::new(self.changes.bound(&self.versions, self.own));
        self.into = Arc::new(self.changes.bound(&self.versions, self.partner));
    }

    /// A version that this node had or has adopted, and whose file is not here any more: it may not start.
    pub(crate) fn missing(&self) -> bool {
        let newest = Record::newest(&self.changes.ours, &self.versions);
        self.journaled.iter().chain([&newest]).any(|version| self.versions.get(version).is_none())
    }

    /// What bound the partner when it wrote the leaf at `index` under our head of size `seen`: by all that it had then
    /// appended and followed. FLW-23, FLW-24
    pub(crate) fn bound_then(&self, index: u64, seen: u64) -> Arc<Bound> {
        let below =
            |list: &[OnRecord], size: u64| list.last().is_none_or(|one| one.index.is_some_and(|index| index < size));
        if below(&self.changes.ours, seen) && below(&self.changes.partners, index) {
            return self.into.clone();
        }
        Arc::new(self.changes.as_of(seen, index).bound(&self.versions, self.partner))
    }
}

/// The next change of a nation, if this is one: signed by its quorum, following its last in `list`, and in its turn.
pub(crate) fn next_of(
    list: &[OnRecord],
    versions: &Versions,
    nation: Nation,
    signed: &SignedStatement,
) -> Result<Change, ChangeFault> {
    let version = Record::newest(list, versions);
    let Some(agreement) = versions.get(&version) else { return Err(ChangeFault::NotInstalled { version }) };
    // Its place first, which costs nothing: signatures are checked of what can be the next one alone.
    let read = Change::read("statement", &signed.statement)?;
    if read.version == version && read.nation == nation {
        Record::follows(list, &read)?;
    }
    let change = Change::verify(&signed.statement, &signed.signatures, agreement, nation)?;
    Record::follows(list, &change)?;
    Record::in_turn(list, &change, agreement).map(|()| change)
}

/// Whether reports may go under what was in force.
fn is_in_force(bound: &Bound, at: Timestamp) -> bool {
    let Text { agreement, state } = &bound.in_force;
    state.standing(&agreement.life, at) == Standing::InForce
}

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
    exchange: &mut Exchange,
    batch: &mut Batch<'_>,
    (ticket, id): (Ticket, LinkId),
    text: &Arc<Agreement>,
) -> Result<(), StoreError> {
    let at = usize::from(id.0);
    if let (Some(link), Some(pair)) = (exchange.links.get_mut(at), exchange.memory.pairs.get_mut(at)) {
        if link.later.iter().all(|known| known.digest != text.digest) {
            link.later.push(text.clone());
        }
        pair.versions.install(text.clone());
        // What the partner stated under it before the file was here, as its log has it.
        pair.refused = None;
        for (index, time) in std::mem::take(&mut pair.unread).leaves {
            let stored = one(&batch.logs(), &Key::Leaf(pair.theirs.origin, index))?;
            if let Some(Row::Bytes(leaf)) = stored
                && let Ok(Leaf::AgreementChange { change, .. }) = Leaf::decode(&leaf)
            {
                pair.take_change(pair.partner, time, Some(index), &change);
            }
        }
        pair.rebind();
    }
    batch.run(exchange, id, |view| Ok(installed(view, ticket, text)))
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
pub(crate) fn followed(step: &mut Step, view: &View<'_>, index: u64, signed: &SignedStatement) {
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

/// Whether a report of the partner crossed a stop on its way: by all that bound the partner when it wrote the leaf, it
/// could release, and by what is known here now it could not. FLW-19
pub(crate) fn crossed(view: &View<'_>, then: &Bound, released: Timestamp) -> bool {
    let now = Timestamp::from_millis(view.now.millis);
    let stands = |bound: &Bound| is_in_force(bound, released) && is_in_force(bound, now);
    // Where the clock alone ended it, what the partner knew does not stand now either, and nothing crossed.
    !stands(&view.pair.into) && stands(then)
}
