//! Where a node keeps its store, read from its node.toml. The daemon judges that file; here only what an auditor needs
//! is looked at, so that a node whose configuration no longer starts can still be verified.

use crate::document::read_bounded;
use anyhow::Result;
use relto_report::{
    nation::Nation,
    toml::{Rules, Section, TomlFile},
};
use std::path::{Path, PathBuf};

/// Bytes of the longest configuration, agreement or signature file.
pub(super) const MAX_FILE: u64 = 1024 * 1024;

const RULES: Rules = Rules { syntax: "C001", unknown_key: "C002", wrong_type: "C003", missing: "C004" };

/// The files of a node that an auditor reads. Paths are relative to the configuration's folder.
#[derive(Debug)]
pub(super) struct NodeFiles {
    pub(super) nation: Nation,
    pub(super) database: PathBuf,
    pub(super) head_file: PathBuf,
    pub(super) storage_key: PathBuf,
    /// One each link; the signatures lie beside it.
    pub(super) agreements: Vec<PathBuf>,
    /// Which of them names the nation's own seal key, which signs the journal: the first whose link has no other. API-30
    pub(super) of_journal: usize,
}

impl NodeFiles {
    /// Reads node.toml.
    pub(super) fn read(path: &Path) -> Result<Self> {
        let bytes = read_bounded(path, MAX_FILE)?;
        let text = String::from_utf8_lossy(&bytes);
        let file = TomlFile::new(&text, 1, RULES);
        let folder = path.parent().unwrap_or(Path::new("."));
        let found = file.parse().and_then(|document| read(&file.root(&document), folder));
        let faults = file.into_faults(&path.display().to_string());
        match found {
            Some(found) if !faults.has_errors() => Ok(found),
            _ => Err(faults.into()),
        }
    }
}

fn read(root: &Section<'_>, folder: &Path) -> Option<NodeFiles> {
    let path = |section: &Section<'_>, key: &str| section.required(key).map(|text| folder.join(text.value));
    let nation = root.required("nation").and_then(|text| {
        let nation = Nation::parse(&text.value);
        if nation.is_none() {
            root.fault(text.at, "C012", "nation must be three capital letters");
        }
        nation
    });
    let (data, head_file, storage_key) = (path(root, "data"), path(root, "head_file"), path(root, "storage_key"));
    let links = root.tables("link");
    let of_journal = links.iter().position(|link| !link.has("seal_key")).unwrap_or(0);
    let agreements = links.iter().filter_map(|link| path(link, "agreement")).collect();
    Some(NodeFiles {
        nation: nation?,
        database: data?.join("relto.db"),
        head_file: head_file?,
        storage_key: storage_key?,
        agreements,
        of_journal,
    })
}
