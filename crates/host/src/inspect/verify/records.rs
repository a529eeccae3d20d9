//! The rows beside the logs against the leaves: nobody can take a row out of the database, or turn a verdict in it,
//! without a leaf or the journal that says otherwise. API-22
//!
//! From our leaves: each Released has its payload, its private detail, an outbox row and a submission; each Outcome an
//! inbox row that says the same. From the partner's: each Released or Statement has an inbox row with our Outcome, or
//! an awaited row. Rows that no leaf asks for are counted out. The journal knows every submission that it refused, held,
//! queued or saw declined.

use super::{
    log::Log,
    parts,
    words::{Second, Word, Words, named},
};
use crate::inspect::{
    Damage, Inspection,
    records::{Kind, Records},
};
use relto_audit::{
    leaf::{Leaf, Outcome, Released, Statement, Verdict},
    origin::Origin,
    tree::leaf_hash,
    verify::MAX_FAULTS,
};
use relto_exchange::{
    journal::Entry,
    rows::{About, Awaited, Inbox, Outbox, Stage, Submission, SubmissionState},
};
use relto_report::digest::Digest;
use std::collections::{BTreeMap, BTreeSet};

/// Both logs of one agreement.
pub struct Link<'a> {
    /// Id of the agreement.
    pub agreement: &'a str,
    /// Ours.
    pub own: &'a Log,
    /// Our copy of the partner's.
    pub partner: &'a Log,
}

/// What was found.
#[derive(Default)]
pub struct Found {
    /// Rows of reports of ours.
    pub outbox: u64,
    /// Of the partner's that have their answer.
    pub inbox: u64,
    /// Of the partner's that wait.
    pub awaited: u64,
    /// Submissions of our people.
    pub submissions: u64,
    /// The first of them, in words.
    pub faults: Vec<String>,
    /// All of them.
    pub fault_count: u64,
}

impl Found {
    fn fault(&mut self, what: String) {
        if self.faults.len() < MAX_FAULTS {
            self.faults.push(what);
        }
        self.fault_count += 1;
    }
}

/// Verifies the rows of all links and all submissions.
#[must_use]
pub fn verify(store: &Inspection, links: &[Link<'_>], journal: Origin) -> Found {
    let mut run = Run { store, links, found: Found::default() };
    for link in links {
        let end = Ours::new(&mut run, link).pages();
        run.end(end);
        let end = run.partner_log(link);
        run.end(end);
    }
    let end = run.submissions(journal);
    run.end(end);
    let partners: Vec<(&str, Origin)> = links.iter().map(|link| (&*link.partner.name, link.partner.origin)).collect();
    match parts::spare(store, &partners) {
        Ok(spare) => spare.into_iter().for_each(|what| run.found.fault(what)),
        Err(damage) => run.end(Err(damage)),
    }
    run.found
}

struct Run<'a> {
    store: &'a Inspection,
    links: &'a [Link<'a>],
    found: Found,
}

