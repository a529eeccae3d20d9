//! What of the partner's leaves is followed at all. An honest node's log holds no change that its signers did not make,
//! and no more leaves that oblige nothing than time brings with it; of a frame that does nothing is written, so that it
//! costs this node one look, no disk and no start. LNK-35, LNK-36, FLW-5

use crate::{
    acts::session,
    model::{
        ids::LinkId,
        limits::{MAX_STATEMENTS, MAX_UNRESOLVED},
        store::StoreError,
    },
    state::{
        State,
        pair::{Pair, next_of},
        spare::{Spare, Unread},
    },
    turn::batch::{Batch, Step},
    wire::protocol::ByeCode,
};
use relto_audit::{
    leaf::{Leaf, Outcome, SignedStatement},
    tree::leaf_hash,
};
use relto_policy::change::{ChangeFault, OnRecord};
use relto_report::{calendar::Timestamp, digest::Digest};
use std::collections::BTreeSet;

/// Leaves that oblige an Outcome and have none: twice what the windows let an honest partner have. FLW-5
const MOST_AWAITED: usize = 2 * (MAX_UNRESOLVED + MAX_STATEMENTS);

/// Anchor, Observed, Erased, an Outcome that answers nothing, a change under a version that is not here. An honest node
/// writes at most one Anchor per period of its agreement and one Observed per minute; 8,640 such leaves are followed per day,
/// which with 100 bytes each and their checkpoints are 5 MB.
const IDLE: Rate = Rate { at_once: 256, each: 10_000 };

/// A Withdrawn of what is answered already: at a suspension each open leaf of both windows may cross its Outcome.
const CROSSED: Rate = Rate { at_once: 4_096 + 256, each: 1_000 };

/// `at_once` at a time, then one per `each` milliseconds, by the time in the leaves: what gathered while the link was down
/// comes all at once and is as much as its time allows. No time counts that has not come here yet.
struct Rate {
    at_once: u64,
    each: u64,
}

impl Rate {
    /// One more at `now`; `whole` is the moment at which all of `at_once` is there again.
    const fn take(&self, whole: &mut u64, now: u64) -> bool {
        if *whole < now {
            *whole = now;
        }
        let fits = *whole <= now.saturating_add((self.at_once - 1) * self.each);
        if fits {
            *whole = whole.saturating_add(self.each);
        }
        fits
    }
}

/// Why nothing of a frame is followed.
pub(crate) struct Refusal {
    code: ByeCode,
    /// For an operator and an auditor; told once.
    why: Option<String>,
    leaf: Option<Digest>,
}

impl Refusal {
    const fn quiet(code: ByeCode) -> Self {
        Self { code, why: None, leaf: None }
    }
}

/// A look at one frame: what stands, and what the leaves so far have changed of it.
struct Look<'a> {
    pair: &'a Pair,
    latest: u64,
    /// The leaf for which the last frame was refused.
    refused: Option<Digest>,
    spare: Spare,
    /// Leaves of this frame that oblige.
    fresh: BTreeSet<u64>,
    withdrawn: BTreeSet<u64>,
    answered: BTreeSet<u64>,
    /// The partner's changes, once the frame has one.
    changes: Option<(Vec<OnRecord>, Unread)>,
}

/// Whether a frame's leaves may be followed; if so, they count from now on.
pub(crate) fn look(
    state: &mut State,
    id: LinkId,
    first: u64,
    leaves: &[(Vec<u8>, Leaf)],
    now: u64,
) -> Result<(), Refusal> {
    let Some(pair) = state.memory().pair(id) else { return Ok(()) };
    let skew = u64::from(pair.agreement.clock_skew_seconds).saturating_mul(1_000);
    let mut look = Look {
        pair,
        latest: now.saturating_add(skew),
        refused: state.refused.get(&id).copied(),
        spare: state.spare.get(&id).copied().unwrap_or_default(),
        fresh: BTreeSet::new(),
        withdrawn: BTreeSet::new(),
        answered: BTreeSet::new(),
        changes: None,
    };
    let looked = (first..).zip(leaves).try_for_each(|(index, (bytes, leaf))| look.one(index, bytes, leaf));
    let spare = look.spare;
    match &looked {
        Ok(()) => drop(state.spare.insert(id, spare)),
        Err(Refusal { leaf: Some(leaf), .. }) => drop(state.refused.insert(id, *leaf)),
        Err(_) => {}
    }
    looked
}

