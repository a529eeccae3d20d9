//! A connection whose other end must take what is written to it: who asks for much and reads nothing is ended. API-37

use std::{
    io,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    time::{Instant, Sleep, sleep_until},
};

/// Time for which writes may be held up, and the most that is ever saved up.
const GRACE: Duration = Duration::from_secs(15);
/// Bytes that give back a second of it: 128 KiB/s, a slow line. The longest answer, 35 MiB, takes five minutes so.
const RATE: u64 = 128 * 1024;

/// How much longer writes may be held up.
#[derive(Debug)]
struct Patience(Duration);

impl Patience {
    /// After `waited` the other end took `bytes`.
    fn took(&mut self, waited: Duration, bytes: usize) {
        let bytes = u64::try_from(bytes).unwrap_or(u64::MAX);
        let earned = Duration::from_micros(bytes.saturating_mul(1_000_000) / RATE);
        self.0 = self.0.saturating_sub(waited).saturating_add(earned).min(GRACE);
    }
}

/// A stream with that rule.
pub(crate) struct Paced<S> {
    inner: S,
    patience: Patience,
    /// Since when a write is held up, and the end of its time.
    held_up: Option<(Instant, Pin<Box<Sleep>>)>,
}

impl<S> Paced<S> {
    /// Over a stream that is fresh.
    pub(crate) const fn new(inner: S) -> Self {
        Self { inner, patience: Patience(GRACE), held_up: None }
    }

    fn judge<T>(&mut self, cx: &mut Context<'_>, poll: Poll<io::Result<T>>, bytes: usize) -> Poll<io::Result<T>> {
        if poll.is_pending() {
            let left = self.patience.0;
            let (_, end) = self.held_up.get_or_insert_with(|| {
                let now = Instant::now();
                (now, Box::pin(sleep_until(now + left)))
            });
            return match end.as_mut().poll(cx) {
                Poll::Ready(()) => Poll::Ready(Err(io::Error::new(io::ErrorKind::TimedOut, "it reads nothing"))),
                Poll::Pending => Poll::Pending,
            };
        }
        let waited = self.held_up.take().map_or(Duration::ZERO, |(since, _)| since.elapsed());
        self.patience.took(waited, bytes);
        poll
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Paced<S> {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().inner).poll_read(cx, buffer)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Paced<S> {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let poll = Pin::new(&mut this.inner).poll_write(cx, bytes);
        let count = if let Poll::Ready(Ok(count)) = &poll { *count } else { 0 };
        this.judge(cx, poll, count)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let poll = Pin::new(&mut this.inner).poll_flush(cx);
        this.judge(cx, poll, 0)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let poll = Pin::new(&mut this.inner).poll_shutdown(cx);
        this.judge(cx, poll, 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Bytes that are taken before the end, a piece each so often.
    fn taken(piece: usize, each: Duration) -> usize {
        let (mut patience, mut bytes) = (Patience(GRACE), 0);
        while each < patience.0 && bytes < 100 * 1024 * 1024 {
            patience.took(each, piece);
            bytes += piece;
        }
        bytes
    }

    #[test]
    fn api_37_who_reads_slowly_enough_to_hold_much_is_ended() {
        let second = Duration::from_secs(1);
        assert_eq!(taken(64 * 1024, 15 * second), 0, "nothing in the whole time");
        assert!(taken(64 * 1024, 14 * second) <= 64 * 1024, "a piece just in time, again and again");
        assert!(taken(1, second) <= 15, "a byte a second");
        assert!(taken(128 * 1024, second) > 35 * 1024 * 1024, "a slow line that reads what it can");
        assert!(taken(64 * 1024, 10 * second) < 1024 * 1024, "and one that only seems to");
        let mut patience = Patience(GRACE);
        patience.took(Duration::ZERO, 1 << 30);
        assert_eq!(patience.0, GRACE, "nothing is saved up beyond it");
    }
}
