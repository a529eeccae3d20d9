//! A few inspectors at once, one ready beside them, and what becomes of a look whose inspector dies.

use super::{
    known::{self, Known},
    process::{Ended, File, Process},
    queue::{Added, Asked, Call, Queue, Work},
    settings::Settings,
};
use crate::sync::lock;
use relto_host::clock;
use relto_report::{
    assessment::Document,
    attachment::bytes::Bytes as _,
    inspection::{Attachments, Looks, Seen, Uninspectable, ending, frame::InForce},
};
use std::{
    collections::VecDeque,
    io,
    sync::{
        Arc, Condvar, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

/// For files of so many MiB together the inspector that stands ready is good; more have one of their own.
const SPARE_MIB: u64 = 4;
/// Deaths of one file after which it cannot be inspected. POL-24
const MAX_DEATHS: u8 = 3;
/// How often one who waits looks whether the inspector that stands ready still does.
const LOOKS: Duration = Duration::from_secs(1);
/// Those who were turned away and are told at once when a job is done.
const TOLD: usize = 4;

const MIB: u64 = 1024 * 1024;

/// Too much waits already.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Busy;

/// What happened so far.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Counts {
    /// Files judged.
    pub judged: u64,
    /// Inspectors that died, were ended for what they did, or ended against their limits.
    pub died: u64,
    /// Inspectors that were late or did not start.
    pub late: u64,
    /// Files that cannot be inspected.
    pub uninspectable: u64,
    /// Jobs that wait or are at work.
    pub waiting: u64,
}

#[derive(Default)]
struct State {
    queue: Queue,
    known: Known,
    spare: Option<Process>,
    turned_away: VecDeque<Call>,
    begun: bool,
    ended: bool,
}

impl State {
    /// Adds a job. Of those whose jobs gave way, a submission goes on without and is queued; the others ask again when
    /// there is room.
    fn add(&mut self, asked: Asked, call: Call) -> Added {
        let added = self.queue.add(asked, call);
        let Added::Waits(gave_way) = added else { return added };
        let (soon, later): (Vec<_>, Vec<_>) = gave_way.into_iter().partition(|call| matches!(call, Call::Soon(_)));
        self.turned_away.extend(later);
        Added::Waits(soon)
    }
}

struct Shared {
    settings: Settings,
    state: Mutex<State>,
    changed: Condvar,
    in_force: Mutex<Option<InForce>>,
    judged: AtomicU64,
    died: AtomicU64,
    late: AtomicU64,
    uninspectable: AtomicU64,
}

/// All inspectors of a node.
pub struct Pool {
    shared: Arc<Shared>,
    threads: Mutex<Vec<std::thread::JoinHandle<()>>>,
}

impl Pool {
    /// A pool that has started nothing yet.
    #[must_use]
    pub fn new(settings: Settings) -> Arc<Self> {
        let shared = Shared {
            settings,
            state: Mutex::default(),
            changed: Condvar::new(),
            in_force: Mutex::default(),
            judged: AtomicU64::new(0),
            died: AtomicU64::new(0),
            late: AtomicU64::new(0),
            uninspectable: AtomicU64::new(0),
        };
        Arc::new(Self { shared: Arc::new(shared), threads: Mutex::default() })
    }

    /// Starts one inspector, to see what limits are in force.
    ///
    /// # Errors
    /// Why there is none, and what is required and not in force.
    pub fn try_one(&self) -> Result<InForce, String> {
        let process = self.shared.start(SPARE_MIB).map_err(|fault| format!("no inspector of attachments: {fault}"))?;
        Ok(process.in_force)
    }

    /// Starts the threads that look.
    ///
    /// # Errors
    /// As [`Self::try_one`], and where the system gives no thread.
    pub fn begin(&self) -> Result<InForce, String> {
        let in_force = self.try_one()?;
        if !std::mem::replace(&mut lock(&self.shared.state).begun, true) {
            for _ in 0..self.shared.settings.at_once.max(1) {
                let shared = self.shared.clone();
                let spawned = std::thread::Builder::new().name("inspect".to_owned()).spawn(move || shared.run());
                lock(&self.threads).push(spawned.map_err(|error| error.to_string())?);
            }
        }
        Ok(in_force)
    }

    /// Has a report looked at. POL-24
    ///
    /// # Errors
    /// [`Busy`]; nobody is called then.
    pub fn look(&self, asked: Asked, call: Call) -> Result<(), Busy> {
        if self.at_hand(&asked.document) {
            call.now();
            return Ok(());
        }
        let added = lock(&self.shared.state).add(asked, call);
        match added {
            Added::Waits(gave_way) => {
                self.shared.changed.notify_one();
                gave_way.into_iter().for_each(Call::now);
            }
            // The submission goes on without, and is queued.
            Added::Postponed(call) => call.now(),
            Added::Full(_) => return Err(Busy),
        }
        Ok(())
    }

    /// Has a report looked at, or calls when there may be room to ask again.
    pub fn look_or_tell_later(&self, asked: Asked, call: Box<dyn FnOnce() + Send>) {
        if self.at_hand(&asked.document) {
            return call();
        }
        let mut state = lock(&self.shared.state);
        let gave_way = match state.add(asked, Call::Done(call)) {
            Added::Waits(gave_way) => gave_way,
            // As many as there are rows that wait: whoever asks bounds them.
            Added::Postponed(call) | Added::Full(call) => {
                state.turned_away.push_back(call);
                Vec::new()
            }
        };
        drop(state);
        self.shared.changed.notify_one();
        gave_way.into_iter().for_each(Call::now);
    }

    fn at_hand(&self, document: &Document) -> bool {
        matches!(self.looks(document), Looks::Done(..))
    }

    /// What is in force in inspectors that were started; `None` before the first.
    #[must_use]
    pub fn in_force(&self) -> Option<InForce> {
        *lock(&self.shared.in_force)
    }

    /// What happened so far.
    #[must_use]
    pub fn counts(&self) -> Counts {
        let of = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Counts {
            judged: of(&self.shared.judged),
            died: of(&self.shared.died),
            late: of(&self.shared.late),
            uninspectable: of(&self.shared.uninspectable),
            waiting: u64::try_from(lock(&self.shared.state).queue.len()).unwrap_or(u64::MAX),
        }
    }

    /// The inspector that stands ready, by its number.
    #[must_use]
    pub fn ready(&self) -> Option<u32> {
        lock(&self.shared.state).spare.as_ref().map(Process::id)
    }
}

impl Attachments for Pool {
    fn looks(&self, document: &Document) -> Looks {
        if let Some(none) = Looks::none(document) {
            return none;
        }
        let (report, now) = (document.report(), clock::monotonic_ms());
        let state = lock(&self.shared.state);
        let one = |n| state.known.get(&known::key(report, n)?, now);
        let seen: Option<Vec<Seen>> = (0..report.attachments.len()).map(one).collect();
        seen.map_or(Looks::Waiting, |seen| Looks::Done(document.digest(), seen.into()))
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        lock(&self.shared.state).ended = true;
        self.shared.changed.notify_all();
        for thread in lock(&self.threads).drain(..) {
            let _ = thread.join();
        }
    }
}

/// What came of a turn at a job.
enum Came {
    Done,
    Waits(Duration),
}

impl Shared {
    fn run(&self) {
        while let Some(mut work) = self.next() {
            let came = self.work(&mut work);
            let calls = {
                let mut state = lock(&self.state);
                match came {
                    Came::Done => {
                        let away = state.turned_away.len().min(TOLD);
                        let mut calls = state.queue.done(&work);
                        calls.extend(state.turned_away.drain(..away));
                        calls
                    }
                    Came::Waits(time) => {
                        let wait = u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
                        state.queue.postpone(work, clock::monotonic_ms().saturating_add(wait))
                    }
                }
            };
            calls.into_iter().for_each(Call::now);
            // Another of the same account may go now.
            self.changed.notify_all();
            self.keep_ready();
        }
    }

    /// The next job; `None` when the pool ends.
    fn next(&self) -> Option<Work> {
        // One place is always for another account than the one that has the others.
        let each = self.settings.at_once.saturating_sub(1).max(1);
        loop {
            let mut state = lock(&self.state);
            if state.ended {
                return None;
            }
            if let Some(work) = state.queue.next(clock::monotonic_ms(), each) {
                return Some(work);
            }
            let (mut state, waited) = self.changed.wait_timeout(state, LOOKS).unwrap_or_else(PoisonError::into_inner);
            // Its end is noticed, so that it is no zombie, and another takes its place.
            let dead = state.spare.as_mut().is_some_and(|spare| !spare.is_alive());
            if dead {
                state.spare = None;
            }
            let lacks = waited.timed_out() && state.spare.is_none() && !state.ended;
            // What those asked for who were told last may have needed no look any more.
            let away = if waited.timed_out() { state.turned_away.len().min(TOLD) } else { 0 };
            let calls: Vec<Call> = state.turned_away.drain(..away).collect();
            drop(state);
            calls.into_iter().for_each(Call::now);
            if lacks {
                self.keep_ready();
            }
        }
    }

    fn keep_ready(&self) {
        if lock(&self.state).spare.is_some() {
            return;
        }
        match self.start(SPARE_MIB) {
            Ok(process) => {
                let mut state = lock(&self.state);
                // Two may have started one.
                let none = state.spare.is_none() && !state.ended;
                let over = if none { state.spare.replace(process) } else { Some(process) };
                drop(state);
                drop(over);
            }
            Err(fault) => tracing::error!(%fault, "no inspector of attachments can be started"),
        }
    }

    fn start(&self, mib: u64) -> io::Result<Process> {
        let process = Process::start(&self.settings.program, mib)?;
        let lacking = self.settings.required.lacking(&process.in_force);
        if !lacking.is_empty() {
            let text = format!("[inspect] require: this kernel does not give an inspector {}", lacking.join(" and "));
            return Err(io::Error::other(text));
        }
        *lock(&self.in_force) = Some(process.in_force);
        Ok(process)
    }

    /// An inspector for files of so many bytes: the one that stands ready, or one of their own.
    fn inspector(&self, bytes: u64) -> io::Result<Process> {
        let mib = bytes.div_ceil(MIB);
        if mib <= SPARE_MIB {
            let spare = lock(&self.state).spare.take();
            if let Some(mut spare) = spare
                && spare.is_alive()
            {
                return Ok(spare);
            }
        }
        self.start(mib.max(SPARE_MIB))
    }

    /// Looks at the files that were not looked at yet, in one inspector, which then ends; where it dies, in another.
    fn work(&self, work: &mut Work) -> Came {
        let document = work.asked.document.clone();
        let mut process: Option<Process> = None;
        loop {
            let n = work.seen.len();
            let Some(one) = document.report().attachments.get(n) else { return Came::Done };
            let Some(key) = known::key(document.report(), n) else { return Came::Done };
            let known = lock(&self.state).known.get(&key, clock::monotonic_ms());
            if let Some(known) = known {
                work.seen.push(known);
                continue;
            }
            let Some(bytes) = document.attached(n) else { return Came::Done };
            let ended = match process.take().map_or_else(|| self.inspector(left(&document, n)), Ok) {
                Err(fault) => {
                    tracing::error!(%fault, "no inspector of attachments can be started");
                    Err(Ended::Late)
                }
                Ok(mut inspector) => {
                    let (time, for_a_mib) = self.settings.time;
                    let mib = u32::try_from(bytes.length().div_ceil(MIB)).unwrap_or(u32::MAX);
                    let time = time.saturating_add(for_a_mib.saturating_mul(mib));
                    let file = File { media_type: &one.media_type, ending: ending(&one.name), bytes: &bytes, time };
                    let judged = inspector.judge(file);
                    process = judged.is_ok().then_some(inspector);
                    judged
                }
            };
            let seen = match ended {
                Ok(look) => {
                    self.judged.fetch_add(1, Ordering::Relaxed);
                    Ok(look)
                }
                Err(ended) => match self.failed(work, ended) {
                    Tried::AtOnce => continue,
                    Tried::Later(time) => return Came::Waits(time),
                    Tried::Never(why) => Err(why),
                },
            };
            (work.deaths, work.late) = (0, 0);
            lock(&self.state).known.keep(key, seen.clone(), clock::monotonic_ms());
            work.seen.push(seen);
        }
    }

    /// An inspector gave no verdict on the next file.
    fn failed(&self, work: &mut Work, ended: Ended) -> Tried {
        let never = |why: Uninspectable| {
            self.uninspectable.fetch_add(1, Ordering::Relaxed);
            tracing::warn!(who = ?work.asked.who, %why, "an attachment cannot be inspected");
            Tried::Never(why)
        };
        match ended {
            Ended::Limit(why) => {
                self.died.fetch_add(1, Ordering::Relaxed);
                return never(why);
            }
            Ended::Died(what) => {
                self.died.fetch_add(1, Ordering::Relaxed);
                tracing::warn!(what = ?what, "an inspector of attachments died");
                work.deaths = work.deaths.saturating_add(1);
                if work.deaths >= MAX_DEATHS {
                    return never(Uninspectable::Died);
                }
            }
            Ended::Late => {
                self.late.fetch_add(1, Ordering::Relaxed);
                work.late = work.late.saturating_add(1);
                // A loaded machine refuses nothing: it is tried on, and somebody must look.
                if work.late == MAX_DEATHS {
                    tracing::error!("alarm: an inspector was late three times and used no time of its own");
                }
            }
        }
        match work.deaths.saturating_add(work.late) {
            0 | 1 => Tried::AtOnce,
            2 => Tried::Later(self.settings.waits.0),
            _ => Tried::Later(self.settings.waits.1),
        }
    }
}

enum Tried {
    AtOnce,
    Later(Duration),
    Never(Uninspectable),
}

/// Bytes of the attachments from this one on.
fn left(document: &Document, n: usize) -> u64 {
    document.report().attachments.iter().skip(n).map(|one| one.length).sum()
}
