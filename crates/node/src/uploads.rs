//! Long plaintexts on their way from our people: hashed part by part as they come, so that a submission that names one needs
//! no second look at it. In memory alone: what a restart forgets is hashed from the store.

use crate::sync::lock;
use relto_exchange::store::SubmissionId;
use relto_report::assessment::Hashing;
use std::{collections::VecDeque, sync::Mutex};

/// Uploads that are hashed on their way, the newest: as many as may be open.
const MAX_HASHED: usize = 64;

/// See the module.
#[derive(Default)]
pub(crate) struct Uploads(Mutex<VecDeque<(SubmissionId, Hashing)>>);

impl Uploads {
    /// What was hashed of an upload, where that ends at `offset`; it is kept here no more.
    pub(crate) fn take(&self, id: SubmissionId, offset: u64) -> Option<Hashing> {
        let mut all = lock(&self.0);
        let at = all.iter().position(|(one, _)| *one == id);
        let (_, hashing) = at.and_then(|at| all.remove(at))?;
        (hashing.pushed() == offset).then_some(hashing)
    }

    /// Keeps what was hashed: every byte of it is on the disk.
    pub(crate) fn keep(&self, id: SubmissionId, hashing: Hashing) {
        let mut all = lock(&self.0);
        all.retain(|(one, _)| *one != id);
        all.push_back((id, hashing));
        if all.len() > MAX_HASHED {
            all.pop_front();
        }
    }
}
