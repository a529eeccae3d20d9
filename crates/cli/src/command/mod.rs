//! The client's own commands, and which of them each argument names.

mod acknowledge;
mod agreement;
mod agreement_change;
mod agreement_export;
mod agreement_file;
mod agreement_new;
mod agreement_words;
mod attachments;
mod audit;
mod backup;
mod boxes;
mod check;
mod clean;
mod clock;
mod download;
mod hold;
mod label;
mod nations;
mod new;
mod new_file;
mod receipt;
mod recover;
mod register;
mod released;
mod show;
mod side;
mod status;
mod submission;
mod submissions;
mod submit;
mod traffic;
mod unfilled;
mod words;

use crate::{
    args::{AgreementAct, AuditAct, BackupAct, ClientCommand, ClockAct, HoldAct, NewAct, WordsAct},
    exit::Exit,
    session::Session,
};
use anyhow::Result;

/// Runs a command for whoever the session is of.
pub(crate) fn run(session: &Session, command: ClientCommand) -> Result<Exit> {
    match command {
        ClientCommand::Audit { act: AuditAct::Verify { config, log } } => audit::verify(session, &config, &log),
        ClientCommand::Backup { act } => match act {
            BackupAct::Create { config, to, keep } => backup::create(session, &config, &to, keep.as_deref()),
            BackupAct::List { dir } => backup::list(session, &dir),
            BackupAct::Verify { copy, config } => backup::verify(session, &copy, &config),
            BackupAct::Restore { copy, config } => backup::restore(session, &copy, &config),
        },
        ClientCommand::Agreement { act } => match act {
            AgreementAct::New(new) => agreement_new::run(session, &new),
            AgreementAct::Verify { file } => agreement::verify(session, &file),
            AgreementAct::Diff { old, new } => agreement::diff(session, &old, &new),
            AgreementAct::Export { file, cedar } => agreement_export::cedar(session, &file, &cedar),
            AgreementAct::Sign(sign) => agreement::sign(session, &sign),
            AgreementAct::Suspend(args) => wait(agreement_change::write(session, &args, "suspend")),
            AgreementAct::Resume(args) => wait(agreement_change::write(session, &args, "resume")),
            AgreementAct::GiveNotice(args) => wait(agreement_change::write(session, &args, "give-notice")),
            AgreementAct::Renew(args) => wait(agreement_change::write(session, &args, "renew")),
            AgreementAct::Terminate(args) => wait(agreement_change::write(session, &args, "terminate")),
            AgreementAct::Adopt { file, out } => wait(agreement_change::adopt(session, &file, out)),
            AgreementAct::Measure(args) => wait(agreement_change::measure(session, &args)),
            AgreementAct::State { nation } => wait(agreement_change::state(session, nation.as_deref())),
            AgreementAct::Install { file } => wait(agreement_change::install(session, &file)),
            AgreementAct::Show { nation } => wait(agreement::show(session, nation.as_deref())),
        },
        ClientCommand::Clean(args) => clean::run(session, &args),
        ClientCommand::Check(check) => wait(check::run(session, &check)),
        ClientCommand::Submit(submit) => wait(submit::run(session, &submit)),
        ClientCommand::Inbox => wait(boxes::inbox(session)),
        ClientCommand::Outbox(outbox) if outbox.all => wait(boxes::all(session)),
        ClientCommand::Outbox(_) => wait(boxes::outbox(session)),
        ClientCommand::New { act: NewAct::Report(new) } => wait(new::report(session, &new)),
        ClientCommand::Acknowledge { id } => wait(acknowledge::acknowledge(session, &id)),
        ClientCommand::Show(show) => wait(show::run(session, &show)),
        ClientCommand::Receipt(receipt) => wait(receipt::run(session, &receipt)),
        ClientCommand::Register => wait(register::run(session)),
        ClientCommand::Status => wait(status::run(session)),
        ClientCommand::Clock { act: ClockAct::Trust { yes } } => wait(clock::trust(session, yes)),
        ClientCommand::Recover { act } => wait(recover::run(session, act)),
        ClientCommand::Words { act: WordsAct::Try { file, texts } } => words::try_list(session.output, &file, &texts),
        ClientCommand::Label { act } => wait(label::run(session, &act)),
        ClientCommand::Hold { act } => match act {
            HoldAct::List => wait(hold::list(session)),
            HoldAct::Show { id, attachments } => wait(hold::show(session, &id, attachments.as_deref())),
            HoldAct::Approve { id, precedence, attachments, emergency, yes } => {
                wait(hold::approve(session, &id, &hold::Choice { precedence, attachments, emergency, yes }))
            }
            HoldAct::Refuse { id, reason } => wait(hold::refuse(session, &id, &reason)),
        },
    }
}

/// Runs one command's requests on this thread.
fn wait(command: impl Future<Output = Result<Exit>>) -> Result<Exit> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(command)
}
