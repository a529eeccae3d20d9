//! The program: arguments in, one command run, exit code out.

use crate::{
    args::{Arguments, BEGIN, ClientCommand, REST},
    command,
    exit::Exit,
    output::{Output, told},
    session::Session,
};
use anyhow::Result;
use clap::{CommandFactory as _, FromArgMatches as _, Subcommand, error::ErrorKind};
use std::{ffi::OsString, path::PathBuf, process::ExitCode};

/// Runs the client with the process's arguments.
#[must_use]
pub fn main() -> ExitCode {
    run(&format!("Begin here:\n{BEGIN}\n\n{REST}"), |session, command| client(&session, command))
}

/// One command of the client itself.
///
/// # Errors
/// What is to be told and is no result of its own.
pub fn client(session: &Session, command: ClientCommand) -> Result<Exit> {
    command::run(session, command)
}

/// Reads the process's arguments, which are these commands, and runs one; `after_help` stands behind the help.
#[must_use]
pub fn run<C: Subcommand>(after_help: &str, run: impl FnOnce(Session, C) -> Result<Exit>) -> ExitCode {
    let arguments: Vec<OsString> = std::env::args_os().collect();
    let json = arguments.iter().any(|one| one == "--json");
    let code = match read::<C>(after_help, arguments) {
        Err(error) => usage(&error, Output { json }),
        Ok(arguments) => {
            let output = Output { json: arguments.json };
            let named = std::env::var_os("RELTO_PROFILE").filter(|path| !path.is_empty()).map(PathBuf::from);
            let session = Session { output, profile: arguments.profile.or(named) };
            match run(session, arguments.command) {
                Ok(exit) => exit.code(),
                Err(error) => told(&error, output).code(),
            }
        }
    };
    ExitCode::from(code)
}

fn read<C: Subcommand>(after_help: &str, arguments: Vec<OsString>) -> Result<Arguments<C>, clap::Error> {
    let mut known = Arguments::<C>::command().after_help(after_help.to_owned());
    let found = known.try_get_matches_from_mut(arguments)?;
    Arguments::from_arg_matches(&found).map_err(|error| error.format(&mut known))
}

/// What clap says: help and version are no errors, everything else is exit 2.
fn usage(error: &clap::Error, output: Output) -> u8 {
    let is_help = matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion);
    if output.json && !is_help {
        let message = error.to_string();
        let message = message.trim().trim_start_matches("error: ");
        let _ = output.object(&serde_json::json!({ "error": "usage", "message": message }));
    } else {
        let _ = error.print();
    }
    if is_help { 0 } else { 2 }
}
