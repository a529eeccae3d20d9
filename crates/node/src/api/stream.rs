//! Submissions in bulk: one line of JSON for each, answered line by line as they are decided. API-49 to API-51
//!
//! One task reads lines while fewer than [`reply::IN_WORK`] are in work and checks what is there in one visit to the verifier.
//! Then each waits in the lane of its precedence for what needs a longer look, so that the lines of one precedence come
//! before the writer in their order and hold up no others.

mod lines;
mod reply;
mod work;

use super::{
    caller::{Caller, Line},
    charge::Streamed,
    posting::is_of_media,
    problem::{Refused, must_be},
    submitting::Sender,
};
use crate::hub::Hub;
use axum::{
    Extension,
    body::Body,
    extract::{Query, Request, State},
    http::{StatusCode, header},
    response::Response,
};
use lines::Lines;
use relto_formats::api::{ProblemKind, Role};
use serde::Deserialize;
use std::sync::Arc;

/// `?wait=outcome`: a second line when the partner has answered.
#[derive(Deserialize, Default, Clone, Copy)]
#[serde(deny_unknown_fields)]
pub(super) struct Until {
    wait: Option<UntilWhat>,
}

#[derive(Deserialize, Clone, Copy)]
#[serde(rename_all = "kebab-case")]
enum UntilWhat {
    Outcome,
}

/// `POST /v1/submissions:batch`, of up to [`MAX_BATCH_LINES`](relto_formats::api::MAX_BATCH_LINES) lines, and `:stream`,
/// of any number: `MOST` of them.
pub(super) async fn bulk<const MOST: u64>(
    State(hub): State<Arc<Hub>>,
    Extension(caller): Extension<Caller>,
    Extension(Line(line)): Extension<Line>,
    Query(until): Query<Until>,
    request: Request,
) -> Result<Response, Refused> {
    // API-2, before a byte of the body is kept
    must_be(&caller, &[Role::Author])?;
    let (head, body) = request.into_parts();
    if !is_of_media(&head.headers, "application/x-ndjson") {
        let text = "the body must be application/x-ndjson: one JSON object per line";
        return Err(Refused::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, ProblemKind::MediaType, text));
    }
    let from = Sender { hub, caller, headers: head.headers };
    let (replies, answers) = reply::channel(from.clone(), line.clone());
    let lines = Lines::new(body, &from, line, replies.clone());
    let waits = until.wait.is_some();
    tokio::spawn(work::run(from, lines, replies, work::Terms { most: MOST, waits }));
    let mut response = Response::new(Body::new(answers));
    response.headers_mut().insert(header::CONTENT_TYPE, header::HeaderValue::from_static("application/x-ndjson"));
    // Its answers are counted one by one, where they are long.
    response.extensions_mut().insert(Streamed);
    Ok(response)
}
