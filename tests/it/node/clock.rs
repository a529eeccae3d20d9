//! A node whose clock nobody vouches for: what it says of it, and who ends it.

use super::{
    Lab, connect, done, refused, relto, run, until,
    watch::{ask, says},
};
use relto_cli::client::Client;
use relto_formats::api::{ClockStatus, Register, Role, Status, TrustClock};
use relto_host::clock::is_synchronised;

async fn health(client: &mut Client) -> Option<(u16, String)> {
    let error = client.get::<Status>("/v1/health").await.unwrap_err();
    error.downcast_ref::<relto_cli::client::Refused>().map(|one| (one.status, one.problem.to_string()))
}

#[test]
fn api_45_an_operator_and_an_auditor_end_the_doubt_and_are_on_record() {
    run(async {
        let lab = Lab::new();
        lab.set("XAA", "clock", None);
        // A store that has just been made has no record but Genesis, which has no time.
        let _node = lab.start("XAA");
        let mut operator = connect(&lab.person("XAA", "operator")).await;
        let status: Status = operator.get("/v1/status").await.unwrap();
        if is_synchronised() {
            assert!(status.clock.believed_by.unwrap().contains("system"));
            return;
        }
        assert_eq!((status.clock.believed_by, status.journal_size), (None, 0), "not even the start is on record");
        assert_eq!(status.clock.waits_for, [Role::Operator, Role::Auditor]);
        let (code, text) = health(&mut operator).await.unwrap();
        assert!(code == 503 && text.contains("clock: the clock of this node is not believed"), "{text}");
        let told = done(&relto(&lab, "XAA", "operator", &["status"]), 1);
        assert!(told.contains("CLOCK"), "{told}");
        assert!(ask(&lab.person("XAA", "operator"), "/v1/metrics").await.1.contains("\nrelto_clock_believed 0\n"));
        let report = lab.dir.join("XAA/reports/roc800-file-access.md");
        let refused_now = done(&relto(&lab, "XAA", "author", &["submit", report.to_str().unwrap(), "--to", "XBB"]), 1);
        assert!(refused_now.contains("relto clock trust"), "{refused_now}");
        // Signed for another start: it is not taken.
        let body = TrustClock { statement: vec![1; 9].into(), signature: vec![0; 64].into() };
        let error = operator.post::<_, ClockStatus>("/v1/clock", &body).await.unwrap_err();
        assert_eq!(refused!(error), Some((422, "not-signed".to_owned())));
        let mut author = connect(&lab.person("XAA", "author")).await;
        let error = author.post::<_, ClockStatus>("/v1/clock", &body).await.unwrap_err();
        assert_eq!(refused!(error), Some((403, "role".to_owned())));
        let first = done(&relto(&lab, "XAA", "operator", &["clock", "trust", "--yes"]), 0);
        assert!(first.contains("still to sign: auditor"), "{first}");
        let second = done(&relto(&lab, "XAA", "auditor", &["clock", "trust", "--yes"]), 0);
        assert!(second.contains("believed, by an operator and an auditor"), "{second}");
        let status = until(&mut operator, 5, |status| status.journal_size > 2).await;
        assert_eq!(status.clock.why, None);
        assert!(ask(&lab.person("XAA", "operator"), "/v1/metrics").await.1.contains("\nrelto_clock_believed 1\n"));
        assert!(
            done(&relto(&lab, "XAA", "operator", &["status"]), 0).contains("believed by an operator and an auditor")
        );
        let told = done(&relto(&lab, "XAA", "auditor", &["register"]), 0);
        assert!(told.contains("clock believed, by an operator and an auditor: operator, auditor"), "{told}");
        drop(_node);
        // What is on record now vouches for the clock of the next start.
        let _node = lab.start("XAA");
        let mut operator = connect(&lab.person("XAA", "operator")).await;
        let status: Status = operator.get("/v1/status").await.unwrap();
        assert!(status.clock.believed_by.unwrap().contains("records"));
    });
}

