//! node.toml as operators get it wrong: each mistake in a line of its own, with file, place and key, and no line that is
//! only a consequence of another mistake.

use super::Lab;
use std::{collections::BTreeSet, fs, os::unix::fs::PermissionsExt as _, process::Command};

/// The rest is C030 to C034, of the record of prior exchange.
const SOURCES: [&str; 3] = [
    include_str!("../../../crates/node/src/setup/config.rs"),
    include_str!("../../../crates/node/src/setup/load.rs"),
    include_str!("../../../crates/node/src/setup/load/trust.rs"),
];

/// One mistake: its code, what is changed into what, where the changed file is wrong, and what is said of it.
struct Mistake {
    code: &'static str,
    from: &'static str,
    to: &'static str,
    /// Where this text begins in the changed file; empty: no place, what several files show together.
    at: &'static str,
    says: &'static str,
}

const fn mistake(
    code: &'static str,
    from: &'static str,
    to: &'static str,
    at: &'static str,
    says: &'static str,
) -> Mistake {
    Mistake { code, from, to, at, says }
}

/// The table of a link or a nation begins in its head line.
const LINK: &str = "[[link]]";
/// The beginning of the file, where a key of the whole file is missing.
const TOP: &str = "format = ";
const TRUST: &str = "[[nation_trust]]\nnation = \"XBB\"";
const TLS: &str = "[tls]\ncertificate = \"node.pem\"\nkey = \"node.key\"\n";
const REGISTERS: &str = "registers = { XAA = \"markings-XAA.toml\", XBB = \"markings-XBB.toml\" }\n";
const TWICE: &str =
    "[[nation_trust]]\nnation = \"XAA\" # again\nroots = [\"root.pem\"]\ncrls = [\"crl.pem\"]\n\n[[link]]";
const AUTHOR: &str = "account = \"author\"\n";

