//! `relto check --explain`: the example report, and what becomes of it when it may not go.

use super::{
    by_hand::{Daemons, person},
    lab, relto, text,
};
use serde_json::Value;
use std::fs;

fn clause<'a>(explanation: &'a Value, code: &str) -> &'a Value {
    let clauses = explanation["clauses"].as_array().unwrap();
    clauses.iter().find(|one| one["code"] == code).unwrap_or_else(|| panic!("no clause {code}"))
}

/// Names of all failed clauses, and of all reasons.
fn failed(object: &Value) -> (Vec<String>, Vec<String>) {
    let clauses = object["explanation"]["clauses"].as_array().unwrap();
    let names = clauses.iter().flat_map(|one| one["failed_as"].as_array().unwrap());
    let mut names: Vec<String> = names.map(|one| one.as_str().unwrap().to_owned()).collect();
    names.sort_unstable();
    let reasons = object["reasons"].as_array().unwrap().iter();
    let mut reasons: Vec<String> = reasons.map(|one| one["code"].as_str().unwrap().to_owned()).collect();
    reasons.sort_unstable();
    (names, reasons)
}

#[test]
fn check_explains_every_clause_and_what_would_make_it_releasable() {
    let folder = tempfile::tempdir().unwrap();
    let dir = lab(&folder);
    let _daemons = Daemons::start(&dir, &["XAA"]);
    let report = dir.join("XAA/reports/report.md");
    let good = fs::read_to_string(&report).unwrap();
    let check = |words: &[&str]| {
        person(&dir, "XAA", "author", &[words, &["check", text(&report), "--to", "XBB", "--explain"]].concat())
    };

    // As it is, officers release it: nothing fails but what people owe.
    let ran = check(&["--json"]);
    assert_eq!(ran.code, 5, "{}{}", ran.out, ran.err);
    let object = ran.object();
    let told = &object["explanation"];
    assert_eq!(told["closing"], Value::Array(Vec::new()));
    assert_eq!(failed(&object).0, ["APPROVAL_REQUIRED", "SECOND_APPROVAL_REQUIRED"]);
    assert_eq!(told["remedy"]["kind"], "people");
    let level = clause(told, "CLASS_EXCEEDS_CEILING");
    assert_eq!((&level["value"], &level["outcome"]), (&"SECRET (level 3)".into(), &"passed".into()));
    assert!(level["agreed"].as_str().unwrap().contains("space.pnt-interference 3"), "{level}");
    assert_eq!(clause(told, "NATIONAL_SCOPE_NOT_VALID")["outcome"], "not-judged");
    let stages: Vec<&str> =
        told["clauses"].as_array().unwrap().iter().map(|one| one["stage"].as_str().unwrap()).collect();
    assert_eq!((stages[0], stages[stages.len() - 1]), ("authenticity", "people"));

    // A topic that is agreed to level 2 only, and one that is not agreed at all.
    let end = "\"space.pnt-interference\"]\npurpose";
    let more = "\"space.pnt-interference\", \"cyber.ics\", \"economic.coercion\"]\npurpose";
    let bad = good.replacen(end, more, 1);
    assert_ne!(bad, good);
    fs::write(&report, &bad).unwrap();
    let ran = check(&["--json"]);
    assert_eq!(ran.code, 3, "{}{}", ran.out, ran.err);
    let object = ran.object();
    let (names, reasons) = failed(&object);
    assert_eq!(names, reasons, "the explanation fails what the decision fails");
    assert_eq!(names, ["CLASS_EXCEEDS_CEILING", "TOPIC_OUT_OF_SCOPE"]);
    let told = &object["explanation"];
    let closing = told["closing"].as_array().unwrap();
    assert!(closing.iter().all(|one| one["originator"] == "XAA" && one["why"][0]["code"] == "CLASS_EXCEEDS_CEILING"));
    assert!(closing.iter().any(|one| one["mark"] == "S//REL TO XAA, XBB"), "{closing:?}");
    assert_eq!(told["remedy"]["kind"], "changes");
    let changes: Vec<&str> =
        told["remedy"]["changes"].as_array().unwrap().iter().map(|one| one["text"].as_str().unwrap()).collect();
    assert_eq!(changes, ["take out topic cyber.ics", "take out topic economic.coercion"]);
    // What it says helps.
    fs::write(&report, bad.replacen(more, end, 1)).unwrap();
    assert_eq!(check(&["--json"]).code, 5);

    // The same for people: what closes it first, then the clauses in columns, then the change.
    fs::write(&report, bad).unwrap();
    let ran = check(&[]);
    let at = |words: &str| ran.out.find(words).unwrap_or_else(|| panic!("{words:?} is not in\n{}", ran.out));
    assert!(at("marks that close the report to XBB") < at("every clause, in the order of the decision"));
    assert!(at("FAILED TOPIC_OUT_OF_SCOPE") < at("the smallest set of changes after which it would not be refused"));
    at("SECRET (level 3), above CONFIDENTIAL (level 2); only XAA, its originator, can change the marking");
    let column = |line: &str, word: &str| line.find(word).map(|end| line[..end].chars().count());
    let heading = ran.out.lines().find(|line| line.contains("clause") && line.contains("agreed")).unwrap();
    let purpose = ran.out.lines().find(|line| line.starts_with("passed") && line.contains(" purpose ")).unwrap();
    assert_eq!(column(heading, "clause"), column(purpose, "purpose "), "{}", ran.out);
    assert_eq!(column(heading, "value"), column(purpose, "early-warning"), "{}", ran.out);
}

