//! Many steps, one transaction, one way out.

use crate::{
    model::{
        body::Body,
        ids::{LinkId, Now, Ticket},
        journal::{Act, Entry},
        link::Link,
        parts::Parts,
        place::{EntryAt, LeafAt, Place, read},
        store::{Fence, Key, Row, Store, StoreError, Write},
    },
    state::{State, memory::Memory, pair::Pair, session::Session},
    turn::{
        out::{Answer, Appended, Event, Out},
        written::{Rows, Written},
    },
};
use relto_audit::{leaf::Leaf, origin::Origin};
use relto_report::{crypto::sha256, digest::Digest};
use std::{cell::Cell, collections::BTreeMap, ops::Deref};

/// `T` is on this node's disk. Two mints only: `Batch::commit`, and `unsealed` for leaves that were read back.
pub struct Recorded<T>(T);

impl<T> Recorded<T> {
    pub(crate) const fn get(&self) -> &T {
        &self.0
    }

    pub(crate) const fn get_mut(&mut self) -> &mut T {
        &mut self.0
    }

    pub(crate) fn into_inner(self) -> T {
        self.0
    }
}

/// What one batch lets out: answers, leaves to be sealed, payloads, WANTs.
pub struct Exits {
    pub(crate) out: Vec<Out>,
    pub(crate) appended: Vec<Appended>,
}

impl Recorded<Exits> {
    /// Answers and events for our own people, who need the disk and not the seal.
    pub fn take_home(&mut self) -> (Vec<(Ticket, Answer)>, Vec<Event>) {
        let (mut replies, mut events, mut rest) = (Vec::new(), Vec::new(), Vec::new());
        for out in std::mem::take(&mut self.get_mut().out) {
            match out {
                Out::Reply(ticket, answer) => replies.push((ticket, answer)),
                Out::Event(event) => events.push(event),
                Out::Body { .. } | Out::Stop { .. } | Out::Want { .. } | Out::Reach { .. } | Out::Close { .. } => {
                    rest.push(out);
                }
            }
        }
        self.get_mut().out = rest;
        (replies, events)
    }

    /// Whether a signature or a connection is needed for what is left.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.get().appended.is_empty() && self.get().out.is_empty()
    }
}

/// Entries of the journal beyond its last stored head, from which on alarms are told and not recorded.
const MAX_ALARMS: u64 = 256;

/// What one step wants written and, once it is, let out.
#[derive(Default)]
pub(crate) struct Step {
    pub(crate) writes: Vec<Write>,
    pub(crate) out: Vec<Out>,
    leaves: u64,
    entries: u64,
    last_time: u64,
}

impl Step {
    /// A new row.
    pub(crate) fn insert<P: Place>(&mut self, at: P, value: P::Value) {
        self.writes.push(Write::Insert(at.key(), P::row(value)));
    }

    /// A new row of bytes that were encrypted before the turn.
    pub(crate) fn insert_body(&mut self, at: impl Place<Value = Vec<u8>>, body: Body) {
        self.writes.push(Write::Insert(at.key(), Row::Body(body)));
    }

    /// A row that stands otherwise from now on.
    pub(crate) fn replace<P: Place>(&mut self, at: P, value: P::Value) {
        self.writes.push(Write::Replace(at.key(), P::row(value)));
    }

    /// A row that is gone.
    pub(crate) fn erase(&mut self, at: impl Place) {
        self.writes.push(Write::Erase(at.key()));
    }

    /// All that stands of a long payload in parts is gone.
    pub(crate) fn erase_parts(&mut self, parts: Parts) {
        let (from, to) = parts.keys();
        self.writes.push(Write::EraseAll(from, to));
    }

    pub(crate) fn event(&mut self, event: Event) {
        self.out.push(Out::Event(event));
    }

    /// Index of the next leaf of my log.
    pub(crate) fn next_index(&self, view: &View<'_>) -> u64 {
        view.pair.mine.size().saturating_add(self.leaves)
    }

    /// Time of the next leaf of my log: never earlier than the leaf before. LOG-6
    pub(crate) fn leaf_time(&self, view: &View<'_>) -> u64 {
        view.now.millis.max(view.pair.mine.time).max(self.last_time)
    }

