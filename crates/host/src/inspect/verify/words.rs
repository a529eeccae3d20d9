//! What the journal says of each submission, entry by entry: the rows beside the logs must say the same. API-22

use relto_exchange::{journal::Act, rows::Confirmation};
use relto_report::digest::Digest;

/// What the journal says of a submission.
#[derive(Default)]
pub(super) struct Words {
    pub(super) last: Option<Word>,
    pub(super) second: Second,
}

/// The journal's last word on whether it leaves.
pub(super) enum Word {
    /// Held, queued, approved: whatever came of it stands elsewhere.
    Open,
    /// With the digest of what was signed, since the journal has it.
    Refused(Option<Digest>),
    Declined(String),
}

/// What the journal says of a second officer, where it was released in an emergency. FLW-20
#[derive(Default)]
pub(super) enum Second {
    #[default]
    NotOwed,
    Owed(u64),
    Given(String),
    Denied(String, String),
}

impl Second {
    /// The row of the outbox says the same.
    pub(super) fn is(&self, row: &Confirmation) -> bool {
        match (self, row) {
            (Self::NotOwed, Confirmation::NotOwed) => true,
            (Self::Owed(until), Confirmation::Owed { by }) => until == by,
            (Self::Given(officer), Confirmation::Given(approval)) => *officer == approval.account,
            (Self::Denied(by, why), Confirmation::Denied { officer, reason }) => (by, why) == (officer, reason),
            _ => false,
        }
    }
}

impl Words {
    /// Takes in one act that names the submission.
    pub(super) fn hear(&mut self, act: Act) {
        match act {
            Act::RefusedInWords { .. } => self.last = Some(Word::Refused(None)),
            Act::NotReleasedInWords { signed, .. } | Act::NotReleased { signed, .. } => {
                self.last = Some(Word::Refused(Some(signed)));
            }
            // By version 2 of the store an officer who did not confirm had declined what had left already.
            Act::Declined { officer, reason, .. } if !matches!(self.second, Second::NotOwed) => {
                self.second = Second::Denied(officer, reason);
            }
            Act::Declined { officer, .. } => self.last = Some(Word::Declined(officer)),
            Act::HeldInWords { .. }
            | Act::Held { .. }
            | Act::QueuedInWords { .. }
            | Act::Queued { .. }
            | Act::Approved { .. } => self.last = Some(Word::Open),
            Act::Emergency { by, .. } => self.second = Second::Owed(by),
            Act::Confirmed { officer, .. } => self.second = Second::Given(officer),
            Act::NotConfirmed { officer, reason, .. } => self.second = Second::Denied(officer, reason),
            _ => {}
        }
    }
}

/// The submission that an act names.
pub(super) const fn named(act: &Act) -> Option<[u8; 16]> {
    match act {
        Act::RefusedInWords { submission, .. }
        | Act::NotReleasedInWords { submission, .. }
        | Act::NotReleased { submission, .. }
        | Act::HeldInWords { submission, .. }
        | Act::Held { submission, .. }
        | Act::QueuedInWords { submission, .. }
        | Act::Queued { submission, .. }
        | Act::Approved { submission, .. }
        | Act::Declined { submission, .. }
        | Act::Emergency { submission, .. }
        | Act::Confirmed { submission, .. }
        | Act::NotConfirmed { submission, .. } => Some(*submission),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: [u8; 16] = [1; 16];

    fn heard(acts: Vec<Act>) -> Words {
        let mut words = Words::default();
        acts.into_iter().for_each(|act| {
            assert_eq!(named(&act), Some(ID));
            words.hear(act);
        });
        words
    }

    fn denied(officer: &str) -> Confirmation {
        Confirmation::Denied { officer: officer.to_owned(), reason: "why".to_owned() }
    }

    #[test]
    fn flw_20_a_second_officers_word_is_the_journals() {
        let emergency = || Act::Emergency { submission: ID, index: 3, officers: vec!["one".to_owned()], by: 9 };
        let (officer, reason) = (|| "two".to_owned(), || "why".to_owned());
        let no = Act::NotConfirmed { submission: ID, index: 3, officer: officer(), reason: reason() };
        let yes = Act::Confirmed { submission: ID, index: 3, officer: officer() };
        // As version 2 of the store had it.
        let old = Act::Declined { submission: ID, officer: officer(), reason: reason() };
        let owed = heard(vec![emergency()]).second;
        assert!(owed.is(&Confirmation::Owed { by: 9 }) && !owed.is(&Confirmation::Owed { by: 8 }));
        assert!(!owed.is(&Confirmation::NotOwed) && !owed.is(&denied("two")));
        for act in [no, old] {
            let words = heard(vec![emergency(), act]);
            assert!(words.last.is_none(), "it stays released");
            assert!(words.second.is(&denied("two")) && !words.second.is(&denied("three")));
            assert!(!words.second.is(&Confirmation::Owed { by: 9 }), "a row that was turned back");
        }
        assert!(matches!(heard(vec![emergency(), yes]).second, Second::Given(by) if by == "two"));
        let declined = heard(vec![Act::Declined { submission: ID, officer: officer(), reason: reason() }]);
        assert!(matches!(declined.last, Some(Word::Declined(by)) if by == "two"));
        assert!(declined.second.is(&Confirmation::NotOwed));
    }
}
