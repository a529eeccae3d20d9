//! Finds the shapes of one line, cell or text.

use super::{
    fold::{Folded, fold},
    shape::{Kind, Shape, Stands},
    words::{Set, Word, Words},
};
use crate::citation::numbers;

/// Shapes that only hold, of one text: more than a portion has room for.
pub(super) const MAX_HELD: usize = 4_096;
/// Characters between the brackets of a foreign scheme.
const MAX_SCHEME: usize = 120;
/// Characters of a citation beside a mark.
const MAX_CITATION: usize = 64;

#[cfg(test)]
thread_local! {
    /// Characters looked at, for the test that counts them.
    pub(super) static STEPS: std::cell::Cell<u64> = const { std::cell::Cell::new(0) };
}

/// What a text is for itself.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Unit {
    /// Lines of prose.
    Text,
    /// A cell of a table.
    Cell { header: bool },
    /// A cell or string of data.
    Data,
}

/// Adds the shapes of a text that begins at byte `start` of the whole one.
pub(super) fn in_unit(text: &str, start: usize, unit: Unit, words: &Words, out: &mut Vec<Shape>) {
    let folded = fold(text, start);
    let mut finder = Finder { text, start, chars: &folded.chars, folded: &folded, begins: Vec::new(), unit, words };
    finder.begins = finder.beginnings();
    let mut lines = finder.begins.iter().copied().peekable();
    let mut listed = Listed::default();
    let mut done = 0;
    for (at, one) in folded.chars.iter().enumerate() {
        while let Some(begin) = lines.next_if(|next| *next <= at) {
            if let Some(end) = finder.banner_line(begin) {
                let stands = if unit == Unit::Data { Stands::Inside } else { Stands::Begins };
                out.push(finder.shape((begin, end), Kind::Banner, stands));
                done = end;
            }
        }
        if at < done {
            continue;
        }
        let found = match one {
            '(' => finder.scheme(at).map(|end| ((at, end), Kind::Full)).or_else(|| finder.level(at, &mut listed)),
            '/' => finder.parted(at, done),
            _ => None,
        };
        let Some(((from, to), kind)) = found else { continue };
        // What is nothing by itself may be the beginning of something: `(S) // NF`.
        let Some(stands) = finder.stands((from, to), kind) else { continue };
        if stands == Stands::Begins || out.len() < MAX_HELD {
            out.push(finder.shape((from, to), kind, stands));
        }
        // A shape may go over the end of its line, and takes nothing from what the next one begins with.
        done = lines.peek().map_or(to, |next| to.min(*next));
    }
}

/// Which of `(A)`, `(B)` have been seen: `(C)` behind both counts them on.
#[derive(Default)]
struct Listed {
    a: bool,
    b: bool,
}

struct Finder<'f> {
    text: &'f str,
    start: usize,
    chars: &'f [char],
    folded: &'f Folded,
    /// Where the first thing of each line stands, in order.
    begins: Vec<usize>,
    unit: Unit,
    words: &'f Words,
}

type Found = ((usize, usize), Kind);

fn is_blank(one: char) -> bool {
    matches!(one, ' ' | '\n')
}

fn is_quote(one: char) -> bool {
    matches!(one, '"' | '\'' | '\u{2018}'..='\u{201F}' | '\u{AB}' | '\u{BB}' | '\u{2039}' | '\u{203A}')
}

fn is_dash_or_bullet(one: char) -> bool {
    matches!(one, '-' | '\u{2010}'..='\u{2015}' | '\u{2022}' | '\u{2023}' | '\u{25E6}' | '\u{25AA}' | '\u{B7}')
}

fn same(word: char, one: char, any_case: bool) -> bool {
    word == one || (word == ' ' && one == '\n') || (any_case && one.to_ascii_uppercase() == word)
}

/// How a level and what follows it are parted.
#[derive(Clone, Copy)]
struct Parted {
    /// By two slashes.
    twice: bool,
    /// A bracket opens before the level.
    bracketed: bool,
    /// The level has more than one letter.
    by_word: bool,
}

