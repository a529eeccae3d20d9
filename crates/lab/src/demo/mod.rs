//! The main job on real input: two nations on this machine, real processes, real reports, receipts, logs verified.

mod acts;
mod answers;
mod emergency;
mod interrupted;
mod lifecycle;
mod outcome;
mod readers;
mod telling;
mod typed;

use crate::lab::{
    self,
    run::{Node, connected, person, unless_asked},
};
use acts::{ACTS, Act, play};
use anyhow::{Context as _, Result};
use relto_cli::{
    args::{AuditAct, ClientCommand},
    client::Client,
    exit::Exit,
    output::Output,
    program,
    session::Session,
};
use relto_formats::api::{Status, Submission};
use relto_host::clock;
use std::{
    path::{Path, PathBuf},
    time::Duration,
};

/// `relto demo`: the built-in story, or the reader's own reports. Not done unless everything is as it should be; with
/// reports of the reader's own, ends as `relto submit` of the last one that was not admitted.
///
/// # Errors
/// Where the laboratory cannot be made, a node does not start, a report of the reader's has a fault, or the process is
/// asked to end: then both nodes have ended.
pub fn run(keep: Option<&Path>, reports: &[PathBuf], output: Output) -> Result<Exit> {
    let own: Vec<Act> = reports.iter().map(|file| Act::of(file)).collect::<Result<_>>()?;
    let temporary = tempfile::tempdir()?;
    let dir = keep.map_or_else(|| temporary.path().join("lab"), Path::to_path_buf);
    let stage = Stage { dir: &dir, output };
    let ended = unless_asked(stage.perform(&own, keep.is_some()))?;
    let place = match keep {
        Some(dir) => format!("the laboratory is left as it was in {}", dir.display()),
        None => "the laboratory is removed".to_owned(),
    };
    // The nodes ended with their story.
    ended.with_context(|| format!("the demo was not played to its end; {place}"))?
}

/// Where the story plays, and how it is told.
struct Stage<'a> {
    dir: &'a Path,
    output: Output,
}

