//! `relto clean`: a picture without what nobody sees in it, as a new file, before the report is signed.

use crate::{args::CleanArgs, exit::Exit, session::Session};
use anyhow::{Context as _, Result, bail};
use relto_report::attachment::{
    bytes::Bytes,
    clean::{Cleaned, MAX_IMAGE, Unclean, clean},
    looks::Looks,
};
use serde_json::json;
use std::{
    fs::{self, OpenOptions},
    io::Write as _,
    path::{Path, PathBuf},
};

/// Writes the clean file, never over one that is there, and says what was taken out.
pub(super) fn run(session: &Session, args: &CleanArgs) -> Result<Exit> {
    let output = session.output;
    let shown = args.file.display();
    let size = fs::metadata(&args.file).with_context(|| shown.to_string())?.len();
    if size > MAX_IMAGE {
        bail!("{shown} has {size} bytes; {MAX_IMAGE} are cleaned at most. Export the picture smaller");
    }
    let bytes = fs::read(&args.file).with_context(|| shown.to_string())?;
    let cleaned = clean(&bytes.as_slice() as &dyn Bytes).map_err(|why| anyhow::anyhow!(words(&args.file, &why)))?;
    let path = args.out.clone().unwrap_or_else(|| beside(&args.file));
    write(&path, &cleaned)?;
    let (length, count) = (cleaned.bytes.len(), cleaned.taken.len());
    output.object(&json!({
        "file": path.display().to_string(),
        "bytes": length,
        "taken_out": cleaned.taken.iter().map(|one| json!({ "what": one.what, "at": one.at, "bytes": one.bytes })).collect::<Vec<_>>(),
    }))?;
    output.line(format!("{}: {length} bytes of {}, {count} parts taken out", path.display(), bytes.len()))?;
    for one in &cleaned.taken {
        output.line(format!("  {} at byte {}, {} bytes", one.what, one.at, one.bytes))?;
    }
    if bytes == cleaned.bytes {
        output.line("nothing was hidden in it: the new file is the same")?;
    }
    Ok(Exit::Done)
}

fn write(path: &Path, cleaned: &Cleaned) -> Result<()> {
    let file = OpenOptions::new().write(true).create_new(true).open(path);
    let mut file =
        file.with_context(|| format!("{}: nothing is written over a file; name another with --out", path.display()))?;
    let written = file.write_all(&cleaned.bytes).and_then(|()| file.sync_all());
    if written.is_err() {
        // Half a picture is not left behind.
        let _ = fs::remove_file(path);
    }
    written.with_context(|| path.display().to_string())
}

/// `photo.jpg` gives `photo-clean.jpg`.
fn beside(file: &Path) -> PathBuf {
    let stem = file.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    let ending = file.extension().map(|ending| format!(".{}", ending.to_string_lossy())).unwrap_or_default();
    file.with_file_name(format!("{stem}-clean{ending}"))
}

/// Why nothing is written, and what writes a clean file instead.
fn words(file: &Path, why: &Unclean) -> String {
    let shown = file.display();
    match why {
        Unclean::Stays(finding) => format!("{shown} cannot be cleaned: {finding}"),
        Unclean::TooLarge => format!("{shown} is too large to be cleaned. Export the picture smaller"),
        Unclean::NoImage(Looks::Pdf) => format!(
            "{shown} is a PDF document, which is not changed here. Programs that write a clean one: in LibreOffice, File, \
             Export As PDF, with \"Tagged PDF\" and \"Create PDF form\" off, and File, Properties, Reset Properties before it \
             for the author's name; in a browser or viewer, Print to PDF; or: qpdf --empty --pages IN.pdf -- OUT.pdf, which \
             leaves author and program out"
        ),
        Unclean::NoImage(Looks::Text) => {
            format!(
                "{shown} is text: nothing is hidden in it that relto clean could take out. In a table, save values in place of formulas"
            )
        }
        Unclean::NoImage(looks) => {
            format!("{shown} is {looks}; PNG and JPEG images are cleaned. Save the picture as one of these")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clean_file_lies_beside_and_has_a_plain_name() {
        assert_eq!(beside(Path::new("a/photo.JPG")), Path::new("a/photo-clean.JPG"));
        assert_eq!(beside(Path::new("photo")), Path::new("photo-clean"));
    }

    #[test]
    fn nothing_is_written_over_a_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.png");
        let cleaned = Cleaned { bytes: b"new".to_vec(), taken: Vec::new() };
        write(&path, &cleaned).unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"new");
        let told = write(&path, &Cleaned { bytes: b"newer".to_vec(), taken: Vec::new() }).unwrap_err();
        assert!(told.to_string().contains("--out"), "{told}");
        assert_eq!(fs::read(&path).unwrap(), b"new");
    }
}
