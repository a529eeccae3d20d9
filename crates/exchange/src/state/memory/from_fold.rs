//! Going on from a fold: what it says, what came after it, and what is open. STO-7

use super::{
    Memory,
    pages::{PAGE, pages},
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
use relto_audit::{checkpoint::Checkpoint, leaf::Leaf, tree::Frontier};
use relto_report::digest::Digest;
use std::collections::{BTreeMap, BTreeSet};

/// Why nothing goes on from a fold.
pub(super) enum Unfit {
    /// No signed head is behind it yet, or the configuration has a link that it knows nothing of.
    NotYet,
    /// It is not what was signed.
    Changed(&'static str),
    /// The store cannot be read, or contradicts itself.
    Store(StoreError),
}

impl From<StoreError> for Unfit {
    fn from(fault: StoreError) -> Self {
        Self::Store(fault)
    }
}

impl Memory {
    /// Single rows that no fold holds.
    pub(super) fn read_common(&mut self, reader: &dyn Reader) -> Result<(), StoreError> {
        for key in [Key::HeadWrite, Key::SerialSalt] {
            for (key, row) in reader.scan(&key, &key, 1)? {
                self.fold_in(&Write::Insert(key, row));
            }
        }
        for (key, row) in reader.scan(&Key::Fold(0), &Key::Fold(u64::MAX), usize::MAX)? {
            self.fold_in(&Write::Insert(key, row));
        }
        Ok(())
    }

    /// What a fold says, and all that came after it.
    pub(super) fn from_fold(&mut self, reader: &dyn Reader, at: u64, bytes: &[u8]) -> Result<u64, Unfit> {
        const CHANGED: Unfit = Unfit::Changed("a stored fold is not what the journal has on record");
        let fold = Fold::decode(bytes).map_err(|_| CHANGED)?;
        let journal = self.journal.origin;
        if fold.journal.origin != journal || fold.journal.frontier.size() != at {
            return Err(CHANGED);
        }
        let entry = one(reader, &Key::Entry(journal, at))?;
        let Some(Row::Bytes(entry)) = entry else { return Err(CHANGED) };
        match Entry::decode(&entry).map(|entry| entry.act) {
            Ok(Act::Folded { digest }) if digest == fold::digest_of(bytes) => {}
            _ => return Err(CHANGED),
        }
        let links: Option<Vec<&LinkFold>> = self.pairs.iter().map(|pair| fold.link(pair)).collect();
        let links = links.ok_or(Unfit::NotYet)?;
        let serials = fold.serials().ok_or(CHANGED)?;
        if fold.salted {
            self.read_common(reader)?;
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
        self.state_again(reader, &fold, &links)?;
        // Behind the fold its own entry must be under a signed head.
        let tail = self.read_log(reader, &fold.journal, at.saturating_add(1))?;
        let waiting = tail.submissions;
        for (place, link) in links.iter().enumerate() {
            let mine = self.read_log(reader, &link.mine, link.mine.frontier.size())?;
            let theirs = self.read_log(reader, &link.theirs, link.theirs.frontier.size())?;
            self.read_open(reader, place, link, (mine, theirs))?;
        }
        let known = links.iter().flat_map(|link| &link.waiting);
        self.read_waiting(reader, known.copied().chain(waiting).collect())?;
        self.pairs.iter_mut().for_each(Pair::rebind);
        Ok(fold.leaves())
    }

    /// Entries and leaves under the fold by which agreements changed: few, and verified as they were.
    fn state_again(&mut self, reader: &dyn Reader, fold: &Fold, links: &[&LinkFold]) -> Result<(), Unfit> {
        let journal = self.journal.origin;
        let entries: Vec<Key> = fold.stated.iter().map(|at| Key::Entry(journal, *at)).collect();
        for (at, row) in fold.stated.iter().zip(reader.get(&entries)?) {
            let entry = if let Some(Row::Bytes(bytes)) = row { Entry::decode(&bytes).ok() } else { None };
            let entry = entry.ok_or(GONE)?;
            if self.set_stated(&entry) {
                self.stated.insert(*at);
            }
        }
        for (pair, link) in self.pairs.iter_mut().zip(links) {
            let (own, partner) = (pair.own, pair.partner);
            let mine = link.my_changes.iter().map(|at| (pair.mine.origin, own, *at, None));
            let theirs = link.their_changes.iter().map(|(at, time)| (pair.theirs.origin, partner, *at, Some(*time)));
            for (log, nation, at, counts) in mine.chain(theirs).collect::<Vec<_>>() {
                let row = one(reader, &Key::Leaf(log, at))?;
                let leaf = if let Some(Row::Bytes(bytes)) = row { Leaf::decode(&bytes).ok() } else { None };
                let Some(Leaf::AgreementChange { time, change }) = leaf else { return Err(GONE.into()) };
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
        let (origin, size) = (from.origin, from.frontier.size());
        let mut roots: BTreeMap<u64, Digest> = BTreeMap::new();
        let oldest = Key::Checkpoint(origin, from.head.unwrap_or(0));
        pages(reader, oldest, &Key::Checkpoint(origin, u64::MAX), |key, row| {
            if let Row::Bytes(note) = &row
                && let Ok(head) = Checkpoint::parse_unverified(note)
            {
                roots.insert(head.size, head.root);
            }
            self.fold_in(&Write::Insert(key, row));
            Ok(())
        })?;
        if from.head.is_some_and(|head| !roots.contains_key(&head)) {
            return Err(Unfit::Changed("a head that a stored fold names is gone"));
        }
        if least > 0 && roots.range(least..).next().is_none() {
            return Err(Unfit::NotYet);
        }
        let mut tail = Tail::default();
        let mut frontier = from.frontier.clone();
        let differs = |frontier: &Frontier| roots.get(&frontier.size()).is_some_and(|root| *root != frontier.root());
        let mut wrong = differs(&frontier);
        let is_journal = origin == self.journal.origin;
        let key = |at| if is_journal { Key::Entry(origin, at) } else { Key::Leaf(origin, at) };
        pages(reader, key(size), &key(u64::MAX), |key, row| {
            if let Row::Bytes(leaf) = &row {
                frontier.push(leaf);
                wrong |= differs(&frontier);
                tail.take(&key, leaf);
            }
            self.fold_in(&Write::Insert(key, row));
            Ok(())
        })?;
        if wrong || roots.keys().next_back().is_some_and(|last| *last > frontier.size()) {
            return Err(Unfit::Changed("a stored fold and the leaves behind it do not lead to a signed head"));
        }
        Ok(tail)
    }

    /// What is open on a link, and serials that came after the fold.
    fn read_open(
        &mut self,
        reader: &dyn Reader,
        place: usize,
        link: &LinkFold,
        (mut ours, tail): (Tail, Tail),
    ) -> Result<(), Unfit> {
        let (mine, theirs) = (link.mine.origin, link.theirs.origin);
        let keys: Vec<Key> = link.open.range(..link.mine.frontier.size()).map(|at| Key::Outbox(mine, *at)).collect();
        for keys in keys.chunks(PAGE) {
            for (key, row) in keys.iter().zip(reader.get(keys)?) {
                // Changed, as far as serials go: this one is known already.
                self.fold_in(&Write::Replace(key.clone(), row.ok_or(GONE)?));
            }
        }
        let ranges = [
            (Key::Outbox(mine, link.mine.frontier.size()), Key::Outbox(mine, u64::MAX)),
            (Key::Awaited(theirs, 0), Key::Awaited(theirs, u64::MAX)),
        ];
        for (from, to) in ranges {
            pages(reader, from, &to, |key, row| {
                if let Key::Outbox(_, index) = &key {
                    ours.obliging.remove(index);
                }
                self.fold_in(&Write::Insert(key, row));
                Ok(())
            })?;
        }
        if !ours.obliging.is_empty() {
            return Err(GONE.into());
        }
        // What waited for its payload, or came after the fold, has its answer or waits.
        let mut obliging: BTreeSet<u64> = link.awaited.iter().chain(&tail.obliging).copied().collect();
        let Some(pair) = self.pairs.get(place) else { return Ok(()) };
        obliging.retain(|at| !pair.awaited.contains_key(at));
        if tail.answered.iter().any(|at| pair.unresolved.contains_key(at)) {
            return Err(StoreError::Fatal(
                "a report whose receipt is on record stands as unanswered: run relto audit verify",
            )
            .into());
        }
        let keys: Vec<Key> = obliging.into_iter().map(|at| Key::Inbox(theirs, at)).collect();
        for keys in keys.chunks(PAGE) {
            for (key, row) in keys.iter().zip(reader.get(keys)?) {
                self.fold_in(&Write::Insert(key.clone(), row.ok_or(GONE)?));
            }
        }
        Ok(())
    }

    /// Submissions that waited at home, or came to do so after the fold, as they stand now.
    fn read_waiting(&mut self, reader: &dyn Reader, ids: BTreeSet<SubmissionId>) -> Result<(), Unfit> {
        let keys: Vec<Key> = ids.into_iter().map(Key::Submission).collect();
        for keys in keys.chunks(PAGE) {
            for (key, row) in keys.iter().zip(reader.get(keys)?) {
                self.fold_in(&Write::Insert(key.clone(), row.ok_or(GONE)?));
            }
        }
        Ok(())
    }
}

const GONE: StoreError = StoreError::Fatal("a row that was open or stated something is gone: run relto audit verify");

/// What the leaves behind a fold say of rows.
#[derive(Default)]
struct Tail {
    /// Submissions that were held or queued.
    submissions: BTreeSet<SubmissionId>,
    /// Leaves that oblige to a receipt.
    obliging: BTreeSet<u64>,
    /// Leaves of the other log that got theirs.
    answered: Vec<u64>,
}

impl Tail {
    fn take(&mut self, key: &Key, leaf: &[u8]) {
        match key {
            Key::Entry(..) => {
                if let Ok(Act::Held { submission, .. } | Act::Queued { submission, .. }) =
                    Entry::decode(leaf).map(|entry| entry.act)
                {
                    self.submissions.insert(submission);
                }
            }
            Key::Leaf(_, index) => match Leaf::decode(leaf) {
                Ok(Leaf::Released(_) | Leaf::Statement(_)) => drop(self.obliging.insert(*index)),
                Ok(Leaf::Outcome(outcome)) => self.answered.push(outcome.index),
                _ => {}
            },
            _ => {}
        }
    }
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
    (pair.observed, pair.anchored, pair.acknowledged_head) = (link.observed, link.anchored, link.acknowledged_head);
}
