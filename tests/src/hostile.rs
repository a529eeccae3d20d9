//! A partner that holds Borealia's seal key and keeps no rule: it says what a test tells it to say.

use crate::{
    fixture::{Draft, NOW, author, key, link, nation, seal_key_name},
    node::{Disk, Node},
    pair::{ID_MARK, LINK},
};
use relto_audit::{
    checkpoint::{Checkpoint, SignedCheckpoint},
    commitment::{commit, plaintext_digest},
    leaf::{Head, Leaf, Outcome, Precedence, Released, Verdict},
    origin::Origin,
    tree::{Frontier, empty_root, leaf_hash},
};
use relto_exchange::{
    input::{Input, Submit},
    out::Answer,
    ready::Prepared,
    store::{Key, Row, one},
    wire::{
        frame::{Decoder, FrameType, Incoming, LeavesBody, PayloadBody, WantBody, raw},
        hello::{Channel, Hello, HelloBody, HelloLog, Proof, Role, to_sign},
        protocol::{ByeCode, VERSIONS},
        question::{FetchBody, ProveBody},
    },
};
use relto_report::{
    codec,
    crypto::{Signer, SoftwareKey, sha256},
    digest::Digest,
};

/// Leaves beyond which a recovery is not compared after each message: it reads them all.
const MOST_CHECKED: usize = 600;

/// The side of the honest node.
pub const HONEST: usize = 0;

/// The hostile side and the honest node that it talks to.
pub struct Hostile {
    /// The node under test.
    pub node: Node,
    /// Unix milliseconds.
    pub now: u64,
    /// Borealia's seal key.
    pub key: SoftwareKey,
    /// Leaves of Borealia's log as this partner has made them.
    pub log: Vec<Vec<u8>>,
    /// How many of them were sent.
    pub sent: usize,
    /// What the node has sent in this session, in order.
    pub heard: Vec<Incoming>,
    /// Leaves of the node's log as they came.
    pub theirs: Vec<Vec<u8>>,
    /// The protocol versions that it says it speaks.
    pub versions: (u8, u8),
    /// Where the leaves begin that it has asked for: they are no new ones.
    asks: Option<(Origin, u64)>,
    channel: Channel,
    asked: u64,
    sessions: u64,
}

impl Default for Hostile {
    fn default() -> Self {
        Self::new()
    }
}

impl Hostile {
    /// A node with Genesis alone, and no connection.
    #[must_use]
    pub fn new() -> Self {
        let mut node = Node::new(HONEST, vec![link(HONEST)], Disk::memory(), NOW);
        node.work(NOW);
        let genesis = Leaf::genesis(&link(1).agreement.id, nation(1), 0).encode();
        let channel = Channel {
            role: Role::Listener,
            own_node: "xbb-node-1".to_owned(),
            partner_node: node.name(),
            exporter: [0; 32],
        };
        let key = key(&seal_key_name(1));
        let (log, heard, theirs) = (vec![genesis], Vec::new(), Vec::new());
        let (versions, asks) = (VERSIONS, None);
        Self { node, now: NOW, key, log, sent: 0, heard, theirs, versions, asks, channel, asked: 0, sessions: 0 }
    }

    /// A node whose heads are confirmed: both Genesis leaves are exchanged.
    #[must_use]
    pub fn greeted() -> Self {
        let mut hostile = Self::new();
        hostile.connect();
        hostile.greet();
        hostile.send_leaves();
        assert!(hostile.node.exchange.is_confirmed(LINK, hostile.now));
        hostile
    }

    /// A new connection; the node says HELLO.
    pub fn connect(&mut self) {
        self.node.disconnect();
        self.node.work(self.now);
        self.sessions += 1;
        self.channel.exporter = *sha256(&[&self.sessions.to_le_bytes()]).as_bytes();
        let (exporter, number) = (self.channel.exporter, self.sessions);
        let partner = self.channel.own_node.clone();
        self.node.connect(Role::Dialer, (&partner, nation(1)), exporter, number, self.now);
        self.heard.clear();
        self.pump();
    }

