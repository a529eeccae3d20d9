//! A stored node read from outside and believed in nothing: for the offline verifier, beside a running node or without.
//!
//! Rows come as they are stored, a page at a time; what they should be is for the caller to judge. A row that cannot be
//! read, or an encrypted one that does not open, is told as [`Damage`] and never ends the process.

mod records;
pub mod verify;

use crate::store::{OpenFault, SqliteReader, Unread, prepare_once, segment::SegmentsFound};
use relto_audit::{
    commitment::{SALT, SALT_BYTES, commit_detail},
    origin::Origin,
};
use relto_exchange::{
    head_write::HeadWrite,
    journal,
    parts::Parts,
    ready::parts::{HashedPayload, hash, length_of_head},
    store::{Key, Row, SubtreeAt},
};
use relto_report::{
    codec,
    digest::Digest,
    nation::Nation,
    signed::{AuthorStatement, MAX_STATEMENT, home_digest},
};
use rusqlite::{Connection, ErrorCode, OpenFlags, OptionalExtension as _, params, types::ValueRef};
use std::{collections::BTreeMap, path::Path, sync::Arc};
use zeroize::Zeroizing;

/// Rows of one page at most.
pub const PAGE: usize = 1024;
/// Bits of an index in a key; the log's number stands above them, as the store lays keys out.
const INDEX_BITS: u32 = 47;
const MAX_INDEX: i64 = (1 << INDEX_BITS) - 1;

/// Rows by their index or size.
pub type Page = Vec<(u64, Vec<u8>)>;

/// Stored bytes that cannot be what was written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Damage {
    /// The database's own structure.
    #[error("the database cannot be read here: {0}")]
    Unreadable(String),
    /// An encrypted row is not under this storage key, or not whole.
    #[error("the encrypted row does not open: it was changed, or moved from another place")]
    Sealed,
    /// Its body stands outside the database, and not as the row says.
    #[error("its text stands in a segment file, and cannot be read there: {0}")]
    Outside(String),
    /// The row's value is of another kind than the table's.
    #[error("the row's value is not a string of bytes")]
    Kind,
    /// The row is not how the program writes one.
    #[error("the row does not decode")]
    Undecodable,
    /// Its attachments stand in rows of their own, and not all of them can be read.
    #[error("its attachments stand in parts, and one of these is missing or cannot be read")]
    Parts,
    /// The home file is not the one that the author signed for.
    #[error("the home file of this report is missing, or is not the one that its author signed for")]
    Home,
}

impl From<rusqlite::Error> for Damage {
    fn from(error: rusqlite::Error) -> Self {
        Self::Unreadable(error.to_string())
    }
}

/// Whether a store that does not open is damaged, and not merely absent, locked or of another key.
#[must_use]
pub fn is_damage(fault: &OpenFault) -> bool {
    let OpenFault::Sql { source, .. } = fault else { return false };
    match source {
        rusqlite::Error::SqliteFailure(error, _) => {
            !matches!(error.code, ErrorCode::CannotOpen | ErrorCode::PermissionDenied | ErrorCode::DatabaseBusy)
        }
        _ => true,
    }
}

/// The name of a nation's journal in its own store.
#[must_use]
pub fn journal_of(owner: Nation) -> Origin {
    journal::origin(owner, 0)
}

/// One moment of a store. What a running node writes after it was opened is not seen.
pub struct Inspection {
    connection: Connection,
    encrypted: SqliteReader,
    numbers: BTreeMap<Origin, u16>,
}

impl Inspection {
    /// Opens a database for reading.
    ///
    /// # Errors
    /// [`OpenFault`].
    pub fn open(file: &Path, key: &Zeroizing<[u8; 32]>) -> Result<Self, OpenFault> {
        let encrypted = SqliteReader::open(file, key)?;
        let sql = |source| OpenFault::Sql { file: file.to_owned(), source };
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(file, flags).map_err(sql)?;
        prepare_once(&connection).map_err(sql)?;
        connection
            .execute_batch("PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON; PRAGMA query_only = ON; BEGIN;")
            .map_err(sql)?;
        let numbers = numbers(&connection).map_err(sql)?;
        Ok(Self { connection, encrypted, numbers })
    }

