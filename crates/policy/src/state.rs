//! The state of an agreement: signed facts on record in both nations' logs, never a key of its file.

use crate::agreement::Life;
use relto_report::calendar::Timestamp;

/// What one nation's log says of the agreement.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum AgreementState {
    /// Written, not signed.
    Draft,
    /// Signed, not brought into force.
    Signed,
    /// In force.
    InForce,
    /// Suspended.
    Suspended,
    /// Under notice, on record since this moment.
    NoticeGiven(Timestamp),
    /// Ended.
    Terminated,
}

/// Whether reports may be exchanged at a moment; the later is the stricter.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Standing {
    /// They may.
    InForce,
    /// The agreement is suspended (AGREEMENT_SUSPENDED).
    Suspended,
    /// It has not begun or has ended (AGREEMENT_NOT_IN_FORCE).
    NotInForce,
}

/// The agreement's state as both logs say it. The stricter holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct StateView {
    /// By our log.
    pub ours: AgreementState,
    /// By the partner's log, as followed.
    pub partners: AgreementState,
    /// Signed renewals on record, for an agreement that is renewed by signature.
    pub renewals: u32,
    /// The earliest notice on record that neither state says, because a suspension came after it.
    pub notice: Option<Timestamp>,
}

impl StateView {
    /// Both logs say the same.
    #[must_use]
    pub const fn both(state: AgreementState) -> Self {
        Self { ours: state, partners: state, renewals: 0, notice: None }
    }

    /// Each log says its own.
    #[must_use]
    pub const fn of(ours: AgreementState, partners: AgreementState) -> Self {
        Self { ours, partners, renewals: 0, notice: None }
    }

    /// The earliest notice on record.
    #[must_use]
    pub fn earliest_notice(&self) -> Option<Timestamp> {
        let of = |state| if let AgreementState::NoticeGiven(at) = state { Some(at) } else { None };
        [of(self.ours), of(self.partners), self.notice].into_iter().flatten().min()
    }

    /// What holds at a moment.
    #[must_use]
    pub fn standing(&self, life: &Life, at: Timestamp) -> Standing {
        let ended = life.end(self.earliest_notice(), self.renewals).is_some_and(|end| at >= end);
        if at < life.enters_into_force || ended {
            return Standing::NotInForce;
        }
        self.ours.standing().max(self.partners.standing())
    }
}

impl AgreementState {
    const fn standing(self) -> Standing {
        match self {
            Self::InForce | Self::NoticeGiven(_) => Standing::InForce,
            Self::Suspended => Standing::Suspended,
            Self::Draft | Self::Signed | Self::Terminated => Standing::NotInForce,
        }
    }

    /// How people read it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Signed => "signed",
            Self::InForce => "in force",
            Self::Suspended => "suspended",
            Self::NoticeGiven(_) => "under notice",
            Self::Terminated => "terminated",
        }
    }
}
