//! The commands: arguments in, result printed, exit code out.

mod acknowledge;
mod agreement;
mod agreement_change;
mod agreement_export;
mod agreement_new;
mod agreement_words;
mod audit;
mod boxes;
mod check;
mod clean;
mod clock;
mod hold;
mod label;
mod new;
pub(crate) mod receipt;
mod register;
mod side;
mod status;
mod submission;
mod submit;
mod traffic;
mod words;

pub(crate) use submission::exit_of;

use crate::{
    args::{AgreementAct, Arguments, AuditAct, BenchAct, ClockAct, Command, HoldAct, LabAct, NewAct, WordsAct},
    cache::{self, Installed},
    client::Client,
    exit::Exit,
    output::{Output, told},
    profile::Profile,
};
use anyhow::{Context as _, Result, bail};
use clap::{Parser as _, error::ErrorKind};
use relto_report::nation::Nation;
use std::{
    ffi::OsString,
    path::{Path, PathBuf},
    process::ExitCode,
};

/// Runs the program with the process's arguments.
#[must_use]
pub fn main() -> ExitCode {
    ExitCode::from(run_with(std::env::args_os().collect()))
}

/// Runs the program with these arguments, the program's name first; gives its exit code.
#[must_use]
pub fn run_with(arguments: Vec<OsString>) -> u8 {
    let json = arguments.iter().any(|one| one == "--json");
    let arguments = match Arguments::try_parse_from(arguments) {
        Ok(arguments) => arguments,
        Err(error) => return usage(&error, Output { json }),
    };
    let output = Output { json: arguments.json };
    match dispatch(arguments, output) {
        Ok(exit) => exit.code(),
        Err(error) => told(&error, output).code(),
    }
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

fn dispatch(arguments: Arguments, output: Output) -> Result<Exit> {
    let named = std::env::var_os("RELTO_PROFILE").filter(|path| !path.is_empty()).map(PathBuf::from);
    let session = Session { output, profile: arguments.profile.or(named) };
    match arguments.command {
        Command::Demo(demo) => crate::demo::run(demo.keep.as_deref(), &demo.reports, output),
        Command::Bench { act: BenchAct::Exchange(bench) } => crate::bench::run(&bench, output),
        Command::Lab { act: LabAct::New { dir, exercise, third } } => {
            crate::lab::run_new(&dir, crate::lab::Options { exercise, third }, output)
        }
        Command::Audit { act: AuditAct::Verify { config, log } } => audit::verify(&session, &config, &log),
        Command::Agreement { act } => match act {
            AgreementAct::New(new) => agreement_new::run(&session, &new),
            AgreementAct::Verify { file } => agreement::verify(&session, &file),
            AgreementAct::Diff { old, new } => agreement::diff(&session, &old, &new),
            AgreementAct::Export { file, cedar } => agreement_export::cedar(&session, &file, &cedar),
            AgreementAct::Sign(sign) => agreement::sign(&session, &sign),
            AgreementAct::Suspend(args) => wait(agreement_change::write(&session, &args, "suspend")),
            AgreementAct::Resume(args) => wait(agreement_change::write(&session, &args, "resume")),
            AgreementAct::GiveNotice(args) => wait(agreement_change::write(&session, &args, "give-notice")),
            AgreementAct::Renew(args) => wait(agreement_change::write(&session, &args, "renew")),
            AgreementAct::Terminate(args) => wait(agreement_change::write(&session, &args, "terminate")),
            AgreementAct::Adopt { file, out } => wait(agreement_change::adopt(&session, &file, out)),
            AgreementAct::Measure(args) => wait(agreement_change::measure(&session, &args)),
            AgreementAct::State { nation } => wait(agreement_change::state(&session, nation.as_deref())),
            AgreementAct::Install { file } => wait(agreement_change::install(&session, &file)),
            AgreementAct::Show { nation } => wait(agreement::show(&session, nation.as_deref())),
        },
        Command::Clean(args) => clean::run(&session, &args),
        Command::Check(check) => wait(check::run(&session, &check)),
        Command::Submit(submit) => wait(submit::run(&session, &submit)),
        Command::Inbox => wait(boxes::inbox(&session)),
        Command::Outbox(outbox) if outbox.all => wait(boxes::all(&session)),
        Command::Outbox(_) => wait(boxes::outbox(&session)),
        Command::New { act: NewAct::Report(new) } => wait(new::report(&session, &new)),
        Command::Acknowledge { id } => wait(acknowledge::acknowledge(&session, &id)),
        Command::Show(show) => wait(boxes::show(&session, &show)),
        Command::Receipt(receipt) => wait(receipt::run(&session, &receipt)),
        Command::Register => wait(register::run(&session)),
        Command::Status => wait(status::run(&session)),
        Command::Clock { act: ClockAct::Trust { yes } } => wait(clock::trust(&session, yes)),
        Command::Words { act: WordsAct::Try { file, texts } } => words::try_list(session.output, &file, &texts),
        Command::Label { act } => wait(label::run(&session, &act)),
        Command::Hold { act } => match act {
            HoldAct::List => wait(hold::list(&session)),
            HoldAct::Show { id, attachments } => wait(hold::show(&session, &id, attachments.as_deref())),
            HoldAct::Approve { id, precedence, attachments, emergency, yes } => {
                wait(hold::approve(&session, &id, &hold::Choice { precedence, attachments, emergency, yes }))
            }
            HoldAct::Refuse { id, reason } => wait(hold::refuse(&session, &id, &reason)),
        },
    }
}

/// `relto audit verify` as the person of a profile, for the demo.
pub(crate) fn audit_verify(output: Output, profile: &Path, config: &Path) -> Result<Exit> {
    audit::verify(&Session { output, profile: Some(profile.to_owned()) }, config, &[])
}

/// Runs one command's requests on this thread.
fn wait(command: impl Future<Output = Result<Exit>>) -> Result<Exit> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(command)
}

