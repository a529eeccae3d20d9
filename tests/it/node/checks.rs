//! What is known before anything is signed: a client's check beside the node's, and what a list of hold words would hold.

use super::{
    Lab, connect,
    content::{report, started, text},
    done, relto, run,
};
use relto_formats::api::Agreement;
use relto_policy::signatures::{SignatureFile, sign};
use relto_report::{crypto::Signer as _, domain::Tag, nation::Nation};
use std::{fs, path::Path, process::Command};

/// What the check says of a list of hold words.
fn would_hold(lab: &Lab) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_reltod"));
    let told = command.arg("--config").arg(lab.config("XAA")).arg("--check").output().unwrap();
    let told = done(&told, 0);
    let line = told.lines().find(|line| line.starts_with("hold words of "));
    line.unwrap_or_else(|| panic!("{told}")).to_owned()
}

#[test]
fn pol_13_a_check_tells_how_many_released_reports_a_list_would_hold_and_never_which_word() {
    let lab = Lab::new();
    let _nodes = started(&lab);
    let line = |words: usize, reports: usize, held: usize, places: usize| {
        format!(
            "hold words of XAA-XBB-2026-01: {words} words; of {reports} reports that were released they would hold {held}, at \
             {places} places"
        )
    };
    assert_eq!(would_hold(&lab), line(3, 0, 0, 0));
    for (serial, more) in
        [("XAA-CYBER-2026-3146", ""), ("XAA-CYBER-2026-3147", "\n(U) The units are near Osprey Creek.\n")]
    {
        let path = report(&lab, serial, "", more);
        done(&relto(&lab, "XAA", "author", &["submit", text(&path), "--to", "XBB", "--wait"]), 0);
    }
    assert_eq!(would_hold(&lab), line(3, 2, 0, 0));
    let list = lab.dir.join("XAA/hold-words.txt");
    let words = fs::read_to_string(&list).unwrap();
    fs::write(&list, format!("{words}osprey creek\n")).unwrap();
    assert_eq!(would_hold(&lab), line(4, 2, 1, 1));
    fs::write(&list, format!("{words}osprey creek\nunmanned\n")).unwrap();
    assert_eq!(would_hold(&lab), line(5, 2, 2, 3));
}

/// National rules changed and signed anew by both officers.
fn rules(lab: &Lab, from: &str, to: &str) {
    let path = lab.dir.join("XAA/national-rules.toml");
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains(from), "{text}");
    let text = text.replacen(from, to, 1);
    let mut signatures = SignatureFile::new(text.as_bytes());
    for account in ["officer-1", "officer-2"] {
        let signer = lab.person("XAA", account).signer().unwrap();
        let signature = sign(text.as_bytes(), Tag::NationalRules, &signer).unwrap();
        signatures.add(Nation::parse("XAA").unwrap(), account, signer.public_key(), signature);
    }
    fs::write(&path, &text).unwrap();
    fs::write(path.with_extension("toml.sig"), signatures.write()).unwrap();
}

#[test]
fn rpt_7_the_client_looks_for_the_serials_that_the_nations_rules_name() {
    let lab = Lab::new();
    rules(&lab, "strip_metadata = false", "strip_metadata = false\nsource_serials = [\"KEST\"]");
    let _nodes = started(&lab);
    let with = |serial: &str, source: &str| {
        let path = report(&lab, serial, "", "");
        let kept = fs::read_to_string(&path).unwrap();
        fs::write(&path, kept.replacen("Public advisory", &format!("{source}, public advisory"), 1)).unwrap();
        path
    };
    let theirs = with("XAA-CYBER-2026-3148", "KEST-2026-7");
    // Before the first fetch, from what was kept of it, and asked of the node.
    for words in [&["check"][..], &["check"], &["check", "--online"], &["submit"]] {
        let told = done(&relto(&lab, "XAA", "author", &[words, &[text(&theirs), "--to", "XBB"]].concat()), 1);
        assert!(told.contains("R057: \"KEST-2026-7\" looks like a source serial"), "{words:?}: {told}");
    }
    let others = with("XAA-CYBER-2026-3149", "SIG-2026-55017");
    done(&relto(&lab, "XAA", "author", &["submit", text(&others), "--to", "XBB", "--wait"]), 0);
    // The pattern is for who writes reports, and in no evidence that is shown to others.
    run(async {
        for (account, is_told) in [("author", true), ("auditor", false), ("analyst", false)] {
            let mut client = connect(&lab.person("XAA", account)).await;
            let got: Agreement = client.get("/v1/agreements/XAA-XBB-2026-01").await.unwrap();
            assert_eq!(got.source_serials.is_some(), is_told, "{account}");
        }
    });
    let out = lab.dir.join("evidence.json");
    done(&relto(&lab, "XAA", "author", &["receipt", "XAA-CYBER-2026-3149", "--out", text(&out)]), 0);
    assert!(!fs::read_to_string(&out).unwrap().contains("source_serials"));
}

#[test]
fn api_14_check_ends_with_the_same_code_for_the_same_answer_offline_and_online() {
    let lab = Lab::new();
    let _nodes = started(&lab);
    // Every clause of these is the agreement's; what the nation's own rules add only the node knows.
    let held = report(&lab, "XAA-CYBER-2026-3152", "", "Sites: x S//NF y.\n");
    let path = report(&lab, "XAA-CYBER-2026-3150", "", "");
    let refused = fs::read_to_string(&path).unwrap().replacen("cyber.intrusion", "maritime.mines", 1);
    fs::write(&path, refused).unwrap();
    let asked = |file: &Path, more: &[&str]| {
        let words = [&["--json", "check", text(file), "--to", "XBB"], more].concat();
        let ran = relto(&lab, "XAA", "author", &words);
        let object: serde_json::Value = serde_json::from_slice(&ran.stdout).unwrap();
        let answer = [&object["verdict"], &object["standing"]["state"]].into_iter().find_map(|word| word.as_str());
        (answer.unwrap_or_else(|| panic!("{object}")).to_owned(), ran.status.code())
    };
    for (file, word, code) in [(&held, "held", 5), (&path, "refused", 3)] {
        for more in [&[][..], &["--online"]] {
            assert_eq!(asked(file, more), (word.to_owned(), Some(code)), "{} {more:?}", file.display());
        }
    }
    // What an authority given in advance releases the node alone knows; offline it is told as held, and what may come of it.
    let standing = report(&lab, "XAA-CYBER-2026-3151", "", "");
    assert_eq!(asked(&standing, &["--online"]), ("releasable".to_owned(), Some(0)));
    assert_eq!(asked(&standing, &[]), ("held".to_owned(), Some(5)));
}
