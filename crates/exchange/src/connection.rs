//! One connection, without its socket: bytes in, [`Input`]s for the writer out; [`Wire`]s pulled when the socket can take
//! them. The step F1 of the flow is here, so that a partner's checkpoint is verified off the writer's thread.

mod pair;
mod questions;

pub use pair::LinkStart;
pub use questions::Asked;

use crate::{
    input::{Input, LinkUp, Piece},
    model::ids::{LinkId, SessionNumber},
    ready::{Content, Seed},
    seal::Outgoing,
    wire::{
        frame::{Decoder, Frame, Incoming, LeavesBody, PayloadBody, WantBody, Wire},
        hello::{self, Channel, Expected, Hello, HelloBody, HelloLog, Proof, Role, to_sign},
        lanes::Lanes,
        protocol::{ByeCode, VERSIONS, common},
        question::Question,
    },
};
use pair::Pair;
use questions::Questions;
use relto_audit::{
    checkpoint::SignedCheckpoint,
    follow::{FollowFault, follow},
    leaf::{Leaf, Precedence},
    origin::Origin,
};
use relto_report::{codec, nation::Nation};
use std::collections::VecDeque;

/// Milliseconds without sending after which the newest checkpoint is repeated. LNK-30
pub const HEARTBEAT: u64 = 10_000;
/// Milliseconds of silence that end a session. LNK-31
pub const SILENCE: u64 = 30_000;

/// LEAVES frames that wait for one connection at most.
const MAX_READY: usize = 64;

/// What is sent next and is not at hand: see [`crate::serve::read_need`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Need {
    /// Leaves of this log of mine from this size on, where the sealer's frames leave a hole.
    Leaves(Origin, u64),
    /// The payload of this leaf of mine from this offset on.
    Payload(Origin, u64, u64),
    /// What the partner asks about a log, once there is nothing else to send.
    Answer(Asked),
}

/// Which payload is the next to be sent: of which pair, in which lane, and what of it is to be read first.
struct NextPayload {
    at: usize,
    lane: usize,
    unread: Option<Need>,
}

/// The state of one connection.
pub struct Connection {
    channel: Channel,
    partner: Nation,
    session: SessionNumber,
    pairs: Vec<Pair>,
    decoder: Decoder,
    lanes: Vec<Lanes>,
    control: VecDeque<Frame>,
    questions: Questions,
    hello_sent: bool,
    proven: bool,
    partner_time: Option<u64>,
    closed: Option<ByeCode>,
    /// What the partner said at its end.
    said: Option<ByeCode>,
    last_sent: u64,
    last_heard: u64,
    /// Randomness of the bytes at hand, and how many frames have come.
    seeds: (Seed, u64),
}

/// The signed part of our HELLO, waiting for the seal keys.
pub struct UnsignedHello {
    hello: Vec<u8>,
    to_sign: Vec<u8>,
}

impl UnsignedHello {
    /// What each seal key must sign.
    #[must_use]
    pub fn to_sign(&self) -> &[u8] {
        &self.to_sign
    }
}

impl Connection {
    /// A connection that TLS has just established.
    #[must_use]
    pub fn new(channel: Channel, partner: Nation, session: SessionNumber, starts: Vec<LinkStart>, now: u64) -> Self {
        let pairs: Vec<Pair> = starts.into_iter().map(Pair::new).collect();
        let lanes = pairs.iter().map(|pair| Lanes::new(pair.load.clone())).collect();
        Self {
            channel,
            partner,
            session,
            pairs,
            decoder: Decoder::default(),
            lanes,
            control: VecDeque::new(),
            questions: Questions::default(),
            hello_sent: false,
            proven: false,
            partner_time: None,
            closed: None,
            said: None,
            last_sent: now,
            last_heard: now,
            seeds: (Seed([0; 32]), 0),
        }
    }

