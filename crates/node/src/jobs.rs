//! Work for the threads of a node, and what those are told who wait for it.

use crate::snapshot::Snapshot;
use relto_audit::leaf::Verdict;
use relto_exchange::{
    batch::{Exits, Recorded},
    connection::LinkStart,
    dry_run::DryRun,
    ids::{Fetch, LinkId, Ticket},
    input::Input,
    out::Answer,
    ready::{Prepared, held::Original},
    recovery::Plan,
    wire::hello::Proof,
};
use relto_report::{crypto::PublicKey, nation::Nation, signed::Authored};
use std::sync::Arc;
use tokio::sync::{OwnedSemaphorePermit, oneshot};

/// Makes an input for the ticket that the writer gives it.
pub(crate) type Question = Box<dyn FnOnce(Ticket) -> Input + Send>;

/// What somebody is told who waits for a submission.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Told {
    /// The partner has answered.
    Resolved {
        /// Our leaf.
        index: u64,
        /// What it decided.
        verdict: Verdict,
        /// Its codes.
        codes: u64,
        /// Its leaf.
        outcome: u64,
    },
    /// It stands otherwise: its row says how.
    Moved,
}

/// Work for the writer.
pub(crate) enum Job {
    /// An input whose answer somebody waits for; `urgent`: a person's act, or a FLASH or IMMEDIATE report.
    Ask { question: Question, reply: oneshot::Sender<(Answer, u64)>, urgent: bool },
    /// An input of a connection, with its share of that connection's allowance.
    Input(Input, Option<OwnedSemaphorePermit>),
    /// Would this be released now? Nothing is written.
    Check(LinkId, Arc<(Authored, Prepared)>, oneshot::Sender<DryRun>),
    /// Where the report is that a translation under this agreement names.
    Original(String, String, oneshot::Sender<Option<Original>>),
    /// How the links with a nation stand, for a new connection.
    Standings(Nation, oneshot::Sender<Vec<LinkStart>>),
    /// How the node stands.
    Status(oneshot::Sender<Snapshot>),
    /// Which start this is, why the node has halted, and the way back.
    Recovery(oneshot::Sender<(u64, Option<String>, Option<Plan>)>),
    /// Finish what is queued and end.
    Stop,
}

/// Work for the sealer.
pub(crate) enum SealJob {
    /// A recorded batch.
    Batch(Recorded<Exits>),
    /// The proofs for a HELLO, one by each of these seal keys of ours.
    Sign(Vec<u8>, Vec<PublicKey>, oneshot::Sender<Vec<Proof>>),
}

/// Work for the reader of what is long.
pub(crate) enum Long {
    /// What a turn asked for, and the reader has left to it.
    Fetch(Fetch),
    /// More has come of a payload of the partner, by the index of its leaf.
    Came(LinkId, u64),
}

/// Work for the verifier: checks one person's signature, makes ready what was signed, and hands on what came of it.
pub(crate) struct VerifyJob(pub Box<dyn FnOnce() + Send>);
