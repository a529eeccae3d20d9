//! S1 to S4 for a report that one of our people submits.

use crate::{
    acts::{
        post::{Posting, What, post},
        upload,
    },
    decide::{self, Disposition, ReleaseRequest, grammar},
    input::Submit,
    model::{
        journal::Act,
        place::{DraftAt, DraftBodyAt, DraftHomeAt, HomeAt, SubmissionAt, UploadAt},
        rows::{Detail, Draft, Submission, SubmissionState, Upload},
        store::{StoreError, SubmissionId},
    },
    ready::Prepared,
    turn::{
        batch::{Step, View},
        out::{Answer, Out},
    },
};
use relto_policy::{check::Permit, ground::causes};
use relto_report::signed::Authored;

/// S1 to S4.
pub(crate) fn submit(view: &View<'_>, submit: Submit) -> Result<Step, StoreError> {
    let mut step = Step::default();
    let answer = |mut step: Step, answer: Answer| {
        step.out.push(Out::Reply(submit.ticket, answer));
        Ok(step)
    };
    let authored = submit.authored.get();
    // S1: the same signed bytes under the same id are the same submission, however often they come. FLW-1
    if let Some(known) = view.read(SubmissionAt(submit.id))? {
        let same = known.account == submit.account && known.signed == authored.digest();
        return answer(step, if same { Answer::Known(known.state) } else { Answer::IdReused });
    }
    if let Some(why) = view.halted {
        return answer(step, Answer::Unavailable(why.to_owned()));
    }
    let own = &submit.own;
    if let Some(invalid) = grammar::fault(view, authored, own)? {
        return answer(step, invalid);
    }
    if let Some(answered) = lacking(view, &submit)? {
        return answer(step, answered);
    }
    // S2
    let wish = ReleaseRequest::of(authored, submit.emergency).by(&submit.account);
    let road = decide::outbound(view, &authored.document, own, &wish);
    let row = |state: SubmissionState| Submission {
        account: submit.account.clone(),
        signed: authored.digest(),
        agreement: view.link.agreement.id.clone(),
        serial: authored.document.report().serial.clone(),
        precedence: wish.precedence,
        time: view.now.millis,
        state,
    };
    let (id, account) = (submit.id, submit.account.clone());
    // S3 and S4
    let state = match road {
        Disposition::Release(permit) => {
            let index = release(&mut step, view, id, &account, (authored, own), &wish, &permit)?;
            SubmissionState::Released(index)
        }
        Disposition::Queue(why) => {
            step.journal(view, Act::Queued { submission: id, account, why: why.clone() });
            draft(&mut step, id, authored, own, &wish);
            SubmissionState::Queued(why)
        }
        Disposition::Hold(owed) => {
            let agreement = view.pair.agreement.digest;
            step.journal(view, Act::Held { submission: id, account, agreement, owed: causes(&owed) });
            draft(&mut step, id, authored, own, &wish);
            SubmissionState::Held(owed)
        }
        Disposition::Refuse(reasons) => {
            let agreement = view.pair.agreement.digest;
            let (signed, reasons_kept) = (authored.digest(), causes(&reasons));
            let act = Act::NotReleased { submission: id, account, agreement, signed, reasons: reasons_kept };
            step.journal(view, act);
            SubmissionState::Refused(reasons)
        }
    };
    if submit.uploaded {
        match &state {
            SubmissionState::Refused(_) => upload::throw_away(&mut step, id),
            _ if authored.document.is_apart() => upload::use_up(&mut step, id),
            // A long text alone stands in its row.
            _ => upload::throw_away(&mut step, id),
        }
    }
    step.insert(SubmissionAt(id), row(state.at_rest()));
    answer(step, Answer::Stands(state))
}

/// A report that was uploaded rests on all of its parts being here, sent by the same account under the same id.
fn lacking(view: &View<'_>, submit: &Submit) -> Result<Option<Answer>, StoreError> {
    let document = &submit.authored.get().document;
    if !submit.uploaded {
        return Ok(None);
    }
    let row = view.read(UploadAt(submit.id))?;
    let whole =
        |row: &Upload| row.account == submit.account && row.length == document.length() && row.received == row.length;
    Ok((!row.as_ref().is_some_and(whole)).then(|| Answer::Received(row.map_or(0, |row| row.received))))
}

/// S4 for a report: a permit for these very bytes, and what was made ready of them. FLW-2
pub(crate) fn release(
    step: &mut Step,
    view: &View<'_>,
    id: SubmissionId,
    account: &str,
    (authored, own): (&Authored, &Prepared),
    wish: &ReleaseRequest,
    permit: &Permit,
) -> Result<u64, StoreError> {
    let (document, agreement) = (&authored.document, view.pair.agreement.digest);
    if !permit.is_for(&document.digest(), &agreement, view.link.own, view.link.partner) {
        return Err(StoreError::Fatal("a permit for other bytes"));
    }
    let detail = Detail {
        salt: view.salt(),
        account: account.to_owned(),
        author: authored.statement_bytes.clone(),
        signature: authored.signature.as_bytes().to_vec(),
        approvals: wish.approvals.clone(),
        basis: decide::basis(permit),
    };
    let posting = Posting {
        submission: id,
        serial: document.report().serial.clone(),
        precedence: wish.precedence,
        plaintext: (document.digest(), document.length()),
        salt: own.salt(),
        payload: own.payload.plain(),
        ready: Some(&own.payload),
        detail,
        what: What::Report(permit),
    };
    let index = post(step, view, posting);
    if own.home.length() > 0 {
        step.insert_body(HomeAt(view.pair.mine.origin, index), own.home.clone());
    }
    Ok(index)
}

/// What a report leaves that waits for officers, the window, the link or the clock.
pub(crate) fn draft(step: &mut Step, id: [u8; 16], authored: &Authored, own: &Prepared, wish: &ReleaseRequest) {
    let draft = Draft {
        author: authored.statement_bytes.clone(),
        signature: authored.signature.as_bytes().to_vec(),
        precedence: wish.precedence,
        emergency: wish.emergency,
        approvals: wish.approvals.clone(),
    };
    step.insert(DraftAt(id), draft);
    step.insert_body(DraftBodyAt(id), own.payload.clone());
    if own.home.length() > 0 {
        step.insert_body(DraftHomeAt(id), own.home.clone());
    }
}
