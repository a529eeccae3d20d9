//! What goes out piece by piece with a request. Submissions in bulk over one connection: lines out, answers in, both at once.

use anyhow::{Context as _, Result, anyhow, bail};
use http_body_util::{BodyExt as _, Full};
use hyper::body::{Body, Bytes, Frame, Incoming};
use relto_formats::api::{MAX_BODY, StreamLine, Submit};
use std::{
    convert::Infallible,
    pin::Pin,
    task::{Context, Poll},
};
use tokio::sync::mpsc;

/// Bytes that go out in one piece at least, where they are there.
const PIECE: usize = 64 * 1024;
/// Lines that wait for the socket.
const AHEAD: usize = 64;

/// What goes out with a request.
pub(super) enum Outgoing {
    /// All of it.
    Whole(Full<Bytes>),
    /// Line by line.
    Lines(mpsc::Receiver<Vec<u8>>),
    /// Piece by piece, of a length that is known.
    Pieces {
        pieces: mpsc::Receiver<Vec<u8>>,
        /// Bytes that are still to come.
        left: u64,
    },
}

impl Body for Outgoing {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        match self.get_mut() {
            Self::Whole(whole) => Pin::new(whole).poll_frame(cx),
            Self::Lines(lines) => {
                let Some(mut bytes) = std::task::ready!(lines.poll_recv(cx)) else { return Poll::Ready(None) };
                // What is there already goes out in one piece.
                while bytes.len() < PIECE
                    && let Ok(next) = lines.try_recv()
                {
                    bytes.extend_from_slice(&next);
                }
                Poll::Ready(Some(Ok(Frame::data(Bytes::from(bytes)))))
            }
            Self::Pieces { pieces, left } => {
                let Some(bytes) = std::task::ready!(pieces.poll_recv(cx)) else { return Poll::Ready(None) };
                *left = left.saturating_sub(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
                Poll::Ready(Some(Ok(Frame::data(Bytes::from(bytes)))))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Whole(whole) => whole.is_end_stream(),
            Self::Lines(_) => false,
            Self::Pieces { left, .. } => *left == 0,
        }
    }

    fn size_hint(&self) -> hyper::body::SizeHint {
        match self {
            Self::Whole(whole) => whole.size_hint(),
            Self::Lines(_) => hyper::body::SizeHint::new(),
            Self::Pieces { left, .. } => hyper::body::SizeHint::with_exact(*left),
        }
    }
}

/// Where the pieces of a body of this length are put in, and what goes out with the request.
pub(super) fn pieces(length: u64) -> (mpsc::Sender<Vec<u8>>, Outgoing) {
    // With the one that is read and the one that is sent, four.
    let (sender, pieces) = mpsc::channel(1);
    (sender, Outgoing::Pieces { pieces, left: length })
}

/// Where the lines of a request are put in, and what goes out with it.
pub(super) fn lines() -> (Lines, Outgoing) {
    let (lines, body) = mpsc::channel(AHEAD);
    (Lines(lines), Outgoing::Lines(body))
}

/// Where lines are sent; dropped, it ends the request.
pub struct Lines(mpsc::Sender<Vec<u8>>);

impl Lines {
    /// Sends one submission.
    ///
    /// # Errors
    /// Where the node reads no more: its answers say why.
    pub async fn send(&self, submit: &Submit) -> Result<()> {
        self.send_line(serde_json::to_vec(submit)?).await
    }

    /// Sends one line as it is.
    ///
    /// # Errors
    /// As [`Lines::send`].
    pub async fn send_line(&self, mut line: Vec<u8>) -> Result<()> {
        line.push(b'\n');
        self.0.send(line).await.map_err(|_| anyhow!("the node reads no more lines"))
    }
}

/// The answers as they come.
pub struct Answers {
    body: Incoming,
    bytes: Vec<u8>,
    /// Bytes of it that were given.
    read: usize,
    node: String,
}

impl Answers {
    /// The answers in the body of this node's answer.
    pub(super) const fn new(body: Incoming, node: String) -> Self {
        Self { body, bytes: Vec::new(), read: 0, node }
    }

    /// The next answer; `None` behind the last line, which says that all were answered.
    ///
    /// # Errors
    /// Where the answers were cut, or are not of this version.
    pub async fn next(&mut self) -> Result<Option<StreamLine>> {
        loop {
            let rest = self.bytes.get(self.read..).unwrap_or_default();
            if let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
                let line = rest.get(..end).unwrap_or_default();
                let answer = serde_json::from_slice(line).context("the node's answer is not of this version")?;
                self.read = self.read.saturating_add(end).saturating_add(1);
                return Ok(Some(answer));
            }
            // Once for all lines of a piece.
            self.bytes.drain(..self.read);
            self.read = 0;
            let Some(frame) = self.body.frame().await else {
                return if self.bytes.is_empty() {
                    Ok(None)
                } else {
                    bail!("node {}: its answer broke off", self.node)
                };
            };
            let frame = frame.map_err(|error| anyhow!("node {}: its answer broke off: {error}", self.node))?;
            if let Ok(data) = frame.into_data() {
                if self.bytes.len().saturating_add(data.len()) > MAX_BODY {
                    bail!("node {}: a line of its answer is too long", self.node);
                }
                self.bytes.extend_from_slice(&data);
            }
        }
    }
}
