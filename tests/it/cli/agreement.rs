//! `relto agreement`: who signed, with which keys, and for which bytes.

use super::{examples, lab, relto, text};
use std::{fs, path::Path};

#[test]
fn api_9_an_agreement_counts_only_with_its_signers_pinned_keys() {
    let folder = tempfile::tempdir().unwrap();
    let dir = lab(&folder).join("XAA");
    let (agreement, profile) = (dir.join("agreement.toml"), dir.join("people/author/profile.toml"));
    let verify = || relto(&["--profile", text(&profile), "agreement", "verify", text(&agreement)]);
    assert_eq!(verify().code, 0, "{}", verify().err);
    let pins = fs::read_to_string(&profile).unwrap();
    // Another key under a signer's name.
    let digit = |text: &str| if text.starts_with('0') { '1' } else { '0' };
    let at = pins.find("\"XAA/NSA\" = \"ed25519:").unwrap() + "\"XAA/NSA\" = \"ed25519:".len();
    let mut other = pins.clone();
    other.replace_range(at..=at, &digit(&pins[at..]).to_string());
    fs::write(&profile, other).unwrap();
    let ran = verify();
    assert!(
        ran.code == 4 && ran.err.contains("the key of XAA/NSA is not the one that the profile pins"),
        "{}",
        ran.err
    );
    // No key of Borealia at all.
    let none: String =
        pins.lines().filter(|line| !line.starts_with("\"XBB/")).map(|line| format!("{line}\n")).collect();
    fs::write(&profile, none).unwrap();
    let ran = verify();
    assert!(ran.code == 4 && ran.err.contains("0 of 2 signatures of XBB"), "{}", ran.err);
}

#[test]
fn an_agreement_that_was_changed_or_signed_by_too_few_does_not_verify() {
    let folder = tempfile::tempdir().unwrap();
    let dir = lab(&folder).join("XAA");
    let agreement = dir.join("agreement.toml");
    let verify = || relto(&["agreement", "verify", text(&agreement)]);
    let good = fs::read_to_string(&agreement).unwrap();
    fs::write(&agreement, format!("{good}\n")).unwrap();
    assert_eq!(verify().code, 4, "one byte more");
    fs::write(&agreement, &good).unwrap();
    assert_eq!(verify().code, 0);
    let beside = dir.join("agreement.toml.sig");
    let signatures = fs::read_to_string(&beside).unwrap();
    let one: Vec<&str> = signatures.split("\n[[signature]]").take(2).collect();
    fs::write(&beside, one.join("\n[[signature]]")).unwrap();
    let ran = verify();
    assert!(ran.code == 4 && ran.err.contains("has 1 of 2 signatures"), "{}", ran.err);
    fs::remove_file(&beside).unwrap();
    let ran = verify();
    assert!(ran.code == 1 && ran.err.contains("agreement.toml.sig"), "{}", ran.err);
}

#[test]
fn who_signed_is_told_with_the_figures_and_the_offices() {
    let folder = tempfile::tempdir().unwrap();
    let lab = lab(&folder);
    let (agreement, beside) = (lab.join("XAA/agreement.toml"), lab.join("XAA/agreement.toml.sig"));
    let profile = lab.join("XAA/people/author/profile.toml");
    let sign = |office: &str| {
        let key = lab.join("signers").join(format!("{}.key", office.replace('/', "-")));
        let nation = &office[..3];
        relto(&["agreement", "sign", text(&agreement), "--key", text(&key), "--nation", nation, "--office", office])
    };
    fs::remove_file(&beside).unwrap();
    for office in ["XAA/NSA", "XAA/MOD", "XBB/ANS", "XBB/MINDEF"] {
        assert_eq!(sign(office).code, 0, "{office}");
    }
    let words =
        "signed by XAA 2 of 3 offices, 2 needed: XAA/NSA, XAA/MOD; XBB 2 of 2 offices, 2 needed: XBB/ANS, XBB/MINDEF";
    let told = relto(&["--profile", text(&profile), "agreement", "verify", text(&agreement)]);
    assert!(told.code == 0 && told.out.contains(words), "{}{}", told.out, told.err);
    assert_eq!(sign("XAA/MFA").code, 0);
    let told = relto(&["agreement", "verify", text(&agreement)]);
    assert!(told.out.contains("XAA 3 of 3 offices, 2 needed: XAA/NSA, XAA/MOD, XAA/MFA; XBB 2 of 2"), "{}", told.out);
}

