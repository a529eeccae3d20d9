//! What a nation's own rules look for in the words and attachments of its reports before they leave.
//!
//! Findings are a function of the plaintext and of the nation's settings: [`inspect`] makes those that need no other
//! program, an external filter adds its verdict, and a decision weighs them. A decision for which findings are asked and
//! are not at hand, or are of other bytes, is EVALUATION_ERROR. What [`to_look`]
//! finds is asked for by no rules and is always owed. Not here: running the filter, and when to look.

pub mod asked;
mod look;
mod words;

pub use look::{ToLook, each_place, to_look};

pub use relto_report::shown::Place;
pub use words::{HoldWords, MAX_FILE, MAX_WORD, MAX_WORDS};

use asked::Content;
use relto_report::{
    assessment::Document,
    attachment::{
        finding::Finding,
        inspected::Named,
        text::{Block, Way, any_block},
    },
    digest::Digest,
    inspection::Seen,
    shown::{self, Sort},
};
use std::{fmt, sync::Arc};

/// Places told of one report at most; the rest adds nothing for the officer who looks.
const MAX_PLACES: usize = 32;

/// What a filter program said of a report. There is no verdict that permits: nothing found leaves the decision as it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FilterVerdict {
    /// Nothing.
    Nothing,
    /// A person must look.
    Hold,
    /// It must not leave.
    Refuse,
    /// No verdict came; a person must look.
    Failed(FilterFault),
}

/// Why a filter program gave no verdict.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FilterFault {
    /// It could not be started.
    NotStarted,
    /// It did not end in its time.
    Late,
    /// It ended by a signal or with a code that means nothing.
    Crashed,
}

impl fmt::Display for FilterFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotStarted => "could not be started",
            Self::Late => "did not end in its time",
            Self::Crashed => "ended in a fault",
        })
    }
}

/// What was found in one plaintext. A member is `None` where that was not looked for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ContentFindings {
    /// Tagged digest of the plaintext that was looked at.
    pub plaintext: Digest,
    /// Where hold words stand; which ones they are is told to nobody.
    pub words: Option<Vec<Place>>,
    /// What attachments, counted from 1, carry that is active, hidden or has no place in their form; what cannot be
    /// inspected is among it. Found elsewhere: see [`Self::with_looks`].
    pub active: Option<Vec<(usize, Finding)>>,
    /// Names of people and programs in the metadata of attachments, counted from 1.
    pub names: Vec<(usize, Named)>,
    /// What the filter program said.
    pub filter: Option<FilterVerdict>,
}

impl ContentFindings {
    /// Everything was looked for and nothing found.
    #[must_use]
    pub const fn nothing(plaintext: Digest) -> Self {
        let filter = Some(FilterVerdict::Nothing);
        Self { plaintext, words: Some(Vec::new()), active: Some(Vec::new()), names: Vec::new(), filter }
    }

    /// Nothing was looked for: a partner's words are its own.
    #[must_use]
    pub const fn unread(plaintext: Digest) -> Self {
        Self { plaintext, words: None, active: None, names: Vec::new(), filter: None }
    }

    /// The same with what was seen of the attachments of this plaintext. POL-14
    #[must_use]
    pub fn with_looks(&self, seen: &[Seen]) -> Self {
        let of = |(n, seen): (usize, &Seen)| match seen {
            Ok(look) => look.inspected.finding.iter().map(|one| (n, one.clone())).collect(),
            Err(why) => vec![(n, why.finding())],
        };
        let named = |(n, seen): (usize, &Seen)| {
            let names = seen.as_ref().map(|look| look.inspected.names.clone()).unwrap_or_default();
            names.into_iter().map(move |one| (n, one))
        };
        Self {
            active: Some((1..).zip(seen).flat_map(of).collect()),
            names: (1..).zip(seen).flat_map(named).collect(),
            ..self.clone()
        }
    }

    /// Whether these findings are of this plaintext and answer all that the rules ask for.
    pub(crate) fn answer(&self, content: &Content, plaintext: &Digest) -> bool {
        self.plaintext == *plaintext
            && (content.hold_words_file.is_none() || self.words.is_some())
            && (!(content.refuse_active_content || content.refuse_metadata) || self.active.is_some())
            && (content.filter.is_none() || self.filter.is_some())
    }
}

/// Looks for hold words. Pure; what attachments carry and the filter's verdict are the caller's to add.
#[must_use]
pub fn inspect(document: &Document, words: Option<&HoldWords>) -> ContentFindings {
    let words = words.map(|words| places(document, words));
    ContentFindings { words, ..ContentFindings::unread(document.digest()) }
}

/// Every place of the report in which a hold word stands. POL-13
fn places(document: &Document, words: &HoldWords) -> Vec<Place> {
    let report = document.report();
    let mut out: Vec<Place> = Vec::new();
    shown::each(report, |one| {
        // Marks have words of the register alone.
        let stand = |text| match one.place {
            shown::Place::Portion(_) => words.stand_in_portion(text),
            _ => words.stand_in(text),
        };
        if one.sort != Sort::Mark && stand(one.text) {
            out.push(one.place);
        }
    });
    for (n, one) in (1..).zip(&report.attachments) {
        // Pictures and pages; the filter program may read them.
        let Some(way) = Way::of(&one.media_type) else { continue };
        let is_there = |block: &Block<'_>| words.stand_in_block(block, way);
        // In what cannot be read, any word may stand.
        if document.attached(n - 1).is_none_or(|file| any_block(&file, way, is_there).unwrap_or(true)) {
            out.push(Place::Attachment(n));
        }
    }
    out.sort_unstable();
    out.dedup();
    out.truncate(MAX_PLACES);
    out
}

/// Gives findings to whoever decides. What it has once given for some bytes it gives again, or says that it must look
/// anew; it never waits.
pub trait Inspector: Send + Sync {
    /// The findings of a document; `None`: it is being looked at, ask again.
    fn findings(&self, document: &Document) -> Option<Arc<ContentFindings>>;

    /// Looks, for as long as it takes, so that the findings are at hand afterwards.
    fn look(&self, document: &Document);

    /// Whether [`Self::look`] takes microseconds and starts no program.
    fn is_quick(&self, document: &Document) -> bool;
}

/// The inspector that belongs to a nation's rules, if one was given. Says nothing of the rules themselves.
#[derive(Clone, Default)]
pub(crate) struct Inspection(pub(crate) Option<Arc<dyn Inspector>>);

impl fmt::Debug for Inspection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "Inspection(given)" } else { "Inspection(none)" })
    }
}

impl PartialEq for Inspection {
    fn eq(&self, _: &Self) -> bool {
        true // two equal files are equal, whoever looks
    }
}

impl Eq for Inspection {}
