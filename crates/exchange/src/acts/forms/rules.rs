//! What a form has to say of itself: everything else of a Statement's road is the same for all.

use crate::{
    input::Stated,
    model::{
        rows::{About, Awaited},
        store::StoreError,
    },
    turn::{
        batch::{Step, View},
        out::Answer,
    },
};
use relto_audit::leaf::Precedence;
use relto_policy::code::Code;
use relto_report::note::Note;

/// Whether one of our people may say it of this subject, and what it then is; or the answer that says why not.
pub(crate) type Make = fn(&View<'_>, &Stated) -> Result<Result<Sayable, Answer>, StoreError>;
/// Takes one of the partner that opens, decodes and passes in the agreement's state; or the code that refuses it.
pub(crate) type Take = fn(&mut Step, &View<'_>, &Said<'_>) -> Result<Result<(), Code>, StoreError>;
/// Notes something once the index of a leaf is known.
pub(crate) type Mark = Box<dyn FnOnce(&mut Step, u64)>;

/// A form's two ends.
pub(crate) struct Rules {
    pub(crate) make: Make,
    pub(crate) take: Take,
}

/// What one of our people may say now.
pub(crate) struct Sayable {
    pub(crate) precedence: Precedence,
    /// What is to be noted of its subject.
    pub(crate) mark: Mark,
}

/// A Statement of the partner.
pub(crate) struct Said<'a> {
    /// Index of its leaf.
    pub(crate) index: u64,
    pub(crate) row: &'a Awaited,
    pub(crate) about: &'a About,
    pub(crate) note: &'a Note,
}