#[test]
fn a_mark_that_closes_the_report_is_named_with_its_owner_and_never_changed() {
    let folder = tempfile::tempdir().unwrap();
    let dir = lab(&folder);
    let _daemons = Daemons::start(&dir, &["XAA"]);
    let report = dir.join("XAA/reports/report.md");
    let good = fs::read_to_string(&report).unwrap();
    let banner = "banner     = \"SECRET//FGI XCC//REL TO XAA, XBB\"\n";
    // A marked title that keeps the whole at home: nothing that leaves the marks alone would help.
    let bad = good
        .replacen(banner, "", 1)
        .replacen("(U) Cable corridor", "(S//NF) Cable corridor", 1)
        .replacen("rel_to     = [\"XAA\", \"XBB\"]\n", "rel_to     = []\n", 1)
        .replacen("(C//REL) A second", "(C//REL TO XAA, XBB) A second", 1);
    fs::write(&report, &bad).unwrap();
    let before = fs::read(&report).unwrap();
    let ran = person(&dir, "XAA", "author", &["--json", "check", text(&report), "--to", "XBB", "--explain"]);
    assert_eq!(fs::read(&report).unwrap(), before);
    assert_eq!(ran.code, 3, "{}{}", ran.out, ran.err);
    let object = ran.object();
    let told = &object["explanation"];
    assert_eq!(failed(&object).0, failed(&object).1);
    assert_eq!((&told["closing"][0]["place"], &told["closing"][0]["mark"]), (&"the title".into(), &"S//NF".into()));
    assert_eq!(told["remedy"]["kind"], "nothing");
    let said = told["remedy"]["text"].to_string();
    assert!(said.contains("the title (S//NF)") && said.contains("only XAA, its originator"), "{said}");
}

#[test]
fn explaining_is_done_here_and_not_by_the_node() {
    let ran = relto(&["check", "report.md", "--to", "XBB", "--explain", "--online"]);
    assert_eq!(ran.code, 2, "{}", ran.err);
    let ran = relto(&["check", "report.md", "--register", "r.toml", "--vocabulary", "v.toml", "--explain"]);
    assert_eq!(ran.code, 2, "{}", ran.err);
}
