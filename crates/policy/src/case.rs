//! One decision at work: all that its clauses read, and the sheet on which they write.

use crate::{
    agreement::{Agreement, Scope},
    code::{Class, Code, CodeSet, Reason},
    facts::{Facts, Rules, Subject, Times},
    label::{Label, Tables},
    national::NationalScope,
    side::Side,
};
use relto_report::{
    assessment::Report,
    calendar::{Day, Timestamp},
    nation::Nation,
    register::Register,
};

/// One decision at work: everything that clauses read.
pub(crate) struct Case<'a> {
    pub(crate) subject: &'a Subject<'a>,
    pub(crate) report: &'a Report,
    pub(crate) rules: &'a Rules<'a>,
    pub(crate) agreement: &'a Agreement,
    pub(crate) facts: &'a Facts<'a>,
    pub(crate) side: Side,
    pub(crate) now: Timestamp,
    /// Moment of release: now, or the leaf's time.
    pub(crate) released: Timestamp,
    /// The UTC day of release.
    pub(crate) day: Day,
    pub(crate) register: &'a Register,
    pub(crate) label: &'a Label<'a>,
    pub(crate) scope: Option<&'a Scope>,
    pub(crate) own: Option<&'a NationalScope>,
}

/// What a decision needs before anything can be judged.
#[derive(Clone, Copy)]
pub(crate) struct Grounds<'a> {
    register: &'a Register,
    released: Timestamp,
    day: Day,
}

impl<'a> Grounds<'a> {
    /// `None`: the sender's register or the time of release is not at hand.
    pub(crate) fn of(rules: &Rules<'a>, facts: &Facts<'_>, side: Side, times: &Times) -> Option<Self> {
        let register = rules.registers.get(&facts.from).filter(|register| register.nation == facts.from)?;
        let released = match side {
            Side::Out => times.now,
            Side::In => times.released?,
        };
        Some(Self { register, released, day: released.day() })
    }

    /// The label of a report.
    pub(crate) fn label(&self, report: &'a Report, agreement: &Agreement) -> Label<'a> {
        Label::read(report, agreement, self.register, self.day)
    }
}

impl<'a> Case<'a> {
    /// Everything at hand, with the label of the report as the grounds read it.
    pub(crate) fn of(
        subject: &'a Subject<'a>,
        rules: &'a Rules<'a>,
        facts: &'a Facts<'a>,
        (side, times): (Side, &Times),
        (grounds, label): (Grounds<'a>, &'a Label<'a>),
    ) -> Self {
        Self {
            subject,
            report: subject.report,
            rules,
            agreement: rules.agreement,
            facts,
            side,
            now: times.now,
            released: grounds.released,
            day: grounds.day,
            register: grounds.register,
            label,
            scope: rules.agreement.scope(facts.from, facts.to),
            own: rules.national.and_then(|national| national.scope(facts.from, facts.to)),
        }
    }

    /// Whose node decides.
    pub(crate) const fn deciding(&self) -> Nation {
        match self.side {
            Side::Out => self.facts.from,
            Side::In => self.facts.to,
        }
    }
}

impl Case<'_> {
    /// A level in the words of the nation that decides.
    pub(crate) fn level(&self, level: u8) -> String {
        self.agreement.level_in_words(self.deciding(), level)
    }

    /// Precedence of the leaf.
    pub(crate) fn precedence(&self) -> &str {
        &self.facts.precedence
    }

    /// How the direction is written.
    pub(crate) fn direction(&self) -> String {
        format!("from {} to {}", self.facts.from, self.facts.to)
    }

    /// What gives the sender's words their meaning.
    pub(crate) fn tables(&self) -> Tables<'_> {
        Tables { agreement: self.agreement, register: self.register, day: self.day }
    }
}

/// Failed clauses, one reason per code. What adds to it is cold, so that the texts, which only a refusal needs, stand out of
/// the way of clauses that pass.
#[derive(Default)]
pub(crate) struct Sheet {
    reasons: Vec<Reason>,
    agreed: CodeSet,
}

impl Sheet {
    /// A clause of the agreement failed.
    #[cold]
    pub(crate) fn fail(&mut self, code: Code, detail: impl FnOnce() -> String) {
        self.agreed.insert(code);
        self.add(code, false, detail());
    }

    /// A clause of the national rules failed. Told only where the agreement's own clause passed. POL-4
    #[cold]
    pub(crate) fn narrow(&mut self, code: Code, detail: impl FnOnce() -> String) {
        if !self.agreed.contains(code) {
            self.add(code, true, detail());
        }
    }

    /// As [`Self::fail`] or [`Self::narrow`].
    #[cold]
    pub(crate) fn add_of(&mut self, national: bool, code: Code, detail: impl FnOnce() -> String) {
        if national { self.narrow(code, detail) } else { self.fail(code, detail) }
    }

    fn add(&mut self, code: Code, national: bool, detail: String) {
        let known = self.reasons.iter_mut().find(|one| one.code == code && one.national == national);
        match known {
            Some(reason) => {
                reason.detail.push_str("; ");
                reason.detail.push_str(&detail);
            }
            None => self.reasons.push(Reason { code, national, detail }),
        }
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.reasons.is_empty()
    }

    pub(crate) fn into_reasons(self) -> Vec<Reason> {
        self.reasons
    }
}

/// Whether a code that the caller gives stands alone.
pub(crate) fn is_alone(code: Code) -> bool {
    code.class() == Class::Authenticity
}
