//! Characters that nobody sees, in a file as it stands and in its values after escapes are undone. RPT-8

use super::inside::characters;
use crate::unseen::{self, What};
use std::{collections::BTreeSet, ops::Range};
use toml_edit::{Document, Item, TableLike, Value};

/// Told of one file at most: as many as are shown, and one more.
pub(super) const MOST: usize = crate::fault::MAX_TOLD + 1;

/// Tells each that stands in the file as it is, comments too; CR before LF is a line end.
pub(super) fn as_written(file: &str, tell: &mut dyn FnMut(usize, String)) {
    if unseen::unseen(file).is_none() {
        return;
    }
    let ends_line = |at: usize| file.get(at..).is_some_and(|rest| rest.starts_with("\r\n"));
    for one in unseen::all(file).filter(|one| !ends_line(one.at)).take(MOST) {
        let message = if one.at == 0 && one.one == '\u{FEFF}' {
            "the file begins with a byte-order mark. Save it as UTF-8 without one".to_owned()
        } else {
            one.to_string()
        };
        tell(one.at, message);
    }
}

/// Tells each that an escape brings into a key or a value, until enough is told.
pub(super) fn in_values(
    file: &str,
    table: &dyn TableLike,
    is_full: &dyn Fn() -> bool,
    tell: &mut dyn FnMut(usize, String),
) {
    each_string(table, &mut |text, range| in_text(file, text, range, is_full, tell));
}

/// All of a text; what stands in the file itself has been told there.
fn in_text(
    file: &str,
    text: &str,
    range: Range<usize>,
    is_full: &dyn Fn() -> bool,
    tell: &mut dyn FnMut(usize, String),
) {
    if unseen::unseen(text).is_none() {
        return;
    }
    let start = range.start;
    let written = file.get(range).unwrap_or_default();
    let told: BTreeSet<usize> = unseen::all(written).map(|one| one.at).collect();
    let mut places = text.char_indices().zip(characters(written));
    for one in unseen::all(text) {
        let Some((_, place)) = places.find(|((at, _), _)| *at == one.at) else { return };
        if told.contains(&place.at) {
            continue;
        }
        if is_full() {
            return;
        }
        let how = if place.escaped { ", written as an escape" } else { "" };
        tell(start.saturating_add(place.at), one.told(how));
    }
}

/// Every key and every text value with its range in the file, quotes included.
fn each_string(table: &dyn TableLike, see: &mut dyn FnMut(&str, Range<usize>)) {
    for (key, item) in table.iter() {
        if let Some(range) = table.key(key).and_then(toml_edit::Key::span) {
            see(key, range);
        }
        match item {
            Item::Value(value) => each_string_of(value, see),
            Item::Table(table) => each_string(table, see),
            Item::ArrayOfTables(list) => list.iter().for_each(|table| each_string(table, see)),
            Item::None => {}
        }
    }
}

fn each_string_of(value: &Value, see: &mut dyn FnMut(&str, Range<usize>)) {
    match value {
        Value::String(text) => {
            if let Some(range) = text.span() {
                see(text.value(), range);
            }
        }
        Value::Array(list) => list.iter().for_each(|value| each_string_of(value, see)),
        Value::InlineTable(table) => each_string(table, see),
        Value::Integer(_) | Value::Float(_) | Value::Boolean(_) | Value::Datetime(_) => {}
    }
}

/// An escape of a TOML file that brings in what word processors bring in.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Pasted {
    /// The bytes of the escape.
    pub at: Range<usize>,
    /// What it brings in.
    pub what: What,
    /// What stands in its place: nothing, or the line's end.
    pub instead: &'static str,
}

/// Every such escape of a TOML file, in order; none where the file is no TOML. A backslash that is written as `\\` begins
/// no escape, and a text in single quotes has none.
#[must_use]
pub fn pasted(text: &str) -> Vec<Pasted> {
    let mut out = Vec::new();
    if let Ok(document) = Document::parse(text) {
        each_string(document.as_table(), &mut |value, range| {
            out.extend(pasted_in(value, text.get(range.clone()).unwrap_or_default(), range.start));
        });
    }
    out.sort_by_key(|one| one.at.start);
    out
}

