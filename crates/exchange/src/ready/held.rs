//! What a translation is held against: the text of its original, which this node has sent or received. It is read and
//! compared before the turn, which knows where the original stands and takes no comparison with another. RPT-11

use crate::{
    model::{
        link::Link,
        place::{self, LeafAt, PayloadAt},
        store::{Reader, StoreError},
    },
    ready::parts::report_of,
};
use relto_audit::{
    leaf::{Leaf, Released},
    origin::Origin,
};
use relto_policy::{
    agreement::Agreement,
    translation::{Lowered, Marked, lowered},
};
use relto_report::{
    assessment::Report,
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
    pub(crate) at: OriginalAt,
    /// The version in force.
    pub(crate) agreement: Arc<Agreement>,
    /// Today; as far as the exchange knows, the day of the newest leaf of ours.
    pub(crate) day: Day,
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
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be read.
    fn original(&self, agreement: &str, serial: &str) -> Result<Option<Original>, StoreError>;
}

impl Originals for Option<Original> {
    /// What was found before.
    fn original(&self, _agreement: &str, _serial: &str) -> Result<Option<Original>, StoreError> {
        Ok(self.clone())
    }
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

/// Holds a report of this nation to its original, where it is a translation of one that is on record.
pub(super) fn hold(
    reader: &dyn Reader,
    (link, author): (&Link, Nation),
    report: &Report,
    originals: &dyn Originals,
) -> Result<Option<HeldTo>, StoreError> {
    let Some(serial) = &report.translation_of else { return Ok(None) };
    let Some(original) = originals.original(&link.agreement.id, serial)? else { return Ok(None) };
    let text = read(reader, original.at)?;
    let lowered = text.and_then(|(text, leaf)| not_kept((link, author), &original, (&text, &leaf), report));
    Ok(Some(HeldTo { at: original.at, version: original.agreement.digest, lowered }))
}

/// The original, with its leaf.
fn read(reader: &dyn Reader, at: OriginalAt) -> Result<Option<(Report, Released)>, StoreError> {
    let (leaf, payload) =
        (place::read(reader, LeafAt(at.origin, at.index))?, place::read(reader, PayloadAt(at.origin, at.index))?);
    let (Some(leaf), Some(payload)) = (leaf, payload) else { return Ok(None) };
    let Ok(Leaf::Released(leaf)) = Leaf::decode(&leaf) else { return Ok(None) };
    Ok(report_of(&payload).map(|report| (report, leaf)))
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
