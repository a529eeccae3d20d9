//! How long a busy writer waits for a fuller turn: each turn costs a commit and a signed head, and where many reports move,
//! each waits for so many others anyway. Whoever is alone, or in a hurry, waits for nobody.

use crate::jobs::Job;
use relto_audit::leaf::{Leaf, Precedence};
use relto_exchange::{exchange::MAX_BATCH, input::Input};
use relto_host::clock::Stopwatch;
use std::{collections::VecDeque, sync::mpsc::Receiver, time::Duration};

/// With at least so many reports on their way, a turn of few waits [`FOR_EACH`] for each of them, of [`MOST`] at most. Those
/// beyond [`BUSY`] count three times, for there the processor is the bound.
const MANY: usize = 32;
const BUSY: usize = 128;
const MOST: usize = 256;
const FOR_EACH: Duration = Duration::from_micros(20);

/// Few is less than a quarter of those on their way, for there are four places where they may be; but never more than so many
/// are few where that is less.
const FEW: usize = 32;

/// What stands still is not on its way: of what is open at most four times as much counts as moved within this time.
const JUST_NOW: Duration = Duration::from_millis(50);

/// Whoever receives does not know what is coming: so many reports in one frame, or more, are a turn of the partner, and taken
/// for that quarter. One that comes after another is not.
const SEVERAL: usize = 8;

/// What one turn took.
struct Taken {
    began: Stopwatch,
    /// Reports, or answers to ours.
    moved: usize,
    /// Reports of the partner in one frame.
    brought: usize,
    /// One of them is FLASH or IMMEDIATE, or a person's act.
    urgent: bool,
}

/// What came within [`JUST_NOW`].
#[derive(Default)]
pub(super) struct Gathering(VecDeque<Taken>);

/// For how long, and until how many jobs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Wait {
    time: Duration,
    few: usize,
}

impl Gathering {
    /// Takes more jobs, where `open` reports wait for their receipt or their payload and this is worth it.
    pub(super) fn gather(&mut self, jobs: &Receiver<Job>, batch: &mut Vec<Job>, open: usize) {
        self.note(batch);
        let Some(Wait { time, few }) = self.wait(open) else { return };
        let since = Stopwatch::start();
        let mut counted: usize = batch.iter().map(moved).sum();
        while counted < few
            && batch.len() < MAX_BATCH
            && let Ok(job) = jobs.recv_timeout(time.saturating_sub(since.elapsed()))
        {
            let (from, stop) = (batch.len(), matches!(job, Job::Stop));
            batch.push(job);
            batch.extend(jobs.try_iter().take(MAX_BATCH.saturating_sub(batch.len())));
            let new = batch.get(from..).unwrap_or_default();
            counted += new.iter().map(moved).sum::<usize>();
            self.note(new);
            if stop || new.iter().any(is_urgent) {
                return;
            }
        }
    }

    fn note(&mut self, jobs: &[Job]) {
        while self.0.front().is_some_and(|taken| taken.began.elapsed() > JUST_NOW) {
            self.0.pop_front();
        }
        let brought = jobs.iter().map(brought).max().filter(|most| *most >= SEVERAL).unwrap_or(0);
        let (moved, urgent) = (jobs.iter().map(moved).sum(), jobs.iter().any(is_urgent));
        if moved > 0 {
            self.0.push_back(Taken { began: Stopwatch::start(), moved, brought, urgent });
        }
    }

    fn wait(&self, open: usize) -> Option<Wait> {
        if self.0.iter().any(|taken| taken.urgent) {
            return None;
        }
        let moved: usize = self.0.iter().map(|taken| taken.moved).sum();
        let coming = self.0.iter().map(|taken| taken.brought).max().unwrap_or(0).saturating_mul(4);
        let on_their_way = open.min(moved.saturating_mul(4)).max(coming).min(MOST);
        let weighed = on_their_way + 2 * on_their_way.saturating_sub(BUSY);
        let time = FOR_EACH.saturating_mul(u32::try_from(weighed).unwrap_or(0));
        (on_their_way >= MANY).then_some(Wait { time, few: FEW.max(on_their_way / 4) })
    }
}

