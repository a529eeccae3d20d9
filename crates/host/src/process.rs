//! This process: what the system may write of its memory, and with which rights its files come to be.

use rustix::{
    fs::Mode,
    process::{DumpableBehavior, Resource, Rlimit, geteuid, getrlimit, set_dumpable_behavior, setrlimit, umask},
};
use std::{io, path::Path};

/// Shuts this process off before it reads a key: no core dump is written, no other process of its user may trace it or
/// read its memory, and what it makes is for its owner alone, whatever mask it was started with. API-40
///
/// # Errors
/// The system's.
pub fn harden() -> io::Result<()> {
    keep_private();
    open_many()?;
    setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) })?;
    set_dumpable_behavior(DumpableBehavior::NotDumpable)?;
    Ok(())
}

/// As many open files as the system lets this process have: a body is read from its file however many connections stand.
fn open_many() -> io::Result<()> {
    let limit = getrlimit(Resource::Nofile);
    Ok(setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, maximum: limit.maximum })?)
}

/// What this process makes from now on is for its owner alone, whatever mask it was started with.
pub fn keep_private() {
    umask(Mode::RWXG | Mode::RWXO);
}

/// Number of the user that this process acts for.
#[must_use]
pub fn user() -> u32 {
    geteuid().as_raw()
}

/// Bytes that this process may still write on the disk of a file or folder.
///
/// # Errors
/// The system's.
pub fn room(path: &Path) -> io::Result<u64> {
    let about = rustix::fs::statvfs(path)?;
    Ok(about.f_bavail.saturating_mul(about.f_frsize))
}
