//! One hold word, and whether it stands at a place that looks like it.

use relto_report::folded::{Folded, Gap, Read, is_left_out, letters};
use std::collections::BTreeSet;
use unicode_normalization::UnicodeNormalization as _;

/// From so many letters on a word is found by look-alikes, and with anything between its letters.
const LONG: usize = 8;

/// A word or phrase of the list.
pub(super) struct Entry {
    /// Its letters, accents and case undone.
    letters: String,
    /// Before which bytes of its look-alike form it has something between.
    parted: BTreeSet<usize>,
    /// Its letters with their accents, where they count: a line that begins with `=`.
    exact: Option<String>,
}

impl Entry {
    /// Reads a line. Gives the form by which it is looked for too; of no bytes where it has no letters.
    pub(super) fn read(line: &str) -> (Self, Vec<u8>) {
        let (line, is_exact) = line.strip_prefix('=').map_or((line, false), |line| (line, true));
        let folded = Folded::of(line, Read::Alike);
        let parted = (1..).zip(folded.gaps.iter().skip(1)).filter(|(_, gap)| **gap != Gap::None);
        let entry = Self {
            letters: plain(line),
            parted: parted.map(|(at, _)| at).collect(),
            exact: is_exact.then(|| exact(line)),
        };
        (entry, folded.bytes)
    }

    /// Letters and digits.
    pub(super) fn count(&self) -> usize {
        self.letters.chars().count()
    }

    /// Takes another in where both fold alike, so that each place that either fits fits the one. False where they do
    /// not.
    pub(super) fn join(&mut self, other: &Self) -> bool {
        let is_long = self.count() >= LONG && other.count() >= LONG;
        if self.exact != other.exact || (!is_long && self.letters != other.letters) {
            return false;
        }
        self.parted = if is_long { &self.parted & &other.parted } else { &self.parted | &other.parted };
        true
    }

    /// Whether it stands in these bytes of the folded text, whose letters look like its own.
    pub(super) fn stands(&self, text: &str, folded: &Folded, start: usize, end: usize) -> bool {
        let gap = |at: usize| folded.gap(at);
        let source = folded.from.get(start).zip(folded.to.get(end.saturating_sub(1)));
        let Some(source) = source.and_then(|(from, to)| text.get(*from..*to)) else { return false };
        if let Some(own) = &self.exact {
            return *own == exact(source);
        }
        let reaches = |at: &usize| gap(start.saturating_add(*at)) != Gap::Long;
        if self.count() >= LONG {
            return self.parted.iter().all(reaches);
        }
        let inner = (1..end.saturating_sub(start)).filter(|at| gap(start.saturating_add(*at)) != Gap::None);
        let fits = |at: &usize| if self.parted.contains(at) { reaches(at) } else { gap(start + *at) == Gap::Soft };
        let is_whole = inner.clone().all(|at| fits(&at)) || is_set_apart(source);
        is_whole && (plain(source) == self.letters || mixes(source))
    }
}

/// The letters and digits of a text in their plain form.
fn plain(text: &str) -> String {
    let mut out = String::new();
    text.chars().for_each(|one| letters(one, &mut |letter| out.push(letter)));
    out
}

/// The letters and digits of a text, composed and small, accents as they are.
fn exact(text: &str) -> String {
    let seen = text.chars().filter(|one| one.is_alphanumeric() || is_mark(*one));
    seen.nfc().flat_map(char::to_lowercase).nfc().collect()
}

fn is_mark(one: char) -> bool {
    unicode_normalization::char::is_combining_mark(one) && !relto_report::unseen::is_ignored(one)
}

/// Whether each letter stands alone, the same between any two: `G L A S S`, `g.l.a.s.s`.
fn is_set_apart(text: &str) -> bool {
    let (mut between, mut last, mut count) = (None, None, 0);
    for (at, one) in text.char_indices().filter(|(_, one)| !is_left_out(*one)) {
        if !one.is_alphanumeric() {
            continue;
        }
        if let Some(end) = last {
            let gap = text.get(end..at).unwrap_or_default();
            if gap.is_empty() || between.is_some_and(|known| known != gap) {
                return false;
            }
            between = Some(gap);
        }
        last = Some(at.saturating_add(one.len_utf8()));
        count += 1;
    }
    count > 1
}

/// Whether some word has both letters and digits, as one has in which a digit stands for a letter.
fn mixes(text: &str) -> bool {
    let is_bar = |one: char| one == '|';
    text.split(|one: char| !(one.is_alphanumeric() || is_bar(one)))
        .any(|word| word.chars().any(char::is_alphabetic) && word.chars().any(|one| one.is_numeric() || is_bar(one)))
}
