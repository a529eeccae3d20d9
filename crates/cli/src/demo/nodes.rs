//! The demo's node processes.

use anyhow::{Context as _, Result, bail};
use std::{
    fs::File,
    path::Path,
    process::{Child, Command, Stdio},
};

/// A running `reltod`. Ends with this value.
pub struct Node {
    child: Child,
}

impl Node {
    /// Starts the nation's node; its log goes to `node.log` in its folder.
    ///
    /// # Errors
    /// Where the daemon cannot be run.
    pub fn start(dir: &Path, nation: &str) -> Result<Self> {
        let folder = dir.join(nation);
        let log = File::options().create(true).append(true).open(folder.join("node.log"))?;
        let daemon = std::env::current_exe()?.with_file_name("reltod");
        let child = Command::new(&daemon)
            .arg("--config")
            .arg(folder.join("node.toml"))
            .stdin(Stdio::null())
            .stderr(log)
            .spawn()
            .with_context(|| format!("{}: the daemon stands beside the client", daemon.display()))?;
        Ok(Self { child })
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
