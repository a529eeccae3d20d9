//! A peer that does the same job, run in turn with ours: `benches/peer`, or whatever has the same command.

use super::{
    exchange::Measured,
    figures::{Figures, median},
    telling,
};
use crate::args::{ExchangeArgs, PeerSignatures, SubmitBy};
use anyhow::{Context as _, Result, bail};
use relto_cli::output::Output;
use serde_json::{Value, json};
use std::{
    io::Read as _,
    path::Path,
    process::{Child, Command, Stdio},
    time::Duration,
};

/// How often it is looked whether the peer has ended.
const LOOKS: Duration = Duration::from_millis(20);

/// One run of ours, its floor, and one of the peer for each way of signing.
pub(super) struct Round {
    pub(super) ours: Measured,
    pub(super) floor: f64,
    pub(super) theirs: Vec<Figures>,
}

/// The peer's process, which ends with this value, and its nodes with it.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The peer's command for the same load as ours.
fn arguments(args: &ExchangeArgs, signatures: PeerSignatures) -> Vec<String> {
    let submit = match args.submit {
        SubmitBy::Single => "single",
        // What goes together goes in one message of its stream.
        SubmitBy::Batch | SubmitBy::Stream => "stream",
    };
    let numbers = [("--reports", args.reports), ("--in-flight", args.in_flight), ("--size", args.size)];
    let numbers = numbers.into_iter().flat_map(|(name, number)| [name.to_owned(), number.to_string()]);
    let words = ["--submit", submit, "--signatures", signatures.word(), "--json"].map(str::to_owned);
    std::iter::once("bench".to_owned()).chain(numbers).chain(words).collect()
}

/// Runs the peer once.
pub(super) async fn run(program: &Path, args: &ExchangeArgs, signatures: PeerSignatures) -> Result<Figures> {
    let mut command = Command::new(program);
    command.args(arguments(args, signatures)).stdin(Stdio::null()).stdout(Stdio::piped());
    let name = program.display();
    let mut running = Running(command.spawn().with_context(|| format!("{name}: the peer does not start"))?);
    let ended = loop {
        match running.0.try_wait()? {
            Some(ended) => break ended,
            None => tokio::time::sleep(LOOKS).await,
        }
    };
    let mut text = String::new();
    running.0.stdout.take().context("the peer's output")?.read_to_string(&mut text)?;
    if !ended.success() {
        bail!("{name}: the peer ended with {ended}");
    }
    Figures::parse(&text, args.reports).with_context(|| format!("{name}: {}", text.trim()))
}

/// The medians of both, and of the ratios of ours to the peer's in the same round.
fn paired(ours: &[Figures], theirs: &[Figures]) -> [Figures; 3] {
    let ratios: Vec<Figures> = ours.iter().zip(theirs).map(|(ours, theirs)| ours.to(theirs)).collect();
    [Figures::medians(ours), Figures::medians(theirs), Figures::medians(&ratios)]
}

/// Prints what the rounds came to.
pub(super) fn tell(rounds: &[Round], args: &ExchangeArgs, output: Output) -> Result<()> {
    let ours: Vec<Figures> = rounds.iter().map(|round| round.ours.sample.figures).collect();
    let floor = median(rounds.iter().map(|round| round.ours.sample.figures.rate / round.floor).collect());
    let peers = args.peer_signatures.iter().enumerate().map(|(at, signatures)| {
        let theirs: Vec<Figures> = rounds.iter().filter_map(|round| round.theirs.get(at).copied()).collect();
        (*signatures, paired(&ours, &theirs))
    });
    let peers: Vec<_> = peers.collect();
    output.object(&object(rounds, &peers, floor, args))?;
    let ExchangeArgs { reports, size, in_flight, .. } = args;
    output.line(format!(
        "{} pairs in turn, each of {reports} reports of {size} bytes, {in_flight} in flight; medians",
        rounds.len()
    ))?;
    let mut headings = vec!["".to_owned(), "relto".to_owned()];
    for (signatures, _) in &peers {
        headings.extend([format!("peer, signs {}", signatures.word()), "ratio of pairs".to_owned()]);
    }
    let headings: Vec<&str> = headings.iter().map(String::as_str).collect();
    output.table(&headings, &rows(&Figures::medians(&ours), &peers))?;
    for (signatures, [_, _, ratio]) in &peers {
        output.line(format!(
            "Beside the peer with {}: {:.2} times its rate, {:.2} times its p50, {:.2} times its CPU a report.",
            match signatures {
                PeerSignatures::Each => "a signature for each report and receipt",
                PeerSignatures::Batch => "one signature for a batch and its receipt",
            },
            ratio.rate,
            ratio.p50,
            ratio.cpu
        ))?;
    }
    output.line(format!("Of the floor: {floor:.3}."))?;
    match rounds.last() {
        Some(last) if args.threads => telling::table(&last.ours.sample, output),
        _ => Ok(()),
    }
}

