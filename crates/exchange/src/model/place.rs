//! Typed keys: which kind of row stands at a place is known by the place's type.

use crate::model::{
    rows::{Awaited, Detail, Draft, Inbox, Outbox, Submission, Upload},
    store::{Key, Reader, Row, SerialAt, StoreError, SubmissionId, SubtreeAt},
};
use relto_audit::origin::Origin;

/// Where one kind of row stands.
pub trait Place: Copy {
    /// What stands there.
    type Value;

    /// The key of this place.
    fn key(self) -> Key;

    /// The place of a key of this kind.
    fn of(key: &Key) -> Option<Self>;

    /// The row of a value.
    fn row(value: Self::Value) -> Row;

    /// The value of a row of this kind.
    fn value(row: Row) -> Option<Self::Value>;

    /// The same of a row that is looked at.
    fn look(row: &Row) -> Option<&Self::Value>;
}

// Each line: what it is; the place with its parts; its key, and its row.
macro_rules! places {
    ($(#[doc = $doc:literal] $place:ident($($part:ident: $type:ty),*) = [$($key:tt)+], $row:ident($value:ty);)+) => {
        $(
            #[doc = $doc]
            #[derive(Clone, Copy, PartialEq, Eq, Debug)]
            pub struct $place($(
                #[doc = concat!("Its ", stringify!($part), ".")]
                pub $type
            ),*);

            impl Place for $place {
                type Value = $value;

                fn key(self) -> Key {
                    let Self($($part),*) = self;
                    $($key)+
                }

                fn of(key: &Key) -> Option<Self> {
                    if let $($key)+ = key { Some(Self($(*$part),*)) } else { None }
                }

                fn row(value: $value) -> Row {
                    Row::$row(value)
                }

                fn value(row: Row) -> Option<$value> {
                    if let Row::$row(value) = row { Some(value) } else { None }
                }

                fn look(row: &Row) -> Option<&$value> {
                    if let Row::$row(value) = row { Some(value) } else { None }
                }
            }
        )+
    };
}

places! {
    /// A leaf's bytes.
    LeafAt(log: Origin, index: u64) = [Key::Leaf(log, index)], Bytes(Vec<u8>);
    /// An entry's bytes.
    EntryAt(log: Origin, index: u64) = [Key::Entry(log, index)], Bytes(Vec<u8>);
    /// A checkpoint, verbatim.
    CheckpointAt(log: Origin, size: u64) = [Key::Checkpoint(log, size)], Bytes(Vec<u8>);
    /// The root of a complete subtree.
    SubtreeRow(log: Origin, at: SubtreeAt) = [Key::Subtree(log, at)], Bytes(Vec<u8>);
    /// Salt and plaintext of a leaf.
    PayloadAt(log: Origin, index: u64) = [Key::Payload(log, index)], Bytes(Vec<u8>);
    /// The home file of a leaf.
    HomeAt(log: Origin, index: u64) = [Key::Home(log, index)], Bytes(Vec<u8>);
    /// What stays at home about a leaf.
    DetailAt(log: Origin, index: u64) = [Key::Detail(log, index)], Detail(Detail);
    /// A leaf of mine on its way.
    OutboxAt(log: Origin, index: u64) = [Key::Outbox(log, index)], Outbox(Outbox);
    /// A leaf of the partner that waits.
    AwaitedAt(log: Origin, index: u64) = [Key::Awaited(log, index)], Awaited(Awaited);
    /// What became of a leaf of the partner.
    InboxAt(log: Origin, index: u64) = [Key::Inbox(log, index)], Inbox(Inbox);
    /// A piece of a payload.
    SpoolAt(log: Origin, index: u64, offset: u64) = [Key::Spool(log, index, offset)], Bytes(Vec<u8>);
    /// A submission.
    SubmissionAt(id: SubmissionId) = [Key::Submission(id)], Submission(Submission);
    /// A draft.
    DraftAt(id: SubmissionId) = [Key::Draft(id)], Draft(Draft);
    /// Salt and plaintext of a draft.
    DraftBodyAt(id: SubmissionId) = [Key::DraftBody(id)], Bytes(Vec<u8>);
    /// The home file of a draft.
    DraftHomeAt(id: SubmissionId) = [Key::DraftHome(id)], Bytes(Vec<u8>);
    /// A long plaintext on its way from one of our people.
    UploadAt(id: SubmissionId) = [Key::Upload(id)], Upload(Upload);
    /// A part of such a plaintext.
    PartAt(id: SubmissionId, offset: u64) = [Key::Part(id, offset)], Bytes(Vec<u8>);
    /// The newest write of the head file.
    HeadWriteAt() = [Key::HeadWrite], Bytes(Vec<u8>);
    /// That a serial is on record.
    SerialRowAt(at: SerialAt) = [Key::Serial(at)], Bytes(Vec<u8>);
    /// The salt of serials.
    SerialSaltAt() = [Key::SerialSalt], Bytes(Vec<u8>);
    /// A fold of memory.
    FoldAt(slot: u64) = [Key::Fold(slot)], Bytes(Vec<u8>);
}

/// A row stands at a key of another kind: the store contradicts the program.
const OTHER_KIND: StoreError = StoreError::Fatal("a row of another kind stands at a key");

/// What stands at a place.
///
/// # Errors
/// [`StoreError::Fatal`] when the store cannot be read, or has a row of another kind there.
pub fn read<P: Place>(reader: &dyn Reader, at: P) -> Result<Option<P::Value>, StoreError> {
    let row = reader.get(std::slice::from_ref(&at.key()))?.pop().flatten();
    row.map(|row| P::value(row).ok_or(OTHER_KIND)).transpose()
}

/// What stands from one place to another, both included, ascending: up to so many.
///
/// # Errors
/// As [`read`].
pub fn scan<P: Place>(reader: &dyn Reader, from: P, to: P, most: usize) -> Result<Vec<(P, P::Value)>, StoreError> {
    let rows = reader.scan(&from.key(), &to.key(), most)?;
    let typed = |(key, row): (Key, Row)| Some((P::of(&key)?, P::value(row)?));
    rows.into_iter().map(|one| typed(one).ok_or(OTHER_KIND)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A store that says the same of every key.
    struct Says(Option<Row>);

    impl Reader for Says {
        fn get(&self, keys: &[Key]) -> Result<Vec<Option<Row>>, StoreError> {
            Ok(keys.iter().map(|_| self.0.clone()).collect())
        }

        fn scan(&self, from: &Key, _: &Key, _: usize) -> Result<Vec<(Key, Row)>, StoreError> {
            Ok(self.0.iter().map(|row| (from.clone(), row.clone())).collect())
        }
    }

    #[test]
    fn a_row_of_another_kind_is_told_and_not_passed_over() {
        let log = Origin::from_bytes([1; 32]);
        let (leaf, outbox) = (LeafAt(log, 3), OutboxAt(log, 3));
        let bytes = Says(Some(Row::Bytes(vec![7])));
        assert_eq!(read(&bytes, leaf), Ok(Some(vec![7])));
        assert_eq!(scan(&bytes, leaf, leaf, 1), Ok(vec![(leaf, vec![7])]));
        assert_eq!(read(&bytes, outbox), Err(OTHER_KIND));
        assert_eq!(scan(&bytes, outbox, outbox, 1), Err(OTHER_KIND));
        assert_eq!((read(&Says(None), outbox), scan(&Says(None), outbox, outbox, 1)), (Ok(None), Ok(Vec::new())));
        assert_eq!((LeafAt::of(&leaf.key()), OutboxAt::of(&leaf.key())), (Some(leaf), None));
    }
}
