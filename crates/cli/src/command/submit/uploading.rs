//! A submission whose attachments are long: its plaintext goes up before it, part by part, and goes on where it broke off.
//! What goes up are the files beside the report, and only those that were signed.

use super::kept::signed;
use crate::{
    again::{Line, Tries, may_pass},
    client::{Client, Refused},
    document::is_plain_name,
    head::{Came, NotWhole},
    on_disk::{OnDisk, sha256_of},
    profile::Profile,
    progress::Bar,
    signing::posted,
};
use anyhow::{Context as _, Result, anyhow, bail};
use relto_formats::api::{ProblemKind, Submission, Submit, UploadState};
use relto_report::{
    assessment::{Attachment, Document},
    attachment::bytes::{Apart, Bytes as _},
};
use std::{path::Path, sync::Arc};
use tokio::time::sleep;

/// Bytes of one request.
const REQUEST: u64 = 8 * 1024 * 1024;
const MIB: u64 = 1024 * 1024;
/// How often it all goes up again where the node has given up what was there.
const MOST: usize = 3;

/// Submits what goes up before, and gives the connection over which the node answered. `path` is where it is posted.
pub(super) async fn submit(profile: &Profile, file: &Path, body: &Submit, path: &str) -> Result<(Client, Submission)> {
    let posted = posted(body);
    let mut left = MOST;
    loop {
        // What was taken by an earlier run needs no upload, and the node has no place for one any more.
        let mut client = Client::connect(profile).await?;
        match client.post(path, &posted).await {
            Err(error) if is_about_upload(&error) && left > 0 => {}
            answer => return answer.map(|answer| (client, answer)),
        }
        drop(client);
        left = left.saturating_sub(1);
        upload(profile, body, attached(file, body)?).await?;
    }
}

/// Whether a refusal says that the plaintext, or a part of it, is not where it was thought to be. It is mended by going on.
pub(super) fn is_about_upload(error: &anyhow::Error) -> bool {
    error.downcast_ref::<Refused>().is_some_and(|refused| refused.problem.error == ProblemKind::Upload)
}

/// The whole document as it was signed, with the files that lie beside the report.
///
/// # Errors
/// Where they are not those that were signed.
fn attached(file: &Path, body: &Submit) -> Result<Document> {
    let id = &body.id;
    let Ok(Came::Head(head)) = Came::read(body.plaintext.0.clone()) else {
        bail!("submission {id}: it lists no attachments that go up. Delete its file, and submit again");
    };
    let folder = file.parent().unwrap_or(Path::new(""));
    let mut files: Vec<Apart> = Vec::new();
    for one in &head.report().attachments {
        let path = folder.join(&one.name);
        let told = || path.display().to_string();
        if !is_plain_name(&one.name) {
            bail!("submission {id}: {:?} is not the name of a file beside the report. Delete its file", one.name);
        }
        let Some(found) = OnDisk::open(&path).with_context(told)? else {
            return Err(changed(&path, id, "is not there"));
        };
        if found.length() != one.length {
            return Err(changed(&path, id, "has another length"));
        }
        files.push(Arc::new(found));
    }
    let document = match head.with(files.clone()) {
        Ok(document) => document,
        Err(NotWhole::Unread) => bail!("{}: {}. Nothing was sent", file.display(), NotWhole::Unread),
        Err(NotWhole::Malformed(_)) => {
            let other = |(one, file): &(&Attachment, &Apart)| sha256_of(file) != Some(one.sha256);
            let found = head.report().attachments.iter().zip(&files).find(other);
            let name = found.map_or("an attachment", |(one, _)| one.name.as_str());
            return Err(changed(&folder.join(name), id, "has other bytes"));
        }
    };
    if document.digest() != signed(body)?.digest() {
        bail!("submission {id}: its report is not the one that was signed. Delete its file, and submit again");
    }
    Ok(document)
}

fn changed(path: &Path, id: &str, what: &str) -> anyhow::Error {
    anyhow!(
        "{}: it {what} since submission {id} was signed, which it belongs to. Nothing was released. Put it back as it was \
         and run the same command again; or delete the .submission file beside the report, and submit what is there now",
        path.display()
    )
}

/// Puts all of it on the node's disk, from where that ends.
async fn upload(profile: &Profile, body: &Submit, document: Document) -> Result<()> {
    let length = document.length();
    let bytes: Apart = Arc::new(document);
    let bar = Bar::new("upload", length / MIB, "MiB");
    let mut line = Line::new(profile);
    let path = format!("/v1/uploads/{}", body.id);
    let ask = async |step| match step {
        Step::Ask => line.ask(async |client| client.get(&path).await).await,
        Step::Put(at) => {
            let path = format!("{path}?offset={at}&length={length}");
            let range = at..at.saturating_add(REQUEST).min(length);
            line.ask(async |client| client.put(&path, &bytes, range, |sent| bar.at(sent / MIB)).await).await
        }
    };
    go_on(length, ask).await
}

/// What is asked of the node.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Step {
    /// How much of it is there.
    Ask,
    /// To take the bytes from here on.
    Put(u64),
}

/// What follows an answer.
enum Next {
    /// All is there.
    Done,
    /// This, at once.
    Go(Step),
    /// This, after a pause and not for ever: why.
    Again(Step, anyhow::Error),
}

/// Asks until all is there.
async fn go_on(length: u64, mut ask: impl AsyncFnMut(Step) -> Result<UploadState>) -> Result<()> {
    let (mut step, mut most, mut tries) = (Step::Ask, 0, Tries::default());
    loop {
        let answer = ask(step).await;
        if let Ok(state) = &answer
            && state.received > most
        {
            most = state.received;
            tries.moved();
        }
        step = match next(step, answer, length)? {
            Next::Done => return Ok(()),
            Next::Go(then) => then,
            Next::Again(then, why) => {
                let Some(pause) = tries.pause() else { return Err(why.context("the upload does not come on")) };
                sleep(pause).await;
                then
            }
        };
    }
}

/// What follows the answer to a step.
///
/// # Errors
/// Where nothing that is asked later changes it.
fn next(step: Step, answer: Result<UploadState>, length: u64) -> Result<Next> {
    let error = match answer {
        Ok(UploadState { received, length: there }) if there != length || received > length => {
            bail!(
                "the node has {received} of {there} bytes under this id, and {length} were signed: it is another upload"
            );
        }
        Ok(UploadState { received, .. }) if received == length => return Ok(Next::Done),
        Ok(UploadState { received, .. }) => {
            let then = Step::Put(received);
            return Ok(match step {
                Step::Put(at) if received <= at => Next::Again(then, anyhow!("the node keeps nothing of what is sent")),
                Step::Put(_) | Step::Ask => Next::Go(then),
            });
        }
        Err(error) => error,
    };
    let status = error.downcast_ref::<Refused>().map(|refused| refused.status);
    match (step, status) {
        (Step::Ask, Some(404)) => Ok(Next::Go(Step::Put(0))),
        _ if is_about_upload(&error) || may_pass(&error) => Ok(Next::Again(Step::Ask, error)),
        _ => Err(error),
    }
}

#[cfg(test)]
mod tests;
