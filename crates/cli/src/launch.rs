//! Arguments, and the way from a command to an exit code.

use crate::{demo, exit::Exit, lab};
use clap::{Parser, Subcommand};
use std::{path::PathBuf, process::ExitCode};

/// The client of the exchange of threat assessments between two allied nations.
#[derive(Parser)]
#[command(name = "relto", version, about)]
struct Arguments {
    /// Print one JSON object instead of text.
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Two nations on this machine, real processes: reports released, held, approved, refused, and their receipts.
    Demo {
        /// Leave the laboratory in this new folder, to look around.
        #[arg(long, value_name = "DIR")]
        keep: Option<PathBuf>,
    },
    /// A laboratory on this machine: two nations with keys, certificates, agreement and rules.
    Lab {
        #[command(subcommand)]
        command: LabCommand,
    },
}

#[derive(Subcommand)]
enum LabCommand {
    /// Make a new laboratory in DIR, which must not exist. Its dates are moved so that the example reports are fresh.
    ///
    /// Then run each node by hand:
    ///   reltod --config DIR/XAA/node.toml
    ///   reltod --config DIR/XBB/node.toml
    #[command(verbatim_doc_comment)]
    New {
        /// The folder to make.
        dir: PathBuf,
    },
}

/// Runs the client. Exit codes: 0 done, 1 failed, 2 usage, 3 refused by policy, 4 verification failed, 5 held.
pub fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let result = match &arguments.command {
        Command::Demo { keep } => demo::run(keep.as_deref(), arguments.json),
        Command::Lab { command: LabCommand::New { dir } } => lab::run_new(dir, arguments.json),
    };
    match result {
        Ok(exit) => ExitCode::from(exit.code()),
        Err(error) => {
            complain(&format!("relto: {error:#}"));
            ExitCode::from(Exit::Failed.code())
        }
    }
}

#[expect(clippy::print_stderr, reason = "a command's errors go to standard error")]
fn complain(text: &str) {
    eprintln!("{text}");
}
