//! How keys stand in tables: one integer where a log's number and an index fit, bytes that sort as the key elsewhere.

use super::segment::Owner;
use relto_audit::origin::Origin;
use relto_exchange::store::{Key, SerialAt, SubmissionId, SubtreeAt};
use relto_report::domain::{Tag, message};
use rusqlite::{
    ToSql,
    types::{FromSql, FromSqlError, FromSqlResult, ToSqlOutput, ValueRef},
};

/// Bits of an index; the log's number stands above them. 2^47 leaves are 10,000 per second for 446 years.
pub(super) const INDEX_BITS: u32 = 47;
/// Bits of the place of a subtree among those of its level, which stands above them.
const LEVEL_BITS: u32 = 40;
const MOST_OF_LEVEL: i64 = (1 << LEVEL_BITS) - 1;

/// One table for each kind of key.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Table {
    Leaf,
    Entry,
    Checkpoint,
    Subtree,
    Payload,
    Detail,
    Home,
    Outbox,
    Awaited,
    Spool,
    Inbox,
    Submission,
    Draft,
    DraftBody,
    DraftHome,
    Upload,
    Part,
    HeadWrite,
    Serial,
    SerialSalt,
    Fold,
}

// Of each table: its name; where a body stands outside the database; what a new value takes back of that.
macro_rules! statements {
    ($($table:ident = $name:literal, $outside:literal, $inside:literal;)*) => {
        impl Table {
            /// All tables: name, and whether the key is an integer.
            pub(crate) const ALL: &[(&str, bool)] = &[$(($name, Table::$table.is_integer()),)*];

            pub(crate) const fn insert(self) -> &'static str {
                // One that stands says the same.
                if matches!(self, Self::Serial) {
                    return "INSERT OR IGNORE INTO serial (k, v) VALUES (?1, ?2)";
                }
                match self { $(Self::$table => concat!("INSERT INTO ", $name, " (k, v) VALUES (?1, ?2)"),)* }
            }

            /// Of a row whose body may stand outside the database: see [`Self::is_bulk`].
            pub(crate) const fn insert_outside(self) -> &'static str {
                match self {
                    $(Self::$table => concat!(
                        "INSERT INTO ", $name, " (k, v, segment, offset, length) VALUES (?1, ?2, ?3, ?4, ?5)"
                    ),)*
                }
            }

            pub(crate) const fn update(self) -> &'static str {
                match self { $(Self::$table => concat!("UPDATE ", $name, " SET v = ?2", $inside, " WHERE k = ?1"),)* }
            }

            pub(crate) const fn delete(self) -> &'static str {
                match self { $(Self::$table => concat!("DELETE FROM ", $name, " WHERE k = ?1"),)* }
            }

            /// All rows from one key to another.
            pub(crate) const fn delete_range(self) -> &'static str {
                match self { $(Self::$table => concat!("DELETE FROM ", $name, " WHERE k BETWEEN ?1 AND ?2"),)* }
            }

            /// Where the bodies of these rows stand outside the database, one behind the other.
            pub(crate) const fn spots(self) -> &'static str {
                match self {
                    $(Self::$table => concat!(
                        "SELECT ", $outside, " FROM ", $name, " WHERE k BETWEEN ?1 AND ?2 ORDER BY 1, 2"
                    ),)*
                }
            }

            pub(crate) const fn select(self) -> &'static str {
                match self { $(Self::$table => concat!("SELECT v, ", $outside, " FROM ", $name, " WHERE k = ?1"),)* }
            }

            pub(crate) const fn range(self) -> &'static str {
                match self {
                    $(Self::$table => concat!(
                        "SELECT v, ", $outside, ", k FROM ", $name, " WHERE k BETWEEN ?1 AND ?2 ORDER BY k LIMIT ?3"
                    ),)*
                }
            }
        }
    };
}

