//! What waits for one link. The socket pulls, so nothing queues behind it: a FLASH payload overtakes a thousand
//! ROUTINE ones, and a stop keeps at home what has not left.

use crate::link::frame::{CHUNK, Frame, PayloadBody};
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
    payload: Arc<Vec<u8>>,
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
    pub(crate) fn push(&mut self, precedence: Precedence, log: Origin, index: u64, offset: u64, payload: Arc<Vec<u8>>) {
        let offset = usize::try_from(offset).unwrap_or(usize::MAX).min(payload.len());
        self.load.take(offset);
        if let Some(lane) = self.bodies.get_mut(precedence.lane()) {
            lane.push_back(Body { log, index, payload, offset });
        }
    }

    /// Whether nothing waits.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.bodies.iter().all(VecDeque::is_empty)
    }

    /// The next piece, highest precedence first, of a leaf that `sent` says the partner has been sent.
    pub(crate) fn pull(&mut self, sent: impl Fn(Origin, u64) -> bool) -> Option<Frame> {
        for lane in &mut self.bodies {
            let Some(at) = lane.iter().position(|body| sent(body.log, body.index)) else { continue };
            let body = lane.get_mut(at)?;
            let end = body.offset.saturating_add(CHUNK).min(body.payload.len());
            let bytes = body.payload.get(body.offset..end).unwrap_or_default().to_vec();
            self.load.take(bytes.len());
            let offset = u64::try_from(body.offset).unwrap_or(u64::MAX);
            let frame = PayloadBody { log: body.log, index: body.index, offset, bytes };
            body.offset = end;
            if end == body.payload.len() {
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
                    self.load.take(body.payload.len().saturating_sub(body.offset));
                }
                stays
            });
        }
    }
}
