//! The state of one node's exchange with all its partners, and the turn that moves it.

use crate::{
    acts::{dry_run::DryRun, keep, recovery, upkeep, upload},
    connection::LinkStart,
    flow,
    input::Input,
    model::{
        head_write::HeadWrite,
        ids::{LinkId, Now},
        journal::{self, People},
        link::Link,
        store::{Fence, Key, Reader, Row, Store, StoreError, SubmissionId},
    },
    ready::{
        Prepared,
        held::{Original, Originals},
    },
    state::{
        Keeping, State,
        belief::{Belief, By},
        heads,
        log::Log,
        memory::Memory,
        pair::Pair,
        recovery::Plan,
        roots::push_leaves,
        serials::Serials,
    },
    turn::{
        batch::{Batch, Exits, Recorded, unsealed},
        out::Appended,
    },
};
use relto_audit::{
    checkpoint::SignedCheckpoint,
    leaf::{Head, Precedence},
    origin::Origin,
    tree::Frontier,
};
use relto_policy::{agreement::Agreement, change::Record, state::StateView};
use relto_report::{calendar::Timestamp, crypto::PublicKey, digest::Digest, nation::Nation, signed::Authored};
use std::sync::Arc;

/// Inputs of one turn at most.
pub const MAX_BATCH: usize = 256;

/// How long the logs of a link are.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Sizes {
    /// Leaves of our log.
    pub ours: u64,
    /// Of them, those under its newest stored checkpoint.
    pub sealed: u64,
    /// Leaves of the partner's log, as it was followed.
    pub theirs: u64,
}

/// What is open on a link.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Backlog {
    /// Released leaves of ours without a receipt.
    pub unanswered: usize,
    /// Leaves of the partner without their payload.
    pub awaited: usize,
    /// Queued submissions.
    pub queued: usize,
}

/// How a log stood in the fold that a start went on from.
#[derive(Clone, Copy, Debug)]
pub struct Folded {
    /// Which log.
    pub log: Origin,
    /// Whether it is the journal.
    pub is_journal: bool,
    /// Its size and root then.
    pub head: Head,
}

impl Folded {
    /// Where a leaf of it stands.
    #[must_use]
    pub const fn key(&self, index: u64) -> Key {
        Key::in_log(self.log, self.is_journal, index)
    }

    /// Whether its leaves come to that root; `then` is told how many were read, some hundreds at a time. STO-9
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be read.
    pub fn leads_to(&self, reader: &dyn Reader, then: impl FnMut(usize)) -> Result<bool, StoreError> {
        const PAGE: usize = 256;
        let mut frontier = Frontier::new();
        let whole = push_leaves(reader, |at| self.key(at), (&mut frontier, self.head.size), PAGE, then)?;
        Ok(whole && frontier.root() == self.head.root)
    }
}

/// Serials on record at one moment, beside those that are rows.
pub struct KnownSerials(Serials);

impl KnownSerials {
    /// Whether a report of this serial is on record there. STO-8
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be read.
    pub fn has(&self, rows: &dyn Reader, serial: &str, log: Origin, index: u64) -> Result<bool, StoreError> {
        self.0.is_known(rows, serial, log, index)
    }
}

/// One node's exchange.
pub struct Exchange {
    state: State,
}

impl Exchange {
    /// Rebuilds memory from the rows: the same fold that a live write takes.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be read.
    pub fn recover(store: &dyn Reader, links: Vec<Link>, own: Nation, fence: Fence) -> Result<Self, StoreError> {
        let mut memory = Memory::new(&links, journal::origin(own, 0));
        let recovered = memory.recover(store)?;
        if memory.pairs.iter().any(Pair::missing) {
            return Err(StoreError::Fatal(
                "the file of an agreement's version that was installed or adopted here is not here any more",
            ));
        }
        heads::verify_stored(store, &memory, &links)?;
        let mut state = State::new(links, memory, fence);
        (state.folded, state.disbelieved) = (recovered.folded, recovered.disbelieved);
        Ok(Self { state })
    }

