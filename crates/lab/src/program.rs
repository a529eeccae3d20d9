//! The program with everything: the client's commands, and two nations to try them on.

use crate::{
    args::{Command, LabAct},
    bench, demo, lab,
};
use relto_cli::{
    args::{BEGIN, REST},
    program,
};
use std::process::ExitCode;

/// Runs the program with the process's arguments.
#[must_use]
pub fn main() -> ExitCode {
    let begin = "\
Begin here:
  relto demo                       two nations on this machine, reports exchanged, logs verified
  relto lab new DIR                the same two nations in a folder, to run by hand; a third with --third";
    program::run(&format!("{begin}\n{BEGIN}\n\n{REST}"), |session, command| match command {
        Command::Demo(args) => demo::run(args.keep.as_deref(), &args.reports, session.output),
        Command::Bench { act } => bench::run(&act, session.output),
        Command::Lab { act: LabAct::New { dir, exercise, third } } => {
            lab::run_new(&dir, lab::Options { exercises: usize::from(exercise), third, long: false }, session.output)
        }
        Command::Client(command) => program::client(&session, command),
    })
}
