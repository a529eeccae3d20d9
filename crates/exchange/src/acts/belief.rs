//! Whether this node's clock is believed. Until it is, nothing is put into the journal: an entry of a time that has not
//! come would hold up all that follow. FLW-25

use crate::{
    acts::start,
    model::{ids::Ticket, journal::Act, store::StoreError},
    state::{
        State,
        belief::{By, Voice},
    },
    turn::{
        batch::{Batch, Step},
        out::{Answer, Event, Out},
    },
};
use relto_report::signed::{ClockWord, Verified};

/// From now on it is believed: what had to wait is put on record.
pub(crate) fn believe(state: &mut State, batch: &mut Batch<'_>, by: By) -> Result<(), StoreError> {
    if state.belief.by.is_some() || state.halted.is_some() {
        return Ok(());
    }
    state.belief.by = Some(by.clone());
    if std::mem::take(&mut state.belief.started) {
        start::started(state, batch)?;
    }
    let belief = &state.belief;
    let words = if by == By::Accounts { [&belief.operator, &belief.auditor] } else { [&None, &None] };
    let words: Vec<ClockWord> = words.into_iter().flatten().cloned().collect();
    batch.push(Out::Event(Event::ClockBelieved(by.clone())));
    batch.run_national(state, |view| {
        let mut step = Step::default();
        step.journal(view, Act::ClockBelieved { by: by.to_string(), words });
        Ok(step)
    })
}

/// One of the two says so; the other, of another account, makes it stand.
pub(crate) fn word(
    state: &mut State,
    batch: &mut Batch<'_>,
    (ticket, voice): (Ticket, Voice),
    word: Verified<ClockWord>,
) -> Result<(), StoreError> {
    if state.belief.by.is_some() && batch.now().trusted {
        return batch.answer(ticket, Answer::Noted);
    }
    // It has stepped, or stands before our records: as at a start, the two may say that it is right all the same.
    if state.belief.by.is_some() {
        state.doubt_clock("it stepped, or stands before our own records");
    }
    let word = word.into_inner();
    let belief = &mut state.belief;
    let (own, other) = match voice {
        Voice::Operator => (&mut belief.operator, &belief.auditor),
        Voice::Auditor => (&mut belief.auditor, &belief.operator),
    };
    if other.as_ref().is_some_and(|other| other.account == word.account) {
        let message = "two accounts sign that the clock is right: another one than the first".to_owned();
        return batch.answer(ticket, Answer::Invalid { rule: "FLW-25", message });
    }
    *own = Some(word);
    if belief.operator.is_some() && belief.auditor.is_some() {
        believe(state, batch, By::Accounts)?;
    }
    batch.answer(ticket, Answer::Noted)
}
