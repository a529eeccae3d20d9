//! An agreement is suspended and resumed by its signers, with commands alone.

use super::{
    by_hand::{Daemons, person},
    lab, text,
};
use std::{path::Path, time::Duration};

/// Written, signed by the offices, installed by the operator.
fn state(dir: &Path, nation: &str, partner: &str, word: &str, offices: &[&str]) {
    let file = dir.join(format!("{nation}-{word}.toml"));
    let written = person(dir, nation, "operator", &["agreement", word, partner, "--out", text(&file)]);
    assert_eq!(written.code, 0, "{}{}", written.out, written.err);
    let unsigned = person(dir, nation, "operator", &["agreement", "install", text(&file)]);
    assert!(unsigned.code == 1 && unsigned.err.contains(".sig"), "{}", unsigned.err);
    for office in offices {
        let key = dir.join("signers").join(format!("{}.key", office.replace('/', "-")));
        let words = ["agreement", "sign", text(&file), "--key", text(&key), "--nation", nation, "--office", office];
        let signed = person(dir, nation, "operator", &words);
        assert_eq!(signed.code, 0, "{}{}", signed.out, signed.err);
    }
    let installed = person(dir, nation, "operator", &["agreement", "install", text(&file)]);
    assert_eq!(installed.code, 0, "{}{}", installed.out, installed.err);
}

fn until(dir: &Path, nation: &str, wanted: &str) {
    let is = || {
        let ran = person(dir, nation, "author", &["--json", "agreement", "state"]);
        ran.code == 0 && ran.object()["state"] == wanted
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
