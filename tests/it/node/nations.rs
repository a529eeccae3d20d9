//! One report to two nations, each under its own agreement with Arcadia: one command, a verdict and a receipt each, and
//! nothing of one link on the other.

use super::{Daemon, Lab, connect, relto, run, said, until};
use relto_formats::api::Status;
use serde_json::{Value, json};
use std::{
    fs,
    path::{Path, PathBuf},
    process::Output,
    time::Duration,
};

const XBB: &str = "XAA-XBB-2026-01";
const XCC: &str = "XAA-XCC-2026-01";
const SERIAL: &str = "XAA-CYBER-2026-3120";

fn objects(output: &Output, code: i32) -> Vec<Value> {
    said(output, code).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn object(output: &Output, code: i32) -> Value {
    let list = objects(output, code);
    assert_eq!(list.len(), 1, "{list:?}");
    list.into_iter().next().unwrap()
}

fn folder(lab: &Lab) -> PathBuf {
    lab.dir.join("XAA/reports")
}

/// A report for both, as the laboratory's with some of it put in another way.
fn variant(lab: &Lab, serial: &str, changes: &[(&str, &str)]) -> PathBuf {
    let path = folder(lab).join(format!("{serial}.md"));
    let mut text = fs::read_to_string(folder(lab).join("to-both.md")).unwrap().replace(SERIAL, serial);
    for (from, to) in changes {
        assert!(text.contains(from), "{from} in {text}");
        text = text.replace(from, to);
    }
    fs::write(&path, text).unwrap();
    let home = fs::read_to_string(folder(lab).join("to-both.home.toml")).unwrap();
    fs::write(path.with_extension("home.toml"), home.replace(SERIAL, serial)).unwrap();
    path
}

fn to_both(lab: &Lab, word: &str, path: &Path, more: &[&str]) -> Output {
    let file = path.to_str().unwrap();
    relto(lab, "XAA", "author", &[&["--json", word, file, "--to", "XBB", "--to", "XCC"], more].concat())
}

/// The files of a report's submissions, by what comes after its name.
fn kept(path: &Path) -> Vec<String> {
    let stem = format!("{}.", path.file_stem().unwrap().to_str().unwrap());
    let names = fs::read_dir(path.parent().unwrap()).unwrap().map(|one| one.unwrap().file_name());
    let mut out: Vec<String> = names
        .filter_map(|name| Some(name.to_str()?.strip_prefix(&stem)?.to_owned()))
        .filter(|rest| rest.contains("submission"))
        .collect();
    out.sort();
    out
}

fn plaintexts(path: &Path) -> Vec<Value> {
    let stem = path.with_extension("").to_str().unwrap().to_owned();
    let read = |rest: &String| fs::read(format!("{stem}.{rest}")).unwrap();
    let body = |rest: &String| serde_json::from_slice::<Value>(&read(rest)).unwrap();
    kept(path).iter().map(|rest| body(rest)["plaintext"].clone()).collect()
}

/// Both nations' lines of `submit`, with the standing's word and whatever it names.
fn stands(told: &Value, at: usize, nation: &str, agreement: &str) -> Value {
    let line = &told["submissions"][at];
    assert_eq!((&line["to"], &line["agreement"]), (&json!(nation), &json!(agreement)), "{told}");
    assert_eq!(line["error"], Value::Null, "{told}");
    line["submission"]["standing"].clone()
}

/// Waits until a nation's author is listed a report.
fn arrived(lab: &Lab, nation: &str, serial: &str) {
    let listed = || {
        let list = objects(&relto(lab, nation, "author", &["--json", "inbox"]), 0);
        list.iter().any(|one| one["serial"] == serial)
    };
    let wait = || std::thread::sleep(Duration::from_millis(50));
    assert!(
        (0..100).any(|_| listed() || {
            wait();
            false
        }),
        "{nation} {serial}"
    );
}

/// Three nodes, their links up.
fn started(lab: &Lab) -> Vec<Daemon> {
    let nodes = ["XAA", "XBB", "XCC"].map(|nation| lab.start(nation));
    run(async {
        let linked = |status: &Status| status.links.iter().all(|link| link.connected && link.heads_confirmed);
        let mut author = connect(&lab.person("XAA", "author")).await;
        let status = until(&mut author, 20, linked).await;
        let partners: Vec<&str> = status.links.iter().map(|link| link.partner.as_str()).collect();
        assert!(partners.starts_with(&["XBB"]) && partners.ends_with(&["XCC"]), "{partners:?}");
    });
    nodes.into_iter().collect()
}

#[test]
fn flw_4_api_32_one_report_goes_to_two_nations_with_each_receipt_side_by_side() {
    let lab = Lab::with(&["--third"]);
    {
        let _nodes = started(&lab);
        released_and_held(&lab);
        approved_for_both(&lab);
        one_alone(&lab);
        another_text(&lab);
        named(&lab);
        failed_for_one(&lab);
        apart(&lab);
    }
    logs(&lab);
}

/// What stands in advance with Borealia does not with Corvania: the same bytes, two verdicts. A retry sends what is open.
fn released_and_held(lab: &Lab) {
    let path = folder(lab).join("to-both.md");
    let checked = object(&to_both(lab, "check", &path, &[]), 5);
    assert_eq!((&checked["serial"], &checked["checks"][1]["verdict"]), (&json!(SERIAL), &json!("held")), "{checked}");
    let told = object(&to_both(lab, "submit", &path, &["--wait"]), 5);
    assert_eq!(told["serial"], SERIAL);
    let (first, second) = (stands(&told, 0, "XBB", XBB), stands(&told, 1, "XCC", XCC));
    assert_eq!((&first["state"], &first["verdict"]), (&json!("resolved"), &json!("admitted")), "{told}");
    assert_eq!(second["state"], "held", "no standing authority of the other agreement: {told}");
    let files = kept(&path);
    assert!(files[0].starts_with("XBB.submission.") && files[0].ends_with(".done"), "{files:?}");
    assert_eq!((files.len(), files[1].as_str()), (2, "XCC.submission"));
    let texts = plaintexts(&path);
    assert_eq!(texts[0], texts[1], "one plaintext");
    // Once more: nothing new is signed, and Borealia's is told as it was answered.
    let again = object(&to_both(lab, "submit", &path, &[]), 5);
    for at in [0, 1] {
        assert_eq!(again["submissions"][at]["submission"]["id"], told["submissions"][at]["submission"]["id"]);
    }
    assert_eq!(kept(&path), files);
    let asked = relto(lab, "XAA", "author", &["--json", "receipt", SERIAL]);
    let asked = object(&asked, 0);
    assert_eq!((&asked["receipts"][0]["verified"], &asked["receipts"][1]["verified"]), (&json!(true), &json!(false)));
    said(&relto(lab, "XAA", "officer-1", &["hold", "approve", SERIAL, "--yes"]), 0);
    arrived(lab, "XCC", SERIAL);
    let told = object(&to_both(lab, "submit", &path, &["--wait"]), 0);
    assert_eq!(stands(&told, 1, "XCC", XCC)["verdict"], "admitted");
    both_receipts(lab, SERIAL);
}

/// Each nation's receipt, proven under its own agreement, in one table.
fn both_receipts(lab: &Lab, serial: &str) {
    let told = object(&relto(lab, "XAA", "author", &["--json", "receipt", serial]), 0);
    for (at, nation, agreement) in [(0, "XBB", XBB), (1, "XCC", XCC)] {
        let one = &told["receipts"][at];
        assert_eq!((&one["to"], &one["agreement"]), (&json!(nation), &json!(agreement)), "{told}");
        assert_eq!((&one["verified"], &one["verdict"]), (&json!(true), &json!("admitted")), "{told}");
        let leaf = |key: &str| one[key].as_str().unwrap().to_owned();
        assert!(leaf("leaf").starts_with(&format!("XAA>{nation}:")), "{told}");
        assert!(leaf("outcome").starts_with(&format!("{nation}>XAA:")), "{told}");
        let alone = relto(lab, "XAA", "author", &["--json", "receipt", serial, "--to", nation]);
        assert_eq!(object(&alone, 0)["agreement"], agreement);
    }
    for word in ["receipt", "show"] {
        let text = said(&relto(lab, "XAA", "author", &[word, serial]), 0);
        assert!(text.contains(XBB) && text.contains(XCC) && text.contains("admitted by the partner"), "{text}");
    }
    let out = lab.dir.join("evidence.json");
    let out = out.to_str().unwrap();
    said(&relto(lab, "XAA", "author", &["receipt", serial, "--out", out]), 1);
    said(&relto(lab, "XAA", "author", &["receipt", serial, "--to", "XCC", "--out", out]), 0);
    said(&relto(lab, "XAA", "author", &["receipt", "--evidence", out]), 0);
    fs::remove_file(out).unwrap();
}

/// A topic that neither authority has in advance: one officer for each, each submission by itself.
fn approved_for_both(lab: &Lab) {
    const SERIAL: &str = "XAA-CYBER-2026-3121";
    let path = variant(lab, SERIAL, &[("[\"cyber.intrusion\"]", "[\"terrorism.attack-planning\"]")]);
    let told = object(&to_both(lab, "submit", &path, &[]), 5);
    for (at, nation, agreement) in [(0, "XBB", XBB), (1, "XCC", XCC)] {
        assert_eq!(stands(&told, at, nation, agreement)["state"], "held");
        let id = told["submissions"][at]["submission"]["id"].as_str().unwrap();
        said(&relto(lab, "XAA", "officer-1", &["hold", "approve", id, "--yes"]), 0);
        if at == 0 {
            // The approval is for Borealia: Corvania's still waits.
            let held = objects(&relto(lab, "XAA", "officer-1", &["--json", "hold", "list"]), 0);
            assert_eq!((held.len(), &held[0]["agreement"]), (1, &json!(XCC)), "{held:?}");
            assert_eq!(held[0]["approved_by"], json!([]), "an approval under one agreement is none under another");
        }
    }
    let told = object(&to_both(lab, "submit", &path, &["--wait"]), 0);
    for (at, nation, agreement) in [(0, "XBB", XBB), (1, "XCC", XCC)] {
        assert_eq!(stands(&told, at, nation, agreement)["verdict"], "admitted", "{told}");
    }
    both_receipts(lab, SERIAL);
}

/// Serial and changes; the code for Corvania; the state and exit code for Borealia.
type Case<'a> = (&'a str, &'a [(&'a str, &'a str)], &'a str, (&'a str, i32));

/// A topic, and a level, that Borealia's agreement has and Corvania's has not.
fn one_alone(lab: &Lab) {
    let secret = [
        ("(R//REL", "(S//REL"),
        ("\"RESTRICTED//REL", "\"SECRET//REL"),
        ("cyber.intrusion", "maritime.surface"),
        ("classified_by ", "declassify = 2036-11-16\nclassified_by "),
    ];
    let cases: [Case<'_>; 2] = [
        (
            "XAA-CYBER-2026-3122",
            &[("cyber.intrusion", "space.pnt-interference")],
            "TOPIC_OUT_OF_SCOPE",
            ("resolved", 0),
        ),
        ("XAA-CYBER-2026-3123", &secret, "CLASS_EXCEEDS_CEILING", ("held", 5)),
    ];
    for (serial, changes, code, (state, exit)) in cases {
        let path = variant(lab, serial, changes);
        let checked = object(&to_both(lab, "check", &path, &[]), 3);
        let codes = |at: usize| checked["checks"][at]["reasons"].to_string();
        assert!(codes(1).contains(code) && !codes(0).contains(code), "{checked}");
        let told = object(&to_both(lab, "submit", &path, &["--wait"]), 3);
        let (first, second) = (stands(&told, 0, "XBB", XBB), stands(&told, 1, "XCC", XCC));
        assert_eq!((&first["state"], &second["state"]), (&json!(state), &json!("refused")), "{told}");
        assert!(second["reasons"].to_string().contains(code) && !first.to_string().contains(code), "{told}");
        let exits = [0, 1].map(|at: usize| told["submissions"][at]["exit"].clone());
        assert_eq!(exits, [json!(exit), json!(3)]);
        let listed = objects(&relto(lab, "XCC", "author", &["--json", "inbox"]), 0);
        assert!(listed.iter().all(|one| one["serial"] != serial), "{listed:?}");
        // What was refused is not tried again with the others, but by itself.
        let id = |told: &Value| told["submissions"][1]["submission"]["id"].clone();
        assert_eq!(id(&object(&to_both(lab, "submit", &path, &[]), 3)), id(&told));
        let alone = relto(lab, "XAA", "author", &["--json", "submit", path.to_str().unwrap(), "--to", "XCC"]);
        assert_ne!(object(&alone, 3)["id"], id(&told));
    }
    arrived(lab, "XBB", "XAA-CYBER-2026-3122");
}

/// What Borealia alone has is named to Borealia, and not to Corvania, which would learn from it that it exists. FLW-29
fn named(lab: &Lab) {
    const SERIAL: &str = "XAA-CYBER-2026-3127";
    let names = "refers_to = [\"XAA-CYBER-2026-3122\"]\nclassified_by ";
    let path = variant(lab, SERIAL, &[("classified_by ", names)]);
    let told = object(&to_both(lab, "submit", &path, &["--wait"]), 1);
    assert_eq!(stands_or_error(&told, 0), json!("resolved"), "{told}");
    let refused = told["submissions"][1].to_string();
    assert!(refused.contains("R038") && refused.contains("XCC does not have XAA-CYBER-2026-3122"), "{told}");
}

fn stands_or_error(told: &Value, at: usize) -> Value {
    told["submissions"][at]["submission"]["standing"]["state"].clone()
}

/// A serial that went to one nation goes to another with the very same bytes, days later too; and with no others.
fn another_text(lab: &Lab) {
    const SERIAL: &str = "XAA-CYBER-2026-3124";
    let path = variant(lab, SERIAL, &[("Two Arcadian operators", "Four Arcadian operators")]);
    let alone = |nation: &str, code: i32| {
        let words = ["--json", "submit", path.to_str().unwrap(), "--to", nation, "--wait"];
        object(&relto(lab, "XAA", "author", &words), code)
    };
    assert_eq!(alone("XBB", 0)["standing"]["verdict"], "admitted");
    // The file names no moment of production, and the clock goes on by whole seconds.
    std::thread::sleep(Duration::from_millis(1_100));
    let good = fs::read_to_string(&path).unwrap();
    fs::write(&path, good.replace("Four Arcadian", "Five Arcadian")).unwrap();
    let spent = alone("XCC", 1);
    assert_eq!((&spent["error"], &spent["rule"]), (&json!("invalid"), &json!("R012")), "{spent}");
    fs::write(&path, good).unwrap();
    assert_eq!(alone("XCC", 5)["standing"]["state"], "held");
    let texts = plaintexts(&path);
    let files = kept(&path);
    assert_eq!((files.len(), files[1].as_str()), (3, "XCC.submission"), "{files:?}");
    assert!(texts[0] == texts[1] && texts[0] != texts[2], "what was refused was the other text");
    // While one waits no other text is signed under its serial, for whomever.
    let good = fs::read_to_string(&path).unwrap();
    fs::write(&path, good.replace("Four Arcadian", "Six Arcadian")).unwrap();
    let told = object(&to_both(lab, "submit", &path, &[]), 1);
    for (at, words) in [(0, "waits with another text"), (1, "was changed after it was signed")] {
        let message = told["submissions"][at]["error"]["message"].as_str().unwrap();
        assert!(message.contains(words), "{told}");
    }
    assert_eq!(kept(&path), files);
    said(&relto(lab, "XAA", "officer-1", &["hold", "refuse", SERIAL, "--reason", "not now"]), 0);
}

/// What cannot be signed for one nation goes to the other.
fn failed_for_one(lab: &Lab) {
    const SERIAL: &str = "XAA-CYBER-2026-3125";
    let path =
        variant(lab, SERIAL, &[("traffic    = \"live\"", "action     = [\"XBB/CYBER\"]\ntraffic    = \"live\"")]);
    let told = object(&to_both(lab, "submit", &path, &["--wait"]), 1);
    assert_eq!(stands(&told, 0, "XBB", XBB)["verdict"], "admitted");
    let fault = &told["submissions"][1];
    assert_eq!((&fault["submission"], &fault["error"]["error"]), (&Value::Null, &json!("file")), "{told}");
    assert_eq!(fault["error"]["faults"][0]["rule"], "R025", "an office of one nation is none of another's: {told}");
    let unknown = relto(lab, "XAA", "author", &["--json", "submit", path.to_str().unwrap(), "--to", "XBB,XDD"]);
    let unknown = object(&unknown, 1);
    assert_eq!(stands(&unknown, 0, "XBB", XBB)["verdict"], "admitted", "not sent again");
    assert_eq!(unknown["submissions"][1]["error"]["error"], "failed");
    let twice = relto(lab, "XAA", "author", &["--json", "submit", path.to_str().unwrap(), "--to", "XBB,XBB"]);
    said(&twice, 1);
}

/// Corvania's node has its own and nothing of Borealia's, and the other way round.
fn apart(lab: &Lab) {
    for (nation, own, other) in [("XBB", XBB, XCC), ("XCC", XCC, XBB)] {
        let list = objects(&relto(lab, nation, "author", &["--json", "inbox"]), 0);
        assert!(!list.is_empty() && list.iter().all(|one| one["agreement"] == own), "{list:?}");
        run(async {
            for account in ["author", "auditor"] {
                let mut client = connect(&lab.person(nation, account)).await;
                let ids: Vec<String> = client.get("/v1/agreements").await.unwrap();
                assert_eq!(ids, [own]);
                let paths = [format!("/v1/agreements/{other}"), format!("/v1/receipts/{other}/2")];
                let opening = (account == "author").then(|| format!("/v1/inbox/{other}/2"));
                for path in paths.into_iter().chain(opening) {
                    let error = client.get::<Value>(&path).await.err().unwrap();
                    let told = error
                        .downcast_ref::<relto_cli::client::Refused>()
                        .map(|one| (one.status, one.problem.error.word()));
                    assert_eq!(told, Some((404, "not-found")), "{nation} {account} {path}");
                }
            }
        });
    }
    let seen = relto(lab, "XCC", "author", &["show", "XAA-CYBER-2026-3122"]);
    said(&seen, 1);
}

/// Each log has its own reports, and no file of Corvania's node has a word of Borealia's.
fn logs(lab: &Lab) {
    for (nation, logs) in [("XAA", 5), ("XBB", 3), ("XCC", 3)] {
        let config = lab.config(nation);
        let words = ["--json", "audit", "verify", "--config", config.to_str().unwrap()];
        let found = objects(&relto(lab, nation, "auditor", &words), 0);
        assert_eq!(found.last().unwrap()["logs"], logs, "{found:?}");
    }
    for (nation, other) in [("XCC", "XBB"), ("XBB", "XCC")] {
        let mut files = vec![lab.dir.join(nation).join("node.log"), lab.dir.join(nation).join("heads.ring")];
        files.extend(fs::read_dir(lab.dir.join(nation).join("data")).unwrap().map(|one| one.unwrap().path()));
        for file in files.iter().filter(|file| file.is_file()) {
            let bytes = fs::read(file).unwrap();
            for word in [format!("XAA-{other}-2026-01"), format!("{}-1", other.to_lowercase())] {
                let is_there = bytes.windows(word.len()).any(|one| one == word.as_bytes());
                assert!(!is_there, "{} says {word}", file.display());
            }
        }
    }
}

#[test]
fn api_32_a_nation_that_cannot_be_reached_stops_no_other() {
    let lab = Lab::with(&["--third", "--exercise"]);
    let nodes = [lab.start("XAA"), lab.start("XCC")];
    run(async {
        let mut author = connect(&lab.person("XAA", "author")).await;
        until(&mut author, 20, |status| status.links.iter().any(|link| link.agreement == XCC && link.heads_confirmed))
            .await;
    });
    let path = folder(&lab).join("to-both.md");
    let told = object(&to_both(&lab, "submit", &path, &[]), 5);
    assert_eq!(stands(&told, 0, "XBB", XBB)["state"], "queued", "its node is not there");
    assert_eq!(stands(&told, 1, "XCC", XCC)["state"], "held");
    said(&relto(&lab, "XAA", "officer-1", &["hold", "approve", SERIAL, "--yes"]), 0);
    arrived(&lab, "XCC", SERIAL);
    let told = object(&to_both(&lab, "submit", &path, &[]), 0);
    assert_eq!(stands(&told, 0, "XBB", XBB)["state"], "queued");
    assert_eq!(stands(&told, 1, "XCC", XCC)["verdict"], "admitted");
    // Without a node each keeps its file, and nothing is lost.
    drop(nodes);
    let other = variant(&lab, "XAA-CYBER-2026-3130", &[("Two Arcadian", "Six Arcadian")]);
    let told = object(&to_both(&lab, "submit", &other, &[]), 1);
    assert_eq!(kept(&other), ["XBB.submission", "XCC.submission"], "{told}");
    let _nodes = started(&lab);
    let again = object(&to_both(&lab, "submit", &other, &["--wait"]), 5);
    assert_eq!(stands(&again, 0, "XBB", XBB)["verdict"], "admitted");
    assert_eq!(stands(&again, 1, "XCC", XCC)["state"], "held");
}
