//! What waits for one link. The socket pulls, so nothing queues behind it: a FLASH payload overtakes a thousand
//! ROUTINE ones, and a stop keeps at home what has not left.

use crate::wire::frame::{CHUNK, Frame, PayloadBody};
use relto_audit::{leaf::Precedence, origin::Origin};
use std::{
    collections::VecDeque,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

/// Bytes that wait in the lanes of one link, as the writer sees them.
#[derive(Clone, Default, Debug)]
pub struct Load(Arc<AtomicUsize>);

impl Load {
    /// Bytes now.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.0.load(Ordering::Acquire)
    }

    pub(crate) fn add(&self, bytes: usize) {
        self.0.fetch_add(bytes, Ordering::AcqRel);
    }

    fn take(&self, bytes: usize) {
        // The counter is shared with the writer, which adds before the payload reaches the lane; it never goes below.
        let _ = self.0.fetch_update(Ordering::AcqRel, Ordering::Acquire, |now| Some(now.saturating_sub(bytes)));
    }
}

struct Body {
    log: Origin,
    index: u64,
    length: usize,
    /// `None` until it is read, which is when it is the next to be sent.
    payload: Option<Arc<Vec<u8>>>,
    offset: usize,
}

/// Four queues of payloads, by precedence.
#[derive(Default)]
pub struct Lanes {
    bodies: [VecDeque<Body>; 4],
    load: Load,
}

impl Lanes {
    /// Lanes whose bytes are counted in `load`.
    #[must_use]
    pub fn new(load: Load) -> Self {
        Self { bodies: Default::default(), load }
    }

    /// Queues a payload from `offset` on. Its bytes were counted by whoever made it.
    pub(crate) fn push(
        &mut self,
        precedence: Precedence,
        (log, index): (Origin, u64),
        (offset, length): (u64, u64),
        payload: Option<Arc<Vec<u8>>>,
    ) {
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        let offset = usize::try_from(offset).unwrap_or(usize::MAX).min(length);
        self.load.take(offset);
        if let Some(lane) = self.bodies.get_mut(precedence.lane()) {
            lane.push_back(Body { log, index, length, payload, offset });
        }
    }

    /// A payload that [`Lanes::needs`] asked for.
    pub(crate) fn load(&mut self, log: Origin, index: u64, payload: &Arc<Vec<u8>>) {
        for body in self.bodies.iter_mut().flatten().filter(|body| body.log == log && body.index == index) {
            body.payload.get_or_insert_with(|| payload.clone());
        }
    }

    /// The payload of a lane that is the next to be sent, and whether it is to be read first.
    pub(crate) fn next(&self, lane: usize, sent: impl Fn(Origin, u64) -> bool) -> Option<(Origin, u64, bool)> {
        let next = self.bodies.get(lane)?.iter().find(|body| sent(body.log, body.index))?;
        Some((next.log, next.index, next.payload.is_none()))
    }

    /// Whether nothing waits.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.bodies.iter().all(VecDeque::is_empty)
    }

    /// The next piece of a lane, of a leaf that `sent` says the partner has been sent.
    pub(crate) fn pull(&mut self, lane: usize, sent: impl Fn(Origin, u64) -> bool) -> Option<Frame> {
        let lane = self.bodies.get_mut(lane)?;
        while let Some(at) = lane.iter().position(|body| sent(body.log, body.index)) {
            let body = lane.get_mut(at)?;
            let payload = body.payload.as_ref()?;
            let end = body.offset.saturating_add(CHUNK).min(body.length);
            let bytes = payload.get(body.offset..end).unwrap_or_default().to_vec();
            self.load.take(bytes.len());
            let offset = u64::try_from(body.offset).unwrap_or(u64::MAX);
            let frame = PayloadBody { log: body.log, index: body.index, offset, bytes };
            body.offset = end;
            if end == body.length {
                lane.remove(at);
            }
            if frame.bytes.is_empty() {
                continue;
            }
            return Some(Frame::payload(frame));
        }
        None
    }

    /// Keeps at home what waits for this leaf.
    pub(crate) fn stop(&mut self, log: Origin, index: u64) {
        for lane in &mut self.bodies {
            lane.retain(|body| {
                let stays = body.log != log || body.index != index;
                if !stays {
                    self.load.take(body.length.saturating_sub(body.offset));
                }
                stays
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use relto_report::nation::Nation;

    #[test]
    fn what_waits_is_read_when_it_is_the_next_to_be_sent() {
        let log = Origin::new("A-1", Nation::parse("XAA").unwrap(), 0);
        let load = Load::default();
        load.add(3 * CHUNK);
        let mut lanes = Lanes::new(load.clone());
        let (routine, flash) = (Arc::new(vec![1; 2 * CHUNK]), Arc::new(vec![2; CHUNK]));
        let bytes = |payload: &Arc<Vec<u8>>| u64::try_from(payload.len()).unwrap();
        let (slow, fast) = (Precedence::Routine.lane(), Precedence::Flash.lane());
        lanes.push(Precedence::Routine, (log, 5), (0, bytes(&routine)), None);
        assert_eq!(lanes.next(slow, |_, _| false), None, "a payload waits for its leaf");
        assert_eq!(lanes.next(slow, |_, _| true), Some((log, 5, true)));
        assert!(lanes.pull(slow, |_, _| true).is_none(), "not at hand yet");
        lanes.load(log, 5, &routine);
        assert_eq!(lanes.next(slow, |_, _| true), Some((log, 5, false)));
        assert!(lanes.pull(slow, |_, _| true).is_some());
        lanes.push(Precedence::Flash, (log, 6), (0, bytes(&flash)), None);
        assert_eq!(lanes.next(fast, |_, _| true), Some((log, 6, true)));
        lanes.load(log, 6, &flash);
        assert!(lanes.pull(fast, |_, _| true).is_some() && lanes.pull(slow, |_, _| true).is_some());
        assert!(lanes.is_empty() && load.bytes() == 0);
    }
}
