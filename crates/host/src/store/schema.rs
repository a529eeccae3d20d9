//! Settings that durability rests on, and the tables.

use super::{
    cipher::Cipher,
    fault::{OpenFault, sql},
    keys::Table,
};
use crate::random;
use rusqlite::{Connection, OptionalExtension as _, config::DbConfig, params};
use std::{path::Path, time::Duration};

/// How long a connection waits for another one.
pub(super) const BUSY: Duration = Duration::from_secs(5);
/// Raised with every change of a table or of a row.
pub(super) const VERSION: i64 = 6;

/// Where bodies stand outside the database: the files, and bytes of erased rows that are still to go from them.
const SEGMENTS: &str = "
    ALTER TABLE payload ADD COLUMN segment INTEGER;
    ALTER TABLE payload ADD COLUMN offset INTEGER;
    ALTER TABLE payload ADD COLUMN length INTEGER;
    ALTER TABLE home ADD COLUMN segment INTEGER;
    ALTER TABLE home ADD COLUMN offset INTEGER;
    ALTER TABLE home ADD COLUMN length INTEGER;
    CREATE TABLE segment (n INTEGER PRIMARY KEY, end INTEGER NOT NULL, live INTEGER NOT NULL) STRICT;
    CREATE TABLE hole (segment INTEGER NOT NULL, offset INTEGER NOT NULL, length INTEGER NOT NULL) STRICT;
    INSERT INTO counter VALUES ('alone', 4294967296);
";

/// The same for parts of long payloads, which came with version 5.
const PARTS: &str = "
    ALTER TABLE spool ADD COLUMN segment INTEGER;
    ALTER TABLE spool ADD COLUMN offset INTEGER;
    ALTER TABLE spool ADD COLUMN length INTEGER;
    ALTER TABLE part ADD COLUMN segment INTEGER;
    ALTER TABLE part ADD COLUMN offset INTEGER;
    ALTER TABLE part ADD COLUMN length INTEGER;
";

/// Tables of long payloads, where they are not there, and room for their parts outside the database.
pub(super) fn add_parts(connection: &Connection, new: bool) -> rusqlite::Result<()> {
    if !new {
        let tables = Table::ALL.iter().filter(|(name, _)| ["upload", "part"].contains(name));
        connection.execute_batch(&tables.map(table_of).collect::<String>())?;
    }
    connection.execute_batch(PARTS)
}

/// Room for bodies outside the database, of a store of this random name.
pub(super) fn add_segments(connection: &Connection, store: [u8; 16]) -> rusqlite::Result<()> {
    connection.execute_batch(SEGMENTS)?;
    connection.execute("INSERT INTO meta VALUES ('store', ?1)", params![store])?;
    Ok(())
}

/// Tables of what keeps a start short, which came with version 4.
pub(super) fn add_folds(connection: &Connection) -> rusqlite::Result<()> {
    let new = Table::ALL.iter().filter(|(name, _)| ["serial", "serial_salt", "fold"].contains(name));
    connection.execute_batch(&new.map(table_of).collect::<String>())
}

/// The table of roots of subtrees, which came with version 6.
pub(super) fn add_subtrees(connection: &Connection) -> rusqlite::Result<()> {
    let new = Table::ALL.iter().filter(|(name, _)| *name == "subtree");
    connection.execute_batch(&new.map(table_of).collect::<String>())?;
    ["UPDATE", "DELETE"].iter().try_for_each(|act| connection.execute_batch(&guard("subtree", act)))
}

/// Its name, and whether its key is an integer.
fn table_of((name, integer): &(&str, bool)) -> String {
    if *integer {
        format!("CREATE TABLE {name} (k INTEGER PRIMARY KEY, v BLOB NOT NULL) STRICT;")
    } else {
        format!("CREATE TABLE {name} (k BLOB PRIMARY KEY, v BLOB NOT NULL) STRICT, WITHOUT ROWID;")
    }
}

/// Has statements prepared once. Without the guarantee SQLite parses one anew for each other value of its LIMIT, or of a bound of
/// its range, in the hope of a better plan: a fifth of the time of whoever reads pages.
pub(crate) fn prepare_once(connection: &Connection) -> rusqlite::Result<()> {
    connection.set_prepared_statement_cache_capacity(64);
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true).map(drop)
}

/// Sets what durability rests on, and reads it back.
pub(super) fn settle(connection: &Connection, file: &Path) -> Result<(), OpenFault> {
    let run = || -> rusqlite::Result<(String, i64)> {
        connection.query_row("PRAGMA journal_mode = WAL", [], |_| Ok(()))?;
        connection.execute_batch(
            "PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF;
             PRAGMA cell_size_check = ON; PRAGMA wal_autocheckpoint = 0; PRAGMA secure_delete = ON;",
        )?;
        let mode = connection.query_row("PRAGMA journal_mode", [], |row| row.get(0))?;
        let synchronous = connection.query_row("PRAGMA synchronous", [], |row| row.get(0))?;
        connection.busy_timeout(BUSY)?;
        prepare_once(connection)?;
        Ok((mode, synchronous))
    };
    let (mode, synchronous) = run().map_err(|source| sql(file, source))?;
    if mode != "wal" {
        return Err(OpenFault::Setting { file: file.to_owned(), setting: "journal_mode", found: mode, wanted: "wal" });
    }
    if synchronous < 2 {
        let found = synchronous.to_string();
        return Err(OpenFault::Setting { file: file.to_owned(), setting: "synchronous", found, wanted: "2 (FULL)" });
    }
    Ok(())
}

