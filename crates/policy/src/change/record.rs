//! What both nations have stated, and what it comes to.

pub(super) mod versions;

use super::{Act, Change, ChangeFault, Measure, Restricts, measure};
use crate::{
    agreement::{Agreement, By, Life},
    state::{AgreementState, StateView},
};
use relto_report::{calendar::Timestamp, digest::Digest, nation::Nation};

/// Changes of one nation under one version: its state is folded from them, so that there must be an end.
pub const MAX_CHANGES: usize = 1_000;

/// Changes beyond that are kept for suspensions, the end and new versions.
const KEPT: usize = 16;

/// A change of one nation as it stands on record.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OnRecord {
    /// What was stated.
    pub change: Change,
    /// Time of its leaf; for an own one that no log has yet, when it was taken.
    pub time: Timestamp,
    /// Its leaf in its nation's log; `None` until it has one.
    pub index: Option<u64>,
}

/// The changes of both nations, each in the order of its own log.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Record {
    /// Ours.
    pub ours: Vec<OnRecord>,
    /// The partner's, as followed.
    pub partners: Vec<OnRecord>,
}

impl Record {
    /// Whether this change is the next of its nation.
    ///
    /// # Errors
    /// [`ChangeFault::OutOfOrder`], [`ChangeFault::TooMany`].
    pub fn follows(list: &[OnRecord], change: &Change) -> Result<(), ChangeFault> {
        let under = list.iter().filter(|one| one.change.version == change.version).count();
        // What stops the exchange, and what begins the count anew, always finds room.
        let kept = matches!(change.act, Act::Suspend | Act::Terminate | Act::Adopt(_));
        if under >= if kept { MAX_CHANGES + KEPT } else { MAX_CHANGES } {
            return Err(ChangeFault::TooMany { nation: change.nation });
        }
        let last = list.last().map(|one| &one.change);
        let counter = last.map_or(0, |one| one.counter);
        if change.counter == counter.saturating_add(1) && change.previous == last.map(Change::digest) {
            Ok(())
        } else {
            Err(ChangeFault::OutOfOrder { nation: change.nation, found: change.counter, last: counter })
        }
    }

    /// Whether a nation's next change is a measure in the order of the ladder of the version that it names, or none. It
    /// rests on that nation's own log alone, so that both nodes judge alike whenever they look. POL-20
    ///
    /// # Errors
    /// [`ChangeFault::NotOpen`].
    pub fn in_turn(list: &[OnRecord], change: &Change, agreement: &Agreement) -> Result<(), ChangeFault> {
        let Act::Measure(measure) = &change.act else { return Ok(()) };
        let not = |what: String| ChangeFault::NotOpen { what };
        measure.fits(agreement).map_err(not)?;
        let taken = |step: u32| open_measures(list).any(|(_, one)| one.step == step);
        match (1..measure.step).find(|step| !taken(*step)) {
            Some(step) => {
                let (this, nation) = (measure.step, change.nation);
                Err(not(format!("step {this} comes after step {step}, which {nation} has not taken")))
            }
            None => Ok(()),
        }
    }

    /// What a nation knew that had appended or followed only so much: ours with a leaf below `ours`, the partner's below
    /// `partners`.
    #[must_use]
    pub fn as_of(&self, ours: u64, partners: u64) -> Self {
        let below = |list: &[OnRecord], size: u64| {
            list.iter().filter(|one| one.index.is_some_and(|index| index < size)).cloned().collect()
        };
        Self { ours: below(&self.ours, ours), partners: below(&self.partners, partners) }
    }

