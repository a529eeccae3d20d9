//! The report as it is sent: the parsed file in one canonical form, and the payload that carries it.
//!
//! Marks, topics, forms and codes stay bounded texts, so that a decision and not the decoder judges them. What stays
//! at home has no place in these types, and neither has the tear line.

pub mod document;
pub mod hashing;
mod said;

pub use document::{Attached, Document, MAX_TOGETHER};
pub use hashing::{Hashed, Hashing};

use crate::{
    calendar::{Day, Timestamp},
    codec::{self, Malformed, Validate, bound},
    digest::Digest,
    file::words,
};
use serde::{Deserialize, Serialize};

/// The form of report files that this program reads.
pub const FORMAT: &str = "relto-report/1";
/// Bytes of an encoded [`Report`] that the decoder takes: 1 MiB, the file's limit, and as much again for the fields'
/// own lengths. The agreement's `max_report_bytes` is judged by the decision.
pub const MAX_REPORT: usize = 2 * 1024 * 1024;
/// Bytes of a payload: the largest report and 1 GiB of attachments.
pub const MAX_PAYLOAD: u64 = 2 * 1024 * 1024 + 1024 * 1024 * 1024 + 64;
/// Characters of a title, and of other one-line texts.
pub const MAX_LINE: usize = 1024;
/// Bytes of one portion.
pub const MAX_PORTION: usize = 16 * 1024;
/// Portions of a report.
pub const MAX_PORTIONS: usize = 2_000;
/// Words of a spot-report (vocabulary 2).
pub const MAX_WORDS_SPOT: u64 = 400;
/// Attachments of a report; an agreement may permit fewer, which is for the decision.
pub const MAX_ATTACHED: usize = 16;
/// Attachments that the decoder takes.
pub const MAX_ATTACHMENTS: usize = 64;

/// A text with its portion mark: `mark` is what stands between the brackets. No `Debug` that prints text.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MarkedText {
    /// Such as `S//REL TO XAA, XBB`; empty for a fixed heading, which is unclassified by definition.
    pub mark: String,
    /// The text behind the mark.
    pub text: String,
}

/// What kind of block a portion is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Block {
    /// A heading of level 1 to 3.
    Heading(u8),
    /// A paragraph.
    Paragraph,
    /// An item of a list with `-`.
    Bullet,
    /// An item of a numbered list.
    Numbered,
    /// A table with its caption as first line.
    Table,
}

/// One portion of the text.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Portion {
    /// What it is.
    pub block: Block,
    /// Its mark and text.
    pub body: MarkedText,
}

/// A judgement with its words of estimative probability (ICD 203).
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Judgement {
    /// `KJ1`, `KJ2`, ... (`JC1` in French).
    pub id: String,
    /// A word of the report's scale.
    pub likelihood: String,
    /// A word of the vocabulary.
    pub confidence: String,
    /// Numbers of the sources it rests on.
    pub sources: Vec<u32>,
}

/// What the partner may know of a source.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Described {
    /// Its portion mark.
    pub mark: String,
    /// Three letters, or `FGI` where the owner is concealed.
    pub nation: String,
    /// A word of the vocabulary.
    pub kind: String,
    /// Day of the information.
    pub as_of: Day,
    /// Narrows what a consent must cover; empty: all topics of the report.
    pub topics: Vec<String>,
    /// What it is, without names of systems or people.
    pub descriptor: String,
}

/// A source: graded always, described unless withheld.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// 1, 2, 3, ...
    pub n: u32,
    /// Admiralty grade such as `B2`.
    pub grade: String,
    /// `None`: withheld.
    pub described: Option<Described>,
}

/// An attachment's description; its bytes follow the report in the payload.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attachment {
    /// File name without path.
    pub name: String,
    /// Mark of the content.
    pub mark: String,
    /// Marked title.
    pub title: MarkedText,
    /// Media type, found from the content.
    pub media_type: String,
    /// Bytes.
    pub length: u64,
    /// SHA-256 of the bytes.
    pub sha256: Digest,
}

/// When the marking ends.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Declassify {
    /// On a day.
    On(Day),
    /// When the originator says so.
    Originator,
}

/// A report in its canonical form. Field by field as report-grammar names the keys.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "each field is the key of the same name in the report's front matter")]
pub struct Report {
    pub format: String,
    pub serial: String,
    pub form: String,
    pub title: MarkedText,
    pub banner: String,
    pub rel_to: Vec<String>,
    pub topics: Vec<String>,
    pub purpose: String,
    pub precedence: String,
    pub action: Vec<String>,
    pub info: Vec<String>,
    pub traffic: String,
    pub language: String,
    pub translation_of: Option<String>,
    pub information_cutoff: Timestamp,
    pub produced: Timestamp,
    pub review: Option<Day>,
    pub declassify: Option<Declassify>,
    pub classified_by: Option<String>,
    pub likelihood_scale: String,
    pub tlp: Option<String>,
    pub answers: Option<String>,
    pub refers_to: Vec<String>,
    pub supersedes: Option<String>,
    pub aggregation_reason: Option<MarkedText>,
    /// Whether this report was made from a tear line; never of which report.
    pub from_tear_line: bool,
    pub judgements: Vec<Judgement>,
    pub sources: Vec<Source>,
    pub portions: Vec<Portion>,
    pub attachments: Vec<Attachment>,
}

