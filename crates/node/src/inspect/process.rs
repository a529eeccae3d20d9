//! One inspector as the node has it: started, asked, and ended.

use relto_host::{
    clock::Stopwatch,
    inspector::channel::{self, receive, send},
};
use relto_report::{
    attachment::bytes::Bytes,
    inspection::{
        Look, Uninspectable,
        frame::{self, FromChild, FromNode, InForce, MAX_SAID},
        talk::{Broken, Next, Talk},
    },
};
use std::{
    io::{self, Read, Write},
    os::{
        fd::OwnedFd,
        unix::{net::UnixStream, process::ExitStatusExt as _},
    },
    path::Path,
    process::{Child, Command, ExitStatus, Stdio},
    time::Duration,
};

/// From its start to its first frame.
const STARTS: Duration = Duration::from_secs(10);
/// The signals by which it ends where it used all of its processor time; where it could not say that it has no memory
/// left, because saying so is no call that it may make, or made another such call; and where it could.
const SIGXCPU: i32 = 24;
const SIGSYS: i32 = 31;
const SIGABRT: i32 = 6;

/// Why an inspector gave no verdict.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ended {
    /// It ended itself against its own limits: it would again.
    Limit(Uninspectable),
    /// It died, or did what an inspector never does.
    Died(Option<Broken>),
    /// It did not answer in its time. That it used processor time of its own would have ended it otherwise.
    Late,
}

/// A file to be judged.
#[derive(Clone, Copy)]
pub struct File<'a> {
    /// What its report calls it.
    pub media_type: &'a str,
    /// What its name ends in.
    pub ending: &'a str,
    /// The bytes, read as they are asked for.
    pub bytes: &'a dyn Bytes,
    /// In which time it must be judged.
    pub time: Duration,
}

/// An inspector that stands ready. It ends when this is dropped, and leaves no zombie.
pub struct Process {
    child: Child,
    stream: UnixStream,
    jobs: u64,
    /// Its limits beside its resources.
    pub in_force: InForce,
    /// For files of so many MiB together.
    pub mib: u64,
}

impl Process {
    /// Starts an inspector: of this program, with nothing but one end of a socket pair. POL-24
    ///
    /// # Errors
    /// The system's, and where no first frame comes.
    pub fn start(program: &Path, mib: u64) -> io::Result<Self> {
        let (stream, theirs) = UnixStream::pair()?;
        let child = Command::new(program)
            .arg("--inspect")
            .arg(mib.to_string())
            .env_clear()
            .current_dir("/")
            .stdin(OwnedFd::from(theirs))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        let mut process = Self { child, stream, jobs: 0, in_force: InForce::default(), mib };
        let mut timed = Timed { stream: &process.stream, since: Stopwatch::start(), time: STARTS };
        let body = receive(&mut timed, MAX_SAID).map_err(io::Error::other)?;
        match frame::from_child(&body) {
            Ok(FromChild::Ready(in_force)) => process.in_force = in_force,
            Ok(_) | Err(_) => return Err(io::Error::other("its first frame does not say that it is ready")),
        }
        Ok(process)
    }

    /// Its number as the system has it.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Whether it still runs.
    pub fn is_alive(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// Has a file judged. POL-23
    ///
    /// # Errors
    /// [`Ended`]; it runs no more then.
    pub fn judge(&mut self, file: File<'_>) -> Result<Look, Ended> {
        let since = Stopwatch::start();
        let judged = self.talk(file, since);
        match judged {
            Ok(look) => Ok(look),
            Err(fault) => {
                let late = since.elapsed() >= file.time;
                let ended = self.end();
                Err(match (fault, ended.and_then(|ended| ended.signal())) {
                    (Fault::Broken(broken), _) => Ended::Died(Some(broken)),
                    (Fault::Stream, Some(SIGXCPU)) => Ended::Limit(Uninspectable::Time),
                    (Fault::Stream, Some(SIGSYS | SIGABRT)) => Ended::Limit(Uninspectable::Memory),
                    (Fault::Stream, _) if late => Ended::Late,
                    (Fault::Stream, _) => Ended::Died(None),
                })
            }
        }
    }

    fn talk(&mut self, file: File<'_>, since: Stopwatch) -> Result<Look, Fault> {
        let mut talk = Talk::new(self.jobs, file.bytes.length());
        self.jobs = self.jobs.saturating_add(1);
        let mut timed = Timed { stream: &self.stream, since, time: file.time };
        send(&mut timed, &frame::write(&talk.job(file.media_type, file.ending)))?;
        loop {
            let said = receive(&mut timed, MAX_SAID)?;
            match talk.hear(frame::from_child(&said).map_err(Broken::Frame)?)? {
                Next::Judged(look) => return Ok(look),
                Next::Send { offset, length } => {
                    let mut bytes = vec![0; length];
                    file.bytes.read_at(offset, &mut bytes).map_err(|_| Fault::Stream)?;
                    send(&mut timed, &frame::write(&FromNode::Bytes { offset, bytes }))?;
                }
            }
        }
    }

    fn end(&mut self) -> Option<ExitStatus> {
        let _ = self.child.kill();
        self.child.wait().ok()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.end();
    }
}

enum Fault {
    Broken(Broken),
    Stream,
}

impl From<Broken> for Fault {
    fn from(broken: Broken) -> Self {
        Self::Broken(broken)
    }
}

impl From<io::Error> for Fault {
    fn from(_: io::Error) -> Self {
        Self::Stream
    }
}

impl From<channel::Broken> for Fault {
    fn from(broken: channel::Broken) -> Self {
        match broken {
            channel::Broken::Stream(_) => Self::Stream,
            channel::Broken::Frame(malformed) => Self::Broken(Broken::Frame(malformed)),
        }
    }
}

/// A stream on which everything together has one time.
struct Timed<'a> {
    stream: &'a UnixStream,
    since: Stopwatch,
    time: Duration,
}

impl Timed<'_> {
    fn left(&self) -> io::Result<Option<Duration>> {
        let left = self.time.saturating_sub(self.since.elapsed());
        if left.is_zero() { Err(io::ErrorKind::TimedOut.into()) } else { Ok(Some(left)) }
    }
}

impl Read for Timed<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.stream.set_read_timeout(self.left()?)?;
        (&mut &*self.stream).read(into)
    }
}

impl Write for Timed<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.stream.set_write_timeout(self.left()?)?;
        (&mut &*self.stream).write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
