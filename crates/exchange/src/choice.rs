//! Which connection of a pair of nodes is their session: the one owner of that choice. LNK-15, LNK-18, LNK-19
//!
//! Both nodes may dial at once, lose a connection at different moments, or start again. They come to one session because
//! a HELLO is a promise: a node says one only when it has no session, or gives up the session that it has. So a HELLO
//! that was made later tells that its maker lost, or gave up, everything before; and a node's HELLOs tell their order
//! themselves, by their time. The one thing left to settle is two first HELLOs that cross: there the second node of the
//! alphabet gives up its own dial, and the first waits for the answer to its own.
//!
//! Pure: what happens comes in, [`Act`]s for the connections come out. `node` runs it, and `explore` runs it through
//! every order of events.

#[cfg(test)]
mod explore;

use crate::wire::hello::Role;
/// A connection, by a number that its node gives it and never gives again.
pub type ConnectionId = u64;

/// Milliseconds by which HELLOs may run ahead of the clock so that each is later than the one before. A clock that was set
/// back by more is followed: a partner judges it by the time of the HELLO.
const AHEAD: u64 = 1_000;

/// What the choice rests on in a HELLO that is proven.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Heard {
    /// The partner's time in it, Unix milliseconds.
    pub time: u64,
    /// It shows less of the partner's own log than we have followed: a copy of the node that was put back. LNK-19
    pub behind: bool,
}

impl Heard {
    /// The greater of two was made later, by a node that has its whole log.
    const fn rank(self) -> (bool, u64) {
        (!self.behind, self.time)
    }
}

/// What a connection is to do.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Act {
    /// It is the session from now on. The connection that the partner dialled answers with a HELLO of the time here, made
    /// from the heads as they stand after whatever the session before has brought.
    Begin(ConnectionId, Option<u64>),
    /// It is no session, and says BYE.
    End(ConnectionId),
    /// It is no session: it answers with a HELLO of this time, so that a copy that was put back learns what it lacks and
    /// halts, and says BYE. LNK-19
    Tell(ConnectionId, u64),
}

/// A connection whose partner's HELLO is proven.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
struct Proven {
    connection: ConnectionId,
    heard: Heard,
    role: Role,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
enum State {
    /// No session, and no HELLO of ours is unanswered.
    Free,
    /// Our own dial has said HELLO. What the partner dialled meanwhile waits for the answer.
    Dialled { own: ConnectionId, waiting: Option<Proven> },
    /// A session.
    Session(Proven),
}

/// The choice between the connections of one pair of nodes, at one of them.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Choice {
    first: bool,
    halted: bool,
    said: u64,
    state: State,
}

impl Choice {
    /// No connection yet. `first`: our node stands before the partner's in the alphabet (by name, then by nation).
    #[must_use]
    pub const fn new(first: bool) -> Self {
        Self { first, halted: false, said: 0, state: State::Free }
    }

    /// This node appends to no log any more: it dials nobody, and answers whoever dials it. LNK-19
    pub const fn halt(&mut self) {
        self.halted = true;
    }

    /// The connection that is the session.
    #[must_use]
    pub const fn session(&self) -> Option<ConnectionId> {
        match &self.state {
            State::Session(proven) => Some(proven.connection),
            State::Free | State::Dialled { .. } => None,
        }
    }

    /// Whether the partner may be dialled now.
    #[must_use]
    pub const fn may_dial(&self) -> bool {
        matches!(self.state, State::Free) && !self.halted
    }

    /// Our dial came about. Gives the time of the HELLO that it says; `None` where it is not needed any more and closes
    /// without a word.
    pub fn dialled(&mut self, own: ConnectionId, now: u64) -> Option<u64> {
        if !self.may_dial() {
            return None;
        }
        self.state = State::Dialled { own, waiting: None };
        Some(self.say(now))
    }

    /// The partner's HELLO on this connection is proven: its own dial's, or the answer to ours.
    pub fn heard(&mut self, connection: ConnectionId, role: Role, heard: Heard, now: u64) -> Vec<Act> {
        let new = Proven { connection, heard, role };
        match self.state {
            State::Free if role == Role::Listener => vec![self.begin(new, now)],
            // An answer to a dial of ours that was given up in the meantime.
            State::Free => vec![Act::End(connection)],
            State::Dialled { own, waiting } if own == connection => match waiting {
                // The partner answered, lost this connection, and dialled after that.
                Some(later) if later.heard.rank() > heard.rank() => vec![Act::End(own), self.begin(later, now)],
                Some(waiting) => vec![self.reject(waiting, now), self.begin(new, now)],
                None => vec![self.begin(new, now)],
            },
            State::Dialled { .. } if role == Role::Dialer => vec![Act::End(connection)],
            State::Dialled { own, waiting } if self.first || heard.behind => match waiting {
                Some(old) if old.heard.rank() >= heard.rank() => vec![self.reject(new, now)],
                _ => {
                    self.state = State::Dialled { own, waiting: Some(new) };
                    waiting.map(|old| self.reject(old, now)).into_iter().collect()
                }
            },
            State::Dialled { own, waiting } => {
                let mut acts = vec![Act::End(own)];
                acts.extend(waiting.map(|old| self.reject(old, now)));
                acts.push(self.begin(new, now));
                acts
            }
            State::Session(old) if heard.rank() > old.heard.rank() && role == Role::Listener => {
                vec![Act::End(old.connection), self.begin(new, now)]
            }
            State::Session(_) => vec![self.reject(new, now)],
        }
    }

