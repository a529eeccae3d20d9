//! A copy of a store while its node runs: the database as it is at one moment, and of each file of bodies what that moment
//! names. STO-11, STO-12
//!
//! In scope: bytes from here to there. Out of scope: how copies are kept beside each other, and what a copy is worth.

use super::{
    fault::{OpenFault, sql},
    keys::{INDEX_BITS, Place},
    lock::Lock,
    schema,
    segment::{self, BLOCK, Folder, Lease, Number, SegmentFile, Spans},
};
use crate::{clock::Stopwatch, files};
use relto_audit::origin::Origin;
use relto_report::{crypto::Sha256, digest::Digest};
use rusqlite::{
    Connection, OpenFlags, OptionalExtension as _,
    backup::{Backup, StepResult},
    params,
};
use std::{
    fs::File,
    io,
    os::unix::fs::{FileExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
    time::Duration,
};

/// Pages of the database that are copied at once.
const PAGES: i32 = 256;
/// Bytes of a file that are copied at once.
const PIECE: usize = 1024 * 1024;
/// How often the lease is renewed while a database is copied.
const RENEW: Duration = Duration::from_secs(60);
/// No link is followed.
const NOFOLLOW: i32 = libc::O_NOFOLLOW;
/// When the database is locked.
const PAUSE: Duration = Duration::from_millis(5);

/// What a copied database says of itself.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Snapshot {
    /// The random name of the store.
    pub store: [u8; 16],
    /// Another for each time that it was put back from a copy.
    pub timeline: [u8; 16],
    /// Its schema.
    pub version: i64,
    /// How often it was opened for writing.
    pub epoch: i64,
    /// Every log that it has a name for.
    pub logs: Vec<LogHead>,
    /// The files in which bodies stand.
    pub bodies: Vec<Bodies>,
}

/// One log.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LogHead {
    /// Its name.
    pub origin: Origin,
    /// Its leaves or entries.
    pub size: u64,
    /// Its newest checkpoint, verbatim.
    pub checkpoint: Option<Vec<u8>>,
}

/// One file of bodies.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Bodies {
    /// Its name in the folder.
    pub name: String,
    /// Behind the last body that the snapshot names.
    pub end: u64,
    /// Bytes before that which no row names: where each run begins, and how many.
    pub dead: Vec<(u64, u64)>,
}

/// A store that is being copied: no bytes of erased rows are taken away meanwhile.
pub struct Source {
    database: PathBuf,
    folder: Folder,
    lease: Option<Lease>,
}

impl Source {
    /// Of this database, be its node running or not.
    ///
    /// # Errors
    /// [`OpenFault`]; of a store of another version too.
    pub fn open(database: &Path) -> Result<Self, OpenFault> {
        if !database.exists() {
            return Err(OpenFault::Missing(database.to_owned()));
        }
        let connection = read_only(database)?;
        schema::is_of_this_version(&connection, database)?;
        let store = schema::store_id(&connection).map_err(|source| sql(database, source))?;
        let folder = Folder::of(database, store);
        let lease = Lease::take(&folder).map_err(|source| OpenFault::Io { file: folder.path().to_owned(), source })?;
        Ok(Self { database: database.to_owned(), folder, lease })
    }

    /// Copies the database as it is now; it is on the disk when this returns. The node goes on meanwhile, whose log grows for
    /// as long: nothing of it is written over while somebody reads what was before.
    ///
    /// # Errors
    /// [`OpenFault`].
    pub fn copy_database(&mut self, to: &Path, mut on_way: impl FnMut(u64, u64)) -> Result<Snapshot, OpenFault> {
        let failed = |source| sql(&self.database, source);
        let source = read_only(&self.database)?;
        // One moment for all steps: a transaction that reads, begun by a read.
        source.execute_batch("BEGIN").map_err(failed)?;
        schema::version(&source).map_err(failed)?;
        let mut renewed = Stopwatch::start();
        copy(&source, &self.database, to, |at, of| {
            if renewed.elapsed() > RENEW {
                // Where it fails the next file of bodies is not copied either.
                let _ = self.lease.as_ref().map(Lease::renew);
                renewed = Stopwatch::start();
            }
            on_way(at, of);
        })?;
        snapshot(to)
    }

