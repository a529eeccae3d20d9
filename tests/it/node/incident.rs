//! A release in an emergency that a second officer does not confirm: what the officer is told, and a store that verifies.

use super::{Lab, connect, done, relto, run, said, until};
use relto_formats::api::{Status, Submission};
use serde_json::Value;

/// SECRET, FLASH, on a topic that the agreement lists for emergencies.
const SERIAL: &str = "XAA-J2-2026-0440";

#[test]
fn flw_20_a_refused_confirmation_says_whom_to_tell_and_leaves_a_store_that_verifies() {
    run(async {
        let lab = Lab::new();
        let (_node, _partner) = (lab.start("XAA"), lab.start("XBB"));
        let mut author = connect(&lab.person("XAA", "author")).await;
        until(&mut author, 10, |status: &Status| status.links.iter().all(|link| link.heads_confirmed)).await;
        let report = lab.dir.join("XAA/reports/pipeline-flash-warning.md");
        let report = report.to_str().unwrap();
        done(&relto(&lab, "XAA", "author", &["submit", report, "--to", "XBB", "--emergency"]), 5);
        // Whoever is to release it alone is told what that is and why, in the list, in the report and when signing.
        let alone = "EMERGENCY_RELEASE: you alone release what needs two officers, because ";
        for words in [&["hold", "list"][..], &["hold", "show", SERIAL]] {
            let told = done(&relto(&lab, "XAA", "officer-1", words), 0);
            assert_eq!(told.matches(alone).count(), 1, "{words:?}: {told}");
        }
        let told = done(&relto(&lab, "XAA", "officer-1", &["hold", "approve", SERIAL, "--emergency", "--yes"]), 0);
        assert!(told.contains(alone) && told.contains("another officer must confirm it"), "{told}");
        let refuse = ["hold", "refuse", SERIAL, "--reason", "no danger to life"];
        let says = done(&relto(&lab, "XAA", "officer-2", &refuse), 0);
        for part in [
            "INCIDENT",
            "officer-2 did not confirm it: no danger to life",
            "operator and auditor",
            "a first report to XBB within",
            "joint committee within",
        ] {
            assert!(says.contains(part), "{part}: {says}");
        }
        // Its author sees it too, now and later; the standing is as it was.
        let shown = done(&relto(&lab, "XAA", "author", &["--json", "show", SERIAL]), 0);
        let shown: serde_json::Value = serde_json::from_str(&shown).unwrap();
        assert_eq!(shown["incident"]["officer"], "officer-2", "{shown}");
        let all: Vec<Submission> = author.get("/v1/submissions").await.unwrap();
        assert!(all.iter().all(|one| one.incident.is_some()), "{all:?}");
        let other = lab.dir.join("XAA/reports/linux-port-numbers.md");
        done(&relto(&lab, "XAA", "author", &["submit", other.to_str().unwrap(), "--to", "XBB", "--wait"]), 0);
        one_state_in_both_lists(&lab);
        let config = lab.dir.join("XAA/node.toml");
        let verified = relto(&lab, "XAA", "auditor", &["audit", "verify", "--config", config.to_str().unwrap()]);
        assert!(done(&verified, 0).contains("3 logs verified"));
    });
}

/// `outbox` and `outbox --all` tell the same of each report that was released. API-13
fn one_state_in_both_lists(lab: &Lab) {
    let objects = |account: &str, words: &[&str]| -> Vec<Value> {
        let told = said(&relto(lab, "XAA", account, &[&["--json"], words].concat()), 0);
        told.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    };
    let (sent, all) = (objects("author", &["outbox"]), objects("author", &["outbox", "--all"]));
    assert!(sent.len() == 2 && all.len() == 2, "{sent:?} {all:?}");
    for one in &sent {
        let other = all.iter().find(|other| other["id"] == one["submission"]).unwrap_or_else(|| panic!("{one}"));
        let standing = &other["standing"];
        let word = if standing["state"] == "resolved" { &standing["verdict"] } else { &standing["state"] };
        assert_eq!((&one["stage"], &one["serial"]), (word, &other["serial"]), "{other}");
        assert_eq!(one["codes"], standing["codes"], "{other}");
        assert_eq!(one["acknowledged_by"], other["acknowledged_by"], "{other}");
        for words in [&["outbox"][..], &["outbox", "--all"]] {
            let shown = said(&relto(lab, "XAA", "author", words), 0);
            let serial = one["serial"].as_str().unwrap();
            let line = shown.lines().find(|line| line.contains(serial)).unwrap_or_else(|| panic!("{shown}"));
            assert!(line.contains(one["stage"].as_str().unwrap()), "{words:?}: {line}");
        }
    }
}
