//! The pool with real inspectors, and with programs that stand for ones that a file has taken over.

use super::{report, table};
use relto_node::inspect::{
    pool::Pool,
    process::{Ended, File, Process},
    queue::{Asked, Call, Who},
    settings::{Required, Settings},
};
use relto_report::{
    assessment::Document,
    attachment::inspected::Inspected,
    inspection::{
        Attachments as _, Look, Looks, Media, Seen, Uninspectable,
        frame::{self, FromChild, InForce},
        talk::Broken,
    },
};
use relto_tests::fixture::Draft;
use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::Command,
    sync::{Arc, mpsc},
    time::Duration,
};

/// So long that nothing is late on a machine that does much else.
const LONG: Duration = Duration::from_secs(120);

fn reltod() -> PathBuf {
    PathBuf::from(env!("CARGO_BIN_EXE_reltod"))
}

fn settings(program: PathBuf, time: Duration) -> Settings {
    let waits = (Duration::from_millis(20), Duration::from_millis(20));
    Settings { program, time: (time, Duration::ZERO), waits, ..Settings::default() }
}

/// A program in place of an inspector; it says these frames first, and does then what the shell is told.
struct Instead {
    _folder: tempfile::TempDir,
    program: PathBuf,
}

impl Instead {
    fn of(said: &[FromChild], before: &str, then: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (program, frames) = (folder.path().join("inspector"), folder.path().join("frames"));
        fs::write(&frames, said.iter().flat_map(frame::write).collect::<Vec<u8>>()).unwrap();
        let says = if said.is_empty() { String::new() } else { format!("/bin/cat {} >&0\n", frames.display()) };
        fs::write(&program, format!("#!/bin/sh\n{before}\n{says}{then}\n")).unwrap();
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
        Self { _folder: folder, program }
    }
}

fn ready() -> FromChild {
    FromChild::Ready(InForce::default())
}

fn begun(settings: Settings) -> Arc<Pool> {
    let pool = Pool::new(settings);
    pool.begin().unwrap();
    pool
}

fn ask(pool: &Pool, document: &Document) -> mpsc::Receiver<()> {
    let (done, told) = mpsc::channel();
    let asked = Asked::of(document.clone(), Who::Account("a".to_owned()));
    pool.look(
        asked,
        Call::Done(Box::new(move || {
            let _ = done.send(());
        })),
    )
    .unwrap();
    told
}

fn look(pool: &Pool, document: &Document) -> Vec<Seen> {
    ask(pool, document).recv_timeout(LONG).unwrap();
    seen(pool, document).expect("it was looked at")
}

fn seen(pool: &Pool, document: &Document) -> Option<Vec<Seen>> {
    pool.looks(document).of(document).map(<[Seen]>::to_vec)
}

fn clean() -> Seen {
    Ok(Look { media: Some(Media::Csv), inspected: Inspected::default() })
}

fn signal(process: u32, name: &str) {
    assert!(Command::new("kill").args([format!("-{name}"), process.to_string()]).status().unwrap().success());
}

fn until(what: &str, is: impl Fn() -> bool) {
    for _ in 0..2_400 {
        if is() {
            return;
        }
        std::thread::sleep(Duration::from_millis(25));
    }
    panic!("not in a minute: {what}");
}

fn file<'f>(bytes: &'f &[u8], time: Duration) -> File<'f> {
    File { media_type: "text/csv", ending: "csv", bytes, time }
}

/// Whether this process was started with a descriptor that goes on to every program that it starts.
fn is_inherited(number: u32) -> bool {
    let text = fs::read_to_string(format!("/proc/self/fdinfo/{number}")).unwrap_or_default();
    let flags =
        text.lines().find_map(|line| line.strip_prefix("flags:")).and_then(|n| u32::from_str_radix(n.trim(), 8).ok());
    number > 2 && flags.is_some_and(|flags| flags & 0o2_000_000 == 0)
}

