//! Start and stop: load and check everything, recover, seal what a crash left unsealed, open the sockets; on SIGTERM
//! stop taking work, finish what is queued, end.

use crate::{
    api::serve,
    hub::{Hub, Readers},
    inspect::words,
    jobs::{Job, SealJob},
    link,
    quiet::Again,
    setup::check::{self, begun},
    setup::config::{Config, LogForm},
    setup::load::{Loaded, StartFaults, load},
    threads::{self, Parts, scrub::Scrub, writer::Writer},
    trust,
};
use clap::Parser;
use relto_audit::leaf::Leaf;
use relto_exchange::{
    belief::By,
    exchange::Exchange,
    ids::{LinkId, Now},
    input::Input,
    journal,
    link::Link,
    place::{self, EntryAt, LeafAt, Place},
    seal::seal,
    store::Reader,
};
use relto_host::{
    clock, files,
    heads::HeadRing,
    inspector::child,
    process, random,
    store::{self, OpenFault, SqliteReader, SqliteStore},
};
use relto_report::nation::Nation;
use std::{
    collections::BTreeSet,
    io::Write as _,
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Arc,
    time::Duration,
};
use tokio::{net::TcpListener, sync::watch};

/// The node of one nation in the exchange of threat assessments.
#[derive(Parser)]
#[command(name = "reltod", version)]
struct Arguments {
    /// The node's configuration.
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
    /// Make the empty store and head file, sign Genesis of each log, and end. An operator's act, once.
    #[arg(long)]
    init: bool,
    /// Read and check the configuration and all that it names, and end.
    #[arg(long, conflicts_with = "init")]
    check: bool,
    /// Make a store and a head file of a version before new, in their place, and end. An operator's act, once.
    #[arg(long, conflicts_with_all = ["init", "check"])]
    migrate: bool,
}

/// What a start that another start cannot mend ends with (sysexits' EX_CONFIG): a supervisor must not try it again, which would
/// lock a token whose PIN is wrong. API-56
const CONFIGURATION: u8 = 78;

/// Why the daemon does not start, and whether another start may go better.
struct NoStart {
    faults: StartFaults,
    code: u8,
}

impl From<StartFaults> for NoStart {
    fn from(faults: StartFaults) -> Self {
        Self { faults, code: 1 }
    }
}

impl NoStart {
    fn of_configuration(faults: StartFaults) -> Self {
        Self { faults, code: CONFIGURATION }
    }

    /// Of a store that does not open.
    fn of_store(fault: &OpenFault) -> Self {
        let lasts = matches!(fault, OpenFault::Version { .. } | OpenFault::WrongKey(_) | OpenFault::Missing(_));
        Self { faults: one(fault), code: if lasts { CONFIGURATION } else { 1 } }
    }
}

/// Runs the daemon. Exit codes: 0 ended as told, 1 could not start, 2 usage, 70 ended on a fault of the store or key, 78 could not
/// start and will not before a person has changed something. `--check`, `--init` and `--migrate` end with 1 where they fail.
pub fn main() -> ExitCode {
    let mut first = std::env::args_os().skip(1);
    // What a node starts to look at attachments: no configuration, no log, no key. POL-24
    if first.next().is_some_and(|one| one == "--inspect") {
        let mib = first.next().and_then(|mib| mib.to_str().and_then(|mib| mib.parse().ok()));
        return mib.map_or(ExitCode::from(2), child::run);
    }
    // Before a key is read, and before any file is made.
    if let Err(error) = process::harden() {
        complain(&format!("this process cannot be shut off from core dumps and other processes: {error}"));
        complain("reltod: not started");
        return ExitCode::from(1);
    }
    let arguments = Arguments::parse();
    match run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(NoStart { faults, code }) => {
            for fault in faults.0 {
                for line in fault.lines() {
                    complain(line);
                }
            }
            complain("reltod: not started");
            let serves = !(arguments.check || arguments.init || arguments.migrate);
            ExitCode::from(if serves { code } else { 1 })
        }
    }
}

