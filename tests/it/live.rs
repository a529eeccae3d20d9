//! Real daemons of a laboratory: killed in the middle of a long transfer, and their files changed byte by byte.
#![cfg(test)]

use relto_audit::leaf::Verdict;
use relto_cli::{client::Client, profile::Profile};
use relto_formats::api::{Received, Standing, Submission, Submit};
use relto_lab::bench::Maker;
use rusqlite::{Connection, params};
use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
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

    fn person(&self, nation: &str, account: &str) -> Profile {
        relto_lab::lab::run::person(&self.dir, nation, account).unwrap()
    }

    fn author(&self) -> Profile {
        self.person("XAA", "author")
    }

    fn audit(&self, nation: &str) -> Output {
        relto(&["audit", "verify", "--config", self.dir.join(nation).join("node.toml").to_str().unwrap()])
    }
}

/// A connection, however long the node takes to come back.
async fn connect(author: &Profile) -> Client {
    for _ in 0..2_400 {
        if let Ok(client) = Client::connect(author).await {
            return client;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    panic!("the node did not come back in a minute");
}

/// Submits until there is an answer, with the same id each time: a lost answer makes no second report. Counts the losses.
async fn acknowledged(client: &mut Client, author: &Profile, submit: &Submit, lost: &AtomicUsize) -> Submission {
    loop {
        match client.post("/v1/submissions", submit).await {
            Ok(answer) => return answer,
            Err(error) if error.downcast_ref::<relto_cli::client::Refused>().is_some() => panic!("{error:#}"),
            Err(_) => {
                lost.fetch_add(1, Ordering::Relaxed);
                *client = connect(author).await;
            }
        }
    }
}

/// How a submission stands in the end: index of its leaf and of the partner's Outcome. What waits for the link is asked
/// for again: a wait ends with each change of its state, and not only with the last.
async fn resolved(client: &mut Client, id: &str) -> (u64, u64) {
    for _ in 0..600 {
        let found: Submission = client.get(&format!("/v1/submissions/{id}?wait=30")).await.unwrap();
        match found.standing {
            Standing::Resolved { index, verdict: Verdict::Admitted, outcome, .. } => return (index, outcome),
            Standing::Queued { .. } | Standing::Released { .. } => tokio::time::sleep(Duration::from_millis(100)).await,
            other => panic!("{id} was acknowledged and stands {other:?}"),
        }
    }
    panic!("{id} was acknowledged and is not resolved")
}

/// A few reports, one after the other, and a good end of both nodes.
async fn transfer(lab: &Lab, reports: usize) {
    let nodes = ["XAA", "XBB"].map(|nation| lab.start(nation));
    let author = lab.author();
    let mut client = connect(&author).await;
    let maker = Maker::new(&lab.dir, &author, 2048).await.unwrap();
    let lost = AtomicUsize::new(0);
    for n in 0..reports {
        let answer = acknowledged(&mut client, &author, &maker.make(n).unwrap(), &lost).await;
        resolved(&mut client, &answer.id).await;
    }
    nodes.into_iter().for_each(Daemon::stop);
}

/// The same numbers for the same seed.
struct Chance(u64);

impl Chance {
    /// A number below `bound`, by splitmix64.
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % bound
    }

    fn millis(&mut self, from: u64, to: u64) -> Duration {
        Duration::from_millis(from + self.below(to - from))
    }
}

/// Other moments come of another `RELTO_SEED`.
fn seed() -> u64 {
    std::env::var("RELTO_SEED").map_or(20_261_124, |seed| seed.parse().expect("RELTO_SEED is a number"))
}

const SUBMITTERS: usize = 8;
const REPORTS: usize = 500;
/// Kills of each node at least, each while others submit.
const KILLS: usize = 5;
const SAMPLE: usize = 60;

/// Runs both nodes and kills one or the other with SIGKILL at moments of its own, until nobody submits any more. Both run
/// in the end.
fn killer(lab: &Lab, done: &AtomicBool) -> ([Daemon; 2], [usize; 2]) {
    let names = ["XAA", "XBB"];
    let (mut chance, mut kills) = (Chance(seed()), [0, 0]);
    let mut nodes = names.map(|nation| Some(lab.start(nation)));
    while !done.load(Ordering::Relaxed) {
        std::thread::sleep(chance.millis(150, 700));
        // One, the other, or both at once.
        let which = chance.below(5);
        let hit: Vec<usize> = (0..2).filter(|at| which == 4 || which % 2 == *at as u64).collect();
        for at in &hit {
            nodes[*at] = None;
            kills[*at] += 1;
        }
        std::thread::sleep(chance.millis(0, 150));
        for at in hit {
            nodes[at] = Some(lab.start(names[at]));
        }
    }
    (nodes.map(Option::unwrap), kills)
}

/// One of several authors' clients: submits its share, and says for each the id and the leaf that it was told at once.
async fn submitter(author: Profile, maker: Arc<Maker>, share: usize, lost: Arc<AtomicUsize>) -> Vec<Sent> {
    let mut chance = Chance(seed() + 1 + share as u64);
    let mut client = connect(&author).await;
    let mut out = Vec::new();
    for n in (share..REPORTS).step_by(SUBMITTERS) {
        let submit = maker.make(n).unwrap();
        let answer = acknowledged(&mut client, &author, &submit, &lost).await;
        assert_eq!(answer.id, submit.id);
        let index = match answer.standing {
            Standing::Released { index } | Standing::Resolved { index, .. } => Some(index),
            Standing::Queued { .. } => None,
            other => panic!("{}: {other:?}", answer.id),
        };
        out.push(Sent { id: answer.id, serial: answer.serial, index });
        tokio::time::sleep(chance.millis(0, 250)).await;
    }
    out
}

/// What one submission was acknowledged as.
struct Sent {
    id: String,
    serial: String,
    /// Where it was released at once.
    index: Option<u64>,
}

/// Makers of a small report, and of one that goes in two pieces and through the recipient's spool.
async fn makers(lab: &Lab, author: &Profile) -> [Arc<Maker>; 2] {
    [maker(lab, author, 2048).await, maker(lab, author, 100_000).await]
}

/// A maker, however often the node dies before it has said what the maker needs.
async fn maker(lab: &Lab, author: &Profile, size: usize) -> Arc<Maker> {
    for _ in 0..600 {
        if let Ok(maker) = Maker::new(&lab.dir, author, size).await {
            return Arc::new(maker);
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("the node did not answer")
}

async fn submit_all(author: &Profile, [small, large]: [Arc<Maker>; 2]) -> (Vec<Sent>, usize) {
    let lost = Arc::new(AtomicUsize::new(0));
    let shares = (0..SUBMITTERS).map(|share| {
        let maker = if share == 0 { &large } else { &small };
        let (author, maker, lost) = (author.clone(), maker.clone(), lost.clone());
        tokio::spawn(submitter(author, maker, share, lost))
    });
    let mut sent = Vec::new();
    for share in shares.collect::<Vec<_>>() {
        sent.extend(share.await.unwrap());
    }
    (sent, lost.load(Ordering::Relaxed))
}

/// Every acknowledged report has its one leaf and its one Outcome, and stands once in each nation's list. Gives serial,
/// leaf and Outcome of each.
async fn settle(lab: &Lab, author: &Profile, sent: &[Sent]) -> Vec<(String, u64, u64)> {
    let mut client = connect(author).await;
    let mut out = Vec::new();
    let (mut indexes, mut outcomes) = (BTreeSet::new(), BTreeSet::new());
    for one in sent {
        let (index, outcome) = resolved(&mut client, &one.id).await;
        assert!(one.index.is_none_or(|told| told == index), "{} was leaf {:?} and is {index}", one.id, one.index);
        assert!(indexes.insert(index) && outcomes.insert(outcome), "one leaf or receipt for two reports");
        out.push((one.serial.clone(), index, outcome));
    }
    let rows: Vec<relto_formats::api::Sent> = client.get("/v1/outbox").await.unwrap();
    assert_eq!(rows.len(), REPORTS, "every acknowledged submission is one report");
    let ids: BTreeSet<&str> = rows.iter().map(|row| row.submission.as_str()).collect();
    assert_eq!(ids, sent.iter().map(|one| one.id.as_str()).collect());
    let mut auditor = connect(&lab.person("XBB", "auditor")).await;
    let inbox: Vec<Received> = auditor.get("/v1/inbox").await.unwrap();
    let serials: BTreeSet<&str> = inbox.iter().map(|row| row.serial.as_str()).collect();
    assert_eq!((inbox.len(), serials.len()), (REPORTS, REPORTS), "the partner has each once");
    assert!(inbox.iter().all(|row| row.verdict == Verdict::Admitted));
    out
}

/// Has the client prove this receipt, from nothing that the node says of it.
fn prove(lab: &Lab, (serial, index, outcome): &(String, u64, u64)) {
    let profile = lab.dir.join("XAA/people/author/profile.toml");
    let told = relto(&["--profile", profile.to_str().unwrap(), "--json", "receipt", serial]);
    assert_eq!(told.status.code(), Some(0), "{serial}: {}", String::from_utf8_lossy(&told.stderr));
    let told: serde_json::Value = serde_json::from_slice(&told.stdout).unwrap();
    assert_eq!(told["verified"], true, "{told}");
    assert_eq!(told["signers_pinned"], true, "{told}");
    assert_eq!(told["verdict"], "admitted", "{told}");
    assert_eq!(told["leaf"], format!("XAA>XBB:{index}"), "{told}");
    assert_eq!(told["outcome"], format!("XBB>XAA:{outcome}"), "{told}");
}

#[test]
fn either_node_killed_at_any_moment_of_500_reports_of_8_submitters_loses_and_doubles_nothing() {
    let lab = Lab::new();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let done = AtomicBool::new(false);
    let author = lab.author();
    let (sent, lost, nodes, kills) = std::thread::scope(|scope| {
        // Whatever goes wrong here, the killer ends.
        let _end = Done(&done);
        let killer = scope.spawn(|| killer(&lab, &done));
        let (sent, lost) = runtime.block_on(async {
            connect(&author).await;
            let makers = makers(&lab, &author).await;
            submit_all(&author, makers).await
        });
        done.store(true, Ordering::Relaxed);
        let (nodes, kills) = killer.join().unwrap();
        (sent, lost, nodes, kills)
    });
    assert!(kills.iter().all(|kills| *kills >= KILLS), "{kills:?} kills of seed {}", seed());
    assert!(lost >= KILLS, "only {lost} answers were lost: the kills met nobody");
    assert_eq!(sent.len(), REPORTS);
    let settled = runtime.block_on(settle(&lab, &author, &sent));
    let step = REPORTS / SAMPLE;
    let sample: Vec<&(String, u64, u64)> = settled.iter().step_by(step).collect();
    assert!(sample.len() >= SAMPLE);
    std::thread::scope(|scope| {
        for half in sample.chunks(sample.len().div_ceil(2)) {
            scope.spawn(|| half.iter().for_each(|one| prove(&lab, one)));
        }
    });
    nodes.into_iter().for_each(Daemon::stop);
    for nation in ["XAA", "XBB"] {
        let audit = lab.audit(nation);
        assert_eq!(audit.status.code(), Some(0), "{}", String::from_utf8_lossy(&audit.stdout));
    }
}

/// Tells the killer to end.
struct Done<'d>(&'d AtomicBool);

impl Drop for Done<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
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
