//! Long plaintexts on their way from our people: hashed part by part as they come, so that a submission that names one needs
//! no second look at it. In memory alone: what a restart forgets is hashed from the store.

use crate::sync::lock;
use relto_exchange::{ready::parts::HashedPayload, rows::Upload, store::SubmissionId};
use relto_report::assessment::Hashing;
use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
};

/// Uploads that are remembered, the newest: as many as may be open.
const MAX_KEPT: usize = 64;

/// What is known of an upload.
enum Known {
    /// So far: every byte of it is on the disk.
    Hashing(Box<Hashing>),
    /// All of it, when its last part came at this time.
    Found(u64, Arc<HashedPayload>),
}

/// See the module.
#[derive(Default)]
pub(crate) struct Uploads(Mutex<VecDeque<(SubmissionId, Known)>>);

impl Uploads {
    /// What was hashed of an upload, where that ends at `offset`. Nothing of it is known here any more.
    pub(crate) fn take(&self, id: SubmissionId, offset: u64) -> Option<Hashing> {
        let mut all = lock(&self.0);
        let at = all.iter().position(|(one, _)| *one == id);
        match at.and_then(|at| all.remove(at))? {
            (_, Known::Hashing(hashing)) if hashing.pushed() == offset => Some(*hashing),
            _ => None,
        }
    }

    /// Keeps what was hashed: every byte of it is on the disk.
    pub(crate) fn keep(&self, id: SubmissionId, hashing: Hashing) {
        self.set(id, Known::Hashing(Box::new(hashing)));
    }

    /// What a whole upload has come to, for as long as it is the one of this row.
    pub(crate) fn found(&self, id: SubmissionId, row: &Upload) -> Option<Arc<HashedPayload>> {
        let all = lock(&self.0);
        let (_, known) = all.iter().find(|(one, _)| *one == id)?;
        match known {
            Known::Found(time, found) if *time == row.time => Some(found.clone()),
            Known::Found(..) | Known::Hashing(_) => None,
        }
    }

    /// Remembers it: whoever submits it anew, with another signature, asks for no second hash.
    pub(crate) fn note(&self, id: SubmissionId, row: &Upload, found: Arc<HashedPayload>) {
        self.set(id, Known::Found(row.time, found));
    }

    fn set(&self, id: SubmissionId, known: Known) {
        let mut all = lock(&self.0);
        all.retain(|(one, _)| *one != id);
        all.push_back((id, known));
        if all.len() > MAX_KEPT {
            all.pop_front();
        }
    }
}
