//! A store in memory that keeps the promises of [`Store`] and breaks them on demand.

use relto_exchange::store::{Fence, Key, Reader, Row, Store, StoreError, Write};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex},
};

/// How the next commit that it is set for goes wrong.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CommitFault {
    /// Nothing is written and the store says so: the disk is full.
    Full,
    /// Everything is written and the store reports a fault all the same.
    ReportedFailed,
    /// Nothing is written and the store reports a fault.
    NotWritten,
}

#[derive(Default)]
struct Contents {
    rows: BTreeMap<Key, Row>,
    epoch: u64,
}

/// What stays when the process ends.
#[derive(Clone, Default)]
pub struct MemoryDisk(Arc<Mutex<Contents>>);

impl MemoryDisk {
    /// All rows, for putting an old state back.
    #[must_use]
    pub fn rows(&self) -> BTreeMap<Key, Row> {
        self.0.lock().unwrap().rows.clone()
    }

    /// Puts an old state back, as a careless restore from a backup would.
    pub fn restore(&self, rows: BTreeMap<Key, Row>) {
        self.0.lock().unwrap().rows = rows;
    }

    /// Opens the store for writing; what an earlier opener still commits is fenced off.
    #[must_use]
    pub fn open(&self) -> MemoryStore {
        let mut contents = self.0.lock().unwrap();
        contents.epoch += 1;
        let fence = Fence { epoch: contents.epoch };
        drop(contents);
        MemoryStore { disk: self.clone(), fence, poisoned: false, commits: 0, fault: None }
    }
}

/// One opener of a [`MemoryDisk`].
pub struct MemoryStore {
    disk: MemoryDisk,
    fence: Fence,
    poisoned: bool,
    commits: u64,
    fault: Option<(u64, CommitFault)>,
}

impl MemoryStore {
    /// Who may write.
    #[must_use]
    pub const fn fence(&self) -> Fence {
        self.fence
    }

    /// Commits so far.
    #[must_use]
    pub const fn commits(&self) -> u64 {
        self.commits
    }

    /// Lets the `nth` commit from now on go wrong; 0 is the next.
    pub const fn fail(&mut self, nth: u64, fault: CommitFault) {
        self.fault = Some((self.commits + nth, fault));
    }

    fn write(&self, writes: &[Write]) -> Result<(), StoreError> {
        let mut contents = self.disk.0.lock().unwrap();
        // All or none: worked out on a copy of the rows that change.
        let mut changed: BTreeMap<&Key, Option<&Row>> = BTreeMap::new();
        let mut gone: BTreeSet<Key> = BTreeSet::new();
        for write in writes {
            let key = write.key();
            if let Write::EraseAll(from, to) = write {
                let stand: Vec<Key> = contents.rows.range(from..=to).map(|(key, _)| key.clone()).collect();
                gone.extend(stand);
                changed.iter_mut().filter(|(key, _)| (from..=to).contains(key)).for_each(|(_, row)| *row = None);
                continue;
            }
            let stood = || contents.rows.contains_key(key) && !gone.contains(key);
            let stands = changed.get(key).map_or_else(stood, Option::is_some);
            match write {
                Write::Insert(Key::Serial(_), _) if stands => None,
                Write::Insert(_, _) if stands => return Err(StoreError::Fatal("a row stands where a new one must go")),
                Write::Replace(_, _) if !stands => {
                    return Err(StoreError::Fatal("no row stands where one must be changed"));
                }
                Write::Insert(key, row) | Write::Replace(key, row) => changed.insert(key, Some(row)),
                Write::Erase(key) => changed.insert(key, None),
                Write::EraseAll(..) => None,
            };
        }
        gone.iter().for_each(|key| drop(contents.rows.remove(key)));
        for (key, row) in changed {
            match row {
                // Read back as any store gives it.
                Some(Row::Body(body)) => contents.rows.insert(key.clone(), Row::Bytes(body.plain().to_vec())),
                Some(row) => contents.rows.insert(key.clone(), row.clone()),
                None => contents.rows.remove(key),
            };
        }
        Ok(())
    }
}

impl Reader for MemoryStore {
    fn get(&self, keys: &[Key]) -> Result<Vec<Option<Row>>, StoreError> {
        self.disk.get(keys)
    }

    fn scan(&self, from: &Key, to: &Key, limit: usize) -> Result<Vec<(Key, Row)>, StoreError> {
        self.disk.scan(from, to, limit)
    }
}

impl Reader for MemoryDisk {
    fn get(&self, keys: &[Key]) -> Result<Vec<Option<Row>>, StoreError> {
        let contents = self.0.lock().unwrap();
        Ok(keys.iter().map(|key| contents.rows.get(key).cloned()).collect())
    }

    fn scan(&self, from: &Key, to: &Key, limit: usize) -> Result<Vec<(Key, Row)>, StoreError> {
        let contents = self.0.lock().unwrap();
        if from > to {
            return Ok(Vec::new());
        }
        Ok(contents.rows.range(from..=to).take(limit).map(|(key, row)| (key.clone(), row.clone())).collect())
    }
}

impl Store for MemoryStore {
    fn commit(&mut self, fence: Fence, writes: &[Write]) -> Result<(), StoreError> {
        if self.poisoned {
            return Err(StoreError::Fatal("an earlier write failed; the process must end and recover"));
        }
        let nth = self.commits;
        self.commits += 1;
        let fault = self.fault.filter(|(at, _)| *at == nth).map(|(_, fault)| fault);
        if fault == Some(CommitFault::Full) {
            return Err(StoreError::Full);
        }
        let result = if fence.epoch != self.disk.0.lock().unwrap().epoch {
            Err(StoreError::Fenced)
        } else if fault == Some(CommitFault::NotWritten) {
            Err(StoreError::Fatal("a write failed"))
        } else {
            self.write(writes)
        };
        let result = match (fault, result) {
            (Some(CommitFault::ReportedFailed), Ok(())) => Err(StoreError::Fatal("a commit failed")),
            (_, result) => result,
        };
        self.poisoned = result.is_err();
        result
    }
}
