//! What `relto bench` takes.

use super::rounds::{HandshakeArgs, LogArgs, ParseArgs, PolicyArgs};
use clap::{Args, Subcommand};
use std::path::PathBuf;

/// `relto bench`.
#[derive(Subcommand, Debug)]
pub enum BenchAct {
    /// Reports from author to receipt through two real nodes, beside the floor of the same run
    #[command(after_help = "\
Timed until the author's node tells the partner's answer, which it has verified and stored. Afterwards
the client fetches up to 100 receipts, evenly over the run, and proves them offline itself.

With --peer it runs in turn with another program that does the same job, so that both meet the same
machine, and tells the medians of both and of the ratios of pairs.

Examples:
  relto bench exchange --in-flight 256 --reports 20000
  relto bench exchange --in-flight 64 --threads
  relto bench exchange --submit stream --in-flight 256 --peer benches/peer/target/release/relto-peer")]
    Exchange(ExchangeArgs),
    /// Whether what is stored slows a node down: rate, latency and memory at each step, and the start at the end
    #[command(after_help = "\
All reports go through two real nodes, from author to receipt. At each step so many reports are exchanged and timed: 100
one after the other, then a sample in one stream. Memory is what both nodes have resident when nothing has been asked of them
for a while. At the end the author's node is ended with SIGKILL and started again, so many times with the
page cache, and as often after this machine's whole page cache was dropped, which takes root. Timed is
from SIGKILL to the first submission that is answered, without the time that dropping takes.

The laboratory lies in TMPDIR: have 3 GB for 100,000 reports.

Examples:
  relto bench grow --reports 20000 --steps 0,10000,20000
  relto bench grow --reports 1000000 --steps 0,100000,1000000 --json")]
    Grow(GrowArgs),
    /// A log's tree: appending, sealing, proving and verifying, beside the bare hashes and signatures
    #[command(after_help = "\
Leaves are those of reports. Each piece of work is measured in turn with its floor: the hashes, signatures or
verifications that it cannot be done without, made by ring alone. Proofs are made from the hashes of all leaves; a node
keeps the roots of parts, and hashes less.

Examples:
  relto bench log
  relto bench log --leaves 1000000 --rounds 3")]
    Log(LogArgs),
    /// The decision on reports under the bundled agreement and both nations' rules
    #[command(after_help = "\
The reports are the bundled ones, cut short in many ways, with and without attachments, approvals and topics that are
held or do not leave. The floor is what no decision can leave out: every mark, topic and word of the head
looked up once, in a table that was made before. A copy of the report would take longer than the decision.

Examples:
  relto bench policy
  relto bench policy --reports 5000 --json")]
    Policy(PolicyArgs),
    /// What a node does with a report before its decision: decode it, judge its form, look at its content
    #[command(after_help = "\
The report is a bundled one with prose added, without attachments. The floor is to hash its bytes and to see
that as many bytes of text are UTF-8.

Examples:
  relto bench parse
  relto bench parse --size 65536")]
    Parse(ParseArgs),
    /// Whole TLS handshakes with certificates on both sides, beside bare rustls with the same certificates
    #[command(after_help = "\
In memory, both ends on one thread. A link's, with X25519MLKEM768, our judgement of certificates and lists
of revoked ones, and what is read off the session behind it; beside bare rustls with X25519, and beside bare
rustls with our key exchange, which tells what our judgement alone costs. The client API's likewise.

Examples:
  relto bench handshake
  relto bench handshake --rounds 11 --millis 500")]
    Handshake(HandshakeArgs),
    /// One node with several links that exchange at once, against one of them alone
    #[command(after_help = "\
Arcadia's links with Borealia, with Corvania, and with Borealia for an exercise, each with its own logs. In each
round the first link alone, then all at once, each with as many reports in a stream of its own. All nodes share this
machine's cores, so that the total tells what more links cost and not what a larger machine would carry.

Examples:
  relto bench links
  relto bench links --links 2 --reports 8000 --in-flight 256 --threads
  relto bench links --at-rest 64")]
    Links(LinksArgs),
    /// A report with a long attachment from author to receipt, beside a bare TLS hop and a bare durable write
    #[command(after_help = "\
The attachment is a table, which inspectors look at on both sides; the report is durable on both sides when its receipt
comes. The floor is the slower of one TLS hop over loopback, both ends at once, and one durable write of the same
bytes; both nodes and that write have their files in TMPDIR.

Examples:
  relto bench attachment
  relto bench attachment --size 1048576 --rounds 11")]
    Attachment(AttachmentArgs),
}

/// How a measurement submits.
#[derive(Clone, Copy, PartialEq, Eq, Debug, clap::ValueEnum)]
pub enum SubmitBy {
    /// One request for each report
    Single,
    /// Requests of up to 64 reports
    Batch,
    /// One request for all
    Stream,
}

