//! A copy is made: the database first, then what it names. A crash leaves a folder that ends in `.new`, which is no copy.

use super::{
    keep::{self, Keep},
    manifest::{
        BODIES, BodiesFile, BodiesIndex, CRL_MEMORY, Content, FORMAT, KeptFile, LogHead, Manifest, VERSIONS,
        bodies_folder, flush_folder,
    },
};
use crate::{
    document::read_bounded,
    node_files::{MAX_FILE, NodeFiles},
    progress::Bar,
};
use anyhow::{Context as _, Result, bail};
use relto_audit::checkpoint::Checkpoint;
use relto_host::{
    clock, files,
    store::backup::{Bodies, Snapshot, Source, all_dead, checkpoint, digest_of, folder_of, take_out},
};
use relto_report::{calendar::Timestamp, crypto::sha256};
use std::{
    fs::{self, File},
    os::unix::fs::symlink,
    path::{Path, PathBuf},
};
use toml_edit::DocumentMut;

/// Bytes of the longest list of hold words.
const MAX_WORDS: u64 = 16 * 1024 * 1024;
/// The configuration's name in a copy.
pub(super) const NODE_TOML: &str = "node.toml";

/// What was made.
pub(crate) struct Created {
    /// Where.
    pub(crate) copy: PathBuf,
    /// What is in it.
    pub(crate) manifest: Manifest,
    /// Bytes of bodies that were copied: those before them were there.
    pub(crate) copied: u64,
    /// Copies that were taken away.
    pub(crate) gone: Vec<PathBuf>,
}

/// Makes a copy of the store of this node in a folder of copies, beside the node or without; then takes away those that are
/// not to be kept.
pub(crate) fn create(config: &Path, dir: &Path, keep: Option<Keep>) -> Result<Created> {
    let node = NodeFiles::read(config)?;
    let told = |path: &Path| path.display().to_string();
    ours_alone(dir, &node)?;
    files::create_folder(dir).with_context(|| told(dir))?;
    let (time, copy) = free_name(dir)?;
    let new = copy.with_extension("new");
    if new.exists() {
        fs::remove_dir_all(&new).with_context(|| told(&new))?;
    }
    files::create_folder(&new).with_context(|| told(&new))?;
    let _alone = alone(dir)?;
    let mut source = Source::open(&node.database)?;
    let bar = Bar::new("database", 0, "pages");
    let database = Manifest::database(&new);
    let snapshot = source.copy_database(&database, |at, of| bar.of(at, of))?;
    drop(bar);
    let (store, timeline) = (hex(&snapshot.store), hex(&snapshot.timeline));
    let logs: Vec<LogHead> = snapshot.logs.iter().map(head).collect::<Result<_>>()?;
    goes_on(dir, &database, (&store, &timeline))?;
    let bodies = bodies_folder(dir, &store, &timeline);
    let copied = copy_bodies(&mut source, &snapshot, &bodies)?;
    drop(source);
    let manifest = Manifest {
        format: FORMAT.to_owned(),
        time,
        node: node.node.clone(),
        nation: node.nation.to_string(),
        store,
        timeline,
        schema: snapshot.version,
        epoch: snapshot.epoch,
        database: content_of(&database)?,
        logs,
        bodies: snapshot.bodies.iter().map(|one| (one.name.clone(), one.end)).collect(),
        files: copy_files(config, &node, &new.join("files"))?,
    };
    if let (false, Some(name)) = (manifest.bodies.is_empty(), bodies.file_name()) {
        // Where the verifier of stores looks for them.
        let link = folder_of(&database);
        symlink(Path::new("..").join(name), &link).with_context(|| told(&link))?;
    }
    manifest.write(&new)?;
    fs::rename(&new, &copy).with_context(|| told(&copy))?;
    flush_folder(dir)?;
    let gone = keep.map_or_else(|| Ok(Vec::new()), |keep| keep::prune(dir, keep))?;
    keep::note(&node.data, dir)?;
    Ok(Created { copy, manifest, copied, gone })
}

/// Of one node, and not in the folder that is moved away when a copy is put back.
fn ours_alone(dir: &Path, node: &NodeFiles) -> Result<()> {
    if !dir.exists() {
        let above = dir.ancestors().find(|one| one.exists()).and_then(|one| fs::canonicalize(one).ok());
        return not_within(above.as_deref(), node, dir);
    }
    not_within(fs::canonicalize(dir).ok().as_deref(), node, dir)?;
    if dir.join("manifest.json").exists() {
        bail!("{}: a copy. Name the folder in which copies lie", dir.display());
    }
    let other = keep::list(dir)?
        .into_iter()
        .find(|(_, one)| (&one.node, &one.nation) != (&node.node, &node.nation.to_string()));
    match other {
        None => Ok(()),
        Some((_, one)) => bail!(
            "{}: copies of node {} of {} lie there. Each node has a folder of its own",
            dir.display(),
            one.node,
            one.nation
        ),
    }
}