    /// The lease goes on for an hour from now; taken where the folder came only since.
    ///
    /// # Errors
    /// [`OpenFault`].
    pub fn renew(&mut self) -> Result<(), OpenFault> {
        let renewed = match &self.lease {
            Some(lease) => lease.renew(),
            None => Lease::take(&self.folder).map(|lease| self.lease = lease),
        };
        renewed.map_err(|source| OpenFault::Io { file: self.folder.path().to_owned(), source })
    }

    /// Adds to a copy of one file of bodies what stands behind `from`, where the copy ended before; it is on the disk then.
    ///
    /// # Errors
    /// [`OpenFault`].
    pub fn append(&self, bodies: &Bodies, from: u64, copy: &Path) -> Result<(), OpenFault> {
        let file = self.folder.path().join(&bodies.name);
        let io = |source| OpenFault::Io { file: copy.to_owned(), source };
        let source = File::open(&file).map_err(|source| OpenFault::Io { file: file.clone(), source })?;
        let target = own_file(copy).map_err(io)?;
        copy_range(&source, &target, from..bodies.end).map_err(io)?;
        // What a copy that broke off had written behind it.
        target.set_len(bodies.end).map_err(io)?;
        target.sync_all().map_err(io)
    }
}

/// A file in the folder of copies, which is no link to another: whoever can write there must not lead us elsewhere.
fn own_file(path: &Path) -> io::Result<File> {
    match path.symlink_metadata() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            files::private().read(true).write(true).create_new(true).open(path)
        }
        Err(error) => Err(error),
        Ok(_) => files::private().read(true).write(true).custom_flags(NOFOLLOW).open(path),
    }
}

/// Takes out of a copy what no row names any more.
///
/// # Errors
/// The system's.
pub fn take_out(copy: &Path, dead: &[(u64, u64)]) -> io::Result<()> {
    let file: Box<dyn SegmentFile> = Box::new(own_file(copy)?);
    dead.iter().try_for_each(|(at, length)| file.punch(*at, *length))?;
    file.flush()
}

/// Whether this is the name of a file of bodies.
#[must_use]
pub fn is_name(name: &str) -> bool {
    Number::of_name(name).is_some()
}

/// The runs of a file of which no row names anything any more.
#[must_use]
pub fn all_dead(end: u64) -> Vec<(u64, u64)> {
    end.checked_sub(BLOCK).filter(|bytes| *bytes > 0).map(|bytes| (BLOCK, bytes)).into_iter().collect()
}

/// Copies a database as this connection sees it into one file, page by page; it is on the disk when this returns.
pub(super) fn copy(
    source: &Connection,
    database: &Path,
    to: &Path,
    mut on_way: impl FnMut(u64, u64),
) -> Result<(), OpenFault> {
    let io = |source| OpenFault::Io { file: to.to_owned(), source };
    drop(files::create_private(to).map_err(io)?);
    let mut target = Connection::open(to).map_err(|source| sql(to, source))?;
    {
        let backup = Backup::new(source, &mut target).map_err(|source| sql(database, source))?;
        loop {
            let step = backup.step(PAGES).map_err(|source| sql(to, source))?;
            let all = backup.progress();
            let count = |pages| u64::try_from(pages).unwrap_or(0);
            on_way(count(all.pagecount - all.remaining), count(all.pagecount));
            match step {
                StepResult::Done => break,
                StepResult::More => {}
                _ => std::thread::sleep(PAUSE),
            }
        }
    }
    // One file: whoever reads it needs no log beside it, and leaves none.
    let mode = "PRAGMA journal_mode = DELETE";
    target.query_row(mode, [], |_| Ok(())).map_err(|source| sql(to, source))?;
    target.close().map_err(|(_, source)| sql(to, source))?;
    File::open(to).and_then(|file| file.sync_all()).map_err(io)
}

