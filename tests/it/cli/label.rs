//! `relto label`: labels of STANAG 4774 read, said in a nation's words, and written.

use super::{Ran, examples, lab, relto, text};
use std::{
    fs,
    path::{Path, PathBuf},
};

fn public(n: u32) -> PathBuf {
    examples().join(format!("labels/nato-4774-17-{n}.nato"))
}

fn import(file: &Path, agreement: &Path, nation: &str, json: bool) -> Ran {
    let mut words = vec!["label", "import", text(file), "--agreement", text(agreement), "--nation", nation];
    words.extend(json.then_some("--json"));
    relto(&words)
}

/// A folder with the example agreement, what it names, and groups of NATO's.
fn ground(folder: &Path) -> PathBuf {
    for name in ["markings-XAA.toml", "markings-XBB.toml", "vocabulary.toml"] {
        fs::copy(examples().join(name), folder.join(name)).unwrap();
    }
    let mut agreement = fs::read_to_string(examples().join("agreement.toml")).unwrap();
    for code in ["NATO", "KFOR"] {
        let rows = format!(
            "\n[[group]]\ncode = \"{code}\"\nmembers = [\"XAA\", \"XBB\"]\nfrom = 2020-01-01\nuntil = 2099-01-01\n"
        );
        agreement.push_str(&rows);
    }
    let path = folder.join("agreement.toml");
    fs::write(&path, agreement).unwrap();
    path
}

#[test]
fn every_public_label_is_shown_as_it_was_written() {
    for n in 1..=6 {
        let ran = relto(&["label", "import", text(&public(n))]);
        assert_eq!(ran.code, 0, "{}", ran.err);
        assert!(
            ran.out.contains("PolicyIdentifier                NATO") && ran.out.contains("Context (PERMISSIVE)"),
            "{}",
            ran.out
        );
        assert!(ran.err.contains("warning L011: CreationDateTime is missing"), "{}", ran.err);
        let object = relto(&["label", "import", text(&public(n)), "--json"]).object();
        assert_eq!((&object["label"]["policy"], object["refused"].as_array().map(Vec::len)), (&"NATO".into(), Some(0)));
    }
    let object = relto(&["label", "import", text(&public(6)), "--json"]).object();
    assert_eq!(object["label"]["categories"][1]["tag"], "Only");
    assert_eq!(object["label"]["categories"][1]["values"][1], "IRL");
}

#[test]
fn lbl_6_a_label_is_said_in_a_nations_words_or_each_thing_is_named_with_exit_3() {
    let folder = tempfile::tempdir().unwrap();
    let agreement = ground(folder.path());
    let ran = import(&public(4), &agreement, "XAA", false);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    assert!(ran.out.contains("  banner  = \"RESTRICTED//FGI//REL TO XAA, CHE, JPN, NATO, UKR\"\n"), "{}", ran.out);
    assert!(ran.out.contains("  rel_to  = [\"XAA\", \"CHE\", \"JPN\", \"NATO\", \"UKR\"]\n"), "{}", ran.out);
    assert!(ran.out.contains("mark of its portions: (//FGI R//REL TO XAA, CHE, JPN, NATO, UKR)"), "{}", ran.out);
    assert!(
        ran.out.contains("no consent of it") && ran.err.contains("no signatures lie beside it"),
        "{}{}",
        ran.out,
        ran.err
    );
    let object = import(&public(3), &agreement, "XBB", true).object();
    assert_eq!(object["translated"]["banner"], "NON PROTÉGÉ//FGI//COMMUNICABLE À XBB, NATO");
    assert_eq!(object["translated"]["left_out"][0]["values"][0], "STAFF");
    for (n, named, code) in [
        (1, "Releasable To RESOLUTE SUPPORT", "group"),
        (5, "Releasable To EAPC", "group"),
        (6, "category Only (PERMISSIVE) NATO, IRL, SWE, UKR", "category"),
    ] {
        let ran = import(&public(n), &agreement, "XAA", false);
        assert!(ran.code == 3 && ran.out.contains(named) && !ran.out.contains("banner  ="), "{}{}", ran.out, ran.err);
        let ran = import(&public(n), &agreement, "XAA", true);
        assert_eq!((ran.code, &ran.object()["refused"][0]["code"]), (3, &code.into()));
        assert!(ran.object()["translated"].is_null());
    }
    // The example agreement itself has no group of NATO's.
    let ran = import(&public(2), &examples().join("agreement.toml"), "XAA", false);
    assert!(ran.code == 3 && ran.out.contains("Context NATO: neither"), "{}{}", ran.out, ran.err);
    let ran = import(&public(2), &agreement, "XCC", false);
    assert!(ran.code == 1 && ran.err.contains("XCC is no Party"), "{}", ran.err);
    assert_eq!(
        relto(&["label", "import", text(&public(2)), "--agreement", text(&agreement)]).code,
        2,
        "--nation is missing"
    );
}