    /// Where what is held in memory is not what a recovery from these rows would hold, be it from a fold or from nothing:
    /// both, in words. It takes as long as both.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be read.
    pub fn differs_from(&self, store: &dyn Reader) -> Result<Option<[String; 2]>, StoreError> {
        let new = || Memory::new(&self.state.links, self.state.memory().journal.origin);
        let (mut folded, mut whole) = (new(), new());
        let recovered = folded.recover(store)?;
        if let Some(why) = recovered.disbelieved {
            return Ok(Some([why.to_owned(), "a fold that can be gone on from, or none".to_owned()]));
        }
        whole.recover_whole(store)?;
        let held = self.state.memory().in_words(store)?;
        for other in [folded, whole] {
            let other = other.in_words(store)?;
            if held != other {
                return Ok(Some([held, other]));
            }
        }
        Ok(None)
    }

    /// Why a fold of memory that is stored was not believed, and an older one was or everything was read: an operator must
    /// look. STO-7
    #[must_use]
    pub const fn disbelieved(&self) -> Option<&'static str> {
        self.state.disbelieved
    }

    /// Leaves and entries under the newest fold: the one that this start went on from, or one made since. 0: it read all.
    #[must_use]
    pub const fn folded(&self) -> u64 {
        self.state.folded
    }

    /// Logs of which a start read no leaf below these heads.
    #[must_use]
    pub fn folded_logs(&self) -> Vec<Folded> {
        let of = |log: &Log| {
            let head = Head { size: log.base.size(), root: log.base.root() };
            Folded { log: log.origin, is_journal: log.is_journal, head }
        };
        self.state.memory().logs().map(of).filter(|one| one.head.size > 0).collect()
    }

    /// Which serials are on record, as of now.
    #[must_use]
    pub fn known_serials(&self) -> KnownSerials {
        KnownSerials(self.state.memory().serials.clone())
    }

    /// Keeps otherwise more or less often than by default.
    pub const fn keep(&mut self, keeping: Keeping) {
        self.state.keeping = keeping;
    }

    /// At start: our people, whose changes the journal is told with the start.
    pub fn name_people(&mut self, people: People) {
        self.state.people = Some(people);
    }

    /// What no row says and a recovery on a running node must not lose: that it is halted, what is known of clocks.
    pub fn carry_over(&mut self, from: &Self) {
        self.state.halted.clone_from(&from.state.halted);
        self.state.recovery.head_file_lost = from.state.recovery.head_file_lost;
        self.state.recovery.beyond.clone_from(&from.state.recovery.beyond);
        self.state.belief = from.state.belief.clone();
        self.state.people.clone_from(&from.state.people);
        self.state.skewed.clone_from(&from.state.skewed);
        self.state.keeping = from.state.keeping;
        // On a full disk a fold is not tried again with each turn.
        self.state.folded = self.state.memory().leaves();
    }

    /// Stops this node from appending to any log, the journal included: it was rolled back, or cannot know.
    pub fn halt(&mut self, why: &str) {
        self.state.halt(why);
    }

    /// The same where the head file is not there, and nothing else is known to be wrong. RCV-11
    pub fn halt_without_head_file(&mut self, why: &str) {
        self.state.halt_without_head_file(why);
    }

    /// The way back from what this node has halted for; `None`: it has not.
    #[must_use]
    pub fn recovery(&self, now: u64) -> Option<Plan> {
        recovery::plan(&self.state, now)
    }

    /// Whether this node may dial: it has not halted, or for want of its head file alone, which a partner's word may mend. LNK-19
    #[must_use]
    pub const fn may_dial(&self) -> bool {
        self.state.halted.is_none() || self.state.recovery.beyond.is_none()
    }

    /// Why this node appends to no log, if so.
    #[must_use]
    pub fn halted(&self) -> Option<&str> {
        self.state.halted.as_deref()
    }

    /// An operator's act, once: the Genesis leaf of each of our logs that has none.
    ///
    /// # Errors
    /// As [`Exchange::turn`].
    pub fn genesis(&mut self, store: &mut dyn Store, now: Now) -> Result<Recorded<Exits>, StoreError> {
        let mut batch = Batch::new(store, Vec::new(), now)?;
        for id in self.state.ids() {
            batch.run(&mut self.state, id, |view| Ok(flow::genesis(view)))?;
        }
        batch.commit(self.state.fence, &self.state)
    }

    /// One transaction for all inputs, at most [`MAX_BATCH`].
    ///
    /// # Errors
    /// [`StoreError`]. Memory then holds what the disk does not: drop this value and recover.
    pub fn turn(&mut self, store: &mut dyn Store, inputs: Vec<Input>, now: Now) -> Result<Recorded<Exits>, StoreError> {
        let keys = inputs.iter().filter_map(flow::needs).collect();
        let mut batch = Batch::new(store, keys, now)?;
        let count = inputs.len();
        self.state.looks = inputs.iter().any(|input| matches!(input, Input::Tick));
        if self.state.looks {
            self.state.deferred.clear();
        }
        for input in inputs {
            flow::input(&mut self.state, &mut batch, input)?;
        }
        if self.state.looks {
            upload::give_up(&mut self.state, &mut batch)?;
        }
        for id in self.state.ids() {
            upkeep::keep_up(&mut self.state, &mut batch, id)?;
        }
        keep::keep_short(&mut self.state, &mut batch, count)?;
        batch.commit(self.state.fence, &self.state)
    }

    /// What this node's records say to a submission, for [`DryRun::answer`]; nothing is written.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be read.
    pub fn dry_run(
        &self,
        store: &mut dyn Store,
        link: LinkId,
        authored: &Authored,
        own: &Prepared,
        now: Now,
    ) -> Result<DryRun, StoreError> {
        let batch = Batch::new(store, Vec::new(), now)?;
        let dry_run = batch.ask(&self.state, link, |view| DryRun::of(view, authored, own));
        dry_run.ok_or(StoreError::Fatal("there is no such link"))?
    }

    /// Leaves that no stored checkpoint covers, to be sealed before anything else leaves.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be read.
    pub fn unsealed(&self, store: &dyn Reader) -> Result<Recorded<Exits>, StoreError> {
        let mut appended = Vec::new();
        let pairs = self.state.memory().pairs.iter().map(|pair| &pair.mine);
        for log in pairs.chain(std::iter::once(&self.state.memory().journal)) {
            let first = log.sealed();
            if first >= log.size() {
                continue;
            }
            let rows = store.scan(&log.key(first), &log.key(log.size()), usize::MAX)?;
            let leaves = rows
                .into_iter()
                .filter_map(|(_, row)| if let Row::Bytes(leaf) = row { Some(leaf) } else { None })
                .collect();
            let link = self.state.link_of(log.origin);
            appended.push(Appended { log: log.origin, link, first, leaves, root: log.frontier.root() });
        }
        Ok(unsealed(appended))
    }

    /// How each link stands, for a connection that begins.
    #[must_use]
    pub fn link_starts(&self, partner: Nation) -> Vec<LinkStart> {
        let of = |(at, link): (usize, &Link)| {
            let id = LinkId::at(at)?;
            let pair = self.state.memory().pair(id)?;
            let open = |head: &Option<(relto_audit::checkpoint::Checkpoint, Vec<u8>)>, log, key: &PublicKey| {
                let (head, note) = head.as_ref()?;
                let known = self.state.opened.get(&log).filter(|known| known.checkpoint() == head);
                known.cloned().or_else(|| SignedCheckpoint::open(note, log, key).ok())
            };
            Some(LinkStart {
                link: id,
                expected: link.expected(),
                mine: open(&pair.mine.head, pair.mine.origin, &link.own_key),
                theirs: pair.theirs.frontier.clone(),
                held: open(&pair.theirs.head, pair.theirs.origin, &link.partner_key),
                rules: link.clone(),
            })
        };
        self.state.links.iter().enumerate().filter(|(_, link)| link.partner == partner).filter_map(of).collect()
    }

    /// The links in the order of the configuration.
    #[must_use]
    pub fn links(&self) -> &[Link] {
        &self.state.links
    }

    /// How long the logs of a link are.
    #[must_use]
    pub fn sizes(&self, link: LinkId) -> Option<Sizes> {
        let pair = self.state.memory().pair(link)?;
        Some(Sizes { ours: pair.mine.size(), sealed: pair.mine.sealed(), theirs: pair.theirs.size() })
    }

    /// Root of our log of the link at this place.
    #[must_use]
    pub fn root(&self, at: usize) -> Digest {
        self.state.memory().pairs.get(at).map_or_else(relto_audit::tree::empty_root, |pair| pair.mine.frontier.root())
    }

    /// Size of the national journal.
    #[must_use]
    pub fn journal_size(&self) -> u64 {
        self.state.memory().journal.size()
    }

    /// What is open on a link.
    #[must_use]
    pub fn backlog(&self, link: LinkId) -> Option<Backlog> {
        let pair = self.state.memory().pair(link)?;
        let (unanswered, awaited, queued) = (pair.unresolved.len(), pair.awaited.len(), pair.queued.len());
        Some(Backlog { unanswered, awaited, queued })
    }

    /// Whether a FLASH or IMMEDIATE report is on its way on a link, or is queued for it.
    #[must_use]
    pub fn hurries(&self, link: LinkId) -> bool {
        let Some(pair) = self.state.memory().pair(link) else { return false };
        let queued = pair.queued.first().and_then(|(lane, _)| Precedence::ALL.get(*lane));
        queued.is_some_and(|precedence| precedence.hurries())
            || pair.unresolved.values().any(|row| row.precedence.hurries())
            || pair.awaited.values().any(|row| row.precedence.hurries())
    }

    /// Reports of ours that were released in an emergency and wait for a second officer.
    #[must_use]
    pub fn unconfirmed(&self, link: LinkId) -> Vec<SubmissionId> {
        let of = |pair: &Pair| pair.unconfirmed.values().map(|owed| owed.submission).collect();
        self.state.memory().pair(link).map(of).unwrap_or_default()
    }

    /// The version of a link's agreement that is in force between both nations.
    #[must_use]
    pub fn in_force(&self, link: LinkId) -> Option<&Arc<Agreement>> {
        self.state.memory().pair(link).map(|pair| &pair.agreement)
    }

    /// How the agreement of a link stands by both logs, and what both nations have stated.
    #[must_use]
    pub fn life(&self, link: LinkId) -> Option<(StateView, &Record)> {
        self.state.memory().pair(link).map(|pair| (pair.state, &pair.changes))
    }

    /// Whether heads are confirmed: releases happen now.
    #[must_use]
    pub fn is_confirmed(&self, link: LinkId, now: u64) -> bool {
        self.state.is_confirmed(link, now)
    }

    /// At start: the clock is not believed, and why.
    pub fn doubt_clock(&mut self, why: &str) {
        self.state.doubt_clock(why);
    }

    /// At start: by what it is believed.
    pub fn believe_clock(&mut self, by: By) {
        self.state.belief.by = Some(by);
    }

    /// What is known of the clock.
    #[must_use]
    pub const fn belief(&self) -> &Belief {
        &self.state.belief
    }

    /// Compares the newest heads of the head file with the rows, and halts this exchange where they contradict. Gives
    /// the heads that were signed and whose checkpoint is not stored yet: they go into the first turn, as
    /// [`Input::Sealed`].
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be read.
    pub fn compare_heads<'a>(
        &mut self,
        store: &dyn Reader,
        newest: impl Iterator<Item = (&'a Origin, &'a [u8])>,
    ) -> Result<Vec<SignedCheckpoint>, StoreError> {
        heads::compare(&mut self.state, store, newest)
    }

    /// Why the head file, read after the database, cannot be its own: it lacks a head that is stored. HED-3
    pub fn lacks_heads<'a>(&self, newest: impl Iterator<Item = (&'a Origin, &'a [u8])>) -> Option<&'static str> {
        heads::lacks(&self.state, newest)
    }

    /// The write of the head file that the database names last, for whoever has read the file. HED-6
    #[must_use]
    pub const fn head_write(&self) -> Option<HeadWrite> {
        self.state.memory().head_write
    }

    /// Whether a head of ours is stored: then a write of the head file is named too.
    #[must_use]
    pub fn has_heads(&self) -> bool {
        heads::own_logs(&self.state).any(|(log, _)| log.sealed() > 0)
    }
}

/// What an exchange and the rows of its store say of originals.
pub struct OnRecord<'a>(pub &'a Exchange, pub &'a dyn Reader);

impl Originals for OnRecord<'_> {
    fn original(&self, agreement: &str, serial: &str) -> Result<Option<Original>, StoreError> {
        let Self(exchange, rows) = self;
        let at = exchange.state.links.iter().position(|link| link.agreement.id == agreement);
        let Some(id) = at.and_then(LinkId::at) else { return Ok(None) };
        let memory = exchange.state.memory();
        let Some(pair) = memory.pair(id) else { return Ok(None) };
        let day = Timestamp::from_millis(pair.mine.time).day();
        let found = memory.find_original(*rows, id, serial)?;
        Ok(found.map(|at| Original { at, agreement: pair.agreement.clone(), day }))
    }
}
