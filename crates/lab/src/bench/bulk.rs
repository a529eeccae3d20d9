//! Reports submitted, in one of the ways that there are: a request for each, requests of many, or one request for all.

use super::Maker;
use anyhow::{Context as _, Result, bail};
use relto_audit::leaf::Verdict;
use relto_cli::client::Client;
use relto_formats::api::{Standing, StreamLine, Submission};
use relto_host::clock::Stopwatch;
use std::{
    collections::HashMap,
    ops::Range,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};
use tokio::sync::{Semaphore, SemaphorePermit};

/// Reports of one batch.
pub(super) const BATCH: usize = 64;

/// One report on its way: where its leaf stands, and how long its receipt took.
pub(super) type Done = (u64, Duration);

/// What one worker has.
pub(super) struct Job {
    pub(super) client: Client,
    pub(super) maker: Arc<Maker>,
    /// The next report's number, of all workers.
    pub(super) next: Arc<AtomicUsize>,
    /// The number behind the last one.
    pub(super) end: usize,
}

impl Job {
    /// All reports of these numbers, by one worker.
    pub(super) fn of(client: Client, maker: Arc<Maker>, numbers: Range<usize>) -> Self {
        Self { client, maker, next: Arc::new(AtomicUsize::new(numbers.start)), end: numbers.end }
    }

    fn take(&self) -> Option<usize> {
        Some(self.next.fetch_add(1, Ordering::Relaxed)).filter(|n| *n < self.end)
    }
}

/// The leaf of a report that was admitted.
fn admitted(answer: &StreamLine) -> Result<Option<(u64, u64)>> {
    let StreamLine::Answer(answer) = answer else { return Ok(None) };
    if let Some(problem) = &answer.problem {
        bail!("line {}: {}", answer.line, problem.message);
    }
    let submission = answer.submission.as_ref().context("an answer without a submission")?;
    match &submission.standing {
        Standing::Released { .. } if !answer.outcome => Ok(None),
        _ => Ok(Some((answer.line, leaf_of(submission)?))),
    }
}

/// One request after another, each of one report.
pub(super) async fn singles(mut job: Job) -> Result<Vec<Done>> {
    let mut out = Vec::new();
    while let Some(n) = job.take() {
        let submit = job.maker.make(n)?;
        let watch = Stopwatch::start();
        let answer: Submission = job.client.post("/v1/submissions?wait=60", &submit).await?;
        let latency = watch.elapsed();
        out.push((leaf_of(&answer)?, latency));
    }
    Ok(out)
}

/// The leaf of a report that must have been admitted.
pub(super) fn leaf_of(submission: &Submission) -> Result<u64> {
    match &submission.standing {
        Standing::Resolved { index, verdict: Verdict::Admitted, .. } => Ok(*index),
        other => bail!("{} was not admitted: {other:?}", submission.serial),
    }
}

/// One request after another, each of `size` reports.
pub(super) async fn batches(mut job: Job, size: usize) -> Result<Vec<Done>> {
    let mut out = Vec::new();
    loop {
        let numbers: Vec<usize> = std::iter::from_fn(|| job.take()).take(size).collect();
        if numbers.is_empty() {
            return Ok(out);
        }
        let submits = numbers.iter().map(|n| job.maker.make(*n)).collect::<Result<Vec<_>>>()?;
        let watch = Stopwatch::start();
        let (lines, mut answers) = job.client.lines("/v1/submissions:batch?wait=outcome").await?;
        for submit in &submits {
            lines.send(submit).await?;
        }
        drop(lines);
        while let Some(answer) = answers.next().await? {
            out.extend(admitted(&answer)?.map(|(_, index)| (index, watch.elapsed())));
        }
    }
}

/// One request for all, so many without an answer at once; gives what came of each.
pub(super) async fn stream(job: Job, in_flight: usize) -> Result<Vec<Done>> {
    let mut out = Vec::new();
    stream_into(job, in_flight, |done| out.push(done)).await?;
    Ok(out)
}

/// The same, each handed on as it is answered: nothing here grows with their number.
pub(super) async fn stream_into(mut job: Job, in_flight: usize, mut take: impl FnMut(Done)) -> Result<()> {
    let (lines, mut answers) = job.client.lines("/v1/submissions:stream?wait=outcome").await?;
    let (places, begun) = (Arc::new(Semaphore::new(in_flight)), Arc::new(Mutex::new(HashMap::new())));
    let (window, started) = (places.clone(), begun.clone());
    let sender = tokio::spawn(async move {
        let mut line = 0_u64;
        loop {
            // As many as there are places for: they go out together.
            window.acquire().await?.forget();
            let more = std::iter::from_fn(|| window.try_acquire().ok().map(SemaphorePermit::forget));
            let count = 1 + more.take(BATCH - 1).count();
            let numbers: Vec<usize> = std::iter::from_fn(|| job.take()).take(count).collect();
            let submits = numbers.iter().map(|n| job.maker.make(*n)).collect::<Result<Vec<_>>>()?;
            for submit in &submits {
                line += 1;
                started.lock().unwrap_or_else(PoisonError::into_inner).insert(line, Stopwatch::start());
                lines.send(submit).await?;
            }
            if submits.len() < count {
                return anyhow::Ok(());
            }
        }
    });
    while let Some(answer) = answers.next().await? {
        if let Some((line, index)) = admitted(&answer)? {
            let watch = begun.lock().unwrap_or_else(PoisonError::into_inner).remove(&line);
            take((index, watch.context("an answer to no line")?.elapsed()));
            places.add_permits(1);
        }
    }
    sender.await?
}
