//! The main job, as the README shows it: two real daemons on loopback, real reports, receipts.
#![cfg(test)]

use std::{
    io::Read as _,
    process::{Command, Stdio},
};

#[test]
fn two_nations_exchange_real_reports() {
    let output = Command::new(env!("CARGO_BIN_EXE_relto")).args(["--json", "demo"]).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let acts: Vec<serde_json::Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(output.status.success(), "{text}\n{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(acts.iter().filter(|line| line["as_wanted"] == true).count(), 9);
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
    assert!(readers["reader_refused"].as_str().unwrap().contains("clearance for level 3"), "{readers}");
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
    assert!(!saw.is_empty() && saw.iter().all(|reason| reason != "NATIONAL_RULE"), "{saw:?}");
    // Every answer of the partner is proven by its receipt; what never left has none.
    for (file, verdict) in [("roc800-file-access.md", "admitted"), ("report-xbb.md", "refused")] {
        let receipt = &act(file)["receipt"];
        assert_eq!((&receipt["verified"], &receipt["verdict"]), (&true.into(), &verdict.into()), "{file}");
    }
    assert!(act("sinec-nms-chain.md")["receipt"].is_null());
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

#[test]
fn the_bench_measures_what_it_says() {
    let arguments = ["--json", "bench", "exchange", "--in-flight", "4", "--reports", "20"];
    let output = Command::new(env!("CARGO_BIN_EXE_relto")).args(arguments).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let measured: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&measured["reports"], &measured["receipts_proven"]), (&20.into(), &20.into()));
    let names = [
        "reports_per_second",
        "floor_reports_per_second",
        "ratio_to_floor",
        "p50_us",
        "p99_us",
        "cpu_seconds_per_1000",
        "peak_rss_mib",
    ];
    for name in names {
        assert!(measured[name].as_f64().unwrap() > 0.0, "{name}: {measured}");
    }
}
