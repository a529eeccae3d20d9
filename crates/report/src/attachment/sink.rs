//! Where an image goes that is written anew without what nobody sees; an inspector keeps nothing.

use super::{finding::Finding, inspected::Inspected};

/// Takes the parts of a file in their order.
pub(super) trait Sink {
    /// The bytes from `from` to `to`, exclusive, stay.
    fn keep(&mut self, from: u64, to: u64);
    /// These bytes stand here instead.
    fn put(&mut self, bytes: &[u8]);
    /// The bytes from `from` to `to` go; this is what they are.
    fn leave(&mut self, what: &str, from: u64, to: u64);
}

/// Keeps nothing.
pub(super) struct Nothing;

impl Sink for Nothing {
    fn keep(&mut self, _: u64, _: u64) {}
    fn put(&mut self, _: &[u8]) {}
    fn leave(&mut self, _: &str, _: u64, _: u64) {}
}

/// What a walk through an image came to.
#[derive(Default)]
pub(super) struct Walked {
    /// What an inspector says.
    pub(super) inspected: Inspected,
    /// Why the walk ended before the end of the image: what cannot be taken out.
    pub(super) broken: Option<Finding>,
}

impl Walked {
    /// Keeps the first finding.
    pub(super) fn found(&mut self, finding: Finding) {
        self.inspected.finding.get_or_insert(finding);
    }
}
