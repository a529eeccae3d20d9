//! Values that stay at home (R072), and whether one stands in a text whole: as it is written, or as a reader takes it.

use crate::{
    csv_cells,
    folded::{Folded, Gap, Read, any_reading, letters},
    json_strings,
    pieces::{Rows, each_piece},
};
use aho_corasick::{
    AhoCorasick, Anchored, Input,
    automaton::{Automaton as _, OverlappingState},
    nfa::contiguous::NFA,
};
use std::collections::{BTreeMap, BTreeSet};
use unicode_normalization::UnicodeNormalization as _;

/// Letters and digits of a value at least that is compared as a reader takes it: of a shorter one too little is left.
const MIN_LETTERS: usize = 3;

/// The values of a home file.
pub(super) struct Kept {
    /// As they are written, but for case, blanks and kinds of dashes.
    written: AhoCorasick,
    /// Their letters and digits.
    finder: Option<NFA>,
    /// For each of these: before which of its bytes a value that has it has something between.
    parted: Vec<Vec<BTreeSet<usize>>>,
    /// How many bytes they all have.
    size: usize,
}

impl Kept {
    /// `None` where these are more than the search takes, which is more than a home file has.
    pub(super) fn of(values: &[&str]) -> Option<Self> {
        let written = AhoCorasick::builder().ascii_case_insensitive(true).build(values.iter().map(|one| parted(one)));
        let mut forms: BTreeMap<Vec<u8>, Vec<BTreeSet<usize>>> = BTreeMap::new();
        for value in values {
            let folded = Folded::of(value, Read::Plain);
            let inside =
                (0..).zip(&folded.gaps).skip(1).filter(|(_, gap)| **gap != Gap::None).map(|(at, _)| at).collect();
            let count = String::from_utf8_lossy(&folded.bytes).chars().count();
            if count >= MIN_LETTERS {
                forms.entry(folded.bytes).or_default().push(inside);
            }
        }
        let (patterns, parted): (Vec<Vec<u8>>, Vec<Vec<BTreeSet<usize>>>) = forms.into_iter().unzip();
        let finder = if patterns.is_empty() { None } else { Some(NFA::new(&patterns).ok()?) };
        Some(Self { written: written.ok()?, finder, parted, size: values.iter().map(|one| one.len()).sum() })
    }

    /// Whether one stands in a text of a report: not over two cells of its rows, where it is not written so.
    pub(super) fn stand_in(&self, text: &str) -> bool {
        self.written.is_match(&parted(text))
            || any_reading(text, |text| {
                let mut found = false;
                if self.may_stand_in(text) {
                    each_piece(text, Rows::Closed, |_, _, piece| found = found || self.found(piece));
                }
                found
            })
    }

    /// The same for CSV: in each of its cells, in any reading.
    pub(super) fn stand_in_csv(&self, csv: &str) -> bool {
        let in_cells =
            |csv: &str| self.may_stand_in(csv) && csv_cells::any(csv, |one| self.may_stand_in(one) && self.found(one));
        self.written.is_match(&parted(csv)) || any_reading(csv, in_cells)
    }

    /// The same for JSON: in each of its strings and numbers.
    pub(super) fn stand_in_json(&self, json: &str) -> bool {
        let in_value = |one: &str| any_reading(one, |one| self.may_stand_in(one) && self.found(one));
        self.written.is_match(&parted(json))
            || json_strings::any(json, |_, one| self.written.is_match(&parted(one)) || in_value(one))
            || json_strings::any_number(json, in_value)
    }

    /// Whether the letters of one follow one another in a text, whatever stands between them. Most texts end here: one
    /// step for each letter, and nothing kept.
    fn may_stand_in(&self, text: &str) -> bool {
        let Some(finder) = &self.finder else { return false };
        let Ok(mut state) = finder.start_state(Anchored::No) else { return true };
        let (mut found, mut buffer) = (false, [0; 4]);
        for one in text.chars() {
            letters(one, &mut |letter| {
                for byte in letter.encode_utf8(&mut buffer).bytes() {
                    state = finder.next_state(Anchored::No, state, byte);
                    found = found || finder.is_match(state);
                }
            });
            if found {
                return true;
            }
        }
        false
    }

    /// Whether one stands in a text as a word does, with something between its letters where the value has something.
    fn found(&self, text: &str) -> bool {
        let Some(finder) = &self.finder else { return false };
        let folded = Folded::of(text, Read::Plain);
        let (input, mut state) = (Input::new(&folded.bytes), OverlappingState::start());
        // Steps in proportion to the text and the values. No text of letters needs more, and who writes one that does is
        // the author of both.
        let mut budget = folded.bytes.len().saturating_add(self.size).saturating_mul(16);
        while finder.try_find_overlapping(&input, &mut state).is_ok() {
            let Some(hit) = state.get_match() else { return false };
            let known = self.parted.get(hit.pattern().as_usize()).map(Vec::as_slice).unwrap_or_default();
            let is_whole = folded.gap(hit.start()) != Gap::None && folded.gap(hit.end()) != Gap::None;
            let cost = if is_whole { hit.len().saturating_mul(known.len()) } else { 1 };
            let Some(left) = budget.checked_sub(cost) else { return true };
            budget = left;
            let fits = |inside: &BTreeSet<usize>| {
                (1..hit.len()).all(|at| match folded.gap(hit.start().saturating_add(at)) {
                    Gap::None | Gap::Soft => true,
                    Gap::Run => inside.contains(&at),
                    Gap::Long => false,
                })
            };
            if is_whole && known.iter().any(fits) {
                return true;
            }
        }
        true
    }
}

