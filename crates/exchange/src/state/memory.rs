//! What the flow keeps in memory: small, and only ever changed by [`Memory::apply`], for each live write and for each
//! row at recovery alike. Nothing here is known that the rows do not say.

use crate::{
    admit::{Spare, Unread},
    exchange::Link,
    flow::MAX_UNSEALED,
    heads::HeadWrite,
    input::LinkId,
    journal::{Act, Entry, People},
    rows::{Awaited, Confirmation, Outbox, Stage, SubmissionState},
    store::{Key, Reader, Row, StoreError, SubmissionId, Write},
};
use relto_audit::{
    checkpoint::Checkpoint,
    leaf::{Head, Leaf, Precedence, SignedStatement, Verdict},
    origin::Origin,
    tree::Frontier,
};
use relto_policy::{
    agreement::Agreement,
    change::{Bound, Record, Versions},
    state::StateView,
};
use relto_report::{crypto::sha256, digest::Digest, nation::Nation};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// One log: mine, the copy of the partner's, or the journal.
#[derive(Clone, Debug)]
pub(crate) struct Log {
    pub(crate) origin: Origin,
    pub(crate) frontier: Frontier,
    /// Time of the newest leaf, Unix milliseconds.
    pub(crate) time: u64,
    /// The newest stored checkpoint: its meaning, and the verbatim note. Whoever sends it opens it first.
    pub(crate) head: Option<(Checkpoint, Vec<u8>)>,
    /// Whether it is the journal, whose entries stand apart and encrypted.
    is_journal: bool,
}

impl Log {
    pub(crate) fn new(origin: Origin) -> Self {
        Self { origin, frontier: Frontier::new(), time: 0, head: None, is_journal: false }
    }

    pub(crate) fn journal(origin: Origin) -> Self {
        Self { is_journal: true, ..Self::new(origin) }
    }

    /// Where a leaf of it stands.
    pub(crate) const fn key(&self, index: u64) -> Key {
        if self.is_journal { Key::Entry(self.origin, index) } else { Key::Leaf(self.origin, index) }
    }

    pub(crate) fn size(&self) -> u64 {
        self.frontier.size()
    }

    /// Size of the newest stored checkpoint.
    pub(crate) fn sealed(&self) -> u64 {
        self.head.as_ref().map_or(0, |(head, _)| head.size)
    }

    /// Leaves beyond the newest stored checkpoint.
    pub(crate) fn unsealed(&self) -> u64 {
        self.size().saturating_sub(self.sealed())
    }

    pub(crate) fn as_head(&self) -> Head {
        Head { size: self.size(), root: self.frontier.root() }
    }
}

/// One pair of logs.
#[derive(Clone, Debug)]
pub(crate) struct Pair {
    pub(crate) mine: Log,
    pub(crate) theirs: Log,
    /// Released leaves of mine without a receipt.
    pub(crate) unresolved: BTreeMap<u64, Outbox>,
    pub(crate) unresolved_bytes: u64,
    /// Leaves of the partner without their payload.
    pub(crate) awaited: BTreeMap<u64, Awaited>,
    pub(crate) awaited_bytes: u64,
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
    /// How many leaves that oblige nothing the partner may send.
    pub(crate) spare: Spare,
    /// Hash of the leaf for which its last frame was refused: the same again is not judged again.
    pub(crate) refused: Option<Digest>,
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

/// Leaf times kept in memory for each log. A partner that names an older head has not heard from us for that long, and
/// its leaf is judged by the clock and its predecessor alone.
const TIMES: usize = 8_192;

/// All of it.
#[derive(Clone, Debug)]
pub(crate) struct Memory {
    pub(crate) pairs: Vec<Pair>,
    pub(crate) journal: Log,
    /// Our people as the journal knows them.
    pub(crate) people: People,
    /// The newest write of the head file that is stored.
    pub(crate) head_write: Option<HeadWrite>,
    /// Serials that were spent, by digest.
    pub(crate) sent: BTreeMap<Digest, Vec<Spent>>,
    /// Serials that were received, by digest.
    pub(crate) received: BTreeMap<Digest, Vec<Known>>,
}

/// A serial of ours that went over one link.
#[derive(Clone, Debug)]
pub(crate) struct Spent {
    /// Where.
    pub(crate) link: LinkId,
    /// By which leaf of mine.
    pub(crate) index: u64,
    /// On which plaintext.
    pub(crate) plaintext: Digest,
    /// Whether the partner has it, as far as is known: neither withdrawn, refused nor quarantined.
    pub(crate) stands: bool,
}

/// Where a serial was received.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Known {
    /// From where.
    pub(crate) link: LinkId,
    /// In which leaf of the partner's.
    pub(crate) index: u64,
    /// Whether the report was admitted.
    pub(crate) admitted: bool,
}

