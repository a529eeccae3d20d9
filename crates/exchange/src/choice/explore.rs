//! Every order of dials, proofs, losses and restarts of two nodes, with what waits in each connection in its order. The
//! choice that runs is the one of `super`; the rule that stood before it is here to show that the exploration can fail.

mod before;

use super::{Act, Choice, ConnectionId, Heard};
use crate::wire::hello::Role;
use before::Before;
use std::{
    collections::{HashSet, VecDeque, hash_map::DefaultHasher},
    fmt::Debug,
    hash::{Hash, Hasher as _},
};

/// A rule by which a node chooses.
trait Rule: Clone + Hash + Debug {
    /// A listener makes its HELLO when it answers, and not when it accepts.
    const ANSWERS_LATE: bool;
    fn new(first: bool) -> Self;
    fn may_dial(&self) -> bool;
    fn dialled(&mut self, own: ConnectionId, now: u64) -> Option<u64>;
    fn heard(&mut self, connection: ConnectionId, role: Role, heard: Heard, now: u64) -> Vec<Act>;
    fn ended(&mut self, connection: ConnectionId, now: u64) -> Vec<Act>;
    fn session(&self) -> Option<ConnectionId>;
}

impl Rule for Choice {
    const ANSWERS_LATE: bool = true;
    fn new(first: bool) -> Self {
        Self::new(first)
    }
    fn may_dial(&self) -> bool {
        self.may_dial()
    }
    fn dialled(&mut self, own: ConnectionId, now: u64) -> Option<u64> {
        self.dialled(own, now)
    }
    fn heard(&mut self, connection: ConnectionId, role: Role, heard: Heard, now: u64) -> Vec<Act> {
        self.heard(connection, role, heard, now)
    }
    fn ended(&mut self, connection: ConnectionId, now: u64) -> Vec<Act> {
        self.ended(connection, now)
    }
    fn session(&self) -> Option<ConnectionId> {
        self.session()
    }
}

type Side = usize;

#[derive(Clone, Copy, Hash, Debug)]
enum Message {
    /// Its time, and how many of the reader's leaves the speaker holds.
    Hello(u64, u8),
    /// Leaves of the speaker, from and to.
    Leaves(u8, u8),
    Bye,
}

/// One end of a connection.
#[derive(Clone, Default, Hash, Debug)]
struct End {
    live: bool,
    session: bool,
    /// What waits to be read here.
    inbox: VecDeque<Message>,
    /// Leaves of the partner that this end has followed, counted from what its HELLO said.
    frontier: u8,
    /// Leaves of ours that the partner's HELLO said it holds.
    held: Option<u8>,
}

#[derive(Clone, Hash, Debug)]
struct Link {
    dialer: Side,
    ends: [End; 2],
    /// Nothing passes any more, and neither end has been told.
    lost: bool,
}

/// What may still go wrong.
#[derive(Clone, Copy, Hash, Debug)]
struct Faults {
    losses: u8,
    restarts: u8,
    /// A node that starts again has its clock set back to the beginning.
    clock_back: bool,
}

#[derive(Clone, Copy, Debug)]
enum Event {
    Dial(Side),
    Connected(Side),
    Deliver(usize, Side),
    /// An end sees that the other is gone.
    Notice(usize, Side),
    Lose(usize),
    /// A dialer that waits for an answer waits no longer.
    GiveUp(usize),
    Restart(Side),
}

#[derive(Clone, Hash, Debug)]
struct World<R> {
    rules: [R; 2],
    clocks: [u64; 2],
    dialling: [bool; 2],
    dials: [u8; 2],
    links: Vec<Option<Link>>,
    /// Leaves of each node's log, and of the partner's that it followed.
    sizes: [u8; 2],
    followed: [u8; 2],
    /// Sessions that gave way to another, at either node.
    replaced: u8,
    out_of_order: bool,
    faults: Faults,
}

/// The worst that any order came to.
#[derive(Default, Debug)]
struct Found {
    states: usize,
    settled: usize,
    replaced: u8,
    out_of_order: bool,
    /// Nothing can happen any more, and they have not one session.
    unsettled: Option<String>,
    /// They dial without end.
    dials_on: Option<String>,
}

/// Leaves that a log grows to, one with each session.
const MOST_LEAVES: u8 = 3;

impl<R: Rule> World<R> {
    fn new(faults: Faults) -> Self {
        Self {
            rules: [R::new(true), R::new(false)],
            clocks: [0; 2],
            dialling: [false; 2],
            dials: [0; 2],
            links: Vec::new(),
            sizes: [1; 2],
            followed: [0; 2],
            replaced: 0,
            out_of_order: false,
            faults,
        }
    }

