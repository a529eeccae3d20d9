//! Arcadia's node with its two links, the third nation's node, and Borealia's key in hands that keep no rule.

use relto_audit::{
    checkpoint::{Checkpoint, SignedCheckpoint},
    leaf::{Leaf, Verdict},
    origin::Origin,
    tree::Frontier,
};
use relto_exchange::{
    batch::{Exits, Recorded},
    connection::Connection,
    exchange::{Backlog, Exchange, MAX_BATCH, OnRecord, Sizes},
    ids::{LinkId, Now, Ticket},
    input::{Input, Submit},
    link::{Link, Prior},
    out::{Answer, Event},
    ready::{
        Prepared, Seed,
        fetch::{Desk, fetch},
        parts::Shelved,
    },
    rows::{Stage, SubmissionState},
    seal::{SealKeys, seal},
    serve::read_need,
    store::{Key, Row, one},
    wire::{
        frame::{FrameType, LeavesBody, Wire, raw},
        hello::{Channel, Hello, HelloBody, HelloLog, Proof, Role},
        protocol::ByeCode,
    },
};
use relto_policy::{agreement::Agreement, national::NationalRules};
use relto_report::{
    assessment::Document,
    codec,
    crypto::{Signer, SoftwareKey, sha256},
    digest::Digest,
    domain::{Tag, message},
    nation::Nation,
    register::Register,
    signed::{AuthorStatement, Authored, Submitted, Unverified, Verified, home_digest},
    vocabulary::Vocabulary,
};
use relto_tests::{
    check::leaves,
    fixture::{Draft, NOW, agreement_text, example, home, key, link, nation, seal_key_name},
    hostile::Hostile,
    memory::{MemoryDisk, MemoryStore},
    node::Disk,
};
use std::{
    collections::{BTreeMap, VecDeque},
    sync::Arc,
};

/// To Borealia, whose node keeps no rule.
pub(super) const BAD: LinkId = LinkId(0);
/// To a third nation, whose node is well.
pub(super) const GOOD: LinkId = LinkId(1);
pub(super) const THIRD: &str = "XEE";
pub(super) const THIRD_NODE: &str = "xee-node-1";
pub(super) const BAD_NODE: &str = "xbb-node-1";

pub(super) fn third() -> Nation {
    Nation::parse(THIRD).unwrap()
}

/// The example file as it would be if the third nation were the partner.
pub(super) fn renamed(name: &str) -> String {
    String::from_utf8(example(name)).unwrap().replace("XBB", THIRD)
}

/// The link with the third nation, from Arcadia's side or from its own.
pub(super) fn third_link(own: Nation) -> Link {
    let read = |code: &str, bytes: &[u8]| {
        let register = Register::read(code, bytes).unwrap_or_else(|faults| panic!("{faults}"));
        (Nation::parse(code).unwrap(), register)
    };
    let register = renamed("markings-XBB.toml");
    let registers = [read("XAA", &example("markings-XAA.toml")), read(THIRD, register.as_bytes())];
    let text = agreement_text()
        .replace("XBB", THIRD)
        .replace(&sha256(&[&example("markings-XBB.toml")]).to_string(), &sha256(&[register.as_bytes()]).to_string())
        .replace(&key(&seal_key_name(1)).public_key().to_string(), &key("seal XEE").public_key().to_string());
    let agreement = Agreement::read("agreement.toml", text.as_bytes()).unwrap_or_else(|faults| panic!("{faults}"));
    let vocabulary = Vocabulary::read("vocabulary.toml", &example("vocabulary.toml")).unwrap();
    let registers = BTreeMap::from(registers);
    agreement.fits("agreement.toml", &vocabulary, &registers).unwrap_or_else(|faults| panic!("{faults}"));
    let rules = renamed("national-rules.toml");
    let rules = &rules[..rules.find("[content]").unwrap()];
    let rules =
        NationalRules::read("national-rules.toml", rules.as_bytes()).unwrap_or_else(|faults| panic!("{faults}"));
    let partner = if own == third() { nation(0) } else { third() };
    let mut made = link(0);
    (made.own, made.partner) = (own, partner);
    made.own_key = agreement.party(own).unwrap().seal_key;
    made.partner_key = agreement.party(partner).unwrap().seal_key;
    made.registers = Arc::new(registers);
    made.vocabulary = Arc::new(vocabulary);
    made.national = Some(Arc::new(if own == nation(0) { rules } else { rules_of_third(&agreement) }));
    made.consents = Arc::default();
    made.prior = Arc::new(Prior::default());
    made.agreement = Arc::new(agreement);
    made
}

