//! The threads of a node. Each owns what no other may touch; what they share is the [`Hub`].

mod gather;
mod maintenance;
mod reader;
pub(crate) mod scrub;
mod sealer;
mod verifier;
pub(crate) mod writer;

use crate::{
    hub::{Ends, Hub},
    jobs::Job,
    setup::load::NationKeys,
};
use relto_exchange::input::Input;
use relto_host::{
    heads::HeadRing,
    store::{SqliteReader, WalKeeper},
};
use scrub::{DIFFERS, Scrub};
use std::{
    sync::Arc,
    thread::{Builder, JoinHandle},
};
use writer::Writer;

/// What each of them owns.
pub(crate) struct Parts {
    /// The exchange and the database.
    pub writer: Writer,
    /// Reads what turns ask for.
    pub fetches: SqliteReader,
    /// The same of what is long.
    pub long_fetches: SqliteReader,
    /// Nothing where the node has halted for want of it.
    pub heads: Option<HeadRing>,
    /// The keys that sign heads.
    pub seal_keys: NationKeys,
    /// What the background reads again.
    pub scrub: Scrub,
    /// By what it does.
    pub scrubs: SqliteReader,
}

/// Starts all of them; who joins the writer waits for the end. A panic in any ends the process: what it held is not to be
/// trusted.
///
/// # Errors
/// The system's, in words.
pub(crate) fn start(hub: &Arc<Hub>, ends: Ends, parts: Parts) -> Result<JoinHandle<()>, String> {
    let default = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        default(info);
        std::process::exit(70);
    }));
    let Parts { writer, fetches, long_fetches, heads, seal_keys, scrub, scrubs } = parts;
    let wal = WalKeeper::open(&hub.config.database()).map_err(|fault| fault.to_string())?;
    let segments = writer.store.segment_maker();
    let (sealing, reading, scrubbing) = (hub.clone(), hub.clone(), hub.clone());
    let long_reading = hub.clone();
    spawn("sealer", move || match heads {
        Some(heads) => sealer::run(&sealing, &seal_keys, heads, &ends.sealer),
        // Halted: only HELLO proofs are signed.
        None => sealer::prove_only(&seal_keys, &ends.sealer),
    })?;
    spawn("verifier", move || verifier::run(&ends.verifier))?;
    spawn("reader", move || reader::run(&reading, &fetches, &ends.reader))?;
    spawn("long-reader", move || reader::run_long(&long_reading, &long_fetches, &ends.long_reader))?;
    spawn("maintenance", move || maintenance::run(&wal, &segments))?;
    // Nobody waits for it.
    spawn("scrub", move || {
        if !scrub.run(&scrubs, &scrubbing.scrubbed) {
            scrubbing.write(Job::Input(Input::Disbelieved(DIFFERS), None));
        }
    })?;
    spawn("writer", move || writer.run(&ends.writer))
}

fn spawn(name: &str, work: impl FnOnce() + Send + 'static) -> Result<JoinHandle<()>, String> {
    Builder::new().name(name.to_owned()).spawn(work).map_err(|fault| format!("thread {name}: {fault}"))
}
