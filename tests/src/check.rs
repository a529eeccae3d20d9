//! What must hold after every step, whatever happened before it.

use crate::{
    fixture::{CANARY, NATIONAL_CANARIES, Side, marker},
    node::Node,
    pair::{ID_MARK, Pair},
};
use relto_audit::{
    checkpoint::{Checkpoint, SignedCheckpoint},
    commitment::{commit_anchor, commit_detail},
    leaf::{Leaf, Verdict},
    origin::Origin,
    tree::{Frontier, leaf_hash},
    verify::{LogVerifier, What},
};
use relto_exchange::{
    journal::{self, Act, Entry},
    limits::LONG,
    out::Answer,
    parts::InParts,
    rows::{Inbox, Outbox, Stage, Submission, SubmissionState},
    store::{Key, Reader, Row, one},
    wire::frame::{Decoder, Incoming},
};
use relto_policy::ground::causes;
use relto_report::{
    codec,
    crypto::PublicKey,
    signed::{AuthorStatement, MAX_STATEMENT, home_digest},
};
use std::collections::{BTreeMap, BTreeSet};

/// Everything that can be said of two nodes from what is on their disks.
///
/// # Panics
/// At the first thing that does not hold.
pub fn check_all(pair: &Pair) {
    check(pair, logs);
    // One that has ended holds what it could not write, and is recovered.
    for node in pair.nodes.iter().filter(|node| node.ended.is_none()) {
        recalls(node);
    }
}

/// What a node holds in memory is what it would hold after a restart on its rows.
fn recalls(node: &Node) {
    if let Some([held, recovered]) = node.exchange.differs_from(node.reader()).unwrap() {
        let at = held.bytes().zip(recovered.bytes()).take_while(|(one, other)| one == other).count();
        let near =
            |text: &str| text.get(at.saturating_sub(200)..).unwrap_or(text).chars().take(600).collect::<String>();
        panic!("memory is not what the rows say:\n{}\n{}", near(&held), near(&recovered));
    }
}

/// As [`check_all`], after one step: without the signatures of checkpoints that have not changed, and payloads.
///
/// # Panics
/// At the first thing that does not hold.
pub fn check_step(pair: &Pair) {
    check(pair, heads);
}

fn check(pair: &Pair, logs: fn(&Node, &Rows)) {
    let views = [Rows::of(&pair.nodes[0]), Rows::of(&pair.nodes[1])];
    for (side, node) in pair.nodes.iter().enumerate() {
        let (own, other) = (&views[side], &views[1 - side]);
        logs(node, own);
        assert!(own.theirs.len() <= other.mine.len(), "{side} holds more leaves than its partner has");
        assert!(other.mine.starts_with(&own.theirs), "{side} holds other leaves than its partner has");
        journal(side, node, own);
        outbox(side, node, own);
        inbox(side, node, own);
        submissions(pair, side, own);
    }
}

/// The rows of one node that the checks look at.
struct Rows {
    mine: Vec<Vec<u8>>,
    theirs: Vec<Vec<u8>>,
    outbox: BTreeMap<u64, Outbox>,
    inbox: BTreeMap<u64, Inbox>,
    awaited: BTreeSet<u64>,
}

impl Rows {
    fn of(node: &Node) -> Self {
        let (reader, link) = (node.reader(), &node.links[0]);
        let outbox = scan(reader, |at| Key::Outbox(link.mine(), at)).into_iter().map(|(at, row)| match row {
            Row::Outbox(row) => (at, row),
            other => panic!("{other:?} in the outbox"),
        });
        let inbox = scan(reader, |at| Key::Inbox(link.theirs(), at)).into_iter().map(|(at, row)| match row {
            Row::Inbox(row) => (at, row),
            other => panic!("{other:?} in the inbox"),
        });
        Self {
            mine: leaves(reader, link.mine()),
            theirs: leaves(reader, link.theirs()),
            outbox: outbox.collect(),
            inbox: inbox.collect(),
            awaited: scan(reader, |at| Key::Awaited(link.theirs(), at)).into_keys().collect(),
        }
    }
}

