//! Going on from a fold: what it says, what came after it, and what is open. STO-7

use super::{
    Memory,
    pages::{PAGE, pages},
    tail::Tail,
};
use crate::{
    model::{
        journal::{Act, Entry},
        store::{Key, Reader, Row, StoreError, SubmissionId, Write, one},
    },
    state::{
        fold::{self, Fold, LinkFold, LogFold},
        pair::Pair,
    },
};
use relto_audit::{checkpoint::Checkpoint, leaf::Leaf, origin::Origin, tree::leaf_hash};
use relto_report::digest::Digest;
use std::collections::{BTreeMap, BTreeSet};

/// Why nothing goes on from a fold.
pub(super) enum Unfit {
    /// No signed head is behind it yet, or the configuration has a link that it does not know.
    NotYet,
    /// It is not what was signed, or a row that it rests on is not.
    Changed(&'static str),
    /// The store cannot be read, or contradicts itself.
    Store(StoreError),
}

impl From<StoreError> for Unfit {
    fn from(fault: StoreError) -> Self {
        Self::Store(fault)
    }
}

pub(super) const NOT_ON_RECORD: &str = "a stored fold is not what the journal has on record";
const GONE: StoreError = StoreError::Fatal("a row that is open is gone: run relto audit verify");
const PUT_BACK: StoreError =
    StoreError::Fatal("a row says that something is open which the logs have closed: run relto audit verify");

impl Memory {
    /// What a fold says, and all that came after it; how many leaves and entries are under it.
    pub(super) fn go_on_from(&mut self, reader: &dyn Reader, fold: &Fold) -> Result<u64, Unfit> {
        let links: Option<Vec<&LinkFold>> = self.pairs.iter().map(|pair| fold.link(pair)).collect();
        let links = links.ok_or(Unfit::NotYet)?;
        let serials = fold.serials().ok_or(Unfit::Changed(NOT_ON_RECORD))?;
        if fold.salt.is_some() {
            self.read_common(reader)?;
            if self.serials.salt_digest() != fold.salt {
                return Err(Unfit::Changed("the salt of serials is not the one of a stored fold"));
            }
            self.serials.held = serials;
        } else {
            // Known by the salt that the store has got since.
            self.serials.held = serials;
            self.read_common(reader)?;
        }
        self.people.clone_from(&fold.people);
        self.journal.go_on_from(&fold.journal.frontier, fold.journal.time);
        for (pair, link) in self.pairs.iter_mut().zip(&links) {
            take_link(pair, link);
        }
        let folded = self.leaves();
        self.state_again(reader, fold, &links)?;
        // Behind the fold its own entry must be under a signed head.
        let mut journal = self.read_log(reader, &fold.journal, fold.journal.frontier.size().saturating_add(1))?;
        for (place, link) in links.iter().enumerate() {
            let mine = self.read_log(reader, &link.mine, link.mine.frontier.size())?;
            let theirs = self.read_log(reader, &link.theirs, link.theirs.frontier.size())?;
            let open = Open { place, link, mine, theirs };
            journal.settled.append(&mut self.read_outbox(reader, &open)?);
            self.read_inbox(reader, &open)?;
        }
        journal.waiting.extend(links.iter().flat_map(|link| &link.waiting));
        self.read_waiting(reader, &journal)?;
        self.pairs.iter_mut().for_each(Pair::rebind);
        Ok(folded)
    }

    /// A fold that its entry of the journal names; that the entry is signed is seen with the journal's heads.
    pub(super) fn on_record(&self, reader: &dyn Reader, row: &[u8]) -> Result<Fold, Unfit> {
        let fold = Fold::decode(row).map_err(|_| Unfit::Changed(NOT_ON_RECORD))?;
        let at = fold.journal.frontier.size();
        let entry = match one(reader, &Key::Entry(self.journal.origin, at))? {
            Some(Row::Bytes(entry)) => Entry::decode(&entry).ok(),
            _ => None,
        };
        match entry.map(|entry| entry.act) {
            Some(Act::Folded { digest })
                if digest == fold::digest_of(row) && fold.journal.origin == self.journal.origin =>
            {
                Ok(fold)
            }
            _ => Err(Unfit::Changed(NOT_ON_RECORD)),
        }
    }

