//! The reader: the thread that reads what a later turn needs, and makes it ready.

use crate::{
    hub::{Hub, fatal},
    inspect,
    jobs::Job,
};
use relto_exchange::{
    ids::Fetch,
    input::Input,
    ready::{self, Seed},
    store::StoreError,
};
use relto_host::{random, store::SqliteReader};
use std::sync::{Arc, mpsc::Receiver};

/// Reads what the writer's turns ask for, decodes and encrypts it, and gives it to a later turn.
pub(crate) fn run(hub: &Arc<Hub>, reader: &SqliteReader, jobs: &Receiver<Fetch>) {
    while let Ok(asked) = jobs.recv() {
        let Ok(seed) = random::fill().map(Seed) else {
            fatal(&StoreError::Fatal("the system gives no random bytes"));
        };
        match ready::fetch(reader, &hub.links, asked, seed, &**hub) {
            Ok((fetched, look)) => {
                hub.write(Job::Input(Input::Fetched(Box::new(fetched)), None));
                if let Some(look) = look {
                    inspect::look_for_turn(hub, look);
                }
            }
            Err(fault) => fatal(&fault),
        }
    }
}
