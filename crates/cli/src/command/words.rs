//! `relto words`: a list of hold words, tried on a nation's own texts before it holds any.

use crate::{document::read_bounded, exit::Exit, output::Output};
use anyhow::{Result, bail};
use relto_policy::content::{HoldWords, MAX_FILE};
use serde_json::json;
use std::path::{Path, PathBuf};

/// Bytes of a text that is tried: as many as a body of the client API has.
const MAX_TEXT: u64 = 64 * 1024 * 1024;

/// `relto words try`.
pub(super) fn try_list(output: Output, file: &Path, texts: &[PathBuf]) -> Result<Exit> {
    let words = HoldWords::read(
        &file.display().to_string(),
        &read_bounded(file, u64::try_from(MAX_FILE).unwrap_or(u64::MAX))?,
    )?;
    let mut held = 0_usize;
    for path in texts {
        let bytes = read_bounded(path, MAX_TEXT)?;
        let Ok(text) = std::str::from_utf8(&bytes) else {
            bail!("{}: not UTF-8. Hold words are looked for in texts", path.display());
        };
        let ending = path.extension().map(|ending| ending.to_string_lossy().to_lowercase()).unwrap_or_default();
        let places = match ending.as_str() {
            "csv" => words.count_in_csv(text),
            "json" | "geojson" => words.count_in_json(text),
            _ => words.count_in(text),
        };
        output.object(&json!({ "text": path.display().to_string(), "places": places }))?;
        let what = if places == 1 { "place" } else { "places" };
        output.line(format!("{}: {places} {what} would be held", path.display()))?;
        held = held.saturating_add(usize::from(places > 0));
    }
    output.object(&json!({ "words": words.count(), "texts": texts.len(), "held": held }))?;
    output.line(format!("{} words: {held} of {} texts would wait for an officer", words.count(), texts.len()))?;
    Ok(Exit::Done)
}
