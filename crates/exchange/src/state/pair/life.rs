//! What both nations' signers have stated of an agreement, and what it comes to.

use super::Pair;
use relto_audit::leaf::SignedStatement;
use relto_policy::{
    change::{Bound, Change, ChangeFault, OnRecord, Record, Text, Versions},
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
    pub(crate) fn next_change(&self, nation: Nation, signed: &SignedStatement) -> Result<Change, ChangeFault> {
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
    /// What is no next change changes nothing, and gives `false`.
    pub(crate) fn take_change(
        &mut self,
        nation: Nation,
        time: u64,
        index: Option<u64>,
        signed: &SignedStatement,
    ) -> bool {
        let at = Timestamp::from_millis(time);
        let list = if nation == self.own { &mut self.changes.ours } else { &mut self.changes.partners };
        // One that has its leaf already is no next one, and changes nothing.
        let mut waiting = list.iter_mut().filter(|one| one.index.is_none());
        if let Some(known) = waiting.find(|one| one.change.write().as_bytes() == signed.statement.as_slice()) {
            (known.index, known.time) = (index, at);
            self.unlogged.retain(|one| one != signed);
            self.stale = true;
            return true;
        }
        if !self.may_be_next(nation, signed) {
            return false;
        }
        match (self.next_change(nation, signed), index) {
            (Ok(change), _) => {
                let list = if nation == self.own { &mut self.changes.ours } else { &mut self.changes.partners };
                list.push(OnRecord { change, time: at, index });
                self.stale = true;
                if index.is_none() {
                    self.unlogged.push(signed.clone());
                }
                true
            }
            (Err(ChangeFault::NotInstalled { .. }), Some(index)) if nation == self.partner => {
                self.unread.take(&self.changes.partners, (&self.agreement.id, nation), signed, (index, time))
            }
            (Err(_), _) => false,
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

    /// Whether a report of the partner crossed a stop on its way: it was allowed by all that bound the partner when it wrote
    /// the leaf, and is forbidden by what is known here now. FLW-19
    pub(crate) fn crossed(&self, then: &Bound, released: Timestamp, now: Timestamp) -> bool {
        let stands = |bound: &Bound| is_in_force(bound, released) && is_in_force(bound, now);
        // Where the clock alone ended it, what the partner knew does not stand now either, and nothing crossed.
        !stands(&self.into) && stands(then)
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
pub(crate) fn is_in_force(bound: &Bound, at: Timestamp) -> bool {
    let Text { agreement, state } = &bound.in_force;
    state.standing(&agreement.life, at) == Standing::InForce
}
