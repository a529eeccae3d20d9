//! A disk that fills up, and a start that a crash cut short.

use super::{Daemon, Lab, connect, is_admitted, refused, run};
use relto_formats::api::{Standing, Status, Submission};
use relto_host::{heads::HeadRing, keys::load_secret32, store::SqliteStore};
use relto_lab::bench::Maker;
use std::{
    fs,
    process::{Command, Stdio},
    time::Duration,
};

/// A node whose data lies on a small disk of its own, nearly full; `None` where this machine lets nobody mount one.
fn on_a_small_disk(lab: &Lab) -> Option<Daemon> {
    let mounts = Command::new("unshare").args(["-rm", "mount", "-t", "tmpfs", "none", "/mnt"]).output();
    if !mounts.is_ok_and(|tried| tried.status.success()) {
        return None;
    }
    let script = "set -e; cp -a data saved; mount -t tmpfs -o size=3m none data; cp -a saved/. data; \
                  head -c 2000000 /dev/zero > data/filler; exec \"$0\" --config node.toml";
    let mut command = Command::new("unshare");
    command.args(["-rm", "sh", "-c", script, env!("CARGO_BIN_EXE_reltod")]);
    command.current_dir(lab.dir.join("XAA")).stdin(Stdio::null()).stderr(lab.log("XAA"));
    Some(Daemon(command.spawn().unwrap()))
}

#[test]
fn flw_12_a_node_lives_through_a_full_disk() {
    run(async {
        let lab = Lab::new();
        let Some(mut node) = on_a_small_disk(&lab) else {
            let required =
                std::env::var("RELTO_REQUIRE").is_ok_and(|list| list.split(',').any(|one| one == "small-disk"));
            assert!(!required, "RELTO_REQUIRE=small-disk, and this machine mounts nothing for a test");
            println!("SKIPPED: this machine mounts nothing for a test");
            return;
        };
        let _partner = lab.start("XBB");
        let author = lab.person("XAA", "author");
        let mut client = connect(&author).await;
        let maker = Maker::new(&lab.dir, &author, 60_000).await.unwrap();
        let mut acknowledged = Vec::new();
        let unwritten = 'fill: {
            for n in 0..60 {
                let submit = maker.make(n).unwrap();
                match client.post::<_, Submission>("/v1/submissions", &submit).await {
                    Ok(answer) => acknowledged.push(answer.id),
                    Err(error) => {
                        assert_eq!(refused!(error), Some((507, "storage-full".to_owned())), "{error:#}");
                        break 'fill submit;
                    }
                }
            }
            panic!("the disk did not fill up")
        };
        assert!(node.0.try_wait().unwrap().is_none(), "the node ended: {}", lab.told("XAA"));
        assert!(lab.told("XAA").contains("storage is full"), "{}", lab.told("XAA"));
        super::until(&mut client, 5, |status| status.storage_full).await;
        let mut command = Command::new(env!("CARGO_BIN_EXE_relto"));
        command.env_remove("RELTO_PROFILE").arg("--profile").arg(lab.dir.join("XAA/people/author/profile.toml"));
        let told = String::from_utf8(command.arg("status").output().unwrap().stdout).unwrap();
        assert!(told.lines().nth(1).is_some_and(|line| line.starts_with("STORAGE FULL")), "{told}");
        for _ in 0..5 {
            // Memory was dropped with the sessions: what no longer fits as a release may still fit as a queued draft.
            match client.post::<_, Submission>("/v1/submissions", &unwritten).await {
                Ok(found) => assert!(matches!(found.standing, Standing::Queued { .. } | Standing::Released { .. })),
                Err(error) => assert_eq!(refused!(error), Some((507, "storage-full".to_owned())), "{error:#}"),
            }
            client.get::<Status>("/v1/status").await.unwrap();
            tokio::time::sleep(Duration::from_millis(400)).await;
        }
        // Room again, in the disk that only the node sees.
        let inside = format!("/proc/{}/root{}", node.0.id(), lab.dir.join("XAA/data/filler").display());
        fs::remove_file(inside).unwrap();
        let mut answer = None;
        for _ in 0..600 {
            match client.post::<_, Submission>("/v1/submissions", &unwritten).await {
                Ok(found) => {
                    answer = Some(found);
                    break;
                }
                Err(error) => assert_eq!(refused!(error), Some((507, "storage-full".to_owned())), "{error:#}"),
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        acknowledged.push(answer.expect("the node goes on when there is room").id);
        for id in acknowledged {
            let found: Submission = client.get(&format!("/v1/submissions/{id}?wait=60")).await.unwrap();
            assert!(is_admitted(&found), "{found:?}");
        }
        assert!(node.0.try_wait().unwrap().is_none(), "the node ended: {}", lab.told("XAA"));
    });
}

#[test]
fn hed_3_an_init_that_was_cut_short_is_taken_up_and_a_used_store_never() {
    let lab = Lab::new();
    let (heads, data) = (lab.dir.join("XAA/heads.ring"), lab.dir.join("XAA/data"));
    let again = lab.init("XAA");
    assert!(!again.status.success(), "a store in use");
    assert!(String::from_utf8_lossy(&again.stderr).contains("never touched"), "{again:?}");
    // Lost, not new: the head file of a store that signed.
    let kept = fs::read(&heads).unwrap();
    fs::remove_file(&heads).unwrap();
    assert!(!lab.init("XAA").status.success());
    assert!(!heads.exists(), "no empty head file for a store that was in use");
    // An empty one beside it is no better.
    drop(HeadRing::create(&heads).unwrap());
    assert!(!lab.init("XAA").status.success());
    fs::write(&heads, kept).unwrap();
    assert!(!lab.init("XAA").status.success());
    // A crash after the head file.
    let cut = || {
        fs::remove_file(&heads).unwrap();
        for file in ["relto.db", "relto.db-wal", "relto.db-shm"] {
            let _ = fs::remove_file(data.join(file));
        }
        drop(HeadRing::create(&heads).unwrap());
    };
    cut();
    let taken_up = lab.init("XAA");
    assert!(taken_up.status.success(), "{taken_up:?}");
    // A crash after the store, before Genesis.
    cut();
    let key = load_secret32(&lab.dir.join("XAA/storage.key")).unwrap();
    drop(SqliteStore::create(&data.join("relto.db"), &key).unwrap());
    fs::write(data.join("relto.new"), b"of an even earlier crash").unwrap();
    let taken_up = lab.init("XAA");
    assert!(taken_up.status.success(), "{taken_up:?}");
    assert!(!lab.init("XAA").status.success(), "once is enough");
    run(async {
        let _node = lab.start("XAA");
        let status = connect(&lab.person("XAA", "operator")).await.get::<Status>("/v1/status").await.unwrap();
        assert_eq!((status.links[0].own_size, status.halted), (1, None));
    });
}
