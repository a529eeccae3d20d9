//! Reports for measurements and long transfers.

use anyhow::{Context as _, Result, anyhow};
use relto_cli::{cache, client::Client, document::Source, on_disk::sha256_of, profile::Profile, signing};
use relto_formats::api::Submit;
use relto_host::clock;
use relto_report::{
    assessment::{Attachment, Block, Document, Hashing, MAX_TOGETHER, MarkedText, Portion, Report},
    attachment::bytes::{Apart, Bytes as _, Unread, each_piece, read},
    calendar::Timestamp,
    crypto::SoftwareKey,
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
        let document = Document::decode(Document::lay_out(&self.report(n), &[]))?;
        signing::submission(&self.signer, &self.agreement, self.to, &document, None, false)
    }

    /// The same with this table as its attachment, which stands apart where it is long; and the report.
    ///
    /// # Errors
    /// Where it cannot be signed, or the table cannot be read.
    pub fn make_with(&self, n: usize, table: &Apart) -> Result<(Document, Submit)> {
        let mut report = self.report(n);
        let marked = |text: &str| MarkedText { mark: self.mark.clone(), text: text.to_owned() };
        report.attachments.push(Attachment {
            name: "table.csv".to_owned(),
            mark: self.mark.clone(),
            title: marked("A table"),
            media_type: "text/csv".to_owned(),
            length: table.length(),
            sha256: sha256_of(table.as_ref()).context("the table")?,
        });
        let head = Document::lay_out_head(&report);
        let mut hashing = Hashing::new();
        hashing.push(&head);
        each_piece(table, table.length(), |piece| hashing.push(piece)).map_err(|Unread| anyhow!("the table"))?;
        let document = hashing.finish().1?.apart(table.clone());
        let document = if table.length() > MAX_TOGETHER {
            document
        } else {
            let all = read(&document, usize::MAX).map_err(|Unread| anyhow!("the table"))?;
            Document::decode(all)?
        };
        let submit = signing::submission(&self.signer, &self.agreement, self.to, &document, None, false)?;
        Ok((document, submit))
    }

    fn report(&self, n: usize) -> Report {
        Report { serial: format!("XAA-CYBER-2026-{}", self.first + n), ..self.model.clone() }
    }
}
