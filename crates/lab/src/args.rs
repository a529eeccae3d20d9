//! What can be typed beside the client's own commands.

use clap::{Args, Subcommand};
use relto_cli::args::ClientCommand;
use std::path::PathBuf;

/// The commands.
#[derive(Subcommand, Debug)]
pub enum Command {
    /// One of the client itself.
    #[command(flatten)]
    Client(ClientCommand),
    /// Two nations on this machine: reports released, held, approved, refused, receipts, every log verified
    Demo(DemoArgs),
    /// Measure this machine
    Bench {
        /// What is measured.
        #[command(subcommand)]
        act: BenchAct,
    },
    /// A folder with two nations, or three, to run by hand
    Lab {
        /// Which act.
        #[command(subcommand)]
        act: LabAct,
    },
}

/// `relto demo`.
#[derive(Args, Debug)]
#[command(after_help = "\
Ends with 1 where anything is not as it should be; with reports of your own, else as `relto submit` of
the last one that was not admitted. Asked to end before, as by ctrl-C, it ends its nodes too.

Examples:
  relto demo                                two nations, the built-in reports
  relto demo my-report.md                   your own report, as the nation of its serial
  relto demo --keep DIR                     the lab stays in DIR, to look around")]
pub struct DemoArgs {
    /// Your own report files, in place of the built-in story
    pub reports: Vec<PathBuf>,
    /// Leave the lab in this folder
    #[arg(long, value_name = "DIR")]
    pub keep: Option<PathBuf>,
}

/// `relto lab`.
#[derive(Subcommand, Debug)]
pub enum LabAct {
    /// Make keys, certificates, agreement, rules and configuration of two nations, or three
    #[command(after_help = "\
Ends with every command to type next, from starting the nodes to verifying the logs.

With --exercise the two nations have an agreement for the exercise EX-NORTHERN-LANTERN-26 too, with its own
link, seal keys, logs and inbox; each person acts in it by people/ACCOUNT/exercise.toml.

With --third there is Corvania (XCC) too, with an agreement of its own with Arcadia that permits less than
Borealia's, and a report that goes to both by one command.

Examples:
  relto lab new lab
  relto lab new lab --exercise
  relto lab new lab --third")]
    New {
        /// The folder to make
        dir: PathBuf,
        /// Exercise traffic beside the live one
        #[arg(long)]
        exercise: bool,
        /// A third nation, which has an agreement with the first
        #[arg(long)]
        third: bool,
    },
}

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
