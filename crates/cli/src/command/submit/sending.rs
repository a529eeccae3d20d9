//! A submission on its way: sent, asked after, and its receipt waited for.

use super::uploading::submit;
use crate::{
    client::{Client, Refused},
    profile::Profile,
    progress::Bar,
};
use anyhow::Result;
use relto_formats::api::{Standing, Submission, Submit};
use relto_host::clock::Stopwatch;
use std::{path::Path, time::Duration};

/// Seconds that the node lets one request wait.
const MAX_WAIT: u64 = 300;

/// How the node has a submission; `None`: it does not have it.
pub(super) async fn standing_of(profile: &Profile, id: &str) -> Result<Option<Submission>> {
    let mut client = Client::connect(profile).await?;
    match client.get(&format!("/v1/submissions/{id}")).await {
        Ok(found) => Ok(Some(found)),
        Err(error) if error.downcast_ref::<Refused>().is_some_and(|refused| refused.status == 404) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Sends the submission of a report's file and waits for its receipt, until `wait` seconds after the watch's start; where its
/// plaintext goes up before it, after that.
pub(super) async fn send(
    profile: &Profile,
    file: &Path,
    body: &Submit,
    watch: Stopwatch,
    wait: u64,
) -> Result<Submission> {
    if body.uploaded {
        let (mut client, answer) = submit(profile, file, body, "/v1/submissions?wait=0").await?;
        let watch = Stopwatch::start();
        return shown(follow(&mut client, answer, watch, wait), watch, wait).await;
    }
    let mut client = Client::connect(profile).await?;
    let first = async {
        let answer: Submission = client.post(&format!("/v1/submissions?wait={}", wait.min(MAX_WAIT)), body).await?;
        follow(&mut client, answer, watch, wait).await
    };
    shown(first, watch, wait).await
}

/// Waits for the receipt of what was sent.
pub(super) async fn follow(client: &mut Client, answer: Submission, watch: Stopwatch, wait: u64) -> Result<Submission> {
    let left = || Duration::from_secs(wait).saturating_sub(watch.elapsed()).as_secs_f64().ceil();
    let mut answer = answer;
    while waits(&answer) && left() > 0.0 {
        let seconds = Duration::from_secs_f64(left()).as_secs().min(MAX_WAIT);
        answer = client.get(&format!("/v1/submissions/{}?wait={seconds}", answer.id)).await?;
    }
    Ok(answer)
}

/// Waits, and shows how long yet.
pub(super) async fn shown<T>(work: impl Future<Output = T>, watch: Stopwatch, wait: u64) -> T {
    let bar = Bar::new("receipt", wait, "s at most");
    let mut look = tokio::time::interval(Duration::from_millis(200));
    tokio::pin!(work);
    loop {
        tokio::select! {
            done = &mut work => return done,
            _ = look.tick() => bar.at(watch.elapsed().as_secs().min(wait)),
        }
    }
}

pub(super) const fn waits(answer: &Submission) -> bool {
    matches!(answer.standing, Standing::Released { .. } | Standing::Withdrawn { .. } | Standing::Queued { .. })
}