impl Run<'_> {
    fn end(&mut self, end: Result<(), Damage>) {
        if let Err(damage) = end {
            self.found.fault(format!("{damage}. The rows behind it were not compared"));
        }
    }

    /// Takes the row of a leaf out of its page; a damaged one is told.
    fn take<T>(&mut self, rows: &mut Records<T>, index: u64, what: &str) -> Option<T> {
        match rows.remove(&index)? {
            Ok(row) => Some(row),
            Err(damage) => {
                self.found.fault(format!("{what}: {damage}"));
                None
            }
        }
    }

    /// Rows that no leaf asks for.
    fn spare(&mut self, kind: Kind, log: &Log, matched: u64, what: &str) -> Result<(), Damage> {
        let spare = self.store.count(kind, log.origin)?.saturating_sub(matched);
        if spare > 0 {
            self.found.fault(format!("{spare} rows of the {what} of {} belong to no leaf", log.name));
        }
        Ok(())
    }

    /// The Outcome at an index of a log, if one stands there.
    fn outcome(&self, log: Origin, index: u64) -> Result<Option<Outcome>, Damage> {
        Ok(match self.store.leaf(log, index)?.map(|stored| Leaf::decode(&stored)) {
            Some(Ok(Leaf::Outcome(outcome))) => Some(outcome),
            _ => None,
        })
    }

    /// Whether the leaf at `at` is a Statement about the other log's leaf at `index`.
    fn is_about(&self, log: Origin, at: u64, index: u64) -> Result<bool, Damage> {
        let leaf = self.store.leaf(log, at)?.map(|stored| Leaf::decode(&stored));
        Ok(matches!(leaf, Some(Ok(Leaf::Statement(Statement { subject: Some((_, of)), .. }))) if of == index))
    }

    /// Each leaf of the partner that obliges a receipt has one, or is awaited.
    fn partner_log(&mut self, link: &Link<'_>) -> Result<(), Damage> {
        let log = link.partner;
        let (mut next, mut inbox_rows, mut awaited_rows) = (0, 0, 0);
        loop {
            let page = self.store.leaves(log.origin, next)?;
            let Some((last, _)) = page.last() else { break };
            let mut inbox = self.store.inbox(log.origin, next, *last)?;
            let mut awaited = self.store.awaited(log.origin, next, *last)?;
            let payloads: BTreeSet<u64> =
                self.store.indexes(Kind::Payload, log.origin, next, *last)?.into_iter().collect();
            for (index, stored) in &page {
                let (released, statement) = match Leaf::decode(stored) {
                    Ok(Leaf::Released(released)) => (released, None),
                    Ok(Leaf::Statement(Statement { released, form, subject })) => {
                        (released, Some(About { form, subject }))
                    }
                    Ok(Leaf::Outcome(outcome)) => {
                        self.receipt(link, *index, &outcome)?;
                        continue;
                    }
                    Ok(_) | Err(_) => continue,
                };
                let (read, waits) = (inbox.contains_key(index), awaited.contains_key(index));
                inbox_rows += u64::from(read);
                awaited_rows += u64::from(waits);
                let leaf = Obliging { index: *index, hash: leaf_hash(stored), released: &released, statement };
                let name = format!("{}:{index}", log.name);
                match (read, waits) {
                    (false, false) => {
                        let what = "neither an inbox row nor an awaited row: a row was taken out";
                        self.found.fault(format!("leaf {name} obliges a receipt and has {what}"));
                    }
                    (true, true) => self.found.fault(format!("leaf {name} has an inbox row and is awaited too")),
                    (true, false) => {
                        if let Some(row) = self.take(&mut inbox, *index, &format!("inbox row of {name}")) {
                            self.inbox_row(link, &leaf, &row, payloads.contains(index))?;
                        }
                    }
                    (false, true) => {
                        if let Some(row) = self.take(&mut awaited, *index, &format!("awaited row of {name}")) {
                            self.awaited_row(link, &leaf, &row)?;
                        }
                    }
                }
            }
            next = last.saturating_add(1);
        }
        self.found.inbox += inbox_rows;
        self.found.awaited += awaited_rows;
        self.spare(Kind::Inbox, log, inbox_rows, "inbox")?;
        self.spare(Kind::Awaited, log, awaited_rows, "awaited rows")
    }

    /// The row says what our own Outcome leaf says, and what was admitted or locked away is there.
    fn inbox_row(
        &mut self,
        link: &Link<'_>,
        leaf: &Obliging<'_>,
        row: &Inbox,
        has_payload: bool,
    ) -> Result<(), Damage> {
        let name = format!("inbox row of {}:{}", link.partner.name, leaf.index);
        let receipt = format!("{}:{}", link.own.name, row.outcome);
        match self.outcome(link.own.origin, row.outcome)? {
            Some(outcome) if outcome.index == leaf.index && outcome.leaf == leaf.hash => {
                if (outcome.verdict, outcome.codes) != (row.verdict, row.codes) {
                    let (said, says) = (outcome.verdict.word(), row.verdict.word());
                    self.found
                        .fault(format!("{name}: it says {says}, the receipt {receipt} says {said}, or other codes"));
                }
                if row.time > outcome.time {
                    self.found.fault(format!("{name}: it is later than the receipt {receipt}"));
                }
            }
            _ => self.found.fault(format!("{name}: our leaf {receipt} is not its receipt")),
        }
        if (row.precedence, row.length) != (leaf.released.precedence, leaf.released.length) {
            self.found.fault(format!("{name}: precedence or length is not the leaf's"));
        }
        let refused = row.verdict == Verdict::Refused;
        if (refused || row.statement.is_some()) != row.serial.is_empty() {
            self.found.fault(format!("{name}: a serial is kept of every report but a refused one"));
        }
        if row.statement != leaf.statement {
            self.found.fault(format!("{name}: it is of another act than its leaf"));
        }
        if let Some(at) = row.acknowledged
            && !self.is_about(link.own.origin, at, leaf.index)?
        {
            self.found.fault(format!("{name}: our leaf {}:{at} does not acknowledge it", link.own.name));
        }
        match (refused, has_payload) {
            (false, false) => {
                let word = row.verdict.word();
                self.found.fault(format!("{name}: the report was {word} and its payload is missing"));
            }
            (true, true) => self.found.fault(format!("{name}: the report was refused and its payload is kept")),
            (true, false) | (false, true) => {}
        }
        Ok(())
    }

    fn awaited_row(&mut self, link: &Link<'_>, leaf: &Obliging<'_>, row: &Awaited) -> Result<(), Damage> {
        let name = format!("awaited row of {}:{}", link.partner.name, leaf.index);
        let released = leaf.released;
        let same = row.leaf == leaf.hash
            && row.commitment == released.commitment
            && row.agreement == released.agreement
            && row.seen == released.seen
            && (row.length, row.time, row.precedence) == (released.length, released.time, released.precedence);
        if !same {
            self.found.fault(format!("{name}: it is not of this leaf"));
        }
        let spooled = self.store.spooled(link.partner.origin, leaf.index)?;
        if spooled != row.spooled {
            self.found.fault(format!("{name}: {} bytes are in the spool, it says {}", spooled, row.spooled));
        }
        Ok(())
    }

    /// The partner's receipt closed our row.
    fn receipt(&mut self, link: &Link<'_>, at: u64, outcome: &Outcome) -> Result<(), Damage> {
        let index = outcome.index;
        // A row that is missing or does not decode is told where our own leaf is looked at; so is a wrong hash.
        let rows = self.store.outbox(link.own.origin, index, index)?;
        let Some(Ok(row)) = rows.get(&index) else { return Ok(()) };
        let closed = matches!(row.stage, Stage::Resolved { outcome, .. } if outcome <= at);
        if row.leaf == outcome.leaf && !closed {
            let (own, partner) = (&link.own.name, &link.partner.name);
            self.found.fault(format!("outbox row of {own}:{index}: the receipt {partner}:{at} is not in it"));
        }
        Ok(())
    }

    /// Every submission stands where it says, and every one that the journal knows is there.
    fn submissions(&mut self, journal: Origin) -> Result<(), Damage> {
        let mut words = self.words(journal)?;
        let (mut after, mut drafts) = ([0; 16], 0);
        loop {
            let page = self.store.submissions(after)?;
            let Some((last, _)) = page.last() else { break };
            after = *last;
            for (id, row) in page {
                self.found.submissions += 1;
                let said = words.remove(&id).unwrap_or_default();
                match row {
                    Ok(row) => drafts += u64::from(self.submission(&id, &row, &said)?),
                    Err(damage) => self.found.fault(format!("submission {}: {damage}", name_of(&id))),
                }
            }
        }
        for id in words.keys() {
            self.found.fault(format!("submission {}: the journal knows it and its row is missing", name_of(id)));
        }
        let spare = self.store.drafts()?.saturating_sub(drafts);
        if spare > 0 {
            self.found.fault(format!("{spare} drafts are of no submission that is held or queued"));
        }
        Ok(())
    }

    /// Whether the submission has a draft.
    fn submission(&mut self, id: &[u8; 16], row: &Submission, said: &Words) -> Result<bool, Damage> {
        let name = format!("submission {}", name_of(id));
        let draft = self.store.has_draft(id)?;
        let waits = matches!(row.state, SubmissionState::Held(_) | SubmissionState::Queued(_));
        if draft != waits {
            let what = if waits { "it waits and its draft is missing" } else { "it does not wait and has a draft" };
            self.found.fault(format!("{name}: {what}"));
        }
        let journalled = match (&row.state, &said.last) {
            (SubmissionState::Refused(_), Some(Word::Refused(signed))) => {
                signed.is_none_or(|signed| signed == row.signed)
            }
            (SubmissionState::Declined { officer, .. }, Some(Word::Declined(by))) => officer == by,
            (SubmissionState::Held(_) | SubmissionState::Queued(_), Some(Word::Open)) => true,
            (SubmissionState::Released(_), None | Some(Word::Open)) => true,
            _ => false,
        };
        if !journalled {
            self.found.fault(format!("{name}: its standing is not the journal's"));
        }
        if !matches!((&row.state, &said.second), (SubmissionState::Released(_), _) | (_, Second::NotOwed)) {
            self.found.fault(format!("{name}: it was released in an emergency by the journal, and not by its row"));
        }
        if let SubmissionState::Released(index) = row.state {
            let link = self.links.iter().find(|link| link.agreement == row.agreement);
            let rows = link.map(|link| self.store.outbox(link.own.origin, index, index)).transpose()?;
            let is_its =
                |sent: &Outbox| sent.submission == *id && sent.account == row.account && sent.serial == row.serial;
            let row = rows.as_ref().and_then(|rows| rows.get(&index)).and_then(|row| row.as_ref().ok());
            match row.filter(|row| is_its(row)) {
                Some(row) if !said.second.is(&row.confirmation) => {
                    self.found.fault(format!("{name}: a second officer's word in its outbox row is not the journal's"));
                }
                Some(_) => {}
                None => self.found.fault(format!("{name}: no outbox row says that it was released as leaf {index}")),
            }
        }
        Ok(draft)
    }

    /// What the journal says of each submission that it names.
    fn words(&self, journal: Origin) -> Result<BTreeMap<[u8; 16], Words>, Damage> {
        let mut out: BTreeMap<[u8; 16], Words> = BTreeMap::new();
        let mut next = 0;
        loop {
            let page = self.store.entries(journal, next)?;
            let Some((last, _)) = page.last() else { return Ok(out) };
            next = last.saturating_add(1);
            for entry in page.iter().filter_map(|(_, stored)| Entry::decode(stored).ok()) {
                if let Some(id) = named(&entry.act) {
                    out.entry(id).or_default().hear(entry.act);
                }
            }
        }
    }
}

