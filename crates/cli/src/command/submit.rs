//! `relto submit`: signed, written down, sent; and sent again as it was written until there is an answer. API-10

mod author;
mod bulk;
mod groups;
mod kept;
mod sending;
mod several;
mod uploading;

use super::{nations::nations, submission, traffic::Traffics};
use crate::{args::SubmitArgs, exit::Exit, session::Session};
use anyhow::Result;
use author::Author;
use relto_host::clock::Stopwatch;
use sending::send;

/// Runs the command.
pub(super) async fn run(session: &Session, args: &SubmitArgs) -> Result<Exit> {
    let profile = session.profile()?;
    let to = nations(&args.to)?;
    let files = bulk::reports(&args.files)?;
    let [file] = files.as_slice() else { return bulk::run(session, args, &files, &to).await };
    let mut author = Author::new(session.output, &profile, args, file);
    let [only] = to.as_slice() else { return several::run(&mut author, &to).await };
    let ready = author.ready(*only).await?;
    let answer = match send(&profile, file, &ready.body, Stopwatch::start(), args.wait.unwrap_or(0)).await {
        Ok(answer) => answer,
        Err(error) => return Err(author.unsent(&ready, error).await),
    };
    ready.answered(&answer)?;
    submission::print(session.output, &answer, &Traffics::kept(&profile, &answer.agreement))?;
    Ok(Exit::of(&answer.standing))
}
