//! What a batch has read and written, in the order of the writes, over what is on the disk.

use crate::model::store::{Key, Reader, Row, Store, StoreError, Write};
use std::collections::BTreeMap;

/// What this batch knows of a key.
enum Known {
    /// Read at its begin.
    Read(Option<Box<Row>>),
    /// Its newest write.
    Write(usize),
}

/// Reads and writes of a batch.
#[derive(Default)]
pub(super) struct Written {
    /// In order.
    writes: Vec<Write>,
    places: BTreeMap<Key, Known>,
}

impl Written {
    /// Nothing written yet, and these rows read.
    pub(super) fn over(read: impl Iterator<Item = (Key, Option<Row>)>) -> Self {
        Self { writes: Vec::new(), places: read.map(|(key, row)| (key, Known::Read(row.map(Box::new)))).collect() }
    }

    /// Adds a write. One transaction holds a row as it stands at the end: what changes again is written once, and of what
    /// goes again nothing but that: what should not have stood on the disk goes from there all the same.
    pub(super) fn push(&mut self, write: Write) {
        let last = match self.places.get(write.key()) {
            Some(Known::Write(at)) => self.writes.get_mut(*at),
            Some(Known::Read(_)) | None => None,
        };
        match (last, write) {
            // Whatever of this turn stands there goes with the rest, and what comes after it comes after it.
            (_, Write::EraseAll(from, to)) => {
                self.places.range_mut(&from..=&to).for_each(|(_, known)| *known = Known::Read(None));
                self.writes.push(Write::EraseAll(from, to));
            }
            (Some(last @ (Write::Insert(..) | Write::Replace(..))), erase @ Write::Erase(_)) => *last = erase,
            (Some(Write::Insert(_, row) | Write::Replace(_, row)), Write::Replace(_, new)) => *row = new,
            (_, write) => {
                self.places.insert(write.key().clone(), Known::Write(self.writes.len()));
                self.writes.push(write);
            }
        }
    }

    /// What stands at a key, as far as this batch knows.
    pub(super) fn known(&self, key: &Key) -> Option<Option<&Row>> {
        self.places.get(key).map(|place| self.row(place))
    }

    fn row<'a>(&'a self, place: &'a Known) -> Option<&'a Row> {
        match place {
            Known::Read(row) => row.as_deref(),
            Known::Write(at) => match self.writes.get(*at)? {
                Write::Insert(_, row) | Write::Replace(_, row) => Some(row),
                Write::Erase(_) | Write::EraseAll(..) => None,
            },
        }
    }

    /// What is to be written.
    pub(super) fn into_writes(self) -> Vec<Write> {
        self.writes
    }
}

/// What a batch has written or read, over what is on the disk.
pub(crate) struct Rows<'a> {
    over: &'a Written,
    disk: &'a dyn Store,
}

impl<'a> Rows<'a> {
    pub(super) const fn new(over: &'a Written, disk: &'a dyn Store) -> Self {
        Self { over, disk }
    }

    fn row(&self, key: &Key) -> Result<Option<Row>, StoreError> {
        match self.over.known(key) {
            Some(row) => Ok(row.cloned()),
            None => crate::store::one(self.disk, key),
        }
    }
}

impl Reader for Rows<'_> {
    fn get(&self, keys: &[Key]) -> Result<Vec<Option<Row>>, StoreError> {
        keys.iter().map(|key| self.row(key)).collect()
    }

    fn scan(&self, from: &Key, to: &Key, limit: usize) -> Result<Vec<(Key, Row)>, StoreError> {
        let mut rows: BTreeMap<Key, Row> = self.disk.scan(from, to, limit)?.into_iter().collect();
        for (key, place) in self.over.places.range(from..=to) {
            match self.over.row(place) {
                Some(row) => drop(rows.insert(key.clone(), row.clone())),
                None => drop(rows.remove(key)),
            }
        }
        Ok(rows.into_iter().take(limit).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use relto_audit::origin::Origin;

    fn key(index: u64) -> Key {
        Key::Awaited(Origin::from_bytes([1; 32]), index)
    }

    fn row(byte: u8) -> Row {
        Row::Bytes(vec![byte])
    }

    fn written(writes: &[Write]) -> Written {
        let mut written = Written::default();
        writes.iter().for_each(|write| written.push(write.clone()));
        written
    }

    #[test]
    fn a_row_is_written_once_as_it_stands_at_the_end() {
        use Write::{Erase, Insert, Replace};
        let cases: [(&[Write], &[Write], Option<u8>); 6] = [
            (&[Insert(key(0), row(1)), Replace(key(0), row(2))], &[Insert(key(0), row(2))], Some(2)),
            (&[Replace(key(0), row(1)), Replace(key(0), row(2))], &[Replace(key(0), row(2))], Some(2)),
            // What should not stand on the disk goes from there all the same.
            (&[Insert(key(0), row(1)), Erase(key(0))], &[Erase(key(0))], None),
            (&[Replace(key(0), row(1)), Erase(key(0))], &[Erase(key(0))], None),
            (
                &[Insert(key(0), row(1)), Erase(key(0)), Insert(key(0), row(2))],
                &[Erase(key(0)), Insert(key(0), row(2))],
                Some(2),
            ),
            (&[Erase(key(0)), Insert(key(0), row(1)), Erase(key(0))], &[Erase(key(0)), Erase(key(0))], None),
        ];
        for (writes, want, stands) in cases {
            let written = written(writes);
            assert_eq!(written.known(&key(0)), Some(stands.map(row).as_ref()), "{writes:?}");
            assert_eq!(written.known(&key(1)), None);
            assert_eq!(written.into_writes(), want, "{writes:?}");
        }
    }

    #[test]
    fn what_was_read_stands_until_it_is_written() {
        let mut written = Written::over([(key(0), Some(row(1))), (key(1), None)].into_iter());
        assert_eq!((written.known(&key(0)), written.known(&key(1))), (Some(Some(&row(1))), Some(None)));
        written.push(Write::Replace(key(0), row(2)));
        written.push(Write::Insert(key(1), row(3)));
        assert_eq!((written.known(&key(0)), written.known(&key(1))), (Some(Some(&row(2))), Some(Some(&row(3)))));
    }
}