/// Those of one text. None where the text without them would not read as it should: between quotation marks, taking one
/// out can end a text in three quotes.
fn pasted_in(value: &str, raw: &str, start: usize) -> Vec<Pasted> {
    let mut hits = unseen::all(value).filter(|one| one.what.is_of_word_processors()).peekable();
    if hits.peek().is_none() {
        return Vec::new();
    }
    // A line cannot end inside one pair of quotes.
    let (line_end, meant) = if raw.starts_with("\"\"\"") { ("\\n", '\n') } else { (" ", ' ') };
    let (mut out, mut rest, mut done, mut left) = (Vec::new(), String::new(), 0, String::new());
    for ((at, one), place) in value.char_indices().zip(characters(raw)) {
        let Some(hit) = hits.next_if(|hit| hit.at == at).filter(|_| place.escaped) else {
            left.push(one);
            continue;
        };
        let ends_line = hit.what == What::WordLineEnd;
        let instead = if ends_line { line_end } else { "" };
        left.extend(ends_line.then_some(meant));
        rest.push_str(raw.get(done..place.at).unwrap_or_default());
        rest.push_str(instead);
        done = place.end;
        out.push(Pasted { at: start + place.at..start + place.end, what: hit.what, instead });
    }
    rest.push_str(raw.get(done..).unwrap_or_default());
    let reads = rest.parse::<Value>().is_ok_and(|value| value.as_str() == Some(&left));
    if reads { out } else { Vec::new() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        toml::{Rules, TomlFile},
        unseen::RULE,
    };

    const RULES: Rules = Rules { syntax: "R005", unknown_key: "R005", wrong_type: "R005", missing: "R005" };

    fn told(text: &str) -> Vec<(usize, String)> {
        let file = TomlFile::new(text, 1, RULES);
        assert!(file.parse().is_some(), "{text}");
        let faults = file.take_faults();
        assert!(faults.iter().all(|one| one.rule == RULE));
        faults
            .into_iter()
            .map(|one| {
                (
                    one.column,
                    one.message
                        .chars()
                        .skip_while(|one| *one != '+')
                        .skip(1)
                        .take_while(char::is_ascii_hexdigit)
                        .collect(),
                )
            })
            .collect()
    }

    fn without(text: &str) -> String {
        let mut out = text.to_owned();
        for one in pasted(text).iter().rev() {
            out.replace_range(one.at.clone(), one.instead);
        }
        out
    }

    #[test]
    fn rpt_8_every_escape_is_told_with_its_place() {
        let found =
            |list: &[(usize, &str)]| list.iter().map(|(at, what)| (*at, (*what).to_owned())).collect::<Vec<_>>();
        assert_eq!(
            told(r#"title = "(U) T\u200Bitle \U000E0100x \u00ADy""#),
            found(&[(15, "200B"), (26, "E0100"), (38, "00AD")])
        );
        assert_eq!(told(r#"a = ["\u200B", {b = "\\\u00AD"}]"#), found(&[(7, "200B"), (24, "00AD")]));
        assert_eq!(told("\"k\\u00AD\\u200b\" = 1"), found(&[(3, "00AD"), (9, "200B")]));
        assert_eq!(told(r#"a = "\\u200B \\\\u00AD""#), []);
        assert_eq!(told(r"a = '\u200B \U000E0100'"), []);
        assert_eq!(told("a = '''\n\\u200B'''"), []);
        // What stands there as it is, is told once, and does not hide an escape behind it.
        assert_eq!(told("a = \"\u{ad}\\u00AD\""), found(&[(6, "00AD"), (7, "00AD")]));
        let many = format!("a = \"{}\\u200B\"\nb = \"{}\"", "\u{ad}".repeat(20), "\\u00AD".repeat(100));
        assert_eq!(told(&many).len(), MOST, "as many as are shown, and one more");
        assert_eq!(told(&many)[20].1, "200B");
        // Judged by what the text is, not by how it is written.
        assert_eq!(told("a = \"x\\u0020\u{301}\""), found(&[(13, "0301")]));
        assert_eq!(told("a = \"\\u2708\\uFE0F\""), []);
    }

    #[test]
    fn escapes_of_what_word_processors_bring_in_are_found_and_nothing_else() {
        for (text, wanted) in [
            (r#"a = "T\u200Bitle \U000E0100x \u00ADy\uFEFF""#, r#"a = "Title \U000E0100x y""#),
            (r#"a = "\\u200B" # \u200B"#, r#"a = "\\u200B" # \u200B"#),
            (r#"a = "\\\u200B""#, r#"a = "\\""#),
            (r#"a = "\\\\u200B\U000000ad""#, r#"a = "\\\\u200B""#),
            (r"a = '\u200B'", r"a = '\u200B'"),
            ("a = '''\\u200B\n\\u00AD'''", "a = '''\\u200B\n\\u00AD'''"),
            ("a = \"\"\"\nx\\u200B\\\n  y\\u000Bz\"\"\"", "a = \"\"\"\nx\\\n  y\\nz\"\"\""),
            (r#"a = "x\u000By""#, r#"a = "x y""#),
            (r#"a = [{"b\u00AD" = "\u200B"}]"#, r#"a = [{"b" = ""}]"#),
            ("[\"t\\u00AD\"]\n[[x]]\na = \"\\xADb\"", "[\"t\"]\n[[x]]\na = \"b\""),
            // The quotation marks that would meet would end the text.
            ("a = \"\"\"x\"\\u200B\"\" y\"\"\"", "a = \"\"\"x\"\\u200B\"\" y\"\"\""),
            ("a = \"no\\u200B end", "a = \"no\\u200B end"),
        ] {
            assert_eq!(without(text), wanted, "{text}");
        }
    }
}