    /// What can happen of itself, and then what may go wrong.
    fn events(&self) -> (Vec<Event>, Vec<Event>) {
        let (mut events, mut faults) = (Vec::new(), Vec::new());
        for side in [0, 1] {
            if self.dialling[side] {
                events.push(Event::Connected(side));
            } else if self.rules[side].may_dial() {
                events.push(Event::Dial(side));
            }
            if self.faults.restarts > 0 {
                faults.push(Event::Restart(side));
            }
        }
        for (at, link) in self.links.iter().enumerate().filter_map(|(at, link)| Some((at, link.as_ref()?))) {
            for side in [0, 1] {
                let (end, other) = (&link.ends[side], &link.ends[1 - side]);
                if end.live && !end.inbox.is_empty() {
                    events.push(Event::Deliver(at, side));
                } else if end.live && (link.lost || !other.live) {
                    events.push(Event::Notice(at, side));
                }
            }
            if self.faults.losses > 0 {
                if !link.lost {
                    faults.push(Event::Lose(at));
                }
                let dialer = &link.ends[link.dialer];
                if dialer.live && dialer.held.is_none() {
                    faults.push(Event::GiveUp(at));
                }
            }
        }
        (events, faults)
    }

    fn happens(&mut self, event: Event) {
        match event {
            Event::Dial(side) => self.dialling[side] = true,
            Event::Connected(side) => self.connected(side),
            Event::Deliver(at, side) => {
                let message = self.end(at, side).inbox.pop_front().unwrap();
                self.read(at, side, message);
            }
            Event::Notice(at, side) => self.gone(at, side),
            Event::Lose(at) => {
                self.faults.losses -= 1;
                let link = self.links[at].as_mut().unwrap();
                link.lost = true;
                link.ends.iter_mut().for_each(|end| end.inbox.clear());
            }
            Event::GiveUp(at) => {
                self.faults.losses -= 1;
                let side = self.links[at].as_ref().unwrap().dialer;
                self.close(at, side);
            }
            Event::Restart(side) => {
                self.faults.restarts -= 1;
                self.rules[side] = R::new(side == 0);
                self.dialling[side] = false;
                self.clocks[side] *= u64::from(!self.faults.clock_back);
                for link in self.links.iter_mut().flatten() {
                    link.ends[side] = End::default();
                }
            }
        }
        for link in &mut self.links {
            if let Some(one) = link {
                one.ends.iter_mut().filter(|end| !end.live).for_each(|end| *end = End::default());
            }
            if link.as_ref().is_some_and(|link| link.ends.iter().all(|end| !end.live)) {
                *link = None;
            }
        }
    }

    fn end(&mut self, at: usize, side: Side) -> &mut End {
        &mut self.links[at].as_mut().unwrap().ends[side]
    }

    fn connected(&mut self, side: Side) {
        self.dialling[side] = false;
        let at = self.links.len();
        let Some(time) = self.rules[side].dialled(id(at), self.clocks[side]) else { return };
        self.clocks[side] = time;
        self.dials[side] += 1;
        let end = |side: Side| End { live: true, frontier: self.followed[side], ..End::default() };
        self.links.push(Some(Link { dialer: side, ends: [end(0), end(1)], lost: false }));
        self.say(at, side, Message::Hello(time, self.followed[side]));
    }

    fn say(&mut self, at: usize, from: Side, message: Message) {
        let link = self.links[at].as_mut().unwrap();
        if !link.lost && link.ends[1 - from].live {
            link.ends[1 - from].inbox.push_back(message);
        }
    }

    fn read(&mut self, at: usize, side: Side, message: Message) {
        match message {
            Message::Hello(time, held) => {
                self.end(at, side).held = Some(held);
                let dialer = self.links[at].as_ref().unwrap().dialer;
                let role = if dialer == side { Role::Dialer } else { Role::Listener };
                let acts = self.rules[side].heard(id(at), role, Heard { time, behind: false }, self.clocks[side]);
                self.act(side, acts);
            }
            Message::Leaves(from, to) => {
                let (frontier, session) = (self.end(at, side).frontier, self.end(at, side).session);
                if from != frontier || session && from != self.followed[side] {
                    self.out_of_order = true;
                    self.close(at, side);
                    return;
                }
                self.end(at, side).frontier = to;
                if session {
                    self.followed[side] = to;
                }
            }
            Message::Bye => self.gone(at, side),
        }
    }