statements! {
    Leaf = "leaf", "NULL, NULL, NULL", "";
    Entry = "entry", "NULL, NULL, NULL", "";
    Checkpoint = "checkpoint", "NULL, NULL, NULL", "";
    Subtree = "subtree", "NULL, NULL, NULL", "";
    Payload = "payload", "segment, offset, length", ", segment = NULL, offset = NULL, length = NULL";
    Detail = "detail", "NULL, NULL, NULL", "";
    Home = "home", "segment, offset, length", ", segment = NULL, offset = NULL, length = NULL";
    Outbox = "outbox", "NULL, NULL, NULL", "";
    Awaited = "awaited", "NULL, NULL, NULL", "";
    Spool = "spool", "segment, offset, length", ", segment = NULL, offset = NULL, length = NULL";
    Inbox = "inbox", "NULL, NULL, NULL", "";
    Submission = "submission", "NULL, NULL, NULL", "";
    Draft = "draft", "NULL, NULL, NULL", "";
    DraftBody = "draft_body", "NULL, NULL, NULL", "";
    DraftHome = "draft_home", "NULL, NULL, NULL", "";
    Upload = "upload", "NULL, NULL, NULL", "";
    Part = "part", "segment, offset, length", ", segment = NULL, offset = NULL, length = NULL";
    HeadWrite = "head_write", "NULL, NULL, NULL", "";
    Serial = "serial", "NULL, NULL, NULL", "";
    SerialSalt = "serial_salt", "NULL, NULL, NULL", "";
    Fold = "fold", "NULL, NULL, NULL", "";
}

impl Table {
    pub(crate) const fn of(key: &Key) -> Self {
        match key {
            Key::Leaf(..) => Self::Leaf,
            Key::Entry(..) => Self::Entry,
            Key::HeadWrite => Self::HeadWrite,
            Key::Serial(_) => Self::Serial,
            Key::SerialSalt => Self::SerialSalt,
            Key::Fold(_) => Self::Fold,
            Key::Checkpoint(..) => Self::Checkpoint,
            Key::Subtree(..) => Self::Subtree,
            Key::Payload(..) => Self::Payload,
            Key::Detail(..) => Self::Detail,
            Key::Home(..) => Self::Home,
            Key::Outbox(..) => Self::Outbox,
            Key::Awaited(..) => Self::Awaited,
            Key::Spool(..) => Self::Spool,
            Key::Inbox(..) => Self::Inbox,
            Key::Submission(_) => Self::Submission,
            Key::Draft(_) => Self::Draft,
            Key::DraftBody(_) => Self::DraftBody,
            Key::DraftHome(_) => Self::DraftHome,
            Key::Upload(_) => Self::Upload,
            Key::Part(..) => Self::Part,
        }
    }

    const fn is_integer(self) -> bool {
        !matches!(
            self,
            Self::Spool
                | Self::Submission
                | Self::Draft
                | Self::DraftBody
                | Self::DraftHome
                | Self::Upload
                | Self::Part
                | Self::Serial
        )
    }

    /// Rows whose body may stand outside the database. STO-1
    pub(crate) const fn is_bulk(self) -> bool {
        matches!(self, Self::Payload | Self::Home | Self::Spool | Self::Part)
    }

    /// Rows of which many are parts of one long payload.
    pub(crate) const fn is_of_parts(self) -> bool {
        matches!(self, Self::Spool | Self::Part)
    }

    /// What holds a report's text or who wrote it is encrypted under a key of its own.
    pub(crate) const fn is_encrypted(self) -> bool {
        match self {
            Self::Entry
            | Self::HeadWrite
            | Self::Payload
            | Self::Detail
            | Self::Home
            | Self::Spool
            | Self::Draft
            | Self::DraftBody
            | Self::DraftHome
            | Self::Upload
            | Self::Part
            | Self::Outbox
            | Self::Inbox
            | Self::Submission
            | Self::SerialSalt
            | Self::Fold => true,
            Self::Leaf | Self::Checkpoint | Self::Subtree | Self::Awaited | Self::Serial => false,
        }
    }
}

/// A key as a column.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Place {
    Integer(i64),
    Bytes(Vec<u8>),
}

pub(crate) const fn origin(key: &Key) -> Option<Origin> {
    match key {
        Key::Leaf(origin, _)
        | Key::Entry(origin, _)
        | Key::Checkpoint(origin, _)
        | Key::Subtree(origin, _)
        | Key::Payload(origin, _)
        | Key::Detail(origin, _)
        | Key::Home(origin, _)
        | Key::Outbox(origin, _)
        | Key::Awaited(origin, _)
        | Key::Spool(origin, _, _)
        | Key::Inbox(origin, _)
        | Key::Serial(SerialAt { log: origin, .. }) => Some(*origin),
        Key::Submission(_)
        | Key::Draft(_)
        | Key::DraftBody(_)
        | Key::DraftHome(_)
        | Key::Upload(_)
        | Key::Part(..)
        | Key::HeadWrite
        | Key::SerialSalt
        | Key::Fold(_) => None,
    }
}

