//! Readers of the inbox: who is listed and shown what, what is put on record, and what their configuration must be.

use super::{Daemon, Lab, connect, done, refused, relto, run, until};
use relto_cli::client::Client;
use relto_formats::api::{Opened, Opening, Received, Register, Sent, Status};
use relto_lab::lab::run::person;
use std::{fs, process::Command, time::Duration};

/// RESTRICTED, to XBB/CYBER.
const RESTRICTED: &str = "XAA-CYBER-2026-3107";
/// SECRET, to XBB/J2 and XBB/MARINE, for information to XBB/CYBER.
const SECRET: &str = "XAA-J2-2026-0431";

/// Borealia has both reports, and a signed receipt of each; its node has ended.
async fn received(lab: &Lab) -> Vec<Received> {
    let (_sender, _node) = (lab.start("XAA"), lab.start("XBB"));
    let mut sender = connect(&lab.person("XAA", "author")).await;
    let linked = |status: &Status| status.links.iter().all(|link| link.heads_confirmed);
    until(&mut sender, 10, linked).await;
    let submit = |file: &str, code| {
        let path = lab.dir.join("XAA/reports").join(file);
        done(&relto(lab, "XAA", "author", &["submit", path.to_str().unwrap(), "--to", "XBB", "--wait"]), code);
    };
    submit("roc800-file-access.md", 0);
    submit("report.md", 5);
    for (officer, code) in [("officer-1", 5), ("officer-2", 0)] {
        done(&relto(lab, "XAA", officer, &["hold", "approve", SECRET, "--yes"]), code);
    }
    let mut author = connect(&lab.person("XBB", "author")).await;
    for _ in 0..1_200 {
        let inbox: Vec<Received> = author.get("/v1/inbox").await.unwrap();
        if inbox.len() == 2 {
            return inbox;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("not received: {}", lab.told("XBB"))
}

fn place(of: &[Received], serial: &str) -> String {
    let line = of.iter().find(|line| line.serial == serial).unwrap();
    format!("/v1/inbox/{}/{}", line.agreement, line.index)
}

async fn serials(client: &mut Client) -> Vec<String> {
    let inbox: Vec<Received> = client.get("/v1/inbox").await.unwrap();
    inbox.into_iter().map(|line| line.serial).collect()
}

async fn register(lab: &Lab) -> Vec<Opening> {
    let mut auditor = connect(&lab.person("XBB", "auditor")).await;
    let all: Register = auditor.get("/v1/register").await.unwrap();
    assert_eq!(all.next, None);
    all.openings
}

/// Who, for which office, what, and whether it was opened or why not.
fn told(of: &[Opening]) -> Vec<(&str, &str, &str, String)> {
    let rules = |one: &Opening| one.reasons.iter().map(|rule| rule.word()).collect::<Vec<_>>().join(" ");
    let what = |one: &Opening| if one.opened { "opened".to_owned() } else { rules(one) };
    of.iter().map(|one| (one.account.as_str(), one.office.as_str(), one.serial.as_str(), what(one))).collect()
}

#[test]
fn api_23_api_24_api_25_a_reader_opens_what_is_for_them_and_the_register_says_who_asked() {
    run(async {
        let lab = Lab::new();
        let sent = received(&lab).await;
        let _node = lab.start("XBB");
        let (restricted, secret) = (place(&sent, RESTRICTED), place(&sent, SECRET));
        let mut author = connect(&lab.person("XBB", "author")).await;
        let mut analyst = connect(&lab.person("XBB", "analyst")).await;
        assert_eq!(serials(&mut author).await, [RESTRICTED, SECRET]);
        assert_eq!(serials(&mut analyst).await, [RESTRICTED], "addressed to CYBER both, and cleared for one");
        let opened: Opened = analyst.get(&restricted).await.unwrap();
        assert!(opened.received.serial == RESTRICTED && !opened.plaintext.0.is_empty());
        let error = analyst.get::<Opened>(&secret).await.unwrap_err();
        assert_eq!(refused!(error), Some((403, "reading".to_owned())));
        assert!(error.to_string().contains("(level 3); yours goes to "), "{error}");
        assert!(!error.to_string().contains("MARINE"), "it tells nothing else: {error}");
        let opened: Opened = author.get(&secret).await.unwrap();
        assert_eq!(opened.received.serial, SECRET);
        // What is not there is on nobody's record, whoever asks.
        for path in ["/v1/inbox/XAA-XBB-2026-01/0", "/v1/inbox/XAA-XBB-2026-01/999", "/v1/inbox/XAA-XCC-2026-01/1"] {
            assert_eq!(refused!(analyst.get::<Opened>(path).await.unwrap_err()), Some((404, "not-found".to_owned())));
        }
        for account in ["officer-2", "auditor"] {
            let mut other = connect(&lab.person("XBB", account)).await;
            assert_eq!(serials(&mut other).await, [RESTRICTED, SECRET], "{account} reads records");
            let error = other.get::<Opened>(&restricted).await.unwrap_err();
            assert_eq!(refused!(error), Some((403, "role".to_owned())), "{account} reads no text");
        }
        for account in ["author", "analyst", "officer-1", "operator"] {
            let mut other = connect(&lab.person("XBB", account)).await;
            let error = other.get::<Register>("/v1/register").await.unwrap_err();
            assert_eq!(refused!(error), Some((403, "role".to_owned())), "{account}");
        }
        let found = register(&lab).await;
        let wanted = [
            ("analyst", "XBB/CYBER", RESTRICTED, "opened".to_owned()),
            ("analyst", "", SECRET, "clearance".to_owned()),
            ("author", "XBB/J2", SECRET, "opened".to_owned()),
        ];
        assert_eq!(told(&found), wanted);
        assert!(found.iter().all(|one| one.time > 0 && one.agreement == "XAA-XBB-2026-01"), "{found:?}");
        let mut auditor = connect(&lab.person("XBB", "auditor")).await;
        let rest: Register = auditor.get(&format!("/v1/register?from={}", found[1].entry + 1)).await.unwrap();
        assert_eq!(rest.openings, found[2..]);
        by_client(&lab, &found[1].leaf, found.len());
    });
}

#[test]
fn flw_9_whoever_hears_of_the_receipt_finds_the_report_readable() {
    run(async {
        let lab = Lab::new();
        let (_sender, _node) = (lab.start("XAA"), lab.start("XBB"));
        let mut sender = connect(&lab.person("XAA", "author")).await;
        until(&mut sender, 10, |status: &Status| status.links.iter().all(|link| link.heads_confirmed)).await;
        let mut reader = connect(&lab.person("XBB", "author")).await;
        let text = fs::read_to_string(lab.dir.join("XAA/reports/roc800-file-access.md")).unwrap();
        for at in 0..8 {
            let (serial, path) =
                (format!("XAA-CYBER-2026-{}", 5_000 + at), lab.dir.join(format!("XAA/reports/at-{at}.md")));
            fs::write(&path, text.replace(RESTRICTED, &serial)).unwrap();
            let home = fs::read_to_string(lab.dir.join("XAA/reports/roc800-file-access.home.toml")).unwrap();
            fs::write(path.with_extension("home.toml"), home.replace(RESTRICTED, &serial)).unwrap();
            done(&relto(&lab, "XAA", "author", &["submit", path.to_str().unwrap(), "--to", "XBB", "--wait"]), 0);
            let opened: Opened = reader.get(&format!("/v1/inbox/XAA-XBB-2026-01/serials/{serial}")).await.unwrap();
            assert_eq!(opened.received.serial, serial);
        }
    });
}

#[test]
fn api_44_by_serial_a_reader_is_answered_and_recorded_as_by_leaf() {
    run(async {
        let lab = Lab::new();
        let sent = received(&lab).await;
        let _node = lab.start("XBB");
        let mut analyst = connect(&lab.person("XBB", "analyst")).await;
        let of = |serial: &str| format!("/v1/inbox/XAA-XBB-2026-01/serials/{serial}");
        let by_leaf = analyst.get::<Opened>(&place(&sent, SECRET)).await.unwrap_err().to_string();
        let by_serial = analyst.get::<Opened>(&of(SECRET)).await.unwrap_err();
        assert_eq!(refused!(by_serial), Some((403, "reading".to_owned())));
        assert_eq!(by_serial.to_string(), by_leaf);
        let opened: Opened = analyst.get(&of(RESTRICTED)).await.unwrap();
        assert_eq!(opened.received.serial, RESTRICTED);
        // What is not there is on nobody's record; nor is what another role asks.
        for serial in ["XAA-J2-2026-9999", ""] {
            assert!(analyst.get::<Opened>(&of(serial)).await.is_err());
        }
        let mut auditor = connect(&lab.person("XBB", "auditor")).await;
        let error = auditor.get::<Opened>(&of(SECRET)).await.unwrap_err();
        assert_eq!(refused!(error), Some((403, "role".to_owned())));
        let found = register(&lab).await;
        let refused = || ("analyst", "", SECRET, "clearance".to_owned());
        assert_eq!(told(&found), [refused(), refused(), ("analyst", "XBB/CYBER", RESTRICTED, "opened".to_owned())]);
    });
}

/// The same by the client's commands.
fn by_client(lab: &Lab, secret: &str, before: usize) {
    let listed = done(&relto(lab, "XBB", "analyst", &["inbox"]), 0);
    assert!(listed.contains(RESTRICTED) && !listed.contains(SECRET), "{listed}");
    let nothing = done(&relto(lab, "XBB", "analyst", &["show", "XAA-J2-2026-9999"]), 1);
    assert!(nothing.contains("is not in the inbox"), "{nothing}");
    // API-44: by serial as by leaf.
    let by_serial = done(&relto(lab, "XBB", "analyst", &["show", SECRET]), 3);
    let by_leaf = done(&relto(lab, "XBB", "analyst", &["show", secret]), 3);
    assert!(by_leaf.contains("that you asked is on record") && !by_leaf.contains("MARINE"), "{by_leaf}");
    assert_eq!(by_serial, by_leaf);
    let shown = done(&relto(lab, "XBB", "analyst", &["show", RESTRICTED]), 0);
    assert!(shown.contains("RESTRICTED"), "{shown}");
    let objects = done(&relto(lab, "XBB", "auditor", &["--json", "register"]), 0);
    let openings = objects.lines().filter(|line| !line.starts_with("{\"role\""));
    let objects: Vec<Opening> = openings.map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(objects.len(), before + 3);
    let opened: Vec<bool> = objects[before..].iter().map(|one| one.opened).collect();
    assert_eq!(opened, [false, false, true], "asked for by serial and by leaf, and another opened");
    let table = done(&relto(lab, "XBB", "auditor", &["register"]), 0);
    assert!(table.contains("refused: clearance") && table.contains("XBB/CYBER"), "{table}");
    done(&relto(lab, "XBB", "author", &["register"]), 1);
}

/// Puts these lines in place of what the configuration says of the analyst as a reader, and starts the node.
fn with_analyst(lab: &Lab, lines: &str) -> Daemon {
    let text = fs::read_to_string(lab.config("XBB")).unwrap();
    let mut tables: Vec<String> = text.split("\n[[person]]\n").map(str::to_owned).collect();
    let table = tables.iter_mut().find(|one| one.starts_with("account = \"analyst\"")).unwrap();
    let kept =
        table.lines().filter(|line| ["account", "key", "office ", "roles"].iter().any(|key| line.starts_with(key)));
    *table = format!("{}\n{lines}\n", kept.collect::<Vec<_>>().join("\n"));
    fs::write(lab.config("XBB"), tables.join("\n[[person]]\n")).unwrap();
    lab.start("XBB")
}

#[test]
fn api_23_office_clearance_nationality_and_firm_come_from_the_configuration() {
    run(async {
        let lab = Lab::new();
        let sent = received(&lab).await;
        let secret = place(&sent, SECRET);
        let mut wanted = Vec::new();
        for (lines, office, what) in [
            ("offices = [\"XBB/VEILLE\"]\nclearance = 3\nnationality = [\"XBB\"]", "", "need-to-know"),
            ("offices = [\"XBB/MARINE\"]\nclearance = 2\nnationality = [\"XBB\"]", "", "clearance"),
            ("offices = [\"XBB/MARINE\"]\nclearance = 3\nnationality = [\"XBB\", \"XCC\"]", "", "third-nationality"),
            ("offices = [\"XBB/MARINE\"]\nclearance = 3", "", "nationality-unknown"),
            (
                "offices = [\"XBB/MARINE\"]\nclearance = 3\nnationality = [\"XBB\"]\ncontractor = \"Firm\"",
                "",
                "contractor",
            ),
            ("", "", "clearance need-to-know nationality-unknown"),
            (
                "offices = [\"XBB/VEILLE\", \"XBB/MARINE\"]\nclearance = 4\nnationality = [\"XBB\", \"XAA\"]",
                "XBB/MARINE",
                "opened",
            ),
        ] {
            let _node = with_analyst(&lab, lines);
            let mut analyst = connect(&person(&lab.dir, "XBB", "analyst").unwrap()).await;
            let is_listed = serials(&mut analyst).await.iter().any(|serial| serial == SECRET);
            assert_eq!(is_listed, what == "opened", "{lines}");
            match analyst.get::<Opened>(&secret).await {
                Ok(_) => assert_eq!(what, "opened", "{lines}"),
                Err(error) => assert_eq!(refused!(error), Some((403, "reading".to_owned())), "{lines}: {error:#}"),
            }
            wanted.push(("analyst", office, SECRET, what.to_owned()));
            assert_eq!(told(&register(&lab).await), wanted);
        }
        let config = lab.config("XBB");
        done(&relto(&lab, "XBB", "auditor", &["audit", "verify", "--config", config.to_str().unwrap()]), 0);
    });
}

#[test]
fn api_26_what_is_wrong_with_readers_is_told_at_once_and_the_node_does_not_start() {
    let lab = Lab::new();
    let good = fs::read_to_string(lab.config("XBB")).unwrap();
    let check = |from: &[(&str, &str)]| {
        let mut text = good.clone();
        for (old, new) in from {
            assert!(text.contains(old), "{old}");
            text = text.replacen(old, new, 1);
        }
        fs::write(lab.config("XBB"), text).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_reltod"));
        command.arg("--config").arg(lab.config("XBB")).arg("--check").output().unwrap()
    };
    done(&check(&[]), 0);
    let told = done(
        &check(&[
            ("offices = [\"XBB/J2\", \"XBB/CYBER\"]", "offices = [\"XBB/J2\", \"XBB/J2\"]"),
            ("clearance = 3", "clearance = 5"),
            ("nationality = [\"XBB\"]", "nationality = [\"XB\"]\ncontractor = \" \""),
            ("clearance = 1", "clearence = 1"),
        ]),
        1,
    );
    for fault in [
        "error C022: office XBB/J2 is here twice",
        "error C023: clearance must be",
        "error C012: \"XB\" is not a nation",
        "error C024: contractor must name the firm",
        "error C002: unknown key \"person.clearence\". Did you mean \"clearance\"?",
    ] {
        let line = told.lines().find(|line| line.contains(fault)).unwrap_or_else(|| panic!("{told}\nlacks {fault}"));
        assert!(line.contains("node.toml:"), "with its place: {line}");
    }
    let told = done(
        &check(&[
            ("offices = [\"XBB/CYBER\"]", "offices = [\"XBB/CYBERS\"]"),
            ("offices = [\"XBB/J2\"]", "offices = [\"XAA/J2\"]"),
        ]),
        1,
    );
    for (account, office) in [("analyst", "XBB/CYBERS"), ("officer-1", "XAA/J2")] {
        let fault =
            format!("node.toml: error C025: offices of person \"{account}\": {office} is not an addressee of XBB");
        assert!(told.contains(&fault), "{told}");
    }
    assert!(told.contains("Known: XBB/AT, XBB/CYBER, XBB/J2, XBB/MARINE, XBB/VEILLE"), "{told}");
}

/// What an author sees of a report.
async fn sent(author: &mut Client, serial: &str) -> Sent {
    let outbox: Vec<Sent> = author.get("/v1/outbox").await.unwrap();
    outbox.into_iter().find(|one| one.serial == serial).unwrap()
}

#[test]
fn api_28_an_office_acknowledges_what_it_may_read_and_the_author_is_told() {
    run(async {
        let lab = Lab::new();
        received(&lab).await;
        let (_sender, _node) = (lab.start("XAA"), lab.start("XBB"));
        let mut author = connect(&lab.person("XAA", "author")).await;
        until(&mut author, 15, |status| status.links.iter().all(|link| link.heads_confirmed)).await;
        assert_eq!(sent(&mut author, RESTRICTED).await.acknowledged_by, None);
        // Who may not open it may not acknowledge it, and is told no more than that it is not in the inbox.
        done(&relto(&lab, "XBB", "analyst", &["acknowledge", SECRET]), 1);
        done(&relto(&lab, "XAA", "author", &["acknowledge", RESTRICTED]), 1);
        let told = done(&relto(&lab, "XBB", "author", &["acknowledge", SECRET]), 0);
        assert!(told.contains("is acknowledged"), "{told}");
        let mut by = None;
        for _ in 0..1_200 {
            by = sent(&mut author, SECRET).await.acknowledged_by;
            if by.is_some() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        assert!(by.is_some_and(|office| office.starts_with("XBB/")));
        assert!(done(&relto(&lab, "XBB", "author", &["acknowledge", SECRET]), 0).contains("was acknowledged before"));
        let listed = done(&relto(&lab, "XAA", "author", &["outbox"]), 0);
        assert!(listed.contains("acknowledged by XBB/"), "{listed}");
        // The partner's Statement is in our inbox for officers, and no report for a reader.
        let mut officer = connect(&lab.person("XAA", "officer-1")).await;
        let inbox: Vec<Received> = officer.get("/v1/inbox").await.unwrap();
        let said = inbox.iter().find_map(|one| one.statement.clone()).unwrap();
        assert!(said.starts_with("acknowledged XAA>XBB:"), "{said}");
        for nation in ["XAA", "XBB"] {
            let config = lab.config(nation);
            done(&relto(&lab, nation, "auditor", &["audit", "verify", "--config", config.to_str().unwrap()]), 0);
        }
    });
}
