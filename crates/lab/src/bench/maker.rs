//! Reports for measurements and long transfers.

use anyhow::{Context as _, Result};
use relto_cli::{cache, client::Client, document::Source, profile::Profile, signing};
use relto_formats::api::Submit;
use relto_host::clock;
use relto_report::{
    assessment::{Attachment, Block, Document, MarkedText, Portion, Report},
    calendar::Timestamp,
    crypto::{SoftwareKey, sha256},
    nation::Nation,
};
use std::path::Path;

/// The report that is multiplied: UNCLASSIFIED, released under a standing authority.
const MODEL: &str = "linux-port-numbers.md";

/// Where reports go, and what tells them from those that go elsewhere.
pub(super) struct Towards {
    /// The recipient.
    pub(super) to: &'static str,
    /// `live`, or the name of an exercise.
    pub(super) traffic: &'static str,
    /// First number of the serials.
    pub(super) first: usize,
}

impl Towards {
    /// To Borealia, in live traffic.
    pub(super) const LIVE: Self = Self { to: "XBB", traffic: "live", first: 10_000_000 };
}

/// Makes reports of one size that differ in their serial, each signed by the author.
pub struct Maker {
    model: Report,
    signer: SoftwareKey,
    agreement: String,
    to: Nation,
    mark: String,
    first: usize,
}

impl Maker {
    /// From the laboratory's model report, padded to `size` bytes of plaintext.
    ///
    /// # Errors
    /// Where the agreement or the model cannot be read.
    pub async fn new(dir: &Path, author: &Profile, size: usize) -> Result<Self> {
        Self::towards(dir, author, size, &Towards::LIVE).await
    }

    /// The same of reports that go there.
    pub(super) async fn towards(dir: &Path, author: &Profile, size: usize, towards: &Towards) -> Result<Self> {
        let to = Nation::parse(towards.to).context("nation")?;
        let mut client = Client::connect(author).await?;
        let installed = cache::refresh(author, &mut client, author.agreement_with(to)?).await?;
        let mut source = Source::read(&dir.join("XAA").join("reports").join(MODEL))?;
        let text = std::str::from_utf8(&source.bytes)?.replace("XBB", towards.to);
        source.bytes = text.replace("\"live\"", &format!("\"{}\"", towards.traffic)).into_bytes();
        let mark = format!("U//REL TO XAA, {to}");
        let parsed = source.parse_for(&installed, author.nation, Timestamp::from_millis(clock::now_ms()))?;
        let mut model = parsed.document.report().clone();
        let have = Document::lay_out(&model, &[]).len();
        // A portion costs its mark and two lengths besides its text.
        let mut missing = size.saturating_sub(have);
        while missing > 64 {
            let text = "x".repeat((missing - 48).min(16_000));
            missing = missing.saturating_sub(text.len() + 48);
            model.portions.push(Portion { block: Block::Paragraph, body: MarkedText { mark: mark.clone(), text } });
        }
        Ok(Self { model, signer: author.signer()?, agreement: installed.agreement.id, to, mark, first: towards.first })
    }

    /// The `n`-th report, signed, under a new submission id.
    ///
    /// # Errors
    /// Where it cannot be signed.
    pub fn make(&self, n: usize) -> Result<Submit> {
        self.make_with(n, None)
    }

    /// The same with a table as its attachment.
    ///
    /// # Errors
    /// Where it cannot be signed.
    pub fn make_with(&self, n: usize, table: Option<&[u8]>) -> Result<Submit> {
        let mut report = self.model.clone();
        report.serial = format!("XAA-CYBER-2026-{}", self.first + n);
        let marked = |text: &str| MarkedText { mark: self.mark.clone(), text: text.to_owned() };
        report.attachments.extend(table.map(|bytes| Attachment {
            name: "table.csv".to_owned(),
            mark: self.mark.clone(),
            title: marked("A table"),
            media_type: "text/csv".to_owned(),
            length: u64::try_from(bytes.len()).unwrap_or(u64::MAX),
            sha256: sha256(&[bytes]),
        }));
        let attached: Vec<&[u8]> = table.into_iter().collect();
        let document = Document::decode(Document::lay_out(&report, &attached))?;
        signing::submission(&self.signer, &self.agreement, self.to, &document, None, false)
    }
}
