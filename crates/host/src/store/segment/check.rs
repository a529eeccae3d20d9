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
use std::{fs::File, io, os::unix::fs::FileExt as _, path::Path, sync::Arc};

/// A file that the database names: number, end, bytes of rows that stand in it.
type Named = (Number, u64, u64);

/// The segments of a store that is being opened for writing. STO-4
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
    let alone = Number::of_column(alone).unwrap_or(Number::Alone(0));
    let mut segments = Segments::new(folder.clone(), limits, medium, alone);
    let newest = named.iter().rfind(|(number, ..)| matches!(number, Number::Segment(_)));
    if let Some((number, end, _)) = newest {
        let file = segments.medium.open(&folder.file(*number)).map_err(|error| folder.fault(*number, error.into()))?;
        segments.current = Some(Current { number: *number, end: *end, file: Arc::from(file) });
    }
    let following = newest.map_or(FIRST, |(number, ..)| number.next());
    let io = |source| OpenFault::Io { file: folder.path().to_owned(), source };
    if tidy(&folder, &named, (following, limits.size)).map_err(io)? {
        segments.medium.flush_folder(folder.path()).map_err(io)?;
        segments.next.set_ready(following);
    }
    segments.holes =
        connection.query_row("SELECT EXISTS (SELECT 1 FROM hole)", [], |row| row.get(0)).map_err(failed)?;
    Ok(segments)
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
    if found < end.max(BLOCK) {
        return Err(SegmentFault::Short { found, named: end });
    }
    let mut block = vec![0; usize::try_from(BLOCK).unwrap_or(0)];
    file.read_exact_at(&mut block, 0)?;
    check_block(&block, &folder.store, number)
}

/// Takes away what no row names: what a crash left half made, and files whose rows were erased. Whether the next segment
/// is there already.
fn tidy(folder: &Folder, named: &[Named], (following, size): (Number, u64)) -> io::Result<bool> {
    let entries = match std::fs::read_dir(folder.path()) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        entries => entries?,
    };
    let mut ready = false;
    for entry in entries {
        let entry = entry?;
        let name = entry.file_name();
        let number = name.to_str().and_then(Number::of_name);
        let is_named = number.is_some_and(|number| named.iter().any(|(other, ..)| *other == number));
        let is_next =
            number == Some(following) && entry.metadata()?.len() == size && whole(folder, following, size).is_ok();
        if is_next {
            ready = true;
        } else if !is_named && (number.is_some() || Path::new(&name).extension().is_some_and(|ending| ending == "new"))
        {
            std::fs::remove_file(entry.path())?;
        }
    }
    Ok(ready)
}
