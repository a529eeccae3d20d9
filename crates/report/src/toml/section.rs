//! One table of a TOML file, read key by key.

use crate::{
    calendar::{Day, Timestamp},
    fault::nearest,
};
use std::{
    cell::{Cell, RefCell},
    ops::Range,
};
use toml_edit::{Datetime, Item, TableLike, Value};

/// A value and where it stands.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Spanned<T> {
    /// The value.
    pub value: T,
    /// Byte offset in the file's text.
    pub at: usize,
}

/// The rule numbers of the faults that any file of this form can have.
#[derive(Clone, Copy, Debug)]
pub struct Rules {
    /// The text is not TOML.
    pub syntax: &'static str,
    /// A key that the form does not have.
    pub unknown_key: &'static str,
    /// A value of another type than the key wants.
    pub wrong_type: &'static str,
    /// A key that must be there and is not.
    pub missing: &'static str,
}

/// One table of a file. Each reader notes its key; [`Section::finish`] refuses the keys that nothing read.
pub struct Section<'d> {
    file: &'d dyn Sink,
    table: &'d dyn TableLike,
    name: String,
    at: usize,
    read: RefCell<Vec<String>>,
    finished: Cell<bool>,
}

/// What a section needs of its file.
pub(super) trait Sink {
    fn fault_at(&self, at: usize, rule: &'static str, message: String);
    fn rules(&self) -> Rules;
    fn missing_offset(&self) -> Option<usize>;
}

impl<'d> Section<'d> {
    pub(super) fn new(file: &'d dyn Sink, table: &'d dyn TableLike, name: String, at: usize) -> Self {
        Self { file, table, name, at, read: RefCell::new(Vec::new()), finished: Cell::new(false) }
    }

    /// Where the table begins.
    #[must_use]
    pub const fn at(&self) -> usize {
        self.at
    }

    /// Adds a fault at a byte offset.
    pub fn fault(&self, at: usize, rule: &'static str, message: impl Into<String>) {
        self.file.fault_at(at, rule, message.into());
    }

    /// Reports that a key is missing, with this rule and text.
    pub fn missing(&self, rule: &'static str, message: impl Into<String>) {
        self.file.fault_at(self.file.missing_offset().unwrap_or(self.at), rule, message.into());
    }

    /// Where the value of a key stands, else the table itself.
    #[must_use]
    pub fn place_of(&self, key: &str) -> usize {
        self.table.get(key).and_then(Item::span).map_or(self.at, |span| span.start)
    }

    /// Whether the key holds a text, for the keys that take a text or a date. Does not count as read.
    #[must_use]
    pub fn is_text(&self, key: &str) -> bool {
        self.table.get(key).is_some_and(Item::is_str)
    }

    /// Whether the key is there. Does not count as read.
    #[must_use]
    pub fn has(&self, key: &str) -> bool {
        self.table.contains_key(key)
    }

    /// All keys with the place of each. Counts them as read.
    #[must_use]
    pub fn keys(&self) -> Vec<Spanned<String>> {
        let mut out = Vec::new();
        for (key, _) in self.table.iter() {
            self.read.borrow_mut().push(key.to_owned());
            let at = self.table.key(key).and_then(toml_edit::Key::span).map_or(self.at, |span| span.start);
            out.push(Spanned { value: key.to_owned(), at });
        }
        out
    }

    fn item(&self, key: &str) -> Option<(&'d Item, usize)> {
        self.read.borrow_mut().push(key.to_owned());
        let item = self.table.get(key)?;
        Some((item, item.span().map_or(self.at, |span: Range<usize>| span.start)))
    }

    fn wrong(&self, key: &str, at: usize, wanted: &str) {
        self.file.fault_at(at, self.file.rules().wrong_type, format!("{}{key} must be {wanted}", self.prefix()));
    }

    fn prefix(&self) -> String {
        if self.name.is_empty() { String::new() } else { format!("{}.", self.name) }
    }

    /// A text value.
    pub fn text(&self, key: &str) -> Option<Spanned<String>> {
        let (item, at) = self.item(key)?;
        let value = item.as_str().map(str::to_owned);
        if value.is_none() {
            self.wrong(key, at, "a text in quotes");
        }
        value.map(|value| Spanned { value, at })
    }

    /// A text value that must be there.
    pub fn required(&self, key: &str) -> Option<Spanned<String>> {
        if !self.has(key) {
            self.miss(key);
        }
        self.text(key)
    }

    /// Reports under the general rule that a key is missing.
    pub fn miss(&self, key: &str) {
        self.missing(self.file.rules().missing, format!("{}{key} is missing", self.prefix()));
    }

    /// A whole number.
    pub fn integer(&self, key: &str) -> Option<Spanned<i64>> {
        let (item, at) = self.item(key)?;
        let value = item.as_integer();
        if value.is_none() {
            self.wrong(key, at, "a whole number");
        }
        value.map(|value| Spanned { value, at })
    }

    /// true or false.
    pub fn boolean(&self, key: &str) -> Option<Spanned<bool>> {
        let (item, at) = self.item(key)?;
        let value = item.as_bool();
        if value.is_none() {
            self.wrong(key, at, "true or false");
        }
        value.map(|value| Spanned { value, at })
    }