/// Before the log is set up an operator reads standard error; where nobody does, that is no fault of the node.
fn complain(line: &str) {
    let _ = writeln!(std::io::stderr(), "{line}");
}

fn one(fault: impl ToString) -> StartFaults {
    StartFaults(vec![fault.to_string()])
}

fn run(arguments: &Arguments) -> Result<(), NoStart> {
    let path = &arguments.config;
    let bytes = std::fs::read(path).map_err(|error| one(format!("{}: {error}", path.display())))?;
    let folder = path.parent().unwrap_or(Path::new("."));
    let (config, told) = Config::read(&path.display().to_string(), &bytes, folder);
    let config = match config {
        Some(config) if !told.has_errors() => config,
        Some(config) => {
            // What node.toml names is looked at all the same: an operator mends everything at once.
            let others = load(config).err().map(|faults| faults.0).unwrap_or_default();
            return Err(NoStart::of_configuration(StartFaults([vec![told.to_string()], others].concat())));
        }
        None => return Err(NoStart::of_configuration(one(told))),
    };
    set_up_log(config.log);
    if arguments.init {
        files::create_folder(&config.data).map_err(|error| one(format!("{}: {error}", config.data.display())))?;
    }
    let loaded = load(config).map_err(NoStart::of_configuration)?;
    if arguments.check {
        check::check(&loaded)?.iter().for_each(|line| complain(line));
        let in_force = loaded.inspectors.try_one().map_err(one)?;
        complain(&format!("inspectors of attachments: {}", words(&in_force)));
        return Ok(());
    }
    if arguments.migrate {
        return Ok(migrate(&loaded)?);
    }
    if arguments.init {
        // An operator is there to mend it: what a running node lives with is no beginning.
        let faults = loaded.tls.faults(&loaded.config, &loaded.links, clock::now_ms());
        return if faults.is_empty() { init(loaded).map_err(NoStart::from) } else { Err(StartFaults(faults).into()) };
    }
    serve_node(loaded)
}

fn set_up_log(form: LogForm) {
    let builder = tracing_subscriber::fmt().with_writer(std::io::stderr).with_max_level(tracing::Level::INFO);
    // A log on a full disk is no reason to end: the complaint about it would go to the same place, and panic.
    let builder = builder.log_internal_errors(false);
    match form {
        LogForm::Text => builder.with_ansi(false).with_target(false).init(),
        LogForm::Json => builder.json().init(),
    }
}

fn now(guard: clock::Guard) -> Result<Now, StartFaults> {
    let millis = clock::now_ms();
    let trusted = guard.is_trusted(millis, clock::monotonic_ms());
    Ok(Now { millis, trusted, seed: random::fill().map_err(one)? })
}

/// What stands last in a log of this size.
fn last<P: Place>(store: &dyn Reader, size: u64, at: impl FnOnce(u64) -> P) -> Result<Option<P::Value>, StartFaults> {
    size.checked_sub(1).map_or(Ok(None), |last| place::read(store, at(last)).map_err(one))
}

/// The clock as it is now, beside the newest times in our own logs.
fn guard(store: &dyn Reader, exchange: &Exchange, links: &[Link], own: Nation) -> Result<clock::Guard, StartFaults> {
    let mut newest = 0;
    for (at, link) in links.iter().enumerate() {
        let size = LinkId::at(at).and_then(|link| exchange.sizes(link)).map_or(0, |sizes| sizes.ours);
        if let Some(leaf) = last(store, size, |at| LeafAt(link.mine(), at))? {
            newest = newest.max(Leaf::decode(&leaf).ok().and_then(|leaf| leaf.time()).unwrap_or(0));
        }
    }
    if let Some(entry) = last(store, exchange.journal_size(), |at| EntryAt(journal::origin(own, 0), at))? {
        newest = newest.max(journal::Entry::decode(&entry).map_or(0, |entry| entry.time));
    }
    Ok(clock::Guard::new(clock::now_ms(), clock::monotonic_ms(), newest))
}

