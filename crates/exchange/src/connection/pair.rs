//! One pair of logs on a connection: what of ours was sent, what is at hand, how far theirs is followed.

use crate::{
    model::{ids::LinkId, link::Link},
    wire::{frame::Frame, hello::Expected, lanes::Load},
};
use relto_audit::{checkpoint::SignedCheckpoint, origin::Origin, tree::Frontier};
use std::{collections::VecDeque, sync::Arc};

/// How one pair of logs stands in the store when a connection begins.
#[derive(Clone, Debug)]
pub struct LinkStart {
    /// Which link.
    pub link: LinkId,
    /// Keys, origins, agreement.
    pub expected: Expected,
    /// The newest checkpoint of my log.
    pub mine: Option<SignedCheckpoint>,
    /// The partner's log as followed.
    pub theirs: Frontier,
    /// Its newest checkpoint.
    pub held: Option<SignedCheckpoint>,
    /// Registers and vocabulary by which its reports are read.
    pub rules: Link,
}

/// One pair of logs on a connection.
pub(super) struct Pair {
    pub(super) start: LinkStart,
    /// Whether the partner's HELLO lists it.
    pub(super) open: bool,
    pub(super) frontier: Frontier,
    /// Leaves of my log that were given to this connection's socket, or that the partner holds.
    pub(super) sent: u64,
    /// Leaves of my log under a checkpoint that I know of.
    pub(super) sealed: u64,
    pub(super) newest: Option<SignedCheckpoint>,
    pub(super) ready: VecDeque<Frame>,
    pub(super) load: Load,
}

impl Pair {
    pub(super) fn new(start: LinkStart) -> Self {
        let sealed = start.mine.as_ref().map_or(0, |head| head.checkpoint().size);
        Self {
            frontier: start.theirs.clone(),
            open: false,
            sent: 0,
            sealed,
            newest: start.mine.clone(),
            ready: VecDeque::new(),
            load: Load::default(),
            start,
        }
    }

    pub(super) fn refresh(&mut self, start: LinkStart) {
        self.frontier = start.theirs.clone();
        self.sealed = self.sealed.max(start.mine.as_ref().map_or(0, |head| head.checkpoint().size));
        self.newest = start.mine.clone();
        self.start = start;
    }

    /// Drops what was sent already and says whether the next frame is not at hand.
    pub(super) fn hole(&mut self) -> Option<(Origin, u64)> {
        let sent = self.sent;
        self.ready.retain(|frame| frame.span().is_some_and(|(_, first, _)| first >= sent));
        let at_hand = self.ready.iter().any(|frame| frame.span().is_some_and(|(_, first, _)| first == sent));
        (!at_hand && sent < self.sealed).then_some((self.start.expected.mine, sent))
    }

    /// Whether leaves are at hand that are sent next.
    pub(super) fn is_ready(&self) -> bool {
        self.open && self.ready.iter().any(|frame| frame.span().is_some_and(|(_, first, _)| first == self.sent))
    }

    pub(super) fn pull(&mut self) -> Option<Frame> {
        let sent = self.sent;
        let at = self.ready.iter().position(|frame| frame.span().is_some_and(|(_, first, _)| first == sent))?;
        let frame = self.ready.remove(at)?;
        let (_, first, count) = frame.span()?;
        self.sent = first.saturating_add(count);
        self.newest = frame.checkpoint().cloned();
        Some(frame)
    }

    pub(super) fn repeat(&self) -> Option<Frame> {
        let newest = self.newest.clone().filter(|head| head.checkpoint().size == self.sent)?;
        Some(Frame::leaves(self.start.expected.mine, self.sent, Arc::new(Vec::new()), newest))
    }
}
