//! Where a node keeps what it needs, read from its node.toml. The daemon judges that file; here only what an auditor and a
//! backup need is looked at, so that a node whose configuration no longer starts can still be verified and kept.

use crate::document::read_bounded;
use anyhow::Result;
use relto_report::{
    nation::Nation,
    toml::{Rules, Section, TomlFile},
};
use std::path::{Path, PathBuf};

/// Bytes of the longest configuration, agreement or signature file.
pub const MAX_FILE: u64 = 1024 * 1024;

const RULES: Rules = Rules { syntax: "C001", unknown_key: "C002", wrong_type: "C003", missing: "C004" };

/// The files of a node. Paths are relative to the configuration's folder.
#[derive(Debug, Clone)]
pub struct NodeFiles {
    /// Its name; empty where the configuration has none.
    pub node: String,
    /// Its nation.
    pub nation: Nation,
    /// Folder of the store.
    pub data: PathBuf,
    /// The database.
    pub database: PathBuf,
    /// The head file.
    pub head_file: PathBuf,
    /// Encrypts rows at rest.
    pub storage_key: PathBuf,
    /// One each link; the signatures lie beside it.
    pub agreements: Vec<PathBuf>,
    /// Which of them names the nation's own seal key, which signs the journal: the first whose link has no other. API-30
    pub of_journal: usize,
    /// What the configuration names and is no key, as it is written there: each file once, signatures beside them not listed.
    pub named: Vec<String>,
}

impl NodeFiles {
    /// Reads node.toml.
    ///
    /// # Errors
    /// The system's, or what is wrong with it.
    pub fn read(path: &Path) -> Result<Self> {
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
        node: root.text("node").map(|text| text.value).unwrap_or_default(),
        nation: nation?,
        database: data.as_ref()?.join("relto.db"),
        data: data?,
        head_file: head_file?,
        storage_key: storage_key?,
        agreements,
        of_journal,
        named: named(root, &links),
    })
}

/// Every file but keys and what a node writes itself.
fn named(root: &Section<'_>, links: &[Section<'_>]) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    let mut texts = |section: &Section<'_>, key: &str| {
        if section.has(key) {
            all.extend(section.texts(key).into_iter().flat_map(|list| list.value).map(|one| one.value));
        }
    };
    for trust in root.tables("nation_trust") {
        ["roots", "crls"].iter().for_each(|key| texts(&trust, key));
    }
    links.iter().for_each(|link| texts(link, "consents"));
    for link in links {
        let one = |key: &str| link.text(key).map(|text| text.value);
        all.extend(["agreement", "vocabulary", "national", "prior"].iter().filter_map(|key| one(key)));
        if let Some(registers) = link.table("registers") {
            let keys = registers.keys();
            all.extend(keys.iter().filter_map(|key| registers.text(&key.value)).map(|text| text.value));
        }
    }
    if let Some(tls) = root.table("tls") {
        all.extend(tls.text("certificate").map(|text| text.value));
    }
    all.sort();
    all.dedup();
    all
}