/// What the third nation lets out under an authority given in advance: as Borealia.
fn rules_of_third(agreement: &Agreement) -> NationalRules {
    let mut rules = NationalRules::clone(link(1).national.as_ref().unwrap());
    (rules.nation, rules.agreement) = (third(), agreement.id.clone());
    rules
}

/// A report of the third nation for Arcadia.
pub(super) fn from_third(number: u32) -> Document {
    let turn = |text: &mut String| *text = text.replace("XBB", THIRD);
    Draft::new(1, number).edited(|report| {
        [&mut report.serial, &mut report.banner].into_iter().chain(&mut report.classified_by).for_each(turn);
        report.rel_to.iter_mut().for_each(turn);
        report.portions.iter_mut().for_each(|portion| turn(&mut portion.body.mark));
        report.sources.iter_mut().filter_map(|one| one.described.as_mut()).for_each(|one| turn(&mut one.nation));
    })
}

/// A report of Arcadia for both: an office of one nation is none of the other's, so it names none.
pub(super) fn for_both(number: u32) -> Document {
    let list = |text: &mut String| *text = text.replace("XBB", &format!("XBB, {THIRD}"));
    Draft::new(0, number).edited(|report| {
        list(&mut report.banner);
        report.rel_to.push(THIRD.to_owned());
        report.action.clear();
        report.portions.iter_mut().for_each(|portion| list(&mut portion.body.mark));
    })
}

/// A report of Arcadia for the third nation.
pub(super) fn report(number: u32) -> Document {
    let turn = |text: &mut String| *text = text.replace("XBB", THIRD);
    Draft::new(0, number).edited(|report| {
        turn(&mut report.banner);
        report.rel_to.iter_mut().chain(&mut report.action).for_each(turn);
        report.portions.iter_mut().for_each(|portion| turn(&mut portion.body.mark));
    })
}

pub(super) fn sign(link: &Link, document: &Document) -> Verified<Authored> {
    sign_with(link, document, home(0, &document.report().serial))
}

pub(super) fn sign_with(link: &Link, document: &Document, home: Vec<u8>) -> Verified<Authored> {
    let statement = AuthorStatement {
        agreement: link.agreement.id.clone(),
        recipient: link.partner,
        traffic: document.report().traffic.clone(),
        plaintext: document.digest(),
        home: home_digest(Some(&home)),
    };
    let (statement, author) = (codec::encode(&statement), key("author"));
    let signature = author.sign(&message(Tag::Author, &statement)).unwrap();
    let submitted = Submitted { report: document.clone().into(), home: Some(home), statement, signature };
    match Unverified::new(submitted).verify(&author.public_key()) {
        Ok(verified) => verified,
        Err(fault) => panic!("{fault}"),
    }
}

pub(super) struct Keys(SoftwareKey);

impl SealKeys for Keys {
    fn key_of(&self, _: Origin) -> Option<&dyn Signer> {
        Some(&self.0)
    }
}

/// A node without threads and sockets, with a connection for each of its links.
pub(super) struct Party {
    pub(super) name: &'static str,
    pub(super) own: Nation,
    pub(super) keys: Keys,
    pub(super) links: Vec<Link>,
    pub(super) exchange: Exchange,
    pub(super) store: MemoryStore,
    pub(super) disk: MemoryDisk,
    pub(super) heads: Disk,
    pub(super) connections: Vec<Option<Connection>>,
    pub(super) jobs: VecDeque<Input>,
    pub(super) answers: BTreeMap<Ticket, Answer>,
    pub(super) events: Vec<Event>,
    pub(super) turns: u64,
}

impl Party {
    pub(super) fn new(name: &'static str, own: Nation, keys: Keys, links: Vec<Link>) -> Self {
        let disk = MemoryDisk::default();
        let store = disk.open();
        let exchange = Exchange::recover(&store, links.clone(), own, store.fence()).unwrap();
        let (connections, heads) = (links.iter().map(|_| None).collect(), Disk::memory());
        let (jobs, answers, events) = (VecDeque::new(), BTreeMap::new(), Vec::new());
        let mut party =
            Self { name, own, keys, links, exchange, store, disk, heads, connections, jobs, answers, events, turns: 0 };
        let moment = party.moment();
        let recorded = party.exchange.genesis(&mut party.store, moment).unwrap();
        party.let_out(recorded);
        party.work();
        party
    }