/// A leaf of the partner that obliges a receipt.
struct Obliging<'a> {
    index: u64,
    hash: Digest,
    released: &'a Released,
    statement: Option<About>,
}

/// The pass over our own log.
struct Ours<'r, 'a, 'l> {
    run: &'r mut Run<'a>,
    link: &'l Link<'l>,
    rows: u64,
    /// Leaves whose payload or detail is not there; an Erased leaf may say why.
    missing: Vec<(u64, &'static str)>,
    erased: Vec<(u64, u64)>,
    /// Rows that say Withdrawn; the leaf comes later in the log.
    withdrawn: BTreeMap<u64, bool>,
}

impl<'r, 'a, 'l> Ours<'r, 'a, 'l> {
    const fn new(run: &'r mut Run<'a>, link: &'l Link<'l>) -> Self {
        Self { run, link, rows: 0, missing: Vec::new(), erased: Vec::new(), withdrawn: BTreeMap::new() }
    }

    fn pages(mut self) -> Result<(), Damage> {
        let log = self.link.own;
        let mut next = 0;
        loop {
            let page = self.run.store.leaves(log.origin, next)?;
            let Some((last, _)) = page.last() else { break };
            let mut outbox = self.run.store.outbox(log.origin, next, *last)?;
            let held = |kind| self.run.store.indexes(kind, log.origin, next, *last);
            let (payloads, details) = (held(Kind::Payload)?, held(Kind::Detail)?);
            for (index, stored) in &page {
                match Leaf::decode(stored) {
                    Ok(Leaf::Released(leaf)) => {
                        self.sent(*index, stored, &leaf, None, (&payloads, &details), &mut outbox)?;
                    }
                    Ok(Leaf::Statement(Statement { released, form, subject })) => {
                        let about = Some(About { form, subject });
                        self.sent(*index, stored, &released, about, (&payloads, &details), &mut outbox)?;
                    }
                    Ok(Leaf::Outcome(outcome)) => self.outcome(*index, &outcome)?,
                    Ok(Leaf::Withdrawn { index: of, maybe, .. }) => self.withdrawn(of, maybe)?,
                    Ok(Leaf::Erased { range, .. }) => self.erased.push(range),
                    Ok(_) | Err(_) => {}
                }
            }
            next = last.saturating_add(1);
        }
        self.finish()
    }

