//! Answers on their way: their bytes are counted until they are with the client's connection, and go there in pieces.
//! API-37

use super::{problem::Refused, shares::Part};
use crate::pool::{Seat, Who};
use axum::{
    body::{Body, Bytes},
    response::{IntoResponse as _, Response},
};
use http_body_util::BodyExt as _;
use hyper::body::{Body as _, Frame, SizeHint};
use relto_host::clock;
use std::{
    convert::Infallible,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};
use tokio::sync::Notify;

/// Answers up to this size are not counted: every state, receipt and refusal gets through, and those of all 512
/// connections are 8 MiB.
pub(super) const SMALL: usize = 16 * 1024;
/// Bytes of one piece: what is copied at once beside the answer itself.
const PIECE: usize = 64 * 1024;

/// The rest of an answer, with its share.
struct Counted {
    rest: Bytes,
    /// Given back when the last piece has gone to the connection.
    _seat: Arc<Seat<String>>,
}

impl hyper::body::Body for Counted {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let rest = &mut self.get_mut().rest;
        let piece = rest.split_to(rest.len().min(PIECE));
        Poll::Ready(if piece.is_empty() { None } else { Some(Ok(Frame::data(piece))) })
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(u64::try_from(self.rest.len()).unwrap_or(u64::MAX))
    }
}

/// Room for an answer that is not made yet: before it is read from the store, and before its opening is on record.
#[derive(Clone)]
pub(crate) struct Reserved(Arc<Seat<String>>);

/// An answer that is bounded where it is made, and goes out as it is made.
#[derive(Clone)]
pub(super) struct Streamed;

/// Reserves room for an answer of so many bytes before base64.
pub(super) fn reserve(part: &Part, account: &str, line: &Arc<Notify>, bytes: u64) -> Result<Reserved, Refused> {
    let length = usize::try_from(bytes.saturating_mul(4) / 3).unwrap_or(usize::MAX).saturating_add(SMALL);
    let seat = part.answers.enter(Who::account(account), length, line, clock::monotonic_ms());
    seat.map(|seat| Reserved(Arc::new(seat))).ok_or_else(Refused::busy_answers)
}

/// Counts an answer to this account; where there is no room for it, the answer is Busy.
pub(super) async fn charge(part: &Part, account: &str, line: &Arc<Notify>, mut response: Response) -> Response {
    if response.extensions_mut().remove::<Streamed>().is_some() {
        return response;
    }
    let reserved = response.extensions_mut().remove::<Reserved>();
    let length =
        response.size_hint().exact().map_or(usize::MAX, |length| usize::try_from(length).unwrap_or(usize::MAX));
    if length <= SMALL {
        return response;
    }
    let seat = match reserved {
        Some(Reserved(seat)) => Some(seat),
        None => part.answers.enter(Who::account(account), length, line, clock::monotonic_ms()).map(Arc::new),
    };
    let Some(seat) = seat else { return Refused::busy_answers().into_response() };
    let (head, body) = response.into_parts();
    // It is one piece already, and nothing is copied.
    match body.collect().await {
        Ok(whole) => Response::from_parts(head, Body::new(Counted { rest: whole.to_bytes(), _seat: seat })),
        Err(_) => Refused::busy().into_response(),
    }
}