/// What every command has: where its results go, and whose profile it acts for.
pub(crate) struct Session {
    pub(crate) output: Output,
    pub(crate) profile: Option<PathBuf>,
}

impl Session {
    /// The profile.
    pub(crate) fn profile(&self) -> Result<Profile> {
        let path = self.profile.as_deref().context(
            "no profile: give --profile FILE or set RELTO_PROFILE. `relto lab new DIR` makes profiles to try",
        )?;
        // API-18
        Profile::load(path)
    }

    /// A connection to the profile's node.
    pub(crate) async fn connect(&self) -> Result<(Profile, Client)> {
        let profile = self.profile()?;
        let client = Client::connect(&profile).await?;
        Ok((profile, client))
    }
}

/// The recipient as given, else the profile's only one.
pub(crate) fn recipient(profile: &Profile, given: Option<&str>) -> Result<Nation> {
    match given {
        Some(text) => nation(text),
        None => match profile.agreements.keys().collect::<Vec<_>>().as_slice() {
            [only] => Ok(**only),
            [] => bail!("the profile names no agreement. Add it under [agreements]"),
            [..] => bail!("the profile names several agreements. Say which nation"),
        },
    }
}

/// A nation's code as typed.
pub(crate) fn nation(text: &str) -> Result<Nation> {
    Nation::parse(text)
        .with_context(|| format!("{text:?} is not a nation. Nations are three capital letters, such as XBB"))
}

/// Nations' codes as typed, each once.
pub(crate) fn nations(list: &[String]) -> Result<Vec<Nation>> {
    let mut out = Vec::new();
    for text in list {
        let one = nation(text)?;
        if out.contains(&one) {
            bail!("{one} is named twice. Name each nation once");
        }
        out.push(one);
    }
    Ok(out)
}

/// The agreement of this id, fetched on this connection and verified.
pub(crate) async fn fetched(profile: &Profile, client: &mut Client, id: &str) -> Result<Installed> {
    cache::refresh(profile, client, id).await
}

/// Unix milliseconds as people read them.
pub(crate) fn moment(millis: u64) -> String {
    relto_report::calendar::Timestamp::from_millis(millis).to_string()
}
