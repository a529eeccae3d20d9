//! The words of marks, folded as texts are.

use super::{
    alike::{letters, reads_as},
    fold::fold,
};
use crate::register::Register;

/// Words of one register.
pub(super) struct Set {
    /// Levels: long, short, accepted.
    pub(super) levels: Vec<Word>,
    /// Controls, the words of the audience and that before foreign owners.
    pub(super) controls: Vec<Control>,
}

/// A word of a control, of the audience or before foreign owners.
pub(super) struct Control {
    /// In capitals, folded.
    pub(super) text: Vec<char>,
    /// A short word that can be spoken, such as `CE` and `COM`: in small letters it is a word of everyday text.
    pub(super) everyday: bool,
}

/// A level's word.
pub(super) struct Word {
    /// In capitals, folded.
    pub(super) text: Vec<char>,
    /// As in a banner.
    pub(super) is_long: bool,
    /// The register calls it uncontrolled.
    pub(super) uncontrolled: bool,
}

/// The words that marks are made of, of all registers that are asked.
pub struct Words {
    pub(super) sets: Vec<Set>,
    /// Codes of the nations whose registers they are.
    pub(super) nations: Vec<Vec<char>>,
    /// Headings of tear lines.
    tear_lines: Vec<Vec<char>>,
}

impl Words {
    /// Of these registers.
    #[must_use]
    pub fn of<'r>(registers: impl IntoIterator<Item = &'r Register>) -> Self {
        let (mut sets, mut nations, mut tear_lines) = (Vec::new(), Vec::new(), Vec::new());
        for one in registers {
            sets.push(set(one));
            nations.push(one.nation.as_str().chars().collect());
            tear_lines.push(letters(&one.tear_line));
        }
        Self { sets, nations, tear_lines }
    }

    /// Whether a text, or a line of it that is written as a heading, reads as the heading of a tear line.
    #[must_use]
    pub(crate) fn has_tear_line(&self, text: &str) -> bool {
        let reads = |text: &str| self.tear_lines.iter().any(|wanted| reads_as(text, wanted));
        let headings = || text.split('\n').filter(|line| line.trim_start().starts_with('#'));
        reads(text) || (text.contains('#') && headings().any(reads))
    }

    pub(super) fn levels(&self) -> impl Iterator<Item = &Word> {
        self.sets.iter().flat_map(|set| &set.levels)
    }
}

fn capitals(word: &str) -> Vec<char> {
    fold(&word.to_uppercase(), 0).chars
}

fn set(register: &Register) -> Set {
    let mut levels = Vec::new();
    for level in &register.levels {
        let mut add = |text: &str, is_long: bool| {
            levels.push(Word { text: capitals(text), is_long, uncontrolled: level.uncontrolled });
        };
        add(&level.long, true);
        level.accepts.iter().for_each(|word| add(word, true));
        add(&level.short, false);
    }
    let mut controls = Vec::new();
    for one in &register.controls {
        add(&mut controls, &one.long, &[&one.short], &one.accepts);
    }
    let list = &register.list;
    add(&mut controls, &list.long, &[&list.short, &list.as_banner], &list.accepts);
    // It has one form.
    add(&mut controls, &register.foreign, &[], &[]);
    levels.retain(|word| !word.text.is_empty());
    controls.retain(|word| !word.text.is_empty());
    Set { levels, controls }
}

/// Adds the words of one control. What is accepted is a short word where it is no longer than those.
fn add(out: &mut Vec<Control>, long: &str, short: &[&String], accepts: &[String]) {
    let text = capitals(long);
    let short: Vec<Vec<char>> = short.iter().map(|word| capitals(word)).filter(|word| *word != text).collect();
    let most = short.iter().map(Vec::len).max().unwrap_or_default();
    out.push(Control { text, everyday: false });
    out.extend(short.into_iter().chain(accepts.iter().map(|word| capitals(word))).map(|text| {
        let spoken = text.iter().any(|one| !one.is_ascii() || matches!(one, 'A' | 'E' | 'I' | 'O' | 'U' | 'Y'));
        Control { everyday: spoken && text.len() <= most, text }
    }));
}
