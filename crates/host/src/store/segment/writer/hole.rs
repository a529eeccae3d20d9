//! Erasure: the row goes with the key of its body, and then the bytes.

use super::{
    super::{
        check::named,
        lease,
        place::{Number, Spot},
        record::taken,
    },
    Segments,
};
use crate::{clock, store::fault::is_full};
use rusqlite::{Connection, params, types::Type};
use std::{collections::BTreeMap, io};

/// Why bytes of erased rows still stand there.
#[derive(Debug, thiserror::Error)]
pub(in crate::store) enum HoleFault {
    /// The database.
    #[error("{0}")]
    Sql(#[from] rusqlite::Error),
    /// The file.
    #[error("{0}")]
    Io(#[from] io::Error),
}

/// Notes, in the transaction that erases or changes its row, that these bytes are to go.
pub(in crate::store) fn dig(connection: &Connection, spot: &Spot) -> rusqlite::Result<()> {
    dig_hole(connection, spot.file.to_column(), spot.offset, taken(spot.length))
}

/// The same for all rows of a range; `spots` gives where they stand, in order. Those that stand one behind the other are one
/// hole.
pub(in crate::store) fn dig_all(
    connection: &Connection,
    spots: &str,
    range: impl rusqlite::Params,
) -> rusqlite::Result<()> {
    let mut holes: Vec<(i64, u64, u64)> = Vec::new();
    {
        let mut statement = connection.prepare_cached(spots)?;
        let mut rows = statement.query(range)?;
        while let Some(row) = rows.next()? {
            let Some(file) = row.get::<_, Option<i64>>(0)? else { continue };
            let (offset, length) = (row.get::<_, u64>(1)?, taken(row.get(2)?));
            match holes.last_mut() {
                Some((last, begin, bytes)) if *last == file && begin.saturating_add(*bytes) == offset => {
                    *bytes = bytes.saturating_add(length);
                }
                _ => holes.push((file, offset, length)),
            }
        }
    }
    for (file, offset, length) in holes {
        dig_hole(connection, file, offset, length)?;
    }
    Ok(())
}

fn dig_hole(connection: &Connection, file: i64, offset: u64, length: u64) -> rusqlite::Result<()> {
    connection
        .prepare_cached("INSERT INTO hole (segment, offset, length) VALUES (?1, ?2, ?3)")?
        .execute(params![file, offset, length])?;
    connection.prepare_cached("UPDATE segment SET live = live - ?2 WHERE n = ?1")?.execute(params![file, length])?;
    Ok(())
}

impl Segments {
    /// Between two transactions: takes the bytes of erased rows away, and the files in which nothing else stands. What a
    /// crash leaves undone the next call does. STO-6
    pub(in crate::store) fn close_holes(&mut self, connection: &Connection) -> Result<(), HoleFault> {
        if !self.holes || lease::is_held(self.folder.path(), clock::now_ms()) {
            return Ok(());
        }
        let mut holes: BTreeMap<Number, Vec<(u64, u64)>> = BTreeMap::new();
        {
            let mut statement = connection.prepare_cached("SELECT segment, offset, length FROM hole")?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                let other = || rusqlite::Error::InvalidColumnType(0, "segment".to_owned(), Type::Integer);
                let number = Number::of_column(row.get(0)?).ok_or_else(other)?;
                holes.entry(number).or_default().push((row.get(1)?, row.get(2)?));
            }
        }
        let in_use = [&self.current, &self.parts].map(|one| one.as_ref().map(|one| one.number));
        let empty: Vec<Number> = named(connection)?
            .into_iter()
            .filter(|(number, _, live)| *live == 0 && !in_use.contains(&Some(*number)))
            .map(|(number, ..)| number)
            .filter_map(|number| match is_named(connection, number) {
                Ok(true) => None,
                Ok(false) => Some(Ok(number)),
                Err(error) => Some(Err(error)),
            })
            .collect::<rusqlite::Result<_>>()?;
        for (number, list) in &holes {
            let file = self.medium.open(&self.folder.file(*number))?;
            for (offset, length) in list {
                file.punch(*offset, *length)?;
            }
            file.flush()?;
        }
        if let Err(error) = strike(connection, &empty) {
            if !connection.is_autocommit() {
                connection.execute_batch("ROLLBACK")?;
            }
            // The bytes are gone; that they are is noted when there is room.
            return if is_full(&error) { Ok(()) } else { Err(error.into()) };
        }
        self.holes = false;
        // Rows first: a row without its file opens nowhere, and a file that no row names holds nothing but zeros.
        for number in empty {
            std::fs::remove_file(self.folder.file(number))?;
        }
        Ok(())
    }
}

/// Takes away the notes of what is done, and the rows of empty files.
fn strike(connection: &Connection, empty: &[Number]) -> rusqlite::Result<()> {
    connection.execute_batch("BEGIN IMMEDIATE; DELETE FROM hole;")?;
    for number in empty {
        connection.execute("DELETE FROM segment WHERE n = ?1", params![number.to_column()])?;
    }
    connection.execute_batch("COMMIT")
}

/// Whether a row stands in this file: a count alone takes no file away.
fn is_named(connection: &Connection, number: Number) -> rusqlite::Result<bool> {
    let text = "SELECT EXISTS (SELECT 1 FROM payload WHERE segment = ?1)
        OR EXISTS (SELECT 1 FROM home WHERE segment = ?1)
        OR EXISTS (SELECT 1 FROM spool WHERE segment = ?1)
        OR EXISTS (SELECT 1 FROM part WHERE segment = ?1)";
    connection.query_row(text, params![number.to_column()], |row| row.get(0))
}