    /// Whether and why the node has ended the connection.
    #[must_use]
    pub fn closed(&self) -> Option<ByeCode> {
        self.node.connection.as_ref().and_then(relto_exchange::connection::Connection::closed)
    }

    /// Any bytes to the node, and what it does with them.
    pub fn send(&mut self, bytes: &[u8]) {
        self.node.receive(bytes, self.now);
        self.pump();
    }

    /// A frame of any body.
    pub fn frame(&mut self, kind: FrameType, body: &impl serde::Serialize) {
        self.send(&raw(kind.number(), &codec::encode(body)));
    }

    /// Lets the node work and takes what it says.
    pub fn pump(&mut self) {
        loop {
            self.node.work(self.now);
            let Some(wire) = self.node.pull(self.now) else { break };
            let mut decoder = Decoder::default();
            decoder.take_questions();
            decoder.push(wire.as_bytes());
            let frame = decoder.next_frame().unwrap().unwrap();
            if let Incoming::Leaves(body) = &frame
                && self.asks.take_if(|asks| *asks == (body.log, body.first)).is_none()
            {
                self.theirs.truncate(usize::try_from(body.first).unwrap());
                self.theirs.extend(body.leaves.iter().map(|leaf| leaf.to_vec()));
            }
            self.heard.push(frame);
        }
        // Whatever it says, the node would know the same after a restart, and could start.
        if self.node.ended.is_none() && self.log.len() < MOST_CHECKED {
            assert_eq!(self.node.exchange.differs_from(self.node.reader()).unwrap(), None);
        }
    }

    // ------------------------------------------------------------------ HELLO

    /// The HELLO that an honest partner would say.
    #[must_use]
    pub fn hello(&self) -> Hello {
        let link = link(1);
        let own_head = self.checkpoint(self.log.len());
        let held = Frontier::of(&self.theirs);
        let held = if held.size() == 0 { Vec::new() } else { self.newest_of_theirs() };
        let log = HelloLog {
            agreement: link.agreement.digest,
            own: link.mine(),
            key: link.own_key,
            own_head: own_head.as_bytes().to_vec(),
            held,
            key_statements: Vec::new(),
        };
        let node = self.channel.own_node.clone();
        Hello { versions: self.versions, node, nation: nation(1), time: self.now, logs: vec![log] }
    }

    fn newest_of_theirs(&self) -> Vec<u8> {
        let size = u64::try_from(self.theirs.len()).unwrap();
        match one(self.node.reader(), &Key::Checkpoint(link(HONEST).mine(), size)).unwrap() {
            Some(Row::Bytes(note)) => note,
            other => panic!("{other:?} at {size}"),
        }
    }

    /// A proof of any key over any HELLO and channel.
    #[must_use]
    pub fn prove(key: &SoftwareKey, hello: &Hello, channel: &Channel, signer: Role) -> Proof {
        let signature = key.sign(&to_sign(channel, signer, &codec::encode(hello))).unwrap();
        Proof { key: key.public_key(), signature }
    }

    /// The channel as the hostile side sees it.
    #[must_use]
    pub fn channel(&self) -> Channel {
        self.channel.clone()
    }

    /// Says a HELLO with these proofs.
    pub fn say(&mut self, hello: &Hello, proofs: Vec<Proof>) {
        self.frame(FrameType::Hello, &HelloBody { hello: codec::encode(hello), proofs });
    }

    /// Says the honest HELLO.
    pub fn greet(&mut self) {
        let hello = self.hello();
        let proof = Self::prove(&self.key, &hello, &self.channel, Role::Listener);
        self.say(&hello, vec![proof]);
    }

    // ------------------------------------------------------------------ leaves

    /// The checkpoint over the first `size` leaves of the hostile log.
    #[must_use]
    pub fn checkpoint(&self, size: usize) -> SignedCheckpoint {
        let frontier = Frontier::of(&self.log[..size]);
        self.sign(frontier.size(), frontier.root())
    }

