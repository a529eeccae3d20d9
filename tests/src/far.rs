//! Two nodes far apart that both dial, in virtual time: several connections at once, each a delayed line in each direction,
//! with the owner of the choice that runs in `node`.

use crate::{
    fixture::{NOW, Side, author, link, nation},
    node::{Disk, Node},
    pair::LINK,
};
use relto_exchange::{
    choice::{Act, Choice, ConnectionId, Heard},
    connection::Connection,
    exchange::Backlog,
    input::{Input, Submit},
    ready::{Prepared, Seed},
    wire::{hello::Role, protocol::ByeCode},
};
use relto_host::random::uuid_v7;
use relto_report::{
    crypto::sha256,
    signed::{Authored, Verified},
};
use std::collections::{BTreeMap, VecDeque};

/// As `node` has them.
const HANDSHAKE: u64 = 5_000;
const GREETING: u64 = 10_000;
const PAUSES: (u64, u64) = (100, 5_000);
const TICK: u64 = 1_000;

/// How far it is.
#[derive(Clone, Copy, Debug)]
pub struct Way {
    /// Milliseconds in each direction, by the sender's side.
    pub delay: [u64; 2],
    /// What is added to it at most.
    pub jitter: u64,
    /// Of a hundred segments so many are lost, and come when they are sent again.
    pub lost: u64,
}

enum Message {
    Bytes(Vec<u8>),
    End,
}

struct End {
    /// Until it is the session: then the node has it.
    greeting: Option<Connection>,
    brought: Vec<Input>,
    until: u64,
    /// What is on its way to it.
    line: VecDeque<(u64, Message)>,
    last: u64,
}

struct Line {
    dialer: Side,
    ends: [Option<End>; 2],
    /// Nothing passes any more.
    dead: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Dial {
    Idle(u64),
    Handshake { done: u64, fails: bool },
    Busy(ConnectionId),
}

/// The two nodes and all connections between them.
pub struct Far {
    /// XAA, the first of the alphabet, and XBB.
    pub nodes: [Node; 2],
    /// Unix milliseconds.
    pub now: u64,
    /// Sessions that gave way to another, at either node.
    pub replaced: u32,
    /// Sessions that began, at each.
    pub begun: [u32; 2],
    /// HELLOs that were waited for in vain.
    pub gave_up: u32,
    /// Why sessions ended.
    pub closes: Vec<ByeCode>,
    way: Way,
    random: u64,
    choices: [Choice; 2],
    starts: [u64; 2],
    dials: [Dial; 2],
    pauses: [u64; 2],
    lines: BTreeMap<ConnectionId, Line>,
    made: u64,
    ticked: u64,
    submitted: u64,
    /// The latest time in the partner's HELLOs, at each.
    newest: [u64; 2],
}

impl Far {
    /// Two new nodes, the second of which starts so much later.
    #[must_use]
    pub fn new(way: Way, later: u64, seed: u64) -> Self {
        let node = |side: Side| Node::new(side, vec![link(side)], Disk::memory(), NOW);
        let mut far = Self {
            nodes: [node(0), node(1)],
            now: NOW,
            replaced: 0,
            begun: [0; 2],
            gave_up: 0,
            closes: Vec::new(),
            way,
            random: seed,
            choices: [Choice::new(true), Choice::new(false)],
            starts: [NOW, NOW + later],
            dials: [Dial::Idle(NOW), Dial::Idle(NOW + later)],
            pauses: [PAUSES.0; 2],
            lines: BTreeMap::new(),
            made: 0,
            ticked: NOW,
            submitted: 0,
            newest: [0; 2],
        };
        far.nodes.iter_mut().for_each(|node| node.work(NOW));
        far
    }

    /// A number below `limit`.
    pub fn random(&mut self, limit: u64) -> u64 {
        self.random = self.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.random;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % limit.max(1)
    }

    /// The author of a side submits a document.
    pub fn submit(&mut self, side: Side, authored: &Verified<Authored>) {
        self.submitted += 1;
        let (ticket, account) = (self.submitted, author(side));
        let [.., a, b, c, d] = ticket.to_be_bytes();
        let id = uuid_v7(self.now, [a, b, c, d, 0, 0, 0, 0, 0, 0]);
        let node = &mut self.nodes[side];
        let seed = node.seed();
        let own = Prepared::new(authored.get(), &node.links[0], seed);
        let authored = authored.clone();
        let submit = Submit { ticket, id, account, link: LINK, authored, own, uploaded: false, emergency: false };
        node.push(Input::Submit(Box::new(submit)));
    }

