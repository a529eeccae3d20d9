//! Looks at the content of reports that are to leave: hold words, and the nation's own filter program. What attachments
//! carry is looked at elsewhere ([`crate::inspect`]).
//!
//! Findings are made off the writer's thread, before a submission goes into a turn, and kept in memory for a while. Where
//! they are not at hand, after a restart or when they have grown old, the report is queued and looked at again: nothing
//! is taken from the disk that a filter of yesterday said. The program gets the plaintext and answers by its exit code
//! alone; whatever goes wrong with it holds the report.

use crate::sync::lock;
use relto_host::clock::Stopwatch;
use relto_policy::{
    content::{ContentFindings, FilterFault, FilterVerdict, HoldWords, Inspector, inspect},
    national::{Content, NationalRules},
};
use relto_report::{assessment::Document, attachment::bytes::Bytes, digest::Digest};
use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    io::{ErrorKind, Write as _},
    net::Shutdown,
    os::{fd::OwnedFd, unix::net::UnixStream},
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    sync::{
        Arc, Mutex,
        mpsc::{Receiver, SyncSender, sync_channel},
    },
    time::Duration,
};

/// Findings kept: more than a node has drafts.
const MAX_KEPT: usize = 16_384;
/// How long findings are good for; a filter may know more an hour later.
const KEPT: Duration = Duration::from_secs(3_600);
/// The same where the program failed: it may be mended any moment.
const FAILURE_KEPT: Duration = Duration::from_secs(10);
/// Plaintexts that wait for their look; others come again with the next tick.
const WAITING: usize = 8;
/// A plaintext that is looked at on the spot: some hundred microseconds at most.
const QUICK: usize = 64 * 1024;
/// Bytes of a plaintext that are read at once.
const PIECE: u64 = 256 * 1024;
/// Between two looks whether the program has ended.
const PAUSE: Duration = Duration::from_millis(2);

/// The nation's own filter program.
#[derive(Clone, Debug)]
pub struct Program {
    /// Its file.
    pub path: PathBuf,
    /// In which time it must end.
    pub time: Duration,
}

impl Program {
    /// Asks the program about a plaintext: on its standard input, with no arguments, an empty environment and the root
    /// as its folder. What it prints is thrown away, because it may quote the report. POL-15
    #[must_use]
    pub fn ask(&self, plaintext: &dyn Bytes) -> FilterVerdict {
        let started = Stopwatch::start();
        // A socket and no pipe: writing to it can have a time limit.
        let Ok((input, theirs)) = UnixStream::pair() else { return FilterVerdict::Failed(FilterFault::NotStarted) };
        let child = Command::new(&self.path)
            .env_clear()
            .current_dir("/")
            .stdin(OwnedFd::from(theirs))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        let Ok(mut child) = child else { return FilterVerdict::Failed(FilterFault::NotStarted) };
        let read_all = self.feed(&input, plaintext, started);
        let Some(ended) = self.wait(&mut child, started) else {
            let _ = child.kill();
            let _ = child.wait();
            return FilterVerdict::Failed(FilterFault::Late);
        };
        match verdict(ended) {
            // It cannot have looked at what it did not read.
            FilterVerdict::Nothing if !read_all => FilterVerdict::Failed(FilterFault::Crashed),
            verdict => verdict,
        }
    }

    /// Whether the program took everything in its time.
    fn feed(&self, input: &UnixStream, plaintext: &dyn Bytes, started: Stopwatch) -> bool {
        let mut at = 0;
        let mut piece = Vec::new();
        while at < plaintext.length() {
            let count = plaintext.length().saturating_sub(at).min(PIECE);
            piece.resize(usize::try_from(count).unwrap_or(0), 0);
            if plaintext.read_at(at, &mut piece).is_err() || !self.feed_piece(input, &piece, started) {
                return false;
            }
            at = at.saturating_add(count);
        }
        input.shutdown(Shutdown::Write).is_ok()
    }

    fn feed_piece(&self, mut input: &UnixStream, piece: &[u8], started: Stopwatch) -> bool {
        let mut rest = piece;
        while !rest.is_empty() {
            let left = self.time.saturating_sub(started.elapsed());
            if left.is_zero() || input.set_write_timeout(Some(left)).is_err() {
                return false;
            }
            match input.write(rest) {
                Ok(count) => rest = rest.get(count..).unwrap_or_default(),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(_) => return false,
            }
        }
        true
    }

