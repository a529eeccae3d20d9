//! A store of version 2 to 5 made one of version 6, in its place. From version 2: the journal's entries, which stood in the
//! clear among the leaves, into a table of their own, encrypted; and a head file whose writes are counted. From 2 and 3: rows
//! whose reasons were words with what is named. Up to 4: tables for long payloads. From any: roots of subtrees of the logs.
//!
//! The database is copied first, beside itself, and changes in one transaction; the head file changes by one rename. What a crash
//! leaves undone the same command does: each half is skipped where it is done. Of version 2, where texts lie in the clear, no copy is
//! made; who wants one makes it before.

mod reasons;
mod sealed;
mod subtrees;
mod words;

use super::{
    Cipher, Lock, OpenFault, backup,
    keys::{Place, Table},
    schema, sql,
};
use crate::{files, heads, process, random};
use relto_audit::origin::Origin;
use relto_exchange::{head_write::HeadWrite, store::Key};
use rusqlite::{Connection, OptionalExtension as _, TransactionBehavior, params};
use sealed::Sealer;
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// The versions that are made new: entries of the journal in the clear, reasons in words, no room for long payloads, and no roots of
/// subtrees.
const CLEAR: i64 = 2;
const WORDS: i64 = 3;
const SHORT: i64 = 4;
const ROOTLESS: i64 = 5;

/// What was done.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Migrated {
    /// Entries of the journal that were encrypted; `None`: they were already.
    pub entries: Option<u64>,
    /// Rows whose reasons were words; `None`: the database was new already.
    pub rows: Option<u64>,
    /// Whether the head file was made new.
    pub heads: bool,
    /// The database as it was.
    pub copy: Option<PathBuf>,
}

/// Makes a store and its head file new, for the journal of this name.
///
/// # Errors
/// [`OpenFault`]; nothing of what it names was changed then.
pub fn migrate(
    file: &Path,
    head_file: &Path,
    key: &Zeroizing<[u8; 32]>,
    journal: Origin,
) -> Result<Migrated, OpenFault> {
    if !file.exists() {
        return Err(OpenFault::Missing(file.to_owned()));
    }
    let lock = Lock::take(file)?;
    let io = |source| OpenFault::Io { file: head_file.to_owned(), source };
    let upgrade = heads::upgrade(head_file).map_err(io)?;
    let mut connection = Connection::open(file).map_err(|source| sql(file, source))?;
    schema::settle(&connection, file)?;
    let cipher = Cipher::new(key);
    schema::own_key(&connection, &cipher, file)?;
    let mut done = Migrated::default();
    let found = schema::version(&connection).map_err(|source| sql(file, source))?;
    if (WORDS..schema::VERSION).contains(&found) {
        done.copy = Some(keep(&connection, file, found)?);
    }
    match found {
        from @ (CLEAR | WORDS) => {
            let named = upgrade.as_ref().and_then(|upgrade| upgrade.write);
            let run = Run { sealer: Sealer(&cipher), journal, named };
            let (entries, rows) = run.database(&mut connection, from).map_err(|source| sql(file, source))?;
            (done.entries, done.rows) = (entries, Some(rows));
        }
        from @ (SHORT | ROOTLESS) => {
            lengthen(&mut connection, from).map_err(|source| sql(file, source))?;
            done.rows = Some(0);
        }
        schema::VERSION => {}
        found => return Err(OpenFault::Version { file: file.to_owned(), found, wanted: schema::VERSION }),
    }
    if let Some(upgrade) = upgrade {
        upgrade.put(head_file).map_err(io)?;
        done.heads = true;
    }
    drop(lock);
    Ok(done)
}