    /// Every connection breaks; each end sees it at once, or only by the silence.
    pub fn cut(&mut self, seen: [bool; 2]) {
        for line in self.lines.values_mut() {
            line.dead = true;
            for (side, end) in line.ends.iter_mut().enumerate() {
                let Some(end) = end else { continue };
                end.line.clear();
                if seen[side] {
                    end.line.push_back((self.now, Message::End));
                }
            }
        }
    }

    /// A node ends and starts again; the other sees its connections end, or hears nothing more.
    pub fn restart(&mut self, side: Side, seen: bool) {
        let mut seen_by = [false; 2];
        seen_by[1 - side] = seen;
        self.cut(seen_by);
        self.nodes[side].restart(self.now);
        self.choices[side] = Choice::new(side == 0);
        self.lines.values_mut().for_each(|line| line.ends[side] = None);
        self.dials[side] = Dial::Idle(self.now + 200);
        self.pauses[side] = PAUSES.0;
    }

    /// Runs on until `done`, for at most so long. Tells whether it came to that.
    pub fn run(&mut self, most: u64, done: impl Fn(&Self) -> bool) -> bool {
        let end = self.now + most;
        loop {
            while self.step() {}
            if done(self) {
                return true;
            }
            let Some(next) = self.next().filter(|next| *next <= end) else { return false };
            self.now = next.max(self.now + 1);
            if self.now >= self.ticked + TICK {
                self.ticked = self.now;
                for side in [0, 1].into_iter().filter(|side| self.starts[*side] <= self.now) {
                    self.nodes[side].push(Input::Tick);
                }
            }
        }
    }

    /// Both nodes have one and the same session, no other connection, and each has followed all of the other's log.
    #[must_use]
    pub fn is_settled(&self) -> bool {
        let [one, other] = [0, 1].map(|side| self.choices[side].session());
        let sizes = [0, 1].map(|side: Side| self.nodes[side].exchange.sizes(LINK).unwrap());
        let confirmed = self.nodes.iter().all(|node| node.exchange.is_confirmed(LINK, self.now));
        let handshake = self.dials.iter().any(|dial| matches!(dial, Dial::Handshake { .. }));
        one.is_some()
            && one == other
            && self.lines.len() == 1
            // Of a line that broke unseen at both ends nobody knows yet.
            && self.lines.values().all(|line| !line.dead)
            && confirmed
            && !handshake
            && sizes[0].ours == sizes[1].theirs
            && sizes[1].ours == sizes[0].theirs
    }

    /// Nothing is unanswered, awaited or queued.
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.nodes.iter().all(|node| !node.has_jobs() && node.exchange.backlog(LINK) == Some(Backlog::default()))
    }

    /// The next moment at which something happens.
    fn next(&self) -> Option<u64> {
        let arrivals = self.lines.values().flat_map(|line| line.ends.iter().flatten()).filter_map(|end| {
            let greeting = end.greeting.as_ref().filter(|one| !one.is_up()).map(|_| end.until);
            end.line.front().map(|(due, _)| *due).into_iter().chain(greeting).min()
        });
        let dials = [0, 1].into_iter().filter_map(|side| match self.dials[side] {
            Dial::Idle(at) => self.choices[side].may_dial().then_some(at),
            Dial::Handshake { done, .. } => Some(done),
            Dial::Busy(_) => None,
        });
        arrivals.chain(dials).chain([self.ticked + TICK]).min()
    }

    fn step(&mut self) -> bool {
        let mut done = false;
        for side in [0, 1].into_iter().filter(|side| self.starts[*side] <= self.now).collect::<Vec<_>>() {
            done |= self.dial(side);
            for id in self.lines.keys().copied().collect::<Vec<_>>() {
                done |= self.arrive(id, side);
            }
            let node = &mut self.nodes[side];
            done |= node.turn(self.now) | node.seal() | node.record();
            assert_eq!(node.ended, None, "{side}");
            for id in self.lines.keys().copied().collect::<Vec<_>>() {
                done |= self.pull(id, side);
            }
        }
        self.lines.retain(|_, line| line.ends.iter().any(Option::is_some));
        done
    }