    fn act(&mut self, side: Side, acts: Vec<Act>) {
        for act in acts {
            match act {
                Act::Begin(connection, answer) => self.begin(place(connection), side, answer),
                Act::End(connection) => {
                    let at = place(connection);
                    // A dial that was given up may be gone by now.
                    if self.links[at].as_ref().is_some_and(|link| link.ends[side].live) {
                        self.replaced += u8::from(self.end(at, side).session);
                        self.close(at, side);
                    }
                }
                Act::Tell(..) => panic!("nobody is behind"),
            }
        }
    }

    fn begin(&mut self, at: usize, side: Side, answer: Option<u64>) {
        if let Some(time) = answer {
            self.clocks[side] = time;
            if R::ANSWERS_LATE {
                self.end(at, side).frontier = self.followed[side];
            }
            let held = self.end(at, side).frontier;
            self.say(at, side, Message::Hello(time, held));
        }
        self.end(at, side).session = true;
        self.sizes[side] = (self.sizes[side] + 1).min(MOST_LEAVES);
        let held = self.end(at, side).held.unwrap();
        if held < self.sizes[side] {
            self.say(at, side, Message::Leaves(held, self.sizes[side]));
        }
    }

    fn close(&mut self, at: usize, side: Side) {
        self.say(at, side, Message::Bye);
        self.gone(at, side);
    }

    fn gone(&mut self, at: usize, side: Side) {
        *self.end(at, side) = End::default();
        let acts = self.rules[side].ended(id(at), self.clocks[side]);
        self.act(side, acts);
    }

    /// Both have one and the same session, over which each has followed the other, and no other connection is left.
    fn is_settled(&self) -> bool {
        let live: Vec<_> = (0..self.links.len()).filter(|at| self.links[*at].is_some()).map(id).collect();
        let ours = self.rules.iter().map(|rule| rule.session().into_iter().collect::<Vec<_>>());
        live.len() == 1 && ours.into_iter().all(|one| one == live) && self.followed == [self.sizes[1], self.sizes[0]]
    }

    fn digest(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        self.hash(&mut hasher);
        hasher.finish()
    }
}

fn id(at: usize) -> ConnectionId {
    u64::try_from(at).unwrap()
}

fn place(connection: ConnectionId) -> usize {
    usize::try_from(connection).unwrap()
}

/// Goes through every order, as far as `dials` dials of each node. Whoever dials more than that does not settle.
fn explore<R: Rule>(faults: Faults, dials: u8) -> Found {
    let mut found = Found::default();
    let mut seen = HashSet::new();
    let mut open = vec![World::<R>::new(faults)];
    while let Some(world) = open.pop() {
        found.states += 1;
        found.replaced = found.replaced.max(world.replaced);
        found.out_of_order |= world.out_of_order;
        let (events, faults) = world.events();
        if events.is_empty() {
            found.settled += usize::from(world.is_settled());
        }
        if events.is_empty() && !world.is_settled() {
            found.unsettled.get_or_insert_with(|| format!("{world:#?}"));
        }
        if world.dials.iter().any(|count| *count > dials) {
            found.dials_on.get_or_insert_with(|| format!("{world:#?}"));
            continue;
        }
        for event in events.into_iter().chain(faults) {
            let mut next = world.clone();
            next.happens(event);
            if seen.insert(next.digest()) {
                open.push(next);
            }
        }
    }
    found
}

const fn faults(losses: u8, restarts: u8, clock_back: bool) -> Faults {
    Faults { losses, restarts, clock_back }
}

#[test]
fn lnk_15_every_order_settles_on_one_session() {
    for (losses, restarts) in [(0, 0), (1, 0), (0, 1), (2, 0), (1, 1)] {
        let found = explore::<Choice>(faults(losses, restarts, false), 4);
        assert!(found.states > 50, "{}", found.states);
        assert_eq!((&found.unsettled, &found.dials_on), (&None, &None));
        assert!(found.settled > 0 && !found.out_of_order);
        // A session gives way after a fault alone, and one per fault: its other end is gone.
        assert_eq!(found.replaced, losses + restarts);
    }
}

#[test]
fn lnk_18_a_clock_that_is_set_back_delays_and_never_divides() {
    // Its dials are taken for older ones until the partner sees that the session is gone; so they go on for so long.
    let found = explore::<Choice>(faults(0, 1, true), 4);
    assert_eq!(found.unsettled, None);
    assert!(found.settled > 0 && !found.out_of_order);
}

#[test]
fn lnk_15_the_exploration_fails_the_rule_that_stood_before() {
    let found = explore::<Before>(faults(0, 0, false), 4);
    assert!(found.out_of_order, "a HELLO that another session made stale");
    assert!(found.dials_on.is_some(), "and so again and again");
    assert!(found.replaced > 1, "{}", found.replaced);
}
