//! A laboratory: Arcadia (XAA) and Borealia (XBB) on this machine, and Corvania (XCC) where it is asked for, made from
//! the example files with keys of its own.
//!
//! Every date in the files, prose aside, moves by the whole days that put the reports' cut-offs on yesterday in UTC.

mod derive;
mod exercise;
mod nation;
pub mod run;
mod steps;
mod third;

use crate::{
    cache::{self, Installed},
    exit::Exit,
    output::Output,
    pki::Key,
};
use anyhow::{Context as _, Result, bail};
use derive::{AgreementKeys, agreement, move_dates};
use nation::{NationLab, Ports, Tie};
use relto_formats::base64_bytes::Bytes;
use relto_host::{clock, keys::load_signer, process::keep_private, tls::credential::fingerprint};
use relto_policy::signatures::{SignatureFile, sign};
use relto_report::{
    calendar::{Day, Timestamp},
    crypto::{PublicKey, Signer as _, SoftwareKey},
    digest::Digest,
    domain::Tag,
    nation::Nation,
};
use std::{collections::BTreeMap, fs, net::TcpListener, path::Path, process::Command};

const AGREEMENT: &str = include_str!("../../../../examples/agreement.toml");
const NATIONAL: &str = include_str!("../../../../examples/national-rules.toml");
const CONSENT: &str = include_str!("../../../../examples/consent-XCC.toml");
const HOLD_WORDS: &[u8] = include_bytes!("../../../../examples/hold-words.txt");
const VOCABULARY: &[u8] = include_bytes!("../../../../examples/vocabulary.toml");
const REGISTERS: [(&str, &[u8]); 2] = [
    ("XAA", include_bytes!("../../../../examples/markings-XAA.toml")),
    ("XBB", include_bytes!("../../../../examples/markings-XBB.toml")),
];
/// A nation's agreement, or its first one.
const AGREEMENT_FILE: &str = "agreement.toml";
/// A person's profile for live traffic.
const PROFILE: &str = "profile.toml";
/// Id of the live agreement.
const LIVE: &str = "XAA-XBB-2026-01";
/// The day of the example reports' cut-offs.
const EXAMPLE_DAY: &str = "2026-11-16";
/// Borealia has no rules of its own but a certificate and a period.
const BOREALIAN_RULES: &str = "# Borealia's rules: as the agreement has it.
format    = \"relto-national/1\"
nation    = \"XBB\"
agreement = \"XAA-XBB-2026-01\"
serial    = \"XBB-RN-ARCADIE-01\"
issued_by = \"XBB/SGDC\"
valid_from  = 2026-06-01T00:00:00Z
valid_until = 2027-06-01T00:00:00Z

[accreditation]
certificate   = \"XBB-HOM-2024-11\"
highest_level = 3
valid_until   = 2026-12-31T00:00:00Z
";
/// What was exchanged before the logs began; the example reports refer to it.
const SENT_BEFORE: &str = "XAA-J2-2026-0398";
const ASKED_BEFORE: &str = "XBB-RFI-2026-0112";
/// Example files that each nation's analysts find in `reports`.
const REPORTS: [(&str, &str, &[u8]); 21] = [
    ("XAA", "report.md", include_bytes!("../../../../examples/report.md")),
    ("XAA", "report.home.toml", include_bytes!("../../../../examples/report.home.toml")),
    ("XAA", "sierra-14-track.csv", include_bytes!("../../../../examples/sierra-14-track.csv")),
    ("XAA", "roc800-file-access.md", include_bytes!("../../../../examples/reports/roc800-file-access.md")),
    (
        "XAA",
        "roc800-file-access.home.toml",
        include_bytes!("../../../../examples/reports/roc800-file-access.home.toml"),
    ),
    ("XAA", "license-manager-upload.md", include_bytes!("../../../../examples/reports/license-manager-upload.md")),
    (
        "XAA",
        "license-manager-upload.home.toml",
        include_bytes!("../../../../examples/reports/license-manager-upload.home.toml"),
    ),
    ("XAA", "melsec-exhaustion.md", include_bytes!("../../../../examples/reports/melsec-exhaustion.md")),
    ("XAA", "melsec-exhaustion.home.toml", include_bytes!("../../../../examples/reports/melsec-exhaustion.home.toml")),
    ("XAA", "sinec-nms-chain.md", include_bytes!("../../../../examples/reports/sinec-nms-chain.md")),
    ("XAA", "sinec-nms-chain.home.toml", include_bytes!("../../../../examples/reports/sinec-nms-chain.home.toml")),
    ("XAA", "somachine-xxe.md", include_bytes!("../../../../examples/reports/somachine-xxe.md")),
    ("XAA", "somachine-xxe.home.toml", include_bytes!("../../../../examples/reports/somachine-xxe.home.toml")),
    ("XAA", "browser-flash-warning.md", include_bytes!("../../../../examples/reports/browser-flash-warning.md")),
    (
        "XAA",
        "browser-flash-warning.home.toml",
        include_bytes!("../../../../examples/reports/browser-flash-warning.home.toml"),
    ),
    ("XAA", "pipeline-flash-warning.md", include_bytes!("../../../../examples/reports/pipeline-flash-warning.md")),
    (
        "XAA",
        "pipeline-flash-warning.home.toml",
        include_bytes!("../../../../examples/reports/pipeline-flash-warning.home.toml"),
    ),
    ("XAA", "linux-port-numbers.md", include_bytes!("../../../../examples/reports/linux-port-numbers.md")),
    ("XBB", "report-xbb.md", include_bytes!("../../../../examples/report-xbb.md")),
    ("XBB", "report-xbb.home.toml", include_bytes!("../../../../examples/report-xbb.home.toml")),
    ("XBB", "icsa-22-286-02.json", include_bytes!("../../../../examples/icsa-22-286-02.json")),
];

