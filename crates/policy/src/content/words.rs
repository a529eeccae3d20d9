//! Hold words: codewords, unit names, source cryptonyms. They are compared as readers see them and told to nobody.
//!
//! Texts and words are folded to letters and digits: case, accents, scripts and compatible forms are undone, and what
//! nobody sees is left out. Words of 8 letters and more are found by look-alikes (`0` and `o`, `rn` and `m`) and with
//! anything between their letters; shorter ones only as written. A line that begins with `=` is compared with its
//! accents. What is looked for in a text is one automaton over its folded bytes, so that any text takes time in
//! proportion to its length.

mod entry;
mod starts;
#[cfg(test)]
mod tests;

use aho_corasick::{
    Input,
    automaton::{Automaton as _, OverlappingState},
    nfa::contiguous::NFA,
};
use entry::Entry;
use relto_report::{
    attachment::text::{Block, Way},
    csv_cells,
    fault::{Fault, Faults},
    folded::{Folded, Gap, Read, any_reading},
    json_strings,
    pieces::{Rows, each_piece},
};
use starts::Starts;
use std::{collections::BTreeMap, fmt};

/// Bytes of a file of hold words.
pub const MAX_FILE: usize = 1024 * 1024;
/// Words of a file.
pub const MAX_WORDS: usize = 20_000;
/// Characters of a word or phrase.
pub const MAX_WORD: usize = 120;
/// Letters and digits of a word at least: a shorter one would hold every report.
const MIN_LETTERS: usize = 3;
const RULE: &str = "N020";

/// The hold words of one nation. Never printed: not in a log, not in a refusal, not by `Debug`.
pub struct HoldWords {
    /// Each form that is looked for, and the words that have it.
    entries: Vec<Vec<Entry>>,
    finder: Option<NFA>,
    starts: Starts,
}

impl fmt::Debug for HoldWords {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HoldWords({})", self.count())
    }
}

impl HoldWords {
    /// Reads a file: UTF-8, one word or phrase per line; empty lines and lines that begin with `#` are left out, and `=`
    /// before one says that its accents count.
    ///
    /// # Errors
    /// N020 for each line that is no word, by its number alone, and for a file that is too large or not UTF-8.
    pub fn read(name: &str, bytes: &[u8]) -> Result<Self, Faults> {
        let whole = |message: String| Faults::new(name, vec![fault(0, message)]);
        if bytes.len() > MAX_FILE {
            return Err(whole(format!("{} bytes; the limit is {MAX_FILE}", bytes.len())));
        }
        let text = std::str::from_utf8(bytes).map_err(|_| whole("not UTF-8. Save the file as UTF-8".to_owned()))?;
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut forms: BTreeMap<Vec<u8>, Vec<Entry>> = BTreeMap::new();
        let (mut faults, mut count) = (Vec::new(), 0_usize);
        let lines = text.lines().map(str::trim).zip(1..);
        for (line, number) in lines.filter(|(line, _)| !line.is_empty() && !line.starts_with('#')) {
            let (entry, form) = Entry::read(line);
            if entry.count() < MIN_LETTERS || line.chars().count() > MAX_WORD {
                let message =
                    format!("a hold word has {MIN_LETTERS} letters or digits at least, {MAX_WORD} characters at most");
                faults.push(fault(number, message));
                continue;
            }
            let known = forms.entry(form).or_default();
            if !known.iter_mut().any(|other| other.join(&entry)) {
                known.push(entry);
                count = count.saturating_add(1);
            }
        }
        if count > MAX_WORDS {
            faults.push(fault(0, format!("{count} words; the limit is {MAX_WORDS}")));
        }
        if !faults.is_empty() {
            return Err(Faults::new(name, faults));
        }
        Self::of(forms).ok_or_else(|| whole("more words than can be looked for at once".to_owned()))
    }

    fn of(forms: BTreeMap<Vec<u8>, Vec<Entry>>) -> Option<Self> {
        let (patterns, entries): (Vec<Vec<u8>>, Vec<Vec<Entry>>) = forms.into_iter().unzip();
        let starts = Starts::of(&patterns);
        let finder = if patterns.is_empty() { None } else { Some(NFA::new(&patterns).ok()?) };
        Some(Self { entries, finder, starts })
    }

