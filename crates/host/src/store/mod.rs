//! The embedded store: SQLite in WAL mode, synchronous=FULL, read back at start or refused. One transaction holds all
//! that a turn wrote.

mod ahead;
pub mod backup;
mod cipher;
mod fault;
mod keys;
mod lock;
mod migrate;
mod reader;
mod schema;
pub mod segment;
mod wal;

pub use fault::OpenFault;
pub use migrate::{Migrated, migrate};
use reader::Fresh;
pub use reader::{SqliteReader, Unread};
pub(crate) use schema::prepare_once;
pub use wal::WalKeeper;

use crate::{files, random};
use ahead::Ahead;
use cipher::Cipher;
use fault::{is_full, sql};
use keys::Table;
use lock::Lock;
use relto_exchange::store::{Fence, Key, Reader, Row, Store, StoreError, Write};
use rusqlite::{Connection, ErrorCode, params};
use segment::{Bulk, Disk, Folder, Limits, Medium, SegmentBytes, SegmentMaker, SegmentReader, Segments, Spot, Written};
use std::{path::Path, sync::Arc};
use zeroize::Zeroizing;

/// A connection to the store that may write. One in the world at a time.
pub struct SqliteStore {
    inner: SqliteReader,
    epoch: u64,
    poisoned: bool,
    ahead: Ahead,
    segments: Segments,
    lock: Arc<Lock>,
}

impl SqliteStore {
    /// Makes a new store.
    ///
    /// # Errors
    /// [`OpenFault`]; an existing store is never touched.
    pub fn create(file: &Path, key: &Zeroizing<[u8; 32]>) -> Result<Self, OpenFault> {
        if file.exists() {
            return Err(OpenFault::Exists(file.to_owned()));
        }
        let lock = Lock::take(file)?;
        // Of a store whose database was moved away.
        let folder = Folder::of(file, [0; 16]);
        if folder.is_used() {
            return Err(OpenFault::Exists(folder.path().to_owned()));
        }
        let cipher = Cipher::new(key);
        let mark = cipher.mark().ok_or_else(|| OpenFault::WrongKey(file.to_owned()))?;
        let no_random = |_| OpenFault::Io { file: file.to_owned(), source: std::io::Error::other("no random bytes") };
        let store: [u8; 16] = random::fill().map_err(no_random)?;
        // Whole before it has its name: a crash leaves a store or none.
        let new = file.with_extension("new");
        let io = |source| OpenFault::Io { file: new.clone(), source };
        // SQLite gives the files beside a database the mode that it finds there.
        drop(files::create_private(&new).map_err(io)?);
        let connection = Connection::open(&new).map_err(|source| sql(file, source))?;
        schema::create(&connection, &mark, store).map_err(|source| sql(file, source))?;
        connection.close().map_err(|(_, source)| sql(file, source))?;
        std::fs::rename(&new, file).map_err(io)?;
        files::flush_folder(files::folder_of(file)).map_err(io)?;
        let connection = Connection::open(file).map_err(|source| sql(file, source))?;
        schema::settle(&connection, file)?;
        Self::finish(connection, (cipher, lock), file, (Limits::default(), Arc::new(Disk)))
    }

    /// Opens the store, takes its lock and counts this start.
    ///
    /// # Errors
    /// [`OpenFault`].
    pub fn open(file: &Path, key: &Zeroizing<[u8; 32]>) -> Result<Self, OpenFault> {
        Self::open_with(file, key, (Limits::default(), Arc::new(Disk)))
    }

    /// As [`Self::open`], with segments of other lengths, or through something that crashes.
    ///
    /// # Errors
    /// [`OpenFault`].
    pub fn open_with(
        file: &Path,
        key: &Zeroizing<[u8; 32]>,
        segments: (Limits, Arc<dyn Medium>),
    ) -> Result<Self, OpenFault> {
        if !file.exists() {
            return Err(OpenFault::Missing(file.to_owned()));
        }
        let lock = Lock::take(file)?;
        let connection = Connection::open(file).map_err(|source| sql(file, source))?;
        schema::settle(&connection, file)?;
        let cipher = Cipher::new(key);
        schema::check(&connection, &cipher, file)?;
        Self::finish(connection, (cipher, lock), file, segments)
    }

    fn finish(
        connection: Connection,
        (cipher, lock): (Cipher, Lock),
        file: &Path,
        (limits, medium): (Limits, Arc<dyn Medium>),
    ) -> Result<Self, OpenFault> {
        let store = schema::store_id(&connection).map_err(|source| sql(file, source))?;
        let segments = segment::open(&connection, file, (Folder::of(file, store), limits, medium))?;
        let epoch = schema::next_epoch(&connection).map_err(|source| sql(file, source))?;
        let inner = SqliteReader::new(connection, cipher, SegmentReader::new(Folder::of(file, store)));
        Ok(Self { inner, epoch, poisoned: false, ahead: Ahead::of(file), segments, lock: Arc::new(lock) })
    }

