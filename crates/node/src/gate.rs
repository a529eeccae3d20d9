//! How much of something is taken at once: in all, and for each who asks. Beyond that there is no waiting: the asker is
//! turned away, so that one peer or account cannot take what others need.

use crate::sync::lock;
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

/// Counts what is held, in any unit.
pub(crate) struct Gate<K: Ord + Clone> {
    held: Mutex<(usize, BTreeMap<K, usize>)>,
    all: usize,
    each: usize,
}

impl<K: Ord + Clone> Gate<K> {
    /// A gate that lets `all` in, and no more than `each` of one who asks.
    #[must_use]
    pub(crate) fn new(all: usize, each: usize) -> Arc<Self> {
        Arc::new(Self { held: Mutex::new((0, BTreeMap::new())), all, each })
    }

    /// Lets `weight` in until the pass is dropped; `None` where that is too much.
    #[must_use]
    pub(crate) fn enter(self: &Arc<Self>, who: K, weight: usize) -> Option<Pass<K>> {
        let (held, by) = &mut *lock(&self.held);
        let own = by.get(&who).copied().unwrap_or(0).saturating_add(weight);
        let all = held.saturating_add(weight);
        if own > self.each || all > self.all {
            return None;
        }
        *held = all;
        by.insert(who.clone(), own);
        Some(Pass { gate: self.clone(), who, weight })
    }
}

/// What was let in; dropping it gives it back.
pub(crate) struct Pass<K: Ord + Clone> {
    gate: Arc<Gate<K>>,
    who: K,
    weight: usize,
}

impl<K: Ord + Clone> Drop for Pass<K> {
    fn drop(&mut self) {
        let (held, by) = &mut *lock(&self.gate.held);
        *held = held.saturating_sub(self.weight);
        let left = by.get(&self.who).copied().unwrap_or(0).saturating_sub(self.weight);
        if left == 0 {
            by.remove(&self.who);
        } else {
            by.insert(self.who.clone(), left);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_takes_what_others_need() {
        let gate = Gate::new(5, 3);
        let first = gate.enter("a", 3).unwrap();
        assert!(gate.enter("a", 1).is_none(), "its own share is used up");
        let second = gate.enter("b", 2).unwrap();
        assert!(gate.enter("c", 1).is_none(), "all is used up");
        drop(first);
        let third = gate.enter("a", 3).unwrap();
        drop((second, third));
        assert!(gate.enter("c", 4).is_none(), "too much for anyone");
        assert_eq!(*lock(&gate.held), (0, BTreeMap::new()));
    }
}
