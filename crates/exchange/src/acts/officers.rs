//! Officers: approvals, declined holds, and the re-entry of a draft at S2 under the policy of the moment.

use crate::{
    acts::{emergency, submit::release, upload},
    decide::{self, Disposition, ReleaseRequest, grammar, must_queue},
    model::{
        ids::{LinkId, Ticket},
        journal::Act,
        place::{DraftAt, DraftBodyAt, DraftHomeAt, InboxAt, LeafAt, SubmissionAt},
        rows::{Draft, Given, Submission, SubmissionState},
        store::{StoreError, SubmissionId},
    },
    ready::fetch::Drafted,
    state::State,
    turn::{
        batch::{Batch, Step, View},
        out::{Answer, Event, Out},
    },
};
use relto_audit::leaf::{Leaf, Precedence, Verdict};
use relto_policy::{
    code::Reason,
    ground::{Ground, Named, causes},
    reading::ReadingRule,
    waits::Waits,
};
use relto_report::signed::{Approval, Verified};

/// The link of a known submission.
pub(crate) fn link_of(state: &State, batch: &Batch<'_>, id: &SubmissionId) -> Option<LinkId> {
    let row = batch.peek(SubmissionAt(*id))?;
    let at = state.links.iter().position(|link| link.agreement.id == row.agreement)?;
    LinkId::at(at)
}

fn held(view: &View<'_>, id: &SubmissionId) -> Result<Option<(Submission, Draft)>, StoreError> {
    let Some(submission) = view.read(SubmissionAt(*id))? else { return Ok(None) };
    if !matches!(submission.state, SubmissionState::Held(_)) {
        return Ok(None);
    }
    match view.read(DraftAt(*id))? {
        Some(draft) => Ok(Some((submission, draft))),
        None => Err(StoreError::Fatal("a held submission has no draft")),
    }
}

/// An officer's approval: kept with the draft, which re-enters S2.
pub(crate) fn approve(
    view: &View<'_>,
    ticket: Ticket,
    id: SubmissionId,
    approval: Verified<Approval>,
    drafted: &Option<Box<Drafted>>,
) -> Result<Step, StoreError> {
    let mut step = Step::default();
    let reply = |mut step: Step, answer| {
        step.out.push(Out::Reply(ticket, answer));
        Ok(step)
    };
    if let Some(why) = view.halted {
        return reply(step, Answer::Unavailable(why.to_owned()));
    }
    if let Some(step) = emergency::confirm(view, ticket, id, &approval)? {
        return Ok(step);
    }
    let (Some((submission, mut draft)), Some(drafted)) = (held(view, &id)?, drafted) else {
        return reply(step, Answer::NotFound);
    };
    let (authored, approval) = (&drafted.authored, approval.into_inner());
    let Some(officer) = view.link.officers.get(&approval.account).filter(|one| approval.is_by(&one.key)) else {
        let message = "this account is no foreign disclosure officer here, or has another key by now";
        return reply(step, Answer::Invalid { rule: "R091", message: message.to_owned() });
    };
    let fits = approval.statement().ok().filter(|statement| {
        statement.agreement == view.pair.agreement.digest
            && statement.recipient == view.link.partner
            && statement.traffic == authored.document.report().traffic
            && statement.plaintext == authored.document.digest()
            && decide::is_fresh(view, statement.expires)
    });
    let Some(statement) = fits else {
        let message = "the approval is for another report, agreement version or recipient, or has expired. Show it again and approve";
        return reply(step, Answer::Invalid { rule: "R091", message: message.to_owned() });
    };
    let Some(precedence) = Precedence::parse(&statement.precedence) else {
        let message = "precedence must be FLASH, IMMEDIATE, PRIORITY or ROUTINE".to_owned();
        return reply(step, Answer::Invalid { rule: "R024", message });
    };
    // An officer's slip is the officer's to mend: it does not end the author's report.
    if let Some(reasons) = refused_at(view, &submission, &draft, drafted, precedence) {
        let reasons: Vec<String> = reasons.iter().map(ToString::to_string).collect();
        let message = format!("at {} it would be refused: {}", precedence.word(), reasons.join("; "));
        return reply(step, Answer::Invalid { rule: "R024", message });
    }
    step.journal(view, Act::Approved { submission: id, officer: approval.account.clone(), answers: statement.answers });
    draft.precedence = precedence;
    draft.approvals.retain(|given| given.approval.account != approval.account);
    draft.approvals.push(Given { approval, senior: officer.senior });
    step.replace(DraftAt(id), draft.clone());
    let state = reenter(&mut step, view, id, submission, &draft, drafted)?;
    reply(step, Answer::Stands(state))
}

