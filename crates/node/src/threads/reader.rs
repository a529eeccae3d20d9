//! The readers: threads that read what a later turn needs, and make it ready. One has no patience: what is long it leaves to
//! the other, so that nothing short waits behind it.

use crate::{
    hub::{Hub, fatal},
    inspect,
    jobs::Job,
};
use relto_exchange::{
    ids::Fetch,
    input::Input,
    ready::{
        Seed,
        fetch::{Desk, fetch},
    },
    store::StoreError,
};
use relto_host::{random, store::SqliteReader};
use std::sync::{Arc, mpsc::Receiver};

/// Reads what the writer's turns ask for, decodes and encrypts it, and gives it to a later turn; `patient`: of what is long.
pub(crate) fn run(hub: &Arc<Hub>, reader: &SqliteReader, jobs: &Receiver<Fetch>, patient: bool) {
    while let Ok(asked) = jobs.recv() {
        let Ok(seed) = random::fill().map(Seed) else {
            fatal(&StoreError::Fatal("the system gives no random bytes"));
        };
        let desk = Desk { reader, links: &hub.links, originals: &**hub, shelf: &*hub.shelf, seed };
        match fetch(&desk, asked, patient) {
            Ok(Some((fetched, look))) => {
                hub.write(Job::Input(Input::Fetched(Box::new(fetched)), None));
                if let Some(look) = look {
                    inspect::look_for_turn(hub, look);
                }
            }
            Ok(None) => hub.fetch_long(asked),
            Err(fault) => fatal(&fault),
        }
    }
}
