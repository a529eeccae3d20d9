//! Why a file is no tree of a label, and the limits that it breaks.

/// Attributes of a tag, declarations of namespaces among them.
pub const MAX_ATTRIBUTES: usize = 16;
/// Bytes of one value.
pub const MAX_TEXT: usize = 1024;

pub(super) const ENCODING: &str = "L001";
pub(super) const MARKUP: &str = "L002";
pub(super) const NOT_XML: &str = "L003";
pub(super) const LIMIT: &str = "L004";
pub(super) const SPACE: &str = "L005";
pub(super) const ATTRIBUTE: &str = "L007";

/// Why a file is no tree.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Wrong {
    /// Byte offset.
    pub(super) at: usize,
    pub(super) rule: &'static str,
    pub(super) message: String,
}

impl Wrong {
    pub(super) fn new(at: usize, rule: &'static str, message: impl Into<String>) -> Self {
        Self { at, rule, message: message.into() }
    }
}
