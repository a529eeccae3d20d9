//! The embedded store: SQLite in WAL mode, synchronous=FULL, read back at start or refused. One transaction holds all
//! that a turn wrote.

mod ahead;
mod cipher;
mod fault;
mod keys;
mod lock;
mod migrate;
mod schema;
mod wal;

pub use fault::OpenFault;
pub use migrate::{Migrated, migrate};
pub use wal::WalKeeper;

use crate::{files, random};
use ahead::Ahead;
use cipher::Cipher;
use fault::{is_full, sql};
use keys::{Place, Table};
use lock::Lock;
use relto_audit::origin::Origin;
use relto_exchange::{
    body::Body,
    rows::{Awaited, Detail, Draft, Inbox, Outbox, Submission},
    store::{Fence, Key, Reader, Row, Store, StoreError, SubmissionId, Write},
};
use relto_report::codec;
use rusqlite::{Connection, ErrorCode, OptionalExtension as _, params};
use std::{cell::RefCell, collections::BTreeMap, fs::File, path::Path};
use zeroize::Zeroizing;

/// Bytes of the longest row that is decoded: a draft with 1 GiB of attachments.
const MAX_ROW: usize = 1 << 31;

/// Random bytes of one row: its key, and the nonce under which that is wrapped.
type Fresh = [u8; 44];

/// A connection to the store that may write. One in the world at a time.
pub struct SqliteStore {
    inner: SqliteReader,
    epoch: u64,
    poisoned: bool,
    ahead: Ahead,
    _lock: Lock,
}

