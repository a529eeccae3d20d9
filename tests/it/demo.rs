//! The main job, as the README shows it: two real daemons on loopback, real reports, receipts.
#![cfg(test)]

use serde_json::{Value, json};
use std::{
    io::Read as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

#[test]
fn two_nations_exchange_real_reports() {
    let output = Command::new(env!("CARGO_BIN_EXE_relto")).args(["--json", "demo"]).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let acts: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(output.status.success(), "{text}\n{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(acts.iter().filter(|line| line["as_wanted"] == true).count(), 15);
    assert_eq!(acts.iter().filter(|line| line["as_wanted"] == false).count(), 0);
    // Both nations' auditors verify all logs, from both sides.
    assert_eq!(acts.iter().filter(|line| line["verified"] == true && line["logs"] == 3).count(), 2);
    let outcome = |file: &str| {
        let act = acts.iter().find(|act| act["file"] == file).unwrap();
        (
            act["outcome"].as_str().unwrap().to_owned(),
            act["reasons"].to_string(),
            act["approvals"].as_array().unwrap().len(),
        )
    };
    assert_eq!(outcome("roc800-file-access.md"), ("admitted".into(), "[]".into(), 0));
    assert_eq!(outcome("report.md"), ("admitted".into(), "[]".into(), 2));
    // A reader who is not cleared is told why, and both openings are on record.
    let readers = acts.iter().find(|line| line.get("reader_refused").is_some()).unwrap();
    assert!(readers["reader_refused"].as_str().unwrap().contains("clearance for SECRET (level 3)"), "{readers}");
    assert_eq!(readers["register"].as_array().unwrap().len(), 2);
    // Killed in the middle and restarted: nothing is lost, and the FLASH overtakes what waited.
    let killed = acts.iter().find(|line| line.get("flash_overtook").is_some()).unwrap();
    assert_eq!((&killed["submitted"], &killed["admitted"]), (&25.into(), &25.into()));
    assert_eq!(killed["flash_overtook"], true);
    let (refused, reasons, _) = outcome("sinec-nms-chain.md");
    assert_eq!(refused, "refused");
    assert!(reasons.contains("CAVEAT_FORBIDS_FOREIGN") && reasons.contains("NOT_RELEASABLE_TO_RECIPIENT"), "{reasons}");
    // The sender of what the receiver's own rules refuse learns that and nothing else; the receiver's officer sees why.
    assert_eq!(outcome("report-xbb.md"), ("refused by the partner".into(), "[\"NATIONAL_RULE\"]".into(), 2));
    let act = |file: &str| acts.iter().find(|act| act["file"] == file).unwrap();
    let saw = act("report-xbb.md")["partner_saw"].as_array().unwrap();
    assert!(!saw.is_empty() && saw.iter().all(|reason| reason["code"] != "NATIONAL_RULE"), "{saw:?}");
    // Every answer of the partner is proven by its receipt; what never left has none.
    for (file, verdict) in [("roc800-file-access.md", "admitted"), ("report-xbb.md", "refused")] {
        let receipt = &act(file)["receipt"];
        assert_eq!((&receipt["verified"], &receipt["verdict"]), (&true.into(), &verdict.into()), "{file}");
    }
    assert!(act("sinec-nms-chain.md")["receipt"].is_null());
    typed_acts(&acts);
}

/// What is shown by commands as people type them carries what they printed.
fn typed_acts(acts: &[Value]) {
    let act = |name: &str| acts.iter().find(|line| line["act"] == name).unwrap_or_else(|| panic!("no act {name}"));
    let told = act("explain");
    assert_eq!(told["failed"], json!(["CLASS_EXCEEDS_CEILING"]));
    assert_eq!(
        (&told["remedy"]["kind"], &told["remedy"]["changes"][0]["kind"]),
        (&json!("changes"), &json!("leave-out"))
    );
    let held = act("content-hold");
    assert_eq!(held["owed"][0]["code"], "CONTENT_HELD", "{held}");
    assert!(held["owed"][0]["detail"].as_str().unwrap().starts_with("a hold word stands in portion"), "{held}");
    assert_eq!(
        (held["left"].as_bool(), &held["steps"][2]["printed"][0]["standing"]["state"]),
        (Some(false), &json!("declined"))
    );
    assert!(!held["owed"].to_string().contains("AMBER LANTERN"), "the word itself is told to nobody");
    let label = act("label");
    assert!(label["originator"].as_str().unwrap().contains(":Classification>RESTRICTED<"), "{label}");
    assert!(label["alternative"].as_str().unwrap().contains(":Classification>DIFFUSION RESTREINTE<"), "{label}");
    emergency_acts(act("emergency"), act("acknowledgement"));
    let life = act("lifecycle");
    assert!(life["suspended"][0]["code"] == "AGREEMENT_SUSPENDED", "{life}");
    assert_eq!(life["resumed"], "admitted");
    let states: Vec<&str> =
        life["steps"].as_array().unwrap().iter().filter_map(|step| step["state"].as_str()).collect();
    assert_eq!(states, ["suspended", "suspended", "in-force", "in-force"], "one nation alone does not resume");
    let typed =
        |words: &str| life["steps"].as_array().unwrap().iter().any(|step| step["command"].to_string().contains(words));
    assert!(typed("agreement suspend XAA") && typed("agreement resume XBB") && typed("--office XBB/MINDEF"), "{life}");
}

/// One officer releases in an emergency, another confirms, and the recipient's office has the report.
fn emergency_acts(released: &Value, acknowledged: &Value) {
    let codes = |list: &str| -> Vec<String> {
        let owed = released[list].as_array().unwrap().iter();
        owed.map(|ground| ground["code"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(codes("usual"), ["APPROVAL_REQUIRED", "SECOND_APPROVAL_REQUIRED"]);
    assert_eq!(
        (codes("owed"), codes("confirm")),
        (
            vec!["APPROVAL_REQUIRED".into(), "SECOND_APPROVAL_REQUIRED".into(), "EMERGENCY_RELEASE".into()],
            vec!["SECOND_APPROVAL_REQUIRED".into()]
        )
    );
    let owed = released["confirm"][0]["detail"].as_str().unwrap();
    assert!(owed.contains("released in an emergency") && owed.contains("a second officer confirms it by "), "{owed}");
    for what in ["released", "admitted", "confirmed"] {
        assert_eq!(released[what], true, "{what}: {released}");
    }
    let steps = |act: &Value| -> Vec<(String, i64)> {
        let steps = act["steps"].as_array().unwrap().iter();
        steps.map(|step| (step["command"].as_str().unwrap().to_owned(), step["exit"].as_i64().unwrap())).collect()
    };
    let serial = "XAA-J2-2026-0440";
    let approvals: Vec<i64> =
        steps(released).iter().filter(|(words, _)| words.contains("hold approve")).map(|(_, exit)| *exit).collect();
    assert_eq!(approvals, [0, 1, 0], "who released it does not confirm it: {released}");
    assert!(steps(released)[1].0.ends_with("--emergency"), "{released}");
    assert_eq!(acknowledged["acknowledged_by"], "XBB/J2");
    assert_eq!(steps(acknowledged).last(), Some(&(format!("relto acknowledge {serial}"), 0)));
}

/// The laboratory's own report, as a reader would give it.
fn own_report(folder: &Path, name: &str) -> PathBuf {
    let lab = folder.join("files");
    if !lab.exists() {
        let made = Command::new(env!("CARGO_BIN_EXE_relto")).args(["lab", "new"]).arg(&lab).output().unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    }
    lab.join("XAA/reports").join(name)
}

#[test]
fn a_report_of_the_readers_own_ends_as_it_stands() {
    let folder = tempfile::tempdir().unwrap();
    for (name, code, says) in [
        (
            "melsec-exhaustion.md",
            3,
            "XAA-CYBER-2026-6120  refused: it did not leave, and the partner knows nothing of it",
        ),
        ("roc800-file-access.md", 0, "XAA-CYBER-2026-3107  admitted by the partner"),
    ] {
        let report = own_report(folder.path(), name);
        let output = Command::new(env!("CARGO_BIN_EXE_relto")).arg("demo").arg(report).output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        assert_eq!(output.status.code(), Some(code), "{text}{}", String::from_utf8_lossy(&output.stderr));
        assert!(text.contains(says) && !text.contains("All as it should be"), "{text}");
        assert!(text.contains("The exchange and its logs are as they should be."), "{text}");
    }
}

/// Processes that were started with something of this folder.
fn processes_of(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir("/proc").unwrap().filter_map(Result::ok);
    let lines = entries.filter_map(|entry| std::fs::read(entry.path().join("cmdline")).ok());
    let lines = lines.map(|line| String::from_utf8_lossy(&line).replace('\0', " "));
    lines.filter(|line| line.contains("reltod") && line.contains(folder.to_str().unwrap())).collect()
}

#[test]
fn a_demo_that_is_asked_to_end_takes_its_nodes_and_its_folder_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let kept = folder.path().join("kept");
    for (signal, keep) in [("TERM", false), ("INT", true)] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_relto"));
        command.arg("demo").env("TMPDIR", folder.path());
        if keep {
            command.arg("--keep").arg(&kept);
        }
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut first = [0; 1];
        child.stdout.as_mut().unwrap().read_exact(&mut first).unwrap();
        // A process that was just started shows its own command a moment later.
        let both = (0..200).any(|_| {
            std::thread::sleep(std::time::Duration::from_millis(25));
            processes_of(folder.path()).len() == 2
        });
        assert!(both, "both nodes run: {:?}", processes_of(folder.path()));
        let told = Command::new("kill").arg(format!("-{signal}")).arg(child.id().to_string()).status().unwrap();
        assert!(told.success());
        let output = child.wait_with_output().unwrap();
        let err = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{err}");
        assert!(
            err.contains(&format!("SIG{signal}")) && err.contains("every node that was started has been ended"),
            "{err}"
        );
        assert_eq!(processes_of(folder.path()), Vec::<String>::new());
        let left: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(|one| one.unwrap().path()).collect();
        if keep {
            assert!(err.contains(&format!("the laboratory is left as it was in {}", kept.display())), "{err}");
            assert_eq!(left, std::slice::from_ref(&kept));
        } else {
            assert!(left.is_empty() && err.contains("the laboratory is removed"), "{left:?} {err}");
        }
    }
}

/// A copy of this program whose daemon, beside it, is a script; `{}` in it is the real one.
fn with_daemon(folder: &Path, script: &str) -> PathBuf {
    let program = Path::new(env!("CARGO_BIN_EXE_relto"));
    let real = program.with_file_name("reltod");
    let text = format!("#!/bin/sh\n{}\n", script.replace("{}", real.to_str().unwrap()));
    // Written by another process: what a thread of this one has open for writing, even for a moment, cannot be run.
    let write = "cp \"$1\" \"$0/relto\" && printf %s \"$2\" > \"$0/reltod\" && chmod 700 \"$0/reltod\"";
    let written = Command::new("sh").args(["-c", write]).arg(folder).arg(program).arg(text).status().unwrap();
    assert!(written.success());
    folder.join("relto")
}

#[test]
fn a_demo_whose_outcome_is_wrong_says_which_and_fails() {
    let folder = tempfile::tempdir().unwrap();
    // The codeword is not in the list of hold words when the nodes read it: a report with a codeword in it leaves.
    let words = "for last; do :; done; echo NORTHGATE-7 > \"$(dirname \"$last\")/hold-words.txt\"; exec '{}' \"$@\"";
    let demo = with_daemon(folder.path(), words);
    let output = Command::new(demo).arg("demo").env("TMPDIR", folder.path()).output().unwrap();
    let told = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(1), "{told}{}", String::from_utf8_lossy(&output.stderr));
    let wrong: Vec<&str> = told.split("\n\n").filter(|act| act.contains("NOT AS IT SHOULD BE")).collect();
    assert!(
        wrong.len() == 1 && wrong[0].contains("a codeword of Arcadia's list") && wrong[0].contains("IT WENT"),
        "{told}"
    );
    assert!(told.contains("\nSomething was not as it should be.") && !told.contains("All as it should be"), "{told}");
    assert_eq!(processes_of(folder.path()), Vec::<String>::new());
}

#[test]
fn a_demo_one_of_whose_nodes_does_not_start_says_so_and_ends_the_other() {
    let folder = tempfile::tempdir().unwrap();
    let fails = "case \"$*\" in --init*|*XAA*) exec '{}' \"$@\";; esac; echo 'no room on the disk' >&2; exit 7";
    let demo = with_daemon(folder.path(), fails);
    let output = Command::new(demo).arg("demo").env("TMPDIR", folder.path()).output().unwrap();
    let err = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{err}");
    assert!(err.contains("XBB's node ended with exit status: 7: no room on the disk"), "{err}");
    assert_eq!(processes_of(folder.path()), Vec::<String>::new());
    let left: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(|one| one.unwrap().file_name()).collect();
    assert_eq!(left.len(), 2, "the program and its daemon: {left:?}");
}

#[test]
fn a_report_with_a_fault_is_told_before_any_node_starts() {
    let folder = tempfile::tempdir().unwrap();
    let (bad, kept) = (folder.path().join("bad.md"), folder.path().join("kept"));
    let good = include_str!("../../examples/reports/linux-port-numbers.md");
    std::fs::write(&bad, good.replacen("\"assessment\"", "\"estimate\"", 1)).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_relto"));
    let output = command.arg("demo").arg("--keep").arg(&kept).arg(&bad).output().unwrap();
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.code() == Some(1) && output.stdout.is_empty(), "{told}");
    assert!(told.contains("bad.md:4:14: error R013"), "{told}");
    assert!(!kept.exists(), "the next try has its folder");
}

#[test]
fn a_reader_who_has_seen_enough_ends_the_demo_quietly() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_relto"));
    let mut child = command.arg("demo").stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut first = [0; 1];
    child.stdout.take().unwrap().read_exact(&mut first).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success() && output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
}
