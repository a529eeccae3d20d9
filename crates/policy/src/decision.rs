//! What a decision is: a permit, what is still owed, or why not.

use crate::{
    code::{Class, Code, Reason},
    side::Side,
};
use relto_report::{digest::Digest, nation::Nation};

/// The one answer to one report.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Decision {
    /// Outbound: release. Inbound: admit.
    Permit(Permit),
    /// People still owe something. Outbound only.
    Hold(Hold),
    /// No. Not an error: a value like the others.
    Refusal(Refusal),
}

impl Decision {
    /// The codes that the partner may see, as bits: none for a permit, a hold, or anything outbound.
    #[must_use]
    pub fn partner_codes(&self) -> u64 {
        match self {
            Self::Permit(_) | Self::Hold(_) => 0,
            Self::Refusal(refusal) => refusal.partner_codes(),
        }
    }

    /// The stricter of this and another decision on the same report, made by `whose` rules; of two alike the reasons of
    /// both. Where both permit, the permit is this one's. POL-19
    #[must_use]
    pub fn stricter(self, other: Self, whose: &str) -> Self {
        let marked = |mut reasons: Vec<Reason>| {
            for reason in &mut reasons {
                reason.detail = format!("{} ({whose})", reason.detail);
            }
            reasons
        };
        let joined = |mut first: Vec<Reason>, second: Vec<Reason>| {
            let known: Vec<String> = first.iter().map(Reason::name).collect();
            first.extend(marked(second).into_iter().filter(|reason| !known.contains(&reason.name())));
            first
        };
        match (self, other) {
            (one, Self::Permit(_)) => one,
            (Self::Refusal(one), Self::Hold(_)) => Self::Refusal(one),
            (Self::Refusal(one), Self::Refusal(other)) => {
                let side = one.side;
                Self::Refusal(Refusal::new(joined(one.reasons, other.reasons), side))
            }
            (Self::Permit(_) | Self::Hold(_), Self::Refusal(other)) => {
                let side = other.side;
                Self::Refusal(Refusal::new(marked(other.reasons), side))
            }
            (Self::Hold(one), Self::Hold(other)) => Self::Hold(Hold {
                officers_missing: one.officers_missing.max(other.officers_missing),
                owed: joined(one.owed, other.owed),
            }),
            (Self::Permit(_), Self::Hold(other)) => Self::Hold(Hold { owed: marked(other.owed), ..other }),
        }
    }

    /// Every code, as it stands in a list of codes, sorted.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        match self {
            Self::Permit(_) => Vec::new(),
            Self::Hold(hold) => names(&hold.owed),
            Self::Refusal(refusal) => refusal.names(),
        }
    }
}

fn names(reasons: &[Reason]) -> Vec<String> {
    let mut out: Vec<String> = reasons.iter().map(Reason::name).collect();
    out.sort_unstable();
    out.dedup();
    out
}

/// What a release rests on.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Basis {
    /// Serial of the standing authority that answered for the first officer.
    pub standing: Option<String>,
    /// Accounts of the officers who approved.
    pub officers: Vec<String>,
    /// One officer released what needs two; a second confirms afterwards.
    pub emergency: bool,
}

/// Permission for one plaintext, under one version of the agreement, from one nation to another. Only a decision makes
/// one. POL-8
///
/// Whoever holds a permit can ask what it is for:
/// ```
/// use relto_policy::decision::Permit;
/// use relto_report::{digest::Digest, nation::Nation};
/// fn fits(permit: &Permit, report: &Digest, agreement: &Digest, from: Nation, to: Nation) -> bool {
///     permit.is_for(report, agreement, from, to)
/// }
/// ```
/// and nobody can make one:
/// ```compile_fail,E0451
/// use relto_policy::decision::{Basis, Permit};
/// use relto_report::{digest::Digest, nation::Nation};
/// fn forge(report: Digest, agreement: Digest, from: Nation, to: Nation) -> Permit {
///     Permit { report, agreement, from, to, basis: Basis::default() }
/// }
/// ```
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Permit {
    report: Digest,
    agreement: Digest,
    from: Nation,
    to: Nation,
    basis: Basis,
}

impl Permit {
    pub(crate) const fn new(report: Digest, agreement: Digest, from: Nation, to: Nation, basis: Basis) -> Self {
        Self { report, agreement, from, to, basis }
    }

    /// Whether this is the permit for this plaintext, version and direction.
    #[must_use]
    pub fn is_for(&self, report: &Digest, agreement: &Digest, from: Nation, to: Nation) -> bool {
        self.report == *report && self.agreement == *agreement && self.from == from && self.to == to
    }

    /// What the release rests on; empty inbound.
    #[must_use]
    pub const fn basis(&self) -> &Basis {
        &self.basis
    }
}

/// What people still owe before the report may leave.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Hold {
    /// One reason for each.
    pub owed: Vec<Reason>,
    /// Officers, other than the author and than each other, who must still approve.
    pub officers_missing: u8,
}

impl Hold {
    /// What an officer can do about it, one line each, as `relto hold show` prints it.
    #[must_use]
    pub fn in_words(&self) -> Vec<String> {
        let mut out = Vec::new();
        match self.officers_missing {
            0 => {}
            1 => out.push("one foreign disclosure officer, not the author, approves".to_owned()),
            count => out.push(format!("{count} foreign disclosure officers, not the author, approve")),
        }
        // The count above says the two approvals.
        for (code, act) in [
            (Code::ApproverIsAuthor, ""),
            (Code::NationalTopicHeld, "a senior officer decides: "),
            (Code::ReviewDatePassed, "an officer confirms the marking: "),
            (Code::ContentHeld, "an officer looks at the words: "),
            (Code::MarkInText, ""),
            (Code::UnseenInAttachment, ""),
            (Code::NotInspected, "two officers answer for what could not be inspected: "),
        ] {
            let owed = self.owed.iter().filter(|reason| reason.code == code);
            out.extend(owed.map(|reason| format!("{act}{}", reason.detail)));
        }
        out
    }

    /// Codes that an approval now would answer.
    #[must_use]
    pub fn codes(&self) -> crate::code::CodeSet {
        self.owed.iter().map(|reason| reason.code).collect()
    }
}

/// Why not.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Refusal {
    /// Every failed clause.
    pub reasons: Vec<Reason>,
    /// Inbound, and a clause that protects failed: locked away, and the incident clock runs.
    pub quarantine: bool,
    side: Side,
}

impl Refusal {
    /// A refusal for these reasons.
    #[must_use]
    pub fn new(reasons: Vec<Reason>, side: Side) -> Self {
        // POL-6
        let protects = |reason: &Reason| !reason.is_national() && reason.code.class() == Class::Protection;
        let quarantine = side == Side::In && reasons.iter().any(protects);
        Self { reasons, quarantine, side }
    }

    /// A refusal for one code that no check of a report gives, such as `WINDOW_EXCEEDED`.
    #[must_use]
    pub fn of(code: Code, detail: &str, side: Side) -> Self {
        Self::new(vec![Reason { code, national: false, detail: detail.to_owned() }], side)
    }

    /// The codes that the partner may see, as bits; nothing of what was refused outbound. POL-5
    #[must_use]
    pub fn partner_codes(&self) -> u64 {
        match self.side {
            Side::Out => 0,
            Side::In => self.reasons.iter().fold(0, |bits, reason| bits | reason.partner_bit()),
        }
    }

    /// Every code, as it stands in a list of codes, sorted.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        names(&self.reasons)
    }
}