/// Number of a table in what its rows are bound to; never changed.
const fn number(table: Table) -> u8 {
    match table {
        Table::Payload => 1,
        Table::Detail => 2,
        Table::Spool => 3,
        Table::Draft => 4,
        Table::Outbox => 5,
        Table::Inbox => 6,
        Table::Submission => 7,
        Table::Home => 8,
        Table::DraftBody => 9,
        Table::DraftHome => 10,
        Table::Entry => 11,
        Table::HeadWrite => 12,
        Table::SerialSalt => 13,
        Table::Fold => 14,
        Table::Upload => 15,
        Table::Part => 16,
        Table::Leaf | Table::Checkpoint | Table::Subtree | Table::Awaited | Table::Serial => 0,
    }
}

/// Whose body it is, where it may stand outside the database.
pub(crate) fn owner(key: &Key) -> Option<Owner> {
    match key {
        Key::Payload(log, index) | Key::Home(log, index) => {
            Some(Owner { table: number(Table::of(key)), log: *log.as_bytes(), index: *index })
        }
        // Of many pieces of one payload: which it is stands with the key that opens it.
        Key::Spool(log, index, _) => Some(Owner { table: number(Table::Spool), log: *log.as_bytes(), index: *index }),
        Key::Part(id, offset) => Some(Owner { table: number(Table::Part), log: padded(*id), index: *offset }),
        _ => None,
    }
}

/// A submission's id where a log's name stands.
fn padded(id: SubmissionId) -> [u8; 32] {
    let mut name = [0; 32];
    name.iter_mut().zip(id).for_each(|(place, byte)| *place = byte);
    name
}

/// What an encrypted row is bound to: its table and its whole key.
pub(crate) fn associated(key: &Key) -> Vec<u8> {
    let mut body = vec![number(Table::of(key))];
    if let Some(origin) = origin(key) {
        body.extend_from_slice(origin.as_bytes());
    }
    if let Place::Bytes(bytes) = Place::of(key, 0) {
        body.extend_from_slice(&bytes);
    } else if let Key::Entry(_, index)
    | Key::Payload(_, index)
    | Key::Detail(_, index)
    | Key::Home(_, index)
    | Key::Outbox(_, index)
    | Key::Inbox(_, index)
    | Key::Fold(index) = key
    {
        body.extend_from_slice(&index.to_be_bytes());
    }
    message(Tag::Row, &body)
}

impl Place {
    pub(crate) fn of(key: &Key, log: u16) -> Self {
        match key {
            Key::Leaf(_, at)
            | Key::Entry(_, at)
            | Key::Checkpoint(_, at)
            | Key::Payload(_, at)
            | Key::Detail(_, at)
            | Key::Home(_, at)
            | Key::Outbox(_, at)
            | Key::Awaited(_, at)
            | Key::Inbox(_, at) => {
                let most = (1_i64 << INDEX_BITS) - 1;
                let index = i64::try_from(*at).unwrap_or(most).min(most);
                Self::Integer((i64::from(log) << INDEX_BITS) | index)
            }
            Key::Subtree(_, SubtreeAt { level, index }) => {
                let place =
                    (i64::from(*level) << LEVEL_BITS) | i64::try_from(*index).unwrap_or(i64::MAX) & MOST_OF_LEVEL;
                Self::Integer((i64::from(log) << INDEX_BITS) | place)
            }
            Key::Spool(_, at, offset) => {
                Self::Bytes([&log.to_be_bytes()[..], &at.to_be_bytes(), &offset.to_be_bytes()].concat())
            }
            Key::Part(id, offset) => Self::Bytes([&id[..], &offset.to_be_bytes()].concat()),
            Key::Submission(id) | Key::Draft(id) | Key::DraftBody(id) | Key::DraftHome(id) | Key::Upload(id) => {
                Self::Bytes(id.to_vec())
            }
            Key::Serial(SerialAt { serial, index, .. }) => {
                Self::Bytes([&serial[..], &log.to_be_bytes(), &index.to_be_bytes()].concat())
            }
            Key::HeadWrite | Key::SerialSalt => Self::Integer(0),
            Key::Fold(at) => Self::Integer(i64::try_from(*at).unwrap_or(i64::MAX)),
        }
    }

    /// All places of a log of this number.
    pub(crate) fn range(log: u16) -> (Self, Self) {
        let base = i64::from(log) << INDEX_BITS;
        (Self::Integer(base), Self::Integer(base | ((1 << INDEX_BITS) - 1)))
    }

    /// The index in a log at this place.
    pub(crate) fn index(&self) -> Option<u64> {
        let Self::Integer(place) = self else { return None };
        u64::try_from(place & ((1_i64 << INDEX_BITS) - 1)).ok()
    }