    /// How many there are; two that fold alike are one.
    #[must_use]
    pub fn count(&self) -> usize {
        self.entries.iter().map(Vec::len).sum()
    }

    /// Whether any of them stands in a text.
    #[must_use]
    pub fn stand_in(&self, text: &str) -> bool {
        any_reading(text, |text| self.stand_as_read(text))
    }

    fn stand_as_read(&self, text: &str) -> bool {
        let has_bar = text.contains('|');
        let Some(finder) = &self.finder else { return false };
        if !has_bar && !self.starts.may_stand_in(text, finder) {
            return false;
        }
        self.found(text, Read::Alike) || (has_bar && self.found(text, Read::AlikeWithBars))
    }

    /// The same for a block of an attachment's text: in each string, keys among them, and number of JSON; in each cell of a
    /// table, in any reading.
    #[must_use]
    pub fn stand_in_block(&self, block: &Block<'_>, way: Way) -> bool {
        let stand = |text: &str| self.stand_in(text);
        // A cell without quotes is a part of its block, and begins behind a sign that is no letter: where no word may stand
        // in all of it, none stands in any.
        let may = |finder| {
            let plain = way == Way::Csv && block.text.is_ascii() && !block.text.contains(['|', '\\', '"']);
            !plain || self.starts.may_stand_in(block.text, finder)
        };
        self.finder.as_ref().is_some_and(may)
            && match way {
                Way::Csv => csv_cells::any_from(block.text, block.readings, stand),
                Way::Json => any_value(block.text, stand),
            }
    }

    /// In how many paragraphs of a text any of them stands.
    #[must_use]
    pub fn count_in(&self, text: &str) -> usize {
        text.replace('\r', "").split("\n\n").filter(|paragraph| self.stand_in(paragraph)).count()
    }

    /// In how many strings and numbers of a JSON text.
    #[must_use]
    pub fn count_in_json(&self, json: &str) -> usize {
        count(|is_so| any_value(json, is_so), |text| self.stand_in(text))
    }

    /// In how many cells of a CSV, of all its readings together.
    #[must_use]
    pub fn count_in_csv(&self, csv: &str) -> usize {
        count(|is_so| csv_cells::any(csv, is_so), |text| self.stand_in(text))
    }

    /// The same for a portion of a report: a phrase does not go over two cells of its rows.
    #[must_use]
    pub fn stand_in_portion(&self, portion: &str) -> bool {
        let mut found = false;
        if self.finder.is_some() {
            each_piece(portion, Rows::Closed, |_, _, piece| found = found || self.stand_in(piece));
        }
        found
    }

    fn found(&self, text: &str, read: Read) -> bool {
        let Some(finder) = &self.finder else { return false };
        let folded = Folded::of(text, read);
        let is_edge = |at: usize| folded.gaps.get(at).is_none_or(|gap| *gap != Gap::None);
        let (input, mut state) = (Input::new(&folded.bytes), OverlappingState::start());
        // The one fault of such a search is a setting that it does not have.
        while finder.try_find_overlapping(&input, &mut state).is_ok() {
            let Some(hit) = state.get_match() else { return false };
            let entries = self.entries.get(hit.pattern().as_usize()).map(Vec::as_slice).unwrap_or_default();
            let stands = is_edge(hit.start())
                && is_edge(hit.end())
                && entries.iter().any(|entry| entry.stands(text, &folded, hit.start(), hit.end()));
            if stands {
                return true;
            }
        }
        true
    }
}

fn any_value(json: &str, mut is_so: impl FnMut(&str) -> bool) -> bool {
    json_strings::any(json, |_, text| is_so(text)) || json_strings::any_number(json, is_so)
}

/// How many texts are so, of all that a search goes over.
fn count(search: impl FnOnce(&mut dyn FnMut(&str) -> bool) -> bool, is_so: impl Fn(&str) -> bool) -> usize {
    let mut found = 0_usize;
    search(&mut |text| {
        found = found.saturating_add(usize::from(is_so(text)));
        false
    });
    found
}

fn fault(line: usize, message: String) -> Fault {
    Fault { line, column: usize::from(line > 0), rule: RULE, message, warning: false }
}