/// What a laboratory has beside two nations and their live agreement.
#[derive(Clone, Copy, Default, Debug)]
pub struct Options {
    /// An exercise of the two.
    pub exercise: bool,
    /// A third nation, which has an agreement with the first.
    pub third: bool,
}

/// A laboratory in the making.
struct Lab {
    nations: Vec<NationLab>,
    /// Days by which the examples' dates move.
    shift: i32,
}

/// `relto lab new DIR`.
///
/// # Errors
/// Where the folder exists, a file cannot be written, or a node's store cannot be made.
pub fn run_new(dir: &Path, options: Options, output: Output) -> Result<Exit> {
    build(dir, clock::now_ms(), options)?;
    let dir = fs::canonicalize(dir)?;
    let steps = steps::steps(&dir, options)?;
    let nodes: Vec<_> = codes(options).iter().map(|nation| dir.join(nation).join("node.toml")).collect();
    let commands: Vec<&Vec<String>> = steps.iter().flat_map(|step| &step.commands).collect();
    output.object(&serde_json::json!({ "lab": dir, "nodes": nodes, "commands": commands }))?;
    let whose = match options.third {
        true => "three nations, Arcadia (XAA), Borealia (XBB) and Corvania (XCC)",
        false => "two nations, Arcadia (XAA) and Borealia (XBB)",
    };
    output.line(format!("A laboratory of {whose}, lies in {}.", dir.display()))?;
    for (step, number) in steps.iter().zip(1..) {
        output.line(format!("\n{number}. {}", step.says))?;
        step.commands.iter().try_for_each(|command| output.line(format!("  {}", steps::line(command))))?;
    }
    Ok(Exit::Done)
}

/// Makes a laboratory of two nations.
///
/// # Errors
/// As [`run_new`].
pub fn make(dir: &Path, now_ms: u64) -> Result<()> {
    build(dir, now_ms, Options::default())
}

/// The nations that there are.
fn codes(options: Options) -> Vec<&'static str> {
    ["XAA", "XBB"].into_iter().chain(options.third.then_some(third::NATION)).collect()
}

fn build(dir: &Path, now_ms: u64, options: Options) -> Result<()> {
    // Keys and hold words are among it.
    keep_private();
    if dir.exists() {
        bail!("{}: exists. A laboratory is made in a new folder", dir.display());
    }
    let now = i64::try_from(now_ms / 1000)?;
    let example = Day::parse(EXAMPLE_DAY).context("the example's day")?;
    let shift = Timestamp::from_seconds(now).day().count() - 1 - example.count();
    let nations: Vec<NationLab> =
        codes(options).into_iter().map(|code| NationLab::make(dir, code, now)).collect::<Result<_>>()?;
    let ports = free_ports(&nations)?;
    let lab = Lab { nations, shift };
    let [arcadia, borealia, ..] = lab.nations.as_slice() else { bail!("two nations") };
    let signers = signatories(dir, &lab)?;
    let keys = AgreementKeys {
        seal: [arcadia.seal.public_key(), borealia.seal.public_key()],
        root: Some([root(arcadia), root(borealia)]),
        signers: signers.iter().map(|(_, office, key, _)| (office.clone(), *key)).collect(),
    };
    let text = agreement(&move_dates(AGREEMENT, shift), &keys);
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
    if options.exercise {
        exercise::add(arcadia, borealia, &text, &signers)?;
    }
    let pins = keys.signers.clone();
    third::add(&lab, keys, &text, &signers)?;
    for nation in &lab.nations {
        nation.write_config(&ports, &ties(nation, &lab.nations, options), &pins)?;
    }
    lab.nations.iter().try_for_each(|nation| init(&nation.folder))
}

/// A nation's agreements, the live one of the two first.
fn ties<'a>(own: &NationLab, nations: &'a [NationLab], options: Options) -> Vec<Tie<'a>> {
    let mut out = Vec::new();
    if let Some(at) = nations.iter().take(2).position(|one| one.nation == own.nation)
        && let Some(partner) = nations.get(1 - at)
    {
        let consents = if at == 0 { "consents = [\"consent-XCC.toml\"]\n" } else { "" };
        let lines = format!("national = \"national-rules.toml\"\n{consents}prior = \"prior.toml\"\n");
        let live = Tie { partner, file: AGREEMENT_FILE, id: LIVE, own: lines, trust: "partner", profile: PROFILE };
        out.push(live);
        out.extend(options.exercise.then(|| exercise::tie(partner)));
        if at > 0 {
            return out;
        }
    }
    out.extend(third::tie(own, nations));
    out
}

