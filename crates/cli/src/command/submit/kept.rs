//! Submissions as they lie beside the report: one file per nation until its answer is final. API-10

use crate::{document::read_bounded, head::Came};
use anyhow::{Context as _, Result, bail};
use relto_formats::api::{MAX_BODY, Submit};
use relto_host::files::{flush_folder, folder_of};
use relto_report::{
    assessment::Document,
    codec,
    nation::Nation,
    signed::{AuthorStatement, MAX_STATEMENT},
};
use std::{
    fs::OpenOptions,
    io::Write as _,
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
};

/// Earlier submissions of one report that are looked at, the newest first.
const MAX_EARLIER: usize = 64;

/// `report.XBB.submission`, or `report.XBB.tear-line.submission`, beside the report.
pub(super) fn path_for(file: &Path, tear_line: bool, to: Nation) -> PathBuf {
    let tear = if tear_line { ".tear-line" } else { "" };
    file.with_extension(format!("{to}{tear}.submission"))
}

/// A submission that was written down and has no final answer yet.
pub(super) fn pending(path: &Path, to: Nation) -> Result<Submit> {
    let told = || path.display().to_string();
    let body =
        read(path).with_context(|| format!("{}: not a whole submission. Delete it; nothing of it was sent", told()))?;
    let statement: AuthorStatement = codec::decode::<_, MAX_STATEMENT>(&body.statement.0)
        .with_context(|| format!("{}: its statement does not decode. Delete it", told()))?;
    if statement.recipient != to {
        bail!("{}: this submission is for {} and not for {to}. Give it back its name", told(), statement.recipient);
    }
    Ok(body)
}

fn read(path: &Path) -> Result<Submit> {
    let most = u64::try_from(MAX_BODY).unwrap_or(u64::MAX);
    Ok(serde_json::from_slice(&read_bounded(path, most)?)?)
}

/// The report of a submission. Of one whose plaintext goes up before it the attachments are not here, and the digest is the
/// one that was signed.
///
/// # Errors
/// Where it does not decode.
pub(super) fn signed(body: &Submit) -> Result<Document> {
    let told = || format!("submission {}: it does not decode", body.id);
    let plaintext = body.plaintext.0.clone();
    if !body.uploaded {
        return Document::decode(plaintext).with_context(told);
    }
    let statement: AuthorStatement = codec::decode::<_, MAX_STATEMENT>(&body.statement.0).with_context(told)?;
    match Came::read(plaintext).with_context(told)? {
        Came::Head(head) => head.listed(statement.plaintext).with_context(told),
        Came::Whole(_) => bail!("submission {}: it lists no attachments, and says that they are uploaded", body.id),
    }
}

/// Writes a file that must not exist, and has it on the disk before it returns.
pub(super) fn write_new(path: &Path, bytes: &[u8]) -> Result<()> {
    let told = || path.display().to_string();
    if bytes.len() > MAX_BODY {
        bail!("the submission has {} bytes; the node takes {MAX_BODY}. Attach less", bytes.len());
    }
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).with_context(told)?;
    file.write_all(bytes).and_then(|()| file.sync_all()).with_context(told)?;
    flush_folder(folder_of(path)).with_context(told)
}

/// A final answer is there: `report.XBB.submission.<id>.done`.
pub(super) fn put_away(path: &Path, id: &str) -> Result<()> {
    let mut done = path.as_os_str().to_owned();
    done.push(format!(".{id}.done"));
    std::fs::rename(path, &done).with_context(|| path.display().to_string())
}

/// An earlier submission of a report.
pub(super) struct Earlier {
    /// Whether it has no final answer yet, as far as its file says.
    pub(super) is_open: bool,
    pub(super) body: Submit,
}

