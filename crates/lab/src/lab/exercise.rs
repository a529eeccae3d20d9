//! Exercises beside the live agreement, each with an agreement of its own under the same signers, seal keys of its own, its
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
/// The live example from which the exercise's report is made, and its serial.
const MODEL: (&str, &str) = ("roc800-file-access", "XAA-CYBER-2026-3107");

/// What the files of one exercise are called; those behind the first have its number, from 2 on, in all names.
struct Names {
    id: String,
    /// What the names of its files begin with.
    file: String,
}

impl Names {
    fn of(at: usize) -> Self {
        match at {
            0 => Self { id: ID.to_owned(), file: "exercise".to_owned() },
            _ => Self { id: format!("{ID}-{:02}", at + 1), file: format!("exercise-{}", at + 1) },
        }
    }

    fn agreement(&self) -> String {
        format!("{}-agreement.toml", self.file)
    }

    fn rules(&self) -> String {
        format!("{}-rules.toml", self.file)
    }

    fn seal(&self) -> String {
        format!("{}-seal.key", self.file)
    }
}

/// The agreement of the `at`-th exercise with this partner.
pub(super) fn tie(partner: &NationLab, at: usize) -> Tie<'_> {
    let names = Names::of(at);
    let own = format!("national = \"{}\"\nseal_key = \"{}\"\n", names.rules(), names.seal());
    let profile = if at == 0 { PROFILE.to_owned() } else { format!("{}.toml", names.file) };
    let file = names.agreement().into();
    Tie { partner, file, id: names.id.into(), own, trust: "partner", profile: profile.into() }
}

/// Adds the files of so many exercises to a laboratory whose live ones are written, and a report of the first.
pub(super) fn add(count: usize, [arcadia, borealia]: [&NationLab; 2], live: &str, signers: &[Signatory]) -> Result<()> {
    for names in (0..count).map(Names::of) {
        let seal = |lab: &NationLab| new_signer(&lab.folder.join(names.seal())).map(|key| key.public_key());
        // What is not a seal key stays as the live agreement has it.
        let keys = AgreementKeys { seal: [seal(arcadia)?, seal(borealia)?], root: None, signers: Vec::new() };
        let kind = format!("kind = \"exercise\"\nexercise = \"{}\"", names.id);
        let renamed = |text: &str| replaced(text, &format!("\"{LIVE}\""), &format!("\"{}\"", names.id));
        let text = renamed(&replaced(&agreement(live, &keys), "kind = \"live\"", &kind)?)?;
        let signed = sign_all(&text, signers)?.write();
        for lab in [arcadia, borealia] {
            fs::write(lab.folder.join(names.agreement()), &text)?;
            fs::write(lab.folder.join(format!("{}.sig", names.agreement())), &signed)?;
            let rules = fs::read_to_string(lab.folder.join("national-rules.toml"))?;
            lab.write_rules(&names.rules(), &renamed(&rules)?)?;
        }
    }
    if count == 0 {
        return Ok(());
    }
    let (model, serial) = MODEL;
    let reports = arcadia.folder.join("reports");
    let report = replaced(&fs::read_to_string(reports.join(format!("{model}.md")))?, serial, SERIAL)?;
    fs::write(reports.join(REPORT), replaced(&report, "= \"live\"", &format!("= \"{ID}\""))?)?;
    let home = fs::read_to_string(reports.join(format!("{model}.home.toml")))?.replace(serial, SERIAL);
    fs::write(reports.join(REPORT).with_extension("home.toml"), home)?;
    Ok(())
}