    fn wait(&self, child: &mut Child, started: Stopwatch) -> Option<ExitStatus> {
        loop {
            match child.try_wait() {
                Ok(Some(ended)) => return Some(ended),
                Ok(None) if started.elapsed() < self.time => std::thread::sleep(PAUSE),
                Ok(None) | Err(_) => return None,
            }
        }
    }
}

fn verdict(ended: ExitStatus) -> FilterVerdict {
    match ended.code() {
        Some(0) => FilterVerdict::Nothing,
        Some(1) => FilterVerdict::Hold,
        Some(2) => FilterVerdict::Refuse,
        Some(_) | None => FilterVerdict::Failed(FilterFault::Crashed),
    }
}

/// What one link's rules ask for, and what was found.
pub struct Screen {
    looks: Arc<Looks>,
    waiting: SyncSender<Document>,
}

struct Looks {
    words: Option<HoldWords>,
    program: Option<Program>,
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    found: BTreeMap<Digest, (Stopwatch, Arc<ContentFindings>)>,
    order: VecDeque<Digest>,
    waiting: BTreeSet<Digest>,
}

impl Screen {
    /// A screen with its own thread for what is not quick.
    ///
    /// # Errors
    /// Where the system gives no thread.
    pub fn new(words: Option<HoldWords>, program: Option<Program>) -> Result<Arc<Self>, std::io::Error> {
        let looks = Arc::new(Looks { words, program, known: Mutex::default() });
        let (waiting, documents) = sync_channel(WAITING);
        let worker = looks.clone();
        std::thread::Builder::new().name("content".to_owned()).spawn(move || worker.run(&documents))?;
        Ok(Arc::new(Self { looks, waiting }))
    }
}

impl Looks {
    /// Ends with the screen.
    fn run(&self, documents: &Receiver<Document>) {
        while let Ok(document) = documents.recv() {
            self.look(&document);
            lock(&self.known).waiting.remove(&document.digest());
        }
    }

    fn look(&self, document: &Document) -> Arc<ContentFindings> {
        let filter = self.program.as_ref().map(|program| program.ask(document));
        if let Some(FilterVerdict::Failed(fault)) = filter {
            // Which program, and nothing of the report.
            tracing::error!(%fault, "the content filter gave no verdict: the report is held");
        }
        let found = inspect(document, self.words.as_ref());
        let found = Arc::new(ContentFindings { filter, ..found });
        lock(&self.known).keep(found.clone());
        found
    }
}

impl Known {
    fn get(&self, plaintext: &Digest) -> Option<Arc<ContentFindings>> {
        let (since, found) = self.found.get(plaintext)?;
        let failed = matches!(found.filter, Some(FilterVerdict::Failed(_)));
        (since.elapsed() < if failed { FAILURE_KEPT } else { KEPT }).then(|| found.clone())
    }

    fn keep(&mut self, found: Arc<ContentFindings>) {
        let plaintext = found.plaintext;
        if self.found.insert(plaintext, (Stopwatch::start(), found)).is_none() {
            self.order.push_back(plaintext);
        }
        while self.order.len() > MAX_KEPT {
            if let Some(oldest) = self.order.pop_front() {
                self.found.remove(&oldest);
            }
        }
    }
}

impl Inspector for Screen {
    fn findings(&self, document: &Document) -> Option<Arc<ContentFindings>> {
        let mut known = lock(&self.looks.known);
        if let Some(found) = known.get(&document.digest()) {
            return Some(found);
        }
        if self.is_quick(document) {
            drop(known);
            return Some(self.looks.look(document));
        }
        if known.waiting.insert(document.digest()) && self.waiting.try_send(document.clone()).is_err() {
            known.waiting.remove(&document.digest());
        }
        None
    }

    fn look(&self, document: &Document) {
        if lock(&self.looks.known).get(&document.digest()).is_none() {
            self.looks.look(document);
        }
    }

    fn is_quick(&self, document: &Document) -> bool {
        self.looks.program.is_none() && usize::try_from(document.length()).is_ok_and(|length| length <= QUICK)
    }
}

