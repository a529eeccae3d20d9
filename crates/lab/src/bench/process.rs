//! CPU time and memory of processes, from Linux's /proc. Where there is none nothing is measured: no figure is made up.

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
    let path = format!("/proc/{id}/status");
    let text = read(&path)?;
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = line.and_then(|line| line.split_whitespace().next()?.parse::<f64>().ok());
    Ok(kib.with_context(|| format!("{path}: it names no peak"))? / 1024.0)
}

/// What the system tells there.
pub(super) fn read(path: &str) -> Result<String> {
    std::fs::read_to_string(path).with_context(|| format!("{path}: the measurement needs a Linux /proc"))
}
