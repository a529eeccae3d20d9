//! A copy is put where no store stands. Nothing is written over: not a store, not a key, a person, a rule or a CRL. STO-13

use super::{
    create::CRL_MEMORY,
    manifest::{KeptFile, Manifest},
    verify::{faults, of_this_node},
};
use crate::{document::read_bounded, node_files::NodeFiles, output::NotVerified};
use anyhow::{Context as _, Result, bail};
use relto_audit::{checkpoint::Checkpoint, origin::Origin};
use relto_host::{files, heads::HeadRing, store::backup, tls::memory::CrlMemory};
use std::{
    fs,
    io::Write as _,
    path::{Path, PathBuf},
};

/// Bytes of the longest file that is put back.
const MAX_BYTES: u64 = 16 * 1024 * 1024;

/// What was put back.
pub(crate) struct Put {
    /// Where the database stands now.
    pub(crate) database: PathBuf,
    /// Files of the copy that differ from what is there, or are not there: each was written beside, under this name; whether
    /// there is one that it differs from.
    pub(crate) beside: Vec<(PathBuf, bool)>,
    /// What the head file says, where there is one.
    pub(crate) heads: Option<Vec<Behind>>,
}

/// One of our logs, in the head file and in the copy.
pub(crate) struct Behind {
    /// Its origin.
    pub(crate) log: Origin,
    /// Size of the newest head in the head file.
    pub(crate) head: u64,
    /// Leaves or entries in the copy.
    pub(crate) size: u64,
}

/// Puts it there.
pub(crate) fn restore(copy: &Path, config: &Path) -> Result<Put> {
    let (manifest, node) = (Manifest::read(copy)?, NodeFiles::read(config)?);
    of_this_node(config, copy, (&manifest, &node))?;
    let wrong = faults(copy, &manifest)?;
    if let Some(first) = wrong.first() {
        let more = wrong.len() - 1;
        let text = format!("{first}; and {more} more. Nothing was put back: relto backup verify tells all of it");
        return Err(NotVerified(text).into());
    }
    backup::restore(&Manifest::database(copy), &manifest.bodies_folder(copy), &node.database)?;
    let folder = config.parent().unwrap_or(Path::new("."));
    let mut beside = Vec::new();
    for one in &manifest.files {
        let from = copy.join("files").join(&one.copy);
        beside.extend(put(one, &from, (folder, config, &node.data))?);
    }
    Ok(Put { database: node.database, beside, heads: behind(&node.head_file, &manifest)? })
}

/// Puts one file back, and gives where it stands if somebody has to look at it.
fn put(one: &KeptFile, from: &Path, (folder, config, data): (&Path, &Path, &Path)) -> Result<Option<(PathBuf, bool)>> {
    let bytes = read_bounded(from, MAX_BYTES)?;
    let to = match one.name.as_str() {
        "node.toml" if !one.own => config.to_owned(),
        name if one.own => data.join(inside(name)?),
        name => folder.join(name),
    };
    if one.own && one.name == CRL_MEMORY {
        raise(&to, &bytes)?;
        return Ok(None);
    }
    match fs::read(&to) {
        Ok(there) if there == bytes => return Ok(None),
        // What the node itself keeps, and is not there any more, belongs to the store.
        Err(error) if error.kind() == std::io::ErrorKind::NotFound && one.own => {
            write(&to, &bytes)?;
            return Ok(None);
        }
        _ => {}
    }
    let there = to.exists();
    let mut name = to.into_os_string();
    name.push(".restored");
    let to = PathBuf::from(name);
    write(&to, &bytes)?;
    Ok(Some((to, there)))
}

/// A name below the store's folder.
fn inside(name: &str) -> Result<&str> {
    let plain = |part: &str| !part.is_empty() && part != "." && part != "..";
    if name.split('/').all(plain) {
        Ok(name)
    } else {
        bail!("the manifest names {name:?}, which is no file of a store")
    }
}

/// The newer of both lists of every issuer. STO-13
fn raise(to: &Path, bytes: &[u8]) -> Result<()> {
    let told = || to.display().to_string();
    let kept = CrlMemory::from_bytes(bytes).with_context(told)?;
    let there = CrlMemory::read(to).with_context(told)?;
    let higher = there.map_or_else(|| kept.clone(), |there| there.raised_by(&kept));
    higher.write(to).with_context(told)
}

fn write(to: &Path, bytes: &[u8]) -> Result<()> {
    let told = || to.display().to_string();
    files::create_folder(to.parent().unwrap_or(Path::new("."))).with_context(told)?;
    let mut file = files::create_private(to).with_context(told)?;
    file.write_all(bytes).and_then(|()| file.sync_all()).with_context(told)
}

/// How far the copy is behind the head file, which is never in a copy.
fn behind(head_file: &Path, manifest: &Manifest) -> Result<Option<Vec<Behind>>> {
    let heads = match HeadRing::read(head_file) {
        Ok(heads) => heads,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error).with_context(|| head_file.display().to_string()),
    };
    let of = |(log, note): (&Origin, &[u8])| {
        let head = Checkpoint::parse_unverified(note).map_or(0, |head| head.size);
        let size = manifest.logs.iter().find(|one| one.log == log.to_string()).map_or(0, |one| one.size);
        Behind { log: *log, head, size }
    };
    Ok(Some(heads.newest().map(of).collect()))
}
