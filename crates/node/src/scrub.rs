//! After a start: what its fold stood for is read after all, and every body, slowly and beside all else. STO-9

use crate::{hub::fatal, scrubbed::Scrubbed};
use relto_audit::{leaf::Head, origin::Origin, tree::Frontier};
use relto_exchange::{
    exchange::Folded,
    store::{Key, Reader, Row, StoreError},
};
use relto_host::{
    clock::Stopwatch,
    store::{SqliteReader, Unread},
};
use std::time::Duration;

/// Rows that are read at once.
const PAGE: usize = 256;
/// It rests so many times as long as it has worked: a tenth of a core.
const REST: u32 = 9;
/// And no shorter than this, so that a short page wakes nobody often.
const LEAST_REST: Duration = Duration::from_millis(1);
/// Damaged bodies that are named in the log; all are counted.
const NAMED: u64 = 16;

/// Logs by the fold that a start went on from, and the logs whose bodies are read, with their sizes.
pub(crate) struct Scrub {
    pub(crate) logs: Vec<Folded>,
    pub(crate) bodies: Vec<(Origin, u64)>,
}

impl Scrub {
    /// All of it, once. A log that does not lead to its fold ends the process; a body that does not open is told.
    pub(crate) fn run(&self, reader: &SqliteReader, scrubbed: &Scrubbed) {
        let all = self.logs.iter().map(|log| log.head.size).chain(self.bodies.iter().map(|(_, size)| *size));
        scrubbed.begin(all.sum());
        for log in &self.logs {
            match leads_to(reader, log, |rows, worked| {
                scrubbed.add(rows);
                rest(worked);
            }) {
                Ok(true) => {}
                Ok(false) => fatal(&StoreError::Fatal(
                    "a log does not lead to what the fold of memory says of it: run relto audit verify",
                )),
                Err(fault) => fatal(&fault),
            }
        }
        for (log, size) in &self.bodies {
            bodies(reader, *log, *size, scrubbed);
        }
        let [read, _, damaged] = scrubbed.figures();
        tracing::info!(read, damaged, "the whole store was read in the background");
    }
}

fn rest(worked: Duration) {
    std::thread::sleep(worked.saturating_mul(REST).max(LEAST_REST));
}

/// Whether the leaves of a log come to its root at the fold; `then` is told of each page and how long it took.
fn leads_to(reader: &dyn Reader, log: &Folded, mut then: impl FnMut(usize, Duration)) -> Result<bool, StoreError> {
    let Head { size, root } = log.head;
    let mut frontier = Frontier::new();
    while frontier.size() < size {
        let since = Stopwatch::start();
        let limit = usize::try_from(size.saturating_sub(frontier.size())).unwrap_or(PAGE).min(PAGE);
        let rows = reader.scan(&log.key(frontier.size()), &log.key(size), limit)?;
        for (key, row) in &rows {
            match row {
                Row::Bytes(leaf) if *key == log.key(frontier.size()) => frontier.push(leaf),
                _ => return Ok(false),
            }
        }
        if rows.is_empty() {
            return Ok(false);
        }
        then(rows.len(), since.elapsed());
    }
    Ok(frontier.root() == root)
}

/// Whether every payload and home file opens.
fn bodies(reader: &SqliteReader, log: Origin, size: u64, scrubbed: &Scrubbed) {
    for first in (0..size).step_by(PAGE) {
        let since = Stopwatch::start();
        let last = first.saturating_add(u64::try_from(PAGE).unwrap_or(0)).min(size);
        for index in first..last {
            for key in [Key::Payload(log, index), Key::Home(log, index)] {
                match reader.one(&key) {
                    Ok(_) => {}
                    Err(Unread::Database(_)) => fatal(&StoreError::Fatal("the database could not be read")),
                    Err(fault) => tell(&key, &fault, scrubbed),
                }
            }
        }
        scrubbed.add(usize::try_from(last.saturating_sub(first)).unwrap_or(0));
        rest(since.elapsed());
    }
}

fn tell(key: &Key, fault: &Unread, scrubbed: &Scrubbed) {
    if scrubbed.count_damaged() <= NAMED {
        tracing::error!(
            ?key,
            %fault,
            alarm = "a stored body does not open",
            "alarm: a stored body does not open; the partner may have it still: relto audit verify tells all"
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    struct Rows(BTreeMap<Key, Row>);

    impl Reader for Rows {
        fn get(&self, keys: &[Key]) -> Result<Vec<Option<Row>>, StoreError> {
            Ok(keys.iter().map(|key| self.0.get(key).cloned()).collect())
        }

        fn scan(&self, from: &Key, to: &Key, limit: usize) -> Result<Vec<(Key, Row)>, StoreError> {
            Ok(self.0.range(from..=to).take(limit).map(|(key, row)| (key.clone(), row.clone())).collect())
        }
    }

    #[test]
    fn sto_9_a_leaf_under_the_fold_that_was_changed_or_taken_out_is_found() {
        let log = Origin::from_bytes([7; 32]);
        for is_journal in [false, true] {
            let mut frontier = Frontier::new();
            let folded = |head| Folded { log, is_journal, head };
            let key = |at| folded(Head { size: 0, root: frontier_root() }).key(at);
            let leaf = |at: u64| at.to_le_bytes().to_vec();
            let rows: BTreeMap<Key, Row> = (0..700).map(|at| (key(at), Row::Bytes(leaf(at)))).collect();
            (0..600).for_each(|at| frontier.push(&leaf(at)));
            let folded = folded(Head { size: 600, root: frontier.root() });
            let mut pages = Vec::new();
            assert_eq!(leads_to(&Rows(rows.clone()), &folded, |rows, _| pages.push(rows)), Ok(true));
            assert_eq!(pages, [256, 256, 88]);
            for at in [0, 255, 256, 599] {
                let mut other = rows.clone();
                other.insert(key(at), Row::Bytes(leaf(at + 1)));
                assert_eq!(leads_to(&Rows(other.clone()), &folded, |_, _| {}), Ok(false), "{at}");
                other.remove(&key(at));
                assert_eq!(leads_to(&Rows(other), &folded, |_, _| {}), Ok(false), "{at}");
            }
            // Behind the fold a start has looked itself.
            let mut other = rows;
            other.remove(&key(600));
            assert_eq!(leads_to(&Rows(other), &folded, |_, _| {}), Ok(true));
        }
    }

    fn frontier_root() -> relto_report::digest::Digest {
        Frontier::new().root()
    }
}
