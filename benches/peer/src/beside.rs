//! A connection beside the writer's: it moves pages of the log, and reads what is to be sent again.

use crate::{messages::Report, store::connect};
use anyhow::Result;
use bytes::Bytes;
use rusqlite::{Connection, params};
use std::path::Path;

/// Pages of the log from which on they are moved into the database: 16 MiB.
const MOVED_FROM: i64 = 1_024;

/// The connection.
pub struct Beside(Connection);

impl Beside {
    /// Opens one.
    ///
    /// # Errors
    /// SQLite's.
    pub fn open(file: &Path) -> Result<Self> {
        Ok(Self(connect(file)?))
    }

    /// Moves pages of the log into the database while the writer goes on, where enough wait.
    ///
    /// # Errors
    /// SQLite's.
    pub fn move_pages(&self) -> Result<()> {
        let waiting = |row: &rusqlite::Row<'_>| Ok(row.get::<_, i64>(1)? - row.get::<_, i64>(2)?);
        if self.0.query_row("PRAGMA wal_checkpoint(NOOP)", [], waiting)? >= MOVED_FROM {
            self.0.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()))?;
        }
        Ok(())
    }

    /// Reports from a number on, at most so many.
    ///
    /// # Errors
    /// SQLite's.
    pub fn reports_from(&self, number: u64, most: u64) -> Result<Vec<Report>> {
        let text = "SELECT id, author, signature, payload FROM reports WHERE number >= ?1 ORDER BY number LIMIT ?2";
        let mut statement = self.0.prepare_cached(text)?;
        let bytes = |row: &rusqlite::Row<'_>, at| row.get::<_, Vec<u8>>(at).map(Bytes::from);
        let rows = statement.query_map(params![number, most], |row| {
            Ok(Report { id: bytes(row, 0)?, author: row.get(1)?, signature: bytes(row, 2)?, payload: bytes(row, 3)? })
        })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// Ids of all reports of our authors, or of all that were received, for whoever compares.
    ///
    /// # Errors
    /// SQLite's.
    pub fn ids(&self, received: bool) -> Result<Vec<Vec<u8>>> {
        let text = if received { "SELECT id FROM received" } else { "SELECT id FROM reports" };
        let mut statement = self.0.prepare(text)?;
        let rows = statement.query_map([], |row| row.get(0))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }
}
