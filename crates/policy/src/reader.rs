//! Reads the tables of agreement, national rules and consent: required keys, ranges, closed words, sets.
//!
//! A value with a fault is replaced by a stand-in so that the rest of the file is still read and every fault is told
//! at once. No stand-in leaves this crate: a file with any fault is refused as a whole.

use relto_report::{
    calendar::{Day, Timestamp},
    crypto::PublicKey,
    digest::Digest,
    fault::Faults,
    nation::Nation,
    toml::{Rules, Section, Spanned, TomlFile},
};
use std::{collections::BTreeSet, ops::RangeInclusive};

/// Longest file of these forms, in bytes.
pub(crate) const MAX_FILE: usize = 256 * 1024;

/// The rule numbers that any file of one form can use.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Form {
    /// Syntax, unknown key, wrong type.
    pub(crate) rules: Rules,
    /// The file as a whole: size, encoding.
    pub(crate) file: &'static str,
    /// The same member twice in a set.
    pub(crate) repeated: &'static str,
}

/// Opens a file, reads it by `read` and refuses it with every fault found.
pub(crate) fn read_file<T>(
    name: &str,
    bytes: &[u8],
    form: &'static Form,
    read: impl FnOnce(&Table<'_>) -> Option<T>,
) -> Result<T, Faults> {
    let text = String::from_utf8_lossy(bytes);
    let file = TomlFile::new(&text, 1, form.rules);
    if bytes.len() > MAX_FILE {
        let message = format!("{} bytes; the limit is {MAX_FILE}", bytes.len());
        file.fault(0, form.file, message);
        return Err(file.into_faults(name));
    }
    if matches!(text, std::borrow::Cow::Owned(_)) {
        file.fault(0, form.file, "not UTF-8. Save the file as UTF-8");
    }
    let value = file.parse().and_then(|document| {
        let place = |at| file.place(at);
        read(&Table { section: file.root(&document), name: String::new(), form, place: &place })
    });
    let faults = file.into_faults(name);
    value.filter(|_| !faults.has_errors()).ok_or(faults)
}

/// One table of such a file. Dropping it refuses the keys that nothing read.
pub(crate) struct Table<'d> {
    section: Section<'d>,
    name: String,
    form: &'static Form,
    place: &'d dyn Fn(usize) -> (usize, usize),
}

impl Drop for Table<'_> {
    fn drop(&mut self) {
        self.section.finish();
    }
}

impl<'d> Table<'d> {
    /// Reports a fault at the value of a key, or at the table where the key is absent.
    pub(crate) fn fault(&self, key: &str, rule: &'static str, message: impl Into<String>) {
        self.section.fault(self.section.place_of(key), rule, message);
    }

    /// Reports a fault at a byte offset.
    pub(crate) fn fault_at(&self, at: usize, rule: &'static str, message: impl Into<String>) {
        self.section.fault(at, rule, message);
    }

    /// Line and column of a key's value.
    pub(crate) fn place(&self, key: &str) -> (usize, usize) {
        (self.place)(self.section.place_of(key))
    }

    /// Line and column of the table.
    pub(crate) fn own_place(&self) -> (usize, usize) {
        (self.place)(self.section.at())
    }

    /// Whether the key is there.
    pub(crate) fn has(&self, key: &str) -> bool {
        self.section.has(key)
    }

    /// The keys of this table, each with its place; counts them as read.
    pub(crate) fn keys(&self) -> Vec<Spanned<String>> {
        self.section.keys()
    }

    /// The key with the names of its tables before it.
    pub(crate) fn path(&self, key: &str) -> String {
        if self.name.is_empty() { key.to_owned() } else { format!("{}.{key}", self.name) }
    }

    /// Whether the key is there; counted as known, so that a misspelling can be told.
    fn there(&self, key: &str) -> bool {
        let there = self.has(key);
        if !there {
            let absent = self.section.text(key);
            debug_assert!(absent.is_none(), "an absent key has no value and no fault");
        }
        there
    }

    fn need(&self, key: &str, rule: &'static str) -> bool {
        let there = self.there(key);
        if !there {
            self.section.missing(rule, format!("{} is missing", self.path(key)));
        }
        there
    }

