//! Release in an emergency: one officer released alone what needs two, and a second one confirms it afterwards, or an
//! incident is opened.

use crate::{
    decide,
    model::{
        ids::Ticket,
        journal::Act,
        place::{DetailAt, OutboxAt, SubmissionAt},
        rows::{Confirmation, Detail, Outbox, Submission, SubmissionState},
        store::{StoreError, SubmissionId},
    },
    turn::{
        batch::{Step, View},
        out::{Answer, Out},
    },
};
use relto_audit::leaf::Precedence;
use relto_policy::{
    check::Permit,
    code::{Code, CodeSet},
};
use relto_report::{
    codec,
    signed::{Approval, AuthorStatement, MAX_STATEMENT, Verified},
};

/// Who answers for the confirmation.
const SECOND: &str = "a second officer confirms or refuses: neither its author nor an officer who released it";

/// What a release under this permit leaves owed. FLW-20
pub(crate) fn owe_confirmation(
    step: &mut Step,
    view: &View<'_>,
    id: SubmissionId,
    index: u64,
    permit: &Permit,
) -> Confirmation {
    if !permit.basis().emergency {
        return Confirmation::NotOwed;
    }
    // A permit in an emergency is only made under an agreement that says how long the confirmation may take.
    let hours = view.pair.agreement.emergency.as_ref().map_or(0, |clause| clause.confirm_within_hours);
    let by = view.now.millis.saturating_add(u64::from(hours).saturating_mul(3_600_000));
    step.journal(view, Act::Emergency { submission: id, index, officers: permit.basis().officers.clone(), by });
    Confirmation::Owed { by }
}

/// The row of a released report whose confirmation is owed.
fn unconfirmed(view: &View<'_>, id: &SubmissionId) -> Result<Option<(Submission, u64, Outbox)>, StoreError> {
    let Some(submission) = view.read(SubmissionAt(*id))? else { return Ok(None) };
    let SubmissionState::Released(index) = submission.state else { return Ok(None) };
    match view.read(OutboxAt(view.pair.mine.origin, index))? {
        Some(row) if matches!(row.confirmation, Confirmation::Owed { .. }) => Ok(Some((submission, index, row))),
        _ => Ok(None),
    }
}

/// Whether this officer released it: an approval that was for another precedence, or answered something else, did not.
fn released(detail: &Detail, submission: &Submission, account: &str) -> bool {
    let precedence = submission.precedence.word();
    detail.approvals.iter().filter(|given| given.approval.account == account).any(|given| {
        given
            .approval
            .statement()
            .is_ok_and(|signed| signed.precedence == precedence && CodeSet::of_names(&signed.answers).release())
    })
}

/// A second officer confirms. `None` where nothing of the kind is owed. FLW-20
pub(crate) fn confirm(
    view: &View<'_>,
    ticket: Ticket,
    id: SubmissionId,
    approval: &Verified<Approval>,
) -> Result<Option<Step>, StoreError> {
    let Some((submission, index, row)) = unconfirmed(view, &id)? else { return Ok(None) };
    let Some(detail) = view.read(DetailAt(view.pair.mine.origin, index))? else {
        return Err(StoreError::Fatal("a released report has no detail"));
    };
    let mut step = Step::default();
    let approval = approval.get();
    let wrong = if approval.account == submission.account || released(&detail, &submission, &approval.account) {
        Some(SECOND)
    } else if !view.link.officers.get(&approval.account).is_some_and(|one| approval.is_by(&one.key)) {
        Some("this account is no foreign disclosure officer here, or has another key by now")
    } else if !signs_for(view, approval, &detail.author, submission.precedence) {
        Some(
            "the confirmation is for another report, agreement version, recipient or precedence, answers another code than \
              SECOND_APPROVAL_REQUIRED, or has expired. Show it again and approve",
        )
    } else {
        None
    };
    if let Some(message) = wrong {
        step.out.push(Out::Reply(ticket, Answer::Invalid { rule: "R091", message: message.to_owned() }));
        return Ok(Some(step));
    }
    step.journal(view, Act::Confirmed { submission: id, index, officer: approval.account.clone() });
    let confirmed = Outbox { confirmation: Confirmation::Given(approval.clone()), ..row };
    step.replace(OutboxAt(view.pair.mine.origin, index), confirmed);
    step.out.push(Out::Reply(ticket, Answer::Stands(submission.state)));
    Ok(Some(step))
}

/// Whether the officer signed for what the author of this statement wrote, as it was released.
fn signs_for(view: &View<'_>, approval: &Approval, author: &[u8], precedence: Precedence) -> bool {
    let (Ok(signed), Ok(author)) = (approval.statement(), codec::decode::<AuthorStatement, MAX_STATEMENT>(author))
    else {
        return false;
    };
    signed.agreement == view.pair.agreement.digest
        && signed.recipient == view.link.partner
        && signed.traffic == author.traffic
        && signed.plaintext == author.plaintext
        && signed.answers.iter().any(|code| code == Code::SecondApprovalRequired.name())
        && signed.precedence == precedence.word()
        && decide::is_fresh(view, signed.expires)
}

/// A second officer does not confirm: an incident at once. `None` where nothing of the kind is owed. FLW-20
pub(crate) fn deny(
    view: &View<'_>,
    ticket: Ticket,
    id: SubmissionId,
    officer: &str,
    reason: &str,
) -> Result<Option<Step>, StoreError> {
    let Some((submission, index, row)) = unconfirmed(view, &id)? else { return Ok(None) };
    let mut step = Step::default();
    let Some(detail) = view.read(DetailAt(view.pair.mine.origin, index))? else {
        return Err(StoreError::Fatal("a released report has no detail"));
    };
    if officer == submission.account || released(&detail, &submission, officer) {
        step.out.push(Out::Reply(ticket, Answer::Invalid { rule: "R091", message: SECOND.to_owned() }));
        return Ok(Some(step));
    }
    let (officer, reason) = (officer.to_owned(), reason.to_owned());
    // Not Declined: the report has left, and its submission stays released.
    step.journal(view, Act::NotConfirmed { submission: id, index, officer: officer.clone(), reason: reason.clone() });
    step.alarm(view, &incident(&row.serial, index, "an officer does not confirm it"));
    let denied = Outbox { confirmation: Confirmation::Denied { officer, reason }, ..row };
    step.replace(OutboxAt(view.pair.mine.origin, index), denied);
    step.out.push(Out::Reply(ticket, Answer::Stands(submission.state)));
    Ok(Some(step))
}

/// What an operator is told of a release in an emergency that nobody has confirmed.
pub(crate) fn incident(serial: &str, index: u64, why: &str) -> String {
    format!(
        "incident: {serial} was released in an emergency as leaf {index}, and {why}. Report it as the agreement's \
         [incident] says"
    )
}
