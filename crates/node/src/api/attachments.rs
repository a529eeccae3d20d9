//! Attachments for those who read a report: each as it is, in pieces that are read as they are sent, so that none is ever
//! held whole. API-55

use super::{
    caller::{Caller, Line},
    charge::{Reserved, Streamed, reserve},
    inbox::{may_open, register_opening},
    people::report_on_hold,
    problem::{Refused, must_be},
    standing::link_of,
    submitting::id_of,
};
use crate::hub::Hub;
use axum::{
    Extension,
    body::{Body, Bytes},
    extract::{Path, Query, State},
    http::{HeaderValue, header},
    response::Response,
};
use hyper::body::Frame;
use relto_formats::api::Role;
use relto_report::{assessment::Document, attachment::bytes::Bytes as _};
use serde::Deserialize;
use std::{
    convert::Infallible,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};
use tokio::{sync::mpsc, time::timeout};

/// Bytes that are read at once.
const PIECE: u64 = 256 * 1024;
/// Pieces that wait for the client.
const AHEAD: usize = 2;
/// A client that takes nothing for so long is let go; it asks again from where it was.
const STALLED: Duration = Duration::from_secs(30);

/// `?from=N`: from this byte on.
#[derive(Deserialize, Default, Clone, Copy)]
#[serde(deny_unknown_fields)]
pub(crate) struct From {
    #[serde(default)]
    from: u64,
}

/// `GET /v1/inbox/{agreement}/{index}/attachments/{n}`: an opening, on record as any.
pub(crate) async fn received(
    State(hub): State<Arc<Hub>>,
    Extension(caller): Extension<Caller>,
    Extension(line): Extension<Line>,
    Path((agreement, index, n)): Path<(String, u64, usize)>,
    Query(from): Query<From>,
) -> Result<Response, Refused> {
    must_be(&caller, &[Role::Reader])?;
    let link = link_of(&hub, &agreement).ok_or_else(Refused::not_found)?;
    let document = may_open(&hub, &caller, (link, index)).await?;
    let wanted = Wanted::of(document, n, from)?;
    // What there is no room for is not on record as opened. API-37
    let reserved = wanted.reserve(&hub, &caller, &line)?;
    register_opening(&hub, &caller, (link, index)).await?;
    Ok(send(wanted, reserved))
}

/// `GET /v1/holds/{id}/attachments/{n}`.
pub(crate) async fn on_hold(
    State(hub): State<Arc<Hub>>,
    Extension(caller): Extension<Caller>,
    Extension(line): Extension<Line>,
    Path((id, n)): Path<(String, usize)>,
    Query(from): Query<From>,
) -> Result<Response, Refused> {
    must_be(&caller, &[Role::Officer, Role::SeniorOfficer])?;
    let wanted = Wanted::of(report_on_hold(hub.clone(), &caller, id_of(&id)?).await?, n, from)?;
    let reserved = wanted.reserve(&hub, &caller, &line)?;
    Ok(send(wanted, reserved))
}

/// What somebody asks for.
struct Wanted {
    document: Document,
    /// The attachment, counted from 0, and its bytes.
    place: usize,
    length: u64,
    /// From which of them on.
    from: u64,
}

impl Wanted {
    /// `n` counts from 1.
    fn of(document: Document, n: usize, From { from }: From) -> Result<Self, Refused> {
        let place = n.checked_sub(1).ok_or_else(Refused::not_found)?;
        let length = document.report().attachments.get(place).ok_or_else(Refused::not_found)?.length;
        if from > length {
            return Err(Refused::bad("from is beyond the attachment's end"));
        }
        Ok(Self { document, place, length, from })
    }

    /// Room for all that is held of it: some pieces, or the whole report where it stands in its row whole.
    fn reserve(&self, hub: &Hub, caller: &Caller, Line(line): &Line) -> Result<Reserved, Refused> {
        let pieces = PIECE.saturating_mul(u64::try_from(AHEAD + 2).unwrap_or(0)).min(self.length);
        let whole = if self.document.is_apart() { 0 } else { self.document.length() };
        reserve(hub.shares.of(&caller.0), &caller.0.account, line, pieces.saturating_add(whole))
    }
}

fn send(Wanted { document, place, length, from }: Wanted, reserved: Reserved) -> Response {
    let (sender, pieces) = mpsc::channel(AHEAD);
    tokio::spawn(async move {
        let (_reserved, document, mut at) = (reserved, Arc::new(document), from);
        while at < length {
            let (reads, count) = (document.clone(), length.saturating_sub(at).min(PIECE));
            let read = tokio::task::spawn_blocking(move || read(&reads, place, at, count)).await;
            // The body ends before its announced length, by which the client sees that it is not whole.
            let Ok(Some(piece)) = read else { return };
            if !matches!(timeout(STALLED, sender.send(piece)).await, Ok(Ok(()))) {
                return;
            }
            at = at.saturating_add(count);
        }
    });
    let mut response = Response::new(Body::new(Pieces(pieces)));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"));
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(length.saturating_sub(from)));
    response.extensions_mut().insert(Streamed);
    response
}

fn read(document: &Document, place: usize, at: u64, count: u64) -> Option<Bytes> {
    let mut piece = vec![0; usize::try_from(count).ok()?];
    document.attached(place)?.read_at(at, &mut piece).ok()?;
    Some(Bytes::from(piece))
}

/// The body of the response.
struct Pieces(mpsc::Receiver<Bytes>);

impl hyper::body::Body for Pieces {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        self.get_mut().0.poll_recv(cx).map(|piece| piece.map(|piece| Ok(Frame::data(piece))))
    }
}