/// The offline keys of the agreements' signers; a real nation keeps each in an office's safe.
fn signatories(dir: &Path, lab: &Lab) -> Result<Vec<Signatory>> {
    let offices = ["NSA", "MOD", "MFA"].map(|office| ("XAA", office)).into_iter();
    let offices = offices.chain(["XBB", third::NATION].into_iter().flat_map(|code| [(code, "ANS"), (code, "MINDEF")]));
    let mut out = Vec::new();
    for (code, office) in offices {
        let nation = Nation::parse(code).context("nation")?;
        if lab.nations.iter().any(|one| one.nation == nation) {
            let key = new_signer(&dir.join("signers").join(format!("{code}-{office}.key")))?;
            out.push((nation, format!("{code}/{office}"), key.public_key(), key));
        }
    }
    Ok(out)
}

fn root(lab: &NationLab) -> Digest {
    fingerprint(lab.authority.certificate())
}

/// The agreement as an author of this nation would fetch it, from the laboratory's files.
///
/// # Errors
/// Where a file is missing or does not verify.
pub fn installed(dir: &Path, nation: &str) -> Result<Installed> {
    let profile = run::person(dir, nation, "author")?;
    let folder = dir.join(nation);
    let read = |name: &str| fs::read(folder.join(name)).map(Bytes).with_context(|| name.to_owned());
    let (partner, id) = profile.agreements.first_key_value().context("the profile names no agreement")?;
    let mut registers = BTreeMap::new();
    for (nation, _) in REGISTERS {
        registers.insert(nation.to_owned(), read(&format!("markings-{nation}.toml"))?);
    }
    let body = relto_formats::api::Agreement {
        file: read("agreement.toml")?,
        signatures: read("agreement.toml.sig")?,
        vocabulary: read("vocabulary.toml")?,
        registers,
        partner: partner.to_string(),
    };
    cache::judge(&profile, id, body, Timestamp::from_millis(clock::now_ms()))
}

/// An office that signs agreements: nation, name, key.
type Signatory = (Nation, String, PublicKey, SoftwareKey);

/// The signature of every office that an agreement names.
fn sign_all(text: &str, signers: &[Signatory]) -> Result<SignatureFile> {
    let mut signed = SignatureFile::new(text.as_bytes());
    let named = |office: &str| text.contains(&format!("office = \"{office}\""));
    for (nation, office, public, key) in signers.iter().filter(|one| named(&one.1)) {
        signed.add(*nation, office, *public, sign(text.as_bytes(), Tag::Agreement, key)?);
    }
    Ok(signed)
}

fn shared_files(lab: &NationLab, agreement: &str, signed: &SignatureFile, rules: &str) -> Result<()> {
    fs::write(lab.folder.join(AGREEMENT_FILE), agreement)?;
    fs::write(lab.folder.join(format!("{AGREEMENT_FILE}.sig")), signed.write())?;
    fs::write(lab.folder.join("vocabulary.toml"), VOCABULARY)?;
    for (nation, register) in REGISTERS {
        fs::write(lab.folder.join(format!("markings-{nation}.toml")), register)?;
    }
    national_rules(lab, "national-rules.toml", rules)
}

/// National rules under this name, with both officers' signatures beside them.
fn national_rules(lab: &NationLab, name: &str, rules: &str) -> Result<()> {
    fs::write(lab.folder.join(name), rules)?;
    let mut officers = SignatureFile::new(rules.as_bytes());
    for person in lab.people.iter().filter(|person| person.is_officer()) {
        let signature = sign(rules.as_bytes(), Tag::NationalRules, &person.signer)?;
        officers.add(lab.nation, &person.account, person.signer.public_key(), signature);
    }
    fs::write(lab.folder.join(format!("{name}.sig")), officers.write())?;
    Ok(())
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

pub(crate) fn new_signer(path: &Path) -> Result<SoftwareKey> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let key = Key::generate()?;
    crate::pki::write_secret(path, key.pem()?.as_bytes())?;
    Ok(load_signer(path, None)?)
}

/// Two ports a nation that nothing listens on now, from below those that systems give to outgoing connections: one of
/// those could take a node's port while it is down.
fn free_ports(nations: &[NationLab]) -> Result<Ports> {
    const FROM: u16 = 10_000;
    const COUNT: u16 = 20_000;
    let mut held = Vec::with_capacity(2 * nations.len());
    for _ in 0..1_000 {
        let port = FROM + u16::from_le_bytes(relto_host::random::fill()?) % COUNT;
        held.extend(TcpListener::bind(("127.0.0.1", port)).ok().map(|listener| (port, listener)));
        if held.len() == 2 * nations.len() {
            let two = held.as_chunks::<2>().0.iter().map(|[(link, _), (api, _)]| [*link, *api]);
            return Ok(nations.iter().map(|one| one.nation).zip(two).collect());
        }
    }
    bail!("no free ports")
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
