//! Values that stay at home (R072), and whether one stands in a text whole: as it is written, or as a reader takes it.

mod across;

use crate::{
    attachment::text::Block,
    csv_cells,
    folded::{Folded, Gap, Read, any_reading, letters},
    json_strings,
    pieces::{Rows, each_piece},
};
use across::Across;
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
    /// How much of the text before a block is read with it, in bytes.
    across: usize,
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
        // A text may need several letters, of up to four bytes each, where a value has one byte.
        let across = values.iter().map(|one| one.len()).max().unwrap_or_default().saturating_mul(16).saturating_add(64);
        let size = values.iter().map(|one| one.len()).sum();
        Some(Self { written: written.ok()?, finder, parted, size, across })
    }

    /// What goes with a search block by block, at the start of a text.
    pub(super) fn across(&self) -> Across {
        Across::new(self.across)
    }

    /// Whether one stands in a text as it is written.
    fn is_written(&self, text: &str) -> bool {
        self.written.is_match(&parted(text))
    }

    /// The same for a block, and for what goes over from the one before.
    fn is_written_in(&self, block: &str, across: &mut Across) -> bool {
        let text = across.join(block);
        let found = self.is_written(&text);
        let end = across.end_of(&text);
        across.pass(end);
        found
    }

    /// Whether one stands in a text of a report: not over two cells of its rows, where it is not written so.
    pub(super) fn stand_in(&self, text: &str) -> bool {
        self.is_written(text)
            || any_reading(text, |text| {
                let mut found = false;
                if self.may_stand_in(text) {
                    each_piece(text, Rows::Closed, |_, _, piece| found = found || self.found(piece));
                }
                found
            })
    }

    /// The same for a block of CSV: in each of its cells, in any reading.
    pub(super) fn stand_in_csv(&self, block: &Block<'_>, across: &mut Across) -> bool {
        let in_cells = |csv: &str| {
            let in_cell = |one: &str| self.may_stand_in(one) && self.found(one);
            self.may_stand_in(csv) && csv_cells::any_from(csv, block.readings, in_cell)
        };
        self.is_written_in(block.text, across) || any_reading(block.text, in_cells)
    }

    /// The same for a block of JSON: in each of its strings and numbers.
    pub(super) fn stand_in_json(&self, block: &Block<'_>, across: &mut Across) -> bool {
        let in_value = |one: &str| any_reading(one, |one| self.may_stand_in(one) && self.found(one));
        self.is_written_in(block.text, across)
            || json_strings::any(block.text, |_, one| self.is_written(one) || in_value(one))
            || json_strings::any_number(block.text, in_value)
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
    use crate::attachment::text::{Way, any_block};

    fn kept(values: &[&str]) -> Kept {
        Kept::of(values).unwrap()
    }

    fn stand_in(kept: &Kept, text: &str, way: Way) -> bool {
        let mut across = kept.across();
        let found = any_block(&text.as_bytes(), way, |block| match way {
            Way::Csv => kept.stand_in_csv(block, &mut across),
            Way::Json => kept.stand_in_json(block, &mut across),
        });
        found.unwrap()
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
            assert!(stand_in(&kept, &format!("a\u{1}b,\"{hit}\"\n"), Way::Csv), "{hit:?}");
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
            assert!(stand_in(&kept, hit, Way::Csv), "{hit:?}");
        }
        for miss in ["70,417\n", "70\n417,x\n", "IMG,2026,118842\n", "IMG;2026;118842\n"] {
            assert!(!stand_in(&kept, miss, Way::Csv), "{miss:?}");
        }
        for hit in [r#"["IMG\u002d2026\n118842"]"#, r#"{"\u0406MG-2026-118842":1}"#, "[70417]", "[70.417]", "[-70417]"]
        {
            assert!(stand_in(&kept, hit, Way::Json), "{hit}");
        }
        for miss in ["[70,417]", r#"["70","417"]"#, "[704170]", r#"["IMG",2026,118842]"#] {
            assert!(!stand_in(&kept, miss, Way::Json), "{miss}");
        }
    }

    #[test]
    fn a_value_is_found_wherever_a_text_is_parted_in_blocks() {
        let kept = kept(&["KT 7 of, the (list)", "A+"]);
        let parted_at = |text: &str, cuts: [usize; 2]| {
            let mut across = kept.across();
            let mut start = 0;
            cuts.into_iter().chain([text.len()]).any(|end| {
                let text = &text[std::mem::replace(&mut start, end)..end];
                kept.stand_in_csv(
                    &Block { text, is_first: true, line: 1, readings: &[], is_quoted: false },
                    &mut across,
                )
            })
        };
        let filler = "1,2 x\n".repeat(300);
        let blanks = " \n".repeat(500);
        for (value, stands) in [
            ("KT 7 of, the (list)".to_owned(), true),
            (format!("KT\n7{blanks}of,\nthe\n(list)"), true),
            ("XKT 7\nof, the (list)".to_owned(), false),
            ("KT 7\nof, the list".to_owned(), false),
            (format!("A\n{blanks}+"), false),
        ] {
            let text = format!("{filler}{value}\n{filler}");
            for at in (filler.len() - 3..filler.len() + value.len() + 3).filter(|at| at % 97 < 30) {
                for second in [at, at + 1, at + 700] {
                    // Behind an end of a line, and anywhere: what is parted within a word is found at most too often.
                    let is_line_end = [at, second].iter().all(|at| text.as_bytes()[at - 1] == b'\n');
                    let found = parted_at(&text, [at, second]);
                    assert!(found == stands || (found && !is_line_end), "{value:?} {at}");
                }
            }
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
