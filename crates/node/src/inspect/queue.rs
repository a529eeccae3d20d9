//! What waits to be looked at, and whose turn it is: FLASH first, then whoever has least at work, so that nobody's files
//! keep everybody else's from being looked at.

use relto_audit::leaf::Precedence;
use relto_report::{assessment::Document, digest::Digest, inspection::Seen};
use std::collections::BTreeMap;

/// Jobs that wait at most. API-48
pub const MAX_JOBS: usize = 64;
/// Of one account, or of one link's partner.
const OF_ONE: usize = 16;
/// Bytes of those that wait; a larger one goes alone.
const MAX_BYTES: usize = 192 * 1024 * 1024;

/// Whom to call about a look.
pub enum Call {
    /// When it is done, or must wait for another try.
    Soon(Box<dyn FnOnce() + Send>),
    /// When it is done, or there is room to ask again.
    Done(Box<dyn FnOnce() + Send>),
}

impl Call {
    pub(super) fn now(self) {
        match self {
            Self::Soon(call) | Self::Done(call) => call(),
        }
    }
}

/// Who asks.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Who {
    /// One of our people.
    Account(String),
    /// The partner of the link at this place.
    Partner(u16),
}

/// What is to be looked at.
#[derive(Clone)]
pub struct Asked {
    /// The report.
    pub document: Document,
    /// For whom.
    pub who: Who,
    /// Its place by precedence, 0 first.
    pub lane: usize,
}

impl Asked {
    /// By the precedence that the report has.
    #[must_use]
    pub fn of(document: Document, who: Who) -> Self {
        let precedence = Precedence::parse(&document.report().precedence).unwrap_or(Precedence::Routine);
        Self { document, who, lane: precedence.lane() }
    }
}

/// A job, and how far it is.
pub struct Work {
    /// What is to be looked at.
    pub asked: Asked,
    /// What was found so far, in order.
    pub seen: Vec<Seen>,
    /// Times that an inspector died of the next file.
    pub deaths: u8,
    /// Times that one was late with it, or could not be started.
    pub late: u8,
}

struct Job {
    work: Option<Work>,
    who: Who,
    lane: usize,
    bytes: usize,
    number: u64,
    not_before: u64,
    calls: Vec<Call>,
}

/// What came of adding a job.
pub enum Added {
    /// It waits, and will be told of; those whose jobs gave way to it are to be told to ask again.
    Waits(Vec<Call>),
    /// It waits for another try, which takes longer than this call waits.
    Postponed(Call),
    /// There is no room.
    Full(Call),
}

/// Jobs by the digest of their report.
#[derive(Default)]
pub struct Queue {
    jobs: BTreeMap<Digest, Job>,
    at_work: BTreeMap<Who, usize>,
    served: BTreeMap<Who, u64>,
    number: u64,
}

impl Queue {
    /// Adds a job, or one who waits for it; gives the call back where it is not to wait, or there is no room.
    pub fn add(&mut self, asked: Asked, call: Call) -> Added {
        if let Some(job) = self.jobs.get_mut(&asked.document.digest()) {
            if matches!(call, Call::Soon(_)) && job.not_before > 0 {
                return Added::Postponed(call);
            }
            job.lane = job.lane.min(asked.lane);
            job.calls.push(call);
            return Added::Waits(Vec::new());
        }
        let bytes = asked.document.plaintext().len();
        let Some(gave_way) = self.make_room(&asked, bytes) else { return Added::Full(call) };
        self.number += 1;
        let (digest, who, lane) = (asked.document.digest(), asked.who.clone(), asked.lane);
        let work = Some(Work { asked, seen: Vec::new(), deaths: 0, late: 0 });
        let job = Job { work, who, lane, bytes, number: self.number, not_before: 0, calls: vec![call] };
        self.jobs.insert(digest, job);
        Added::Waits(gave_way)
    }

