//! One node without threads and sockets: the writer's, the sealer's and a connection's work, one effect a call.

use crate::{
    fixture::{Side, nation},
    memory::{CommitFault, MemoryDisk, MemoryStore},
    seal_key::SealKey,
};
use relto_audit::{checkpoint::SignedCheckpoint, origin::Origin};
use relto_exchange::{
    Keeping,
    batch::{Exits, Recorded},
    connection::Connection,
    exchange::{Exchange, MAX_BATCH, OnRecord},
    head_write::HeadWrite,
    ids::{Fetch, LinkId, Now, SessionNumber, Ticket},
    input::Input,
    link::Link,
    out::{Answer, Event},
    ready::{
        Prepared, Seed,
        fetch::{Desk, Look, fetch, hash_ahead},
        parts::{Shelf, Shelved},
    },
    seal::{HeadFile, Outgoing, Sealed, seal},
    serve::read_need,
    store::{Fence, Reader, Store, StoreError},
    wire::{
        frame::Wire,
        hello::{Channel, Proof, Role},
        protocol::ByeCode,
    },
};
use relto_host::{
    heads::HeadRing,
    store::{SqliteReader, SqliteStore},
};
use relto_report::{
    crypto::{PublicKey, Signer as _, sha256},
    nation::Nation,
    signed::Authored,
};
use std::{
    collections::{BTreeMap, VecDeque},
    path::PathBuf,
    sync::Arc,
};
use tempfile::TempDir;
use zeroize::Zeroizing;

/// A storage key for stores on disk.
#[must_use]
pub fn storage_key(seed: u8) -> Zeroizing<[u8; 32]> {
    Zeroizing::new([seed; 32])
}

/// What stays of a node when its process ends.
pub enum Disk {
    /// Rows and heads in memory.
    Memory(MemoryDisk, BTreeMap<Origin, Vec<u8>>),
    /// A database and a head file in a folder of their own.
    Files(TempDir, HeadRing),
}

impl Disk {
    /// An empty one in memory.
    #[must_use]
    pub fn memory() -> Self {
        Self::Memory(MemoryDisk::default(), BTreeMap::new())
    }

    /// An empty one in a temporary folder.
    #[must_use]
    pub fn files() -> Self {
        let folder = tempfile::tempdir().unwrap();
        drop(SqliteStore::create(&folder.path().join("node.db"), &storage_key(1)).unwrap());
        let ring = HeadRing::create(&folder.path().join("heads")).unwrap();
        Self::Files(folder, ring)
    }

    /// The database's file; none in memory.
    #[must_use]
    pub fn database(&self) -> Option<PathBuf> {
        match self {
            Self::Memory(..) => None,
            Self::Files(folder, _) => Some(folder.path().join("node.db")),
        }
    }

    fn open(&mut self) -> AnyStore {
        match self {
            Self::Memory(disk, _) => AnyStore::Memory(disk.open()),
            Self::Files(folder, ring) => {
                *ring = HeadRing::open(&folder.path().join("heads")).unwrap();
                let file = folder.path().join("node.db");
                AnyStore::Sqlite(Box::new(SqliteStore::open(&file, &storage_key(1)).unwrap()))
            }
        }
    }

    /// Where long payloads stand on it.
    fn shelf(&self) -> Arc<dyn Shelf> {
        match self {
            Self::Memory(disk, _) => Arc::new(Shelved::new(disk.clone())),
            Self::Files(folder, _) => {
                let reader = SqliteReader::open(&folder.path().join("node.db"), &storage_key(1)).unwrap();
                Arc::new(Shelved::new(reader))
            }
        }
    }

    /// The newest head of each log in the head file.
    #[must_use]
    pub fn heads(&self) -> BTreeMap<Origin, Vec<u8>> {
        match self {
            Self::Memory(_, heads) => heads.clone(),
            Self::Files(_, ring) => ring.newest().map(|(origin, note)| (*origin, note.to_vec())).collect(),
        }
    }

