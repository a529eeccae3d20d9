//! What a laboratory may have beside two nations, and which nations it then has.

use super::third;

/// What a laboratory has beside two nations and their live agreement.
#[derive(Clone, Copy, Default, Debug)]
pub struct Options {
    /// Exercises of the two.
    pub exercises: usize,
    /// A third nation, which has an agreement with the first.
    pub third: bool,
    /// Attachments of up to 1 GiB from the first to the second.
    pub long: bool,
}

impl Options {
    /// The nations that there are.
    pub(super) fn codes(self) -> Vec<&'static str> {
        ["XAA", "XBB"].into_iter().chain(self.third.then_some(third::NATION)).collect()
    }
}
