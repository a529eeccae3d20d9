//! Answers to lines on their way to the client.

use super::super::{
    charge::{Reserved, SMALL, reserve},
    problem::Refused,
    submitting::Sender,
};
use crate::pool::Seat;
use axum::body::Bytes;
use hyper::body::Frame;
use relto_formats::api::{LineAnswer, LineProblem, Problem, StreamLine};
use relto_host::clock;
use std::{
    convert::Infallible,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore, mpsc};

/// Lines of one connection in work at once: read, and their last answer not taken. API-50
pub(super) const IN_WORK: usize = 256;

/// Time in which a line must come or an answer be taken. API-50
pub(super) const STALLED: Duration = Duration::from_secs(30);

/// Bytes that go out in one piece at least, where they are there.
const PIECE: usize = 16 * 1024;

/// Characters of a message to a line.
const LONGEST: usize = 1_024;

/// When something last came or was taken, monotonic milliseconds.
#[derive(Clone)]
pub(super) struct Progress(Arc<AtomicU64>);

impl Progress {
    pub(super) fn made(&self) {
        self.0.store(clock::monotonic_ms(), Ordering::Relaxed);
    }

    /// How long it may still stand.
    pub(super) fn left(&self) -> Duration {
        let since = clock::monotonic_ms().saturating_sub(self.0.load(Ordering::Relaxed));
        STALLED.saturating_sub(Duration::from_millis(since))
    }
}

/// What a line holds until its last answer is taken: its place in work and, as long as something of its length may be in
/// an answer, its share of bytes.
pub(super) struct Held {
    pub(super) _place: OwnedSemaphorePermit,
    pub(super) _share: Option<Seat<String>>,
}

/// One answer, and what goes with the last one of its line.
struct Reply {
    bytes: Vec<u8>,
    _held: Option<Held>,
    /// Of a long one, as of any long answer. API-37
    _counted: Option<Reserved>,
}

/// Where answers are given.
#[derive(Clone)]
pub(super) struct Replies {
    from: Sender,
    cut: Arc<Notify>,
    sender: mpsc::Sender<Reply>,
    places: Arc<Semaphore>,
    pub(super) progress: Progress,
}

/// The body of the response.
pub(super) struct Answers {
    replies: mpsc::Receiver<Reply>,
    progress: Progress,
}

pub(super) fn channel(from: Sender, cut: Arc<Notify>) -> (Replies, Answers) {
    // Two for each line in work, and the last: nobody who gives an answer ever waits.
    let (sender, replies) = mpsc::channel(2 * IN_WORK + 2);
    let progress = Progress(Arc::new(AtomicU64::new(clock::monotonic_ms())));
    let places = Arc::new(Semaphore::new(IN_WORK));
    (Replies { from, cut, sender, places, progress: progress.clone() }, Answers { replies, progress })
}

impl Replies {
    /// A place for one more line, once there is one; `None` where nobody takes answers any more.
    pub(super) async fn place(&self) -> Option<OwnedSemaphorePermit> {
        tokio::select! {
            place = self.places.clone().acquire_owned() => place.ok(),
            () = self.sender.closed() => None,
        }
    }

    /// A place for one more line, if there is one now.
    pub(super) fn place_now(&self) -> Option<OwnedSemaphorePermit> {
        self.places.clone().try_acquire_owned().ok()
    }

    /// All places, once no line is in work.
    pub(super) async fn all_done(&self) {
        let most = u32::try_from(IN_WORK).unwrap_or(u32::MAX);
        let _ = self.places.clone().acquire_many_owned(most).await;
    }

    /// Whether lines are in work, but for the one that is waited for.
    pub(super) fn is_working(&self) -> bool {
        self.places.available_permits() < IN_WORK - 1
    }

    /// Gives an answer; with what the line holds it is its last. `false` where nobody takes answers any more.
    pub(super) async fn give(&self, line: &StreamLine, held: Option<Held>) -> bool {
        let mut bytes = written(line);
        let mut counted = None;
        if bytes.len() > SMALL {
            let person = &self.from.caller.0;
            let part = self.from.hub.shares.of(person);
            let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
            match reserve(part, &person.account, &self.cut, length) {
                Ok(reserved) => counted = Some(reserved),
                // It stands, and is asked for by its id when there is room.
                Err(refused) => bytes = written(&instead(line, refused)),
            }
        }
        self.sender.send(Reply { bytes, _held: held, _counted: counted }).await.is_ok()
    }

    pub(super) async fn closed(&self) {
        self.sender.closed().await;
    }
}

fn written(line: &StreamLine) -> Vec<u8> {
    // No type of it can fail to be written.
    let mut bytes = serde_json::to_vec(line).unwrap_or_default();
    bytes.push(b'\n');
    bytes
}

/// A short answer in the place of a long one.
fn instead(line: &StreamLine, refused: Refused) -> StreamLine {
    match line {
        StreamLine::Answer(answer) => problem((answer.line, answer.id.clone()), answer.outcome, refused),
        StreamLine::End(_) => line.clone(),
    }
}

/// Why a line is answered with nothing else.
pub(super) fn problem((line, id): (u64, Option<String>), outcome: bool, refused: Refused) -> StreamLine {
    let (status, Problem { error, rule, message }) = refused.into_parts();
    // It may quote the line.
    let message = message.chars().take(LONGEST).collect();
    let problem = Some(LineProblem { status: status.as_u16(), error, rule, message });
    StreamLine::Answer(Box::new(LineAnswer { line, id, submission: None, outcome, problem }))
}

impl hyper::body::Body for Answers {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let this = self.get_mut();
        let Some(first) = std::task::ready!(this.replies.poll_recv(cx)) else { return Poll::Ready(None) };
        this.progress.made();
        let mut bytes = first.bytes;
        // What is there already goes out in one piece.
        while bytes.len() < PIECE
            && let Ok(next) = this.replies.try_recv()
        {
            bytes.extend_from_slice(&next.bytes);
        }
        Poll::Ready(Some(Ok(Frame::data(Bytes::from(bytes)))))
    }
}
