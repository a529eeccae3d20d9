//! CPU time, memory and reads of processes, from Linux's /proc. Where there is none nothing is measured: no figure is made up.

use anyhow::{Context as _, Result};

/// Clock ticks a second in /proc/PID/stat: USER_HZ, 100 on every Linux.
const TICKS: f64 = 100.0;

/// User and system CPU seconds of a process and its threads so far.
pub(super) fn cpu_seconds(id: u32) -> Result<f64> {
    let path = format!("/proc/{id}/stat");
    let text = read(&path)?;
    // The name in brackets may hold spaces; utime and stime are the 12th and 13th fields after it.
    let fields: Vec<&str> = text.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let field = |at: usize| fields.get(at).and_then(|text| text.parse::<f64>().ok());
    let (user, system) = field(11).zip(field(12)).with_context(|| format!("{path}: not of the known form"))?;
    Ok((user + system) / TICKS)
}

/// CPU nanoseconds of the calling thread so far.
pub(super) fn thread_cpu_nanos() -> Result<u64> {
    const PATH: &str = "/proc/thread-self/schedstat";
    let text = read(PATH)?;
    let nanos = text.split_whitespace().next().and_then(|text| text.parse().ok());
    nanos.with_context(|| format!("{PATH}: not of the known form"))
}

/// Peak resident memory of a process, MiB.
pub(super) fn peak_mib(id: u32) -> Result<f64> {
    memory(id, "VmHWM:")
}

/// Resident memory of a process, MiB: all that is mapped, files and what is shared among it.
pub(super) fn resident_mib(id: u32) -> Result<f64> {
    memory(id, "VmRSS:")
}

fn memory(id: u32, name: &str) -> Result<f64> {
    let path = format!("/proc/{id}/status");
    let text = read(&path)?;
    let line = text.lines().find_map(|line| line.strip_prefix(name));
    let kib = line.and_then(|line| line.split_whitespace().next()?.parse::<f64>().ok());
    Ok(kib.with_context(|| format!("{path}: it does not tell {name}"))? / 1024.0)
}

/// Bytes that a process has read so far.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reads {
    /// From the disk.
    pub(super) disk: u64,
    /// In all, by calls that read: from the page cache, sockets and pipes too.
    pub(super) all: u64,
}

impl Reads {
    /// Of a process that runs.
    ///
    /// # Errors
    /// Where the system does not tell them: of a node it tells them to root alone.
    pub(super) fn of(id: u32) -> Result<Self> {
        let path = format!("/proc/{id}/io");
        let text = read(&path)?;
        let bytes = |name: &str| text.lines().find_map(|line| line.strip_prefix(name)?.trim().parse().ok());
        let (disk, all) =
            bytes("read_bytes:").zip(bytes("rchar:")).with_context(|| format!("{path}: not of the known form"))?;
        Ok(Self { disk, all })
    }
}

/// What the system tells there.
pub(super) fn read(path: &str) -> Result<String> {
    std::fs::read_to_string(path).with_context(|| format!("{path}: the measurement needs a Linux /proc"))
}