    /// The files of bodies outside the database, beside what it says of them.
    ///
    /// # Errors
    /// [`Damage`].
    pub fn segments(&self) -> Result<SegmentsFound, Damage> {
        Ok(self.encrypted.audit_segments(&self.connection)?)
    }

    /// Every log that the store has a name for.
    pub fn logs(&self) -> impl Iterator<Item = Origin> {
        self.numbers.keys().copied()
    }

    /// Rows of leaves, entries, checkpoints, payloads and of what became of leaves that belong to no named log, or to
    /// another.
    ///
    /// # Errors
    /// [`Damage`].
    pub fn strays(&self, journal: Origin) -> Result<u64, Damage> {
        // Entries stand among leaves in no log, and leaves among entries in none but the journal.
        let number = self.numbers.get(&journal).copied().map_or(-1, i64::from);
        let misplaced = format!(
            "SELECT (SELECT count(*) FROM leaf WHERE (k >> {INDEX_BITS}) = ?1)
                  + (SELECT count(*) FROM entry WHERE (k >> {INDEX_BITS}) <> ?1)"
        );
        let found: i64 = self.connection.query_row(&misplaced, params![number], |row| row.get(0))?;
        let mut count = u64::try_from(found).unwrap_or(1);
        for table in ["leaf", "entry", "checkpoint", "subtree", "payload", "detail", "outbox", "awaited", "inbox"] {
            let text = format!("SELECT count(*) FROM {table} WHERE (k >> {INDEX_BITS}) NOT IN (SELECT id FROM log)");
            let found: i64 = self.connection.query_row(&text, [], |row| row.get(0))?;
            count += u64::try_from(found).unwrap_or(1);
        }
        Ok(count)
    }

    /// The index of the log's last leaf and one more, for progress; 0 for a log without leaves.
    ///
    /// # Errors
    /// [`Damage`].
    pub fn size(&self, log: Origin) -> Result<u64, Damage> {
        self.end("SELECT k FROM leaf WHERE k BETWEEN ?1 AND ?2 ORDER BY k DESC LIMIT 1", log)
    }

    /// The same of the journal.
    ///
    /// # Errors
    /// [`Damage`].
    pub fn entry_count(&self, journal: Origin) -> Result<u64, Damage> {
        self.end("SELECT k FROM entry WHERE k BETWEEN ?1 AND ?2 ORDER BY k DESC LIMIT 1", journal)
    }

    fn end(&self, text: &str, log: Origin) -> Result<u64, Damage> {
        let Some((low, high)) = self.range(log, 0, u64::MAX) else { return Ok(0) };
        let last: Option<i64> = self.connection.query_row(text, params![low, high], |row| row.get(0)).optional()?;
        Ok(last.map_or(0, |key| index_of(key).saturating_add(1)))
    }

    /// Up to [`PAGE`] leaves from this index on, by index.
    ///
    /// # Errors
    /// [`Damage`].
    pub fn leaves(&self, log: Origin, from: u64) -> Result<Page, Damage> {
        self.page("SELECT k, v FROM leaf WHERE k BETWEEN ?1 AND ?2 ORDER BY k LIMIT ?3", log, from, u64::MAX)
    }

    /// Up to [`PAGE`] entries of the journal from this index on, by index, decrypted.
    ///
    /// # Errors
    /// [`Damage`]; of one entry that does not open too, because every one behind it rests on it.
    pub fn entries(&self, journal: Origin, from: u64) -> Result<Page, Damage> {
        let text = "SELECT k, v FROM entry WHERE k BETWEEN ?1 AND ?2 ORDER BY k LIMIT ?3";
        let open = |(at, bytes)| match self.encrypted.to_row(&Key::Entry(journal, at), bytes) {
            Ok(Row::Bytes(entry)) => Ok((at, entry)),
            Ok(_) => Err(Damage::Kind),
            Err(_) => Err(Damage::Sealed),
        };
        self.page(text, journal, from, u64::MAX)?.into_iter().map(open).collect()
    }