    fn dial(&mut self, side: Side) -> bool {
        match self.dials[side] {
            Dial::Idle(at) if at <= self.now && self.choices[side].may_dial() => {
                let took = 2 * (self.passage(side) + self.passage(1 - side));
                // Nobody listens yet, or the handshake takes too long.
                let refused = self.starts[1 - side] > self.now;
                let done = self.now + if refused { took / 2 } else { took.min(HANDSHAKE) };
                self.dials[side] = Dial::Handshake { done, fails: refused || took > HANDSHAKE };
                true
            }
            Dial::Handshake { done, fails } if done <= self.now => {
                self.made += 1;
                let id = self.made;
                let time = if fails { None } else { self.choices[side].dialled(id, self.now) };
                match time {
                    Some(time) => {
                        self.dials[side] = Dial::Busy(id);
                        self.made_line(id, side, time);
                    }
                    None => self.pause(side),
                }
                true
            }
            Dial::Busy(id) if self.lines.get(&id).is_none_or(|line| line.ends[side].is_none()) => {
                self.pause(side);
                true
            }
            _ => false,
        }
    }

    fn pause(&mut self, side: Side) {
        self.pauses[side] = (2 * self.pauses[side]).min(PAUSES.1);
        self.dials[side] = Dial::Idle(self.now + self.pauses[side]);
    }

    fn made_line(&mut self, id: ConnectionId, dialer: Side, time: u64) {
        let exporter = *sha256(&[b"exporter", &id.to_le_bytes()]).as_bytes();
        let names = [0, 1].map(|side: Side| self.nodes[side].name());
        let ends = [0, 1].map(|side: Side| {
            let role = if side == dialer { Role::Dialer } else { Role::Listener };
            let node = &mut self.nodes[side];
            // What is queued comes before the heads are read.
            while node.turn(self.now) {}
            let mut connection = node.meet(role, (&names[1 - side], nation(1 - side)), exporter, 0, self.now);
            if side == dialer {
                node.greet(&mut connection, time);
            }
            let (line, until) = (VecDeque::new(), self.now + GREETING);
            Some(End { greeting: Some(connection), brought: Vec::new(), until, line, last: 0 })
        });
        self.lines.insert(id, Line { dialer, ends, dead: false });
    }

    /// Milliseconds that something of a side's is on its way.
    fn passage(&mut self, from: Side) -> u64 {
        let mut took = self.way.delay[from] + self.random(self.way.jitter + 1);
        let mut again = 200 + 2 * self.way.delay[from];
        while self.random(100) < self.way.lost {
            took += again;
            again *= 2;
        }
        took
    }

    fn send(&mut self, id: ConnectionId, from: Side, message: Message) {
        let due = self.now + self.passage(from);
        let Some(line) = self.lines.get_mut(&id).filter(|line| !line.dead) else { return };
        if let Some(end) = &mut line.ends[1 - from] {
            // What was sent later never comes first.
            end.last = end.last.max(due);
            end.line.push_back((end.last, message));
        }
    }

    fn end(&mut self, id: ConnectionId, side: Side) -> Option<&mut End> {
        self.lines.get_mut(&id)?.ends[side].as_mut()
    }

    fn arrive(&mut self, id: ConnectionId, side: Side) -> bool {
        let now = self.now;
        let Some(end) = self.end(id, side) else { return false };
        let late = end.until <= now && end.greeting.as_ref().is_some_and(|one| !one.is_up());
        if late {
            self.gave_up += 1;
            self.close(id, side);
            return true;
        }
        if end.line.front().is_none_or(|(due, _)| *due > now) {
            return false;
        }
        match end.line.pop_front().unwrap().1 {
            Message::End => self.gone(id, side),
            Message::Bytes(bytes) => self.read(id, side, &bytes),
        }
        true
    }