    /// Appends a leaf to my log and gives its index.
    pub(crate) fn append(&mut self, view: &View<'_>, leaf: &Leaf) -> u64 {
        let index = self.next_index(view);
        self.leaves = self.leaves.saturating_add(1);
        self.last_time = self.last_time.max(leaf.time().unwrap_or(0));
        self.insert(LeafAt(view.pair.mine.origin, index), leaf.encode());
        index
    }

    /// Appends an entry to the national journal.
    pub(crate) fn journal(&mut self, view: &NationView<'_>, act: Act) {
        let journal = &view.memory.journal;
        let index = journal.size().saturating_add(self.entries);
        self.entries = self.entries.saturating_add(1);
        let entry = Entry { time: view.now.millis.max(journal.time), act };
        self.insert(EntryAt(journal.origin, index), entry.encode());
    }

    /// Tells an operator, and puts it on record; but a partner who causes thousands at once does not push the journal
    /// beyond what one head covers. Its own leaves, which cause them, are the evidence and are kept.
    pub(crate) fn alarm(&mut self, view: &NationView<'_>, what: &str) {
        self.on_record(view, what);
        self.event(Event::Alarm(what.to_owned()));
    }

    /// As [`Self::alarm`], for what is in order: it is on record, and asks nobody to look.
    pub(crate) fn notice(&mut self, view: &NationView<'_>, what: &str) {
        self.on_record(view, what);
        self.event(Event::Notice(what.to_owned()));
    }

    fn on_record(&mut self, view: &NationView<'_>, what: &str) {
        let journal = &view.memory.journal;
        if view.halted.is_none() && journal.unsealed().saturating_add(self.entries) < MAX_ALARMS {
            self.journal(view, Act::Alarm { what: what.to_owned() });
        }
    }
}

/// What any step may read: memory, this batch's own writes, then the disk; the journal is the nation's, and of no link.
pub(crate) struct NationView<'a> {
    pub(crate) memory: &'a Memory,
    /// Why nothing is appended: see [`State::halt`], or the clock is not believed.
    pub(crate) halted: Option<&'a str>,
    pub(crate) now: Now,
    written: &'a Written,
    disk: &'a dyn Store,
    draws: &'a Cell<u64>,
}

impl NationView<'_> {
    /// The rows of all links: for what is the whole nation's, as serials are.
    pub(crate) const fn rows(&self) -> Rows<'_> {
        Rows::new(self.written, self.disk)
    }

    /// 32 fresh bytes: the turn's seed and a count, hashed.
    pub(crate) fn salt(&self) -> [u8; 32] {
        let draw = self.draws.get();
        self.draws.set(draw.wrapping_add(1));
        *sha256(&[&self.now.seed, &draw.to_le_bytes()]).as_bytes()
    }
}

/// What a step of one link may read: the nation's, and of links this one only.
pub(crate) struct View<'a> {
    nation: NationView<'a>,
    pub(crate) id: LinkId,
    pub(crate) link: &'a Link,
    pub(crate) pair: &'a Pair,
    pub(crate) session: Option<&'a Session>,
    /// The partner's last HELLO was further apart than the skew.
    pub(crate) skewed: bool,
    /// Heads are confirmed: releases happen now.
    pub(crate) confirmed: bool,
    /// The partner has said HELLO since this start: our log may grow.
    pub(crate) greeted: bool,
}

impl<'a> Deref for View<'a> {
    type Target = NationView<'a>;

    fn deref(&self) -> &NationView<'a> {
        &self.nation
    }
}