fn not_within(dir: Option<&Path>, node: &NodeFiles, named: &Path) -> Result<()> {
    let data = fs::canonicalize(&node.data).ok();
    if data.zip(dir).is_some_and(|(data, dir)| dir.starts_with(data)) {
        bail!(
            "{}: it lies in the store's own folder, and would be lost with it. Name another, best on another disk",
            named.display()
        );
    }
    Ok(())
}

/// The moment, and a folder that is named by it and is not there.
fn free_name(dir: &Path) -> Result<(String, PathBuf)> {
    let now = Timestamp::from_millis(clock::now_ms());
    let name = keep::name_of(now);
    // Of several copies of one second the later ones are numbered.
    let names = std::iter::once(name.clone()).chain((2..100).map(|n| format!("{name}-{n:02}")));
    let free = names.map(|name| dir.join(name)).find(|copy| !copy.exists());
    Ok((now.to_string(), free.with_context(|| format!("{}: too many copies of this second", dir.display()))?))
}

fn head(log: &relto_host::store::backup::LogHead) -> Result<LogHead> {
    let checkpoint = log.checkpoint.clone().map(String::from_utf8).transpose().context("a checkpoint is no text")?;
    Ok(LogHead { log: log.origin.to_string(), size: log.size, checkpoint })
}

/// Nobody else makes or takes away copies in this folder meanwhile.
fn alone(dir: &Path) -> Result<File> {
    let path = dir.join("copies.lock");
    let told = || path.display().to_string();
    let file = files::private().create(true).truncate(false).write(true).open(&path).with_context(told)?;
    if file.try_lock().is_err() {
        bail!("{}: another copy is being made. Wait until it is done", dir.display());
    }
    Ok(file)
}

/// A store whose logs do not go on from the newest copy of its own run was put back by other means than `backup restore`: its bodies
/// are others at the same places, and must not be mixed with those of the run before.
fn goes_on(dir: &Path, database: &Path, (store, timeline): (&str, &str)) -> Result<()> {
    let before = keep::list(dir)?.into_iter().rev().map(|(_, one)| one);
    let Some(before) = before.into_iter().find(|one| one.store == store && one.timeline == timeline) else {
        return Ok(());
    };
    for old in &before.logs {
        let Some(note) = &old.checkpoint else { continue };
        let head = Checkpoint::parse_unverified(note.as_bytes()).ok().map(|head| (head.origin, head.size));
        let now = head.map(|(log, size)| checkpoint(database, log, size)).transpose()?.flatten();
        if now.as_deref() != Some(note.as_bytes()) {
            bail!(
                "log {} does not go on from the copy of {} in {}: the store was put back by other means than relto backup \
                 restore. Nothing was copied. Make copies of it in another folder",
                old.log,
                before.time,
                dir.display()
            );
        }
    }
    Ok(())
}

/// Brings the files of bodies to where the snapshot names them; gives how many bytes came.
fn copy_bodies(source: &mut Source, snapshot: &Snapshot, folder: &Path) -> Result<u64> {
    let told = || folder.display().to_string();
    if snapshot.bodies.is_empty() && !folder.exists() {
        return Ok(0);
    }
    files::create_folder(folder).with_context(told)?;
    let mut index = BodiesIndex::read(folder)?;
    let bar = Bar::new("bodies", u64::try_from(snapshot.bodies.len())?, "files");
    let mut copied = 0_u64;
    for (at, one) in (0..).zip(&snapshot.bodies) {
        bar.at(at);
        let known = index.files.get(&one.name);
        let from = known.map_or(0, |known| known.end).min(one.end);
        if known.is_some_and(|known| known.end == one.end && known.dead == one.dead) {
            continue;
        }
        source.renew()?;
        let copy = folder.join(&one.name);
        source.append(one, from, &copy)?;
        copied = copied.saturating_add(one.end.saturating_sub(from));
        settle(&mut index, (folder, &copy), one)?;
    }
    // Where no row stands any more the store has no file, and older copies are to have no text.
    let gone: Vec<(String, u64)> = index
        .files
        .iter()
        .filter(|(name, _)| snapshot.bodies.iter().all(|one| one.name != **name))
        .map(|(name, one)| (name.clone(), one.end))
        .collect();
    for (name, end) in gone {
        let (copy, dead) = (folder.join(&name), all_dead(end));
        if index.files.get(&name).is_some_and(|known| known.dead != dead) {
            settle(&mut index, (folder, &copy), &Bodies { name, end, dead })?;
        }
    }
    flush_folder(folder)?;
    Ok(copied)
}

