//! The client's commands that need no running node: reading, signing, verifying, help, exit codes.
#![cfg(test)]

mod agreement;
mod agreement_new;
mod audit;
mod bodies;
mod by_hand;
mod explain;
mod files;
mod label;
mod lifecycle;

use serde_json::Value;
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// What a run of the client came to.
struct Ran {
    code: i32,
    out: String,
    err: String,
}

impl Ran {
    fn object(&self) -> Value {
        serde_json::from_str(self.out.lines().next().unwrap_or_default())
            .unwrap_or_else(|_| panic!("no object: {}{}", self.out, self.err))
    }
}

fn relto(arguments: &[&str]) -> Ran {
    let output =
        Command::new(env!("CARGO_BIN_EXE_relto")).args(arguments).env_remove("RELTO_PROFILE").output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Ran { code: output.status.code().unwrap_or(-1), out: text(output.stdout), err: text(output.stderr) }
}

fn examples() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples")
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// A laboratory: keys, agreement, stores of two nations.
fn lab(folder: &tempfile::TempDir) -> PathBuf {
    let dir = folder.path().join("lab");
    let made = relto(&["lab", "new", text(&dir)]);
    assert_eq!(made.code, 0, "{}", made.err);
    dir
}

/// Reads a report of the lab against a register, without a profile.
fn check(dir: &Path, report: &Path, json: bool) -> Ran {
    let (register, vocabulary) = (dir.join("markings-XAA.toml"), dir.join("vocabulary.toml"));
    let mut arguments = if json { vec!["--json"] } else { Vec::new() };
    arguments.extend(["check", text(report), "--register", text(&register), "--vocabulary", text(&vocabulary)]);
    relto(&arguments)
}

#[test]
fn help_names_every_command_and_gives_examples() {
    let help = relto(&["--help"]);
    assert_eq!(help.code, 0);
    for command in [
        "check",
        "submit",
        "hold",
        "inbox",
        "outbox",
        "show",
        "register",
        "receipt",
        "agreement",
        "status",
        "audit",
        "demo",
        "lab",
        "new",
    ] {
        assert!(help.out.contains(&format!("\n  {command} ")), "{command}\n{}", help.out);
        assert_eq!(relto(&[command, "--help"]).code, 0, "{command}");
    }
    for arguments in
        [&["check", "--help"][..], &["submit", "--help"], &["receipt", "--help"], &["audit", "verify", "--help"]]
    {
        let help = relto(arguments);
        assert!(help.out.contains("Example"), "{}", help.out);
        assert!(help.out.lines().all(|line| line.chars().count() <= 100), "{}", help.out);
    }
}

#[test]
fn the_help_of_each_command_of_agreements_shows_that_command() {
    for command in [
        "new",
        "show",
        "verify",
        "diff",
        "export",
        "suspend",
        "resume",
        "give-notice",
        "renew",
        "terminate",
        "adopt",
        "measure",
        "state",
        "install",
        "sign",
    ] {
        let help = relto(&["agreement", command, "--help"]);
        assert_eq!(help.code, 0, "{command}");
        let (_, examples) = help.out.split_once("Example").unwrap_or_else(|| panic!("{command}: {}", help.out));
        assert!(examples.contains(&format!("  relto agreement {command} ")), "{command}: {}", help.out);
        assert!(help.out.lines().all(|line| line.chars().count() <= 120), "{}", help.out);
    }
}

#[test]
fn api_14_exit_codes_tell_usage_failure_and_success_apart() {
    assert_eq!(relto(&["--version"]).code, 0);
    assert_eq!(relto(&[]).code, 2);
    assert_eq!(relto(&["submit", "report.md"]).code, 2, "--to is missing");
    assert_eq!(relto(&["check", "report.md", "--register", "r.toml"]).code, 2, "--vocabulary is missing");
    assert_eq!(relto(&["receipt"]).code, 2);
    let absent = relto(&["check", "no-such-report.md", "--register", "r.toml", "--vocabulary", "v.toml"]);
    assert_eq!(absent.code, 1);
    assert!(absent.err.contains("no-such-report.md") && absent.out.is_empty(), "{}", absent.err);
    let nobody = relto(&["inbox"]);
    assert_eq!(nobody.code, 1);
    assert!(nobody.err.contains("RELTO_PROFILE"), "{}", nobody.err);
}

#[test]
fn api_13_with_json_errors_are_objects_too() {
    let nobody = relto(&["--json", "inbox"]);
    assert_eq!((nobody.code, nobody.object()["error"].as_str()), (1, Some("failed")));
    assert!(nobody.err.is_empty(), "{}", nobody.err);
    let usage = relto(&["--json", "submit"]);
    assert_eq!((usage.code, usage.object()["error"].as_str()), (2, Some("usage")));
}