    /// Entries and leaves under the fold by which agreements changed: few, and still what they were.
    fn state_again(&mut self, reader: &dyn Reader, fold: &Fold, links: &[&LinkFold]) -> Result<(), Unfit> {
        const CHANGED: Unfit = Unfit::Changed("a leaf or entry by which an agreement changed is not what it was");
        let read = |key: Key, hash: &Digest| match one(reader, &key)? {
            Some(Row::Bytes(bytes)) if leaf_hash(&bytes) == *hash => Ok(bytes),
            _ => Err(CHANGED),
        };
        for (at, hash) in &fold.stated {
            let entry = read(Key::Entry(self.journal.origin, *at), hash)?;
            self.set_stated(&Entry::decode(&entry).map_err(|_| CHANGED)?);
        }
        self.stated.clone_from(&fold.stated);
        for (pair, link) in self.pairs.iter_mut().zip(links) {
            let (own, partner) = (pair.own, pair.partner);
            let mine = link.my_changes.iter().map(|(at, hash)| (pair.mine.origin, own, *at, None, hash));
            let theirs = link.their_changes.iter();
            let theirs = theirs.map(|(at, (time, hash))| (pair.theirs.origin, partner, *at, Some(*time), hash));
            for (log, nation, at, counts, hash) in mine.chain(theirs).collect::<Vec<_>>() {
                let leaf = read(Key::Leaf(log, at), hash)?;
                let Ok(Leaf::AgreementChange { time, change }) = Leaf::decode(&leaf) else { return Err(CHANGED) };
                pair.take_change(nation, counts.unwrap_or(time), Some(at), &change);
            }
            pair.my_changes.clone_from(&link.my_changes);
            pair.their_changes.clone_from(&link.their_changes);
        }
        Ok(())
    }

    /// Heads and leaves of a log that came after its fold. One of the heads is of `least` leaves or more, and the roots at
    /// all of them are theirs: so what the fold says of the log is what was signed.
    fn read_log(&mut self, reader: &dyn Reader, from: &LogFold, least: u64) -> Result<Tail, Unfit> {
        let origin = from.origin;
        let mut roots: BTreeMap<u64, Digest> = BTreeMap::new();
        let oldest = Key::Checkpoint(origin, from.head.unwrap_or(0));
        pages(reader, oldest, &Key::Checkpoint(origin, u64::MAX), |rows| {
            for (key, row) in rows {
                if let Row::Bytes(note) = &row
                    && let Ok(head) = Checkpoint::parse_unverified(note)
                {
                    roots.insert(head.size, head.root);
                }
                self.fold_in(&Write::Insert(key, row));
            }
            Ok(())
        })?;
        if from.head.is_some_and(|head| !roots.contains_key(&head)) {
            return Err(Unfit::Changed("a head that a stored fold names is gone"));
        }
        if least > 0 && roots.range(least..).next().is_none() {
            return Err(Unfit::NotYet);
        }
        let mut tail = Tail::default();
        let mut wrong = self.differs(origin, &roots);
        let is_journal = origin == self.journal.origin;
        let key = |at| Key::in_log(origin, is_journal, at);
        pages(reader, key(from.frontier.size()), &key(u64::MAX), |rows| {
            for (key, row) in rows {
                if let Row::Bytes(leaf) = &row {
                    tail.take(&key, leaf);
                }
                self.fold_in(&Write::Insert(key, row));
                wrong |= self.differs(origin, &roots);
            }
            Ok(())
        })?;
        let size = self.log_mut(origin).map_or(0, |log| log.size());
        if wrong || roots.keys().next_back().is_some_and(|last| *last > size) {
            return Err(Unfit::Changed("a stored fold and the leaves behind it do not lead to a signed head"));
        }
        Ok(tail)
    }

    /// Whether a log has another root now than the head of this size.
    fn differs(&mut self, origin: Origin, roots: &BTreeMap<u64, Digest>) -> bool {
        let Some(log) = self.log_mut(origin) else { return true };
        roots.get(&log.size()).is_some_and(|root| *root != log.frontier.root())
    }

