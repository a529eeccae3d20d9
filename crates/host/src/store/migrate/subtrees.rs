//! Roots of complete subtrees of the logs between nations, for a store whose version kept none. REC-1

use crate::store::{
    keys::{Place, Table},
    schema,
};
use relto_audit::{
    origin::Origin,
    tree::{Frontier, leaf_hash},
};
use relto_exchange::store::{Key, SubtreeAt};
use rusqlite::{Connection, params};

/// Adds the table, and what belongs into it; gives how many roots that are.
pub(super) fn add(connection: &Connection) -> rusqlite::Result<u64> {
    schema::add_subtrees(connection)?;
    let mut logs = connection.prepare("SELECT origin, id FROM log")?;
    let logs: Vec<(Origin, u16)> = logs
        .query_map([], |row| Ok((Origin::from_bytes(row.get::<_, [u8; 32]>(0)?), row.get(1)?)))?
        .collect::<rusqlite::Result<_>>()?;
    let mut put = connection.prepare(Table::Subtree.insert())?;
    let mut read = connection.prepare("SELECT v FROM leaf WHERE k BETWEEN ?1 AND ?2 ORDER BY k")?;
    let mut count = 0;
    for (log, number) in logs {
        let (low, high) = Place::range(number);
        let (mut frontier, mut complete) = (Frontier::new(), Vec::new());
        let mut rows = read.query(params![low, high])?;
        while let Some(row) = rows.next()? {
            let size = frontier.size().saturating_add(1);
            let leaf = leaf_hash(row.get_ref(0)?.as_blob()?);
            frontier.push_hash_seen(leaf, |height, root| {
                complete.extend(SubtreeAt::of(height, size).map(|at| (at, *root)));
            });
            for (at, root) in complete.drain(..) {
                put.execute(params![Place::of(&Key::Subtree(log, at), number), &root.as_bytes()[..]])?;
                count += 1;
            }
        }
    }
    Ok(count)
}
