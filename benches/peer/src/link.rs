//! What sends to the partner: committed reports as signed batches, and takes the receipts. After a break it sends again
//! from the first report without a stored receipt on.

use crate::{
    beside::Beside,
    messages::{Batch, Receipt, Report},
    services::partner_client::PartnerClient,
    shared::{FRAME, LONGEST, Node, WINDOW},
    signing::{self, Digest, Purpose, Signatures},
    writer::{Job, Stored},
};
use anyhow::{Context as _, Result, bail, ensure};
use std::{
    collections::VecDeque,
    net::SocketAddr,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};
use tokio::sync::mpsc::{Sender, UnboundedReceiver, channel};
use tokio_stream::wrappers::ReceiverStream;
use tonic::transport::Endpoint;

/// Reports and bytes of one batch at most.
const MOST_REPORTS: usize = 64;
const MOST_BYTES: usize = 1024 * 1024;
/// Batches that wait for the connection.
const QUEUED: usize = 16;
/// Between two tries to connect.
const AGAIN: Duration = Duration::from_millis(50);

/// Sends for as long as the node runs.
///
/// # Errors
/// Never: a broken connection is made again.
pub async fn run(node: Arc<Node>, dial: Option<SocketAddr>, mut sends: UnboundedReceiver<Vec<Stored>>) -> Result<()> {
    let Some(dial) = dial else {
        while sends.recv().await.is_some() {}
        return std::future::pending().await;
    };
    loop {
        if let Err(fault) = session(&node, dial, &mut sends).await {
            eprintln!("relto-peer: {dial}: {fault:#}");
        }
        // They are on the disk, and are read from there.
        while sends.try_recv().is_ok() {}
        tokio::time::sleep(AGAIN).await;
    }
}

/// One connection.
struct Session<'a> {
    node: &'a Arc<Node>,
    batches: Sender<Batch>,
    /// Number of the next report to send.
    next: u64,
    /// Digests of what was sent and has no receipt.
    open: VecDeque<Digest>,
}

async fn session(node: &Arc<Node>, dial: SocketAddr, sends: &mut UnboundedReceiver<Vec<Stored>>) -> Result<()> {
    let endpoint = Endpoint::from_shared(format!("https://{dial}"))?
        .tls_config(node.keys.to_node())?
        .initial_stream_window_size(WINDOW)
        .initial_connection_window_size(WINDOW)
        .max_frame_size(FRAME);
    let (batches, outbound) = channel(QUEUED);
    let mut client = PartnerClient::new(endpoint.connect().await?).max_decoding_message_size(LONGEST);
    let mut receipts = client.exchange(ReceiverStream::new(outbound)).await?.into_inner();
    let next = node.receipted.load(Ordering::Acquire) + 1;
    let mut session = Session { node, batches, next, open: VecDeque::new() };
    session.catch_up().await?;
    loop {
        tokio::select! {
            stored = sends.recv() => session.send(stored.context("the node ends")?).await?,
            receipt = receipts.message() => session.take(receipt?.context("the partner ended the stream")?)?,
        }
    }
}

impl Session<'_> {
    /// Sends what was committed before this connection.
    async fn catch_up(&mut self) -> Result<()> {
        loop {
            let (file, next) = (self.node.database.clone(), self.next);
            let read = move || Beside::open(&file)?.reports_from(next, MOST_REPORTS as u64);
            let reports = tokio::task::spawn_blocking(read).await??;
            if reports.is_empty() {
                return Ok(());
            }
            let digests = reports.iter().map(signing::digest).collect();
            self.batch(reports, digests).await?;
        }
    }

    /// Sends what was just committed, unless it was read from the disk.
    async fn send(&mut self, stored: Vec<Stored>) -> Result<()> {
        let (mut reports, mut digests, mut bytes) = (Vec::new(), Vec::new(), 0);
        for Stored { number, digest, report } in stored {
            if number < self.next {
                continue;
            }
            ensure!(number == self.next + reports.len() as u64, "reports before {number} were not sent");
            bytes += report.payload.len();
            reports.push(report);
            digests.push(digest);
            if reports.len() >= MOST_REPORTS || bytes >= MOST_BYTES {
                self.batch(std::mem::take(&mut reports), std::mem::take(&mut digests)).await?;
                bytes = 0;
            }
        }
        if reports.is_empty() { Ok(()) } else { self.batch(reports, digests).await }
    }

    async fn batch(&mut self, reports: Vec<Report>, digests: Vec<Digest>) -> Result<()> {
        let first = self.next;
        let signature = match self.node.signatures {
            Signatures::Batch => {
                let statement = signing::statement(Purpose::Sent, first, digests.iter());
                self.node.keys.signer.sign(&statement).to_vec()
            }
            Signatures::Each => Vec::new(),
        };
        self.next += reports.len() as u64;
        self.open.extend(digests);
        let batch = Batch { first, reports, signature: signature.into() };
        if self.batches.send(batch).await.is_err() {
            bail!("the connection ended");
        }
        Ok(())
    }

    /// Verifies a receipt and has it stored.
    fn take(&mut self, receipt: Receipt) -> Result<()> {
        let first = self.next - self.open.len() as u64;
        let count = usize::try_from(receipt.count)?;
        ensure!(receipt.first == first && count <= self.open.len(), "a receipt of what was not sent");
        let digests: Vec<Digest> = self.open.drain(..count).collect();
        let node = self.node;
        let is_receipt = signing::is_receipt(node.signatures, &node.keys.partner, first, &digests, &receipt.signatures);
        ensure!(is_receipt, "the receipt from {first} on is not the partner's");
        node.write(Job::Receipt(receipt));
        Ok(())
    }
}
