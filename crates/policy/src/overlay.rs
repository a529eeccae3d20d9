//! Rules that do not fit a list: a nation's forbid-only overlay, asked with the decision's own inputs.
//!
//! The decision knows a [`Judge`] and not Cedar. A judge is given to the national rules when they are loaded
//! ([`crate::national::NationalRules::set_judge`]), so that no caller of the decision can leave it out; what it says it
//! says of the inputs of that very decision, at its moment. It reads nothing else, so the decision stays a function of
//! its arguments. With cargo feature `overlay` the judge is `CedarOverlay`; without it, or without a judge, rules with
//! `[overlay]` refuse every report (EVALUATION_ERROR).

#[cfg(feature = "overlay")]
mod engine;

#[cfg(feature = "overlay")]
pub use engine::{CedarOverlay, MAX_FILE, MAX_RULES};

use crate::{agreement::Meaning, side::Side};
use relto_report::{assessment::Report, calendar::Timestamp, digest::Digest, nation::Nation};
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    sync::Arc,
};

/// What an overlay may ask: the report, and what the decision has read from its label.
#[derive(Clone, Debug)]
pub struct Question<'a> {
    /// Who decides.
    pub side: Side,
    /// Who sends.
    pub from: Nation,
    /// Who receives.
    pub to: Nation,
    /// The report; its text is none of an overlay's business.
    pub report: Subject<'a>,
    /// The stricter of banner and portions; `None`: no marking has one, and the agreement refuses.
    pub level: Option<u8>,
    /// Meanings of the caveats on banner and portions.
    pub caveats: BTreeSet<Meaning>,
    /// Who may read all of it.
    pub audience: BTreeSet<Nation>,
    /// Named owners of foreign portions.
    pub foreign: BTreeSet<Nation>,
    /// Some foreign portion conceals its owner.
    pub concealed: bool,
    /// Precedence of the leaf.
    pub precedence: &'a str,
    /// The officer releases in an emergency.
    pub emergency: bool,
    /// This node's now.
    pub now: Timestamp,
    /// The moment of release.
    pub released: Timestamp,
}

/// The report of a question. Has no Debug of its own: titles and bodies are never printed.
#[derive(Clone, Copy)]
pub struct Subject<'a> {
    /// The report.
    pub report: &'a Report,
    /// Bytes of its encoding.
    pub bytes: u64,
}

impl fmt::Debug for Subject<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.report.serial)
    }
}

/// What an overlay says of one report.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Findings {
    /// These rules forbid it, by id, each with its text; none: it says nothing.
    Forbids(BTreeMap<String, String>),
    /// It could not be asked, or a rule erred: nothing may go.
    Unavailable(String),
}

/// An overlay that has been loaded.
pub trait Judge: Send + Sync {
    /// Digest of the file that it was loaded from.
    fn digest(&self) -> Digest;

    /// What it says. A function of the question alone: no clock, no disk, no network.
    fn judge(&self, question: &Question<'_>) -> Findings;
}

/// The judge that belongs to a nation's rules, if one was given. Says nothing of the rules themselves.
#[derive(Clone, Default)]
pub(crate) struct Bench(pub(crate) Option<Arc<dyn Judge>>);

impl fmt::Debug for Bench {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "Bench(given)" } else { "Bench(none)" })
    }
}

impl PartialEq for Bench {
    fn eq(&self, _: &Self) -> bool {
        true // two equal files are equal, whoever judges by them
    }
}

impl Eq for Bench {}
