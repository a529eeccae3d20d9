//! A copy is put where no store stands. Nothing is written over: not a store, not a key, a person, a rule or a CRL. STO-13

use super::{
    create::{NODE_TOML, named},
    manifest::{CRL_MEMORY, KeptFile, Manifest, VERSIONS, version_of},
    verify::{faults, of_this_node},
};
use crate::{document::read_bounded, node_files::NodeFiles, output::NotVerified};
use anyhow::{Context as _, Result, bail};
use relto_audit::{checkpoint::Checkpoint, origin::Origin};
use relto_host::{files, heads::HeadRing, store::backup, tls::memory::CrlMemory};
use std::path::{Path, PathBuf};

/// Bytes of the longest file that is put back.
const MAX_BYTES: u64 = 16 * 1024 * 1024;

/// What was put back.
pub(crate) struct Put {
    /// Where the database stands now.
    pub(crate) database: PathBuf,
    /// Files of the copy that differ from what is there, or are not there: each was written beside, under this name; whether
    /// there is one that it differs from.
    pub(crate) beside: Vec<(PathBuf, bool)>,
    /// Files of the copy that this configuration does not name, or that could not be put: where they lie.
    pub(crate) left: Vec<PathBuf>,
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
    let folder = config.parent().unwrap_or(Path::new("."));
    let named = named(config, &node);
    let (own, others): (Vec<&KeptFile>, Vec<&KeptFile>) = manifest.files.iter().partition(|one| one.own);
    let from = |one: &KeptFile| copy.join("files").join(&one.copy);
    // What the node keeps beside its store is there before it is one.
    for one in own {
        put_own(one, &from(one), &node.data)?;
    }
    backup::restore(&Manifest::database(copy), &manifest.bodies_folder(copy), &node.database)?;
    let (mut beside, mut left) = (Vec::new(), Vec::new());
    for one in others {
        // Only what this configuration names too, and what cannot be put is no reason to stop.
        let put = if named.contains(&one.name) { put(one, &from(one), (folder, config)) } else { Ok(None) };
        match put {
            Ok(put) if named.contains(&one.name) => beside.extend(put),
            _ => left.push(from(one)),
        }
    }
    Ok(Put { left, database: node.database, beside, heads: behind(&node.head_file, &manifest)? })
}

/// Puts back what the node itself keeps, where it is not there any more.
fn put_own(one: &KeptFile, from: &Path, data: &Path) -> Result<()> {
    let bytes = read_bounded(from, MAX_BYTES)?;
    files::create_folder(data).with_context(|| data.display().to_string())?;
    if one.name == CRL_MEMORY {
        return raise(&data.join(CRL_MEMORY), &bytes);
    }
    let Some(name) = version_of(&one.name) else {
        bail!("the manifest names {:?}, which no node keeps beside its store", one.name)
    };
    let to = data.join(VERSIONS).join(name);
    if to.symlink_metadata().is_ok() { Ok(()) } else { write(&to, &bytes) }
}

/// Puts a file of the configuration beside the one that is there, or is missing, and gives where; nothing where it is the same.
fn put(one: &KeptFile, from: &Path, (folder, config): (&Path, &Path)) -> Result<Option<(PathBuf, bool)>> {
    let bytes = read_bounded(from, MAX_BYTES)?;
    let to = if one.name == NODE_TOML { config.to_owned() } else { folder.join(&one.name) };
    if to.is_file() && read_bounded(&to, MAX_BYTES).is_ok_and(|there| there == bytes) {
        return Ok(None);
    }
    let there = to.symlink_metadata().is_ok();
    let mut name = to.into_os_string();
    name.push(".restored");
    let to = PathBuf::from(name);
    write(&to, &bytes)?;
    Ok(Some((to, there)))
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
    files::create_folder(files::folder_of(to)).with_context(told)?;
    files::write_private(to, bytes).with_context(told)
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
