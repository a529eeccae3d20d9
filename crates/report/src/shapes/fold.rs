//! What a reader sees of a text, in plain letters: compatibility forms undone, look-alikes as the letters that they look
//! like, one kind of blank, bracket and slash.

use crate::{
    prototype::{is_raised, prototype},
    unseen::{
        is_ignored,
        tables::{CLOSING, OPENING, holds},
    },
};
use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// A folded text.
pub(super) struct Folded {
    /// Its characters; a run of blanks is one, a line feed where one was among them.
    pub(super) chars: Vec<char>,
    /// Byte offset of each in the text as written.
    pub(super) at: Vec<usize>,
}

/// Folds a text that begins at this offset of a longer one.
pub(super) fn fold(text: &str, start: usize) -> Folded {
    let mut out = Folded { chars: Vec::with_capacity(text.len()), at: Vec::with_capacity(text.len()) };
    for (at, one) in text.char_indices() {
        let at = start.saturating_add(at);
        if one.is_ascii() {
            out.put(one, at);
        } else if is_slash(one) {
            out.put('/', at);
            if is_two_slashes(one) {
                out.put('/', at);
            }
        } else if is_ignored(one) || (is_raised(one) && !out.chars.last().is_some_and(|last| last.is_alphanumeric())) {
            // Behind a bracket or a full stop a raised figure is a note's.
        } else {
            compatible(one, |plain| out.put(plain, at));
        }
    }
    out
}

/// A character in its compatibility form; one that has none in plain letters as it looks itself.
fn compatible(one: char, mut give: impl FnMut(char)) {
    let is_plain = |part: char| part.is_ascii() || !part.is_alphabetic();
    if one.is_alphabetic() && !std::iter::once(one).nfkc().all(is_plain) {
        let mut looks = Vec::new();
        prototype(one, |like| looks.push(like));
        if looks.iter().all(char::is_ascii) {
            looks.into_iter().for_each(give);
            return;
        }
    }
    std::iter::once(one).nfkc().for_each(|part| whole(part, &mut give));
}

/// A character of a compatibility form, as it looks.
fn whole(one: char, mut give: impl FnMut(char)) {
    if is_slash(one) {
        give('/');
    } else if holds(OPENING, one) {
        give('(');
    } else if holds(CLOSING, one) {
        give(')');
    } else if one.is_alphabetic() {
        prototype(one, give);
    } else if one.is_whitespace() {
        give(' ');
    } else {
        give(one);
    }
}

/// Signs that are read as a slash, or as two.
pub(super) const fn is_slash(one: char) -> bool {
    matches!(one, '/' | '\u{2044}' | '\u{2215}' | '\u{29F8}' | '\u{FF0F}' | '\u{2571}')
        || matches!(one, '\u{1735}' | '\u{2041}' | '\u{27CB}')
        || is_two_slashes(one)
}

const fn is_two_slashes(one: char) -> bool {
    matches!(one, '\u{2AFB}' | '\u{2AFD}')
}

/// Signs of emphasis and escape, which a reader does not see as such.
pub(crate) const fn is_emphasis(one: char) -> bool {
    matches!(one, '\\' | '*' | '_' | '~' | '`')
}

impl Folded {
    fn put(&mut self, one: char, at: usize) {
        let one = match one {
            '[' | '{' => '(',
            ']' | '}' => ')',
            '\t' => ' ',
            left_out if is_emphasis(left_out) || is_combining_mark(left_out) => return,
            other => other,
        };
        if let (' ' | '\n', Some(last @ (' ' | '\n'))) = (one, self.chars.last_mut()) {
            if one == '\n' {
                *last = '\n';
            }
            return;
        }
        self.chars.push(one);
        self.at.push(at);
    }
}
