//! The connections that are here and which of them are sessions. The choice is [`Choice`]'s; this keeps one for each
//! partner's node, tells each connection what was decided, and tells the writer which session counts no more.

use crate::{jobs::Job, sync::lock};
use relto_exchange::{
    choice::{Act, Choice, ConnectionId, Heard},
    ids::{LinkId, SessionNumber},
    input::Input,
    seal::Outgoing,
    wire::hello::Role,
};
use relto_host::clock;
use relto_report::nation::Nation;
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, mpsc},
};
use tokio::sync::{mpsc as queue, watch};

/// A partner's node: its nation and its name.
pub(crate) type Peer = (Nation, String);

/// What a connection was told.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Verdict {
    /// To wait.
    Undecided,
    /// It is its links' session under this number. One that the partner dialled says HELLO now, with this time.
    Begin(SessionNumber, Option<u64>),
    /// It says HELLO with this time, and ends.
    Tell(u64),
    /// It ends.
    End,
}

struct Open {
    peer: Peer,
    verdict: watch::Sender<Verdict>,
    outgoing: queue::UnboundedSender<Outgoing>,
    links: Vec<LinkId>,
    session: Option<SessionNumber>,
}

#[derive(Default)]
struct State {
    choices: BTreeMap<Peer, Choice>,
    open: BTreeMap<ConnectionId, Open>,
    current: BTreeMap<LinkId, ConnectionId>,
    halted: bool,
    connections: ConnectionId,
    sessions: SessionNumber,
}

/// All connections of this node with partners' nodes.
pub(crate) struct Sessions {
    own: (String, Nation),
    writer: mpsc::Sender<Job>,
    state: Mutex<State>,
    moved: watch::Sender<()>,
}

/// One connection's place among the others, until it is dropped.
pub(crate) struct Place {
    sessions: Arc<Sessions>,
    id: ConnectionId,
    /// What is decided about it.
    pub verdict: watch::Receiver<Verdict>,
}

impl Sessions {
    /// Nobody is connected yet.
    #[must_use]
    pub(crate) fn new(own: (String, Nation), writer: mpsc::Sender<Job>) -> Arc<Self> {
        Arc::new(Self { own, writer, state: Mutex::default(), moved: watch::channel(()).0 })
    }

    /// A connection that TLS has established; `outgoing` takes what the sealer has for it once it is a session.
    pub(crate) fn open(self: &Arc<Self>, peer: Peer, outgoing: queue::UnboundedSender<Outgoing>) -> Place {
        let (told, verdict) = watch::channel(Verdict::Undecided);
        let mut state = lock(&self.state);
        state.connections += 1;
        let id = state.connections;
        self.choice(&mut state, &peer);
        state.open.insert(id, Open { peer, verdict: told, outgoing, links: Vec::new(), session: None });
        drop(state);
        Place { sessions: self.clone(), id, verdict }
    }

    /// This node appends to no log any more, and dials nobody. LNK-19
    pub(crate) fn halt(&self) {
        let mut state = lock(&self.state);
        state.halted = true;
        state.choices.values_mut().for_each(Choice::halt);
    }

    /// Waits until the partner's node may be dialled.
    pub(crate) async fn free(&self, peer: &Peer) {
        let mut moved = self.moved.subscribe();
        loop {
            let free = self.choice(&mut lock(&self.state), peer).may_dial();
            // The sender is ours.
            if free || moved.changed().await.is_err() {
                return;
            }
        }
    }

    /// Whether a link has a proven session.
    #[must_use]
    pub(crate) fn is_connected(&self, link: LinkId) -> bool {
        lock(&self.state).current.contains_key(&link)
    }

    /// Ends every session: memory was dropped and recovered.
    pub(crate) fn end_all(&self) {
        let mut state = lock(&self.state);
        let ids: Vec<ConnectionId> =
            state.open.iter().filter(|(_, open)| open.session.is_some()).map(|(id, _)| *id).collect();
        for id in ids {
            let Some(peer) = state.open.get(&id).map(|open| open.peer.clone()) else { continue };
            let acts = self.choice(&mut state, &peer).ended(id, clock::now_ms());
            self.apply(&mut state, std::iter::once(Act::End(id)).chain(acts).collect());
        }
    }

