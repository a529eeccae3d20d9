//! Each measurement of `relto bench` on a few reports: it ends, and tells what it says.
#![cfg(test)]

use serde_json::Value;
use std::process::Command;

/// What `relto bench` prints for programs.
fn measured(arguments: &str) -> Value {
    let mut command = Command::new(env!("CARGO_BIN_EXE_relto"));
    let output = command.args(["--json", "bench"]).args(arguments.split_whitespace()).output().unwrap();
    assert!(output.status.success(), "{arguments}: {}", String::from_utf8_lossy(&output.stdout));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Each of these members is a number above 0.
fn are_above_zero(object: &Value, names: &[&str]) {
    for name in names {
        let number = object[name].as_f64().unwrap_or_else(|| panic!("no number {name}: {object}"));
        assert!(number.is_finite() && number > 0.0, "{name}: {object}");
    }
}

/// The pieces of work of one measurement, each beside its floor.
fn are_beside_floors(measured: &Value, names: &[&str]) {
    let parts = measured["parts"].as_array().unwrap();
    assert_eq!(parts.iter().map(|part| part["name"].as_str().unwrap()).collect::<Vec<_>>(), names);
    for part in parts {
        are_above_zero(part, &["per_second", "ns", "floor_per_second", "ratio_to_floor"]);
        assert!(part["floor"].is_string() && part["counted"].is_string(), "{part}");
    }
}

#[test]
fn the_bench_measures_an_exchange() {
    let measured = measured("exchange --in-flight 4 --reports 20");
    assert_eq!((&measured["reports"], &measured["receipts_proven"]), (&20.into(), &20.into()));
    let rates = ["reports_per_second", "floor_reports_per_second", "ratio_to_floor"];
    are_above_zero(&measured, &rates);
    are_above_zero(&measured, &["p50_us", "p99_us", "cpu_seconds_per_1000", "peak_rss_mib"]);
}

#[test]
fn the_bench_measures_growth_and_starts() {
    // A machine's page cache is not a test's to drop.
    let small = "--reports 250 --steps 0,200 --sample 40 --in-flight 16 --starts 2 --rest 0 --cached-only";
    let measured = measured(&format!("grow {small}"));
    let steps = measured["steps"].as_array().unwrap();
    assert_eq!(steps.iter().map(|step| step["stored"].as_u64().unwrap()).collect::<Vec<_>>(), [0, 200]);
    for step in steps {
        assert_eq!(step["reports"], 40);
        are_above_zero(step, &["reports_per_second", "ratio_to_first", "ratio_to_floor", "p50_us", "p99_us"]);
        are_above_zero(&step["alone"], &["p50_us", "p99_us"]);
        are_above_zero(&step["rest_rss_mib"], &["XAA", "XBB"]);
    }
    assert_eq!(steps[0]["ratio_to_first"], 1.0);
    let starts = &measured["starts"];
    assert_eq!(starts["stored"], 340);
    are_above_zero(&starts["cached"], &["median_ms", "worst_ms"]);
    let each = starts["cached"]["starts"].as_array().unwrap();
    assert_eq!(each.len(), 2);
    for start in each {
        assert!(start["receipt_ms"].as_f64().unwrap() >= start["answered_ms"].as_f64().unwrap(), "{start}");
        assert!(start["reads"]["all_bytes"].is_u64() || start["reads"]["left_out"].is_string(), "{start}");
    }
    assert_eq!(starts["dropped"]["left_out"], "left out by --cached-only");
}

#[test]
fn the_bench_refuses_a_step_that_is_never_reached() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_relto"));
    let output = command.args(["bench", "grow", "--reports", "10", "--steps", "0,20"]).output().unwrap();
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.code() == Some(1) && told.contains("--steps") && told.contains("--reports"), "{told}");
}

#[test]
fn the_bench_measures_a_log() {
    let measured = measured("log --leaves 300 --rounds 2 --millis 2");
    assert_eq!(measured["leaves"], 300);
    let names = [
        "append",
        "append, seal every 256",
        "seal",
        "verify a head",
        "prove that a leaf stands",
        "verify that a leaf stands",
        "prove that the log only grew",
        "verify that the log only grew",
    ];
    are_beside_floors(&measured, &names);
}

#[test]
fn the_bench_measures_decisions() {
    let measured = measured("policy --reports 96 --rounds 2 --millis 2");
    are_beside_floors(&measured, &["outbound", "inbound"]);
    for side in ["outbound", "inbound"] {
        let told = &measured["sides"][side];
        let verdicts: Vec<&Value> = ["permitted", "held", "refused"].iter().filter_map(|name| told.get(name)).collect();
        verdicts.iter().for_each(|told| are_above_zero(told, &["reports", "p50_ns", "p99_ns", "p999_ns"]));
        let decided: u64 = verdicts.iter().map(|told| told["reports"].as_u64().unwrap()).sum();
        assert_eq!(decided, 96);
        assert!(told["permitted"].is_object() && told["refused"].is_object(), "{told}");
    }
    assert!(measured["sides"]["outbound"]["held"].is_object(), "{measured}");
}

#[test]
fn the_bench_measures_what_comes_before_a_decision() {
    let measured = measured("parse --rounds 2 --millis 2");
    are_beside_floors(&measured, &["decode, form and look", "decode", "rules of form", "look at the content"]);
    assert!((3_500..=4_096).contains(&measured["bytes"].as_u64().unwrap()), "{measured}");
}

#[test]
fn the_bench_measures_handshakes() {
    let measured = measured("handshake --rounds 2 --millis 2");
    are_beside_floors(&measured, &["link", "link, judgement alone", "client API"]);
}

#[test]
fn the_bench_measures_links() {
    let measured = measured("links --reports 24 --in-flight 8 --rounds 1");
    assert_eq!((&measured["links"], &measured["reports"]), (&3.into(), &24.into()));
    are_above_zero(&measured, &["ratio_to_one"]);
    are_above_zero(&measured["one"], &["reports_per_second", "p50_us", "p99_us"]);
    are_above_zero(&measured["all"], &["reports_per_second", "p50_us", "p99_us"]);
    assert!(["XAA", "XBB", "XCC"].iter().all(|nation| measured["threads"][nation].is_object()), "{measured}");
}

#[test]
fn the_bench_measures_an_attachment() {
    let measured = measured("attachment --size 300000 --rounds 2");
    let bytes = measured["bytes"].as_u64().unwrap();
    assert!((299_000..=300_000).contains(&bytes) && measured["rounds"] == 2, "{measured}");
    let rates = ["bytes_per_second", "hop_bytes_per_second", "write_bytes_per_second", "floor_bytes_per_second"];
    are_above_zero(&measured, &rates);
    are_above_zero(&measured, &["ratio_to_floor"]);
}

#[test]
fn the_bench_measures_links_at_rest() {
    let measured = measured("links --at-rest 3");
    assert_eq!(measured["links"], 3);
    for nation in ["XAA", "XBB"] {
        are_above_zero(&measured["at_rest"][nation], &["one_mib", "all_mib"]);
        assert!(measured["at_rest"][nation]["each_more_mib"].as_f64().unwrap() < 4.0, "{measured}");
    }
}
