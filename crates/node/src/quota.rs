//! How much of something is taken at once: in all, and for each who asks. Beyond that there is no waiting: the asker is
//! turned away, so that one peer or account cannot take what others need.

use crate::sync::lock;
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

/// Counts what is held, in any unit.
pub(crate) struct Quota<K: Ord + Clone> {
    held: Mutex<(usize, BTreeMap<K, usize>)>,
    all: usize,
    each: usize,
}

impl<K: Ord + Clone> Quota<K> {
    /// A quota that lets `all` in, and no more than `each` of one who asks.
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
        Some(Pass { quota: self.clone(), who, weight })
    }
}

/// What was let in; dropping it gives it back.
pub(crate) struct Pass<K: Ord + Clone> {
    quota: Arc<Quota<K>>,
    who: K,
    weight: usize,
}

impl<K: Ord + Clone> Drop for Pass<K> {
    fn drop(&mut self) {
        let (held, by) = &mut *lock(&self.quota.held);
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
        let quota = Quota::new(5, 3);
        let first = quota.enter("a", 3).unwrap();
        assert!(quota.enter("a", 1).is_none(), "its own share is used up");
        let second = quota.enter("b", 2).unwrap();
        assert!(quota.enter("c", 1).is_none(), "all is used up");
        drop(first);
        let third = quota.enter("a", 3).unwrap();
        drop((second, third));
        assert!(quota.enter("c", 4).is_none(), "too much for anyone");
        assert_eq!(*lock(&quota.held), (0, BTreeMap::new()));
    }
}