fn scan(reader: &dyn Reader, key: impl Fn(u64) -> Key) -> BTreeMap<u64, Row> {
    let rows = reader.scan(&key(0), &key(u64::MAX), usize::MAX).unwrap();
    let index = |key: &Key| match key {
        Key::Leaf(_, at)
        | Key::Entry(_, at)
        | Key::Checkpoint(_, at)
        | Key::Payload(_, at)
        | Key::Detail(_, at)
        | Key::Home(_, at)
        | Key::Outbox(_, at)
        | Key::Awaited(_, at)
        | Key::Spool(_, at, _)
        | Key::Inbox(_, at) => *at,
        Key::Submission(_)
        | Key::Draft(_)
        | Key::DraftBody(_)
        | Key::DraftHome(_)
        | Key::Upload(_)
        | Key::Part(..)
        | Key::Subtree(..)
        | Key::HeadWrite
        | Key::Serial(_)
        | Key::SerialSalt
        | Key::Fold(_) => 0,
    };
    rows.into_iter().map(|(key, row)| (index(&key), row)).collect()
}

/// The whole payload of a leaf, whose attachments may stand in parts.
///
/// # Panics
/// Where a part is missing.
#[must_use]
pub fn stored_payload(reader: &dyn Reader, log: Origin, index: u64) -> Option<Vec<u8>> {
    let stored = bytes(one(reader, &Key::Payload(log, index)).unwrap()?);
    let whole = match one(reader, &Key::Outbox(log, index)).unwrap() {
        Some(Row::Outbox(row)) => (row.length, in_parts(&row, &stored)),
        _ => {
            let Some(Row::Inbox(row)) = one(reader, &Key::Inbox(log, index)).unwrap() else {
                panic!("no row of {index}")
            };
            let mut parts = InParts::spooled(log, index);
            if u64::try_from(stored.len()).unwrap() == row.length {
                parts.lead = stored;
            }
            (row.length, parts)
        }
    };
    let (length, parts) = whole;
    let mut out = vec![0; usize::try_from(length).unwrap()];
    assert!(parts.read_at(reader, 0, &mut out).unwrap(), "a part of {index} is missing");
    Some(out)
}

/// Where the bytes of a payload of ours stand that has this row.
fn in_parts(row: &Outbox, stored: &[u8]) -> InParts {
    InParts::uploaded(row.submission, stored.to_vec())
}

fn bytes(row: Row) -> Vec<u8> {
    match row {
        Row::Bytes(bytes) => bytes,
        other => panic!("{other:?} where bytes must stand"),
    }
}

/// The leaves of a log, which must be without a gap.
pub fn leaves(reader: &dyn Reader, log: Origin) -> Vec<Vec<u8>> {
    let rows = scan(reader, |at| Key::Leaf(log, at));
    assert_eq!(rows.keys().next_back().map_or(0, |last| last + 1), u64::try_from(rows.len()).unwrap(), "a gap");
    rows.into_values().map(bytes).collect()
}

/// The entries of the journal, which must be without a gap.
pub fn entries(reader: &dyn Reader, journal: Origin) -> Vec<Vec<u8>> {
    let rows = scan(reader, |at| Key::Entry(journal, at));
    assert_eq!(rows.keys().next_back().map_or(0, |last| last + 1), u64::try_from(rows.len()).unwrap(), "a gap");
    rows.into_values().map(bytes).collect()
}

/// Each log verifies as an auditor verifies it, with the head file's newest head as a witness.
fn logs(node: &Node, rows: &Rows) {
    let (reader, link) = (node.reader(), &node.links[0]);
    let heads = node.disk.heads();
    let journal = journal::origin(link.own, 0);
    let entries = entries(reader, journal);
    for (log, key, leaves, decodes) in [
        (link.mine(), link.own_key, &rows.mine, true),
        (link.theirs(), link.partner_key, &rows.theirs, true),
        (journal, link.own_key, &entries, false),
    ] {
        let mut verifier = if decodes { LogVerifier::new(log, key) } else { LogVerifier::journal(log, key) };
        if let Some(note) = heads.get(&log) {
            verifier.checkpoint(Checkpoint::parse_unverified(note).unwrap().size, note);
        }
        for (size, note) in scan(reader, |at| Key::Checkpoint(log, at)) {
            verifier.checkpoint(size, &bytes(note));
        }
        for (at, leaf) in (0..).zip(leaves) {
            verifier.leaf(at, leaf);
        }
        if decodes {
            for (at, payload) in scan(reader, |at| Key::Payload(log, at)) {
                drop(payload);
                verifier.payload(at, &stored_payload(reader, log, at).unwrap());
            }
        }
        let verdict = verifier.finish();
        // Between the first commit and its seal a log has no head yet.
        let unsigned = |what: &What| matches!(what, What::NoCheckpoint) && !heads.contains_key(&log);
        let faults: Vec<String> =
            verdict.faults.iter().filter(|fault| !unsigned(&fault.what)).map(ToString::to_string).collect();
        assert!(faults.is_empty(), "{} {log}: {faults:?}", node.side);
    }
}

