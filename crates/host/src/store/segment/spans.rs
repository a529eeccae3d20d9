//! Which bytes of each file rows name, and which none.

use super::{
    check::named,
    place::Number,
    record::{BLOCK, taken},
};
use rusqlite::{Connection, types::Type};
use std::collections::BTreeMap;

/// Where every body stands outside the database: file by file, in the order of their bytes.
pub(super) const SPOTS: &str = "
    SELECT segment, offset, length FROM payload WHERE segment IS NOT NULL
    UNION ALL SELECT segment, offset, length FROM home WHERE segment IS NOT NULL
    UNION ALL SELECT segment, offset, length FROM spool WHERE segment IS NOT NULL
    UNION ALL SELECT segment, offset, length FROM part WHERE segment IS NOT NULL ORDER BY 1, 2";

/// One file.
pub(in crate::store) struct Spans {
    /// Its name in the folder.
    pub(in crate::store) name: String,
    /// Behind the last body.
    pub(in crate::store) end: u64,
    /// Bytes before that which no row names: where each run begins, and how many.
    pub(in crate::store) dead: Vec<(u64, u64)>,
}

/// All files that the database names.
pub(in crate::store) fn spans(connection: &Connection) -> rusqlite::Result<Vec<Spans>> {
    let of =
        |(number, end, _): (Number, u64, u64)| (number, (Spans { name: number.name(), end, dead: Vec::new() }, BLOCK));
    let mut files: BTreeMap<Number, (Spans, u64)> = named(connection)?.into_iter().map(of).collect();
    let mut statement = connection.prepare(SPOTS)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let other = || rusqlite::Error::InvalidColumnType(0, "segment".to_owned(), Type::Integer);
        let number = Number::of_column(row.get(0)?).ok_or_else(other)?;
        let (offset, bytes) = (row.get::<_, u64>(1)?, taken(row.get(2)?));
        let (spans, at) = files.get_mut(&number).ok_or_else(other)?;
        spans.dead.extend(offset.checked_sub(*at).filter(|gap| *gap > 0).map(|gap| (*at, gap)));
        *at = (*at).max(offset.saturating_add(bytes));
    }
    let closed = |(mut spans, at): (Spans, u64)| {
        spans.dead.extend(spans.end.checked_sub(at).filter(|gap| *gap > 0).map(|gap| (at, gap)));
        spans
    };
    Ok(files.into_values().map(closed).collect())
}
