//! `relto receipt`: who proved what, offline, and evidence that anybody can check again. API-12

mod several;

use super::{agreement_file::by_quorum, nations::nation, released::find, submissions::with_each, traffic::between};
use crate::{
    args::ReceiptArgs,
    cache::{refresh, verify_pinned, write_whole},
    document::read_bounded,
    exit::Exit,
    output::{NotVerified, Output, moment},
    receipt::{Proven, prove},
    session::Session,
};
use anyhow::{Context as _, Result, bail};
use relto_formats::{
    api::{Receipt, SentStage},
    base64_bytes::Bytes,
};
use relto_policy::{
    agreement::{Agreement, Traffic},
    signatures::{Signed, verify_agreement},
};
use relto_report::nation::Nation;
use serde::{Deserialize, Serialize};
use serde_json::json;

const FORMAT: &str = "relto-receipt/1";
/// Bytes of the longest evidence file: an agreement, its signatures, two leaves and two proofs in base64.
const MAX_EVIDENCE: u64 = 2 * 1024 * 1024;

/// All that is needed to prove a receipt again, but the knowledge of whose the signer keys are.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Evidence {
    format: String,
    /// Whose report it was.
    own: String,
    /// The agreement's exact bytes; they hold both seal keys.
    agreement: Bytes,
    /// Its signatures.
    signatures: Bytes,
    receipt: Receipt,
}

/// Runs the command.
pub(super) async fn run(session: &Session, args: &ReceiptArgs) -> Result<Exit> {
    if let Some(path) = &args.evidence {
        let evidence: Evidence = serde_json::from_slice(&read_bounded(path, MAX_EVIDENCE)?)
            .ok()
            .filter(|evidence: &Evidence| evidence.format == FORMAT)
            .with_context(|| format!("{}: not an evidence file of the form {FORMAT}", path.display()))?;
        return judge(session, &evidence, None);
    }
    let (profile, mut client) = session.connect().await?;
    let id = args.id.as_deref().unwrap_or_default();
    let to = args.to.as_deref().map(nation).transpose()?;
    if to.is_none()
        && id.starts_with(&format!("{}-", profile.nation))
        && let Some(lines) = with_each(&profile, &mut client, id).await?
    {
        if args.out.is_some() {
            bail!("{id} went to several nations, and evidence is of one receipt. Say whose with --to NATION");
        }
        return several::run(session, &profile, &mut client, id, &lines).await;
    }
    let agreement = to.map(|to| profile.agreement_with(to)).transpose()?;
    let sent = find(&profile, &mut client, id, agreement).await?;
    if sent.stage == SentStage::Released {
        bail!("{} was released as {} and has not been answered yet: the receipt is the answer", sent.serial, sent.leaf);
    }
    let installed = refresh(&profile, &mut client, &sent.agreement).await?;
    let index = index_of(&sent.leaf).with_context(|| format!("{} is not the name of a leaf", sent.leaf))?;
    let receipt: Receipt = client
        .get(&format!("/v1/receipts/{}/{index}", sent.agreement))
        .await
        .with_context(|| format!("{} has no receipt yet, or is another author's", sent.leaf))?;
    let evidence = Evidence {
        format: FORMAT.to_owned(),
        own: profile.nation.to_string(),
        agreement: installed.body.file,
        signatures: installed.body.signatures,
        receipt,
    };
    let exit = judge(session, &evidence, Some(&sent.serial))?;
    if let Some(path) = &args.out {
        if path.symlink_metadata().is_ok() {
            bail!("{}: exists already and is not written over. Give --out another name", path.display());
        }
        write_whole(path, &serde_json::to_vec_pretty(&evidence)?)?;
        session.output.line(format!("evidence written to {}", path.display()))?;
    }
    Ok(exit)
}

/// `XAA>XBB:17` -> 17.
fn index_of(leaf: &str) -> Option<u64> {
    leaf.rsplit_once(':')?.1.parse().ok()
}

fn judge(session: &Session, evidence: &Evidence, serial: Option<&str>) -> Result<Exit> {
    let agreement = Agreement::read("agreement", &evidence.agreement.0)?;
    let own = Nation::parse(&evidence.own).context("own is not a nation")?;
    let pinned = session.profile.is_some();
    let signed = if pinned {
        verify_pinned(&session.profile()?.signers, &agreement, &evidence.agreement.0, &evidence.signatures.0)?
    } else {
        verify_agreement(&agreement, &evidence.agreement.0, &evidence.signatures.0)
            .map_err(|fault| NotVerified(fault.to_string()))?
    };
    let proven = prove(&agreement, own, &evidence.receipt).map_err(NotVerified)?;
    // The evidence has no register: the exercise's id is the agreement's.
    let exercise = matches!(agreement.traffic, Traffic::Exercise(_)).then_some("EXERCISE EXERCISE EXERCISE");
    between(session.output, exercise, || {
        print(session.output, (&agreement, &signed), &evidence.receipt, &proven, serial, pinned)
    })?;
    Ok(Exit::Done)
}

fn print(
    output: Output,
    (agreement, signed): (&Agreement, &[Signed]),
    receipt: &Receipt,
    proven: &Proven,
    serial: Option<&str>,
    pinned: bool,
) -> Result<()> {
    let same_version = proven.released.agreement == agreement.digest;
    output.object(&json!({
        "verified": true, "serial": serial, "leaf": receipt.leaf, "outcome": receipt.outcome,
        "verdict": receipt.verdict, "codes": receipt.codes,
        "released": moment(proven.released.time), "decided": moment(proven.outcome.time),
        "agreement": agreement.id, "traffic": agreement.traffic.word(), "same_version": same_version,
        "signers_pinned": pinned,
    }))?;
    let owner = |leaf: &str| leaf.get(..3).unwrap_or_default().to_owned();
    let (own, partner) = (owner(&receipt.leaf), owner(&receipt.outcome));
    if let Some(serial) = serial {
        output.field("report", serial)?;
    }
    if let Traffic::Exercise(id) = &agreement.traffic {
        output.field("traffic", id)?;
    }
    output.line(format!(
        "{own} proves: leaf {} of {} stands under its signed head of size {}",
        receipt.leaf,
        moment(proven.released.time),
        proven.heads.0
    ))?;
    output.line(format!(
        "{partner} proves: leaf {} of {} answers it, under its signed head of size {}",
        receipt.outcome,
        moment(proven.outcome.time),
        proven.heads.1
    ))?;
    output.line(format!("verdict: {} {}", receipt.verdict, receipt.codes.join(" ")).trim_end())?;
    let by = if pinned {
        "pinned in the profile"
    } else {
        "as the agreement itself names them; give --profile to compare with pinned keys"
    };
    let (id, version, signed) = (&agreement.id, agreement.version, by_quorum(agreement, signed));
    output.line(format!("seal keys by {id} version {version}, signed by {signed}; keys {by}"))?;
    if !same_version {
        output.line("the report was released under an earlier version of the agreement")?;
    }
    Ok(())
}
