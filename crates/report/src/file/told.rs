//! Where the faults of one report file gather, and how places in it are found.

use crate::{
    fault::{Fault, Places},
    toml::content_offset,
};
use std::cell::RefCell;

/// Line and column, from 1; columns count characters. (0, 0) is the whole file.
pub(super) type Place = (usize, usize);

/// Faults kept. Far more than are told; a file made of faults must not fill the memory.
const MAX_KEPT: usize = 2_000;

/// The faults so far.
pub(super) struct Told<'t> {
    front: &'t str,
    places: Places<'t>,
    list: RefCell<Vec<Fault>>,
}

impl<'t> Told<'t> {
    /// For a file whose keys are `front`, from line 2 on.
    pub(super) fn new(front: &'t str) -> Self {
        Self { front, places: Places::new(front, 2), list: RefCell::default() }
    }

    pub(super) fn error(&self, place: Place, rule: &'static str, message: impl Into<String>) {
        self.push(place, rule, message.into(), false);
    }

    pub(super) fn warning(&self, place: Place, rule: &'static str, message: impl Into<String>) {
        self.push(place, rule, message.into(), true);
    }

    fn push(&self, (line, column): Place, rule: &'static str, message: String, warning: bool) {
        let mut list = self.list.borrow_mut();
        if list.len() < MAX_KEPT {
            list.push(Fault { line, column, rule, message, warning });
        }
    }

    pub(super) fn extend(&self, faults: Vec<Fault>) {
        faults.into_iter().for_each(|one| self.push((one.line, one.column), one.rule, one.message, one.warning));
    }

    pub(super) fn has_errors(&self) -> bool {
        self.list.borrow().iter().any(|one| !one.warning)
    }

    pub(super) fn into_list(self) -> Vec<Fault> {
        self.list.into_inner()
    }

    /// The place of a byte offset in the keys.
    pub(super) fn at(&self, offset: usize) -> Place {
        self.places.at(offset)
    }

    /// Where the second `+++` stands: the place of every key that is missing.
    pub(super) fn closing(&self) -> Place {
        self.places.at(self.front.len())
    }

    /// The place of character number `count` of the text value that begins at this offset.
    pub(super) fn inside(&self, offset: usize, count: usize) -> Place {
        self.places.at(offset + content_offset(self.front.get(offset..).unwrap_or_default(), count))
    }
}

/// A fault of the whole file, for what has no place of its own.
pub(super) const fn whole(rule: &'static str, message: String) -> Fault {
    Fault { line: 0, column: 0, rule, message, warning: false }
}