/// Whether the clock is believed from the start on, and the guard that goes with it. FLW-25
fn judged(exchange: &mut Exchange, guard: clock::Guard, config: &Config) -> clock::Guard {
    if config.clock_is_trusted {
        exchange.believe_clock(By::Configuration);
    } else if clock::is_synchronised() {
        exchange.believe_clock(By::System);
        return guard.without_records();
    } else if clock::is_vouched(clock::now_ms(), guard.newest()) {
        exchange.believe_clock(By::Records);
    } else {
        let why = "the clock of this node is not believed yet: the system does not say that it is synchronised, and our \
                   newest record is older than a day, or of later. A partner's HELLO within the skew ends it, or an operator \
                   and an auditor: relto clock trust";
        exchange.doubt_clock(why);
        tracing::error!(why, "nothing is put on record before the clock is believed");
    }
    guard
}

/// The head file first, then the store, then Genesis: empty is not missing. HED-3
///
/// A crash on the way leaves a head file without a head, and perhaps a store that signed nothing: both are taken up. A
/// store whose head file is missing, or a head file that holds a head, was in use and is never touched.
fn init(loaded: Loaded) -> Result<(), StartFaults> {
    let (head_file, database) = (&loaded.config.head_file, loaded.config.database());
    let ring = |error| one(format!("{}: {error}", head_file.display()));
    let mut heads = match HeadRing::open(head_file) {
        Ok(heads) if heads.newest().next().is_none() => heads,
        Ok(_) => return Err(one(OpenFault::Exists(head_file.clone()))),
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(ring(error)),
        Err(_) if database.exists() => return Err(one(OpenFault::Exists(database))),
        Err(_) => HeadRing::create(head_file).map_err(ring)?,
    };
    let mut store = if database.exists() {
        SqliteStore::open(&database, &loaded.storage_key).map_err(one)?
    } else {
        SqliteStore::create(&database, &loaded.storage_key).map_err(one)?
    };
    let (fence, own) = (store.fence(), loaded.config.nation);
    let mut exchange = Exchange::recover(&store, loaded.links.clone(), own, fence).map_err(one)?;
    let used = (0..loaded.links.len()).filter_map(|at| exchange.sizes(LinkId::at(at)?));
    if exchange.journal_size() > 0
        || used.into_iter().any(|sizes| sizes.ours > 1 || sizes.sealed > 0 || sizes.theirs > 0)
    {
        return Err(one(OpenFault::Exists(database)));
    }
    let guard = guard(&store, &exchange, &loaded.links, own)?;
    exchange.genesis(&mut store, now(guard)?).map_err(one)?;
    let recorded = exchange.unsealed(&store).map_err(one)?;
    let sealed = seal(vec![recorded], &loaded.seal_keys).map_err(one)?;
    let written = sealed.record(&mut heads).map_err(one)?;
    let inputs = written.inputs().collect();
    exchange.turn(&mut store, inputs, now(guard)?).map_err(one)?;
    tracing::info!(node = %loaded.config.node, "store, head file and Genesis made");
    Ok(())
}

/// The store and the head file of a version before, made new. LOG-14
fn migrate(loaded: &Loaded) -> Result<(), StartFaults> {
    let (database, head_file) = (loaded.config.database(), &loaded.config.head_file);
    let journal = journal::origin(loaded.config.nation, 0);
    let done = store::migrate(&database, head_file, &loaded.storage_key, journal).map_err(one)?;
    match (done.entries, done.rows) {
        (Some(entries), _) => tracing::info!(entries, "the journal is encrypted, and the database is of this version"),
        (None, Some(rows)) => tracing::info!(rows, "the database is of this version"),
        (None, None) => tracing::info!("the database is of this version already"),
    }
    if let Some(copy) = &done.copy {
        tracing::info!(file = %copy.display(), "the database as it was: take it away once the node runs well");
    }
    tracing::info!(made_new = done.heads, "head file");
    Ok(())
}

