//! Whether a translation keeps the markings of its original, as it was compared before the turn. RPT-11

use crate::{model::store::StoreError, ready::held::HeldTo, turn::batch::View};
use relto_policy::translation::Lowered;
use relto_report::assessment::Report;

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
pub(crate) fn kept(view: &View<'_>, report: &Report, held_to: Option<&HeldTo>) -> Result<Kept, StoreError> {
    let at = match &report.translation_of {
        Some(serial) => view.memory.find_original(&view.rows(), view.id, serial)?,
        None => None,
    };
    Ok(match (at, held_to) {
        (None, _) => Kept::Yes,
        (Some(at), Some(held)) if held.at == at && held.version == view.pair.agreement.digest => {
            held.lowered.clone().map_or(Kept::Yes, Kept::No)
        }
        (Some(_), _) => Kept::Unknown,
    })
}