impl View<'_> {
    /// What stands at a place of this link.
    pub(crate) fn read<P: Place>(&self, at: P) -> Result<Option<P::Value>, StoreError> {
        let key = at.key();
        let foreign = match &key {
            Key::Leaf(log, _)
            | Key::Checkpoint(log, _)
            | Key::Subtree(log, _)
            | Key::Payload(log, _)
            | Key::Detail(log, _)
            | Key::Home(log, _)
            | Key::Outbox(log, _)
            | Key::Awaited(log, _)
            | Key::Spool(log, _, _)
            | Key::Inbox(log, _) => *log != self.pair.mine.origin && *log != self.pair.theirs.origin,
            Key::Submission(_)
            | Key::Draft(_)
            | Key::DraftBody(_)
            | Key::DraftHome(_)
            | Key::Upload(_)
            | Key::HeadWrite => false,
            // A step writes these and reads none of them so.
            Key::Entry(..) | Key::Part(..) | Key::Serial(_) | Key::SerialSalt | Key::Fold(_) => true,
        };
        if foreign {
            return Err(StoreError::Fatal("a step asked for a row of another link"));
        }
        read(&self.rows(), at)
    }
}

/// The steps of one turn. Consuming it by `commit` is the only way to what they let out.
pub(crate) struct Batch<'s> {
    store: &'s mut dyn Store,
    written: Written,
    out: Vec<Out>,
    runs: BTreeMap<Origin, (u64, Vec<Vec<u8>>)>,
    draws: Cell<u64>,
    now: Now,
}

impl<'s> Batch<'s> {
    /// One read for the whole batch.
    pub(crate) fn new(store: &'s mut dyn Store, keys: Vec<Key>, now: Now) -> Result<Self, StoreError> {
        let rows = if keys.is_empty() { Vec::new() } else { store.get(&keys)? };
        let written = Written::over(keys.into_iter().zip(rows));
        Ok(Self { store, written, out: Vec::new(), runs: BTreeMap::new(), draws: Cell::new(0), now })
    }

