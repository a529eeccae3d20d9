//! What a translation is held against: the text of its original, which this node has sent or received. It is read and
//! compared before the turn, which knows where the original stands and takes no comparison with another. RPT-11

use crate::{
    exchange::{Exchange, Link},
    input::LinkId,
    memory::{Memory, serial_key},
    ready::Own,
    store::{Key, Reader, Row, StoreError, one},
};
use relto_audit::{commitment::SALT, origin::Origin};
use relto_policy::{
    agreement::Agreement,
    translation::{Lowered, Marked, lowered},
};
use relto_report::{
    assessment::{Document, Report},
    calendar::{Day, Timestamp},
};
use std::sync::Arc;

/// The leaf of a report that a translation names.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct OriginalAt {
    /// Whose log.
    pub(crate) origin: Origin,
    /// Which leaf.
    pub(crate) index: u64,
}

/// Where an original is, and what its marks mean now.
#[derive(Clone)]
pub struct Original {
    at: OriginalAt,
    /// The version in force.
    agreement: Arc<Agreement>,
    /// The day of the newest leaf of ours.
    day: Day,
}

/// Who knows where originals are: the exchange, and whoever asks it.
pub trait Originals {
    /// The report of this serial that the partner has under this agreement.
    fn original(&self, agreement: &str, serial: &str) -> Option<Original>;
}

impl Originals for Exchange {
    fn original(&self, agreement: &str, serial: &str) -> Option<Original> {
        let at = self.links.iter().position(|link| link.agreement.id == agreement)?;
        let id = LinkId(u16::try_from(at).ok()?);
        let pair = self.memory.pair(id)?;
        let day = Timestamp::from_millis(pair.mine.time).day();
        Some(Original { at: place(&self.memory, id, serial)?, agreement: pair.agreement.clone(), day })
    }
}

impl Originals for Option<Original> {
    /// What was found before.
    fn original(&self, _agreement: &str, _serial: &str) -> Option<Original> {
        self.clone()
    }
}

/// The leaf of a report that the partner of a link has under its agreement: one that it was sent, or sent itself.
pub(crate) fn place(memory: &Memory, link: LinkId, serial: &str) -> Option<OriginalAt> {
    let (key, pair) = (serial_key(serial), memory.pair(link)?);
    let mut sent = memory.sent.get(&key).into_iter().flatten();
    let mut received = memory.received.get(&key).into_iter().flatten();
    let mine = sent.find(|one| one.link == link && one.stands);
    let theirs = received.find(|one| one.link == link && one.admitted);
    let mine = mine.map(|one| OriginalAt { origin: pair.mine.origin, index: one.index });
    mine.or_else(|| theirs.map(|one| OriginalAt { origin: pair.theirs.origin, index: one.index }))
}

/// What a translation was held against, and the first marking of it that is not kept. Where the payload is gone there is
/// nothing to compare.
#[derive(Clone)]
pub(crate) struct HeldTo {
    pub(crate) at: OriginalAt,
    pub(crate) lowered: Option<Lowered>,
}

impl Own {
    /// Holds it to its original, where it is a translation of one that is on record.
    ///
    /// # Errors
    /// The store's.
    pub fn held_to(
        mut self,
        reader: &dyn Reader,
        link: &Link,
        own: &Report,
        originals: &dyn Originals,
    ) -> Result<Self, StoreError> {
        let Some(serial) = &own.translation_of else { return Ok(self) };
        if let Some(original) = originals.original(&link.agreement.id, serial) {
            let text = read(reader, original.at)?;
            let lowered = text.and_then(|text| not_kept(link, &original, text.report(), own));
            self.held_to = Some(HeldTo { at: original.at, lowered });
        }
        Ok(self)
    }
}

fn read(reader: &dyn Reader, at: OriginalAt) -> Result<Option<Document>, StoreError> {
    let row = one(reader, &Key::Payload(at.origin, at.index))?;
    let Some(Row::Bytes(payload)) = row else { return Ok(None) };
    Ok(Document::decode(payload.get(SALT..).unwrap_or_default().to_vec()).ok())
}

fn not_kept(link: &Link, original: &Original, text: &Report, own: &Report) -> Option<Lowered> {
    let author = if original.at.origin == link.mine() { link.own } else { link.partner };
    let (theirs, ours) = (link.registers.get(&author)?, link.registers.get(&link.own)?);
    let (text, own) = (Marked { report: text, register: theirs }, Marked { report: own, register: ours });
    lowered(text, own, &original.agreement, original.day)
}
