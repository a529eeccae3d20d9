//! One log as memory keeps it.

use crate::model::store::{Key, Row, SubtreeAt, Write};
use relto_audit::{
    checkpoint::Checkpoint,
    leaf::Head,
    origin::Origin,
    tree::{Frontier, leaf_hash},
};

/// One log: mine, the copy of the partner's, or the journal.
#[derive(Clone, Debug)]
pub(crate) struct Log {
    pub(crate) origin: Origin,
    pub(crate) frontier: Frontier,
    /// Time of the newest leaf, Unix milliseconds.
    pub(crate) time: u64,
    /// What it was when this start went on from a fold: roots of later sizes need no leaf below.
    pub(crate) base: Frontier,
    /// The newest stored checkpoint: its meaning, and the verbatim note. Whoever sends it opens it first.
    pub(crate) head: Option<(Checkpoint, Vec<u8>)>,
    /// Whether it is the journal, whose entries stand apart and encrypted.
    pub(crate) is_journal: bool,
}

impl Log {
    pub(crate) fn new(origin: Origin) -> Self {
        Self { origin, frontier: Frontier::new(), time: 0, base: Frontier::new(), head: None, is_journal: false }
    }

    pub(crate) fn journal(origin: Origin) -> Self {
        Self { is_journal: true, ..Self::new(origin) }
    }

    /// Where a leaf of it stands.
    pub(crate) const fn key(&self, index: u64) -> Key {
        Key::in_log(self.origin, self.is_journal, index)
    }

    /// Goes on from here, with the head that is read next.
    pub(crate) fn go_on_from(&mut self, frontier: &Frontier, time: u64) {
        self.frontier.clone_from(frontier);
        self.base.clone_from(frontier);
        self.time = time;
    }

    /// Appends a leaf. Gives the roots of subtrees that are complete with it; none are kept of the journal, which is proven to nobody.
    pub(crate) fn push(&mut self, leaf: &[u8]) -> Vec<Write> {
        let (size, origin, is_journal) = (self.size().saturating_add(1), self.origin, self.is_journal);
        let mut complete = Vec::new();
        self.frontier.push_hash_seen(leaf_hash(leaf), |height, root| {
            if let Some(at) = SubtreeAt::of(height, size).filter(|_| !is_journal) {
                complete.push(Write::Insert(Key::Subtree(origin, at), Row::Bytes(root.as_bytes().to_vec())));
            }
        });
        complete
    }

    pub(crate) fn size(&self) -> u64 {
        self.frontier.size()
    }

    /// Size of the newest stored checkpoint.
    pub(crate) fn sealed(&self) -> u64 {
        self.head.as_ref().map_or(0, |(head, _)| head.size)
    }

    /// Leaves beyond the newest stored checkpoint.
    pub(crate) fn unsealed(&self) -> u64 {
        self.size().saturating_sub(self.sealed())
    }

    pub(crate) fn as_head(&self) -> Head {
        Head { size: self.size(), root: self.frontier.root() }
    }
}
