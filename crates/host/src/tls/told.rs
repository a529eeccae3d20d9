//! Reasons of refused certificates in the log: anybody may show any certificate, as often as they like. API-38

use std::{
    collections::BTreeSet,
    sync::{Mutex, PoisonError},
};

/// Milliseconds after which the same reason is written again.
const MINUTE: u64 = 60_000;
/// Lines of one minute. Each names a certificate, of which anybody makes as many as they like: 32 of 300 bytes are 160
/// bytes a second. That a handshake was refused, and whence, the node tells beside this.
const LINES: usize = 32;

struct State {
    since: u64,
    texts: BTreeSet<String>,
    hushed: u64,
}

/// What was written in this minute.
pub(super) struct Told(Mutex<State>);

impl Told {
    pub(super) const fn new() -> Self {
        Self(Mutex::new(State { since: 0, texts: BTreeSet::new(), hushed: 0 }))
    }

    /// Whether this is to be written now, and then how many were not since the last minute's first; `now` is monotonic
    /// milliseconds.
    pub(super) fn is_new(&self, text: &str, now: u64) -> Option<u64> {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut before = 0;
        if now.saturating_sub(state.since) >= MINUTE {
            before = state.hushed;
            *state = State { since: now, texts: BTreeSet::new(), hushed: 0 };
        }
        if state.texts.len() < LINES && state.texts.insert(text.to_owned()) {
            return Some(before);
        }
        state.hushed = state.hushed.saturating_add(1);
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn api_38_certificates_fill_no_log() {
        let told = Told::new();
        let written = (0..10_000).filter(|n| told.is_new(&format!("certificate {n}"), 1).is_some()).count();
        assert_eq!(written, LINES);
        assert_eq!(told.is_new("another", MINUTE), Some(10_000 - 32), "and how many there were");
        assert_eq!(told.is_new("another", MINUTE + 1), None, "once a minute");
        assert_eq!(told.is_new("another", 2 * MINUTE), Some(1));
    }
}
