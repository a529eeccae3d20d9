//! What is too long to be held: bytes that go out of a file as they are read, and bodies that are read as they come.

use super::{
    Client,
    stream::{self, Outgoing},
};
use anyhow::{Context as _, Result};
use http_body_util::Full;
use hyper::{
    Method,
    body::{Bytes, Incoming},
};
use relto_report::attachment::bytes::Apart;
use serde::de::DeserializeOwned;
use std::ops::Range;
use tokio::{sync::mpsc, task::spawn_blocking};

/// Bytes that are read at once; with those that wait for the socket, less than 1 MiB.
const PIECE: u64 = 256 * 1024;

/// What is to be sent cannot be read here: no fault of the node or of the way to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an attachment cannot be read to its end. See that nobody changes it, and run the same command again")]
pub struct CannotRead;

impl Client {
    /// PUT a range of bytes and decode the answer; `see` is told how far it is.
    ///
    /// # Errors
    /// As [`Client::get`]; [`CannotRead`].
    pub async fn put<T: DeserializeOwned>(
        &mut self,
        path: &str,
        bytes: &Apart,
        range: Range<u64>,
        see: impl Fn(u64),
    ) -> Result<T> {
        let (pieces, body) = stream::pieces(range.end.saturating_sub(range.start));
        let response = {
            let sending = self.send(Method::PUT, path, "application/octet-stream", body);
            let feeding = feed(bytes, range, pieces, see);
            tokio::pin!(sending, feeding);
            // A node that refuses says so before it has read all, and is given no more.
            tokio::select! {
                response = &mut sending => response?,
                fed = &mut feeding => {
                    fed?;
                    sending.await?
                }
            }
        };
        let body = self.whole(response).await?;
        serde_json::from_slice(&body).context("the node's answer is not of this version")
    }

    /// GET, and give the body as it comes.
    ///
    /// # Errors
    /// As [`Client::get`].
    pub async fn get_bytes(&mut self, path: &str) -> Result<Incoming> {
        let nothing = Outgoing::Whole(Full::new(Bytes::new()));
        Ok(self.send(Method::GET, path, "application/json", nothing).await?.into_body())
    }
}

/// Reads a range, piece by piece, and gives each to the request.
async fn feed(bytes: &Apart, range: Range<u64>, pieces: mpsc::Sender<Vec<u8>>, see: impl Fn(u64)) -> Result<()> {
    let mut at = range.start;
    while at < range.end {
        let (reads, count) = (bytes.clone(), range.end.saturating_sub(at).min(PIECE));
        let read = move || {
            let mut piece = vec![0; usize::try_from(count).ok()?];
            reads.read_at(at, &mut piece).ok()?;
            Some(piece)
        };
        let piece = spawn_blocking(read).await.ok().flatten().ok_or(CannotRead)?;
        if pieces.send(piece).await.is_err() {
            // The node takes no more: its answer says why.
            return Ok(());
        }
        at = at.saturating_add(count);
        see(at);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use http_body_util::BodyExt as _;
    use hyper::body::Body as _;
    use relto_report::attachment::bytes::held;
    use std::cell::Cell;

    #[tokio::test]
    async fn a_range_goes_out_piece_by_piece_with_its_length_before_it() {
        let whole: Vec<u8> = (0..1_000_000_u32).map(|n| n as u8).collect();
        let (pieces, body) = stream::pieces(900_000);
        assert_eq!(body.size_hint().exact(), Some(900_000));
        let (bytes, far) = (held(whole.clone()), Cell::new(0));
        let fed = feed(&bytes, 50_000..950_000, pieces, |at| far.set(at));
        let (fed, sent) = tokio::join!(fed, body.collect());
        assert!(fed.is_ok() && far.get() == 950_000);
        assert!(sent.unwrap().to_bytes() == whole[50_000..950_000]);
        let (pieces, body) = stream::pieces(10);
        let fed = feed(&bytes, 999_995..1_000_005, pieces, |_| ()).await;
        assert!(fed.unwrap_err().is::<CannotRead>());
        drop(body);
        let (pieces, body) = stream::pieces(10);
        drop(body);
        assert!(feed(&bytes, 0..10, pieces, |_| ()).await.is_ok(), "whoever takes no more says why");
    }
}