static MISTAKES: [Mistake; 42] = [
    mistake("C041", "clock = \"trusted\"", "clock = \"mine\"", "\"mine\"", "clock must be \"trusted\""),
    // A quotation that does not end is wrong where its line ends.
    mistake("C001", "relto-node/1\"", "relto-node/1", "\nnode = ", "invalid basic string"),
    mistake(
        "C002",
        "log = \"text\"",
        "log = \"text\"\nnodes = 2",
        "nodes",
        "unknown key \"nodes\". Did you mean \"node\"?",
    ),
    mistake("C002", "[tls]\n", "[tls]\nfallback = true\n", "fallback", "unknown key \"tls.fallback\". Take it out"),
    mistake("C002", "dial = ", "listen = true\ndial = ", "listen = true", "unknown key \"link.listen\""),
    mistake("C003", "node = \"xaa-1\"", "node = 7", "7\n", "node must be a text in quotes"),
    mistake(
        "C003",
        "roots = [\"root.pem\"]",
        "roots = \"root.pem\"",
        "\"root.pem\"",
        "nation_trust.roots must be a list of texts",
    ),
    mistake("C003", "clearance = 3", "clearance = \"3\"", "\"3\"", "person.clearance must be a whole number"),
    mistake("C003", REGISTERS, "registers = 1\n", "1\nnational", "link.registers must be a table"),
    mistake("C004", "node = \"xaa-1\"\n", "", TOP, "node is missing"),
    mistake("C004", "data = \"data\"\n", "", TOP, "data is missing"),
    mistake("C004", "head_file = \"heads.ring\"\n", "", TOP, "head_file is missing"),
    mistake("C004", "seal_key = \"seal.key\"\n", "", TOP, "seal_key is missing"),
    mistake("C004", "storage_key = \"storage.key\"\n", "", TOP, "storage_key is missing"),
    mistake("C004", TLS, "", TOP, "tls is missing"),
    mistake("C004", "key = \"node.key\"\n", "", "[tls]", "tls.key is missing"),
    mistake("C004", "agreement = \"agreement.toml\"\n", "", LINK, "link.agreement is missing"),
    mistake("C004", "vocabulary = \"vocabulary.toml\"\n", "", LINK, "link.vocabulary is missing"),
    mistake("C004", REGISTERS, "", LINK, "link.registers is missing"),
    mistake("C004", "partner_node = \"xbb-1\"\n", "", LINK, "link.partner_node is missing"),
    mistake("C004", "roles = [\"auditor\"]", "", "[[person]]\naccount = \"auditor\"", "person.roles is missing"),
    mistake("C010", "relto-node/1", "relto-node/2", "\"relto-node/2", "format is not known"),
    mistake("C012", "nation = \"XAA\"\ndata", "nation = \"Arcadia\"\ndata", "\"Arcadia", "\"Arcadia\" is not a nation"),
    mistake("C012", "{ XAA = ", "{ xcc = \"markings-XAA.toml\", XAA = ", "xcc", "\"xcc\" is not a nation"),
    mistake("C013", "api = \"127.0.0.1:", "api = \"localhost:", "\"localhost", "api must be an address and port"),
    mistake(
        "C014",
        "[listen]\n",
        "[listen]\nmetrics = \"0.0.0.0:9\"\n",
        "\"0.0.0.0",
        "metrics are served in clear text",
    ),
    mistake("C015", "log = \"text\"", "log = \"xml\"", "\"xml\"", "log must be \"text\" or \"json\""),
    mistake(
        "C016",
        "crls = [\"partner-crl.pem\"]",
        "crls = []",
        TRUST,
        "roots and crls must name at least one file each",
    ),
    mistake("C017", LINK, TWICE, "\"XAA\" # again", "XAA is here twice"),
    mistake("C018", "\nkey = \"ed25519:", "\nkey = \"ed448:", "\"ed448:", "key must be ed25519:"),
    mistake(
        "C019",
        "account = \"operator\"",
        "account = \"auditor\" # twice",
        "\"auditor\" # twice",
        "account auditor is here twice",
    ),
    mistake("C020", "[\"operator\"]", "[\"root\"]", "\"root\"]", "role \"root\" is not known. Known: author, officer"),
    mistake("C021", TRUST, "[[nation_trust]]\nnation = \"XCC\"", "", "there is no [[nation_trust]] for XBB"),
    mistake(
        "C022",
        "offices = [\"XAA/J2\", \"XAA/CYBER\"]",
        "offices = [\"XAA/J2\", \"XAA/J2\" ]",
        "\"XAA/J2\" ]",
        "office XAA/J2 is here twice",
    ),
    mistake("C023", "clearance = 1", "clearance = 5", "5\n", "clearance must be the highest level"),
    mistake("C024", AUTHOR, "account = \"author\"\ncontractor = \" \"\n", "\" \"\n", "contractor must name the firm"),
    mistake(
        "C025",
        "offices = [\"XAA/CYBER\"]",
        "offices = [\"XAA/MINT\"]",
        "",
        "offices of person \"analyst\": XAA/MINT is not an addressee of XAA",
    ),
    mistake("C026", "\"xbb-1\"", "\"XBB 1\"", "\"XBB 1\"", "partner_node \"XBB 1\" is no name of a node"),
    mistake("C026", "\"xbb-1\"", "\"\"", "\"\"", "partner_node \"\" is no name of a node"),
    mistake("C027", "dial = \"127.0.0.1:", "dial = \"127.0.0.1/", "\"127.0.0.1/", "dial must be host:port"),
    mistake(
        "C029",
        "partner_node = ",
        "seal_key = \"seal.key\"\npartner_node = ",
        "\"seal.key\"\npartner_node",
        "every [[link]] has a seal_key of its own",
    ),
    mistake("C028", REGISTERS, "registers = {}\n", "{}", "registers must name a file for each Party"),
];

fn place(text: &str, of: &str) -> (usize, usize) {
    let at = text.find(of).unwrap_or_else(|| panic!("{of:?} in {text}"));
    let before = &text[..at];
    let line_begins = before.rfind('\n').map_or(0, |newline| newline + 1);
    (before.matches('\n').count() + 1, before[line_begins..].chars().count() + 1)
}