/// The newest heads are over exactly the leaves that are stored.
fn heads(node: &Node, rows: &Rows) {
    let (reader, link) = (node.reader(), &node.links[0]);
    let heads = node.disk.heads();
    let journal = journal::origin(link.own, 0);
    let entries = entries(reader, journal);
    for (log, leaves) in [(link.mine(), &rows.mine), (link.theirs(), &rows.theirs), (journal, &entries)] {
        let stored = scan(reader, |at| Key::Checkpoint(log, at)).into_values().next_back().map(bytes);
        let notes = heads.get(&log).cloned().into_iter().chain(stored);
        let signed: BTreeMap<u64, _> =
            notes.map(|note| Checkpoint::parse_unverified(&note).unwrap()).map(|head| (head.size, head.root)).collect();
        let mut frontier = Frontier::new();
        for (at, leaf) in (1_u64..).zip(leaves) {
            frontier.push(leaf);
            if let Some(root) = signed.get(&at) {
                assert_eq!(*root, frontier.root(), "{} {log}: head of size {at}", node.side);
            }
        }
        let newest = signed.keys().next_back().copied().unwrap_or_default();
        assert!(newest <= frontier.size(), "{} {log}: a head of {newest} leaves that are not there", node.side);
    }
}

/// Every entry decodes, and every Anchor opens to the journal as it was.
fn journal(side: Side, node: &Node, rows: &Rows) {
    let link = &node.links[0];
    let origin = journal::origin(link.own, 0);
    let mut frontier = Frontier::new();
    let mut roots = vec![frontier.root()];
    let mut opened = BTreeSet::new();
    for bytes in entries(node.reader(), origin) {
        frontier.push(&bytes);
        roots.push(frontier.root());
        let entry = Entry::decode(&bytes).unwrap_or_else(|fault| panic!("{side}: an entry of the journal: {fault}"));
        if let Act::Anchored { log, index, size, salt } = entry.act {
            assert_eq!(log, link.mine());
            let root = roots[usize::try_from(size).unwrap()];
            let commitment = commit_anchor(&salt, origin, size, &root);
            let leaf = Leaf::decode(&rows.mine[usize::try_from(index).unwrap()]).unwrap();
            assert!(matches!(leaf, Leaf::Anchor { commitment: stands, .. } if stands == commitment), "{side}: {index}");
            opened.insert(index);
        }
    }
    let anchors = (0..).zip(&rows.mine).filter(|(_, leaf)| matches!(Leaf::decode(leaf), Ok(Leaf::Anchor { .. })));
    assert_eq!(anchors.map(|(at, _)| at).collect::<BTreeSet<u64>>(), opened, "{side}: Anchors and what opens them");
}