type Peer = (PeerSignatures, [Figures; 3]);

/// A row: its name, which figure, in what unit, and how many decimals it is told with.
type Line = (&'static str, fn(&Figures) -> f64, f64, usize);

const LINES: [Line; 5] = [
    ("reports a second", |figures| figures.rate, 1.0, 0),
    ("p50 ms", |figures| figures.p50, 1000.0, 2),
    ("p99 ms", |figures| figures.p99, 1000.0, 2),
    ("p99.9 ms", |figures| figures.p999, 1000.0, 2),
    ("CPU seconds per 1,000", |figures| figures.cpu, 1.0, 3),
];

fn rows(ours: &Figures, peers: &[Peer]) -> Vec<Vec<String>> {
    let row = |(name, figure, unit, decimals): Line| {
        let written = |figures: &Figures| format!("{:.decimals$}", figure(figures) / unit);
        let mut row = vec![name.to_owned(), written(ours)];
        for (_, [_, theirs, ratio]) in peers {
            row.extend([written(theirs), format!("{:.2}", figure(ratio))]);
        }
        row
    };
    LINES.into_iter().map(row).collect()
}

fn object(rounds: &[Round], peers: &[Peer], floor: f64, args: &ExchangeArgs) -> Value {
    let peer = |(signatures, [ours, theirs, ratio]): &Peer| {
        json!({
            "signatures": signatures.word(), "relto": ours.object(), "peer": theirs.object(),
            "ratios": {
                "reports_per_second": ratio.rate, "p50": ratio.p50, "p99": ratio.p99, "p999": ratio.p999,
                "cpu": ratio.cpu,
            },
        })
    };
    let round = |round: &Round| {
        json!({
            "relto": round.ours.sample.figures.object(), "floor_reports_per_second": round.floor,
            "threads": telling::threads(&round.ours.sample), "counts": telling::counts(&round.ours.sample),
            "peers": round.theirs.iter().map(Figures::object).collect::<Vec<_>>(),
        })
    };
    json!({
        "pairs": rounds.len(), "reports": args.reports, "in_flight": args.in_flight, "size": args.size,
        "ratio_to_floor": floor,
        "peers": peers.iter().map(peer).collect::<Vec<_>>(), "rounds": rounds.iter().map(round).collect::<Vec<_>>(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figures(rate: f64, p50: f64, cpu: f64) -> Figures {
        Figures { rate, p50, p99: p50 * 2.0, p999: p50 * 3.0, cpu }
    }

    #[test]
    fn ratios_are_of_pairs_and_not_of_medians() {
        // The machine slows down meanwhile: the medians' ratio is 0.625, that of most pairs 0.5.
        let ours = [figures(1000.0, 10.0, 0.4), figures(500.0, 20.0, 0.8), figures(250.0, 44.0, 1.6)];
        let theirs = [figures(2000.0, 5.0, 0.2), figures(800.0, 10.0, 0.4), figures(500.0, 20.0, 0.8)];
        let [our, their, ratio] = paired(&ours, &theirs);
        assert!((our.rate - 500.0).abs() < 1e-9 && (their.rate - 800.0).abs() < 1e-9);
        assert!((ratio.rate - 0.5).abs() < 1e-9, "{ratio:?}");
        assert!((ratio.p50 - 2.0).abs() < 1e-9 && (ratio.cpu - 2.0).abs() < 1e-9, "{ratio:?}");
    }

    #[test]
    fn the_peer_gets_the_same_load() {
        let args = |submit| ExchangeArgs {
            in_flight: 7,
            reports: 30,
            size: 512,
            submit,
            inspected: 0,
            threads: false,
            peer: None,
            rounds: 5,
            peer_signatures: Vec::new(),
        };
        assert_eq!(
            arguments(&args(SubmitBy::Batch), PeerSignatures::Each).join(" "),
            "bench --reports 30 --in-flight 7 --size 512 --submit stream --signatures each --json"
        );
        assert!(
            arguments(&args(SubmitBy::Single), PeerSignatures::Batch)
                .join(" ")
                .ends_with("--submit single --signatures batch --json")
        );
    }
}
