//! Many reports over one connection: each signed and on the disk before the first byte is sent, each answered by itself,
//! and one that is not taken stops no other. API-53

use super::{
    author::{Author, Ready},
    groups::groups,
    kept::signed,
    sending::{self, follow, shown, waits},
    several::{Part, part},
};
use crate::{
    args::SubmitArgs,
    client::{Answers, Client, Lines, Refused},
    command::{
        side::Line,
        submission,
        traffic::{Traffics, between},
    },
    exit::Exit,
    output::Output,
    profile::Profile,
    progress::Bar,
    session::Session,
};
use anyhow::{Context as _, Result, anyhow, bail};
use relto_formats::api::{LineAnswer, Problem, Standing, StreamLine, Submission};
use relto_host::clock::Stopwatch;
use relto_report::nation::Nation;
use serde_json::json;
use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
    time::Duration,
};
use tokio::sync::Notify;

/// Ending of a report's file in a folder.
const ENDING: &str = "md";

/// One report for one nation.
struct Task {
    file: PathBuf,
    line: Line,
    ready: Option<Ready>,
    /// Its serial, and those that it names.
    serial: String,
    named: Vec<String>,
}

impl Task {
    /// Whether its plaintext goes up before it.
    fn is_long(&self) -> bool {
        self.ready.as_ref().is_some_and(|ready| ready.body.uploaded)
    }
}

/// The reports that are named: a folder stands for those in it, by name.
pub(super) fn reports(named: &[PathBuf]) -> Result<Vec<PathBuf>> {
    let mut out = Vec::new();
    for path in named {
        if !path.is_dir() {
            out.push(path.clone());
            continue;
        }
        let told = || path.display().to_string();
        let mut found = Vec::new();
        for entry in std::fs::read_dir(path).with_context(told)? {
            let path = entry.with_context(told)?.path();
            let hidden = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
            if !hidden && path.is_file() && path.extension().is_some_and(|ending| ending == ENDING) {
                found.push(path);
            }
        }
        if found.is_empty() {
            bail!("{}: no report (*.{ENDING}) lies in this folder", told());
        }
        found.sort();
        out.append(&mut found);
    }
    // Named twice, it is one report.
    let mut seen = BTreeSet::new();
    out.retain(|path| seen.insert(path.canonicalize().unwrap_or_else(|_| path.clone())));
    Ok(out)
}

/// Submits each report to each nation.
pub(super) async fn run(session: &Session, args: &SubmitArgs, files: &[PathBuf], to: &[Nation]) -> Result<Exit> {
    let profile = session.profile()?;
    let mut tasks = Vec::new();
    let bar = Bar::new("signing", count(files.len()), "reports");
    for (done, file) in files.iter().enumerate() {
        bar.at(count(done));
        let mut author = Author::new(session.output, &profile, args, file);
        for nation in to {
            let found = match part(&mut author, *nation).await {
                // Named alone, a nation that refused is asked again. API-32
                Ok(Part::Answered(found)) if to.len() == 1 && matches!(found.standing, Standing::Refused { .. }) => {
                    author.ready(*nation).await.map(Part::Ready)
                }
                Ok(Part::Answered(found)) => {
                    already(session.output, file, *nation, &found);
                    Ok(Part::Answered(found))
                }
                other => other,
            };
            tasks.push(task(&profile, file, *nation, found));
        }
    }
    drop(bar);
    let order = order(&tasks);
    let mut watch = Stopwatch::start();
    let named = |at| tasks.get(at).map(|task| names(&tasks, task).collect()).unwrap_or_default();
    for group in groups(&order, |at| tasks.get(at).is_some_and(Task::is_long), named) {
        if let [only] = group.as_slice()
            && let Some(task) = tasks.get_mut(*only).filter(|task| task.is_long())
        {
            alone(&profile, task).await;
            watch = Stopwatch::start();
        } else if let Err(error) = send(&profile, &mut tasks, &group).await {
            let told = format!("{error:#}");
            for at in &group {
                tasks.get_mut(*at).into_iter().for_each(|task| task.line.outcome = Err(anyhow!("{told}")));
            }
        }
    }
    wait(&profile, &mut tasks, (watch, args.wait.unwrap_or(0))).await;
    for task in &mut tasks {
        let Some(ready) = &task.ready else { continue };
        let outcome = std::mem::replace(&mut task.line.outcome, Err(anyhow!("")));
        task.line.outcome = match outcome {
            Ok(found) => ready.answered(&found).map(|()| found),
            Err(error) => Err(Author::new(session.output, &profile, args, &task.file).unsent(ready, error).await),
        };
    }
    print(session, &profile, &tasks)
}

