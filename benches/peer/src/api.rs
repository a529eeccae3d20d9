//! What authors call: reports in, answers out when their receipts are stored.

use crate::{
    messages::{Answer, Answers, Report, Reports},
    services::submissions_server::Submissions,
    shared::Node,
    signing::{self, Digest},
    writer::{Brings, Id, Job, Reply},
};
use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};
use tokio::sync::{
    Semaphore,
    mpsc::{UnboundedReceiver, unbounded_channel},
    oneshot,
};
use tokio_stream::Stream;
use tonic::{Request, Response, Status, Streaming};

/// Reports of one stream without an answer; more are not read.
const OPEN: usize = 4_096;

/// The service.
pub struct Api(pub Arc<Node>);

/// Verifies the author's signature.
fn verified(node: &Node, report: &Report) -> Result<(Id, Digest), &'static str> {
    let id = (*report.id).try_into().map_err(|_| "an id has 16 bytes")?;
    let key = node.keys.author(report.author).ok_or("no such author")?;
    let digest = signing::digest(report);
    if signing::is_signed(key, &digest, &report.signature) {
        Ok((id, digest))
    } else {
        Err("the signature is not the author's")
    }
}

fn refused(report: Report, why: &str) -> Answer {
    Answer { id: report.id, number: 0, refused: why.to_owned() }
}

#[tonic::async_trait]
impl Submissions for Api {
    async fn submit(&self, request: Request<Report>) -> Result<Response<Answer>, Status> {
        let report = request.into_inner();
        let (id, digest) = match verified(&self.0, &report) {
            Ok(verified) => verified,
            Err(why) => return Ok(Response::new(refused(report, why))),
        };
        let (reply, answer) = oneshot::channel();
        self.0.write(Job::Bring(vec![Brings { id, report, digest, reply: Reply::Once(reply) }]));
        answer.await.map(Response::new).map_err(|_| Status::unavailable("the node ends"))
    }

    type SubmitManyStream = Answering;

    async fn submit_many(&self, request: Request<Streaming<Reports>>) -> Result<Response<Answering>, Status> {
        let (mut inbound, node) = (request.into_inner(), self.0.clone());
        let (answers, answering) = unbounded_channel();
        let room = Arc::new(Semaphore::new(OPEN));
        let places = room.clone();
        tokio::spawn(async move {
            while let Ok(Some(Reports { reports })) = inbound.message().await {
                let count = u32::try_from(reports.len()).unwrap_or(u32::MAX);
                let Ok(taken) = places.acquire_many(count).await else { return };
                taken.forget();
                let mut brought = Vec::with_capacity(reports.len());
                for report in reports {
                    match verified(&node, &report) {
                        Ok((id, digest)) => {
                            brought.push(Brings { id, report, digest, reply: Reply::Stream(answers.clone()) })
                        }
                        Err(why) => drop(answers.send(refused(report, why))),
                    }
                }
                node.write(Job::Bring(brought));
            }
        });
        Ok(Response::new(Answering { answering, room, ready: Vec::new() }))
    }
}

/// Answers of a stream, those that are there together in one message.
pub struct Answering {
    answering: UnboundedReceiver<Answer>,
    room: Arc<Semaphore>,
    ready: Vec<Answer>,
}

impl Stream for Answering {
    type Item = Result<Answers, Status>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        let count = ready!(this.answering.poll_recv_many(context, &mut this.ready, OPEN));
        this.room.add_permits(count);
        Poll::Ready((count > 0).then(|| Ok(Answers { answers: std::mem::take(&mut this.ready) })))
    }
}
