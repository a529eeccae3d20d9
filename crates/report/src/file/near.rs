//! A mark that is there and cannot be read as one: what is wrong with it (R100, R014).
//!
//! What a message says to write is what the reader takes: a test writes each and reads it.

use super::{context::Context, mark::split};
use crate::{
    assessment::{Block, MAX_LINE},
    marking::{MarkFaultKind, read_portion},
    unseen::is_ignored,
};
use unicode_normalization::UnicodeNormalization;

/// Emphasis and quoting of other programs, which a mark does without.
const EMPHASIS: &[char] = &['*', '_', '`', '~', '>', '#', '\\'];
/// Bullets of other programs.
const BULLETS: &[char] = &['*', '+', '-', '\u{2022}', '\u{B7}', '\u{2013}', '\u{2014}', '\u{25CF}', '\u{25AA}'];
/// Characters in which a mark is looked for, and of the text behind it that are shown.
const NEAR: usize = 40;

/// What is wrong with the mark at the beginning of a text, if one stands there that the register has. `block` is that of
/// a portion; `None` for a text of the keys.
pub(super) fn near_mark(text: &str, block: Option<Block>, context: &Context<'_>) -> Option<String> {
    let found = Found::new(text, context)?;
    if found.lead.is_empty() && found.brackets.is_empty() && split(text).is_some() {
        return None;
    }
    let (item, mark, wrong) = (found.item(block), &found.mark, found.brackets);
    let plain = found.text(item.is_some());
    let start = beginning(&plain);
    Some(if plain.is_empty() {
        format!("nothing stands behind the mark ({mark}). Write the text behind it, on the same line")
    } else if let Some(sign) = item {
        let lead = found.lead.trim();
        let is_tight = found.lead.trim_end().len() == found.lead.len();
        let what = if is_tight && (lead == "-" || lead.ends_with('.')) {
            format!("{lead} needs a space behind it")
        } else {
            format!("{lead} opens no list item here")
        };
        let more = if wrong.is_empty() { String::new() } else { format!(", and {wrong}") };
        format!("{what}{more}. Write {sign}({mark}) {start}")
    } else {
        match (found.before(), wrong) {
            (Some(before), "") => {
                format!("{before} stands before the mark ({mark}). Begin with the mark: ({mark}) {start}")
            }
            (Some(before), _) => format!("{before} stands before the mark, and {wrong}. Write ({mark}) {start}"),
            (None, "") => behind(found.rest, mark, &start),
            (None, _) if wrong.contains(':') => format!("{wrong}. Write ({mark}) {start}"),
            (None, _) => format!("{wrong}: write ({mark}) {start}"),
        }
    })
}

/// The beginning of a text; what is left out of it is seen to be.
fn beginning(plain: &str) -> String {
    let line = plain.lines().next().unwrap_or_default();
    match line.char_indices().nth(NEAR) {
        Some((at, _)) => format!("{}...", line.get(..at).unwrap_or_default().trim_end()),
        None => line.to_owned(),
    }
}

/// What stands between a mark and its text and should not.
fn behind(rest: &str, mark: &str, start: &str) -> String {
    if rest.trim_start_matches([' ', '\t']).starts_with('\n') {
        return format!(
            "the mark ({mark}) stands alone on its line. Write the text behind it, on the same line: ({mark}) {start}"
        );
    }
    match rest.chars().next() {
        Some('\t') => format!("a tab stands behind the mark ({mark}). Type a space: ({mark}) {start}"),
        Some(blank) if blank.is_whitespace() && blank != ' ' => {
            let number = u32::from(blank);
            format!(
                "U+{number:04X} stands behind the mark ({mark}) and looks like a space. Type an ordinary space: \
                 ({mark}) {start}"
            )
        }
        _ => format!("no space stands behind the mark ({mark}). Write ({mark}) {start}"),
    }
}

/// A mark, what stands before and behind it, and what its brackets are where they are not `(` and `)`.
struct Found<'t> {
    lead: &'t str,
    brackets: &'static str,
    mark: String,
    rest: &'t str,
}

impl<'t> Found<'t> {
    /// The first mark that can be meant as that of the text.
    fn new(text: &'t str, context: &Context<'_>) -> Option<Self> {
        let line = text.lines().next()?;
        let opens = line.char_indices().take(NEAR).filter(|(_, one)| bracket(*one).is_some());
        for (at, open) in opens {
            let (lead, inside) = (line.get(..at)?, text.get(at + open.len_utf8()..)?);
            if !is_lead(lead) {
                break;
            }
            if let Some(found) = bracketed(lead, open, inside, context) {
                return Some(found);
            }
        }
        bare(text, context)
    }

