//! What an operator sees of a running node and does to it: a new CRL, health, metrics, log lines, signals.

use super::{Daemon, Lab, connect, run, until};
use relto_cli::profile::Profile;
use relto_host::{clock, tls::config::server_name};
use relto_lab::pki::{Authority, DAY, LeafSpec};
use relto_report::nation::Nation;
use std::{fs, net::TcpListener, os::unix::fs::PermissionsExt as _, process::Command, time::Duration};
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _},
    net::TcpStream,
    time::{sleep, timeout},
};
use tokio_rustls::TlsConnector;

const AGREEMENT: &str = "{agreement=\"XAA-XBB-2026-01\"}";

/// Puts another file in the place of one, as an operator's script does, whole or not at all.
pub(super) fn replace(lab: &Lab, name: &str, text: &str) {
    let path = lab.dir.join(name);
    let new = path.with_extension("new");
    fs::write(&new, text).unwrap();
    fs::set_permissions(&new, fs::Permissions::from_mode(0o600)).unwrap();
    fs::rename(&new, &path).unwrap();
}

/// Waits until a node's log, from `before` on, holds the text.
pub(super) async fn says(lab: &Lab, nation: &str, before: usize, text: &str) {
    for _ in 0..1_200 {
        if lab.told(nation)[before..].contains(text) {
            return;
        }
        sleep(Duration::from_millis(50)).await;
    }
    panic!("{text:?} is not in {}", &lab.told(nation)[before..])
}

/// GET over any stream: status and body.
async fn get(mut stream: impl AsyncRead + AsyncWrite + Unpin, host: &str, path: &str) -> (u16, String) {
    let head = format!("GET {path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n");
    stream.write_all(head.as_bytes()).await.unwrap();
    heard(stream).await
}

