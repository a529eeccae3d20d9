//! One act of the story: a report submitted, approved where it is held, and what it came to.

use super::outcome::{Outcome, outcome};
use crate::lab::{self, run::person};
use anyhow::{Context as _, Result, bail};
use relto_audit::leaf::Verdict;
use relto_cli::{
    cache::{self, Installed},
    client::Client,
    document::Source,
    profile::Profile,
    receipt::{Proven, fetch_and_prove},
    signing,
};
use relto_formats::api::{Held, Received, Standing, Submission, Submit};
use relto_host::clock;
use relto_policy::{code::Code, ground::Ground};
use relto_report::{calendar::Timestamp, nation::Nation};
use std::{
    borrow::Cow,
    path::{Path, PathBuf},
    time::Duration,
};

/// How long the partner may take to answer, seconds.
pub(super) const WAIT: u64 = 20;

/// One act.
pub(super) struct Act {
    pub(super) nation: &'static str,
    /// In the laboratory's `reports`, or the reader's own path.
    pub(super) file: Cow<'static, str>,
    pub(super) says: &'static str,
    /// What the submission must come to, and codes that must be among its reasons; `None`: whatever it comes to.
    wanted: Option<(Outcome, &'static [Code])>,
}

/// What it came to.
pub(super) struct Played {
    pub(super) submission: Submission,
    pub(super) approvals: Vec<String>,
    pub(super) outcome: Outcome,
    /// The names of its reasons.
    codes: Vec<String>,
    pub(super) told: Vec<String>,
    /// The partner's receipt, fetched and proven offline; none where nothing left.
    pub(super) receipt: Option<Proven>,
    /// The reasons in the partner's own inbox, as its officer sees them, where it told us no more than a code.
    pub(super) partner_saw: Vec<Ground>,
}

const fn act(
    nation: &'static str,
    file: &'static str,
    says: &'static str,
    outcome: Outcome,
    codes: &'static [Code],
) -> Act {
    Act { nation, file: Cow::Borrowed(file), says, wanted: Some((outcome, codes)) }
}

const ADMITTED: Outcome = Outcome::Answered(Verdict::Admitted);

/// The built-in story.
pub(super) static ACTS: &[Act] = &[
    act("XAA", "roc800-file-access.md", "RESTRICTED, under a standing authority", ADMITTED, &[]),
    act("XAA", "report.md", "SECRET//FGI XCC, two officers", ADMITTED, &[]),
    act(
        "XAA",
        "license-manager-upload.md",
        "SECRET on a topic that goes to level 2",
        Outcome::Refused,
        &[Code::ClassExceedsCeiling],
    ),
    act("XAA", "melsec-exhaustion.md", "a topic that is not agreed", Outcome::Refused, &[Code::TopicOutOfScope]),
    act(
        "XAA",
        "sinec-nms-chain.md",
        "NOFORN",
        Outcome::Refused,
        &[Code::CaveatForbidsForeign, Code::NotReleasableToRecipient],
    ),
    act(
        "XAA",
        "somachine-xxe.md",
        "releasable to Corvania, not to Borealia",
        Outcome::Refused,
        &[Code::NotReleasableToRecipient],
    ),
    act(
        "XBB",
        "report-xbb.md",
        "Arcadia's own rules refuse what Borealia may send",
        Outcome::Answered(Verdict::Refused),
        &[Code::NationalRule],
    ),
];

impl Act {
    /// The reader's own report, submitted by the nation whose serial it has.
    pub(super) fn of(file: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(file).with_context(|| file.display().to_string())?;
        let serial = text.lines().find(|line| line.trim_start().starts_with("serial")).unwrap_or_default();
        let nation = if serial.contains("\"XBB-") { "XBB" } else { "XAA" };
        Ok(Self { nation, file: Cow::Owned(file.display().to_string()), says: "", wanted: None })
    }

    /// The report as it will be submitted, read against the laboratory's agreement before anything runs.
    pub(super) fn read(&self, dir: &Path) -> Result<()> {
        let installed = lab::installed(dir, self.nation)?;
        let own = Nation::parse(self.nation).context("nation")?;
        let now = Timestamp::from_millis(clock::now_ms());
        Source::read(&self.path(dir))?.parse_for(&installed, own, now).map(|_| ())
    }

    pub(super) fn partner(&self) -> &'static str {
        if self.nation == "XAA" { "XBB" } else { "XAA" }
    }