/// The submissions of this report that lie beside it, for this nation or for all: those without a final answer first,
/// then the newest. What cannot be read is left out.
pub(super) fn earlier(file: &Path, tear_line: bool, to: Option<Nation>) -> Vec<Earlier> {
    let Some(stem) = file.file_stem().and_then(|stem| stem.to_str()) else { return Vec::new() };
    let Ok(entries) = std::fs::read_dir(folder_of(file)) else { return Vec::new() };
    let kind = if tear_line { "tear-line.submission" } else { "submission" };
    let mut found: Vec<(bool, String, PathBuf)> = entries
        .filter_map(|entry| {
            let path = entry.ok()?.path();
            let rest = path.file_name()?.to_str()?.strip_prefix(stem)?.strip_prefix('.')?;
            let (nation, rest) = rest.split_once('.')?;
            let nation = Nation::parse(nation)?;
            let rest = rest.strip_prefix(kind)?;
            let is_open = rest.is_empty();
            // A UUIDv7 begins with its time.
            let id = rest.strip_suffix(".done").unwrap_or_default().to_owned();
            let is_meant = (is_open || rest.ends_with(".done")) && to.is_none_or(|to| to == nation);
            is_meant.then_some((is_open, id, path))
        })
        .collect();
    found.sort_unstable_by(|one, other| other.cmp(one));
    let read = |(is_open, _, path): (bool, String, PathBuf)| Some(Earlier { is_open, body: read(&path).ok()? });
    found.into_iter().take(MAX_EARLIER).filter_map(read).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use relto_formats::base64_bytes::Bytes;

    fn nation(code: &str) -> Nation {
        Nation::parse(code).unwrap()
    }

    #[test]
    fn api_10_a_submission_is_written_once_a_nation_and_put_away_under_its_id() {
        let folder = tempfile::tempdir().unwrap();
        let report = folder.path().join("report.md");
        let path = path_for(&report, false, nation("XBB"));
        assert_eq!(path.file_name().unwrap(), "report.XBB.submission");
        write_new(&path, b"one").unwrap();
        assert!(write_new(&path, b"two").is_err(), "an earlier submission is never overwritten");
        assert_eq!(std::fs::read(&path).unwrap(), b"one");
        write_new(&path_for(&report, false, nation("XCC")), b"one").unwrap();
        put_away(&path, "0197").unwrap();
        assert!(!path.exists() && folder.path().join("report.XBB.submission.0197.done").exists());
        let tear = path_for(Path::new("a/report.md"), true, nation("XBB"));
        assert_eq!(tear, Path::new("a/report.XBB.tear-line.submission"));
    }

    #[test]
    fn a_torn_or_foreign_submission_file_is_told_and_not_sent() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("report.XBB.submission");
        std::fs::write(&path, b"{\"id\":").unwrap();
        let error = pending(&path, nation("XBB")).err().unwrap();
        assert!(format!("{error:#}").contains("not a whole submission"), "{error:#}");
    }

    #[test]
    fn earlier_submissions_are_those_of_the_report_the_open_ones_first() {
        let folder = tempfile::tempdir().unwrap();
        let body = |id: &str| Submit {
            id: id.to_owned(),
            statement: Bytes(Vec::new()),
            signature: Bytes(Vec::new()),
            plaintext: Bytes(Vec::new()),
            uploaded: false,
            home: None,
            emergency: false,
        };
        let names = [
            ("r.XBB.submission.01.done", "01"),
            ("r.XBB.submission.02.done", "02"),
            ("r.XCC.submission", "03"),
            ("r.XBB.tear-line.submission", "tear"),
            ("r2.XBB.submission", "another report"),
            ("r.xbb.submission", "no nation"),
        ];
        for (name, id) in names {
            std::fs::write(folder.path().join(name), serde_json::to_vec(&body(id)).unwrap()).unwrap();
        }
        std::fs::write(folder.path().join("r.XDD.submission"), b"torn").unwrap();
        let report = folder.path().join("r.md");
        let ids = |tear, to: Option<&str>| {
            let found = earlier(&report, tear, to.map(nation));
            found.into_iter().map(|one| (one.is_open, one.body.id)).collect::<Vec<_>>()
        };
        let owned = |list: &[(bool, &str)]| list.iter().map(|(open, id)| (*open, (*id).to_owned())).collect::<Vec<_>>();
        assert_eq!(ids(false, None), owned(&[(true, "03"), (false, "02"), (false, "01")]));
        assert_eq!(ids(false, Some("XBB")), owned(&[(false, "02"), (false, "01")]));
        assert_eq!(ids(true, None), owned(&[(true, "tear")]));
    }
}