    /// What stands before the mark and is no list item's sign.
    fn before(&self) -> Option<String> {
        let lead = self.lead.trim();
        if self.lead.is_empty() {
            return None;
        }
        Some(if self.lead.chars().any(is_ignored) {
            "a character that nobody sees".to_owned()
        } else if lead.is_empty() && self.lead.chars().all(|one| matches!(one, ' ' | '\t')) {
            "a blank".to_owned()
        } else if lead.is_empty() {
            "a blank that is none of the keyboard's".to_owned()
        } else if lead.chars().all(is_quote) {
            "a quote".to_owned()
        } else {
            lead.to_owned()
        })
    }

    /// The sign of the list item that is meant by what stands before the mark of a portion.
    fn item(&self, block: Option<Block>) -> Option<String> {
        let lead = self.lead.trim();
        let is_tight = self.lead.trim_end().len() == self.lead.len();
        let mut signs = lead.chars();
        let is_bullet = signs.next().is_some_and(|one| BULLETS.contains(&one)) && signs.next().is_none();
        // `*(U) text*` is emphasis.
        let is_bullet = is_bullet && !(is_tight && lead.starts_with(EMPHASIS));
        match block? {
            Block::Paragraph | Block::Bullet if is_bullet => Some("- ".to_owned()),
            Block::Paragraph => count(lead).map(|number| format!("{number}. ")),
            // What is an item or a caption already stays one.
            Block::Bullet | Block::Numbered | Block::Heading(_) | Block::Table => None,
        }
    }

    /// The text as it should stand behind the mark: what stood before the mark and belongs to the text leads it.
    fn text(&self, is_item: bool) -> String {
        let lead = self.lead.trim();
        let is_blank = |one: char| one.is_whitespace() || is_ignored(one);
        let kept: String = lead.chars().filter(|one| !EMPHASIS.contains(one) && !is_ignored(*one)).collect();
        let kept = kept.trim();
        let is_quoted = !kept.is_empty() && kept.chars().all(is_quote);
        let mut rest = self.rest.to_owned();
        // What opens emphasis stands right before the mark.
        if !lead.is_empty() && self.lead.ends_with(lead) {
            rest = without(&rest, lead);
        }
        // `"(U)" text`: the quotes are round the mark alone.
        if is_quoted && rest.starts_with(is_quote) {
            return rest.trim_start_matches(is_quote).trim_start_matches(is_blank).to_owned();
        }
        let rest = rest.trim_start_matches(is_blank).trim_start_matches([':', '.']).trim_start_matches(is_blank);
        if kept.is_empty() || is_item || kept.chars().all(|one| BULLETS.contains(&one)) {
            rest.to_owned()
        } else if is_quoted {
            format!("{kept}{rest}")
        } else {
            format!("{kept} {rest}")
        }
    }
}

/// The number of `1.`, `1)` or `(1)`, which the sign of an item says.
fn count(lead: &str) -> Option<&str> {
    let digits = lead.strip_prefix('(').unwrap_or(lead).strip_suffix(['.', ')'])?;
    ((1..=9).contains(&digits.len()) && digits.bytes().all(|one| one.is_ascii_digit())).then_some(digits)
}

/// The text without the end of the emphasis that was opened before the mark.
fn without(text: &str, lead: &str) -> String {
    let emphasis = |one: char| matches!(one, '*' | '_' | '`' | '~');
    let opened = lead.trim_start_matches(|one| !emphasis(one));
    let end = opened.find(|one| !emphasis(one)).unwrap_or(opened.len());
    match opened.get(..end).filter(|opened| !opened.is_empty()).and_then(|opened| text.split_once(opened)) {
        Some((before, behind)) => format!("{before}{behind}"),
        None => text.to_owned(),
    }
}

/// Whether a mark can be meant behind this: signs alone, a number such as 2.1, or a word that is closed as a label is.
fn is_lead(lead: &str) -> bool {
    let lead = lead.trim_end();
    let is_label = lead.ends_with([':', ')', ']', '.', '-', '\u{2013}', '\u{2014}']);
    let is_number = || lead.contains('.') && !lead.chars().any(char::is_alphabetic);
    !lead.contains('|') && (is_label || !lead.chars().any(char::is_alphanumeric) || is_number())
}

fn is_quote(one: char) -> bool {
    matches!(
        one,
        '"' | '\'' | '\u{2018}'..='\u{201F}' | '\u{AB}' | '\u{BB}' | '\u{2039}' | '\u{203A}' | '\u{300C}'..='\u{300F}'
    )
}

