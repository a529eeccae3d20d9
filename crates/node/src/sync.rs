//! Locks of a process that ends with its first panic.

use relto_exchange::store::{Key, Reader, Row, StoreError};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// A panic under a lock ends the process, so a poisoned lock is never seen by work that goes on.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A reader that many use, each for one reading at a time: who reads much keeps nobody waiting.
pub(crate) struct Locked<'a, R>(pub &'a Mutex<R>);

impl<R: Reader> Reader for Locked<'_, R> {
    fn get(&self, keys: &[Key]) -> Result<Vec<Option<Row>>, StoreError> {
        lock(self.0).get(keys)
    }

    fn scan(&self, from: &Key, to: &Key, limit: usize) -> Result<Vec<(Key, Row)>, StoreError> {
        lock(self.0).scan(from, to, limit)
    }
}
