//! The writer: the one thread that owns the exchange and the database. It takes what is queued, at most 256 inputs, in
//! one transaction; idle it commits at once, busy it batches by itself.

use super::gather::{Gathering, Moving, gather};
use crate::{
    hub::{Hub, fatal},
    jobs::{Job, Long, SealJob, Told},
    snapshot::{LinkSnapshot, Snapshot},
};
use relto_audit::checkpoint::SignedCheckpoint;
use relto_exchange::{
    batch::{Exits, Recorded},
    belief::By,
    connection::LinkStart,
    exchange::{Exchange, MAX_BATCH, OnRecord},
    head_write::HeadWrite,
    ids::{LinkId, Now, Ticket},
    input::Input,
    out::{Answer, Event},
    ready::held::Originals as _,
    store::StoreError,
};
use relto_host::{
    clock,
    heads::HeadRing,
    random,
    store::{SqliteStore, segment::SegmentBytes},
};
use relto_report::nation::Nation;
use std::{
    collections::HashMap,
    path::Path,
    sync::{Arc, mpsc::Receiver},
    time::Duration,
};
use tokio::sync::{OwnedSemaphorePermit, oneshot};

/// How long a checkpoint that was only just signed may wait for other work to be stored with. It is in the head file.
const SEALED_WAITS: Duration = Duration::from_millis(20);

/// How long the bytes in segment files are taken as they were: the database adds them up.
const SEGMENTS_HOLD: Duration = Duration::from_secs(1);

/// How long nothing is tried after the disk was full: each trial that fails reads all of memory anew.
const FULL_WAITS: Duration = Duration::from_secs(1);

/// As a fault of the store ends the process: a supervisor starts it again.
const AGAIN: i32 = 70;

/// Inputs of a turn, their shares of allowances, and who asks how links stand.
type Sorted = (Vec<Input>, Vec<Option<OwnedSemaphorePermit>>, Vec<(Nation, oneshot::Sender<Vec<LinkStart>>)>);

/// The writer's state.
pub(crate) struct Writer {
    /// The exchange.
    pub exchange: Exchange,
    /// The database.
    pub store: SqliteStore,
    /// Shared state.
    pub hub: Arc<Hub>,
    tickets: HashMap<Ticket, oneshot::Sender<(Answer, u64)>>,
    next: Ticket,
    /// Heads that a full disk did not take: signed, in the head file, and to be stored before anything else.
    unstored: Vec<Input>,
    /// Since the disk was last found full, until a turn succeeds.
    full: Option<clock::Stopwatch>,
    /// A write found no room, and none has succeeded since: what `status` tells. A turn that writes nothing proves nothing.
    no_room: bool,
    guard: clock::Guard,
    trusted: bool,
    gathering: Gathering,
    /// Bytes in segment files, and since when that is known.
    segments: Option<(clock::Stopwatch, SegmentBytes)>,
}

impl Writer {
    /// A writer over a recovered exchange, with what tells whether the clock may be believed.
    #[must_use]
    pub(crate) fn new(exchange: Exchange, store: SqliteStore, hub: Arc<Hub>, guard: clock::Guard) -> Self {
        if !exchange.may_dial() {
            hub.sessions.halt();
        }
        let (tickets, unstored) = (HashMap::new(), Vec::new());
        Self {
            exchange,
            store,
            hub,
            tickets,
            next: 0,
            unstored,
            full: None,
            no_room: false,
            guard,
            trusted: true,
            gathering: Gathering::default(),
            segments: None,
        }
    }

    /// A moment for one turn. FLW-3
    fn now(&mut self) -> Now {
        let millis = clock::now_ms();
        let trusted = self.guard.is_trusted(millis, clock::monotonic_ms());
        if trusted != self.trusted {
            self.trusted = trusted;
            if trusted {
                tracing::info!("the clock is trusted again");
            } else {
                tracing::error!(
                    "the clock stepped, or stands before this node's own records: reports wait until it is right, or the node is started again"
                );
            }
        }
        let millis = if trusted { millis } else { self.guard.expected(clock::monotonic_ms()) };
        match random::fill() {
            Ok(seed) => Now { millis, trusted, seed },
            Err(_) => fatal(&StoreError::Fatal("the system gives no random bytes")),
        }
    }

    /// Links with a session, and how they stand.
    fn moving(&self) -> Vec<Moving> {
        let links = (0..).map(LinkId).take(self.exchange.links().len()).filter(|link| self.hub.is_connected(*link));
        let of = |link| {
            let (sizes, open) = (self.exchange.sizes(link)?, self.exchange.backlog(link)?);
            let leaves = sizes.ours.saturating_add(sizes.theirs);
            Some(Moving { link, leaves, open: open.unanswered.saturating_add(open.awaited) })
        };
        links.filter_map(of).collect()
    }

