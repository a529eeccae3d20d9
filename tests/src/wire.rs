//! The simulated wire: two queues of bytes, and what may happen to them.

use crate::fixture::Side;
use relto_exchange::wire::frame::{Decoder, Incoming};
use std::collections::VecDeque;

/// What happens to one direction, once.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fault {
    /// The connection is cut when this many bytes of the direction have arrived.
    CutAfter(u64),
    /// This frame never arrives, and those behind it do.
    Drop(u64),
    /// This frame arrives twice.
    Duplicate(u64),
    /// One bit of this byte is flipped.
    Corrupt(u64),
}

#[derive(Default)]
struct Direction {
    queue: VecDeque<(u64, Vec<u8>)>,
    bytes: u64,
    frames: u64,
    faults: Vec<Fault>,
    cut: bool,
}

/// Both directions; the sender's side names one.
#[derive(Default)]
pub struct Wire {
    directions: [Direction; 2],
    /// Milliseconds between sending and arriving.
    pub delay: u64,
    /// Bytes that arrive at once at most; 0: a whole frame.
    pub mtu: usize,
    /// Frames as they were sent, with their sender, since the test began.
    pub sent: Vec<(Side, Vec<u8>)>,
}

impl Wire {
    /// Bytes and frames that a side has sent since the test began.
    #[must_use]
    pub const fn counts(&self, from: Side) -> (u64, u64) {
        let direction = &self.directions[from];
        (direction.bytes, direction.frames)
    }

    /// Lets something happen to what a side sends.
    pub fn fault(&mut self, from: Side, fault: Fault) {
        self.directions[from].faults.push(fault);
    }

    /// The frames that a side has sent, from the `skip`-th of both sides' on.
    pub fn frames(&self, from: Side, skip: usize) -> impl Iterator<Item = Incoming> + '_ {
        let sent = self.sent.iter().skip(skip).filter(move |(side, _)| *side == from);
        sent.map(|(_, frame)| {
            let mut decoder = Decoder::default();
            decoder.push(frame);
            decoder.next_frame().unwrap().unwrap()
        })
    }

    /// A frame of a side goes out.
    pub fn send(&mut self, from: Side, frame: &[u8], now: u64) {
        self.sent.push((from, frame.to_vec()));
        let direction = &mut self.directions[from];
        let (nth, first) = (direction.frames, direction.bytes);
        let length = u64::try_from(frame.len()).unwrap();
        direction.frames += 1;
        direction.bytes += length;
        let mut frame = frame.to_vec();
        let (mut copies, mut cut) = (1, false);
        direction.faults.retain(|fault| {
            let hit = match fault {
                Fault::Drop(at) | Fault::Duplicate(at) => *at == nth,
                Fault::CutAfter(at) => first <= *at && *at < first + length,
                Fault::Corrupt(at) => (first..first + length).contains(at),
            };
            match fault {
                Fault::Drop(_) if hit => copies = 0,
                Fault::Duplicate(_) if hit => copies = 2,
                Fault::CutAfter(at) if hit => {
                    frame.truncate(usize::try_from(at - first).unwrap());
                    cut = true;
                }
                Fault::Corrupt(at) if hit => {
                    if let Some(byte) = frame.get_mut(usize::try_from(at - first).unwrap()) {
                        *byte ^= 0x10;
                    }
                }
                _ => {}
            }
            !hit
        });
        if !direction.cut {
            for _ in 0..copies {
                direction.queue.push_back((now + self.delay, frame.clone()));
            }
        }
        direction.cut |= cut;
    }

    /// What arrives now of what a side sent.
    pub fn arrive(&mut self, from: Side, now: u64) -> Option<Vec<u8>> {
        let (direction, mtu) = (&mut self.directions[from], self.mtu);
        let (due, frame) = direction.queue.front_mut()?;
        if *due > now {
            return None;
        }
        if mtu == 0 || frame.len() <= mtu {
            return direction.queue.pop_front().map(|(_, frame)| frame);
        }
        Some(frame.drain(..mtu).collect())
    }

    /// When the next bytes arrive.
    #[must_use]
    pub fn next_due(&self) -> Option<u64> {
        self.directions.iter().filter_map(|direction| direction.queue.front()).map(|(due, _)| *due).min()
    }

    /// Whether nothing is on its way.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.directions.iter().all(|direction| direction.queue.is_empty())
    }

    /// Whether a cut is due: everything before it has arrived.
    #[must_use]
    pub fn is_cut(&self) -> bool {
        self.directions.iter().any(|direction| direction.cut && direction.queue.is_empty())
    }

    /// What was on its way is lost.
    pub fn clear(&mut self) {
        for direction in &mut self.directions {
            direction.queue.clear();
            direction.cut = false;
        }
    }
}
