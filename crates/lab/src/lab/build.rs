//! A laboratory's making: nations, agreements, rules and reports from the examples, every node with an empty store.
//!
//! Every date in the files, prose aside, moves by the whole days that put the reports' cut-offs on yesterday in UTC.

use super::{
    derive::{AgreementKeys, agreement, move_dates, replaced},
    examples::{
        AGREEMENT, ASKED_BEFORE, BOREALIAN_RULES, CONSENT, EXAMPLE_DAY, HOLD_WORDS, LIVE, NATIONAL, REGISTERS, REPORTS,
        SENT_BEFORE, VOCABULARY,
    },
    exercise,
    nation::{AGREEMENT_FILE, NationLab, PROFILE, Ports, Tie},
    options::Options,
    ports::free_ports,
    signers::{Signatory, new_signer, sign_all},
    third,
};
use anyhow::{Context as _, Result, bail};
use relto_host::process::keep_private;
use relto_policy::signatures::SignatureFile;
use relto_report::{
    calendar::{Day, Timestamp},
    crypto::Signer as _,
    nation::Nation,
};
use std::{fs, path::Path, process::Command};

/// What the example lets attachments of a report have together, and what a laboratory may.
const AGREED: &str = "max_attachment_bytes = 26214400";
const LONG: &str = "max_attachment_bytes = 1073741824";

/// Makes a laboratory of two nations.
///
/// # Errors
/// Where the folder exists, a file cannot be written, or a node's store cannot be made.
pub fn make(dir: &Path, now_ms: u64) -> Result<()> {
    build(dir, now_ms, Options::default())
}

/// Makes a laboratory of what the options say.
pub(crate) fn build(dir: &Path, now_ms: u64, options: Options) -> Result<()> {
    // Keys and hold words are among it.
    keep_private();
    if dir.exists() {
        bail!("{}: exists. A laboratory is made in a new folder", dir.display());
    }
    let now = i64::try_from(now_ms / 1000)?;
    let example = Day::parse(EXAMPLE_DAY).context("the example's day")?;
    let shift = Timestamp::from_seconds(now).day().count() - 1 - example.count();
    let nations: Vec<NationLab> =
        options.codes().into_iter().map(|code| NationLab::make(dir, code, now)).collect::<Result<_>>()?;
    let ports = two_ports_each(&nations)?;
    let [arcadia, borealia, ..] = nations.as_slice() else { bail!("two nations") };
    let signers = signatories(dir, &nations)?;
    let keys = AgreementKeys {
        seal: [arcadia.seal.public_key(), borealia.seal.public_key()],
        root: Some([arcadia.root(), borealia.root()]),
        signers: signers.iter().map(|(_, office, key, _)| (office.clone(), *key)).collect(),
    };
    let text = agreement(&move_dates(AGREEMENT, shift), &keys);
    let text = if options.long { replaced(&text, AGREED, LONG)? } else { text };
    let signed = sign_all(&text, &signers)?;
    for (at, nation) in [arcadia, borealia].into_iter().enumerate() {
        let rules = move_dates(if at == 0 { NATIONAL } else { BOREALIAN_RULES }, shift);
        shared_files(nation, &text, &signed, &rules)?;
        if at == 0 {
            fs::write(nation.folder.join("consent-XCC.toml"), move_dates(CONSENT, shift))?;
            fs::write(nation.folder.join("hold-words.txt"), HOLD_WORDS)?;
        }
        let prior = if at == 0 { (SENT_BEFORE, ASKED_BEFORE) } else { (ASKED_BEFORE, SENT_BEFORE) };
        fs::write(
            nation.folder.join("prior.toml"),
            format!("format = \"relto-prior/1\"\nsent = [\"{}\"]\nreceived = [\"{}\"]\n", prior.0, prior.1),
        )?;
        reports(nation, shift)?;
    }
    exercise::add(options.exercises, [arcadia, borealia], &text, &signers)?;
    let pins = keys.signers.clone();
    third::add(&nations, shift, keys, &text, &signers)?;
    for nation in &nations {
        nation.write_config(&ports, &ties(nation, &nations, options), &pins)?;
    }
    nations.iter().try_for_each(|nation| init(&nation.folder))
}

