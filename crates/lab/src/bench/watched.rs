//! Processes that are watched while a load runs: what they spend, by thread, and what the nodes count.

use super::{bulk::Done, counts::Counts, figures::Figures, process::cpu_seconds, threads::Snapshot};
use anyhow::Result;
use relto_host::clock::Stopwatch;
use std::time::Duration;

/// Nodes, each with its nation, its process and the port at which it tells its counters; and this process, the client.
pub(super) struct Watched(Vec<(&'static str, u32, u16)>);

/// What one load came to.
pub(super) struct Sample {
    pub(super) figures: Figures,
    pub(super) reports: usize,
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

impl Watched {
    pub(super) fn new(nodes: impl IntoIterator<Item = (&'static str, u32, u16)>) -> Self {
        Self(nodes.into_iter().collect())
    }

    fn look(&self) -> Result<Look> {
        let processes: Vec<u32> = self.0.iter().map(|(_, id, _)| *id).chain([std::process::id()]).collect();
        Ok(Look {
            cpu_seconds: processes.iter().map(|id| cpu_seconds(*id)).sum::<Result<f64>>()?,
            threads: processes.iter().map(|id| Snapshot::of(*id)).collect::<Result<_>>()?,
            counts: self.0.iter().map(|(_, _, port)| Counts::of(*port)).collect::<Result<_>>()?,
        })
    }

    /// Runs a load, and tells what it came to and what it did.
    pub(super) async fn over(&self, load: impl Future<Output = Result<Vec<Done>>>) -> Result<(Sample, Vec<Done>)> {
        let (before, watch) = (self.look()?, Stopwatch::start());
        let done = load.await?;
        let (seconds, after) = (watch.elapsed().as_secs_f64(), self.look()?);
        let mut latencies: Vec<Duration> = done.iter().map(|(_, latency)| *latency).collect();
        latencies.sort_unstable();
        let names = self.0.iter().map(|(nation, ..)| *nation);
        let spent = after.threads.iter().zip(&before.threads).map(|(after, before)| after.since(before));
        let counted = after.counts.iter().zip(&before.counts).map(|(after, before)| after.since(*before));
        let sample = Sample {
            figures: Figures::of(&latencies, seconds, after.cpu_seconds - before.cpu_seconds),
            reports: latencies.len(),
            threads: names.clone().chain(["client"]).zip(spent).collect(),
            counts: names.zip(counted).collect(),
        };
        Ok((sample, done))
    }
}
