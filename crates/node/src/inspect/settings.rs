//! How inspectors are run, as node.toml says.

use relto_report::inspection::frame::InForce;
use std::{path::PathBuf, time::Duration};

/// How inspectors are run.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The program, which is this one.
    pub program: PathBuf,
    /// So many work at once, beside the one that stands ready.
    pub at_once: usize,
    /// In which time a file must be judged, whatever its size, and each MiB of it beside that.
    pub time: (Duration, Duration),
    /// Between the second try and the third, and before each later one.
    pub waits: (Duration, Duration),
    /// What must be in force.
    pub required: Required,
}

/// Limits without which no inspector looks at anything. API-47
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Required {
    /// Landlock.
    pub landlock: bool,
    /// Seccomp.
    pub seccomp: bool,
}

impl Required {
    /// What is required and not in force.
    #[must_use]
    pub fn lacking(self, in_force: &InForce) -> Vec<&'static str> {
        let landlock = (self.landlock && in_force.landlock == 0).then_some("landlock");
        landlock.into_iter().chain((self.seccomp && !in_force.seccomp).then_some("seccomp")).collect()
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            program: PathBuf::from("/proc/self/exe"),
            at_once: 2,
            time: (Duration::from_secs(30), Duration::from_secs(2)),
            waits: (Duration::from_secs(10), Duration::from_secs(60)),
            required: Required::default(),
        }
    }
}
