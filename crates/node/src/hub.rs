//! What the threads and tasks of one node share: queues, connections, waiters, counters. No decision is made here.

use crate::{
    api::{drafts::Drafts, proofs::Tiles, reading::Kept, refusals::Refusals, shares::Shares},
    config::Config,
    inspect::pool::Pool,
    link::pause::Pauses,
    load::{LinkBytes, Tls},
    metrics::Metrics,
    quiet::Quiet,
    sessions::Sessions,
    trust::Trust,
    versions::Versions,
};
use relto_audit::{checkpoint::Checkpoint, leaf::Verdict, origin::Origin};
use relto_exchange::batch::{Exits, Recorded};
use relto_exchange::{
    belief::Belief,
    exchange::Link,
    input::{Answer, Input, LinkId, Ticket},
    link::{connection::Standing, hello::Proof},
    outlook::Outlook,
    ready::{Fetch, Own},
    store::{StoreError, SubmissionId},
    translation::Original,
};
use relto_host::store::SqliteReader;
use relto_policy::change::Record;
use relto_report::{crypto::PublicKey, nation::Nation, signed::Authored};
use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, mpsc},
};
use tokio::sync::{OwnedSemaphorePermit, oneshot};

/// Makes an input for the ticket that the writer gives it.
pub type Question = Box<dyn FnOnce(Ticket) -> Input + Send>;

/// What somebody is told who waits for a submission.
#[derive(Clone, Copy, Debug)]
pub enum Told {
    /// The partner has answered.
    Resolved {
        /// Our leaf.
        index: u64,
        /// What it decided.
        verdict: Verdict,
        /// Its codes.
        codes: u64,
        /// Its leaf.
        outcome: u64,
    },
    /// It stands otherwise: its row says how.
    Moved,
}

/// Work for the writer.
pub enum Job {
    /// An input whose answer somebody waits for.
    Ask(Question, oneshot::Sender<(Answer, u64)>),
    /// An input of a connection, with its share of that connection's allowance.
    Input(Input, Option<OwnedSemaphorePermit>),
    /// Would this be released now? Nothing is written.
    Check(LinkId, Arc<(Authored, Own)>, oneshot::Sender<Outlook>),
    /// Where the report is that a translation under this agreement names.
    Original(String, String, oneshot::Sender<Option<Original>>),
    /// How the links with a nation stand, for a new connection.
    Standings(Nation, oneshot::Sender<Vec<Standing>>),
    /// How the node stands.
    Status(oneshot::Sender<Snapshot>),
    /// Finish what is queued and end.
    Stop,
}

/// Work for the sealer.
pub enum SealJob {
    /// A recorded batch.
    Batch(Recorded<Exits>),
    /// The proofs for a HELLO, one by each of these seal keys of ours.
    Sign(Vec<u8>, Vec<PublicKey>, oneshot::Sender<Vec<Proof>>),
}

/// Work for the verifier: checks one person's signature, makes ready what was signed, and hands on what came of it.
pub struct VerifyJob(pub Box<dyn FnOnce() + Send>);

/// How the node stands.
#[derive(Clone, Debug, Default)]
pub struct Snapshot {
    /// Why it appends to no log.
    pub halted: Option<String>,
    /// The last write found no room, and none has succeeded since.
    pub full: bool,
    /// Entries of the journal.
    pub journal: u64,
    /// What is known of the clock.
    pub clock: Belief,
    /// Whether it has stepped since, or stands before our records.
    pub trusted: bool,
    /// For the how-manieth time the node has started on its store.
    pub start: u64,
    /// For each link: heads confirmed, sizes, backlog.
    pub links: Vec<LinkSnapshot>,
}

/// How one link stands.
#[derive(Clone, Debug, Default)]
pub struct LinkSnapshot {
    /// Releases happen now.
    pub confirmed: bool,
    /// Size of our log, of it under a stored checkpoint, size of the partner's.
    pub sizes: (u64, u64, u64),
    /// Without a receipt, without payload, queued.
    pub backlog: (usize, usize, usize),
    /// Released in an emergency and not confirmed.
    pub unconfirmed: Vec<SubmissionId>,
    /// What both nations' signers have stated.
    pub record: Record,
}

