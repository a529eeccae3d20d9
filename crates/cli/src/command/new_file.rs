//! A file that must not exist yet.

use anyhow::{Context as _, Result};
use std::{fs::OpenOptions, io::Write as _, path::Path};

/// Writes a text to a file that must not exist.
pub(super) fn write_new(path: &Path, text: &str) -> Result<()> {
    let file = OpenOptions::new().write(true).create_new(true).open(path);
    file.and_then(|mut file| file.write_all(text.as_bytes()))
        .with_context(|| format!("{}: nothing was written over", path.display()))
}
