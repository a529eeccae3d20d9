//! Two nodes and the wire between them, in virtual time. Every step is one effect of one node, and a crash, a cut or a
//! full disk may come after any of them.

use crate::{
    check::{check_all, check_frame, check_step},
    fixture::{NOW, Side, author, link, nation, note, officer},
    node::{Disk, Node},
    wire::Wire,
};
use relto_exchange::{
    exchange::Backlog,
    forms::Form,
    ids::{LinkId, Ticket},
    input::{Input, Stated, Submit},
    link::Link,
    out::Answer,
    ready::fetch::Drafted,
    rows::SubmissionState,
    store::{Key, Row, SubmissionId, one},
    wire::{hello::Role, protocol::ByeCode},
};
use relto_host::random::uuid_v7;
use relto_policy::{agreement::Agreement, change, state::Standing};
use relto_report::{
    assessment::Document,
    calendar::Timestamp,
    crypto::sha256,
    nation::Nation,
    note::Note,
    signed::{Approval, Authored, Verified},
};
use std::sync::Arc;

/// The one link of each node.
pub const LINK: LinkId = LinkId(0);
/// Stands at the end of every submission id, which must never be seen on the wire.
pub const ID_MARK: &[u8; 6] = b"SUB-ID";
/// Sessions that one settling may take before it is clear that they come to nothing.
const RECONNECTS: u32 = 6;

/// Ends of a node by faults of its own store, of which a test plants a few at most.
const MAX_FALLS: u32 = 40;

/// Makes an input for a ticket, with what the node makes ready for it.
type Make = Box<dyn Fn(Ticket, &mut Node) -> Input>;

/// Something that a person asks, again and again until an answer comes.
struct Request {
    side: Side,
    make: Make,
    ticket: Option<Ticket>,
    answer: Option<Answer>,
}

/// A report that somebody submitted.
#[derive(Clone)]
pub struct Sent {
    /// Whose it is.
    pub side: Side,
    /// Its submission id.
    pub id: SubmissionId,
    /// Its serial.
    pub serial: String,
    /// The document.
    pub document: Document,
    request: usize,
}

/// Two nodes and what is between them.
pub struct Pair {
    /// XAA, which dials, and XBB.
    pub nodes: [Node; 2],
    /// Unix milliseconds.
    pub now: u64,
    /// The wire.
    pub wire: Wire,
    /// Whether a lost connection is made again.
    pub linked: bool,
    /// Whether everything is checked after every step and not only at rest: always, but for thousands of reports.
    pub careful: bool,
    /// Frames of one pull and of one delivery; a node with much to do reads and writes many between two turns.
    pub burst: usize,
    /// Whether what a node had sent before it ended still arrives.
    pub late_arrivals: bool,
    /// Whether authors call what they submit an emergency.
    pub emergency: bool,
    /// Everything that was submitted.
    pub sent: Vec<Sent>,
    /// Why connections ended, by side.
    pub closes: Vec<(Side, ByeCode)>,
    /// Effects of each node so far.
    pub effects: [u64; 2],
    /// The node of this side ends after this effect, once.
    pub crash: Option<(Side, u64)>,
    requests: Vec<Request>,
    falls: [u32; 2],
    sessions: u64,
    reconnects: u32,
    ids: u64,
}

impl Default for Pair {
    fn default() -> Self {
        Self::new()
    }
}

impl Pair {
    /// Two new nodes with stores in memory, not linked yet.
    #[must_use]
    pub fn new() -> Self {
        Self::of([Disk::memory(), Disk::memory()])
    }

    /// Two new nodes on these disks.
    #[must_use]
    pub fn of(disks: [Disk; 2]) -> Self {
        Self::with([link(0), link(1)], disks)
    }

