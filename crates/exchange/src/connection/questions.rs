//! What the partner asks about a log: one question at a time, few in an hour, answered below all else. REC-2
//!
//! A node that recovers asks for its own log, from its first leaf on if need be, and is given more.

use crate::{
    model::ids::LinkId,
    wire::{frame::Frame, question::Question},
};

/// Milliseconds of an hour.
const HOUR: u64 = 3_600_000;
/// Questions of an hour about a log of ours that are answered.
const MOST: u32 = 1_024;
/// And about the partner's own.
const MOST_OF_ITS_OWN: u32 = 65_536;

/// A question that is to be answered from the store.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Asked {
    /// On which link.
    pub link: LinkId,
    /// What.
    pub question: Question,
    /// Leaves that the partner was sent, or that we have of its log: of what is beyond nothing is said.
    pub limit: u64,
}

/// What was asked on one connection.
#[derive(Default)]
pub(super) struct Questions {
    asked: Option<Asked>,
    answer: Option<Frame>,
    /// When this hour began, and what was taken in it: about our logs, and about the partner's.
    since: u64,
    taken: [u32; 2],
}

impl Questions {
    /// Takes a question; one that comes before the last was answered, or beyond what an hour allows, is dropped.
    pub(super) fn take(&mut self, asked: Asked, of_its_own: bool, now: u64) {
        if now.saturating_sub(self.since) >= HOUR {
            (self.since, self.taken) = (now, [0; 2]);
        }
        let [ours, theirs] = &mut self.taken;
        let (taken, most) = if of_its_own { (theirs, MOST_OF_ITS_OWN) } else { (ours, MOST) };
        if self.asked.is_some() || self.answer.is_some() || *taken >= most {
            return;
        }
        *taken += 1;
        self.asked = Some(asked);
    }

    /// What is to be read.
    pub(super) const fn asked(&self) -> Option<Asked> {
        self.asked
    }

    /// What the store says to it.
    pub(super) fn answer(&mut self, frame: Option<Frame>) {
        if self.asked.take().is_some() {
            self.answer = frame;
        }
    }

    /// What is to be sent.
    pub(super) const fn pull(&mut self) -> Option<Frame> {
        self.answer.take()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::protocol::ByeCode;
    use relto_audit::origin::Origin;

    #[test]
    fn rec_2_one_question_at_a_time_and_few_in_an_hour() {
        let mut questions = Questions::default();
        let asked =
            |first| Asked { link: LinkId(0), question: Question::Leaves(Origin::from_bytes([1; 32]), first), limit: 9 };
        let frame = || Some(Frame::bye(ByeCode::Done));
        questions.answer(frame());
        assert!(questions.pull().is_none(), "nobody asked");
        for (of_its_own, most) in [(false, MOST), (true, MOST_OF_ITS_OWN)] {
            for n in 0..most {
                questions.take(asked(u64::from(n)), of_its_own, u64::from(n % 7));
                questions.take(asked(0), of_its_own, 0);
                assert_eq!(questions.asked(), Some(asked(u64::from(n))), "the second waits for nobody");
                questions.answer(frame());
                questions.take(asked(0), of_its_own, 0);
                assert!(questions.asked().is_none(), "nor while the answer is on its way");
                assert!(questions.pull().is_some() && questions.pull().is_none());
            }
            questions.take(asked(0), of_its_own, HOUR - 1);
            assert!(questions.asked().is_none());
        }
        questions.take(asked(0), false, 2 * HOUR);
        assert!(questions.asked().is_some(), "an hour later");
    }
}
