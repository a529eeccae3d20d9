//! Rules of the tree that no compiler knows: who may depend on whom, sizes, and that every MUST of the specifications
//! has code and a test that cite it.
#![cfg(test)] // so that the lints know the helpers for tests

mod circles;
mod house;
mod words;

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};

/// What each crate may use of this workspace. A crate exists to forbid a dependency.
const MAY_USE: [(&str, &[&str]); 9] = [
    ("report", &[]),
    ("policy", &["report"]),
    ("audit", &["report"]),
    ("exchange", &["report", "policy", "audit"]),
    ("formats", &["report", "policy", "audit"]),
    ("host", &["report", "policy", "audit", "exchange"]),
    ("node", &["report", "policy", "audit", "exchange", "formats", "host"]),
    ("cli", &["report", "policy", "audit", "formats", "host"]),
    ("lab", &["report", "policy", "audit", "formats", "host", "cli"]),
];
/// Crates without I/O, clock, randomness or JSON, and what would bring them in.
const PURE: [&str; 4] = ["report", "policy", "audit", "exchange"];
const IMPURE: [&str; 6] = ["tokio", "tokio-rustls", "rustls", "rusqlite", "serde_json", "uuid"];

const LINES: usize = 600;
const FLOW_LINES: usize = 320;

/// Specifications whose MUSTs are counted, each with the letters of its ids.
const SPECS: [(&str, &[&str]); 8] = [
    ("report", &["RPT"]),
    ("policy", &["POL"]),
    ("log", &["LOG", "HED"]),
    ("link", &["LNK", "FLW"]),
    ("client-api", &["API"]),
    ("label", &["LBL"]),
    ("store", &["STO"]),
    ("recovery", &["REC", "RCV"]),
];
const TABLE_BEGINS: &str = "<!-- ids: written by `RELTO_WRITE=ids cargo test tidy` -->";
const TABLE_ENDS: &str = "<!-- end of ids -->";

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// All files below a folder but builds and what starts with a dot, sorted, by their path from the root.
fn files(below: &str) -> Vec<(String, PathBuf)> {
    let mut folders = vec![root().join(below)];
    let mut out = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display())) {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if name.starts_with('.') || name == "target" {
                continue;
            }
            if path.is_dir() {
                folders.push(path);
            } else {
                let short = path.strip_prefix(root()).unwrap().to_string_lossy().into_owned();
                out.push((short, path));
            }
        }
    }
    out.sort();
    out
}

fn sources(below: &str) -> Vec<(String, String)> {
    let rust = files(below).into_iter().filter(|(name, _)| has_ending(name, "rs"));
    rust.map(|(name, path)| (name, fs::read_to_string(path).unwrap())).collect()
}

fn has_ending(name: &str, ending: &str) -> bool {
    Path::new(name).extension().is_some_and(|one| one == ending)
}