    pub(super) fn moment(&mut self) -> Now {
        self.turns += 1;
        Now { millis: NOW, trusted: true, seed: *sha256(&[self.name.as_bytes(), &self.turns.to_le_bytes()]).as_bytes() }
    }

    /// The writer's, and then the sealer's work.
    pub(super) fn turn(&mut self) {
        let count = self.jobs.len().min(MAX_BATCH);
        let (inputs, moment) = (self.jobs.drain(..count).collect(), self.moment());
        let mut recorded = self.exchange.turn(&mut self.store, inputs, moment).unwrap();
        let (replies, events) = recorded.take_home();
        self.answers.extend(replies);
        for event in &events {
            if let Event::Fetch(asked) = event {
                let seed = Seed(self.moment().seed);
                let originals = OnRecord(&self.exchange, &self.store);
                let (reader, links, shelf) = (&self.store, &self.links, &Shelved::new(self.disk.clone()));
                let desk = Desk { reader, links, originals: &originals, shelf, seed };
                let (fetched, _) = fetch(&desk, *asked, true).unwrap().unwrap();
                self.jobs.push_back(Input::Fetched(Box::new(fetched)));
            }
        }
        self.events.extend(events);
        if !recorded.is_empty() {
            self.let_out(recorded);
        }
    }

    pub(super) fn let_out(&mut self, recorded: Recorded<Exits>) {
        let written = seal(vec![recorded], &self.keys).unwrap().record(&mut self.heads).unwrap();
        self.jobs.extend(written.inputs());
        for one in written.outgoing {
            let connection = &mut self.connections[usize::from(one.link().0)];
            if let Some(connection) = connection.as_mut().filter(|connection| connection.is_up()) {
                connection.offer(one);
            }
        }
    }

    pub(super) fn work(&mut self) {
        while !self.jobs.is_empty() {
            self.turn();
        }
    }

    pub(super) fn connect(&mut self, at: LinkId, role: Role, partner_node: &str, session: u64) {
        if let Some(old) = self.connections[at.place()].take() {
            self.jobs.extend(old.open_links().map(|link| Input::Down(link, old.session())));
            self.work();
        }
        let partner = self.links[at.place()].partner;
        let starts = self.exchange.link_starts(partner);
        assert_eq!(starts.iter().map(|one| one.link).collect::<Vec<_>>(), [at], "the links of this nation alone");
        let channel = Channel {
            role,
            own_node: self.name.to_owned(),
            partner_node: partner_node.to_owned(),
            exporter: exporter(session),
        };
        let mut connection = Connection::new(channel, partner, session, starts, NOW);
        let unsigned = connection.hello(self.own, NOW);
        let signature = self.keys.0.sign(unsigned.to_sign()).unwrap();
        connection.introduce(unsigned, vec![Proof { key: self.keys.0.public_key(), signature }]);
        self.connections[at.place()] = Some(connection);
    }

    pub(super) fn connection(&mut self, at: LinkId) -> &mut Connection {
        self.connections[at.place()].as_mut().unwrap()
    }

    pub(super) fn receive(&mut self, at: LinkId, bytes: &[u8]) {
        let seed = Seed(self.moment().seed);
        let inputs = self.connection(at).receive(bytes, NOW, seed);
        self.jobs.extend(inputs);
    }

    pub(super) fn pull(&mut self, at: LinkId) -> Option<Wire> {
        if let Some(need) = self.connection(at).needs() {
            let found = read_need(&self.store, &self.links, need);
            if let Some(outgoing) = found.unwrap() {
                self.connection(at).offer(outgoing);
            }
        }
        self.connection(at).pull(NOW)
    }

    pub(super) fn submit(&mut self, at: LinkId, authored: Verified<Authored>) -> Ticket {
        let ticket = u64::try_from(self.answers.len()).unwrap();
        let mut id = [0_u8; 16];
        id[..8].copy_from_slice(&(ticket + 1).to_be_bytes());
        let seed = Seed(self.moment().seed);
        let own = Prepared::new(authored.get(), &self.links[at.place()], seed);
        let submit = Submit {
            ticket,
            id,
            account: "author".to_owned(),
            link: at,
            authored,
            own,
            uploaded: false,
            emergency: false,
        };
        self.jobs.push_back(Input::Submit(Box::new(submit)));
        ticket
    }

