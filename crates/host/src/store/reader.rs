//! Reading rows, beside the writer or before it.

use super::{
    cipher::Cipher,
    fault::{OpenFault, sql},
    keys::{self, Place, Table},
    schema,
    segment::{self, Folder, Number, SegmentFault, SegmentReader, SegmentsFound, Spot},
};
use relto_audit::origin::Origin;
use relto_exchange::{
    body::Body,
    rows::{Awaited, Detail, Draft, Inbox, Outbox, Submission, Upload},
    store::{Key, Reader, Row, SerialAt, StoreError, SubmissionId},
};
use relto_report::codec;
use rusqlite::{Connection, OptionalExtension as _, params, types::Type};
use std::{
    cell::RefCell,
    collections::BTreeMap,
    path::{Path, PathBuf},
};
use zeroize::Zeroizing;

/// Bytes of the longest row that is decoded: a draft with 1 GiB of attachments.
const MAX_ROW: usize = 1 << 31;

/// Random bytes of one row: its key, and the nonce under which that is wrapped.
pub(super) type Fresh = [u8; 44];

/// A connection that only reads.
pub struct SqliteReader {
    connection: Connection,
    cipher: Cipher,
    outside: SegmentReader,
    logs: RefCell<BTreeMap<Origin, u16>>,
}

/// Why a row cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum Unread {
    /// The database.
    #[error("the database could not be read: {0}")]
    Database(#[from] rusqlite::Error),
    /// Not under this key, or not whole.
    #[error("an encrypted row does not open")]
    Closed,
    /// Not as the program writes it.
    #[error("a row does not decode")]
    Undecodable,
    /// Its body, which stands in this file.
    #[error("{file}: {fault}")]
    Outside {
        /// Which file.
        file: PathBuf,
        /// What is wrong with it.
        fault: SegmentFault,
    },
}

