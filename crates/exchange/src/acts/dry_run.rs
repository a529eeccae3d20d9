//! A dry run: what a submission would be answered now. The writer gives what its records say; the decision itself is
//! made by whoever asks.

use crate::{
    decide::{self, Basis, Disposition, ReleaseRequest, grammar, must_queue},
    model::{link::Link, rows::SubmissionState, store::StoreError},
    ready::Prepared,
    turn::{batch::View, out::Answer},
};
use relto_policy::{change::Bound, waits::Waits};
use relto_report::signed::Authored;
use std::sync::Arc;

/// S1 as the records have it, and what S2 needs of them.
pub struct DryRun {
    answer: Option<Answer>,
    bound: Arc<Bound>,
    now: u64,
    queue: Option<Waits>,
}

impl DryRun {
    pub(crate) fn of(view: &View<'_>, authored: &Authored, own: &Prepared) -> Result<Self, StoreError> {
        let precedence = ReleaseRequest::of(authored, false).precedence;
        let answer = match view.halted {
            Some(why) => Some(Answer::Unavailable(why.to_owned())),
            None => grammar::fault(view, authored, own)?,
        };
        let queue = must_queue(view, own.length, precedence);
        Ok(Self { answer, bound: view.pair.out.clone(), now: view.now.millis, queue })
    }

    /// S2, without a trace: what the same submission would be answered.
    #[must_use]
    pub fn answer(self, link: &Link, account: &str, authored: &Authored, own: &Prepared, emergency: bool) -> Answer {
        if let Some(answer) = self.answer {
            return answer;
        }
        let basis = Basis { link, bound: &self.bound, now: self.now };
        let wish = ReleaseRequest::of(authored, emergency).by(account);
        match decide::judge(&basis, &authored.document, own, &wish, |_, _| self.queue) {
            Disposition::Release(permit) => Answer::Releasable(decide::basis(&permit)),
            Disposition::Queue(why) => Answer::Stands(SubmissionState::Queued(why)),
            Disposition::Hold(owed) => Answer::Stands(SubmissionState::Held(owed)),
            Disposition::Refuse(reasons) => Answer::Stands(SubmissionState::Refused(reasons)),
        }
    }
}