    /// A checkpoint over anything.
    #[must_use]
    pub fn sign(&self, size: u64, root: Digest) -> SignedCheckpoint {
        Checkpoint { origin: link(1).mine(), size, root }.sign(&self.key).unwrap()
    }

    /// Appends a leaf and gives its index.
    pub fn append(&mut self, leaf: &Leaf) -> u64 {
        self.append_many(leaf, 1)
    }

    /// Appends a leaf a number of times and gives the first index.
    pub fn append_many(&mut self, leaf: &Leaf, times: usize) -> u64 {
        let first = self.log.len();
        self.log.resize(first + times, leaf.encode());
        u64::try_from(first).unwrap()
    }

    /// Sends what was appended, as it should be sent.
    pub fn send_leaves(&mut self) {
        let checkpoint = self.checkpoint(self.log.len());
        let leaves = self.log[self.sent..].to_vec();
        let first = u64::try_from(self.sent).unwrap();
        self.sent = self.log.len();
        self.leaves(first, leaves, checkpoint.as_bytes());
    }

    /// Any LEAVES frame.
    pub fn leaves(&mut self, first: u64, leaves: Vec<Vec<u8>>, checkpoint: &[u8]) {
        self.leaves_of(link(1).mine(), first, leaves, checkpoint);
    }

    /// Any LEAVES frame of any log.
    pub fn leaves_of(&mut self, log: Origin, first: u64, leaves: Vec<Vec<u8>>, checkpoint: &[u8]) {
        let frame = leaves_frame(log, first, leaves, checkpoint);
        self.send(&frame);
    }

    /// A LEAVES frame that is not sent yet.
    #[must_use]
    pub fn leaves_bytes(&self, first: u64, leaves: Vec<Vec<u8>>, checkpoint: &[u8]) -> Vec<u8> {
        leaves_frame(link(1).mine(), first, leaves, checkpoint)
    }

    /// Lets time pass, with the heartbeats that keep a session.
    pub fn wait(&mut self, millis: u64) {
        let mut left = millis;
        while left > 0 {
            let step = left.min(10_000);
            self.now += step;
            left -= step;
            let checkpoint = self.checkpoint(self.sent);
            self.leaves(u64::try_from(self.sent).unwrap(), Vec::new(), checkpoint.as_bytes());
        }
    }

    /// The largest head of the node's log that the log names so far: a smaller one would be refused.
    fn named(&self) -> Head {
        let heads = self.log.iter().filter_map(|leaf| Leaf::decode(leaf).ok()?.seen());
        heads.max_by_key(|head| head.size).unwrap_or(Head { size: 0, root: empty_root() })
    }

    /// A Released leaf for the place where it would be appended, and its payload.
    #[must_use]
    pub fn released(&self, plaintext: &[u8]) -> (Released, Vec<u8>) {
        let index = u64::try_from(self.log.len()).unwrap();
        let salt = *sha256(&[b"salt", &index.to_le_bytes()]).as_bytes();
        let length = u64::try_from(plaintext.len()).unwrap();
        let commitment = commit(link(1).mine(), index, &salt, length, &plaintext_digest(plaintext));
        let released = Released {
            time: self.now,
            agreement: link(1).agreement.digest,
            commitment,
            length: length + 32,
            precedence: Precedence::Routine,
            detail: Digest::from_bytes(salt),
            seen: self.named(),
        };
        (released, [&salt[..], plaintext].concat())
    }

    /// Appends and sends the leaf of a good report; gives its index and payload.
    pub fn release(&mut self, number: u32) -> (u64, Vec<u8>) {
        let (released, payload) = self.released(Draft::new(1, number).document().plaintext());
        let index = self.append(&Leaf::Released(released));
        self.send_leaves();
        (index, payload)
    }

