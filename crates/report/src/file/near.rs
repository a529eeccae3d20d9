//! A mark that is there and cannot be read as one: what is wrong with it (R100, R014).

use super::{Context, portions::split};
use crate::{assessment::MAX_LINE, marking::read_portion};

/// What people put before a mark: emphasis, other programs' bullets, quotes.
const BEFORE: &[char] =
    &['*', '_', '`', '~', '>', '"', '\u{2022}', '\u{B7}', '\u{2013}', '\u{2014}', '\u{25CF}', '\u{25AA}'];

/// What is wrong with the mark at the beginning of a text, if one stands there that the register has.
pub(super) fn near_mark(text: &str, context: &Context<'_>) -> Option<String> {
    let is_before = |one: char| BEFORE.contains(&one) || one.is_whitespace();
    let shown = text.trim_start_matches(is_before);
    let lead = text.get(..text.len().checked_sub(shown.len())?)?;
    let (mark, rest) = shown.strip_prefix('(')?.split_once(')')?;
    let known =
        mark.len() <= MAX_LINE && !mark.contains('\n') && read_portion(mark, context.register).0.level.is_some();
    if !known || (lead.is_empty() && split(text).is_some()) {
        return None;
    }
    let sign = lead.trim();
    let plain = rest.trim_start_matches(is_before);
    let start: String = plain.lines().next().unwrap_or_default().chars().take(40).collect();
    Some(if matches!(sign, "*" | "\u{2022}" | "\u{B7}" | "\u{2013}" | "\u{2014}" | "\u{25CF}" | "\u{25AA}") {
        format!("{sign} opens no list item here. Write - ({mark}) {start}")
    } else if !lead.is_empty() {
        let what = if sign.is_empty() { "a blank that is none of the keyboard's".to_owned() } else { sign.to_owned() };
        format!("{what} stands before the mark ({mark}). Begin with the mark: ({mark}) {start}")
    } else if rest.trim().is_empty() {
        format!("nothing stands behind the mark ({mark}). Write the text behind it, on the same line")
    } else if rest.trim_start_matches([' ', '\t']).starts_with('\n') {
        format!(
            "the mark ({mark}) stands alone on its line. Write the text behind it, on the same line: ({mark}) {start}"
        )
    } else {
        match rest.chars().next() {
            Some('\t') => format!("a tab stands behind the mark ({mark}). Type a space: ({mark}) {start}"),
            Some(blank) if blank.is_whitespace() => {
                let number = u32::from(blank);
                format!("U+{number:04X} stands behind the mark ({mark}) and looks like a space. Type an ordinary space")
            }
            _ => format!("no space stands behind the mark ({mark}). Write ({mark}) {start}"),
        }
    })
}
