//! The limits that an inspector sets on itself before it reads its first job. What the kernel lacks is told and not
//! required here; resources are.

use landlock::{ABI, Access as _, AccessFs, AccessNet, CompatLevel, Compatible as _, LandlockStatus};
use landlock::{Ruleset, RulesetAttr as _, RulesetStatus, Scope};
use relto_report::inspection::frame::InForce;
use rustix::{
    io::Errno,
    process::{DumpableBehavior, Resource, Rlimit, Signal},
};
use seccompiler::{BpfProgram, SeccompAction, SeccompFilter, TargetArch};

/// Bytes of address space.
const MEMORY: u64 = 512 * 1024 * 1024;
/// By how much it stands behind the node where both want a processor: reports without attachments do not wait for a look,
/// and a look still goes on, at a third of a full share.
const BEHIND: i32 = 5;
/// Seconds of processor time whatever the size.
const SECONDS: u64 = 10;
/// Descriptors; it has three.
const DESCRIPTORS: u64 = 8;

/// The system calls that an inspector makes; any other ends it.
const CALLS: &[i64] = &[
    libc::SYS_read,
    libc::SYS_write,
    libc::SYS_readv,
    libc::SYS_writev,
    libc::SYS_recvfrom,
    libc::SYS_sendto,
    libc::SYS_close,
    libc::SYS_mmap,
    libc::SYS_munmap,
    libc::SYS_mremap,
    libc::SYS_brk,
    libc::SYS_madvise,
    libc::SYS_futex,
    libc::SYS_rt_sigreturn,
    libc::SYS_sigaltstack,
    libc::SYS_clock_gettime,
    libc::SYS_getrandom,
    libc::SYS_exit,
    libc::SYS_exit_group,
    libc::SYS_restart_syscall,
];

/// Sets all limits, for files of this many MiB together.
///
/// # Errors
/// The system's, where a resource cannot be limited.
pub fn set(mib: u64) -> Result<InForce, Errno> {
    let first_to_go = std::fs::write("/proc/self/oom_score_adj", "1000").is_ok();
    // Where it cannot, it is as fast as the node, which is no danger.
    let _ = rustix::process::nice(BEHIND);
    let seconds = SECONDS.saturating_add(mib);
    for (resource, most) in [
        (Resource::As, MEMORY),
        (Resource::Fsize, 0),
        (Resource::Nofile, DESCRIPTORS),
        (Resource::Core, 0),
        (Resource::Nproc, 0),
    ] {
        limit(resource, most, most)?;
    }
    // At the first it is told why it ends; it is ended by force a second later.
    limit(Resource::Cpu, seconds, seconds.saturating_add(1))?;
    let undumpable = rustix::process::set_dumpable_behavior(DumpableBehavior::NotDumpable).is_ok();
    let dies_with_parent = rustix::process::set_parent_process_death_signal(Some(Signal::KILL)).is_ok();
    let no_new_privileges = rustix::thread::set_no_new_privs(true).is_ok();
    let (landlock, seccomp) = (landlock(), seccomp());
    Ok(InForce { landlock, seccomp, no_new_privileges, undumpable, dies_with_parent, first_to_go })
}

fn limit(resource: Resource, soft: u64, hard: u64) -> Result<(), Errno> {
    // What is narrower already stays so: not every process may raise it again.
    let now = rustix::process::getrlimit(resource);
    let narrower = |most: u64, now: Option<u64>| Some(now.map_or(most, |now| now.min(most)));
    let new = Rlimit { current: narrower(soft, now.current), maximum: narrower(hard, now.maximum) };
    rustix::process::setrlimit(resource, new)
}

/// Denies every right over files, connections and other processes that this kernel's Landlock knows, without exception.
/// The ABI that is in force; 0 where there is none.
fn landlock() -> u8 {
    let newest = ABI::V10;
    let ruleset = Ruleset::default()
        .set_compatibility(CompatLevel::BestEffort)
        .handle_access(AccessFs::from_all(newest))
        .and_then(|ruleset| ruleset.handle_access(AccessNet::from_all(newest)))
        .and_then(|ruleset| ruleset.scope(Scope::from_all(newest)))
        .and_then(Ruleset::create)
        .and_then(landlock::RulesetCreated::restrict_self);
    match ruleset {
        Ok(status) if status.ruleset != RulesetStatus::NotEnforced => match status.landlock {
            LandlockStatus::Available { effective_abi, .. } => effective_abi as u8,
            LandlockStatus::NotEnabled | LandlockStatus::NotImplemented => 0,
        },
        Ok(_) | Err(_) => 0,
    }
}

