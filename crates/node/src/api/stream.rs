//! Submissions in bulk: one line of JSON for each, answered line by line as they are decided. API-49 to API-51
//!
//! Three tasks and their lanes, each bounded: one reads lines while fewer than [`IN_WORK`] are in work, one checks what
//! is there in one visit to the verifier, and what needs a longer look waits in the lane of its precedence, so that the
//! lines of one precedence come before the writer in their order and hold up no others.

mod lines;
mod reply;
mod work;

use super::{
    Caller, Line,
    answers::{Refused, must_be},
    charge::Streamed,
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
use relto_formats::api::{MAX_BATCH_LINES, Role};
use serde::Deserialize;
use std::sync::Arc;

/// Lines of one connection in work at once: read, and their last answer not taken. API-50
const IN_WORK: usize = 256;

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

/// `POST /v1/submissions:batch`: up to [`MAX_BATCH_LINES`] lines.
pub(super) async fn batch(
    state: State<Arc<Hub>>,
    caller: Extension<Caller>,
    line: Extension<Line>,
    until: Query<Until>,
    request: Request,
) -> Result<Response, Refused> {
    begin(state.0, (caller.0, line.0), until.0, Some(MAX_BATCH_LINES), request)
}

/// `POST /v1/submissions:stream`: any number of lines.
pub(super) async fn stream(
    state: State<Arc<Hub>>,
    caller: Extension<Caller>,
    line: Extension<Line>,
    until: Query<Until>,
    request: Request,
) -> Result<Response, Refused> {
    begin(state.0, (caller.0, line.0), until.0, None, request)
}

fn begin(
    hub: Arc<Hub>,
    (caller, Line(line)): (Caller, Line),
    until: Until,
    most: Option<u64>,
    request: Request,
) -> Result<Response, Refused> {
    // API-2, before a byte of the body is kept
    must_be(&caller, &[Role::Author])?;
    let (head, body) = request.into_parts();
    let media = head.headers.get(header::CONTENT_TYPE).and_then(|text| text.to_str().ok()).unwrap_or_default();
    if !media.split(';').next().is_some_and(|one| one.trim().eq_ignore_ascii_case("application/x-ndjson")) {
        let text = "the body must be application/x-ndjson: one JSON object a line";
        return Err(Refused::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "media-type", text));
    }
    let from = Sender { hub, caller, headers: head.headers };
    let (replies, answers) = reply::channel(from.clone(), line.clone());
    let lines = Lines::new(body, &from, line, replies.clone());
    let waits = until.wait.is_some();
    tokio::spawn(work::run(from, lines, replies, work::Terms { most, waits }));
    let mut response = Response::new(Body::new(answers));
    response.headers_mut().insert(header::CONTENT_TYPE, header::HeaderValue::from_static("application/x-ndjson"));
    // Its answers are counted one by one, where they are long.
    response.extensions_mut().insert(Streamed);
    Ok(response)
}
