//! Lines of a body as it comes: each of at most so many bytes, each with its share of what its account may have here.

use super::{super::submitting::Sender, reply::Replies};
use crate::pool::{Pool, Seat, Who};
use axum::body::{Body, Bytes};
use http_body_util::BodyExt as _;
use memchr::memchr;
use relto_formats::api::MAX_BODY;
use relto_host::clock;
use std::{collections::VecDeque, sync::Arc};
use tokio::{sync::Notify, time::timeout};

/// What a line counts as at least.
const LEAST: usize = 4 * 1024;

/// A line without its end.
pub(super) struct OneLine {
    pub(super) bytes: Vec<u8>,
    /// To be dropped when the bytes are gone.
    pub(super) share: Seat<String>,
}

/// How the lines end.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum End {
    /// All were read.
    Whole,
    /// The client broke off, or takes no answers.
    Broken,
    /// Nothing came and nothing was taken for [`super::reply::STALLED`].
    Stalled,
    /// A line is longer than a body may be. API-15
    TooLong,
    /// The account has no more room here. API-19
    Busy,
}

/// A body, read line by line.
pub(super) struct Lines {
    body: Body,
    replies: Replies,
    pool: Arc<Pool<String>>,
    account: String,
    cut: Arc<Notify>,
    /// The line that is not whole yet.
    begun: Option<OneLine>,
    /// What came behind it.
    rest: VecDeque<Bytes>,
    ended: bool,
}

impl Lines {
    pub(super) fn new(body: Body, from: &Sender, cut: Arc<Notify>, replies: Replies) -> Self {
        let person = &from.caller.0;
        let pool = from.hub.shares.of(person).bodies.clone();
        let account = person.account.clone();
        Self { body, replies, pool, account, cut, begun: None, rest: VecDeque::new(), ended: false }
    }

    /// Whether a whole line is here already.
    pub(super) fn has_one(&self) -> bool {
        self.rest.iter().any(|piece| memchr(b'\n', piece).is_some())
    }

    /// The next line that is not empty.
    ///
    /// # Errors
    /// How they ended.
    pub(super) async fn next(&mut self) -> Result<OneLine, End> {
        loop {
            while let Some(mut piece) = self.rest.pop_front() {
                let end = memchr(b'\n', &piece);
                let more = piece.split_to(end.unwrap_or(piece.len()));
                self.grow(&more)?;
                if end.is_some() {
                    let _ = piece.split_to(1);
                    if !piece.is_empty() {
                        self.rest.push_front(piece);
                    }
                    if let Some(line) = self.take() {
                        return Ok(line);
                    }
                }
            }
            if self.ended {
                return self.take().ok_or(End::Whole);
            }
            self.read().await?;
        }
    }

    fn take(&mut self) -> Option<OneLine> {
        let line = self.begun.take()?;
        line.share.fix();
        Some(line)
    }

    fn grow(&mut self, more: &[u8]) -> Result<(), End> {
        let blank = |bytes: &[u8]| bytes.iter().all(u8::is_ascii_whitespace);
        let now = clock::monotonic_ms();
        let line = match &mut self.begun {
            Some(line) => line,
            None if blank(more) => return Ok(()),
            None => {
                let share = self.pool.enter(Who::account(&self.account), LEAST, &self.cut, now).ok_or(End::Busy)?;
                self.begun.insert(OneLine { bytes: Vec::new(), share })
            }
        };
        let length = line.bytes.len().saturating_add(more.len());
        if length > MAX_BODY {
            return Err(End::TooLong);
        }
        let over = length.saturating_sub(LEAST.max(line.bytes.len()));
        if over > 0 && !line.share.grow(over, now) {
            return Err(End::Busy);
        }
        line.bytes.extend_from_slice(more);
        Ok(())
    }

    /// What comes next, within its time.
    async fn read(&mut self) -> Result<(), End> {
        loop {
            let left = self.replies.progress.left();
            if left.is_zero() {
                return Err(End::Stalled);
            }
            let frame = tokio::select! {
                frame = timeout(left, self.body.frame()) => frame,
                () = self.replies.closed() => return Err(End::Broken),
            };
            match frame {
                // Something may have been taken meanwhile.
                Err(_) => {}
                Ok(None) => {
                    self.ended = true;
                    return Ok(());
                }
                Ok(Some(Err(_))) => return Err(End::Broken),
                Ok(Some(Ok(frame))) => {
                    self.replies.progress.made();
                    self.rest.extend(frame.into_data());
                    return Ok(());
                }
            }
        }
    }
}
