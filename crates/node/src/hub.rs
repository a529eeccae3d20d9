//! What the threads and tasks of one node share: queues, connections, waiters, counters. No decision is made here.

use crate::{
    api::{drafts::Drafts, refusals::Refusals, shares::Shares, terms::Kept},
    certificates::Certificates,
    inspect::pool::Pool,
    jobs::{Job, Long, Question, SealJob, Told, VerifyJob},
    link::pause::Pauses,
    metrics::Metrics,
    quiet::Quiet,
    scrubbed::Scrubbed,
    sealed::SealedSizes,
    sessions::Sessions,
    setup::config::Config,
    setup::load::{LinkBytes, Tls},
    sync::lock,
    uploads::Uploads,
    versions::Versions,
};
use relto_exchange::{
    ids::{Fetch, LinkId},
    link::Link,
    out::Answer,
    ready::parts::Shelved,
    store::{StoreError, SubmissionId},
};
use relto_host::store::SqliteReader;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, RwLock, mpsc},
};
use tokio::sync::oneshot;

/// Shared by all.
pub(crate) struct Hub {
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
    pub certificates: Certificates,
    /// Counters.
    pub metrics: Metrics,
    /// A connection that reads, for answers to our people.
    pub reader: Mutex<SqliteReader>,
    /// Another, for what is long: payloads that are hashed where they stand.
    pub longs: Mutex<SqliteReader>,
    /// Where long payloads stand, by a reader of its own.
    pub shelf: Arc<Shelved<SqliteReader>>,
    /// Long plaintexts on their way from our people.
    pub uploads: Uploads,
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
    /// What received reports ask of their readers.
    pub terms: Kept,
    /// How far the store was read since the start.
    pub scrubbed: Scrubbed,
    /// Look at attachments.
    pub inspectors: Arc<Pool>,
    /// Sizes of our logs under heads that are in the head file.
    pub sealed: SealedSizes,
    writer: mpsc::Sender<Job>,
    sealer: mpsc::SyncSender<SealJob>,
    verifier: mpsc::SyncSender<VerifyJob>,
    fetcher: mpsc::Sender<Fetch>,
    long_fetcher: mpsc::Sender<Long>,
    waiters: Mutex<HashMap<SubmissionId, Vec<oneshot::Sender<Told>>>>,
}

/// Connections that only read, each for those who must not wait for the others.
pub(crate) struct Readers {
    /// For answers to our people.
    pub reader: SqliteReader,
    /// For resends.
    pub resends: SqliteReader,
    /// For what is long, on its way through a turn.
    pub longs: SqliteReader,
    /// For attachments of what is long.
    pub shelf: SqliteReader,
}

/// The queues' other ends.
pub(crate) struct Ends {
    /// For the writer.
    pub writer: mpsc::Receiver<Job>,
    /// For the sealer.
    pub sealer: mpsc::Receiver<SealJob>,
    /// For the verifier.
    pub verifier: mpsc::Receiver<VerifyJob>,
    /// For the reader.
    pub reader: mpsc::Receiver<Fetch>,
    /// For the reader of what is long.
    pub long_reader: mpsc::Receiver<Long>,
}

impl Hub {
    /// Queues and shared state for a loaded node.
    #[must_use]
    pub(crate) fn new(
        config: Config,
        links: Vec<Link>,
        files: Vec<LinkBytes>,
        (tls, inspectors): (Tls, Arc<Pool>),
        readers: Readers,
    ) -> (Arc<Self>, Ends) {
        // The writer's queue is bounded by the allowances of connections and of the client API; the sealer feeds it
        // too and must never wait for it.
        let (writer, writer_end) = mpsc::channel();
        let (sealer, sealer_end) = mpsc::sync_channel(64);
        let (verifier, verifier_end) = mpsc::sync_channel(1024);
        // The exchange bounds what it asks for.
        let (fetcher, reader) = mpsc::channel();
        let (long_fetcher, long_reader) = mpsc::channel();
        let later = files.iter().map(|one| one.later.clone()).collect();
        let hub = Self {
            sessions: Sessions::new((config.node.clone(), config.nation), writer.clone()),
            versions: Versions::new(config.versions(), &links, later),
            config,
            links,
            files,
            tls: RwLock::new(Arc::new(tls)),
            certificates: Certificates::default(),
            metrics: Metrics::default(),
            scrubbed: Scrubbed::default(),
            reader: Mutex::new(readers.reader),
            resends: Mutex::new(readers.resends),
            longs: Mutex::new(readers.longs),
            shelf: Arc::new(Shelved::new(readers.shelf)),
            uploads: Uploads::default(),
            shares: Shares::default(),
            refusals: Arc::default(),
            quiet: Quiet::default(),
            pauses: Pauses::default(),
            drafts: Drafts::default(),
            terms: Kept::default(),
            inspectors,
            sealed: SealedSizes::default(),
            writer,
            sealer,
            verifier,
            fetcher,
            long_fetcher,
            waiters: Mutex::new(HashMap::new()),
        };
        (Arc::new(hub), Ends { writer: writer_end, sealer: sealer_end, verifier: verifier_end, reader, long_reader })
    }

