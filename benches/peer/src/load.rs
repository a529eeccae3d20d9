//! The load: reports with so many without an answer at once, each timed from its sending to its answer.

use crate::{
    client::{Client, Maker},
    messages::{Answer, Report, Reports},
};
use anyhow::{Context as _, Result, ensure};
use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};
use tokio::sync::{
    Semaphore, SemaphorePermit,
    mpsc::{Sender, channel},
};
use tokio_stream::wrappers::ReceiverStream;

/// Reports of one message of a stream at most.
const TOGETHER: usize = 64;

type Begun = Arc<Mutex<HashMap<bytes::Bytes, Instant>>>;

fn accepted(answer: &Answer) -> Result<()> {
    ensure!(answer.refused.is_empty(), "{:02x?}: {}", answer.id, answer.refused);
    Ok(())
}

/// One call for each report, over one connection.
///
/// # Errors
/// Where a report is refused.
pub async fn single(client: Client, maker: Arc<Maker>, reports: u64, in_flight: usize) -> Result<Vec<Duration>> {
    let next = Arc::new(AtomicU64::new(0));
    let mut workers = tokio::task::JoinSet::new();
    for _ in 0..in_flight {
        let (mut client, maker, next) = (client.clone(), maker.clone(), next.clone());
        workers.spawn(async move {
            let mut out = Vec::new();
            loop {
                let n = next.fetch_add(1, Ordering::Relaxed);
                if n >= reports {
                    return anyhow::Ok(out);
                }
                let report = maker.make(n);
                let begun = Instant::now();
                accepted(client.submit(report).await?.get_ref())?;
                out.push(begun.elapsed());
            }
        });
    }
    let mut all = Vec::new();
    while let Some(out) = workers.join_next().await {
        all.extend(out??);
    }
    Ok(all)
}

/// One stream for all; as many as there are places for go out together.
///
/// # Errors
/// Where a report is refused.
pub async fn stream(mut client: Client, maker: Arc<Maker>, reports: u64, in_flight: usize) -> Result<Vec<Duration>> {
    let (to, messages) = channel(16);
    let (places, begun) = (Arc::new(Semaphore::new(in_flight)), Begun::default());
    let sender = tokio::spawn(send(to, maker, reports, places.clone(), begun.clone()));
    let mut answers = client.submit_many(ReceiverStream::new(messages)).await?.into_inner();
    let mut out = Vec::new();
    while out.len() < usize::try_from(reports)? {
        let more = answers.message().await?.context("the stream ended")?.answers;
        let now = Instant::now();
        for answer in &more {
            accepted(answer)?;
            let since = begun.lock().unwrap_or_else(PoisonError::into_inner).remove(&answer.id);
            out.push(now - since.context("an answer to no report")?);
        }
        places.add_permits(more.len());
    }
    sender.await??;
    Ok(out)
}

async fn send(to: Sender<Reports>, maker: Arc<Maker>, count: u64, places: Arc<Semaphore>, begun: Begun) -> Result<()> {
    let mut next = 0;
    while next < count {
        places.acquire().await?.forget();
        let more = std::iter::from_fn(|| places.try_acquire().ok().map(SemaphorePermit::forget));
        let together = 1 + more.take(TOGETHER - 1).count() as u64;
        let reports: Vec<Report> = (next..count.min(next + together)).map(|n| maker.make(n)).collect();
        next += together;
        let now = Instant::now();
        begun
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .extend(reports.iter().map(|report| (report.id.clone(), now)));
        to.send(Reports { reports }).await?;
    }
    Ok(())
}
