//! The files of segments beside what the database says of them, for the offline verifier.

use super::{
    check::{named, whole},
    place::{Folder, Number},
    record::{BLOCK, taken},
    spans::SPOTS,
};
use rusqlite::{Connection, types::Type};
use std::collections::BTreeMap;

/// What was found of a store's segment files.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct SegmentsFound {
    /// Files that the database names.
    pub files: u64,
    /// Bytes in which bodies stand.
    pub live: u64,
    /// Bytes up to the files' ends that no row names: of rows that were erased.
    pub dead: u64,
    /// What is wrong.
    pub faults: Vec<String>,
}

/// One file, while its records are walked.
struct Walk {
    end: u64,
    claimed: u64,
    /// Behind the last record.
    at: u64,
    live: u64,
    overlaps: u64,
}

/// Looks whether every file is there and whole, and whether rows name each place at most once. Bodies themselves are
/// read with their rows.
pub(in crate::store) fn audit(connection: &Connection, folder: &Folder) -> rusqlite::Result<SegmentsFound> {
    let mut found = SegmentsFound::default();
    let mut files: BTreeMap<Number, Walk> = BTreeMap::new();
    for (number, end, claimed) in named(connection)? {
        if let Err(fault) = whole(folder, number, end) {
            found.faults.push(format!("{}: {fault}", folder.file(number).display()));
        }
        files.insert(number, Walk { end, claimed, at: BLOCK, live: 0, overlaps: 0 });
    }
    let mut unknown = 0_u64;
    let mut statement = connection.prepare(SPOTS)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let column = row.get(0)?;
        let number = Number::of_column(column)
            .ok_or_else(|| rusqlite::Error::InvalidColumnType(0, "segment".to_owned(), Type::Integer))?;
        let (offset, bytes) = (row.get::<_, u64>(1)?, taken(row.get(2)?));
        let Some(walk) = files.get_mut(&number) else {
            unknown = unknown.saturating_add(1);
            continue;
        };
        let end = offset.saturating_add(bytes);
        if offset < walk.at || end > walk.end {
            walk.overlaps = walk.overlaps.saturating_add(1);
        }
        walk.live = walk.live.saturating_add(bytes);
        walk.at = walk.at.max(end);
    }
    if unknown > 0 {
        found.faults.push(format!("{unknown} rows stand in segment files that the database does not list"));
    }
    for (number, walk) in files {
        found.files = found.files.saturating_add(1);
        found.live = found.live.saturating_add(walk.live);
        found.dead = found.dead.saturating_add(walk.end.saturating_sub(BLOCK).saturating_sub(walk.live));
        let mut fault = |words: String| found.faults.push(format!("{}: {words}", folder.file(number).display()));
        if walk.overlaps > 0 {
            fault(format!("{} rows name bytes that are another row's, or behind its end", walk.overlaps));
        }
        if walk.live != walk.claimed {
            fault(format!("rows name {} bytes in it, and the database counts {}", walk.live, walk.claimed));
        }
    }
    Ok(found)
}