impl Look<'_> {
    fn one(&mut self, index: u64, bytes: &[u8], leaf: &Leaf) -> Result<(), Refusal> {
        self.spare.time = leaf.time().unwrap_or(0).min(self.latest).max(self.spare.time);
        match leaf {
            Leaf::Genesis { .. } => Ok(()),
            Leaf::Released(_) | Leaf::Statement(_) => {
                self.fresh.insert(index);
                // An honest partner never has so many open: what it announces beyond the window is not even kept.
                let open = self.pair.awaited.len().saturating_add(self.fresh.len());
                if open > MOST_AWAITED { Err(Refusal::quiet(ByeCode::Done)) } else { Ok(()) }
            }
            Leaf::Withdrawn { index: withdrawn, .. } => self.withdraws(index, *withdrawn),
            Leaf::Outcome(outcome) => self.answers(index, outcome),
            Leaf::AgreementChange { change, .. } => self.changes(index, bytes, change),
            Leaf::Observed { .. } | Leaf::Anchor { .. } | Leaf::Erased { .. } | Leaf::KeyChange { .. } => {
                self.idle(index, leaf.kind())
            }
        }
    }

    fn idle(&mut self, index: u64, what: &str) -> Result<(), Refusal> {
        if IDLE.take(&mut self.spare.idle, self.spare.time) { Ok(()) } else { Err(self.too_fast(index, what)) }
    }

    fn too_fast(&self, index: u64, what: &str) -> Refusal {
        let why = format!(
            "leaf {index} of {} is {what} that obliges nothing, and more of these came than its time allows",
            self.pair.partner
        );
        Refusal { code: ByeCode::TooFast, why: Some(why), leaf: None }
    }

    fn withdraws(&mut self, index: u64, withdrawn: u64) -> Result<(), Refusal> {
        let awaited = self.pair.awaited.get(&withdrawn).is_some_and(|row| row.owed.is_none());
        let acts = (awaited || self.fresh.contains(&withdrawn)) && self.withdrawn.insert(withdrawn);
        if acts || CROSSED.take(&mut self.spare.crossed, self.spare.time) {
            return Ok(());
        }
        Err(self.too_fast(index, "a withdrawal"))
    }

    fn answers(&mut self, index: u64, outcome: &Outcome) -> Result<(), Refusal> {
        let asked = self.pair.unresolved.get(&outcome.index).is_some_and(|row| row.leaf == outcome.leaf);
        if asked && self.answered.insert(outcome.index) { Ok(()) } else { self.idle(index, "an answer") }
    }

    fn changes(&mut self, index: u64, bytes: &[u8], signed: &SignedStatement) -> Result<(), Refusal> {
        let (pair, time) = (self.pair, self.spare.time);
        let leaf = leaf_hash(bytes);
        if self.refused == Some(leaf) {
            return Err(Refusal::quiet(ByeCode::BadLeaf));
        }
        let (list, unread) = self.changes.get_or_insert_with(|| (pair.changes.partners.clone(), pair.unread.clone()));
        let fault = match next_of(list, &pair.versions, pair.partner, signed) {
            Ok(change) => {
                list.push(OnRecord { change, time: Timestamp::from_millis(time), index: Some(index) });
                return Ok(());
            }
            Err(ChangeFault::NotInstalled { .. })
                if unread.take(list, (&pair.agreement.id, pair.partner), signed, (index, time)) =>
            {
                return self.idle(index, "a change");
            }
            Err(fault) => fault,
        };
        let partner = pair.partner;
        let why = format!("leaf {index} of {partner} is no next change of its signers: {}: {fault}", fault.code());
        Err(Refusal { code: ByeCode::BadLeaf, why: Some(why), leaf: Some(leaf) })
    }
}

/// Ends the session, and says why.
pub(crate) fn refuse(state: &mut State, batch: &mut Batch<'_>, id: LinkId, refusal: Refusal) -> Result<(), StoreError> {
    session::end(state, batch, id, refusal.code)?;
    let Some(why) = refusal.why else { return Ok(()) };
    batch.run(state, id, |view| {
        let mut step = Step::default();
        step.alarm(view, &format!("{why}. Nothing of its frame was followed, and the session was ended"));
        Ok(step)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lnk_36_a_rate_gives_what_its_time_brings() {
        let (mut whole, start) = (0, 1_800_000_000_000);
        let taken = |whole: &mut u64, at| (0..10_000).take_while(|_| IDLE.take(whole, at)).count();
        assert_eq!(taken(&mut whole, start), 256);
        assert_eq!(taken(&mut whole, start + 9_999), 0);
        assert_eq!(taken(&mut whole, start + 10_000), 1);
        // An Anchor each 5 minutes and an Observed each minute, of a month in which the link was down: all pass.
        let mut whole = start;
        let month = 30 * 24 * 60;
        assert!((0..month).all(|minute| {
            let at = start + minute * 60_000;
            IDLE.take(&mut whole, at) && (minute % 5 != 0 || IDLE.take(&mut whole, at))
        }));
    }
}