/// Gives rules with `[content]` the screen that they ask for. Files are named from the folder of the rules.
///
/// # Errors
/// What is wrong with these files, in words.
pub(crate) fn attach(rules: &mut NationalRules, path: &Path) -> Result<(), String> {
    let Some(content) = rules.content.clone() else { return Ok(()) };
    let folder = path.parent().unwrap_or(Path::new("."));
    rules.set_inspector(screen(&content, folder)?);
    Ok(())
}

/// The hold words that these rules name; `None` where they name none. `rules` is their own file.
///
/// # Errors
/// Where the file cannot be read, or is no list.
pub(crate) fn hold_words(content: &Content, rules: &Path) -> Result<Option<HoldWords>, String> {
    words_in(content, rules.parent().unwrap_or(Path::new(".")))
}

fn words_in(content: &Content, folder: &Path) -> Result<Option<HoldWords>, String> {
    let Some(file) = &content.hold_words_file else { return Ok(None) };
    let path = folder.join(file);
    let bytes = std::fs::read(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    HoldWords::read(&path.display().to_string(), &bytes).map(Some).map_err(|faults| faults.to_string())
}

fn screen(content: &Content, folder: &Path) -> Result<Arc<Screen>, String> {
    let program = content.filter.as_ref().map(|filter| {
        // The program starts in another folder than this one.
        let path = std::path::absolute(folder.join(&filter.program)).map_err(|error| error.to_string())?;
        Ok::<_, String>(Program { path, time: Duration::from_secs(filter.seconds.into()) })
    });
    let (words, program) = (words_in(content, folder)?, program.transpose()?);
    Screen::new(words, program).map_err(|error| format!("content: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A shell reads what it is asked about as its orders.
    fn shell(seconds: u64) -> Program {
        Program { path: PathBuf::from("/bin/sh"), time: Duration::from_secs(seconds) }
    }

    #[test]
    fn pol_15_a_filter_answers_by_its_exit_code_and_every_fault_of_it_holds() {
        let failed = FilterVerdict::Failed;
        for (orders, wanted) in [
            ("exit 0\n", FilterVerdict::Nothing),
            ("exit 1\n", FilterVerdict::Hold),
            ("exit 2\n", FilterVerdict::Refuse),
            ("exit 3\n", failed(FilterFault::Crashed)),
            ("kill -9 $$\n", failed(FilterFault::Crashed)),
            ("no-such-command\n", failed(FilterFault::Crashed)),
        ] {
            assert_eq!(shell(20).ask(&orders.as_bytes()), wanted, "{orders}");
        }
        let missing = Program { path: PathBuf::from("/nonexistent/filter"), ..shell(5) };
        assert_eq!(missing.ask(&&b""[..]), failed(FilterFault::NotStarted));
        // It ends before it has read what it is asked about: "nothing found" is no verdict then.
        let early = [b"exit 0\n".to_vec(), vec![b' '; 4 * 1024 * 1024]].concat();
        assert_eq!(shell(20).ask(&&early[..]), failed(FilterFault::Crashed));
        let early = [b"exit 2\n".to_vec(), vec![b' '; 4 * 1024 * 1024]].concat();
        assert_eq!(shell(20).ask(&&early[..]), FilterVerdict::Refuse);
    }

    #[test]
    fn pol_15_a_filter_that_does_not_end_is_ended() {
        for orders in ["sleep 100\n", "while :; do echo flood; done\n"] {
            let started = Stopwatch::start();
            assert_eq!(shell(1).ask(&orders.as_bytes()), FilterVerdict::Failed(FilterFault::Late), "{orders}");
            assert!(started.elapsed() < Duration::from_secs(60));
        }
        // It reads nothing, and more waits than fits between the two.
        let deaf = [b"sleep 100\n".to_vec(), vec![b' '; 8 * 1024 * 1024]].concat();
        assert_eq!(shell(1).ask(&&deaf[..]), FilterVerdict::Failed(FilterFault::Late));
    }

    #[test]
    fn a_filter_knows_nothing_of_this_process() {
        // Variables that the shell makes itself are not exported.
        let alone = "test \"$(pwd)\" = / || exit 2\ntest -z \"$HOME$USER$CARGO_HOME\" || exit 2\nexit 1\n";
        assert_eq!(shell(20).ask(&alone.as_bytes()), FilterVerdict::Hold);
    }
}
