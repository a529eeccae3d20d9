//! What `relto lab new` says to type, typed; and what a person does next.

use super::{Ran, lab, relto, text};
use serde_json::Value;
use std::{
    fs,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

/// Daemons of a laboratory.
pub(super) struct Daemons(Vec<Child>);

impl Drop for Daemons {
    fn drop(&mut self) {
        for child in &mut self.0 {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

impl Daemons {
    pub(super) fn start(dir: &Path, nations: &[&str]) -> Self {
        let start = |nation: &&str| {
            let folder = dir.join(nation);
            let log = fs::File::options().create(true).append(true).open(folder.join("node.log")).unwrap();
            let mut command = Command::new(env!("CARGO_BIN_EXE_reltod"));
            command.arg("--config").arg(folder.join("node.toml")).stdin(Stdio::null()).stderr(log).spawn().unwrap()
        };
        let daemons = Self(nations.iter().map(start).collect());
        for nation in nations {
            let wanted = |status: &Value| nations.len() == 1 || status["links"][0]["heads_confirmed"] == true;
            let up = || {
                let ran = person(dir, nation, "author", &["--json", "status"]);
                ran.code == 0 && wanted(&ran.object())
            };
            assert!(
                (0..400).any(|_| up() || {
                    std::thread::sleep(Duration::from_millis(25));
                    false
                }),
                "{nation} is not up: {}\n{}",
                person(dir, nation, "author", &["--json", "status"]).out,
                fs::read_to_string(dir.join(nation).join("node.log")).unwrap_or_default()
            );
        }
        daemons
    }
}

fn profile(dir: &Path, nation: &str, account: &str) -> PathBuf {
    dir.join(nation).join("people").join(account).join("profile.toml")
}

pub(super) fn person(dir: &Path, nation: &str, account: &str, words: &[&str]) -> Ran {
    let profile = profile(dir, nation, account);
    relto(&[&["--profile", text(&profile)], words].concat())
}

fn objects(ran: &Ran) -> Vec<Value> {
    ran.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn what_lab_new_says_works_as_it_is_printed() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("lab");
    let made = relto(&["--json", "lab", "new", text(&dir)]);
    let commands: Vec<Vec<String>> = serde_json::from_value(made.object()["commands"].clone()).unwrap();
    let daemon = |command: &Vec<String>| command[0].ends_with("/reltod");
    assert_eq!(commands.iter().filter(|command| daemon(command)).count(), 2);
    let _daemons = Daemons::start(&dir, &["XAA", "XBB"]);
    let mut said = Vec::new();
    for command in commands.iter().filter(|command| !daemon(command)) {
        let mut typed = Command::new(&command[0]);
        typed.args(&command[1..]).current_dir(folder.path()).env_remove("RELTO_PROFILE").stdin(Stdio::null());
        // There is no terminal to be asked at here.
        if command.iter().any(|word| word == "approve") {
            typed.arg("--yes");
        }
        let mut output = typed.output().unwrap();
        // A person does not type as fast as this: the partner's answer may be on its way.
        for _ in 0..2_400 {
            if output.status.code() != Some(1) || !command.iter().any(|word| word == "receipt") {
                break;
            }
            std::thread::sleep(Duration::from_millis(25));
            output = typed.output().unwrap();
        }
        let told = format!(
            "{command:?}\n{}{}",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
        // Held, at first by both officers, then by the second.
        let held = command.iter().any(|word| word.ends_with("reports/report.md") || word == "officer-1");
        let first = told.contains("officer-1/profile.toml") && command.iter().any(|word| word == "approve");
        // A file that is still to be filled in.
        let dry = command.iter().any(|word| word == "check");
        let owed = held && command.iter().any(|word| word == "submit") || first;
        let wanted = if dry {
            1
        } else if owed {
            5
        } else {
            0
        };
        assert_eq!(output.status.code(), Some(wanted), "{told}");
        said.push(told);
    }
    let after = |word: &str| said.iter().find(|told| told.contains(&format!("\"{word}\""))).unwrap();
    assert!(after("receipt").contains("XBB proves"), "{}", after("receipt"));
    assert!(after("inbox").contains("XAA-CYBER-2026-3107"), "{}", after("inbox"));
    assert!(after("verify").contains("3 logs verified"), "{}", after("verify"));
}

#[test]
fn an_author_sees_every_submission_and_what_became_of_it() {
    let folder = tempfile::tempdir().unwrap();
    let dir = lab(&folder);
    let _daemons = Daemons::start(&dir, &["XAA", "XBB"]);
    let author = |words: &[&str]| person(&dir, "XAA", "author", words);
    let report = |name: &str| dir.join("XAA/reports").join(name);
    let submit = |name: &str| author(&["submit", text(&report(name)), "--to", "XBB", "--wait"]).code;
    assert_eq!((submit("roc800-file-access.md"), submit("report.md"), submit("melsec-exhaustion.md")), (0, 5, 3));
    let all = objects(&author(&["--json", "outbox", "--all"]));
    let stands: Vec<&str> = all.iter().map(|one| one["standing"]["state"].as_str().unwrap()).collect();
    assert_eq!(stands, ["refused", "held", "resolved"], "newest first");
    let shown = author(&["outbox", "--all"]).out;
    assert!(shown.contains("held; officers owe:\n") && shown.contains("  TOPIC_OUT_OF_SCOPE\n"), "{shown}");
    assert!(shown.contains("APPROVAL_REQUIRED SECOND_APPROVAL_REQUIRED"), "{shown}");
    assert!(shown.lines().all(|line| line.chars().count() <= 100), "{shown}");
    // A draft is found by its serial; somebody else's is not.
    let draft = author(&["show", "XAA-J2-2026-0431"]);
    assert!(draft.code == 0 && draft.out.contains("officers owe"), "{}{}", draft.out, draft.err);
    let none = author(&["show", "XAA-J2-2026-9999"]);
    assert!(none.code == 1 && none.err.contains("was not submitted here"), "{}", none.err);
    let other = person(&dir, "XBB", "author", &["--json", "outbox", "--all"]);
    assert_eq!((other.code, other.out.as_str()), (0, ""));
    // The same report again is no fault of the file.
    let again = author(&["submit", text(&report("roc800-file-access.md")), "--to", "XBB"]);
    assert!(again.code == 1 && again.err.contains("released already, as XAA>XBB:"), "{}", again.err);
    assert!(again.err.contains("relto show XAA-CYBER-2026-3107"), "{}", again.err);
    changed_while_held(&dir, &report("report.md"), all[1]["id"].as_str().unwrap());
}

/// The text that was signed never goes in place of the one that is in the file now.
fn changed_while_held(dir: &Path, report: &Path, id: &str) {
    let submit =
        |more: &[&str]| person(dir, "XAA", "author", &[&["submit", text(report), "--to", "XBB"], more].concat());
    let unchanged = submit(&[]);
    assert!(unchanged.code == 5 && unchanged.err.contains("again, as it was signed"), "{}", unchanged.err);
    let good = fs::read_to_string(report).unwrap();
    fs::write(report, good.replacen("\"PRIORITY\"", "\"ROUTINE\"", 1)).unwrap();
    let changed = submit(&[]);
    assert!(changed.code == 1 && changed.err.contains("was changed after it was signed"), "{}", changed.err);
    assert!(changed.err.contains(&format!("relto hold refuse {id}")), "{}", changed.err);
    assert_eq!(submit(&["--as-signed"]).code, 5);
    let declined = person(dir, "XAA", "officer-1", &["hold", "refuse", id, "--reason", "ROUTINE will do"]);
    assert_eq!(declined.code, 0, "{}", declined.err);
    let anew = submit(&[]);
    assert!(anew.code == 5 && anew.err.contains("signed anew") && !anew.out.contains(id), "{}{}", anew.out, anew.err);
}

#[test]
fn a_new_report_reads_as_it_is_and_overwrites_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let dir = lab(&folder);
    let _daemons = Daemons::start(&dir, &["XAA"]);
    let _other = Daemons::start(&dir, &["XBB"]);
    let mut serials = Vec::new();
    for (nation, to, form) in
        [("XAA", "XBB", "assessment"), ("XAA", "XBB", "indicator-list"), ("XBB", "XAA", "warning")]
    {
        let file = folder.path().join(format!("{nation}-{form}.md"));
        let out = text(&file);
        let ran =
            person(&dir, nation, "author", &["--json", "new", "report", "--to", to, "--form", form, "--out", out]);
        assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
        let serial = ran.object()["serial"].as_str().unwrap().to_owned();
        assert!(serial.starts_with(&format!("{nation}-J2-")), "{serial}");
        assert!(fs::read_to_string(file.with_extension("home.toml")).unwrap().contains(&serial));
        let checked = person(&dir, nation, "author", &["--json", "check", out, "--to", to]);
        // It reads and is decided on from the first line on; it is not to be submitted as it is.
        let object = checked.object();
        assert!(
            checked.code == 1 && matches!(object["verdict"].as_str(), Some("releasable" | "held")),
            "{form}: {object}"
        );
        assert!(object["unfilled"].as_str().is_some_and(|left| left.starts_with('(')), "{form}: {object}");
        assert_eq!(object["warnings"], serde_json::json!([]), "{form}");
        let online = person(&dir, nation, "author", &["--json", "check", out, "--to", to, "--online"]);
        assert_eq!((online.code, &online.object()["unfilled"]), (1, &object["unfilled"]), "{form}: {}", online.err);
        let sent = person(&dir, nation, "author", &["submit", out, "--to", to, "--accept-banner"]);
        assert!(sent.code == 1 && sent.err.contains("is still there from `relto new report`"), "{form}: {}", sent.err);
        serials.push(serial);
        let again = person(&dir, nation, "author", &["new", "report", "--to", to, "--out", out]);
        assert!(again.code == 1 && again.err.contains("nothing was written over"), "{}", again.err);
    }
    serials.dedup();
    assert_eq!(serials.len(), 3);
    let spot = person(&dir, "XAA", "author", &["new", "report", "--to", "XBB", "--form", "spot-report"]);
    assert!(spot.code == 1 && spot.err.contains("These do: assessment, indicator-list"), "{}", spot.err);
}

#[test]
fn the_first_check_fetches_the_agreement_and_errors_are_plain_words() {
    let folder = tempfile::tempdir().unwrap();
    let dir = lab(&folder);
    let report = dir.join("XAA/reports/roc800-file-access.md");
    let check = || person(&dir, "XAA", "author", &["check", text(&report), "--to", "XBB"]);
    let down = check();
    assert!(down.code == 1 && down.err.contains("the node is not running"), "{}", down.err);
    assert!(down.err.contains("relto agreement show XBB") && !down.err.contains("http"), "{}", down.err);
    let config = dir.join("XAA/node.toml");
    let people = fs::read_to_string(&config).unwrap();
    fs::write(&config, people.replacen("account = \"operator\"", "account = \"someone-else\"", 1)).unwrap();
    {
        let _daemons = Daemons::start(&dir, &["XAA"]);
        let status = person(&dir, "XAA", "author", &["status"]);
        assert!(status.out.contains("NOT CONNECTED; releases wait"), "{}", status.out);
        let first = check();
        assert!(first.code == 5 && first.err.contains("nothing of the report was sent"), "{}{}", first.out, first.err);
        // A certificate of the nation whose account the node's configuration does not have.
        let stranger = person(&dir, "XAA", "operator", &["status"]);
        assert!(stranger.code == 1 && !stranger.err.contains("http"), "{}", stranger.err);
        let told = "the node does not accept our certificate: it closed the connection before it was asked anything";
        assert!(stranger.err.contains(told), "{}", stranger.err);
    }
    let kept = check();
    assert!(kept.code == 5, "the agreement is kept: {}", kept.err);
    // Only the node has the national rules: of this level it may go at once, of that it may not.
    let unless = "\nheld, unless a standing authority of the national rules releases it at once\n";
    assert!(kept.out.contains(unless), "{}", kept.out);
    // After a day it is asked for first, and used with a word of warning where no node answers.
    let cached = dir.join("XAA/people/author/cache/XAA-XBB-2026-01.json");
    let mut object: serde_json::Value = serde_json::from_slice(&fs::read(&cached).unwrap()).unwrap();
    let fetched = object["fetched"].as_u64().unwrap();
    object["fetched"] = (fetched - 86_500_000).into();
    fs::write(&cached, object.to_string()).unwrap();
    let old = check();
    assert!(old.code == 5 && old.err.contains("more than a day ago, and may have changed since"), "{}", old.err);
    assert!(old.err.contains("the node is not running"), "{}", old.err);
    {
        let _daemons = Daemons::start(&dir, &["XAA"]);
        let asked = check();
        assert!(asked.code == 5 && !asked.err.contains("a day ago"), "{}", asked.err);
        let object: serde_json::Value = serde_json::from_slice(&fs::read(&cached).unwrap()).unwrap();
        assert!(object["fetched"].as_u64().unwrap() >= fetched, "it was fetched anew");
    }
    let secret = dir.join("XAA/reports/report.md");
    let secret = person(&dir, "XAA", "author", &["check", text(&secret), "--to", "XBB"]);
    assert!(secret.code == 5 && secret.out.contains("\nheld: XBB may have it once people"), "{}", secret.out);
}

#[test]
fn the_daemon_says_what_it_is() {
    let help = Command::new(env!("CARGO_BIN_EXE_reltod")).arg("--help").output().unwrap();
    let text = String::from_utf8(help.stdout).unwrap();
    assert!(text.starts_with("The node of one nation"), "{text}");
}
