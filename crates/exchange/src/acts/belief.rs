//! Whether this node's clock is believed. Until it is, nothing is put into the journal: an entry of a time that has not
//! come would hold up all that follow. FLW-25

use crate::{
    batch::{Batch, Step},
    exchange::Exchange,
    input::{Answer, Event, LinkId, Out, Ticket},
    journal::Act,
    session,
    store::StoreError,
};
use relto_report::{
    nation::Nation,
    signed::{ClockWord, Verified},
};
use std::fmt;

/// By what the clock is believed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum By {
    /// node.toml says that somebody else looks after it.
    Configuration,
    /// The system says that it is synchronised.
    System,
    /// It stands within a day behind the newest of our own records.
    Records,
    /// The HELLO of this nation was within the agreement's skew.
    Partner(Nation),
    /// An operator and an auditor signed that it is right.
    Accounts,
}

impl fmt::Display for By {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Configuration => f.write_str("node.toml"),
            Self::System => f.write_str("the system, which says that it is synchronised"),
            Self::Records => f.write_str("our own records, the newest of which is less than a day old"),
            Self::Partner(nation) => write!(f, "a HELLO of {nation}"),
            Self::Accounts => f.write_str("an operator and an auditor"),
        }
    }
}

/// Which of the two signs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Voice {
    /// An account that runs the service.
    Operator,
    /// An account that audits.
    Auditor,
}

/// What is known of the clock.
#[derive(Clone, Debug)]
pub struct Belief {
    /// By what it is believed; `None`: not yet.
    by: Option<By>,
    /// Why not, for people.
    why: String,
    operator: Option<ClockWord>,
    auditor: Option<ClockWord>,
    /// The node has started, which the journal is to say.
    pub(crate) started: bool,
}

impl Default for Belief {
    fn default() -> Self {
        Self { by: Some(By::Configuration), why: String::new(), operator: None, auditor: None, started: false }
    }
}

impl Belief {
    /// By what it is believed.
    #[must_use]
    pub const fn by(&self) -> Option<&By> {
        self.by.as_ref()
    }

    /// Why it is not.
    #[must_use]
    pub fn doubt(&self) -> Option<&str> {
        self.by.is_none().then_some(self.why.as_str())
    }

    /// Whose signature is here: an operator's, an auditor's.
    #[must_use]
    pub const fn signed(&self) -> (bool, bool) {
        (self.operator.is_some(), self.auditor.is_some())
    }
}

impl Exchange {
    /// At start: the clock is not believed, and why.
    pub fn doubt_clock(&mut self, why: &str) {
        self.belief = Belief { by: None, why: why.to_owned(), ..Belief::default() };
    }

    /// At start: by what it is believed.
    pub fn believe_clock(&mut self, by: By) {
        self.belief.by = Some(by);
    }

    /// What is known of the clock.
    #[must_use]
    pub const fn belief(&self) -> &Belief {
        &self.belief
    }
}

/// From now on it is believed: what had to wait is put on record.
pub(crate) fn believe(exchange: &mut Exchange, batch: &mut Batch<'_>, by: By) -> Result<(), StoreError> {
    if exchange.belief.by.is_some() || exchange.halted.is_some() {
        return Ok(());
    }
    exchange.belief.by = Some(by.clone());
    if std::mem::take(&mut exchange.belief.started) {
        session::started(exchange, batch)?;
    }
    let belief = &exchange.belief;
    let words = if by == By::Accounts { [&belief.operator, &belief.auditor] } else { [&None, &None] };
    let words: Vec<ClockWord> = words.into_iter().flatten().cloned().collect();
    batch.push(Out::Event(Event::ClockBelieved(by.clone())));
    batch.run(exchange, LinkId(0), |view| {
        let mut step = Step::default();
        step.journal(view, Act::ClockBelieved { by: by.to_string(), words });
        Ok(step)
    })
}

/// One of the two says so; the other, of another account, makes it stand.
pub(crate) fn word(
    exchange: &mut Exchange,
    batch: &mut Batch<'_>,
    (ticket, voice): (Ticket, Voice),
    word: Verified<ClockWord>,
) -> Result<(), StoreError> {
    if exchange.belief.by.is_some() && batch.now().trusted {
        return batch.answer(ticket, Answer::Noted);
    }
    // It has stepped, or stands before our records: as at a start, the two may say that it is right all the same.
    if exchange.belief.by.is_some() {
        exchange.doubt_clock("it stepped, or stands before our own records");
    }
    let word = word.into_inner();
    let belief = &mut exchange.belief;
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
        believe(exchange, batch, By::Accounts)?;
    }
    batch.answer(ticket, Answer::Noted)
}