fn task(profile: &Profile, file: &Path, to: Nation, part: Result<Part>) -> Task {
    let agreement = profile.agreements.get(&to).cloned().unwrap_or_default();
    let (ready, outcome) = match part {
        Ok(Part::Answered(found)) => (None, Ok(found)),
        Ok(Part::Failed(error)) | Err(error) => (None, Err(error)),
        Ok(Part::Ready(ready)) => (Some(ready), Err(anyhow!("the node did not answer"))),
    };
    let document = ready.as_ref().and_then(|ready| signed(&ready.body).ok());
    let (serial, named) = document.map_or_else(Default::default, |document| {
        let report = document.report();
        (report.serial.clone(), report.named().map(str::to_owned).collect())
    });
    let line = Line { nation: to.to_string(), agreement, outcome };
    Task { file: file.to_owned(), line, ready, serial, named }
}

/// Which are sent, in which order: as they were named, but one that another names before that other.
fn order(tasks: &[Task]) -> Vec<usize> {
    let mut out = Vec::new();
    let mut visited = vec![false; tasks.len()];
    // A report is entered and, once what it names is out, left: no recursion, whatever the chain's length.
    for start in 0..tasks.len() {
        let mut stack = vec![(start, false)];
        while let Some((at, leaves)) = stack.pop() {
            let Some(task) = tasks.get(at) else { continue };
            if leaves {
                if task.ready.is_some() {
                    out.push(at);
                }
                continue;
            }
            if visited.get_mut(at).is_none_or(|visited| std::mem::replace(visited, true)) {
                continue;
            }
            stack.push((at, true));
            stack.extend(names(tasks, task).map(|named| (named, false)));
        }
    }
    out
}

/// The other reports of these, for the same nation, that one names.
fn names<'a>(tasks: &'a [Task], task: &'a Task) -> impl Iterator<Item = usize> + 'a {
    let named = |other: &Task| task.named.contains(&other.serial) && other.line.nation == task.line.nation;
    // Most name none.
    let some = if task.named.is_empty() { &[] } else { tasks };
    some.iter().enumerate().filter(move |(_, other)| !other.serial.is_empty() && named(other)).map(|(at, _)| at)
}

/// Which lines have their first answer, and who waits for that.
struct Progress {
    answered: RefCell<Vec<bool>>,
    moved: Notify,
}

impl Progress {
    fn has(&self, at: usize) -> bool {
        self.answered.borrow().get(at).copied().unwrap_or(true)
    }

    fn set(&self, at: usize) {
        if let Some(answered) = self.answered.borrow_mut().get_mut(at) {
            *answered = true;
        }
        self.moved.notify_waiters();
        self.moved.notify_one();
    }
}

fn already(output: Output, file: &Path, to: Nation, found: &Submission) {
    let file = file.display();
    output.note(format!("{file}: {to}: submission {} was answered for good; it is not sent again", found.id));
}

/// Sends one whose plaintext goes up before it.
async fn alone(profile: &Profile, task: &mut Task) {
    if let Some(ready) = &task.ready {
        task.line.outcome = sending::send(profile, &task.file, &ready.body, Stopwatch::start(), 0).await;
    }
}

