//! The words of marks, folded as texts are.

use super::fold::fold;
use crate::register::Register;

/// Words of one register.
pub(super) struct Set {
    /// Levels: long, short, accepted.
    pub(super) levels: Vec<Word>,
    /// Controls, the words of the audience and that before foreign owners.
    pub(super) controls: Vec<Vec<char>>,
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
}

impl Words {
    /// Of these registers.
    #[must_use]
    pub fn of<'r>(registers: impl IntoIterator<Item = &'r Register>) -> Self {
        let (mut sets, mut nations) = (Vec::new(), Vec::new());
        for one in registers {
            sets.push(set(one));
            nations.push(one.nation.as_str().chars().collect());
        }
        Self { sets, nations }
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
    let list = &register.list;
    let of_controls = register.controls.iter().flat_map(|one| [&one.long, &one.short].into_iter().chain(&one.accepts));
    let of_list = [&list.long, &list.short, &list.as_banner, &register.foreign].into_iter().chain(&list.accepts);
    let mut controls: Vec<Vec<char>> = of_controls.chain(of_list).map(|word| capitals(word)).collect();
    levels.retain(|word| !word.text.is_empty());
    controls.retain(|word| !word.is_empty());
    Set { levels, controls }
}