    pub(super) fn is_as_wanted(&self, played: &Played) -> bool {
        let answered = matches!(played.submission.standing, Standing::Resolved { .. });
        if answered != played.receipt.is_some() {
            return false;
        }
        self.wanted.is_none_or(|(outcome, codes)| {
            played.outcome == outcome && codes.iter().all(|code| played.codes.iter().any(|name| name == code.name()))
        })
    }

    fn path(&self, dir: &Path) -> PathBuf {
        match &self.file {
            Cow::Borrowed(name) => dir.join(self.nation).join("reports").join(name),
            Cow::Owned(path) => PathBuf::from(path),
        }
    }
}

/// An author at the node, with the agreement verified.
pub(super) struct Author {
    pub(super) client: Client,
    pub(super) installed: Installed,
    profile: Profile,
}

impl Author {
    pub(super) async fn of(dir: &Path, nation: &str) -> Result<Self> {
        let profile = person(dir, nation, "author")?;
        let mut client = Client::connect(&profile).await?;
        let to = Nation::parse(if nation == "XAA" { "XBB" } else { "XAA" }).context("nation")?;
        let installed = cache::refresh(&profile, &mut client, profile.agreement_with(to)?).await?;
        Ok(Self { client, installed, profile })
    }

    /// A report file, read and signed.
    pub(super) fn sign(&self, path: &Path) -> Result<Submit> {
        let source = Source::read(path)?;
        let now = Timestamp::from_millis(clock::now_ms());
        let parsed = source.parse_for(&self.installed, self.profile.nation, now)?;
        let (id, to) = (&self.installed.agreement.id, self.installed.partner);
        signing::submission(
            &self.profile.signer()?,
            id,
            to,
            &parsed.document,
            source.home.map(|(_, bytes)| bytes),
            false,
        )
    }
}

/// Plays one act.
pub(super) async fn play(dir: &Path, act: &Act) -> Result<Played> {
    let mut author = Author::of(dir, act.nation).await?;
    let submit = author.sign(&act.path(dir))?;
    let mut submission: Submission = author.client.post(&format!("/v1/submissions?wait={WAIT}"), &submit).await?;
    let mut approvals = Vec::new();
    for officer in ["officer-1", "officer-2"] {
        if !matches!(submission.standing, Standing::Held { .. }) {
            break;
        }
        submission = approve(dir, act.nation, officer, &author.installed, &submission.id).await?;
        approvals.push(officer.to_owned());
    }
    if matches!(submission.standing, Standing::Released { .. }) {
        submission = author.client.get(&format!("/v1/submissions/{}?wait={WAIT}", submission.id)).await?;
    }
    let (outcome, codes, told) = outcome(&submission.standing);
    let mut played = Played { submission, approvals, outcome, codes, told, receipt: None, partner_saw: Vec::new() };
    if let Standing::Resolved { index, verdict, .. } = &played.submission.standing {
        let proven = fetch_and_prove(&mut author.client, &author.installed, *index).await?;
        anyhow::ensure!(proven.verdict() == *verdict, "the receipt proves another verdict than the node told");
        if proven.verdict() != Verdict::Admitted {
            played.partner_saw = partner_saw(dir, act, *index).await?;
        }
        played.receipt = Some(proven);
    }
    Ok(played)
}

/// The reasons that the partner's officer finds in the partner's inbox for a leaf of ours.
async fn partner_saw(dir: &Path, act: &Act, index: u64) -> Result<Vec<Ground>> {
    let mut client = Client::connect(&person(dir, act.partner(), "officer-1")?).await?;
    let leaf = format!("{}>{}:{index}", act.nation, act.partner());
    // The row can be read once a stored checkpoint covers the receipt, which left a moment before.
    for _ in 0..100 {
        let inbox: Vec<Received> = client.get("/v1/inbox").await?;
        if let Some(line) = inbox.into_iter().find(|line| line.leaf == leaf) {
            return Ok(line.reasons);
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    bail!("{} answered {leaf} and does not list it", act.partner())
}

async fn approve(dir: &Path, nation: &str, officer: &str, installed: &Installed, id: &str) -> Result<Submission> {
    let profile = person(dir, nation, officer)?;
    let mut client = Client::connect(&profile).await?;
    let shown: relto_formats::api::HeldReport = client.get(&format!("/v1/holds/{id}")).await?;
    let document = relto_report::assessment::Document::decode(shown.plaintext.0)?;
    let held: &Held = &shown.held;
    let answers = signing::answers(held, &profile.account, false);
    let (agreement, to) = (installed.agreement.digest, installed.partner);
    let body = signing::approval(&profile, agreement, to, &document, &shown.precedence, answers)?;
    client.post(&format!("/v1/holds/{id}/approve"), &body).await
}
