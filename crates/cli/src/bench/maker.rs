//! Reports for measurements and long transfers.

use crate::{cache, client::Client, document::Source, profile::Profile, signing};
use anyhow::{Context as _, Result};
use relto_formats::api::Submit;
use relto_host::clock;
use relto_report::{
    assessment::{Block, Document, MarkedText, Portion, Report},
    calendar::Timestamp,
    crypto::SoftwareKey,
    nation::Nation,
};
use std::path::Path;

/// The report that is multiplied: UNCLASSIFIED, released under a standing authority.
const MODEL: &str = "linux-port-numbers.md";
const MARK: &str = "U//REL TO XAA, XBB";
/// First number of the serials.
const FIRST: usize = 10_000_000;

/// Makes reports of one size that differ in their serial, each signed by the author.
pub struct Maker {
    model: Report,
    signer: SoftwareKey,
    agreement: String,
    to: Nation,
}

impl Maker {
    /// From the laboratory's model report, padded to `size` bytes of plaintext.
    ///
    /// # Errors
    /// Where the agreement or the model cannot be read.
    pub async fn new(dir: &Path, author: &Profile, size: usize) -> Result<Self> {
        let to = Nation::parse("XBB").context("nation")?;
        let mut client = Client::connect(author).await?;
        let installed = cache::refresh(author, &mut client, author.agreement_with(to)?).await?;
        let source = Source::read(&dir.join("XAA").join("reports").join(MODEL))?;
        let parsed = source.parse_for(&installed, author.nation, Timestamp::from_millis(clock::now_ms()))?;
        let mut model = parsed.document.report().clone();
        let have = Document::lay_out(&model, &[]).len();
        // A portion costs its mark and two lengths besides its text.
        let mut missing = size.saturating_sub(have);
        while missing > 64 {
            let text = "x".repeat((missing - 48).min(16_000));
            missing = missing.saturating_sub(text.len() + 48);
            model.portions.push(Portion { block: Block::Paragraph, body: MarkedText { mark: MARK.to_owned(), text } });
        }
        Ok(Self { model, signer: author.signer()?, agreement: installed.agreement.id, to })
    }

    /// The `n`-th report, signed, under a new submission id.
    ///
    /// # Errors
    /// Where it cannot be signed.
    pub fn make(&self, n: usize) -> Result<Submit> {
        let mut report = self.model.clone();
        report.serial = format!("XAA-CYBER-2026-{}", FIRST + n);
        let document = Document::decode(Document::lay_out(&report, &[]))?;
        signing::submission(&self.signer, &self.agreement, self.to, &document, None, false)
    }
}
