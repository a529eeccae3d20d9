//! The author's node ended with SIGKILL and started again, until it has answered a submission over TLS: with what it reads
//! in the page cache, and after that cache was dropped.

use super::steps::Growth;
use crate::{
    args::GrowArgs,
    bench::{bulk, pair::Pair, process::Reads},
    lab::run::connected,
};
use anyhow::{Context as _, Result, bail, ensure};
use relto_cli::client::{Client, Refused};
use relto_formats::api::{Standing, Submission, Submit};
use relto_host::clock::Stopwatch;
use std::{fs, process::Command, time::Duration};

/// What drops the page cache, for root.
const DROP: &str = "/proc/sys/vm/drop_caches";
/// Between two attempts to be answered.
const PAUSE: Duration = Duration::from_millis(2);
/// How long a node may take.
const PATIENCE: Duration = Duration::from_secs(600);
/// What a node that cannot answer yet says.
const NOT_NOW: u16 = 503;

/// One start. Times are from SIGKILL on.
pub(super) struct Start {
    /// Until the first submission was answered: released, or queued where the link is not up yet.
    pub(super) answered: Duration,
    /// Until the partner's receipt for another was told.
    pub(super) receipt: Duration,
    /// What the new process had read when it answered first; or why the system does not tell.
    pub(super) reads: Result<Reads>,
}

/// All starts.
pub(super) struct Starts {
    /// Reports stored before the first.
    pub(super) stored: usize,
    /// Nothing was done to the page cache.
    pub(super) cached: Vec<Start>,
    /// It was dropped before each; or why none was made.
    pub(super) dropped: Result<Vec<Start>, String>,
}

/// A clock that stood still for a while.
struct Clock {
    before: Duration,
    watch: Stopwatch,
}

impl Clock {
    fn now(&self) -> Duration {
        self.before + self.watch.elapsed()
    }
}

/// Makes them.
pub(super) async fn measure(pair: &mut Pair, growth: &mut Growth<'_>, args: &GrowArgs) -> Result<Starts> {
    let stored = growth.stored();
    let mut cached = Vec::new();
    for _ in 0..args.starts {
        cached.push(start(pair, growth, false).await?);
    }
    let dropped = match may_drop(args) {
        Err(why) => Err(why),
        Ok(()) => {
            let mut starts = Vec::new();
            for _ in 0..args.starts {
                starts.push(start(pair, growth, true).await?);
            }
            Ok(starts)
        }
    };
    Ok(Starts { stored, cached, dropped })
}

/// Whether starts without the page cache can be made; else why not.
fn may_drop(args: &GrowArgs) -> Result<(), String> {
    if args.cached_only {
        return Err("left out by --cached-only".to_owned());
    }
    let opened = fs::OpenOptions::new().write(true).open(DROP);
    opened.map(drop).map_err(|error| format!("left out, for the page cache cannot be dropped: {DROP}: {error}"))
}

/// Writes what is not on the disk yet, and drops the page cache of this machine.
fn drop_page_cache() -> Result<()> {
    ensure!(Command::new("sync").status()?.success(), "sync failed");
    fs::write(DROP, "3").with_context(|| DROP.to_owned())
}

async fn start(pair: &mut Pair, growth: &mut Growth<'_>, without_cache: bool) -> Result<Start> {
    connected(&pair.author).await?;
    let submits = growth.next(2).map(|n| pair.maker.make(n)).collect::<Result<Vec<_>>>()?;
    let [first, second] = submits.as_slice() else { bail!("two reports") };
    let watch = Stopwatch::start();
    pair.kill()?;
    let mut clock = Clock { before: Duration::ZERO, watch };
    if without_cache {
        // How long that takes is not the node's.
        let before = watch.elapsed();
        drop_page_cache()?;
        clock = Clock { before, watch: Stopwatch::start() };
    }
    pair.revive()?;
    let mut client = answered(pair, first).await?;
    let [near, _] = pair.processes();
    let (answered, reads) = (clock.now(), Reads::of(near));
    let told: Submission = client.post("/v1/submissions?wait=60", second).await?;
    bulk::leaf_of(&told)?;
    Ok(Start { answered, receipt: clock.now(), reads })
}

/// Submits until the node answers, and gives the connection.
async fn answered(pair: &mut Pair, submit: &Submit) -> Result<Client> {
    let (tls, watch) = (pair.author.tls()?, Stopwatch::start());
    while watch.elapsed() < PATIENCE {
        pair.runs()?;
        if let Ok(mut client) = Client::connect_with(&pair.author, tls.clone()).await {
            match client.post::<_, Submission>("/v1/submissions", submit).await {
                Ok(told) => match told.standing {
                    Standing::Released { .. } | Standing::Resolved { .. } | Standing::Queued { .. } => {
                        return Ok(client);
                    }
                    other => bail!("{} was not taken: {other:?}", told.serial),
                },
                Err(error) => match error.downcast_ref::<Refused>() {
                    Some(refused) if refused.status != NOT_NOW => return Err(error),
                    _ => {}
                },
            }
        }
        tokio::time::sleep(PAUSE).await;
    }
    bail!("the node did not answer within {} seconds", PATIENCE.as_secs())
}