#[test]
fn a_good_report_reads_without_a_profile() {
    let folder = tempfile::tempdir().unwrap();
    let dir = lab(&folder).join("XAA");
    let ran = check(&dir, &dir.join("reports/report.md"), true);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    let object = ran.object();
    assert_eq!(object["serial"], "XAA-J2-2026-0431");
    assert_eq!(object["banner"], "SECRET//FGI XCC//REL TO XAA, XBB");
    assert_eq!((&object["computed_banner"], &object["banner_stated"]), (&object["banner"], &Value::Bool(true)));
    assert!(!object["not_checked"].as_array().unwrap().is_empty());
    let ran = check(&dir, &dir.join("reports/report.md"), false);
    assert!(ran.out.contains("not checked: no agreement"), "{}", ran.out);
}

#[test]
fn every_fault_of_a_file_is_told_with_its_place_and_what_closes_it_first() {
    let folder = tempfile::tempdir().unwrap();
    let dir = lab(&folder).join("XAA");
    let report = dir.join("reports/report.md");
    let good = fs::read_to_string(&report).unwrap();
    // One portion without a list closes the whole report; a form that is none stands before it in the file.
    let bad =
        good.replacen("\"assessment\"", "\"estimate\"", 1).replacen("(C//REL TO XAA, XBB) A lawful", "(C) A lawful", 1);
    fs::write(&report, &bad).unwrap();
    let ran = check(&dir, &report, false);
    assert_eq!(ran.code, 1);
    let lines: Vec<&str> = ran.err.lines().collect();
    assert!(
        lines[0].contains(": error R122: banner admits XBB; line ")
            && lines[0].contains("Leave the paragraph out, mark it (C//REL TO XAA, XBB)"),
        "{}",
        ran.err
    );
    assert!(lines[1].contains("report.md:4:14: error R013: form \"estimate\" is not known"), "{}", ran.err);
    let object = check(&dir, &report, true).object();
    assert_eq!(object["error"], "file");
    let rules: Vec<&str> =
        object["faults"].as_array().unwrap().iter().map(|one| one["rule"].as_str().unwrap()).collect();
    assert_eq!(rules, ["R122", "R013"]);
    assert_eq!(object["faults"][1]["line"], 4);
    // An attachment that is not there, and a home file of another report.
    fs::write(&report, &good).unwrap();
    fs::remove_file(dir.join("reports/sierra-14-track.csv")).unwrap();
    let ran = check(&dir, &report, false);
    assert!(ran.code == 1 && ran.err.contains("R062: no file sierra-14-track.csv"), "{}", ran.err);
}

#[test]
fn api_43_a_cache_that_cannot_be_written_is_told_with_its_path() {
    let folder = tempfile::tempdir().unwrap();
    let dir = lab(&folder).join("XAA");
    let (profile, cache) = (dir.join("people/author/profile.toml"), dir.join("people/author/cache"));
    let _ = fs::remove_dir_all(&cache);
    fs::write(&cache, "in its place").unwrap();
    let ran = relto(&["--profile", text(&profile), "status"]);
    assert!(ran.code == 1 && ran.err.contains(text(&cache)), "{}", ran.err);
}

#[test]
fn without_a_cached_agreement_check_says_how_to_get_one() {
    let folder = tempfile::tempdir().unwrap();
    let dir = lab(&folder).join("XAA");
    let profile = dir.join("people/author/profile.toml");
    let ran = relto(&["--profile", text(&profile), "check", text(&dir.join("reports/report.md")), "--to", "XBB"]);
    assert!(
        ran.code == 1 && ran.err.contains("cannot be fetched") && ran.err.contains("relto agreement show XBB"),
        "{}",
        ran.err
    );
    let ran = relto(&["--profile", text(&profile), "check", text(&dir.join("reports/report.md")), "--to", "XCC"]);
    assert!(ran.code == 1 && ran.err.contains("names no agreement with XCC"), "{}", ran.err);
    let ran = relto(&["--profile", text(&profile), "submit", text(&dir.join("reports/report.md")), "--to", "xbb"]);
    assert!(ran.code == 1 && ran.err.contains("\"xbb\" is not a nation"), "{}", ran.err);
}

#[test]
fn api_18_a_profile_with_an_unknown_key_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let profile = lab(&folder).join("XAA/people/author/profile.toml");
    let bad = fs::read_to_string(&profile).unwrap().replacen("account =", "acount =", 1);
    fs::write(&profile, bad).unwrap();
    let ran = relto(&["--profile", text(&profile), "status"]);
    assert_eq!(ran.code, 1);
    assert!(ran.err.contains("error P002: unknown key \"acount\". Did you mean \"account\"?"), "{}", ran.err);
}

#[test]
fn a_receipt_file_that_is_none_fails_and_does_not_verify() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("receipt.json");
    fs::write(&path, "{}").unwrap();
    let ran = relto(&["receipt", "--evidence", text(&path)]);
    assert!(ran.code == 1 && ran.err.contains("relto-receipt/1"), "{}", ran.err);
}
