//! What the flow keeps in memory: small, and only ever changed by [`Memory::apply`], for each live write and for each
//! row at recovery alike. Nothing here is known that the rows do not say.

mod common;
mod from_fold;
mod pages;
mod places;
mod recover;
mod tail;

pub(crate) use places::Spent;

use crate::{
    model::{
        head_write::HeadWrite,
        ids::LinkId,
        journal::{Act, Entry, People},
        link::Link,
        rows::{Confirmation, Outbox, Stage, SubmissionState},
        store::{Key, Reader, Row, StoreError, Write},
    },
    state::{
        log::Log,
        pair::{Pair, TIMES, Unconfirmed, Waiting, counted},
        serials::Serials,
        spare::{Unread, Unverified},
    },
};
use relto_audit::{
    checkpoint::Checkpoint,
    leaf::{Leaf, Verdict},
    origin::Origin,
    tree::{Frontier, leaf_hash},
};
use relto_policy::agreement::Agreement;
use relto_report::digest::Digest;
use std::{collections::BTreeMap, sync::Arc};

/// All of it.
#[derive(Clone, Debug)]
pub(crate) struct Memory {
    pub(crate) pairs: Vec<Pair>,
    pub(crate) journal: Log,
    /// Our people as the journal knows them.
    pub(crate) people: People,
    /// The newest write of the head file that is stored.
    pub(crate) head_write: Option<HeadWrite>,
    /// Serials of reports that are on record.
    pub(crate) serials: Serials,
    /// Entries of the journal by which an agreement changed or the file of a version came, with their hashes.
    pub(crate) stated: BTreeMap<u64, Digest>,
    /// Of the folds that are stored, the sizes of the journal in them, or [`UNREADABLE`].
    pub(crate) folds: [Option<u64>; 2],
}

impl Memory {
    pub(crate) fn new(links: &[Link], journal: Origin) -> Self {
        Self {
            pairs: links.iter().map(Pair::new).collect(),
            journal: Log::journal(journal),
            people: People::new(),
            head_write: None,
            serials: Serials::default(),
            stated: BTreeMap::new(),
            folds: [None; 2],
        }
    }

    /// All logs, the journal last.
    pub(crate) fn logs(&self) -> impl Iterator<Item = &Log> {
        self.pairs.iter().flat_map(|pair| [&pair.mine, &pair.theirs]).chain([&self.journal])
    }

    /// Leaves and entries of all logs.
    pub(crate) fn leaves(&self) -> u64 {
        self.logs().map(Log::size).sum()
    }

    /// All of it, in words, with the serials that are rows; but not by what it was recovered.
    pub(crate) fn in_words(&self, rows: &dyn Reader) -> Result<String, StoreError> {
        let mut all = self.clone();
        let both = all.pairs.iter_mut().flat_map(|pair| [&mut pair.mine, &mut pair.theirs]);
        both.chain([&mut all.journal]).for_each(|log| log.base = Frontier::new());
        all.serials.take_rows(rows)?;
        Ok(format!("{all:?}"))
    }

    pub(crate) fn pair(&self, link: LinkId) -> Option<&Pair> {
        self.pairs.get(link.place())
    }

    /// Takes up a version's file, which stands on the disk and in no row, and what was stated under it.
    pub(super) fn install(&mut self, at: usize, text: &Arc<Agreement>, stated: Vec<Unverified>) {
        let Some(pair) = self.pairs.get_mut(at) else { return };
        pair.versions.install(text.clone());
        pair.unread = Unread::default();
        for (change, index, time) in stated {
            pair.take_change(pair.partner, time, Some(index), &change);
        }
        pair.rebind();
    }

    /// The fold of a live write: that of a row at recovery, and what binds after it. Gives the subtrees that are complete with
    /// it, to be kept beside the leaf that it is.
    pub(super) fn apply(&mut self, write: &Write) -> Vec<Write> {
        if let Write::Insert(Key::Leaf(log, index), Row::Bytes(leaf)) = write {
            let complete = self.set_leaf(*log, *index, leaf);
            self.pairs.iter_mut().filter(|pair| pair.stale).for_each(Pair::rebind);
            return complete;
        }
        self.fold_in(write);
        self.pairs.iter_mut().filter(|pair| pair.stale).for_each(Pair::rebind);
        Vec::new()
    }

    fn fold_in(&mut self, write: &Write) {
        if let Write::Insert(key, row) = write {
            self.note_serial(key, row);
        }
        match write {
            Write::Insert(key, row) | Write::Replace(key, row) => self.set(key, row),
            Write::Erase(Key::Awaited(origin, index)) => {
                if let Some(pair) = self.pairs.iter_mut().find(|pair| pair.theirs.origin == *origin) {
                    pair.forget_awaited(*index);
                }
            }
            Write::Erase(Key::Fold(slot)) => self.note_fold(*slot, None),
            Write::Erase(_) | Write::EraseAll(..) => {}
        }
    }

