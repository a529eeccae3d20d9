//! Reports by their serial: where they are on record, and how they stand by their rows.

use super::Memory;
use crate::{
    model::{
        ids::LinkId,
        place::{InboxAt, OutboxAt, read},
        rows::Stage,
        store::{Reader, StoreError},
    },
    ready::held::OriginalAt,
};
use relto_audit::leaf::Verdict;
use relto_report::digest::Digest;

/// A serial of ours that went over one link.
#[derive(Clone, Debug)]
pub(crate) struct Spent {
    /// Where.
    pub(crate) link: LinkId,
    /// By which leaf of mine.
    index: u64,
    /// On which plaintext, where its row can be read.
    pub(crate) plaintext: Option<Digest>,
    /// Whether the partner has it, as far as is known: neither withdrawn, refused nor quarantined.
    stands: bool,
}

impl Memory {
    /// Reports of ours of this serial, over whichever links: a serial is spent in the whole nation.
    pub(crate) fn spent(&self, rows: &dyn Reader, serial: &str) -> Result<Vec<Spent>, StoreError> {
        let mut spent = Vec::new();
        for at in self.serials.places(rows, serial)? {
            let mine = self.pairs.iter().position(|pair| pair.mine.origin == at.log).and_then(LinkId::at);
            let Some(link) = mine else { continue };
            let mut one_spent = Spent { link, index: at.index, plaintext: None, stands: false };
            // A row that rotted spends its serial all the same, and ends nothing: whoever names it is no operator.
            if let Ok(Some(row)) = read(rows, OutboxAt(at.log, at.index)) {
                one_spent.plaintext = Some(row.plaintext);
                one_spent.stands = match row.stage {
                    Stage::Released => true,
                    Stage::Withdrawn { .. } => false,
                    Stage::Resolved { verdict, .. } => verdict == Verdict::Admitted,
                };
            }
            spent.push(one_spent);
        }
        Ok(spent)
    }

    /// The leaf of the report of this serial that the partner of a link was sent and has, as far as is known.
    pub(crate) fn sent_to(&self, rows: &dyn Reader, link: LinkId, serial: &str) -> Result<Option<u64>, StoreError> {
        let spent = self.spent(rows, serial)?;
        Ok(spent.iter().find(|one| one.link == link && one.stands).map(|one| one.index))
    }

    /// Whether a report of this serial was received, from whichever partner, and kept.
    pub(crate) fn is_received(&self, rows: &dyn Reader, serial: &str) -> Result<bool, StoreError> {
        let places = self.serials.places(rows, serial)?;
        Ok(places.iter().any(|at| self.pairs.iter().any(|pair| pair.theirs.origin == at.log)))
    }

    /// The leaf of the report of this serial that was admitted from the partner of a link.
    pub(crate) fn admitted_from(
        &self,
        rows: &dyn Reader,
        link: LinkId,
        serial: &str,
    ) -> Result<Option<u64>, StoreError> {
        let Some(pair) = self.pair(link) else { return Ok(None) };
        for at in self.serials.places(rows, serial)?.iter().filter(|at| at.log == pair.theirs.origin) {
            if let Ok(Some(row)) = read(rows, InboxAt(at.log, at.index))
                && row.verdict == Verdict::Admitted
            {
                return Ok(Some(at.index));
            }
        }
        Ok(None)
    }

    /// The leaf of a report that the partner of a link has under its agreement: one that it was sent, or sent itself.
    pub(crate) fn find_original(
        &self,
        rows: &dyn Reader,
        link: LinkId,
        serial: &str,
    ) -> Result<Option<OriginalAt>, StoreError> {
        let Some(pair) = self.pair(link) else { return Ok(None) };
        if let Some(index) = self.sent_to(rows, link, serial)? {
            return Ok(Some(OriginalAt { origin: pair.mine.origin, index }));
        }
        let admitted = self.admitted_from(rows, link, serial)?;
        Ok(admitted.map(|index| OriginalAt { origin: pair.theirs.origin, index }))
    }
}
