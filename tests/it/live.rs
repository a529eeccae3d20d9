//! Real daemons of a laboratory: killed in the middle of a long transfer, and their files changed byte by byte.
#![cfg(test)]

use relto_cli::{bench::Maker, client::Client, profile::Profile};
use relto_formats::api::{Sent, Standing, Submission, Submit};
use rusqlite::{Connection, params};
use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    time::Duration,
};

struct Lab {
    dir: PathBuf,
    _folder: tempfile::TempDir,
}

struct Daemon(Child);

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Daemon {
    fn stop(mut self) {
        assert!(Command::new("kill").arg("-TERM").arg(self.0.id().to_string()).status().unwrap().success());
        assert!(self.0.wait().unwrap().success(), "a node did not end as told");
    }
}

fn relto(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_relto")).env_remove("RELTO_PROFILE").args(arguments).output().unwrap()
}

impl Lab {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let dir = folder.path().join("lab");
        let made = relto(&["lab", "new", dir.to_str().unwrap()]);
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        Self { dir, _folder: folder }
    }

    fn start(&self, nation: &str) -> Daemon {
        let folder = self.dir.join(nation);
        let log = fs::File::options().create(true).append(true).open(folder.join("node.log")).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_reltod"));
        Daemon(command.arg("--config").arg(folder.join("node.toml")).stdin(Stdio::null()).stderr(log).spawn().unwrap())
    }

    fn author(&self) -> Profile {
        Profile::load(&self.dir.join("XAA/people/author/profile.toml")).unwrap()
    }

    fn audit(&self, nation: &str) -> Output {
        relto(&["audit", "verify", "--config", self.dir.join(nation).join("node.toml").to_str().unwrap()])
    }
}

/// A connection, however long the node takes to come back.
async fn connect(author: &Profile) -> Client {
    for _ in 0..400 {
        if let Ok(client) = Client::connect(author).await {
            return client;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    panic!("the node did not come back in 10 seconds");
}

/// Submits until there is an answer, with the same id each time: a lost answer makes no second report.
async fn acknowledged(client: &mut Client, author: &Profile, submit: &Submit) -> Submission {
    loop {
        match client.post("/v1/submissions", submit).await {
            Ok(answer) => return answer,
            Err(error) if error.downcast_ref::<relto_cli::client::Refused>().is_some() => panic!("{error:#}"),
            Err(_) => *client = connect(author).await,
        }
    }
}

async fn transfer(lab: &Lab, reports: usize) {
    let mut nodes = [Some(lab.start("XAA")), Some(lab.start("XBB"))];
    let author = lab.author();
    let mut client = connect(&author).await;
    let maker = Maker::new(&lab.dir, &author, 2048).await.unwrap();
    let mut ids = Vec::new();
    for n in 0..reports {
        if n % 60 == 59 {
            // SIGKILL, in turn the partner and the sender, while what came before is still on its way.
            let at = (n / 60 + 1) % 2;
            nodes[at] = None;
            nodes[at] = Some(lab.start(["XAA", "XBB"][at]));
        }
        let answer = acknowledged(&mut client, &author, &maker.make(n).unwrap()).await;
        ids.push(answer.id);
    }
    let mut outcomes = BTreeSet::new();
    for id in &ids {
        let found: Submission = client.get(&format!("/v1/submissions/{id}?wait=30")).await.unwrap();
        match found.standing {
            Standing::Resolved { verdict, outcome, .. } if verdict == "admitted" => {
                assert!(outcomes.insert(outcome), "one receipt for two reports");
            }
            other => panic!("{id} was acknowledged and stands {other:?}"),
        }
    }
    let sent: Vec<Sent> = client.get("/v1/outbox").await.unwrap();
    assert_eq!(sent.len(), reports, "every acknowledged submission is one report");
    nodes.into_iter().flatten().for_each(Daemon::stop);
}

#[test]
fn either_node_killed_in_a_500_report_transfer_loses_and_doubles_nothing() {
    let lab = Lab::new();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(transfer(&lab, 500));
    for nation in ["XAA", "XBB"] {
        let audit = lab.audit(nation);
        assert_eq!(audit.status.code(), Some(0), "{}", String::from_utf8_lossy(&audit.stdout));
    }
}

#[test]
fn any_byte_changed_in_a_stored_leaf_checkpoint_or_payload_is_found() {
    let lab = Lab::new();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(transfer(&lab, 3));
    for nation in ["XAA", "XBB"] {
        assert_eq!(lab.audit(nation).status.code(), Some(0));
        let file = lab.dir.join(nation).join("data/relto.db");
        let tried = flip_bytes(&lab, nation, &file);
        assert!(tried > 40, "only {tried} bytes were changed");
        assert_eq!(lab.audit(nation).status.code(), Some(0), "every byte was put back");
    }
}

#[test]
fn any_row_taken_out_of_a_node_that_ran_is_found() {
    let lab = Lab::new();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(transfer(&lab, 3));
    for (nation, tables) in
        [("XAA", &["outbox", "payload", "detail", "submission"][..]), ("XBB", &["inbox", "payload"])]
    {
        let database = Connection::open(lab.dir.join(nation).join("data/relto.db")).unwrap();
        for table in tables {
            database.execute_batch(&format!("CREATE TEMP TABLE kept AS SELECT * FROM {table}")).unwrap();
            let count: i64 = database.query_row("SELECT count(*) FROM kept", [], |row| row.get(0)).unwrap();
            assert_eq!(count, 3, "{table} of {nation}");
            for at in 0..count {
                let one = format!("(SELECT k FROM kept ORDER BY k LIMIT 1 OFFSET {at})");
                assert_eq!(database.execute(&format!("DELETE FROM {table} WHERE k = {one}"), []).unwrap(), 1);
                assert_eq!(lab.audit(nation).status.code(), Some(4), "{nation} {table} {at}");
                database.execute(&format!("INSERT INTO {table} SELECT * FROM kept WHERE k = {one}"), []).unwrap();
            }
            database.execute_batch("DROP TABLE kept").unwrap();
        }
        assert_eq!(lab.audit(nation).status.code(), Some(0), "every row was put back");
    }
}

/// Changes one byte of a row at a time, verifies, puts it back.
fn flip_bytes(lab: &Lab, nation: &str, file: &Path) -> usize {
    let database = Connection::open(file).unwrap();
    database.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).unwrap();
    for name in ["leaf_no_UPDATE", "leaf_no_DELETE", "checkpoint_no_UPDATE", "checkpoint_no_DELETE"] {
        database.execute_batch(&format!("DROP TRIGGER {name}")).unwrap();
    }
    let mut tried = 0;
    for table in ["leaf", "checkpoint", "payload"] {
        let mut statement = database.prepare(&format!("SELECT k, v FROM {table} ORDER BY k")).unwrap();
        let rows: Vec<(i64, Vec<u8>)> =
            statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap().map(Result::unwrap).collect();
        assert!(!rows.is_empty(), "{table} of {nation}");
        for (at, (key, bytes)) in rows.iter().enumerate() {
            // First, last and one place between, which moves from row to row.
            for place in [0, (at * 37 + 11) % bytes.len(), bytes.len() - 1] {
                let mut changed = bytes.clone();
                changed[place] ^= 0x01;
                let set = format!("UPDATE {table} SET v = ?2 WHERE k = ?1");
                database.execute(&set, params![key, changed]).unwrap();
                let audit = lab.audit(nation);
                assert_eq!(audit.status.code(), Some(4), "{nation} {table} {key}, byte {place}");
                database.execute(&set, params![key, bytes]).unwrap();
                tried += 1;
            }
        }
    }
    tried
}
