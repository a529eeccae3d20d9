//! `relto bench exchange`: reports from author to verified receipt through two real nodes on this machine, and in the same
//! run the floor that no exchange with these primitives can pass.

mod floor;
mod maker;
mod process;

pub use maker::Maker;

use crate::{
    args::ExchangeArgs,
    client::Client,
    exit::Exit,
    lab::{
        self,
        run::{Node, connected, person},
    },
};
use anyhow::{Result, bail};
use process::{cpu_seconds, own_cpu_seconds, peak_mib};
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
}

/// Runs the measurement.
///
/// # Errors
/// Where the laboratory or a node does not start, or a report is not admitted.
pub fn run(args: &ExchangeArgs, json: bool) -> Result<Exit> {
    if args.reports == 0 || args.in_flight == 0 {
        bail!("--reports and --in-flight must be at least 1");
    }
    let temporary = tempfile::tempdir()?;
    let dir = temporary.path().join("lab");
    lab::make(&dir, clock::now_ms())?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let measured = runtime.block_on(exchange(&dir, args))?;
    let floor = floor::reports_per_second(args.size)?;
    print(&measured, floor, json);
    Ok(Exit::Done)
}

async fn exchange(dir: &Path, args: &ExchangeArgs) -> Result<Measured> {
    let mut nodes = [Node::start(dir, "XAA")?, Node::start(dir, "XBB")?];
    let author = person(dir, "XAA", "author")?;
    connected(&author).await?;
    let maker = Arc::new(Maker::new(dir, &author, args.size).await?);
    let tls = author.tls()?;
    let mut clients = Vec::new();
    for _ in 0..args.in_flight.min(args.reports) {
        clients.push(Client::connect_with(&author, tls.clone()).await?);
    }
    let processes: Vec<u32> = nodes.iter().map(Node::id).collect();
    let cpu = |ids: &[u32]| ids.iter().map(|id| cpu_seconds(*id)).sum::<f64>() + own_cpu_seconds();
    let (before, watch) = (cpu(&processes), Stopwatch::start());
    let next = Arc::new(AtomicUsize::new(0));
    let mut workers = tokio::task::JoinSet::new();
    for client in clients {
        workers.spawn(work(client, maker.clone(), next.clone(), args.reports));
    }
    let mut latencies = Vec::with_capacity(args.reports);
    while let Some(done) = workers.join_next().await {
        latencies.extend(done??);
    }
    let (seconds, after) = (watch.elapsed().as_secs_f64(), cpu(&processes));
    let peak = processes.iter().map(|id| peak_mib(*id)).fold(0.0, f64::max);
    for node in &mut nodes {
        node.stop()?;
    }
    latencies.sort_unstable();
    Ok(Measured { seconds, latencies, cpu_seconds: after - before, peak_mib: peak })
}

async fn work(mut client: Client, maker: Arc<Maker>, next: Arc<AtomicUsize>, reports: usize) -> Result<Vec<Duration>> {
    let mut out = Vec::new();
    loop {
        let n = next.fetch_add(1, Ordering::Relaxed);
        if n >= reports {
            return Ok(out);
        }
        let submit = maker.make(n)?;
        let watch = Stopwatch::start();
        let answer: Submission = client.post("/v1/submissions?wait=60", &submit).await?;
        out.push(watch.elapsed());
        match answer.standing {
            Standing::Resolved { verdict, .. } if verdict == "admitted" => {}
            other => bail!("{} was not admitted: {other:?}", answer.serial),
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts of a measurement, far below 2^52")]
fn print(measured: &Measured, floor: f64, json: bool) {
    let count = measured.latencies.len();
    let at = |share: f64| {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a place in a list")]
        let place = ((count as f64 * share) as usize).min(count.saturating_sub(1));
        measured.latencies.get(place).copied().unwrap_or_default()
    };
    let (p50, p99) = (at(0.5), at(0.99));
    let rate = count as f64 / measured.seconds;
    let cpu = measured.cpu_seconds * 1000.0 / count as f64;
    if json {
        let object = serde_json::json!({
            "reports": count,
            "reports_per_second": rate, "floor_reports_per_second": floor, "ratio_to_floor": rate / floor,
            "p50_us": p50.as_micros(), "p99_us": p99.as_micros(),
            "cpu_seconds_per_1000": cpu, "peak_rss_mib": measured.peak_mib,
        });
        say(&object.to_string());
        return;
    }
    say(&format!("{count} reports from author to verified receipt, both nodes and the client on this machine"));
    say(&format!("  reports a second         {rate:.0}"));
    say(&format!("  floor of this run        {floor:.0}   ratio {:.3}", rate / floor));
    say(&format!("  p50, p99                 {:.2} ms, {:.2} ms", millis(p50), millis(p99)));
    say(&format!("  CPU seconds per 1,000    {cpu:.3}   (both nodes and the client)"));
    say(&format!("  peak memory of a node    {:.1} MiB", measured.peak_mib));
}

fn millis(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}

#[expect(clippy::print_stdout, reason = "what a command says goes to standard output")]
fn say(text: &str) {
    println!("{text}");
}
