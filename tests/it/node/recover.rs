//! A node that lost its head file, and the two people who bring it back.

use super::{Daemon, Lab, connect, content::started, done, is_admitted, relto, run, until};
use relto_cli::signing::posted;
use relto_formats::api::{Recovery, Submission};
use relto_lab::bench::Maker;
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

/// Sends so many reports and waits for their receipts.
async fn send(lab: &Lab, from: usize, count: usize) {
    let author = lab.person("XAA", "author");
    let mut client = connect(&author).await;
    until(&mut client, 30, |status| status.links.iter().all(|link| link.connected && link.heads_confirmed)).await;
    let maker = Maker::new(&lab.dir, &author, 2_000).await.unwrap();
    for n in from..from + count {
        let sent = posted(&maker.make(n).unwrap());
        let found: Submission = client.post("/v1/submissions?wait=60", &sent).await.unwrap();
        assert!(is_admitted(&found), "{found:?}");
    }
}

fn head_file(lab: &Lab) -> PathBuf {
    lab.dir.join("XAA/heads.ring")
}

fn recover(lab: &Lab, account: &str, words: &[&str], code: i32) -> String {
    done(&relto(lab, "XAA", account, &[&["recover"], words].concat()), code)
}

/// Starts Arcadia's node, which has halted, and waits until its plan is as wanted.
fn halted(lab: &Lab, wanted: impl Fn(&Recovery) -> bool) -> Daemon {
    let node = lab.start("XAA");
    run(async {
        let mut client = connect(&lab.person("XAA", "operator")).await;
        for _ in 0..600 {
            let told: Recovery = client.get("/v1/recovery").await.unwrap();
            assert!(told.halted.is_some(), "{told:?}");
            if wanted(&told) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("{:?}", client.get::<Recovery>("/v1/recovery").await);
    });
    node
}

fn verify(lab: &Lab, nation: &str) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_relto"));
    command.env_remove("RELTO_PROFILE").args(["audit", "verify", "--config"]).arg(lab.config(nation));
    let told = done(&command.output().unwrap(), 0);
    assert!(told.contains("3 logs verified"), "{told}");
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let (from, to) = (entry.as_ref().unwrap().path(), to.join(entry.as_ref().unwrap().file_name()));
        if from.is_dir() {
            copy(&from, &to);
        } else {
            fs::copy(&from, &to).unwrap();
        }
    }
}

#[test]
fn rcv_2_rcv_11_two_people_bring_back_a_node_that_lost_its_head_file() {
    let lab = Lab::new();
    let [xaa, xbb] = started(&lab);
    run(send(&lab, 0, 3));
    assert!(recover(&lab, "operator", &["plan"], 0).contains("has not halted"));
    drop(xaa);
    drop(xbb);
    fs::remove_file(head_file(&lab)).unwrap();
    // Alone it knows nothing of what its partner holds, and nobody signs.
    let node = halted(&lab, |told| told.waits_for == ["XBB"]);
    assert!(recover(&lab, "operator", &["sign", "--yes"], 1).contains("XBB has not said yet"));
    drop(node);
    let _xbb = lab.start("XBB");
    let mut node = halted(&lab, |told| told.waits_for.is_empty());
    assert!(recover(&lab, "operator", &["plan"], 5).contains("still to sign, within the hour: operator and auditor"));
    // An author has no word in it, one of the two is not enough, and an auditor starts nothing.
    assert!(recover(&lab, "author", &["plan"], 1).contains("role"));
    assert!(recover(&lab, "operator", &["start"], 1).contains("an operator and an auditor sign the plan first"));
    assert!(recover(&lab, "operator", &["sign", "--yes"], 0).contains("still to sign, within the hour: auditor"));
    assert!(recover(&lab, "operator", &["start"], 1).contains("an operator and an auditor sign the plan first"));
    assert!(recover(&lab, "auditor", &["sign", "--yes"], 0).contains("both have signed"));
    recover(&lab, "auditor", &["start"], 1);
    // Taken back it is as before.
    assert!(recover(&lab, "auditor", &["abort"], 0).contains("operator and auditor"));
    assert!(recover(&lab, "operator", &["start"], 1).contains("an operator and an auditor sign the plan first"));
    assert!(!head_file(&lab).exists(), "nothing was done yet");
    for account in ["auditor", "operator"] {
        recover(&lab, account, &["sign", "--yes"], 0);
    }
    assert!(recover(&lab, "operator", &["start"], 0).contains("made anew"));
    assert_eq!(node.0.wait().unwrap().code(), Some(70), "{}", lab.told("XAA"));
    drop(node);
    assert!(head_file(&lab).exists());
    verify(&lab, "XAA");
    // From here on as ever, whatever ends it.
    for round in [100, 200] {
        let node = lab.start("XAA");
        run(send(&lab, round, 3));
        drop(node);
    }
    let node = lab.start("XAA");
    run(send(&lab, 300, 1));
    drop((node, _xbb));
    ["XAA", "XBB"].iter().for_each(|nation| verify(&lab, nation));
}

#[test]
fn rcv_11_a_node_whose_partner_holds_more_gets_no_new_head_file() {
    let lab = Lab::new();
    let [xaa, xbb] = started(&lab);
    run(send(&lab, 0, 2));
    drop(xaa);
    copy(&lab.dir.join("XAA/data"), &lab.dir.join("XAA/old"));
    let xaa = lab.start("XAA");
    run(send(&lab, 10, 2));
    drop((xaa, xbb));
    // Put back to the day before, and its head file with it.
    fs::remove_dir_all(lab.dir.join("XAA/data")).unwrap();
    fs::rename(lab.dir.join("XAA/old"), lab.dir.join("XAA/data")).unwrap();
    fs::remove_file(head_file(&lab)).unwrap();
    let _xbb = lab.start("XBB");
    let _xaa = halted(&lab, |told| told.wrong.is_some());
    for account in ["operator", "auditor"] {
        assert!(recover(&lab, account, &["sign", "--yes"], 1).contains("it was rolled back"));
    }
    assert!(recover(&lab, "operator", &["start"], 1).contains("it was rolled back"));
    assert!(!head_file(&lab).exists());
}
