//! Live and exercise traffic between the same two nations: two agreements, two links, four logs, two seal keys a nation.

use super::{Lab, connect, run, said, until};
use relto_audit::{checkpoint::SignedCheckpoint, origin::Origin};
use relto_formats::api::{Sent, Status};
use relto_host::{heads::HeadRing, keys::load_signer};
use relto_report::{
    crypto::{PublicKey, Signer as _},
    nation::Nation,
};
use serde_json::Value;
use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
    time::Duration,
};

const LIVE: &str = "XAA-XBB-2026-01";
const ID: &str = "EX-NORTHERN-LANTERN-26";
const LIVE_SERIAL: &str = "XAA-CYBER-2026-3107";
const SERIAL: &str = "XAA-EX-2026-0001";
const ENGLISH: &str = "EXERCISE EXERCISE EXERCISE";
const FRENCH: &str = "EXERCICE EXERCICE EXERCICE";

/// A command as one of the nation's people, by the live profile or that of the exercise.
fn relto(lab: &Lab, nation: &str, (account, profile): (&str, &str), words: &[&str]) -> Output {
    let profile = lab.dir.join(nation).join("people").join(account).join(profile);
    let mut command = Command::new(env!("CARGO_BIN_EXE_relto"));
    command.env_remove("RELTO_PROFILE").arg("--profile").arg(profile).args(words).output().unwrap()
}

