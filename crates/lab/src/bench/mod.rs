//! `relto bench exchange`: reports from author to receipt through two real nodes on this machine, and in the same run the
//! floor that no exchange with these primitives can pass.
//!
//! What is timed ends with the author's node telling the partner's answer, which it has verified, followed and stored.
//! The author's own proof of receipts comes after the clock has stopped, for a sample: it is work of a client that no
//! node waits for.

mod bulk;
mod floor;
mod maker;
mod process;

pub use maker::Maker;

use crate::{
    args::{ExchangeArgs, SubmitBy},
    lab::{
        self,
        run::{Node, connected, person, unless_asked},
    },
};
use anyhow::{Context as _, Result, bail, ensure};
use bulk::Done;
use process::{cpu_seconds, own_cpu_seconds, peak_mib};
use relto_audit::leaf::Verdict;
use relto_cli::{
    cache, client::Client, exit::Exit, output::Output, profile::Profile, progress::Bar, receipt::fetch_and_prove,
};
use relto_formats::api::{Standing, Submission};
use relto_host::clock::{self, Stopwatch};
use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

/// What was measured.
struct Measured {
    seconds: f64,
    latencies: Vec<Duration>,
    cpu_seconds: f64,
    peak_mib: f64,
    /// Receipts fetched and proven by the client, after the measurement.
    proven: usize,
}

/// Receipts that the client proves after the measurement, at most.
const PROVEN: usize = 100;
/// Rows of the table that an inspector looks at, and the first number of its reports.
const ROWS: usize = 20_000;
const INSPECTED: usize = 50_000_000;

/// Runs the measurement.
///
/// # Errors
/// Where the laboratory or a node does not start, or a report is not admitted.
pub fn run(args: &ExchangeArgs, output: Output) -> Result<Exit> {
    if args.reports == 0 || args.in_flight == 0 {
        bail!("--reports and --in-flight must be at least 1");
    }
    let temporary = tempfile::tempdir()?;
    let dir = temporary.path().join("lab");
    lab::make(&dir, clock::now_ms())?;
    let measured = unless_asked(exchange(&dir, args))???;
    let floor = floor::reports_per_second(args.size)?;
    print(&measured, floor, output)?;
    Ok(Exit::Done)
}

async fn exchange(dir: &Path, args: &ExchangeArgs) -> Result<Measured> {
    let mut nodes = [Node::start(dir, "XAA")?, Node::start(dir, "XBB")?];
    let author = person(dir, "XAA", "author")?;
    connected(&author).await?;
    let maker = Arc::new(Maker::new(dir, &author, args.size).await?);
    let tls = author.tls()?;
    let connections = match args.submit {
        SubmitBy::Single => args.in_flight,
        SubmitBy::Batch => args.in_flight.div_ceil(bulk::BATCH),
        SubmitBy::Stream => 1,
    };
    let mut clients = Vec::new();
    for _ in 0..connections.min(args.reports) {
        clients.push(Client::connect_with(&author, tls.clone()).await?);
    }
    let processes: Vec<u32> = nodes.iter().map(Node::id).collect();
    let cpu = |ids: &[u32]| -> Result<f64> {
        ids.iter().map(|id| cpu_seconds(*id)).sum::<Result<f64>>().and_then(|sum| Ok(sum + own_cpu_seconds()?))
    };
    let (before, watch) = (cpu(&processes)?, Stopwatch::start());
    let next = Arc::new(AtomicUsize::new(0));
    let beside = inspected(&author, &maker, args.inspected).await?;
    let mut workers = tokio::task::JoinSet::new();
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
                None => break,
            },
            _ = look.tick() => bar.at(u64::try_from(next.load(Ordering::Relaxed).min(args.reports))?),
        }
    }
    drop((bar, beside));
    let (seconds, after) = (watch.elapsed().as_secs_f64(), cpu(&processes)?);
    let peak = processes.iter().map(|id| peak_mib(*id)).collect::<Result<Vec<_>>>()?.into_iter().fold(0.0, f64::max);
    let proven = prove_some(&author, &all).await?;
    for node in &mut nodes {
        node.stop()?;
    }
    let mut latencies: Vec<Duration> = all.into_iter().map(|(_, latency)| latency).collect();
    latencies.sort_unstable();
    Ok(Measured { seconds, latencies, cpu_seconds: after - before, peak_mib: peak, proven })
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
async fn inspected(author: &Profile, maker: &Arc<Maker>, count: usize) -> Result<tokio::task::JoinSet<Result<()>>> {
    let table: Arc<[u8]> = "place,count\n".as_bytes().iter().chain(&b"harbour,17\n".repeat(ROWS)).copied().collect();
    let mut senders = tokio::task::JoinSet::new();
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

#[expect(clippy::cast_precision_loss, reason = "counts of a measurement, far below 2^52")]
fn print(measured: &Measured, floor: f64, output: Output) -> Result<()> {
    let count = measured.latencies.len();
    let at = |share: f64| {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a place in a list")]
        let place = ((count as f64 * share) as usize).min(count.saturating_sub(1));
        measured.latencies.get(place).copied().unwrap_or_default()
    };
    let (p50, p99, p999) = (at(0.5), at(0.99), at(0.999));
    let rate = count as f64 / measured.seconds;
    let cpu = measured.cpu_seconds * 1000.0 / count as f64;
    output.object(&serde_json::json!({
        "reports": count,
        "reports_per_second": rate, "floor_reports_per_second": floor, "ratio_to_floor": rate / floor,
        "p50_us": p50.as_micros(), "p99_us": p99.as_micros(), "p999_us": p999.as_micros(),
        "cpu_seconds_per_1000": cpu, "peak_rss_mib": measured.peak_mib, "receipts_proven": measured.proven,
    }))?;
    output.line(format!("{count} reports from author to receipt, both nodes and the client on this machine"))?;
    output.line(format!("  reports a second         {rate:.0}"))?;
    output.line(format!("  floor of this run        {floor:.0}   ratio {:.3}", rate / floor))?;
    output.line(format!(
        "  p50, p99, p99.9          {:.2} ms, {:.2} ms, {:.2} ms",
        millis(p50),
        millis(p99),
        millis(p999)
    ))?;
    output.line(format!("  CPU seconds per 1,000    {cpu:.3}   (both nodes and the client)"))?;
    output.line(format!("  peak memory of a node    {:.1} MiB", measured.peak_mib))?;
    output.line(format!(
        "timed to the receipt as the author's node has verified and stored it; the client itself then proved {} of them",
        measured.proven
    ))
}

fn millis(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}
