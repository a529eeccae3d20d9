//! After a start: what its fold stood for is read after all, and every row of a report, slowly and beside all else. STO-9

use crate::scrubbed::Scrubbed;
use relto_audit::{
    commitment::{SALT, SALT_BYTES},
    origin::Origin,
};
use relto_exchange::{
    exchange::{Folded, KnownSerials},
    parts::Parts,
    ready::parts::length_of_head,
    store::{Key, Row},
};
use relto_host::{
    clock::Stopwatch,
    store::{SqliteReader, Unread},
};
use std::time::Duration;

/// It works no longer than this, and then rests so many times as long: a tenth of a core.
const WORK: Duration = Duration::from_millis(2);
const REST: u32 = 9;
/// Damaged rows that are named in the log; all are counted.
const NAMED: u64 = 16;

/// What a log that does not lead to its fold is told as.
pub(crate) const DIFFERS: &str = "a log does not lead to what the fold of memory says of it: run relto audit verify";

/// Logs by the fold that a start went on from, and the logs whose reports are read, with their sizes.
pub(crate) struct Scrub {
    pub(crate) logs: Vec<Folded>,
    /// Each with whether it is ours.
    pub(crate) reports: Vec<(Origin, bool, u64)>,
    /// Serials at the start.
    pub(crate) serials: KnownSerials,
}

/// Work and rest.
struct Pace(Stopwatch);

impl Pace {
    fn begin() -> Self {
        Self(Stopwatch::start())
    }

    /// Rests where it has worked for long enough.
    fn rest(&mut self) {
        let worked = self.0.elapsed();
        if worked >= WORK {
            std::thread::sleep(worked.saturating_mul(REST));
            self.0 = Stopwatch::start();
        }
    }
}

impl Scrub {
    /// All of it, once. Whether each log leads to its fold; a row that does not open is told.
    pub(crate) fn run(&self, reader: &SqliteReader, scrubbed: &Scrubbed) -> bool {
        let all = self.logs.iter().map(|log| log.head.size).chain(self.reports.iter().map(|(.., size)| *size));
        scrubbed.begin(all.sum());
        let mut pace = Pace::begin();
        for log in &self.logs {
            let then = |rows| {
                scrubbed.add(rows);
                pace.rest();
            };
            match log.leads_to(reader, then) {
                Ok(true) => {}
                Ok(false) => return false,
                // It may pass; a start that has to read it ends.
                Err(fault) => tell(&log.key(0), &fault.to_string(), scrubbed),
            }
        }
        for (log, ours, size) in &self.reports {
            for index in 0..*size {
                self.report(reader, (*log, *ours, index), scrubbed);
                scrubbed.add(1);
                pace.rest();
            }
        }
        let [read, _, damaged] = scrubbed.figures();
        tracing::info!(read, damaged, "the whole store was read in the background");
        true
    }

    /// Whether every row of a leaf opens, and its serial is on record.
    fn report(&self, reader: &SqliteReader, (log, ours, index): (Origin, bool, u64), scrubbed: &Scrubbed) {
        let row = if ours { Key::Outbox(log, index) } else { Key::Inbox(log, index) };
        let others = [Key::Payload(log, index), Key::Home(log, index), Key::Detail(log, index)];
        let [payload, ..] = others.map(|key| open(reader, &key, scrubbed));
        let row_found = open(reader, &row, scrubbed);
        let parts = match &row_found {
            Some(Row::Outbox(row)) => Parts::Uploaded(row.submission),
            _ => Parts::Spooled(log, index),
        };
        if let Some(Row::Bytes(payload)) = payload {
            read_parts(reader, (&payload, parts), scrubbed);
        }
        let serial = match row_found {
            Some(Row::Outbox(row)) if row.statement.is_none() => {
                drop(open(reader, &Key::Submission(row.submission), scrubbed));
                row.serial
            }
            Some(Row::Inbox(row)) if !row.serial.is_empty() => row.serial,
            _ => return,
        };
        match self.serials.has(reader, &serial, log, index) {
            Ok(true) => {}
            Ok(false) => tell(&row, "the row of its serial is gone", scrubbed),
            Err(fault) => tell(&row, &fault.to_string(), scrubbed),
        }
    }
}

/// Reads what of a long payload stands in parts.
fn read_parts(reader: &SqliteReader, (payload, parts): (&[u8], Parts), scrubbed: &Scrubbed) {
    let Some(length) = length_of_head(payload.get(SALT..).unwrap_or_default()) else { return };
    let salt = if matches!(parts, Parts::Spooled(..)) { SALT_BYTES } else { 0 };
    let mut pace = Pace::begin();
    for offset in (0..length.saturating_add(salt)).step_by(parts.size()) {
        let key = parts.key(offset);
        if open(reader, &key, scrubbed).is_none() {
            tell(&key, "a part of a long payload is gone", scrubbed);
        }
        pace.rest();
    }
}

/// The row at a key, where there is one that opens.
fn open(reader: &SqliteReader, key: &Key, scrubbed: &Scrubbed) -> Option<Row> {
    reader.one(key).unwrap_or_else(|fault: Unread| {
        tell(key, &fault.to_string(), scrubbed);
        None
    })
}

fn tell(key: &Key, fault: &str, scrubbed: &Scrubbed) {
    if scrubbed.count_damaged() <= NAMED {
        let alarm =
            "alarm: a stored row is not whole; the partner may have its report still: relto audit verify tells all";
        tracing::error!(?key, %fault, "{alarm}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use relto_audit::{leaf::Head, tree::Frontier};
    use relto_exchange::store::{Reader, StoreError};
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
            assert_eq!(folded.leads_to(&Rows(rows.clone()), |rows| pages.push(rows)), Ok(true));
            assert_eq!(pages, [256, 256, 88]);
            for at in [0, 255, 256, 599] {
                let mut other = rows.clone();
                other.insert(key(at), Row::Bytes(leaf(at + 1)));
                assert_eq!(folded.leads_to(&Rows(other.clone()), |_| {}), Ok(false), "{at}");
                other.remove(&key(at));
                assert_eq!(folded.leads_to(&Rows(other), |_| {}), Ok(false), "{at}");
            }
            // Behind the fold a start has looked itself.
            let mut other = rows;
            other.remove(&key(600));
            assert_eq!(folded.leads_to(&Rows(other), |_| {}), Ok(true));
        }
    }

    fn frontier_root() -> relto_report::digest::Digest {
        Frontier::new().root()
    }
}
