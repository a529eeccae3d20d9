//! Filling the nodes, and the measurement at each step.

use crate::{
    args::GrowArgs,
    bench::{bulk, floor, pair::Pair, process::resident_mib, watched::Sample},
};
use anyhow::Result;
use relto_cli::{client::Client, progress::Bar};
use std::{ops::Range, time::Duration};

/// Reports one after the other, at each step.
const ALONE: usize = 100;

/// How many reports are stored, and what is wanted.
pub(super) struct Growth<'a> {
    args: &'a GrowArgs,
    stored: usize,
}

/// What was measured with so many stored.
pub(super) struct Step {
    pub(super) stored: usize,
    /// One after the other.
    pub(super) alone: Sample,
    pub(super) sample: Sample,
    /// The floor of the same minute, reports a second.
    pub(super) floor: f64,
    /// Resident memory of each node at rest afterwards, the author's first.
    pub(super) rest_mib: [f64; 2],
}

impl<'a> Growth<'a> {
    /// Nothing stored yet.
    pub(super) const fn new(args: &'a GrowArgs) -> Self {
        Self { args, stored: 0 }
    }

    /// How many are stored.
    pub(super) const fn stored(&self) -> usize {
        self.stored
    }

    /// The numbers of the next reports.
    pub(super) const fn next(&mut self, count: usize) -> Range<usize> {
        let first = self.stored;
        self.stored = first.saturating_add(count);
        first..self.stored
    }

    /// Has so many stored, where there are fewer.
    pub(super) async fn fill(&mut self, pair: &Pair, place: usize) -> Result<()> {
        let numbers = self.next(place.saturating_sub(self.stored));
        if numbers.is_empty() {
            return Ok(());
        }
        let bar = Bar::new("filling", u64::try_from(place)?, "reports");
        let mut stored = u64::try_from(numbers.start)?;
        let job = bulk::Job::of(Client::connect(&pair.author).await?, pair.maker.clone(), numbers);
        bulk::stream_into(job, self.args.in_flight, |_| {
            stored += 1;
            if stored.is_multiple_of(256) {
                bar.at(stored);
            }
        })
        .await
    }

    /// Asks nothing of the nodes for a while.
    pub(super) async fn rest(&self) {
        tokio::time::sleep(Duration::from_secs_f64(self.args.rest)).await;
    }

    /// Measures with what is stored now.
    pub(super) async fn measure(&mut self, pair: &Pair) -> Result<Step> {
        let stored = self.stored;
        // What the filling left to do is done, and a node that was just started has worked, before a sample begins.
        self.rest().await;
        let watched = pair.watched();
        let job = bulk::Job::of(Client::connect(&pair.author).await?, pair.maker.clone(), self.next(ALONE));
        let (alone, _) = watched.over(bulk::singles(job)).await?;
        let job = bulk::Job::of(Client::connect(&pair.author).await?, pair.maker.clone(), self.next(self.args.sample));
        let (sample, _) = watched.over(bulk::stream(job, self.args.in_flight)).await?;
        let floor = floor::reports_per_second(self.args.size)?;
        self.rest().await;
        let [near, far] = pair.processes();
        let rest_mib = [resident_mib(near)?, resident_mib(far)?];
        Ok(Step { stored, alone, sample, floor, rest_mib })
    }
}
