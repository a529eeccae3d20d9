//! What a run came to, in words and as an object.

use super::{
    starts::{Start, Starts},
    steps::Step,
};
use crate::{
    args::GrowArgs,
    bench::{figures::median, pair::NATIONS, process, telling},
};
use anyhow::Result;
use relto_cli::output::Output;
use serde_json::{Value, json};

/// One run.
pub(super) struct Grown {
    pub(super) steps: Vec<Step>,
    pub(super) starts: Starts,
}

const STEPS: [&str; 10] = [
    "stored",
    "reports/s",
    "to the first",
    "of the floor",
    "p50 ms",
    "p99 ms",
    "alone p50 ms",
    "alone p99 ms",
    "XAA MiB",
    "XBB MiB",
];
const STARTS: [&str; 6] =
    ["starts", "median ms", "worst ms", "to a receipt ms", "read from disk MiB", "read in all MiB"];

/// Prints it.
pub(super) fn tell(grown: &Grown, args: &GrowArgs, output: Output) -> Result<()> {
    output.object(&object(grown, args)?)?;
    let Grown { steps, starts } = grown;
    let first = steps.first().map_or(f64::NAN, |step| step.sample.figures.rate);
    output.line(format!(
        "{} reports of {} bytes in a stream at each step, {} in flight; {} s of rest before memory is read",
        args.sample, args.size, args.in_flight, args.rest
    ))?;
    output.table(&STEPS, &steps.iter().map(|step| row(step, first)).collect::<Vec<_>>())?;
    if args.threads {
        for step in steps {
            output.line(format!("\nwith {} stored:", step.stored))?;
            telling::table(&step.sample, output)?;
        }
    }
    output.line(format!(
        "\nFrom SIGKILL of the author's node, with {} reports stored, to the first submission that it answers over TLS:",
        starts.stored
    ))?;
    let mut rows = vec![start_row("with the page cache", &starts.cached)];
    rows.extend(starts.dropped.iter().map(|dropped| start_row("page cache dropped", dropped)));
    output.table(&STARTS, &rows)?;
    if let Err(why) = &starts.dropped {
        output.line(format!("Starts without the page cache: {why}."))?;
    }
    let untold = starts.cached.iter().find_map(|start| start.reads.as_ref().err());
    untold.map_or(Ok(()), |why| output.line(format!("What the node reads is not told: {why:#}.")))
}

fn row(step: &Step, first: f64) -> Vec<String> {
    let (figures, alone, [near, far]) = (&step.sample.figures, &step.alone.figures, step.rest_mib);
    vec![
        step.stored.to_string(),
        format!("{:.0}", figures.rate),
        format!("{:.2}", figures.rate / first),
        format!("{:.3}", figures.rate / step.floor),
        format!("{:.1}", figures.p50 / 1e3),
        format!("{:.1}", figures.p99 / 1e3),
        format!("{:.2}", alone.p50 / 1e3),
        format!("{:.2}", alone.p99 / 1e3),
        format!("{near:.1}"),
        format!("{far:.1}"),
    ]
}

/// Milliseconds of every start until then.
fn millis(starts: &[Start], until: fn(&Start) -> std::time::Duration) -> Vec<f64> {
    starts.iter().map(|start| until(start).as_secs_f64() * 1e3).collect()
}

fn worst(values: &[f64]) -> f64 {
    values.iter().copied().fold(f64::NAN, f64::max)
}

#[expect(clippy::cast_precision_loss, reason = "bytes that one process read, far below 2^52")]
fn mib(bytes: u64) -> f64 {
    bytes as f64 / 1_048_576.0
}

/// What each start had read, MiB, where the system tells it.
fn read(starts: &[Start], which: fn(&process::Reads) -> u64) -> Vec<f64> {
    starts.iter().filter_map(|start| start.reads.as_ref().ok()).map(|reads| mib(which(reads))).collect()
}

fn start_row(name: &str, starts: &[Start]) -> Vec<String> {
    let answered = millis(starts, |start| start.answered);
    let reads = |which| match read(starts, which) {
        told if told.is_empty() => "not told".to_owned(),
        told => format!("{:.1}", median(told)),
    };
    vec![
        format!("{} {name}", starts.len()),
        format!("{:.0}", median(answered.clone())),
        format!("{:.0}", worst(&answered)),
        format!("{:.0}", median(millis(starts, |start| start.receipt))),
        reads(|reads| reads.disk),
        reads(|reads| reads.all),
    ]
}

fn object(grown: &Grown, args: &GrowArgs) -> Result<Value> {
    let first = grown.steps.first().map_or(f64::NAN, |step| step.sample.figures.rate);
    let step = |step: &Step| {
        let [near, far] = NATIONS;
        let [near_mib, far_mib] = step.rest_mib;
        let mut object = step.sample.figures.object();
        telling::add(
            &mut object,
            json!({
                "stored": step.stored, "reports": step.sample.reports, "alone": step.alone.figures.object(),
                "ratio_to_first": step.sample.figures.rate / first,
                "floor_reports_per_second": step.floor, "ratio_to_floor": step.sample.figures.rate / step.floor,
                "rest_rss_mib": { near: near_mib, far: far_mib },
                "threads": telling::threads(&step.sample), "counts": telling::counts(&step.sample),
            }),
        );
        object
    };
    let starts = match &grown.starts.dropped {
        Ok(dropped) => starts_object(dropped),
        Err(why) => json!({ "left_out": why }),
    };
    Ok(json!({
        "reports": args.reports, "sample": args.sample, "in_flight": args.in_flight, "size": args.size,
        "steps": grown.steps.iter().map(step).collect::<Vec<_>>(),
        "starts": { "stored": grown.starts.stored, "cached": starts_object(&grown.starts.cached), "dropped": starts },
        "client_peak_rss_mib": process::peak_mib(std::process::id())?,
    }))
}

fn starts_object(starts: &[Start]) -> Value {
    let answered = millis(starts, |start| start.answered);
    let start = |start: &Start| {
        let reads = match &start.reads {
            Ok(reads) => json!({ "disk_bytes": reads.disk, "all_bytes": reads.all }),
            Err(why) => json!({ "left_out": format!("{why:#}") }),
        };
        let millis = |time: std::time::Duration| time.as_secs_f64() * 1e3;
        json!({ "answered_ms": millis(start.answered), "receipt_ms": millis(start.receipt), "reads": reads })
    };
    json!({
        "median_ms": median(answered.clone()), "worst_ms": worst(&answered),
        "starts": starts.iter().map(start).collect::<Vec<_>>(),
    })
}
