//! `relto bench grow`: whether what is stored slows two real nodes down, and how fast one is back after SIGKILL.
//!
//! Everything stored has gone through the exchange. Nothing here grows with how much that is.

mod starts;
mod steps;
mod told;

use super::pair::Pair;
use crate::{
    args::GrowArgs,
    lab::{self, run::unless_asked},
};
use anyhow::{Result, bail};
use relto_cli::output::Output;
use relto_host::clock;
use steps::Growth;
use told::Grown;

/// Runs the measurement.
///
/// # Errors
/// Where the laboratory or a node does not start, or a report is not admitted.
pub(super) fn run(args: &GrowArgs, output: Output) -> Result<()> {
    if args.sample == 0 || args.in_flight == 0 || args.starts == 0 {
        bail!("--sample, --in-flight and --starts must be at least 1");
    }
    if !(0.0..=3600.0).contains(&args.rest) {
        bail!("--rest is a number of seconds, an hour at most");
    }
    if args.places().iter().any(|place| *place > args.reports) {
        bail!("no step of --steps may be above --reports, which is how many are stored at the end");
    }
    told::tell(&unless_asked(grow(args))???, args, output)
}

/// One run, in a laboratory of its own.
async fn grow(args: &GrowArgs) -> Result<Grown> {
    let temporary = tempfile::tempdir()?;
    let dir = temporary.path().join("lab");
    lab::make(&dir, clock::now_ms())?;
    let mut pair = Pair::start(&dir, args.size).await?;
    let mut growth = Growth::new(args);
    let mut steps = Vec::new();
    for place in args.places() {
        growth.fill(&pair, place).await?;
        steps.push(growth.measure(&pair).await?);
    }
    growth.fill(&pair, args.reports).await?;
    growth.rest().await;
    let starts = starts::measure(&mut pair, &mut growth, args).await?;
    pair.stop()?;
    Ok(Grown { steps, starts })
}
