//! Inspectors under a running node: none is left behind, nothing grows, and where they die nothing is lost.

use super::{Lab, connect, is_admitted, run};
use relto_cli::{profile::Profile, signing::submission};
use relto_formats::api::{Status, Submission, Submit};
use relto_lab::bench::Maker;
use relto_report::{
    assessment::{Attachment, Document, MarkedText},
    crypto::sha256,
    nation::Nation,
};
use std::{fs, process::Command};

/// The same report with a table.
fn with_table(author: &Profile, agreement: &str, submit: Submit, n: usize) -> Submit {
    let bytes = format!("time,n\n1,{n}\n").into_bytes();
    let document = Document::decode(submit.plaintext.0).unwrap();
    let mut report = document.report().clone();
    let mark = report.portions.last().unwrap().body.mark.clone();
    report.attachments.push(Attachment {
        name: "table.csv".to_owned(),
        mark: mark.clone(),
        title: MarkedText { mark, text: "Table".to_owned() },
        media_type: "text/csv".to_owned(),
        length: u64::try_from(bytes.len()).unwrap(),
        sha256: sha256(&[&bytes]),
    });
    let document = Document::decode(Document::lay_out(&report, &[&bytes])).unwrap();
    let to = Nation::parse("XBB").unwrap();
    submission(&author.signer().unwrap(), agreement, to, &document, None, false).unwrap()
}

/// Children of a process: number, and how they stand (`Z` is a zombie).
fn children(parent: u32) -> Vec<(u32, String)> {
    let of = |entry: fs::DirEntry| {
        let number: u32 = entry.file_name().to_str()?.parse().ok()?;
        let text = fs::read_to_string(format!("/proc/{number}/stat")).ok()?;
        let mut rest = text.rsplit_once(')')?.1.split_whitespace();
        let (state, ppid) = (rest.next()?.to_owned(), rest.next()?.parse::<u32>().ok()?);
        (ppid == parent).then_some((number, state))
    };
    fs::read_dir("/proc").unwrap().filter_map(|entry| of(entry.unwrap())).collect()
}

fn descriptors(process: u32) -> usize {
    fs::read_dir(format!("/proc/{process}/fd")).unwrap().count()
}

fn resident(process: u32) -> u64 {
    let text = fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = text.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.split_whitespace().next().unwrap().parse().unwrap()
}

#[test]
fn api_47_a_node_says_what_its_inspectors_are_limited_by_and_nothing_of_them_is_left_behind() {
    run(async {
        let lab = Lab::new();
        let (node, partner) = (lab.start("XAA"), lab.start("XBB"));
        let author = lab.person("XAA", "author");
        let mut client = connect(&author).await;
        let _ready = connect(&lab.person("XBB", "author")).await;
        let status: Status = client.get("/v1/status").await.unwrap();
        let limits = if status.inspectors.seccomp { ", seccomp," } else { ", not seccomp," };
        assert!(lab.told("XAA").contains(limits), "{}", lab.told("XAA"));
        let agreement = status.links[0].agreement.clone();
        let maker = Maker::new(&lab.dir, &author, 1_000).await.unwrap();
        let mut sent = Vec::new();
        let mut before = (0, 0);
        // `RELTO_JOBS=10000` for a long look.
        let jobs = std::env::var("RELTO_JOBS").ok().and_then(|jobs| jobs.parse().ok()).unwrap_or(200);
        for n in 0..jobs {
            if n == jobs / 4 {
                before = (descriptors(node.0.id()), resident(node.0.id()));
            }
            // Whatever inspector stands there, at both ends.
            if n % 3 == 0 {
                for (one, _) in children(node.0.id()).into_iter().chain(children(partner.0.id())) {
                    // It may have ended by itself.
                    let _ = Command::new("kill").args(["-KILL", &one.to_string()]).output();
                }
            }
            let submit = with_table(&author, &agreement, maker.make(n).unwrap(), n);
            let answer: Submission = client.post("/v1/submissions", &submit).await.unwrap();
            sent.push(answer.id);
        }
        for id in sent {
            let found: Submission = client.get(&format!("/v1/submissions/{id}?wait=120")).await.unwrap();
            assert!(is_admitted(&found), "{found:?}");
        }
        let status: Status = client.get("/v1/status").await.unwrap();
        let counts = &status.inspectors;
        assert!(counts.judged >= u64::try_from(jobs).unwrap() && counts.uninspectable == 0, "{counts:?}");
        for process in [node.0.id(), partner.0.id()] {
            let mut left = children(process);
            for _ in 0..400 {
                if left.len() <= 1 && left.iter().all(|(_, state)| state != "Z") {
                    break;
                }
                tokio::time::sleep(std::time::Duration::from_millis(50)).await;
                left = children(process);
            }
            assert!(left.len() <= 1, "one stands ready: {left:?}");
            assert!(left.iter().all(|(_, state)| state != "Z"), "a zombie: {left:?}");
        }
        let after = (descriptors(node.0.id()), resident(node.0.id()));
        assert!(after.0 <= before.0 + 8, "descriptors: {} and then {}", before.0, after.0);
        println!("resident KiB after {} and after {jobs} reports: {} and {}", jobs / 4, before.1, after.1);
        assert!(after.1 < before.1 + 64 * 1024, "resident KiB: {} and then {}", before.1, after.1);
    });
}

#[test]
fn api_47_node_toml_names_what_is_required() {
    let lab = Lab::new();
    let path = lab.config("XAA");
    let good = fs::read_to_string(&path).unwrap();
    let told = |table: &str| {
        fs::write(&path, format!("{good}\n[inspect]\n{table}\n")).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_reltod"));
        let said = command.arg("--config").arg(&path).arg("--check").output().unwrap();
        (said.status.code(), String::from_utf8(said.stderr).unwrap())
    };
    let (code, said) = told("require = []\nat_once = 1");
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("inspectors of attachments: a process of their own with limited resources"), "{said}");
    let (code, all) = told("require = [\"landlock\", \"seccomp\"]");
    let lacks = said.contains("no landlock") || said.contains("not seccomp");
    assert_eq!(code, Some(i32::from(lacks)), "{all}");
    for (table, wanted) in [
        ("require = [\"selinux\"]", "C045: \"selinux\" is nothing that can be required"),
        ("at_once = 0", "C046: at_once must be"),
        ("requires = []", "C002"),
    ] {
        let (code, said) = told(table);
        assert!(code == Some(1) && said.contains(wanted), "{said}");
    }
}
