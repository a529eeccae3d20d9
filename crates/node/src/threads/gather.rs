//! How long a busy writer waits for a fuller turn: each turn costs a commit and a signed head, and where many reports move,
//! each waits for so many others anyway. Nobody waits behind what stands still, and no turn waits that holds somebody up who
//! hurries: while a FLASH or IMMEDIATE report is on its way, or for a person's act or question.

use crate::jobs::Job;
use relto_audit::leaf::Leaf;
use relto_exchange::{exchange::MAX_BATCH, ids::LinkId, input::Input};
use relto_host::clock::Stopwatch;
use std::{
    collections::{BTreeMap, VecDeque},
    sync::mpsc::Receiver,
    time::Duration,
};

/// With at least so many reports on their way, a turn of few waits [`FOR_EACH`] for each of them, of [`MOST`] at most. Those
/// beyond [`BUSY`] count three times, for there the processor is the bound.
const MANY: usize = 32;
const BUSY: usize = 128;
const MOST: usize = 256;
const FOR_EACH: Duration = Duration::from_micros(20);

/// What counts as moved, as far as a turn has taken it, moved within this time: longer than what goes round in one body takes.
const JUST_NOW: Duration = Duration::from_millis(250);

/// So many of the partner's reports that one turn decided on are taken for a quarter of what is coming, of [`BUSY`] at most:
/// whoever receives does not know. One that comes after another is not.
const SEVERAL: usize = 8;

/// How a link with a session stands.
#[derive(Clone, Copy)]
pub(super) struct Moving {
    pub(super) link: LinkId,
    /// Leaves of both its logs.
    pub(super) leaves: u64,
    /// Reports that wait for their receipt or their payload.
    pub(super) open: usize,
}

/// What moved within [`JUST_NOW`].
#[derive(Default)]
pub(super) struct Gathering {
    /// Of each link, how it stood when.
    links: BTreeMap<LinkId, VecDeque<(Stopwatch, Moving)>>,
    /// How many of the partner's reports a turn decided on.
    decided: VecDeque<(Stopwatch, usize)>,
}

/// For how long, and until how many jobs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Wait {
    time: Duration,
    few: usize,
}

impl Gathering {
    /// A turn has decided on so many of the partner's reports.
    pub(super) fn note(&mut self, decided: usize) {
        if decided >= SEVERAL {
            self.decided.push_back((Stopwatch::start(), decided));
        }
    }

    /// Whether, and how long, a turn of these jobs waits for more.
    pub(super) fn wait(&mut self, batch: &[Job], links: &[Moving]) -> Option<Wait> {
        let own = links.iter().map(|link| self.on_its_way(link)).sum();
        while self.decided.front().is_some_and(|(at, _)| at.elapsed() > JUST_NOW) {
            self.decided.pop_front();
        }
        let coming = self.decided.iter().map(|(_, count)| count.saturating_mul(4)).max().unwrap_or(0);
        if batch.iter().any(is_urgent) { None } else { waits(own, coming) }
    }

    /// The most that was open of a link, for what was answered just now is followed by as much; but at most four times what
    /// has moved on it.
    fn on_its_way(&mut self, link: &Moving) -> usize {
        let seen = self.links.entry(link.link).or_default();
        while seen.front().is_some_and(|(at, _)| at.elapsed() > JUST_NOW) {
            seen.pop_front();
        }
        let moved = seen.front().map_or(0, |(_, then)| link.leaves.saturating_sub(then.leaves));
        if seen.back().is_none_or(|(_, last)| last.leaves != link.leaves) {
            seen.push_back((Stopwatch::start(), *link));
        }
        let open = seen.iter().map(|(_, then)| then.open).max().unwrap_or(0);
        open.min(usize::try_from(moved).unwrap_or(usize::MAX).saturating_mul(4))
    }
}

fn waits(own: usize, coming: usize) -> Option<Wait> {
    let on_their_way = own.max(coming.min(BUSY)).min(MOST);
    let weighed = on_their_way + 2 * on_their_way.saturating_sub(BUSY);
    let time = FOR_EACH.saturating_mul(u32::try_from(weighed).unwrap_or(0));
    // A quarter, for there are four places where they may be; of few, half.
    let few = (on_their_way / 4).max(MANY.min(on_their_way / 2));
    (on_their_way >= MANY).then_some(Wait { time, few })
}

/// Takes more jobs, until they are enough or somebody must not wait. A frame of many answers is one job: what they make room
/// for comes in the same time.
pub(super) fn gather(jobs: &Receiver<Job>, batch: &mut Vec<Job>, Wait { time, few }: Wait) {
    let since = Stopwatch::start();
    while batch.len() < few.min(MAX_BATCH)
        && let Some(left) = time.checked_sub(since.elapsed())
        && let Ok(job) = jobs.recv_timeout(left)
    {
        let from = batch.len();
        batch.push(job);
        batch.extend(jobs.try_iter().take(MAX_BATCH.saturating_sub(batch.len())));
        if batch.get(from..).unwrap_or_default().iter().any(is_urgent) {
            return;
        }
    }
}