    /// The links with the versions that are installed by now.
    #[must_use]
    pub(crate) fn links_now(&self) -> Vec<Link> {
        let now = |(at, link): (usize, &Link)| {
            let later = self.versions.later(at).iter().map(|one| one.text.clone()).collect();
            Link { later, ..link.clone() }
        };
        self.links.iter().enumerate().map(now).collect()
    }

    /// Work for the writer.
    pub(crate) fn write(&self, job: Job) {
        // The writer ends only with the process.
        let _ = self.writer.send(job);
    }

    /// Work for the sealer; waits where it does not keep up.
    pub(crate) fn seal(&self, job: SealJob) {
        let _ = self.sealer.send(job);
    }

    /// Work for the reader.
    pub(crate) fn fetch(&self, asked: Fetch) {
        // The reader ends only with the process.
        let _ = self.fetcher.send(asked);
    }

    /// Work for the reader of what is long.
    pub(crate) fn fetch_long(&self, job: Long) {
        let _ = self.long_fetcher.send(job);
    }

    /// Runs a check of a signature on the verifier's thread; `None` where its queue is full: answer Busy.
    pub(crate) async fn verify<T: Send + 'static>(&self, check: impl FnOnce() -> T + Send + 'static) -> Option<T> {
        let (reply, result) = oneshot::channel();
        let job = VerifyJob(Box::new(move || drop(reply.send(check()))));
        self.verifier.try_send(job).ok()?;
        result.await.ok()
    }

    /// Asks the writer and waits for its answer; `None` when it could not write.
    pub(crate) async fn ask(&self, question: Question) -> Option<Answer> {
        self.put(question, true).await.ok().map(|(answer, _)| answer)
    }

    /// Puts a question before the writer, where it waits for no fuller turn if it is urgent; the answer comes with the time of the turn that gave it, Unix milliseconds.
    pub(crate) fn put(&self, question: Question, urgent: bool) -> oneshot::Receiver<(Answer, u64)> {
        let (reply, answer) = oneshot::channel();
        self.write(Job::Ask { question, reply, urgent });
        answer
    }

    /// Whether a link has a proven session.
    pub(crate) fn is_connected(&self, link: LinkId) -> bool {
        self.sessions.is_connected(link)
    }

    /// Is told when a submission moves.
    pub(crate) fn wait_for(&self, id: SubmissionId) -> oneshot::Receiver<Told> {
        let (told, wait) = oneshot::channel();
        lock(&self.waiters).entry(id).or_default().push(told);
        wait
    }

    /// Tells those who wait for a submission.
    pub(crate) fn tell(&self, id: &SubmissionId, told: Told) {
        let waiting = lock(&self.waiters).remove(id);
        for waiter in waiting.unwrap_or_default() {
            let _ = waiter.send(told);
        }
    }

    /// Forgets waiters that went away.
    pub(crate) fn sweep(&self) {
        lock(&self.waiters).retain(|_, list| {
            list.retain(|told| !told.is_closed());
            !list.is_empty()
        });
    }
}

/// Ends the process: the state on disk is whole, the state in memory is not to be trusted. The supervisor restarts it.
pub(crate) fn fatal(fault: &StoreError) -> ! {
    tracing::error!(%fault, "the node ends and must be started again; nothing acknowledged is lost");
    std::process::exit(70)
}
