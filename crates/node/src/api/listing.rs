//! The list of submissions, newest first: what was held, queued, refused and declined too.

use super::{
    caller::Caller,
    problem::{Refused, must_be},
    standing::standing_of,
    submitting::id_of,
    turns::long_read,
};
use crate::{hub::Hub, sync::lock};
use axum::{
    Extension, Json,
    extract::{Query, State},
};
use relto_exchange::{
    place::{self, SubmissionAt},
    store::{StoreError, SubmissionId},
};
use relto_formats::api::{Role, Submission};
use serde::Deserialize;
use std::sync::Arc;

/// Submissions of one page.
const PAGE: usize = 100;
/// Rows that are read under one hold of the reader.
const STRIDE: usize = 256;
/// The first span of time that is looked through, milliseconds; the next is eight times as long.
const SPAN: u64 = 60_000;

/// `?before=ID`: the page behind this submission.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
pub(crate) struct Before {
    before: Option<String>,
}

/// `GET /v1/submissions`: an author's own; all for officers and auditors.
pub(crate) async fn list(
    State(hub): State<Arc<Hub>>,
    Extension(caller): Extension<Caller>,
    Query(query): Query<Before>,
) -> Result<Json<Vec<Submission>>, Refused> {
    must_be(&caller, &[Role::Author, Role::Officer, Role::SeniorOfficer, Role::Auditor])?;
    let all = must_be(&caller, &[Role::Officer, Role::SeniorOfficer, Role::Auditor]).is_ok();
    let before = query.before.as_deref().map(id_of).transpose()?.unwrap_or([0xff; 16]);
    let account = if all { None } else { Some(caller.0.account.clone()) };
    long_read(hub, &caller, move |hub| {
        let ids = newest(hub, before, account.as_deref())?;
        let mut out = Vec::with_capacity(ids.len());
        for id in ids {
            out.extend(standing_of(hub, &id)?);
        }
        Ok(Json(out))
    })
    .await
}

/// Ids below `before`, newest first. An id begins with the milliseconds of its making and the store reads upwards, so
/// spans of time are looked through from the newest back.
fn newest(hub: &Hub, before: SubmissionId, account: Option<&str>) -> Result<Vec<SubmissionId>, StoreError> {
    let mut out: Vec<SubmissionId> = Vec::new();
    let (mut end, mut span) = (before, SPAN);
    // Ids of before the newest submission but far from it are many spans away; the last span reaches to the beginning.
    let mut high = millis(&before).min(relto_host::clock::now_ms().saturating_add(SPAN));
    while out.len() < PAGE && end > [0; 16] {
        let low = if high == 0 { 0 } else { high.saturating_sub(span) };
        let begin = first_of(low);
        let mut found = between(hub, begin, end, account, PAGE - out.len())?;
        found.reverse();
        out.append(&mut found);
        (end, high, span) = (begin, low, span.saturating_mul(8));
    }
    Ok(out)
}

/// The last `most` ids from `begin` up to but without `end`, upwards.
fn between(
    hub: &Hub,
    begin: SubmissionId,
    end: SubmissionId,
    account: Option<&str>,
    most: usize,
) -> Result<Vec<SubmissionId>, StoreError> {
    let mut out = Vec::new();
    let mut from = begin;
    loop {
        let rows = place::scan(&*lock(&hub.reader), SubmissionAt(from), SubmissionAt(end), STRIDE)?;
        let whole = rows.len() < STRIDE;
        for (SubmissionAt(id), row) in rows {
            from = next(id);
            if id < end && account.is_none_or(|account| account == row.account) {
                out.push(id);
            }
        }
        out.drain(..out.len().saturating_sub(most));
        if whole || from >= end {
            return Ok(out);
        }
    }
}

fn millis(id: &SubmissionId) -> u64 {
    let [a, b, c, d, e, f, ..] = *id;
    u64::from_be_bytes([0, 0, a, b, c, d, e, f])
}

const fn first_of(millis: u64) -> SubmissionId {
    let [_, _, a, b, c, d, e, f] = millis.to_be_bytes();
    [a, b, c, d, e, f, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]
}

const fn next(id: SubmissionId) -> SubmissionId {
    u128::from_be_bytes(id).saturating_add(1).to_be_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_begins_with_its_time() {
        let id = relto_host::random::uuid_v7(0x0001_0203_0405_0607, [0xff; 10]);
        assert_eq!(millis(&id), 0x0203_0405_0607);
        assert!(first_of(millis(&id)) < id && id < first_of(millis(&id) + 1));
        assert_eq!(next(first_of(7)), [0, 0, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
    }
}