impl Stage<'_> {
    async fn perform(&self, own: &[Act], kept: bool) -> Result<Exit> {
        lab::make(self.dir, clock::now_ms())?;
        if let Err(fault) = own.iter().try_for_each(|act| act.read(self.dir)) {
            // A folder of a story that was never told: the next try would find it in its way.
            std::fs::remove_dir_all(self.dir)?;
            return Err(fault);
        }
        let (told, stands) = self.story(own).await?;
        let right = self.verify()? && told;
        let exit = if own.is_empty() { Exit::Done } else { telling::own(self.output, &stands)? };
        self.output.line(match (right, own.is_empty()) {
            (true, true) => "\nAll as it should be.",
            (true, false) => "\nThe exchange and its logs are as they should be.",
            (false, _) => "\nSomething was not as it should be.",
        })?;
        self.where_to_look(kept)?;
        Ok(if right { exit } else { Exit::Failed })
    }

    /// Whether all was as it should be, and how each report of the reader's own stands.
    async fn story(&self, own: &[Act]) -> Result<(bool, Vec<Submission>)> {
        let (mut arcadia, mut borealia) = (Node::start(self.dir, "XAA")?, Node::start(self.dir, "XBB")?);
        self.output.line("Arcadia (XAA) and Borealia (XBB) each run a node; they talk over mutual TLS on loopback.")?;
        self.linked([&mut arcadia, &mut borealia]).await?;
        let (mut right, mut stands) = (true, Vec::new());
        for act in if own.is_empty() { ACTS } else { own } {
            let played = play(self.dir, act).await?;
            right &= telling::act(self.output, act, &played)?;
            stands.push(played.submission);
        }
        if own.is_empty() {
            right &= telling::typed(self.output, &answers::explain(self.dir)?)?;
            right &= telling::typed(self.output, &answers::codeword(self.dir).await?)?;
            right &= telling::typed(self.output, &answers::label(self.dir)?)?;
            right &= telling::readers(self.output, &readers::play(self.dir).await?)?;
            right &= telling::typed(self.output, &emergency::release(self.dir).await?)?;
            right &= telling::typed(self.output, &emergency::acknowledged(self.dir).await?)?;
            right &= telling::typed(self.output, &lifecycle::play(self.dir).await?)?;
            let act = interrupted::play(self.dir, &mut borealia).await?;
            right &= telling::interrupted(self.output, &act)?;
        }
        right &= self.logs_agree().await?;
        arcadia.stop()?;
        borealia.stop()?;
        Ok((right, stands))
    }

    /// Waits until the nodes have linked, or one has ended.
    async fn linked(&self, mut nodes: [&mut Node; 2]) -> Result<()> {
        let both = async {
            for nation in ["XAA", "XBB"] {
                connected(&person(self.dir, nation, "author")?).await?;
            }
            Ok(())
        };
        let ended = async {
            loop {
                if let Err(fault) = nodes.iter_mut().try_for_each(|node| node.runs()) {
                    return fault;
                }
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        tokio::select! {
            linked = both => linked,
            fault = ended => Err(fault),
        }
    }

    /// Each nation holds the other's log up to its newest leaf; that it is the same log, its signed heads say.
    async fn logs_agree(&self) -> Result<bool> {
        for _ in 0..100 {
            let (arcadia, borealia) = (sizes(self.dir, "XAA").await?, sizes(self.dir, "XBB").await?);
            if arcadia.0 == borealia.1 && borealia.0 == arcadia.1 {
                return Ok(true);
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Ok(false)
    }

    /// Both logs, from both sides, offline.
    fn verify(&self) -> Result<bool> {
        self.output.line(
            "\nBoth nodes have stopped. Each nation's auditor verifies its own log and its copy of the partner's:",
        )?;
        let mut right = true;
        for nation in ["XAA", "XBB"] {
            let folder = self.dir.join(nation);
            let profile = folder.join("people").join("auditor").join("profile.toml");
            let auditor = Session { output: self.output, profile: Some(profile) };
            let act = AuditAct::Verify { config: folder.join("node.toml"), log: Vec::new() };
            right &= program::client(&auditor, ClientCommand::Audit { act })? == Exit::Done;
        }
        Ok(right)
    }

    fn where_to_look(&self, kept: bool) -> Result<()> {
        let say = |text: String| self.output.line(text);
        if !kept {
            return say(
                "`relto lab new DIR` makes the same two nations in DIR and says what to type, by hand.".to_owned()
            );
        }
        let (client, dir) = (std::env::current_exe()?, self.dir.display());
        let (daemon, client) = (client.with_file_name("reltod").display().to_string(), client.display());
        say("Where to look, with both nodes started, each in a terminal of its own:".to_owned())?;
        say(format!("  {daemon} --config {dir}/XAA/node.toml"))?;
        say(format!("  {daemon} --config {dir}/XBB/node.toml"))?;
        say(format!("  {client} --profile {dir}/XAA/people/author/profile.toml outbox"))?;
        say(format!("  {client} --profile {dir}/XBB/people/author/profile.toml inbox"))?;
        say(format!("  {client} --profile {dir}/XAA/people/author/profile.toml receipt XAA-J2-2026-0431"))?;
        say(format!("and without them: {dir}/XAA/node.log, {client} audit verify --config {dir}/XAA/node.toml"))
    }
}

/// Sizes of the own log and of the copy of the partner's.
async fn sizes(dir: &Path, nation: &str) -> Result<(u64, u64)> {
    let mut client = Client::connect(&person(dir, nation, "author")?).await?;
    let status: Status = client.get("/v1/status").await?;
    Ok(status.links.first().map_or((0, 0), |link| (link.own_size, link.partner_size)))
}
