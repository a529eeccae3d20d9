//! The readers: threads that read what a later turn needs, and make it ready. What is long has one of its own, so that nothing
//! short waits behind it; that one hashes payloads while they come.

use crate::{
    hub::{Hub, fatal},
    inspect,
    jobs::{Job, Long},
};
use relto_exchange::{
    ids::Fetch,
    input::Input,
    ready::{
        Seed,
        fetch::{Desk, fetch, hash_ahead},
    },
    store::StoreError,
};
use relto_host::{random, store::SqliteReader};
use std::sync::{Arc, mpsc::Receiver};

/// Reads what the writer's turns ask for, decodes and encrypts it, and gives it to a later turn; what is long it leaves to
/// the other.
pub(crate) fn run(hub: &Arc<Hub>, reader: &SqliteReader, jobs: &Receiver<Fetch>) {
    while let Ok(asked) = jobs.recv() {
        serve(hub, &desk(hub, reader), asked, false);
    }
}

/// The same of what is long.
pub(crate) fn run_long(hub: &Arc<Hub>, reader: &SqliteReader, jobs: &Receiver<Long>) {
    while let Ok(job) = jobs.recv() {
        let desk = desk(hub, reader);
        match job {
            Long::Fetch(asked) => serve(hub, &desk, asked, true),
            Long::Came(link, index) => hash_ahead(&desk, link, index).unwrap_or_else(|fault| fatal(&fault)),
        }
    }
}

fn desk<'a>(hub: &'a Arc<Hub>, reader: &'a SqliteReader) -> Desk<'a> {
    let Ok(seed) = random::fill().map(Seed) else {
        fatal(&StoreError::Fatal("the system gives no random bytes"));
    };
    Desk { reader, links: &hub.links, originals: &**hub, shelf: &*hub.shelf, seed }
}

fn serve(hub: &Arc<Hub>, desk: &Desk<'_>, asked: Fetch, patient: bool) {
    match fetch(desk, asked, patient) {
        Ok(Some((fetched, look))) => {
            hub.write(Job::Input(Input::Fetched(Box::new(fetched)), None));
            if let Some(look) = look {
                inspect::look_for_turn(hub, look);
            }
        }
        Ok(None) => hub.fetch_long(Long::Fetch(asked)),
        Err(fault) => fatal(&fault),
    }
}