/// Why another precedence than the draft's would have it refused, where its own does not; whether or not its words and
/// attachments are looked at.
fn refused_at(
    view: &View<'_>,
    submission: &Submission,
    draft: &Draft,
    drafted: &Drafted,
    precedence: Precedence,
) -> Option<Vec<Ground>> {
    if precedence == draft.precedence {
        return None;
    }
    let refusals = |wish: &ReleaseRequest| decide::refusals(view, &drafted.authored.document, &drafted.own, wish);
    let (known, asked) = (wish(submission, draft), ReleaseRequest { precedence, ..wish(submission, draft) });
    let known = refusals(&known);
    let new: Vec<Reason> = refusals(&asked).into_iter().filter(|reason| !known.contains(reason)).collect();
    (!new.is_empty()).then(|| decide::told(&new))
}

/// What a draft's release is asked with.
fn wish(submission: &Submission, draft: &Draft) -> ReleaseRequest {
    ReleaseRequest {
        account: Some(submission.account.clone()),
        precedence: draft.precedence,
        emergency: draft.emergency,
        approvals: draft.approvals.clone(),
    }
}

/// An officer says no: the author sees who and why, the partner nothing.
pub(crate) fn decline(
    view: &View<'_>,
    ticket: Ticket,
    id: SubmissionId,
    officer: String,
    reason: String,
) -> Result<Step, StoreError> {
    let mut step = Step::default();
    if let Some(why) = view.halted {
        step.out.push(Out::Reply(ticket, Answer::Unavailable(why.to_owned())));
        return Ok(step);
    }
    if let Some(step) = emergency::deny(view, ticket, id, &officer, &reason)? {
        return Ok(step);
    }
    let Some((mut submission, _)) = held(view, &id)? else {
        step.out.push(Out::Reply(ticket, Answer::NotFound));
        return Ok(step);
    };
    step.journal(view, Act::Declined { submission: id, officer: officer.clone(), reason: reason.clone() });
    submission.state = SubmissionState::Declined { officer, reason };
    step.out.push(Out::Reply(ticket, Answer::Stands(submission.state.clone())));
    step.event(Event::Moved(id, submission.state.clone()));
    step.replace(SubmissionAt(id), submission);
    forget(&mut step, id);
    upload::throw_away(&mut step, id);
    Ok(step)
}

/// The rows of a draft are gone, and with them the keys that they were encrypted under. Parts of a long one are the leaf's
/// where it is released.
fn forget(step: &mut Step, id: SubmissionId) {
    step.erase(DraftAt(id));
    step.erase(DraftBodyAt(id));
    step.erase(DraftHomeAt(id));
}

/// The row of a queued report, and why it still waits, as far as is told without its draft; `None`: it may go.
pub(crate) fn waits(
    view: &View<'_>,
    id: SubmissionId,
    precedence: Precedence,
) -> Result<Option<(Submission, Waits)>, StoreError> {
    let Some(submission) = view.read(SubmissionAt(id))? else {
        return Err(StoreError::Fatal("a queued submission is missing"));
    };
    Ok(must_queue(view, 0, precedence).map(|why| (submission, why)))
}

/// A queued report still waits, for this.
pub(crate) fn still_queued(id: SubmissionId, submission: Submission, why: Waits) -> Step {
    let mut step = Step::default();
    let state = SubmissionState::Queued(why);
    if submission.state != state {
        step.replace(SubmissionAt(id), Submission { state, ..submission });
    }
    step
}

/// A queued report, made ready.
pub(crate) fn take_queued(view: &View<'_>, id: SubmissionId, drafted: &Drafted) -> Result<Step, StoreError> {
    let mut step = Step::default();
    let Some(submission) = view.read(SubmissionAt(id))? else { return Ok(step) };
    if !matches!(submission.state, SubmissionState::Queued(_)) {
        return Ok(step);
    }
    let Some(draft) = view.read(DraftAt(id))? else {
        return Err(StoreError::Fatal("a queued submission has no draft"));
    };
    reenter(&mut step, view, id, submission, &draft, drafted)?;
    Ok(step)
}

