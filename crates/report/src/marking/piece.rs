//! A piece of a mark with its place, and the faults that were found so far.

use super::{MarkFault, MarkFaultKind};

/// Faults told of one mark. The rest would only repeat them, and a hostile mark must not make the list grow.
const MAX_FAULTS: usize = 16;

/// A piece of the mark and the place of its first character.
#[derive(Clone, Copy)]
pub(super) struct Piece<'t> {
    pub(super) text: &'t str,
    pub(super) at: usize,
}

impl<'t> Piece<'t> {
    /// Splits before byte `end` and drops `skip` bytes behind it.
    pub(super) fn split(self, end: usize, skip: usize) -> (Self, Self) {
        let head = self.text.get(..end).unwrap_or_default();
        let dropped = self.text.get(end..end + skip).unwrap_or_default();
        let tail = self.text.get(end + skip..).unwrap_or_default();
        let at = self.at + head.chars().count() + dropped.chars().count();
        (Piece { text: head, at: self.at }, Piece { text: tail, at })
    }

    pub(super) fn end(self) -> usize {
        self.at + self.text.chars().count()
    }
}

/// The faults of one mark.
#[derive(Default)]
pub(super) struct Faults {
    pub(super) list: Vec<MarkFault>,
}

impl Faults {
    pub(super) fn add(&mut self, offset: usize, kind: MarkFaultKind) {
        if self.list.len() < MAX_FAULTS {
            self.list.push(MarkFault { offset, kind });
        }
    }

    /// In the order of their places.
    pub(super) fn into_list(mut self) -> Vec<MarkFault> {
        self.list.sort_by_key(|fault| fault.offset);
        self.list
    }
}