    /// Our HELLO, to be signed by the seal key of each log in it.
    #[must_use]
    pub fn hello(&self, own: Nation, now: u64) -> UnsignedHello {
        let log = |pair: &Pair| HelloLog {
            agreement: pair.start.expected.agreement,
            own: pair.start.expected.mine,
            key: pair.start.expected.my_key,
            own_head: verbatim(pair.start.mine.as_ref()),
            held: verbatim(pair.start.held.as_ref()),
            key_statements: Vec::new(),
        };
        let hello = Hello {
            versions: VERSIONS,
            node: self.channel.own_node.clone(),
            nation: own,
            time: now,
            logs: self.pairs.iter().map(log).collect(),
        };
        let hello = codec::encode(&hello);
        let to_sign = to_sign(&self.channel, self.channel.role, &hello);
        UnsignedHello { hello, to_sign }
    }

    /// The time in the partner's HELLO, once that is proven.
    #[must_use]
    pub const fn partner_time(&self) -> Option<u64> {
        self.partner_time
    }

    /// Takes the logs as they stand now, where they have moved since the connection was made and our HELLO is not said
    /// yet: what a session begins with is what its HELLO shows. LNK-18
    pub fn refresh(&mut self, starts: Vec<LinkStart>) {
        for start in starts.into_iter().filter(|_| !self.hello_sent) {
            if let Some(pair) = self.pairs.iter_mut().find(|pair| pair.start.link == start.link) {
                pair.refresh(start);
            }
        }
    }

    /// This connection becomes its links' session under this number. `brought` is what it has brought until now. LNK-15
    pub fn begin(&mut self, session: SessionNumber, brought: Vec<Input>) -> Vec<Input> {
        self.session = session;
        let size = |link: LinkId| {
            self.pairs.iter().find(|pair| pair.start.link == link).map_or(0, |pair| pair.start.theirs.size())
        };
        let begun = |input: Input| match input.of_session(session) {
            Input::Up(link, up) => Input::Up(link, LinkUp { held: size(link), ..up }),
            other => other,
        };
        brought.into_iter().map(begun).collect()
    }

    /// Queues our HELLO with the seal keys' proofs.
    pub fn introduce(&mut self, unsigned: UnsignedHello, proofs: Vec<Proof>) {
        self.control.push_back(Frame::hello(HelloBody { hello: unsigned.hello, proofs }));
        self.hello_sent = true;
    }

    /// Whether the partner's HELLO was proven.
    #[must_use]
    pub const fn is_up(&self) -> bool {
        self.proven
    }

    /// The moment of the last bytes, where the caller changes from the HELLO's wall clock to a monotonic one.
    pub const fn heard(&mut self, now: u64) {
        self.last_heard = now;
    }

    /// Why the connection ended, once it has.
    #[must_use]
    pub const fn closed(&self) -> Option<ByeCode> {
        self.closed
    }

    /// Number of the session.
    #[must_use]
    pub const fn session(&self) -> SessionNumber {
        self.session
    }

