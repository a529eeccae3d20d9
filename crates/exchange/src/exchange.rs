//! The state of one node's exchange with all its partners, and the turn that moves it.

use crate::{
    batch::{Batch, Exits, Recorded, Step, unsealed},
    belief::Belief,
    clocks::Late,
    flow,
    input::{Appended, Input, LinkId, Now, SessionNumber},
    journal::{self, People},
    link::{connection::Standing, hello::Expected, lanes::Load},
    memory::{Memory, Pair},
    outlook::Outlook,
    ready::{Fetch, Own},
    settle,
    store::{Fence, Reader, Row, Store, StoreError, SubmissionId},
};
use relto_audit::{checkpoint::SignedCheckpoint, leaf::Leaf, origin::Origin};
use relto_policy::{agreement::Agreement, change::Record, consent::Consent, national::NationalRules, state::StateView};
use relto_report::{
    crypto::PublicKey, digest::Digest, inspection::Attachments, nation::Nation, register::Register, shapes::Words,
    signed::Authored, vocabulary::Vocabulary,
};
use std::{collections::BTreeMap, collections::BTreeSet, sync::Arc};

/// Inputs of one turn at most.
pub const MAX_BATCH: usize = 256;

/// Everything that one link's decisions rest on. Loaded and checked before the exchange begins.
#[derive(Clone)]
pub struct Link {
    /// The version under which the logs began; HELLO names the line of versions by its digest.
    pub agreement: Arc<Agreement>,
    /// Later versions that are installed here, whether or not anybody has adopted them.
    pub later: Vec<Arc<Agreement>>,
    /// Marking registers by nation.
    pub registers: Arc<BTreeMap<Nation, Register>>,
    /// The words of both registers' marks, read once.
    pub words: Arc<Words>,
    /// The words.
    pub vocabulary: Arc<Vocabulary>,
    /// Our own narrower rules.
    pub national: Option<Arc<NationalRules>>,
    /// Consents of third nations, kept at home.
    pub consents: Arc<Vec<Consent>>,
    /// Has attachments judged, ours and the partner's: nothing here parses one.
    pub attachments: Arc<dyn Attachments>,
    /// Serials exchanged before this log began: ours, and the partner's.
    pub prior: Arc<Prior>,
    /// Who may release reports now, by account.
    pub officers: Arc<BTreeMap<String, Officer>>,
    /// Our nation.
    pub own: Nation,
    /// The partner.
    pub partner: Nation,
    /// Our seal key.
    pub own_key: PublicKey,
    /// The partner's seal key.
    pub partner_key: PublicKey,
}

/// A foreign disclosure officer, as the configuration has them now.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Officer {
    /// Whose signature counts.
    pub key: PublicKey,
    /// May decide held topics.
    pub senior: bool,
}

/// Reports exchanged before the log began, on paper or by another system.
#[derive(Clone, Default, Debug)]
pub struct Prior {
    /// Serials that went to the partner.
    pub sent: BTreeSet<String>,
    /// Serials that came from the partner.
    pub received: BTreeSet<String>,
}

impl std::fmt::Debug for Link {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Link({} of {} with {})", self.agreement.id, self.own, self.partner)
    }
}

impl Link {
    /// Name of our log.
    #[must_use]
    pub fn mine(&self) -> Origin {
        Origin::new(&self.agreement.id, self.own, 0)
    }

    /// Name of the partner's log.
    #[must_use]
    pub fn theirs(&self) -> Origin {
        Origin::new(&self.agreement.id, self.partner, 0)
    }

    /// What the connection checks a HELLO against.
    #[must_use]
    pub fn expected(&self) -> Expected {
        Expected {
            agreement: self.agreement.digest,
            mine: self.mine(),
            my_key: self.own_key,
            theirs: self.theirs(),
            their_key: self.partner_key,
        }
    }
}

/// A proven session, as the flow sees it. Gone with the process.
pub(crate) struct Session {
    pub(crate) number: SessionNumber,
    /// Payloads wait until the partner's log is followed up to here.
    pub(crate) target: u64,
    /// The partner's clock differs by more than the agreement's skew.
    pub(crate) skewed: bool,
    /// When a checkpoint of the partner was last seen, Unix milliseconds.
    pub(crate) seen: u64,
    /// Payloads that may be sent in this session and are not in a lane: index and offset, by lane.
    pub(crate) pending: [BTreeMap<u64, u64>; 4],
    /// WANTs served in this session, by leaf.
    pub(crate) wanted: BTreeMap<u64, u8>,
    /// Leaves of mine below this index were looked at for `pending`.
    pub(crate) taken_up: u64,
    /// Bytes in the lanes.
    pub(crate) load: Load,
}

impl Session {
    /// Whether payloads may go: the partner's log is followed up to its HELLO, and the clocks agree.
    // FLW-14
    pub(crate) const fn is_ready(&self, followed: u64) -> bool {
        followed >= self.target && !self.skewed
    }
}

