//! A third nation, Corvania (XCC): an agreement of its own with Arcadia, narrower than Borealia's, its rules and its
//! marking register, and a report of Arcadia's author that may go to both partners.

use super::{
    derive::{AgreementKeys, agreement, move_dates, replaced},
    examples::{BOREALIAN_RULES, LIVE, REGISTERS, VOCABULARY},
    nation::{AGREEMENT_FILE, NationLab, PROFILE, Tie},
    signers::{Signatory, sign_all},
};
use anyhow::{Context as _, Result};
use relto_report::crypto::{Signer as _, sha256};
use std::fs;

/// The third nation.
pub(super) const NATION: &str = "XCC";
/// Id of its agreement with Arcadia.
const ID: &str = "XAA-XCC-2026-01";
/// The agreement's file in Arcadia's folder; in its own it is the only one.
const FILE: &str = "agreement-XCC.toml";
/// The report for both partners, and its serial.
pub(super) const REPORT: &str = "to-both.md";
pub(super) const SERIAL: &str = "XAA-CYBER-2026-3120";
/// The live example from which the report is made, and its serial.
const MODEL: (&str, &str) = ("roc800-file-access", "XAA-CYBER-2026-3107");
/// Arcadia gives Corvania nothing in advance: each report waits for an officer.
const ARCADIAN_RULES: &str = "# Arcadia's rules for Corvania: as the agreement has it, each report by an officer.
format    = \"relto-national/1\"
nation    = \"XAA\"
agreement = \"XAA-XCC-2026-01\"
serial    = \"XAA-NDP-CORVANIA-02\"
issued_by = \"XAA/FDO\"
valid_from  = 2026-06-01T00:00:00Z
valid_until = 2027-06-01T00:00:00Z

[accreditation]
certificate   = \"XAA-ACC-2024-0193\"
highest_level = 3
valid_until   = 2026-12-31T00:00:00Z
";

/// Arcadia's agreements with both, and the third nation's one, where there is a third nation.
pub(super) fn tie<'a>(own: &NationLab, nations: &'a [NationLab]) -> Option<Tie<'a>> {
    let [arcadia, _, corvania] = nations else { return None };
    let is_arcadia = own.nation == arcadia.nation;
    let (partner, file, rules, trust) = match is_arcadia {
        true => (corvania, FILE, "national-rules-XCC.toml", NATION),
        false => (arcadia, AGREEMENT_FILE, "national-rules.toml", "partner"),
    };
    let own = format!("national = \"{rules}\"\n");
    Some(Tie { partner, file: file.into(), id: ID.into(), own, trust, profile: PROFILE.into() })
}

/// Writes what Arcadia and the third nation have of their agreement, and the report for both partners.
///
/// `shift`: days by which the examples' dates move.
pub(super) fn add(
    nations: &[NationLab],
    shift: i32,
    keys: AgreementKeys,
    live: &str,
    signers: &[Signatory],
) -> Result<()> {
    let [arcadia, _, corvania] = nations else { return Ok(()) };
    let [seal, _] = keys.seal;
    let root = keys.root.map(|[root, _]| [root, corvania.root()]);
    let keys = AgreementKeys { seal: [seal, corvania.seal.public_key()], root, signers: keys.signers };
    let model = REGISTERS.iter().find(|(nation, _)| *nation == "XBB").context("Borealia's register")?.1;
    let register = corvanian(std::str::from_utf8(model)?);
    // The register's digest goes with the register.
    let (old, new) = (sha256(&[model]).to_string(), sha256(&[register.as_bytes()]).to_string());
    let text = agreement(&narrower(&replaced(&corvanian(live), &old, &new)?)?, &keys);
    let signed = sign_all(&text, signers)?.write();
    for (nation, file) in [(arcadia, FILE), (corvania, AGREEMENT_FILE)] {
        let folder = &nation.folder;
        fs::write(folder.join(file), &text)?;
        fs::write(folder.join(format!("{file}.sig")), &signed)?;
        fs::write(folder.join("vocabulary.toml"), VOCABULARY)?;
        fs::write(folder.join("markings-XCC.toml"), &register)?;
    }
    let (_, own) = REGISTERS.iter().find(|(nation, _)| *nation == "XAA").context("Arcadia's register")?;
    fs::write(corvania.folder.join("markings-XAA.toml"), own)?;
    arcadia.write_rules("national-rules-XCC.toml", &move_dates(ARCADIAN_RULES, shift))?;
    corvania.write_rules("national-rules.toml", &move_dates(&corvanian(BOREALIAN_RULES), shift))?;
    report(arcadia)
}

/// Borealia's text as Corvania's; the members of a group stay who they are.
fn corvanian(text: &str) -> String {
    let names = [
        (LIVE, ID),
        ("XBB", NATION),
        ("Borealia", "Corvania"),
        ("Boréalie", "Corvanie"),
        ("BORÉALIE", "CORVANIE"),
        ("BOREALIE", "CORVANIE"),
    ];
    let line = |line: &str| match line.starts_with("members") {
        true => line.to_owned(),
        false => names.iter().fold(line.to_owned(), |line, (from, to)| line.replace(from, to)),
    };
    text.split_inclusive('\n').map(line).collect()
}

/// What Corvania is not given: a topic, and anything above level 2.
fn narrower(text: &str) -> Result<String> {
    let (head, scope) = text.split_once("from     = \"XAA\"").context("Arcadia's direction")?;
    let (scope, rest) = scope.split_once("[[scope]]").context("the other direction")?;
    let scope = replaced(scope, "\"space.pnt-interference\"           = 3\n", "")?;
    let scope = replaced(&scope, "\nhighest_level = 3\n", "\nhighest_level = 2\n")?;
    Ok(format!("{head}from     = \"XAA\"{scope}[[scope]]{rest}"))
}

/// The same bytes go to both, so it names no office of either and every list names both nations.
fn report(arcadia: &NationLab) -> Result<()> {
    let (model, serial) = MODEL;
    let folder = arcadia.folder.join("reports");
    let text = replaced(&fs::read_to_string(folder.join(format!("{model}.md")))?, serial, SERIAL)?;
    let text = replaced(&text, "action     = [\"XBB/CYBER\"]\n", "")?.replace("XAA, XBB", "XAA, XBB, XCC");
    fs::write(folder.join(REPORT), replaced(&text, "[\"XAA\", \"XBB\"]", "[\"XAA\", \"XBB\", \"XCC\"]")?)?;
    let home = fs::read_to_string(folder.join(format!("{model}.home.toml")))?.replace(serial, SERIAL);
    fs::write(folder.join(REPORT).with_extension("home.toml"), home)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{super::examples::AGREEMENT, *};

    #[test]
    fn corvania_is_given_less_than_borealia_and_its_group_stays() {
        let text = narrower(&corvanian(AGREEMENT)).unwrap();
        assert!(text.contains("members = [\"XAA\", \"XBB\", \"XCC\"]"));
        assert_eq!(text.matches("XBB").count(), 1, "{text}");
        let (theirs, ours) = (text.matches("space.pnt").count(), AGREEMENT.matches("space.pnt").count());
        // The topic goes from one direction; the list of what the version permits is written anew.
        assert_eq!(theirs + 1, ours);
        assert!(narrower("no scope").is_err());
    }
}