impl Unread {
    /// Tells an operator where to look, and ends what asked.
    fn tell(self) -> StoreError {
        match self {
            Self::Database(_) => StoreError::Fatal("the database could not be read"),
            Self::Closed => StoreError::Fatal("an encrypted row does not open"),
            Self::Undecodable => StoreError::Fatal("a row does not decode"),
            Self::Outside { file, fault } => {
                tracing::error!(file = %file.display(), %fault, "a body outside the database cannot be read");
                StoreError::Fatal("a body outside the database cannot be read")
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
        schema::prepare_once(&connection).map_err(|source| sql(file, source))?;
        let cipher = Cipher::new(key);
        schema::check(&connection, &cipher, file)?;
        let store = schema::store_id(&connection).map_err(|source| sql(file, source))?;
        Ok(Self::new(connection, cipher, SegmentReader::new(Folder::of(file, store))))
    }

    pub(super) const fn new(connection: Connection, cipher: Cipher, outside: SegmentReader) -> Self {
        Self { connection, cipher, outside, logs: RefCell::new(BTreeMap::new()) }
    }

    pub(super) const fn connection(&self) -> &Connection {
        &self.connection
    }

    /// After a transaction that was rolled back: a log that it named may have no number.
    pub(super) fn forget_logs(&self) {
        self.logs.borrow_mut().clear();
    }

    /// Ids of all drafts in the order of their making, and the bytes that each takes; no draft is read.
    ///
    /// # Errors
    /// [`StoreError::Fatal`] when the store cannot be read.
    pub fn drafts(&self) -> Result<Vec<(SubmissionId, u64)>, StoreError> {
        let read = || -> rusqlite::Result<Vec<(SubmissionId, u64)>> {
            let mut statement = self.connection.prepare_cached(
                "SELECT k, length(draft.v) + length(draft_body.v) + coalesce(length(draft_home.v), 0)
                   + (SELECT coalesce(sum(part.length), 0) FROM part
                      WHERE part.k BETWEEN draft.k AND CAST(draft.k || x'ffffffffffffffff' AS BLOB))
                 FROM draft JOIN draft_body USING (k) LEFT JOIN draft_home USING (k) ORDER BY k",
            )?;
            let rows = statement.query_map([], |row| {
                let bytes: i64 = row.get(1)?;
                Ok((row.get(0)?, u64::try_from(bytes).unwrap_or(0)))
            })?;
            rows.collect()
        };
        read().map_err(|_| StoreError::Fatal("the database could not be read"))
    }

    /// Whether bytes of erased rows still stand outside the database.
    pub(super) fn has_holes(&self) -> rusqlite::Result<bool> {
        self.connection.prepare_cached("SELECT 1 FROM hole LIMIT 1")?.exists([])
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

    pub(super) fn place(&self, key: &Key, make: bool) -> rusqlite::Result<Place> {
        let number = match keys::origin(key) {
            Some(origin) => self.log_number(origin, make)?.unwrap_or(u16::MAX),
            None => 0,
        };
        Ok(Place::of(key, number))
    }

    /// The key of a serial that stands here.
    fn serial_at(&self, place: &Place) -> Option<Key> {
        let (serial, number, index) = place.as_serial()?;
        let known = self.logs.borrow().iter().find(|(_, known)| **known == number).map(|(log, _)| *log);
        let log = known.or_else(|| {
            let mut statement = self.connection.prepare_cached("SELECT origin FROM log WHERE id = ?1").ok()?;
            statement.query_row(params![number], |row| row.get(0)).ok().map(Origin::from_bytes)
        })?;
        Some(Key::Serial(SerialAt { serial, log, index }))
    }

    /// A row as its column holds it; `outside`: without its body.
    pub(super) fn to_bytes(&self, key: &Key, row: &Row, fresh: Fresh, outside: bool) -> Option<Vec<u8>> {
        let (row_key, nonce) = fresh.split_first_chunk::<32>()?;
        let nonce: [u8; 12] = nonce.try_into().ok()?;
        let plain = match row {
            // The bulk of what is written was encrypted before the turn.
            Row::Body(body) if outside => {
                return self.cipher.wrap_key(&keys::associated(key), body.at_rest()?, nonce);
            }
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
            Row::Upload(row) => codec::encode(row),
        };
        if !Table::of(key).is_encrypted() {
            return Some(plain);
        }
        self.cipher.wrap(&keys::associated(key), Body::new(plain, *row_key).at_rest()?, nonce)
    }

    /// The row that these stored bytes are at this key.
    pub(crate) fn to_row(&self, key: &Key, bytes: Vec<u8>) -> Result<Row, Unread> {
        self.row_of(key, Stored { bytes, spot: None })
    }

    fn row_of(&self, key: &Key, Stored { bytes, spot }: Stored) -> Result<Row, Unread> {
        let bytes = match spot {
            Some(spot) => {
                let owner = keys::owner(key).ok_or(Unread::Undecodable)?;
                let outside = |fault| Unread::Outside { file: self.outside.folder().file(spot.file), fault };
                let text = self.outside.read(&spot, &owner).map_err(outside)?;
                self.cipher.open_outside(&keys::associated(key), &bytes, text).ok_or(Unread::Closed)?
            }
            None if Table::of(key).is_encrypted() => {
                self.cipher.open(&keys::associated(key), bytes).ok_or(Unread::Closed)?
            }
            None => bytes,
        };
        let row = match key {
            Key::Leaf(..)
            | Key::Entry(..)
            | Key::HeadWrite
            | Key::Checkpoint(..)
            | Key::Subtree(..)
            | Key::Payload(..)
            | Key::Home(..)
            | Key::Spool(..)
            | Key::DraftBody(_)
            | Key::DraftHome(_)
            | Key::Part(..)
            | Key::Serial(_)
            | Key::SerialSalt
            | Key::Fold(_) => return Ok(Row::Bytes(bytes)),
            Key::Outbox(..) => codec::decode::<Outbox, MAX_ROW>(&bytes).map(Row::Outbox),
            Key::Awaited(..) => codec::decode::<Awaited, MAX_ROW>(&bytes).map(Row::Awaited),
            Key::Inbox(..) => codec::decode::<Inbox, MAX_ROW>(&bytes).map(Row::Inbox),
            Key::Detail(..) => codec::decode::<Detail, MAX_ROW>(&bytes).map(Row::Detail),
            Key::Submission(_) => codec::decode::<Submission, MAX_ROW>(&bytes).map(Row::Submission),
            Key::Draft(_) => codec::decode::<Draft, MAX_ROW>(&bytes).map(Row::Draft),
            Key::Upload(_) => codec::decode::<Upload, MAX_ROW>(&bytes).map(Row::Upload),
        };
        row.map_err(|_| Unread::Undecodable)
    }

    /// A statement without rows or parameters, parsed once for all its runs.
    pub(super) fn run(&self, statement: &str) -> rusqlite::Result<()> {
        self.connection.prepare_cached(statement)?.execute([]).map(|_| ())
    }

    /// The row at a key, and why it cannot be read.
    ///
    /// # Errors
    /// [`Unread`].
    pub fn one(&self, key: &Key) -> Result<Option<Row>, Unread> {
        let Some(stored) = self.stored(key)? else { return Ok(None) };
        let spot = stored.spot;
        match self.row_of(key, stored) {
            // Erased since: its row is gone, or it stands elsewhere.
            Err(fault @ (Unread::Outside { .. } | Unread::Closed)) if spot.is_some() => match self.stored(key)? {
                Some(again) if again.spot == spot => Err(fault),
                Some(again) => self.row_of(key, again).map(Some),
                None => Ok(None),
            },
            row => row.map(Some),
        }
    }

    fn stored(&self, key: &Key) -> rusqlite::Result<Option<Stored>> {
        let place = self.place(key, false)?;
        let mut statement = self.connection.prepare_cached(Table::of(key).select())?;
        statement.query_row(params![place], stored).optional()
    }

    /// What a moment of this database, seen by another connection, says of its segment files.
    ///
    /// # Errors
    /// The database's.
    pub fn audit_segments(&self, moment: &Connection) -> rusqlite::Result<SegmentsFound> {
        segment::audit(moment, self.outside.folder())
    }

    /// Where the body of a row stands, where that is outside the database.
    pub(super) fn spot_of(&self, table: Table, place: &Place) -> rusqlite::Result<Option<Spot>> {
        let mut statement = self.connection.prepare_cached(table.select())?;
        Ok(statement.query_row(params![place], stored).optional()?.and_then(|stored| stored.spot))
    }
}

/// A row's column, and where its body stands.
struct Stored {
    bytes: Vec<u8>,
    spot: Option<Spot>,
}

fn stored(row: &rusqlite::Row<'_>) -> rusqlite::Result<Stored> {
    let spot = match row.get::<_, Option<i64>>(1)? {
        Some(file) => {
            let other = || rusqlite::Error::InvalidColumnType(1, "segment".to_owned(), Type::Integer);
            let file = Number::of_column(file).ok_or_else(other)?;
            Some(Spot { file, offset: row.get(2)?, length: row.get(3)? })
        }
        None => None,
    };
    Ok(Stored { bytes: row.get(0)?, spot })
}

impl Reader for SqliteReader {
    fn get(&self, keys: &[Key]) -> Result<Vec<Option<Row>>, StoreError> {
        keys.iter().map(|key| self.one(key).map_err(Unread::tell)).collect()
    }

    fn scan(&self, from: &Key, to: &Key, limit: usize) -> Result<Vec<(Key, Row)>, StoreError> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let read = || -> rusqlite::Result<Vec<(Place, Stored)>> {
            let [low, high] = match (from, to) {
                // Of whichever logs.
                (Key::Serial(from), Key::Serial(to)) => Place::of_serials(from, to),
                _ => [self.place(from, false)?, self.place(to, false)?],
            };
            let mut statement = self.connection.prepare_cached(Table::of(from).range())?;
            let rows = statement.query_map(params![low, high, limit], |row| Ok((row.get(4)?, stored(row)?)))?;
            rows.collect()
        };
        let rows = read().map_err(|_| StoreError::Fatal("the database could not be read"))?;
        let mut found = Vec::with_capacity(rows.len());
        for (place, stored) in rows {
            let key = match from {
                Key::Serial(_) => self.serial_at(&place),
                _ => place.key_like(from),
            };
            let key = key.ok_or(StoreError::Fatal("a key does not decode"))?;
            match self.row_of(&key, stored) {
                Ok(row) => found.push((key, row)),
                // Erased while the page was read, or damaged: read again by itself.
                Err(Unread::Outside { .. }) => {
                    found.extend(self.one(&key).map_err(Unread::tell)?.map(|row| (key, row)))
                }
                Err(fault) => return Err(fault.tell()),
            }
        }
        Ok(found)
    }
}
