//! The write-ahead log kept short: a second connection moves pages into the database while the writer goes on, and the
//! writer itself starts the log anew where that did not keep up.

use super::{
    SqliteStore,
    fault::{OpenFault, is_full, sql},
    schema::BUSY,
};
use relto_exchange::store::StoreError;
use rusqlite::Connection;
use std::{path::Path, time::Duration};

/// Pages of 4 KiB that wait before they are moved: fewer flushes of the database file than at every look, and shorter
/// ones than at 4,000.
const PAGES: i64 = 1_000;
/// Pages from which on the writer starts the log anew, where nobody reads old pages: 48 MiB.
const ANEW_PAGES: i64 = 12_288;
/// How long a try waits for those who read old pages.
const READERS: Duration = Duration::from_millis(20);
/// Pages from which on its file is made short again: 128 MiB.
const MOST_PAGES: i64 = 32_768;
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
    /// Between two transactions: lengthens the write-ahead log ahead of its use, and starts it anew where it has grown, so
    /// that its file is used again. Where somebody reads old pages it grows on until he is done.
    ///
    /// # Errors
    /// [`StoreError::Fatal`].
    pub fn keep_wal(&mut self) -> Result<(), StoreError> {
        let connection = self.inner.connection();
        let run = || -> rusqlite::Result<i64> {
            let pages: i64 =
                connection.prepare_cached("PRAGMA wal_checkpoint(NOOP)")?.query_row([], |row| row.get(1))?;
            if pages >= ANEW_PAGES && self.ahead.is_time() {
                // Whoever reads old pages for long, as an audit does, is not waited for: the log grows until he is done.
                let how = if pages >= MOST_PAGES { "TRUNCATE" } else { "RESTART" };
                connection.busy_timeout(READERS)?;
                let anew = connection.query_row(&format!("PRAGMA wal_checkpoint({how})"), [], |_| Ok(()));
                connection.busy_timeout(BUSY)?;
                anew?;
            }
            Ok(pages)
        };
        let pages = room(run()).map_err(|_| StoreError::Fatal("the write-ahead log could not be started anew"))?;
        self.ahead.lengthen(pages);
        Ok(())
    }
}

/// On a full disk the pages stay in the log, from where they are read as well, and are moved when there is room.
fn room<T: Default>(moved: rusqlite::Result<T>) -> rusqlite::Result<T> {
    match moved {
        Err(error) if is_full(&error) => Ok(T::default()),
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
    use super::{
        super::ahead::{AHEAD, FRAME, LENGTH, indexed},
        *,
    };
    use zeroize::Zeroizing;

    #[test]
    fn the_log_is_lengthened_ahead_and_used_again() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("relto.db");
        let mut store = SqliteStore::create(&file, &Zeroizing::new([7; 32])).unwrap();
        let sizes = || std::fs::metadata(folder.path().join("relto.db-wal")).map_or(0, |about| about.len());
        let run = |store: &SqliteStore, text: &str| store.inner.connection().execute_batch(text).unwrap();
        run(&store, "CREATE TABLE big (n INTEGER PRIMARY KEY, v BLOB);");
        let (mut longest, mut anew, mut most) = (0, false, 0);
        for n in 0..120 {
            run(&store, &format!("INSERT INTO big VALUES ({n}, zeroblob(1000000));"));
            store.keep_wal().unwrap();
            let pages: i64 =
                store.inner.connection().query_row("PRAGMA wal_checkpoint(NOOP)", [], |row| row.get(1)).unwrap();
            let used = u64::try_from(pages).unwrap() * FRAME;
            most = pages.max(most);
            assert!(
                sizes() >= (used + AHEAD / 2).min(LENGTH).min(indexed(used)),
                "ahead of its use: {used} of {}",
                sizes()
            );
            // What is used up for the first time is not longer than what the index has room for: on a full disk the log
            // is the first to find no room, as without this.
            assert!(sizes() <= indexed(u64::try_from(most).unwrap() * FRAME) + FRAME, "{} {most}", sizes());
            anew |= pages < longest;
            longest = pages.max(longest);
        }
        assert!(anew && longest < MOST_PAGES, "120 MB went through a log of {longest} pages");
        assert!(sizes() <= LENGTH + AHEAD, "{}", sizes());
        // What stands in a lengthened log is there after the process was killed: its files are read as they lie there.
        let copy = tempfile::tempdir().unwrap();
        for name in ["relto.db", "relto.db-wal"] {
            std::fs::copy(folder.path().join(name), copy.path().join(name)).unwrap();
        }
        let read = Connection::open(copy.path().join("relto.db")).unwrap();
        let count: i64 = read.query_row("SELECT count(*) FROM big", [], |row| row.get(0)).unwrap();
        assert_eq!(count, 120);
    }

    #[test]
    fn whoever_reads_old_pages_for_long_holds_up_no_turn() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("relto.db");
        let mut store = SqliteStore::create(&file, &Zeroizing::new([7; 32])).unwrap();
        let run = |on: &Connection, text: &str| on.execute_batch(text).unwrap();
        run(store.inner.connection(), "CREATE TABLE big (n INTEGER PRIMARY KEY, v BLOB);");
        let audit = Connection::open(&file).unwrap();
        run(&audit, "BEGIN; SELECT count(*) FROM big;");
        for n in 0..180 {
            run(store.inner.connection(), &format!("INSERT INTO big VALUES ({n}, zeroblob(1000000));"));
            store.keep_wal().unwrap();
        }
        let pages = |store: &SqliteStore| -> i64 {
            store.inner.connection().query_row("PRAGMA wal_checkpoint(NOOP)", [], |row| row.get(1)).unwrap()
        };
        assert!(pages(&store) > MOST_PAGES, "it grew meanwhile, and each turn waited READERS at most");
        run(&audit, "COMMIT;");
        for _ in 0..=super::super::ahead::BETWEEN {
            store.keep_wal().unwrap();
        }
        run(store.inner.connection(), "INSERT INTO big VALUES (1000, zeroblob(10));");
        assert!(pages(&store) < 1_000, "{}", pages(&store));
    }

    #[test]
    fn pages_are_moved_once_enough_wait() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("relto.db");
        let mut store = SqliteStore::create(&file, &Zeroizing::new([7; 32])).unwrap();
        let keeper = WalKeeper::open(&file).unwrap();
        store
            .inner
            .connection()
            .execute_batch("CREATE TABLE big (v BLOB); INSERT INTO big VALUES (zeroblob(8000000));")
            .unwrap();
        let before = waiting(&keeper.connection).unwrap();
        assert!(before >= PAGES, "{before}");
        keeper.keep().unwrap();
        assert!(waiting(&keeper.connection).unwrap() < PAGES);
        store.keep_wal().unwrap();
    }
}