    /// What makes this store's segments ahead of their use, for a thread of its own.
    #[must_use]
    pub fn segment_maker(&self) -> SegmentMaker {
        self.segments.maker(self.lock.clone())
    }

    /// How many times this store was opened for writing.
    #[must_use]
    pub const fn fence(&self) -> Fence {
        Fence { epoch: self.epoch }
    }

    /// Bodies first: they are flushed while the rows are worked out.
    fn write_all(&mut self, fence: Fence, writes: &[Write]) -> rusqlite::Result<Result<Written, StoreError>> {
        let epoch: i64 = self
            .inner
            .connection()
            .prepare_cached("SELECT value FROM counter WHERE name = 'epoch'")?
            .query_row([], |row| row.get(0))?;
        if u64::try_from(epoch) != Ok(fence.epoch) {
            return Ok(Err(StoreError::Fenced));
        }
        let Ok(fresh) = random::fill_many(writes.len()) else {
            return Ok(Err(StoreError::Fatal("the system gives no random bytes")));
        };
        let bodies: Vec<Bulk<'_>> = writes.iter().filter_map(bulk).collect();
        let mut written = match self.segments.write(&bodies) {
            Ok(written) => written,
            Err(error) if segment::is_full(&error) => return Ok(Err(StoreError::Full)),
            Err(_) => return Ok(Err(StoreError::Fatal("a body could not be written to its segment file"))),
        };
        let rows = self.write_rows(writes, fresh, &written);
        // Also where the rows failed: the same place is written again only once this has ended.
        let flushed = match written.wait() {
            Ok(()) => Ok(()),
            // Where blocks are copied on write, as late as here.
            Err(error) if segment::is_full(&error) => Err(StoreError::Full),
            Err(_) => Err(StoreError::Fatal("a segment file could not be flushed")),
        };
        let done = rows.map(|rows| rows.and(flushed));
        if !matches!(done, Ok(Ok(()))) {
            self.segments.forget(&written);
        }
        done.map(|done| done.map(|()| written))
    }

    fn write_rows(
        &self,
        writes: &[Write],
        fresh: Vec<Fresh>,
        written: &Written,
    ) -> rusqlite::Result<Result<(), StoreError>> {
        written.name(self.inner.connection())?;
        let mut spots = written.spots.iter();
        for (write, fresh) in writes.iter().zip(fresh) {
            let spot = bulk(write).and_then(|_| spots.next().copied().flatten());
            if let Err(fault) = self.write_one(write, fresh, spot)? {
                return Ok(Err(fault));
            }
        }
        Ok(Ok(()))
    }

    fn write_one(&self, write: &Write, fresh: Fresh, spot: Option<Spot>) -> rusqlite::Result<Result<(), StoreError>> {
        let connection = self.inner.connection();
        let place = self.inner.place(write.key(), true)?;
        let table = Table::of(write.key());
        if matches!(write, Write::Replace(..) | Write::Erase(_)) && table.is_bulk() {
            // Replaced or erased: what stood outside is to go.
            if let Some(old) = self.inner.spot_of(table, &place)? {
                segment::dig(connection, &old)?;
            }
        }
        match write {
            Write::Insert(key, row) => {
                let Some(bytes) = self.inner.to_bytes(key, row, fresh, spot.is_some()) else {
                    return Ok(Err(StoreError::Fatal("a row does not fit its key")));
                };
                let inserted = match spot {
                    Some(spot) => connection.prepare_cached(table.insert_outside())?.execute(params![
                        place,
                        bytes,
                        spot.file.to_column(),
                        spot.offset,
                        spot.length
                    ]),
                    None => connection.prepare_cached(table.insert())?.execute(params![place, bytes]),
                };
                match inserted {
                    Ok(_) => Ok(Ok(())),
                    Err(rusqlite::Error::SqliteFailure(error, _)) if error.code == ErrorCode::ConstraintViolation => {
                        Ok(Err(StoreError::Fatal("a row stands where a new one must go")))
                    }
                    Err(error) => Err(error),
                }
            }
            Write::Replace(key, row) => {
                let Some(bytes) = self.inner.to_bytes(key, row, fresh, false) else {
                    return Ok(Err(StoreError::Fatal("a row does not fit its key")));
                };
                let changed = connection.prepare_cached(table.update())?.execute(params![place, bytes])?;
                Ok(if changed == 1 {
                    Ok(())
                } else {
                    Err(StoreError::Fatal("no row stands where one must be changed"))
                })
            }
            Write::Erase(_) => {
                connection.prepare_cached(table.delete())?.execute(params![place])?;
                Ok(Ok(()))
            }
            Write::EraseAll(_, to) => {
                let to = self.inner.place(to, true)?;
                if table.is_bulk() {
                    segment::dig_all(connection, table.spots(), params![place, to])?;
                }
                connection.prepare_cached(table.delete_range())?.execute(params![place, to])?;
                Ok(Ok(()))
            }
        }
    }