/// How the peer signs what goes between its nodes.
#[derive(Clone, Copy, PartialEq, Eq, Debug, clap::ValueEnum)]
pub enum PeerSignatures {
    /// The author's signature of each report is verified at both ends, and each has a signed receipt
    Each,
    /// One signature of a batch, and one of its receipt
    Batch,
}

impl PeerSignatures {
    /// As the peer's command line says it.
    #[must_use]
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Each => "each",
            Self::Batch => "batch",
        }
    }
}

/// `relto bench exchange`.
#[derive(Args, Debug)]
pub struct ExchangeArgs {
    /// Submissions without receipt at once
    #[arg(long, default_value_t = 64)]
    pub in_flight: usize,
    /// Reports in all
    #[arg(long, default_value_t = 2000)]
    pub reports: usize,
    /// Bytes of a report's plaintext
    #[arg(long, default_value_t = 4096)]
    pub size: usize,
    /// How they are submitted
    #[arg(long, value_enum, default_value = "single")]
    pub submit: SubmitBy,
    /// Beside them, and not counted, this many reports at once whose attachment an inspector looks at
    #[arg(long, default_value_t = 0)]
    pub inspected: usize,
    /// CPU time of each kind of thread, and the transactions and signed heads of each node
    #[arg(long)]
    pub threads: bool,
    /// Runs this program in turn: `relto-peer` of benches/peer
    #[arg(long, value_name = "PROGRAM", conflicts_with = "inspected")]
    pub peer: Option<PathBuf>,
    /// So many times
    #[arg(long, default_value_t = 5, requires = "peer")]
    pub rounds: usize,
    /// How the peer signs; it runs once a round for each
    #[arg(long, value_enum, value_delimiter = ',', default_value = "each,batch", requires = "peer")]
    pub peer_signatures: Vec<PeerSignatures>,
}

/// `relto bench grow`.
#[derive(Args, Debug)]
pub struct GrowArgs {
    /// Reports stored when the starts are timed, at least
    #[arg(long, default_value_t = 100_000)]
    pub reports: usize,
    /// Stored reports at which is measured; else none, a tenth and all
    #[arg(long, value_delimiter = ',', value_name = "REPORTS")]
    pub steps: Vec<usize>,
    /// How often the node is ended and started, of each kind
    #[arg(long, default_value_t = 5)]
    pub starts: usize,
    /// Leave the page cache alone: no start without it
    #[arg(long)]
    pub cached_only: bool,
    /// Reports of a sample
    #[arg(long, default_value_t = 4000)]
    pub sample: usize,
    /// Submissions without receipt at once
    #[arg(long, default_value_t = 256)]
    pub in_flight: usize,
    /// Bytes of a report's plaintext
    #[arg(long, default_value_t = 4096)]
    pub size: usize,
    /// Seconds of rest before a sample, and before memory is read
    #[arg(long, default_value_t = 3.0)]
    pub rest: f64,
    /// CPU time of each kind of thread, and the transactions and signed heads of each node, at each step
    #[arg(long)]
    pub threads: bool,
}

impl GrowArgs {
    /// Where is measured, the fewest stored first.
    pub(crate) fn places(&self) -> Vec<usize> {
        let mut places = match self.steps.as_slice() {
            [] => vec![0, self.reports / 10, self.reports],
            steps => steps.to_vec(),
        };
        places.sort_unstable();
        places.dedup();
        places
    }
}

/// `relto bench links`.
#[derive(Args, Debug)]
pub struct LinksArgs {
    /// Links of the node: 1 to 3
    #[arg(long, default_value_t = 3)]
    pub links: usize,
    /// Instead, what both nodes of a pair have resident with so many links up and nothing to do, beside one
    #[arg(long, value_name = "LINKS", conflicts_with_all = ["links", "reports", "in_flight", "size", "rounds", "threads"])]
    pub at_rest: Option<usize>,
    /// Reports over each link
    #[arg(long, default_value_t = 2000)]
    pub reports: usize,
    /// Submissions without receipt at once, over each link
    #[arg(long, default_value_t = 64)]
    pub in_flight: usize,
    /// Bytes of a report's plaintext
    #[arg(long, default_value_t = 4096)]
    pub size: usize,
    /// Rounds; medians are told
    #[arg(long, default_value_t = 5)]
    pub rounds: usize,
    /// CPU time of each kind of thread, and the transactions and signed heads of each node, in the last round
    #[arg(long)]
    pub threads: bool,
}

/// `relto bench attachment`.
#[derive(Args, Debug)]
pub struct AttachmentArgs {
    /// Bytes of the attachment, about: up to 1,073,741,824
    #[arg(long, default_value_t = 20 * 1024 * 1024)]
    pub size: usize,
    /// Rounds; medians are told
    #[arg(long, default_value_t = 5)]
    pub rounds: usize,
}