#[test]
fn pol_24_an_inspector_has_nothing_but_its_socket_and_its_limits() {
    let process = Process::start(&reltod(), 4).unwrap();
    let of = |name: &str| PathBuf::from(format!("/proc/{}/{name}", process.id()));
    let Ok(descriptors) = fs::read_dir(of("fd")) else {
        eprintln!("SKIPPED: only root sees what a process that may not be looked into has open");
        return;
    };
    let numbers = descriptors.map(|one| one.unwrap().file_name().to_str().unwrap().parse::<u32>().unwrap());
    // What this test itself was started with, by a build tool, is no more the node's than its environment.
    let mut numbers: Vec<u32> = numbers.filter(|number| !is_inherited(*number)).collect();
    numbers.sort_unstable();
    let open = numbers.iter().map(|n| fs::read_link(of(&format!("fd/{n}"))).unwrap().display().to_string());
    let mut open: Vec<String> = open.collect();
    open.sort();
    assert_eq!((open.len(), &open[..2]), (3, &["/dev/null".to_owned(), "/dev/null".to_owned()][..]), "{open:?}");
    assert!(open[2].starts_with("socket:"), "{open:?}");
    assert_eq!(fs::read(of("environ")).unwrap(), b"");
    assert_eq!(fs::read_link(of("cwd")).unwrap(), Path::new("/"));
    assert_eq!(fs::read_to_string(of("oom_score_adj")).unwrap().trim(), "1000");
    let limits = fs::read_to_string(of("limits")).unwrap();
    for (name, wanted) in [
        ("Max cpu time", "14"),
        ("Max address space", "536870912"),
        ("Max file size", "0"),
        ("Max open files", "8"),
        ("Max core file size", "0"),
        ("Max processes", "0"),
    ] {
        let line = limits.lines().find_map(|line| line.strip_prefix(name)).unwrap();
        assert_eq!(line.split_whitespace().next(), Some(wanted), "{name} in {limits}");
    }
    let status = fs::read_to_string(of("status")).unwrap();
    assert!(status.contains("NoNewPrivs:\t1\n"), "{status}");
    let is = process.in_force;
    assert!(is.no_new_privileges && is.undumpable && is.dies_with_parent && is.first_to_go, "{is:?}");
    assert_eq!(status.contains("Seccomp:\t2\n"), is.seccomp, "{status}");
    for (name, there) in [("seccomp", is.seccomp), ("landlock", is.landlock > 0)] {
        let required = std::env::var("RELTO_REQUIRE").is_ok_and(|list| list.split(',').any(|one| one == name));
        assert!(there || !required, "RELTO_REQUIRE={name}, and this kernel has none");
        if !there {
            eprintln!("SKIPPED: this kernel has no {name}");
        }
    }
    // What it is started for fits its memory.
    let folder = process.id();
    drop(process);
    assert!(!Path::new(&format!("/proc/{folder}")).exists(), "a zombie");
}

#[test]
fn pol_23_attachments_are_judged_by_one_inspector_for_each_report() {
    let pool = begun(settings(reltod(), LONG));
    assert_eq!(pool.looks(&table(1, "a,b\n")), Looks::Waiting);
    let first = pool.ready();
    assert_eq!(look(&pool, &table(1, "a,b\n")), [clean()]);
    until("another stands ready", || pool.ready().is_some_and(|now| Some(now) != first));
    let found = look(&pool, &table(2, "a,=1+1\n"));
    let finding = found[0].as_ref().unwrap().inspected.finding.as_ref().unwrap();
    assert!(finding.to_string().contains("line 1, column 2"), "{finding}");
    let files: [(&str, &str, &[u8]); 3] = [
        ("a.csv", "text/csv", b"1,2\n"),
        ("b.json", "application/json", b"{}"),
        ("c.pdf", "application/pdf", b"no such thing"),
    ];
    let media = look(&pool, &report(&Draft::new(0, 3), &files)).into_iter().map(|one| one.unwrap().media);
    assert_eq!(media.collect::<Vec<_>>(), [Some(Media::Csv), Some(Media::Json), None]);
    // Known by its bytes, in whatever report; behind another file it is another's.
    let judged = pool.counts().judged;
    assert_eq!(seen(&pool, &table(9, "a,b\n")), Some(vec![clean()]));
    assert_eq!(look(&pool, &table(9, "a,b\n")), [clean()]);
    assert_eq!(pool.counts().judged, judged);
    let behind = [("x.csv", "text/csv", &b"x\n"[..]), ("a.csv", "text/csv", b"a,b\n")];
    assert_eq!(seen(&pool, &report(&Draft::new(0, 9), &behind)), None);
    // Larger than what the one that stands ready is for.
    let large = table(4, &"1,2\n".repeat(2 * 1024 * 1024));
    assert_eq!(look(&pool, &large), [clean()]);
    let counts = pool.counts();
    assert_eq!((counts.died, counts.late, counts.uninspectable, counts.waiting), (0, 0, 0, 0), "{counts:?}");
}