    /// Bytes outside the database.
    ///
    /// # Errors
    /// [`StoreError::Fatal`] when the store cannot be read.
    pub fn segment_bytes(&self) -> Result<SegmentBytes, StoreError> {
        segment::bytes(self.inner.connection()).map_err(|_| StoreError::Fatal("the database could not be read"))
    }

    /// Between two transactions: takes the bytes of erased rows out of the segments. STO-6
    ///
    /// # Errors
    /// [`StoreError::Fatal`].
    pub fn keep_segments(&mut self) -> Result<(), StoreError> {
        self.segments.close_holes(self.inner.connection()).map_err(|error| {
            tracing::error!(%error, "bytes of an erased row stay in a segment file");
            StoreError::Fatal("bytes of an erased row could not be taken out of a segment file")
        })
    }
}

/// The body of a new row that may stand outside the database.
fn bulk(write: &Write) -> Option<Bulk<'_>> {
    match write {
        Write::Insert(key, Row::Body(body)) => {
            let part = Table::of(key).is_of_parts();
            // Pieces of what is not long come and go within moments.
            (!part || body.is_of_long()).then_some(Bulk { owner: keys::owner(key)?, text: &body.at_rest()?.text, part })
        }
        Write::Insert(..) | Write::Replace(..) | Write::Erase(_) | Write::EraseAll(..) => None,
    }
}

impl Reader for SqliteStore {
    /// In one transaction: each read of its own would look for the end of the write-ahead log anew.
    fn get(&self, keys: &[Key]) -> Result<Vec<Option<Row>>, StoreError> {
        if keys.len() < 2 {
            return self.inner.get(keys);
        }
        let failed = |_| StoreError::Fatal("the database could not be read");
        self.inner.run("BEGIN").map_err(failed)?;
        let rows = self.inner.get(keys);
        self.inner.run("COMMIT").map_err(failed)?;
        rows
    }

    fn scan(&self, from: &Key, to: &Key, limit: usize) -> Result<Vec<(Key, Row)>, StoreError> {
        self.inner.scan(from, to, limit)
    }
}

impl Store for SqliteStore {
    fn commit(&mut self, fence: Fence, writes: &[Write]) -> Result<(), StoreError> {
        if self.poisoned {
            return Err(StoreError::Fatal("an earlier write failed; the process must end and recover"));
        }
        if let Err(error) = self.inner.run("BEGIN IMMEDIATE") {
            return if is_full(&error) { self.undo() } else { self.poison("a transaction could not begin") };
        }
        let erases = writes.iter().any(|write| !matches!(write, Write::Insert(..)) && Table::of(write.key()).is_bulk());
        match self.write_all(fence, writes) {
            Ok(Ok(written)) => match self.inner.run("COMMIT") {
                Ok(()) => {
                    let dug = erases && self.inner.has_holes().unwrap_or(true);
                    self.segments.keep(written, dug);
                    Ok(())
                }
                Err(error) if is_full(&error) => {
                    self.segments.forget(&written);
                    self.undo()
                }
                // The outcome is unknown: only a restart that reads the disk can tell.
                Err(_) => self.poison("a commit failed"),
            },
            Ok(Err(StoreError::Full)) => self.undo(),
            Ok(Err(fault)) => {
                self.poisoned = true;
                Err(fault)
            }
            Err(error) if is_full(&error) => self.undo(),
            Err(_) => self.poison("a write failed"),
        }
    }
}

impl SqliteStore {
    fn poison(&mut self, why: &'static str) -> Result<(), StoreError> {
        self.poisoned = true;
        Err(StoreError::Fatal(why))
    }

    /// After `SQLITE_FULL`. In WAL mode most of a transaction goes to the disk within COMMIT, and the disk said so while a
    /// frame was written: the last of them, which commits, is not whole, and nobody reads any. SQLite has then undone the
    /// transaction itself, or does so here; where it is still open afterwards nothing more is believed. A flush that
    /// fails is another error, and ends the process.
    fn undo(&mut self) -> Result<(), StoreError> {
        let connection = self.inner.connection();
        if !connection.is_autocommit() {
            // Its result is what the next line asks.
            let _ = connection.execute_batch("ROLLBACK");
        }
        if !connection.is_autocommit() {
            return self.poison("a full disk could not be rolled back");
        }
        self.inner.forget_logs();
        Err(StoreError::Full)
    }
}
