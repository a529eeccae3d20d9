//! What the flow keeps in memory: small, and only ever changed by [`Memory::apply`], for each live write and for each
//! row at recovery alike. Nothing here is known that the rows do not say.

use crate::{
    model::{
        head_write::HeadWrite,
        ids::LinkId,
        journal::{Act, Entry, People},
        link::Link,
        rows::{Confirmation, Outbox, Stage, SubmissionState},
        store::{Key, Reader, Row, StoreError, SubmissionId, Write},
    },
    ready::held::OriginalAt,
    state::{
        log::Log,
        pair::{Pair, TIMES, Unconfirmed, Waiting, counted},
        spare::{Unread, Unverified},
    },
};
use relto_audit::{
    checkpoint::Checkpoint,
    leaf::{Leaf, Verdict},
    origin::Origin,
};
use relto_policy::agreement::Agreement;
use relto_report::{crypto::sha256, digest::Digest};
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

    /// The leaf of a report that the partner of a link has under its agreement: one that it was sent, or sent itself.
    pub(crate) fn original(&self, link: LinkId, serial: &str) -> Option<OriginalAt> {
        let pair = self.pair(link)?;
        let mine = self.sent_to(link, serial).map(|one| (pair.mine.origin, one.index));
        let found = mine.or_else(|| self.admitted_from(link, serial).map(|one| (pair.theirs.origin, one.index)));
        found.map(|(origin, index)| OriginalAt { origin, index })
    }

    pub(crate) fn new(links: &[Link], journal: Origin) -> Self {
        Self {
            pairs: links.iter().map(Pair::new).collect(),
            journal: Log::journal(journal),
            people: People::new(),
            head_write: None,
            sent: BTreeMap::new(),
            received: BTreeMap::new(),
        }
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

    /// The fold of a live write: that of a row at recovery, and what binds after it.
    pub(super) fn apply(&mut self, write: &Write) {
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
                if let Some(link) = at.and_then(LinkId::at) {
                    let known = self.received.entry(serial_key(&row.serial)).or_default();
                    let one = Known { link, index: *index, admitted: row.verdict == Verdict::Admitted };
                    // A row that changes later, as by an acknowledgement, is the same report.
                    if let Some(same) = known.iter_mut().find(|known| known.link == link && known.index == *index) {
                        *same = one;
                    } else {
                        known.retain(|known| known.link != link || known.admitted);
                        known.push(one);
                    }
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
            let one = Spent { link, index, plaintext: row.plaintext, stands };
            match spent.iter_mut().find(|known| known.link == link) {
                Some(same) => *same = one,
                None => spent.push(one),
            }
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

fn keep(times: &mut BTreeMap<u64, u64>, index: u64, time: u64) {
    times.insert(index, time);
    while times.len() > TIMES {
        times.pop_first();
    }
}