/// The lines that a check says, without the last; the node must not be let start.
fn faults(lab: &Lab, nation: &str) -> Vec<String> {
    let (code, mut lines) = check(lab, nation);
    assert_eq!(code, Some(1), "{lines:#?}");
    assert_eq!(lines.pop().as_deref(), Some("reltod: not started"));
    lines
}

fn check(lab: &Lab, nation: &str) -> (Option<i32>, Vec<String>) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_reltod"));
    let told = command.current_dir(&lab.dir).arg("--config").arg(lab.config(nation)).arg("--check").output().unwrap();
    assert_eq!(String::from_utf8_lossy(&told.stdout), "");
    let mut lines: Vec<String> = String::from_utf8(told.stderr).unwrap().lines().map(str::to_owned).collect();
    // What is in force is told of every node that could start. API-47
    let limits = lines.iter().position(|line| line.starts_with("inspectors of attachments: "));
    assert_eq!(limits.is_some(), told.status.success(), "{lines:?}");
    lines.retain(|line| !["inspectors of attachments: ", "hold words of "].iter().any(|told| line.starts_with(told)));
    (told.status.code(), lines)
}

/// As a mistake would be told.
fn wanted(one: &Mistake, text: &str, file: &str) -> String {
    if one.at.is_empty() {
        return format!("{file}: error {}: {}", one.code, one.says);
    }
    let (line, column) = place(text, one.at);
    format!("{file}:{line}:{column}: error {}: {}", one.code, one.says)
}

