//! The store: SQLite with a write-ahead log and synchronous=FULL. The table of reports is the durable outbox as well: what
//! is behind the last receipt is still to be sent.

use crate::messages::{Batch, Receipt, Report};
use anyhow::{Result, ensure};
use rusqlite::{Connection, OptionalExtension as _, params};
use std::{fs::File, io::Write as _, path::Path, time::Duration};

/// Bytes of a page: three reports of 4 KiB, none of which then has pages of its own.
const PAGE: i64 = 16 * 1024;
/// Pages from which on the writer has the log begin anew: 48 MiB.
const ANEW_FROM: i64 = 3_072;
/// Steps of 1 MiB by which the log of a new database is lengthened ahead of its use.
const STEPS: usize = 56;
static STEP: [u8; 1024 * 1024] = [0; 1024 * 1024];

const SCHEMA: &str = "
    CREATE TABLE IF NOT EXISTS reports (
        number INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, author INTEGER NOT NULL, signature BLOB NOT NULL,
        payload BLOB NOT NULL);
    CREATE TABLE IF NOT EXISTS receipts (
        first INTEGER PRIMARY KEY, last INTEGER NOT NULL, signatures BLOB NOT NULL);
    CREATE TABLE IF NOT EXISTS received (
        number INTEGER PRIMARY KEY, id BLOB NOT NULL, author INTEGER NOT NULL, signature BLOB NOT NULL,
        payload BLOB NOT NULL);
    CREATE TABLE IF NOT EXISTS batches (
        first INTEGER PRIMARY KEY, last INTEGER NOT NULL, signature BLOB NOT NULL);";

/// The one connection that writes.
pub struct Store {
    connection: Connection,
    commits: u64,
    newest: u64,
    receipted: u64,
    received: u64,
}

/// What became of a report that an author brought.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Brought {
    /// It is new and has this number.
    New(u64),
    /// It was here before.
    Known(u64),
    /// Another report has its id.
    Other,
}

/// A connection with the settings of all.
pub(crate) fn connect(file: &Path) -> Result<Connection> {
    let connection = Connection::open(file)?;
    connection.busy_timeout(Duration::from_secs(5))?;
    connection.pragma_update(None, "page_size", PAGE)?;
    connection.query_row("PRAGMA journal_mode = WAL", [], |_| Ok(()))?;
    connection.execute_batch("PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0;")?;
    Ok(connection)
}

/// Makes a database whose log has its length: a commit then writes pages and no length, so that its flush is shorter.
fn create(file: &Path) -> Result<()> {
    let connection = connect(file)?;
    connection.execute_batch(SCHEMA)?;
    connection.close().map_err(|(_, fault)| fault)?;
    let mut log = file.as_os_str().to_owned();
    log.push("-wal");
    let mut log = File::create(log)?;
    for _ in 0..STEPS {
        log.write_all(&STEP)?;
    }
    Ok(log.sync_all()?)
}

impl Store {
    /// Opens it, or makes it.
    ///
    /// # Errors
    /// SQLite's.
    pub fn open(file: &Path) -> Result<Self> {
        if !file.exists() {
            create(file)?;
        }
        let connection = connect(file)?;
        let last = |text: &str| connection.query_row(text, [], |row| row.get(0));
        let newest = last("SELECT coalesce(max(number), 0) FROM reports")?;
        let receipted = last("SELECT coalesce(max(last), 0) FROM receipts")?;
        let received = last("SELECT coalesce(max(number), 0) FROM received")?;
        Ok(Self { connection, commits: 0, newest, receipted, received })
    }

    /// Begins a transaction.
    ///
    /// # Errors
    /// SQLite's.
    pub fn begin(&self) -> Result<()> {
        self.connection.prepare_cached("BEGIN IMMEDIATE")?.execute([])?;
        Ok(())
    }