#[test]
fn pol_24_an_inspector_that_is_killed_or_stopped_costs_another_try_and_leaves_no_zombie() {
    let pool = begun(settings(reltod(), LONG));
    assert_eq!(look(&pool, &table(1, "1\n")), [clean()]);
    until("one stands ready", || pool.ready().is_some());
    let killed = pool.ready().unwrap();
    signal(killed, "KILL");
    assert_eq!(look(&pool, &table(2, "2\n")), [clean()]);
    until("it is no zombie", || !Path::new(&format!("/proc/{killed}")).exists());
    drop(pool);
    let pool = begun(settings(reltod(), Duration::from_secs(3)));
    assert_eq!(look(&pool, &table(1, "1\n")), [clean()]);
    until("one stands ready", || pool.ready().is_some());
    let stopped = pool.ready().unwrap();
    signal(stopped, "STOP");
    assert_eq!(look(&pool, &table(2, "2\n")), [clean()]);
    assert!(pool.counts().late >= 1 && pool.counts().uninspectable == 0, "{:?}", pool.counts());
    until("it is no zombie", || !Path::new(&format!("/proc/{stopped}")).exists());
    let last = pool.ready();
    drop(pool);
    assert!(last.is_none_or(|last| !Path::new(&format!("/proc/{last}")).exists()), "it ends with its pool");
}

#[test]
fn pol_24_an_inspector_that_has_no_memory_left_is_tried_once() {
    let idle = Process::start(&reltod(), 4).unwrap();
    let status = fs::read_to_string(format!("/proc/{}/status", idle.id())).unwrap();
    let size = status.lines().find_map(|line| line.strip_prefix("VmSize:")).unwrap().split_whitespace().next();
    let size: u64 = size.unwrap().parse().unwrap();
    let narrow = format!("ulimit -v {}\nexec {} --inspect \"$2\"", size + 6 * 1024, reltod().display());
    let narrow = Instead::of(&[], "", &narrow);
    let pool = begun(settings(narrow.program.clone(), LONG));
    let bomb = table(1, &"1,2\n".repeat(6 * 1024 * 1024));
    assert_eq!(look(&pool, &bomb), [Err(Uninspectable::Memory)]);
    let counts = pool.counts();
    assert_eq!((counts.uninspectable, counts.late), (1, 0), "{counts:?}");
    assert_eq!(look(&pool, &table(2, "1\n")), [clean()], "the next one is not hurt");
}

#[test]
fn pol_24_an_inspector_that_never_ends_is_ended_by_its_own_time_or_waits() {
    let busy = "ulimit -S -t 1\nwhile :; do :; done";
    let limited = Instead::of(&[ready()], "", busy);
    let pool = begun(settings(limited.program.clone(), LONG));
    assert_eq!(look(&pool, &table(1, "1\n")), [Err(Uninspectable::Time)]);
    assert_eq!(pool.counts().died, 1, "tried once");
    // Without own time it is late, however often: it waits, and is never refused.
    let idle = Instead::of(&[ready()], "", "exec /bin/sleep 300");
    let pool = begun(settings(idle.program.clone(), Duration::from_millis(100)));
    let told = ask(&pool, &table(1, "1\n"));
    until("it was tried again and again", || pool.counts().late >= 5);
    assert!(told.try_recv().is_err() && seen(&pool, &table(1, "1\n")).is_none());
    assert_eq!((pool.counts().uninspectable, pool.counts().waiting), (0, 1));
}

