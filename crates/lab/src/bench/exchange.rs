//! One run: two real nodes of a laboratory, the load, and what it cost.

use super::{
    bulk::{self, Done},
    maker::Maker,
    pair::Pair,
    process::peak_mib,
    watched::Sample,
};
use crate::args::{ExchangeArgs, SubmitBy};
use anyhow::{Context as _, Result, ensure};
use relto_audit::leaf::Verdict;
use relto_cli::{cache, client::Client, profile::Profile, progress::Bar, receipt::fetch_and_prove};
use relto_formats::api::Submission;
use relto_report::attachment::bytes::held;
use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};
use tokio::task::JoinSet;

/// Receipts that the client proves after the measurement, at most.
const PROVEN: usize = 100;
/// Rows of the table that an inspector looks at, and the first number of its reports.
const ROWS: usize = 20_000;
const INSPECTED: usize = 50_000_000;

/// What was measured.
pub(super) struct Measured {
    pub(super) sample: Sample,
    pub(super) peak_mib: f64,
    /// Receipts fetched and proven by the client, after the measurement.
    pub(super) proven: usize,
}

/// Runs the two nodes of the laboratory there, and the load.
pub(super) async fn exchange(dir: &Path, args: &ExchangeArgs) -> Result<Measured> {
    let pair = Pair::start(dir, args.size).await?;
    let clients = clients(&pair.author, args).await?;
    let load = async {
        let beside = inspected(&pair.author, &pair.maker, args.inspected).await?;
        let done = load(clients, &pair.maker, args).await?;
        drop(beside);
        Ok(done)
    };
    let (sample, done) = pair.watched().over(load).await?;
    let [near, far] = pair.processes();
    let peak_mib = peak_mib(near)?.max(peak_mib(far)?);
    let proven = prove_some(&pair.author, &done).await?;
    pair.stop()?;
    Ok(Measured { sample, peak_mib, proven })
}

/// As many connections as the way of submitting wants.
async fn clients(author: &Profile, args: &ExchangeArgs) -> Result<Vec<Client>> {
    let connections = match args.submit {
        SubmitBy::Single => args.in_flight,
        SubmitBy::Batch => args.in_flight.div_ceil(bulk::BATCH),
        SubmitBy::Stream => 1,
    };
    let tls = author.tls()?;
    let mut clients = Vec::new();
    for _ in 0..connections.min(args.reports) {
        clients.push(Client::connect_with(author, tls.clone()).await?);
    }
    Ok(clients)
}

/// Submits all reports.
async fn load(clients: Vec<Client>, maker: &Arc<Maker>, args: &ExchangeArgs) -> Result<Vec<Done>> {
    let next = Arc::new(AtomicUsize::new(0));
    let mut workers = JoinSet::new();
    for client in clients {
        let job = bulk::Job { client, maker: maker.clone(), next: next.clone(), end: args.reports };
        match args.submit {
            SubmitBy::Single => workers.spawn(bulk::singles(job)),
            SubmitBy::Batch => workers.spawn(bulk::batches(job, args.in_flight.min(bulk::BATCH))),
            SubmitBy::Stream => workers.spawn(bulk::stream(job, args.in_flight)),
        };
    }
    let mut all = Vec::with_capacity(args.reports);
    let bar = Bar::new("exchange", u64::try_from(args.reports)?, "reports");
    let mut look = tokio::time::interval(Duration::from_millis(200));
    loop {
        tokio::select! {
            done = workers.join_next() => match done {
                Some(done) => all.extend(done??),
                None => return Ok(all),
            },
            _ = look.tick() => bar.at(u64::try_from(next.load(Ordering::Relaxed).min(args.reports))?),
        }
    }
}

/// Proves receipts offline, evenly over all leaves: each an Outcome of the partner's log that names our leaf by index
/// and hash and admits it, both under their owners' signed heads.
async fn prove_some(author: &Profile, done: &[Done]) -> Result<usize> {
    let mut client = Client::connect(author).await?;
    let id = author.agreements.values().next().context("an agreement")?;
    let installed = cache::refresh(author, &mut client, id).await?;
    let mut indexes: Vec<u64> = done.iter().map(|(index, _)| *index).collect();
    indexes.sort_unstable();
    let step = indexes.len().div_ceil(PROVEN).max(1);
    let mut proven = 0;
    for index in indexes.into_iter().step_by(step) {
        let receipt = fetch_and_prove(&mut client, &installed, index).await?;
        ensure!(receipt.verdict() == Verdict::Admitted, "the receipt of leaf {index} does not admit it");
        proven += 1;
    }
    Ok(proven)
}

/// Sends reports with an attachment, so many at once, until what is given back is dropped.
async fn inspected(author: &Profile, maker: &Arc<Maker>, count: usize) -> Result<JoinSet<Result<()>>> {
    let table = held([&b"place,count\n"[..], &b"harbour,17\n".repeat(ROWS)].concat());
    let mut senders = JoinSet::new();
    for sender in 0..count {
        let (mut client, maker, table) = (Client::connect(author).await?, maker.clone(), table.clone());
        senders.spawn(async move {
            for n in (0..).map(|n| INSPECTED + n * count + sender) {
                let (_, submit) = maker.make_with(n, &table)?;
                let _: Submission = client.post("/v1/submissions?wait=60", &submit).await?;
            }
            Ok(())
        });
    }
    Ok(senders)
}
