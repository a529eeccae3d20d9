//! What the partner's node calls: batches in, signed receipts out when they are stored.

use crate::{
    messages::{Batch, Receipt},
    services::partner_server::Partner,
    shared::Node,
    signing::{self, Digest, Purpose, Signatures},
    writer::{Job, Kept},
};
use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio_stream::Stream;
use tonic::{Request, Response, Status, Streaming};

/// Batches of one receipt at most.
const MOST: usize = 64;

/// The service.
pub struct Receiving(pub Arc<Node>);

/// Verifies what was signed: the batch by the partner's node, or each report by its author.
fn verified(node: &Node, batch: &Batch) -> Result<Vec<Digest>, Status> {
    let digests: Vec<Digest> = batch.reports.iter().map(signing::digest).collect();
    let is_signed = match node.signatures {
        Signatures::Batch => {
            let statement = signing::statement(Purpose::Sent, batch.first, digests.iter());
            signing::is_signed(&node.keys.partner, &statement, &batch.signature)
        }
        Signatures::Each => batch.reports.iter().zip(&digests).all(|(report, digest)| {
            let key = node.keys.author(report.author);
            key.is_some_and(|key| signing::is_signed(key, digest, &report.signature))
        }),
    };
    if is_signed && batch.first > 0 && !digests.is_empty() {
        Ok(digests)
    } else {
        Err(Status::invalid_argument(format!("the batch from {} on is not signed as it must be", batch.first)))
    }
}

#[tonic::async_trait]
impl Partner for Receiving {
    type ExchangeStream = Receipts;

    async fn exchange(&self, request: Request<Streaming<Batch>>) -> Result<Response<Receipts>, Status> {
        let (mut inbound, node) = (request.into_inner(), self.0.clone());
        let (kept, keeping) = unbounded_channel();
        tokio::spawn(async move {
            while let Ok(Some(batch)) = inbound.message().await {
                match verified(&node, &batch) {
                    Ok(digests) => node.write(Job::Receive(batch, digests, kept.clone())),
                    Err(refused) => {
                        let _ = kept.send(Err(refused));
                        return;
                    }
                }
            }
        });
        Ok(Response::new(Receipts { node: self.0.clone(), keeping, ready: Vec::new(), fault: None }))
    }
}

/// Receipts of a stream: one for all batches that were committed since the last.
pub struct Receipts {
    node: Arc<Node>,
    keeping: UnboundedReceiver<Kept>,
    ready: Vec<Kept>,
    fault: Option<Status>,
}

impl Receipts {
    /// Numbers and digests of what is stored, up to a fault.
    fn stored(&mut self) -> Option<(u64, Vec<Digest>)> {
        let mut all: Option<(u64, Vec<Digest>)> = None;
        for kept in self.ready.drain(..) {
            match (kept, &mut all) {
                (Ok(kept), None) => all = Some(kept),
                // Batches of one stream follow one another.
                (Ok((_, more)), Some((_, digests))) => digests.extend(more),
                (Err(fault), _) => {
                    self.fault = Some(fault);
                    break;
                }
            }
        }
        all
    }
}

impl Stream for Receipts {
    type Item = Result<Receipt, Status>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        if let Some(fault) = this.fault.take() {
            this.keeping.close();
            return Poll::Ready(Some(Err(fault)));
        }
        if ready!(this.keeping.poll_recv_many(context, &mut this.ready, MOST)) == 0 {
            return Poll::Ready(None);
        }
        let Some((first, digests)) = this.stored() else {
            return Poll::Ready(this.fault.take().map(Err));
        };
        let signatures = signing::receipt(this.node.signatures, &this.node.keys.signer, first, &digests).into();
        Poll::Ready(Some(Ok(Receipt { first, count: digests.len() as u64, signatures })))
    }
}