    /// The links that are open on this connection.
    pub fn open_links(&self) -> impl Iterator<Item = LinkId> + '_ {
        self.pairs.iter().filter(|pair| pair.open).map(|pair| pair.start.link)
    }

    /// Takes bytes from the socket and gives inputs for the writer; `seed` is fresh. After a fault it takes nothing more, and the next
    /// pull says BYE with the fault's code.
    pub fn receive(&mut self, bytes: &[u8], now: u64, seed: Seed) -> Vec<Input> {
        let mut inputs = Vec::new();
        self.seeds.0 = seed;
        if self.closed.is_some() {
            return inputs;
        }
        self.last_heard = now;
        self.decoder.push(bytes);
        loop {
            // LNK-12: whoever is not greeted has nothing to say
            let greeted = self.proven && self.hello_sent;
            let next = if greeted { self.decoder.next_frame() } else { self.decoder.next_greeting() };
            match next {
                Ok(Some(frame)) => {
                    self.seeds.1 = self.seeds.1.wrapping_add(1);
                    if let Err(code) = self.take(frame, now, &mut inputs) {
                        self.close(code);
                    }
                }
                Ok(None) => break,
                Err(code) => self.close(code),
            }
            if self.closed.is_some() {
                break;
            }
        }
        inputs
    }

    /// Ends the connection: BYE is the last frame.
    pub fn close(&mut self, code: ByeCode) {
        if self.closed.is_none() {
            self.closed = Some(code);
            self.control.clear();
            self.control.push_back(Frame::bye(code));
        }
    }

    /// The same behind what is said already: our HELLO still leaves, by which the partner learns what it lacks. LNK-19
    pub fn dismiss(&mut self, code: ByeCode) {
        if self.closed.is_none() {
            self.closed = Some(code);
            self.control.push_back(Frame::bye(code));
        }
    }

    fn take(&mut self, frame: Incoming, now: u64, inputs: &mut Vec<Input>) -> Result<(), ByeCode> {
        // LNK-12: before a proven HELLO nothing else is taken
        if !self.proven {
            return match frame {
                Incoming::Hello(body) => self.take_hello(&body, now, inputs),
                Incoming::Bye(code) => self.hears_bye(code),
                _ => Err(ByeCode::BadHello),
            };
        }
        match frame {
            Incoming::Hello(_) => Err(ByeCode::BadHello),
            Incoming::Leaves(body) => self.take_leaves(body, inputs),
            Incoming::Payload(body) => self.take_payload(body, inputs),
            Incoming::Want(body) => self.take_want(&body, inputs),
            Incoming::Fetch(body) => self.take_question(Some(Question::of_fetch(&body)), now),
            Incoming::Prove(body) => self.take_question(Question::of_prove(&body), now),
            // Nothing was asked of the partner.
            Incoming::Proof(_) => Err(ByeCode::OutOfOrder),
            Incoming::Bye(code) => self.hears_bye(code),
        }
    }

    fn hears_bye(&mut self, code: ByeCode) -> Result<(), ByeCode> {
        self.said = Some(code);
        Err(ByeCode::Done)
    }

    /// Whether the partner ended it because our log, as it was told, is behind what it followed. LNK-19
    #[must_use]
    pub fn is_told_of_rollback(&self) -> bool {
        self.said == Some(ByeCode::RolledBack)
    }

    fn take_hello(&mut self, body: &HelloBody, now: u64, inputs: &mut Vec<Input>) -> Result<(), ByeCode> {
        let expected: Vec<Expected> = self.pairs.iter().map(|pair| pair.start.expected.clone()).collect();
        let (hello, proven) = hello::verify(body, &self.channel, self.partner, &expected)?;
        let difference = i64::try_from(hello.time).unwrap_or(i64::MAX).saturating_sub(i64::try_from(now).unwrap_or(0));
        for one in proven {
            let Some(pair) = self.pairs.get_mut(one.pair) else { continue };
            pair.open = true;
            pair.sent = one.holds.as_ref().map_or(0, |head| head.checkpoint().size);
            let up = LinkUp {
                session: self.session,
                clock_difference: difference,
                head: one.head,
                holds: one.holds,
                held: pair.start.theirs.size(),
                load: pair.load.clone(),
            };
            inputs.push(Input::Up(pair.start.link, up));
        }
        // LNK-32
        if common(hello.versions).is_some_and(|version| version >= 2) {
            self.decoder.take_questions();
        }
        self.proven = true;
        self.partner_time = Some(hello.time);
        Ok(())
    }

    /// What a log has that the partner was sent, or that it has sent; a log that this session has not opened is answered as one
    /// that is not there. REC-2, REC-3
    fn take_question(&mut self, question: Option<Question>, now: u64) -> Result<(), ByeCode> {
        let Some(question) = question else { return Ok(()) };
        let log = question.log();
        for pair in self.pairs.iter().filter(|pair| pair.open) {
            let expected = &pair.start.expected;
            let is_its_own = expected.theirs == log;
            if is_its_own || expected.mine == log {
                let limit = if is_its_own { pair.frontier.size() } else { pair.sent };
                self.questions.take(Asked { link: pair.start.link, question, limit }, is_its_own, now);
            }
        }
        Ok(())
    }

    fn pair_of(&mut self, theirs: Origin) -> Result<&mut Pair, ByeCode> {
        self.pairs.iter_mut().find(|pair| pair.open && pair.start.expected.theirs == theirs).ok_or(ByeCode::OutOfOrder)
    }

    fn take_leaves(&mut self, body: LeavesBody, inputs: &mut Vec<Input>) -> Result<(), ByeCode> {
        let session = self.session;
        let pair = self.pair_of(body.log)?;
        let bytes: Vec<Vec<u8>> = body.leaves.into_iter().map(serde_bytes::ByteBuf::into_vec).collect();
        let decoded = bytes.iter().map(|leaf| Leaf::decode(leaf)).collect::<Result<Vec<Leaf>, _>>();
        let decoded = decoded.map_err(|_| ByeCode::BadLeaf)?;
        // LOG-2: index 0 is this log's Genesis, and no other leaf is one
        for (index, leaf) in (body.first..).zip(&decoded) {
            if (index == 0) != matches!(leaf, Leaf::Genesis { .. })
                || leaf.genesis_of().is_some_and(|log| log != body.log)
            {
                return Err(ByeCode::BadLeaf);
            }
        }
        // LNK-33: what this version does not act on is not followed: a link under an unknown rule carries nothing
        if decoded.iter().any(|leaf| matches!(leaf, Leaf::KeyChange { .. })) {
            return Err(ByeCode::NotServed);
        }
        let key = pair.start.expected.their_key;
        let followed = follow(&pair.frontier, body.first, &bytes, &body.checkpoint, body.log, &key);
        let followed = followed.map_err(|fault| {
            // LOG-8: its own key signed it, so that it goes on record and does not only end the session
            if matches!(fault, FollowFault::RootMismatch { .. }) {
                inputs.push(Input::Mismatch(pair.start.link, session, fault.to_string()));
            }
            code_of(fault)
        })?;
        pair.frontier = followed.frontier;
        inputs.push(Input::Leaves {
            link: pair.start.link,
            session,
            first: body.first,
            leaves: bytes.into_iter().zip(decoded).collect(),
            checkpoint: followed.checkpoint,
        });
        Ok(())
    }

    fn take_payload(&mut self, body: PayloadBody, inputs: &mut Vec<Input>) -> Result<(), ByeCode> {
        let (session, (seed, count)) = (self.session, self.seeds);
        let pair = self.pair_of(body.log)?;
        // Decoded and encrypted for the disk here, off the writer's thread.
        let content = Content::new(body.offset, body.bytes, &pair.start.rules, seed.nth(count));
        let piece = Piece { index: body.index, offset: body.offset, content };
        inputs.push(Input::Payload(pair.start.link, session, Box::new(piece)));
        Ok(())
    }

    fn take_want(&mut self, body: &WantBody, inputs: &mut Vec<Input>) -> Result<(), ByeCode> {
        let session = self.session;
        let open = |pair: &&mut Pair| pair.open && pair.start.expected.mine == body.log;
        let pair = self.pairs.iter_mut().find(open).ok_or(ByeCode::OutOfOrder)?;
        inputs.push(Input::Want { link: pair.start.link, session, index: body.index, offset: body.offset });
        Ok(())
    }

    /// Gives the connection what the sealer or the store has for it.
    pub fn offer(&mut self, outgoing: Outgoing) {
        match outgoing {
            Outgoing::Leaves { frame, checkpoint, .. } => {
                let Some(pair) =
                    self.pairs.iter_mut().find(|pair| pair.start.expected.mine == checkpoint.checkpoint().origin)
                else {
                    return;
                };
                pair.sealed = pair.sealed.max(checkpoint.checkpoint().size);
                // What a slow partner leaves here is dropped and read from the store when its turn comes.
                if pair.ready.len() < MAX_READY {
                    pair.ready.push_back(frame);
                }
            }
            Outgoing::Body { link, session, log, index, precedence, offset, length, payload }
                if session == self.session =>
            {
                let at = self.pairs.iter().position(|pair| pair.start.link == link);
                if let Some(lanes) = at.and_then(|at| self.lanes.get_mut(at)) {
                    lanes.push(precedence, (log, index), (offset, length), payload);
                }
            }
            Outgoing::Loaded { log, index, read, .. } => {
                self.lanes.iter_mut().for_each(|lanes| lanes.load(log, index, &read));
            }
            Outgoing::Want { session, log, index, offset, .. } if session == self.session => {
                self.control.push_back(Frame::want(WantBody { log, index, offset }));
            }
            Outgoing::Stop { log, index, .. } => self.lanes.iter_mut().for_each(|lanes| lanes.stop(log, index)),
            Outgoing::Reach { session, log, size, .. } if session == self.session => {
                if let Some(pair) = self.pairs.iter_mut().find(|pair| pair.start.expected.mine == log) {
                    pair.sealed = pair.sealed.max(size);
                }
            }
            Outgoing::Answer { frame, .. } => self.questions.answer(frame),
            Outgoing::Close { session, code, .. } if session == self.session => self.close(code),
            // Of an older session of the same link: its connection is gone.
            Outgoing::Body { .. } | Outgoing::Want { .. } | Outgoing::Reach { .. } | Outgoing::Close { .. } => {}
        }
    }

    /// What the store must give before the next frame can be pulled.
    pub fn needs(&mut self) -> Option<Need> {
        if !self.proven || self.closed.is_some() {
            return None;
        }
        if let Some((log, from)) = self.pairs.iter_mut().filter(|pair| pair.open).find_map(Pair::hole) {
            return Some(Need::Leaves(log, from));
        }
        match self.next_payload() {
            Some(next) => next.unread,
            // REC-2: below all live traffic
            None => self.questions.asked().filter(|_| !self.pairs.iter().any(Pair::is_ready)).map(Need::Answer),
        }
    }

    /// The lane of which pair is next, the fastest of all pairs first, and what is to be read before it can be pulled.
    fn next_payload(&self) -> Option<NextPayload> {
        // LNK-22: a payload leaves only behind its leaf
        let sent = |log, index| was_sent(&self.pairs, log, index);
        Precedence::ALL.iter().map(|precedence| precedence.lane()).find_map(|lane| {
            self.lanes.iter().enumerate().find_map(|(at, lanes)| {
                let (log, index, unread) = lanes.next(lane, sent)?;
                Some(NextPayload { at, lane, unread: unread.map(|from| Need::Payload(log, index, from)) })
            })
        })
    }

    /// The next bytes for the socket; `None` when there is nothing to send now.
    pub fn pull(&mut self, now: u64) -> Option<Wire> {
        if now.saturating_sub(self.last_heard) >= SILENCE {
            self.close(ByeCode::Silent);
        }
        let frame = self.pull_frame(now)?;
        self.last_sent = now;
        Some(frame.encode())
    }

    fn pull_frame(&mut self, now: u64) -> Option<Frame> {
        // LNK-12: our own HELLO first; leaves, WANTs and payloads only for a proven partner
        if self.closed.is_some() || !self.hello_sent {
            return self.control.pop_front();
        }
        if !self.proven {
            // LNK-16: a dialer who has only a stolen TLS key learns from a listener no head and no size
            return if self.channel.role == Role::Dialer { self.control.pop_front() } else { None };
        }
        if let Some(frame) = self.control.pop_front() {
            return Some(frame);
        }
        if let Some(frame) = self.pairs.iter_mut().filter(|pair| pair.open).find_map(Pair::pull) {
            return Some(frame);
        }
        if let Some(NextPayload { at, lane, .. }) = self.next_payload() {
            let pairs = &self.pairs;
            let pulled =
                self.lanes.get_mut(at).and_then(|lanes| lanes.pull(lane, |log, index| was_sent(pairs, log, index)));
            if pulled.is_some() {
                return pulled;
            }
        }
        if let Some(answer) = self.questions.pull() {
            return Some(answer);
        }
        if now.saturating_sub(self.last_sent) < HEARTBEAT {
            return None;
        }
        self.control.extend(self.pairs.iter().filter(|pair| pair.open).filter_map(Pair::repeat));
        self.control.pop_front()
    }
}

/// Whether the partner has been sent this leaf of mine.
fn was_sent(pairs: &[Pair], log: Origin, index: u64) -> bool {
    pairs.iter().any(|pair| pair.start.expected.mine == log && index < pair.sent)
}

fn verbatim(head: Option<&SignedCheckpoint>) -> Vec<u8> {
    head.map(|head| head.as_bytes().to_vec()).unwrap_or_default()
}

/// LNK-20, LNK-21
const fn code_of(fault: FollowFault) -> ByeCode {
    match fault {
        FollowFault::OutOfOrder { .. } | FollowFault::TooMany => ByeCode::OutOfOrder,
        FollowFault::WrongOrigin
        | FollowFault::BadSignature
        | FollowFault::BadCheckpoint
        | FollowFault::SizeMismatch
        | FollowFault::RootMismatch { .. } => ByeCode::BadCheckpoint,
    }
}
