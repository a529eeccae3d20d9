//! Where CPU time goes: of each process by the names of its threads, from Linux's /proc.

use super::process::{cpu_seconds, read};
use anyhow::{Context as _, Result};
use std::{collections::BTreeMap, fs, time::Duration};

/// Below this, what the threads that are there do not account for is the grain of the clock.
const GRAIN: f64 = 0.03;

/// CPU time of a process so far.
pub(super) struct Snapshot {
    /// Nanoseconds by thread, and the thread's name.
    threads: BTreeMap<u32, (String, u64)>,
    seconds: f64,
}

/// The name that threads of one kind share: without a number at its end.
fn stem(name: &str) -> &str {
    let short = name.trim_end_matches(|last: char| last.is_ascii_digit() || "-_#: ".contains(last));
    if short.is_empty() { name } else { short }
}

impl Snapshot {
    /// Of a process that runs.
    pub(super) fn of(id: u32) -> Result<Self> {
        let folder = format!("/proc/{id}/task");
        let tasks = fs::read_dir(&folder).with_context(|| format!("{folder}: the measurement needs a Linux /proc"))?;
        let mut threads = BTreeMap::new();
        for task in tasks {
            let name = task?.file_name();
            let Some(thread) = name.to_str().and_then(|text| text.parse::<u32>().ok()) else { continue };
            // A thread may end while it is looked at.
            let file = |what: &str| read(&format!("{folder}/{thread}/{what}"));
            let (Ok(name), Ok(times)) = (file("comm"), file("schedstat")) else { continue };
            let nanos = times.split_whitespace().next().and_then(|text| text.parse().ok());
            let nanos = nanos.with_context(|| format!("{folder}/{thread}/schedstat: not of the known form"))?;
            threads.insert(thread, (stem(name.trim_end()).to_owned(), nanos));
        }
        Ok(Self { threads, seconds: cpu_seconds(id)? })
    }

    /// What was spent since an earlier one of the same process, most first: the threads' common name, and its time.
    pub(super) fn since(&self, before: &Self) -> Vec<(String, Duration)> {
        let mut by_name: BTreeMap<&str, u64> = BTreeMap::new();
        for (thread, (name, nanos)) in &self.threads {
            let earlier = before.threads.get(thread).map_or(0, |(_, nanos)| *nanos);
            *by_name.entry(name).or_default() += nanos.saturating_sub(earlier);
        }
        let mut out: Vec<_> =
            by_name.into_iter().map(|(name, nanos)| (name.to_owned(), Duration::from_nanos(nanos))).collect();
        let told: f64 = out.iter().map(|(_, time)| time.as_secs_f64()).sum();
        let rest = self.seconds - before.seconds - told;
        if rest > GRAIN {
            out.push(("(ended meanwhile)".to_owned(), Duration::from_secs_f64(rest)));
        }
        out.sort_by_key(|(_, time)| std::cmp::Reverse(*time));
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn threads_of_one_kind_share_a_name() {
        let names = ["writer", "tokio-rt-worker", "inspect-3", "worker 12", "pool#4", "17"];
        assert_eq!(names.map(stem), ["writer", "tokio-rt-worker", "inspect", "worker", "pool", "17"]);
    }

    #[test]
    fn time_is_added_up_by_name() {
        let of = |threads: &[(u32, &str, u64)], seconds| Snapshot {
            threads: threads.iter().map(|(id, name, nanos)| (*id, ((*name).to_owned(), *nanos))).collect(),
            seconds,
        };
        let before = of(&[(1, "writer", 5), (2, "pool", 7), (3, "gone", 1)], 1.0);
        let after = of(&[(1, "writer", 25), (2, "pool", 17), (4, "pool", 300)], 1.5);
        let spent: Vec<_> = after.since(&before).into_iter().map(|(name, time)| (name, time.as_nanos())).collect();
        assert_eq!(spent[1..], [("pool".to_owned(), 310), ("writer".to_owned(), 20)]);
        assert_eq!(spent[0].0, "(ended meanwhile)");
    }

    #[test]
    fn this_process_has_threads_that_work() {
        let before = Snapshot::of(std::process::id()).unwrap();
        let worker = std::thread::Builder::new().name("digs-7".to_owned());
        let (done, ends) = std::sync::mpsc::channel::<()>();
        let (told, ready) = std::sync::mpsc::channel();
        let worker = worker.spawn(move || {
            told.send((0..20_000_000_u64).fold(0, |sum, n| std::hint::black_box(sum ^ n))).unwrap();
            let _ = ends.recv();
        });
        ready.recv().unwrap();
        let spent = Snapshot::of(std::process::id()).unwrap().since(&before);
        drop(done);
        worker.unwrap().join().unwrap();
        assert!(spent.iter().any(|(name, time)| name == "digs" && *time > Duration::from_millis(1)), "{spent:?}");
    }
}
