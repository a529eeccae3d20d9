//! Where bodies stand outside the database: which file, and where in it.

use super::fault::SegmentFault;
use crate::{files, store::fault::OpenFault};
use std::{
    io,
    path::{Path, PathBuf},
};

/// Files of one body have numbers of their own, from here on.
const ALONE: i64 = 1 << 32;

/// One file of the folder of segments.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Number {
    /// A segment: the bodies of many rows, one behind the other.
    Segment(u32),
    /// One long body.
    Alone(u32),
}

impl Number {
    /// As the database names it.
    pub(in crate::store) fn to_column(self) -> i64 {
        match self {
            Self::Segment(number) => i64::from(number),
            Self::Alone(number) => ALONE | i64::from(number),
        }
    }

    /// What a column names.
    pub(in crate::store) fn of_column(column: i64) -> Option<Self> {
        match u32::try_from(column) {
            Ok(number) => Some(Self::Segment(number)),
            Err(_) => u32::try_from(column ^ ALONE).ok().map(Self::Alone),
        }
    }

    /// The one after it.
    pub(super) const fn next(self) -> Self {
        match self {
            Self::Segment(number) => Self::Segment(number.saturating_add(1)),
            Self::Alone(number) => Self::Alone(number.saturating_add(1)),
        }
    }

    /// Whether there is none after it: bodies stand in rows from then on.
    pub(super) const fn is_last(self) -> bool {
        matches!(self, Self::Segment(u32::MAX) | Self::Alone(u32::MAX))
    }

    pub(super) fn name(self) -> String {
        match self {
            Self::Segment(number) => format!("{number:08}.seg"),
            Self::Alone(number) => format!("{number:08}.one"),
        }
    }

    /// What a file of this name is.
    pub(in crate::store) fn of_name(name: &str) -> Option<Self> {
        let (digits, ending) = name.split_once('.')?;
        let number = digits.parse().ok()?;
        let found = match ending {
            "seg" => Self::Segment(number),
            "one" => Self::Alone(number),
            _ => return None,
        };
        (found.name() == name).then_some(found)
    }
}

/// Where one body stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Spot {
    /// In which file.
    pub file: Number,
    /// Where its record begins.
    pub offset: u64,
    /// Bytes of its ciphertext, without the header before it.
    pub length: u64,
}

/// The folder of segments of one store.
#[derive(Clone, Debug)]
pub(in crate::store) struct Folder {
    path: PathBuf,
    /// Which store's, so that files of another are found.
    pub(super) store: [u8; 16],
}

impl Folder {
    /// Beside the database.
    pub(in crate::store) fn of(database: &Path, store: [u8; 16]) -> Self {
        let mut path = database.as_os_str().to_owned();
        path.push(".seg");
        Self { path: path.into(), store }
    }

    /// Where it is.
    pub(in crate::store) fn path(&self) -> &Path {
        &self.path
    }

    /// The file of this number.
    pub(in crate::store) fn file(&self, number: Number) -> PathBuf {
        self.path.join(number.name())
    }

    /// Makes the folder where there is none, so that its name lasts.
    pub(super) fn make(&self) -> io::Result<()> {
        if self.path().is_dir() {
            return Ok(());
        }
        files::create_folder(self.path())?;
        self.flush_name()
    }

    /// Makes the folder's own name last.
    pub(super) fn flush_name(&self) -> io::Result<()> {
        files::flush_folder(files::folder_of(self.path()))
    }

    /// Whether files of segments lie in it.
    pub(in crate::store) fn is_used(&self) -> bool {
        let entries = std::fs::read_dir(self.path());
        entries.is_ok_and(|entries| {
            entries.flatten().any(|one| one.file_name().to_str().and_then(Number::of_name).is_some())
        })
    }

    /// The fault of one of its files.
    pub(super) fn fault(&self, number: Number, source: SegmentFault) -> OpenFault {
        OpenFault::Segment { file: self.file(number), source }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_one_column_and_one_name() {
        for number in [Number::Segment(0), Number::Segment(u32::MAX), Number::Alone(0), Number::Alone(u32::MAX)] {
            assert_eq!(Number::of_column(number.to_column()), Some(number));
            assert_eq!(Number::of_name(&number.name()), Some(number));
        }
        assert_eq!(Number::Segment(7).name(), "00000007.seg");
        for column in [-1, i64::MIN, i64::MAX, 2 << 32] {
            assert_eq!(Number::of_column(column), None);
        }
        for name in ["7.seg", "00000007.new", "00000007", ".seg", "+0000007.seg"] {
            assert_eq!(Number::of_name(name), None, "{name}");
        }
    }
}
