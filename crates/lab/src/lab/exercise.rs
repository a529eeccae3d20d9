//! An exercise beside the live agreement: an agreement of its own under the same signers, seal keys of its own, its
//! rules, a profile for each person and a report of Arcadia's author.

use super::{
    derive::{AgreementKeys, agreement, replaced},
    examples::LIVE,
    nation::{NationLab, Tie},
    signers::{Signatory, new_signer, sign_all},
};
use anyhow::Result;
use relto_report::crypto::Signer as _;
use std::fs;

/// Id of the exercise, and of its agreement.
pub(crate) const ID: &str = "EX-NORTHERN-LANTERN-26";
/// A person's profile for the exercise, beside the live one.
pub(super) const PROFILE: &str = "exercise.toml";
/// The exercise's report of Arcadia's author.
pub(super) const REPORT: &str = "exercise.md";
/// Its serial.
pub(super) const SERIAL: &str = "XAA-EX-2026-0001";
/// What its `[[link]]` has of its own.
const LINK: &str = "national = \"exercise-rules.toml\"\nseal_key = \"exercise-seal.key\"\n";
/// Its agreement's file.
const AGREEMENT: &str = "exercise-agreement.toml";

/// The live example from which the exercise's report is made, and its serial.
const MODEL: (&str, &str) = ("roc800-file-access", "XAA-CYBER-2026-3107");

/// The exercise's agreement with this partner.
pub(super) fn tie(partner: &NationLab) -> Tie<'_> {
    Tie { partner, file: AGREEMENT, id: ID, own: LINK.to_owned(), trust: "partner", profile: PROFILE }
}

/// Adds the exercise's files to a laboratory whose live ones are written.
pub(super) fn add(arcadia: &NationLab, borealia: &NationLab, live: &str, signers: &[Signatory]) -> Result<()> {
    let seal = |lab: &NationLab| new_signer(&lab.folder.join("exercise-seal.key")).map(|key| key.public_key());
    // What is not a seal key stays as the live agreement has it.
    let keys = AgreementKeys { seal: [seal(arcadia)?, seal(borealia)?], root: None, signers: Vec::new() };
    let kind = format!("kind = \"exercise\"\nexercise = \"{ID}\"");
    let renamed = |text: &str| replaced(text, &format!("\"{LIVE}\""), &format!("\"{ID}\""));
    let text = renamed(&replaced(&agreement(live, &keys), "kind = \"live\"", &kind)?)?;
    let signed = sign_all(&text, signers)?.write();
    for lab in [arcadia, borealia] {
        fs::write(lab.folder.join(AGREEMENT), &text)?;
        fs::write(lab.folder.join(format!("{AGREEMENT}.sig")), &signed)?;
        let rules = fs::read_to_string(lab.folder.join("national-rules.toml"))?;
        lab.write_rules("exercise-rules.toml", &renamed(&rules)?)?;
    }
    let (model, serial) = MODEL;
    let reports = arcadia.folder.join("reports");
    let report = replaced(&fs::read_to_string(reports.join(format!("{model}.md")))?, serial, SERIAL)?;
    fs::write(reports.join(REPORT), replaced(&report, "= \"live\"", &format!("= \"{ID}\""))?)?;
    let home = fs::read_to_string(reports.join(format!("{model}.home.toml")))?.replace(serial, SERIAL);
    fs::write(reports.join(REPORT).with_extension("home.toml"), home)?;
    Ok(())
}