    /// The write of the head file that the store names last. HED-6
    ///
    /// # Errors
    /// [`Damage`].
    pub fn head_write(&self) -> Result<Option<HeadWrite>, Damage> {
        match self.row(&Key::HeadWrite)? {
            Some(Row::Bytes(bytes)) => HeadWrite::from_bytes(&bytes).map(Some).ok_or(Damage::Undecodable),
            Some(_) => Err(Damage::Kind),
            None => Ok(None),
        }
    }

    /// Up to [`PAGE`] checkpoints of sizes `from` to `to`, both included, by size.
    ///
    /// # Errors
    /// [`Damage`].
    pub fn checkpoints(&self, log: Origin, from: u64, to: u64) -> Result<Page, Damage> {
        self.page("SELECT k, v FROM checkpoint WHERE k BETWEEN ?1 AND ?2 ORDER BY k LIMIT ?3", log, from, to)
    }

    /// The root of a subtree that is kept.
    ///
    /// # Errors
    /// [`Damage`].
    pub fn subtree(&self, log: Origin, at: SubtreeAt) -> Result<Option<Vec<u8>>, Damage> {
        match self.row(&Key::Subtree(log, at))? {
            Some(Row::Bytes(root)) => Ok(Some(root)),
            Some(_) => Err(Damage::Kind),
            None => Ok(None),
        }
    }

    /// How many of a log are kept.
    ///
    /// # Errors
    /// [`Damage`].
    pub fn subtree_count(&self, log: Origin) -> Result<u64, Damage> {
        let Some((low, high)) = self.range(log, 0, u64::MAX) else { return Ok(0) };
        let text = "SELECT count(*) FROM subtree WHERE k BETWEEN ?1 AND ?2";
        let found: i64 = self.connection.query_row(text, params![low, high], |row| row.get(0))?;
        Ok(u64::try_from(found).unwrap_or(1))
    }

    /// Up to [`PAGE`] indexes, `from` to `to`, at which a payload is held.
    ///
    /// # Errors
    /// [`Damage`].
    pub fn payload_indexes(&self, log: Origin, from: u64, to: u64) -> Result<Vec<u64>, Damage> {
        let Some((low, high)) = self.range(log, from, to) else { return Ok(Vec::new()) };
        let text = "SELECT k FROM payload WHERE k BETWEEN ?1 AND ?2 ORDER BY k LIMIT ?3";
        let mut statement = self.connection.prepare_cached(text)?;
        let keys = statement.query_map(params![low, high, limit()], |row| row.get::<_, i64>(0))?;
        keys.map(|key| Ok(index_of(key?))).collect()
    }

    /// The payload at an index, decrypted: salt and plaintext. `None`: erased since.
    ///
    /// # Errors
    /// [`Damage`].
    pub fn payload(&self, log: Origin, index: u64) -> Result<Option<Vec<u8>>, Damage> {
        match self.row(&Key::Payload(log, index))? {
            Some(Row::Bytes(bytes)) => Ok(Some(bytes)),
            Some(_) => Err(Damage::Kind),
            None => Ok(None),
        }
    }

    /// What a long payload comes to whose attachments stand in parts; `payload` is what its row has. `None`: it is none.
    ///
    /// # Errors
    /// [`Damage`]; of a part that is missing too.
    pub fn in_parts(
        &self,
        (log, is_own): (Origin, bool),
        index: u64,
        payload: &[u8],
    ) -> Result<Option<Arc<HashedPayload>>, Damage> {
        let Some(length) = length_of_head(payload.get(SALT..).unwrap_or_default()) else { return Ok(None) };
        let (parts, length) = if is_own {
            match self.row(&Key::Outbox(log, index))? {
                Some(Row::Outbox(row)) => (Parts::Uploaded(row.submission), length),
                // That the row is missing is told of the row.
                Some(_) | None => return Err(Damage::Parts),
            }
        } else {
            (Parts::Spooled(log, index), length.saturating_add(SALT_BYTES))
        };
        match hash(&self.encrypted, parts, length) {
            Ok(Some(found)) => Ok(Some(found)),
            Ok(None) | Err(_) => Err(Damage::Parts),
        }
    }