/// How serials are remembered.
pub(crate) fn serial_key(serial: &str) -> Digest {
    sha256(&[serial.as_bytes()])
}

impl Memory {
    /// The report of this serial that the partner of a link was sent and has, as far as is known.
    pub(crate) fn sent_to(&self, link: LinkId, serial: &str) -> Option<&Spent> {
        self.sent.get(&serial_key(serial))?.iter().find(|one| one.link == link && one.stands)
    }

    /// The report of this serial that was admitted from the partner of a link.
    pub(crate) fn admitted_from(&self, link: LinkId, serial: &str) -> Option<&Known> {
        self.received.get(&serial_key(serial))?.iter().find(|one| one.link == link && one.admitted)
    }

    pub(crate) fn new(links: &[Link], journal: Origin) -> Self {
        let pair = |link: &Link| {
            let mut versions = Versions::new(link.agreement.clone());
            link.later.iter().for_each(|text| versions.install(text.clone()));
            let bound = Arc::new(Bound::first(&versions));
            Pair {
                mine: Log::new(link.mine()),
                theirs: Log::new(link.theirs()),
                unresolved: BTreeMap::new(),
                unresolved_bytes: 0,
                awaited: BTreeMap::new(),
                awaited_bytes: 0,
                due: BTreeSet::new(),
                waiting: BTreeMap::new(),
                unconfirmed: BTreeMap::new(),
                unacknowledged: BTreeMap::new(),
                queued: BTreeSet::new(),
                their_times: BTreeMap::new(),
                my_times: BTreeMap::new(),
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
                spare: Spare::default(),
                refused: None,
                unlogged: Vec::new(),
            }
        };
        Self {
            pairs: links.iter().map(pair).collect(),
            journal: Log::journal(journal),
            people: People::new(),
            head_write: None,
            sent: BTreeMap::new(),
            received: BTreeMap::new(),
        }
    }

    pub(crate) fn pair(&self, link: LinkId) -> Option<&Pair> {
        self.pairs.get(usize::from(link.0))
    }

    /// The fold of a live write: that of a row at recovery, and what binds after it.
    pub(crate) fn apply(&mut self, write: &Write) {
        self.fold_in(write);
        self.pairs.iter_mut().filter(|pair| pair.stale).for_each(Pair::rebind);
    }

    fn fold_in(&mut self, write: &Write) {
        match write {
            Write::Insert(key, row) | Write::Replace(key, row) => self.set(key, row),
            Write::Erase(Key::Awaited(origin, index)) => {
                if let Some(pair) = self.pairs.iter_mut().find(|pair| pair.theirs.origin == *origin) {
                    pair.forget_awaited(*index);
                }
            }
            Write::Erase(_) => {}
        }
    }