fn serve_node(loaded: Loaded) -> Result<(), NoStart> {
    let database = loaded.config.database();
    let mut store = SqliteStore::open(&database, &loaded.storage_key).map_err(|fault| NoStart::of_store(&fault))?;
    let fence = store.fence();
    let mut exchange = Exchange::recover(&store, loaded.links.clone(), loaded.config.nation, fence).map_err(one)?;
    tell_fold(&exchange);
    let not_begun = begun(&exchange, &loaded.links);
    if !not_begun.is_empty() {
        return Err(NoStart::of_configuration(StartFaults(not_begun)));
    }
    check::files(&loaded.config)
        .iter()
        .for_each(|fault| tracing::warn!(%fault, "others may reach a file of this node"));
    exchange.name_people(loaded.config.on_record());
    let guard = guard(&store, &exchange, &loaded.links, loaded.config.nation)?;
    let guard = judged(&mut exchange, guard, &loaded.config);
    let head_file = loaded.config.head_file.clone();
    let heads = match HeadRing::open(&head_file) {
        Ok(heads) => Some(heads),
        Err(error) => {
            let why = format!("{}: {error}: without the head file nothing is appended", head_file.display());
            // RCV-11: a file that is there and does not read is another case than one that is not there
            match error.kind() {
                std::io::ErrorKind::NotFound => exchange.halt_without_head_file(&why),
                _ => exchange.halt(&why),
            }
            None
        }
    };
    let ahead = match &heads {
        Some(heads) => {
            if let Some(gap) = check::gap(heads.heads(), &exchange) {
                exchange.halt(&gap);
            }
            exchange.compare_heads(&store, heads.newest()).map_err(one)?
        }
        None => Vec::new(),
    };
    if let Some(why) = exchange.halted() {
        tracing::error!(reason = %why, "halted: this node appends to no log and answers Unavailable");
    } else {
        let inputs = ahead.into_iter().map(Input::Sealed).chain([Input::Started]).collect();
        // What this appends to the journal is sealed with the rest below.
        exchange.turn(&mut store, inputs, now(guard)?).map_err(one)?;
    }
    let reader = || SqliteReader::open(&database, &loaded.storage_key).map_err(one);
    let (fetches, long_fetches, scrubs) = (reader()?, reader()?, reader()?);
    let readers = Readers { reader: reader()?, resends: reader()?, longs: reader()?, shelf: reader()? };
    let Loaded { config, links, files, seal_keys, tls, inspectors, .. } = loaded;
    let in_force = inspectors.begin().map_err(one)?;
    tracing::info!(limits = %words(&in_force), "attachments are looked at by inspectors");
    let (hub, ends) = Hub::new(config, links, files, (tls, inspectors), readers);
    if exchange.halted().is_none() {
        hub.seal(SealJob::Batch(exchange.unsealed(&store).map_err(one)?));
    }
    hub.versions.note(|link| exchange.in_force(link));
    let scrub = scrub_of(&exchange);
    let writer = Writer::new(exchange, store, hub.clone(), guard);
    let threads = threads::start(&hub, ends, Parts { writer, fetches, long_fetches, heads, seal_keys, scrub, scrubs })
        .map_err(one)?;
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(1).max_blocking_threads(8).enable_all().build();
    let runtime = runtime.map_err(one)?;
    let result = runtime.block_on(run_tasks(hub.clone()));
    hub.write(Job::Stop);
    if threads.join().is_err() {
        return Err(one("the writer ended in a fault").into());
    }
    runtime.shutdown_timeout(Duration::from_secs(2));
    tracing::info!("ended as told");
    Ok(result?)
}