    /// A connection is gone, whatever it was.
    pub fn ended(&mut self, connection: ConnectionId, now: u64) -> Vec<Act> {
        match self.state {
            State::Session(proven) if proven.connection == connection => {
                self.state = State::Free;
                Vec::new()
            }
            State::Dialled { own, waiting } if own == connection => {
                self.state = State::Free;
                waiting.map(|waiting| self.begin(waiting, now)).into_iter().collect()
            }
            State::Dialled { own, waiting: Some(waiting) } if waiting.connection == connection => {
                self.state = State::Dialled { own, waiting: None };
                Vec::new()
            }
            State::Free | State::Dialled { .. } | State::Session(_) => Vec::new(),
        }
    }

    fn begin(&mut self, new: Proven, now: u64) -> Act {
        self.state = State::Session(new);
        Act::Begin(new.connection, (new.role == Role::Listener).then(|| self.say(now)))
    }

    fn reject(&mut self, one: Proven, now: u64) -> Act {
        match one.role {
            Role::Listener if one.heard.behind => Act::Tell(one.connection, self.say(now)),
            Role::Listener | Role::Dialer => Act::End(one.connection),
        }
    }

    /// The time of the next HELLO: later than that of the one before. LNK-18
    fn say(&mut self, now: u64) -> u64 {
        let next = self.said.saturating_add(1);
        self.said = if next <= now.saturating_add(AHEAD) { next.max(now) } else { now };
        self.said
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: u64 = 1_800_000_000_000;

    const fn whole(time: u64) -> Heard {
        Heard { time, behind: false }
    }

    const fn behind(time: u64) -> Heard {
        Heard { time, behind: true }
    }

    #[test]
    fn lnk_15_of_two_dials_that_cross_the_first_nodes_stays() {
        let (mut first, mut second) = (Choice::new(true), Choice::new(false));
        let ours = first.dialled(1, NOW).unwrap();
        let theirs = second.dialled(2, NOW).unwrap();
        assert_eq!(first.heard(2, Role::Listener, whole(theirs), NOW), [], "it waits");
        let acts = second.heard(1, Role::Listener, whole(ours), NOW);
        let [Act::End(2), Act::Begin(1, Some(answer))] = acts[..] else { panic!("{acts:?}") };
        assert!(answer > theirs, "LNK-18");
        let acts = first.heard(1, Role::Dialer, whole(answer), NOW);
        assert_eq!(acts, [Act::End(2), Act::Begin(1, None)]);
        assert_eq!((first.session(), second.session()), (Some(1), Some(1)));
    }

    #[test]
    fn lnk_15_a_partner_that_lost_the_session_and_dials_again_is_heard_at_once() {
        let mut node = Choice::new(true);
        node.dialled(1, NOW).unwrap();
        node.heard(1, Role::Dialer, whole(NOW), NOW);
        assert_eq!(node.heard(2, Role::Listener, whole(NOW), NOW), [Act::End(2)], "made no later: it crossed ours");
        let acts = node.heard(3, Role::Listener, whole(NOW + 1), NOW);
        assert!(matches!(acts[..], [Act::End(1), Act::Begin(3, Some(_))]), "{acts:?}");
    }

    #[test]
    fn lnk_18_each_hello_is_later_than_the_one_before() {
        let mut node = Choice::new(true);
        let mut last = 0;
        for connection in 0..900 {
            let time = node.dialled(connection, NOW).unwrap();
            assert!(time > last && time < NOW + AHEAD);
            last = time;
            node.ended(connection, NOW);
        }
        // A clock that was wrong and is set right is followed, or the partner would take it for wrong.
        assert_eq!(node.dialled(900, NOW - 3_600_000), Some(NOW - 3_600_000));
    }

    #[test]
    fn lnk_19_a_halted_node_dials_nobody_and_answers() {
        let mut node = Choice::new(true);
        node.halt();
        assert!(!node.may_dial());
        assert_eq!(node.dialled(1, NOW), None);
        assert_eq!(node.heard(2, Role::Listener, whole(NOW), NOW), [Act::Begin(2, Some(NOW))]);
        node.ended(2, NOW);
        assert!(!node.may_dial());
    }

    #[test]
    fn lnk_19_a_copy_that_is_behind_replaces_no_session_and_learns_why() {
        for first in [true, false] {
            let mut node = Choice::new(first);
            node.heard(1, Role::Listener, whole(NOW), NOW);
            let acts = node.heard(2, Role::Listener, behind(NOW + 5_000), NOW);
            assert!(matches!(acts[..], [Act::Tell(2, _)]), "{acts:?}");
            assert_eq!(node.session(), Some(1));
            node.ended(2, NOW);
            node.ended(1, NOW);
            // Alone it is taken, so that both ends say what is wrong, and gives way to the node that is whole.
            node.heard(3, Role::Listener, behind(NOW + 6_000), NOW);
            assert_eq!(node.session(), Some(3));
            let acts = node.heard(4, Role::Listener, whole(NOW + 1), NOW);
            assert!(matches!(acts[..], [Act::End(3), Act::Begin(4, Some(_))]), "{acts:?}");
        }
    }

    #[test]
    fn lnk_19_a_copy_that_we_dialled_gives_way_to_the_node_that_dialled_us() {
        for first in [true, false] {
            let mut node = Choice::new(first);
            node.dialled(1, NOW).unwrap();
            node.heard(2, Role::Listener, behind(NOW + 9), NOW);
            assert_eq!(node.session(), None, "ours is not given up for a copy");
            node.heard(3, Role::Listener, whole(NOW), NOW);
            let acts = node.heard(1, Role::Dialer, behind(NOW + 99), NOW);
            assert_eq!(node.session(), Some(3), "{acts:?}");
        }
    }
}
