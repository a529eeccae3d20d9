//! Random operations under a seed: `SIM_SEED=N` runs that one alone.
//!
//! Is a failure: a panic, a check that does not hold, a submission without its end, an end that comes twice. Is not a
//! failure: a session that ends, a submission that is refused or asked again. Nothing here depends on anything but the
//! seed: time is virtual, keys and salts are derived.

use super::come_to_rest;
use relto_audit::leaf::Precedence;
use relto_tests::{
    check::check_all,
    fixture::Draft,
    memory::CommitFault,
    node::Disk,
    pair::{Act, Pair},
    wire::Fault,
};

const SEEDS: u64 = 50;
const OPERATIONS: u64 = 400;

/// The generator of Knuth's MMIX; its high bits are good enough to choose with.
struct Lcg(u64);

impl Lcg {
    fn next(&mut self, below: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % below
    }

    fn side(&mut self) -> usize {
        usize::try_from(self.next(2)).unwrap()
    }

    fn of<T: Copy>(&mut self, list: &[T]) -> T {
        list[usize::try_from(self.next(u64::try_from(list.len()).unwrap())).unwrap()]
    }
}

#[test]
fn random_operations_come_to_their_end() {
    let one = std::env::var("SIM_SEED").ok().map(|seed| seed.parse::<u64>().expect("SIM_SEED is a number"));
    let seeds = one.map_or(0..SEEDS, |seed| seed..seed + 1);
    for seed in seeds {
        println!("SIM_SEED={seed}");
        run(seed);
    }
}

fn run(seed: u64) {
    let mut random = Lcg(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x5bd1_e995);
    let mut pair = Pair::of([Disk::memory(), Disk::memory()]);
    pair.linked = true;
    let mut number = [0; 2];
    for n in 0..OPERATIONS {
        operation(&mut pair, &mut random, &mut number);
        if n % 40 == 0 {
            check_all(&pair);
        }
    }
    come_to_rest(&mut pair);
    for sent in 0..pair.sent.len() {
        assert!(pair.told(sent).is_some(), "{} was never answered", pair.sent[sent].serial);
        if let Some(row) = pair.outbox(sent) {
            let relto_exchange::rows::Stage::Resolved { verdict, .. } = row.stage else {
                panic!("{}: {:?}", row.serial, row.stage)
            };
            assert_eq!(pair.inbox(sent).map(|row| row.verdict), Some(verdict));
        }
    }
}

fn operation(pair: &mut Pair, random: &mut Lcg, number: &mut [u32; 2]) {
    let side = random.side();
    match random.next(100) {
        0..60 => {
            pair.act(side, random.of(&Act::ALL));
        }
        60..72 => {
            for _ in 0..random.next(8) {
                pair.step();
            }
        }
        72..82 => submit(pair, random, number, side),
        82..86 => {
            if let Some(sent) = (!pair.sent.is_empty()).then(|| random.next(u64::try_from(pair.sent.len()).unwrap())) {
                let (sent, officer) = (usize::try_from(sent).unwrap(), random.of(&[1, 2, 3]));
                if random.next(8) == 0 {
                    pair.decline(sent, officer, "no");
                } else {
                    pair.approve(sent, officer);
                }
            }
        }
        86..90 => pair.advance(random.of(&[1, 100, 9_000, 31_000])),
        90..92 => pair.restart(side),
        92..93 => pair.cut(),
        93..95 => pair.crash = Some((side, pair.effects[side] + 1 + random.next(9))),
        95..97 => {
            let at = pair.wire.counts(side).0 + random.next(4_000);
            pair.wire.fault(side, random.of(&[Fault::CutAfter(at), Fault::Corrupt(at)]));
        }
        97..98 => {
            let fault = random.of(&[CommitFault::Full, CommitFault::ReportedFailed, CommitFault::NotWritten]);
            pair.nodes[side].fail_commit(random.next(4), fault);
        }
        98..99 => {
            pair.wire.mtu = random.of(&[0, 0, 1_000, 10]);
            pair.wire.delay = random.of(&[0, 0, 50]);
            pair.late_arrivals = random.next(2) == 0;
            pair.nodes[side].batch = random.of(&[1, 4, 256]);
        }
        _ => pair.tick(),
    }
    if pair.nodes.iter().all(|node| node.connection.is_none() && node.ended.is_none()) && random.next(4) == 0 {
        pair.connect();
    }
}

fn submit(pair: &mut Pair, random: &mut Lcg, number: &mut [u32; 2], side: usize) {
    // Now and then a serial that was used before.
    if random.next(6) != 0 || number[side] == 0 {
        number[side] += 1;
    }
    let mut draft = Draft::new(side, number[side])
        .level(random.of(&[0, 0, 0, 1, 2, 4]))
        .topic(random.of(&["maritime.surface", "space.pnt-interference", "maritime.mines"]))
        .precedence(random.of(&Precedence::ALL));
    match random.next(12) {
        0 => draft = draft.attachments(&[150_000]),
        1 => draft = draft.padding(3_000),
        _ => {}
    }
    let authored = draft.signed();
    let sent = pair.submit(side, &authored);
    if random.next(5) == 0 {
        let id = pair.sent[sent].id;
        pair.request_submit(side, id, &authored);
    }
}