    fn set(&mut self, key: &Key, row: &Row) {
        match (key, row) {
            (Key::Leaf(origin, index) | Key::Entry(origin, index), Row::Bytes(leaf)) => {
                self.set_leaf(*origin, *index, leaf);
            }
            (Key::HeadWrite, Row::Bytes(bytes)) => self.head_write = HeadWrite::from_bytes(bytes),
            (Key::Checkpoint(origin, _), Row::Bytes(note)) => self.set_head(*origin, note),
            (Key::Outbox(origin, index), Row::Outbox(row)) => self.set_outbox(*origin, *index, row),
            (Key::Awaited(origin, index), Row::Awaited(row)) => {
                if let Some(pair) = self.pairs.iter_mut().find(|pair| pair.theirs.origin == *origin) {
                    pair.forget_awaited(*index);
                    pair.awaited_bytes = pair.awaited_bytes.saturating_add(counted(row));
                    if row.owed.is_some() || row.spooled == row.length {
                        pair.due.insert(*index);
                    }
                    pair.awaited.insert(*index, row.clone());
                }
            }
            (Key::Inbox(origin, index), Row::Inbox(row)) if !row.serial.is_empty() => {
                let at = self.pairs.iter().position(|pair| pair.theirs.origin == *origin);
                if let Some(link) = at.and_then(|at| u16::try_from(at).ok()).map(LinkId) {
                    let known = self.received.entry(serial_key(&row.serial)).or_default();
                    known.retain(|one| one.link != link || one.admitted);
                    known.push(Known { link, index: *index, admitted: row.verdict == Verdict::Admitted });
                }
            }
            (Key::Submission(id), Row::Submission(row)) => {
                let lane = row.precedence.lane();
                if let Some(pair) = self.pairs.iter_mut().find(|pair| pair.agreement.id == row.agreement) {
                    pair.queued.retain(|(_, queued)| queued != id);
                    pair.waiting.remove(id);
                    let officers = matches!(row.state, SubmissionState::Held(_));
                    if officers || matches!(row.state, SubmissionState::Queued(_)) {
                        let (serial, precedence, time) = (row.serial.clone(), row.precedence, row.time);
                        pair.waiting.insert(*id, Waiting { serial, precedence, time, officers });
                    }
                    if matches!(row.state, SubmissionState::Queued(_)) {
                        pair.queued.insert((lane, *id));
                    }
                }
            }
            _ => {}
        }
    }

    fn log_mut(&mut self, origin: Origin) -> Option<&mut Log> {
        if self.journal.origin == origin {
            return Some(&mut self.journal);
        }
        self.pairs.iter_mut().find_map(|pair| {
            if pair.mine.origin == origin {
                Some(&mut pair.mine)
            } else if pair.theirs.origin == origin {
                Some(&mut pair.theirs)
            } else {
                None
            }
        })
    }

    fn set_leaf(&mut self, origin: Origin, index: u64, leaf: &[u8]) {
        let Some(log) = self.log_mut(origin) else { return };
        log.frontier.push(leaf);
        if log.origin != origin {
            return;
        }
        if self.journal.origin == origin {
            if let Ok(entry) = Entry::decode(leaf) {
                self.journal.time = self.journal.time.max(entry.time);
                let mut pairs = self.pairs.iter_mut();
                if let Act::Changed { agreement, change } = &entry.act {
                    if let Some(pair) = pairs.find(|pair| pair.agreement.id == *agreement) {
                        pair.take_change(pair.own, entry.time, None, change);
                    }
                } else if let Act::Installed { agreement, version, .. } = &entry.act
                    && let Some(pair) = pairs.find(|pair| pair.agreement.id == *agreement)
                {
                    pair.journaled.insert(*version);
                }
                match entry.act {
                    Act::Account { account, now: Some(now) } => drop(self.people.insert(account, now)),
                    Act::Account { account, now: None } => drop(self.people.remove(&account)),
                    _ => {}
                }
            }
            return;
        }
        let decoded = Leaf::decode(leaf).ok();
        let time = decoded.as_ref().and_then(Leaf::time).unwrap_or(0);
        if let Some(pair) = self.pairs.iter_mut().find(|pair| pair.mine.origin == origin) {
            pair.mine.time = pair.mine.time.max(time);
            keep(&mut pair.my_times, index, pair.mine.time);
            match decoded {
                Some(Leaf::Anchor { time, .. }) => pair.anchored = time,
                Some(Leaf::AgreementChange { time, change }) => {
                    pair.take_change(pair.own, time, Some(index), &change);
                }
                Some(leaf) => pair.observed = pair.observed.max(leaf.seen().map_or(0, |head| head.size)),
                None => {}
            }
        } else if let Some(pair) = self.pairs.iter_mut().find(|pair| pair.theirs.origin == origin) {
            pair.theirs.time = pair.theirs.time.max(time);
            keep(&mut pair.their_times, index, pair.theirs.time);
            match decoded {
                // Never earlier than the leaf before it: notice counts from its time.
                Some(Leaf::AgreementChange { change, .. }) => {
                    pair.take_change(pair.partner, pair.theirs.time, Some(index), &change);
                }
                Some(leaf) => {
                    let named = leaf.seen().map_or(0, |head| head.size);
                    pair.acknowledged_head = pair.acknowledged_head.max(named);
                }
                None => {}
            }
        }
    }