/// One node's exchange.
pub struct Exchange {
    pub(crate) links: Vec<Link>,
    pub(crate) memory: Memory,
    pub(crate) sessions: BTreeMap<LinkId, Session>,
    /// When the heads of a link were last confirmed by a session; see [`Exchange::is_confirmed`].
    pub(crate) confirmed: BTreeMap<LinkId, u64>,
    /// Links whose partner has said HELLO since this start.
    pub(crate) greeted: BTreeSet<LinkId>,
    /// Why this node appends to no log.
    pub(crate) halted: Option<String>,
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
    /// What was told of as late.
    pub(crate) told_late: BTreeSet<Late>,
    /// Whether this turn looks at clocks: one with a tick.
    pub(crate) looks: bool,
    fence: Fence,
}

impl Exchange {
    /// Rebuilds memory from the rows: the same fold that a live write takes.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be read.
    pub fn recover(store: &dyn Reader, links: Vec<Link>, own: Nation, fence: Fence) -> Result<Self, StoreError> {
        let mut memory = Memory::new(&links, journal::origin(own, 0));
        memory.recover(store)?;
        if memory.pairs.iter().any(Pair::missing) {
            return Err(StoreError::Fatal(
                "the file of an agreement's version that was installed or adopted here is not here any more",
            ));
        }
        crate::heads::verify_stored(store, &memory, &links)?;
        Ok(Self {
            links,
            memory,
            sessions: BTreeMap::new(),
            confirmed: BTreeMap::new(),
            greeted: BTreeSet::new(),
            halted: None,
            people: None,
            belief: Belief::default(),
            skewed: BTreeSet::new(),
            fetching: BTreeSet::new(),
            looking: BTreeSet::new(),
            deferred: BTreeSet::new(),
            opened: BTreeMap::new(),
            told_late: BTreeSet::new(),
            looks: false,
            fence,
        })
    }

    /// At start: our people, whose changes the journal is told with the start.
    pub fn name_people(&mut self, people: People) {
        self.people = Some(people);
    }

    /// What no row says and a recovery on a running node must not lose: that it is halted, what is known of clocks.
    pub fn carry_over(&mut self, from: &Self) {
        self.halted.clone_from(&from.halted);
        self.belief = from.belief.clone();
        self.people.clone_from(&from.people);
        self.skewed.clone_from(&from.skewed);
    }

    /// Stops this node from appending to any log, the journal included: it was rolled back, or cannot know.
    pub fn halt(&mut self, why: &str) {
        self.halted.get_or_insert_with(|| why.to_owned());
    }

    /// Why this node appends to no log, if so.
    #[must_use]
    pub fn halted(&self) -> Option<&str> {
        self.halted.as_deref()
    }

    /// An operator's act, once: the Genesis leaf of each of our logs that has none.
    ///
    /// # Errors
    /// As [`Exchange::turn`].
    pub fn genesis(&mut self, store: &mut dyn Store, now: Now) -> Result<Recorded<Exits>, StoreError> {
        let mut batch = Batch::new(store, Vec::new(), now)?;
        for id in self.ids() {
            batch.run(self, id, |view| Ok(flow::genesis(view)))?;
        }
        batch.commit(self.fence, self)
    }

    /// One transaction for all inputs, at most [`MAX_BATCH`].
    ///
    /// # Errors
    /// [`StoreError`]. Memory then holds what the disk does not: drop this value and recover.
    pub fn turn(&mut self, store: &mut dyn Store, inputs: Vec<Input>, now: Now) -> Result<Recorded<Exits>, StoreError> {
        let keys = inputs.iter().filter_map(flow::needs).collect();
        let mut batch = Batch::new(store, keys, now)?;
        self.looks = inputs.iter().any(|input| matches!(input, Input::Tick));
        if self.looks {
            self.deferred.clear();
        }
        for input in inputs {
            flow::input(self, &mut batch, input)?;
        }
        for id in self.ids() {
            settle::settle(self, &mut batch, id)?;
        }
        batch.commit(self.fence, self)
    }

    /// What this node's records say to a submission, for [`Outlook::answer`]; nothing is written.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be read.
    pub fn outlook(
        &mut self,
        store: &mut dyn Store,
        link: LinkId,
        authored: &Authored,
        own: &Own,
        now: Now,
    ) -> Result<Outlook, StoreError> {
        let mut batch = Batch::new(store, Vec::new(), now)?;
        let mut outlook = None;
        batch.run(self, link, |view| {
            outlook = Some(Outlook::of(view, authored, own));
            Ok(Step::default())
        })?;
        outlook.ok_or(StoreError::Fatal("there is no such link"))
    }

    /// Leaves that no stored checkpoint covers, to be sealed before anything else leaves.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be read.
    pub fn unsealed(&self, store: &dyn Reader) -> Result<Recorded<Exits>, StoreError> {
        let mut appended = Vec::new();
        let pairs = self.memory.pairs.iter().map(|pair| &pair.mine);
        for log in pairs.chain(std::iter::once(&self.memory.journal)) {
            let first = log.sealed();
            if first >= log.size() {
                continue;
            }
            let rows = store.scan(&log.key(first), &log.key(log.size()), usize::MAX)?;
            let leaves = rows
                .into_iter()
                .filter_map(|(_, row)| if let Row::Bytes(leaf) = row { Some(leaf) } else { None })
                .collect();
            let link = self.link_of(log.origin);
            appended.push(Appended { log: log.origin, link, first, leaves, root: log.frontier.root() });
        }
        Ok(unsealed(appended))
    }

