//! `relto backup`: copies of a node's store, for its operators.

use super::audit;
use crate::{
    backup::{self, Created, Keep, Manifest},
    exit::Exit,
    session::Session,
};
use anyhow::{Context as _, Result, anyhow, bail};
use relto_audit::origin::Origin;
use relto_host::heads::Heads;
use serde_json::json;
use std::path::Path;

/// Makes one.
pub(super) fn create(session: &Session, config: &Path, to: &Path, keep: Option<&str>) -> Result<Exit> {
    let keep: Option<Keep> = keep.map(|text| text.parse().map_err(|fault| anyhow!("--keep: {fault}"))).transpose()?;
    let Created { copy, manifest, copied, gone } = backup::create(config, to, keep)?;
    let leaves = manifest.leaves();
    session.output.object(&json!({
        "copy": copy, "time": manifest.time, "database_bytes": manifest.database.bytes, "bodies_copied": copied,
        "bodies": manifest.bodies.len(), "files": manifest.files.len(), "leaves": leaves, "gone": gone,
    }))?;
    session.output.line(format!("{}: a copy of {leaves} leaves and entries", copy.display()))?;
    session.output.field("database", format!("{} bytes", manifest.database.bytes))?;
    session
        .output
        .field("texts", format!("{} files beside it, of which {copied} bytes came now", manifest.bodies.len()))?;
    session.output.field("files", format!("{} of the configuration, no key", manifest.files.len()))?;
    if !gone.is_empty() {
        for copy in &gone {
            session.output.field("taken away", copy.display())?;
        }
    }
    session
        .output
        .line("The head file is in no copy. Whether the copy is whole: relto backup verify COPY --config FILE")?;
    Ok(Exit::Done)
}

/// Lists them.
pub(super) fn list(session: &Session, dir: &Path) -> Result<Exit> {
    if dir.join("manifest.json").exists() {
        bail!("{}: a copy. Name the folder in which copies lie", dir.display());
    }
    let all = backup::list(dir)?;
    for (copy, one) in &all {
        session.output.object(&json!({
            "copy": copy, "time": one.time, "node": one.node, "nation": one.nation, "leaves": one.leaves(),
            "schema": one.schema, "epoch": one.epoch, "timeline": one.timeline,
        }))?;
    }
    let row = |(copy, one): &(std::path::PathBuf, Manifest)| {
        vec![copy.display().to_string(), one.time.clone(), one.node.clone(), one.leaves().to_string()]
    };
    if all.is_empty() {
        session.output.line(format!("{}: no copies", dir.display()))?;
    } else {
        session.output.table(&["copy", "made", "node", "leaves"], &all.iter().map(row).collect::<Vec<_>>())?;
    }
    Ok(Exit::Done)
}

/// Verifies one. STO-14
pub(super) fn verify(session: &Session, copy: &Path, config: &Path) -> Result<Exit> {
    let manifest = Manifest::read(copy)?;
    let files = backup::files_of(config, copy, &manifest)?;
    let faults = backup::faults(copy, &manifest)?;
    let notes = manifest.logs.iter().filter_map(|log| Some((log.log.as_str(), log.checkpoint.as_ref()?)));
    let notes: Vec<(Origin, Vec<u8>)> = notes
        .map(|(log, note)| Some((Origin::parse(log)?, note.clone().into_bytes())))
        .collect::<Option<_>>()
        .context("the manifest names a log that is none")?;
    let heads = Heads::of_notes(notes.into_iter());
    let sound = audit::verify_store(session, &files, (&heads, false), (&[], faults))?;
    session.output.line(match sound {
        Some(logs) => format!("the copy of {} is whole: {logs} logs verified", manifest.time),
        None => "NOT VERIFIED: do not rely on this copy, and look for what changed it".to_owned(),
    })?;
    Ok(if sound.is_some() { Exit::Done } else { Exit::NotVerified })
}

/// Puts one back.
pub(super) fn restore(session: &Session, copy: &Path, config: &Path) -> Result<Exit> {
    let put = backup::restore(copy, config)?;
    let behind = put.heads.as_ref().map(|heads| heads.iter().map(|one| one.head.saturating_sub(one.size)).sum::<u64>());
    session.output.object(&json!({
        "database": put.database, "beside": put.beside.iter().map(|(path, _)| path).collect::<Vec<_>>(), "left": put.left, "head_file": put.heads.is_some(), "behind": behind,
        "logs": put.heads.iter().flatten().map(|one| json!({
            "log": one.log.to_string(), "head": one.head, "size": one.size,
        })).collect::<Vec<_>>(),
    }))?;
    session.output.line(format!("{}: the store is put back", put.database.display()))?;
    for (path, there) in &put.beside {
        let text = if *there {
            "another file is there, and was left as it is"
        } else {
            "its file is not there: rename it once you have looked"
        };
        session.output.line(format!("look at {}: {text}", path.display()))?;
    }
    for path in &put.left {
        session.output.line(format!(
            "left in the copy: {}, which this configuration does not name, or which could not be put",
            path.display()
        ))?;
    }
    for one in put.heads.iter().flatten().filter(|one| one.head > one.size) {
        session
            .output
            .line(format!("log {}: the head file has a head of {} leaves, the copy {}", one.log, one.head, one.size))?;
    }
    match behind {
        Some(0) => session.output.line("current: the copy has all that the head file names")?,
        Some(behind) => session.output.line(format!(
            "behind by {behind} leaves and entries: the node halts when it starts, appends to no log, and says so"
        ))?,
        None => session.output.line(
            "there is no head file: whether anything is missing is known once each partner has said what it holds",
        )?,
    }
    Ok(if behind == Some(0) { Exit::Done } else { Exit::NotVerified })
}
