//! `relto check --fix-unseen`: offers to take out what word processors bring in, and shows every line that would change.

use crate::{
    document::read_bounded,
    output::{Output, ask},
};
use anyhow::{Context as _, Result, bail};
use relto_report::{
    toml::pasted,
    unseen::{What, all, shown},
};
use std::{collections::BTreeSet, fs, ops::Range, path::Path};

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
        let fixed = Fixed::new(text);
        if fixed.text == text {
            output.note(format!("{}: {NOTHING}", path.display()));
            continue;
        }
        fixed.changes(text).iter().for_each(|line| output.note(line));
        let question = format!("change {} so?", path.display());
        if !yes && ask(output, &question)? != Some(true) {
            bail!("{} was not changed. Answer y, or give --yes where there is no terminal", path.display());
        }
        fs::write(path, fixed.text).with_context(|| path.display().to_string())?;
    }
    Ok(())
}

/// Other characters that nobody sees may be there, and are told by their rule.
const NOTHING: &str = "nothing to take out that word processors bring in";

/// The text without them.
struct Fixed {
    text: String,
    /// Lines, from 0, of the text without raw ones in which the escape of a bullet stood.
    bullets: BTreeSet<usize>,
}

impl Fixed {
    fn new(text: &str) -> Self {
        let mut fixed = Self { text: without(text), bullets: BTreeSet::new() };
        let keys = keys(&fixed.text);
        let from = keys.start;
        // From the last on, so that the places before stay as they are.
        for one in pasted(fixed.text.get(keys).unwrap_or_default()).iter().rev() {
            let at = from + one.at.start..from + one.at.end;
            if one.what == What::SymbolBullet {
                let before = fixed.text.get(..at.start).unwrap_or_default();
                fixed.bullets.insert(before.matches('\n').count());
            }
            fixed.text.replace_range(at, one.instead);
        }
        fixed
    }

    /// Each line that would change, before and after, with the characters by their numbers.
    fn changes(&self, text: &str) -> Vec<String> {
        let mut out = Vec::new();
        let mut after = self.text.split('\n').enumerate();
        let visible = |line: &str| shown(line.strip_suffix('\r').unwrap_or(line)).into_owned();
        for (line, number) in text.split('\n').zip(1..) {
            // A word processor's line break makes two lines of one; an escape leaves one.
            let many = 1 + line.matches('\u{B}').count();
            let lines: Vec<(usize, &str)> = after.by_ref().take(many).collect();
            if lines.iter().map(|(_, one)| *one).eq([line]) {
                continue;
            }
            out.push(format!("-{number}: {}", visible(line)));
            out.extend(lines.iter().map(|(_, one)| format!("+{number}: {}", visible(one))));
            if line.contains('\u{F0B7}') || lines.iter().any(|(at, _)| self.bullets.contains(at)) {
                out.push(format!(
                    " {number}: a bullet of a word processor is taken out. Type - where it begins an item"
                ));
            }
        }
        out
    }
}

/// Where escapes are undone: the keys of a report, or all of a home file.
fn keys(text: &str) -> Range<usize> {
    let mut lines = text.split_inclusive('\n');
    let is_border = |line: &str| line.trim_end_matches(['\r', '\n']) == "+++";
    let Some(first) = lines.next().filter(|line| is_border(line)) else { return 0..text.len() };
    let length: usize = lines.take_while(|line| !is_border(line)).map(str::len).sum();
    first.len()..first.len() + length
}

/// The text without those that stand in it as they are; a word processor's line break becomes the line's end.
fn without(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut done = 0;
    // A byte-order mark before the file is told by R001.
    let begins_file = |at: usize, what: What| at == 0 && what == What::ByteOrderMark;
    for one in all(text).filter(|one| one.what.is_of_word_processors() && !begins_file(one.at, one.what)) {
        out.push_str(text.get(done..one.at).unwrap_or_default());
        if one.what == What::WordLineEnd {
            out.push('\n');
        }
        done = one.at + one.one.len_utf8();
    }
    out.push_str(text.get(done..).unwrap_or_default());
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn changes(text: &str) -> Vec<String> {
        Fixed::new(text).changes(text)
    }

    #[test]
    fn escapes_in_the_keys_are_taken_out_too_and_nothing_else() {
        let front = r#"title = "(U) T\u200Bitle \U000E0100x \u00ADy"
a = 'not \u200B' # nor \u200B
b = "nor \\u200B"
c = "\uF0B7 x""#;
        let text = format!("+++\n{front}\n+++\n\ntitle = \"T\\u200Bitle\"\n\na\u{b}b\u{ad}");
        let fixed = format!(
            "+++\n{}\n+++\n\ntitle = \"T\\u200Bitle\"\n\na\nb",
            front.replace(r"T\u200Bitle", "Title").replace(r"\u00AD", "").replace(r"\uF0B7", "")
        );
        assert_eq!(Fixed::new(&text).text, fixed);
        assert_eq!(without("\u{b}a\u{b}\u{feff}"), "\na\n");
        let crlf = |text: &str| text.replace('\n', "\r\n").replace('\u{b}', "\r\u{b}");
        assert_eq!(Fixed::new(&crlf(&text)).text, crlf(&fixed));
        let wanted = [
            r#"-2: title = "(U) T\u200Bitle \U000E0100x \u00ADy""#,
            r#"+2: title = "(U) Title \U000E0100x y""#,
            r#"-5: c = "\uF0B7 x""#,
            r#"+5: c = " x""#,
            " 5: a bullet of a word processor is taken out. Type - where it begins an item",
            "-10: a<U+000B>b<U+00AD>",
            "+10: a",
            "+10: b",
        ];
        assert_eq!(changes(&text), wanted);
        assert_eq!(Fixed::new("a = \"x\\u00AD\"\n").text, "a = \"x\"\n", "a home file");
        assert_eq!(changes("a = \"x\\u00AD\"\r\nb = 1\r\n"), ["-1: a = \"x\\u00AD\"", "+1: a = \"x\""]);
        let raw_and_escaped = Fixed::new("+++\nti\u{200b}tle = \"x\\u00\u{200b}AD\"\n+++\n").text;
        assert_eq!(raw_and_escaped, "+++\ntitle = \"x\"\n+++\n", "what taking one out makes an escape is one");
    }

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
