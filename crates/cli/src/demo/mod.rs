//! The main job on real input: two nations on this machine, real processes, real reports, receipts.

mod interrupted;
mod nodes;

use crate::{
    client::Client,
    exit::Exit,
    lab,
    prepare::{Agreed, approve, read, sign},
    profile::Profile,
};
use anyhow::{Context as _, Result, anyhow};
use nodes::Node;
use relto_formats::api::{Held, Standing, Status, Submission};
use relto_host::clock;
use relto_report::nation::Nation;
use std::{
    path::{Path, PathBuf},
    time::Duration,
};

/// How long the partner may take to answer, seconds.
const WAIT: u64 = 20;

/// One act of the story.
struct Act {
    nation: &'static str,
    file: &'static str,
    says: &'static str,
    /// What the submission must come to: a word of the standing, and codes that must be among its reasons.
    wanted: (&'static str, &'static [&'static str]),
}

const ACTS: [Act; 7] = [
    Act {
        nation: "XAA",
        file: "roc800-file-access.md",
        says: "RESTRICTED, under a standing authority",
        wanted: ("admitted", &[]),
    },
    Act { nation: "XAA", file: "report.md", says: "SECRET//FGI XCC, two officers", wanted: ("admitted", &[]) },
    Act {
        nation: "XAA",
        file: "license-manager-upload.md",
        says: "SECRET on a topic that goes to level 2",
        wanted: ("refused", &["CLASS_EXCEEDS_CEILING"]),
    },
    Act {
        nation: "XAA",
        file: "melsec-exhaustion.md",
        says: "a topic that is not agreed",
        wanted: ("refused", &["TOPIC_OUT_OF_SCOPE"]),
    },
    Act {
        nation: "XAA",
        file: "sinec-nms-chain.md",
        says: "NOFORN",
        wanted: ("refused", &["CAVEAT_FORBIDS_FOREIGN", "NOT_RELEASABLE_TO_RECIPIENT"]),
    },
    Act {
        nation: "XAA",
        file: "somachine-xxe.md",
        says: "releasable to Corvania, not to Borealia",
        wanted: ("refused", &["NOT_RELEASABLE_TO_RECIPIENT"]),
    },
    Act {
        nation: "XBB",
        file: "report-xbb.md",
        says: "Arcadia's own rules refuse what Borealia may send",
        wanted: ("refused by the partner", &["NATIONAL_RULE"]),
    },
];

/// `relto demo`. Not done unless every act ends as it should.
///
/// # Errors
/// Where the laboratory cannot be made or a node does not start.
pub fn run(keep: Option<&Path>, json: bool) -> Result<Exit> {
    let temporary = tempfile::tempdir()?;
    let dir = keep.map_or_else(|| temporary.path().join("lab"), Path::to_path_buf);
    lab::make(&dir, clock::now_ms())?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(story(&dir, json))
}

#[expect(clippy::print_stdout, reason = "the story goes to standard output")]
fn say(text: &str) {
    println!("{text}");
}

async fn story(dir: &Path, json: bool) -> Result<Exit> {
    let mut nodes = vec![Node::start(dir, "XAA")?, Node::start(dir, "XBB")?];
    if !json {
        say("Arcadia (XAA) and Borealia (XBB) each run a node; they talk over mutual TLS on loopback.");
    }
    for nation in ["XAA", "XBB"] {
        connected(&person(dir, nation, "author")?).await?;
    }
    let mut right = true;
    for act in &ACTS {
        let (submission, approvals) = perform(dir, act).await?;
        let (word, told) = outcome(&submission.standing);
        let as_wanted =
            word == act.wanted.0 && act.wanted.1.iter().all(|code| told.iter().any(|line| line.contains(code)));
        right &= as_wanted;
        if json {
            let line = serde_json::json!({
                "file": act.file, "from": act.nation, "serial": submission.serial, "outcome": word,
                "reasons": told, "approvals": approvals, "as_wanted": as_wanted,
            });
            say(&line.to_string());
        } else {
            say(&format!("\n{} submits {} ({}): {}", act.nation, submission.serial, act.says, act.file));
            for officer in &approvals {
                say(&format!("  held; approved by {officer}"));
            }
            say(&format!("  {word}{}", if as_wanted { "" } else { "   <- NOT AS IT SHOULD BE" }));
            for line in told {
                say(&format!("    {line}"));
            }
        }
    }
    if let Some(partner) = nodes.get_mut(1) {
        right &= tell(&interrupted::play(dir, partner).await?, json);
    }
    for node in &mut nodes {
        node.stop()?;
    }
    if !json {
        say(if right { "\nAll as it should be." } else { "\nSomething was not as it should be." });
    }
    Ok(if right { Exit::Done } else { Exit::Failed })
}

fn tell(act: &interrupted::Interrupted, json: bool) -> bool {
    let right = act.admitted == act.submitted && act.overtook;
    if json {
        let (submitted, admitted, overtook) = (act.submitted, act.admitted, act.overtook);
        let line = serde_json::json!({
            "submitted": submitted, "admitted": admitted, "flash_overtook": overtook, "as_wanted": right,
        });
        say(&line.to_string());
    } else {
        say(&format!(
            "\nBorealia's node is killed with SIGKILL while XAA submits {} reports, the last a FLASH",
            act.submitted
        ));
        say(&format!("  started again: {} of {} admitted, each once", act.admitted, act.submitted));
        let order = if act.overtook { "was decided before" } else { "DID NOT OVERTAKE" };
        say(&format!("  the FLASH warning, last into the log, {order} the ROUTINE reports that waited with it"));
    }
    right
}

fn person(dir: &Path, nation: &str, account: &str) -> Result<Profile> {
    Profile::load(&dir.join(nation).join("people").join(account).join("profile.toml"))
}

/// Waits until the node releases: a proven session, heads confirmed.
async fn connected(profile: &Profile) -> Result<()> {
    for _ in 0..200 {
        if let Ok(mut client) = Client::connect(profile).await {
            let status: Status = client.get("/v1/status").await?;
            if status.links.iter().all(|link| link.connected && link.heads_confirmed) {
                return Ok(());
            }
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    Err(anyhow!("the nodes did not link within 10 seconds"))
}

async fn perform(dir: &Path, act: &Act) -> Result<(Submission, Vec<String>)> {
    let author = person(dir, act.nation, "author")?;
    let to = Nation::parse(if act.nation == "XAA" { "XBB" } else { "XAA" }).context("nation")?;
    let mut client = Client::connect(&author).await?;
    let agreed = Agreed::fetch(&mut client, &author, author.agreement_with(to)?).await?;
    let path: PathBuf = dir.join(act.nation).join("reports").join(act.file);
    let (document, home) = read(&path, &agreed, to)?;
    let submit = sign(&author, &agreed, to, &document, home)?;
    let mut submission: Submission = client.post(&format!("/v1/submissions?wait={WAIT}"), &submit).await?;
    let mut approvals = Vec::new();
    for officer in ["officer-1", "officer-2"] {
        let Standing::Held { owed } = &submission.standing else { break };
        let held = Held {
            id: submission.id.clone(),
            serial: submission.serial.clone(),
            agreement: submission.agreement.clone(),
            account: submission.account.clone(),
            time: submission.time,
            owed: owed.clone(),
            approved_by: approvals.clone(),
        };
        let profile = person(dir, act.nation, officer)?;
        let mut office = Client::connect(&profile).await?;
        submission = approve(&mut office, &profile, &agreed, to, &held).await?;
        approvals.push(officer.to_owned());
    }
    if matches!(submission.standing, Standing::Released { .. }) {
        submission = client.get(&format!("/v1/submissions/{}?wait={WAIT}", submission.id)).await?;
    }
    Ok((submission, approvals))
}

fn outcome(standing: &Standing) -> (String, Vec<String>) {
    match standing {
        Standing::Resolved { verdict, codes, .. } if verdict == "admitted" => (verdict.clone(), codes.clone()),
        Standing::Resolved { verdict, codes, .. } => (format!("{verdict} by the partner"), codes.clone()),
        Standing::Released { index } => (format!("released at {index}, no receipt"), Vec::new()),
        Standing::Held { owed } => ("held".to_owned(), owed.clone()),
        Standing::Queued { why } => ("queued".to_owned(), vec![why.clone()]),
        Standing::Refused { reasons } => ("refused".to_owned(), reasons.clone()),
        Standing::Declined { officer, reason } => ("declined".to_owned(), vec![format!("{officer}: {reason}")]),
        Standing::Releasable { basis } => ("releasable".to_owned(), vec![basis.clone()]),
    }
}