/// The database as it is, in one file beside it, named by its version; one that is there already was made by a run that broke off,
/// before anything had changed.
fn keep(connection: &Connection, file: &Path, version: i64) -> Result<PathBuf, OpenFault> {
    let copy = file.with_extension(format!("version-{version}.db"));
    let io = |source| OpenFault::Io { file: copy.clone(), source };
    let bytes = std::fs::metadata(file).map_err(io)?.len();
    // Where the system does not say how much there is, the copy does.
    if process::room(files::folder_of(file)).is_ok_and(|room| room < bytes.saturating_mul(2)) {
        return Err(OpenFault::Full(file.to_owned()));
    }
    backup::copy(connection, file, &copy, |_, _| {})?;
    Ok(copy)
}

/// From version 4 or 5: no row changes.
fn lengthen(connection: &mut Connection, from: i64) -> rusqlite::Result<()> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    if from == SHORT {
        schema::add_parts(&transaction, false)?;
    }
    subtrees::add(&transaction)?;
    transaction.execute("UPDATE counter SET value = ?1 WHERE name = 'version'", params![schema::VERSION])?;
    transaction.commit()
}

struct Run<'a> {
    sealer: Sealer<'a>,
    journal: Origin,
    /// The write with which the new head file begins.
    named: Option<HeadWrite>,
}

impl Run<'_> {
    /// All of it or nothing; gives how many entries were moved and how many rows were rewritten.
    fn database(&self, connection: &mut Connection, from: i64) -> rusqlite::Result<(Option<u64>, u64)> {
        // What is taken out is overwritten, and the log of the transaction is emptied: no text stays in the clear.
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let moved = if from == CLEAR { Some(self.encrypt(&transaction)?) } else { None };
        let rows = reasons::name_all(&transaction, &self.sealer)?;
        schema::add_folds(&transaction)?;
        schema::add_segments(&transaction, random::fill().map_err(|_| rusqlite::Error::InvalidQuery)?)?;
        schema::add_parts(&transaction, false)?;
        subtrees::add(&transaction)?;
        transaction.execute("UPDATE counter SET value = ?1 WHERE name = 'version'", params![schema::VERSION])?;
        transaction.commit()?;
        connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
        Ok((moved, rows))
    }

    /// From version 2: the journal's entries and the head file's writes.
    fn encrypt(&self, transaction: &Connection) -> rusqlite::Result<u64> {
        transaction.execute_batch(
            "CREATE TABLE entry (k INTEGER PRIMARY KEY, v BLOB NOT NULL) STRICT;
             CREATE TABLE head_write (k INTEGER PRIMARY KEY, v BLOB NOT NULL) STRICT;
             DROP TRIGGER leaf_no_DELETE;",
        )?;
        let find = "SELECT id FROM log WHERE origin = ?1";
        let number: Option<u16> =
            transaction.query_row(find, params![&self.journal.as_bytes()[..]], |row| row.get(0)).optional()?;
        let mut moved = 0;
        if let Some(number) = number {
            moved = self.entries(transaction, number)?;
        }
        if let Some(write) = &self.named {
            let bytes = self.sealer.seal(&Key::HeadWrite, write.to_bytes())?;
            transaction.execute(Table::HeadWrite.insert(), params![Place::of(&Key::HeadWrite, 0), bytes])?;
        }
        transaction.execute_batch(&schema::guard("leaf", "DELETE"))?;
        for act in ["UPDATE", "DELETE"] {
            transaction.execute_batch(&schema::guard("entry", act))?;
        }
        Ok(moved)
    }

    fn entries(&self, connection: &Connection, number: u16) -> rusqlite::Result<u64> {
        let mut moved = 0;
        let mut take = connection.prepare("SELECT v FROM leaf WHERE k = ?1")?;
        let mut put = connection.prepare(Table::Entry.insert())?;
        let mut erase = connection.prepare(Table::Leaf.delete())?;
        loop {
            let key = Key::Entry(self.journal, moved);
            let place = Place::of(&key, number);
            let Some(entry) = take.query_row(params![place], |row| row.get::<_, Vec<u8>>(0)).optional()? else {
                return Ok(moved);
            };
            put.execute(params![place, self.sealer.seal(&key, entry)?])?;
            erase.execute(params![place])?;
            moved += 1;
        }
    }
}
