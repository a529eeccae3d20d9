//! `relto check --fix-unseen`: offers to take out what word processors bring in, and shows every line that would change.

use crate::{
    document::read_bounded,
    output::{Output, ask},
};
use anyhow::{Context as _, Result, bail};
use relto_report::unseen::{What, all, shown};
use std::{fs, path::Path};

/// Bytes of a file that is looked at.
const MAX_FILE: u64 = 16 * 1024 * 1024;

/// Offers it for a report file and the home file beside it. Nothing is written before a person has seen the lines.
///
/// # Errors
/// The system's error; or that nobody is there to be asked.
pub(super) fn offer(output: Output, report: &Path, yes: bool) -> Result<()> {
    let home = report.with_extension("home.toml");
    for path in [report, home.as_path()].into_iter().filter(|path| *path == report || path.exists()) {
        let bytes = read_bounded(path, MAX_FILE)?;
        // What is not UTF-8 is told by the reader.
        let Ok(text) = std::str::from_utf8(&bytes) else { continue };
        let fixed = without(text);
        if fixed == text {
            output.note(format!("{}: nothing to take out", path.display()));
            continue;
        }
        changes(text).iter().for_each(|line| output.note(line));
        let question = format!("change {} so?", path.display());
        if !yes && ask(output, &question)? != Some(true) {
            bail!("{} was not changed. Answer y, or give --yes where there is no terminal", path.display());
        }
        fs::write(path, fixed).with_context(|| path.display().to_string())?;
    }
    Ok(())
}

/// The text without them; a word processor's line break becomes the line's end.
fn without(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut done = 0;
    // A byte-order mark before the file is told by R001.
    for one in all(text).filter(|one| one.at > 0 && one.what.is_of_word_processors()) {
        out.push_str(text.get(done..one.at).unwrap_or_default());
        if one.what == What::WordLineEnd {
            out.push('\n');
        }
        done = one.at + one.one.len_utf8();
    }
    out.push_str(text.get(done..).unwrap_or_default());
    out
}

/// Each line that would change, before and after, with the characters by their numbers.
fn changes(text: &str) -> Vec<String> {
    let mut out = Vec::new();
    for (line, number) in text.split('\n').zip(1..) {
        let fixed = without(&format!("\n{line}"));
        let fixed = fixed.get(1..).unwrap_or_default();
        if fixed != line {
            out.push(format!("-{number}: {}", shown(line)));
            out.extend(fixed.split('\n').map(|after| format!("+{number}: {}", shown(after))));
            if line.contains('\u{F0B7}') {
                out.push(format!(
                    " {number}: a bullet of a word processor is taken out. Type - where it begins an item"
                ));
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exactly_what_word_processors_bring_in_is_taken_out() {
        let text = "a\u{ad}b\u{200b}c\u{feff}d\n\u{f0b7} e\u{b}f\u{202e}\u{34f}\u{e000} ✈\u{fe0f}";
        assert_eq!(without(text), "abcd\n e\nf\u{202e}\u{34f}\u{e000} ✈\u{fe0f}");
        assert_eq!(without("\u{feff}x"), "\u{feff}x");
        assert_eq!(
            changes("plain\na\u{ad}b\n\u{f0b7} c"),
            [
                "-2: a<U+00AD>b",
                "+2: ab",
                "-3: <U+F0B7> c",
                "+3:  c",
                " 3: a bullet of a word processor is taken out. Type - where it begins an item"
            ]
        );
    }

    #[test]
    fn nothing_is_taken_out_unasked() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("report.md");
        fs::write(&path, "a\u{ad}b").unwrap();
        let output = Output { json: true };
        assert!(offer(output, &path, false).unwrap_err().to_string().contains("was not changed"));
        assert_eq!(fs::read_to_string(&path).unwrap(), "a\u{ad}b");
        offer(output, &path, true).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "ab");
    }
}