/// What a database that was copied says of itself, and where bodies stand beside it.
///
/// # Errors
/// [`OpenFault`].
pub fn snapshot(database: &Path) -> Result<Snapshot, OpenFault> {
    let failed = |source| sql(database, source);
    let connection = read_only(database)?;
    let all = segment::spans(&connection).map_err(failed)?;
    let of = |Spans { name, end, dead }| Bodies { name, end, dead };
    Ok(Snapshot {
        store: schema::store_id(&connection).map_err(failed)?,
        timeline: schema::timeline(&connection).map_err(failed)?,
        version: schema::version(&connection).map_err(failed)?,
        epoch: schema::epoch(&connection).map_err(failed)?,
        logs: logs(&connection).map_err(failed)?,
        bodies: all.into_iter().map(of).collect(),
    })
}

fn logs(connection: &Connection) -> rusqlite::Result<Vec<LogHead>> {
    let mut statement = connection.prepare("SELECT origin, id FROM log ORDER BY id")?;
    let named = statement.query_map([], |row| Ok((row.get::<_, [u8; 32]>(0)?, row.get::<_, u16>(1)?)))?;
    let of = |(origin, number): ([u8; 32], u16)| {
        let (low, high) = Place::range(number);
        let last = |table: &str| {
            let text = format!("SELECT k FROM {table} WHERE k BETWEEN ?1 AND ?2 ORDER BY k DESC LIMIT 1");
            let found = connection.query_row(&text, params![low, high], |row| row.get::<_, Place>(0)).optional()?;
            Ok::<u64, rusqlite::Error>(found.and_then(|place| place.index()).map_or(0, |last| last.saturating_add(1)))
        };
        let text = "SELECT v FROM checkpoint WHERE k BETWEEN ?1 AND ?2 ORDER BY k DESC LIMIT 1";
        let checkpoint = connection.query_row(text, params![low, high], |row| row.get(0)).optional()?;
        let size = last("leaf")?.max(last("entry")?);
        Ok(LogHead { origin: Origin::from_bytes(origin), size, checkpoint })
    };
    named.map(|one| one.and_then(of)).collect()
}

/// The digest of a file up to here, in which these runs count as zeros, be they taken out already or not; an error where it is
/// shorter.
///
/// # Errors
/// The system's.
pub fn digest_of(file: &Path, end: u64, dead: &[(u64, u64)]) -> io::Result<Digest> {
    let file = File::open(file)?;
    let (mut sha256, mut piece) = (Sha256::new(), vec![0; PIECE]);
    pieces(0..end, |at, length| {
        let piece = piece.get_mut(..length).unwrap_or_default();
        file.read_exact_at(piece, at)?;
        let stop = at.saturating_add(u64::try_from(length).unwrap_or(0));
        for (begin, bytes) in dead {
            let (from, to) = ((*begin).max(at), begin.saturating_add(*bytes).min(stop));
            if from < to {
                let range = usize::try_from(from - at).unwrap_or(0)..usize::try_from(to - at).unwrap_or(0);
                piece.get_mut(range).unwrap_or_default().fill(0);
            }
        }
        sha256.update(piece);
        Ok(())
    })?;
    Ok(sha256.finish())
}

/// The checkpoint of a log at a size, as a database has it.
///
/// # Errors
/// [`OpenFault`].
pub fn checkpoint(database: &Path, log: Origin, size: u64) -> Result<Option<Vec<u8>>, OpenFault> {
    let connection = read_only(database)?;
    let text = "SELECT v FROM checkpoint WHERE k = (SELECT id FROM log WHERE origin = ?1) * ?2 + ?3";
    let place = params![&log.as_bytes()[..], 1_i64 << INDEX_BITS, i64::try_from(size).unwrap_or(-1)];
    connection.query_row(text, place, |row| row.get(0)).optional().map_err(|source| sql(database, source))
}

/// The folder of bodies beside a database.
#[must_use]
pub fn folder_of(database: &Path) -> PathBuf {
    Folder::of(database, [0; 16]).path().to_owned()
}