    /// A report of ours, or a Statement: its payload, its detail and its row.
    fn sent(
        &mut self,
        index: u64,
        stored: &[u8],
        leaf: &Released,
        statement: Option<About>,
        (payloads, details): (&[u64], &[u64]),
        outbox: &mut Records<Outbox>,
    ) -> Result<(), Damage> {
        for (what, there) in [("payload", payloads), ("private detail", details)] {
            if there.binary_search(&index).is_err() {
                self.missing.push((index, what));
            }
        }
        self.released(index, leaf_hash(stored), (leaf, statement), outbox)
    }

    fn released(
        &mut self,
        index: u64,
        hash: Digest,
        (leaf, statement): (&Released, Option<About>),
        outbox: &mut Records<Outbox>,
    ) -> Result<(), Damage> {
        let name = format!("{}:{index}", self.link.own.name);
        if !outbox.contains_key(&index) {
            self.run.found.fault(format!("leaf {name} is a release and has no outbox row: it was taken out"));
            return Ok(());
        }
        self.rows += 1;
        let name = format!("outbox row of {name}");
        let Some(row) = self.run.take(outbox, index, &name) else { return Ok(()) };
        if row.leaf != hash || (row.length, row.time, row.precedence) != (leaf.length, leaf.time, leaf.precedence) {
            self.run.found.fault(format!("{name}: it is not of this leaf"));
        }
        if row.statement != statement {
            self.run.found.fault(format!("{name}: it is of another act than its leaf"));
        }
        if let Some(said) = &row.acknowledged
            && !self.run.is_about(self.link.partner.origin, said.statement, index)?
        {
            let at = format!("{}:{}", self.link.partner.name, said.statement);
            self.run.found.fault(format!("{name}: the partner's leaf {at} does not acknowledge it"));
        }
        match row.stage {
            Stage::Released => {}
            Stage::Withdrawn { maybe } => {
                self.withdrawn.insert(index, maybe);
            }
            Stage::Resolved { outcome, verdict, codes, time } => {
                let receipt = self.run.outcome(self.link.partner.origin, outcome)?;
                let same = receipt.is_some_and(|leaf| {
                    (leaf.index, leaf.leaf) == (index, hash)
                        && (leaf.verdict, leaf.codes, leaf.time) == (verdict, codes, time)
                });
                if !same {
                    let at = format!("{}:{outcome}", self.link.partner.name);
                    self.run.found.fault(format!("{name}: the partner's leaf {at} does not say what it says"));
                }
            }
        }
        let submission = match self.run.store.submission(&row.submission) {
            Ok(submission) => submission,
            Err(Damage::Undecodable) => return Ok(()),
            Err(damage) => return Err(damage),
        };
        let is_its = |one: &Submission| {
            one.state == SubmissionState::Released(index)
                && one.agreement == self.link.agreement
                && (&one.account, &one.serial) == (&row.account, &row.serial)
        };
        if !submission.is_some_and(|one| is_its(&one)) {
            let id = name_of(&row.submission);
            self.run.found.fault(format!("{name}: submission {id} is missing, or does not say that it was released"));
        }
        Ok(())
    }