    fn set_head(&mut self, origin: Origin, note: &[u8]) {
        let Some(log) = self.log_mut(origin) else { return };
        // Verified before it was stored; the offline verifier checks the stored ones again.
        let Ok(checkpoint) = Checkpoint::parse_unverified(note) else { return };
        if checkpoint.size >= log.sealed() {
            log.head = Some((checkpoint, note.to_vec()));
        }
    }

    fn set_outbox(&mut self, origin: Origin, index: u64, row: &Outbox) {
        let Some(at) = self.pairs.iter().position(|pair| pair.mine.origin == origin) else { return };
        let link = LinkId(u16::try_from(at).unwrap_or(u16::MAX));
        if row.statement.is_none() {
            let stands = match row.stage {
                Stage::Released => true,
                Stage::Withdrawn { .. } => false,
                Stage::Resolved { verdict, .. } => verdict == Verdict::Admitted,
            };
            let spent = self.sent.entry(serial_key(&row.serial)).or_default();
            spent.retain(|one| one.link != link);
            spent.push(Spent { link, index, plaintext: row.plaintext, stands });
        }
        let Some(pair) = self.pairs.get_mut(at) else { return };
        pair.unacknowledged.remove(&index);
        if let (None, None, Stage::Resolved { verdict: Verdict::Admitted, time, .. }) =
            (&row.statement, &row.acknowledged, row.stage)
        {
            pair.unacknowledged.insert(index, (time, row.precedence));
            while pair.unacknowledged.len() > TIMES {
                pair.unacknowledged.pop_first();
            }
        }
        pair.unconfirmed.remove(&index);
        if let Confirmation::Owed { by } = row.confirmation {
            let (submission, serial) = (row.submission, row.serial.clone());
            pair.unconfirmed.insert(index, Unconfirmed { submission, serial, by });
        }
        if let Some(old) = pair.unresolved.remove(&index) {
            pair.unresolved_bytes = pair.unresolved_bytes.saturating_sub(old.length);
        }
        if !matches!(row.stage, Stage::Resolved { .. }) {
            pair.unresolved_bytes = pair.unresolved_bytes.saturating_add(row.length);
            pair.unresolved.insert(index, row.clone());
        }
    }