    /// A PAYLOAD frame.
    pub fn payload(&mut self, index: u64, offset: u64, bytes: &[u8]) {
        let body = PayloadBody { log: link(1).mine(), index, offset, bytes: bytes.to_vec() };
        self.frame(FrameType::Payload, &body);
    }

    /// A WANT frame.
    pub fn want(&mut self, index: u64, offset: u64) {
        self.frame(FrameType::Want, &WantBody { log: link(HONEST).mine(), index, offset });
    }

    /// A FETCH of leaves of a log.
    pub fn fetch(&mut self, log: Origin, first: u64) {
        self.asks = Some((log, first));
        self.frame(FrameType::Fetch, &FetchBody { log, first, zero: 0 });
        self.asks = None;
    }

    /// A PROVE about a log.
    pub fn ask_proof(&mut self, log: Origin, what: u8, first: u64, second: u64) {
        self.frame(FrameType::Prove, &ProveBody { log, what, first, second });
    }

    /// An Outcome for a leaf of the node.
    #[must_use]
    pub fn outcome(&self, index: u64) -> Outcome {
        let leaf = &self.theirs[usize::try_from(index).unwrap()];
        let frontier = Frontier::of(&self.theirs);
        let seen = Head { size: frontier.size(), root: frontier.root() };
        Outcome { time: self.now, index, leaf: leaf_hash(leaf), verdict: Verdict::Admitted, codes: 0, seen }
    }

    // ------------------------------------------------------------------ the honest side

    /// An author of the honest side submits.
    pub fn submit(&mut self, draft: &Draft) -> Answer {
        self.asked += 1;
        let mut id = [0_u8; 16];
        id[..8].copy_from_slice(&self.asked.to_be_bytes());
        id[10..].copy_from_slice(ID_MARK);
        let (ticket, authored) = (self.asked, draft.signed());
        let seed = self.node.seed();
        let own = Prepared::new(authored.get(), &self.node.links[0], seed);
        let submit = Submit {
            ticket,
            id,
            account: author(HONEST),
            link: LINK,
            authored,
            own,
            uploaded: false,
            emergency: false,
        };
        self.node.push(Input::Submit(Box::new(submit)));
        self.pump();
        self.node.answers.remove(&ticket).expect("an answer")
    }

    /// What the node decided on a leaf of the hostile log.
    #[must_use]
    pub fn verdict(&self, index: u64) -> Option<(Verdict, u64)> {
        match one(self.node.reader(), &Key::Inbox(link(HONEST).theirs(), index)).unwrap() {
            Some(Row::Inbox(row)) => Some((row.verdict, row.codes)),
            _ => None,
        }
    }

    /// Offsets that the node asked for.
    #[must_use]
    pub fn wants(&self) -> Vec<(u64, u64)> {
        let want = |frame: &Incoming| match frame {
            Incoming::Want(body) => Some((body.index, body.offset)),
            _ => None,
        };
        self.heard.iter().filter_map(want).collect()
    }

    /// Size of the node's copy of the hostile log.
    #[must_use]
    pub fn followed(&self) -> u64 {
        self.node.exchange.sizes(LINK).unwrap().theirs
    }
}

/// A LEAVES frame of any log.
#[must_use]
pub fn leaves_frame(log: Origin, first: u64, leaves: Vec<Vec<u8>>, checkpoint: &[u8]) -> Vec<u8> {
    let leaves = leaves.into_iter().map(serde_bytes::ByteBuf::from).collect();
    let body = LeavesBody { log, first, leaves, checkpoint: checkpoint.to_vec() };
    raw(FrameType::Leaves.number(), &codec::encode(&body))
}

/// A frontier over these leaves.
trait Over {
    /// Pushes them all.
    fn of(leaves: &[Vec<u8>]) -> Self;
}

impl Over for Frontier {
    fn of(leaves: &[Vec<u8>]) -> Self {
        let mut frontier = Self::new();
        leaves.iter().for_each(|leaf| frontier.push(leaf));
        frontier
    }
}