/// The bracket that closes what this one opens, and what the two are called.
const fn bracket(one: char) -> Option<(char, &'static str)> {
    Some(match one {
        '(' => (')', ""),
        '[' => (']', "the mark stands in square brackets"),
        '{' => ('}', "the mark stands in curly brackets"),
        '<' => ('>', "the mark stands in pointed brackets"),
        '\u{FF08}' => ('\u{FF09}', FULL_WIDTH),
        '\u{FF3B}' => ('\u{FF3D}', FULL_WIDTH),
        '\u{3010}' => ('\u{3011}', OTHER),
        '\u{3014}' => ('\u{3015}', OTHER),
        '\u{2768}' => ('\u{2769}', OTHER),
        '\u{27E8}' => ('\u{27E9}', OTHER),
        '\u{FE59}' => ('\u{FE5A}', OTHER),
        '\u{207D}' => ('\u{207E}', OTHER),
        _ => return None,
    })
}

const FULL_WIDTH: &str = "the mark stands in full-width brackets: type ( and )";
const OTHER: &str = "the mark stands in brackets of another kind: type ( and )";

/// The mark in brackets, if the register has it.
fn bracketed<'t>(lead: &'t str, open: char, inside: &'t str, context: &Context<'_>) -> Option<Found<'t>> {
    let (close, name) = bracket(open)?;
    let is_close = |one: char| one == close || matches!(one, ')' | ']' | '}' | '\u{FF09}');
    let line = inside.lines().next()?;
    let Some((end, closed)) = line.char_indices().find(|(_, one)| is_close(*one)) else {
        let (mark, rest) = longest(inside, &[' '], context)?;
        return Some(Found { lead, brackets: "the bracket of the mark is not closed", mark, rest });
    };
    let brackets = match name {
        "" if closed == '\u{FF09}' => FULL_WIDTH,
        "" if closed != close => "the mark is closed by a bracket of another kind",
        other => other,
    };
    let mark = known(line.get(..end)?, !lead.is_empty() && open == '(', context)?;
    Some(Found { lead, brackets, mark, rest: inside.get(end + closed.len_utf8()..)? })
}

/// `U) text` and `S//NF text`.
fn bare<'t>(text: &'t str, context: &Context<'_>) -> Option<Found<'t>> {
    let behind = text.trim_start_matches(|one: char| EMPHASIS.contains(&one) || one == ' ');
    let lead = text.get(..text.len() - behind.len())?;
    let (mark, rest) = longest(behind, &[' ', ')'], context)?;
    if let Some(rest) = rest.strip_prefix(')') {
        return Some(Found { lead, brackets: "the first bracket of the mark is missing, if it is one", mark, rest });
    }
    mark.contains("//").then_some(Found { lead, brackets: "the mark stands without brackets", mark, rest })
}

/// The longest mark without a fault that a text begins with, before one of these characters.
fn longest<'t>(text: &'t str, ends: &[char], context: &Context<'_>) -> Option<(String, &'t str)> {
    let line = text.lines().next()?;
    let ends = line.char_indices().take(2 * NEAR).filter(|(_, one)| ends.contains(one));
    let marks = ends.filter_map(|(end, _)| {
        let (read, faults) = read_portion(text.get(..end)?, context.register);
        let mark = faults.is_empty().then(|| read.canonical(context.register))?;
        Some((mark, text.get(end..)?))
    });
    marks.last()
}

/// The mark in plain characters, where it is one of the register. Small letters and long words count only where nothing
/// else can be meant.
fn known(written: &str, also_odd: bool, context: &Context<'_>) -> Option<String> {
    if written.len() > MAX_LINE {
        return None;
    }
    let plain: String = written.nfkc().filter(|one| !EMPHASIS.contains(one) && !is_ignored(*one)).collect();
    let plain = plain.trim();
    let (read, faults) = read_portion(plain, context.register);
    if read.level.is_some() && faults.is_empty() {
        return Some(read.canonical(context.register));
    }
    let is_prose = plain.chars().any(char::is_lowercase);
    if read.level.is_some() {
        // What else is wrong with it is told when it can be read as a mark.
        return (!is_prose).then(|| plain.to_owned());
    }
    faults.into_iter().filter(|_| also_odd).find_map(|one| match one.kind {
        MarkFaultKind::SmallLetters(mark) => Some(mark),
        MarkFaultKind::LevelInFull(short) if !plain.contains('/') => Some(short),
        _ => None,
    })
}
