//! Names, attributes, references and values of XML, as narrow as labels need them.

use super::wrong::{ATTRIBUTE, LIMIT, MARKUP, MAX_ATTRIBUTES, MAX_TEXT, NOT_XML, Wrong};
use relto_report::unseen::unseen;

/// Characters of a name, prefix included.
const MAX_NAME: usize = 64;
/// Characters of a stranger's text in a message.
const MAX_SHOWN: usize = 60;

/// One attribute; its value has its references replaced.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Attribute {
    pub(super) name: String,
    pub(super) value: String,
    /// Byte offset of its name.
    pub(super) at: usize,
}

/// White space of XML.
pub(super) const fn is_space(one: char) -> bool {
    matches!(one, ' ' | '\t' | '\n' | '\r')
}

/// A name of plain letters, with one prefix at most.
pub(super) fn is_name(text: &str) -> bool {
    let (prefix, local) = text.split_once(':').map_or((None, text), |(prefix, local)| (Some(prefix), local));
    text.len() <= MAX_NAME && prefix.is_none_or(is_part) && is_part(local)
}

/// A name without a prefix.
pub(super) fn is_part(text: &str) -> bool {
    let letter = |one: char| one.is_ascii_alphabetic() || one == '_';
    text.starts_with(letter) && text.chars().all(|one| letter(one) || one.is_ascii_digit() || matches!(one, '-' | '.'))
}

/// A stranger's text for a message: in quotes, short, nothing in it that a terminal obeys.
pub(super) fn shown(text: &str) -> String {
    let short: String = text.chars().take(MAX_SHOWN).collect();
    if short.len() < text.len() { format!("{short:?}...") } else { format!("{short:?}") }
}

/// The attributes of a tag, `raw` being all behind its name and `at` its place.
pub(super) fn attributes(raw: &str, at: usize) -> Result<Vec<Attribute>, Wrong> {
    let mut out: Vec<Attribute> = Vec::new();
    let mut rest = raw;
    loop {
        let trimmed = rest.trim_start_matches(is_space);
        if trimmed.is_empty() {
            return Ok(out);
        }
        let place = at + raw.len().saturating_sub(trimmed.len());
        if trimmed.len() == rest.len() {
            return Err(Wrong::new(place, NOT_XML, "no space stands before this attribute"));
        }
        let (name, tail) = trimmed.split_once('=').unwrap_or((trimmed, ""));
        let name = name.trim_end_matches(is_space);
        if !is_name(name) {
            return Err(Wrong::new(place, NOT_XML, format!("{} is not the name of an attribute", shown(name))));
        }
        let tail = tail.trim_start_matches(is_space);
        let quote = tail.chars().next().filter(|one| matches!(one, '"' | '\''));
        let value = quote.and_then(|quote| tail.strip_prefix(quote)?.split_once(quote));
        let Some((value, tail)) = value else {
            return Err(Wrong::new(place, NOT_XML, format!("the value of attribute {name} stands in no quotes")));
        };
        if out.iter().any(|one| one.name == name) {
            return Err(Wrong::new(place, ATTRIBUTE, format!("attribute {name} stands here twice. Keep one")));
        }
        if out.len() == MAX_ATTRIBUTES {
            return Err(Wrong::new(place, LIMIT, format!("more than {MAX_ATTRIBUTES} attributes in one tag")));
        }
        let value = unescape(value, name, place)?;
        out.push(Attribute { name: name.to_owned(), value, at: place });
        rest = tail;
    }
}

fn unescape(raw: &str, name: &str, at: usize) -> Result<String, Wrong> {
    if raw.len() > MAX_TEXT {
        return Err(Wrong::new(at, LIMIT, format!("the value of attribute {name} has more than {MAX_TEXT} bytes")));
    }
    if raw.contains('<') {
        return Err(Wrong::new(at, NOT_XML, format!("< in the value of attribute {name}. Write &lt;")));
    }
    let mut out = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some((before, behind)) = rest.split_once('&') {
        let found = behind.split_once(';').and_then(|(word, tail)| Some((reference(word)?, tail)));
        let Some((meant, tail)) = found else {
            let word = behind.split(';').next().unwrap_or_default();
            return Err(unknown_reference(word, at));
        };
        out.push_str(before);
        out.push(meant);
        rest = tail;
    }
    out.push_str(rest);
    legal(&out, at).map(|()| out)
}

/// What a reference stands for: one of the five of XML, or a character by its number. LBL-2
pub(super) fn reference(word: &str) -> Option<char> {
    let number = |digits: &str, radix: u32| {
        let right = (1..=6).contains(&digits.len()) && digits.chars().all(|one| one.is_digit(radix));
        let meant = right.then(|| u32::from_str_radix(digits, radix).ok().and_then(char::from_u32)).flatten();
        // White space by its number would be neither trimmed nor seen.
        meant.filter(|one| !one.is_whitespace() && !one.is_control())
    };
    match word {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => match word.strip_prefix('#')?.strip_prefix('x') {
            Some(digits) => number(digits, 16),
            None => number(word.strip_prefix('#')?, 10),
        },
    }
}

pub(super) fn unknown_reference(word: &str, at: usize) -> Wrong {
    let message = format!(
        "entity {} is not taken: only &amp; &lt; &gt; &quot; &apos; and numbers of characters. Write the text itself",
        shown(word)
    );
    Wrong::new(at, MARKUP, message)
}

/// No character that XML does not have.
pub(super) fn legal(text: &str, at: usize) -> Result<(), Wrong> {
    let odd = text.chars().find(|one| {
        (one.is_control() && !is_space(*one) && u32::from(*one) < 0x80) || matches!(one, '\u{FFFE}' | '\u{FFFF}')
    });
    match odd {
        None => Ok(()),
        Some(odd) => {
            Err(Wrong::new(at, NOT_XML, format!("character U+{:04X}, which XML does not have", u32::from(odd))))
        }
    }
}

/// RPT-8: the character for which a text is no value of a label: it would read differently from what a program compares.
pub(super) fn misleading(text: &str) -> Option<char> {
    unseen(text).map(|found| found.one).or_else(|| text.chars().find(|one| one.is_whitespace() && *one != ' '))
}