    /// Ends it: all of it is on the disk.
    ///
    /// # Errors
    /// SQLite's.
    pub fn commit(&mut self) -> Result<()> {
        self.connection.prepare_cached("COMMIT")?.execute([])?;
        self.commits += 1;
        Ok(())
    }

    /// Transactions so far.
    #[must_use]
    pub const fn commits(&self) -> u64 {
        self.commits
    }

    /// The newest report that has its receipt; so have all before it.
    #[must_use]
    pub const fn receipted(&self) -> u64 {
        self.receipted
    }

    /// Stores a report of an author of ours.
    ///
    /// # Errors
    /// SQLite's.
    pub fn bring(&mut self, report: &Report) -> Result<Brought> {
        let number = self.newest + 1;
        let new = self
            .connection
            .prepare_cached("INSERT INTO reports VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (id) DO NOTHING")?
            .execute(params![number, &*report.id, report.author, &*report.signature, &*report.payload])?;
        if new == 1 {
            self.newest = number;
            return Ok(Brought::New(number));
        }
        let same = "SELECT number FROM reports WHERE id = ?1 AND author = ?2 AND payload = ?3";
        let mut same = self.connection.prepare_cached(same)?;
        let known = same.query_row(params![&*report.id, report.author, &*report.payload], |row| row.get(0));
        Ok(known.optional()?.map_or(Brought::Other, Brought::Known))
    }

    /// Stores reports of the partner, of which some may be here already.
    ///
    /// # Errors
    /// Where they do not follow what is here, or differ from it; SQLite's.
    pub fn receive(&mut self, batch: &Batch) -> Result<()> {
        ensure!(batch.first <= self.received + 1, "reports before {} are missing", batch.first);
        let mut insert = self.connection.prepare_cached("INSERT INTO received VALUES (?1, ?2, ?3, ?4, ?5)")?;
        for (number, report) in (batch.first..).zip(&batch.reports) {
            if number <= self.received {
                let same =
                    "SELECT count(*) FROM received WHERE number = ?1 AND id = ?2 AND author = ?3 AND payload = ?4";
                let same: i64 = self
                    .connection
                    .prepare_cached(same)?
                    .query_row(params![number, &*report.id, report.author, &*report.payload], |row| row.get(0))?;
                ensure!(same == 1, "report {number} is here with other words");
                continue;
            }
            insert.execute(params![number, &*report.id, report.author, &*report.signature, &*report.payload])?;
            self.received = number;
        }
        let last = batch.first + batch.reports.len() as u64;
        if !batch.signature.is_empty() {
            self.connection.prepare_cached("INSERT OR REPLACE INTO batches VALUES (?1, ?2, ?3)")?.execute(params![
                batch.first,
                last.saturating_sub(1),
                &*batch.signature
            ])?;
        }
        Ok(())
    }

    /// Stores a receipt that was verified.
    ///
    /// # Errors
    /// Where one before it is missing; SQLite's.
    pub fn receipt(&mut self, receipt: &Receipt) -> Result<()> {
        ensure!(receipt.first <= self.receipted + 1, "receipts before {} are missing", receipt.first);
        let last = (receipt.first + receipt.count).saturating_sub(1);
        if last > self.receipted {
            self.connection.prepare_cached("INSERT OR REPLACE INTO receipts VALUES (?1, ?2, ?3)")?.execute(params![
                receipt.first,
                last,
                &*receipt.signatures
            ])?;
            self.receipted = last;
        }
        Ok(())
    }

    /// Has the log begin anew where it has grown.
    ///
    /// # Errors
    /// SQLite's.
    pub fn keep_log_short(&self) -> Result<()> {
        let pages: i64 =
            self.connection.prepare_cached("PRAGMA wal_checkpoint(NOOP)")?.query_row([], |row| row.get(1))?;
        if pages >= ANEW_FROM {
            self.connection.query_row("PRAGMA wal_checkpoint(RESTART)", [], |_| Ok(()))?;
        }
        Ok(())
    }
}