#[test]
fn what_lies_beside_an_agreement_must_be_what_it_names() {
    let folder = tempfile::tempdir().unwrap();
    let agreement = ground(folder.path());
    let register = folder.path().join("markings-XAA.toml");
    let good = fs::read_to_string(&register).unwrap();
    fs::write(&register, good.replacen("excludes_list = true", "excludes_list = false", 1)).unwrap();
    let ran = import(&public(2), &agreement, "XAA", false);
    assert!(ran.code == 4 && ran.err.contains("another file than XAA-XBB-2026-01 version 3 names"), "{}", ran.err);
    fs::remove_file(&register).unwrap();
    let ran = import(&public(2), &agreement, "XAA", false);
    assert!(ran.code == 1 && ran.err.contains("markings-XAA.toml"), "{}", ran.err);
    let lab = lab(&folder).join("XAA");
    let agreement = lab.join("agreement.toml");
    assert_eq!(import(&public(2), &agreement, "XAA", false).code, 3, "signed, and without NATO");
    fs::write(&agreement, fs::read_to_string(&agreement).unwrap() + "\n").unwrap();
    assert_eq!(import(&public(2), &agreement, "XAA", false).code, 4, "one byte more than was signed");
}

#[test]
fn lbl_2_a_file_that_is_no_label_is_told_with_its_place_and_exit_1() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("label.xml");
    let good = fs::read_to_string(public(2)).unwrap();
    fs::write(&path, format!("<!DOCTYPE a [<!ENTITY x SYSTEM \"file:///etc/hostname\">]>\n{good}")).unwrap();
    let ran = relto(&["label", "import", text(&path)]);
    assert!(
        ran.code == 1 && ran.err.contains("label.xml:1:1: error L002: a DOCTYPE is not taken") && ran.out.is_empty(),
        "{}",
        ran.err
    );
    fs::write(
        &path,
        good.replacen("<Classification>", "<Clasification>", 1).replacen("</Classification>", "</Clasification>", 1),
    )
    .unwrap();
    let ran = relto(&["label", "import", text(&path)]);
    assert!(
        ran.code == 1 && ran.err.contains(":4:1: error L006") && ran.err.contains("Did you mean Classification?"),
        "{}",
        ran.err
    );
    let object = relto(&["--json", "label", "import", text(&path)]).object();
    let rules: Vec<_> = object["faults"].as_array().unwrap().iter().map(|one| one["rule"].as_str().unwrap()).collect();
    assert!(object["error"] == "file" && rules.contains(&"L006") && rules.contains(&"L008"), "{object}");
    fs::write(&path, good + &" ".repeat(70_000)).unwrap();
    let ran = relto(&["label", "import", text(&path)]);
    assert!(ran.code == 1 && ran.err.contains("65"), "{}", ran.err);
}