    /// Our receipt stands in the inbox row of what it answers.
    fn outcome(&mut self, at: u64, outcome: &Outcome) -> Result<(), Damage> {
        let index = outcome.index;
        let rows = self.run.store.inbox(self.link.partner.origin, index, index)?;
        // A damaged row is told where the partner's leaf is looked at.
        if !rows.get(&index).is_some_and(|row| row.as_ref().map_or(true, |row| row.outcome == at)) {
            let (own, partner) = (&self.link.own.name, &self.link.partner.name);
            self.run.found.fault(format!("our receipt {own}:{at} has no inbox row of {partner}:{index}"));
        }
        Ok(())
    }

    fn withdrawn(&mut self, index: u64, maybe: bool) -> Result<(), Damage> {
        if self.withdrawn.remove(&index) == Some(maybe) {
            return Ok(());
        }
        let rows = self.run.store.outbox(self.link.own.origin, index, index)?;
        let answered = matches!(rows.get(&index), Some(Ok(Outbox { stage: Stage::Resolved { .. }, .. })));
        if !answered {
            let name = &self.link.own.name;
            self.run.found.fault(format!("outbox row of {name}:{index}: it does not say that the leaf was withdrawn"));
        }
        Ok(())
    }

    fn finish(self) -> Result<(), Damage> {
        let Self { run, link, rows, missing, erased, withdrawn } = self;
        let name = &link.own.name;
        for (index, what) in missing {
            if !erased.iter().any(|(first, last)| (first..=last).contains(&&index)) {
                run.found
                    .fault(format!("{what} of leaf {name}:{index} is missing, and no leaf says that it was erased"));
            }
        }
        for index in withdrawn.keys() {
            run.found.fault(format!("outbox row of {name}:{index}: it says withdrawn, and no leaf does"));
        }
        run.found.outbox += rows;
        run.spare(Kind::Outbox, link.own, rows, "outbox")
    }
}

/// A submission's id as the client writes it.
fn name_of(id: &[u8; 16]) -> String {
    uuid::Uuid::from_bytes(*id).to_string()
}