    /// What the partner decided on a submission; `None` while nothing is known.
    pub(super) fn outcome(&self, at: LinkId, ticket: Ticket) -> Option<Verdict> {
        let index = match self.answers.get(&ticket)? {
            Answer::Stands(SubmissionState::Released(index)) => *index,
            other => panic!("{other:?}"),
        };
        match one(&self.store, &Key::Outbox(self.links[at.place()].mine(), index)).unwrap() {
            Some(Row::Outbox(row)) => match row.stage {
                Stage::Resolved { verdict, .. } => Some(verdict),
                _ => None,
            },
            other => panic!("{other:?}"),
        }
    }

    pub(super) fn alarms(&self) -> usize {
        self.events.iter().filter(|event| matches!(event, Event::Alarm(_))).count()
    }
}

pub(super) fn exporter(session: u64) -> [u8; 32] {
    *sha256(&[b"session", &session.to_le_bytes()]).as_bytes()
}

/// All that a node knows of one link.
pub(super) type Known = (Vec<Vec<u8>>, Vec<Vec<u8>>, Option<Sizes>, Option<Backlog>, bool, Option<ByeCode>);

/// Arcadia's node, the third nation's, and what plays Borealia's.
pub(super) struct World {
    pub(super) arcadia: Party,
    pub(super) other: Party,
    /// Borealia's seal key and log.
    pub(super) key: SoftwareKey,
    pub(super) log: Vec<Vec<u8>>,
    /// All that Borealia, and all that the third nation was told.
    pub(super) told: [Vec<u8>; 2],
    pub(super) sessions: u64,
    pub(super) reports: u32,
}

impl World {
    pub(super) fn new() -> Self {
        Self::with(|_| {})
    }

    /// As [`World::new`], where Arcadia has other rules or consents for its two links.
    pub(super) fn with(change: impl FnOnce(&mut [Link])) -> Self {
        let seal = |name: &str| Keys(key(name));
        let mut links = vec![link(0), third_link(nation(0))];
        change(&mut links);
        let mut world = Self {
            arcadia: Party::new("xaa-node-1", nation(0), seal(&seal_key_name(0)), links),
            other: Party::new(THIRD_NODE, third(), seal("seal XEE"), vec![third_link(third())]),
            key: key(&seal_key_name(1)),
            log: vec![Leaf::genesis(&link(1).agreement.id, nation(1), 0).encode()],
            told: [Vec::new(), Vec::new()],
            sessions: 0,
            reports: 0,
        };
        world.sessions += 1;
        world.arcadia.connect(GOOD, Role::Dialer, THIRD_NODE, world.sessions);
        world.other.connect(LinkId(0), Role::Listener, "xaa-node-1", world.sessions);
        world.exchange();
        assert!(world.arcadia.exchange.is_confirmed(GOOD, NOW));
        world.meet();
        world
    }

    /// Both ends of the good link, until they rest.
    pub(super) fn exchange(&mut self) {
        loop {
            self.arcadia.work();
            self.other.work();
            let mut moved = false;
            while let Some(wire) = self.arcadia.pull(GOOD) {
                self.told[1].extend_from_slice(wire.as_bytes());
                self.other.receive(LinkId(0), wire.as_bytes());
                moved = true;
            }
            while let Some(wire) = self.other.pull(LinkId(0)) {
                self.arcadia.receive(GOOD, wire.as_bytes());
                moved = true;
            }
            if !moved && self.arcadia.jobs.is_empty() && self.other.jobs.is_empty() {
                return;
            }
        }
    }

    /// A new session with Borealia, whose HELLO and leaves are in order.
    pub(super) fn meet(&mut self) {
        self.dial();
        let hello = self.hello();
        self.greet(&hello);
        assert_eq!(self.arcadia.connection(BAD).closed(), None);
        let followed = self.followed();
        self.log.truncate(followed.max(1));
        if followed < self.log.len() {
            let frame = self.leaves_from(followed);
            self.say(&frame);
        }
        assert!(self.arcadia.exchange.is_confirmed(BAD, NOW));
    }

    pub(super) fn dial(&mut self) {
        self.sessions += 1;
        self.arcadia.connect(BAD, Role::Dialer, BAD_NODE, self.sessions);
        self.listen();
    }