    /// What of ours is open, and serials that came after the fold; submissions that are released.
    fn read_outbox(&mut self, reader: &dyn Reader, open: &Open<'_>) -> Result<BTreeSet<SubmissionId>, Unfit> {
        let Open { link, mine, theirs, .. } = open;
        let (log, size) = (link.mine.origin, link.mine.frontier.size());
        let own = self.pairs.get(open.place).map(|pair| pair.own);
        let acknowledged = theirs.subjects.iter().filter(|(nation, _)| own == Some(*nation)).map(|(_, at)| *at);
        let mut places: BTreeSet<u64> = link.unresolved.union(&link.unconfirmed).copied().collect();
        places.extend(acknowledged.filter(|at| link.unacknowledged.contains_key(at)));
        // Changed, as far as serials go: those are known already.
        self.read_each(reader, places.range(..size).map(|at| Key::Outbox(log, *at)), Write::Replace)?;
        let (mut posted, mut released) = (mine.obliging.clone(), BTreeSet::new());
        pages(reader, Key::Outbox(log, size), &Key::Outbox(log, u64::MAX), |rows| {
            for (key, row) in rows {
                if let (Key::Outbox(_, index), Row::Outbox(row)) = (&key, &row) {
                    posted.remove(index);
                    released.insert(row.submission);
                }
                self.fold_in(&Write::Insert(key, row));
            }
            Ok(())
        })?;
        if !posted.is_empty() {
            return Err(GONE.into());
        }
        let Some(pair) = self.pairs.get(open.place) else { return Ok(released) };
        // A partner may answer what it likes: only what is an answer to this very leaf closes it.
        let is_open = |(at, leaf): &(u64, Digest)| pair.unresolved.get(at).is_some_and(|row| row.leaf == *leaf);
        let was_closed = |at: &u64| *at < size && !link.unresolved.contains(at);
        if theirs.answered.iter().any(is_open) || pair.unresolved.keys().any(was_closed) {
            return Err(PUT_BACK.into());
        }
        Ok(released)
    }

    /// What of the partner's is open, and serials that came after the fold.
    fn read_inbox(&mut self, reader: &dyn Reader, open: &Open<'_>) -> Result<(), Unfit> {
        let Open { link, mine, theirs, .. } = open;
        let log = link.theirs.origin;
        pages(reader, Key::Awaited(log, 0), &Key::Awaited(log, u64::MAX), |rows| {
            rows.into_iter().for_each(|(key, row)| self.fold_in(&Write::Insert(key, row)));
            Ok(())
        })?;
        // What waited for its payload, or came after the fold, has its answer or waits.
        let mut answered: BTreeSet<u64> = link.awaited.iter().chain(&theirs.obliging).copied().collect();
        let Some(pair) = self.pairs.get(open.place) else { return Ok(()) };
        let is_known = |at: &u64| answered.contains(at);
        if !pair.awaited.keys().all(is_known) || mine.answered.iter().any(|(at, _)| pair.awaited.contains_key(at)) {
            return Err(PUT_BACK.into());
        }
        answered.retain(|at| !pair.awaited.contains_key(at));
        self.read_each(reader, answered.into_iter().map(|at| Key::Inbox(log, at)), Write::Insert)
    }

    /// Rows that must be there.
    fn read_each(
        &mut self,
        reader: &dyn Reader,
        keys: impl Iterator<Item = Key>,
        write: fn(Key, Row) -> Write,
    ) -> Result<(), Unfit> {
        let keys: Vec<Key> = keys.collect();
        for keys in keys.chunks(PAGE) {
            for (key, row) in keys.iter().zip(reader.get(keys)?) {
                self.fold_in(&write(key.clone(), row.ok_or(GONE)?));
            }
        }
        Ok(())
    }

    /// Submissions that waited at home, or came to do so after the fold, as they stand now.
    fn read_waiting(&mut self, reader: &dyn Reader, journal: &Tail) -> Result<(), Unfit> {
        self.read_each(reader, journal.waiting.iter().copied().map(Key::Submission), Write::Insert)?;
        let put_back = |pair: &Pair| {
            journal.settled.iter().any(|id| pair.waiting.contains_key(id))
                || pair.unconfirmed.values().any(|one| journal.confirmed.contains(&one.submission))
        };
        if self.pairs.iter().any(put_back) { Err(PUT_BACK.into()) } else { Ok(()) }
    }
}

/// A link whose open rows are read: its place, its fold, and what came after in both logs.
struct Open<'a> {
    place: usize,
    link: &'a LinkFold,
    mine: Tail,
    theirs: Tail,
}

/// What a fold says of a link.
fn take_link(pair: &mut Pair, link: &LinkFold) {
    pair.mine.go_on_from(&link.mine.frontier, link.mine.time);
    pair.theirs.go_on_from(&link.theirs.frontier, link.theirs.time);
    let times = |times: &[u64], size: u64| {
        let first = size.saturating_sub(u64::try_from(times.len()).unwrap_or(0));
        (first..).zip(times.iter().copied()).collect()
    };
    pair.my_times = times(&link.my_times, link.mine.frontier.size());
    pair.their_times = times(&link.their_times, link.theirs.frontier.size());
    pair.unacknowledged.clone_from(&link.unacknowledged);
    (pair.observed, pair.anchored, pair.acknowledged_head) = (link.observed, link.anchored, link.acknowledged_head);
}
