//! The main job on real input: two nations on this machine, real processes, real reports, receipts, logs verified.

mod acts;
mod interrupted;

use crate::{
    client::Client,
    command,
    exit::Exit,
    lab::{
        self,
        run::{Node, connected, person},
    },
};
use acts::{ACTS, Act, Played, play};
use anyhow::Result;
use relto_formats::api::Status;
use relto_host::clock;
use std::{
    path::{Path, PathBuf},
    time::Duration,
};

/// How long the partner may take to answer, seconds.
const WAIT: u64 = 20;

/// `relto demo`: the built-in story, or the reader's own reports. Not done unless everything is as it should be.
///
/// # Errors
/// Where the laboratory cannot be made, a node does not start, or a report of the reader's has a fault.
pub fn run(keep: Option<&Path>, reports: &[PathBuf], json: bool) -> Result<Exit> {
    let temporary = tempfile::tempdir()?;
    let dir = keep.map_or_else(|| temporary.path().join("lab"), Path::to_path_buf);
    lab::make(&dir, clock::now_ms())?;
    let stage = Stage { dir: &dir, json };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let told = runtime.block_on(stage.story(reports))?;
    let verified = stage.verify();
    let right = told && verified;
    if !json {
        stage.say(if right { "\nAll as it should be." } else { "\nSomething was not as it should be." });
        stage.where_to_look(keep.is_some());
    }
    Ok(if right { Exit::Done } else { Exit::Failed })
}

/// Where the story plays, and how it is told.
struct Stage<'a> {
    dir: &'a Path,
    json: bool,
}

impl Stage<'_> {
    #[expect(clippy::print_stdout, reason = "the story goes to standard output")]
    fn say(&self, text: &str) {
        println!("{text}");
    }

    async fn story(&self, reports: &[PathBuf]) -> Result<bool> {
        let (mut arcadia, mut borealia) = (Node::start(self.dir, "XAA")?, Node::start(self.dir, "XBB")?);
        if !self.json {
            self.say("Arcadia (XAA) and Borealia (XBB) each run a node; they talk over mutual TLS on loopback.");
        }
        for nation in ["XAA", "XBB"] {
            connected(&person(self.dir, nation, "author")?).await?;
        }
        let own: Vec<Act> = reports.iter().map(|file| Act::of(file)).collect::<Result<_>>()?;
        let mut right = true;
        let acts = if own.is_empty() { ACTS } else { own.as_slice() };
        for act in acts {
            let played = play(self.dir, act).await?;
            right &= self.tell(act, &played);
        }
        if own.is_empty() {
            let act = interrupted::play(self.dir, &mut borealia).await?;
            right &= self.tell_interrupted(&act);
        }
        right &= self.logs_agree().await?;
        arcadia.stop()?;
        borealia.stop()?;
        Ok(right)
    }

    fn tell(&self, act: &Act, played: &Played) -> bool {
        let right = act.is_as_wanted(played);
        if self.json {
            let line = serde_json::json!({
                "file": act.file, "from": act.nation, "serial": played.submission.serial, "outcome": played.word,
                "reasons": played.told, "approvals": played.approvals, "as_wanted": right,
            });
            self.say(&line.to_string());
            return right;
        }
        let says = if act.says.is_empty() { String::new() } else { format!(" ({})", act.says) };
        self.say(&format!("\n{} submits {}{says}: {}", act.nation, played.submission.serial, act.file));
        for officer in &played.approvals {
            self.say(&format!("  held; approved by {officer}"));
        }
        self.say(&format!("  {}{}", played.word, if right { "" } else { "   <- NOT AS IT SHOULD BE" }));
        for line in &played.told {
            self.say(&format!("    {line}"));
        }
        right
    }

    fn tell_interrupted(&self, act: &interrupted::Interrupted) -> bool {
        let right = act.admitted == act.submitted && act.overtook;
        if self.json {
            let line = serde_json::json!({
                "submitted": act.submitted, "admitted": act.admitted, "flash_overtook": act.overtook, "as_wanted": right,
            });
            self.say(&line.to_string());
            return right;
        }
        self.say(&format!(
            "\nBorealia's node is killed with SIGKILL while XAA submits {} reports, the last a FLASH",
            act.submitted
        ));
        self.say(&format!("  started again: {} of {} admitted, each once", act.admitted, act.submitted));
        let order = if act.overtook { "was decided before" } else { "DID NOT OVERTAKE" };
        self.say(&format!("  the FLASH warning, last into the log, {order} the ROUTINE reports that waited with it"));
        right
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
    fn verify(&self) -> bool {
        if !self.json {
            self.say(
                "\nBoth nodes have stopped. Each nation's auditor verifies its own log and its copy of the partner's:",
            );
        }
        ["XAA", "XBB"].into_iter().all(|nation| {
            let folder = self.dir.join(nation);
            let profile = folder.join("people").join("auditor").join("profile.toml");
            let mut arguments: Vec<std::ffi::OsString> =
                ["relto", "audit", "verify", "--config"].map(Into::into).into();
            arguments.push(folder.join("node.toml").into());
            arguments.push("--profile".into());
            arguments.push(profile.into());
            if self.json {
                arguments.push("--json".into());
            }
            command::run_with(arguments) == Exit::Done.code()
        })
    }

    fn where_to_look(&self, kept: bool) {
        if !kept {
            self.say("`relto demo --keep DIR` leaves the laboratory in DIR, to run by hand and to look around.");
            return;
        }
        let dir = self.dir.display();
        self.say(&format!("Where to look, with both nodes started (reltod --config {dir}/XAA/node.toml, and XBB):"));
        self.say(&format!("  relto --profile {dir}/XAA/people/author/profile.toml outbox"));
        self.say(&format!("  relto --profile {dir}/XBB/people/author/profile.toml inbox"));
        self.say(&format!("  relto --profile {dir}/XAA/people/author/profile.toml receipt XAA-J2-2026-0431"));
        self.say(&format!("and without them: {dir}/XAA/node.log, relto audit verify --config {dir}/XAA/node.toml"));
    }
}

/// Sizes of the own log and of the copy of the partner's.
async fn sizes(dir: &Path, nation: &str) -> Result<(u64, u64)> {
    let mut client = Client::connect(&person(dir, nation, "author")?).await?;
    let status: Status = client.get("/v1/status").await?;
    Ok(status.links.first().map_or((0, 0), |link| (link.own_size, link.partner_size)))
}
