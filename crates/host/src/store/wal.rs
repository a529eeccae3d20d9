//! The write-ahead log kept short: a second connection moves pages into the database while the writer goes on, and the
//! writer itself starts the log anew where that did not keep up.

use super::{
    SqliteStore,
    fault::{OpenFault, is_full, sql},
};
use relto_exchange::store::StoreError;
use rusqlite::Connection;
use std::path::Path;

/// Pages of 4 KiB that wait before they are moved: fewer flushes of the database file than at every look, and shorter
/// ones than at 4,000.
const PAGES: i64 = 1_000;
/// Pages at which the writer stops for the log to be started anew: 256 MiB.
const MOST_PAGES: i64 = 65_536;

/// The connection that moves pages.
pub struct WalKeeper {
    connection: Connection,
}

impl WalKeeper {
    /// A connection of its own to an open store.
    ///
    /// # Errors
    /// [`OpenFault::Sql`].
    pub fn open(file: &Path) -> Result<Self, OpenFault> {
        let connection = Connection::open(file).map_err(|source| sql(file, source))?;
        Ok(Self { connection })
    }

    /// Moves what it can without waiting for anyone, where enough waits.
    ///
    /// # Errors
    /// [`StoreError::Fatal`].
    pub fn keep(&self) -> Result<(), StoreError> {
        let run = || -> rusqlite::Result<()> {
            if waiting(&self.connection)? >= PAGES {
                self.connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()))?;
            }
            Ok(())
        };
        room(run()).map_err(|_| StoreError::Fatal("the write-ahead log could not be moved into the database"))
    }
}

impl SqliteStore {
    /// Starts the write-ahead log anew where it has grown beyond its bound. Between two transactions.
    ///
    /// # Errors
    /// [`StoreError::Fatal`].
    pub fn bound_wal(&self) -> Result<(), StoreError> {
        let connection = &self.inner.connection;
        let run = || -> rusqlite::Result<()> {
            let pages: i64 = connection.query_row("PRAGMA wal_checkpoint(NOOP)", [], |row| row.get(1))?;
            if pages >= MOST_PAGES {
                connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
            }
            Ok(())
        };
        room(run()).map_err(|_| StoreError::Fatal("the write-ahead log could not be started anew"))
    }
}

/// On a full disk the pages stay in the log, from where they are read as well, and are moved when there is room.
fn room(moved: rusqlite::Result<()>) -> rusqlite::Result<()> {
    match moved {
        Err(error) if is_full(&error) => Ok(()),
        other => other,
    }
}

/// Pages of the log that are not in the database yet.
fn waiting(connection: &Connection) -> rusqlite::Result<i64> {
    connection.query_row("PRAGMA wal_checkpoint(NOOP)", [], |row| {
        let (pages, moved): (i64, i64) = (row.get(1)?, row.get(2)?);
        Ok(pages - moved)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use zeroize::Zeroizing;

    #[test]
    fn pages_are_moved_once_enough_wait() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("relto.db");
        let store = SqliteStore::create(&file, &Zeroizing::new([7; 32])).unwrap();
        let keeper = WalKeeper::open(&file).unwrap();
        store
            .inner
            .connection
            .execute_batch("CREATE TABLE big (v BLOB); INSERT INTO big VALUES (zeroblob(8000000));")
            .unwrap();
        let before = waiting(&keeper.connection).unwrap();
        assert!(before >= PAGES, "{before}");
        keeper.keep().unwrap();
        assert!(waiting(&keeper.connection).unwrap() < PAGES);
        store.bound_wal().unwrap();
    }
}