/// The tables and the storage key's mark, in one transaction that is on the disk when this returns.
pub(super) fn create(connection: &Connection, mark: &[u8], store: [u8; 16]) -> rusqlite::Result<()> {
    connection.execute_batch("PRAGMA synchronous = FULL;")?;
    let mut text = String::from(
        "BEGIN;
         CREATE TABLE meta (name TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT;
         CREATE TABLE counter (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT;
         CREATE TABLE log (id INTEGER PRIMARY KEY, origin BLOB NOT NULL UNIQUE) STRICT;",
    );
    Table::ALL.iter().for_each(|table| text.push_str(&table_of(table)));
    // A guard-rail against our own mistakes; the security is the tree.
    for name in ["leaf", "entry", "checkpoint", "subtree"] {
        for act in ["UPDATE", "DELETE"] {
            text.push_str(&guard(name, act));
        }
    }
    text.push_str("INSERT INTO counter VALUES ('epoch', 0); INSERT INTO counter VALUES ('version', ");
    text.push_str(&VERSION.to_string());
    text.push_str(");");
    connection.execute_batch(&text)?;
    connection.execute("INSERT INTO meta VALUES ('key', ?1)", params![mark])?;
    add_segments(connection, store)?;
    add_parts(connection, true)?;
    connection.execute_batch("COMMIT")
}

/// No row of this table is changed so.
pub(super) fn guard(name: &str, act: &str) -> String {
    format!(
        "CREATE TRIGGER {name}_no_{act} BEFORE {act} ON {name} BEGIN SELECT RAISE(ABORT, '{name}: append only'); END;"
    )
}

/// The version that a store says it has.
pub(super) fn version(connection: &Connection) -> rusqlite::Result<i64> {
    connection.query_row("SELECT value FROM counter WHERE name = 'version'", [], |row| row.get(0))
}

/// Whether this program and this storage key read this store.
pub(super) fn check(connection: &Connection, cipher: &Cipher, file: &Path) -> Result<(), OpenFault> {
    is_of_this_version(connection, file)?;
    own_key(connection, cipher, file)
}

/// Whether this program reads this store.
pub(super) fn is_of_this_version(connection: &Connection, file: &Path) -> Result<(), OpenFault> {
    let found = version(connection).map_err(|source| sql(file, source))?;
    if found == VERSION { Ok(()) } else { Err(OpenFault::Version { file: file.to_owned(), found, wanted: VERSION }) }
}

/// Whether this storage key is the store's.
pub(super) fn own_key(connection: &Connection, cipher: &Cipher, file: &Path) -> Result<(), OpenFault> {
    let mark: Option<Vec<u8>> = connection
        .query_row("SELECT value FROM meta WHERE name = 'key'", [], |row| row.get(0))
        .optional()
        .map_err(|source| sql(file, source))?;
    if mark.is_some_and(|mark| cipher.is_mine(&mark)) { Ok(()) } else { Err(OpenFault::WrongKey(file.to_owned())) }
}

/// The random name of this store, by which its files know it.
pub(super) fn store_id(connection: &Connection) -> rusqlite::Result<[u8; 16]> {
    connection.query_row("SELECT value FROM meta WHERE name = 'store'", [], |row| row.get(0))
}

/// How often this store was opened for writing.
pub(super) fn epoch(connection: &Connection) -> rusqlite::Result<i64> {
    connection.query_row("SELECT value FROM counter WHERE name = 'epoch'", [], |row| row.get(0))
}

/// Which run of this store: another one for each time that it was put back from a copy, so that what was written before and
/// after is never taken for one. Zeros: it was never put back. STO-13
pub(super) fn timeline(connection: &Connection) -> rusqlite::Result<[u8; 16]> {
    let found = connection.query_row("SELECT value FROM meta WHERE name = 'timeline'", [], |row| row.get(0));
    found.optional().map(Option::unwrap_or_default)
}

/// Begins another one.
pub(super) fn begin_timeline(connection: &Connection) -> rusqlite::Result<()> {
    let fresh: [u8; 16] = random::fill().map_err(|_| rusqlite::Error::InvalidQuery)?;
    connection.execute("INSERT OR REPLACE INTO meta VALUES ('timeline', ?1)", params![fresh]).map(drop)
}

/// Counts a start: what an older process still commits is fenced off.
pub(super) fn next_epoch(connection: &Connection) -> rusqlite::Result<u64> {
    connection.execute("UPDATE counter SET value = value + 1 WHERE name = 'epoch'", [])?;
    let epoch: i64 = connection.query_row("SELECT value FROM counter WHERE name = 'epoch'", [], |row| row.get(0))?;
    Ok(u64::try_from(epoch).unwrap_or(0))
}

#[cfg(test)]
mod tests;