    /// Hands on what may leave; without a session it is dropped, and read from the store when one comes.
    pub(crate) fn send(&self, outgoing: Outgoing) {
        let state = lock(&self.state);
        if let Some(open) = state.current.get(&outgoing.link()).and_then(|id| state.open.get(id)) {
            let _ = open.outgoing.send(outgoing);
        }
    }

    fn choice<'a>(&self, state: &'a mut State, peer: &Peer) -> &'a mut Choice {
        let halted = state.halted;
        state.choices.entry(peer.clone()).or_insert_with(|| {
            let mut choice = Choice::new((&self.own.0, self.own.1) < (&peer.1, peer.0));
            if halted {
                choice.halt();
            }
            choice
        })
    }

    fn apply(&self, state: &mut State, acts: Vec<Act>) {
        for act in acts {
            let (Act::Begin(id, _) | Act::End(id) | Act::Tell(id, _)) = act;
            let verdict = match act {
                Act::Begin(_, answer) => {
                    state.sessions += 1;
                    Verdict::Begin(state.sessions, answer)
                }
                Act::End(_) => Verdict::End,
                Act::Tell(_, time) => Verdict::Tell(time),
            };
            let Some(open) = state.open.get_mut(&id) else { continue };
            // What a session that gives way has still to say counts no more, before the new one shows its heads.
            for link in open.links.iter().filter(|_| open.session.is_some()) {
                state.current.remove(link);
                let _ = self.writer.send(Job::Input(Input::Down(*link, open.session.unwrap_or(0)), None));
            }
            open.session = None;
            if let Verdict::Begin(number, _) = verdict {
                open.session = Some(number);
                state.current.extend(open.links.iter().map(|link| (*link, id)));
            }
            open.verdict.send_replace(verdict);
        }
        self.moved.send_replace(());
    }
}

impl Place {
    /// Our dial came about: the time of its HELLO, or none where it is not needed any more.
    #[must_use]
    pub(crate) fn dialled(&self) -> Option<u64> {
        self.decide(|choice, id, now| choice.dialled(id, now))
    }

    /// The partner's HELLO is proven, and opens these links.
    pub(crate) fn heard(&self, role: Role, heard: Heard, links: Vec<LinkId>) {
        let mut state = lock(&self.sessions.state);
        if let Some(open) = state.open.get_mut(&self.id) {
            open.links = links;
        }
        drop(state);
        self.act(|choice, id, now| choice.heard(id, role, heard, now));
    }

    /// What a session has brought until it began, for the writer, unless it has given way meanwhile: nothing of a session
    /// comes after the word that it counts no more.
    #[must_use]
    pub(crate) fn bring(&self, session: SessionNumber, brought: Vec<Input>) -> bool {
        let state = lock(&self.sessions.state);
        let stands = state.open.get(&self.id).is_some_and(|open| open.session == Some(session));
        if stands {
            for input in brought {
                // The writer ends only with the process.
                let _ = self.sessions.writer.send(Job::Input(input, None));
            }
        }
        stands
    }

    fn act(&self, event: impl FnOnce(&mut Choice, ConnectionId, u64) -> Vec<Act>) {
        let mut state = lock(&self.sessions.state);
        let Some(peer) = state.open.get(&self.id).map(|open| open.peer.clone()) else { return };
        let acts = event(self.sessions.choice(&mut state, &peer), self.id, clock::now_ms());
        self.sessions.apply(&mut state, acts);
    }

    fn decide<T>(&self, event: impl FnOnce(&mut Choice, ConnectionId, u64) -> Option<T>) -> Option<T> {
        let mut state = lock(&self.sessions.state);
        let peer = state.open.get(&self.id)?.peer.clone();
        event(self.sessions.choice(&mut state, &peer), self.id, clock::now_ms())
    }

    /// The connection is gone: of its session nothing counts any more.
    pub(crate) fn end(&self) {
        self.act(|choice, id, now| {
            let mut acts = vec![Act::End(id)];
            acts.extend(choice.ended(id, now));
            acts
        });
        lock(&self.sessions.state).open.remove(&self.id);
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.end();
    }
}