#[test]
fn api_46_who_is_what_is_on_record_from_each_start_on() {
    run(async {
        let lab = Lab::new();
        let register = async || {
            let mut auditor = connect(&lab.person("XAA", "auditor")).await;
            auditor.get::<Register>("/v1/register").await.unwrap().roles
        };
        let node = lab.start("XAA");
        let first = register().await;
        let named = |account: &str| first.iter().find(|one| one.account.as_deref() == Some(account)).unwrap().clone();
        assert_eq!(first.len(), 7, "six people, and the digest: {first:?}");
        // The partner is away: told once, whatever the dials.
        says(&lab, "XAA", 0, "partner not reached").await;
        let operator = lab.person("XAA", "operator");
        let mut counted = String::new();
        for _ in 0..600 {
            counted = ask(&operator, "/v1/metrics").await.1;
            if !counted.contains("\nrelto_log_lines_hushed_total 0\n") {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        assert!(!counted.contains("\nrelto_log_lines_hushed_total 0\n"), "{counted}");
        assert_eq!(lab.told("XAA").matches("partner not reached").count(), 1, "{}", lab.told("XAA"));
        let officer = named("officer-1").now.unwrap();
        assert_eq!((officer.roles, officer.clearance), (vec!["officer".to_owned(), "reader".to_owned()], Some(3)));
        let digest = first.last().unwrap().digest.clone().unwrap();
        drop(node);
        // Nothing changed: the digest alone.
        let node = lab.start("XAA");
        let second = register().await;
        assert_eq!(second[7..].iter().map(|one| one.digest.clone()).collect::<Vec<_>>(), [Some(digest.clone())]);
        drop(node);
        // An auditor who makes an officer of a reader, and takes an account away, is seen.
        let config = lab.config("XAA");
        let text = std::fs::read_to_string(&config).unwrap();
        let people = text.find("account = \"analyst\"").unwrap();
        let end = people + text[people..].find("[[person]]").unwrap();
        let analyst = text[people..end]
            .replace("[\"reader\"]", "[\"reader\", \"officer\"]")
            .replace("clearance = 1", "clearance = 4");
        let operator = text.rfind("[[person]]").unwrap();
        std::fs::write(&config, format!("{}{analyst}{}", &text[..people], &text[end..operator])).unwrap();
        let _node = lab.start("XAA");
        let third = register().await;
        let new = &third[8..];
        assert_eq!(new.len(), 3, "{new:?}");
        assert_eq!(new[0].now.as_ref().unwrap().clearance, Some(4));
        assert_eq!((new[1].account.as_deref(), &new[1].now), (Some("operator"), &None));
        assert!(new[2].count == Some(5) && new[2].digest.as_ref() != Some(&digest));
        let shown = done(&relto(&lab, "XAA", "auditor", &["register"]), 0);
        for part in
            ["roles reader -> reader+officer, clearance 1 -> 4", "operator  taken away", "started with 5 people"]
        {
            assert!(shown.contains(part), "{part}: {shown}");
        }
    });
}

#[test]
fn flw_25_a_nodes_file_or_a_partners_hello_makes_its_clock_believed_from_then_on() {
    run(async {
        let lab = Lab::new();
        // Borealia's file vouches for its clock, Arcadia's for nothing.
        lab.set("XAA", "clock", None);
        let _node = lab.start("XAA");
        let mut operator = connect(&lab.person("XAA", "operator")).await;
        let status: Status = operator.get("/v1/status").await.unwrap();
        let alone = (status.clock.believed_by.clone(), status.journal_size);
        let _partner = lab.start("XBB");
        let mut theirs = connect(&lab.person("XBB", "operator")).await;
        let told: Status = theirs.get("/v1/status").await.unwrap();
        assert_eq!(told.clock.believed_by.as_deref(), Some("node.toml"), "whatever the system says");
        assert_eq!((told.clock.why, told.clock.waits_for), (None, Vec::new()));
        let metrics = ask(&lab.person("XBB", "operator"), "/v1/metrics").await.1;
        assert!(metrics.contains("\nrelto_clock_believed 1\n"), "{metrics}");
        let status =
            until(&mut operator, 20, |status| status.links[0].heads_confirmed && status.journal_size > 0).await;
        assert_eq!(status.clock.why, None);
        if is_synchronised() {
            eprintln!("SKIPPED: the system vouches for its clock, so that no partner has to");
            return;
        }
        assert_eq!(alone, (None, 0), "before the HELLO");
        assert_eq!(status.clock.believed_by.as_deref(), Some("a HELLO of XBB"));
        let metrics = ask(&lab.person("XAA", "operator"), "/v1/metrics").await.1;
        assert!(metrics.contains("\nrelto_clock_believed 1\n"), "{metrics}");
        let report = lab.dir.join("XAA/reports/roc800-file-access.md");
        done(&relto(&lab, "XAA", "author", &["submit", report.to_str().unwrap(), "--to", "XBB", "--wait"]), 0);
        let told = done(&relto(&lab, "XAA", "auditor", &["register"]), 0);
        assert!(told.contains("clock believed, by a HELLO of XBB"), "{told}");
    });
}