    /// What a question finds in what stands now; nothing changes.
    pub(crate) fn ask<T>(&self, state: &State, id: LinkId, question: impl FnOnce(&View<'_>) -> T) -> Option<T> {
        self.view(state, id).map(|view| question(&view))
    }

    fn nation<'a>(&'a self, state: &'a State) -> NationView<'a> {
        NationView {
            memory: state.memory(),
            halted: state.halted.as_deref().or_else(|| state.belief.doubt()),
            now: self.now,
            written: &self.written,
            disk: &*self.store,
            draws: &self.draws,
        }
    }

    /// What a step of a link may read; `None`: there is no such link.
    fn view<'a>(&'a self, state: &'a State, id: LinkId) -> Option<View<'a>> {
        Some(View {
            nation: self.nation(state),
            id,
            link: state.links.get(id.place())?,
            pair: state.memory().pair(id)?,
            session: state.sessions.get(&id),
            skewed: state.skewed.contains(&id),
            confirmed: state.is_confirmed(id, self.now.millis),
            greeted: state.greeted.contains(&id),
        })
    }

    /// Runs one step over what stands now, and folds its writes into memory.
    pub(crate) fn run(
        &mut self,
        state: &mut State,
        id: LinkId,
        step: impl FnOnce(&View<'_>) -> Result<Step, StoreError>,
    ) -> Result<(), StoreError> {
        let Some(view) = self.view(state, id) else { return Ok(()) };
        let step = step(&view)?;
        self.carry_out(state, step);
        Ok(())
    }

    /// Runs one step of the nation, as [`Self::run`] runs one of a link.
    pub(crate) fn run_national(
        &mut self,
        state: &mut State,
        step: impl FnOnce(&NationView<'_>) -> Result<Step, StoreError>,
    ) -> Result<(), StoreError> {
        let step = step(&self.nation(state))?;
        self.carry_out(state, step);
        Ok(())
    }

    fn carry_out(&mut self, state: &mut State, step: Step) {
        for write in &step.writes {
            state.apply(write).into_iter().for_each(|beside| self.written.push(beside));
        }
        // What goes into a lane counts there from now on.
        for out in &step.out {
            if let Out::Body { link, offset, length, .. } = out
                && let Some(session) = state.sessions.get_mut(link)
            {
                session.count(length.saturating_sub(*offset));
            }
        }
        for write in step.writes {
            if let Write::Insert(Key::Leaf(log, index) | Key::Entry(log, index), Row::Bytes(leaf)) = &write
                && state.is_mine(*log)
            {
                self.runs.entry(*log).or_insert_with(|| (*index, Vec::new())).1.push(leaf.clone());
            }
            self.written.push(write);
        }
        self.out.extend(step.out);
    }

    /// What was read for this batch or written by it.
    pub(crate) fn peek<P: Place>(&self, at: P) -> Option<&P::Value> {
        self.written.known(&at.key()).flatten().and_then(P::look)
    }

    /// What stands now, on the disk or written by this batch.
    pub(crate) fn rows(&self) -> Rows<'_> {
        Rows::new(&self.written, &*self.store)
    }

    pub(crate) const fn now(&self) -> Now {
        self.now
    }

    /// An answer that no step gives.
    pub(crate) fn answer(&mut self, ticket: Ticket, answer: Answer) -> Result<(), StoreError> {
        self.out.push(Out::Reply(ticket, answer));
        Ok(())
    }

    pub(crate) fn push(&mut self, out: Out) {
        self.out.push(out);
    }

    /// Commits, and opens the way out. The only call of [`Store::commit`] in the program. FLW-12
    pub(crate) fn commit(self, fence: Fence, state: &State) -> Result<Recorded<Exits>, StoreError> {
        let writes = self.written.into_writes();
        if !writes.is_empty() {
            self.store.commit(fence, &writes)?;
        }
        let root = |log: Origin| -> Digest { state.root_of(log) };
        let appended = self
            .runs
            .into_iter()
            .map(|(log, (first, leaves))| Appended { log, link: state.link_of(log), first, leaves, root: root(log) })
            .collect();
        Ok(Recorded(Exits { out: self.out, appended }))
    }
}

/// Leaves on the disk that no stored checkpoint covers, as if a batch had just appended them: after a crash between
/// commit and seal. What stands on the disk is recorded by definition.
pub(crate) fn unsealed(appended: Vec<Appended>) -> Recorded<Exits> {
    Recorded(Exits { out: Vec::new(), appended })
}

/// What the types forbid, each with a twin that compiles. A mint outside this crate:
/// ```compile_fail,E0423
/// let r = relto_exchange::batch::Recorded(1);
/// ```
/// What was recorded may be handed on:
/// ```
/// use relto_exchange::{batch::{Exits, Recorded}, seal::{SealKeys, Sealed, seal}};
/// use relto_report::crypto::SignerDown;
/// fn on(recorded: Recorded<Exits>, keys: &dyn SealKeys) -> Result<Sealed, SignerDown> { seal(vec![recorded], keys) }
/// ```
/// A frame that carries leaves or payloads:
/// ```compile_fail,E0624
/// let f = relto_exchange::wire::frame::Frame::want;
/// ```
/// Bytes for the socket:
/// ```compile_fail,E0423
/// let w = relto_exchange::wire::frame::Wire(vec![1]);
/// ```
/// The socket may read what a frame gave it:
/// ```
/// fn read(wire: &relto_exchange::wire::frame::Wire) -> &[u8] { wire.as_bytes() }
/// ```
/// A sealed batch opened without the head file:
/// ```compile_fail,E0616
/// fn open(sealed: relto_exchange::seal::Sealed) { let _ = sealed.outgoing; }
/// ```
/// With it, it opens:
/// ```
/// use relto_exchange::{seal::{HeadFile, Outgoing, Sealed}, store::StoreError};
/// fn open(sealed: Sealed, file: &mut dyn HeadFile) -> Result<Vec<Outgoing>, StoreError> { Ok(sealed.record(file)?.outgoing) }
/// ```
/// What goes to a connection is made by sealing, and by nobody else:
/// ```compile_fail,E0639
/// use relto_exchange::{ids::LinkId, seal::Outgoing};
/// fn send(log: relto_audit::origin::Origin) -> Outgoing { Outgoing::Stop { link: LinkId(0), log, index: 0 } }
/// ```
/// And the frame that anybody may make, the end of a session, says nothing of any report:
/// ```
/// let frame = relto_exchange::wire::frame::Frame::bye(relto_exchange::wire::protocol::ByeCode::Done);
/// assert_eq!(&frame.encode().as_bytes()[..4], b"RLTO");
/// ```
pub struct CompileFail;
