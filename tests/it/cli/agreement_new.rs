//! `relto agreement new`: a file that is refused until it is filled in, and then permits nothing of itself.

use super::{Ran, examples, lab, relto, text};
use relto_policy::{
    agreement::Agreement,
    check::{Decision, Facts, Rules, Side, Subject, Times, check},
    state::{AgreementState, StateView},
};
use relto_report::calendar::Timestamp;
use relto_tests::fixture::{Draft, NOW, link};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

const OFFICES: [&str; 4] = ["XAA/NSA", "XAA/MOD", "XBB/ANS", "XBB/MINDEF"];

fn new(out: &Path, more: &[&str]) -> Ran {
    let words = ["agreement", "new", "--id", "XAA-XBB-2030-01", "--between", "XBB", "XAA", "--in-force", "2030-01-01"];
    relto(&[&["--json"], &words[..], &["--until", "2031-01-01"], more, &[text(out)]].concat())
}

/// Each line with the table in which it stands; comments and empty lines apart.
fn lines(file: &str) -> Vec<(String, &str)> {
    let mut table = String::new();
    let mut out = Vec::new();
    for line in file.lines().filter(|line| !line.trim().is_empty() && !line.starts_with('#')) {
        if line.starts_with('[') {
            table = line.split('#').next().unwrap().trim().trim_matches(['[', ']']).to_owned();
        } else {
            out.push((table.clone(), line));
        }
    }
    out
}

fn key_of(line: &str) -> &str {
    line.split_once('=').map_or("", |(key, _)| key.trim())
}

/// The key's value, by the table and the key, as the laboratory has it.
fn values(agreement: &str) -> BTreeMap<(String, String), String> {
    let mut out = BTreeMap::new();
    let mut office = String::new();
    for (table, line) in lines(agreement) {
        let (key, value) = (key_of(line), line.split_once('=').map_or("", |(_, value)| value));
        let value = value.split(" #").next().unwrap().trim().to_owned();
        if key == "office" {
            office.clone_from(&value);
        }
        let key = if table.ends_with(".signer") { format!("{office} {key}") } else { key.to_owned() };
        out.entry((table, key)).or_insert(value);
    }
    out
}

/// The file with every placeholder replaced by what the laboratory's agreement has there.
fn filled(skeleton: &str, agreement: &str) -> String {
    let known = values(agreement);
    let (mut table, mut office) = (String::new(), String::new());
    let mut offices: Vec<&str> = OFFICES.to_vec();
    let mut out = String::new();
    for line in skeleton.lines() {
        if line.starts_with('[') {
            table = line.split('#').next().unwrap().trim().trim_matches(['[', ']']).to_owned();
        }
        let key = key_of(line);
        if key == "office" && table.ends_with(".signer") {
            office = format!("\"{}\"", offices.remove(0));
            out.push_str(&format!("office = {office}\n"));
            continue;
        }
        if line.starts_with('#') || !line.contains("FILL IN: ") {
            out.push_str(&format!("{line}\n"));
            continue;
        }
        let name = if table.ends_with(".signer") { format!("{office} {key}") } else { key.to_owned() };
        let value = known.get(&(table.clone(), name.clone()));
        out.push_str(&format!("{key} = {}\n", value.unwrap_or_else(|| panic!("{table} {name}"))));
    }
    out
}