#[test]
fn pol_23_an_inspector_that_lies_is_not_believed_and_its_file_is_none_that_passes() {
    let verdict = |id| FromChild::Verdict { id, look: clean().unwrap() };
    let stay = "exec /bin/sleep 300";
    for (said, broken) in [
        (vec![ready(), verdict(0)], Broken::Unread),
        (vec![ready(), verdict(1)], Broken::Unasked),
        (vec![ready(), ready()], Broken::Unasked),
        (vec![ready(), FromChild::Read { offset: 1, length: 2 }], Broken::Beyond),
    ] {
        let lies = Instead::of(&said, "", stay);
        let mut process = Process::start(&lies.program, 1).unwrap();
        assert_eq!(process.judge(file(&&b"1\n"[..], LONG)), Err(Ended::Died(Some(broken))));
        assert!(!process.is_alive());
    }
    // What is no frame at all.
    let noise = Instead::of(&[ready()], "", "/bin/cat /dev/zero >&0\n");
    let mut process = Process::start(&noise.program, 1).unwrap();
    assert!(matches!(process.judge(file(&&b"1\n"[..], LONG)), Err(Ended::Died(Some(Broken::Frame(_))))));
    let silent = Instead::of(&[verdict(0)], "", stay);
    assert!(Process::start(&silent.program, 1).is_err(), "its first frame is another");
    // The third time it is over.
    let lies = Instead::of(&[ready(), verdict(0)], "", stay);
    let pool = begun(settings(lies.program.clone(), LONG));
    assert_eq!(look(&pool, &table(1, "1\n")), [Err(Uninspectable::Died)]);
    assert_eq!((pool.counts().died, pool.counts().judged), (3, 0));
}

#[test]
fn api_47_what_is_required_and_not_in_force_starts_nothing() {
    let required = Required { landlock: true, seccomp: true };
    let none = Instead::of(&[ready()], "", "exec /bin/sleep 300");
    let fault = Pool::new(Settings { required, ..settings(none.program.clone(), LONG) }).begin().unwrap_err();
    assert!(fault.contains("require") && fault.contains("landlock and seccomp"), "{fault}");
    let all = InForce { landlock: 1, seccomp: true, ..InForce::default() };
    let all = Instead::of(&[FromChild::Ready(all)], "", "exec /bin/sleep 300");
    let pool = Pool::new(Settings { required, ..settings(all.program.clone(), LONG) });
    assert_eq!(pool.begin().map(|is| is.landlock), Ok(1));
    let fault = Pool::new(settings(PathBuf::from("/nonexistent"), LONG)).begin().unwrap_err();
    assert!(fault.contains("no inspector"), "{fault}");
}

#[test]
fn pol_24_of_many_reports_whose_inspectors_die_at_random_each_is_looked_at_and_none_is_lost() {
    // The first tells the pool what is in force; of those after it a quarter die.
    let real = format!("exec {} --inspect \"$2\"", reltod().display());
    let first = format!("[ -e \"$0.first\" ] || {{ : > \"$0.first\"; {real}; }}");
    let dice = "case $(/bin/cat /proc/sys/kernel/random/uuid) in [0-3]*) exit 1;; esac";
    let dies = format!("{first}\n{dice}\n{real}");
    let dies = Instead::of(&[], "", &dies);
    let pool = begun(settings(dies.program.clone(), LONG));
    let documents: Vec<Document> = (0..1_000).map(|n| table(n, &format!("{n},=1\n"))).collect();
    let (done, told) = mpsc::channel();
    for (n, document) in documents.iter().enumerate() {
        let who = Who::Account((n % 7).to_string());
        loop {
            let done = done.clone();
            let call = Call::Done(Box::new(move || {
                let _ = done.send(n);
            }));
            if pool.look(Asked::of(document.clone(), who.clone()), call).is_ok() {
                break;
            }
            std::thread::sleep(Duration::from_millis(5));
        }
    }
    let mut all = Vec::new();
    while all.len() < documents.len() {
        let n = told.recv_timeout(LONG).unwrap();
        if seen(&pool, &documents[n]).is_some() {
            all.push(n);
            continue;
        }
        // It gave way to another's: asked again, as a turn does.
        let done = done.clone();
        let who = Who::Account((n % 7).to_string());
        let again = Box::new(move || {
            let _ = done.send(n);
        });
        pool.look_or_tell_later(Asked::of(documents[n].clone(), who), again);
    }
    all.sort_unstable();
    assert!(all.into_iter().eq(0..documents.len()), "each once");
    for document in &documents {
        let seen = seen(&pool, document).unwrap();
        let found = seen[0].as_ref().map_or(true, |look| look.inspected.finding.is_some());
        assert!(found, "passed without a look: {seen:?}");
    }
    let counts = pool.counts();
    assert!(counts.judged + counts.uninspectable >= 1_000 && counts.died + counts.late > 0, "{counts:?}");
}
