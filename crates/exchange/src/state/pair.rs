//! One pair of logs and all that is open on it.

mod life;

pub(crate) use life::next_of;

use crate::{
    model::{
        limits::{MAX_UNSEALED, OpenBytes},
        link::Link,
        rows::{Awaited, Outbox},
        store::SubmissionId,
    },
    state::{log::Log, spare::Unread},
};
use relto_audit::leaf::{Precedence, SignedStatement};
use relto_policy::{
    agreement::Agreement,
    change::{Bound, Record, Versions},
    state::StateView,
};
use relto_report::{digest::Digest, nation::Nation};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// Leaf times kept in memory for each log. A partner that names an older head has not heard from us for that long, and
/// its leaf is judged by the clock and its predecessor alone.
pub(crate) const TIMES: usize = 8_192;

/// One pair of logs.
#[derive(Clone, Debug)]
pub(crate) struct Pair {
    pub(crate) mine: Log,
    pub(crate) theirs: Log,
    /// Released leaves of mine without a receipt.
    pub(crate) unresolved: BTreeMap<u64, Outbox>,
    pub(crate) unresolved_bytes: OpenBytes,
    /// Leaves of the partner without their payload.
    pub(crate) awaited: BTreeMap<u64, Awaited>,
    pub(crate) awaited_bytes: OpenBytes,
    /// Those of them whose refusal is owed, and those whose payload is whole.
    pub(crate) due: BTreeSet<u64>,
    /// Reports held for officers, and queued ones.
    pub(crate) waiting: BTreeMap<SubmissionId, Waiting>,
    /// Releases in an emergency that no second officer has spoken on, by leaf.
    pub(crate) unconfirmed: BTreeMap<u64, Unconfirmed>,
    /// Admitted reports of mine that no office of the partner has acknowledged, the newest [`TIMES`].
    pub(crate) unacknowledged: BTreeMap<u64, (u64, Precedence)>,
    /// Queued submissions, fastest and oldest first.
    pub(crate) queued: BTreeSet<(usize, SubmissionId)>,
    /// Times of the partner's newest leaves by size, to judge backdating; see `flow::follow`.
    pub(crate) their_times: BTreeMap<u64, u64>,
    /// Times of my newest leaves by index.
    pub(crate) my_times: BTreeMap<u64, u64>,
    /// Leaves of mine by which the agreement changed, and those of the partner with the time that counts.
    /// Each with its hash.
    pub(crate) my_changes: BTreeMap<u64, Digest>,
    pub(crate) their_changes: BTreeMap<u64, (u64, Digest)>,
    /// The largest head of the partner's log that a leaf of mine names.
    pub(crate) observed: u64,
    /// Time of the last Anchor.
    pub(crate) anchored: u64,
    /// Whose log is `mine`, and whose is `theirs`.
    pub(crate) own: Nation,
    pub(crate) partner: Nation,
    /// The version in force between both.
    pub(crate) agreement: Arc<Agreement>,
    /// All that are installed.
    pub(crate) versions: Versions,
    /// What both nations' signers have stated.
    pub(crate) changes: Record,
    /// What it comes to: the state, and the versions that bind reports of ours and the partner's.
    pub(crate) state: StateView,
    pub(crate) out: Arc<Bound>,
    pub(crate) into: Arc<Bound>,
    /// Whether something was stated since that was computed.
    pub(crate) stale: bool,
    /// Versions of which the journal says that their files are here.
    pub(crate) journaled: BTreeSet<Digest>,
    /// Changes of the partner under a version whose file is not here.
    pub(crate) unread: Unread,
    /// The largest head of my log that a leaf of the partner names.
    pub(crate) acknowledged_head: u64,
    /// Own changes that have no leaf yet.
    pub(crate) unlogged: Vec<SignedStatement>,
}

/// A report that waits at home.
#[derive(Clone, Debug)]
pub(crate) struct Waiting {
    pub(crate) serial: String,
    pub(crate) precedence: Precedence,
    /// When it came, Unix milliseconds.
    pub(crate) time: u64,
    /// For officers, and not for the window, the link or the clock.
    pub(crate) officers: bool,
}

/// A release in an emergency that waits for a second officer.
#[derive(Clone, Debug)]
pub(crate) struct Unconfirmed {
    pub(crate) submission: SubmissionId,
    pub(crate) serial: String,
    /// Until when, Unix milliseconds.
    pub(crate) by: u64,
}

impl Pair {
    pub(crate) fn new(link: &Link) -> Self {
        let mut versions = Versions::new(link.agreement.clone());
        link.later.iter().for_each(|text| versions.install(text.clone()));
        let bound = Arc::new(Bound::first(&versions));
        Self {
            mine: Log::new(link.mine()),
            theirs: Log::new(link.theirs()),
            unresolved: BTreeMap::new(),
            unresolved_bytes: OpenBytes::default(),
            awaited: BTreeMap::new(),
            awaited_bytes: OpenBytes::default(),
            due: BTreeSet::new(),
            waiting: BTreeMap::new(),
            unconfirmed: BTreeMap::new(),
            unacknowledged: BTreeMap::new(),
            queued: BTreeSet::new(),
            their_times: BTreeMap::new(),
            my_times: BTreeMap::new(),
            my_changes: BTreeMap::new(),
            their_changes: BTreeMap::new(),
            observed: 0,
            anchored: 0,
            own: link.own,
            partner: link.partner,
            agreement: link.agreement.clone(),
            state: bound.in_force.state,
            out: bound.clone(),
            into: bound,
            versions,
            changes: Record::default(),
            stale: false,
            journaled: BTreeSet::new(),
            acknowledged_head: 0,
            unread: Unread::default(),
            unlogged: Vec::new(),
        }
    }

    /// Whether my log may grow before its next checkpoint is stored. LOG-5
    pub(crate) fn has_room(&self) -> bool {
        self.mine.unsealed() < MAX_UNSEALED
    }

    pub(crate) fn forget_awaited(&mut self, index: u64) {
        if let Some(old) = self.awaited.remove(&index) {
            self.awaited_bytes.take(counted(&old));
        }
        self.due.remove(&index);
    }

    /// Time of my newest leaf under a head of mine of this size.
    pub(crate) fn my_time_under(&self, size: u64) -> u64 {
        size.checked_sub(1).and_then(|last| self.my_times.get(&last)).copied().unwrap_or(0)
    }
}

/// Bytes of a payload that is still to come: of what is refused already none is, whatever length its leaf names. FLW-5
pub(crate) const fn counted(row: &Awaited) -> u64 {
    if row.owed.is_some() { 0 } else { row.length }
}