/// A row for every Released leaf, a leaf for every row, and one Outcome for every resolved one.
fn outbox(side: Side, node: &Node, rows: &Rows) {
    let (reader, mine) = (node.reader(), node.links[0].mine());
    let released: BTreeSet<u64> = released(&rows.mine).collect();
    assert_eq!(released, rows.outbox.keys().copied().collect(), "{side}: Released leaves and outbox rows");
    let mut submissions = BTreeSet::new();
    let mut salts = BTreeSet::new();
    for (at, row) in &rows.outbox {
        let stored = &rows.mine[usize::try_from(*at).unwrap()];
        let (leaf, is_report) = match Leaf::decode(stored) {
            Ok(Leaf::Released(leaf)) => (leaf, true),
            Ok(Leaf::Statement(statement)) => (statement.released, false),
            other => panic!("{side}: leaf {at} has an outbox row and is {other:?}"),
        };
        assert_eq!(row.statement.is_none(), is_report, "{side}: outbox row {at}");
        assert_eq!(row.leaf, leaf_hash(stored), "{side}: outbox row {at}");
        assert_eq!((row.length, row.time, row.precedence), (leaf.length, leaf.time, leaf.precedence));
        assert!(submissions.insert(row.submission), "{side}: one submission was released twice");
        let Some(Row::Detail(detail)) = one(reader, &Key::Detail(mine, *at)).unwrap() else {
            panic!("{side}: leaf {at} has no detail")
        };
        assert_eq!(leaf.detail, commit_detail(mine, *at, &detail.salt, &codec::encode(&detail)));
        if is_report {
            let statement: AuthorStatement = codec::decode::<_, MAX_STATEMENT>(&detail.author).unwrap();
            let home = one(reader, &Key::Home(mine, *at)).unwrap().map(bytes).unwrap_or_default();
            assert_eq!(statement.home, home_digest(Some(&home)), "{side}: the home file of leaf {at}");
        }
        let payload = one(reader, &Key::Payload(mine, *at)).unwrap().map(bytes);
        let payload = payload.unwrap_or_else(|| panic!("{side}: leaf {at} has no payload"));
        assert!(salts.insert(payload[..32].to_vec()) && salts.insert(detail.salt.to_vec()), "{side}: a salt twice");
        if let Stage::Resolved { outcome, verdict, codes, .. } = row.stage {
            let leaf = Leaf::decode(&rows.theirs[usize::try_from(outcome).unwrap()]).unwrap();
            let Leaf::Outcome(leaf) = leaf else { panic!("{side}: {at} is resolved by no Outcome") };
            assert_eq!((leaf.index, leaf.leaf), (*at, row.leaf));
            assert_eq!((leaf.verdict, leaf.codes), (verdict, codes));
            assert!(row.exposed || verdict == Verdict::Refused, "{side}: {at} was answered before it left");
        }
    }
}

/// One of awaited and decided for every leaf that obliges, and an Outcome leaf for everything decided.
fn inbox(side: Side, node: &Node, rows: &Rows) {
    let reader = node.reader();
    let theirs = node.links[0].theirs();
    let obliging = rows.theirs.iter().zip(0..).filter_map(|(leaf, at)| {
        matches!(Leaf::decode(leaf), Ok(Leaf::Released(_) | Leaf::Statement(_))).then_some(at)
    });
    let obliging: BTreeSet<u64> = obliging.collect();
    let decided: BTreeSet<u64> = rows.inbox.keys().copied().collect();
    assert!(decided.is_disjoint(&rows.awaited), "{side}: decided and still awaited");
    assert_eq!(obliging, &decided | &rows.awaited, "{side}: followed leaves that oblige");
    let mut outcomes = BTreeMap::new();
    for (at, leaf) in (0_u64..).zip(&rows.mine) {
        if let Ok(Leaf::Outcome(leaf)) = Leaf::decode(leaf) {
            assert!(outcomes.insert(leaf.index, (at, leaf)).is_none(), "{side}: two Outcomes for one leaf");
        }
    }
    assert_eq!(decided, outcomes.keys().copied().collect(), "{side}: Outcome leaves and inbox rows");
    for (at, row) in &rows.inbox {
        let (outcome, leaf) = &outcomes[at];
        assert_eq!((row.outcome, row.verdict, row.codes), (*outcome, leaf.verdict, leaf.codes));
        assert_eq!(leaf.leaf, leaf_hash(&rows.theirs[usize::try_from(*at).unwrap()]));
        assert!(leaf.seen.size > *at, "{side}: the head that the Outcome names does not cover the leaf");
        let kept = one(reader, &Key::Payload(theirs, *at)).unwrap().is_some();
        assert_eq!(kept, row.verdict != Verdict::Refused, "{side}: payload {at}");
    }
    let spooled = reader.scan(&Key::Spool(theirs, 0, 0), &Key::Spool(theirs, u64::MAX, u64::MAX), usize::MAX).unwrap();
    for (key, _) in spooled {
        let Key::Spool(_, at, _) = key else { panic!("{key:?} in the spool") };
        // A long payload that is kept stands there.
        let kept = rows.inbox.get(&at).is_some_and(|row| row.verdict != Verdict::Refused && row.length > LONG);
        assert!(rows.awaited.contains(&at) || kept, "{side}: a piece of {at} is left in the spool");
    }
}

