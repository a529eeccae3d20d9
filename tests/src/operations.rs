//! Two nodes driven by a list of operations that any bytes spell: the body of the fuzz target `pair`.
//!
//! Three bytes are one operation: what, and two arguments. Is a failure: a panic of either node, a check that does not
//! hold after an operation, a submission without its end, an end on which the two nations differ. Is not a failure: a
//! session that ends, a submission that is refused.

use crate::{
    check::check_all,
    fixture::{Draft, Side},
    memory::CommitFault,
    pair::{Act, LINK, Pair},
    wire::Fault,
};
use relto_audit::leaf::Precedence;
use relto_exchange::{
    exchange::Backlog,
    rows::Stage,
    wire::{
        frame::{ByeBody, FrameType, PayloadBody, WantBody, raw},
        protocol::ByeCode,
        question::{FetchBody, ProveBody},
    },
};
use relto_report::codec;

/// Operations of one list; what is longer is cut there, so that one execution has an end.
pub const MAX_OPERATIONS: usize = 64;
/// Faults planted in one list. Each may cost the last settling a session.
const MAX_FAULTS: u32 = 12;
/// Submissions of one list.
const MAX_SUBMISSIONS: usize = 12;
/// Levels that a report may have; the lowest is the one that goes out by itself.
const LEVELS: [usize; 8] = [0, 0, 0, 0, 1, 2, 2, 4];
const TOPICS: [&str; 4] = ["maritime.surface", "space.pnt-interference", "maritime.mines", "cyber.ics"];
/// Milliseconds: within a session, a silence that ends it, and one that takes the heads' confirmation away.
const PASSING: [u64; 4] = [100, 9_000, 31_000, 3_700_000];

/// One operation. Arguments are bytes as they came, and each means something.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Operation {
    /// The author of a side submits a report; the argument chooses level, topic, precedence, size and whether the
    /// serial was used before.
    Submit(Side, u8),
    /// A submission is sent once more under its id.
    Again(u8),
    /// An officer approves a submission.
    Approve(u8, u8),
    /// An officer declines a submission.
    Decline(u8, u8),
    /// A reader opens what may be in the inbox.
    Open(Side, u8),
    /// A new session.
    Connect,
    /// The connection breaks.
    Cut,
    /// A later frame of a side never arrives.
    Drop(Side, u8),
    /// A later frame of a side arrives twice.
    Duplicate(Side, u8),
    /// A bit of a later byte of a side flips.
    Corrupt(Side, u8),
    /// The connection breaks at a later byte of a side.
    CutAfter(Side, u8),
    /// A frame that the side's node did not make arrives from it.
    Forge(Side, u8),
    /// A side's process ends and starts again.
    Restart(Side),
    /// A side's process ends after one of its next effects.
    Crash(Side, u8),
    /// One of a side's next commits goes wrong.
    FailCommit(Side, u8),
    /// Time passes.
    Advance(u8),
    /// Rounds of both nodes.
    Steps(u8),
    /// One act of one node.
    Act(Side, u8),
    /// Bytes that arrive at once, delay, inputs of one turn.
    Shape(Side, u8),
    /// Until nothing happens any more.
    Rest,
}

impl Operation {
    /// The list that these bytes spell.
    pub fn list(bytes: &[u8]) -> impl Iterator<Item = Self> + '_ {
        bytes.as_chunks::<3>().0.iter().take(MAX_OPERATIONS).map(|chunk| Self::of(*chunk))
    }

    fn of([what, one, other]: [u8; 3]) -> Self {
        let side = usize::from(one & 1);
        match what % 20 {
            0 => Self::Submit(side, other),
            1 => Self::Again(one),
            2 => Self::Approve(one, other),
            3 => Self::Decline(one, other),
            4 => Self::Open(side, other),
            5 => Self::Connect,
            6 => Self::Cut,
            7 => Self::Drop(side, other),
            8 => Self::Duplicate(side, other),
            9 => Self::Corrupt(side, other),
            10 => Self::CutAfter(side, other),
            11 => Self::Forge(side, other),
            12 => Self::Restart(side),
            13 => Self::Crash(side, other),
            14 => Self::FailCommit(side, other),
            15 => Self::Advance(other),
            16 => Self::Steps(other),
            17 => Self::Act(side, other),
            18 => Self::Shape(side, other),
            _ => Self::Rest,
        }
    }
}