#[test]
fn an_office_signs_with_its_own_key_and_only_the_file_at_hand() {
    let folder = tempfile::tempdir().unwrap();
    let lab = lab(&folder);
    let agreement = lab.join("XAA/agreement.toml");
    let beside = lab.join("XAA/agreement.toml.sig");
    let key = |office: &str| {
        let found = fs::read_dir(lab.join("signers")).unwrap().map(|entry| entry.unwrap().path());
        found.into_iter().find(|path| text(path).contains(office)).unwrap_or_else(|| panic!("no key of {office}"))
    };
    let (nsa, mod_key) = (key("NSA"), key("MOD"));
    let sign = |key: &Path, nation: &str, office: &str| {
        relto(&["agreement", "sign", text(&agreement), "--key", text(key), "--nation", nation, "--office", office])
    };
    fs::remove_file(&beside).unwrap();
    assert_eq!(sign(&nsa, "XAA", "XAA/NSA").code, 0);
    let ran = sign(&mod_key, "XAA", "XAA/MOD");
    assert!(ran.code == 0 && ran.out.contains("signed by XAA/NSA, XAA/MOD"), "{}{}", ran.out, ran.err);
    // Signing again replaces, and nothing is signed by the wrong key or for an office that is none.
    assert!(sign(&nsa, "XAA", "XAA/NSA").out.contains("signed by XAA/MOD, XAA/NSA"));
    let ran = sign(&mod_key, "XAA", "XAA/NSA");
    assert!(ran.code == 1 && ran.err.contains("this is not the key of XAA/NSA"), "{}", ran.err);
    let ran = sign(&nsa, "XAA", "XAA/JOKE");
    assert!(ran.code == 1 && ran.err.contains("Its signers: XAA/NSA, XAA/MOD, XAA/MFA"), "{}", ran.err);
    let ran = relto(&["agreement", "verify", text(&agreement)]);
    assert!(ran.code == 4 && ran.err.contains("XBB has 0 of 2"), "{}", ran.err);
    // Signatures of earlier bytes are not mixed with new ones.
    let changed = fs::read_to_string(&agreement).unwrap() + "# later\n";
    fs::write(&agreement, changed).unwrap();
    let ran = sign(&nsa, "XAA", "XAA/NSA");
    assert!(ran.code == 1 && ran.err.contains("these signatures are for other bytes"), "{}", ran.err);
}

#[test]
fn a_difference_of_two_versions_is_told_as_extends_lists_it() {
    let folder = tempfile::tempdir().unwrap();
    let old = examples().join("agreement.toml");
    let new = folder.path().join("new.toml");
    let good = fs::read_to_string(&old).unwrap();
    let line = good.lines().find(|line| line.starts_with("\"cbrn.chemical\"")).unwrap();
    let wider = good.replacen(line, &line.replace("= 1", "= 2"), 1);
    // Narrower elsewhere, and a quorum that permits and forbids nothing.
    let forms = "forms    = [\"assessment\", \"warning\"]";
    assert!(wider.contains(forms) && wider.contains("give_notice = 1"));
    let both = wider.replacen(forms, "forms    = [\"warning\"]", 1).replacen("give_notice = 1", "give_notice = 2", 1);
    fs::write(&new, both).unwrap();
    let ran = relto(&["agreement", "diff", text(&old), text(&new)]);
    assert!(
        ran.code == 0 && ran.out.contains("\"scope XAA>XBB topic cbrn.chemical: 1 -> 2\""),
        "{}{}",
        ran.out,
        ran.err
    );
    let at = |words: &str| ran.out.find(words).unwrap_or_else(|| panic!("{words:?} is not in\n{}", ran.out));
    let permits = at(
        "newly permits, against version 3:\n#   XAA to XBB: topic cbrn.chemical goes up to CONFIDENTIAL (level 2); before, up to \
         RESTRICTED (level 1)",
    );
    let forbids =
        at("newly forbids, against version 3:\n#   XBB to XAA: reports of the form assessment may no longer go");
    assert!(permits < forbids && forbids < at("#   party.XBB.quorum.give_notice: 1 -> 2"));
    let object = relto(&["--json", "agreement", "diff", text(&old), text(&new)]).object();
    assert_eq!(object["extends"], serde_json::json!(["scope XAA>XBB topic cbrn.chemical: 1 -> 2"]));
    assert_eq!((object["permits"].as_array().unwrap().len(), object["forbids"].as_array().unwrap().len()), (1, 1));
    let same = relto(&["agreement", "diff", text(&old), text(&old)]);
    assert_eq!(same.out.matches(" nothing").count(), 3, "{}", same.out);
}