/// Every submission has one state, and what the state says is so.
fn submissions(pair: &Pair, side: Side, rows: &Rows) {
    let reader = pair.nodes[side].reader();
    let stored = reader.scan(&Key::Submission([0; 16]), &Key::Submission([0xff; 16]), usize::MAX).unwrap();
    let mut states = BTreeMap::new();
    for (key, row) in stored {
        let (Key::Submission(id), Row::Submission(row)) = (key, row) else { panic!("not a submission") };
        states.insert(id, row);
    }
    for (id, row) in &states {
        let draft = one(reader, &Key::Draft(*id)).unwrap().is_some();
        let waits = matches!(row.state, SubmissionState::Held(_) | SubmissionState::Queued(_));
        assert_eq!(draft, waits, "{side}: {} is {:?}", row.serial, row.state);
        let body = one(reader, &Key::DraftBody(*id)).unwrap().is_some();
        assert_eq!(body, waits, "{side}: the body of {}", row.serial);
        let home = one(reader, &Key::DraftHome(*id)).unwrap().is_some();
        assert!(waits || !home, "{side}: the home file of the draft of {} is left", row.serial);
        let at = rows.outbox.iter().find(|(_, outbox)| outbox.submission == *id).map(|(at, _)| *at);
        match row.state {
            SubmissionState::Released(index) => assert_eq!(at, Some(index), "{side}: {}", row.serial),
            _ => assert_eq!(at, None, "{side}: {} is released and {:?}", row.serial, row.state),
        }
    }
    // Parts are of what waits, of what was released, or of an upload that goes on.
    let parts = reader.scan(&Key::Part([0; 16], 0), &Key::Part([0xff; 16], u64::MAX), usize::MAX).unwrap();
    for (key, _) in parts {
        let Key::Part(id, _) = key else { panic!("{key:?} among parts") };
        let ended =
            |row: &Submission| matches!(row.state, SubmissionState::Refused(_) | SubmissionState::Declined { .. });
        let goes_on = one(reader, &Key::Upload(id)).unwrap().is_some();
        assert!(states.get(&id).map_or(goes_on, |row| !ended(row)), "{side}: a part of {id:02x?} is left");
    }
    for (n, sent) in pair.sent.iter().enumerate().filter(|(_, sent)| sent.side == side) {
        match pair.told(n) {
            Some(Answer::Stands(told) | Answer::Known(told)) => {
                let row = states.get(&sent.id).unwrap_or_else(|| panic!("{} was answered and is lost", sent.serial));
                match (told, &row.state) {
                    (SubmissionState::Released(_), kept) => {
                        assert_eq!(kept, told, "{} was answered otherwise", sent.serial)
                    }
                    (SubmissionState::Refused(told), SubmissionState::Refused(kept)) => {
                        assert!(kept.iter().all(|one| one.detail.is_none()), "{}: {kept:?}", sent.serial);
                        assert_eq!(causes(kept), causes(told), "{}: a refusal is kept as its codes", sent.serial);
                    }
                    (SubmissionState::Refused(_), kept) => panic!("{} was refused and is {kept:?}", sent.serial),
                    _ => {}
                }
            }
            Some(Answer::Invalid { .. }) => assert!(!states.contains_key(&sent.id), "{} is invalid", sent.serial),
            Some(
                Answer::IdReused
                | Answer::NotFound
                | Answer::Unavailable(_)
                | Answer::Noted
                | Answer::Taken(_)
                | Answer::Received(_)
                | Answer::TooMany(_)
                | Answer::Releasable(_),
            )
            | None => {}
        }
    }
}