    /// A list of texts, each with its place.
    pub fn texts(&self, key: &str) -> Option<Spanned<Vec<Spanned<String>>>> {
        let (item, at) = self.item(key)?;
        let list = item
            .as_array()
            .and_then(|array| array.iter().map(|value| spanned(value, self.at, Value::as_str)).collect());
        if list.is_none() {
            self.wrong(key, at, "a list of texts");
        }
        list.map(|list: Vec<Spanned<&str>>| Spanned {
            value: list.into_iter().map(|one| Spanned { value: one.value.to_owned(), at: one.at }).collect(),
            at,
        })
    }

    /// A list of whole numbers, each with its place.
    pub fn integers(&self, key: &str) -> Option<Spanned<Vec<Spanned<i64>>>> {
        let (item, at) = self.item(key)?;
        let list = item
            .as_array()
            .and_then(|array| array.iter().map(|value| spanned(value, self.at, Value::as_integer)).collect());
        if list.is_none() {
            self.wrong(key, at, "a list of whole numbers");
        }
        list.map(|value| Spanned { value, at })
    }

    /// The date-time of a key as TOML has it: with or without date, time, offset.
    pub fn raw_datetime(&self, key: &str) -> Option<Spanned<Datetime>> {
        let (item, at) = self.item(key)?;
        let value = item.as_datetime().copied();
        if value.is_none() {
            self.wrong(key, at, "a date or date-time without quotes");
        }
        value.map(|value| Spanned { value, at })
    }

    /// A moment: date, time and offset.
    pub fn timestamp(&self, key: &str) -> Option<Spanned<Timestamp>> {
        let raw = self.raw_datetime(key)?;
        let value = timestamp_of(&raw.value);
        if value.is_none() {
            self.wrong(key, raw.at, "a date-time with offset, such as 2026-11-16T18:00:00Z");
        }
        value.map(|value| Spanned { value, at: raw.at })
    }

    /// A calendar day.
    pub fn day(&self, key: &str) -> Option<Spanned<Day>> {
        let raw = self.raw_datetime(key)?;
        let value = day_of(&raw.value);
        if value.is_none() {
            self.wrong(key, raw.at, "a date, such as 2027-05-16");
        }
        value.map(|value| Spanned { value, at: raw.at })
    }

    /// A table, inline or not.
    pub fn table(&self, key: &str) -> Option<Section<'d>> {
        let (item, at) = self.item(key)?;
        let table = item.as_table_like();
        if table.is_none() {
            self.wrong(key, at, "a table");
        }
        table.map(|table| Section::new(self.file, table, format!("{}{key}", self.prefix()), at))
    }

    /// The tables of a `[[list]]`; none when the key is absent.
    pub fn tables(&self, key: &str) -> Vec<Section<'d>> {
        let Some((item, at)) = self.item(key) else { return Vec::new() };
        let name = format!("{}{key}", self.prefix());
        if let Some(list) = item.as_array_of_tables() {
            let section = |table: &'d toml_edit::Table| {
                Section::new(self.file, table, name.clone(), table.span().map_or(at, |span| span.start))
            };
            return list.iter().map(section).collect();
        }
        let inline = item.as_array().and_then(|array| {
            let section = |value: &'d Value| {
                let start = value.span().map_or(at, |span| span.start);
                value.as_inline_table().map(|table| Section::new(self.file, table, name.clone(), start))
            };
            array.iter().map(section).collect::<Option<Vec<_>>>()
        });
        if inline.is_none() {
            self.wrong(key, at, "a list of tables");
        }
        inline.unwrap_or_default()
    }

    /// Refuses every key that nothing read.
    pub fn finish(&self) {
        if self.finished.replace(true) {
            return;
        }
        let read = self.read.borrow();
        for (key, _) in self.table.iter() {
            if read.iter().any(|known| known == key) {
                continue;
            }
            let at = self.table.key(key).and_then(toml_edit::Key::span).map_or(self.at, |span| span.start);
            let hint = nearest(key, read.iter().map(String::as_str))
                .map_or_else(|| "Take it out".to_owned(), |near| format!("Did you mean \"{near}\"?"));
            let rule = self.file.rules().unknown_key;
            self.file.fault_at(at, rule, format!("unknown key \"{}{key}\". {hint}", self.prefix()));
        }
    }
}

fn spanned<'v, T>(value: &'v Value, default: usize, read: impl Fn(&'v Value) -> Option<T>) -> Option<Spanned<T>> {
    read(value).map(|found| Spanned { value: found, at: value.span().map_or(default, |span| span.start) })
}

/// The moment of a TOML date-time that has date, time and offset, without fractions of a second.
#[must_use]
pub fn timestamp_of(raw: &Datetime) -> Option<Timestamp> {
    let (date, time, offset) = (raw.date?, raw.time?, raw.offset?);
    let minutes = match offset {
        toml_edit::Offset::Z => 0,
        toml_edit::Offset::Custom { minutes } => i32::from(minutes),
    };
    // TOML 1.1 lets the seconds go; these files are TOML 1.0.
    if time.nanosecond.is_some_and(|fraction| fraction > 0) {
        return None;
    }
    let clock = (time.hour, time.minute, time.second?);
    Timestamp::from_parts((i32::from(date.year), date.month, date.day), clock, minutes)
}

/// The day of a TOML date without a time.
#[must_use]
pub fn day_of(raw: &Datetime) -> Option<Day> {
    let date = raw.date?;
    if raw.time.is_some() {
        return None;
    }
    Day::from_parts((i32::from(date.year), date.month, date.day))
}
