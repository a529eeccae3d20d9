//! The rule that stood before, for the exploration to fail: whoever has no session dials and says HELLO, a listener has made
//! its HELLO when it accepts, and the newer proven one replaces the older unless the first node's dial is there.

use super::{super::Act, ConnectionId, Heard, Role, Rule};

#[derive(Clone, Hash, Debug)]
pub(super) struct Before {
    first: bool,
    said: u64,
    /// What our dial task is at.
    own: Option<ConnectionId>,
    session: Option<(ConnectionId, Role)>,
}

impl Rule for Before {
    const ANSWERS_LATE: bool = false;

    fn new(first: bool) -> Self {
        Self { first, said: 0, own: None, session: None }
    }

    fn may_dial(&self) -> bool {
        self.session.is_none() && self.own.is_none()
    }

    fn dialled(&mut self, own: ConnectionId, now: u64) -> Option<u64> {
        self.own = Some(own);
        self.said = now + 1;
        Some(self.said)
    }

    fn heard(&mut self, connection: ConnectionId, role: Role, _: Heard, now: u64) -> Vec<Act> {
        let preferred = |role: Role| self.first == (role == Role::Dialer);
        // All that is explored happens at once: within two seconds.
        if self.session.is_some_and(|(_, old)| preferred(old)) && !preferred(role) {
            return vec![Act::End(connection)];
        }
        let old = self.session.replace((connection, role)).map(|(old, _)| Act::End(old));
        self.said = now + 1;
        let answer = (role == Role::Listener).then_some(self.said);
        old.into_iter().chain([Act::Begin(connection, answer)]).collect()
    }

    fn ended(&mut self, connection: ConnectionId, _: u64) -> Vec<Act> {
        self.own = self.own.filter(|own| *own != connection);
        self.session = self.session.filter(|(session, _)| *session != connection);
        Vec::new()
    }

    fn session(&self) -> Option<ConnectionId> {
        self.session.map(|(session, _)| session)
    }
}