    /// Runs until it is told to stop.
    pub(crate) fn run(mut self, jobs: &Receiver<Job>) {
        while let Ok(first) = jobs.recv() {
            let mut batch = vec![first];
            batch.extend(jobs.try_iter().take(MAX_BATCH - 1));
            // A checkpoint alone waits a moment, to be stored with other work.
            if batch.iter().all(|job| matches!(job, Job::Input(Input::Sealed(_) | Input::Wrote(_), _)))
                && let Ok(job) = jobs.recv_timeout(SEALED_WAITS)
            {
                batch.push(job);
                batch.extend(jobs.try_iter().take(MAX_BATCH.saturating_sub(batch.len())));
            }
            let moving = self.moving();
            if let Some(wait) = self.gathering.wait(&batch, &moving)
                && !moving.iter().any(|one| self.exchange.hurries(one.link))
            {
                gather(jobs, &mut batch, wait);
            }
            let stop = batch.iter().any(|job| matches!(job, Job::Stop));
            self.turn(batch);
            if let Err(fault) = self.store.keep_wal().and_then(|()| self.store.keep_segments()) {
                fatal(&fault);
            }
            if stop {
                return;
            }
        }
    }

    fn turn(&mut self, jobs: Vec<Job>) {
        let (inputs, _permits, starts) = self.sort(jobs);
        if !inputs.is_empty() {
            self.take(inputs);
        }
        // After all that was queued before: what a new session shows is what the one before it has brought. LNK-18
        for (partner, reply) in starts {
            let _ = reply.send(self.exchange.link_starts(partner));
        }
    }

    /// Answers what needs no turn, and gives the inputs of one, with their shares of allowances, and who asks how links
    /// stand.
    fn sort(&mut self, jobs: Vec<Job>) -> Sorted {
        let mut inputs = Vec::with_capacity(jobs.len());
        let (mut permits, mut starts) = (Vec::new(), Vec::new());
        let waits = self.full.is_some_and(|since| since.elapsed() < FULL_WAITS);
        for job in jobs {
            match job {
                // The disk was full just now. Whoever asks is told so, and sessions are made anew when there is room.
                Job::Ask { .. } if waits => {}
                Job::Input(input @ (Input::Sealed(_) | Input::Wrote(_)), _) if waits => self.unstored.push(input),
                Job::Input(Input::Tick | Input::Down(..) | Input::Fetched(_) | Input::Looked(_), _) if waits => {}
                Job::Input(..) if waits => self.hub.sessions.end_all(),
                Job::Ask { question, reply, .. } => {
                    self.next = self.next.wrapping_add(1);
                    self.tickets.insert(self.next, reply);
                    inputs.push(question(self.next));
                }
                Job::Input(input, permit) => {
                    inputs.push(input);
                    permits.push(permit);
                }
                Job::Check(link, report, reply) => {
                    let now = self.now();
                    let dry_run = self.exchange.dry_run(&mut self.store, link, &report.0, &report.1, now);
                    let _ = reply.send(dry_run.unwrap_or_else(|fault| fatal(&fault)));
                }
                Job::Original(agreement, serial, reply) => {
                    let found = OnRecord(&self.exchange, &self.store).original(&agreement, &serial);
                    let _ = reply.send(found.unwrap_or_else(|fault| fatal(&fault)));
                }
                Job::Standings(partner, reply) => starts.push((partner, reply)),
                Job::Status(reply) => {
                    self.count_segments();
                    let _ = reply.send(self.snapshot());
                }
                Job::Recovery(reply) => {
                    let halted = self.exchange.halted().map(str::to_owned);
                    let _ = reply.send((self.store.fence().epoch, halted, self.exchange.recovery(clock::now_ms())));
                }
                Job::Stop => {}
            }
        }
        (inputs, permits, starts)
    }

    fn take(&mut self, mut inputs: Vec<Input>) {
        inputs.splice(0..0, self.unstored.drain(..));
        if self.exchange.belief().by().is_none()
            && inputs.iter().any(|input| matches!(input, Input::Tick))
            && clock::is_synchronised()
        {
            inputs.push(Input::Believed(By::System));
        }
        let heads: Vec<Input> = inputs.iter().filter_map(again).collect();
        let count = u64::try_from(inputs.len()).unwrap_or(0);
        self.hub.metrics.turn(count);
        let now = self.now();
        match self.exchange.turn(&mut self.store, inputs, now) {
            Ok(recorded) => {
                self.full = None;
                self.no_room &= recorded.is_empty();
                if !self.exchange.may_dial() {
                    self.hub.sessions.halt();
                }
                self.hub.versions.note(|link| self.exchange.in_force(link));
                self.let_out(recorded, now.millis);
            }
            Err(StoreError::Full) => {
                self.unstored = heads;
                self.recover();
            }
            Err(fault) => fatal(&fault),
        }
    }