    pub(super) fn hello(&self) -> Hello {
        let log = HelloLog {
            agreement: link(1).agreement.digest,
            own: link(1).mine(),
            key: self.key.public_key(),
            own_head: self.head(self.followed().max(1)).as_bytes().to_vec(),
            held: Vec::new(),
            key_statements: Vec::new(),
        };
        Hello { versions: (1, 1), node: BAD_NODE.to_owned(), nation: nation(1), time: NOW, logs: vec![log] }
    }

    /// Says a HELLO with the proof that Borealia's key gives of it.
    pub(super) fn greet(&mut self, hello: &Hello) {
        let channel = Channel {
            role: Role::Listener,
            own_node: BAD_NODE.to_owned(),
            partner_node: "xaa-node-1".to_owned(),
            exporter: exporter(self.sessions),
        };
        let proof = Hostile::prove(&self.key, hello, &channel, Role::Listener);
        let body = HelloBody { hello: codec::encode(hello), proofs: vec![proof] };
        self.say(&raw(FrameType::Hello.number(), &codec::encode(&body)));
    }

    /// Any bytes of Borealia to Arcadia, and what comes back.
    pub(super) fn say(&mut self, bytes: &[u8]) {
        self.arcadia.receive(BAD, bytes);
        self.arcadia.work();
        self.listen();
    }

    pub(super) fn listen(&mut self) {
        while let Some(wire) = self.arcadia.pull(BAD) {
            self.told[0].extend_from_slice(wire.as_bytes());
        }
    }

    pub(super) fn followed(&self) -> usize {
        usize::try_from(self.arcadia.exchange.sizes(BAD).unwrap().theirs).unwrap()
    }

    pub(super) fn head(&self, size: usize) -> SignedCheckpoint {
        let mut frontier = Frontier::new();
        self.log[..size].iter().for_each(|leaf| frontier.push(leaf));
        self.forge(link(1).mine(), frontier.size(), frontier.root())
    }

    /// Anything under Borealia's key.
    pub(super) fn forge(&self, origin: Origin, size: u64, root: Digest) -> SignedCheckpoint {
        Checkpoint { origin, size, root }.sign(&self.key).unwrap()
    }

    /// What was appended since `first`, as it should be sent.
    pub(super) fn leaves_from(&self, first: usize) -> Vec<u8> {
        leaves_frame(link(1).mine(), first, &self.log[first..], &self.head(self.log.len()))
    }

    /// All that the node knows of the good link.
    pub(super) fn good(&mut self) -> Known {
        let link = self.arcadia.links[usize::from(GOOD.0)].clone();
        let exchange = &self.arcadia.exchange;
        let (sizes, backlog) = (exchange.sizes(GOOD), exchange.backlog(GOOD));
        let (mine, theirs) = (leaves(&self.arcadia.store, link.mine()), leaves(&self.arcadia.store, link.theirs()));
        let confirmed = exchange.is_confirmed(GOOD, NOW);
        (mine, theirs, sizes, backlog, confirmed, self.arcadia.connection(GOOD).closed())
    }

    /// A report goes over the good link and its receipt comes back.
    pub(super) fn report_and_receipt(&mut self) {
        self.reports += 1;
        let document = report(self.reports);
        let authored = sign(&self.arcadia.links[1], &document);
        let ticket = self.arcadia.submit(GOOD, authored);
        self.exchange();
        assert_eq!(self.arcadia.outcome(GOOD, ticket), Some(Verdict::Admitted));
        let inbox = Key::Inbox(self.other.links[0].theirs(), self.arcadia.exchange.sizes(GOOD).unwrap().ours - 1);
        match one(&self.other.store, &inbox).unwrap() {
            Some(Row::Inbox(row)) => assert_eq!(row.serial, document.report().serial),
            other => panic!("{other:?}"),
        }
    }
}

pub(super) fn leaves_frame(log: Origin, first: usize, leaves: &[Vec<u8>], head: &SignedCheckpoint) -> Vec<u8> {
    let leaves = leaves.iter().cloned().map(Into::into).collect();
    let body = LeavesBody { log, first: u64::try_from(first).unwrap(), leaves, checkpoint: head.as_bytes().to_vec() };
    raw(FrameType::Leaves.number(), &codec::encode(&body))
}