    /// What a leaf of this log must commit to for the private detail that is stored at this index, if one is. The detail
    /// holds the author's statement, which names the home file: that is looked at too.
    ///
    /// # Errors
    /// [`Damage`].
    pub fn detail_commitment(&self, log: Origin, index: u64) -> Result<Option<Digest>, Damage> {
        match self.row(&Key::Detail(log, index))? {
            Some(Row::Detail(detail)) => {
                // No author signed a Statement, and it has no home file.
                if !detail.author.is_empty() {
                    self.home(log, index, &detail.author)?;
                }
                Ok(Some(commit_detail(log, index, &detail.salt, &codec::encode(&detail))))
            }
            Some(_) => Err(Damage::Kind),
            None => Ok(None),
        }
    }

    /// The home file that an author's statement names is the one that is here; an empty one and none have one digest,
    /// and neither has a row.
    fn home(&self, log: Origin, index: u64, author: &[u8]) -> Result<(), Damage> {
        let statement = codec::decode::<AuthorStatement, MAX_STATEMENT>(author).map_err(|_| Damage::Undecodable)?;
        let home = match self.row(&Key::Home(log, index))? {
            Some(Row::Bytes(home)) => home,
            Some(_) => return Err(Damage::Kind),
            None => Vec::new(),
        };
        if statement.home == home_digest(Some(&home)) { Ok(()) } else { Err(Damage::Home) }
    }

    fn row(&self, key: &Key) -> Result<Option<Row>, Damage> {
        self.encrypted.one(key).map_err(|unread| match unread {
            Unread::Outside { file, fault } => Damage::Outside(format!("{}: {fault}", file.display())),
            // A damaged page and a row that does not open are alike here: these bytes are not the row.
            Unread::Database(_) | Unread::Closed | Unread::Undecodable => Damage::Sealed,
        })
    }

    fn range(&self, log: Origin, from: u64, to: u64) -> Option<(i64, i64)> {
        let base = i64::from(*self.numbers.get(&log)?) << INDEX_BITS;
        let place = |index: u64| base | i64::try_from(index).unwrap_or(MAX_INDEX).min(MAX_INDEX);
        Some((place(from), place(to)))
    }

    fn page(&self, text: &str, log: Origin, from: u64, to: u64) -> Result<Page, Damage> {
        let Some((low, high)) = self.range(log, from, to) else { return Ok(Vec::new()) };
        let mut statement = self.connection.prepare_cached(text)?;
        let mut rows = statement.query(params![low, high, limit()])?;
        let mut out = Vec::new();
        while let Some(row) = rows.next()? {
            let ValueRef::Blob(bytes) = row.get_ref(1)? else { return Err(Damage::Kind) };
            out.push((index_of(row.get(0)?), bytes.to_vec()));
        }
        Ok(out)
    }
}

fn index_of(key: i64) -> u64 {
    u64::try_from(key & MAX_INDEX).unwrap_or(0)
}

fn limit() -> i64 {
    i64::try_from(PAGE).unwrap_or(i64::MAX)
}

fn numbers(connection: &Connection) -> rusqlite::Result<BTreeMap<Origin, u16>> {
    let mut statement = connection.prepare("SELECT origin, id FROM log")?;
    let rows = statement.query_map([], |row| Ok((row.get::<_, [u8; 32]>(0)?, row.get::<_, u16>(1)?)))?;
    rows.map(|row| row.map(|(origin, number)| (Origin::from_bytes(origin), number))).collect()
}

#[cfg(test)]
mod tests;