/// Status and body of the answer.
async fn heard(mut stream: impl AsyncRead + Unpin) -> (u16, String) {
    let mut answer = Vec::new();
    // A server that hangs up without a TLS goodbye has answered all the same.
    let _ = timeout(Duration::from_secs(60), stream.read_to_end(&mut answer)).await.expect("an answer");
    let answer = String::from_utf8(answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let status = head.strip_prefix("HTTP/1.1 ").and_then(|rest| rest[..3].parse().ok()).unwrap();
    (status, body.to_owned())
}

/// GET of the client API, as text.
pub(super) async fn ask(profile: &Profile, path: &str) -> (u16, String) {
    let socket = TcpStream::connect(profile.api).await.unwrap();
    let stream = TlsConnector::from(profile.tls().unwrap()).connect(server_name(), socket).await.unwrap();
    get(stream, &profile.node, path).await
}

/// POST to the client API by a program that says this of itself.
pub(super) async fn post_as(profile: &Profile, agent: &str, path: &str, body: &str) -> (u16, String) {
    let socket = TcpStream::connect(profile.api).await.unwrap();
    let mut stream = TlsConnector::from(profile.tls().unwrap()).connect(server_name(), socket).await.unwrap();
    let head = format!(
        "POST {path} HTTP/1.1\r\nhost: {}\r\n{agent}content-type: application/json\r\ncontent-length: {}\r\n\
         connection: close\r\n\r\n",
        profile.node,
        body.len()
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(body.as_bytes()).await.unwrap();
    heard(stream).await
}

#[test]
fn lnk_8_a_new_crl_ends_the_session_that_it_revokes_and_an_older_one_changes_nothing() {
    run(async {
        let lab = Lab::new();
        let now = i64::try_from(clock::now_ms() / 1000).unwrap();
        let read = |name: &str| fs::read_to_string(lab.dir.join("XAA").join(name)).unwrap();
        let authority = Authority::load(&read("root.pem"), &read("root.key")).unwrap();
        let node = LeafSpec::node(Nation::parse("XAA").unwrap(), "xaa-1", now);
        let (first, second) = (authority.issue(&node).unwrap(), authority.issue(&node).unwrap());
        let crl = |number, revoked: &[[u8; 16]]| authority.crl(number, now - 60, now + DAY, revoked).unwrap().pem;
        let older = fs::read_to_string(lab.dir.join("XBB/partner-crl.pem")).unwrap();
        replace(&lab, "XAA/node.pem", &first.pem);
        replace(&lab, "XAA/node.key", &first.key.pem().unwrap());
        let arcadia = lab.start("XAA");
        let _borealia = lab.start("XBB");
        let mut operator = connect(&lab.person("XBB", "operator")).await;
        until(&mut operator, 15, |status| status.links[0].connected && status.links[0].heads_confirmed).await;

        let before = lab.told("XBB").len();
        replace(&lab, "XBB/partner-crl.pem", &crl(2, &[first.serial]));
        until(&mut operator, 3, |status| !status.links[0].connected).await;
        says(&lab, "XBB", before, "trust reloaded").await;
        says(&lab, "XBB", before, "session ended: its certificate is no longer good").await;
        says(&lab, "XBB", before, "of relto://XAA/node/xaa-1 is revoked by its nation").await;
        says(&lab, "XBB", before, "link handshake refused").await;
        let metrics = ask(&lab.person("XBB", "operator"), "/v1/metrics").await.1;
        assert!(metrics.contains(&format!("relto_link_up{AGREEMENT} 0\n")), "{metrics}");
        assert_eq!(ask(&lab.person("XBB", "operator"), "/v1/health").await.0, 200, "a link is not the node");

        // Whoever puts the older list back does not bring the session back.
        let before = lab.told("XBB").len();
        replace(&lab, "XBB/partner-crl.pem", &older);
        says(&lab, "XBB", before, "trust of this nation cannot be used: its links are closed, and no others").await;
        says(&lab, "XBB", before, "goes back:").await;
        for _ in 0..20 {
            until(&mut operator, 1, |status| !status.links[0].connected).await;
            sleep(Duration::from_millis(50)).await;
        }
        assert!(!lab.told("XBB")[before..].contains("session proven"), "{}", lab.told("XBB"));

        // A new certificate under a newer list that still revokes the old one.
        replace(&lab, "XBB/partner-crl.pem", &crl(3, &[first.serial]));
        replace(&lab, "XAA/crl.pem", &crl(3, &[first.serial]));
        drop(arcadia);
        replace(&lab, "XAA/node.pem", &second.pem);
        replace(&lab, "XAA/node.key", &second.key.pem().unwrap());
        let _arcadia = lab.start("XAA");
        until(&mut operator, 20, |status| status.links[0].connected && status.links[0].heads_confirmed).await;
    });
}

#[test]
fn health_and_metrics_tell_how_the_node_stands() {
    run(async {
        let lab = Lab::new();
        let scraped = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let api = lab.address("XAA", "api");
        lab.set("XAA", "api", Some(&format!("\"{api}\"\nmetrics = \"{scraped}\"")));
        // Where both dial at once one session gives way to the other, and for a moment the link is down.
        lab.set("XBB", "dial", None);
        let _borealia = lab.start("XBB");
        let arcadia = lab.start("XAA");
        let operator = lab.person("XAA", "operator");
        let mut client = connect(&operator).await;
        until(&mut client, 15, |status| status.links[0].connected && status.links[0].heads_confirmed).await;
        assert_eq!(ask(&operator, "/v1/health").await, (200, "ok\n".to_owned()));
        assert_eq!(ask(&lab.person("XAA", "author"), "/v1/metrics").await.0, 403);
        let told = ask(&operator, "/v1/metrics").await;
        let scrape = async |path| get(TcpStream::connect(scraped).await.unwrap(), "localhost", path).await;
        let open = scrape("/metrics").await;
        assert_eq!((told.0, open.0), (200, 200));
        for text in [&told.1, &open.1] {
            for line in [
                format!("relto_link_up{AGREEMENT} 1\n"),
                format!("relto_heads_confirmed{AGREEMENT} 1\n"),
                format!("relto_partner_log_size{AGREEMENT} "),
                "# TYPE relto_turns_total counter\n".to_owned(),
                "relto_receipts_total{verdict=\"admitted\"} 0\n".to_owned(),
                "relto_halted 0\n".to_owned(),
            ] {
                assert!(text.contains(&line), "{line} in {text}");
            }
        }
        for path in ["/", "/v1/status", "/v1/inbox", "/metrics/"] {
            assert_eq!(scrape(path).await, (404, String::new()), "the open port has nothing else");
        }
        // A node that lost its head file says so, and serves what it can.
        drop(arcadia);
        fs::rename(lab.dir.join("XAA/heads.ring"), lab.dir.join("XAA/aside.ring")).unwrap();
        let _arcadia = lab.start("XAA");
        connect(&operator).await;
        let (status, why) = ask(&operator, "/v1/health").await;
        assert_eq!(status, 503);
        assert!(why.starts_with("halted: ") && why.contains("heads.ring"), "{why}");
        assert!(scrape("/metrics").await.1.contains("relto_halted 1\n"));
    });
}

/// Pieces of a file that no log line may hold: of each long line one from its middle, cut at nothing.
fn canaries(text: &str) -> Vec<String> {
    let long = text.lines().map(|line| line.chars().collect::<Vec<_>>()).filter(|line| line.len() > 40);
    long.map(|line| line[line.len() / 2 - 10..line.len() / 2 + 10].iter().collect()).collect()
}

/// Submits as the author of Arcadia and gives the exit code.
fn submit(lab: &Lab, report: &str) -> Option<i32> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_relto"));
    command.env_remove("RELTO_PROFILE").arg("--profile").arg(lab.dir.join("XAA/people/author/profile.toml"));
    let words = ["submit", "--to", "XBB", "--wait=30"];
    command.args(words).arg(lab.dir.join("XAA/reports").join(report)).output().unwrap().status.code()
}

fn signal(node: &Daemon, name: &str) {
    assert!(Command::new("kill").args([name, &node.0.id().to_string()]).status().unwrap().success());
}

#[test]
fn json_log_lines_are_objects_and_hold_nothing_of_any_report() {
    run(async {
        let lab = Lab::new();
        ["XAA", "XBB"].iter().for_each(|nation| lab.set(nation, "log", Some("\"json\"")));
        let nodes: Vec<Daemon> = ["XAA", "XBB"].map(|nation| lab.start(nation)).into();
        let mut client = connect(&lab.person("XAA", "author")).await;
        until(&mut client, 15, |status| status.links[0].heads_confirmed).await;
        // Released, refused here, held: each has its own occasion to be told too much of.
        let reports = ["roc800-file-access", "license-manager-upload", "melsec-exhaustion", "report"];
        let codes = reports.map(|report| submit(&lab, &format!("{report}.md")));
        assert!(codes.contains(&Some(0)) && codes.contains(&Some(3)) && codes.contains(&Some(5)), "{codes:?}");
        // And one that is no partner, so that a refusal is told.
        drop(TcpStream::connect(lab.address("XAA", "dial")).await.unwrap());
        says(&lab, "XBB", 0, "link handshake refused").await;
        for mut node in nodes {
            signal(&node, "-TERM");
            assert!(node.0.wait().unwrap().success());
        }
        for nation in ["XAA", "XBB"] {
            let mut told = lab.told(nation);
            assert!(told.lines().count() >= 4, "{told}");
            let mut values = String::new();
            for line in told.lines() {
                let object: serde_json::Value =
                    serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
                for key in ["timestamp", "level", "fields"] {
                    assert!(object.get(key).is_some(), "{key} in {line}");
                }
                let fields = object["fields"].as_object().unwrap().values();
                fields.filter_map(serde_json::Value::as_str).for_each(|text| values.extend([text, "\n"]));
            }
            // As it stands there, and as it reads without the escapes.
            told.push_str(&values);
            for report in reports {
                for name in [format!("{report}.md"), format!("{report}.home.toml")] {
                    let text = fs::read_to_string(lab.dir.join("XAA/reports").join(&name)).unwrap();
                    let pieces = canaries(&text);
                    assert!(!pieces.is_empty(), "{name}");
                    for piece in pieces {
                        assert!(!told.contains(&piece), "{nation}: {piece:?} of {name} in {told}");
                    }
                }
            }
            for account in ["author", "officer-1", "officer-2"] {
                assert!(!told.contains(&format!("\"{account}\"")), "{nation}: {account} in {told}");
            }
        }
    });
}

#[test]
fn a_hang_up_ends_no_node_and_a_termination_ends_it_well() {
    run(async {
        let lab = Lab::new();
        lab.set("XBB", "dial", None);
        let mut nodes = ["XAA", "XBB"].map(|nation| lab.start(nation));
        let mut client = connect(&lab.person("XAA", "operator")).await;
        until(&mut client, 15, |status| status.links[0].connected && status.links[0].heads_confirmed).await;
        let before = lab.told("XAA").len();
        for _ in 0..3 {
            signal(&nodes[0], "-HUP");
        }
        says(&lab, "XAA", before, "roots and CRLs are looked at every second").await;
        until(&mut client, 1, |status| status.links[0].connected).await;
        assert_eq!(nodes[0].0.try_wait().unwrap(), None, "it goes on");
        assert!(!lab.told("XAA")[before..].contains("session ended"), "{}", lab.told("XAA"));
        signal(&nodes[0], "-TERM");
        let mut ended = None;
        for _ in 0..1_200 {
            ended = nodes[0].0.try_wait().unwrap();
            if ended.is_some() {
                break;
            }
            sleep(Duration::from_millis(50)).await;
        }
        assert_eq!(ended.and_then(|status| status.code()), Some(0), "{}", lab.told("XAA"));
        says(&lab, "XAA", before, "ended as told").await;
    });
}