/// Puts a copy where no store stands: its files of bodies first, each up to where the copy names it, then the database under
/// its name, so that a crash leaves no store or a whole one. From then on it is of another timeline. STO-13
///
/// # Errors
/// [`OpenFault::Exists`] where a store stands, or files of another one.
pub fn restore(copy: &Path, bodies: &Path, database: &Path) -> Result<Snapshot, OpenFault> {
    let found = snapshot(copy)?;
    let folder = Folder::of(database, found.store);
    let new = database.with_extension("new");
    files::create_folder(files::folder_of(database))
        .map_err(|source| OpenFault::Io { file: database.to_owned(), source })?;
    let _lock = Lock::take(database)?;
    // What is left of a store belongs to whoever moved its database away; SQLite would play its log into the copy.
    let own = ["", "-wal", "-shm", "-journal"].map(|ending| beside(database, ending));
    if let Some(there) = own.into_iter().find(|path| path.symlink_metadata().is_ok()) {
        return Err(OpenFault::Exists(there));
    }
    if folder.is_used() {
        return Err(OpenFault::Exists(folder.path().to_owned()));
    }
    let io = |file: &Path| {
        let file = file.to_owned();
        move |source| OpenFault::Io { file, source }
    };
    for ending in ["-wal", "-shm", "-journal"] {
        // Of a copy that was put back and broke off.
        let left = beside(&new, ending);
        if left.symlink_metadata().is_ok() {
            std::fs::remove_file(&left).map_err(io(&left))?;
        }
    }
    if !found.bodies.is_empty() {
        files::create_folder(folder.path()).map_err(io(folder.path()))?;
    }
    for one in &found.bodies {
        let (from, to) = (bodies.join(&one.name), folder.path().join(&one.name));
        copy_file(&from, &to, one.end).map_err(io(&to))?;
    }
    copy_file(copy, &new, std::fs::metadata(copy).map_err(io(copy))?.len()).map_err(io(&new))?;
    {
        let connection = Connection::open(&new).map_err(|source| sql(&new, source))?;
        schema::begin_timeline(&connection).map_err(|source| sql(&new, source))?;
        connection.close().map_err(|(_, source)| sql(&new, source))?;
    }
    if folder.path().is_dir() {
        files::flush_folder(folder.path()).map_err(io(folder.path()))?;
    }
    File::open(&new).and_then(|file| file.sync_all()).map_err(io(&new))?;
    std::fs::rename(&new, database).map_err(io(database))?;
    files::flush_folder(files::folder_of(database)).map_err(io(database))?;
    Ok(found)
}

/// A file that SQLite keeps beside a database.
fn beside(database: &Path, ending: &str) -> PathBuf {
    let mut name = database.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

fn copy_file(from: &Path, to: &Path, end: u64) -> io::Result<()> {
    let (source, target) = (File::open(from)?, files::create_private(to)?);
    copy_range(&source, &target, 0..end)?;
    target.sync_all()
}

/// Copies these bytes of a file to their place in another one.
fn copy_range(source: &File, target: &File, range: std::ops::Range<u64>) -> io::Result<()> {
    let mut piece = vec![0; PIECE];
    pieces(range, |at, length| {
        let piece = piece.get_mut(..length).unwrap_or_default();
        source.read_exact_at(piece, at)?;
        target.write_all_at(piece, at)
    })
}

/// Goes through a range, a piece at a time: where it begins, and its length.
fn pieces(range: std::ops::Range<u64>, mut each: impl FnMut(u64, usize) -> io::Result<()>) -> io::Result<()> {
    let mut at = range.start;
    while at < range.end {
        let length = usize::try_from(range.end - at).unwrap_or(PIECE).min(PIECE);
        each(at, length)?;
        at = at.saturating_add(u64::try_from(length).unwrap_or(u64::MAX));
    }
    Ok(())
}

fn read_only(database: &Path) -> Result<Connection, OpenFault> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(database, flags).map_err(|source| sql(database, source))?;
    connection.busy_timeout(schema::BUSY).map_err(|source| sql(database, source))?;
    Ok(connection)
}