fn objects(output: &Output) -> Vec<Value> {
    said(output, 0).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

const LIVE_AUTHOR: (&str, &str) = ("author", "profile.toml");
const PLAYER: (&str, &str) = ("author", "exercise.toml");

fn report(lab: &Lab, name: &str) -> PathBuf {
    lab.dir.join("XAA/reports").join(name)
}

fn submit(lab: &Lab, by: (&str, &str), name: &str, code: i32) -> String {
    let path = report(lab, name);
    said(&relto(lab, "XAA", by, &["submit", path.to_str().unwrap(), "--to", "XBB", "--wait"]), code)
}

/// Waits until Borealia's reader is listed a report: its receipt is signed before it leaves, and on record just after.
fn arrived(lab: &Lab, by: (&str, &str), serial: &str) {
    let is_listed = || objects(&relto(lab, "XBB", by, &["--json", "inbox"])).iter().any(|one| one["serial"] == serial);
    assert!(
        (0..100).any(|_| is_listed() || {
            std::thread::sleep(Duration::from_millis(50));
            false
        }),
        "{serial}"
    );
}

fn first_and_last(text: &str) -> (&str, &str) {
    (text.lines().next().unwrap(), text.lines().next_back().unwrap())
}

#[test]
fn api_30_api_31_live_and_exercise_reports_go_each_by_their_own_link_log_and_inbox() {
    let lab = Lab::with(&["--exercise"]);
    {
        let (_arcadia, _borealia) = (lab.start("XAA"), lab.start("XBB"));
        run(async {
            let mut author = connect(&lab.person("XAA", "author")).await;
            let linked = |status: &Status| {
                status.links.len() == 2 && status.links.iter().all(|link| link.connected && link.heads_confirmed)
            };
            until(&mut author, 20, linked).await;
            crossed_over(&lab);
            let sent: Vec<Sent> = author.get("/v1/outbox").await.unwrap();
            assert!(sent.is_empty(), "{sent:?}");
        });
        let answer = submit(&lab, LIVE_AUTHOR, "roc800-file-access.md", 0);
        assert!(answer.contains("admitted by the partner") && !answer.contains("EXERCISE"), "{answer}");
        let answer = submit(&lab, PLAYER, "exercise.md", 0);
        assert!(answer.contains("admitted by the partner"), "{answer}");
        assert_eq!(first_and_last(&answer), (ENGLISH, ENGLISH), "{answer}");
        arrived(&lab, LIVE_AUTHOR, LIVE_SERIAL);
        arrived(&lab, PLAYER, SERIAL);
        boxes(&lab);
        readers(&lab);
        real_event(&lab);
    }
    logs(&lab);
}

/// Refused at home, for one reason, whichever way it was tried.
fn crossed_over(lab: &Lab) {
    for (by, name, serial) in [(LIVE_AUTHOR, "exercise.md", SERIAL), (PLAYER, "roc800-file-access.md", LIVE_SERIAL)] {
        let told = submit(lab, by, name, 3);
        let codes: Vec<&str> =
            told.lines().filter_map(|line| line.trim().split_once(": ")).map(|(code, _)| code).collect();
        assert!(codes.contains(&"TRAFFIC_KIND_MISMATCH"), "{told}");
        assert!(told.contains(serial), "{told}");
        let path = report(lab, name);
        let checked = relto(lab, "XAA", by, &["check", path.to_str().unwrap(), "--to", "XBB"]);
        assert!(said(&checked, 3).contains("TRAFFIC_KIND_MISMATCH"));
    }
}

/// Each list is of one traffic and says which; a serial of the other is not found.
fn boxes(lab: &Lab) {
    for (by, id, serial, traffic, other) in
        [(LIVE_AUTHOR, LIVE, LIVE_SERIAL, "live", SERIAL), (PLAYER, ID, SERIAL, ID, LIVE_SERIAL)]
    {
        let lists: [(&str, &[&str]); 3] = [("XAA", &["outbox"]), ("XAA", &["outbox", "--all"]), ("XBB", &["inbox"])];
        for (nation, words) in lists {
            let list = objects(&relto(lab, nation, by, &[&["--json"], words].concat()));
            let found = list.iter().find(|one| one["serial"] == serial).unwrap_or_else(|| panic!("{list:?}"));
            assert_eq!((&found["agreement"], &found["traffic"]), (&id.into(), &traffic.into()));
            assert!(list.iter().all(|one| one["traffic"] == traffic), "{list:?}");
            let told = said(&relto(lab, nation, by, words), 0);
            assert_eq!(told.contains(ID), traffic == ID, "{told}");
            if words.len() == 1 {
                assert_eq!((list.len(), told.contains(serial), told.contains(other)), (1, true, false), "{told}");
            }
        }
        let note = relto(lab, "XBB", by, &["inbox"]).stderr;
        assert!(String::from_utf8_lossy(&note).contains("1 more of traffic"));
        let none = relto(lab, "XBB", by, &["show", other]);
        said(&none, 1);
        // Both logs have leaves of the same names: what is opened is the profile's own.
        let leaf = objects(&relto(lab, "XBB", by, &["--json", "inbox"]))[0]["leaf"].as_str().unwrap().to_owned();
        let shown = objects(&relto(lab, "XBB", by, &["--json", "show", &leaf]));
        assert_eq!((&shown[0]["received"]["serial"], &shown[0]["traffic"]), (&serial.into(), &traffic.into()));
        let receipt = objects(&relto(lab, "XAA", by, &["--json", "receipt", &leaf]));
        assert_eq!((&receipt[0]["serial"], &receipt[0]["traffic"]), (&serial.into(), &traffic.into()));
    }
}

/// The whole text says what it is, first and last, to each reader in the words of their own register.
fn readers(lab: &Lab) {
    let shown = said(&relto(lab, "XBB", PLAYER, &["show", SERIAL]), 0);
    assert_eq!(first_and_last(&shown), (FRENCH, FRENCH), "{shown}");
    assert!(shown.starts_with(&format!("{FRENCH}\n{ENGLISH}\nRESTRICTED//")), "{shown}");
    assert!(shown.trim_end().ends_with(&format!("{ENGLISH}\n{FRENCH}")), "{shown}");
    let shown = said(&relto(lab, "XAA", PLAYER, &["show", SERIAL]), 0);
    assert_eq!(first_and_last(&shown), (ENGLISH, ENGLISH), "{shown}");
    let shown = said(&relto(lab, "XBB", LIVE_AUTHOR, &["show", LIVE_SERIAL]), 0);
    assert!(shown.starts_with("RESTRICTED//") && !shown.contains("EXERCI"), "{shown}");
    let receipt = said(&relto(lab, "XAA", PLAYER, &["receipt", SERIAL]), 0);
    assert_eq!(first_and_last(&receipt), (ENGLISH, ENGLISH), "{receipt}");
    let register = said(&relto(lab, "XBB", ("auditor", "profile.toml"), &["register"]), 0);
    assert!(register.contains(ID) && register.contains(LIVE_SERIAL), "an auditor sees all: {register}");
}

/// What is real goes over the live link, and its reader is told.
fn real_event(lab: &Lab) {
    const REAL: &str = "XAA-CYBER-2026-3199";
    let path = report(lab, "real.md");
    let text = fs::read_to_string(report(lab, "exercise.md")).unwrap();
    let marked = text.replace(SERIAL, REAL).replacen("title      = \"(U) ", "title      = \"(U) NO DUFF ", 1);
    let home = fs::read_to_string(report(lab, "exercise.home.toml")).unwrap();
    fs::write(path.with_extension("home.toml"), home.replace(SERIAL, REAL)).unwrap();
    fs::write(&path, &marked).unwrap();
    let name = path.to_str().unwrap();
    for by in [PLAYER, LIVE_AUTHOR] {
        for word in ["check", "submit"] {
            let told = relto(lab, "XAA", by, &[word, name, "--to", "XBB"]);
            said(&told, 1);
            let told = String::from_utf8_lossy(&told.stderr).into_owned();
            assert!(told.contains("real.md:5:19: error R026:") && told.contains("NO DUFF"), "{told}");
        }
    }
    assert!(!path.with_extension("XBB.submission").exists(), "nothing is signed");
    fs::write(&path, marked.replacen(ID, "live", 1)).unwrap();
    said(&relto(lab, "XAA", PLAYER, &["check", name, "--to", "XBB"]), 3);
    let checked = relto(lab, "XAA", LIVE_AUTHOR, &["check", name, "--to", "XBB"]);
    assert!(said(&checked, 5).contains("live, and marked NO DUFF"));
    let object = relto(lab, "XAA", LIVE_AUTHOR, &["--json", "check", name, "--to", "XBB"]);
    let object: Value = serde_json::from_str(&said(&object, 5)).unwrap();
    assert_eq!((&object["traffic"], &object["real_event"]), (&"live".into(), &"NO DUFF".into()));
    submit(lab, PLAYER, "real.md", 3);
    submit(lab, LIVE_AUTHOR, "real.md", 0);
    arrived(lab, LIVE_AUTHOR, REAL);
    let shown = said(&relto(lab, "XBB", LIVE_AUTHOR, &["show", REAL]), 0);
    assert_eq!(first_and_last(&shown), ("NO DUFF", "NO DUFF"), "{shown}");
    said(&relto(lab, "XBB", PLAYER, &["show", REAL]), 1);
}

/// Each log holds its own reports, and its heads are signed by its own key and no other.
fn logs(lab: &Lab) {
    for nation in ["XAA", "XBB"] {
        let config = lab.config(nation);
        let words = ["--json", "audit", "verify", "--config", config.to_str().unwrap()];
        let found = objects(&relto(lab, nation, ("auditor", "profile.toml"), &words));
        assert_eq!(found.last().unwrap()["logs"], 5, "{found:?}");
        let payloads = |id: &str| {
            let of =
                |one: &&Value| one["log"] == "XAA>XBB" && one["what"].as_str().is_some_and(|what| what.ends_with(id));
            found.iter().find(of).unwrap()["payloads"].as_u64().unwrap()
        };
        assert_eq!((payloads(LIVE), payloads(ID)), (2, 1), "{found:?}");
        heads(&lab.dir.join(nation), nation);
    }
}

fn heads(folder: &Path, nation: &str) {
    let key = |name: &str| load_signer(&folder.join(name), None).unwrap().public_key();
    let (live, exercise) = (key("seal.key"), key("exercise-seal.key"));
    assert_ne!(live, exercise);
    let heads = HeadRing::read(&folder.join("heads.ring")).unwrap();
    let own = Nation::parse(nation).unwrap();
    let is_by =
        |origin: Origin, key: &PublicKey| SignedCheckpoint::open(heads.of(origin).unwrap(), origin, key).is_ok();
    for (id, right, wrong) in [(LIVE, live, exercise), (ID, exercise, live)] {
        let origin = Origin::new(id, own, 0);
        assert!(is_by(origin, &right) && !is_by(origin, &wrong), "{nation} {id}");
    }
    let journal = relto_host::inspect::journal_of(own);
    assert!(is_by(journal, &live) && !is_by(journal, &exercise), "{nation}");
}

#[test]
fn api_31_a_file_of_an_exercise_says_so_without_a_node() {
    let lab = Lab::with(&["--exercise"]);
    let folder = lab.dir.join("XAA");
    let path = |name: &str| folder.join(name).to_str().unwrap().to_owned();
    let check = |words: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_relto"));
        command.env_remove("RELTO_PROFILE").args(words).args(["check", &path("reports/exercise.md")]);
        command.args(["--register", &path("markings-XAA.toml"), "--vocabulary", &path("vocabulary.toml")]);
        command.output().unwrap()
    };
    let told = said(&check(&[]), 0);
    assert_eq!(first_and_last(&told), (ENGLISH, ENGLISH), "{told}");
    assert!(told.contains(ID), "{told}");
    assert_eq!(objects(&check(&["--json"]))[0]["traffic"], ID);
    let file = folder.join("reports/exercise.md");
    let text = fs::read_to_string(&file).unwrap();
    // Words of their own, in these letters, wherever a line ends.
    let from = "Two Arcadian operators";
    for (to, code) in [("No duff", 0), ("NO DUFFLE", 0), ("casino DUFF", 0), ("NO\nDUFF", 1), ("[NO DUFF]", 1)] {
        fs::write(&file, text.replacen(from, to, 1)).unwrap();
        said(&check(&[]), code);
    }
}

