//! Partners' nodes that are not served for a while: after a session in which one broke a rule that an honest node never
//! breaks, so that what it does costs us a handshake now and then and no more. LNK-36

use crate::sync::lock;
use relto_host::tls::identity::Identity;
use std::{collections::BTreeMap, sync::Mutex};

/// The first pause in milliseconds; it doubles with each further session of the kind.
const FIRST: u64 = 5_000;
/// The longest: six attempts per hour.
const LONGEST: u64 = 600_000;
/// After a session of so many milliseconds the pauses begin anew at [`FIRST`].
const WELL: u64 = 60_000;

struct Pause {
    until: u64,
    next: u64,
}

/// By node. Only a node that node.toml names and whose session was proven comes to stand here.
#[derive(Default)]
pub(crate) struct Pauses(Mutex<BTreeMap<(String, String), Pause>>);

fn key(of: &Identity) -> (String, String) {
    (of.nation.to_string(), of.name.clone())
}

impl Pauses {
    /// A proven session ended after `lasted` milliseconds, because the partner broke such a rule or not.
    pub(crate) fn ended(&self, of: &Identity, broke: bool, lasted: u64, now: u64) {
        let mut pauses = lock(&self.0);
        if broke {
            let pause = pauses.entry(key(of)).or_insert(Pause { until: now, next: FIRST });
            pause.until = now.saturating_add(pause.next);
            pause.next = pause.next.saturating_mul(2).min(LONGEST);
        } else if lasted >= WELL {
            pauses.remove(&key(of));
        }
    }

    /// Milliseconds for which this node is not served.
    #[must_use]
    pub(crate) fn left(&self, of: &Identity, now: u64) -> u64 {
        lock(&self.0).get(&key(of)).map_or(0, |pause| pause.until.saturating_sub(now))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lnk_36_who_breaks_the_rules_again_and_again_is_served_ever_more_seldom() {
        let (pauses, node) = (Pauses::default(), Identity::parse("relto://XAA/node/xaa-1").unwrap());
        let (mut now, mut sessions) = (0, 0);
        while now < 24 * 3_600_000 {
            pauses.ended(&node, true, 100, now);
            assert!(pauses.left(&node, now) > 0);
            now += pauses.left(&node, now);
            sessions += 1;
        }
        assert!((140..=155).contains(&sessions), "{sessions} in a day");
        assert_eq!(pauses.left(&node, now), 0);
        assert_eq!(pauses.left(&Identity::parse("relto://XBB/node/xbb-1").unwrap(), 0), 0);
        pauses.ended(&node, false, WELL - 1, now);
        pauses.ended(&node, true, 1, now);
        assert_eq!(pauses.left(&node, now), LONGEST, "a short session that ends well forgives nothing");
        pauses.ended(&node, false, WELL, now);
        pauses.ended(&node, true, 1, now);
        assert_eq!(pauses.left(&node, now), FIRST);
    }
}
