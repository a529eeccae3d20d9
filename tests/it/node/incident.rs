//! A release in an emergency that a second officer does not confirm: what the officer is told, and a store that verifies.

use super::{Lab, connect, done, relto, run, until};
use relto_formats::api::{Status, Submission};

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
        done(&relto(&lab, "XAA", "officer-1", &["hold", "approve", SERIAL, "--emergency", "--yes"]), 0);
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
        let config = lab.dir.join("XAA/node.toml");
        let verified = relto(&lab, "XAA", "auditor", &["audit", "verify", "--config", config.to_str().unwrap()]);
        assert!(done(&verified, 0).contains("3 logs verified"));
    });
}