    /// All places of serials from one to another, both included, in whichever logs.
    pub(crate) fn of_serials(from: &SerialAt, to: &SerialAt) -> [Self; 2] {
        [(from, 0), (to, 0xff)].map(|(at, fill)| Self::Bytes([&at.serial[..], &[fill; 10]].concat()))
    }

    /// What a place of a serial says: digest, number of the log, index.
    pub(crate) fn as_serial(&self) -> Option<([u8; 16], u16, u64)> {
        let Self::Bytes(bytes) = self else { return None };
        let (serial, rest) = bytes.split_first_chunk::<16>()?;
        let (log, index) = rest.split_first_chunk::<2>()?;
        Some((*serial, u16::from_be_bytes(*log), u64::from_be_bytes(index.try_into().ok()?)))
    }

    /// The key of the same kind and log as `model` that stands here.
    pub(crate) fn key_like(&self, model: &Key) -> Option<Key> {
        match (self, model) {
            (Self::Integer(place), _) => {
                let at = u64::try_from(place & ((1_i64 << INDEX_BITS) - 1)).ok()?;
                Some(match model {
                    Key::Leaf(log, _) => Key::Leaf(*log, at),
                    Key::Entry(log, _) => Key::Entry(*log, at),
                    Key::HeadWrite => Key::HeadWrite,
                    Key::SerialSalt => Key::SerialSalt,
                    // Of no log: the whole column is the index.
                    Key::Fold(_) => Key::Fold(u64::try_from(*place).ok()?),
                    Key::Checkpoint(log, _) => Key::Checkpoint(*log, at),
                    Key::Subtree(log, _) => {
                        let level = u8::try_from(at >> LEVEL_BITS).ok()?;
                        let index = at & u64::try_from(MOST_OF_LEVEL).ok()?;
                        Key::Subtree(*log, SubtreeAt { level, index })
                    }
                    Key::Payload(log, _) => Key::Payload(*log, at),
                    Key::Detail(log, _) => Key::Detail(*log, at),
                    Key::Home(log, _) => Key::Home(*log, at),
                    Key::Outbox(log, _) => Key::Outbox(*log, at),
                    Key::Awaited(log, _) => Key::Awaited(*log, at),
                    Key::Inbox(log, _) => Key::Inbox(*log, at),
                    Key::Spool(..)
                    | Key::Submission(_)
                    | Key::Draft(_)
                    | Key::DraftBody(_)
                    | Key::DraftHome(_)
                    | Key::Upload(_)
                    | Key::Part(..)
                    | Key::Serial(_) => return None,
                })
            }
            (Self::Bytes(bytes), Key::Spool(log, _, _)) => {
                let (_, rest) = bytes.split_first_chunk::<2>()?;
                let (at, rest) = rest.split_first_chunk::<8>()?;
                Some(Key::Spool(*log, u64::from_be_bytes(*at), u64::from_be_bytes(rest.try_into().ok()?)))
            }
            (Self::Bytes(bytes), Key::Submission(_)) => Some(Key::Submission(bytes.as_slice().try_into().ok()?)),
            (Self::Bytes(bytes), Key::Draft(_)) => Some(Key::Draft(bytes.as_slice().try_into().ok()?)),
            (Self::Bytes(bytes), Key::DraftBody(_)) => Some(Key::DraftBody(bytes.as_slice().try_into().ok()?)),
            (Self::Bytes(bytes), Key::DraftHome(_)) => Some(Key::DraftHome(bytes.as_slice().try_into().ok()?)),
            (Self::Bytes(bytes), Key::Upload(_)) => Some(Key::Upload(bytes.as_slice().try_into().ok()?)),
            (Self::Bytes(bytes), Key::Part(..)) => {
                let (id, offset) = bytes.split_first_chunk::<16>()?;
                Some(Key::Part(*id, u64::from_be_bytes(offset.try_into().ok()?)))
            }
            (Self::Bytes(_), _) => None,
        }
    }
}

impl ToSql for Place {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        match self {
            Self::Integer(place) => place.to_sql(),
            Self::Bytes(bytes) => bytes.to_sql(),
        }
    }
}

impl FromSql for Place {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        match value {
            ValueRef::Integer(place) => Ok(Self::Integer(place)),
            ValueRef::Blob(bytes) => Ok(Self::Bytes(bytes.to_vec())),
            ValueRef::Null | ValueRef::Real(_) | ValueRef::Text(_) => Err(FromSqlError::InvalidType),
        }
    }
}