#[test]
fn lbl_8_a_report_goes_out_as_two_labels_and_both_come_in_again() {
    let folder = tempfile::tempdir().unwrap();
    let dir = lab(&folder).join("XAA");
    let (report, agreement) = (dir.join("reports/report.md"), dir.join("agreement.toml"));
    let out = folder.path().join("labels");
    let words = ["label", "export", text(&report), "--agreement", text(&agreement), "--to", "XBB"];
    let ran = relto(&[&words[..], &["--out", text(&out)]].concat());
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    let (original, alternative) = (out.join("report.originator.xml"), out.join("report.alternative-XBB.xml"));
    let banner = |file: &Path, nation: &str| {
        let ran = import(file, &agreement, nation, true);
        assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
        ran.object()["translated"]["banner"].as_str().unwrap().to_owned()
    };
    assert_eq!(banner(&original, "XAA"), "SECRET//FGI XCC//REL TO XAA, XBB");
    assert_eq!(banner(&original, "XBB"), "SECRET//FGI XAA XCC//COMMUNICABLE À XBB, XAA");
    assert_eq!(banner(&alternative, "XBB"), "SECRET//FGI XAA XCC//COMMUNICABLE À XBB, XAA");
    let ran = import(&alternative, &agreement, "XAA", false);
    assert!(ran.code == 3 && ran.out.contains("Give the originator's label"), "{}", ran.out);
    let written = fs::read_to_string(&original).unwrap();
    assert!(written.contains("ReviewDateTime=\"") && !written.contains("maritime"), "{written}");
    let ran = relto(&[&words[..], &["--out", text(&out)]].concat());
    assert!(ran.code == 1 && ran.err.contains("is there already"), "{}", ran.err);
    // To standard output, and as an object; the moment of making apart, they are the files.
    let object = relto(&[&["--json"], &words[..]].concat()).object();
    let without =
        |text: &str| text.lines().filter(|line| !line.contains("CreationDateTime")).collect::<Vec<_>>().join("\n");
    assert_eq!(without(object["originator"].as_str().unwrap()), without(&written));
    let ran = relto(&[&words[..], &["--originator-only"]].concat());
    assert_eq!(without(&ran.out), without(&written));
}

#[test]
fn lbl_9_a_report_that_its_recipient_may_not_read_has_no_alternative_label() {
    let folder = tempfile::tempdir().unwrap();
    let dir = lab(&folder).join("XAA");
    let (report, agreement) = (dir.join("reports/report.md"), dir.join("agreement.toml"));
    let text_of = fs::read_to_string(&report).unwrap();
    let closed = text_of
        .replace("REL TO XAA, XBB, XCC", "REL TO XAA, XCC")
        .replace("REL TO XAA, XBB", "REL TO XAA, XCC")
        .replace("\"XAA\", \"XBB\", \"XCC\"]", "\"XAA\", \"XCC\"]")
        .replace("\"XAA\", \"XBB\"]", "\"XAA\", \"XCC\"]");
    assert_ne!(closed, text_of);
    fs::write(&report, closed).unwrap();
    let words = ["label", "export", text(&report), "--agreement", text(&agreement), "--to", "XBB"];
    let ran = relto(&words);
    assert!(
        ran.code == 3 && ran.out.contains("XBB is not among those") && !ran.out.contains("<slab"),
        "{}{}",
        ran.out,
        ran.err
    );
    let ran = relto(&[&words[..], &["--json"]].concat());
    assert_eq!((ran.code, &ran.object()["refused"][0]["code"]), (3, &"not-admitted".into()));
    let ran = relto(&[&words[..], &["--originator-only"]].concat());
    assert!(
        ran.code == 0 && ran.out.contains("<slab:GenericValue>XCC</slab:GenericValue>") && !ran.out.contains("XBB"),
        "{}{}",
        ran.out,
        ran.err
    );
    let ran = relto(&["label", "export", text(&report), "--agreement", text(&agreement), "--to", "XCC"]);
    assert!(ran.code == 1 && ran.err.contains("XCC is no Party"), "{}", ran.err);
}