/// How far each of our logs is under a head in the head file. The store has the same a moment later.
#[derive(Default)]
pub struct SealedSizes(Mutex<BTreeMap<Origin, u64>>);

impl SealedSizes {
    /// This head is in the head file.
    pub fn note(&self, head: &Checkpoint) {
        let mut sizes = lock(&self.0);
        let size = sizes.entry(head.origin).or_default();
        *size = head.size.max(*size);
    }

    /// Leaves of a log that are so covered; 0 where none was since the start.
    #[must_use]
    pub fn of(&self, log: Origin) -> u64 {
        lock(&self.0).get(&log).copied().unwrap_or(0)
    }
}

/// Shared by all.
pub struct Hub {
    /// The configuration.
    pub config: Config,
    /// The links in its order.
    pub links: Vec<Link>,
    /// Their files.
    pub files: Vec<LinkBytes>,
    /// Later versions of their agreements, and what is in force.
    pub versions: Versions,
    /// TLS as it stands.
    pub tls: RwLock<Arc<Tls>>,
    /// Connections with partners' nodes, and which of them are sessions.
    pub sessions: Arc<Sessions>,
    /// What is known of certificates beside it.
    pub trust: Trust,
    /// Counters.
    pub metrics: Metrics,
    /// A connection that reads, for answers to our people.
    pub reader: Mutex<SqliteReader>,
    /// Another, for resends: a long list asked for by one of our people holds up no partner.
    pub resends: Mutex<SqliteReader>,
    /// What our people's clients hold.
    pub shares: Shares,
    /// What was refused, by account.
    pub refusals: Arc<Refusals>,
    /// What the log was told of.
    pub quiet: Quiet,
    /// Partners' nodes that are not served for a while.
    pub pauses: Pauses,
    /// What each account has held or queued.
    pub drafts: Drafts,
    /// Roots of parts of logs, for receipts.
    pub tiles: Tiles,
    /// What received reports ask of their readers.
    pub terms: Kept,
    /// Look at attachments.
    pub inspectors: Arc<Pool>,
    /// Sizes of our logs under heads that are in the head file.
    pub sealed: SealedSizes,
    writer: mpsc::Sender<Job>,
    sealer: mpsc::SyncSender<SealJob>,
    verifier: mpsc::SyncSender<VerifyJob>,
    fetcher: mpsc::Sender<Fetch>,
    waiters: Mutex<HashMap<SubmissionId, Vec<oneshot::Sender<Told>>>>,
}

/// The queues' other ends.
pub struct Ends {
    /// For the writer.
    pub writer: mpsc::Receiver<Job>,
    /// For the sealer.
    pub sealer: mpsc::Receiver<SealJob>,
    /// For the verifier.
    pub verifier: mpsc::Receiver<VerifyJob>,
    /// For the reader.
    pub reader: mpsc::Receiver<Fetch>,
}

