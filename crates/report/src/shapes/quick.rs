//! Whether a text may have a shape at all. Most have none, and then nothing of them is copied.

use super::{
    Words,
    fold::{is_emphasis, is_slash},
};
use crate::unseen::tables::{CLOSING, OPENING, holds};
use memchr::{memchr_iter, memchr2_iter, memchr3_iter};

/// Letters of the longest word of a level that is looked for in ASCII; a longer one is looked for in full.
const MAX_WORD: usize = 64;

/// False only where [`super::find`] finds nothing.
pub(super) fn may_have(text: &str, words: &Words) -> bool {
    if !text.is_ascii() && text.chars().any(|one| !is_quiet(one)) {
        return true;
    }
    if words.levels().any(|level| level.text.len() > MAX_WORD) {
        return true;
    }
    let bytes = text.as_bytes();
    let from = |at: usize| bytes.get(at..).unwrap_or_default();
    let begins = std::iter::once(0).chain(memchr2_iter(b'\n', b'|', bytes).map(|at| at + 1));
    memchr3_iter(b'(', b'[', b'{', bytes).any(|at| bracket(from(at + 1), words))
        || memchr_iter(b'/', bytes).any(|at| slash(bytes.get(..at).unwrap_or_default(), from(at + 1), words))
        || begins.map(from).any(is_capital_line)
}

/// Whether no word of a level is so long that every text is looked at in full.
pub(super) fn is_short(words: &Words) -> bool {
    words.levels().all(|level| level.text.len() <= MAX_WORD)
}

/// Whether no part of these bytes has a shape, or a character that nobody sees: small letters, figures and signs of ASCII that
/// open no mark. Only where [`is_short`].
pub(super) fn is_silent(bytes: &[u8]) -> bool {
    bytes.iter().fold(true, |silent, byte| {
        silent & matches!(byte, b' '..=b'~' | b'\t') & !matches!(byte, b'A'..=b'Z' | b'(' | b'[' | b'{' | b'/')
    })
}

/// A character that stands for no bracket and slash and is no letter of another script.
fn is_quiet(one: char) -> bool {
    one.is_ascii()
        || (matches!(one, '\u{A0}'..='\u{2AF}' | '\u{2010}'..='\u{2043}' | '\u{20A0}'..='\u{20BF}' | '\u{2190}'..='\u{22FF}')
            && !is_slash(one)
            && !holds(OPENING, one)
            && !holds(CLOSING, one))
}

fn is_skipped(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n') || is_emphasis(char::from(byte))
}

/// Whether what stands behind a bracket may be a word of a level or a scheme. Ends at the next bracket.
fn bracket(behind: &[u8], words: &Words) -> bool {
    let mut word = [0_u8; MAX_WORD];
    let mut slots = word.iter_mut();
    let (mut length, mut fits, mut plain) = (0, true, true);
    for byte in behind.iter().copied().filter(|byte| !is_emphasis(char::from(*byte))) {
        match byte {
            b'/' => return plain,
            b')' | b']' | b'}' => break,
            b'(' | b'[' | b'{' => return false,
            other if !other.is_ascii() => return true,
            _ => {}
        }
        plain &= byte.is_ascii_uppercase() || byte.is_ascii_digit() || b" \t\n,.-".contains(&byte);
        if !fits && !plain {
            return false;
        }
        match slots.next() {
            Some(slot) => *slot = if byte.is_ascii_whitespace() { b' ' } else { byte.to_ascii_uppercase() },
            None => fits = false,
        }
        length += usize::from(fits);
    }
    let word = word.get(..length).unwrap_or_default();
    fits && words.levels().any(|level| is_word(&level.text, word))
}

/// Whether these are the letters of a word, but for the length of its blanks.
fn is_word(word: &[char], bytes: &[u8]) -> bool {
    let of_word = word.iter().copied().filter(|one| *one != ' ');
    let of_bytes = bytes.iter().copied().filter(|byte| *byte != b' ').map(char::from);
    of_word.eq(of_bytes)
}

/// Whether a slash may part a level from a control.
fn slash(before: &[u8], behind: &[u8], words: &Words) -> bool {
    if before.last() == Some(&b':') && behind.first() == Some(&b'/') {
        return false;
    }
    let is_between = |byte: &u8| is_skipped(*byte) || matches!(byte, b')' | b']' | b'}');
    let mut back = before.iter().rev().copied().skip_while(is_between).peekable();
    if matches!(back.peek(), None | Some(b'/')) {
        return false;
    }
    let back = back.filter(|byte| !is_emphasis(char::from(*byte)));
    // A letter outside ASCII may stand for one of a level's.
    if back.clone().take(MAX_WORD).any(|byte| !byte.is_ascii()) {
        return true;
    }
    let ends = |level: &super::words::Word| {
        let last = level.text.iter().rev().copied().take_while(|one| *one != ' ');
        last.eq(back
            .clone()
            .take(level.text.iter().rev().take_while(|one| **one != ' ').count())
            .map(|byte| char::from(byte.to_ascii_uppercase())))
    };
    words.levels().any(ends)
}

/// Whether the line or cell has no small letter, but for those of list numbers and tags: it may be a banner.
fn is_capital_line(rest: &[u8]) -> bool {
    let (mut capitals, mut at) = (false, 0);
    while let Some(byte) = rest.get(at) {
        match byte {
            b'\n' | b'|' => return capitals,
            // A bullet as it is pasted.
            b'o' if matches!(rest.get(at + 1..), Some([b' ' | b'\t', ..])) => {}
            b'a'..=b'z' => match behind_prefix(rest, at) {
                Some(end) => at = end,
                None => return false,
            },
            b'A'..=b'Z' | 0x80.. => capitals = true,
            _ => {}
        }
        at += 1;
    }
    capitals
}

/// Where the few letters end that stand at `at`, if a bracket of a list number or a tag closes behind them.
fn behind_prefix(rest: &[u8], at: usize) -> Option<usize> {
    let bytes = rest.iter().enumerate().skip(at).filter(|(_, byte)| !is_emphasis(char::from(**byte)));
    for (end, byte) in bytes.take(16) {
        match byte {
            b')' | b']' | b'}' | b'>' => return Some(end),
            byte if !byte.is_ascii() => return Some(end),
            b'\n' | b'|' | b' ' => return None,
            _ => {}
        }
    }
    None
}
