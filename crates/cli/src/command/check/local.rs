//! The decision from the agreement alone, with what the nation's own records would add taken as given and said so.

use crate::{cache::Installed, document::read_bounded, exit::Exit};
use anyhow::Result;
use relto_policy::{
    check::{Decision, Facts, Rules, Side, Subject, Times, check},
    code::{Code, Reason},
    consent::Consent,
    content::to_look,
    explain::{Explanation, explain},
    ground::Ground,
    state::{AgreementState, StateView},
};
use relto_report::{
    assessment::{Document, Source},
    calendar::Timestamp,
    digest::Digest,
    home::Home,
    marking::read_banner,
    nation::Nation,
    shapes::Words,
};
use serde_json::{Value, json};
use std::path::PathBuf;

/// Bytes of the longest register, vocabulary or consent file that is read.
pub(super) const MAX_FILE: u64 = 1024 * 1024;

/// What it comes to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Verdict {
    /// Nothing is owed.
    Releasable,
    /// People owe something.
    Held,
    /// A clause forbids it.
    Refused,
}

impl Verdict {
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Releasable => "releasable",
            Self::Held => "held",
            Self::Refused => "refused",
        }
    }

    pub(super) const fn exit(self) -> Exit {
        match self {
            Self::Releasable => Exit::Done,
            Self::Held => Exit::Held,
            Self::Refused => Exit::Refused,
        }
    }
}

/// A decision with its reasons, and what it took as given.
pub(super) struct Decided {
    pub(super) verdict: Verdict,
    pub(super) reasons: Vec<Reason>,
    pub(super) not_checked: Vec<String>,
    /// Held, and an authority that officers gave in advance may stand in for all that is owed; only the node has them.
    pub(super) standing_may_release: bool,
    /// Where it was asked for.
    pub(super) explanation: Option<Explanation>,
}

impl Decided {
    /// Its reasons for programs.
    pub(super) fn reasons_object(&self) -> Value {
        self.reasons.iter().map(|reason| json!(Ground::from(reason))).collect()
    }
}

/// What a decision here rests on.
#[derive(Clone, Copy)]
pub(super) struct Case<'a> {
    pub(super) installed: &'a Installed,
    pub(super) own: Nation,
    pub(super) now: Timestamp,
    /// Whether to explain.
    pub(super) explain: bool,
}

/// Consents from files; `None`: none were given, and those that the home file names are taken as given.
pub(super) fn consents(files: &[PathBuf]) -> Result<Option<Vec<Consent>>> {
    if files.is_empty() {
        return Ok(None);
    }
    let read = |path: &PathBuf| {
        let bytes = read_bounded(path, MAX_FILE)?;
        Ok(Consent::read(&path.display().to_string(), &bytes)?)
    };
    files.iter().map(read).collect::<Result<Vec<_>>>().map(Some)
}

impl Case<'_> {
    /// Decides on a document as the node would, the national rules and approvals left out.
    pub(super) fn decide(&self, document: &Document, home: Option<&Home>, consents: Option<&[Consent]>) -> Decided {
        let (installed, to) = (self.installed, self.installed.partner);
        let mut not_checked = Vec::new();
        let assumed = match (consents, home) {
            (None, Some(home)) => self.assumed(document, home, &mut not_checked),
            (Some(_), _) | (None, None) => Vec::new(),
        };
        let owners = home.map(|home| home.sources.iter().filter_map(|one| Some((one.n, one.owner?))).collect());
        let report = document.report();
        let look = to_look(document, &Words::of(installed.registers.values()));
        let facts = Facts {
            look: &look,
            consents: consents.unwrap_or(&assumed),
            owners: owners.unwrap_or_default(),
            ..Facts::new(self.own, to, StateView::both(AgreementState::InForce), &report.precedence)
        };
        let rules = Rules {
            agreement: &installed.agreement,
            registers: &installed.registers,
            vocabulary: &installed.vocabulary,
            national: None,
        };
        let times = Times { now: self.now, released: None };
        let subject = Subject::of(document);
        let explanation = self.explain.then(|| explain(&subject, &rules, &facts, Side::Out, &times));
        let decision = explanation
            .as_ref()
            .map_or_else(|| check(&subject, &rules, &facts, Side::Out, &times), |told| told.decision.clone());
        let (verdict, reasons) = match decision {
            Decision::Permit(_) => (Verdict::Releasable, Vec::new()),
            Decision::Hold(hold) => (Verdict::Held, hold.owed),
            Decision::Refusal(refusal) => (Verdict::Refused, refusal.reasons),
        };
        let only_first = reasons.iter().all(|reason| reason.code == Code::ApprovalRequired);
        let standing_may_release = verdict == Verdict::Held && only_first && self.may_be_approved_in_advance(document);
        Decided { verdict, reasons, not_checked, standing_may_release, explanation }
    }

    /// Whether the agreement lets a nation approve reports of this level in advance.
    fn may_be_approved_in_advance(&self, document: &Document) -> bool {
        let agreement = &self.installed.agreement;
        let (Some(register), Some(scope)) =
            (self.installed.registers.get(&self.own), agreement.scope(self.own, self.installed.partner))
        else {
            return false;
        };
        let (banner, _) = read_banner(&document.report().banner, register);
        let row = agreement.equivalence_of(self.own, &banner.word, self.now.day());
        row.is_some_and(|row| i16::from(row.level) <= i16::from(scope.standing_authority_to_level))
    }

    /// The consents that the home file names, taken as on record and wide enough: only the node holds them.
    fn assumed(&self, document: &Document, home: &Home, not_checked: &mut Vec<String>) -> Vec<Consent> {
        let mut out: Vec<Consent> = Vec::new();
        for source in &document.report().sources {
            let Some((owner, serial, topics)) = named(document, source, home) else { continue };
            if !out.iter().any(|one| one.serial == serial && one.owner == owner) {
                not_checked.push(format!("whether consent {serial} of {owner} is on record and covers this"));
            }
            out.push(Consent {
                serial,
                owner,
                holder: self.own,
                to: vec![self.installed.partner],
                topics,
                to_level: relto_policy::agreement::MAX_LEVEL,
                valid_from: self.now,
                valid_until: self.now.plus(1),
                onward: false,
                name_origin: true,
                evidence: Digest::from_bytes([0; 32]),
                signed_by: Vec::new(),
            });
        }
        out
    }
}

/// Owner, consent and topics of a foreign source that has a consent in the home file.
fn named(document: &Document, source: &Source, home: &Home) -> Option<(Nation, String, Vec<String>)> {
    let described = source.described.as_ref()?;
    let kept = home.source(source.n)?;
    let owner = kept.owner.or_else(|| Nation::parse(&described.nation))?;
    let topics = if described.topics.is_empty() { &document.report().topics } else { &described.topics };
    Some((owner, kept.consent.clone()?, topics.clone()))
}
