//! Lines of a body as it comes: each of at most so many bytes, each with its share of what its account may have here.

use super::{
    super::{posting::due, submitting::Sender},
    reply::Replies,
};
use crate::pool::{Pool, Seat, Who};
use axum::body::{Body, Bytes};
use http_body_util::BodyExt as _;
use memchr::memchr;
use relto_formats::api::MAX_BODY;
use relto_host::clock;
use std::{collections::VecDeque, sync::Arc, time::Duration};
use tokio::{
    sync::Notify,
    time::{Instant, sleep, timeout},
};

/// What a line counts as at least.
const LEAST: usize = 4 * 1024;

/// Between two looks whether there is room for a line.
const ROOM: Duration = Duration::from_millis(20);

fn is_blank(bytes: &[u8]) -> bool {
    bytes.iter().all(u8::is_ascii_whitespace)
}

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
    /// When it began, and when something last came.
    began: Instant,
    last: Instant,
    /// What came behind it.
    rest: VecDeque<Bytes>,
    ended: bool,
}

impl Lines {
    pub(super) fn new(body: Body, from: &Sender, cut: Arc<Notify>, replies: Replies) -> Self {
        let person = &from.caller.0;
        let pool = from.hub.shares.of(person).bodies.clone();
        let account = person.account.clone();
        Self {
            body,
            replies,
            pool,
            account,
            cut,
            begun: None,
            began: Instant::now(),
            last: Instant::now(),
            rest: VecDeque::new(),
            ended: false,
        }
    }

    /// The next line, if it is here already.
    pub(super) fn here(&mut self) -> Option<Result<OneLine, End>> {
        loop {
            let piece = self.rest.front()?;
            let end = memchr(b'\n', piece);
            let more = piece.slice(..end.unwrap_or(piece.len()));
            // Where it fails, the piece stays for another time.
            if let Err(fault) = self.grow(&more) {
                return Some(Err(fault));
            }
            self.consume(more.len().saturating_add(usize::from(end.is_some())));
            if end.is_some()
                && let Some(line) = self.take()
            {
                return Some(Ok(line));
            }
        }
    }

    fn consume(&mut self, count: usize) {
        if let Some(piece) = self.rest.front_mut() {
            let _ = piece.split_to(count.min(piece.len()));
            if piece.is_empty() {
                self.rest.pop_front();
            }
        }
    }

    /// The next line that is not empty. Where the account has no room it waits for what this connection has in work.
    ///
    /// # Errors
    /// How they ended.
    pub(super) async fn next(&mut self) -> Result<OneLine, End> {
        loop {
            match self.here() {
                Some(Ok(line)) => return Ok(line),
                Some(Err(End::Busy)) if self.replies.is_working() => sleep(ROOM).await,
                Some(Err(end)) => return Err(end),
                None if self.ended => return self.take().ok_or(End::Whole),
                None => self.read().await?,
            }
        }
    }

    fn take(&mut self) -> Option<OneLine> {
        let line = self.begun.take()?;
        line.share.fix();
        Some(line)
    }

    fn grow(&mut self, more: &[u8]) -> Result<(), End> {
        let now = clock::monotonic_ms();
        let line = match &mut self.begun {
            Some(line) => line,
            None if is_blank(more) => return Ok(()),
            None => {
                self.began = Instant::now();
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
            let left = match &self.begun {
                // API-19: a line that has begun goes on, and is whole in its time.
                Some(line) => due(self.began, self.last, line.bytes.len()).saturating_duration_since(Instant::now()),
                None => self.replies.progress.left(),
            };
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
                    let Ok(data) = frame.into_data() else { continue };
                    // Empty lines are no progress.
                    if !is_blank(&data) {
                        self.replies.progress.made();
                        self.last = Instant::now();
                        self.rest.push_back(data);
                    } else if self.begun.is_some() {
                        self.rest.push_back(data);
                    }
                    return Ok(());
                }
            }
        }
    }
}