/// A connection that only reads.
pub struct SqliteReader {
    connection: Connection,
    cipher: Cipher,
    logs: RefCell<BTreeMap<Origin, u16>>,
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
        let cipher = Cipher::new(key);
        let mark = cipher.mark().ok_or_else(|| OpenFault::WrongKey(file.to_owned()))?;
        // Whole before it has its name: a crash leaves a store or none.
        let new = file.with_extension("new");
        let io = |source| OpenFault::Io { file: new.clone(), source };
        // SQLite gives the files beside a database the mode that it finds there.
        drop(files::create_private(&new).map_err(io)?);
        let connection = Connection::open(&new).map_err(|source| sql(file, source))?;
        schema::create(&connection, &mark).map_err(|source| sql(file, source))?;
        connection.close().map_err(|(_, source)| sql(file, source))?;
        std::fs::rename(&new, file).map_err(io)?;
        if let Some(folder) = file.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            File::open(folder).and_then(|folder| folder.sync_all()).map_err(io)?;
        }
        let connection = Connection::open(file).map_err(|source| sql(file, source))?;
        schema::settle(&connection, file)?;
        Self::finish(connection, cipher, lock, file)
    }

    /// Opens the store, takes its lock and counts this start.
    ///
    /// # Errors
    /// [`OpenFault`].
    pub fn open(file: &Path, key: &Zeroizing<[u8; 32]>) -> Result<Self, OpenFault> {
        if !file.exists() {
            return Err(OpenFault::Missing(file.to_owned()));
        }
        let lock = Lock::take(file)?;
        let connection = Connection::open(file).map_err(|source| sql(file, source))?;
        schema::settle(&connection, file)?;
        let cipher = Cipher::new(key);
        schema::check(&connection, &cipher, file)?;
        Self::finish(connection, cipher, lock, file)
    }

    fn finish(connection: Connection, cipher: Cipher, lock: Lock, file: &Path) -> Result<Self, OpenFault> {
        let epoch = schema::next_epoch(&connection).map_err(|source| sql(file, source))?;
        let inner = SqliteReader { connection, cipher, logs: RefCell::new(BTreeMap::new()) };
        Ok(Self { inner, epoch, poisoned: false, ahead: Ahead::of(file), _lock: lock })
    }

    /// How many times this store was opened for writing.
    #[must_use]
    pub const fn fence(&self) -> Fence {
        Fence { epoch: self.epoch }
    }

    fn write_all(&self, fence: Fence, writes: &[Write]) -> rusqlite::Result<Result<(), StoreError>> {
        let connection = &self.inner.connection;
        let epoch: i64 = connection
            .prepare_cached("SELECT value FROM counter WHERE name = 'epoch'")?
            .query_row([], |row| row.get(0))?;
        if u64::try_from(epoch) != Ok(fence.epoch) {
            return Ok(Err(StoreError::Fenced));
        }
        let Ok(fresh) = random::fill_many(writes.len()) else {
            return Ok(Err(StoreError::Fatal("the system gives no random bytes")));
        };
        for (write, fresh) in writes.iter().zip(fresh) {
            if let Err(fault) = self.write_one(write, fresh)? {
                return Ok(Err(fault));
            }
        }
        Ok(Ok(()))
    }

    fn write_one(&self, write: &Write, fresh: Fresh) -> rusqlite::Result<Result<(), StoreError>> {
        let connection = &self.inner.connection;
        let place = self.inner.place(write.key(), true)?;
        let table = Table::of(write.key());
        match write {
            Write::Insert(key, row) => {
                let Some(bytes) = self.inner.to_bytes(key, row, fresh) else {
                    return Ok(Err(StoreError::Fatal("a row does not fit its key")));
                };
                match connection.prepare_cached(table.insert())?.execute(params![place, bytes]) {
                    Ok(_) => Ok(Ok(())),
                    Err(rusqlite::Error::SqliteFailure(error, _)) if error.code == ErrorCode::ConstraintViolation => {
                        Ok(Err(StoreError::Fatal("a row stands where a new one must go")))
                    }
                    Err(error) => Err(error),
                }
            }
            Write::Replace(key, row) => {
                let Some(bytes) = self.inner.to_bytes(key, row, fresh) else {
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
        }
    }
}

impl SqliteReader {
    /// A connection of its own, for readers beside the writer.
    ///
    /// # Errors
    /// [`OpenFault`].
    pub fn open(file: &Path, key: &Zeroizing<[u8; 32]>) -> Result<Self, OpenFault> {
        if !file.exists() {
            return Err(OpenFault::Missing(file.to_owned()));
        }
        let flags = rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY | rusqlite::OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(file, flags).map_err(|source| sql(file, source))?;
        let cipher = Cipher::new(key);
        schema::check(&connection, &cipher, file)?;
        Ok(Self { connection, cipher, logs: RefCell::new(BTreeMap::new()) })
    }

    /// Ids of all drafts in the order of their making, and the bytes that each takes; no draft is read.
    ///
    /// # Errors
    /// [`StoreError::Fatal`] when the store cannot be read.
    pub fn drafts(&self) -> Result<Vec<(SubmissionId, u64)>, StoreError> {
        let read = || -> rusqlite::Result<Vec<(SubmissionId, u64)>> {
            let mut statement = self.connection.prepare_cached(
                "SELECT k, length(draft.v) + length(draft_body.v) + coalesce(length(draft_home.v), 0) FROM draft
                 JOIN draft_body USING (k) LEFT JOIN draft_home USING (k) ORDER BY k",
            )?;
            let rows = statement.query_map([], |row| {
                let bytes: i64 = row.get(1)?;
                Ok((row.get(0)?, u64::try_from(bytes).unwrap_or(0)))
            })?;
            rows.collect()
        };
        read().map_err(|_| StoreError::Fatal("the database could not be read"))
    }

    fn log_number(&self, origin: Origin, make: bool) -> rusqlite::Result<Option<u16>> {
        if let Some(number) = self.logs.borrow().get(&origin) {
            return Ok(Some(*number));
        }
        let find = |connection: &Connection| {
            let mut statement = connection.prepare_cached("SELECT id FROM log WHERE origin = ?1")?;
            statement.query_row(params![&origin.as_bytes()[..]], |row| row.get::<_, u16>(0)).optional()
        };
        let mut found = find(&self.connection)?;
        if found.is_none() && make {
            self.connection.execute("INSERT INTO log (origin) VALUES (?1)", params![&origin.as_bytes()[..]])?;
            found = find(&self.connection)?;
            // Remembered from the next look on: this transaction may still be rolled back.
            return Ok(found);
        }
        if let Some(number) = found {
            self.logs.borrow_mut().insert(origin, number);
        }
        Ok(found)
    }

    fn place(&self, key: &Key, make: bool) -> rusqlite::Result<Place> {
        let number = match keys::origin(key) {
            Some(origin) => self.log_number(origin, make)?.unwrap_or(u16::MAX),
            None => 0,
        };
        Ok(Place::of(key, number))
    }

    fn to_bytes(&self, key: &Key, row: &Row, fresh: Fresh) -> Option<Vec<u8>> {
        let (row_key, nonce) = fresh.split_first_chunk::<32>()?;
        let nonce: [u8; 12] = nonce.try_into().ok()?;
        let plain = match row {
            // The bulk of what is written was encrypted before the turn.
            Row::Body(body) if Table::of(key).is_encrypted() => {
                return self.cipher.wrap(&keys::associated(key), body.at_rest()?, nonce);
            }
            Row::Body(body) => body.plain().to_vec(),
            Row::Bytes(bytes) => bytes.clone(),
            Row::Outbox(row) => codec::encode(row),
            Row::Awaited(row) => codec::encode(row),
            Row::Inbox(row) => codec::encode(row),
            Row::Detail(row) => codec::encode(row),
            Row::Submission(row) => codec::encode(row),
            Row::Draft(row) => codec::encode(row),
        };
        if !Table::of(key).is_encrypted() {
            return Some(plain);
        }
        self.cipher.wrap(&keys::associated(key), Body::new(plain, *row_key).at_rest()?, nonce)
    }

    /// The row that these stored bytes are at this key.
    pub(crate) fn to_row(&self, key: &Key, bytes: Vec<u8>) -> Result<Row, StoreError> {
        let bytes = if Table::of(key).is_encrypted() {
            self.cipher
                .open(&keys::associated(key), bytes)
                .ok_or(StoreError::Fatal("an encrypted row does not open"))?
        } else {
            bytes
        };
        let row = match key {
            Key::Leaf(..)
            | Key::Entry(..)
            | Key::HeadWrite
            | Key::Checkpoint(..)
            | Key::Payload(..)
            | Key::Home(..)
            | Key::Spool(..)
            | Key::DraftBody(_)
            | Key::DraftHome(_) => return Ok(Row::Bytes(bytes)),
            Key::Outbox(..) => codec::decode::<Outbox, MAX_ROW>(&bytes).map(Row::Outbox),
            Key::Awaited(..) => codec::decode::<Awaited, MAX_ROW>(&bytes).map(Row::Awaited),
            Key::Inbox(..) => codec::decode::<Inbox, MAX_ROW>(&bytes).map(Row::Inbox),
            Key::Detail(..) => codec::decode::<Detail, MAX_ROW>(&bytes).map(Row::Detail),
            Key::Submission(_) => codec::decode::<Submission, MAX_ROW>(&bytes).map(Row::Submission),
            Key::Draft(_) => codec::decode::<Draft, MAX_ROW>(&bytes).map(Row::Draft),
        };
        row.map_err(|_| StoreError::Fatal("a row does not decode"))
    }

    /// A statement without rows or parameters, parsed once for all its runs.
    fn run(&self, statement: &str) -> rusqlite::Result<()> {
        self.connection.prepare_cached(statement)?.execute([]).map(|_| ())
    }

    fn one(&self, key: &Key) -> Result<Option<Row>, StoreError> {
        let bytes = self
            .place(key, false)
            .and_then(|place| {
                let mut statement = self.connection.prepare_cached(Table::of(key).select())?;
                statement.query_row(params![place], |row| row.get::<_, Vec<u8>>(0)).optional()
            })
            .map_err(|_| StoreError::Fatal("the database could not be read"))?;
        bytes.map(|bytes| self.to_row(key, bytes)).transpose()
    }
}

impl Reader for SqliteReader {
    fn get(&self, keys: &[Key]) -> Result<Vec<Option<Row>>, StoreError> {
        keys.iter().map(|key| self.one(key)).collect()
    }

    fn scan(&self, from: &Key, to: &Key, limit: usize) -> Result<Vec<(Key, Row)>, StoreError> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let read = || -> rusqlite::Result<Vec<(Place, Vec<u8>)>> {
            let (low, high) = (self.place(from, false)?, self.place(to, false)?);
            let mut statement = self.connection.prepare_cached(Table::of(from).range())?;
            let rows = statement.query_map(params![low, high, limit], |row| Ok((row.get(0)?, row.get(1)?)))?;
            rows.collect()
        };
        let rows = read().map_err(|_| StoreError::Fatal("the database could not be read"))?;
        rows.into_iter()
            .map(|(place, bytes)| {
                let key = place.key_like(from).ok_or(StoreError::Fatal("a key does not decode"))?;
                let row = self.to_row(&key, bytes)?;
                Ok((key, row))
            })
            .collect()
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
        match self.write_all(fence, writes) {
            Ok(Ok(())) => match self.inner.run("COMMIT") {
                Ok(()) => Ok(()),
                Err(error) if is_full(&error) => self.undo(),
                // The outcome is unknown: only a restart that reads the disk can tell.
                Err(_) => self.poison("a commit failed"),
            },
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
        let connection = &self.inner.connection;
        if !connection.is_autocommit() {
            // Its result is what the next line asks.
            let _ = connection.execute_batch("ROLLBACK");
        }
        if !connection.is_autocommit() {
            return self.poison("a full disk could not be rolled back");
        }
        self.inner.logs.borrow_mut().clear();
        Err(StoreError::Full)
    }
}
