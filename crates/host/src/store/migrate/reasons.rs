//! Rows of submissions and of the inbox, whose reasons were words before store version 4, written with what is named.

use super::{
    super::keys::{Place, Table},
    sealed::Sealer,
    words,
};
use relto_audit::origin::Origin;
use relto_exchange::store::Key;
use relto_report::codec::Malformed;
use rusqlite::{Connection, params, types::Type};

/// Rows that are read at once.
const PAGE: i64 = 256;

/// Rewrites them within the transaction that is open on this connection; gives how many they are.
///
/// # Errors
/// SQLite's; a row that does not open or is none of version 3.
pub(super) fn name_all(connection: &Connection, sealer: &Sealer<'_>) -> rusqlite::Result<u64> {
    let submissions = Rows { first: Key::Submission([0; 16]), last: Key::Submission([0xff; 16]), log: 0 };
    let mut count = submissions.rewrite(connection, sealer, words::submission)?;
    let mut logs = connection.prepare("SELECT id, origin FROM log ORDER BY id")?;
    let logs = logs.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    for (log, origin) in logs.collect::<rusqlite::Result<Vec<(u16, Vec<u8>)>>>()? {
        let origin = Origin::from_bytes(origin.try_into().map_err(|_| damaged("log"))?);
        let inbox = Rows { first: Key::Inbox(origin, 0), last: Key::Inbox(origin, u64::MAX), log };
        count += inbox.rewrite(connection, sealer, words::inbox)?;
    }
    Ok(count)
}

/// Rows of one kind, and of one log where there is one.
struct Rows {
    first: Key,
    last: Key,
    /// Number of the log.
    log: u16,
}

impl Rows {
    fn rewrite(
        &self,
        connection: &Connection,
        sealer: &Sealer<'_>,
        anew: fn(&[u8]) -> Result<Vec<u8>, Malformed>,
    ) -> rusqlite::Result<u64> {
        let table = Table::of(&self.first);
        let (mut read, mut write) = (connection.prepare(table.range())?, connection.prepare(table.update())?);
        let (mut from, last) = (Place::of(&self.first, self.log), Place::of(&self.last, self.log));
        let mut count = 0;
        loop {
            let page = read.query_map(params![from, last, PAGE], |row| Ok((row.get(4)?, row.get(0)?)))?;
            let page = page.collect::<rusqlite::Result<Vec<(Place, Vec<u8>)>>>()?;
            let Some((end, _)) = page.last() else { return Ok(count) };
            from = behind(end);
            for (place, sealed) in page {
                let key = place.key_like(&self.first).ok_or_else(|| damaged("a key"))?;
                let old = sealer.open(&key, sealed).ok_or_else(|| damaged("a row is not as it was written"))?;
                let new = anew(&old).map_err(|fault| damaged(&format!("a row {fault}")))?;
                write.execute(params![place, sealer.seal(&key, new)?])?;
                count += 1;
            }
        }
    }
}

/// The first place behind this one.
fn behind(place: &Place) -> Place {
    match place {
        Place::Integer(place) => Place::Integer(place.saturating_add(1)),
        Place::Bytes(bytes) => Place::Bytes([bytes.as_slice(), &[0]].concat()),
    }
}

fn damaged(what: &str) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(1, Type::Blob, what.to_owned().into())
}
