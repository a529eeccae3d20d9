//! A report's attachments as files.

use crate::{document::is_plain_name, output::NotVerified};
use anyhow::{Context as _, Result, bail};
use relto_report::assessment::Document;
use std::{fs::OpenOptions, io::Write as _, os::unix::fs::OpenOptionsExt as _, path::Path};

/// Saves attachments under their own names, none over a file that is there, none outside the folder. API-17
pub(super) fn save(document: &Document, folder: &Path) -> Result<Vec<String>> {
    std::fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
    let mut out = Vec::new();
    for (at, one) in document.report().attachments.iter().enumerate() {
        if !is_plain_name(&one.name) {
            return Err(NotVerified(format!("attachment {at}: its name is not that of a file: {:?}", one.name)).into());
        }
        let path = folder.join(&one.name);
        let bytes = document.attachment(at).with_context(|| format!("attachment {}", one.name))?;
        // Who looks twice has them already.
        if std::fs::read(&path).is_ok_and(|there| there == bytes) {
            out.push(path.display().to_string());
            continue;
        }
        let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path);
        match file.and_then(|mut file| file.write_all(bytes)) {
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
                bail!("{}: another file of this name is there. Name a new folder", path.display())
            }
            written => written.with_context(|| path.display().to_string())?,
        }
        out.push(path.display().to_string());
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use relto_report::{
        assessment::Report,
        calendar::Timestamp,
        file::{Context, parse},
        register::Register,
        vocabulary::Vocabulary,
    };

    const TRACK: &[u8] = include_bytes!("../../../../examples/sierra-14-track.csv");

    fn with_attachment(name: &str) -> Document {
        let register = Register::read("r", include_bytes!("../../../../examples/markings-XAA.toml")).unwrap();
        let vocabulary = Vocabulary::read("v", include_bytes!("../../../../examples/vocabulary.toml")).unwrap();
        let now = Timestamp::parse("2026-11-17T12:00:00Z").unwrap();
        let track = |_: &str| Some(TRACK.to_vec());
        let home = include_bytes!("../../../../examples/report.home.toml");
        let context =
            Context { home: Some(("home", home)), attachment: &track, ..Context::new(&register, &vocabulary, now) };
        let parsed = parse("report.md", include_bytes!("../../../../examples/report.md"), &context);
        let parsed = parsed.unwrap_or_else(|faults| panic!("{faults}"));
        let mut report: Report = parsed.document.report().clone();
        report.attachments[0].name = name.to_owned();
        Document::decode(Document::lay_out(&report, &[TRACK])).unwrap()
    }

    #[test]
    fn api_17_attachments_stay_in_their_folder_and_overwrite_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let into = folder.path().join("saved");
        let saved = save(&with_attachment("track.csv"), &into).unwrap();
        assert_eq!(saved.len(), 1);
        assert_eq!(std::fs::read(into.join("track.csv")).unwrap(), TRACK);
        assert_eq!(save(&with_attachment("track.csv"), &into).unwrap(), saved, "the same is there already");
        std::fs::write(into.join("track.csv"), "another").unwrap();
        let error = save(&with_attachment("track.csv"), &into).unwrap_err();
        assert!(error.to_string().contains("another file of this name is there"), "{error}");
        assert_eq!(std::fs::read(into.join("track.csv")).unwrap(), b"another", "nothing is overwritten");
        for name in ["../track.csv", "/etc/track.csv", ".profile", "a/b.csv", "", "a\u{202e}b.csv", "a b.csv"] {
            let error = save(&with_attachment(name), &into).unwrap_err();
            assert!(error.is::<NotVerified>(), "{name}");
        }
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