    /// How each link stands, for a connection that begins.
    #[must_use]
    pub fn standings(&self, partner: Nation) -> Vec<Standing> {
        let of = |(at, link): (usize, &Link)| {
            let id = LinkId(u16::try_from(at).ok()?);
            let pair = self.memory.pair(id)?;
            let open = |head: &Option<(relto_audit::checkpoint::Checkpoint, Vec<u8>)>, log, key: &PublicKey| {
                let (head, note) = head.as_ref()?;
                let known = self.opened.get(&log).filter(|known| known.checkpoint() == head);
                known.cloned().or_else(|| SignedCheckpoint::open(note, log, key).ok())
            };
            Some(Standing {
                link: id,
                expected: link.expected(),
                mine: open(&pair.mine.head, pair.mine.origin, &link.own_key),
                theirs: pair.theirs.frontier.clone(),
                held: open(&pair.theirs.head, pair.theirs.origin, &link.partner_key),
                rules: link.clone(),
            })
        };
        self.links.iter().enumerate().filter(|(_, link)| link.partner == partner).filter_map(of).collect()
    }

    /// The links in the order of the configuration.
    #[must_use]
    pub fn links(&self) -> &[Link] {
        &self.links
    }

    /// Size of our log of a link and the size under its newest stored checkpoint; size of the partner's.
    #[must_use]
    pub fn sizes(&self, link: LinkId) -> Option<(u64, u64, u64)> {
        self.memory.pair(link).map(|pair| (pair.mine.size(), pair.mine.sealed(), pair.theirs.size()))
    }

    /// Root of our log of the link at this place.
    #[must_use]
    pub fn root(&self, at: usize) -> Digest {
        self.memory.pairs.get(at).map_or_else(relto_audit::tree::empty_root, |pair| pair.mine.frontier.root())
    }

    /// Size of the national journal.
    #[must_use]
    pub fn journal_size(&self) -> u64 {
        self.memory.journal.size()
    }

    /// Released leaves without a receipt, leaves of the partner without their payload, queued submissions.
    #[must_use]
    pub fn backlog(&self, link: LinkId) -> Option<(usize, usize, usize)> {
        self.memory.pair(link).map(|pair| (pair.unresolved.len(), pair.awaited.len(), pair.queued.len()))
    }

    /// Reports of ours that were released in an emergency and wait for a second officer.
    #[must_use]
    pub fn unconfirmed(&self, link: LinkId) -> Vec<SubmissionId> {
        let of = |pair: &Pair| pair.unconfirmed.values().map(|owed| owed.submission).collect();
        self.memory.pair(link).map(of).unwrap_or_default()
    }

    /// The version of a link's agreement that is in force between both nations.
    #[must_use]
    pub fn in_force(&self, link: LinkId) -> Option<&Arc<Agreement>> {
        self.memory.pair(link).map(|pair| &pair.agreement)
    }

    /// How the agreement of a link stands by both logs, and what both nations have stated.
    #[must_use]
    pub fn life(&self, link: LinkId) -> Option<(StateView, &Record)> {
        self.memory.pair(link).map(|pair| (pair.state, &pair.changes))
    }

    /// Whether heads are confirmed: releases happen now.
    #[must_use]
    pub fn is_confirmed(&self, id: LinkId, now: u64) -> bool {
        let Some(pair) = self.memory.pair(id) else { return false };
        let lag = u64::from(pair.agreement.head_lag_max_minutes()).saturating_mul(60_000);
        self.halted.is_none()
            && self.belief.by().is_some()
            && self.confirmed.get(&id).is_some_and(|at| now.saturating_sub(*at) <= lag)
    }

    pub(crate) const fn epoch(&self) -> u64 {
        self.fence.epoch
    }

    pub(crate) fn ids(&self) -> Vec<LinkId> {
        (0..self.links.len()).filter_map(|at| u16::try_from(at).ok().map(LinkId)).collect()
    }

    pub(crate) fn is_mine(&self, log: Origin) -> bool {
        self.memory.journal.origin == log || self.memory.pairs.iter().any(|pair| pair.mine.origin == log)
    }

    pub(crate) fn link_of(&self, log: Origin) -> Option<LinkId> {
        let at = self.memory.pairs.iter().position(|pair| pair.mine.origin == log)?;
        u16::try_from(at).ok().map(LinkId)
    }

    pub(crate) fn root_of(&self, log: Origin) -> Digest {
        let pair = self.memory.pairs.iter().find(|pair| pair.mine.origin == log);
        pair.map_or(&self.memory.journal, |pair| &pair.mine).frontier.root()
    }

    /// The Genesis leaf that index 0 of a log must be.
    pub(crate) fn genesis_leaf(link: &Link, owner: Nation) -> Leaf {
        Leaf::genesis(&link.agreement.id, owner, 0)
    }
}