    /// Two new nodes that decide by these links.
    #[must_use]
    pub fn with(links: [Link; 2], disks: [Disk; 2]) -> Self {
        let ([own, theirs], [one, other]) = (links, disks);
        let nodes = [Node::new(0, vec![own], one, NOW), Node::new(1, vec![theirs], other, NOW)];
        Self {
            nodes,
            now: NOW,
            wire: Wire::default(),
            linked: false,
            careful: true,
            burst: 1,
            late_arrivals: false,
            emergency: false,
            sent: Vec::new(),
            closes: Vec::new(),
            effects: [0; 2],
            crash: None,
            requests: Vec::new(),
            falls: [0; 2],
            sessions: 0,
            reconnects: 0,
            ids: 0,
        }
    }

    /// Two new nodes that are linked, with heads confirmed on both sides.
    #[must_use]
    pub fn linked() -> Self {
        Self::new().link()
    }

    /// Links the nodes and lets them come to rest.
    #[must_use]
    pub fn link(mut self) -> Self {
        self.linked = true;
        self.settle();
        self
    }

    // ------------------------------------------------------------------ people

    /// The author of a side submits a document; sent again until it is answered.
    pub fn submit(&mut self, side: Side, authored: &Verified<Authored>) -> usize {
        let id = self.next_id();
        self.submit_as(side, id, authored)
    }

    /// The same under an id of the caller's.
    pub fn submit_as(&mut self, side: Side, id: SubmissionId, authored: &Verified<Authored>) -> usize {
        let request = self.request_submit(side, id, authored);
        let document = authored.get().document.clone();
        let serial = document.report().serial.clone();
        self.sent.push(Sent { side, id, serial, document, request });
        self.sent.len() - 1
    }

    /// The same once more, as a client does that had no answer: only the answer counts.
    pub fn request_submit(&mut self, side: Side, id: SubmissionId, authored: &Verified<Authored>) -> usize {
        let (authored, account, emergency) = (authored.clone(), author(side), self.emergency);
        let submit = move |ticket, node: &mut Node| {
            let (account, authored) = (account.clone(), authored.clone());
            let seed = node.seed();
            let own = node.own(authored.get(), seed);
            let uploaded = authored.get().document.is_apart();
            Input::Submit(Box::new(Submit { ticket, id, account, link: LINK, authored, own, uploaded, emergency }))
        };
        self.request_of(side, submit)
    }

    /// Anything that a person asks of a node. Gives the number under which the answer is found.
    pub fn request(&mut self, side: Side, make: impl Fn(Ticket) -> Input + 'static) -> usize {
        self.request_of(side, move |ticket, _| make(ticket))
    }

    /// The same, where the node has to make something ready for it.
    fn request_of(&mut self, side: Side, make: impl Fn(Ticket, &mut Node) -> Input + 'static) -> usize {
        self.requests.push(Request { side, make: Box::new(make), ticket: None, answer: None });
        self.requests.len() - 1
    }

    /// A fresh submission id.
    pub fn next_id(&mut self) -> SubmissionId {
        self.ids += 1;
        let [.., a, b, c, d] = self.ids.to_be_bytes();
        let [m0, m1, m2, m3, m4, m5] = *ID_MARK;
        uuid_v7(self.now, [a, b, c, d, m0, m1, m2, m3, m4, m5])
    }

    /// The n-th officer of a side approves what was submitted as `sent`.
    pub fn approve(&mut self, sent: usize, n: u8) -> usize {
        let Sent { side, id, document, .. } = self.sent[sent].clone();
        let approval = crate::fixture::approve(side, &officer(side, n), &document);
        self.approve_with(side, id, approval)
    }

    /// An approval of any kind.
    pub fn approve_with(&mut self, side: Side, id: SubmissionId, approval: Verified<Approval>) -> usize {
        self.request_of(side, move |ticket, node| {
            let seed = node.seed();
            let drafted = node.at_desk(seed, |desk| Drafted::read(desk, id)).unwrap();
            Input::Approve { ticket, id, approval: approval.clone(), drafted }
        })
    }

