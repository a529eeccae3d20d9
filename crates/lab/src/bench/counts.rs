//! What a node counts of itself: transactions and signed heads, of which each costs a flush at most.

use crate::lab::ports::free_ports;
use anyhow::{Context as _, Result};
use std::{
    fs,
    io::{Read as _, Write as _},
    net::TcpStream,
    path::Path,
    time::Duration,
};

/// How long a node may take to tell.
const PATIENCE: Duration = Duration::from_secs(10);

/// A node's counters so far, or what they grew by.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub(super) struct Counts {
    /// Transactions of the store.
    pub(super) turns: u64,
    /// Heads that were signed for the head file.
    pub(super) heads: u64,
    /// Payloads that were answered within so many microseconds of their last byte.
    pub(super) within: [u64; WITHIN.len()],
    /// All that were answered.
    pub(super) answered: u64,
}

/// The bounds that a node counts by, microseconds.
const WITHIN: [u64; 10] = [500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000, 200_000, 1_000_000];

/// Has each nation's node tell its counters; gives the ports. Before the nodes are started.
pub(super) fn listen(dir: &Path, nations: &[&str]) -> Result<Vec<u16>> {
    let ports = free_ports(nations.len())?;
    for (nation, port) in nations.iter().zip(&ports) {
        let file = dir.join(nation).join("node.toml");
        let text = fs::read_to_string(&file)?;
        let with = text.replacen("[listen]\n", &format!("[listen]\nmetrics = \"127.0.0.1:{port}\"\n"), 1);
        fs::write(&file, with)?;
    }
    Ok(ports)
}

impl Counts {
    /// Asks the node.
    pub(super) fn of(port: u16) -> Result<Self> {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).context("the node tells no counters")?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.write_all(b"GET /metrics HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")?;
        let mut text = String::new();
        stream.read_to_string(&mut text)?;
        Self::parse(&text)
    }

    fn parse(text: &str) -> Result<Self> {
        let value = |name: &str| {
            let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
            line.and_then(|value| value.trim().parse().ok()).with_context(|| format!("the node does not count {name}"))
        };
        let mut within = [0; WITHIN.len()];
        for (count, bound) in within.iter_mut().zip(WITHIN) {
            *count = value(&format!("relto_payload_commit_microseconds_bucket{{le=\"{bound}\"}}"))?;
        }
        let answered = value("relto_payload_commit_microseconds_count")?;
        Ok(Self { turns: value("relto_turns_total")?, heads: value("relto_checkpoints_total")?, within, answered })
    }

    /// What they grew by.
    pub(super) fn since(self, before: Self) -> Self {
        let mut within = self.within;
        within.iter_mut().zip(before.within).for_each(|(now, before)| *now = now.saturating_sub(before));
        Self {
            turns: self.turns.saturating_sub(before.turns),
            heads: self.heads.saturating_sub(before.heads),
            within,
            answered: self.answered.saturating_sub(before.answered),
        }
    }

    /// Microseconds within which 99 of 100 payloads were answered, as the bound of a bucket; nothing where none came, or it is
    /// beyond all.
    pub(super) fn answered_p99(&self) -> Option<u64> {
        let wanted = self.answered.saturating_mul(99).div_ceil(100);
        let mut bounds = self.within.iter().zip(WITHIN);
        bounds.find(|(count, _)| wanted > 0 && **count >= wanted).map(|(_, bound)| bound)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counters_are_found_among_others() {
        let buckets: String = WITHIN
            .iter()
            .map(|bound| {
                let count = if *bound < 5_000 { 90 } else { 99 };
                format!("relto_payload_commit_microseconds_bucket{{le=\"{bound}\"}} {count}\n")
            })
            .collect();
        let text = format!(
            "HTTP/1.1 200 OK\r\n\r\n# TYPE relto_turns_total counter\nrelto_turns_total 17\nrelto_turns_total_other 3\n\
             relto_checkpoints_total 5\n{buckets}relto_payload_commit_microseconds_count 100\n"
        );
        let read = Counts::parse(&text).unwrap();
        assert_eq!((read.turns, read.heads, read.answered, read.answered_p99()), (17, 5, 100, Some(5_000)));
        let grown = read.since(Counts { turns: 10, heads: 5, ..Counts::default() });
        assert_eq!((grown.turns, grown.heads, grown.answered), (7, 0, 100));
        assert_eq!(read.since(read).answered_p99(), None);
        assert!(Counts::parse("relto_turns_total 17").is_err());
    }
}
