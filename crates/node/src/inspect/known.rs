//! What was found in the last hour. In memory alone: after a restart everything is looked at anew.

use relto_report::{
    assessment::Report,
    crypto::sha256,
    digest::Digest,
    inspection::{Seen, VERSION, ending},
};
use std::collections::{BTreeMap, VecDeque};

/// Findings kept: an attachment each, more than a node has drafts and payloads that wait.
const MAX_KEPT: usize = 65_536;
/// Milliseconds for which findings are good.
pub const KEPT: u64 = 3_600_000;

/// Findings by attachment.
#[derive(Default)]
pub struct Known {
    found: BTreeMap<Digest, (u64, Seen)>,
    order: VecDeque<(Digest, u64)>,
}

/// What an attachment of a report is known by: its bytes, the ending of its name, the version of the inspector, and what
/// the same inspector may have read before it, which may have taken it over.
#[must_use]
pub fn key(report: &Report, n: usize) -> Option<Digest> {
    let one = report.attachments.get(n)?;
    let mut text = VERSION.to_le_bytes().to_vec();
    text.extend(report.attachments.iter().take(n).flat_map(|before| *before.sha256.as_bytes()));
    Some(sha256(&[&text, one.sha256.as_bytes(), ending(&one.name).as_bytes()]))
}

impl Known {
    /// What was found, where that is not older than an hour.
    #[must_use]
    pub fn get(&self, key: &Digest, now: u64) -> Option<Seen> {
        let (since, seen) = self.found.get(key)?;
        (now.saturating_sub(*since) < KEPT).then(|| seen.clone())
    }

    /// Keeps what was found now.
    pub fn keep(&mut self, key: Digest, seen: Seen, now: u64) {
        self.found.insert(key, (now, seen));
        self.order.push_back((key, now));
        while let Some((oldest, since)) = self.order.front().copied() {
            if self.order.len() <= MAX_KEPT && now.saturating_sub(since) < KEPT {
                return;
            }
            self.order.pop_front();
            // It may have been found again since.
            if self.found.get(&oldest).is_some_and(|(at, _)| *at == since) {
                self.found.remove(&oldest);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use relto_report::inspection::Uninspectable;

    #[test]
    fn findings_are_good_for_an_hour_and_no_more_are_kept_than_fit() {
        let mut known = Known::default();
        let key = |n: usize| sha256(&[&n.to_le_bytes()]);
        let seen: Seen = Err(Uninspectable::Time);
        known.keep(key(0), seen.clone(), 10);
        assert_eq!(known.get(&key(0), 10 + KEPT - 1), Some(seen.clone()));
        assert_eq!(known.get(&key(0), 10 + KEPT), None);
        known.keep(key(0), seen.clone(), 20);
        known.keep(key(1), seen.clone(), 10 + KEPT);
        assert_eq!(known.get(&key(0), 10 + KEPT), Some(seen.clone()), "found again since");
        for n in 0..MAX_KEPT + 5 {
            known.keep(key(n), seen.clone(), 10 + KEPT);
        }
        assert!(known.found.len() <= MAX_KEPT && known.order.len() <= MAX_KEPT);
    }
}