/// What the background reads of a store after a start. STO-9
fn scrub_of(exchange: &Exchange) -> Scrub {
    let links = exchange.links().iter().enumerate();
    let of = |(at, link): (usize, &Link)| {
        let sizes = LinkId::at(at).and_then(|link| exchange.sizes(link)).unwrap_or_default();
        [(link.mine(), true, sizes.ours), (link.theirs(), false, sizes.theirs)]
    };
    let reports = links.flat_map(of).collect();
    Scrub { logs: exchange.folded_logs(), reports, serials: exchange.known_serials() }
}

/// By what memory was recovered.
fn tell_fold(exchange: &Exchange) {
    let leaves = exchange.folded();
    if let Some(why) = exchange.disbelieved() {
        tracing::error!(alarm = %why, "alarm: a stored fold was passed over; an operator and an auditor must look: relto audit verify");
    }
    match leaves {
        0 => tracing::info!("every row was read"),
        _ => tracing::info!(leaves, "went on from a fold of memory"),
    }
}

async fn run_tasks(hub: Arc<Hub>) -> Result<(), StartFaults> {
    let bind =
        |address| async move { TcpListener::bind(address).await.map_err(|error| one(format!("{address}: {error}"))) };
    let link_listener = bind(hub.config.link_listen).await?;
    let api_listener = bind(hub.config.api_listen).await?;
    let (stop, stopped) = watch::channel(false);
    let mut tasks = tokio::task::JoinSet::new();
    tasks.spawn(link::listen(hub.clone(), link_listener, stopped.clone()));
    tasks.spawn(serve::serve(hub.clone(), api_listener, stopped.clone()));
    if let Some(address) = hub.config.metrics_listen {
        tasks.spawn(serve::metrics(hub.clone(), bind(address).await?, stopped.clone()));
    }
    for at in dialling(&hub) {
        tasks.spawn(link::dial(hub.clone(), at, stopped.clone()));
    }
    tasks.spawn(every_half_second(hub.clone(), stopped.clone()));
    tasks.spawn(trust::watch(hub.clone(), stopped.clone()));
    tracing::info!(node = %hub.config.node, nation = %hub.config.nation, link = %hub.config.link_listen, api = %hub.config.api_listen, "serving");
    let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()).map_err(one)?;
    let mut hang_up = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::hangup()).map_err(one)?;
    loop {
        tokio::select! {
            _ = terminate.recv() => break,
            _ = tokio::signal::ctrl_c() => break,
            // Many operators send it after they have changed a file; here it must not end the node.
            _ = hang_up.recv() => tracing::info!("roots and CRLs are looked at every second, and our own certificate; all else needs a restart"),
        }
    }
    tracing::info!("stopping: no new work is taken");
    let _ = stop.send(true);
    let _ = tokio::time::timeout(Duration::from_secs(5), async { while tasks.join_next().await.is_some() {} }).await;
    Ok(())
}

/// For each partner's node the first link that names its address: one connection carries all logs of the two nodes, and
/// two tasks that dial the same node would replace each other's sessions.
fn dialling(hub: &Hub) -> Vec<usize> {
    let (mut seen, mut out) = (BTreeSet::new(), Vec::new());
    for (at, (link, file)) in hub.links.iter().zip(&hub.files).enumerate() {
        if file.dial.is_some() && seen.insert((link.partner, &file.partner_node)) {
            out.push(at);
        }
    }
    out
}

/// The tick.
async fn every_half_second(hub: Arc<Hub>, mut stop: watch::Receiver<bool>) {
    loop {
        tokio::select! {
            () = tokio::time::sleep(Duration::from_millis(500)) => {}
            _ = stop.changed() => return,
        }
        hub.write(Job::Input(Input::Tick, None));
        hub.sweep();
        hub.quiet.sweep(clock::monotonic_ms()).iter().for_each(Again::tell);
    }
}