fn released(leaves: &[Vec<u8>]) -> impl Iterator<Item = u64> + '_ {
    let is = |leaf: &Vec<u8>| matches!(Leaf::decode(leaf), Ok(Leaf::Released(_) | Leaf::Statement(_)));
    leaves.iter().zip(0..).filter(move |(leaf, _)| is(leaf)).map(|(_, at)| at)
}

/// What goes to the wire is on the disk first, and nothing of it is anybody's own business.
///
/// # Panics
/// At the first thing that does not hold.
pub fn check_frame(pair: &Pair, side: Side, frame: &[u8]) {
    let node = &pair.nodes[side];
    let (reader, link) = (node.reader(), &node.links[0]);
    let mut decoder = Decoder::default();
    decoder.push(frame);
    let incoming = decoder.next_frame().expect("our own frames decode").expect("and are whole");
    match incoming {
        Incoming::Leaves(body) => {
            assert_eq!(body.log, link.mine());
            let size = body.first + u64::try_from(body.leaves.len()).unwrap();
            assert!(
                head_size(node, link.mine(), &link.own_key) >= size,
                "{side}: a head left before the head file had it"
            );
            for (at, leaf) in (body.first..).zip(&body.leaves) {
                let stored = one(reader, &Key::Leaf(body.log, at)).unwrap().map(bytes);
                assert_eq!(
                    stored.as_deref(),
                    Some(leaf.as_slice()),
                    "{side}: leaf {at} left before it was on the disk"
                );
            }
            SignedCheckpoint::open(&body.checkpoint, body.log, &link.own_key).unwrap();
        }
        Incoming::Payload(body) => {
            assert_eq!(body.log, link.mine());
            let covered = head_size(node, link.mine(), &link.own_key) > body.index;
            assert!(covered, "{side}: payload {} left before its leaf was sealed", body.index);
            let Some(Row::Outbox(row)) = one(reader, &Key::Outbox(body.log, body.index)).unwrap() else {
                panic!("{side}: payload {} left without a record", body.index)
            };
            assert!(row.exposed, "{side}: payload {} left and is not recorded as exposed", body.index);
            let stored = bytes(one(reader, &Key::Payload(body.log, body.index)).unwrap().unwrap());
            let mut wanted = vec![0; body.bytes.len()];
            assert!(in_parts(&row, &stored).read_at(reader, body.offset, &mut wanted).unwrap());
            assert!(wanted == body.bytes, "{side}: other bytes of payload {} than are stored", body.index);
        }
        Incoming::Hello(_) | Incoming::Want(_) | Incoming::Bye(_) => {}
        Incoming::Fetch(_) | Incoming::Prove(_) | Incoming::Proof(_) => panic!("{side} sent what is not built"),
    }
    canaries(pair, side, frame);
}

fn head_size(node: &Node, log: Origin, key: &PublicKey) -> u64 {
    node.disk.heads().get(&log).map_or(0, |note| SignedCheckpoint::open(note, log, key).unwrap().checkpoint().size)
}

fn canaries(pair: &Pair, side: Side, frame: &[u8]) {
    for canary in NATIONAL_CANARIES.iter().map(|text| text.as_bytes()).chain([CANARY.as_bytes(), ID_MARK]) {
        assert!(find(frame, canary).is_none(), "{side}: {:?} on the wire", String::from_utf8_lossy(canary));
    }
    let start = marker("");
    let start = start.trim_end_matches(']').as_bytes();
    let mut rest = frame;
    while let Some(at) = find(rest, start) {
        rest = &rest[at + start.len()..];
        let serial: String = rest.iter().take_while(|byte| **byte != b']').map(|byte| char::from(*byte)).collect();
        let sent = pair.sent.iter().enumerate().filter(|(_, sent)| sent.side == side && sent.serial == serial);
        let released = sent.filter(|(n, _)| pair.index(*n).is_some()).count();
        assert_eq!(released, 1, "{side}: the text of {serial} is on the wire and was not released");
    }
}

/// Where `needle` begins.
#[must_use]
pub fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    let first = needle.first()?;
    let mut at = 0;
    while let Some(step) = haystack.get(at..)?.iter().position(|byte| byte == first) {
        at += step;
        if haystack[at..].starts_with(needle) {
            return Some(at);
        }
        at += 1;
    }
    None
}
