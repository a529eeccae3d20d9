//! The folder of segments when a store is opened: what rows name must be there, and what none names is taken away.

use super::{
    Limits,
    fault::SegmentFault,
    medium::Medium,
    place::{Folder, Number},
    record::{BLOCK, check_block},
    writer::{Current, FIRST, Segments},
};
use crate::store::fault::{OpenFault, sql};
use rusqlite::{Connection, types::Type};
use std::{collections::BTreeSet, fs::File, io, os::unix::fs::FileExt as _, path::Path, sync::Arc};

/// A file that the database names: number, end, bytes of rows that stand in it.
type Named = (Number, u64, u64);

/// The segments of a store that is being opened for writing. Nothing is taken away but what was left half made: that this
/// is the right database is known only later. STO-4
pub(in crate::store) fn open(
    connection: &Connection,
    database: &Path,
    (folder, limits, medium): (Folder, Limits, Arc<dyn Medium>),
) -> Result<Segments, OpenFault> {
    let failed = |source| sql(database, source);
    let named = named(connection).map_err(failed)?;
    for (number, end, _) in &named {
        let source = whole(&folder, *number, *end);
        source.map_err(|source| folder.fault(*number, source))?;
    }
    let alone: i64 =
        connection.query_row("SELECT value FROM counter WHERE name = 'alone'", [], |row| row.get(0)).map_err(failed)?;
    // A number that is given twice would write over a body.
    let alone = Number::of_column(alone)
        .filter(|next| matches!(next, Number::Alone(_)) && named.iter().all(|(number, ..)| number < next))
        .ok_or_else(|| failed(rusqlite::Error::IntegralValueOutOfRange(0, alone)))?;
    let mut segments = Segments::new(folder.clone(), limits, medium, alone);
    let newest = named.iter().rfind(|(number, ..)| matches!(number, Number::Segment(_)));
    if let Some((number, end, _)) = newest {
        let file = segments.medium.open(&folder.file(*number)).map_err(|error| folder.fault(*number, error.into()))?;
        segments.current = Some(Current { number: *number, end: *end, file: Arc::from(file) });
    }
    let following = newest.map_or(FIRST, |(number, ..)| number.next());
    if look(&folder, &named, (following, limits.size))? {
        let io = |source| OpenFault::Io { file: folder.path().to_owned(), source };
        segments.medium.flush_folder(folder.path()).and_then(|()| folder.flush_name()).map_err(io)?;
        segments.next.set_ready(following);
    }
    segments.holes =
        connection.query_row("SELECT EXISTS (SELECT 1 FROM hole)", [], |row| row.get(0)).map_err(failed)?;
    Ok(segments)
}

/// Bytes outside the database.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct SegmentBytes {
    /// Of bodies.
    pub live: u64,
    /// Of erased rows, up to the files' ends: their blocks are free where the file system can.
    pub dead: u64,
}

/// What the database says of its files, without a look at them.
pub(in crate::store) fn bytes(connection: &Connection) -> rusqlite::Result<SegmentBytes> {
    let text = "SELECT coalesce(sum(max(live, 0)), 0), coalesce(sum(max(end - live - ?1, 0)), 0) FROM segment";
    connection.prepare_cached(text)?.query_row([BLOCK], |row| Ok(SegmentBytes { live: row.get(0)?, dead: row.get(1)? }))
}

/// Files that the database names, by number.
pub(super) fn named(connection: &Connection) -> rusqlite::Result<Vec<Named>> {
    let mut statement = connection.prepare("SELECT n, end, live FROM segment ORDER BY n")?;
    let rows = statement.query_map([], |row| {
        let number = Number::of_column(row.get(0)?);
        let number = number.ok_or_else(|| rusqlite::Error::InvalidColumnType(0, "n".to_owned(), Type::Integer))?;
        Ok((number, row.get(1)?, row.get(2)?))
    })?;
    rows.collect()
}

/// Whether a file is there, of this store and number, with all that rows name.
pub(super) fn whole(folder: &Folder, number: Number, end: u64) -> Result<(), SegmentFault> {
    let file = match File::open(folder.file(number)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(SegmentFault::Missing),
        file => file?,
    };
    let found = file.metadata()?.len();
    // An end within the header would have the next turn write over it.
    if found < end || end < BLOCK {
        return Err(SegmentFault::Short { found, named: end });
    }
    let mut block = vec![0; usize::try_from(BLOCK).unwrap_or(0)];
    file.read_exact_at(&mut block, 0)?;
    check_block(&block, &folder.store, number)
}

/// Looks at what no row names: takes away what a crash left half made, and finds another store's folder. Whether the next
/// segment is there already.
fn look(folder: &Folder, named: &[Named], (following, size): (Number, u64)) -> Result<bool, OpenFault> {
    let io = |source| OpenFault::Io { file: folder.path().to_owned(), source };
    let entries = match std::fs::read_dir(folder.path()) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        entries => entries.map_err(io)?,
    };
    let named: BTreeSet<Number> = named.iter().map(|(number, ..)| *number).collect();
    let mut ready = false;
    for entry in entries {
        let entry = entry.map_err(io)?;
        let name = entry.file_name();
        match name.to_str().and_then(Number::of_name) {
            Some(number) if named.contains(&number) => {}
            Some(number) => match whole(folder, number, BLOCK) {
                Ok(()) => ready |= number == following && entry.metadata().map_err(io)?.len() == size,
                Err(source @ SegmentFault::Foreign) => return Err(folder.fault(number, source)),
                // Half written by a turn that never was; it is written over when its number comes.
                Err(_) => {}
            },
            None if Path::new(&name).extension().is_some_and(|ending| ending == "new") => {
                std::fs::remove_file(entry.path()).map_err(io)?;
            }
            None => {}
        }
    }
    Ok(ready)
}
