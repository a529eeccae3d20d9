//! Whether the word lists at hand are those of the agreement, and whether its words are in them.

use super::Agreement;
use relto_report::{
    fault::{Fault, Faults},
    nation::Nation,
    register::Register,
    vocabulary::Vocabulary,
};
use std::collections::BTreeMap;

impl Agreement {
    /// Judges the agreement, read from the file `name`, against the vocabulary and both Parties' marking registers.
    /// A node that has other files than the agreement names does not start.
    ///
    /// # Errors
    /// A014 for another digest, A030 to A034 and A047 for words that are not in the lists or are in another order.
    pub fn fits(
        &self,
        name: &str,
        vocabulary: &Vocabulary,
        registers: &BTreeMap<Nation, Register>,
    ) -> Result<(), Faults> {
        let mut list = Vec::new();
        if vocabulary.digest != self.registers.vocabulary {
            list.push(whole("A014", "vocabulary.toml has another digest".to_owned()));
        }
        for nation in self.parties {
            match registers.get(&nation).filter(|register| register.nation == nation) {
                None => list.push(whole("A014", format!("markings-{nation}.toml is not at hand"))),
                Some(register) if self.register_digest(nation) != Some(register.digest) => {
                    list.push(whole("A014", format!("markings-{nation}.toml has another digest")));
                }
                Some(register) => self.compare_register(register, &mut list),
            }
        }
        self.compare_words(vocabulary, &mut list);
        if list.is_empty() { Ok(()) } else { Err(Faults::new(name, list)) }
    }

    /// The register lists its markings highest first; the table must give them levels in that order.
    fn compare_register(&self, register: &Register, list: &mut Vec<Fault>) {
        let nation = register.nation;
        let Some(party) = self.place_of(nation) else { return };
        let mut ranked = Vec::new();
        for row in &self.equivalence {
            let Some(word) = row.markings.get(party) else { continue };
            match register.level_by_long(word) {
                Some((rank, _)) => ranked.push((rank, row, word)),
                None => list.push(at(row.place, "A030", format!("{word} is not in the register of {nation}"))),
            }
        }
        // No row is reversed against itself.
        for (n, (rank, row, word)) in ranked.iter().enumerate() {
            let reversed = |other: &&(usize, _, _)| {
                let (other_rank, other_row, _): &(usize, &super::Equivalence, &String) = other;
                (other_rank < rank && other_row.level <= row.level)
                    || (other_rank > rank && other_row.level >= row.level)
            };
            for (_, other_row, other_word) in ranked.iter().skip(n).filter(reversed) {
                let message = format!(
                    "level order reversed between the Parties: {nation} {word} has level {} and {other_word} level {}",
                    row.level, other_row.level
                );
                list.push(at(other_row.place, "A031", message));
            }
        }
        for row in &self.caveats {
            let Some(word) = row.words.get(party) else { continue };
            if register.control_by_long(word).is_none() && row.means != super::Meaning::NoContractors {
                list.push(whole("A034", format!("caveat {word} is not in the register of {nation}")));
            }
        }
    }

    fn compare_words(&self, vocabulary: &Vocabulary, list: &mut Vec<Fault>) {
        let mut unknown = |what: &str, word: &str| {
            list.push(whole("A047", format!("{what} {word:?} is not in the vocabulary")));
        };
        for scope in &self.scopes {
            let topics = scope.topics.iter().map(|(topic, _)| topic);
            topics.filter(|topic| !vocabulary.has_topic(topic)).for_each(|topic| unknown("topic", topic));
            let forms = scope.forms.iter().filter(|form| !vocabulary.has_report_form(form));
            forms.for_each(|form| unknown("form", form));
            let colours = scope.tlp.iter().filter(|colour| !vocabulary.tlp.contains(colour));
            colours.for_each(|colour| unknown("TLP colour", colour));
        }
        for (word, handling) in &self.precedence {
            if !vocabulary.precedence.contains(word) {
                unknown("precedence", word);
            }
            let forms = handling.forms.iter().filter(|form| !vocabulary.has_report_form(form));
            forms.for_each(|form| unknown("form", form));
        }
        let emergency = self.emergency.iter().flat_map(|emergency| &emergency.topics);
        emergency.filter(|topic| !vocabulary.has_topic(topic)).for_each(|topic| unknown("topic", topic));
        let meanings = self.caveats.iter().map(|row| row.means.word());
        let known = |word: &&str| !vocabulary.caveat_meanings.iter().any(|known| known == word);
        meanings.filter(known).for_each(|word| unknown("caveat meaning", word));
        let statements = self.life.while_suspended.iter().chain(&self.life.after_end);
        statements
            .filter(|form| !vocabulary.statement_forms.contains(form))
            .for_each(|form| unknown("statement", form));
    }
}

fn whole(rule: &'static str, message: String) -> Fault {
    at((0, 0), rule, message)
}

fn at((line, column): (usize, usize), rule: &'static str, message: String) -> Fault {
    Fault { line, column, rule, message, warning: false }
}
