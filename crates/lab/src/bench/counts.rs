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
}

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
        Ok(Self { turns: value("relto_turns_total")?, heads: value("relto_checkpoints_total")? })
    }

    /// What they grew by.
    pub(super) const fn since(self, before: Self) -> Self {
        Self { turns: self.turns.saturating_sub(before.turns), heads: self.heads.saturating_sub(before.heads) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counters_are_found_among_others() {
        let text = "HTTP/1.1 200 OK\r\n\r\n# TYPE relto_turns_total counter\nrelto_turns_total 17\n\
                    relto_turns_total_other 3\nrelto_checkpoints_total 5\n";
        let read = Counts::parse(text).unwrap();
        assert_eq!(read, Counts { turns: 17, heads: 5 });
        assert_eq!(read.since(Counts { turns: 10, heads: 5 }), Counts { turns: 7, heads: 0 });
        assert!(Counts::parse("relto_turns_total 17").is_err());
    }
}