    /// What a turn at this time has come to.
    fn let_out(&mut self, mut recorded: Recorded<Exits>, at: u64) {
        let (replies, events) = recorded.take_home();
        self.gathering.note(events.iter().filter(|event| matches!(event, Event::Decided { .. })).count());
        for (ticket, answer) in replies {
            if let Some(reply) = self.tickets.remove(&ticket) {
                let _ = reply.send((answer, at));
            }
        }
        if !recorded.is_empty() {
            self.hub.seal(SealJob::Batch(recorded));
        }
        for event in events {
            self.hub.metrics.event(&event);
            if let Event::Moved(id, state) = &event {
                self.hub.refusals.remember(id, state);
            }
            match event {
                Event::Moved(id, _) | Event::Acknowledged { submission: id, .. } => self.hub.tell(&id, Told::Moved),
                Event::Resolved { submission, index, verdict, codes, outcome } => {
                    self.hub.tell(&submission, Told::Resolved { index, verdict, codes, outcome });
                }
                Event::Alarm(what) => tracing::error!(alarm = %what, "alarm: an operator and an auditor must look"),
                Event::Notice(what) => tracing::info!("{what}"),
                Event::MakeHeadFile { heads, last } => make_head_file(&self.hub.config.head_file, &heads, last),
                Event::Fetch(asked) => self.hub.fetch(asked),
                Event::Came(link, index) => self.hub.fetch_long(Long::Came(link, index)),
                Event::ClockBelieved(by) => {
                    tracing::info!(%by, "the clock is believed");
                    // From now on as it stands, whatever was on record before.
                    self.guard = clock::Guard::new(clock::now_ms(), clock::monotonic_ms(), 0);
                }
                Event::Decided { .. } | Event::Followed { .. } => {}
            }
        }
    }

    /// The disk is full: nothing was written. Memory is dropped and read again, everybody who waits is told.
    fn recover(&mut self) {
        tracing::error!("storage is full: submissions are refused until there is space");
        self.full = Some(clock::Stopwatch::start());
        self.no_room = true;
        self.tickets.clear();
        self.hub.sessions.end_all();
        let links = self.exchange.links().to_vec();
        let own = self.hub.config.nation;
        match Exchange::recover(&self.store, links, own, self.store.fence()) {
            Ok(exchange) => {
                let before = std::mem::replace(&mut self.exchange, exchange);
                self.exchange.carry_over(&before);
            }
            Err(fault) => fatal(&fault),
        }
    }

    /// How many bytes stand outside the database, as it says once in a second at most.
    fn count_segments(&mut self) {
        if self.segments.is_none_or(|(since, _)| since.elapsed() > SEGMENTS_HOLD) {
            self.segments = self.store.segment_bytes().ok().map(|bytes| (clock::Stopwatch::start(), bytes));
        }
    }

    fn snapshot(&self) -> Snapshot {
        let now = clock::now_ms();
        let links = (0..self.exchange.links().len()).filter_map(|at| {
            let id = relto_exchange::ids::LinkId::at(at)?;
            Some(LinkSnapshot {
                confirmed: self.exchange.is_confirmed(id, now),
                sizes: self.exchange.sizes(id)?,
                backlog: self.exchange.backlog(id)?,
                unconfirmed: self.exchange.unconfirmed(id),
                record: self.exchange.life(id)?.1.clone(),
            })
        });
        Snapshot {
            halted: self.exchange.halted().map(str::to_owned),
            full: self.no_room,
            journal: self.exchange.journal_size(),
            segments: self.segments.map(|(_, bytes)| bytes),
            clock: self.exchange.belief().clone(),
            trusted: self.trusted,
            start: self.store.fence().epoch,
            links: links.collect(),
        }
    }
}

/// Makes the head file anew, and ends the process a second later, when whoever asked has heard of it: the next start goes on from
/// that file as from any. RCV-11
fn make_head_file(path: &Path, heads: &[SignedCheckpoint], last: Option<HeadWrite>) {
    if let Err(error) = HeadRing::make_anew(path, heads, last) {
        tracing::error!(file = %path.display(), %error, "the head file could not be made anew; the node stays halted");
        return;
    }
    tracing::warn!(file = %path.display(), heads = heads.len(), "the head file was made anew: the node ends and must be started again");
    std::thread::spawn(|| {
        std::thread::sleep(Duration::from_secs(1));
        std::process::exit(AGAIN);
    });
}

/// What must be stored before anything else once there is room: it is in the head file.
fn again(input: &Input) -> Option<Input> {
    match input {
        Input::Sealed(head) => Some(Input::Sealed(head.clone())),
        Input::Wrote(write) => Some(Input::Wrote(*write)),
        _ => None,
    }
}
