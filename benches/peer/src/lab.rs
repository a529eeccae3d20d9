//! Two nodes as processes of their own, on this machine.

use crate::{keys, signing::Signatures};
use anyhow::{Context as _, Result, bail};
use std::{
    io::{BufRead as _, BufReader},
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Child, ChildStdout, Command, Stdio},
};

/// The author's node, and the partner's.
pub const NAMES: [&str; 2] = ["a", "b"];

/// A folder with keys and databases of two nodes.
pub struct Lab {
    program: PathBuf,
    folder: PathBuf,
    /// How nodes sign.
    pub signatures: Signatures,
    /// Threads of a node's runtime.
    pub threads: usize,
}

/// A node that runs. Ends with this value.
pub struct Process {
    child: Child,
    output: BufReader<ChildStdout>,
    /// Where authors connect.
    pub api: SocketAddr,
    /// Where the partner connects.
    pub link: SocketAddr,
}

impl Lab {
    /// Makes all keys; the program is this one.
    ///
    /// # Errors
    /// Where they cannot be written.
    pub fn make(program: &Path, folder: &Path, signatures: Signatures, threads: usize) -> Result<Self> {
        keys::make(folder, NAMES)?;
        Ok(Self { program: program.to_owned(), folder: folder.to_owned(), signatures, threads })
    }

    /// The folder of keys.
    #[must_use]
    pub fn keys(&self) -> &Path {
        &self.folder
    }

    /// A node's database.
    #[must_use]
    pub fn database(&self, name: &str) -> PathBuf {
        self.folder.join(format!("{name}.db"))
    }

    /// Starts a node, which sends to where it is told to, if to anybody.
    ///
    /// # Errors
    /// Where it does not start.
    pub fn start(
        &self,
        [name, partner]: [&str; 2],
        dial: Option<SocketAddr>,
        link: Option<SocketAddr>,
    ) -> Result<Process> {
        let mut command = Command::new(&self.program);
        command.arg("node").arg("--keys").arg(&self.folder).args(["--name", name, "--partner", partner]);
        command.arg("--database").arg(self.database(name));
        let signatures = match self.signatures {
            Signatures::Batch => "batch",
            Signatures::Each => "each",
        };
        command.args(["--signatures", signatures, "--threads", &self.threads.to_string()]);
        for (option, address) in [("--dial", dial), ("--link", link)] {
            if let Some(address) = address {
                command.arg(option).arg(address.to_string());
            }
        }
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let mut output = BufReader::new(child.stdout.take().context("its output")?);
        let api = told(&mut output, "api")?.parse()?;
        let link = told(&mut output, "link")?.parse()?;
        Ok(Process { child, output, api, link })
    }
}

/// The next line of a node's output: a word and what it is.
fn told(output: &mut BufReader<ChildStdout>, word: &str) -> Result<String> {
    let mut line = String::new();
    output.read_line(&mut line)?;
    let Some((_, rest)) = line.trim_end().split_once(' ').filter(|(first, _)| *first == word) else {
        bail!("a node does not tell its {word}: {line:?}");
    };
    Ok(rest.to_owned())
}

impl Process {
    /// Its number.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Kills it, as a power cut would.
    ///
    /// # Errors
    /// The system's.
    pub fn kill(mut self) -> Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }

    /// Has it end; gives the number of its transactions.
    ///
    /// # Errors
    /// Where it ended in a fault.
    pub fn stop(mut self) -> Result<u64> {
        drop(self.child.stdin.take());
        let commits = told(&mut self.output, "commits")?.parse()?;
        let ended = self.child.wait()?;
        if ended.success() { Ok(commits) } else { bail!("a node ended with {ended}") }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