fn read(name: &str) -> String {
    fs::read_to_string(root().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// Names of the dependencies in a manifest, dev-dependencies apart.
fn dependencies(manifest: &str) -> BTreeSet<String> {
    let mut inside = false;
    let mut out = BTreeSet::new();
    for line in manifest.lines() {
        if line.starts_with('[') {
            inside = line == "[dependencies]" || line == "[build-dependencies]";
            assert!(!line.starts_with("[dependencies."), "one line a dependency: {line}");
            assert!(!line.starts_with("[target."), "no dependencies of one platform: {line}");
        } else if let (true, Some((name, _))) = (inside, line.split_once('=')) {
            out.insert(name.trim().trim_end_matches(".workspace").to_owned());
        }
    }
    out
}

#[test]
fn crates_depend_downwards_only() {
    let mut found: Vec<String> = fs::read_dir(root().join("crates"))
        .unwrap()
        .map(|one| one.unwrap().file_name().into_string().unwrap())
        .collect();
    found.sort();
    let mut known: Vec<&str> = MAY_USE.iter().map(|(name, _)| *name).collect();
    known.sort_unstable();
    assert_eq!(found, known, "a new crate needs its place in MAY_USE");
    for (name, may) in MAY_USE {
        let uses = dependencies(&read(&format!("crates/{name}/Cargo.toml")));
        for used in uses.iter().filter_map(|one| one.strip_prefix("relto-")) {
            assert!(may.contains(&used), "crate {name} must not use {used}");
        }
        if PURE.contains(&name) {
            let impure: Vec<&&str> = IMPURE.iter().filter(|one| uses.contains(**one)).collect();
            assert!(impure.is_empty(), "crate {name} is pure and uses {impure:?}");
        }
    }
}

/// The other provider stands in Cargo.lock for the feature `aws-lc` alone: nobody but these names it, none of them
/// without that feature, and no default has it. (`.ci/run` looks at the tree of the default build.)
#[test]
fn one_crypto_provider_is_in_the_default_tree() {
    let lock = read("Cargo.lock");
    assert!(!lock.contains("name = \"openssl-sys\"\n"), "openssl-sys is in Cargo.lock");
    let mut by = Vec::new();
    for package in lock.split("[[package]]\n") {
        if package.contains("\n \"aws-lc-rs\"") || package.contains("\n \"aws-lc-sys\"") {
            by.push(package.lines().next().unwrap());
        }
    }
    let wanted = ["aws-lc-rs", "relto-report", "rustls", "rustls-webpki"].map(|name| format!("name = \"{name}\""));
    assert_eq!(by, wanted);
    let meant = ["aws-lc = [", "aws-lc-rs = { version = ", "aws-lc-rs = { workspace = true, optional = true }"];
    for (name, path) in files("").into_iter().filter(|(name, _)| name.ends_with("Cargo.toml")) {
        for line in fs::read_to_string(path).unwrap().lines() {
            let code = line.split('#').next().unwrap();
            let named = code.contains("aws") && !meant.iter().any(|begin| code.starts_with(begin));
            assert!(!named, "{name}: {line}");
        }
    }
}

/// All primitives come through two files, so that a provider is swapped there and nowhere else; but the floors of the bench,
/// which are the bare calls.
#[test]
fn the_provider_is_named_in_two_files() {
    let names_one = |code: &str| {
        ["ring", "aws_lc_rs"].iter().any(|name| {
            code.match_indices(name).any(|(at, _)| {
                let (before, after) = (&code[..at], &code[at + name.len()..]);
                let inside = |one: char| one.is_alphanumeric() || one == '_';
                let whole = !before.ends_with(inside) && !after.starts_with(inside);
                whole && (after.starts_with("::") || before.ends_with("::") || before.ends_with("use "))
            })
        })
    };
    let mut found = Vec::new();
    for (name, text) in sources("crates").into_iter().chain(sources("tests")).chain(sources("src")) {
        let floor = name.starts_with("crates/lab/src/bench/");
        if !floor && text.lines().any(|line| !line.trim_start().starts_with("//") && names_one(line)) {
            found.push(name);
        }
    }
    assert_eq!(found, ["crates/host/src/tls/primitives.rs", "crates/report/src/primitives.rs"]);
}

#[test]
fn files_are_short() {
    let mut long = Vec::new();
    for (name, text) in sources("crates").into_iter().chain(sources("tests")) {
        let most = if name == "crates/exchange/src/flow.rs" { FLOW_LINES } else { LINES };
        let lines = text.lines().count();
        if lines > most {
            long.push(format!("{name}: {lines} lines, at most {most}"));
        }
    }
    assert!(long.is_empty(), "{long:#?}");
}

#[test]
fn every_crate_forbids_unsafe_code_and_reads_time_in_one_place() {
    let line = "#![forbid(unsafe_code)]";
    for (name, _) in MAY_USE {
        let text = read(&format!("crates/{name}/src/lib.rs"));
        assert!(text.lines().any(|one| one == line), "crate {name}");
        let main = root().join(format!("crates/{name}/src/main.rs"));
        assert!(!main.exists() || fs::read_to_string(main).unwrap().contains(line), "{name}: main.rs");
    }
    let lint = ["clippy::", "disallowed_methods"].concat();
    // A benchmark measures time, and is in no program.
    let program = sources("crates").into_iter().filter(|(name, _)| !name.contains("/benches/"));
    let used: Vec<String> = program.filter(|(_, text)| text.contains(&lint)).map(|(name, _)| name).collect();
    assert_eq!(used, ["crates/host/src/clock.rs"]);
}

/// The part of a source before its tests; nothing of a file of tests.
fn program<'a>(name: &str, text: &'a str) -> &'a str {
    if name.ends_with("/tests.rs") || ["/tests/", "/benches/"].iter().any(|folder| name.contains(folder)) {
        return "";
    }
    text.split_once("#[cfg(test)]\nmod tests {").map_or(text, |(program, _)| program)
}

/// What a turn wrote goes to the store by one call, whose result alone opens the way out.
#[test]
fn only_a_batch_commits() {
    let calls = |text: &str| text.matches(".commit(").count();
    let mut found = BTreeMap::new();
    for (name, text) in sources("crates") {
        let count = calls(program(&name, &text));
        if count > 0 && !name.contains("/store/") {
            found.insert(name, count);
        }
    }
    let wanted = [("crates/exchange/src/exchange.rs", 2), ("crates/exchange/src/turn/batch.rs", 1)];
    assert_eq!(found, wanted.map(|(name, count)| (name.to_owned(), count)).into(), "a batch's and the store's");
}

