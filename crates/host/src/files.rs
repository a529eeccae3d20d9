//! Files and folders for their owner alone: how they are made, and whether what lies there still is so. API-40

use crate::process;
use std::{
    fs::{self, DirBuilder, File, Metadata, OpenOptions},
    io::{self, Write as _},
    os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
};

/// Mode of files.
const FILE: u32 = 0o600;
/// Mode of folders.
const FOLDER: u32 = 0o700;
/// Entries of one folder that are looked at; a store has some dozens.
const MAX_ENTRIES: usize = 10_000;

/// Options for a file of this mode, whatever the process's mask leaves of it.
#[must_use]
pub fn private() -> OpenOptions {
    let mut options = File::options();
    options.mode(FILE);
    options
}

/// A new empty file, in place of one that was left behind by a crash.
///
/// # Errors
/// The system's.
pub fn create_private(path: &Path) -> io::Result<File> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    private().write(true).create_new(true).open(path)
}

/// A folder, with those above it that are missing.
///
/// # Errors
/// The system's; a folder that is there is left as it is.
pub fn create_folder(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(FOLDER).create(path)
}

/// The folder that a file lies in.
#[must_use]
pub fn folder_of(file: &Path) -> &Path {
    file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Makes the names in a folder last.
///
/// # Errors
/// The system's.
pub fn flush_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// A new file with these bytes, as [`create_private`] makes it; they are on the disk when this returns, its name may not be.
///
/// # Errors
/// The system's.
pub fn write_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = create_private(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// Puts a file with these bytes in the place of what is there. On return it is on the disk; until then the old one is, and never a
/// part.
///
/// # Errors
/// The system's.
pub fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let new = path.with_extension("new");
    write_private(&new, bytes)?;
    fs::rename(&new, path)?;
    flush_folder(folder_of(path))
}

/// What is wrong with a file or folder.
#[derive(Debug, thiserror::Error)]
pub enum FileFault {
    /// Others have rights on it.
    #[error("{path} has mode {mode:04o}, so that others than its owner reach it: chmod {wanted:04o} {path}")]
    Open {
        /// Which.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
        /// What they must be.
        wanted: u32,
    },
    /// A file that people write, and others may change.
    #[error("{path} has mode {mode:04o}, so that others may change what this node goes by: chmod go-w {path}")]
    Changeable {
        /// Which.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// A secret that people write, and everybody may read.
    #[error("{path} has mode {mode:04o}, so that everybody may read it, and it is a secret: chmod o= {path}")]
    Readable {
        /// Which.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// Others may put a file of theirs in its place.
    #[error("{path} has mode {mode:04o}, so that others may replace what lies in it: chmod go-w {path}")]
    Writable {
        /// The folder.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// It belongs to somebody else.
    #[error("{path} belongs to user {found} and must belong to user {wanted}, as the store does: chown it")]
    Owner {
        /// Which.
        path: PathBuf,
        /// Number of its owner.
        found: u32,
        /// Number of the user of the service.
        wanted: u32,
    },
    /// A link, a pipe or a device.
    #[error("{path} is neither a file nor a folder: the store's own files are no links. Take it away")]
    Kind {
        /// Which.
        path: PathBuf,
    },
    /// It cannot be looked at.
    #[error("{path}: {error}")]
    Io {
        /// Which.
        path: PathBuf,
        /// What the system said.
        error: io::Error,
    },
}

/// Judges modes and owners; what is not there is no fault here.
#[derive(Debug)]
pub struct Judge {
    owner: u32,
    faults: Vec<FileFault>,
}

impl Judge {
    /// Everything must belong to the user of this process; where root looks, to the owner of the store's folder.
    #[must_use]
    pub fn new(store: &Path) -> Self {
        let user = process::user();
        let owner = if user == 0 { fs::metadata(store).map_or(user, |about| about.uid()) } else { user };
        Self { owner, faults: Vec::new() }
    }

    /// What was found.
    #[must_use]
    pub fn into_faults(self) -> Vec<FileFault> {
        self.faults
    }

    /// A folder that the node makes: it and all in it, folders in it too, are for the owner alone.
    pub fn tree(&mut self, folder: &Path) {
        let Some(about) = self.look(folder) else { return };
        self.judge(folder, &about);
        if !about.is_dir() {
            return;
        }
        let entries = match fs::read_dir(folder) {
            Ok(entries) => entries,
            Err(error) => return self.faults.push(FileFault::Io { path: folder.into(), error }),
        };
        for entry in entries.take(MAX_ENTRIES) {
            match entry {
                Ok(entry) if entry.file_type().is_ok_and(|kind| kind.is_dir()) => self.tree(&entry.path()),
                Ok(entry) => self.file(&entry.path()),
                Err(error) => self.faults.push(FileFault::Io { path: folder.into(), error }),
            }
        }
    }

    /// A file for the owner alone.
    pub fn file(&mut self, path: &Path) {
        if let Some(about) = self.look(path) {
            self.judge(path, &about);
        }
    }

    /// A file that people write for the node, or a link to one: nobody else may change it.
    pub fn input(&mut self, path: &Path) {
        self.folder_of(path);
        if let Ok(about) = fs::metadata(path)
            && about.mode() & 0o022 != 0
        {
            self.faults.push(FileFault::Changeable { path: path.into(), mode: about.mode() & 0o7777 });
        }
    }

    /// The same, and not for everybody to read.
    pub fn secret_input(&mut self, path: &Path) {
        self.input(path);
        if let Ok(about) = fs::metadata(path)
            && about.mode() & 0o007 != 0
        {
            self.faults.push(FileFault::Readable { path: path.into(), mode: about.mode() & 0o7777 });
        }
    }

    /// The folder of a file of ours beside others': nobody else may put another in its place.
    pub fn folder_of(&mut self, file: &Path) {
        // A sticky folder is everybody's to write to and nobody's to take from.
        if let Ok(about) = fs::metadata(folder_of(file))
            && about.mode() & 0o022 != 0
            && about.mode() & 0o1000 == 0
        {
            self.faults.push(FileFault::Writable { path: folder_of(file).into(), mode: about.mode() & 0o7777 });
        }
    }

    fn look(&mut self, path: &Path) -> Option<Metadata> {
        match fs::symlink_metadata(path) {
            Ok(about) => Some(about),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => {
                self.faults.push(FileFault::Io { path: path.into(), error });
                None
            }
        }
    }

    fn judge(&mut self, path: &Path, about: &Metadata) {
        let (mode, path) = (about.mode() & 0o7777, path.to_owned());
        if !about.is_file() && !about.is_dir() {
            return self.faults.push(FileFault::Kind { path });
        }
        if mode & 0o077 != 0 {
            let wanted = if about.is_dir() { FOLDER } else { FILE };
            self.faults.push(FileFault::Open { path: path.clone(), mode, wanted });
        }
        if about.uid() != self.owner {
            self.faults.push(FileFault::Owner { path, found: about.uid(), wanted: self.owner });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{fs::Permissions, os::unix::fs::PermissionsExt as _};

    fn told(store: &Path) -> Vec<String> {
        let mut judge = Judge::new(store);
        judge.tree(store);
        judge.into_faults().iter().map(ToString::to_string).collect()
    }

    #[test]
    fn api_40_what_is_made_is_for_its_owner_and_what_is_not_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let store = folder.path().join("data/agreements");
        create_folder(&store).unwrap();
        let file = store.join("one.toml");
        drop(create_private(&file).unwrap());
        drop(create_private(&file).unwrap());
        let store = folder.path().join("data");
        assert_eq!(told(&store), Vec::<String>::new());
        for (path, mode) in [(&file, 0o640), (&file, 0o604), (&file, 0o610), (&store, 0o755)] {
            let before = fs::metadata(path).unwrap().permissions();
            fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
            let found = told(&store);
            assert!(found.len() == 1 && found[0].contains(&format!("{mode:04o}")), "{found:?}");
            fs::set_permissions(path, before).unwrap();
        }
        std::os::unix::fs::symlink("/etc/passwd", store.join("link")).unwrap();
        assert!(told(&store)[0].contains("neither a file nor a folder"));
    }

    #[test]
    fn a_folder_that_others_may_write_is_told_of_the_file_in_it() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("heads.ring");
        for (mode, wrong) in [(0o700, 0), (0o755, 0), (0o775, 1), (0o757, 1), (0o1777, 0)] {
            fs::set_permissions(folder.path(), Permissions::from_mode(mode)).unwrap();
            let mut judge = Judge::new(folder.path());
            judge.folder_of(&file);
            assert_eq!(judge.into_faults().len(), wrong, "{mode:o}");
        }
    }
}
