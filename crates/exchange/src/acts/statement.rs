//! Statements: every act between the nations that is not a report. They take a report's road; a form is a body, here a
//! note, and a rule at each end ([`super::forms`]).

use crate::{
    acts::{
        close::{Closing, close},
        forms::{Said, rules_of},
        post::{Posting, What, post},
    },
    decide::must_queue,
    forms::Form,
    input::Stated,
    model::{
        limits::MAX_STATEMENTS,
        link::Link,
        place::SubmissionAt,
        rows::{About, Awaited, Detail, Outbox, Submission, SubmissionState},
        store::StoreError,
    },
    ready::ReceivedPayload,
    state::pair::Pair,
    turn::{
        batch::{Step, View},
        out::{Answer, Out},
    },
};
use relto_audit::{commitment::plaintext_digest, leaf::Precedence};
use relto_policy::{
    agreement::Agreement,
    code::Code,
    state::{Standing, StateView},
};
use relto_report::calendar::Timestamp;
use std::sync::Arc;

/// Whether the agreement lets a form pass in the state of this moment; or the code that says why not.
fn permitted(pair: &Pair, millis: u64, word: &str) -> Result<(), Code> {
    lets_pass(&pair.agreement, pair.state, Timestamp::from_millis(millis), word)
}

fn lets_pass(agreement: &Agreement, state: StateView, now: Timestamp, word: &str) -> Result<(), Code> {
    let life = &agreement.life;
    let listed = |list: &[String]| list.iter().any(|one| one == word);
    match state.standing(life, now) {
        Standing::InForce => Ok(()),
        Standing::Suspended if listed(&life.while_suspended) => Ok(()),
        Standing::Suspended => Err(Code::AgreementSuspended),
        Standing::NotInForce if now >= life.enters_into_force && listed(&life.after_end) => Ok(()),
        Standing::NotInForce => Err(Code::AgreementNotInForce),
    }
}

/// Whether a row of ours on its way may go on in the state of this moment: a report, or a Statement of a form that the
/// state lets pass. FLW-18, FLW-22
pub(crate) fn may_go(link: &Link, pair: &Pair, millis: u64, row: &Outbox) -> bool {
    let Some(about) = &row.statement else { return pair.stands(millis) };
    word_of(link, about.form).is_some_and(|word| permitted(pair, millis, word).is_ok())
}

fn word_of(link: &Link, form: u16) -> Option<&str> {
    link.vocabulary.statement_forms.get(usize::from(form)).map(String::as_str)
}

/// The form, where this program knows it. One that it does not know is refused, not ignored.
pub(crate) fn form_of(link: &Link, about: About) -> Option<Form> {
    word_of(link, about.form).and_then(Form::of_word)
}

/// One of our people makes a Statement: the leaf, its payload and its records in one transaction. FLW-22
pub(crate) fn make(view: &View<'_>, stated: &Stated) -> Result<Step, StoreError> {
    let mut step = Step::default();
    let answer = |mut step: Step, answer| {
        step.out.push(Out::Reply(stated.ticket, answer));
        Ok(step)
    };
    // FLW-1
    if let Some(known) = view.read(SubmissionAt(stated.id))? {
        let same = known.account == stated.account && known.signed == stated.digest();
        return answer(step, if same { Answer::Stands(known.state) } else { Answer::IdReused });
    }
    if let Some(why) = view.halted {
        return answer(step, Answer::Unavailable(why.to_owned()));
    }
    let word = stated.form.word();
    let forms = &view.link.vocabulary.statement_forms;
    let number = forms.iter().position(|form| form == word).and_then(|at| u16::try_from(at).ok());
    let Some(number) = number else { return answer(step, Answer::NotFound) };
    let sayable = match (rules_of(stated.form).make)(view, stated)? {
        Ok(sayable) => sayable,
        Err(why) => return answer(step, why),
    };
    if let Err(code) = permitted(view.pair, view.now.millis, word) {
        let message = format!("{} does not let {word} pass now", view.link.agreement.id);
        return answer(step, Answer::Invalid { rule: code.name(), message });
    }
    let open = view.pair.unresolved.values().filter(|row| row.statement.is_some()).count();
    let full = (open >= MAX_STATEMENTS).then(|| "the window of unanswered statements is full".to_owned());
    if let Some(why) = full.or_else(|| must_queue(view, 0, sayable.precedence).map(|why| why.to_string())) {
        return answer(step, Answer::Unavailable(format!("{why}; nothing was written, say it again later")));
    }
    let about = About { form: number, subject: Some(stated.subject) };
    let index = append(&mut step, view, stated, about, sayable.precedence);
    (sayable.mark)(&mut step, index);
    let state = SubmissionState::Released(index);
    answer(step, Answer::Stands(state))
}

