//! Parts of long payloads: each belongs to an upload that goes on, to a draft, or to a leaf. API-22

use crate::inspect::{Damage, Inspection};
use relto_audit::{leaf::Verdict, origin::Origin};
use relto_exchange::{limits::LONG, rows::SubmissionState};

/// What is left of payloads that nothing asks for, in words; `partners` are our copies of the partners' logs, with their names.
pub(super) fn spare(store: &Inspection, partners: &[(&str, Origin)]) -> Result<Vec<String>, Damage> {
    let mut out = Vec::new();
    let mut last = None;
    while let Some(id) = store.next_of_parts(last)? {
        last = Some(id);
        let goes_on = store.has_upload(&id)? || store.has_draft(&id)?;
        let released = || {
            let row = store.submission(&id)?;
            Ok::<_, Damage>(row.is_some_and(|row| matches!(row.state, SubmissionState::Released(_))))
        };
        if !goes_on && !released()? {
            let id = uuid::Uuid::from_bytes(id);
            out.push(format!("parts of an upload stand for submission {id}, which has neither draft nor leaf"));
        }
    }
    for (name, log) in partners {
        let log = *log;
        let mut last = None;
        while let Some(index) = store.next_of_spool(log, last)? {
            last = Some(index);
            let waits = !store.awaited(log, index, index)?.is_empty();
            let kept = store.inbox(log, index, index)?.remove(&index).and_then(Result::ok);
            let kept = kept.is_some_and(|row| row.verdict != Verdict::Refused && row.length > LONG);
            if !waits && !kept {
                out.push(format!("pieces stand for leaf {name}:{index}, which does not wait for any"));
            }
        }
    }
    Ok(out)
}
