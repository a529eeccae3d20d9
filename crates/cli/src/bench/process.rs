//! CPU time and memory of processes, from Linux's /proc; 0 where there is none.

/// Clock ticks a second in /proc/PID/stat: USER_HZ, 100 on every Linux.
const TICKS: f64 = 100.0;

/// User and system CPU seconds of a process and its threads so far.
pub(super) fn cpu_seconds(id: u32) -> f64 {
    of(&format!("/proc/{id}/stat"))
}

/// The same of this process.
pub(super) fn own_cpu_seconds() -> f64 {
    of("/proc/self/stat")
}

fn of(path: &str) -> f64 {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    // The name in brackets may hold spaces; utime and stime are the 12th and 13th fields after it.
    let fields: Vec<&str> = text.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let field = |at: usize| fields.get(at).and_then(|text| text.parse::<f64>().ok()).unwrap_or(0.0);
    (field(11) + field(12)) / TICKS
}

/// CPU nanoseconds of the calling thread so far.
pub(super) fn thread_cpu_nanos() -> u64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    text.split_whitespace().next().and_then(|text| text.parse().ok()).unwrap_or(0)
}

/// Peak resident memory of a process, MiB.
pub(super) fn peak_mib(id: u32) -> f64 {
    let text = std::fs::read_to_string(format!("/proc/{id}/status")).unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.split_whitespace().next()?.parse::<f64>().ok()).unwrap_or(0.0) / 1024.0
}
