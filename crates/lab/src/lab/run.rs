//! A laboratory that runs: its node processes, its people's profiles.

use anyhow::{Context as _, Result, anyhow, bail};
use relto_cli::{client::Client, profile::Profile};
use relto_formats::api::Status;
use relto_host::clock::Stopwatch;
use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};
use tokio::signal::unix::{SignalKind, signal};

/// A running `reltod`. Ends with this value.
pub struct Node {
    child: Child,
    nation: String,
    log: PathBuf,
}

impl Node {
    /// Starts the nation's node; its log goes to `node.log` in its folder.
    ///
    /// # Errors
    /// Where the daemon cannot be run.
    pub fn start(dir: &Path, nation: &str) -> Result<Self> {
        let folder = dir.join(nation);
        let path = folder.join("node.log");
        let log = File::options().create(true).append(true).open(&path)?;
        let daemon = std::env::current_exe()?.with_file_name("reltod");
        let child = Command::new(&daemon)
            .arg("--config")
            .arg(folder.join("node.toml"))
            .stdin(Stdio::null())
            .stderr(log)
            .spawn()
            .with_context(|| format!("{}: the daemon stands beside the client", daemon.display()))?;
        Ok(Self { child, nation: nation.to_owned(), log: path })
    }

    /// The process.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// That it still runs.
    ///
    /// # Errors
    /// Where it has ended: with what, and the last line of its log.
    pub fn runs(&mut self) -> Result<()> {
        let Some(status) = self.child.try_wait()? else { return Ok(()) };
        let log = fs::read_to_string(&self.log)?;
        let last = log.lines().rfind(|line| !line.trim().is_empty()).unwrap_or("its log is empty");
        bail!("{}'s node ended with {status}: {last}", self.nation)
    }

    /// Kills it with SIGKILL, as a power cut would.
    ///
    /// # Errors
    /// The system's.
    pub fn kill(&mut self) -> Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }

    /// Asks it to end, and checks that it ended as told.
    ///
    /// # Errors
    /// Where it ended in a fault.
    pub fn stop(&mut self) -> Result<()> {
        let told = Command::new("kill").arg("-TERM").arg(self.child.id().to_string()).status()?;
        let ended = self.child.wait()?;
        if told.success() && ended.success() { Ok(()) } else { bail!("a node ended with {ended}") }
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The profile of a person of the laboratory.
///
/// # Errors
/// Where it cannot be read.
pub fn person(dir: &Path, nation: &str, account: &str) -> Result<Profile> {
    person_as(dir, nation, account, "profile.toml")
}

/// The same person by another profile.
pub(crate) fn person_as(dir: &Path, nation: &str, account: &str, profile: &str) -> Result<Profile> {
    Profile::load(&dir.join(nation).join("people").join(account).join(profile))
}

/// Waits until the node releases: a proven session, heads confirmed.
///
/// # Errors
/// Where it does not within 10 seconds.
pub async fn connected(profile: &Profile) -> Result<()> {
    connected_within(profile, Duration::from_secs(10)).await
}

/// The same within another time.
pub(crate) async fn connected_within(profile: &Profile, time: Duration) -> Result<()> {
    let since = Stopwatch::start();
    while since.elapsed() < time {
        if let Ok(mut client) = Client::connect(profile).await {
            let status: Status = client.get("/v1/status").await?;
            if status.links.iter().all(|link| link.connected && link.heads_confirmed) {
                return Ok(());
            }
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    Err(anyhow!("the nodes did not link within {} seconds", time.as_secs()))
}

/// Plays a story of a laboratory on this thread; where this process is asked to end (SIGTERM, SIGINT, SIGHUP), the story
/// is dropped, its nodes with it, and the inner result says so.
///
/// # Errors
/// Where the system gives no signals or no thread.
pub fn unless_asked<T>(story: impl Future<Output = T>) -> Result<Result<T>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let mut terminate = signal(SignalKind::terminate())?;
        let mut interrupt = signal(SignalKind::interrupt())?;
        let mut hangup = signal(SignalKind::hangup())?;
        let asked = tokio::select! {
            biased;
            _ = terminate.recv() => "SIGTERM",
            _ = interrupt.recv() => "SIGINT",
            _ = hangup.recv() => "SIGHUP",
            told = story => return Ok(Ok(told)),
        };
        Ok(Err(anyhow!("{asked}: every node that was started has been ended")))
    })
}