#[test]
fn each_mistake_in_node_toml_has_its_code_place_and_key_and_no_other_line() {
    let lab = Lab::new();
    let (path, good) = (lab.config("XAA"), fs::read_to_string(lab.config("XAA")).unwrap());
    assert_eq!(check(&lab, "XAA"), (Some(0), Vec::new()));
    let mut wrong = Vec::new();
    for one in &MISTAKES {
        assert!(good.contains(one.from), "{:?} in {good}", one.from);
        let text = good.replacen(one.from, one.to, 1);
        fs::write(&path, &text).unwrap();
        let (told, wanted) = (faults(&lab, "XAA"), wanted(one, &text, &path.display().to_string()));
        if told.len() != 1 || !told[0].starts_with(&wanted) {
            wrong.push(format!("wanted {wanted}\n  told {told:#?}"));
        }
    }
    // Without a link nothing but that is wrong.
    let (before, after) = good.split_once(LINK).unwrap();
    let text = format!("{before}{}", &after[after.find("[[person]]").unwrap()..]);
    fs::write(&path, text).unwrap();
    let told = faults(&lab, "XAA");
    if told.len() != 1 || !told[0].contains(":1:1: error C011: there is no [[link]]") {
        wrong.push(format!("C011: {told:#?}"));
    }
    // A text that is longer than an entry of the journal has.
    let long = format!("account = \"{}\"\n", "x".repeat(201));
    fs::write(&path, good.replacen(AUTHOR, &long, 1)).unwrap();
    let told = faults(&lab, "XAA");
    if told.len() != 1 || !told[0].contains("error C042: a person has at most 64 offices") {
        wrong.push(format!("C042: {told:#?}"));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(!lab.dir.join("crl-memory").exists(), "nothing is written where no key says");
}

#[test]
fn every_code_of_node_toml_has_a_mistake_above() {
    let mut known: BTreeSet<&str> = MISTAKES.iter().map(|one| one.code).collect();
    known.extend(["C011", "C042"]);
    let mut found = BTreeSet::new();
    for text in SOURCES {
        for (at, _) in text.match_indices("C0") {
            let code = &text[at..at + 4];
            if code.bytes().skip(2).all(|byte| byte.is_ascii_digit()) {
                found.insert(code);
            }
        }
    }
    assert_eq!(found, known);
}

#[test]
fn two_keys_and_five_files_are_told_in_one_run_and_nothing_untrue_beside_them() {
    let lab = Lab::new();
    let folder = lab.dir.join("XAA");
    lab.set("XAA", "log", Some("\"xml\""));
    lab.set("XAA", "link", Some("\"nowhere\""));
    let files = [
        ("agreement.toml", "link.agreement = "),
        ("vocabulary.toml", "link.vocabulary = "),
        ("national-rules.toml", "link.national = "),
        ("consent-XCC.toml", "link.consents = "),
        ("partner-root.pem", "nation_trust of XBB, roots: "),
    ];
    for (file, _) in files {
        fs::remove_file(folder.join(file)).unwrap();
    }
    let told = faults(&lab, "XAA");
    for (file, key) in files {
        let path = folder.join(file).display().to_string();
        let of = |line: &&String| line.starts_with(key) && line.contains(&path) && line.contains("No such file");
        assert_eq!(told.iter().filter(of).count(), 1, "{key}{path} in {told:#?}");
    }
    for key in ["error C013: link must be an address", "error C015: log must be"] {
        assert_eq!(told.iter().filter(|line| line.contains(key)).count(), 1, "{key} in {told:#?}");
    }
    assert_eq!(told.len(), 7, "{told:#?}");
    // The start itself says the same, and makes nothing.
    let database = folder.join("data/relto.db");
    let before = fs::read(&database).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_reltod"));
    let started = command.arg("--config").arg(lab.config("XAA")).output().unwrap();
    assert_eq!(started.status.code(), Some(78));
    let lines: Vec<String> = String::from_utf8(started.stderr).unwrap().lines().map(str::to_owned).collect();
    assert_eq!(lines, [&told[..], &["reltod: not started".to_owned()]].concat());
    assert_eq!(fs::read(&database).unwrap(), before);
}

#[test]
fn rpt_8_a_file_with_a_sign_that_nobody_sees_is_told_with_its_place_whatever_it_is() {
    let lab = Lab::new();
    let folder = lab.dir.join("XAA");
    for name in [
        "node.toml",
        "agreement.toml",
        "agreement.toml.sig",
        "vocabulary.toml",
        "markings-XAA.toml",
        "markings-XBB.toml",
        "national-rules.toml",
        "national-rules.toml.sig",
        "consent-XCC.toml",
        "prior.toml",
    ] {
        let path = folder.join(name);
        let good = fs::read_to_string(&path).unwrap();
        // In a comment, which people read as well.
        fs::write(&path, format!("{good}# as\u{200b}signed\n")).unwrap();
        let told = faults(&lab, "XAA").join("\n");
        let line = good.lines().count() + 1;
        assert!(
            told.contains(name) && told.contains(&format!(":{line}:5: error R003: ")) && told.contains("U+200B"),
            "{name}: {told}"
        );
        fs::write(&path, good).unwrap();
    }
    assert_eq!(check(&lab, "XAA"), (Some(0), Vec::new()));
    // And the people's own.
    let profile = folder.join("people/author/profile.toml");
    let good = fs::read_to_string(&profile).unwrap();
    for (text, place) in [
        (format!("{good}# my\u{ad}self\n"), format!(":{}:5: error R003: ", good.lines().count() + 1)),
        (
            good.replacen("account = \"author\"", "account = \"aut\\u200Bhor\"", 1),
            "error R003: invisible character U+200B".to_owned(),
        ),
    ] {
        assert_ne!(text, good);
        fs::write(&profile, text).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_relto"));
        let ran = command.env_remove("RELTO_PROFILE").arg("--profile").arg(&profile).arg("status").output().unwrap();
        let told = String::from_utf8_lossy(&ran.stderr).into_owned();
        assert!(ran.status.code() == Some(1) && told.contains(&place), "{place}: {told}");
    }
}

#[test]
fn one_missing_file_is_one_line() {
    let lab = Lab::new();
    let folder = lab.dir.join("XAA");
    for (file, key) in [
        ("partner-root.pem", "nation_trust of XBB, roots: "),
        ("partner-crl.pem", "nation_trust of XBB, crls: "),
        ("root.pem", "nation_trust of XAA, roots: "),
        ("agreement.toml", "link.agreement = "),
        ("agreement.toml.sig", "link.agreement, its signatures = "),
        ("national-rules.toml", "link.national = "),
        ("national-rules.toml.sig", "link.national, its signatures = "),
        ("markings-XBB.toml", "link.registers = "),
        ("prior.toml", "link.prior = "),
        ("seal.key", "seal_key: "),
        ("storage.key", "storage_key: "),
        ("node.key", "tls: "),
    ] {
        let (path, aside) = (folder.join(file), folder.join("aside"));
        fs::rename(&path, &aside).unwrap();
        let told = faults(&lab, "XAA");
        assert!(told.len() == 1 && told[0].starts_with(key), "{file}: {told:#?}");
        assert!(told[0].contains(&path.display().to_string()), "{file}: {told:#?}");
        fs::rename(&aside, &path).unwrap();
    }
    assert_eq!(check(&lab, "XAA"), (Some(0), Vec::new()));
}

#[test]
fn hed_3_a_database_without_its_head_file_does_not_pass_the_check() {
    let lab = Lab::new();
    let (ring, data) = (lab.dir.join("XAA/heads.ring"), lab.dir.join("XAA/data"));
    fs::remove_file(&ring).unwrap();
    let told = faults(&lab, "XAA");
    let wanted = format!("head_file = {}: ", ring.display());
    assert!(told.len() == 1 && told[0].starts_with(&wanted), "{told:#?}");
    fs::write(&ring, b"no ring").unwrap();
    fs::set_permissions(&ring, fs::Permissions::from_mode(0o600)).unwrap();
    let told = faults(&lab, "XAA");
    assert!(told.len() == 1 && told[0].starts_with(&wanted), "{told:#?}");
    fs::remove_file(&ring).unwrap();
    // Before the store is made there is neither, and nothing is wrong.
    fs::remove_dir_all(&data).unwrap();
    fs::create_dir(&data).unwrap();
    fs::set_permissions(&data, fs::Permissions::from_mode(0o700)).unwrap();
    assert_eq!(check(&lab, "XAA"), (Some(0), Vec::new()));
}

#[test]
fn api_56_what_another_start_cannot_mend_ends_with_78_and_what_it_can_with_1() {
    let lab = Lab::new();
    let start = || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_reltod"));
        let ran = command.arg("--config").arg(lab.config("XAA")).output().unwrap();
        (ran.status.code(), String::from_utf8_lossy(&ran.stderr).into_owned())
    };
    let (config, data) = (lab.config("XAA"), lab.dir.join("XAA/data"));
    let good = fs::read_to_string(&config).unwrap();
    // Another process has the store, or the address: it ends, and then it goes.
    {
        let lock = fs::File::options().write(true).open(data.join("relto.lock")).unwrap();
        lock.lock().unwrap();
        let (code, told) = start();
        assert!(code == Some(1) && told.contains("another reltod has this store open"), "{code:?} {told}");
    }
    let listener = std::net::TcpListener::bind(lab.address("XAA", "link")).unwrap();
    let (code, told) = start();
    assert!(code == Some(1) && told.contains("in use"), "{code:?} {told}");
    drop(listener);
    // A person has to change something.
    fs::write(&config, good.replacen("nation = ", "nationn = ", 1)).unwrap();
    assert_eq!(start().0, Some(78));
    fs::write(&config, &good).unwrap();
    let key = lab.dir.join("XAA/storage.key");
    let right = fs::read(&key).unwrap();
    fs::write(&key, "07".repeat(32)).unwrap();
    let (code, told) = start();
    assert!(code == Some(78) && told.contains("the storage key does not open this store"), "{code:?} {told}");
    fs::write(&key, right).unwrap();
    fs::rename(&data, lab.dir.join("XAA/away")).unwrap();
    let (code, told) = start();
    assert!(code == Some(78) && told.contains("there is no store"), "{code:?} {told}");
}