/// Any bytes as a list of operations on two nodes.
///
/// # Panics
/// When a node panics, a check does not hold, or what was submitted does not come to one end.
pub fn fuzz_pair(bytes: &[u8]) {
    let mut driver = Driver { pair: Pair::new(), numbers: [0; 2], faults: 0 };
    driver.pair.linked = true;
    for operation in Operation::list(bytes) {
        let before = driver.pair.effects;
        driver.run(operation);
        // What has had no effect has changed no disk; a rest ends with the checks.
        if driver.pair.effects != before && operation != Operation::Rest || matches!(operation, Operation::Restart(_)) {
            check_all(&driver.pair);
        }
    }
    driver.come_to_the_end();
}

struct Driver {
    pair: Pair,
    numbers: [u32; 2],
    faults: u32,
}

impl Driver {
    fn run(&mut self, operation: Operation) {
        match operation {
            Operation::Submit(side, kind) => self.submit(side, kind),
            Operation::Again(which) => {
                if let Some(sent) = self.which(which) {
                    let (side, id) = (self.pair.sent[sent].side, self.pair.sent[sent].id);
                    let authored = crate::fixture::sign(side, &self.pair.sent[sent].document);
                    self.pair.request_submit(side, id, &authored);
                }
            }
            Operation::Approve(which, officer) => {
                if let Some(sent) = self.which(which) {
                    self.pair.approve(sent, officer % 4);
                }
            }
            Operation::Decline(which, officer) => {
                if let Some(sent) = self.which(which) {
                    self.pair.decline(sent, officer % 3, "no");
                }
            }
            Operation::Open(side, index) => {
                self.pair.open(side, u64::from(index));
            }
            Operation::Connect => {
                if self.pair.nodes.iter().all(|node| node.ended.is_none()) {
                    self.pair.cut();
                    self.pair.connect();
                }
            }
            Operation::Cut => self.pair.cut(),
            Operation::Drop(side, ahead) => self.fault(side, |(_, frames)| Fault::Drop(frames + u64::from(ahead % 8))),
            Operation::Duplicate(side, ahead) => {
                self.fault(side, |(_, frames)| Fault::Duplicate(frames + u64::from(ahead % 8)));
            }
            Operation::Corrupt(side, ahead) => self.fault(side, |(bytes, _)| Fault::Corrupt(bytes + ahead_by(ahead))),
            Operation::CutAfter(side, ahead) => self.fault(side, |(bytes, _)| Fault::CutAfter(bytes + ahead_by(ahead))),
            Operation::Forge(side, kind) => self.forge(side, kind),
            Operation::Restart(side) => self.pair.restart(side),
            Operation::Crash(side, ahead) => {
                if self.plant() {
                    self.pair.crash = Some((side, self.pair.effects[side] + 1 + u64::from(ahead % 16)));
                }
            }
            Operation::FailCommit(side, kind) => self.fail_commit(side, kind),
            Operation::Advance(how) => self.pair.advance(PASSING[usize::from(how) % PASSING.len()]),
            Operation::Steps(count) => {
                for _ in 0..=count % 8 {
                    self.pair.step();
                }
            }
            Operation::Act(side, act) => {
                self.pair.act(side, Act::ALL[usize::from(act) % Act::ALL.len()]);
            }
            Operation::Shape(side, how) => {
                self.pair.wire.mtu = [0, 0, 1_000, 100][usize::from(how) % 4];
                self.pair.wire.delay = [0, 50][usize::from(how >> 2) % 2];
                self.pair.late_arrivals = how & 8 != 0;
                self.pair.burst = [1, 4][usize::from(how >> 4) % 2];
                self.pair.nodes[side].batch = [256, 1, 2, 4][usize::from(how >> 5) % 4];
            }
            Operation::Rest => self.pair.settle(),
        }
    }

    fn which(&self, which: u8) -> Option<usize> {
        usize::from(which).checked_rem(self.pair.sent.len())
    }

