//! One report to several nations: a submission each, all on the disk before any is sent, all followed, and what became
//! of each side by side. One nation's refusal never stops another's.

use super::{
    author::{Author, Ready},
    kept,
    sending::{follow, send, shown, standing_of, waits},
};
use crate::{
    client::Client,
    command::{
        side::{Line, Side},
        submission,
    },
    document::Source,
    exit::Exit,
};
use anyhow::Result;
use relto_formats::api::Submission;
use relto_host::clock::Stopwatch;
use relto_report::nation::Nation;

/// One nation's part.
pub(super) enum Part {
    /// On the disk, and to be sent.
    Ready(Ready),
    /// Answered for good by an earlier run, and not sent again.
    Answered(Submission),
    /// There is nothing to be sent.
    Failed(anyhow::Error),
}

/// Submits to each.
pub(super) async fn run(author: &mut Author<'_>, to: &[Nation]) -> Result<Exit> {
    let mut parts = Vec::new();
    for nation in to {
        parts.push(match part(author, *nation).await {
            Ok(Part::Answered(found)) => {
                author
                    .output
                    .note(format!("{nation}: submission {} was answered for good; it is not sent again", found.id));
                Part::Answered(found)
            }
            Ok(part) => part,
            Err(error) => Part::Failed(error),
        });
    }
    let (profile, wait) = (author.profile, author.args.wait.unwrap_or(0));
    // Each is with the node before any receipt is waited for.
    let mut lines = Vec::new();
    for (nation, part) in to.iter().zip(parts) {
        let agreement = profile.agreements.get(nation).cloned().unwrap_or_default();
        let (ready, outcome) = match part {
            Part::Answered(found) => (None, Ok(found)),
            Part::Failed(error) => (None, Err(error)),
            Part::Ready(ready) => match send(profile, author.file, &ready.body, Stopwatch::start(), 0).await {
                Ok(answer) => (Some(ready), Ok(answer)),
                Err(error) => (None, Err(author.unsent(&ready, error).await)),
            },
        };
        lines.push((ready, Line { nation: nation.to_string(), agreement, outcome }));
    }
    let watch = Stopwatch::start();
    let waiting = async {
        for (ready, line) in &mut lines {
            let (Some(ready), Ok(answer)) = (ready.as_ref(), &line.outcome) else { continue };
            if waits(answer) {
                line.outcome = match followed(author, answer.clone(), watch, wait).await {
                    Ok(answer) => Ok(answer),
                    Err(error) => Err(author.unsent(ready, error).await),
                };
            }
        }
    };
    shown(waiting, watch, wait).await;
    for (ready, line) in &mut lines {
        let done = match (&ready, &line.outcome) {
            (Some(ready), Ok(answer)) => ready.answered(answer),
            _ => Ok(()),
        };
        if let Err(error) = done {
            line.outcome = Err(error);
        }
    }
    let lines = lines.into_iter().map(|(_, line)| line).collect();
    Side { profile, lines }.print(author.output)
}

/// What is to be sent to a nation.
pub(super) async fn part(author: &mut Author<'_>, to: Nation) -> Result<Part> {
    let (file, tear) = (author.file, author.args.tear_line);
    if !kept::path_for(file, tear, to).exists()
        && let Some(found) = answered(author, to).await?
    {
        return Ok(Part::Answered(found));
    }
    Ok(Part::Ready(author.ready(to).await?))
}

/// The newest submission of this very text to a nation, where the node has answered it for good.
async fn answered(author: &Author<'_>, to: Nation) -> Result<Option<Submission>> {
    let (file, tear) = (author.file, author.args.tear_line);
    let Some(last) = kept::earlier(file, tear, Some(to)).into_iter().next() else { return Ok(None) };
    // What cannot be read now is told where it is to be signed.
    if Source::read(file).is_err() || author.has_changed(to, &last.body)? {
        return Ok(None);
    }
    let found = standing_of(author.profile, &last.body.id).await?;
    Ok(found.filter(|found| submission::is_final(&found.standing)))
}

async fn followed(author: &Author<'_>, answer: Submission, watch: Stopwatch, wait: u64) -> Result<Submission> {
    follow(&mut Client::connect(author.profile).await?, answer, watch, wait).await
}
