//! What can be typed beside the client's own commands.

mod bench;
mod rounds;

pub use bench::{AttachmentArgs, BenchAct, ExchangeArgs, GrowArgs, LinksArgs, PeerSignatures, SubmitBy};
pub use rounds::{HandshakeArgs, LogArgs, ParseArgs, PolicyArgs, RoundArgs};

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
