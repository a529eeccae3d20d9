//! What was found in the attachments of one report, as the process that decides gets it from the one that looks.
//!
//! Whoever decides holds a seal key and parses no attachment: it asks [`Attachments`], which has them judged elsewhere,
//! and takes these closed types. In scope: the types, the frames between the two processes ([`frame`]), and what the
//! asking side believes of them ([`talk`]). Out of scope: processes, sockets and limits, which are above.

pub mod frame;
pub mod ranges;
pub mod talk;

use crate::{
    assessment::Document,
    attachment::{
        Judged,
        finding::{Advice, At, Finding, Sort},
        inspected::Inspected,
    },
    codec::{Malformed, Validate},
    digest::Digest,
};
use serde::{Deserialize, Serialize};
use std::{fmt, sync::Arc};

/// Raised with every change of what an inspector looks for: findings of another version are worth nothing.
pub const VERSION: u32 = 1;

/// The media types that reports carry.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Media {
    /// `text/csv`.
    Csv,
    /// `application/json`.
    Json,
    /// `application/geo+json`.
    GeoJson,
    /// `application/pdf`.
    Pdf,
    /// `image/png`.
    Png,
    /// `image/jpeg`.
    Jpeg,
}

impl Media {
    const ALL: [Self; 6] = [Self::Csv, Self::Json, Self::GeoJson, Self::Pdf, Self::Png, Self::Jpeg];

    /// As a report writes it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Csv => "text/csv",
            Self::Json => "application/json",
            Self::GeoJson => "application/geo+json",
            Self::Pdf => "application/pdf",
            Self::Png => "image/png",
            Self::Jpeg => "image/jpeg",
        }
    }

    /// The type of this name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.name() == name)
    }
}

/// What one attachment is and carries.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Look {
    /// The type of its content, where name and content agree; `None`: R061.
    pub media: Option<Media>,
    /// What its reader does not see, is executed, or has no place in its form; and names in it.
    pub inspected: Inspected,
}

impl Look {
    /// What a judgement comes to.
    #[must_use]
    pub fn of(judged: &Judged) -> Self {
        let media = judged.media_type.ok().and_then(Media::parse);
        Self { media, inspected: judged.inspected.clone() }
    }
}

impl Validate for Look {
    fn validate(&self) -> Result<(), Malformed> {
        self.inspected.validate()
    }
}

/// Why an attachment has no [`Look`] and will not get one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Uninspectable {
    /// Its inspector used all of its own time.
    Time,
    /// Its inspector used all of its own memory.
    Memory,
    /// Its inspector died of it again and again.
    Died,
}

impl Uninspectable {
    /// The same as a finding, for rules that refuse what cannot be inspected. POL-14
    #[must_use]
    pub fn finding(self) -> Finding {
        Finding::new(Sort::TooLarge, &format!("it cannot be inspected: {self}"), At::File, Advice::Part)
    }
}

impl fmt::Display for Uninspectable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Time => "its inspector used all of its time",
            Self::Memory => "its inspector used all of its memory",
            Self::Died => "its inspector died of it three times",
        })
    }
}

/// What became of one attachment.
pub type Seen = Result<Look, Uninspectable>;

/// What became of all attachments of one report. There is no value that says that none was needed, but of a report
/// without attachments.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Looks {
    /// They are being looked at, or are still to be.
    Waiting,
    /// One for each attachment, in order, of the report with this digest.
    Done(Digest, Arc<[Seen]>),
}

impl Looks {
    /// What was found in the attachments of this very report; `None` while they are looked at.
    #[must_use]
    pub fn of(&self, document: &Document) -> Option<&[Seen]> {
        match self {
            Self::Done(digest, seen) if *digest == document.digest() => {
                Some(seen).filter(|seen| seen.len() == document.report().attachments.len()).map(AsRef::as_ref)
            }
            Self::Done(..) | Self::Waiting => None,
        }
    }

    /// Of a report that has no attachments; `None` where it has some.
    #[must_use]
    pub fn none(document: &Document) -> Option<Self> {
        document.report().attachments.is_empty().then(|| Self::Done(document.digest(), Arc::default()))
    }
}

/// Has attachments judged, somewhere else than in the process that decides.
pub trait Attachments: Send + Sync {
    /// What was found in the attachments of a report; never waits, and begins nothing.
    fn looks(&self, document: &Document) -> Looks;
}

/// What a name ends in, which says what its content must be.
#[must_use]
pub fn ending(name: &str) -> &str {
    name.rsplit_once('.').map(|(_, ending)| ending).unwrap_or_default()
}