/// A pure crate asks no clock, no file, no socket, no thread and no source of randomness, whatever its manifest says.
#[test]
fn pure_crates_touch_no_machine() {
    let machine = [
        "std::fs",
        "std::net",
        "std::env",
        "std::process",
        "std::thread",
        "std::os",
        "SystemTime",
        "Instant::",
        "SystemRandom",
        "getrandom",
        "File::open",
        "println!",
    ];
    for name in PURE {
        for (file, text) in sources(&format!("crates/{name}/src")) {
            let found: Vec<&&str> = machine.iter().filter(|word| program(&file, &text).contains(**word)).collect();
            // A key for tests and labs is drawn in crypto.rs, from a source that the caller gives.
            assert!(found.is_empty(), "{file} is pure and has {found:?}");
        }
    }
}

#[test]
fn nothing_is_a_stub() {
    let words = [["todo", "!("].concat(), ["unimplemented", "!("].concat(), ["#[", "ignore"].concat()];
    for (name, text) in sources("crates").into_iter().chain(sources("tests")) {
        let found: Vec<&String> = words.iter().filter(|word| text.contains(word.as_str())).collect();
        assert!(found.is_empty(), "{name}: {found:?}");
    }
}

#[test]
fn no_private_key_and_no_machine_is_in_the_tree() {
    let machines = ["work", "root", "home", "Users"].map(|folder| format!("/{folder}/"));
    for (name, path) in files("") {
        if name.starts_with("fuzz/corpus") {
            continue;
        }
        let Ok(text) = fs::read_to_string(path) else { continue };
        let key = text.lines().any(|line| line.starts_with("-----BEGIN") && line.ends_with("PRIVATE KEY-----"));
        assert!(!key, "{name} holds a private key");
        for machine in &machines {
            let path = text.match_indices(machine.as_str()).find(|(at, _)| {
                !text[..*at].ends_with(|before: char| before.is_alphanumeric() || "._-}>*".contains(before))
            });
            assert!(path.is_none(), "{name} names a path of one machine: {machine}");
        }
    }
}

/// Every id of ours in a text: three capital letters, `-`, a number.
fn ids(text: &str) -> BTreeSet<String> {
    let letters: Vec<&str> = SPECS.iter().flat_map(|(_, letters)| letters.iter().copied()).collect();
    let mut out = BTreeSet::new();
    for family in letters {
        for (at, _) in text.match_indices(family) {
            let before = text[..at].chars().next_back();
            let number: String = text[at + 3..]
                .strip_prefix('-')
                .map_or_else(String::new, |rest| rest.chars().take_while(char::is_ascii_digit).collect());
            if !number.is_empty() && !before.is_some_and(|one| one.is_alphanumeric() || one == '-') {
                out.insert(format!("{family}-{number}"));
            }
        }
    }
    out
}

/// The MUSTs of a specification: lines with an id in bold, each defined once.
fn musts(spec: &str) -> Vec<(String, String)> {
    let text = read(&format!("specs/{spec}.md"));
    let mut out: Vec<(String, String)> = Vec::new();
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        let found = line.strip_prefix("- **").and_then(|rest| rest.split_once("** "));
        let Some((id, rest)) = found.filter(|(id, _)| ids(id).len() == 1) else {
            assert!(!line.contains("MUST"), "{spec}: a MUST without an id: {line}");
            continue;
        };
        let mut whole = rest.to_owned();
        while let Some(next) = lines.next_if(|next| next.starts_with("  ")) {
            whole.push(' ');
            whole.push_str(next.trim_start());
        }
        assert!(whole.contains("MUST"), "{spec}: {id} says no MUST: {whole}");
        assert!(out.iter().all(|(known, _)| known != id), "{spec}: {id} stands twice");
        out.push((id.to_owned(), whole));
    }
    out
}

fn number(id: &str) -> (String, u32) {
    let (family, number) = id.split_once('-').unwrap();
    (family.to_owned(), number.parse().unwrap())
}

/// Names of all test functions, with their files.
fn tests() -> BTreeMap<String, String> {
    let mut out = BTreeMap::new();
    for (file, text) in sources("crates").into_iter().chain(sources("tests")) {
        for (at, _) in text.match_indices("#[test]") {
            let name = text[at..].split_once("fn ").and_then(|(_, rest)| rest.split_once('(')).map(|(name, _)| name);
            if let Some(name) = name {
                out.insert(name.to_owned(), file.clone());
            }
        }
    }
    out
}

/// The part of a test's name that cites an id: `lnk_4_`.
fn cited(id: &str) -> String {
    format!("_{}_", id.to_lowercase().replace('-', "_"))
}