    /// The n-th officer of a side declines what was submitted as `sent`.
    pub fn decline(&mut self, sent: usize, n: u8, reason: &str) -> usize {
        let Sent { side, id, .. } = self.sent[sent].clone();
        let (officer, reason) = (officer(side, n), reason.to_owned());
        self.request(side, move |ticket| Input::Decline {
            ticket,
            id,
            officer: officer.clone(),
            reason: reason.clone(),
        })
    }

    /// The office `J2` of a side acknowledges the partner's leaf at `index`.
    pub fn acknowledge(&mut self, side: Side, index: u64) -> usize {
        let id = self.next_id();
        self.make_statement(side, id, (nation(1 - side), index), note(side))
    }

    /// Any statement that a side's people make.
    pub fn make_statement(&mut self, side: Side, id: SubmissionId, subject: (Nation, u64), note: Note) -> usize {
        self.request(side, move |ticket| {
            let (account, note) = (author(side), note.clone());
            let form = Form::Acknowledged;
            Input::Statement(Box::new(Stated { ticket, id, account, link: LINK, form, subject, note }))
        })
    }

    /// The signers of a side state the next change of its own, given what the node has on record.
    pub fn change(&mut self, side: Side, act: change::Act) -> usize {
        let (_, record) = self.nodes[side].exchange.life(LINK).unwrap();
        let signed = crate::fixture::change(&self.nodes[side].links[0], record, act);
        self.request(side, move |ticket| Input::Change { ticket, link: LINK, change: signed.clone() })
    }

    /// An operator of a side installs a version of the agreement, whose file is on the disk first.
    pub fn install(&mut self, side: Side, text: &Arc<Agreement>) -> usize {
        self.nodes[side].links[0].later.push(text.clone());
        let text = text.clone();
        self.request(side, move |ticket| Input::Install { ticket, link: LINK, text: text.clone() })
    }

    /// Whether reports may go, as a side sees it.
    #[must_use]
    pub fn stands(&self, side: Side) -> Standing {
        let (state, _) = self.nodes[side].exchange.life(LINK).unwrap();
        state.standing(&self.nodes[side].links[0].agreement.life, Timestamp::from_millis(self.now))
    }

    /// A reader opens a report of the inbox.
    pub fn open(&mut self, side: Side, index: u64) -> usize {
        let account = author(side);
        self.request(side, move |ticket| {
            let (account, decided) = (account.clone(), Ok(format!("{}/J2", nation(side))));
            Input::Opened { ticket, account, link: LINK, index, decided }
        })
    }

    /// The answer to a request.
    #[must_use]
    pub fn answer(&self, request: usize) -> Option<&Answer> {
        self.requests[request].answer.as_ref()
    }

    /// What the author was told at first.
    #[must_use]
    pub fn told(&self, sent: usize) -> Option<&Answer> {
        self.answer(self.sent[sent].request)
    }

    /// How a submission stands in the store.
    #[must_use]
    pub fn state(&self, sent: usize) -> Option<SubmissionState> {
        let Sent { side, id, .. } = &self.sent[sent];
        match one(self.nodes[*side].reader(), &Key::Submission(*id)).unwrap() {
            Some(Row::Submission(row)) => Some(row.state),
            _ => None,
        }
    }

    /// Index of the leaf of a submission.
    #[must_use]
    pub fn index(&self, sent: usize) -> Option<u64> {
        match self.state(sent) {
            Some(SubmissionState::Released(index)) => Some(index),
            _ => None,
        }
    }

    /// The row of a report on its way.
    #[must_use]
    pub fn outbox(&self, sent: usize) -> Option<relto_exchange::rows::Outbox> {
        let node = &self.nodes[self.sent[sent].side];
        match one(node.reader(), &Key::Outbox(node.links[0].mine(), self.index(sent)?)).unwrap() {
            Some(Row::Outbox(row)) => Some(row),
            _ => None,
        }
    }

