//! An agreement is suspended and resumed by its signers, with commands alone.

use super::{
    by_hand::{Daemons, person},
    lab, text,
};
use std::{path::Path, process::Command, time::Duration};

/// Written, signed by the offices, installed by the operator.
fn state(dir: &Path, nation: &str, partner: &str, word: &str, offices: &[&str]) {
    let file = dir.join(format!("{nation}-{word}.toml"));
    states(dir, nation, &["agreement", word, partner, "--out", text(&file)], &file, offices);
}

/// The same for a statement that other words write to this file.
fn states(dir: &Path, nation: &str, words: &[&str], file: &Path, offices: &[&str]) {
    let written = person(dir, nation, "operator", words);
    assert_eq!(written.code, 0, "{}{}", written.out, written.err);
    sign(dir, nation, file, offices);
    let installed = person(dir, nation, "operator", &["agreement", "install", text(file)]);
    assert_eq!(installed.code, 0, "{}{}", installed.out, installed.err);
}

fn sign(dir: &Path, nation: &str, file: &Path, offices: &[&str]) {
    let unsigned = person(dir, nation, "operator", &["agreement", "install", text(file)]);
    assert!(unsigned.code == 1 && unsigned.err.contains(".sig"), "{}", unsigned.err);
    for office in offices {
        let key = dir.join("signers").join(format!("{}.key", office.replace('/', "-")));
        let words = ["agreement", "sign", text(file), "--key", text(&key), "--nation", nation, "--office", office];
        let signed = person(dir, nation, "operator", &words);
        assert_eq!(signed.code, 0, "{}{}", signed.out, signed.err);
    }
}

fn until(dir: &Path, nation: &str, wanted: &str) {
    until_life(dir, nation, wanted, |life| life["state"] == wanted);
}

fn until_life(dir: &Path, nation: &str, wanted: &str, holds: impl Fn(&serde_json::Value) -> bool) {
    let is = || {
        let ran = person(dir, nation, "author", &["--json", "agreement", "state"]);
        ran.code == 0 && holds(&ran.object())
    };
    let waited = (0..200).any(|_| {
        is() || {
            std::thread::sleep(Duration::from_millis(25));
            false
        }
    });
    assert!(waited, "{nation} is not {wanted}");
}

#[test]
fn api_27_signers_suspend_and_resume_by_command() {
    let folder = tempfile::tempdir().unwrap();
    let dir = lab(&folder);
    let daemons = Daemons::start(&dir, &["XAA", "XBB"]);
    state(&dir, "XBB", "XAA", "suspend", &["XBB/ANS"]);
    until(&dir, "XBB", "suspended");
    until(&dir, "XAA", "suspended");
    let report = dir.join("XAA/reports/linux-port-numbers.md");
    let refused = person(&dir, "XAA", "author", &["submit", text(&report), "--to", "XBB", "--wait"]);
    assert_eq!(refused.code, 3, "{}{}", refused.out, refused.err);
    assert!(refused.out.contains("AGREEMENT_SUSPENDED"), "{}", refused.out);

    let officer = person(&dir, "XAA", "officer-1", &["agreement", "install", text(&dir.join("XBB-suspend.toml"))]);
    assert_ne!(officer.code, 0, "an officer installs nothing");
    let again = person(&dir, "XBB", "operator", &["agreement", "install", text(&dir.join("XBB-suspend.toml"))]);
    assert!(again.code == 1 && again.err.contains("K012"), "{}", again.err);

    // Killed and started again, both still know it.
    drop(daemons);
    let _daemons = Daemons::start(&dir, &["XAA", "XBB"]);
    until(&dir, "XAA", "suspended");
    state(&dir, "XBB", "XAA", "resume", &["XBB/ANS", "XBB/MINDEF"]);
    until(&dir, "XBB", "suspended");
    state(&dir, "XAA", "XBB", "resume", &["XAA/NSA", "XAA/MFA"]);
    until(&dir, "XAA", "in-force");
    until(&dir, "XBB", "in-force");
    let sent = person(&dir, "XAA", "author", &["submit", text(&report), "--to", "XBB", "--wait"]);
    assert_eq!(sent.code, 0, "{}{}", sent.out, sent.err);
    let nothing = person(&dir, "XAA", "operator", &["agreement", "resume", "XBB"]);
    assert!(nothing.code == 1 && nothing.err.contains("nothing is suspended"), "{}", nothing.err);
    let shown = person(&dir, "XAA", "author", &["agreement", "state"]);
    assert_eq!(shown.out.matches("resume").count(), 2, "{}", shown.out);
}