    /// Folds every row of the store.
    pub(crate) fn recover(&mut self, reader: &dyn Reader) -> Result<(), StoreError> {
        let journal = self.journal.origin;
        let logs: Vec<(Origin, Origin)> =
            self.pairs.iter().map(|pair| (pair.mine.origin, pair.theirs.origin)).collect();
        let mut ranges = vec![
            (Key::HeadWrite, Key::HeadWrite),
            (Key::Entry(journal, 0), Key::Entry(journal, u64::MAX)),
            (Key::Checkpoint(journal, 0), Key::Checkpoint(journal, u64::MAX)),
        ];
        for (mine, theirs) in logs {
            for log in [mine, theirs] {
                ranges.push((Key::Leaf(log, 0), Key::Leaf(log, u64::MAX)));
                ranges.push((Key::Checkpoint(log, 0), Key::Checkpoint(log, u64::MAX)));
            }
            ranges.push((Key::Outbox(mine, 0), Key::Outbox(mine, u64::MAX)));
            ranges.push((Key::Awaited(theirs, 0), Key::Awaited(theirs, u64::MAX)));
            ranges.push((Key::Inbox(theirs, 0), Key::Inbox(theirs, u64::MAX)));
        }
        ranges.push((Key::Submission([0; 16]), Key::Submission([0xff; 16])));
        for (from, to) in ranges {
            self.fold(reader, from, &to)?;
        }
        self.pairs.iter_mut().for_each(Pair::rebind);
        Ok(())
    }

    fn fold(&mut self, reader: &dyn Reader, mut from: Key, to: &Key) -> Result<(), StoreError> {
        const PAGE: usize = 4_096;
        loop {
            let rows = reader.scan(&from, to, PAGE)?;
            let full = rows.len() == PAGE;
            let next = rows.last().and_then(|(key, _)| after(key));
            for (key, row) in rows {
                self.fold_in(&Write::Insert(key, row));
            }
            match next {
                Some(next) if full => from = next,
                _ => return Ok(()),
            }
        }
    }
}

impl Pair {
    /// Whether my log may grow before its next checkpoint is stored. LOG-5
    pub(crate) fn has_room(&self) -> bool {
        self.mine.unsealed() < MAX_UNSEALED
    }

    fn forget_awaited(&mut self, index: u64) {
        if let Some(old) = self.awaited.remove(&index) {
            self.awaited_bytes = self.awaited_bytes.saturating_sub(counted(&old));
        }
        self.due.remove(&index);
    }

    /// Time of my newest leaf under a head of mine of this size.
    pub(crate) fn my_time_under(&self, size: u64) -> u64 {
        size.checked_sub(1).and_then(|last| self.my_times.get(&last)).copied().unwrap_or(0)
    }
}

/// Bytes of a payload that is still to come: of what is refused already none is, whatever length its leaf names. FLW-5
const fn counted(row: &Awaited) -> u64 {
    if row.owed.is_some() { 0 } else { row.length }
}

fn keep(times: &mut BTreeMap<u64, u64>, index: u64, time: u64) {
    times.insert(index, time);
    while times.len() > TIMES {
        times.pop_first();
    }
}

/// The least key after `key` of the same kind.
fn after(key: &Key) -> Option<Key> {
    let bump = |id: &SubmissionId| u128::from_be_bytes(*id).checked_add(1).map(u128::to_be_bytes);
    Some(match key {
        Key::Leaf(log, at) => Key::Leaf(*log, at.checked_add(1)?),
        Key::Entry(log, at) => Key::Entry(*log, at.checked_add(1)?),
        Key::HeadWrite => return None,
        Key::Checkpoint(log, at) => Key::Checkpoint(*log, at.checked_add(1)?),
        Key::Payload(log, at) => Key::Payload(*log, at.checked_add(1)?),
        Key::Detail(log, at) => Key::Detail(*log, at.checked_add(1)?),
        Key::Home(log, at) => Key::Home(*log, at.checked_add(1)?),
        Key::Outbox(log, at) => Key::Outbox(*log, at.checked_add(1)?),
        Key::Awaited(log, at) => Key::Awaited(*log, at.checked_add(1)?),
        Key::Spool(log, at, offset) => Key::Spool(*log, *at, offset.checked_add(1)?),
        Key::Inbox(log, at) => Key::Inbox(*log, at.checked_add(1)?),
        Key::Submission(id) => Key::Submission(bump(id)?),
        Key::Draft(id) => Key::Draft(bump(id)?),
        Key::DraftBody(id) => Key::DraftBody(bump(id)?),
        Key::DraftHome(id) => Key::DraftHome(bump(id)?),
    })
}
