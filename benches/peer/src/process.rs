//! CPU time and memory of processes, from Linux's /proc. Where there is none nothing is measured: no figure is made up.

use anyhow::{Context as _, Result};

/// Clock ticks a second in /proc/PID/stat: USER_HZ, 100 on every Linux.
const TICKS: f64 = 100.0;

/// User and system CPU seconds of a process and its threads so far.
///
/// # Errors
/// Where there is no such process, or no /proc.
pub fn cpu_seconds(id: u32) -> Result<f64> {
    of(&format!("/proc/{id}/stat"))
}

/// The same of this process.
///
/// # Errors
/// Where there is no /proc.
pub fn own_cpu_seconds() -> Result<f64> {
    of("/proc/self/stat")
}

fn of(path: &str) -> Result<f64> {
    let text = read(path)?;
    // The name in brackets may hold spaces; utime and stime are the 12th and 13th fields after it.
    let fields: Vec<&str> = text.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let field = |at: usize| fields.get(at).and_then(|text| text.parse::<f64>().ok());
    let (user, system) = field(11).zip(field(12)).with_context(|| format!("{path}: not of the known form"))?;
    Ok((user + system) / TICKS)
}

/// Peak resident memory of a process, MiB.
///
/// # Errors
/// Where there is no such process, or no /proc.
pub fn peak_mib(id: u32) -> Result<f64> {
    let path = format!("/proc/{id}/status");
    let text = read(&path)?;
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = line.and_then(|line| line.split_whitespace().next()?.parse::<f64>().ok());
    Ok(kib.with_context(|| format!("{path}: it names no peak"))? / 1024.0)
}

fn read(path: &str) -> Result<String> {
    std::fs::read_to_string(path).with_context(|| format!("{path}: the measurement needs a Linux /proc"))
}