#[test]
fn a_new_agreement_is_refused_until_it_is_filled_in_and_then_verifies() {
    let folder = tempfile::tempdir().unwrap();
    let lab = lab(&folder);
    let file = folder.path().join("new.toml");
    let signers: Vec<&str> = OFFICES.iter().flat_map(|office| ["--signer", office]).collect();
    let made = new(&file, &signers);
    assert_eq!(made.code, 0, "{}{}", made.out, made.err);
    assert_eq!(made.object()["parties"], serde_json::json!(["XAA", "XBB"]), "in their order");
    let skeleton = fs::read_to_string(&file).unwrap();
    let left = made.object()["to_fill_in"].as_u64().unwrap();
    assert_eq!(left, u64::try_from(skeleton.matches("\"FILL IN: ").count() - 1).unwrap(), "one is in the explanation");
    // Written over by nothing.
    let again = new(&file, &[]);
    assert!(again.code == 1 && again.object()["message"].to_string().contains("nothing was written over"));
    assert_eq!(fs::read_to_string(&file).unwrap(), skeleton);

    // Refused with the place of each and what belongs there.
    let key = lab.join("signers/XAA-NSA.key");
    let sign = |key: &Path, office: &str| {
        relto(&["agreement", "sign", text(&file), "--key", text(key), "--nation", &office[..3], "--office", office])
    };
    let at = skeleton.lines().position(|line| line.starts_with("seal_key")).unwrap() + 1;
    for ran in [sign(&key, "XAA/NSA"), relto(&["agreement", "verify", text(&file)])] {
        assert_eq!(ran.code, 1, "{}", ran.err);
        let told =
            format!("new.toml:{at}:24: error A099: not filled in. Write here, in place of the whole text: ed25519:");
        assert!(ran.err.contains(&told), "{}", ran.err);
        assert_eq!(ran.err.matches("A099").count(), usize::try_from(left).unwrap(), "each, and nothing else");
    }
    let verified = relto(&["--json", "agreement", "verify", text(&file)]);
    assert_eq!(verified.object()["faults"].as_array().unwrap().len(), usize::try_from(left).unwrap());
    assert!(!folder.path().join("new.toml.sig").exists());

    let agreement = fs::read_to_string(lab.join("XAA/agreement.toml")).unwrap();
    fs::write(&file, filled(&skeleton, &agreement)).unwrap();
    for office in &OFFICES[..3] {
        let key = lab.join("signers").join(format!("{}.key", office.replace('/', "-")));
        let ran = sign(&key, office);
        assert_eq!(ran.code, 0, "{office}: {}{}", ran.out, ran.err);
    }
    let few = relto(&["agreement", "verify", text(&file)]);
    assert!(few.code == 4 && few.err.contains("has 1 of 2 signatures"), "k of n: {}", few.err);
    assert_eq!(sign(&lab.join("signers/XBB-MINDEF.key"), "XBB/MINDEF").code, 0);
    let whole = relto(&["--json", "agreement", "verify", text(&file)]);
    assert_eq!(whole.code, 0, "{}{}", whole.out, whole.err);
    assert_eq!(whole.object()["signed_by"], serde_json::json!(OFFICES));
    permits_nothing(&fs::read(&file).unwrap());
}

/// What its signers did not add does not go, in either direction, whatever it is.
fn permits_nothing(bytes: &[u8]) {
    let agreement = Agreement::read("new.toml", bytes).unwrap_or_else(|faults| panic!("{faults}"));
    assert!(agreement.scopes.is_empty() && agreement.emergency.as_ref().is_some_and(|one| !one.permitted));
    assert!(agreement.precedence.values().all(|one| one.forms.is_empty()));
    for (from, to) in [(0, 1), (1, 0)] {
        let link = link(from);
        let rules =
            Rules { agreement: &agreement, registers: &link.registers, vocabulary: &link.vocabulary, national: None };
        let document = Draft::new(from, to).document();
        let facts = Facts::new(link.own, link.partner, StateView::both(AgreementState::InForce), "ROUTINE");
        let times = Times { now: Timestamp::from_millis(NOW), released: None };
        let Decision::Refusal(refusal) = check(&Subject::of(&document), &rules, &facts, Side::Out, &times) else {
            panic!("a report goes from {from} to {to}")
        };
        let codes: Vec<String> = refusal.reasons.iter().map(|one| one.name().clone()).collect();
        assert!(codes.iter().any(|code| code == "DIRECTION_NOT_AGREED"), "{codes:?}");
    }
}

