//! TOML files that people write, read key by key: every fault with its place, unknown keys refused, nearest named.

mod inside;
mod section;
mod unseen;

use crate::{
    fault::{Fault, Faults, Places},
    unseen::RULE,
};
pub(crate) use inside::content_offset;
use section::Sink;
pub use section::{Rules, Section, Spanned, day_of, timestamp_of};
use std::cell::RefCell;
use toml_edit::Document;
pub use unseen::{Pasted, pasted};

/// Faults kept of one file: far more than are told, and a bound for a file that is made of faults.
const MAX_KEPT: usize = 2_000;

/// Where the faults of one file gather.
pub struct TomlFile<'t> {
    text: &'t str,
    places: Places<'t>,
    rules: Rules,
    /// Where a missing key is reported; `None`: at its table.
    missing_at: Option<usize>,
    /// The text is part of a file in which characters that nobody sees have been told.
    is_looked_at: bool,
    faults: RefCell<Vec<Fault>>,
}

impl<'t> TomlFile<'t> {
    /// A file whose text begins at line `first_line`.
    #[must_use]
    pub const fn new(text: &'t str, first_line: usize, rules: Rules) -> Self {
        let places = Places::new(text, first_line);
        Self { text, places, rules, missing_at: None, is_looked_at: false, faults: RefCell::new(Vec::new()) }
    }

    /// Reports every missing key at this byte offset.
    #[must_use]
    pub const fn missing_at(mut self, offset: usize) -> Self {
        self.missing_at = Some(offset);
        self
    }

    /// Says that characters that nobody sees have been told where they stand in the file; escapes are still undone.
    #[must_use]
    pub const fn looked_at(mut self) -> Self {
        self.is_looked_at = true;
        self
    }

    /// Parses the text and tells what nobody sees in it; on a syntax fault reports it and gives `None`.
    pub fn parse(&self) -> Option<Document<&'t str>> {
        if !self.is_looked_at {
            unseen::as_written(self.text, &mut |at, message| self.fault(at, RULE, message));
        }
        match Document::parse(self.text) {
            Ok(document) => {
                let is_full = || self.faults.borrow().len() >= unseen::MOST;
                unseen::in_values(self.text, document.as_table(), &is_full, &mut |at, message| {
                    self.fault(at, RULE, message);
                });
                Some(document)
            }
            Err(error) => {
                let at = error.span().map_or(0, |span| span.start);
                if let Some((at, quote)) = self.curly_quote(at) {
                    let message = format!(
                        "quotation mark {quote} (U+{:04X}) from a word processor. Type a straight one: \"",
                        u32::from(quote)
                    );
                    self.fault(at, self.rules.syntax, message);
                } else {
                    let what = error.message().lines().next().unwrap_or("not TOML").to_owned();
                    self.fault(at, self.rules.syntax, format!("{what}. The keys are TOML 1.0"));
                }
                None
            }
        }
    }

    /// A quotation mark of a word processor where a value begins, or at the fault itself.
    fn curly_quote(&self, at: usize) -> Option<(usize, char)> {
        let start = self.text.get(..at)?.rfind('\n').map_or(0, |end| end + 1);
        let line = self.text.get(start..)?.lines().next()?;
        let value = line.find('=').map(|sign| {
            let rest = line.get(sign + 1..).unwrap_or_default();
            start + line.len() - rest.trim_start_matches([' ', '\t', '[']).len()
        });
        let is_curly =
            |one: &char| matches!(one, '\u{2018}'..='\u{201F}' | '\u{AB}' | '\u{BB}' | '\u{2039}' | '\u{203A}');
        [value, Some(at)].into_iter().flatten().find_map(|place| {
            let one = self.text.get(place..)?.chars().next().filter(is_curly)?;
            Some((place, one))
        })
    }

    /// The section of the whole file.
    #[must_use]
    pub fn root<'d>(&'d self, document: &'d Document<&'t str>) -> Section<'d> {
        Section::new(self, document.as_table(), String::new(), 0)
    }

    /// Adds a fault at a byte offset.
    pub fn fault(&self, at: usize, rule: &'static str, message: impl Into<String>) {
        if self.faults.borrow().len() >= MAX_KEPT {
            return;
        }
        let (line, column) = self.places.at(at);
        self.faults.borrow_mut().push(Fault { line, column, rule, message: message.into(), warning: false });
    }

    /// Where a byte offset stands.
    #[must_use]
    pub fn place(&self, at: usize) -> (usize, usize) {
        self.places.at(at)
    }

    /// All faults, as those of `name`.
    #[must_use]
    pub fn into_faults(self, name: &str) -> Faults {
        Faults::new(name, self.faults.into_inner())
    }

    /// All faults so far, taken out.
    #[must_use]
    pub fn take_faults(&self) -> Vec<Fault> {
        self.faults.take()
    }
}

impl Sink for TomlFile<'_> {
    fn fault_at(&self, at: usize, rule: &'static str, message: String) {
        self.fault(at, rule, message);
    }

    fn rules(&self) -> Rules {
        self.rules
    }

    fn missing_offset(&self) -> Option<usize> {
        self.missing_at
    }
}
