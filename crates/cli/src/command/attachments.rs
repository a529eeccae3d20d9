//! A report's attachments as files.

use super::download::Download;
use crate::{
    document::is_plain_name,
    head::Head,
    on_disk::{OnDisk, sha256_of},
    output::NotVerified,
    profile::Profile,
};
use anyhow::{Context as _, Result, anyhow, bail};
use relto_host::files::flush_folder;
use relto_report::{
    assessment::{Attachment, Document},
    attachment::bytes::{Apart, Bytes as _, each_piece},
};
use std::{
    io::Write as _,
    path::{Path, PathBuf},
    sync::Arc,
};
use tempfile::NamedTempFile;

/// Saves attachments under their own names, none over a file that is there, none outside the folder. API-17
pub(super) fn save(document: &Document, folder: &Path) -> Result<Vec<String>> {
    create(folder)?;
    let mut out = Vec::new();
    for (at, one) in document.report().attachments.iter().enumerate() {
        let path = path_of(folder, at, one)?;
        if !is_there(&path, one)? {
            let mut file = begin(folder)?;
            let bytes = document.attached(at).with_context(|| format!("attachment {}", one.name))?;
            let mut written = Ok(());
            let read = each_piece(&bytes, one.length, |piece| {
                if written.is_ok() {
                    written = file.write_all(piece);
                }
            });
            read.map_err(|_| anyhow!("attachment {} cannot be read to its end", one.name))?;
            written.with_context(|| path.display().to_string())?;
            keep(file, folder, &path)?;
        }
        out.push(path.display().to_string());
    }
    Ok(out)
}

/// The same with attachments that the node gives one by one; `path` is where the report itself was asked for. One whose
/// bytes are not those that the report lists is not left there. API-17
pub(super) async fn download(profile: &Profile, path: String, head: &Head, folder: &Path) -> Result<Vec<String>> {
    create(folder)?;
    let mut download = Download::new(profile, path, head.report());
    let mut out = Vec::new();
    for (at, one) in head.report().attachments.iter().enumerate() {
        let path = path_of(folder, at, one)?;
        if is_there(&path, one)? {
            download.passed(one);
        } else {
            let file = begin(folder)?;
            download.take(at, one, file.as_file()).await?;
            keep(file, folder, &path)?;
        }
        out.push(path.display().to_string());
    }
    Ok(out)
}

/// The whole document of a head, of the files that were saved of it.
pub(super) fn joined(head: &Head, saved: &[String]) -> Result<Document> {
    let open = |path: &String| {
        let found = OnDisk::open(Path::new(path)).with_context(|| path.clone())?;
        let file = found.with_context(|| format!("{path}: it was taken away again"))?;
        anyhow::Ok(Arc::new(file) as Apart)
    };
    let files = saved.iter().map(open).collect::<Result<Vec<_>>>()?;
    Ok(head.with(files).map_err(|fault| NotVerified(format!("{}: {fault}", head.report().serial)))?)
}

fn create(folder: &Path) -> Result<()> {
    std::fs::create_dir_all(folder).with_context(|| folder.display().to_string())
}

fn path_of(folder: &Path, at: usize, one: &Attachment) -> Result<PathBuf> {
    if !is_plain_name(&one.name) {
        return Err(NotVerified(format!("attachment {at}: its name is not that of a file: {:?}", one.name)).into());
    }
    Ok(folder.join(&one.name))
}

/// Whether the attachment is there already: who looks twice has it. Another file of its name is an error.
fn is_there(path: &Path, one: &Attachment) -> Result<bool> {
    if path.symlink_metadata().is_err() {
        return Ok(false);
    }
    let there = OnDisk::open(path).with_context(|| path.display().to_string())?;
    match there.filter(|file| file.length() == one.length && sha256_of(file) == Some(one.sha256)) {
        Some(_) => Ok(true),
        None => bail!("{}", another(path)),
    }
}

fn another(path: &Path) -> String {
    format!("{}: another file of this name is there. Name a new folder", path.display())
}

/// A file that nobody else reads and that goes again unless it is kept.
fn begin(folder: &Path) -> Result<NamedTempFile> {
    let file = tempfile::Builder::new().prefix(".relto-").suffix(".part").tempfile_in(folder);
    file.with_context(|| folder.display().to_string())
}

/// Gives a whole file its name, and has it on the disk.
fn keep(file: NamedTempFile, folder: &Path, path: &Path) -> Result<()> {
    file.as_file().sync_all().with_context(|| path.display().to_string())?;
    match file.persist_noclobber(path) {
        Err(error) if error.error.kind() == std::io::ErrorKind::AlreadyExists => bail!("{}", another(path)),
        kept => kept.map(drop).with_context(|| path.display().to_string())?,
    }
    flush_folder(folder).with_context(|| folder.display().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::head::{Came, tests::with_attachment};
    use std::os::unix::fs::PermissionsExt as _;

    const TRACK: &[u8] = include_bytes!("../../../../examples/sierra-14-track.csv");

    #[test]
    fn api_17_attachments_stay_in_their_folder_and_overwrite_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let into = folder.path().join("saved");
        let track = |name| with_attachment(name, TRACK);
        let saved = save(&track("track.csv"), &into).unwrap();
        assert_eq!(saved.len(), 1);
        assert_eq!(std::fs::read(into.join("track.csv")).unwrap(), TRACK);
        assert_eq!(into.join("track.csv").metadata().unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(save(&track("track.csv"), &into).unwrap(), saved, "the same is there already");
        std::fs::write(into.join("track.csv"), "another").unwrap();
        let error = save(&track("track.csv"), &into).unwrap_err();
        assert!(error.to_string().contains("another file of this name is there"), "{error}");
        assert_eq!(std::fs::read(into.join("track.csv")).unwrap(), b"another", "nothing is overwritten");
        for name in ["../track.csv", "/etc/track.csv", ".profile", "a/b.csv", "", "a\u{202e}b.csv", "a b.csv"] {
            let error = save(&track(name), &into).unwrap_err();
            assert!(error.is::<NotVerified>(), "{name}");
        }
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
        assert_eq!(std::fs::read_dir(&into).unwrap().count(), 1, "nothing is left behind");
    }

    #[test]
    fn files_that_were_saved_make_the_document_again_and_other_files_do_not() {
        let folder = tempfile::tempdir().unwrap();
        let whole = with_attachment("track.csv", TRACK);
        let saved = save(&whole, folder.path()).unwrap();
        let Ok(Came::Head(head)) = Came::read(whole.head().to_vec()) else { panic!("no head") };
        assert_eq!(joined(&head, &saved).unwrap().digest(), whole.digest());
        std::fs::write(folder.path().join("track.csv"), TRACK.to_ascii_uppercase()).unwrap();
        assert!(joined(&head, &saved).err().unwrap().is::<NotVerified>());
    }
}