/// Sends a group, and takes each one's answer.
async fn send(profile: &Profile, tasks: &mut [Task], order: &[usize]) -> Result<()> {
    let mut client = Client::connect(profile).await?;
    let (lines, answers) = client.lines("/v1/submissions:stream").await?;
    // Only what is not sent yet is waited for.
    let answered = RefCell::new(tasks.iter().map(|task| task.ready.is_none()).collect());
    let progress = Progress { answered, moved: Notify::new() };
    let mut outcomes: BTreeMap<usize, LineAnswer> = BTreeMap::new();
    let shared: &[Task] = tasks;
    // A node that reads no more says why in its answers; and whoever takes no more answers sends no more.
    let mut sent = Ok(());
    let sending = async {
        sent = give(shared, order, lines, &progress).await;
        Ok(())
    };
    let taken = tokio::try_join!(sending, take(order, answers, &progress, &mut outcomes));
    let broken = taken.map(|_| ()).and(sent).err().map(|error| format!("{error:#}"));
    for at in order {
        let Some(task) = tasks.get_mut(*at) else { continue };
        task.line.outcome = match outcomes.remove(at) {
            Some(answer) => outcome(answer),
            None => Err(anyhow!("{}", broken.as_deref().unwrap_or("the node did not answer"))),
        };
    }
    Ok(())
}

/// Asks after what waits for the partner, so many seconds in sum.
async fn wait(profile: &Profile, tasks: &mut [Task], (watch, seconds): (Stopwatch, u64)) {
    let waiting = async {
        for task in tasks {
            let Ok(answer) = &task.line.outcome else { continue };
            if task.ready.is_none() || !waits(answer) || watch.elapsed() >= Duration::from_secs(seconds) {
                continue;
            }
            // Where it is not reached now, the submission stands as it was told.
            if let Ok(mut client) = Client::connect(profile).await
                && let Ok(answer) = follow(&mut client, answer.clone(), watch, seconds).await
            {
                task.line.outcome = Ok(answer);
            }
        }
    };
    shown(waiting, watch, seconds).await;
}

/// What one line's answer says.
fn outcome(answer: LineAnswer) -> Result<Submission> {
    match (answer.submission, answer.problem) {
        (Some(found), _) => Ok(found),
        (None, Some(problem)) => Err(Refused {
            status: problem.status,
            problem: Problem { error: problem.error, rule: problem.rule, message: problem.message },
        }
        .into()),
        (None, None) => Err(anyhow!("the node answered nothing")),
    }
}

/// Sends each, once those that it names have their answer.
async fn give(tasks: &[Task], order: &[usize], lines: Lines, progress: &Progress) -> Result<()> {
    for at in order {
        let Some(task) = tasks.get(*at) else { continue };
        let Some(ready) = &task.ready else { continue };
        for named in names(tasks, task).filter(|named| named != at) {
            // One that comes later in the order names this one in turn: neither waits for the other for ever.
            let is_before = order.iter().take_while(|one| *one != at).any(|one| *one == named);
            while is_before && !progress.has(named) {
                progress.moved.notified().await;
            }
        }
        lines.send(&ready.body).await?;
    }
    Ok(())
}

/// Takes answers until each has its own.
async fn take(
    order: &[usize],
    mut answers: Answers,
    progress: &Progress,
    outcomes: &mut BTreeMap<usize, LineAnswer>,
) -> Result<()> {
    let bar = Bar::new("answers", count(order.len()), "reports");
    while outcomes.len() < order.len() {
        let answer = match answers.next().await? {
            Some(StreamLine::Answer(answer)) => answer,
            Some(StreamLine::End(_)) | None => bail!("the node's answer was cut"),
        };
        let at = usize::try_from(answer.line).ok().and_then(|line| line.checked_sub(1)).and_then(|at| order.get(at));
        let Some(at) = at else { bail!("the node answers line {}, which was not sent", answer.line) };
        outcomes.entry(*at).or_insert(*answer);
        progress.set(*at);
        bar.at(count(outcomes.len()));
    }
    Ok(())
}