/// Whether nobody may be waited for behind it.
fn is_urgent(job: &Job) -> bool {
    let released = |leaf: &Leaf| match leaf {
        Leaf::Released(released) => released.precedence.hurries(),
        Leaf::Statement(statement) => statement.released.precedence.hurries(),
        _ => false,
    };
    match job {
        Job::Ask { urgent, .. } => *urgent,
        Job::Input(Input::Leaves { leaves, .. }, _) => leaves.iter().any(|(_, leaf)| released(leaf)),
        Job::Input(..) => false,
        // Somebody waits for a word, or the node is to end.
        Job::Check(..) | Job::Original(..) | Job::Standings(..) | Job::Status(_) | Job::Recovery(_) | Job::Stop => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::sync::oneshot;

    fn ask(urgent: bool) -> Job {
        let (reply, _) = oneshot::channel();
        Job::Ask { question: Box::new(|_| Input::Tick), reply, urgent }
    }

    fn asks(count: usize) -> Vec<Job> {
        (0..count).map(|_| ask(false)).collect()
    }

    /// Links with so many leaves and so many open, looked at before and after.
    fn after(before: &[(u64, usize)], now: &[(u64, usize)]) -> Option<Wait> {
        let links = |all: &[(u64, usize)]| -> Vec<Moving> {
            (0..)
                .zip(all)
                .map(|(at, (leaves, open))| Moving { link: LinkId(at), leaves: *leaves, open: *open })
                .collect()
        };
        let mut gathering = Gathering::default();
        gathering.wait(&asks(1), &links(before));
        gathering.wait(&asks(1), &links(now))
    }

    #[test]
    fn what_stands_still_holds_up_nobody() {
        assert_eq!(after(&[(1_000, 4_096)], &[(1_000, 4_096)]), None, "a partner that takes nothing");
        assert_eq!(after(&[(1_000, 4_096)], &[(1_007, 4_096)]), None, "or little");
        // Eight of a link in work, beside one that stands still.
        assert_eq!(after(&[(1_000, 4_096), (50, 8)], &[(1_000, 4_096), (250, 8)]), None);
        assert_eq!(after(&[(0, 31)], &[(500, 31)]), None, "few are open");
        assert_eq!(after(&[(0, 64)], &[(500, 0)]), waits(64, 0), "what was answered just now is followed by as much");
        assert!(after(&[(0, 200)], &[(8, 32)]).is_some());
    }

    #[test]
    fn a_busy_node_waits_for_a_quarter_and_no_longer_than_so() {
        let of = |time, few| Some(Wait { time: time * FOR_EACH, few });
        assert_eq!([waits(31, 0), waits(32, 0), waits(64, 0)], [None, of(32, 16), of(64, 32)]);
        assert_eq!([waits(128, 0), waits(256, 0), waits(4_096, 9_999)], [of(128, 32), of(512, 64), of(512, 64)]);
        // What may be coming counts less than what is known to be on its way.
        assert_eq!([waits(0, 31), waits(0, 64), waits(0, 9_999)], [None, of(64, 32), of(128, 32)]);
        let mut gathering = Gathering::default();
        gathering.note(SEVERAL - 1);
        assert_eq!(gathering.wait(&asks(1), &[]), None);
        gathering.note(16);
        assert_eq!(gathering.wait(&asks(1), &[]), of(64, 32));
        std::thread::sleep(JUST_NOW);
        assert_eq!(gathering.wait(&asks(1), &[]), None, "that was before");
    }

    #[test]
    fn no_turn_waits_that_holds_somebody_up() {
        let (reply, _answer) = oneshot::channel();
        let urgent = [ask(true), Job::Stop, Job::Status(reply)];
        for job in urgent {
            let mut gathering = Gathering::default();
            gathering.note(100);
            assert_eq!(gathering.wait(&[ask(false), job], &[]), None);
        }
    }

    #[test]
    fn more_are_taken_until_they_are_enough_or_somebody_must_not_wait() {
        let (sender, jobs) = std::sync::mpsc::channel();
        let take = |sent: Vec<Job>, few| {
            sent.into_iter().for_each(|job| sender.send(job).unwrap());
            let mut batch = asks(12);
            gather(&jobs, &mut batch, Wait { time: Duration::from_millis(5), few });
            (batch.len(), jobs.try_iter().count())
        };
        assert_eq!(take(asks(30), 32), (42, 0));
        assert_eq!(take(vec![ask(true), ask(false)], 32), (14, 0));
        assert_eq!(take(vec![Job::Stop], 32), (13, 0));
        assert_eq!(take(vec![], 32), (12, 0), "in its time");
        assert_eq!(take(asks(2), 12), (12, 2), "they were enough");
        assert_eq!(take(asks(400), 300), (MAX_BATCH, 12 + 400 - MAX_BATCH));
    }
}
