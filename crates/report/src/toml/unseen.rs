//! Characters that nobody sees, in a file as it stands and in its values after escapes are undone. RPT-8

use super::{TomlFile, content_offset};
use crate::unseen::{self, RULE};
use toml_edit::{Item, TableLike, Value};

/// Told of one file at most: as many as are shown, and one more.
const MOST: usize = crate::fault::MAX_TOLD + 1;

impl TomlFile<'_> {
    /// Tells each that stands in the file as it is, comments too; CR before LF is a line end.
    pub(super) fn unseen_as_written(&self) {
        if unseen::unseen(self.text).is_none() {
            return;
        }
        let ends_line = |at: usize| self.text.get(at..).is_some_and(|rest| rest.starts_with("\r\n"));
        for one in unseen::all(self.text).filter(|one| !ends_line(one.at)).take(MOST) {
            let message = if one.at == 0 && one.one == '\u{FEFF}' {
                "the file begins with a byte-order mark. Save it as UTF-8 without one".to_owned()
            } else {
                one.to_string()
            };
            self.fault(one.at, RULE, message);
        }
    }

    /// Tells each that an escape brings into a key or a value.
    pub(super) fn unseen_in_values(&self, table: &dyn TableLike) {
        for (key, item) in table.iter() {
            let span = table.key(key).and_then(toml_edit::Key::span);
            self.unseen_in(key, span.map_or(0, |span| span.start));
            match item {
                Item::Value(value) => self.unseen_in_value(value),
                Item::Table(table) => self.unseen_in_values(table),
                Item::ArrayOfTables(list) => list.iter().for_each(|table| self.unseen_in_values(table)),
                Item::None => {}
            }
        }
    }

    fn unseen_in_value(&self, value: &Value) {
        match value {
            Value::String(text) => self.unseen_in(text.value(), text.span().map_or(0, |span| span.start)),
            Value::Array(list) => list.iter().for_each(|value| self.unseen_in_value(value)),
            Value::InlineTable(table) => self.unseen_in_values(table),
            Value::Integer(_) | Value::Float(_) | Value::Boolean(_) | Value::Datetime(_) => {}
        }
    }

    /// The first of a text; what stands in the file itself has been told there.
    fn unseen_in(&self, text: &str, at: usize) {
        if unseen::unseen(text).is_none() || self.faults.borrow().len() >= MOST {
            return;
        }
        let written = self.text.get(at..).unwrap_or_default();
        let place = |one: &unseen::Unseen| {
            let count = text.get(..one.at).unwrap_or_default().chars().count();
            at.saturating_add(content_offset(written, count))
        };
        let stands = |one: &unseen::Unseen| self.text.get(place(one)..).is_some_and(|rest| rest.starts_with(one.one));
        for one in unseen::all(text).take(MOST).filter(|one| !stands(one)).take(1) {
            self.fault(place(&one), RULE, one.told(", written as an escape"));
        }
    }
}
