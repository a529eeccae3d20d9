//! The writer: the one thread that writes. It takes all that is queued into one transaction, and answers after it.

use crate::{
    messages::{Answer, Batch, Receipt, Report},
    signing::Digest,
    store::{Brought, Store},
};
use anyhow::Result;
use bytes::Bytes;
use std::{
    collections::VecDeque,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
        mpsc::Receiver,
    },
};
use tokio::sync::{mpsc::UnboundedSender, oneshot};
use tonic::Status;

/// Reports of one transaction at most.
const MOST: usize = 1_024;

/// What an author calls a report.
pub type Id = [u8; 16];

/// Where an answer goes.
#[derive(Debug)]
pub enum Reply {
    /// To a call of its own.
    Once(oneshot::Sender<Answer>),
    /// To a stream of them.
    Stream(UnboundedSender<Answer>),
}

impl Reply {
    /// Gives the answer; whoever has gone asks again.
    pub fn give(self, answer: Answer) {
        match self {
            Self::Once(to) => drop(to.send(answer)),
            Self::Stream(to) => drop(to.send(answer)),
        }
    }
}

/// A report whose author's signature was verified.
#[derive(Debug)]
pub struct Brings {
    /// Its id.
    pub id: Id,
    /// The report.
    pub report: Report,
    /// Its digest.
    pub digest: Digest,
    /// Who waits.
    pub reply: Reply,
}

/// A report on the disk that is to be sent.
#[derive(Debug)]
pub struct Stored {
    /// Its number.
    pub number: u64,
    /// Its digest.
    pub digest: Digest,
    /// The report.
    pub report: Report,
}

/// Reports of the partner on the disk, by number of the first, or why they are not taken.
pub type Kept = Result<(u64, Vec<Digest>), Status>;

/// What is to be written.
#[derive(Debug)]
pub enum Job {
    /// Reports of our authors.
    Bring(Vec<Brings>),
    /// Reports of the partner, verified, with their digests.
    Receive(Batch, Vec<Digest>, UnboundedSender<Kept>),
    /// A receipt of the partner, verified.
    Receipt(Receipt),
    /// Nothing more.
    Stop,
}

impl Job {
    fn size(&self) -> usize {
        match self {
            Self::Bring(reports) => reports.len(),
            Self::Receive(batch, ..) => batch.reports.len(),
            Self::Receipt(_) | Self::Stop => 1,
        }
    }
}

/// The writer's state.
pub struct Writer {
    store: Store,
    /// To whoever sends to the partner.
    sent: UnboundedSender<Vec<Stored>>,
    /// The newest report with a receipt, for whoever sends.
    receipted: Arc<AtomicU64>,
    /// Who waits for the receipt of which report, in the order of their numbers.
    waiting: VecDeque<(u64, Id, Reply)>,
    /// The same of reports that were brought again.
    again: Vec<(u64, Id, Reply)>,
}

/// What follows a commit.
#[derive(Default)]
struct After {
    stored: Vec<Stored>,
    kept: Vec<(UnboundedSender<Kept>, Kept)>,
    refused: Vec<(Id, Reply)>,
}

impl Writer {
    /// Over an open store.
    #[must_use]
    pub fn new(store: Store, sent: UnboundedSender<Vec<Stored>>, receipted: Arc<AtomicU64>) -> Self {
        receipted.store(store.receipted(), Ordering::Release);
        Self { store, sent, receipted, waiting: VecDeque::new(), again: Vec::new() }
    }

    /// Runs until it is told to stop; gives the number of transactions.
    ///
    /// # Errors
    /// The store's: nothing that was not committed was answered.
    pub fn run(mut self, jobs: &Receiver<Job>) -> Result<u64> {
        while let Ok(first) = jobs.recv() {
            let (mut after, mut size, mut stop) = (After::default(), 0, false);
            self.store.begin()?;
            let mut next = Some(first);
            while let Some(job) = next {
                size += job.size();
                stop |= matches!(job, Job::Stop);
                self.write(job, &mut after)?;
                next = if size < MOST { jobs.try_recv().ok() } else { None };
            }
            self.store.commit()?;
            self.tell(after);
            self.store.keep_log_short()?;
            if stop {
                break;
            }
        }
        Ok(self.store.commits())
    }

    fn write(&mut self, job: Job, after: &mut After) -> Result<()> {
        match job {
            Job::Bring(reports) => {
                for Brings { id, report, digest, reply } in reports {
                    match self.store.bring(&report)? {
                        Brought::New(number) => {
                            self.waiting.push_back((number, id, reply));
                            after.stored.push(Stored { number, digest, report });
                        }
                        Brought::Known(number) => self.again.push((number, id, reply)),
                        Brought::Other => after.refused.push((id, reply)),
                    }
                }
            }
            Job::Receive(batch, digests, reply) => {
                let first = batch.first;
                let kept = self.store.receive(&batch).map(|()| (first, digests));
                after.kept.push((reply, kept.map_err(|fault| Status::failed_precondition(fault.to_string()))));
            }
            Job::Receipt(receipt) => self.store.receipt(&receipt)?,
            Job::Stop => {}
        }
        Ok(())
    }

    fn tell(&mut self, after: After) {
        if !after.stored.is_empty() {
            let _ = self.sent.send(after.stored);
        }
        for (to, kept) in after.kept {
            let _ = to.send(kept);
        }
        for (id, reply) in after.refused {
            reply.give(Answer {
                id: Bytes::copy_from_slice(&id),
                number: 0,
                refused: "another report has this id".to_owned(),
            });
        }
        let receipted = self.store.receipted();
        self.receipted.store(receipted, Ordering::Release);
        let answered = |number, id: Id| Answer { id: Bytes::copy_from_slice(&id), number, refused: String::new() };
        while let Some((number, id, reply)) = self.waiting.pop_front_if(|(number, ..)| *number <= receipted) {
            reply.give(answered(number, id));
        }
        for (number, id, reply) in self.again.extract_if(.., |(number, ..)| *number <= receipted) {
            reply.give(answered(number, id));
        }
    }
}
