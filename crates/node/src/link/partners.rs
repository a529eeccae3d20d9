//! Where partners come from: the addresses that node.toml says to dial, and those from which a session was proven. Their
//! handshakes have a pool of their own. An address proves nothing; who forges one competes with that partner alone.
//! LNK-34

use crate::{hub::Hub, sync::lock};
use std::{
    collections::{BTreeSet, VecDeque},
    net::{IpAddr, SocketAddr},
    sync::Mutex,
    time::Duration,
};
use tokio::{
    sync::watch,
    time::{sleep, timeout},
};

/// Between two looks at what the names in node.toml stand for.
const LOOK: Duration = Duration::from_secs(60);
/// One name.
const ANSWER: Duration = Duration::from_secs(5);
/// Addresses that are kept of one name.
const OF_A_NAME: usize = 8;
/// Addresses of proven sessions that are kept; the oldest go.
const LEARNED: usize = 64;

#[derive(Default)]
struct Known {
    named: BTreeSet<IpAddr>,
    learned: VecDeque<IpAddr>,
}

/// Addresses of partners.
#[derive(Default)]
pub(super) struct Partners(Mutex<Known>);

impl Partners {
    /// Whether a connection comes from where a partner is.
    pub(super) fn has(&self, from: SocketAddr) -> bool {
        let (known, address) = (lock(&self.0), from.ip().to_canonical());
        known.named.contains(&address) || known.learned.contains(&address)
    }

    /// A session from there was proven.
    pub(super) fn learn(&self, from: SocketAddr) {
        let (mut known, address) = (lock(&self.0), from.ip().to_canonical());
        known.learned.retain(|one| *one != address);
        known.learned.push_back(address);
        if known.learned.len() > LEARNED {
            known.learned.pop_front();
        }
    }

    fn take(&self, mut found: BTreeSet<IpAddr>, whole: bool) {
        let mut known = lock(&self.0);
        if !whole {
            found.extend(known.named.iter().take(LEARNED));
        }
        known.named = found;
    }

    /// Looks up the names in node.toml until told to stop. A name that gives no answer keeps what it stood for.
    pub(super) async fn look_up(&self, hub: &Hub, mut stop: watch::Receiver<bool>) {
        loop {
            let mut found = BTreeSet::new();
            let mut whole = true;
            for name in hub.files.iter().filter_map(|file| file.dial.as_ref()) {
                match timeout(ANSWER, tokio::net::lookup_host(name)).await {
                    Ok(Ok(addresses)) => {
                        found.extend(addresses.take(OF_A_NAME).map(|address| address.ip().to_canonical()));
                    }
                    _ => whole = false,
                }
            }
            self.take(found, whole);
            tokio::select! {
                () = sleep(LOOK) => {}
                _ = stop.changed() => return,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lnk_34_where_a_session_was_proven_a_partner_is() {
        let partners = Partners::default();
        let at = |n: u8| SocketAddr::from(([10, 0, 0, n], 7411));
        assert!(!partners.has(at(1)));
        for n in 0..=u8::MAX {
            partners.learn(at(n));
            partners.learn(at(1));
        }
        assert!(partners.has(at(1)) && partners.has(at(u8::MAX)) && !partners.has(at(2)));
        assert_eq!(lock(&partners.0).learned.len(), LEARNED);
    }
}
