//! What a translation is held against: the text of its original, which this node has sent or received. It is read and
//! compared before the turn, which knows where the original stands and takes no comparison with another. RPT-11

use crate::{
    batch::View,
    exchange::{Exchange, Link},
    input::LinkId,
    memory::Memory,
    ready::{Own, Theirs},
    store::{Key, Reader, Row, StoreError, one},
};
use relto_audit::{
    commitment::SALT,
    leaf::{Leaf, Released},
    origin::Origin,
};
use relto_policy::{
    agreement::Agreement,
    translation::{Lowered, Marked, lowered},
};
use relto_report::{
    assessment::{Document, Report},
    calendar::{Day, Timestamp},
    digest::Digest,
    nation::Nation,
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

/// Where an original is, and by what a translation of it is read now.
#[derive(Clone)]
pub struct Original {
    at: OriginalAt,
    /// The version in force.
    agreement: Arc<Agreement>,
    /// Today; as far as the exchange knows, the day of the newest leaf of ours.
    day: Day,
}

impl Original {
    /// The same on this day.
    #[must_use]
    pub fn on(self, day: Day) -> Self {
        Self { day, ..self }
    }
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
    let pair = memory.pair(link)?;
    let mine = memory.sent_to(link, serial).map(|one| (pair.mine.origin, one.index));
    let found = mine.or_else(|| memory.admitted_from(link, serial).map(|one| (pair.theirs.origin, one.index)));
    found.map(|(origin, index)| OriginalAt { origin, index })
}

/// What a translation was held against, and the first marking of it that is not kept. Where the payload is gone there is
/// nothing to compare.
#[derive(Clone)]
pub(crate) struct HeldTo {
    pub(crate) at: OriginalAt,
    /// The version by which it was read.
    pub(crate) version: Digest,
    pub(crate) lowered: Option<Lowered>,
}

/// How a report stands to the report that it translates.
pub(crate) enum Kept {
    /// It is no translation, or keeps what is on record, or there is nothing on record to compare with.
    Yes,
    /// It was not held to what is on record now: that has come or gone meanwhile.
    Unknown,
    /// It does not keep this.
    No(Lowered),
}

/// RPT-11, with what was compared before the turn.
pub(crate) fn kept(view: &View<'_>, report: &Report, held_to: Option<&HeldTo>) -> Kept {
    let at = report.translation_of.as_ref().and_then(|serial| place(view.memory, view.id, serial));
    match (at, held_to) {
        (None, _) => Kept::Yes,
        (Some(at), Some(held)) if held.at == at && held.version == view.pair.agreement.digest => {
            held.lowered.clone().map_or(Kept::Yes, Kept::No)
        }
        (Some(_), _) => Kept::Unknown,
    }
}

/// Holds a report of this nation to its original, where it is a translation of one that is on record.
fn hold(
    reader: &dyn Reader,
    (link, author): (&Link, Nation),
    report: &Report,
    originals: &dyn Originals,
) -> Result<Option<HeldTo>, StoreError> {
    let Some(serial) = &report.translation_of else { return Ok(None) };
    let Some(original) = originals.original(&link.agreement.id, serial) else { return Ok(None) };
    let text = read(reader, original.at)?;
    let lowered = text.and_then(|(text, leaf)| not_kept((link, author), &original, (text.report(), &leaf), report));
    Ok(Some(HeldTo { at: original.at, version: original.agreement.digest, lowered }))
}

impl Own {
    /// Holds it to its original.
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
        self.held_to = hold(reader, (link, link.own), own, originals)?;
        Ok(self)
    }
}

impl Theirs {
    /// Holds it to its original.
    ///
    /// # Errors
    /// The store's.
    pub(crate) fn held_to(
        mut self,
        reader: &dyn Reader,
        link: &Link,
        originals: &dyn Originals,
    ) -> Result<Self, StoreError> {
        if let Some(document) = &self.document {
            self.held_to = hold(reader, (link, link.partner), document.report(), originals)?;
        }
        Ok(self)
    }

    /// Whether it is to be held to another report, which takes a reader.
    pub(crate) fn is_translation(&self) -> bool {
        self.document.as_ref().is_some_and(|document| document.report().translation_of.is_some())
    }
}

/// The original, with its leaf.
fn read(reader: &dyn Reader, at: OriginalAt) -> Result<Option<(Document, Released)>, StoreError> {
    let (leaf, payload) =
        (one(reader, &Key::Leaf(at.origin, at.index))?, one(reader, &Key::Payload(at.origin, at.index))?);
    let (Some(Row::Bytes(leaf)), Some(Row::Bytes(payload))) = (leaf, payload) else { return Ok(None) };
    let Ok(Leaf::Released(leaf)) = Leaf::decode(&leaf) else { return Ok(None) };
    let document = Document::decode(payload.get(SALT..).unwrap_or_default().to_vec()).ok();
    Ok(document.map(|document| (document, leaf)))
}

/// The original by the version and day on which it was decided on: a word that has no row any more had one then.
fn not_kept(
    (link, by): (&Link, Nation),
    original: &Original,
    (text, leaf): (&Report, &Released),
    report: &Report,
) -> Option<Lowered> {
    let author = if original.at.origin == link.mine() { link.own } else { link.partner };
    let (theirs, ours) = (link.registers.get(&author)?, link.registers.get(&by)?);
    let mut versions = std::iter::once(&link.agreement).chain(&link.later);
    let version = versions.find(|one| one.digest == leaf.agreement).unwrap_or(&original.agreement);
    let then = Timestamp::from_millis(leaf.time).day();
    let text = Marked { report: text, register: theirs, agreement: version, day: then };
    let own = Marked { report, register: ours, agreement: &original.agreement, day: original.day };
    lowered(text, own)
}