    /// What the recipient made of a report.
    #[must_use]
    pub fn inbox(&self, sent: usize) -> Option<relto_exchange::rows::Inbox> {
        let node = &self.nodes[1 - self.sent[sent].side];
        match one(node.reader(), &Key::Inbox(node.links[0].theirs(), self.index(sent)?)).unwrap() {
            Some(Row::Inbox(row)) => Some(row),
            _ => None,
        }
    }

    // ------------------------------------------------------------------ time and the wire

    /// Both nodes get a HELLO ready. What they know of their logs is from this moment.
    pub fn connect(&mut self) {
        self.sessions += 1;
        self.wire.clear();
        let exporter = *sha256(&[b"exporter", &self.sessions.to_le_bytes()]).as_bytes();
        let names = [self.nodes[0].name(), self.nodes[1].name()];
        for (side, role) in [(0, Role::Dialer), (1, Role::Listener)] {
            let partner = (names[1 - side].as_str(), nation(1 - side));
            self.nodes[side].connect(role, partner, exporter, self.sessions, self.now);
        }
    }

    /// The connection breaks.
    pub fn cut(&mut self) {
        self.wire.clear();
        for (side, node) in self.nodes.iter_mut().enumerate() {
            if let Some(code) = node.connection.as_ref().and_then(relto_exchange::connection::Connection::closed) {
                self.closes.push((side, code));
            }
            node.disconnect();
        }
    }

    /// The process of a node ends here and is started again. Whoever waited for an answer asks again.
    pub fn restart(&mut self, side: Side) {
        while self.late_arrivals && self.nodes[1 - side].connection.is_some() {
            let Some(bytes) = self.wire.arrive(side, u64::MAX) else { break };
            self.nodes[1 - side].receive(&bytes, self.now);
        }
        self.nodes[side].answers.clear();
        self.nodes[side].restart(self.now);
        for request in self.requests.iter_mut().filter(|request| request.side == side) {
            request.ticket = None;
        }
        self.cut();
    }

    /// Lets time pass, with a tick of both nodes at its end.
    pub fn advance(&mut self, millis: u64) {
        self.now += millis;
        self.tick();
    }

    /// Lets time pass as an idle pair spends it: heartbeats every ten seconds.
    pub fn idle(&mut self, millis: u64) {
        let mut left = millis;
        while left > 0 {
            let step = left.min(10_000);
            self.advance(step);
            self.settle();
            left -= step;
        }
    }

    /// A tick of both nodes.
    pub fn tick(&mut self) {
        for node in &mut self.nodes {
            node.push(Input::Tick);
        }
    }

    // ------------------------------------------------------------------ steps

    /// One round: each node does one of everything that it can do. Tells whether anything was done.
    pub fn step(&mut self) -> bool {
        let mut done = false;
        for side in [0, 1] {
            for act in Act::ALL {
                done |= self.act(side, act);
            }
        }
        done
    }

    /// One act of one node. Tells whether it did anything.
    pub fn act(&mut self, side: Side, act: Act) -> bool {
        if let Some(why) = self.nodes[side].ended {
            self.falls[side] += 1;
            assert!(self.falls[side] < MAX_FALLS, "{side} ends again and again: {why:?}");
            self.restart(side);
        }
        let now = self.now;
        let done = match act {
            Act::Ask => self.ask(side),
            Act::Turn => self.nodes[side].turn(now) && self.effect(side),
            Act::Seal => self.nodes[side].seal() && self.effect(side),
            Act::Record => self.nodes[side].record() && self.effect(side),
            Act::Pull => (0..self.burst).take_while(|_| self.pull(side)).count() > 0,
            Act::Deliver => (0..self.burst).take_while(|_| self.deliver(side)).count() > 0,
        };
        self.collect(side);
        self.end_of_session(side);
        // The others change nothing on a disk.
        if done && self.careful && matches!(act, Act::Turn | Act::Record) {
            check_step(self);
        }
        done
    }