/// S4 for a Statement. Its body is small, and is encrypted with the small rows.
fn append(step: &mut Step, view: &View<'_>, stated: &Stated, about: About, precedence: Precedence) -> u64 {
    let (salt, plaintext) = (view.salt(), stated.note.encode());
    let detail = Detail {
        salt: view.salt(),
        account: stated.account.clone(),
        author: Vec::new(),
        signature: Vec::new(),
        approvals: Vec::new(),
        basis: format!("{} by {}", stated.form.word(), stated.note.from),
    };
    let payload = Arc::new([&salt[..], &plaintext].concat());
    let posting = Posting {
        submission: stated.id,
        serial: String::new(),
        precedence,
        plaintext: (plaintext_digest(&plaintext), u64::try_from(plaintext.len()).unwrap_or(u64::MAX)),
        salt,
        payload: &payload,
        ready: None,
        detail,
        what: What::Statement(about),
    };
    let index = post(step, view, posting);
    let submission = Submission {
        account: stated.account.clone(),
        signed: stated.digest(),
        agreement: view.link.agreement.id.clone(),
        serial: String::new(),
        precedence,
        time: view.now.millis,
        state: SubmissionState::Released(index),
    };
    step.insert(SubmissionAt(stated.id), submission);
    index
}

/// R3 to R5 for a Statement of the partner. FLW-22
pub(crate) fn judge_statement(
    step: &mut Step,
    view: &View<'_>,
    index: u64,
    row: &Awaited,
    about: &About,
    theirs: &ReceivedPayload,
) -> Result<(), StoreError> {
    let closing = match judge(step, view, index, row, about, theirs)? {
        Ok(()) => Closing::admitted(theirs.payload.clone(), String::new()),
        Err(code) => Closing::refused(code.bit()),
    };
    close(step, view, index, row, closing);
    Ok(())
}

fn judge(
    step: &mut Step,
    view: &View<'_>,
    index: u64,
    row: &Awaited,
    about: &About,
    theirs: &ReceivedPayload,
) -> Result<Result<(), Code>, StoreError> {
    // A form that this program does not know is refused, not ignored.
    let Some(form) = form_of(view.link, *about) else {
        return Ok(Err(Code::EvaluationError));
    };
    let Some(note) = &theirs.note else { return Ok(Err(Code::Malformed)) };
    let then = view.pair.bound_then(index, row.seen.size);
    if then.in_force.agreement.digest != row.agreement {
        return Ok(Err(Code::AgreementDigestMismatch));
    }
    // By what its owner knew, at the leaf's time; and by what is known here now, as one that crossed where only that stops
    // it. A direction's suspension stops reports alone.
    let agreement = view.pair.versions.get(&row.agreement).unwrap_or(&view.pair.agreement);
    let state = view.pair.changes.as_of(row.seen.size, index).state(agreement);
    if let Err(code) = lets_pass(agreement, state, Timestamp::from_millis(row.time), form.word()) {
        return Ok(Err(code));
    }
    if let Err(code) = permitted(view.pair, view.now.millis, form.word()) {
        let by_the_clock = lets_pass(agreement, state, Timestamp::from_millis(view.now.millis), form.word()).is_err();
        return Ok(Err(if by_the_clock { code } else { Code::Crossed }));
    }
    (rules_of(form).take)(step, view, &Said { index, row, about, note })
}
