//! Lines of the log that others cause. The first of its kind is written at once; what repeats it is counted and told once
//! a minute with its number, so that nobody fills the log's disk or hides in it what others do.

use crate::sync::lock;
use relto_report::nation::Nation;
use std::{
    collections::BTreeMap,
    fmt,
    net::IpAddr,
    sync::{Mutex, atomic::AtomicU64, atomic::Ordering},
};

/// What happened.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Kind {
    /// A connection to the client API was refused or ended.
    Client,
    /// A handshake on the link port was refused.
    Handshake,
    /// A partner's node was turned away before its HELLO.
    Partner,
    /// A partner broke the protocol.
    Broken,
    /// A session ended that was never proven.
    Unproven,
    /// A session was proven, or a proven one ended.
    Session,
    /// A partner's node was not reached.
    NotReached,
}

impl Kind {
    /// Lines that are written before the rest is counted. What is news of its own each time has some.
    const fn at_once(self) -> u64 {
        match self {
            Self::Session => 64,
            Self::Client | Self::Handshake | Self::Partner | Self::Broken | Self::Unproven | Self::NotReached => 1,
        }
    }

    const fn words(self) -> &'static str {
        match self {
            Self::Client => "client connection refused",
            Self::Handshake => "link handshake refused",
            Self::Partner => "link connection refused",
            Self::Broken => "link closed: the partner broke the protocol",
            Self::Unproven => "session ended before it was proven",
            Self::Session => "a session came or went",
            Self::NotReached => "partner not reached",
        }
    }
}

/// Who caused it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Cause {
    /// A network: see [`crate::pool::place`].
    Network(IpAddr),
    /// An account of ours.
    Account(String),
    /// A partner's node.
    Node(Nation, String),
    /// All that have no row of their own.
    Others,
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Network(network @ IpAddr::V4(_)) => write!(f, "{network}/24"),
            Self::Network(network @ IpAddr::V6(_)) => write!(f, "{network}/48"),
            Self::Account(name) => write!(f, "account {name}"),
            Self::Node(nation, name) => write!(f, "relto://{nation}/node/{name}"),
            Self::Others => f.write_str("others"),
        }
    }
}

/// Between two lines about the same, milliseconds.
const MINUTE: u64 = 60_000;
/// Rows of the table, beyond which all is one row per kind: 256 lines of some 200 bytes per minute are under 1 KiB per second.
const ROWS: usize = 256;
/// Reasons of one cause that have a row each; the others have one together. One address then writes 16 lines at once and
/// 17 per minute, whatever it sends.
const REASONS: usize = 16;
/// Characters of a reason that are kept.
const REASON: usize = 160;

struct Seen {
    since: u64,
    written: u64,
    repeats: u64,
}

type Row = (Kind, Cause, String);

/// What was written, and how often it came again.
#[derive(Default)]
pub(crate) struct Quiet {
    rows: Mutex<BTreeMap<Row, Seen>>,
    hushed: AtomicU64,
}

impl Quiet {
    /// Whether a line about this is to be written now; if not, it is counted. `now` is monotonic milliseconds.
    #[must_use]
    pub(crate) fn is_new(&self, kind: Kind, cause: Cause, reason: &str, now: u64) -> bool {
        let mut rows = lock(&self.rows);
        let mut row = (kind, cause, reason.chars().take(REASON).collect::<String>());
        if !rows.contains_key(&row) {
            let of_cause = |(one, by, _): &&Row| *one == kind && *by == row.1;
            if rows.len() >= ROWS {
                row = (kind, Cause::Others, String::new());
            } else if rows.keys().filter(of_cause).count() >= REASONS {
                row.2 = String::new();
            }
        }
        match rows.get_mut(&row) {
            Some(seen) if seen.written < kind.at_once() => {
                seen.written = seen.written.saturating_add(1);
                true
            }
            Some(seen) => {
                seen.repeats = seen.repeats.saturating_add(1);
                self.hushed.fetch_add(1, Ordering::Relaxed);
                false
            }
            None => {
                rows.insert(row, Seen { since: now, written: 1, repeats: 0 });
                true
            }
        }
    }

    /// Once in a while: what came again since its last line, each once per minute.
    pub(crate) fn sweep(&self, now: u64) -> Vec<Again> {
        let mut out = Vec::new();
        lock(&self.rows).retain(|(kind, cause, reason), seen| {
            if now.saturating_sub(seen.since) < MINUTE {
                return true;
            }
            let times = std::mem::take(&mut seen.repeats);
            seen.since = now;
            if times > 0 {
                out.push(Again { kind: *kind, cause: cause.clone(), reason: reason.clone(), times });
            }
            times > 0
        });
        out
    }

    /// Lines that were counted and not written.
    #[must_use]
    pub(crate) fn hushed(&self) -> u64 {
        self.hushed.load(Ordering::Relaxed)
    }
}

/// What came again.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Again {
    kind: Kind,
    cause: Cause,
    reason: String,
    times: u64,
}

impl Again {
    /// Writes its line.
    pub(crate) fn tell(&self) {
        let (from, reason, times) = (&self.cause, &self.reason, self.times);
        tracing::warn!(%from, %reason, times, "in the last minute again: {}", self.kind.words());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn network(n: u8) -> Cause {
        Cause::Network(IpAddr::from([10, 0, n, 0]))
    }

    #[test]
    fn api_38_the_first_is_told_at_once_and_the_rest_once_a_minute() {
        let quiet = Quiet::default();
        assert!(quiet.is_new(Kind::Client, network(1), "no certificate", 0));
        for n in 0..5_000 {
            assert!(!quiet.is_new(Kind::Client, network(1), "no certificate", n));
        }
        assert!(quiet.is_new(Kind::Client, network(2), "no certificate", 10), "of another network");
        assert!(quiet.is_new(Kind::Handshake, network(1), "no certificate", 10), "another kind");
        let node = || Cause::Node(Nation::parse("XBB").unwrap(), "xbb-1".to_owned());
        let sessions = (0..500).filter(|n| quiet.is_new(Kind::Session, node(), "", *n)).count();
        assert_eq!(sessions, 64);
        assert_eq!(quiet.sweep(MINUTE - 1), []);
        let told = quiet.sweep(MINUTE);
        assert_eq!(told.len(), 2, "what did not come again is not told again: {told:?}");
        assert_eq!((told[0].times, told[0].cause.to_string()), (5_000, "10.0.1.0/24".to_owned()));
        assert!(!quiet.is_new(Kind::Client, network(1), "no certificate", MINUTE + 5), "still one a minute");
        assert_eq!(quiet.sweep(2 * MINUTE).len(), 1);
        assert_eq!(quiet.sweep(4 * MINUTE), []);
        assert!(quiet.is_new(Kind::Client, network(1), "no certificate", 4 * MINUTE), "after a quiet minute it is new");
        assert_eq!(quiet.hushed(), 5_001 + 436);
    }

    #[test]
    fn api_38_neither_many_reasons_nor_many_networks_write_more() {
        let quiet = Quiet::default();
        let written = (0..10_000).filter(|n| quiet.is_new(Kind::Client, network(1), &n.to_string(), 0)).count();
        assert_eq!(written, REASONS + 1, "one cause");
        let all = (0..=255_u8).flat_map(|n| (0..50).map(move |m| (n, m)));
        let written = all.filter(|(n, m)| quiet.is_new(Kind::Handshake, network(*n), &m.to_string(), 0)).count();
        assert!(written <= ROWS, "{written}");
        assert!(quiet.sweep(MINUTE).len() <= ROWS + 6);
    }
}
