//! Why a store does not open.

use super::segment::SegmentFault;
use rusqlite::ErrorCode;
use std::path::{Path, PathBuf};

/// Why a store does not open.
#[derive(Debug, thiserror::Error)]
pub enum OpenFault {
    /// Another process has it.
    #[error("{0}: another reltod has this store open. Stop it first; one store serves one process")]
    InUse(PathBuf),
    /// It was not made yet.
    #[error(
        "{0}: there is no store here. One that was lost is put back: relto backup restore. A first one an operator makes once: \
         reltod --config FILE --init"
    )]
    Missing(PathBuf),
    /// It is there already.
    #[error(
        "{0}: there is a store here already. It is never touched: --init makes a first one, and relto backup restore puts one where \
         nothing of another is left but its head file"
    )]
    Exists(PathBuf),
    /// SQLite did not take a setting that durability rests on.
    #[error("{file}: {setting} is {found} and must be {wanted}. The file system may not support it")]
    Setting {
        /// Which database.
        file: PathBuf,
        /// Which pragma.
        setting: &'static str,
        /// What it is.
        found: String,
        /// What it must be.
        wanted: &'static str,
    },
    /// Made by another version of this program.
    #[error(
        "{file}: schema version {found}; this program reads version {wanted}. A store of an older version an operator makes \
         new once: reltod --config FILE --migrate"
    )]
    Version {
        /// Which database.
        file: PathBuf,
        /// What it is.
        found: i64,
        /// What it must be.
        wanted: i64,
    },
    /// The storage key is not the one that this store was made with.
    #[error("{0}: the storage key does not open this store")]
    WrongKey(PathBuf),
    /// No room, not even to count this start.
    #[error("{0}: the disk is full. Make room and start again; nothing that was acknowledged is lost")]
    Full(PathBuf),
    /// The disk or the file.
    #[error("{file}: {source}")]
    Sql {
        /// Which database.
        file: PathBuf,
        /// What SQLite says.
        source: rusqlite::Error,
    },
    /// A file of bodies outside the database.
    #[error("{file}: {source}")]
    Segment {
        /// Which file.
        file: PathBuf,
        /// What is wrong with it.
        source: SegmentFault,
    },
    /// The lock file or the folder.
    #[error("{file}: {source}")]
    Io {
        /// Which file.
        file: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
}

pub(super) fn is_full(error: &rusqlite::Error) -> bool {
    error.sqlite_error_code() == Some(ErrorCode::DiskFull)
}

pub(super) fn sql(file: &Path, source: rusqlite::Error) -> OpenFault {
    let no_room = source.sqlite_error().is_some_and(|error| error.extended_code == rusqlite::ffi::SQLITE_IOERR_SHMSIZE);
    if is_full(&source) || no_room {
        return OpenFault::Full(file.to_owned());
    }
    OpenFault::Sql { file: file.to_owned(), source }
}