/// S2 again, under the policy of this moment; a draft that was queued or held has no other road to S4.
fn reenter(
    step: &mut Step,
    view: &View<'_>,
    id: SubmissionId,
    mut submission: Submission,
    draft: &Draft,
    Drafted { authored, own, .. }: &Drafted,
) -> Result<SubmissionState, StoreError> {
    let wish = wish(&submission, draft);
    let (account, agreement) = (submission.account.clone(), view.pair.agreement.digest);
    let (signed, whose) = (submission.signed, account.clone());
    let refused = |reasons: &[Ground]| {
        let (account, reasons) = (whose.clone(), causes(reasons));
        Act::NotReleased { submission: id, account, agreement, signed, reasons }
    };
    let spent = grammar::fault(view, authored, own)?;
    let (state, stays) = match (spent, decide::outbound(view, &authored.document, own, &wish)) {
        // Another draft with the same serial was released meanwhile.
        (Some(Answer::Invalid { rule, message }), _) => {
            let reasons = vec![Ground::new(Named::Rule(rule), false, &message)];
            step.journal(view, refused(&reasons));
            (SubmissionState::Refused(reasons), false)
        }
        (_, Disposition::Release(permit)) => {
            let index = release(step, view, id, &account, (authored, own), &wish, &permit)?;
            (SubmissionState::Released(index), false)
        }
        (_, Disposition::Queue(why)) => (SubmissionState::Queued(why), true),
        (_, Disposition::Hold(owed)) => (SubmissionState::Held(owed), true),
        (_, Disposition::Refuse(reasons)) => {
            step.journal(view, refused(&reasons));
            (SubmissionState::Refused(reasons), false)
        }
    };
    if !stays {
        forget(step, id);
    }
    if matches!(state, SubmissionState::Refused(_)) {
        upload::throw_away(step, id);
    }
    if state.at_rest() != submission.state || draft.precedence != submission.precedence {
        submission.precedence = draft.precedence;
        submission.state = state.at_rest();
        step.event(Event::Moved(id, state.clone()));
        step.replace(SubmissionAt(id), submission);
    }
    Ok(state)
}

/// The register of openings: who opened which admitted report, before its text is shown, and who was refused. API-25
pub(crate) fn register_opening(
    view: &View<'_>,
    ticket: Ticket,
    account: String,
    index: u64,
    decided: Result<String, Vec<ReadingRule>>,
) -> Result<Step, StoreError> {
    let mut step = Step::default();
    let row = view.read(InboxAt(view.pair.theirs.origin, index))?;
    // R6: readable only once a checkpoint of ours covers the receipt
    let sealed = view.pair.mine.sealed();
    let readable = match row {
        Some(row) if row.verdict == Verdict::Admitted && row.outcome < sealed => is_admitted(view, index, row.outcome)?,
        _ => false,
    };
    if !readable {
        step.out.push(Out::Reply(ticket, Answer::NotFound));
        return Ok(step);
    }
    if let Some(why) = view.halted {
        step.out.push(Out::Reply(ticket, Answer::Unavailable(why.to_owned())));
        return Ok(step);
    }
    let (agreement, nation) = (view.link.agreement.id.clone(), view.link.partner);
    let act = match decided {
        Ok(office) => Act::Opened { account, office, agreement, nation, index },
        Err(reasons) => Act::NotOpened { account, agreement, nation, index, reasons },
    };
    step.journal(view, act);
    step.out.push(Out::Reply(ticket, Answer::Noted));
    Ok(step)
}

/// The leaf decides and not the row: a row that says "admitted" over another Outcome opens nothing.
fn is_admitted(view: &View<'_>, index: u64, outcome: u64) -> Result<bool, StoreError> {
    let Some(bytes) = view.read(LeafAt(view.pair.mine.origin, outcome))? else { return Ok(false) };
    let Ok(Leaf::Outcome(found)) = Leaf::decode(&bytes) else { return Ok(false) };
    Ok(found.index == index && found.verdict == Verdict::Admitted)
}
