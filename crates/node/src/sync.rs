//! Locks of a process that ends with its first panic.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// A panic under a lock ends the process, so a poisoned lock is never seen by work that goes on.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