/// One row each, and below it why what did not go did not.
fn print(session: &Session, profile: &Profile, tasks: &[Task]) -> Result<Exit> {
    let output = session.output;
    let mut worst = Exit::Done;
    let (mut list, mut rows, mut tally) = (Vec::new(), Vec::new(), BTreeMap::<String, usize>::new());
    for task in tasks {
        let (mut object, exit) = task.line.object(profile)?;
        worst = worst.or_worse(exit);
        let file = task.file.display().to_string();
        if let Some(members) = object.as_object_mut() {
            members.insert("file".to_owned(), file.clone().into());
        }
        list.push(object);
        let [verdict, state, more] = task.line.cells(profile);
        let word = if state.is_empty() { verdict.clone() } else { format!("{verdict}, {state}") };
        *tally.entry(word).or_default() += 1;
        rows.push(vec![file, task.line.nation.clone(), verdict, state, more]);
    }
    output.object(&json!({ "submissions": list }))?;
    let first = tasks.first().map(|task| &task.line.agreement);
    let traffics = first.map(|agreement| Traffics::kept(profile, agreement)).unwrap_or_default();
    between(output, first.and_then(|agreement| traffics.banner(agreement)), || {
        output.table(&["report", "nation", "verdict", "state", "leaf or codes"], &rows)?;
        tasks.iter().try_for_each(|task| reasons(output, task))?;
        let tally: Vec<String> = tally.into_iter().map(|(word, number)| format!("{number} {word}")).collect();
        output.line(format!("\n{} submissions: {}", tasks.len(), tally.join("; ")))
    })?;
    Ok(worst)
}

/// Why it did not go, or what it waits for.
fn reasons(output: Output, task: &Task) -> Result<()> {
    let (file, nation) = (task.file.display(), &task.line.nation);
    match &task.line.outcome {
        Ok(found) if Exit::of(&found.standing) == Exit::Done => Ok(()),
        Ok(found) => {
            output.line(format!("\n{file}  {nation}  {}", found.id))?;
            submission::words(&found.standing).iter().try_for_each(|text| output.line(text))
        }
        Err(error) => output.line(format!("\n{file}  {nation}\n{error:#}")),
    }
}

fn count(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn task(serial: &str, nation: &str, named: &[&str]) -> Task {
        let line = Line { nation: nation.to_owned(), agreement: String::new(), outcome: Err(anyhow!("not sent")) };
        let body = relto_formats::api::Submit {
            id: serial.to_owned(),
            statement: relto_formats::base64_bytes::Bytes(Vec::new()),
            signature: relto_formats::base64_bytes::Bytes(Vec::new()),
            plaintext: relto_formats::base64_bytes::Bytes(Vec::new()),
            uploaded: false,
            home: None,
            emergency: false,
        };
        let ready = Some(Ready { path: PathBuf::new(), body });
        let named = named.iter().map(|one| (*one).to_owned()).collect();
        Task { file: PathBuf::from(serial), line, ready, serial: serial.to_owned(), named }
    }

    #[test]
    fn api_53_what_another_report_names_goes_before_it() {
        let mut tasks = vec![
            task("3", "XBB", &["2", "9"]),
            task("1", "XBB", &[]),
            task("2", "XCC", &[]),
            task("2", "XBB", &["1", "2"]),
            // Two that name each other.
            task("5", "XBB", &["6"]),
            task("6", "XBB", &["5"]),
        ];
        assert_eq!(order(&tasks), [1, 3, 0, 2, 5, 4]);
        tasks[1].ready = None;
        assert_eq!(order(&tasks), [3, 0, 2, 5, 4]);
        // A chain as long as a folder may hold, from its end.
        let chain: Vec<Task> = (0..2_000_u32).map(|n| task(&n.to_string(), "XBB", &[&(n + 1).to_string()])).collect();
        assert!(order(&chain).into_iter().eq((0..2_000).rev()));
    }

    #[test]
    fn a_folder_stands_for_the_reports_in_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        for name in ["b.md", "a.md", ".hidden.md", "a.home.toml", "a.XBB.submission"] {
            std::fs::write(path(name), b"").unwrap();
        }
        std::fs::create_dir(path("sub.md")).unwrap();
        let found = reports(&[path("b.md"), folder.path().to_owned()]).unwrap();
        assert_eq!(found, [path("b.md"), path("a.md")]);
        let empty = reports(&[path("sub.md")]).unwrap_err().to_string();
        assert!(empty.contains("no report (*.md)"), "{empty}");
        assert_eq!(reports(&[path("missing.md")]).unwrap(), [path("missing.md")], "told where it is read");
    }
}