/// A nation's agreements, the live one of the two first.
fn ties<'a>(own: &NationLab, nations: &'a [NationLab], options: Options) -> Vec<Tie<'a>> {
    let mut out = Vec::new();
    if let Some(at) = nations.iter().take(2).position(|one| one.nation == own.nation)
        && let Some(partner) = nations.get(1 - at)
    {
        let consents = if at == 0 { "consents = [\"consent-XCC.toml\"]\n" } else { "" };
        let lines = format!("national = \"national-rules.toml\"\n{consents}prior = \"prior.toml\"\n");
        let live = Tie {
            partner,
            file: AGREEMENT_FILE.into(),
            id: LIVE.into(),
            own: lines,
            trust: "partner",
            profile: PROFILE.into(),
        };
        out.push(live);
        out.extend((0..options.exercises).map(|at| exercise::tie(partner, at)));
        if at > 0 {
            return out;
        }
    }
    out.extend(third::tie(own, nations));
    out
}

/// The offline keys of the agreements' signers; a real nation keeps each in an office's safe.
fn signatories(dir: &Path, nations: &[NationLab]) -> Result<Vec<Signatory>> {
    let offices = ["NSA", "MOD", "MFA"].map(|office| ("XAA", office)).into_iter();
    let offices = offices.chain(["XBB", third::NATION].into_iter().flat_map(|code| [(code, "ANS"), (code, "MINDEF")]));
    let mut out = Vec::new();
    for (code, office) in offices {
        let nation = Nation::parse(code).context("nation")?;
        if nations.iter().any(|one| one.nation == nation) {
            let key = new_signer(&dir.join("signers").join(format!("{code}-{office}.key")))?;
            out.push((nation, format!("{code}/{office}"), key.public_key(), key));
        }
    }
    Ok(out)
}

fn shared_files(lab: &NationLab, agreement: &str, signed: &SignatureFile, rules: &str) -> Result<()> {
    fs::write(lab.folder.join(AGREEMENT_FILE), agreement)?;
    fs::write(lab.folder.join(format!("{AGREEMENT_FILE}.sig")), signed.write())?;
    fs::write(lab.folder.join("vocabulary.toml"), VOCABULARY)?;
    for (nation, register) in REGISTERS {
        fs::write(lab.folder.join(format!("markings-{nation}.toml")), register)?;
    }
    lab.write_rules("national-rules.toml", rules)
}

fn reports(lab: &NationLab, shift: i32) -> Result<()> {
    let folder = lab.folder.join("reports");
    fs::create_dir_all(&folder)?;
    for (nation, name, bytes) in REPORTS {
        if nation != lab.nation.as_str() {
            continue;
        }
        let is_ours = name.ends_with(".md") || name.ends_with(".toml");
        match std::str::from_utf8(bytes) {
            Ok(text) if is_ours => fs::write(folder.join(name), move_dates(text, shift))?,
            _ => fs::write(folder.join(name), bytes)?,
        }
    }
    Ok(())
}

/// Two ports a nation.
fn two_ports_each(nations: &[NationLab]) -> Result<Ports> {
    let free = free_ports(2 * nations.len())?;
    let two = free.as_chunks::<2>().0.iter().copied();
    Ok(nations.iter().map(|one| one.nation).zip(two).collect())
}

/// The operator's act: store, head file, Genesis.
fn init(folder: &Path) -> Result<()> {
    let daemon = std::env::current_exe()?.with_file_name("reltod");
    let output = Command::new(&daemon)
        .args(["--init", "--config"])
        .arg(folder.join("node.toml"))
        .output()
        .with_context(|| format!("{}: the daemon stands beside the client", daemon.display()))?;
    if !output.status.success() {
        bail!("reltod --init: {}", String::from_utf8_lossy(&output.stderr));
    }
    Ok(())
}