    fn submit(&mut self, side: Side, kind: u8) {
        if self.pair.sent.len() == MAX_SUBMISSIONS {
            return;
        }
        let kind = usize::from(kind);
        let spent = kind >= 0xf0 && self.numbers[side] > 0;
        self.numbers[side] += u32::from(!spent);
        let draft = Draft::new(side, self.numbers[side])
            .level(LEVELS[kind % LEVELS.len()])
            .topic(TOPICS[(kind >> 3) % TOPICS.len()])
            .precedence(Precedence::ALL[(kind >> 5) % Precedence::ALL.len()]);
        let draft = match kind >> 4 {
            // Two chunks.
            7 => draft.attachments(&[70_000]),
            11 => draft.padding(3_000),
            _ => draft,
        };
        self.pair.submit(side, &draft.signed());
    }

    /// Whether one more fault may be planted.
    const fn plant(&mut self) -> bool {
        let may = self.faults < MAX_FAULTS;
        self.faults += 1;
        may
    }

    fn fault(&mut self, side: Side, fault: impl FnOnce((u64, u64)) -> Fault) {
        if self.plant() {
            let fault = fault(self.pair.wire.counts(side));
            self.pair.wire.fault(side, fault);
        }
    }

    fn fail_commit(&mut self, side: Side, kind: u8) {
        let faults = [CommitFault::Full, CommitFault::ReportedFailed, CommitFault::NotWritten];
        if self.pair.nodes[side].ended.is_none() && self.plant() {
            self.pair.nodes[side].fail_commit(u64::from(kind >> 6), faults[usize::from(kind) % faults.len()]);
        }
    }

    /// What a partner's node that keeps no rule could say without its seal key.
    fn forge(&mut self, side: Side, kind: u8) {
        if self.pair.nodes[side].connection.is_none() || !self.plant() {
            return;
        }
        let (own, theirs) = (self.pair.nodes[side].links[0].mine(), self.pair.nodes[side].links[0].theirs());
        let index = u64::from(kind >> 4);
        let want = |offset| codec::encode(&WantBody { log: theirs, index, offset });
        let payload = |offset, length| PayloadBody { log: own, index, offset, bytes: vec![b'x'; length] };
        let fetch = || codec::encode(&FetchBody { log: theirs, first: index, zero: 0 });
        let prove = || codec::encode(&ProveBody { log: theirs, what: kind % 3, first: index, second: u64::MAX });
        let (number, body) = match kind % 10 {
            0 => (FrameType::Want, want(0)),
            1 => (FrameType::Want, want(u64::MAX)),
            2 => (FrameType::Payload, codec::encode(&payload(0, 1_000))),
            3 => (FrameType::Payload, codec::encode(&payload(u64::MAX, 1))),
            4 => (FrameType::Payload, codec::encode(&payload(0, 64 * 1024))),
            5 => (FrameType::Fetch, fetch()),
            6 => (FrameType::Prove, prove()),
            7 => (FrameType::Bye, codec::encode(&ByeBody { code: ByeCode::Done })),
            8 => (FrameType::Leaves, vec![kind; 200]),
            _ => (FrameType::Hello, vec![kind; 200]),
        };
        self.pair.wire.send(side, &raw(number.number(), &body), self.pair.now);
    }

    /// Runs on until nothing is open on either side, and compares what the two nations hold.
    fn come_to_the_end(mut self) {
        let pair = &mut self.pair;
        // A fault inside a session, which TCP never makes, is mended by the next session; each takes one at least.
        for _ in 0..=MAX_FAULTS {
            pair.settle();
            if pair.nodes.iter().all(|node| node.exchange.backlog(LINK) == Some(Backlog::default())) {
                break;
            }
            pair.cut();
        }
        pair.settle_all();
        for sent in 0..pair.sent.len() {
            if let Some(row) = pair.outbox(sent) {
                let Stage::Resolved { verdict, .. } = row.stage else { panic!("{}: {:?}", row.serial, row.stage) };
                assert_eq!(pair.inbox(sent).map(|row| row.verdict), Some(verdict), "{}", row.serial);
            }
        }
    }
}

fn ahead_by(argument: u8) -> u64 {
    u64::from(argument) * 13
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_spell_operations_and_no_more_than_the_bound() {
        let spelled: Vec<Operation> = Operation::list(&[0, 1, 9, 22, 3, 200, 19, 0]).collect();
        assert_eq!(spelled, [Operation::Submit(1, 9), Operation::Approve(3, 200)], "two bytes are no operation");
        assert_eq!(Operation::list(&[19; 4_000]).count(), MAX_OPERATIONS);
    }
}
