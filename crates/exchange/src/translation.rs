//! R028: what a translation is held against: the text of its original, which this node has sent or received.

use crate::{
    exchange::Link,
    store::{Key, Reader, Row, StoreError, one},
};
use relto_audit::{commitment::SALT, origin::Origin};
use relto_policy::{
    agreement::Agreement,
    translation::{Lowered, Marked, lowered},
};
use relto_report::{
    assessment::{Document, Report},
    calendar::Day,
};

/// The leaf of a report that a translation names.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct OriginalAt {
    /// Whose log.
    pub origin: Origin,
    /// Which leaf.
    pub index: u64,
}

/// Reads the original; `None` where its payload is gone.
///
/// # Errors
/// The store's.
pub fn read_original(reader: &dyn Reader, at: OriginalAt) -> Result<Option<Document>, StoreError> {
    let row = one(reader, &Key::Payload(at.origin, at.index))?;
    let Some(Row::Bytes(payload)) = row else { return Ok(None) };
    Ok(Document::decode(payload.get(SALT..).unwrap_or_default().to_vec()).ok())
}

/// The first marking of the original that its translation does not keep.
#[must_use]
pub fn not_kept(
    link: &Link,
    agreement: &Agreement,
    at: OriginalAt,
    original: &Report,
    own: &Report,
    day: Day,
) -> Option<Lowered> {
    let author = if at.origin == link.mine() { link.own } else { link.partner };
    let register = |nation| link.registers.get(nation);
    let original = Marked { report: original, register: register(&author)? };
    lowered(original, Marked { report: own, register: register(&link.own)? }, agreement, day)
}