/// Reports that it brings, or answers to ours.
fn moved(job: &Job) -> usize {
    match job {
        Job::Ask { .. } | Job::Input(Input::Payload(..), _) => 1,
        Job::Input(Input::Leaves { leaves, .. }, _) => {
            let counts = |leaf: &Leaf| matches!(leaf, Leaf::Released(_) | Leaf::Statement(_) | Leaf::Outcome(_));
            leaves.iter().filter(|(_, leaf)| counts(leaf)).count()
        }
        _ => 0,
    }
}

/// Reports of the partner in it.
fn brought(job: &Job) -> usize {
    let Job::Input(Input::Leaves { leaves, .. }, _) = job else { return 0 };
    leaves.iter().filter(|(_, leaf)| matches!(leaf, Leaf::Released(_) | Leaf::Statement(_))).count()
}

/// Whether nobody may be waited for behind it.
fn is_urgent(job: &Job) -> bool {
    let hurries = |leaf: &Leaf| match leaf {
        Leaf::Released(released) => hurries(released.precedence),
        Leaf::Statement(statement) => hurries(statement.released.precedence),
        _ => false,
    };
    match job {
        Job::Ask { urgent, .. } => *urgent,
        Job::Input(Input::Leaves { leaves, .. }, _) => leaves.iter().any(|(_, leaf)| hurries(leaf)),
        _ => false,
    }
}

/// FLASH and IMMEDIATE.
pub(crate) fn hurries(precedence: Precedence) -> bool {
    precedence.lane() <= Precedence::Immediate.lane()
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::sync::oneshot;

    fn ask(urgent: bool) -> Job {
        let (reply, _) = oneshot::channel();
        Job::Ask { question: Box::new(|_| Input::Tick), reply, urgent }
    }

    fn after(jobs: &[Job]) -> Gathering {
        let mut gathering = Gathering::default();
        gathering.note(jobs);
        gathering
    }

    fn asks(count: usize) -> Vec<Job> {
        (0..count).map(|_| ask(false)).collect()
    }

    #[test]
    fn what_stands_still_holds_up_nobody() {
        assert_eq!(after(&asks(1)).wait(256), None, "one report beside 256 that wait for a partner");
        assert_eq!(after(&asks(7)).wait(256), None);
        assert_eq!(after(&asks(100)).wait(31), None, "few are open");
        assert_eq!(Gathering::default().wait(4_096), None);
    }

    #[test]
    fn a_busy_node_waits_for_a_quarter() {
        let wait = |moved, open| after(&asks(moved)).wait(open);
        assert_eq!(wait(64, 64), Some(Wait { time: 64 * FOR_EACH, few: 32 }));
        assert_eq!(wait(64, 256), Some(Wait { time: 512 * FOR_EACH, few: 64 }));
        assert_eq!(wait(1_000, 4_096), wait(64, 256), "no longer than so");
    }

    #[test]
    fn whoever_is_in_a_hurry_waits_for_nobody() {
        let mut jobs = asks(100);
        jobs.push(ask(true));
        assert_eq!(after(&jobs).wait(256), None);
        let [flash, immediate, priority] =
            [Precedence::Flash, Precedence::Immediate, Precedence::Priority].map(hurries);
        assert!(flash && immediate && !priority);
    }

    #[test]
    fn more_are_taken_until_they_are_enough_or_one_hurries() {
        let (sender, jobs) = std::sync::mpsc::channel();
        let take = |sent: Vec<Job>| {
            sent.into_iter().for_each(|job| sender.send(job).unwrap());
            let mut batch = asks(12);
            let mut gathering = Gathering::default();
            gathering.gather(&jobs, &mut batch, 64);
            jobs.try_iter().count() + batch.len()
        };
        assert_eq!(take(asks(30)), 42);
        assert_eq!(take(vec![ask(true)]), 13);
        assert_eq!(take(vec![]), 12);
    }
}