/// The digest goes on record first, in which what is taken out counts as zeros already: a copy that breaks off here leaves the older
/// ones as good as they were.
fn settle(index: &mut BodiesIndex, (folder, copy): (&Path, &Path), one: &Bodies) -> Result<()> {
    let told = || copy.display().to_string();
    let sha256 = digest_of(copy, one.end, &one.dead).with_context(told)?.hex();
    index.format = BODIES.to_owned();
    index.files.insert(one.name.clone(), BodiesFile { end: one.end, dead: one.dead.clone(), sha256 });
    index.write(folder)?;
    take_out(copy, &one.dead).with_context(told)
}

/// The configuration and what it names, and what the node keeps beside its store; no key.
fn copy_files(config: &Path, node: &NodeFiles, into: &Path) -> Result<Vec<KeptFile>> {
    files::create_folder(into).with_context(|| into.display().to_string())?;
    let folder = config.parent().unwrap_or(Path::new("."));
    let named = named(config, node).into_iter().map(|name| {
        let path = if name == NODE_TOML { config.to_owned() } else { folder.join(&name) };
        (name, false, path)
    });
    let mut all: Vec<(String, bool, PathBuf)> = named.collect();
    all.push((CRL_MEMORY.to_owned(), true, node.data.join(CRL_MEMORY)));
    let versions = node.data.join(VERSIONS);
    if let Ok(entries) = fs::read_dir(&versions) {
        let mut names: Vec<String> = entries.flatten().filter_map(|one| one.file_name().into_string().ok()).collect();
        names.sort();
        all.extend(names.into_iter().map(|name| (format!("{VERSIONS}/{name}"), true, versions.join(&name))));
    }
    let mut kept = Vec::new();
    for (name, own, path) in all.into_iter().filter(|(_, _, path)| path.is_file()) {
        let bytes = read_bounded(&path, MAX_FILE.max(MAX_WORDS))?;
        let copy = format!("{:03}-{}", kept.len(), plain(&name));
        let to = into.join(&copy);
        files::write_private(&to, &bytes).with_context(|| to.display().to_string())?;
        let content = Content { bytes: u64::try_from(bytes.len())?, sha256: sha256(&[&bytes]).hex() };
        kept.push(KeptFile { name, own, copy, content });
    }
    flush_folder(into)?;
    Ok(kept)
}

/// The configuration and what it names but keys: with signatures, and the list of hold words that national rules name.
pub(super) fn named(config: &Path, node: &NodeFiles) -> Vec<String> {
    let folder = config.parent().unwrap_or(Path::new("."));
    let mut all = vec![NODE_TOML.to_owned()];
    for name in &node.named {
        all.extend([name.clone(), format!("{name}.sig")]);
        all.extend(
            hold_words(&folder.join(name)).map(|words| Path::new(name).with_file_name(words).display().to_string()),
        );
    }
    all
}

/// The list of hold words that national rules name, beside them.
fn hold_words(path: &Path) -> Option<String> {
    let text = String::from_utf8(read_bounded(path, MAX_FILE).ok()?).ok()?;
    let document: DocumentMut = text.parse().ok()?;
    let tables = document.iter().filter_map(|(_, item)| item.as_table_like());
    let mut words = tables
        .filter_map(|table| table.get("hold_words_file")?.as_str())
        .chain(document.get("hold_words_file")?.as_str());
    words.next().map(str::to_owned)
}

/// A name of one file.
fn plain(name: &str) -> String {
    let last = Path::new(name).file_name().and_then(|name| name.to_str()).unwrap_or("file");
    last.chars().map(|one| if one.is_ascii_alphanumeric() || "._-".contains(one) { one } else { '_' }).collect()
}

pub(super) fn content_of(file: &Path) -> Result<Content> {
    let told = || file.display().to_string();
    let bytes = fs::metadata(file).with_context(told)?.len();
    Ok(Content { bytes, sha256: digest_of(file, bytes, &[]).with_context(told)?.hex() })
}

fn hex(bytes: &[u8; 16]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
