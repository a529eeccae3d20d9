//! The smallest change after which a report would not be refused, found by deciding on changed copies of it.
//!
//! A change leaves something out, or sets something that is no marking. Marks of portions stay as they are; where some
//! part is left out the banner may follow, because it is computed from what is left, and the change says so.

mod edits;

pub use edits::Change;

use super::{asked::Asked, closing::Closing};
use crate::{
    check::check,
    code::CodeSet,
    decision::Decision,
    facts::{Facts, Subject},
};
use edits::{Edited, candidates, without_texts};
use relto_report::assessment::Report;
use std::fmt;

/// Changes tried together without leaving any combination out.
const TOGETHER: usize = 3;
/// Decisions at most on changed copies of one report. Beyond them changes are added one by one.
const DECISIONS: usize = 4_000;

/// What would make a report releasable.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Remedy {
    /// Nothing is needed.
    NotNeeded,
    /// People do what they owe; one line each.
    People(Vec<String>),
    /// These changes, all of them; no smaller set of those tried would do.
    Changes(Vec<Change>),
    /// No change of the report would; what stands in the way besides, one line each: markings, with who can change
    /// them.
    Nothing(Vec<String>),
}

impl Remedy {
    /// The kind in one word.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::NotNeeded => "not-needed",
            Self::People(_) => "people",
            Self::Changes(_) => "changes",
            Self::Nothing(_) => "nothing",
        }
    }

    /// What it comes to, one line each.
    #[must_use]
    pub fn in_words(&self) -> Vec<String> {
        match self {
            Self::NotNeeded => vec!["nothing is needed".to_owned()],
            Self::People(owed) => owed.clone(),
            Self::Changes(changes) => changes.iter().map(Change::to_string).collect(),
            Self::Nothing(why) => {
                let first = "no change that leaves every marking as it is would make it releasable".to_owned();
                std::iter::once(first).chain(why.iter().cloned()).collect()
            }
        }
    }
}

impl fmt::Display for Remedy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.in_words().join("; "))
    }
}

pub(super) fn remedy(asked: &Asked<'_>, decision: &Decision, closing: &[Closing]) -> Remedy {
    match decision {
        Decision::Permit(_) => Remedy::NotNeeded,
        Decision::Hold(hold) => Remedy::People(hold.in_words()),
        Decision::Refusal(refusal) => {
            let codes: CodeSet = refusal.reasons.iter().map(|reason| reason.code).collect();
            let found = asked.case.and_then(|case| {
                let search = Search { asked, base: without_texts(case.report), tried: 0 };
                search.smallest(&candidates(case, codes, closing))
            });
            found.map_or_else(|| Remedy::Nothing(closing.iter().map(ToString::to_string).collect()), Remedy::Changes)
        }
    }
}

struct Search<'a> {
    asked: &'a Asked<'a>,
    /// What is copied and changed.
    base: Report,
    tried: usize,
}

impl Search<'_> {
    /// All sets of one change, then of two, then of three; then changes one by one, and what proves superfluous out.
    fn smallest(mut self, all: &[Change]) -> Option<Vec<Change>> {
        for size in 1..=TOGETHER.min(all.len()) {
            if let Some(found) = self.of_size(all, size, &mut Vec::new()) {
                return Some(found);
            }
        }
        self.step_by_step(all)
    }

    fn of_size(&mut self, rest: &[Change], size: usize, chosen: &mut Vec<Change>) -> Option<Vec<Change>> {
        if size == 0 {
            return self.releases(chosen);
        }
        let mut rest = rest;
        while let Some((first, tail)) = rest.split_first() {
            rest = tail;
            if chosen.iter().any(|one| one.excludes(first)) {
                continue;
            }
            chosen.push(first.clone());
            let found = self.of_size(tail, size - 1, chosen);
            chosen.pop();
            if found.is_some() || self.tried >= DECISIONS {
                return found;
            }
        }
        None
    }

    /// Takes each change that leaves fewer clauses failed, until none is or none helps.
    fn step_by_step(&mut self, all: &[Change]) -> Option<Vec<Change>> {
        self.tried = 0;
        let mut chosen: Vec<Change> = Vec::new();
        let mut failed = self.failed(&chosen)?;
        while failed > 0 {
            let mut best: Option<(usize, &Change)> = None;
            for one in all.iter().filter(|one| !chosen.iter().any(|other| other.excludes(one))) {
                let mut with = chosen.clone();
                with.push(one.clone());
                let left = self.failed(&with)?;
                if left < best.map_or(failed, |(least, _)| least) {
                    best = Some((left, one));
                }
            }
            let (left, one) = best?;
            chosen.push(one.clone());
            failed = left;
        }
        for place in (0..chosen.len()).rev() {
            let mut fewer = chosen.clone();
            fewer.remove(place);
            if self.failed(&fewer)? == 0 {
                chosen = fewer;
            }
        }
        self.releases(&chosen)
    }

    /// The changes, with the banner that goes with them, if a report with them is not refused.
    fn releases(&mut self, chosen: &[Change]) -> Option<Vec<Change>> {
        self.copies(chosen).into_iter().find_map(|(edited, failed)| (failed == 0).then(|| edited.told(chosen)))
    }

    /// Failed clauses of the better copy; `None`: enough was tried.
    fn failed(&mut self, chosen: &[Change]) -> Option<usize> {
        if self.tried >= DECISIONS {
            return None;
        }
        self.copies(chosen).into_iter().map(|(_, failed)| failed).min().or(Some(usize::MAX))
    }

    /// The copies that the changes make, with the banner as it is and as computed, each with its failed clauses.
    fn copies(&mut self, chosen: &[Change]) -> Vec<(Edited, usize)> {
        let Some(case) = self.asked.case else { return Vec::new() };
        let copies = Edited::of(case, &self.base, chosen);
        copies
            .into_iter()
            .map(|edited| {
                self.tried += 1;
                let failed = self.decide(&edited);
                (edited, failed)
            })
            .collect()
    }

    fn decide(&self, edited: &Edited) -> usize {
        let asked = self.asked;
        // What was found in the words and attachments stays found: a copy is never looked at anew.
        let subject = Subject { report: &edited.report, report_bytes: edited.bytes, digest: asked.subject.digest };
        let facts = Facts { precedence: edited.precedence.clone(), ..asked.facts.clone() };
        match check(&subject, asked.rules, &facts, asked.side, asked.times) {
            Decision::Permit(_) | Decision::Hold(_) => 0,
            Decision::Refusal(refusal) => refusal.reasons.len(),
        }
    }
}