    /// Rows in memory, for putting an old state back.
    #[must_use]
    pub fn as_memory(&mut self) -> (&MemoryDisk, &mut BTreeMap<Origin, Vec<u8>>) {
        match self {
            Self::Memory(disk, heads) => (disk, heads),
            Self::Files(..) => panic!("this node's disk is not in memory"),
        }
    }
}

impl HeadFile for Disk {
    fn record(&mut self, new: &[SignedCheckpoint]) -> Result<Option<HeadWrite>, StoreError> {
        match self {
            Self::Memory(_, heads) => {
                heads.extend(new.iter().map(|head| (head.checkpoint().origin, head.as_bytes().to_vec())));
                Ok(None)
            }
            Self::Files(_, ring) => ring.record(new),
        }
    }
}

/// The store of either kind.
pub enum AnyStore {
    /// In memory.
    Memory(MemoryStore),
    /// On disk.
    Sqlite(Box<SqliteStore>),
}

impl AnyStore {
    fn as_store(&mut self) -> &mut dyn Store {
        match self {
            Self::Memory(store) => store,
            Self::Sqlite(store) => &mut **store,
        }
    }

    /// For reading.
    #[must_use]
    pub fn reader(&self) -> &dyn Reader {
        match self {
            Self::Memory(store) => store,
            Self::Sqlite(store) => &**store,
        }
    }

    fn fence(&self) -> Fence {
        match self {
            Self::Memory(store) => store.fence(),
            Self::Sqlite(store) => store.fence(),
        }
    }
}

/// Why a node does not run.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Ended(pub StoreError);

/// One node.
pub struct Node {
    /// Which of the two.
    pub side: Side,
    /// What its decisions rest on.
    pub links: Vec<Link>,
    /// Its seal key.
    pub key: SealKey,
    /// What survives it.
    pub disk: Disk,
    /// The exchange under test.
    pub exchange: Exchange,
    /// Its clock less the test's, milliseconds.
    pub clock_offset: i64,
    /// Whether its clock may be believed.
    pub clock_trusted: bool,
    /// Inputs of one turn at most.
    pub batch: usize,
    /// The connection, where there is one.
    pub connection: Option<Connection>,
    /// Answers to its own people.
    pub answers: BTreeMap<Ticket, Answer>,
    /// Everything that its people were told since the last look.
    pub events: Vec<Event>,
    /// Why it stopped, until it is started again.
    pub ended: Option<Ended>,
    /// The seal key cannot be reached: nothing is signed.
    pub seal_key_down: bool,
    /// Turns that wrote or let out something.
    pub turns: u64,
    /// Times that recorded batches were sealed.
    pub seals: u64,
    /// Heads that were signed for it, one for each touched log.
    pub heads_signed: u64,
    store: Option<AnyStore>,
    registered: Option<SessionNumber>,
    jobs: VecDeque<Input>,
    recorded: Vec<Recorded<Exits>>,
    sealed: Option<Sealed>,
    unstored: Vec<SignedCheckpoint>,
    fetches: VecDeque<Fetch>,
    /// Attachments that turns wait for: a test says when they were looked at.
    pub looks: Vec<Look>,
    shelf: Arc<dyn Shelf>,
    draws: u64,
}

/// Folds and moves so often that every story here has some.
const KEEPING: Keeping = Keeping { fold_after: 7, hold_serials: 3 };

impl Node {
    /// A node as an operator has just made it: Genesis signed, nothing sent.
    #[must_use]
    pub fn new(side: Side, links: Vec<Link>, mut disk: Disk, now: u64) -> Self {
        let store = disk.open();
        let shelf = disk.shelf();
        let exchange = recover(&store, &links, side);
        let mut node = Self {
            side,
            links,
            key: SealKey::of(side),
            disk,
            exchange,
            clock_offset: 0,
            clock_trusted: true,
            batch: MAX_BATCH,
            connection: None,
            answers: BTreeMap::new(),
            events: Vec::new(),
            ended: None,
            seal_key_down: false,
            turns: 0,
            seals: 0,
            heads_signed: 0,
            store: Some(store),
            registered: None,
            jobs: VecDeque::new(),
            recorded: Vec::new(),
            sealed: None,
            unstored: Vec::new(),
            fetches: VecDeque::new(),
            looks: Vec::new(),
            shelf,
            draws: 0,
        };
        let now = node.now(now);
        let recorded = node.exchange.genesis(node.store.as_mut().unwrap().as_store(), now).unwrap();
        node.recorded.push(recorded);
        node
    }

