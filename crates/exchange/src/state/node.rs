//! One node's state between two turns: what the rows say, and what is gone with the process.

use crate::{
    model::{
        ids::{Fetch, LinkId},
        journal::People,
        link::Link,
        store::{Fence, SubmissionId, Write},
    },
    state::{
        belief::Belief,
        fold,
        late::Overdue,
        memory::Memory,
        pair::Pair,
        recovery::Recovery,
        serials,
        session::Session,
        spare::{Spare, Unverified},
    },
};
use relto_audit::{checkpoint::SignedCheckpoint, origin::Origin};
use relto_policy::agreement::Agreement;
use relto_report::digest::Digest;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// See the module.
pub(crate) struct State {
    pub(crate) links: Vec<Link>,
    /// What the rows say. It changes here alone.
    memory: Memory,
    pub(crate) sessions: BTreeMap<LinkId, Session>,
    /// When the heads of a link were last confirmed by a session; see [`State::is_confirmed`].
    pub(crate) confirmed: BTreeMap<LinkId, u64>,
    /// Links whose partner has said HELLO since this start.
    pub(crate) greeted: BTreeSet<LinkId>,
    /// Why this node appends to no log.
    pub(crate) halted: Option<String>,
    /// What is known of the way back.
    pub(crate) recovery: Recovery,
    /// Our people as the configuration has them; nothing where the journal is not told of them.
    pub(crate) people: Option<People>,
    /// Whether its clock is believed.
    pub(crate) belief: Belief,
    /// Links whose partner's last HELLO was further apart than the skew. FLW-26
    pub(crate) skewed: BTreeSet<LinkId>,
    /// What is being read and made ready.
    pub(crate) fetching: BTreeSet<Fetch>,
    /// What is being looked at by inspectors, and is not asked for before they have told.
    pub(crate) looking: BTreeSet<Fetch>,
    /// Queued reports that are not looked at again before the next tick.
    pub(crate) deferred: BTreeSet<SubmissionId>,
    /// The newest checkpoint of each log as it was verified when it came: a connection that begins needs no second look.
    pub(crate) opened: BTreeMap<Origin, SignedCheckpoint>,
    /// How far each partner has used up what it may send that obliges nothing. FLW-5
    pub(crate) spare: BTreeMap<LinkId, Spare>,
    /// Hash of the leaf for which a partner's last frame was refused: the same again is not judged again.
    pub(crate) refused: BTreeMap<LinkId, Digest>,
    /// What was told of as late.
    pub(crate) told_late: BTreeSet<Overdue>,
    /// Leaves and entries under the newest fold.
    pub(crate) folded: u64,
    /// Why a stored fold was not gone on from.
    pub(crate) disbelieved: Option<&'static str>,
    /// From which digest on serials are moved next, while they are.
    pub(crate) moving: Option<[u8; 16]>,
    pub(crate) keeping: Keeping,
    /// Whether this turn looks at clocks: one with a tick.
    pub(crate) looks: bool,
    pub(crate) fence: Fence,
}

/// How much is held in memory, or read at a start, before it is kept otherwise.
#[derive(Clone, Copy, Debug)]
pub struct Keeping {
    /// Leaves and entries of all logs after which memory is folded anew. STO-7
    pub fold_after: u64,
    /// Serials that are held before they are moved into rows. STO-8
    pub hold_serials: usize,
}

impl Default for Keeping {
    fn default() -> Self {
        Self { fold_after: fold::AFTER, hold_serials: serials::HELD }
    }
}

impl State {
    /// With nothing but what the rows say.
    pub(crate) fn new(links: Vec<Link>, memory: Memory, fence: Fence) -> Self {
        Self {
            links,
            memory,
            sessions: BTreeMap::new(),
            confirmed: BTreeMap::new(),
            greeted: BTreeSet::new(),
            halted: None,
            recovery: Recovery::default(),
            people: None,
            belief: Belief::default(),
            skewed: BTreeSet::new(),
            fetching: BTreeSet::new(),
            looking: BTreeSet::new(),
            deferred: BTreeSet::new(),
            opened: BTreeMap::new(),
            spare: BTreeMap::new(),
            refused: BTreeMap::new(),
            told_late: BTreeSet::new(),
            folded: 0,
            disbelieved: None,
            moving: None,
            keeping: Keeping::default(),
            looks: false,
            fence,
        }
    }

    /// What the rows say.
    pub(crate) const fn memory(&self) -> &Memory {
        &self.memory
    }

    /// Folds a write in: the only change of what the rows say. Gives what is to be kept beside it.
    pub(crate) fn apply(&mut self, write: &Write) -> Vec<Write> {
        self.memory.apply(write)
    }

    /// The file of a version is here, and with it what the partner stated under it before.
    pub(crate) fn install(&mut self, id: LinkId, text: &Arc<Agreement>, stated: Vec<Unverified>) {
        let at = id.place();
        if let Some(link) = self.links.get_mut(at)
            && link.later.iter().all(|known| known.digest != text.digest)
        {
            link.later.push(text.clone());
        }
        self.refused.remove(&id);
        self.memory.install(at, text, stated);
    }

    /// A link that has a session, with what the rows say of it.
    pub(crate) fn in_session(&mut self, id: LinkId) -> Option<(&Link, &Pair, &mut Session)> {
        let link = self.links.get(id.place())?;
        Some((link, self.memory.pair(id)?, self.sessions.get_mut(&id)?))
    }

    /// Stops this node from appending to any log, the journal included: it was rolled back, or cannot know.
    pub(crate) fn halt(&mut self, why: &str) {
        self.halted.get_or_insert_with(|| why.to_owned());
        self.recovery.beyond.get_or_insert_with(|| why.to_owned());
    }

    /// The same where the head file is not there, and nothing else is known to be wrong. RCV-11
    pub(crate) fn halt_without_head_file(&mut self, why: &str) {
        self.halted.get_or_insert_with(|| why.to_owned());
        self.recovery.head_file_lost = true;
    }

    /// The clock is not believed from now on, and why.
    pub(crate) fn doubt_clock(&mut self, why: &str) {
        self.belief = Belief { by: None, why: why.to_owned(), ..Belief::default() };
    }

    /// Whether heads are confirmed: releases happen now.
    pub(crate) fn is_confirmed(&self, id: LinkId, now: u64) -> bool {
        let Some(pair) = self.memory.pair(id) else { return false };
        let lag = u64::from(pair.agreement.head_lag_max_minutes()).saturating_mul(60_000);
        self.halted.is_none()
            && self.belief.by().is_some()
            && self.confirmed.get(&id).is_some_and(|at| now.saturating_sub(*at) <= lag)
    }

    pub(crate) fn ids(&self) -> Vec<LinkId> {
        (0..self.links.len()).filter_map(LinkId::at).collect()
    }

    pub(crate) fn is_mine(&self, log: Origin) -> bool {
        self.memory.journal.origin == log || self.memory.pairs.iter().any(|pair| pair.mine.origin == log)
    }

    pub(crate) fn link_of(&self, log: Origin) -> Option<LinkId> {
        let at = self.memory.pairs.iter().position(|pair| pair.mine.origin == log)?;
        LinkId::at(at)
    }

    pub(crate) fn root_of(&self, log: Origin) -> Digest {
        let pair = self.memory.pairs.iter().find(|pair| pair.mine.origin == log);
        pair.map_or(&self.memory.journal, |pair| &pair.mine).frontier.root()
    }
}
