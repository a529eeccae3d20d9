//! Real nodes under load and trouble: a slow link, a link that falls silent, a full disk, callers that take too much.
#![cfg(test)] // so that the lints know the helpers for tests

mod backup;
mod cache;
mod callers;
mod checks;
mod clock;
mod config;
mod content;
mod disk;
mod exercise;
mod far;
mod handshake;
mod hardened;
mod incident;
mod inspect;
pub(crate) mod link;
mod long;
mod many;
mod nations;
mod readers;
mod recover;
mod scrub;
mod stream;
mod tear;
mod trust;
mod versions;
mod watch;

use relto_audit::leaf::Verdict;
use relto_cli::{client::Client, profile::Profile};
use relto_formats::api::{Standing, Status, Submission};
use relto_lab::lab::run::person;
use std::{
    fs,
    path::PathBuf,
    process::{Child, Command, Output, Stdio},
    time::Duration,
};

pub(crate) struct Lab {
    pub(crate) dir: PathBuf,
    _folder: tempfile::TempDir,
}

pub(crate) struct Daemon(Child);

impl Daemon {
    /// Its process, for what the system knows of it.
    pub(crate) fn id(&self) -> u32 {
        self.0.id()
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Drop for Lab {
    /// A test that failed shows what its nodes said.
    fn drop(&mut self) {
        if std::thread::panicking() {
            for nation in ["XAA", "XBB", "XCC", "XAC"] {
                eprintln!("--- {nation}\n{}", self.told(nation));
            }
        }
    }
}

impl Lab {
    pub(crate) fn new() -> Self {
        Self::with(&[])
    }

    pub(crate) fn with(options: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let dir = folder.path().join("lab");
        let mut command = Command::new(env!("CARGO_BIN_EXE_relto"));
        let made = command.args(["lab", "new"]).arg(&dir).args(options).output().unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        Self { dir, _folder: folder }
    }

    pub(crate) fn config(&self, nation: &str) -> PathBuf {
        self.dir.join(nation).join("node.toml")
    }

    /// Changes one line of a node's configuration, by its beginning; `None` takes it out.
    pub(crate) fn set(&self, nation: &str, key: &str, value: Option<&str>) {
        let text = fs::read_to_string(self.config(nation)).unwrap();
        let (mut found, mut out) = (0, String::new());
        for line in text.lines() {
            if line.starts_with(&format!("{key} = ")) {
                found += 1;
                let Some(value) = value else { continue };
                out.push_str(&format!("{key} = {value}\n"));
            } else {
                out.push_str(line);
                out.push('\n');
            }
        }
        assert_eq!(found, 1, "{key} in {text}");
        fs::write(self.config(nation), out).unwrap();
    }

    pub(crate) fn address(&self, nation: &str, key: &str) -> String {
        let text = fs::read_to_string(self.config(nation)).unwrap();
        let line = text.lines().find_map(|line| line.strip_prefix(&format!("{key} = "))).unwrap();
        line.trim_matches('"').to_owned()
    }

    fn log(&self, nation: &str) -> fs::File {
        fs::File::options().create(true).append(true).open(self.dir.join(nation).join("node.log")).unwrap()
    }

    pub(crate) fn told(&self, nation: &str) -> String {
        fs::read_to_string(self.dir.join(nation).join("node.log")).unwrap_or_default()
    }

    pub(crate) fn start(&self, nation: &str) -> Daemon {
        let mut command = Command::new(env!("CARGO_BIN_EXE_reltod"));
        command.arg("--config").arg(self.config(nation)).stdin(Stdio::null()).stderr(self.log(nation));
        Daemon(command.spawn().unwrap())
    }

    pub(crate) fn init(&self, nation: &str) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_reltod"));
        command.arg("--config").arg(self.config(nation)).arg("--init").output().unwrap()
    }

    pub(crate) fn person(&self, nation: &str, account: &str) -> Profile {
        person(&self.dir, nation, account).unwrap()
    }
}

/// A command as one of the nation's people.
fn relto(lab: &Lab, nation: &str, account: &str, words: &[&str]) -> Output {
    let profile = lab.dir.join(nation).join("people").join(account).join("profile.toml");
    let mut command = Command::new(env!("CARGO_BIN_EXE_relto"));
    command.env_remove("RELTO_PROFILE").arg("--profile").arg(profile).args(words).output().unwrap()
}

/// What it printed as its answer, and that it ended so.
fn said(output: &Output, code: i32) -> String {
    done(output, code);
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// All that it printed, and that it ended so.
fn done(output: &Output, code: i32) -> String {
    let told = String::from_utf8_lossy(&[&output.stdout[..], &output.stderr[..]].concat()).into_owned();
    assert_eq!(output.status.code(), Some(code), "{told}");
    told
}

/// A connection once the node is there.
pub(crate) async fn connect(profile: &Profile) -> Client {
    for _ in 0..2_400 {
        if let Ok(mut client) = Client::connect(profile).await
            && client.get::<Status>("/v1/status").await.is_ok()
        {
            return client;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    panic!("the node does not answer")
}

/// Waits until the link of a node is as wanted: a minute at least, however much else the machine has to do.
pub(crate) async fn until(client: &mut Client, seconds: u64, wanted: impl Fn(&Status) -> bool) -> Status {
    let seconds = seconds.max(60);
    for _ in 0..seconds * 10 {
        let status: Status = client.get("/v1/status").await.unwrap();
        if wanted(&status) {
            return status;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("not in {seconds} seconds: {:?}", client.get::<Status>("/v1/status").await)
}

pub(crate) fn run<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap().block_on(work)
}

/// Status and word of a refusal, whatever kind of error carries it.
macro_rules! refused {
    ($error:expr) => {
        $error.downcast_ref::<relto_cli::client::Refused>().map(|one| (one.status, one.problem.error.word().to_owned()))
    };
}
pub(crate) use refused;

pub(crate) fn is_admitted(found: &Submission) -> bool {
    matches!(&found.standing, Standing::Resolved { verdict: Verdict::Admitted, .. })
}
