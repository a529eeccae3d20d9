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

/// As [`CHUNK`].
const CHUNK_BYTES: u64 = CHUNK as u64;

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

/// Bytes of a long payload that are read at once, when they are the next to be sent.
pub const WINDOW: u64 = 1024 * 1024;

/// Bytes that count in a lane for a payload of which so many are to be sent: no more than are held of it.
pub(crate) fn counted(left: u64) -> usize {
    usize::try_from(left.min(WINDOW)).unwrap_or(usize::MAX)
}

/// Bytes of a payload, from an offset on.
#[derive(Clone)]
pub struct Stretch {
    pub(crate) start: u64,
    pub(crate) bytes: Arc<Vec<u8>>,
}

impl Stretch {
    /// The bytes from `offset` to `end`, as far as they are here; none where its first is not.
    fn from(&self, offset: u64, end: u64) -> &[u8] {
        let at = |place: u64| usize::try_from(place.saturating_sub(self.start)).unwrap_or(usize::MAX);
        let behind = at(end).min(self.bytes.len());
        if offset < self.start { &[] } else { self.bytes.get(at(offset)..behind).unwrap_or_default() }
    }
}

struct Body {
    log: Origin,
    index: u64,
    length: u64,
    /// `None` until it is read, which is when it is the next to be sent.
    read: Option<Stretch>,
    offset: u64,
}

impl Body {
    /// The next piece, where it is here whole.
    fn piece(&self) -> Option<&[u8]> {
        let end = self.offset.saturating_add(CHUNK_BYTES).min(self.length);
        let bytes = self.read.as_ref()?.from(self.offset, end);
        (u64::try_from(bytes.len()).ok() == end.checked_sub(self.offset)).then_some(bytes)
    }
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
        let read = payload.map(|bytes| Stretch { start: 0, bytes });
        if let Some(lane) = self.bodies.get_mut(precedence.lane()) {
            lane.push_back(Body { log, index, length, read, offset: offset.min(length) });
        }
    }

    /// What [`Lanes::next`] asked for.
    pub(crate) fn load(&mut self, log: Origin, index: u64, read: &Stretch) {
        for body in self.bodies.iter_mut().flatten().filter(|body| body.log == log && body.index == index) {
            if body.piece().is_none() {
                body.read = Some(read.clone());
            }
        }
    }

    /// The payload of a lane that is the next to be sent, and from where on it is to be read first.
    pub(crate) fn next(&self, lane: usize, sent: impl Fn(Origin, u64) -> bool) -> Option<(Origin, u64, Option<u64>)> {
        let next = self.bodies.get(lane)?.iter().find(|body| sent(body.log, body.index))?;
        Some((next.log, next.index, next.piece().is_none().then_some(next.offset)))
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
            let bytes = body.piece()?.to_vec();
            let (offset, before) = (body.offset, body.length.saturating_sub(body.offset));
            let left = before.saturating_sub(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
            self.load.take(counted(before).saturating_sub(counted(left)));
            let frame = PayloadBody { log: body.log, index: body.index, offset, bytes };
            body.offset = body.length.saturating_sub(left);
            if left == 0 {
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
                    self.load.take(counted(body.length.saturating_sub(body.offset)));
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

    fn log() -> Origin {
        Origin::new("A-1", Nation::parse("XAA").unwrap(), 0)
    }

    fn stretch(start: u64, length: usize) -> Stretch {
        Stretch { start, bytes: Arc::new(vec![1; length]) }
    }

    #[test]
    fn what_waits_is_read_when_it_is_the_next_to_be_sent() {
        let (log, load) = (log(), Load::default());
        load.add(3 * CHUNK);
        let mut lanes = Lanes::new(load.clone());
        let (slow, fast) = (Precedence::Routine.lane(), Precedence::Flash.lane());
        lanes.push(Precedence::Routine, (log, 5), (0, 2 * CHUNK_BYTES), None);
        assert_eq!(lanes.next(slow, |_, _| false), None, "a payload waits for its leaf");
        assert_eq!(lanes.next(slow, |_, _| true), Some((log, 5, Some(0))));
        assert!(lanes.pull(slow, |_, _| true).is_none(), "not at hand yet");
        lanes.load(log, 5, &stretch(0, 2 * CHUNK));
        assert_eq!(lanes.next(slow, |_, _| true), Some((log, 5, None)));
        assert!(lanes.pull(slow, |_, _| true).is_some());
        lanes.push(Precedence::Flash, (log, 6), (0, CHUNK_BYTES), None);
        assert_eq!(lanes.next(fast, |_, _| true), Some((log, 6, Some(0))));
        lanes.load(log, 6, &stretch(0, CHUNK));
        assert!(lanes.pull(fast, |_, _| true).is_some() && lanes.pull(slow, |_, _| true).is_some());
        assert!(lanes.is_empty() && load.bytes() == 0);
    }

    #[test]
    fn a_long_payload_counts_for_what_is_held_of_it_and_is_read_piece_by_piece() {
        let (log, load, lane) = (log(), Load::default(), Precedence::Routine.lane());
        let (length, begin) = (3 * WINDOW + 5, CHUNK_BYTES);
        load.add(counted(length - begin));
        assert_eq!(u64::try_from(load.bytes()), Ok(WINDOW));
        let mut lanes = Lanes::new(load.clone());
        lanes.push(Precedence::Routine, (log, 5), (begin, length), None);
        let mut sent = begin;
        while let Some((_, _, unread)) = lanes.next(lane, |_, _| true) {
            if let Some(from) = unread {
                assert_eq!(from, sent);
                // The store may give less than was asked for, and what is asked for again.
                lanes.load(log, 5, &stretch(from, usize::try_from((length - from).min(WINDOW)).unwrap()));
            }
            assert!(lanes.pull(lane, |_, _| true).is_some());
            sent = (sent + CHUNK_BYTES).min(length);
        }
        assert_eq!((sent, load.bytes()), (length, 0));
    }
}