impl Finder<'_> {
    fn get(&self, at: usize) -> Option<char> {
        #[cfg(test)]
        STEPS.with(|steps| steps.set(steps.get() + 1));
        self.chars.get(at).copied()
    }

    fn before(&self, at: usize) -> Option<char> {
        self.get(at.checked_sub(1)?)
    }

    fn shape(&self, (from, to): (usize, usize), kind: Kind, stands: Stands) -> Shape {
        let at = self.folded.at.get(from).copied().unwrap_or(self.start);
        let end = self.folded.at.get(to).copied().unwrap_or(self.start + self.text.len());
        let text = self.text.get(at.saturating_sub(self.start)..end.saturating_sub(self.start)).unwrap_or_default();
        let in_cell = matches!(self.unit, Unit::Cell { .. });
        Shape { at, chars: 0, line: 0, kind, stands, in_cell, text: text.trim().to_owned() }
    }

    /// Where the first thing of each line stands: blanks, quotes, bullets and list numbers before it do not count.
    fn beginnings(&self) -> Vec<usize> {
        let mut out = Vec::new();
        let mut at = 0;
        loop {
            at = self.first_thing(at);
            out.push(at);
            match self.chars.get(at..).and_then(|rest| rest.iter().position(|one| *one == '\n')) {
                Some(end) => at += end + 1,
                None => return out,
            }
        }
    }

    /// Whether a line begins with what stands here.
    fn begins(&self, at: usize) -> bool {
        self.begins.binary_search(&at).is_ok()
    }

    fn first_thing(&self, mut at: usize) -> usize {
        while let Some(one) = self.get(at) {
            let end = || self.tag(at).or_else(|| self.list_number(at)).or_else(|| self.list_letter(at));
            // Any sign may be a bullet.
            let is_bullet = !one.is_alphanumeric() && !matches!(one, '(' | ')' | '/' | '|' | '\n');
            if let Some(end) = end() {
                at = end;
            } else if is_bullet || (one == '(' && self.get(at + 1) == Some('(')) {
                at += 1;
            } else {
                return at;
            }
        }
        at
    }

    /// `<b>` or `</li>`.
    fn tag(&self, at: usize) -> Option<usize> {
        let inside = self.chars.get(at..)?.strip_prefix(&['<'])?;
        let name =
            inside.iter().take(12).take_while(|one| one.is_ascii_lowercase() || one.is_ascii_digit() || **one == '/');
        let name = name.count();
        (name > 0 && inside.get(name) == Some(&'>')).then_some(at + name + 2)
    }

    /// Where a tag begins that ends here.
    fn tag_before(&self, end: usize) -> Option<usize> {
        let last = end.checked_sub(1).filter(|last| self.get(*last) == Some('>'))?;
        let from = (last.saturating_sub(13)..last).rev().find(|at| self.get(*at) == Some('<'))?;
        (self.tag(from) == Some(end)).then_some(from)
    }

    /// `1.`, `1)`, `(1)`, `1.2.` or a figure in a ring before something else.
    fn list_number(&self, at: usize) -> Option<usize> {
        let open = usize::from(self.get(at) == Some('('));
        let number = |from: usize| {
            let digits = self.chars.iter().skip(from).take(10).take_while(|one| one.is_ascii_digit()).count();
            (1..=9).contains(&digits).then_some(from + digits)
        };
        let mut end = number(at + open)?;
        for _ in 0..6 {
            match number(end + 1).filter(|_| self.get(end) == Some('.')) {
                Some(more) => end = more,
                None => break,
            }
        }
        let sign = self.get(end);
        let closed = sign == Some(')') || (sign == Some('.') && open == 0);
        let ringed = || open == 0 && sign == Some(' ') && !self.written(at).is_some_and(|one| one.is_ascii_digit());
        (closed || ringed()).then_some(end + 1)
    }

    /// The character as written.
    fn written(&self, at: usize) -> Option<char> {
        let at = self.folded.at.get(at)?.checked_sub(self.start)?;
        self.text.get(at..)?.chars().next()
    }

    /// `a)`, `(a)`, `iv)` or `(B)` before something else, no level; or `o` as the bullet that it becomes when it is pasted.
    fn list_letter(&self, at: usize) -> Option<usize> {
        if (self.get(at), self.get(at + 1), self.get(at + 2)) == (Some('o'), Some(' '), Some('(')) {
            return Some(at + 2);
        }
        let open = usize::from(self.get(at) == Some('('));
        let letters = self.chars.get(at + open..)?;
        let count = letters.iter().take(6).take_while(|one| one.is_ascii_alphabetic()).count();
        let roman = |one: &char| matches!(one.to_ascii_lowercase(), 'i' | 'v' | 'x');
        let is_number = count == 1 || (2..=5).contains(&count) && letters.iter().take(count).all(roman);
        let end = at + open + count;
        let is_level = || self.words.levels().any(|word| self.word_at(at + open, &word.text, false) == Some(end));
        (is_number && self.get(end) == Some(')') && !(open == 1 && is_level())).then_some(end + 1)
    }

    /// A whole line that is a banner: its end. B
    fn banner_line(&self, at: usize) -> Option<usize> {
        let mut end = at;
        while self.get(end).is_some_and(|one| one != '\n') {
            end += 1;
        }
        while let Some(last) = self.before(end).filter(|_| end > at) {
            if let Some(open) = self.tag_before(end).or_else(|| self.citation_before(end)) {
                end = open.max(at);
            } else if last.is_alphanumeric() {
                break;
            } else {
                end -= 1;
            }
        }
        let line = self.chars.get(at..end)?;
        let long = |word: &&Word| word.is_long && self.word_at(at, &word.text, false) == Some(at + word.text.len());
        let word = self.words.levels().filter(long).find(|word| {
            let behind = at + word.text.len();
            behind == end || self.slashes(behind).is_some_and(|(_, two)| two)
        });
        let scheme = line.len() <= MAX_SCHEME && is_scheme(line);
        (word.is_some() || scheme).then_some(end)
    }

    /// A word at a place: the place behind it. Not the beginning of a longer word.
    fn word_at(&self, at: usize, word: &[char], any_case: bool) -> Option<usize> {
        let here = self.chars.get(at..at.checked_add(word.len())?)?;
        let end = at + word.len();
        let whole = !self.get(end).is_some_and(char::is_alphanumeric);
        (whole && word.iter().zip(here).all(|(word, one)| same(*word, *one, any_case))).then_some(end)
    }

    /// One or two slashes with blanks round them: the place behind, and whether there were two.
    fn slashes(&self, at: usize) -> Option<(usize, bool)> {
        let (mut end, mut count) = (at, 0);
        while let Some(one) = self.get(end).filter(|one| *one == '/' || is_blank(*one)) {
            count += usize::from(one == '/');
            end += 1;
            if end - at > 6 {
                return None;
            }
        }
        matches!(count, 1 | 2).then_some((end, count == 2))
    }

    /// A level, slashes and a control (F1), or a long word before two slashes (B); `at` is the first slash.
    fn parted(&self, at: usize, done: usize) -> Option<Found> {
        let end = if self.before(at).is_some_and(is_blank) { at - 1 } else { at };
        if self.before(end) == Some('/') {
            return None;
        }
        let (behind, two) = self.slashes(end)?;
        // `(S)//(NF)`
        let behind = behind + usize::from(self.get(behind) == Some('('));
        let end = end - usize::from(self.before(end) == Some(')'));
        let mut found = None;
        for set in &self.words.sets {
            for level in &set.levels {
                let Some(from) = end.checked_sub(level.text.len()).filter(|from| *from >= done) else { continue };
                if self.word_at(from, &level.text, true) != Some(end) {
                    continue;
                }
                if self.before(from).is_some_and(|one| one.is_alphanumeric() || one == '/') {
                    continue;
                }
                let open = self.before(from) == Some('(')
                    || (self.before(from) == Some(' ') && self.before(from - 1) == Some('('));
                let first = if open { from - usize::from(self.before(from) == Some(' ')) - 1 } else { from };
                // Of a bracket or a longer word that the line before ends with, this line begins with the rest.
                let first = if !self.begins(first) && self.begins(from) { from } else { first };
                let capitals = self.word_at(from, &level.text, false).is_some();
                let how = Parted { twice: two, bracketed: open, by_word: level.text.len() > 1 };
                let is_banner = capitals && level.is_long && two && end == at;
                let shape = match self.control(behind, set, capitals, how) {
                    Some(to) => ((first, to), Kind::Full),
                    None if is_banner => ((from, behind), Kind::Banner),
                    None => continue,
                };
                if self.begins(shape.0.0) {
                    return Some(shape);
                }
                found = found.or(Some(shape));
            }
        }
        found
    }

    /// A control of the register, `REL..` or a code: the place behind all that belongs to the mark. One slash stands in
    /// everyday words too (`S/MIME`, `c/o`, `secret/ce`): there small letters count in brackets, or behind a level of more
    /// than one letter in a control that is no everyday word, and behind one letter no code but a nation's.
    fn control(&self, at: usize, set: &Set, capitals: bool, how: Parted) -> Option<usize> {
        let any_case = how.twice || how.bracketed;
        let known = set
            .controls
            .iter()
            .filter_map(|control| self.word_at(at, &control.text, any_case || (how.by_word && !control.everyday)));
        let known = known.max().filter(|_| any_case || capitals || how.by_word);
        let letters =
            || self.chars.get(at..).unwrap_or_default().iter().take(40).take_while(|one| one.is_ascii_uppercase());
        let code = capitals.then(|| {
            let length = letters().count();
            let whole = !self.get(at + length).is_some_and(char::is_alphanumeric);
            let is_rel = ["REL", "RELTO"].into_iter().any(|rel| letters().copied().eq(rel.chars()));
            let is_nation = || self.words.nations.iter().any(|nation| letters().eq(nation));
            let is_code = match (how.twice, how.by_word) {
                (true, _) => length >= 2,
                (false, true) => matches!(length, 3 | 4),
                (false, false) => is_nation(),
            };
            (whole && (is_rel || is_code)).then_some(at + length)
        });
        let mut end = known.or(code.flatten())?;
        // As far as a list and a bracket go, for the message.
        let mut last = end;
        while let Some(one) = self.get(last).filter(|one| {
            one.is_ascii_uppercase() || is_blank(*one) || matches!(one, ',' | '/') && last - at < MAX_SCHEME
        }) {
            last += 1;
            if last - at > MAX_SCHEME {
                return Some(end);
            }
            if one.is_ascii_uppercase() && !self.get(last).is_some_and(char::is_alphanumeric) {
                end = last;
            }
        }
        if self.get(last) == Some(')') { Some(last + 1) } else { Some(end) }
    }

    /// `( [CAPITALS] // CAPITALS )` (F2): the place behind.
    fn scheme(&self, at: usize) -> Option<usize> {
        let inside = self.chars.get(at + 1..)?.iter().take(MAX_SCHEME + 1);
        let length = inside.take_while(|one| is_of_scheme(**one)).count();
        let end = at + 1 + length;
        (self.get(end) == Some(')') && is_scheme(self.chars.get(at + 1..end)?)).then_some(end + 1)
    }

    /// A level alone (L).
    fn level(&self, at: usize, listed: &mut Listed) -> Option<Found> {
        if self.unit == Unit::Data {
            return None;
        }
        if (self.get(at + 2), self.before(at).is_none_or(|one| !one.is_alphanumeric())) == (Some(')'), true) {
            listed.a |= self.get(at + 1) == Some('A');
            listed.b |= listed.a && self.get(at + 1) == Some('B');
        }
        let mut level: Option<(&Word, usize)> = None;
        for word in self.words.levels() {
            if let Some(end) = self.word_at(at + 1, &word.text, word.is_long).filter(|end| self.get(*end) == Some(')'))
            {
                // Uncontrolled only where every register that has the word calls it so.
                if level.is_none_or(|(known, _)| known.uncontrolled) {
                    level = Some((word, end + 1));
                }
            }
        }
        let (word, end) = level?;
        let first = self.begins(at);
        let apart = first || self.before(at).is_none_or(is_blank);
        let closed = self.get(end).is_none_or(|one| is_blank(one) || matches!(one, '.' | '!' | '?') || is_quote(one))
            || (first && self.get(end) == Some(')'));
        let is_c = end == at + 3 && self.get(at + 1) == Some('C');
        // On the same line: what a line begins with belongs to nothing before it.
        let degrees = if self.before(at) == Some(' ') { at - 1 } else { at };
        let is_behind_degrees = self.before(degrees) == Some('\u{B0}');
        let none = !apart
            || !closed
            || (word.uncontrolled && !first)
            || (is_c && self.is_copyright(at, end))
            || (is_c && listed.a && listed.b)
            || is_behind_degrees;
        (!none).then_some(((at, end), Kind::Level))
    }

    fn is_copyright(&self, at: usize, end: usize) -> bool {
        const WORD: [char; 9] = ['C', 'O', 'P', 'Y', 'R', 'I', 'G', 'H', 'T'];
        let behind = end + usize::from(self.get(end).is_some_and(is_blank));
        let before = if self.before(at).is_some_and(is_blank) { at - 1 } else { at };
        let word_before =
            before.checked_sub(WORD.len()).and_then(|from| self.word_at(from, &WORD, true)) == Some(before);
        word_before
            || self.word_at(behind, &WORD, true).is_some()
            || self.before(before) == Some('\u{A9}')
            || self.get(behind) == Some('\u{A9}')
    }

    /// Where a shape stands; `None`: it is nothing there.
    fn stands(&self, (from, to): (usize, usize), kind: Kind) -> Option<Stands> {
        if self.begins(from) && self.unit != Unit::Data {
            return Some(Stands::Begins);
        }
        if kind != Kind::Level {
            return Some(Stands::Inside);
        }
        if self.opens_sentence(from) {
            return Some(Stands::OpensSentence);
        }
        let counts = match self.unit {
            Unit::Cell { header: true } | Unit::Data => false,
            Unit::Cell { header: false } => self.has_words(4),
            Unit::Text => true,
        };
        (counts && self.closes(to)).then_some(Stands::ClosesText)
    }

    /// Behind `. ! ? : ;` and a blank; quotes and citations between do not count.
    fn opens_sentence(&self, from: usize) -> bool {
        let Some(mut at) = from.checked_sub(1).filter(|at| self.get(*at).is_some_and(is_blank)) else { return false };
        // A few of them: what is longer is no citation.
        for _ in 0..16 {
            let Some(one) = self.before(at) else { return false };
            if matches!(one, '.' | '!' | '?' | ':' | ';' | '\u{2026}') {
                return true;
            }
            if let Some(open) = self.citation_before(at) {
                at = open;
            } else if is_quote(one) || is_blank(one) || one == ')' || is_dash_or_bullet(one) {
                at -= 1;
            } else {
                return false;
            }
        }
        false
    }

    /// Where `[n]` begins that ends here.
    fn citation_before(&self, end: usize) -> Option<usize> {
        let close = end.checked_sub(1).filter(|at| self.get(*at) == Some(')'))?;
        let mut at = close;
        while self.before(at).is_some_and(is_inside_citation) && close - at < MAX_CITATION {
            at -= 1;
        }
        let open = at.checked_sub(1).filter(|open| self.get(*open) == Some('('))?;
        numbers(self.chars.get(at..close)?.iter().copied()).map(|_| open)
    }

    /// Nothing behind but signs that are neither letter nor digit, and `[n]`.
    fn closes(&self, mut at: usize) -> bool {
        while let Some(one) = self.get(at) {
            at = match self.citation(at) {
                Some(end) => end,
                None if one.is_alphanumeric() => return false,
                None => at + 1,
            };
        }
        true
    }

    /// `[1]` or `[1, 2]`: the place behind.
    fn citation(&self, at: usize) -> Option<usize> {
        let inside = self.chars.get(at..)?.strip_prefix(&['('])?;
        let count = inside.iter().take(MAX_CITATION).take_while(|one| is_inside_citation(**one)).count();
        let closed = inside.get(count) == Some(&')');
        numbers(inside.get(..count)?.iter().copied()).filter(|_| closed).map(|_| at + count + 2)
    }

    fn has_words(&self, least: usize) -> bool {
        let words = self.chars.split(|one| is_blank(*one)).filter(|word| word.iter().any(|one| one.is_alphanumeric()));
        words.take(least).count() == least
    }
}

/// What a citation may have; whether it is one is for [`numbers`].
fn is_inside_citation(one: char) -> bool {
    !one.is_alphabetic() && !matches!(one, '(' | ')')
}

/// Capitals, digits and what parts them.
fn is_of_scheme(one: char) -> bool {
    one.is_ascii_uppercase() || one.is_ascii_digit() || is_blank(one) || matches!(one, ',' | '.' | '/' | '-')
}

/// Whether it has two slashes and behind them a capital letter, and nothing else than schemes have.
fn is_scheme(inside: &[char]) -> bool {
    let slashes = inside.windows(2).position(|two| two == ['/', '/']);
    let behind = slashes.and_then(|at| inside.get(at + 2..)).unwrap_or_default();
    behind.iter().any(char::is_ascii_uppercase) && inside.iter().all(|one| is_of_scheme(*one))
}