    /// Name of the node as its certificate would have it.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{}-node-1", nation(self.side).as_str().to_lowercase())
    }

    /// The store, for looking into.
    #[must_use]
    pub fn reader(&self) -> &dyn Reader {
        self.store.as_ref().unwrap().reader()
    }

    /// Lets a later commit go wrong; only with a store in memory.
    pub fn fail_commit(&mut self, nth: u64, fault: CommitFault) {
        match self.store.as_mut().unwrap() {
            AnyStore::Memory(store) => store.fail(nth, fault),
            AnyStore::Sqlite(_) => panic!("this store does not fail on demand"),
        }
    }

    fn now(&mut self, millis: u64) -> Now {
        self.draws += 1;
        let seed = *sha256(&[b"seed", &[u8::try_from(self.side).unwrap()], &self.draws.to_le_bytes()]).as_bytes();
        Now { millis: self.clock(millis), trusted: self.clock_trusted, seed }
    }

    const fn clock(&self, millis: u64) -> u64 {
        millis.saturating_add_signed(self.clock_offset)
    }

    /// What a submission would be answered now.
    pub fn check(&mut self, account: &str, authored: &Authored, now: u64) -> Answer {
        let (now, seed) = (self.now(now), self.seed());
        let own = self.own(authored, seed);
        let store = self.store.as_mut().unwrap().as_store();
        let outlook = self.exchange.dry_run(store, LinkId(0), authored, &own, now).unwrap();
        outlook.answer(&self.links[0], account, authored, &own, false)
    }

    /// A report of ours for the first link, made ready.
    #[must_use]
    pub fn own(&self, authored: &Authored, seed: Seed) -> Prepared {
        let link = &self.links[0];
        let own = Prepared::new(authored, link, seed);
        own.held_to(self.reader(), link, authored.document.report(), &OnRecord(&self.exchange, self.reader())).unwrap()
    }

    /// Fresh randomness for what is made ready.
    pub fn seed(&mut self) -> Seed {
        self.draws += 1;
        Seed(*sha256(&[b"ready", &[u8::try_from(self.side).unwrap()], &self.draws.to_le_bytes()]).as_bytes())
    }

    /// What whoever reads for a turn has at hand.
    pub fn at_desk<T>(&self, seed: Seed, work: impl FnOnce(&Desk<'_>) -> T) -> T {
        let originals = OnRecord(&self.exchange, self.reader());
        let (reader, links, shelf) = (self.reader(), &self.links, &*self.shelf);
        work(&Desk { reader, links, originals: &originals, shelf, seed })
    }

    /// Where long payloads stand.
    #[must_use]
    pub fn shelf(&self) -> &dyn Shelf {
        &*self.shelf
    }

    /// The reader: what turns have asked for is made ready.
    fn fetch(&mut self) {
        while let Some(asked) = self.fetches.pop_front() {
            let seed = self.seed();
            let (fetched, look) =
                self.at_desk(seed, |desk| fetch(desk, asked, true)).unwrap().expect("with patience all is fetched");
            self.jobs.push_back(Input::Fetched(Box::new(fetched)));
            self.looks.extend(look);
        }
    }

    /// An input for the writer.
    pub fn push(&mut self, input: Input) {
        self.jobs.push_back(input);
    }

    /// Whether the writer has work.
    #[must_use]
    pub fn has_jobs(&self) -> bool {
        !(self.jobs.is_empty() && self.fetches.is_empty()) && self.ended.is_none()
    }

    /// The writer: one turn over what is queued. Tells whether anything came of it.
    pub fn turn(&mut self, now: u64) -> bool {
        if !self.has_jobs() {
            return false;
        }
        self.fetch();
        let count = self.jobs.len().min(self.batch);
        let mut inputs: Vec<Input> = self.jobs.drain(..count).collect();
        let only_time = inputs.iter().all(|input| matches!(input, Input::Tick));
        inputs.splice(0..0, self.unstored.drain(..).map(Input::Sealed));
        let heads =
            inputs.iter().filter_map(|one| if let Input::Sealed(head) = one { Some(head.clone()) } else { None });
        let heads: Vec<SignedCheckpoint> = heads.collect();
        let moment = self.now(now);
        let store = self.store.as_mut().unwrap();
        match self.exchange.turn(store.as_store(), inputs, moment) {
            Ok(mut recorded) => {
                let (replies, events) = recorded.take_home();
                let quiet = only_time && replies.is_empty() && events.is_empty() && recorded.is_empty();
                self.answers.extend(replies);
                let asked = |event: &Event| if let Event::Fetch(asked) = event { Some(*asked) } else { None };
                self.fetches.extend(events.iter().filter_map(asked));
                for event in &events {
                    if let Event::Came(link, index) = event {
                        self.at_desk(Seed(moment.seed), |desk| hash_ahead(desk, *link, *index)).unwrap();
                    }
                }
                self.events.extend(events);
                if !recorded.is_empty() {
                    self.recorded.push(recorded);
                }
                self.turns += u64::from(!quiet);
                !quiet
            }
            Err(StoreError::Full) => {
                // As the writer does: memory is dropped and read again; sessions end, whoever waits is told.
                self.unstored = heads;
                self.exchange = recover(store, &self.links, self.side);
                self.registered = None;
                if let Some(connection) = &mut self.connection {
                    connection.close(ByeCode::Done);
                }
                true
            }
            Err(fault) => {
                self.ended = Some(Ended(fault));
                true
            }
        }
    }

    /// The sealer's first half: one signature per log that grew, over everything recorded.
    pub fn seal(&mut self) -> bool {
        if self.seal_key_down || self.recorded.is_empty() || self.sealed.is_some() || self.ended.is_some() {
            return false;
        }
        let batches = std::mem::take(&mut self.recorded);
        self.sealed = Some(seal(batches, &self.key).unwrap());
        true
    }

    /// The sealer's second half: the head file, and only then out.
    pub fn record(&mut self) -> bool {
        let Some(sealed) = self.sealed.take() else { return false };
        let written = sealed.record(&mut self.disk).unwrap();
        self.seals += u64::from(!written.heads.is_empty());
        self.heads_signed += u64::try_from(written.heads.len()).unwrap();
        self.jobs.extend(written.inputs());
        for one in written.outgoing {
            if let (Some(connection), Some(_)) = (&mut self.connection, self.registered) {
                connection.offer(one);
            }
        }
        true
    }

    /// Begins a connection over a channel that both sides know.
    pub fn connect(
        &mut self,
        role: Role,
        partner: (&str, Nation),
        exporter: [u8; 32],
        number: SessionNumber,
        now: u64,
    ) {
        let mut connection = self.meet(role, partner, exporter, number, now);
        let time = self.clock(now);
        self.greet(&mut connection, time);
        self.connection = Some(connection);
        self.registered = None;
    }

    /// A connection that has said nothing yet.
    pub fn meet(
        &mut self,
        role: Role,
        partner: (&str, Nation),
        exporter: [u8; 32],
        number: SessionNumber,
        now: u64,
    ) -> Connection {
        let channel = Channel { role, own_node: self.name(), partner_node: partner.0.to_owned(), exporter };
        Connection::new(channel, partner.1, number, self.exchange.link_starts(partner.1), self.clock(now))
    }

    /// Its HELLO of this time, from the logs as they stand now.
    pub fn greet(&mut self, connection: &mut Connection, time: u64) {
        let starts = self.exchange.link_starts(nation(1 - self.side));
        let keys: Vec<PublicKey> = starts.iter().map(|standing| standing.expected.my_key).collect();
        connection.refresh(starts);
        let unsigned = connection.hello(nation(self.side), time);
        let signature = self.key.sign(unsigned.to_sign()).unwrap();
        let mut proofs: Vec<Proof> = Vec::new();
        for key in keys {
            if proofs.iter().all(|proof| proof.key != key) {
                proofs.push(Proof { key, signature });
            }
        }
        connection.introduce(unsigned, proofs);
    }

    /// A connection becomes the session; `brought` is what it has brought until now.
    pub fn adopt(&mut self, mut connection: Connection, number: SessionNumber, brought: Vec<Input>) {
        self.jobs.extend(connection.begin(number, brought));
        self.connection = Some(connection);
        self.registered = Some(number);
    }

    /// Bytes from the partner.
    pub fn receive(&mut self, bytes: &[u8], now: u64) {
        let (now, seed) = (self.clock(now), self.seed());
        let Some(connection) = self.connection.as_mut().filter(|_| self.ended.is_none()) else { return };
        for input in connection.receive(bytes, now, seed) {
            if matches!(input, Input::Up(..)) {
                self.registered = Some(connection.session());
            }
            self.jobs.push_back(input);
        }
    }

    /// The next bytes for the partner.
    pub fn pull(&mut self, now: u64) -> Option<Wire> {
        let now = self.clock(now);
        let connection = self.connection.as_mut().filter(|_| self.ended.is_none())?;
        if let Some(need) = connection.needs() {
            let found = read_need(self.store.as_ref().unwrap().reader(), &self.links, need);
            if let Some(outgoing) = found.unwrap() {
                connection.offer(outgoing);
            }
        }
        connection.pull(now)
    }

    /// Gives the connection something, as the sealer would.
    pub fn offer(&mut self, outgoing: Outgoing) {
        self.connection.as_mut().unwrap().offer(outgoing);
    }

    /// The connection is gone.
    pub fn disconnect(&mut self) {
        drop(self.release());
    }

    /// The connection is the session no more.
    pub fn release(&mut self) -> Option<Connection> {
        let connection = self.connection.take()?;
        let number = connection.session();
        self.registered = None;
        for link in connection.open_links() {
            self.jobs.push_back(Input::Down(link, number));
        }
        Some(connection)
    }

    /// The process ends here, whatever it was at, and is started again as `node` starts it.
    pub fn restart(&mut self, now: u64) {
        self.connection = None;
        self.registered = None;
        self.jobs.clear();
        self.recorded.clear();
        self.sealed = None;
        self.unstored.clear();
        self.fetches.clear();
        self.looks.clear();
        self.ended = None;
        self.store = None;
        let mut store = self.disk.open();
        self.shelf = self.disk.shelf();
        self.exchange = recover(&store, &self.links, self.side);
        let heads = self.disk.heads();
        let newest = heads.iter().map(|(origin, note)| (origin, note.as_slice()));
        let ahead = self.exchange.compare_heads(store.reader(), newest).unwrap();
        if self.exchange.halted().is_none() {
            let inputs = ahead.into_iter().map(Input::Sealed).collect();
            let moment = self.now(now);
            self.exchange.turn(store.as_store(), inputs, moment).unwrap();
            let unsealed = self.exchange.unsealed(store.reader()).unwrap();
            if !unsealed.is_empty() {
                self.recorded.push(unsealed);
            }
        }
        self.store = Some(store);
    }

    /// Turn, seal, head file, until nothing is left to do at home.
    pub fn work(&mut self, now: u64) {
        for _ in 0..10_000 {
            let worked = self.turn(now) | self.seal() | self.record();
            if !worked && !self.has_jobs() {
                return;
            }
        }
        panic!("the node does not come to rest");
    }
}

fn recover(store: &AnyStore, links: &[Link], side: Side) -> Exchange {
    let mut exchange = Exchange::recover(store.reader(), links.to_vec(), nation(side), store.fence()).unwrap();
    exchange.keep(KEEPING);
    exchange
}
