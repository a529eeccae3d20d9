//! Whether a copy is what its manifest says: every digest, and the heads in it.

use super::{
    create::content_of,
    manifest::{BodiesIndex, Content, Manifest},
};
use crate::node_files::NodeFiles;
use anyhow::{Context as _, Result, bail};
use relto_host::store::backup::{Snapshot, digest_of, folder_of, snapshot};
use std::path::Path;

/// What does not fit; whether a body is the one that its row names the verifier of stores says.
pub(crate) fn faults(copy: &Path, manifest: &Manifest) -> Result<Vec<String>> {
    let mut faults = Vec::new();
    let database = Manifest::database(copy);
    differs(&database, &manifest.database, &mut faults);
    for one in &manifest.files {
        differs(&copy.join("files").join(&one.copy), &one.content, &mut faults);
    }
    let folder = manifest.bodies_folder(copy);
    let index = BodiesIndex::read(&folder)?;
    for (name, end) in &manifest.bodies {
        let file = folder.join(name);
        match index.files.get(name) {
            Some(one) if one.end >= *end => match digest_of(&file, one.end, &one.dead) {
                Ok(found) if found.hex() == one.sha256 => {}
                Ok(_) => faults.push(format!("{}: its bytes are not those that were copied", file.display())),
                Err(error) => faults.push(format!("{}: {error}", file.display())),
            },
            Some(one) => faults.push(format!(
                "{}: {} bytes of it were copied, and the copy's rows name {end}",
                file.display(),
                one.end
            )),
            None => faults.push(format!("{}: it is not listed in {}", file.display(), folder.display())),
        }
    }
    // The verifier of stores looks for them by this link.
    let link = folder_of(&database);
    let leads = std::fs::read_link(&link).ok();
    let wanted = folder.file_name().map(|name| Path::new("..").join(name));
    if !manifest.bodies.is_empty() && leads != wanted {
        faults.push(format!("{}: it does not lead to the folder of texts of this copy", link.display()));
    }
    // A database that was put in the place of another would have the digest of a manifest that was changed with it.
    match snapshot(&database) {
        Ok(found) => faults.extend(same(manifest, &found)),
        Err(fault) => faults.push(fault.to_string()),
    }
    Ok(faults)
}

fn differs(file: &Path, wanted: &Content, faults: &mut Vec<String>) {
    match content_of(file) {
        Ok(found) if found == *wanted => {}
        Ok(_) => faults.push(format!("{}: its bytes are not those of the manifest", file.display())),
        Err(error) => faults.push(format!("{error:#}")),
    }
}

fn same(manifest: &Manifest, found: &Snapshot) -> Option<String> {
    let logs = found.logs.iter().map(|log| (log.origin.to_string(), log.size, log.checkpoint.clone()));
    let named =
        manifest.logs.iter().map(|log| (log.log.clone(), log.size, log.checkpoint.clone().map(String::into_bytes)));
    let ends = found.bodies.iter().map(|one| (&one.name, one.end));
    let is_same = logs.eq(named) && ends.eq(manifest.bodies.iter().map(|(name, end)| (name, *end)));
    (!is_same).then(|| "the manifest names other logs, heads or bodies than are in the database".to_owned())
}

/// The files of a node, with the copy's database in the place of its own.
pub(crate) fn files_of(config: &Path, copy: &Path, manifest: &Manifest) -> Result<NodeFiles> {
    let node = NodeFiles::read(config).context("the configuration says which key opens the copy")?;
    of_this_node(config, copy, (manifest, &node))?;
    Ok(NodeFiles { database: Manifest::database(copy), ..node })
}

/// Whether a copy is of the node of this configuration.
pub(super) fn of_this_node(config: &Path, copy: &Path, (manifest, node): (&Manifest, &NodeFiles)) -> Result<()> {
    if manifest.nation == node.nation.to_string() && manifest.node == node.node {
        return Ok(());
    }
    bail!(
        "{}: a copy of node {} of {}, and {} is of node {} of {}",
        copy.display(),
        manifest.node,
        manifest.nation,
        config.display(),
        node.node,
        node.nation
    )
}