const fn is_dash(one: char) -> bool {
    matches!(one, '\u{AD}' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{2043}')
}

/// A text in compatible forms and with one kind of dash, with a sign that no text has wherever letters and digits begin or
/// end, and one blank for each run of blanks.
fn parted(text: &str) -> String {
    let mut out = String::with_capacity(text.len().saturating_add(text.len() / 2));
    let mut within = false;
    for (n, word) in text.split_whitespace().enumerate() {
        for one in (n > 0).then_some(' ').into_iter().chain(word.nfkc()) {
            let one = if is_dash(one) { '-' } else { one };
            if one.is_alphanumeric() != within {
                out.push('\0');
                within = !within;
            }
            out.push(one);
        }
    }
    if within {
        out.push('\0');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(values: &[&str]) -> Kept {
        Kept::of(values).unwrap()
    }

    #[test]
    fn a_value_is_found_as_a_reader_takes_it() {
        let kept = kept(&["IMG-2026-118842", "XAA-SCG-12 (2025)"]);
        for hit in [
            "IMG-2026-118842",
            "see (img-2026-118842).",
            "IMG-\n2026-\n118842",
            "IMG\\-2026\\-118842",
            "IMG*-*2026*-*118842",
            "**IMG**-__2026__-`118842`",
            "ІMG-2026-118842",
            "IМG-2026-118842",
            "ＩＭＧ－２０２６－１１８８４２",
            "IMG - 2026 - 118842",
            "IMG⸺2026⸺118842",
            "IMG–2026—118842",
            "IMG/2026/118842",
            "IMG 2026 118842",
            "IMG2026118842",
            "I\u{ad}MG-2026-11\u{200b}8842",
            "ÍMG-2026-118842",
            "IMG-2026-118-\n842",
            "IMG-2026-118\\*842",
            "IMG-2026-118842¹",
            "IMG-2026-11884²",
            "IMG-2026-①①8842",
            "IMG-2026-118842™",
            "IMG........2026-118842",
            "xaa scg 12, 2025",
            "XAA-SCG-12 [2025]",
        ] {
            assert!(kept.stand_in(hit), "{hit:?}");
            assert!(kept.stand_in_csv(&format!("a\u{1}b,\"{hit}\"\n")), "{hit:?}");
        }
        for miss in [
            "",
            "IMG-2026",
            "IMG-2026-1188425",
            "IMG-2026-118843",
            "1MG-2026-118842",
            "XIMG-2026-118842",
            "ЖIMG-2026-118842",
            "IMG-2026-118842a",
            "IMG-2026-118 842",
            "IMG-2026-118\n842",
            "IM G-2026-118842",
            "IMG-20-26-118842",
            "IMG.........2026-118842",
            "IMG-2O26-118842",
            "IMG of 2026, number 118842",
            "| IMG | 2026 | 118842 |",
            "XAA-SCG-12",
            "XAA-SCG-122025",
        ] {
            let is_near = miss == "XAA-SCG-122025";
            assert_eq!(kept.stand_in(miss), is_near, "{miss:?}");
        }
    }

    #[test]
    fn cells_strings_and_numbers_are_texts_of_their_own() {
        let kept = kept(&["IMG-2026-118842", "70-417"]);
        for hit in ["a,IMG - 2026 - 118842\n", "a;ІMG-2026-118842", "70 417,x", "\"IMG-\n2026-\n118842\""] {
            assert!(kept.stand_in_csv(hit), "{hit:?}");
        }
        for miss in ["70,417\n", "70\n417,x\n", "IMG,2026,118842\n", "IMG;2026;118842\n"] {
            assert!(!kept.stand_in_csv(miss), "{miss:?}");
        }
        for hit in [r#"["IMG\u002d2026\n118842"]"#, r#"{"\u0406MG-2026-118842":1}"#, "[70417]", "[70.417]", "[-70417]"]
        {
            assert!(kept.stand_in_json(hit), "{hit}");
        }
        for miss in ["[70,417]", r#"["70","417"]"#, "[704170]", r#"["IMG",2026,118842]"#] {
            assert!(!kept.stand_in_json(miss), "{miss}");
        }
    }

    #[test]
    fn a_very_short_value_is_compared_as_it_is_written() {
        let kept = kept(&["C-1", "A+", "№"]);
        for hit in ["C-1", "c-1", "see C‑1.", "(A+)", "A+", "№"] {
            assert!(kept.stand_in(hit), "{hit:?}");
        }
        for miss in ["C 1", "C1", "c - 1", "C*-*1", "A", "a", "С-1", "C-11", "AC-1"] {
            assert!(!kept.stand_in(miss), "{miss:?}");
        }
    }

    #[test]
    fn what_was_found_as_written_is_found_still() {
        let kept = kept(&["A          B-77", "-X9-", "a/b c"]);
        for hit in ["a b-77", "A\n\n\n\n\n\n\n\n\n\nB-77", "-x9-", "A/B\tC"] {
            assert!(kept.stand_in(hit), "{hit:?}");
        }
    }

    #[test]
    fn the_worst_values_take_steps_in_proportion() {
        let values: Vec<String> = (3..340).map(|n| "a ".repeat(n) + "aa").collect();
        let kept = kept(&values.iter().map(String::as_str).collect::<Vec<_>>());
        // The budget ends it: such a text is refused and not gone through.
        assert!(kept.stand_in(&"a ".repeat(200_000)));
        assert!(!kept.stand_in(&"The vessels left the harbour after sunset, an a and another. ".repeat(2_000)));
    }
}