/// The whole form: what is commented out taken in, with something for its dots.
fn opened(skeleton: &str, agreement: &str) -> String {
    let mut count = 0;
    let mut out = String::new();
    for line in filled(skeleton, agreement).lines() {
        let key = line.strip_prefix('#').filter(|rest| !rest.starts_with(' ') && !rest.is_empty());
        let Some(line) = key else {
            out.push_str(&format!("{line}\n"));
            continue;
        };
        // Only with an exercise, and only from version 2 on.
        if line.starts_with("exercise ") || line.starts_with("supersedes ") {
            continue;
        }
        count += 1;
        let word = match key_of(line) {
            "code" => "NLGP".to_owned(),
            "grounds" => "armed-attack".to_owned(),
            _ => format!("WORD {count}"),
        };
        let line = line.replace("/...", "/WATCH").replace("...", &word);
        out.push_str(&format!("{line}\n"));
        if line == "[scope.topics]" {
            out.push_str("\"cyber.intrusion\" = 0\n");
        }
    }
    out
}

#[test]
fn a_new_agreement_has_every_key_of_the_form_each_with_what_it_does() {
    let folder = tempfile::tempdir().unwrap();
    let lab = lab(&folder);
    let file = folder.path().join("new.toml");
    assert_eq!(new(&file, &[]).code, 0);
    let skeleton = fs::read_to_string(&file).unwrap();
    let agreement = fs::read_to_string(lab.join("XAA/agreement.toml")).unwrap();
    let whole = opened(&skeleton, &agreement);
    let read = Agreement::read("whole.toml", whole.as_bytes()).unwrap_or_else(|faults| panic!("{faults}\n{whole}"));
    assert_eq!((read.scopes.len(), read.equivalence.len(), read.caveats.len()), (2, 4, 4));
    // Even all of it permits no more than its lowest level, to two officers.
    assert!(read.scopes.iter().all(|one| one.highest_level == 0 && one.second_officer_from_level == 0));

    let keys = |file: &str| -> BTreeSet<(String, String)> {
        lines(file).into_iter().map(|(table, line)| (table, key_of(line).to_owned())).collect()
    };
    let example = fs::read_to_string(examples().join("agreement.toml")).unwrap();
    let there = keys(&whole);
    let own = ["scope.topics", "title"];
    for (table, key) in keys(&example) {
        let listed = key.is_empty() || key.starts_with('"') || key == "supersedes" || own.contains(&table.as_str());
        assert!(listed || there.contains(&(table.clone(), key.clone())), "[{table}] {key} is not in the new file");
    }
    for (number, line) in skeleton.lines().enumerate() {
        let is_key = |line: &str| key_of(line).bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        let bare = line.strip_prefix('#').filter(|rest| !rest.starts_with(' ')).unwrap_or(line);
        if line.starts_with("# ") || bare.starts_with('[') || !bare.contains('=') || !is_key(bare) {
            continue;
        }
        assert!(bare.contains(" # ") && !bare.trim_end().ends_with('#'), "{}: {line}: says nothing", number + 1);
    }
}

#[test]
fn what_cannot_begin_an_agreement_is_usage_or_told() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("new.toml");
    let usage = relto(&["agreement", "new", "--id", "X-1", "--between", "XAA", "--in-force", "2030-01-01", text(&out)]);
    assert_eq!(usage.code, 2, "{}", usage.err);
    let stranger = new(&out, &["--signer", "XCC/NSA"]);
    assert!(stranger.code == 1 && !out.exists(), "{}", stranger.out);
    assert!(stranger.object()["message"].to_string().contains("XAA/OFFICE or XBB/OFFICE"), "{}", stranger.out);
}

#[test]
fn every_verb_of_an_agreements_life_has_help() {
    let verbs =
        ["new", "show", "sign", "verify", "diff", "install", "suspend", "resume", "give-notice", "renew", "terminate"];
    for verb in verbs {
        let help = relto(&["agreement", verb, "--help"]);
        assert_eq!(help.code, 0, "{verb}");
        assert!(verb == "show" || help.out.contains("relto agreement"), "{verb} gives no example: {}", help.out);
        assert!(help.out.lines().all(|line| line.chars().count() <= 102), "{}", help.out);
    }
}
