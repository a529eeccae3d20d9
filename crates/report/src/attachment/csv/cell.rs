//! One cell: whether a spreadsheet program would calculate it.

use unicode_normalization::UnicodeNormalization as _;

/// Letters of a cell that are kept; a number is shorter.
const MAX_KEPT: usize = 80;

/// The beginning of a cell, behind what programs leave out.
#[derive(Default)]
pub(super) struct Cell {
    text: String,
    letters: usize,
    /// It begins as no formula does.
    harmless: bool,
}

/// Blanks, quotes and signs that nobody sees, which may stand before a formula.
pub(super) fn is_skipped(letter: char) -> bool {
    letter.is_whitespace()
        || letter.is_control()
        || matches!(letter, '"' | '\'' | '`' | '´' | '«' | '»' | '‘'..='‟' | '‹' | '›' | '＂' | '＇')
        || matches!(letter, '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}')
        || matches!(letter, '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}')
        || matches!(letter, '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}')
        || matches!(letter, '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

/// The narrow form of `= + - @`, where a letter is a form of one.
fn sign(letter: char) -> Option<char> {
    if letter.is_ascii() {
        return Some(letter).filter(|one| matches!(one, '=' | '+' | '-' | '@'));
    }
    let mut narrow = letter.nfkc();
    narrow.next().filter(|one| narrow.next().is_none() && matches!(one, '=' | '+' | '-' | '@'))
}

impl Cell {
    pub(super) fn push(&mut self, letter: char) {
        if self.harmless || (self.text.is_empty() && is_skipped(letter)) {
            return;
        }
        if self.text.is_empty() {
            match sign(letter) {
                Some(sign) => self.text.push(sign),
                None => self.harmless = true,
            }
        } else if self.letters < MAX_KEPT {
            self.text.push(letter);
        }
        self.letters = self.letters.saturating_add(1);
    }

    /// Whether nothing of it has come.
    pub(super) const fn is_empty(&self) -> bool {
        self.text.is_empty() && self.letters == 0 && !self.harmless
    }

    /// Whether it begins as no formula does: whatever follows changes nothing.
    pub(super) const fn is_harmless(&self) -> bool {
        self.harmless
    }

    /// Whether it begins as only a formula does, or calls a function or a program behind a sign.
    pub(super) fn is_certain(&self) -> bool {
        self.text.starts_with(['=', '@']) || self.calls()
    }

    /// `+name(`, `-1+name|`, `+name!`: letters behind a sign and without a blank, up to what calls.
    fn calls(&self) -> bool {
        let signs = |letter: char| is_skipped(letter) || matches!(letter, '+' | '-');
        let rest = self.text.trim_start_matches(signs);
        let inside = |letter: &char| {
            letter.is_alphanumeric()
                || matches!(letter, '_' | '.' | '$' | '[' | ']' | '\'' | '+' | '-' | '*' | '/' | '^' | '&' | ':' | '\\')
        };
        let called: usize = rest.chars().take_while(inside).map(char::len_utf8).sum();
        let (name, behind) = rest.split_at_checked(called).unwrap_or((rest, ""));
        let behind = behind.chars().next();
        // What is called has a name: `-3|2` calls nothing.
        let name = name.rsplit(['+', '-', '*', '/', '^', '&']).next().unwrap_or_default();
        let is_name = name.chars().any(|letter| !letter.is_ascii_digit() && !matches!(letter, '.' | ':'));
        let long = behind.is_none() && self.letters >= MAX_KEPT && !self.text.is_empty();
        long || (is_name && matches!(behind, Some('(' | '|' | '!')))
    }

    /// Whether something goes on behind a tab that is neither a number nor a word: a formula may have a tab as a blank.
    pub(super) fn goes_on_behind_tabs(&self) -> bool {
        let goes_on = |part: &str| {
            let part = part.trim_matches(is_skipped);
            let is_word = part.is_empty() || part.starts_with(|letter: char| letter.is_alphanumeric());
            !is_word && !is_number(part)
        };
        self.letters > MAX_KEPT || self.text.split('\t').skip(1).any(goes_on)
    }

    /// Whether it begins with a plus or minus sign and is neither a number nor the dash that says that there is none.
    pub(super) fn is_signed(&self) -> bool {
        let text = self.text.trim_end_matches(is_skipped);
        let dash = text.chars().all(|letter| letter == '-');
        !dash && !text.is_empty() && (self.letters > MAX_KEPT || !(is_number(text) || is_number(self.text.trim_end())))
    }
}

/// A sign, digits in groups, a power of ten, and at most one unit; or degrees, minutes and seconds.
pub(super) fn is_number(text: &str) -> bool {
    let Some(rest) = text.strip_prefix(['+', '-']) else { return false };
    let rest = rest.trim_start();
    let Some(rest) = digits(rest) else { return false };
    let rest = power(rest);
    is_unit(rest.trim_matches(is_blank)) || is_angle(rest)
}

const fn is_blank(letter: char) -> bool {
    matches!(letter, ' ' | '\u{a0}' | '\u{202f}')
}

const fn groups(letter: char) -> bool {
    is_blank(letter) || matches!(letter, '\'' | '’' | '.' | ',')
}

/// What follows digits that one sign at a time may group; a sign of decimals may stand before and behind.
fn digits(text: &str) -> Option<&str> {
    let digit = |letter: char| letter.is_ascii_digit();
    let mut rest = text.strip_prefix(['.', ',']).unwrap_or(text);
    if !rest.starts_with(digit) {
        return None;
    }
    loop {
        rest = rest.trim_start_matches(digit);
        match rest.strip_prefix(groups) {
            Some(more) if more.starts_with(digit) => rest = more,
            _ => return Some(rest.strip_prefix(['.', ',']).unwrap_or(rest)),
        }
    }
}

/// What follows digits, a sign of decimals and further digits.
fn decimal(text: &str) -> Option<&str> {
    let digit = |letter: char| letter.is_ascii_digit();
    let rest = text.trim_start_matches(digit);
    let decimals = rest.strip_prefix(['.', ',']).filter(|more| more.starts_with(digit));
    (rest.len() < text.len()).then(|| decimals.map_or(rest, |more| more.trim_start_matches(digit)))
}

/// What follows a power of ten, if one stands there.
fn power(text: &str) -> &str {
    let Some(rest) = text.strip_prefix(['e', 'E']) else { return text };
    let rest = rest.strip_prefix(['+', '-']).unwrap_or(rest);
    let behind = rest.trim_start_matches(|letter: char| letter.is_ascii_digit());
    if behind.len() < rest.len() { behind } else { text }
}

/// Letters, degrees, percent, a currency: one word, or none.
fn is_unit(text: &str) -> bool {
    let sign = |letter: char| matches!(letter, '°' | '%' | '‰' | '²' | '³' | '€' | '£' | '$' | '¥');
    text.chars().all(|letter| letter.is_alphabetic() || sign(letter))
}

/// `°34'`, `°34'12"`, with a letter of the wind behind.
fn is_angle(text: &str) -> bool {
    let Some(rest) = text.strip_prefix('°') else { return false };
    let Some(rest) = decimal(rest.trim_start_matches(is_blank)) else { return false };
    let Some(rest) = rest.strip_prefix(['\'', '′', '’']) else { return false };
    let rest = rest.trim_start_matches(is_blank);
    let rest = match decimal(rest) {
        None => rest,
        Some(seconds) => {
            let marks = seconds.trim_start_matches(['"', '″', '”', '\'', '′', '’']);
            if marks.len() == seconds.len() {
                return false;
            }
            marks
        }
    };
    matches!(rest.trim_matches(is_blank), "" | "N" | "S" | "E" | "W" | "O")
}