const ARCADIA: &[&str] = &["XAA/NSA", "XAA/MOD"];
const BOREALIA: &[&str] = &["XBB/ANS", "XBB/MINDEF"];

/// The next version of the lab's agreement, signed by both: without a topic from XAA to XBB, and with one more.
fn next_version(dir: &Path, from: &str) -> std::path::PathBuf {
    let old = std::fs::read_to_string(dir.join("XAA/agreement.toml")).unwrap();
    let digest = relto_report::crypto::sha256(&[old.as_bytes()]);
    let (mut new, mut scope) = (Vec::new(), 0);
    for line in old.lines() {
        scope += usize::from(line == "[[scope]]");
        new.push(match line.split_whitespace().next() {
            Some("version") if scope == 0 => format!("version = 2\nsupersedes = \"{digest}\""),
            Some("extends") => format!("extends = [{from}]"),
            Some("\"cyber.intrusion\"") if scope == 1 => continue,
            Some("\"air.missile\"") if scope == 1 => "\"air.missile\" = 3".to_owned(),
            _ => line.to_owned(),
        });
    }
    let file = dir.join("agreement-2.toml");
    std::fs::write(&file, new.join("\n")).unwrap();
    sign(dir, "XAA", &file, ARCADIA);
    for office in BOREALIA {
        let key = dir.join("signers").join(format!("{}.key", office.replace('/', "-")));
        let words = ["agreement", "sign", text(&file), "--key", text(&key), "--nation", "XBB", "--office", office];
        let signed = person(dir, "XBB", "operator", &words);
        assert_eq!(signed.code, 0, "{}{}", signed.out, signed.err);
    }
    file
}