    fn ask(&mut self, side: Side) -> bool {
        let mut done = false;
        for (n, request) in self.requests.iter_mut().enumerate() {
            if request.side == side && request.answer.is_none() && request.ticket.is_none() {
                let ticket = u64::try_from(n).unwrap();
                request.ticket = Some(ticket);
                let input = (request.make)(ticket, &mut self.nodes[side]);
                self.nodes[side].push(input);
                done = true;
            }
        }
        done
    }

    fn collect(&mut self, side: Side) {
        let node = &mut self.nodes[side];
        for (ticket, answer) in std::mem::take(&mut node.answers) {
            self.requests[usize::try_from(ticket).unwrap()].answer = Some(answer);
        }
        if !node.has_jobs() {
            // A full disk tells everybody to come again.
            for request in self.requests.iter_mut().filter(|one| one.side == side && one.answer.is_none()) {
                request.ticket = None;
            }
        }
    }

    fn effect(&mut self, side: Side) -> bool {
        self.effects[side] += 1;
        if self.crash == Some((side, self.effects[side])) {
            self.crash = None;
            self.restart(side);
        }
        true
    }

    fn pull(&mut self, side: Side) -> bool {
        let Some(wire) = self.nodes[side].pull(self.now) else { return false };
        check_frame(self, side, wire.as_bytes());
        self.wire.send(side, wire.as_bytes(), self.now);
        self.effect(side)
    }

    fn deliver(&mut self, side: Side) -> bool {
        let arrived = self.wire.arrive(1 - side, self.now);
        if let Some(bytes) = &arrived {
            self.nodes[side].receive(bytes, self.now);
        }
        if self.wire.is_cut() {
            self.cut();
            return true;
        }
        arrived.is_some()
    }

    /// A side that has said its last word, or is gone, ends the session for both.
    fn end_of_session(&mut self, side: Side) {
        let gone = self.nodes[side].connection.is_none() && self.nodes[1 - side].connection.is_some();
        let closed = self.nodes[side].connection.as_ref().is_some_and(|connection| connection.closed().is_some());
        if gone || (closed && !self.pull(side) && self.wire.is_empty()) {
            self.cut();
        }
    }

    /// Steps until nothing happens any more: what was delayed has arrived, lost connections are made again, and one
    /// tick changes nothing. Then checks everything.
    pub fn settle(&mut self) {
        self.reconnects = 0;
        for _ in 0..1_000_000 {
            if self.step() {
                continue;
            }
            if let Some(due) = self.wire.next_due() {
                self.now = self.now.max(due);
                continue;
            }
            let lost = self.nodes.iter().all(|node| node.connection.is_none());
            if self.linked && lost && self.reconnects < RECONNECTS {
                self.reconnects += 1;
                self.connect();
                continue;
            }
            self.tick();
            if !self.step() {
                check_all(self);
                return;
            }
        }
        panic!("the pair does not come to rest");
    }

    /// Settles, and demands that nothing is left open on either side.
    pub fn settle_all(&mut self) {
        self.settle();
        for (side, node) in self.nodes.iter().enumerate() {
            assert_eq!(node.exchange.halted(), None, "{side} is halted");
            assert_eq!(node.exchange.backlog(LINK), Some(Backlog::default()), "{side}: unanswered, awaited, queued");
        }
        for (n, sent) in self.sent.iter().enumerate() {
            assert!(self.told(n).is_some(), "{} was never answered", sent.serial);
        }
    }
}

/// What a node can do.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Act {
    /// People ask, or ask again.
    Ask,
    /// One turn of the writer.
    Turn,
    /// One signature a log.
    Seal,
    /// The head file, and out to the connection.
    Record,
    /// One frame to the wire.
    Pull,
    /// What has arrived.
    Deliver,
}

impl Act {
    /// All, in the order of a round.
    pub const ALL: [Self; 6] = [Self::Ask, Self::Turn, Self::Seal, Self::Record, Self::Pull, Self::Deliver];
}