    /// The state of a version that all of it comes to; the stricter of both nations' words holds. POL-18
    #[must_use]
    pub fn state(&self, agreement: &Agreement) -> StateView {
        let life = &agreement.life;
        let (ours, partners) = (&self.ours, &self.partners);
        let open = [self.suspends(life, ours), self.suspends(life, partners)];
        let by_measure = |list| open_measures(list).any(|(_, one)| one.restricts == Restricts::Agreement);
        let suspended = match life.suspend_by {
            By::Either => open,
            By::Both => [open == [true, true]; 2],
        };
        let states = |list: &[OnRecord], act: fn(&Act) -> bool| list.iter().any(|one| act(&one.change.act));
        let ends = |act: &Act| *act == Act::Terminate;
        let terminated = states(ours, ends) && states(partners, ends);
        let notice = |list: &[OnRecord]| list.iter().find(|one| one.change.act == Act::GiveNotice).map(|one| one.time);
        let one = |suspended: bool, list| match (terminated, suspended || by_measure(list), notice(list)) {
            (true, _, _) => AgreementState::Terminated,
            (false, true, _) => AgreementState::Suspended,
            (false, false, Some(at)) => AgreementState::NoticeGiven(at),
            (false, false, None) => AgreementState::InForce,
        };
        let [own, other] = suspended;
        // A term is one of the version under which it was renewed.
        let renewed = |term: u32| {
            let is = |one: &OnRecord| one.change.act == Act::Renew(term) && one.change.version == agreement.digest;
            ours.iter().any(is) && partners.iter().any(is)
        };
        StateView {
            ours: one(own, ours),
            partners: one(other, partners),
            renewals: (1..).take_while(|term| renewed(*term)).last().unwrap_or(0),
            notice: [notice(ours), notice(partners)].into_iter().flatten().min(),
        }
    }

    /// The same for what goes from one nation: a measure may suspend its direction alone. POL-20
    #[must_use]
    pub fn state_from(&self, agreement: &Agreement, from: Nation) -> StateView {
        let mut view = self.state(agreement);
        let suspends = |list| open_measures(list).any(|(_, one)| one.restricts == Restricts::Direction(from));
        for (state, list) in [(&mut view.ours, &self.ours), (&mut view.partners, &self.partners)] {
            if suspends(list) && *state != AgreementState::Terminated {
                *state = AgreementState::Suspended;
            }
        }
        view
    }

    /// The digests of the suspensions in force, which a resumption lifts.
    #[must_use]
    pub fn open_suspensions(&self, life: &Life) -> Vec<Digest> {
        let open = self.ours.iter().chain(&self.partners).filter(|one| self.is_open(life, one));
        open.map(|one| one.change.digest()).collect()
    }

    /// The measures in force of both nations, ours first.
    pub fn measures(&self) -> impl Iterator<Item = (&OnRecord, &Measure)> {
        open_measures(&self.ours).chain(open_measures(&self.partners))
    }

    /// What the measures in force leave of a version; `None` where they take nothing out.
    pub(super) fn narrowed(&self, agreement: &Agreement) -> Option<Agreement> {
        measure::narrowed(agreement, self.measures().map(|(_, measure)| measure))
    }

    fn suspends(&self, life: &Life, list: &[OnRecord]) -> bool {
        list.iter().any(|one| self.is_open(life, one))
    }

    fn is_open(&self, life: &Life, one: &OnRecord) -> bool {
        if one.change.act != Act::Suspend {
            return false;
        }
        let digest = one.change.digest();
        let (by_us, by_them) = (lifts(&self.ours, digest), lifts(&self.partners, digest));
        match life.resume_by {
            By::Either => !(by_us || by_them),
            By::Both => !(by_us && by_them),
        }
    }
}

fn lifts(list: &[OnRecord], digest: Digest) -> bool {
    list.iter().any(|one| matches!(&one.change.act, Act::Resume(lifts) if lifts.contains(&digest)))
}

/// The measures that a nation has taken and not lifted: nobody else lifts them.
fn open_measures(list: &[OnRecord]) -> impl Iterator<Item = (&OnRecord, &Measure)> {
    list.iter().filter_map(move |one| match &one.change.act {
        Act::Measure(measure) if !lifts(list, one.change.digest()) => Some((one, measure)),
        _ => None,
    })
}
