//! The measurement: two nodes, one author, and what it cost.

use crate::{
    client::{self, Maker},
    lab::{Lab, NAMES},
    load,
    process::{cpu_seconds, own_cpu_seconds, peak_mib},
    signing::Signatures,
};
use anyhow::{Result, ensure};
use std::{
    io::Write as _,
    sync::Arc,
    time::{Duration, Instant},
};

/// How a measurement submits.
#[derive(Clone, Copy, PartialEq, Eq, Debug, clap::ValueEnum)]
pub enum SubmitBy {
    /// One stream for all
    Stream,
    /// One call for each report
    Single,
}

/// What is measured.
#[derive(clap::Args, Debug)]
pub struct BenchArgs {
    /// Reports in all
    #[arg(long, default_value_t = 2000)]
    pub reports: u64,
    /// Reports without an answer at once
    #[arg(long, default_value_t = 64)]
    pub in_flight: usize,
    /// Bytes of a report's payload
    #[arg(long, default_value_t = 4096)]
    pub size: usize,
    /// How they are submitted
    #[arg(long, value_enum, default_value = "stream")]
    pub submit: SubmitBy,
    /// How nodes sign what goes between them
    #[arg(long, value_enum, default_value = "batch")]
    pub signatures: Signatures,
    /// Threads of each node's runtime
    #[arg(long, default_value_t = 2)]
    pub threads: usize,
    /// An object, for programs
    #[arg(long)]
    pub json: bool,
}

struct Measured {
    seconds: f64,
    latencies: Vec<Duration>,
    cpu_seconds: f64,
    peak_mib: f64,
    commits: [u64; 2],
}

/// Runs it and prints what was measured.
///
/// # Errors
/// Where a node does not start or a report is refused.
pub fn run(args: &BenchArgs) -> Result<()> {
    ensure!(args.reports > 0 && args.in_flight > 0, "--reports and --in-flight must be at least 1");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let measured = runtime.block_on(measure(args))?;
    print(&measured, args.json)
}

async fn measure(args: &BenchArgs) -> Result<Measured> {
    let folder = tempfile::tempdir()?;
    let lab = Lab::make(&std::env::current_exe()?, folder.path(), args.signatures, args.threads)?;
    let [near, far] = NAMES;
    let partner = lab.start([far, near], None, None)?;
    let node = lab.start([near, far], Some(partner.link), None)?;
    let mut client = client::connect(&lab, node.api).await?;
    let maker = Arc::new(Maker::new(&lab, args.size)?);
    // The nodes have met when one report has its receipt.
    client.submit(maker.make(u64::MAX)).await?;
    let processes = [node.id(), partner.id()];
    let cpu = || -> Result<f64> { Ok(cpu_seconds(processes[0])? + cpu_seconds(processes[1])? + own_cpu_seconds()?) };
    let (before, watch) = (cpu()?, Instant::now());
    let mut latencies = match args.submit {
        SubmitBy::Stream => load::stream(client, maker, args.reports, args.in_flight).await?,
        SubmitBy::Single => load::single(client, maker, args.reports, args.in_flight).await?,
    };
    let (seconds, cpu_seconds) = (watch.elapsed().as_secs_f64(), cpu()? - before);
    let peak_mib = peak_mib(processes[0])?.max(peak_mib(processes[1])?);
    let commits = [node.stop()?, partner.stop()?];
    latencies.sort_unstable();
    Ok(Measured { seconds, latencies, cpu_seconds, peak_mib, commits })
}

fn print(measured: &Measured, json: bool) -> Result<()> {
    let count = measured.latencies.len();
    let each = count as f64;
    let at = |share: f64| measured.latencies.get(((each * share) as usize).min(count - 1)).copied().unwrap_or_default();
    let [p50, p99, p999] = [at(0.5), at(0.99), at(0.999)];
    let rate = each / measured.seconds;
    let cpu = measured.cpu_seconds * 1000.0 / each;
    let [near, far] = measured.commits.map(|commits| commits as f64 / each);
    let mut out = std::io::stdout();
    if json {
        let object = serde_json::json!({
            "reports": count, "reports_per_second": rate,
            "p50_us": p50.as_micros(), "p99_us": p99.as_micros(), "p999_us": p999.as_micros(),
            "cpu_seconds_per_1000": cpu, "peak_rss_mib": measured.peak_mib, "commits_per_report": [near, far],
        });
        writeln!(out, "{object}")?;
        return Ok(());
    }
    let millis = |time: Duration| time.as_secs_f64() * 1000.0;
    writeln!(out, "{count} reports from author to receipt, both nodes and the author on this machine")?;
    writeln!(out, "  reports a second         {rate:.0}")?;
    writeln!(out, "  p50, p99, p99.9          {:.2} ms, {:.2} ms, {:.2} ms", millis(p50), millis(p99), millis(p999))?;
    writeln!(out, "  CPU seconds per 1,000    {cpu:.3}   (both nodes and the author)")?;
    writeln!(out, "  commits a report         {near:.3} and {far:.3}")?;
    writeln!(out, "  peak memory of a node    {:.1} MiB", measured.peak_mib)?;
    Ok(())
}
