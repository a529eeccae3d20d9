//! What one run came to, in words and as an object.

use super::{beside::Beside, exchange::Measured, figures::Figures, watched::Sample};
use crate::args::ExchangeArgs;
use anyhow::Result;
use relto_cli::output::Output;
use serde_json::{Value, json};

/// Prints one run beside its floor.
pub(super) fn one(measured: &Measured, floor: f64, args: &ExchangeArgs, output: Output) -> Result<()> {
    let Measured { sample, peak_mib, proven } = measured;
    let Sample { figures, reports, .. } = sample;
    let Figures { rate, cpu, .. } = figures;
    let mut object = figures.object();
    let more = json!({
        "reports": reports, "floor_reports_per_second": floor, "ratio_to_floor": rate / floor,
        "peak_rss_mib": peak_mib, "receipts_proven": proven,
        "threads": threads(sample), "counts": counts(sample),
    });
    add(&mut object, more);
    output.object(&object)?;
    output.line(format!("{reports} reports from author to receipt, both nodes and the client on this machine"))?;
    output.line(format!("  reports a second         {rate:.0}"))?;
    output.line(format!("  floor of this run        {floor:.0}   ratio {:.3}", rate / floor))?;
    let [p50, p99, p999] = [figures.p50, figures.p99, figures.p999].map(|micros| micros / 1000.0);
    output.line(format!("  p50, p99, p99.9          {p50:.2} ms, {p99:.2} ms, {p999:.2} ms"))?;
    output.line(format!("  CPU seconds per 1,000    {cpu:.3}   (both nodes and the client)"))?;
    output.line(format!("  peak memory of a node    {peak_mib:.1} MiB"))?;
    if args.threads {
        table(sample, output)?;
    }
    output.line(format!(
        "timed to the receipt as the author's node has verified and stored it; the client itself then proved {proven} of them"
    ))
}

/// Prints pieces of work beside their floors, and with `more` members for programs.
pub(super) fn beside(about: &str, all: &[Beside], more: Value, output: Output) -> Result<()> {
    let part = |one: &Beside| {
        json!({
            "name": one.name, "counted": one.counted, "per_second": one.per_second, "ns": 1e9 / one.per_second,
            "floor": one.floor, "floor_per_second": one.floor_per_second, "ratio_to_floor": one.ratio,
        })
    };
    let mut object = json!({ "parts": all.iter().map(part).collect::<Vec<_>>() });
    add(&mut object, more);
    output.object(&object)?;
    output.line(about)?;
    let row = |one: &Beside| {
        vec![
            one.name.to_owned(),
            format!("{:.0} {}", one.per_second, one.counted),
            format!("{:.0}", 1e9 / one.per_second),
            format!("{:.0}", one.floor_per_second),
            format!("{:.2}", one.ratio),
            one.floor.to_owned(),
        ]
    };
    output.table(
        &["", "a second", "ns each", "floor a second", "ratio", "the floor is"],
        &all.iter().map(row).collect::<Vec<_>>(),
    )
}

/// Adds the members of one object to another.
pub(super) fn add(object: &mut Value, more: Value) {
    if let (Value::Object(all), Value::Object(more)) = (object, more) {
        all.extend(more);
    }
}

/// Prints where the CPU time of a run went, and what the nodes counted.
pub(super) fn table(sample: &Sample, output: Output) -> Result<()> {
    let mut rows = Vec::new();
    for (process, threads) in &sample.threads {
        let each = threads.iter().map(|(name, time)| (name.clone(), micros(sample, time.as_secs_f64())));
        let each: Vec<_> = each.filter(|(_, micros)| *micros >= 0.05).collect();
        let sum = ("all threads".to_owned(), each.iter().map(|(_, micros)| micros).sum());
        for (at, (name, micros)) in std::iter::once(sum).chain(each).enumerate() {
            let process = if at == 0 { *process } else { "" };
            rows.push(vec![process.to_owned(), name, format!("{micros:7.1}")]);
        }
    }
    output.table(&["process", "threads", "CPU us a report"], &rows)?;
    let rows = sample.counts.iter().map(|(node, counts)| {
        let each = |count| format!("{:.3}", per_report(sample, count));
        vec![(*node).to_owned(), each(counts.turns), each(counts.heads)]
    });
    output.table(&["node", "transactions a report", "signed heads a report"], &rows.collect::<Vec<_>>())
}

/// Microseconds a report, by process and name of its threads.
pub(super) fn threads(sample: &Sample) -> Value {
    let process = |threads: &Vec<(String, std::time::Duration)>| {
        let each = threads.iter().map(|(name, time)| (name.clone(), json!(micros(sample, time.as_secs_f64()))));
        Value::Object(each.collect())
    };
    Value::Object(sample.threads.iter().map(|(name, list)| ((*name).to_owned(), process(list))).collect())
}

/// What each node counted a report.
pub(super) fn counts(sample: &Sample) -> Value {
    let each = sample.counts.iter().map(|(node, counts)| {
        let (turns, heads) = (per_report(sample, counts.turns), per_report(sample, counts.heads));
        (
            (*node).to_owned(),
            json!({
                "transactions": turns, "signed_heads": heads,
                "payload_commit_p99_us_at_most": counts.answered_p99(),
            }),
        )
    });
    Value::Object(each.collect())
}

#[expect(clippy::cast_precision_loss, reason = "counts of a measurement, far below 2^52")]
fn per_report(sample: &Sample, count: u64) -> f64 {
    count as f64 / sample.reports as f64
}

#[expect(clippy::cast_precision_loss, reason = "counts of a measurement, far below 2^52")]
fn micros(sample: &Sample, seconds: f64) -> f64 {
    seconds * 1e6 / sample.reports as f64
}