fn seccomp() -> bool {
    let Ok(machine) = TargetArch::try_from(std::env::consts::ARCH) else { return false };
    let rules = CALLS.iter().map(|call| (*call, Vec::new())).collect();
    let filter = SeccompFilter::new(rules, SeccompAction::KillProcess, SeccompAction::Allow, machine);
    let program: Option<BpfProgram> = filter.ok().and_then(|filter| filter.try_into().ok());
    program.is_some_and(|program| seccompiler::apply_filter(&program).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{
        fs::File,
        io::ErrorKind,
        net::{TcpListener, TcpStream},
        os::unix::{net::UnixStream, process::ExitStatusExt as _},
        process::{Command, ExitStatus},
    };

    /// What a process that has limited itself tries; told to this very test, started anew.
    const TRIES: &str = "RELTO_TEST_INSPECTOR_TRIES";
    const LACKS: i32 = 77;
    const SIGSYS: i32 = 31;

    fn tried(what: &str) -> ExitStatus {
        let name = "inspector::limits::tests::pol_24_a_call_that_is_not_on_the_list_ends_it";
        let program = std::env::current_exe().unwrap();
        Command::new(program).args(["--exact", name, "--nocapture"]).env(TRIES, what).output().unwrap().status
    }

    fn attempt(what: &str) {
        let in_force = set(1).unwrap();
        if !in_force.seccomp {
            std::process::exit(LACKS);
        }
        match what {
            "nothing" => {}
            "open" => drop(File::open("/etc/hostname")),
            "socket" => drop(UnixStream::pair()),
            "connect" => drop(TcpStream::connect("127.0.0.1:1")),
            "fork" => drop(Command::new("/bin/true").spawn()),
            "kill" => drop(rustix::process::test_kill_process(rustix::process::getpid())),
            "prctl" => drop(rustix::process::set_dumpable_behavior(DumpableBehavior::Dumpable)),
            "memory" => drop(std::hint::black_box(vec![1_u8; 600 * 1024 * 1024])),
            other => panic!("{other}"),
        }
        std::process::exit(0);
    }

    /// Whether tests need not run for want of something that this machine lacks.
    fn lacks(what: &str) -> bool {
        let required = std::env::var("RELTO_REQUIRE").is_ok_and(|list| list.split(',').any(|one| one == what));
        assert!(!required, "RELTO_REQUIRE={what}, and this kernel has none");
        eprintln!("SKIPPED: this kernel has no {what}");
        true
    }

    #[test]
    fn pol_24_a_call_that_is_not_on_the_list_ends_it() {
        if let Ok(what) = std::env::var(TRIES) {
            return attempt(&what);
        }
        let nothing = tried("nothing");
        if nothing.code() == Some(LACKS) && lacks("seccomp") {
            return;
        }
        assert_eq!(nothing.code(), Some(0), "{nothing}");
        for what in ["open", "socket", "connect", "fork", "kill", "prctl"] {
            let ended = tried(what);
            assert_eq!(ended.signal(), Some(SIGSYS), "{what}: {ended}");
        }
        // What ends it there is its attempt to say so by a signal.
        let ended = tried("memory");
        assert!(ended.signal().is_some(), "memory: {ended}");
    }

    #[test]
    fn pol_24_no_call_by_which_a_process_reaches_another_or_becomes_one_is_on_the_list() {
        // No safe function makes these: that the list denies what it does not name is shown by the calls that are tried.
        for call in [
            libc::SYS_ptrace,
            libc::SYS_process_vm_readv,
            libc::SYS_process_vm_writev,
            libc::SYS_pidfd_getfd,
            libc::SYS_pidfd_open,
            libc::SYS_kcmp,
            libc::SYS_execve,
            libc::SYS_execveat,
            libc::SYS_clone,
            libc::SYS_clone3,
            libc::SYS_kill,
            libc::SYS_tgkill,
            libc::SYS_openat,
            libc::SYS_socket,
            libc::SYS_sendmsg,
            libc::SYS_recvmsg,
            libc::SYS_mprotect,
            libc::SYS_prctl,
            libc::SYS_seccomp,
            libc::SYS_bpf,
            libc::SYS_io_uring_setup,
            libc::SYS_userfaultfd,
            libc::SYS_perf_event_open,
        ] {
            assert!(!CALLS.contains(&call), "{call}");
        }
    }

    #[test]
    fn pol_24_landlock_denies_files_and_connections() {
        let port = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = port.local_addr().unwrap();
        let tried = std::thread::spawn(move || {
            rustix::thread::set_no_new_privs(true).unwrap();
            let abi = landlock();
            (abi, File::open("/etc/passwd").map(drop), std::fs::read_dir("/").map(drop), TcpStream::connect(address))
        });
        let (abi, file, folder, connection) = tried.join().unwrap();
        if abi == 0 && lacks("landlock") {
            return;
        }
        assert_eq!(file.unwrap_err().kind(), ErrorKind::PermissionDenied);
        assert_eq!(folder.unwrap_err().kind(), ErrorKind::PermissionDenied);
        if abi >= 4 {
            assert_eq!(connection.unwrap_err().kind(), ErrorKind::PermissionDenied);
        }
        assert!(File::open("/etc/passwd").is_ok(), "the node itself is not limited");
    }
}