    /// A report is on record from here on.
    fn note_serial(&mut self, key: &Key, row: &Row) {
        match (key, row) {
            (Key::Outbox(log, index), Row::Outbox(row)) if row.statement.is_none() => {
                self.serials.hold(&row.serial, *log, *index);
            }
            (Key::Inbox(log, index), Row::Inbox(row)) if !row.serial.is_empty() => {
                self.serials.hold(&row.serial, *log, *index);
            }
            (Key::Serial(at), _) => drop(self.serials.held.remove(at)),
            (Key::SerialSalt, row) => self.serials.take_salt(row),
            _ => {}
        }
    }

    fn note_fold(&mut self, slot: u64, at: Option<u64>) {
        let slot = usize::try_from(slot).ok().and_then(|slot| self.folds.get_mut(slot));
        if let Some(slot) = slot {
            *slot = at;
        }
    }

    fn set(&mut self, key: &Key, row: &Row) {
        match (key, row) {
            (Key::Leaf(origin, index) | Key::Entry(origin, index), Row::Bytes(leaf)) => {
                drop(self.set_leaf(*origin, *index, leaf));
            }
            (Key::Fold(slot), Row::Bytes(bytes)) => self.note_fold(*slot, Some(fold_at(bytes))),
            (Key::HeadWrite, Row::Bytes(bytes)) => self.head_write = HeadWrite::from_bytes(bytes),
            (Key::Checkpoint(origin, _), Row::Bytes(note)) => self.set_head(*origin, note),
            (Key::Outbox(origin, index), Row::Outbox(row)) => self.set_outbox(*origin, *index, row),
            (Key::Awaited(origin, index), Row::Awaited(row)) => {
                if let Some(pair) = self.pairs.iter_mut().find(|pair| pair.theirs.origin == *origin) {
                    pair.forget_awaited(*index);
                    pair.awaited_bytes.add(counted(row));
                    if row.owed.is_some() || row.spooled == row.length {
                        pair.due.insert(*index);
                    }
                    pair.awaited.insert(*index, row.clone());
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

    /// Gives the roots of the subtrees that are complete with it.
    fn set_leaf(&mut self, origin: Origin, index: u64, leaf: &[u8]) -> Vec<Write> {
        let Some(log) = self.log_mut(origin) else { return Vec::new() };
        let complete = log.push(leaf);
        self.set_meaning(origin, index, leaf);
        complete
    }

    fn set_meaning(&mut self, origin: Origin, index: u64, leaf: &[u8]) {
        if self.journal.origin == origin {
            if let Ok(entry) = Entry::decode(leaf) {
                self.journal.time = self.journal.time.max(entry.time);
                if self.set_stated(&entry) {
                    self.stated.insert(index, leaf_hash(leaf));
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
                    let taken = pair.take_change(pair.own, time, Some(index), &change);
                    if taken {
                        pair.my_changes.insert(index, leaf_hash(leaf));
                    }
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
                    let time = pair.theirs.time;
                    if pair.take_change(pair.partner, time, Some(index), &change) {
                        pair.their_changes.insert(index, (time, leaf_hash(leaf)));
                    }
                }
                Some(leaf) => {
                    let named = leaf.seen().map_or(0, |head| head.size);
                    pair.acknowledged_head = pair.acknowledged_head.max(named);
                }
                None => {}
            }
        }
    }

    /// What an entry says of an agreement; whether it changed anything.
    fn set_stated(&mut self, entry: &Entry) -> bool {
        let mut pairs = self.pairs.iter_mut();
        match &entry.act {
            Act::Changed { agreement, change } => pairs
                .find(|pair| pair.agreement.id == *agreement)
                .is_some_and(|pair| pair.take_change(pair.own, entry.time, None, change)),
            Act::Installed { agreement, version, .. } => {
                pairs.find(|pair| pair.agreement.id == *agreement).is_some_and(|pair| pair.journaled.insert(*version))
            }
            _ => false,
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
        let Some(pair) = self.pairs.iter_mut().find(|pair| pair.mine.origin == origin) else { return };
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
            pair.unresolved_bytes.take(old.length);
        }
        if !matches!(row.stage, Stage::Resolved { .. }) {
            pair.unresolved_bytes.add(row.length);
            pair.unresolved.insert(index, row.clone());
        }
    }
}

/// Stands for a stored fold that cannot be read: the next goes in its place.
const UNREADABLE: u64 = 0;

/// The size of the journal in a stored fold, with which its row begins.
pub(super) fn fold_at(row: &[u8]) -> u64 {
    row.first_chunk::<8>().map_or(0, |at| u64::from_le_bytes(*at))
}

fn keep(times: &mut BTreeMap<u64, u64>, index: u64, time: u64) {
    times.insert(index, time);
    while times.len() > TIMES {
        times.pop_first();
    }
}
