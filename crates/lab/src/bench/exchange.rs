//! One run: two real nodes of a laboratory, the load, and what it cost.

use super::{
    bulk::{self, Done},
    counts::{self, Counts},
    figures::Figures,
    maker::Maker,
    process::{cpu_seconds, peak_mib},
    threads::Snapshot,
};
use crate::{
    args::{ExchangeArgs, SubmitBy},
    lab::run::{Node, connected, person},
};
use anyhow::{Context as _, Result, bail, ensure};
use relto_audit::leaf::Verdict;
use relto_cli::{cache, client::Client, profile::Profile, progress::Bar, receipt::fetch_and_prove};
use relto_formats::api::{Standing, Submission};
use relto_host::clock::Stopwatch;
use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};
use tokio::task::JoinSet;

/// Whose nodes: the author's, and the partner's.
pub(super) const NATIONS: [&str; 2] = ["XAA", "XBB"];
/// Receipts that the client proves after the measurement, at most.
const PROVEN: usize = 100;
/// Rows of the table that an inspector looks at, and the first number of its reports.
const ROWS: usize = 20_000;
const INSPECTED: usize = 50_000_000;

/// What was measured.
pub(super) struct Measured {
    pub(super) figures: Figures,
    pub(super) reports: usize,
    pub(super) peak_mib: f64,
    /// Receipts fetched and proven by the client, after the measurement.
    pub(super) proven: usize,
    /// CPU time by process and name of its threads: the nodes', and the client's.
    pub(super) threads: Vec<(&'static str, Vec<(String, Duration)>)>,
    /// What each node counted.
    pub(super) counts: Vec<(&'static str, Counts)>,
}

/// What stands at one moment: CPU seconds of all, the same by thread, and the nodes' counters.
struct Look {
    cpu_seconds: f64,
    threads: Vec<Snapshot>,
    counts: Vec<Counts>,
}

fn look(processes: &[u32], ports: &[u16]) -> Result<Look> {
    Ok(Look {
        cpu_seconds: processes.iter().map(|id| cpu_seconds(*id)).sum::<Result<f64>>()?,
        threads: processes.iter().map(|id| Snapshot::of(*id)).collect::<Result<_>>()?,
        counts: ports.iter().map(|port| Counts::of(*port)).collect::<Result<_>>()?,
    })
}

/// Runs the two nodes of the laboratory there, and the load.
pub(super) async fn exchange(dir: &Path, args: &ExchangeArgs) -> Result<Measured> {
    let ports = counts::listen(dir, NATIONS)?;
    let [near, far] = NATIONS;
    let mut nodes = [Node::start(dir, near)?, Node::start(dir, far)?];
    let author = person(dir, near, "author")?;
    connected(&author).await?;
    let maker = Arc::new(Maker::new(dir, &author, args.size).await?);
    let clients = clients(&author, args).await?;
    let processes = [nodes[0].id(), nodes[1].id(), std::process::id()];
    let (before, watch) = (look(&processes, &ports)?, Stopwatch::start());
    let beside = inspected(&author, &maker, args.inspected).await?;
    let all = load(clients, &maker, args).await?;
    drop(beside);
    let (seconds, after) = (watch.elapsed().as_secs_f64(), look(&processes, &ports)?);
    let peak_mib = peak_mib(processes[0])?.max(peak_mib(processes[1])?);
    let proven = prove_some(&author, &all).await?;
    for node in &mut nodes {
        node.stop()?;
    }
    let mut latencies: Vec<Duration> = all.into_iter().map(|(_, latency)| latency).collect();
    latencies.sort_unstable();
    let spent = after.threads.iter().zip(&before.threads).map(|(after, before)| after.since(before));
    let counted = after.counts.iter().zip(&before.counts).map(|(after, before)| after.since(*before));
    Ok(Measured {
        figures: Figures::of(&latencies, seconds, after.cpu_seconds - before.cpu_seconds),
        reports: latencies.len(),
        peak_mib,
        proven,
        threads: [near, far, "client"].into_iter().zip(spent).collect(),
        counts: NATIONS.into_iter().zip(counted).collect(),
    })
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
        let job = bulk::Job { client, maker: maker.clone(), next: next.clone(), reports: args.reports };
        match args.submit {
            SubmitBy::Single => workers.spawn(work(job)),
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
    let table: Arc<[u8]> = "place,count\n".as_bytes().iter().chain(&b"harbour,17\n".repeat(ROWS)).copied().collect();
    let mut senders = JoinSet::new();
    for sender in 0..count {
        let (mut client, maker, table) = (Client::connect(author).await?, maker.clone(), table.clone());
        senders.spawn(async move {
            for n in (0..).map(|n| INSPECTED + n * count + sender) {
                let submit = maker.make_with(n, Some(&table))?;
                let _: Submission = client.post("/v1/submissions?wait=60", &submit).await?;
            }
            Ok(())
        });
    }
    Ok(senders)
}

async fn work(bulk::Job { mut client, maker, next, reports }: bulk::Job) -> Result<Vec<Done>> {
    let mut out = Vec::new();
    loop {
        let n = next.fetch_add(1, Ordering::Relaxed);
        if n >= reports {
            return Ok(out);
        }
        let submit = maker.make(n)?;
        let watch = Stopwatch::start();
        let answer: Submission = client.post("/v1/submissions?wait=60", &submit).await?;
        let latency = watch.elapsed();
        match answer.standing {
            Standing::Resolved { index, verdict: Verdict::Admitted, .. } => out.push((index, latency)),
            other => bail!("{} was not admitted: {other:?}", answer.serial),
        }
    }
}