/// A panic under a lock ends the process, so a poisoned lock is never seen by work that goes on.
pub fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Hub {
    /// Queues and shared state for a loaded node.
    #[must_use]
    pub fn new(
        config: Config,
        links: Vec<Link>,
        files: Vec<LinkBytes>,
        (tls, inspectors): (Tls, Arc<Pool>),
        readers: (SqliteReader, SqliteReader),
    ) -> (Arc<Self>, Ends) {
        // The writer's queue is bounded by the allowances of connections and of the client API; the sealer feeds it
        // too and must never wait for it.
        let (writer, writer_end) = mpsc::channel();
        let (sealer, sealer_end) = mpsc::sync_channel(64);
        let (verifier, verifier_end) = mpsc::sync_channel(1024);
        // The exchange bounds what it asks for.
        let (fetcher, reader) = mpsc::channel();
        let later = files.iter().map(|one| one.later.clone()).collect();
        let hub = Self {
            sessions: Sessions::new((config.node.clone(), config.nation), writer.clone()),
            versions: Versions::new(config.versions(), &links, later),
            config,
            links,
            files,
            tls: RwLock::new(Arc::new(tls)),
            trust: Trust::default(),
            metrics: Metrics::default(),
            reader: Mutex::new(readers.0),
            resends: Mutex::new(readers.1),
            shares: Shares::default(),
            refusals: Arc::default(),
            quiet: Quiet::default(),
            pauses: Pauses::default(),
            drafts: Drafts::default(),
            tiles: Tiles::default(),
            terms: Kept::default(),
            inspectors,
            sealed: SealedSizes::default(),
            writer,
            sealer,
            verifier,
            fetcher,
            waiters: Mutex::new(HashMap::new()),
        };
        (Arc::new(hub), Ends { writer: writer_end, sealer: sealer_end, verifier: verifier_end, reader })
    }

    /// The links with the versions that are installed by now.
    #[must_use]
    pub fn links_now(&self) -> Vec<Link> {
        let now = |(at, link): (usize, &Link)| {
            let later = self.versions.later(at).iter().map(|one| one.text.clone()).collect();
            Link { later, ..link.clone() }
        };
        self.links.iter().enumerate().map(now).collect()
    }

    /// Work for the writer.
    pub fn write(&self, job: Job) {
        // The writer ends only with the process.
        let _ = self.writer.send(job);
    }

    /// Work for the sealer; waits where it does not keep up.
    pub fn seal(&self, job: SealJob) {
        let _ = self.sealer.send(job);
    }

    /// Work for the reader.
    pub fn fetch(&self, asked: Fetch) {
        // The reader ends only with the process.
        let _ = self.fetcher.send(asked);
    }

    /// Runs a check of a signature on the verifier's thread; `None` where its queue is full: answer Busy.
    pub async fn verify<T: Send + 'static>(&self, check: impl FnOnce() -> T + Send + 'static) -> Option<T> {
        let (reply, result) = oneshot::channel();
        let job = VerifyJob(Box::new(move || drop(reply.send(check()))));
        self.verifier.try_send(job).ok()?;
        result.await.ok()
    }

    /// Asks the writer and waits for its answer; `None` when it could not write.
    pub async fn ask(&self, question: Question) -> Option<Answer> {
        self.put(question).await.ok().map(|(answer, _)| answer)
    }

    /// Puts a question before the writer; the answer comes with the time of the turn that gave it, Unix milliseconds.
    pub fn put(&self, question: Question) -> oneshot::Receiver<(Answer, u64)> {
        let (reply, answer) = oneshot::channel();
        self.write(Job::Ask(question, reply));
        answer
    }

    /// Whether a link has a proven session.
    pub fn is_connected(&self, link: LinkId) -> bool {
        self.sessions.is_connected(link)
    }

    /// Is told when a submission moves.
    pub fn wait_for(&self, id: SubmissionId) -> oneshot::Receiver<Told> {
        let (told, wait) = oneshot::channel();
        lock(&self.waiters).entry(id).or_default().push(told);
        wait
    }

    /// Tells those who wait for a submission.
    pub fn tell(&self, id: &SubmissionId, told: Told) {
        let waiting = lock(&self.waiters).remove(id);
        for waiter in waiting.unwrap_or_default() {
            let _ = waiter.send(told);
        }
    }

    /// Forgets waiters that went away.
    pub fn sweep(&self) {
        lock(&self.waiters).retain(|_, list| {
            list.retain(|told| !told.is_closed());
            !list.is_empty()
        });
    }
}

/// Ends the process: the state on disk is whole, the state in memory is not to be trusted. The supervisor restarts it.
pub fn fatal(fault: &StoreError) -> ! {
    tracing::error!(%fault, "the node ends and must be started again; nothing acknowledged is lost");
    std::process::exit(70)
}