    fn read(&mut self, id: ConnectionId, side: Side, bytes: &[u8]) {
        let now = self.now;
        let seed: Seed = self.nodes[side].seed();
        let dialer = self.lines[&id].dialer;
        let end = self.end(id, side).unwrap();
        let Some(connection) = &mut end.greeting else {
            self.nodes[side].receive(bytes, now);
            return;
        };
        let was_up = connection.is_up();
        end.brought.extend(connection.receive(bytes, now, seed));
        if was_up || !connection.is_up() {
            return;
        }
        let time = connection.partner_time().unwrap();
        let head = end.brought.iter().find_map(|input| match input {
            Input::Up(_, up) => Some(up.head.as_ref().map_or(0, |head| head.checkpoint().size)),
            _ => None,
        });
        while self.nodes[side].turn(now) {}
        let behind = head.unwrap() < self.nodes[side].exchange.sizes(LINK).unwrap().theirs;
        // One that a slow line kept back may be older than the session that its speaker has begun since.
        assert!(
            !behind || time < self.newest[side],
            "the newest HELLO of an honest node is not behind what it has sent"
        );
        self.newest[side] = self.newest[side].max(time);
        let role = if dialer == side { Role::Dialer } else { Role::Listener };
        let acts = self.choices[side].heard(id, role, Heard { time, behind }, now);
        self.act(side, acts);
    }

    fn act(&mut self, side: Side, acts: Vec<Act>) {
        for act in acts {
            match act {
                Act::Begin(id, answer) => {
                    let now = self.now;
                    let end = self.end(id, side).unwrap();
                    let (mut connection, brought) = (end.greeting.take().unwrap(), std::mem::take(&mut end.brought));
                    self.begun[side] += 1;
                    let number = u64::from(self.begun[side]);
                    let node = &mut self.nodes[side];
                    while node.turn(now) {}
                    if let Some(time) = answer {
                        node.greet(&mut connection, time);
                    }
                    node.adopt(connection, number, brought);
                }
                Act::End(id) => {
                    if let Some(end) = self.end(id, side) {
                        self.replaced += u32::from(end.greeting.is_none());
                        self.close(id, side);
                    }
                }
                Act::Tell(id, time) => {
                    let end = self.end(id, side).unwrap();
                    let mut connection = end.greeting.take().unwrap();
                    self.nodes[side].greet(&mut connection, time);
                    connection.dismiss(ByeCode::RolledBack);
                    self.end(id, side).unwrap().greeting = Some(connection);
                }
            }
        }
    }

    fn pull(&mut self, id: ConnectionId, side: Side) -> bool {
        let now = self.now;
        let Some(end) = self.end(id, side) else { return false };
        let greets = end.greeting.is_some();
        let (wire, closed) = match &mut end.greeting {
            Some(connection) => (connection.pull(now), connection.closed()),
            None => {
                let node = &mut self.nodes[side];
                (node.pull(now), node.connection.as_ref().and_then(Connection::closed))
            }
        };
        match (wire, closed) {
            (Some(wire), _) => {
                self.send(id, side, Message::Bytes(wire.as_bytes().to_vec()));
                true
            }
            (None, Some(code)) => {
                if !greets {
                    self.closes.push(code);
                }
                self.send(id, side, Message::End);
                self.gone(id, side);
                true
            }
            (None, None) => false,
        }
    }

    /// An end says BYE and is gone.
    fn close(&mut self, id: ConnectionId, side: Side) {
        let now = self.now;
        let end = self.end(id, side).unwrap();
        let connection = end.greeting.take();
        if let Some(mut connection) = connection.or_else(|| self.nodes[side].release()) {
            connection.close(ByeCode::Done);
            while let Some(wire) = connection.pull(now) {
                self.send(id, side, Message::Bytes(wire.as_bytes().to_vec()));
            }
        }
        self.send(id, side, Message::End);
        self.lines.get_mut(&id).unwrap().ends[side] = None;
        let acts = self.choices[side].ended(id, now);
        self.act(side, acts);
    }

    fn gone(&mut self, id: ConnectionId, side: Side) {
        let end = self.lines.get_mut(&id).and_then(|line| line.ends[side].take());
        if end.is_some_and(|end| end.greeting.is_none()) {
            self.nodes[side].disconnect();
        }
        let acts = self.choices[side].ended(id, self.now);
        self.act(side, acts);
    }
}
