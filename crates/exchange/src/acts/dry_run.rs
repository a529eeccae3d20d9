//! A dry run: what a submission would be answered now. The writer gives what its records say; the decision itself is
//! made by whoever asks.

use crate::{
    batch::View,
    decide::{self, Basis, Road, Wish, must_queue},
    exchange::Link,
    input::Answer,
    ready::Own,
    records,
    rows::SubmissionState,
};
use relto_policy::change::Bound;
use relto_report::signed::Authored;
use std::sync::Arc;

/// S1 as the records have it, and what S2 needs of them.
pub struct Outlook {
    answer: Option<Answer>,
    bound: Arc<Bound>,
    now: u64,
    queue: Option<String>,
}

impl Outlook {
    pub(crate) fn of(view: &View<'_>, authored: &Authored, own: &Own) -> Self {
        let halted = view.halted.map(|why| Answer::Unavailable(why.to_owned()));
        let precedence = Wish::of(authored, false).precedence;
        Self {
            answer: halted.or_else(|| records::fault(view, authored, own)),
            bound: view.pair.out.clone(),
            now: view.now.millis,
            queue: must_queue(view, own.payload.length(), precedence),
        }
    }

    /// S2, without a trace: what the same submission would be answered.
    #[must_use]
    pub fn answer(self, link: &Link, account: &str, authored: &Authored, own: &Own, emergency: bool) -> Answer {
        if let Some(answer) = self.answer {
            return answer;
        }
        let basis = Basis { link, bound: &self.bound, now: self.now };
        let wish = Wish::of(authored, emergency).by(account);
        match decide::judge(&basis, &authored.document, own, &wish, |_, _| self.queue) {
            Road::Release(permit) => Answer::Releasable(decide::basis(&permit)),
            Road::Queue(why) => Answer::Stands(SubmissionState::Queued(why)),
            Road::Hold(owed) => Answer::Stands(SubmissionState::Held(owed)),
            Road::Refuse(reasons) => Answer::Stands(SubmissionState::Refused(reasons)),
        }
    }
}
