//! Long plaintexts that one of our people sends part by part before the submission of them, and what is left of those that
//! never are submitted. API-54

use crate::{
    input::Uploaded,
    model::{
        parts::{PART, Parts},
        place::{PartAt, SubmissionAt, UploadAt, read, scan},
        rows::Upload,
        store::{StoreError, SubmissionId},
    },
    state::State,
    turn::{
        batch::{Batch, NationView, Step},
        out::{Answer, Out},
    },
};
use relto_report::assessment::MAX_PAYLOAD;

/// Uploads that are open at once in the whole nation, and of one account.
const MAX_OPEN: usize = 64;
const MAX_OF_ONE: usize = 4;
/// Milliseconds without a part after which an upload is given up.
const GIVEN_UP: u64 = 24 * 3_600_000;
/// As [`PART`].
const PART_BYTES: u64 = PART as u64;

/// A part, in order: the answer says how much is here. What does not begin where the disk ends changes nothing.
pub(crate) fn take(view: &NationView<'_>, part: &Uploaded) -> Result<Step, StoreError> {
    let mut step = Step::default();
    let answer = match judge(view, part)? {
        Ok(old) => {
            let received = part.offset.saturating_add(part.body.length());
            let row = Upload { account: part.account.clone(), length: part.length, received, time: view.now.millis };
            if old {
                step.replace(UploadAt(part.id), row);
            } else {
                step.insert(UploadAt(part.id), row);
            }
            step.insert_body(PartAt(part.id, part.offset), part.body.clone().of_long());
            Answer::Taken(received)
        }
        Err(answer) => answer,
    };
    step.out.push(Out::Reply(part.ticket, answer));
    Ok(step)
}

/// Whether a part is taken; `true`: others came before it.
fn judge(view: &NationView<'_>, part: &Uploaded) -> Result<Result<bool, Answer>, StoreError> {
    if let Some(why) = view.halted {
        return Ok(Err(Answer::Unavailable(why.to_owned())));
    }
    let invalid = |rule, message: &str| Ok(Err(Answer::Invalid { rule, message: message.to_owned() }));
    let rows = view.rows();
    let end = part.offset.saturating_add(part.body.length());
    let whole = part.body.length() == PART_BYTES || (end == part.length && part.body.length() > 0);
    if part.length > MAX_PAYLOAD || end > part.length || !whole {
        return invalid(
            "R062",
            "an upload comes in parts of 262,144 bytes, the last one shorter, of at most 1 GiB together",
        );
    }
    match read(&rows, UploadAt(part.id))? {
        Some(row) if row.account != part.account || row.length != part.length => Ok(Err(Answer::IdReused)),
        Some(row) if row.received != part.offset => Ok(Err(Answer::Received(row.received))),
        Some(_) => Ok(Ok(true)),
        // Its parts are the submission's by now.
        None if read(&rows, SubmissionAt(part.id))?.is_some() => Ok(Err(Answer::IdReused)),
        None if part.offset > 0 => Ok(Err(Answer::Received(0))),
        None => {
            let open = open(&rows)?;
            let own = open.iter().filter(|(_, row)| row.account == part.account).count();
            if own >= MAX_OF_ONE || open.len() >= MAX_OPEN {
                return Ok(Err(Answer::TooMany(MAX_OF_ONE)));
            }
            Ok(Ok(false))
        }
    }
}

fn open(rows: &dyn crate::model::store::Reader) -> Result<Vec<(SubmissionId, Upload)>, StoreError> {
    let rows = scan(rows, UploadAt([0; 16]), UploadAt([0xff; 16]), MAX_OPEN)?;
    Ok(rows.into_iter().map(|(UploadAt(id), row)| (id, row)).collect())
}

/// The upload of a submission is used up: its parts are the draft's, or the leaf's.
pub(crate) fn use_up(step: &mut Step, id: SubmissionId) {
    step.erase(UploadAt(id));
}

/// Nothing of it is needed any more.
pub(crate) fn throw_away(step: &mut Step, id: SubmissionId) {
    step.erase(UploadAt(id));
    step.erase_parts(Parts::Uploaded(id));
}

/// At a tick: what nobody went on with.
pub(crate) fn give_up(state: &mut State, batch: &mut Batch<'_>) -> Result<(), StoreError> {
    if !batch.now().trusted {
        return Ok(());
    }
    let now = batch.now().millis;
    let old = open(&batch.rows())?.into_iter().filter(|(_, row)| now.saturating_sub(row.time) >= GIVEN_UP);
    let old: Vec<SubmissionId> = old.map(|(id, _)| id).collect();
    if old.is_empty() {
        return Ok(());
    }
    batch.run_national(state, |_| {
        let mut step = Step::default();
        old.iter().for_each(|id| throw_away(&mut step, *id));
        Ok(step)
    })
}