#[test]
fn every_must_has_code_and_a_test() {
    let known: BTreeSet<String> = SPECS.iter().flat_map(|(spec, _)| musts(spec)).map(|(id, _)| id).collect();
    let code: Vec<(String, BTreeSet<String>)> =
        sources("crates").into_iter().map(|(name, text)| (name.clone(), ids(program(&name, &text)))).collect();
    let tests: Vec<String> = tests().into_keys().map(|name| format!("_{name}_")).collect();
    let mut holes = Vec::new();
    for (spec, families) in SPECS {
        for (id, _) in musts(spec) {
            if !families.contains(&number(&id).0.as_str()) {
                holes.push(format!("{spec}: {id} is not of this specification"));
            }
            if !code.iter().any(|(_, ids)| ids.contains(&id)) {
                holes.push(format!("{id}: no code cites it"));
            }
            let name = cited(&id);
            if !tests.iter().any(|test| test.contains(&name)) {
                holes.push(format!("{id}: no test is named for it"));
            }
        }
    }
    for (name, ids) in &code {
        holes.extend(ids.difference(&known).map(|id| format!("{name}: {id} is in no specification")));
    }
    for (name, text) in files("")
        .into_iter()
        .filter(|(name, _)| has_ending(name, "md"))
        .map(|(n, p)| (n, fs::read_to_string(p).unwrap()))
    {
        holes.extend(ids(&text).difference(&known).map(|id| format!("{name}: {id} is in no specification")));
    }
    assert!(holes.is_empty(), "{holes:#?}");
}

/// Each threat names defences and tests that exist.
#[test]
fn every_threat_has_a_defence_and_a_test() {
    let known: BTreeSet<String> = SPECS.iter().flat_map(|(spec, _)| musts(spec)).map(|(id, _)| id).collect();
    let tests = tests();
    let text = read("specs/threats.md");
    let rows: Vec<&str> = text.lines().filter(|line| line.starts_with("| THR-")).collect();
    assert!(rows.len() >= 10, "{}", rows.len());
    for (at, row) in rows.iter().enumerate() {
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        let [_, id, _, _, defences, proofs, _] = cells.as_slice() else { panic!("six bars: {row}") };
        assert_eq!(*id, format!("THR-{}", at + 1));
        assert!(!ids(defences).is_empty() && ids(defences).is_subset(&known), "{id}: {defences}");
        let named: Vec<&str> = proofs.split('`').skip(1).step_by(2).collect();
        assert!(!named.is_empty(), "{id} has no test");
        for name in named {
            assert!(tests.contains_key(name), "{id}: there is no test {name}");
        }
    }
}

/// The table of ids in specs/README.md, as it must be now.
fn table() -> String {
    let code = sources("crates");
    let mut out = String::from("\n| id | what | code |\n|---|---|---|\n");
    for (spec, families) in SPECS {
        for family in families {
            let mut all = musts(spec);
            all.retain(|(id, _)| number(id).0 == *family);
            all.sort_by_key(|(id, _)| number(id));
            for (id, text) in all {
                let short = |name: &str| name.strip_prefix("crates/").unwrap_or(name).replace("/src/", "/");
                let sites: Vec<String> = code
                    .iter()
                    .filter(|(name, text)| ids(program(name, text)).contains(&id))
                    .map(|(name, _)| short(name))
                    .collect();
                let what: Vec<&str> = text.split_whitespace().take(12).collect();
                writeln!(out, "| {id} | {} ... | {} |", what.join(" ").replace('|', "/"), sites.join(", ")).unwrap();
            }
        }
    }
    out
}

#[test]
fn the_table_of_ids_is_fresh() {
    let text = read("specs/README.md");
    let (before, rest) = text.split_once(TABLE_BEGINS).expect("the table's first marker");
    let (found, after) = rest.split_once(TABLE_ENDS).expect("the table's last marker");
    let wanted = table();
    if std::env::var("RELTO_WRITE").is_ok_and(|what| what == "ids") {
        let new = [before, TABLE_BEGINS, &wanted, TABLE_ENDS, after].concat();
        fs::write(root().join("specs/README.md"), new).unwrap();
    } else {
        assert_eq!(found, wanted, "RELTO_WRITE=ids cargo test tidy writes it");
    }
}

/// A new field of a report must not compile until it stands in the list of what the partner sees.
#[test]
fn what_the_partner_sees_is_listed_field_by_field() {
    let text = read("crates/report/src/shown.rs");
    let rest: String = text.split_whitespace().collect::<Vec<_>>().join(" ").replace("(1..)", "");
    assert!(!rest.contains(".."), "shown.rs takes every struct apart without `..`");
    for kind in ["Report {", "MarkedText {", "Portion {", "Judgement {", "Source {", "Described {", "Attachment {"] {
        assert!(text.contains(&format!("let {kind}")), "shown.rs does not take {kind} apart");
    }
}