/// What a check says that is not let start, without its last line.
fn faults(lab: &Lab) -> Vec<String> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_reltod"));
    let told = command.arg("--config").arg(lab.config("XAA")).arg("--check").output().unwrap();
    let mut lines: Vec<String> = String::from_utf8(told.stderr).unwrap().lines().map(str::to_owned).collect();
    assert_eq!(lines.pop().as_deref(), Some("reltod: not started"), "{lines:#?}");
    lines
}

#[test]
fn api_30_a_seal_key_that_is_not_the_exercises_own_is_told_with_file_and_key() {
    let lab = Lab::with(&["--exercise"]);
    let folder = lab.dir.join("XAA");
    let good = fs::read_to_string(lab.config("XAA")).unwrap();
    let with =
        |to: &str| fs::write(lab.config("XAA"), good.replacen("seal_key = \"exercise-seal.key\"", to, 1)).unwrap();
    with("seal_key = \"nowhere.key\"");
    let told = faults(&lab);
    assert!(told.len() == 1 && told[0].starts_with("link.seal_key: ") && told[0].contains("nowhere.key"), "{told:#?}");
    for (to, key) in [("seal_key = \"seal.key\"", "link.seal_key = "), ("", "seal_key = ")] {
        with(to);
        let told = faults(&lab);
        assert!(
            told.len() == 1 && told[0].starts_with(key) && told[0].contains("seal.key is not the seal key"),
            "{told:#?}"
        );
        assert!(told[0].ends_with(&format!("XAA in {ID}")), "{told:#?}");
    }
    // With another fault beside it both are told.
    with("seal_key = 7");
    lab.set("XAA", "log", Some("\"xml\""));
    let told = faults(&lab);
    assert!(told.iter().any(|line| line.contains("error C003: link.seal_key must be a text")), "{told:#?}");
    assert!(told.iter().any(|line| line.contains("error C015")), "{told:#?}");
    // The agreement itself names the live keys, properly signed.
    let (live, played) = (folder.join("agreement.toml"), folder.join("exercise-agreement.toml"));
    let keys = |path: &Path| -> Vec<String> {
        let text = fs::read_to_string(path).unwrap();
        text.lines().filter(|line| line.starts_with("seal_key")).map(str::to_owned).collect()
    };
    let mut text = fs::read_to_string(&played).unwrap();
    for (own, live) in keys(&played).iter().zip(keys(&live)) {
        text = text.replacen(own, &live, 1);
    }
    fs::write(&played, text).unwrap();
    fs::remove_file(folder.join("exercise-agreement.toml.sig")).unwrap();
    for office in ["XAA/NSA", "XAA/MOD", "XAA/MFA", "XBB/ANS", "XBB/MINDEF"] {
        let key = lab.dir.join("signers").join(format!("{}.key", office.replace('/', "-")));
        let words = ["agreement", "sign", played.to_str().unwrap(), "--key", key.to_str().unwrap()];
        let of = ["--nation", &office[..3], "--office", office];
        said(&relto(&lab, "XAA", LIVE_AUTHOR, &[&words[..], &of[..]].concat()), 0);
    }
    with("");
    let told = faults(&lab);
    assert_eq!(told.len(), 2, "{told:#?}");
    for (line, nation) in told.iter().zip(["XAA", "XBB"]) {
        assert!(line.contains(&format!("the same seal key of {nation}.")), "{told:#?}");
        assert!(line.contains(LIVE) && line.contains(ID) && line.contains("node.toml: link.seal_key"), "{told:#?}");
    }
    // One agreement in two links.
    fs::write(lab.config("XAA"), good.replacen("\"exercise-agreement.toml\"", "\"agreement.toml\"", 1)).unwrap();
    let told = faults(&lab);
    assert!(told.iter().any(|line| line.contains(&format!("link.agreement: {LIVE} is here twice"))), "{told:#?}");
}

#[test]
fn an_exercise_that_is_added_to_a_store_in_use_is_told_and_nothing_is_written() {
    let lab = Lab::with(&["--exercise"]);
    let config = lab.config("XAA");
    let both = fs::read_to_string(&config).unwrap();
    let (live, rest) = both.rsplit_once("\n[[link]]").unwrap();
    let (_, people) = rest.split_once("\n[[person]]").unwrap();
    // As a node that knew of no exercise when it was made.
    fs::write(&config, format!("{live}\n[[person]]{people}")).unwrap();
    fs::remove_dir_all(lab.dir.join("XAA/data")).unwrap();
    fs::remove_file(lab.dir.join("XAA/heads.ring")).unwrap();
    let made = lab.init("XAA");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    fs::write(&config, both).unwrap();
    let before = fs::read(lab.dir.join("XAA/heads.ring")).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_reltod"));
    let told = command.arg("--config").arg(&config).output().unwrap();
    let text = String::from_utf8_lossy(&told.stderr);
    assert_eq!(told.status.code(), Some(78), "{text}");
    assert!(text.contains(&format!("{ID}: our log of it has no Genesis")), "{text}");
    assert_eq!(fs::read(lab.dir.join("XAA/heads.ring")).unwrap(), before);
}