    /// Room for a job of so many bytes: beyond what there is for all, jobs of a lower precedence give way, and of the same
    /// one the newest of whoever has more than the asker would have. API-48
    fn make_room(&mut self, asked: &Asked, bytes: usize) -> Option<Vec<Call>> {
        let who = &asked.who;
        let mut held = BTreeMap::<Who, (usize, usize)>::new();
        for job in self.jobs.values() {
            let (jobs, waits) = held.entry(job.who.clone()).or_default();
            (*jobs, *waits) = (*jobs + 1, waits.saturating_add(job.bytes));
        }
        let own = held.get(who).copied().unwrap_or_default();
        if own.0 >= OF_ONE {
            return None;
        }
        let mut leave = Vec::new();
        loop {
            let (jobs, waits) = held.values().fold((0, 0), |all, one| (all.0 + one.0, one.1.saturating_add(all.1)));
            let too_heavy = waits > 0 && waits.saturating_add(bytes) > MAX_BYTES;
            if jobs < MAX_JOBS && !too_heavy {
                break;
            }
            let share = |of: (usize, usize)| if too_heavy { of.1 } else { of.0 };
            let wanted = share((own.0 + 1, own.1.saturating_add(bytes)));
            let gives_way = |(digest, job): (&Digest, &Job)| {
                let most = share(held.get(&job.who).copied().unwrap_or_default());
                let lower = job.lane > asked.lane;
                let may = job.work.is_some() && job.who != *who && !leave.contains(digest);
                (may && (lower || job.lane == asked.lane && most > wanted))
                    .then(|| ((job.lane, most, job.number), *digest, job.who.clone(), job.bytes))
            };
            // Numbers differ, so that the first member alone decides.
            let (_, digest, of, freed) = self.jobs.iter().filter_map(gives_way).max_by_key(|(order, ..)| *order)?;
            if let Some((jobs, waits)) = held.get_mut(&of) {
                (*jobs, *waits) = (jobs.saturating_sub(1), waits.saturating_sub(freed));
            }
            leave.push(digest);
        }
        Some(leave.iter().filter_map(|digest| self.jobs.remove(digest)).flat_map(|job| job.calls).collect())
    }

    /// The next job, if there is one that may go now; `each` is how many of one may be at work at once.
    pub fn next(&mut self, now: u64, each: usize) -> Option<Work> {
        let at_work = |who: &Who| self.at_work.get(who).copied().unwrap_or(0);
        let may = |job: &&mut Job| job.work.is_some() && job.not_before <= now && at_work(&job.who) < each;
        let order =
            |job: &&mut Job| (job.lane, at_work(&job.who), self.served.get(&job.who).copied().unwrap_or(0), job.number);
        let job = self.jobs.values_mut().filter(may).min_by_key(order)?;
        let (work, who) = (job.work.take(), job.who.clone());
        self.number += 1;
        // Only the order of those who wait counts.
        if self.served.len() >= MAX_JOBS {
            self.served.retain(|known, _| self.jobs.values().any(|job| job.who == *known));
        }
        self.served.insert(who.clone(), self.number);
        *self.at_work.entry(who).or_insert(0) += 1;
        work
    }

    fn rests(&mut self, who: &Who) {
        if let Some(count) = self.at_work.get_mut(who) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                self.at_work.remove(who);
            }
        }
    }

    /// A job is done: who is to be told.
    pub fn done(&mut self, work: &Work) -> Vec<Call> {
        self.rests(&work.asked.who);
        self.jobs.remove(&work.asked.document.digest()).map(|job| job.calls).unwrap_or_default()
    }

    /// A job waits for another try: who does not wait that long is to be told.
    pub fn postpone(&mut self, work: Work, until: u64) -> Vec<Call> {
        self.rests(&work.asked.who);
        let Some(job) = self.jobs.get_mut(&work.asked.document.digest()) else { return Vec::new() };
        (job.work, job.not_before) = (Some(work), until.max(1));
        let (soon, late) = std::mem::take(&mut job.calls).into_iter().partition(|call| matches!(call, Call::Soon(_)));
        job.calls = late;
        soon
    }

    /// Jobs that wait or are at work.
    #[must_use]
    pub fn len(&self) -> usize {
        self.jobs.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.jobs.is_empty()
    }
}