    /// A text of 1 to `limit` characters that must be there.
    pub(crate) fn text(&self, key: &str, rule: &'static str, limit: usize) -> String {
        if !self.need(key, rule) {
            return String::new();
        }
        let Some(text) = self.section.text(key) else { return String::new() };
        if !(1..=limit).contains(&text.value.chars().count()) {
            self.fault_at(text.at, rule, format!("{} must have 1 to {limit} characters", self.path(key)));
        }
        text.value
    }

    /// As [`Self::text`], where the key may be absent.
    pub(crate) fn opt_text(&self, key: &str, rule: &'static str, limit: usize) -> Option<String> {
        if self.there(key) { Some(self.text(key, rule, limit)) } else { None }
    }

    /// A text that `parse` takes; `wanted` says which.
    pub(crate) fn parsed<T>(
        &self,
        key: &str,
        rule: &'static str,
        wanted: &str,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Option<T> {
        if !self.need(key, rule) {
            return None;
        }
        let text = self.section.text(key)?;
        let value = parse(&text.value);
        if value.is_none() {
            self.fault_at(text.at, rule, format!("{} {:?}: {wanted}", self.path(key), text.value));
        }
        value
    }

    /// One of a closed list of words, with what each stands for.
    pub(crate) fn word<T: Copy>(&self, key: &str, rule: &'static str, known: &[(&str, T)]) -> Option<T> {
        let words = known.iter().map(|(word, _)| *word).collect::<Vec<_>>().join(", ");
        let find = |text: &str| known.iter().find(|(word, _)| *word == text).map(|(_, value)| *value);
        self.parsed(key, rule, &format!("not known. Use one of {words}"), find)
    }

    /// A digest; the stand-in is all zeros.
    pub(crate) fn digest(&self, key: &str, rule: &'static str) -> Digest {
        let wanted = "write sha256: and 64 lower-case hexadecimal digits";
        self.parsed(key, rule, wanted, Digest::parse).unwrap_or(Digest::from_bytes([0; 32]))
    }

    /// A public key; the stand-in is all zeros.
    pub(crate) fn public_key(&self, key: &str, rule: &'static str) -> PublicKey {
        let wanted = "write ed25519: and 64 lower-case hexadecimal digits";
        self.parsed(key, rule, wanted, PublicKey::parse).unwrap_or(PublicKey::from_bytes([0; 32]))
    }

    /// A nation's code.
    pub(crate) fn nation(&self, key: &str, rule: &'static str) -> Option<Nation> {
        self.parsed(key, rule, "a nation is three capital letters", Nation::parse)
    }

    /// A whole number within the range that must be there; the stand-in is the lower bound.
    pub(crate) fn number(&self, key: &str, rule: &'static str, range: RangeInclusive<i64>) -> i64 {
        if self.need(key, rule) { self.in_range(key, rule, range) } else { *range.start() }
    }

    /// As [`Self::number`], where the key may be absent.
    pub(crate) fn opt_number(&self, key: &str, rule: &'static str, range: RangeInclusive<i64>) -> Option<i64> {
        if self.there(key) { Some(self.in_range(key, rule, range)) } else { None }
    }

    fn in_range(&self, key: &str, rule: &'static str, range: RangeInclusive<i64>) -> i64 {
        let Some(number) = self.section.integer(key) else { return *range.start() };
        if range.contains(&number.value) {
            return number.value;
        }
        let (low, high) = (range.start(), range.end());
        let message = format!("{} = {}: the range is {low} to {high}", self.path(key), number.value);
        self.fault_at(number.at, rule, message);
        *low
    }

    /// A whole number as `u32`; for ranges that are not negative.
    pub(crate) fn count(&self, key: &str, rule: &'static str, range: RangeInclusive<u32>) -> u32 {
        let wide = i64::from(*range.start())..=i64::from(*range.end());
        u32::try_from(self.number(key, rule, wide)).unwrap_or(*range.start())
    }

    /// true or false; the key must be there.
    pub(crate) fn flag(&self, key: &str, rule: &'static str) -> bool {
        self.need(key, rule) && self.section.boolean(key).is_some_and(|one| one.value)
    }

    /// true or false; absent is `default`.
    pub(crate) fn flag_or(&self, key: &str, default: bool) -> bool {
        if self.there(key) { self.section.boolean(key).is_some_and(|one| one.value) } else { default }
    }

    /// A moment that must be there.
    pub(crate) fn moment(&self, key: &str, rule: &'static str) -> Timestamp {
        if self.need(key, rule) {
            self.opt_moment(key).unwrap_or(Timestamp::from_seconds(0))
        } else {
            Timestamp::from_seconds(0)
        }
    }

    /// A moment, if the key is there.
    pub(crate) fn opt_moment(&self, key: &str) -> Option<Timestamp> {
        self.section.timestamp(key).map(|one| one.value)
    }

    /// A day, if the key is there.
    pub(crate) fn opt_day(&self, key: &str) -> Option<Day> {
        self.section.day(key).map(|one| one.value)
    }

    /// A day that must be there.
    pub(crate) fn day(&self, key: &str, rule: &'static str) -> Day {
        if self.need(key, rule) { self.opt_day(key).unwrap_or(Day::from_count(0)) } else { Day::from_count(0) }
    }

    /// A set of texts, as many as `count` says, each of which `valid` takes (`wanted` says which), none twice.
    pub(crate) fn set(
        &self,
        key: &str,
        rule: &'static str,
        count: RangeInclusive<usize>,
        wanted: &str,
        valid: impl Fn(&str) -> bool,
    ) -> Vec<String> {
        if !self.need(key, rule) {
            return Vec::new();
        }
        let Some(list) = self.section.texts(key) else { return Vec::new() };
        if !count.contains(&list.value.len()) {
            let (low, high) = (count.start(), count.end());
            let message = format!("{} has {} members; {low} to {high} may be there", self.path(key), list.value.len());
            self.fault_at(list.at, rule, message);
        }
        let mut seen = BTreeSet::new();
        for one in &list.value {
            if !valid(&one.value) {
                self.fault_at(one.at, rule, format!("{} {:?}: {wanted}", self.path(key), one.value));
            }
            if !seen.insert(one.value.as_str()) {
                let message = format!("{} has {:?} twice. Write it once", self.path(key), one.value);
                self.fault_at(one.at, self.form.repeated, message);
            }
        }
        list.value.iter().map(|one| one.value.clone()).collect()
    }

    /// As [`Self::set`], where the key may be absent.
    pub(crate) fn opt_set(
        &self,
        key: &str,
        rule: &'static str,
        count: RangeInclusive<usize>,
        wanted: &str,
        valid: impl Fn(&str) -> bool,
    ) -> Option<Vec<String>> {
        if self.there(key) { Some(self.set(key, rule, count, wanted, valid)) } else { None }
    }

    /// A table that must be there.
    pub(crate) fn table(&self, key: &str, rule: &'static str) -> Option<Table<'d>> {
        if self.need(key, rule) { self.opt_table(key) } else { None }
    }

    /// A table, if the key is there.
    pub(crate) fn opt_table(&self, key: &str) -> Option<Table<'d>> {
        self.section.table(key).map(|section| self.sub(section, key))
    }

    /// The tables of a list; none where the key is absent.
    pub(crate) fn tables(&self, key: &str) -> Vec<Table<'d>> {
        self.section.tables(key).into_iter().map(|section| self.sub(section, key)).collect()
    }

    fn sub(&self, section: Section<'d>, key: &str) -> Table<'d> {
        Table { section, name: self.path(key), form: self.form, place: self.place }
    }
}

/// Whether this is an office of the nation: `XAA/` and 1 to 60 of `A-Z 0-9 -`.
pub(crate) fn is_office_of(text: &str, nation: Nation) -> bool {
    text.strip_prefix(nation.as_str()).and_then(|rest| rest.strip_prefix('/')).is_some_and(|office| {
        (1..=60).contains(&office.len())
            && office.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'-')
    })
}

/// Whether this is a word of a closed list: 1 to 80 of `a-z 0-9 - .`, beginning with a letter.
pub(crate) fn is_word(text: &str) -> bool {
    (1..=80).contains(&text.len())
        && text.starts_with(|first: char| first.is_ascii_lowercase())
        && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-' || byte == b'.')
}