#[test]
fn api_34_a_new_version_is_installed_adopted_and_in_force_by_command() {
    let folder = tempfile::tempdir().unwrap();
    let dir = lab(&folder);
    let daemons = Daemons::start(&dir, &["XAA", "XBB"]);
    let hidden = next_version(&dir, "");
    let wider = person(&dir, "XAA", "operator", &["agreement", "install", text(&hidden)]);
    assert!(wider.code == 1 && wider.err.contains("A005"), "a widening that is not listed: {}", wider.err);
    let _ = std::fs::remove_file(dir.join("agreement-2.toml.sig"));
    let file = next_version(&dir, "\"scope XAA>XBB topic air.missile: 2 -> 3\"");
    let diff =
        person(&dir, "XAA", "operator", &["agreement", "diff", text(&dir.join("XAA/agreement.toml")), text(&file)]);
    assert!(diff.out.contains("air.missile") && diff.out.contains("cyber.intrusion"), "{}", diff.out);
    let officer = person(&dir, "XAA", "officer-1", &["agreement", "install", text(&file)]);
    assert_ne!(officer.code, 0, "an officer installs nothing");
    let adopt = |nation: &str, offices: &[&str]| {
        let statement = dir.join(format!("{nation}-adopt.toml"));
        let words = ["agreement", "adopt", text(&file), "--out", text(&statement)];
        let early = person(&dir, nation, "operator", &words);
        assert!(early.code == 1 && early.err.contains("is not installed"), "{}", early.err);
        let installed = person(&dir, nation, "operator", &["agreement", "install", text(&file)]);
        assert_eq!(installed.code, 0, "{}{}", installed.out, installed.err);
        states(&dir, nation, &words, &statement, offices);
    };
    let version = |life: &serde_json::Value, state: &str| {
        life["versions"].as_array().unwrap().iter().any(|one| one["version"] == 2 && one["state"] == state)
    };
    // The report's topic is one that the new version leaves out.
    let report = dir.join("XAA/reports/linux-port-numbers.md");
    adopt("XBB", BOREALIA);
    until_life(&dir, "XAA", "told of an unknown version", |life| {
        life["versions"].as_array().unwrap().iter().any(|one| one["version"].is_null() && one["state"] == "pending")
    });
    let queued = person(&dir, "XAA", "author", &["--json", "submit", text(&report), "--to", "XBB"]);
    let why = &queued.object()["standing"]["why"];
    assert!(why["version"].is_string(), "its file is not here: {}{}", queued.out, queued.err);
    adopt("XAA", ARCADIA);
    until_life(&dir, "XAA", "under version 2", |life| version(life, "in-force"));
    until_life(&dir, "XBB", "under version 2", |life| version(life, "in-force"));
    // Each tells its operator of the other's word, as news and not as an error.
    for (nation, partner) in [("XAA", "XBB"), ("XBB", "XAA")] {
        let log = std::fs::read_to_string(dir.join(nation).join("node.log")).unwrap();
        let line = log.lines().find(|line| line.contains(&format!("{partner} has stated adopt for XAA-XBB-2026-01")));
        assert!(line.is_some_and(|line| line.contains(" INFO ")) && !log.contains(" ERROR "), "{nation}: {log}");
    }
    // Killed and started again, both stand under it.
    drop(daemons);
    let daemons = Daemons::start(&dir, &["XAA", "XBB"]);
    let status = person(&dir, "XAA", "author", &["--json", "status"]);
    assert_eq!(status.object()["links"][0]["version"], 2, "{}", status.out);
    let shown = person(&dir, "XBB", "author", &["--json", "agreement", "show"]);
    assert_eq!(shown.object()["version"], 2, "{}", shown.out);
    let sent = person(&dir, "XAA", "author", &["submit", text(&report), "--to", "XBB", "--wait"]);
    assert!(sent.code == 3 && sent.out.contains("TOPIC_OUT_OF_SCOPE"), "{}{}", sent.out, sent.err);
    // Without the file of what it has adopted a node does not start.
    drop(daemons);
    let kept = dir.join("XAA/data/agreements");
    std::fs::rename(&kept, dir.join("elsewhere")).unwrap();
    let started =
        Command::new(env!("CARGO_BIN_EXE_reltod")).arg("--config").arg(dir.join("XAA/node.toml")).output().unwrap();
    let told = String::from_utf8_lossy(&started.stderr);
    assert!(!started.status.success() && told.contains("is not here"), "{told}");
}

#[test]
fn pol_20_a_measure_is_taken_and_lifted_by_command() {
    let folder = tempfile::tempdir().unwrap();
    let dir = lab(&folder);
    let _daemons = Daemons::start(&dir, &["XAA", "XBB"]);
    let measure = |words: &[&str], name: &str, offices: &[&str]| {
        let file = dir.join(name);
        let all = [&["agreement", "measure"], words, &["--out", text(&file)]].concat();
        states(&dir, "XBB", &all, &file, offices);
    };
    let wrong = person(&dir, "XBB", "operator", &["agreement", "measure", "2", "--from", "XAA"]);
    assert!(wrong.code == 1 && wrong.err.contains("hold-topic takes"), "{}", wrong.err);
    measure(&["1"], "reminder.toml", &["XBB/ANS"]);
    measure(&["2", "--from", "XAA", "--topic", "cyber.intrusion"], "hold.toml", &["XBB/ANS"]);
    until_life(&dir, "XAA", "under two measures", |life| life["measures"].as_array().unwrap().len() == 2);
    let report = dir.join("XAA/reports/linux-port-numbers.md");
    let refused = person(&dir, "XAA", "author", &["submit", text(&report), "--to", "XBB", "--wait"]);
    assert!(refused.code == 3 && refused.out.contains("TOPIC_OUT_OF_SCOPE"), "{}{}", refused.out, refused.err);
    let shown = person(&dir, "XAA", "author", &["agreement", "state"]);
    assert!(shown.out.contains("hold-topic") && shown.out.contains("cyber.intrusion from XAA"), "{}", shown.out);
    measure(&["--lift", "2"], "lift.toml", BOREALIA);
    until_life(&dir, "XAA", "under one measure", |life| life["measures"].as_array().unwrap().len() == 1);
    let sent = person(&dir, "XAA", "author", &["submit", text(&report), "--to", "XBB", "--wait"]);
    assert_eq!(sent.code, 0, "{}{}", sent.out, sent.err);
}
