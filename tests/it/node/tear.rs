//! A tear line is a report of its own, and what it is one of stays at home.

use super::{Lab, connect, run, until};
use relto_audit::{leaf::Verdict, origin::Origin};
use relto_exchange::{
    rows::{Outbox, Stage},
    store::{Key, Reader as _, Row},
};
use relto_host::{keys::load_secret32, store::SqliteReader};
use relto_report::nation::Nation;
use std::process::Command;

/// The report and its tear line in the lab's examples.
const REPORT: &str = "XAA-J2-2026-0431";
const TEAR_LINE: &str = "XAA-J2-2026-7316";

fn reader(lab: &Lab, nation: &str) -> SqliteReader {
    let dir = lab.dir.join(nation);
    SqliteReader::open(&dir.join("data/relto.db"), &load_secret32(&dir.join("storage.key")).unwrap()).unwrap()
}

#[test]
fn a_tear_line_goes_alone_and_only_its_private_detail_names_the_report() {
    run(async {
        let lab = Lab::new();
        let _nodes = [lab.start("XAA"), lab.start("XBB")];
        let mut client = connect(&lab.person("XAA", "author")).await;
        until(&mut client, 15, |status| status.links[0].heads_confirmed).await;
        let report = lab.dir.join("XAA/reports/report.md");
        let relto = |account: &str, words: &[&str]| {
            let profile = lab.dir.join("XAA/people").join(account).join("profile.toml");
            let mut command = Command::new(env!("CARGO_BIN_EXE_relto"));
            command.env_remove("RELTO_PROFILE").arg("--profile").arg(profile).args(words);
            command.output().unwrap()
        };
        let words = ["submit", report.to_str().unwrap(), "--tear-line", "--to", "XBB", "--wait", "--accept-banner"];
        let told = relto("author", &words);
        let held = told.status.code() == Some(5);
        if held {
            let told = relto("officer-1", &["hold", "approve", TEAR_LINE, "--yes"]);
            assert!(told.status.success(), "{}", String::from_utf8_lossy(&told.stderr));
        } else {
            assert!(told.status.success(), "{}", String::from_utf8_lossy(&told.stderr));
        }
        let nation = |code| Nation::parse(code).unwrap();
        let log = Origin::new("XAA-XBB-2026-01", nation("XAA"), 0);
        let ours = reader(&lab, "XAA");
        let rows = ours.scan(&Key::Outbox(log, 0), &Key::Outbox(log, u64::MAX), 10).unwrap();
        let [(Key::Outbox(_, index), Row::Outbox(Outbox { serial, .. }))] = rows.as_slice() else { panic!("{rows:?}") };
        assert_eq!(serial, TEAR_LINE, "the report itself has not gone");
        let home = ours.get(&[Key::Home(log, *index)]).unwrap().remove(0);
        let Some(Row::Bytes(home)) = home else { panic!("no home file") };
        assert!(String::from_utf8(home).unwrap().contains(&format!("report = \"{REPORT}\"")));
        // What the partner has of it names neither the report nor anything else of it.
        let theirs = reader(&lab, "XBB");
        let mut found = None;
        for _ in 0..1_200 {
            let rows = theirs.get(&[Key::Payload(log, *index), Key::Inbox(log, *index)]).unwrap();
            if let [Some(Row::Bytes(payload)), Some(Row::Inbox(row))] = rows.as_slice() {
                assert_eq!(row.verdict, Verdict::Admitted);
                found = Some(payload.clone());
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        let text = String::from_utf8_lossy(&found.expect("it was received")).into_owned();
        assert!(text.contains(TEAR_LINE) && !text.contains(REPORT));
        let rows = ours.get(&[Key::Outbox(log, *index)]).unwrap();
        assert!(matches!(&rows[0], Some(Row::Outbox(Outbox { stage: Stage::Released | Stage::Resolved { .. }, .. }))));
    });
}
