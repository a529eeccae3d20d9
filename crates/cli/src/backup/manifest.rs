//! What a copy says of itself, and what the folder of bodies says of its files. Nothing in either is believed before it is
//! compared with the bytes.

use crate::document::{is_plain_name, read_bounded};
use anyhow::{Context as _, Result, bail};
use relto_host::{files, store::backup::is_name};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

/// The form of [`Manifest`].
pub(super) const FORMAT: &str = "relto-backup/1";
/// The form of [`BodiesIndex`].
pub(super) const BODIES: &str = "relto-bodies/1";
/// Bytes of the longest of both.
const MAX_BYTES: u64 = 64 * 1024 * 1024;
/// Its name in a copy.
const MANIFEST: &str = "manifest.json";
/// Its name in a folder of bodies.
const INDEX: &str = "bodies.json";
/// What a node keeps beside its store and no copy of it may lose: installed versions of agreements,
pub(super) const VERSIONS: &str = "agreements";
/// and the numbers of the newest CRLs that were used.
pub(super) const CRL_MEMORY: &str = "crl-memory";
/// The database's name in a copy.
const DATABASE: &str = "relto.db";

/// What is in one copy.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Manifest {
    /// The form of this file.
    pub(crate) format: String,
    /// When it was made, RFC 3339.
    pub(crate) time: String,
    /// Of which node.
    pub(crate) node: String,
    /// Of which nation.
    pub(crate) nation: String,
    /// The random name of the store, 32 hexadecimal digits.
    pub(crate) store: String,
    /// Which run of it, likewise.
    pub(crate) timeline: String,
    /// The database's schema.
    pub(crate) schema: i64,
    /// How often the store had been opened for writing.
    pub(crate) epoch: i64,
    /// The database.
    pub(crate) database: Content,
    /// Each log with its newest checkpoint.
    pub(crate) logs: Vec<LogHead>,
    /// Files of bodies up to where the database names them, in the folder of bodies.
    pub(crate) bodies: BTreeMap<String, u64>,
    /// Files of the configuration, and of the node beside its store.
    pub(crate) files: Vec<KeptFile>,
}

/// Length and digest of a file.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Content {
    /// Its bytes.
    pub(crate) bytes: u64,
    /// SHA-256, 64 hexadecimal digits.
    pub(crate) sha256: String,
}

/// A log in a copy.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LogHead {
    /// Its origin.
    pub(crate) log: String,
    /// Leaves or entries that are in the copy.
    pub(crate) size: u64,
    /// Its newest checkpoint, verbatim; none where none was stored.
    pub(crate) checkpoint: Option<String>,
}

/// A file that was kept.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct KeptFile {
    /// As the configuration names it; of the node's own, its name in the store's folder.
    pub(crate) name: String,
    /// Whether the node keeps it beside its store.
    pub(crate) own: bool,
    /// Its name in the copy's `files`.
    pub(crate) copy: String,
    /// What is in it.
    pub(crate) content: Content,
}

/// Files of bodies as they stand in the folder.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct BodiesIndex {
    pub(super) format: String,
    pub(super) files: BTreeMap<String, BodiesFile>,
}

/// One of them.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct BodiesFile {
    /// How far it is copied.
    pub(super) end: u64,
    /// Runs of erased rows that are taken out of it: where each begins, and its bytes.
    pub(super) dead: Vec<(u64, u64)>,
    /// SHA-256 of all up to the end, in which these runs count as zeros, be they taken out already or not.
    pub(super) sha256: String,
}

impl Default for BodiesIndex {
    fn default() -> Self {
        Self { format: BODIES.to_owned(), files: BTreeMap::new() }
    }
}

impl Manifest {
    /// Of the copy in this folder.
    pub(crate) fn read(copy: &Path) -> Result<Self> {
        if !copy.join(MANIFEST).exists() {
            bail!("{}: no copy. Name one of those that relto backup list shows", copy.display());
        }
        let found: Self = read(&copy.join(MANIFEST))?;
        if found.format != FORMAT {
            bail!("{}: format {:?} is not known. This program reads {FORMAT}", copy.display(), found.format);
        }
        // Both become the name of a folder, and each of these that of a file.
        let is_hex = |text: &str| text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        let names = found.bodies.keys().all(|name| is_name(name));
        let copies = found.files.iter().all(|one| is_plain_name(&one.copy));
        let mut own = found.files.iter().filter(|one| one.own).map(|one| &one.name);
        let own = own.all(|name| version_of(name).is_some() || name == CRL_MEMORY);
        if !(is_hex(&found.store) && is_hex(&found.timeline) && names && copies && own) {
            bail!("{}: its manifest names files that no copy has", copy.display());
        }
        Ok(found)
    }

    pub(super) fn write(&self, copy: &Path) -> Result<()> {
        write(&copy.join(MANIFEST), self)
    }

    /// The database of the copy in this folder.
    pub(crate) fn database(copy: &Path) -> PathBuf {
        copy.join(DATABASE)
    }

    /// Where its bodies stand, beside the copy.
    pub(crate) fn bodies_folder(&self, copy: &Path) -> PathBuf {
        bodies_folder(files::folder_of(copy), &self.store, &self.timeline)
    }

    /// All leaves and entries of all logs.
    pub(crate) fn leaves(&self) -> u64 {
        self.logs.iter().map(|log| log.size).sum()
    }
}

/// The file of an installed version, by its name beside the store.
pub(super) fn version_of(name: &str) -> Option<&str> {
    name.strip_prefix(VERSIONS)?.strip_prefix('/').filter(|name| is_plain_name(name))
}

/// The folder of bodies of one run of a store.
pub(super) fn bodies_folder(dir: &Path, store: &str, timeline: &str) -> PathBuf {
    let short = |digits: &str| digits.get(..8).unwrap_or_default().to_owned();
    dir.join(format!("bodies-{}{}", short(store), short(timeline)))
}

impl BodiesIndex {
    /// Of this folder; nothing where there is none yet.
    pub(super) fn read(folder: &Path) -> Result<Self> {
        let path = folder.join(INDEX);
        if !path.exists() {
            return Ok(Self::default());
        }
        let found: Self = read(&path)?;
        if found.format != BODIES {
            bail!("{}: format {:?} is not known. This program reads {BODIES}", path.display(), found.format);
        }
        if let Some(name) = found.files.keys().find(|name| !is_name(name)) {
            bail!("{}: it lists {name:?}, which is no file of texts", path.display());
        }
        Ok(found)
    }

    pub(super) fn write(&self, folder: &Path) -> Result<()> {
        write(&folder.join(INDEX), self)
    }
}

fn read<T: DeserializeOwned>(path: &Path) -> Result<T> {
    let bytes = read_bounded(path, MAX_BYTES)?;
    serde_json::from_slice(&bytes).with_context(|| format!("{}: not of this form", path.display()))
}

/// Whole under its name, or not at all.
fn write(path: &Path, value: &impl Serialize) -> Result<()> {
    let mut bytes = serde_json::to_vec_pretty(value)?;
    bytes.push(b'\n');
    files::replace(path, &bytes).with_context(|| path.display().to_string())
}

/// Makes the names of a folder last.
pub(super) fn flush_folder(folder: &Path) -> Result<()> {
    files::flush_folder(folder).with_context(|| folder.display().to_string())
}