impl Report {
    /// Serials of the reports that this one names: what it answers, supersedes, translates and refers to.
    pub fn named(&self) -> impl Iterator<Item = &str> {
        let one = [&self.answers, &self.supersedes, &self.translation_of];
        one.into_iter().flatten().chain(&self.refers_to).map(String::as_str)
    }

    /// Decodes the canonical form.
    ///
    /// # Errors
    /// [`Malformed`] for anything else.
    pub fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        codec::decode::<Self, MAX_REPORT>(bytes)
    }

    /// The canonical form.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        codec::encode(self)
    }

    /// The originator by its serial: the nation's three letters before the first `-`.
    #[must_use]
    pub fn originator(&self) -> &str {
        let end = self.serial.bytes().position(|byte| byte == b'-').unwrap_or(self.serial.len());
        self.serial.get(..end).unwrap_or_default()
    }

    /// Words of the text, as the limits on a spot-report and on a precedence count them.
    #[must_use]
    pub fn words(&self) -> u64 {
        self.portions.iter().fold(0, |sum, one| sum.saturating_add(words::count(&one.body.text)))
    }

    /// Sum of the attachments' declared bytes.
    #[must_use]
    pub fn attachment_bytes(&self) -> u64 {
        self.attachments.iter().fold(0, |sum: u64, one| sum.saturating_add(one.length))
    }
}

fn line(text: &str, what: &'static str) -> Result<(), Malformed> {
    bound(text.len(), MAX_LINE, what)
}

fn lines(list: &[String], count: usize, what: &'static str) -> Result<(), Malformed> {
    bound(list.len(), count, what)?;
    list.iter().try_for_each(|text| line(text, what))
}

impl Validate for MarkedText {
    fn validate(&self) -> Result<(), Malformed> {
        line(&self.mark, "mark")?;
        bound(self.text.len(), MAX_PORTION, "marked text")
    }
}

// RPT-2
impl Validate for Report {
    fn validate(&self) -> Result<(), Malformed> {
        if self.format != FORMAT {
            return Err(Malformed::OutOfBounds("format"));
        }
        for (text, what) in [
            (&self.serial, "serial"),
            (&self.form, "form"),
            (&self.banner, "banner"),
            (&self.purpose, "purpose"),
            (&self.precedence, "precedence"),
            (&self.traffic, "traffic"),
            (&self.language, "language"),
            (&self.likelihood_scale, "likelihood_scale"),
        ] {
            line(text, what)?;
        }
        for (text, what) in [
            (&self.translation_of, "translation_of"),
            (&self.classified_by, "classified_by"),
            (&self.tlp, "tlp"),
            (&self.answers, "answers"),
            (&self.supersedes, "supersedes"),
        ] {
            text.as_ref().map_or(Ok(()), |text| line(text, what))?;
        }
        self.title.validate()?;
        self.aggregation_reason.as_ref().map_or(Ok(()), Validate::validate)?;
        lines(&self.rel_to, 32, "rel_to")?;
        lines(&self.topics, 8, "topics")?;
        lines(&self.action, 16, "action")?;
        lines(&self.info, 32, "info")?;
        lines(&self.refers_to, 32, "refers_to")?;
        self.validate_parts()
    }
}

impl Report {
    fn validate_parts(&self) -> Result<(), Malformed> {
        bound(self.judgements.len(), 20, "judgements")?;
        for one in &self.judgements {
            line(&one.id, "judgement.id")?;
            line(&one.likelihood, "judgement.likelihood")?;
            line(&one.confidence, "judgement.confidence")?;
            bound(one.sources.len(), 32, "judgement.sources")?;
        }
        bound(self.sources.len(), 64, "sources")?;
        for one in &self.sources {
            line(&one.grade, "source.grade")?;
            if let Some(described) = &one.described {
                line(&described.mark, "source.mark")?;
                line(&described.nation, "source.nation")?;
                line(&described.kind, "source.kind")?;
                lines(&described.topics, 8, "source.topics")?;
                bound(described.descriptor.len(), 4 * MAX_LINE, "source.descriptor")?;
            }
        }
        bound(self.portions.len(), MAX_PORTIONS, "portions")?;
        self.portions.iter().try_for_each(|one| one.body.validate())?;
        bound(self.attachments.len(), MAX_ATTACHMENTS, "attachments")?;
        for one in &self.attachments {
            line(&one.name, "attachment.name")?;
            line(&one.mark, "attachment.mark")?;
            line(&one.media_type, "attachment.media_type")?;
            one.title.validate()?;
        }
        Ok(())
    }
}
