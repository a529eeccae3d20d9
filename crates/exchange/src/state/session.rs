//! A proven session, as the flow sees it.

use crate::{
    model::ids::SessionNumber,
    wire::lanes::{Load, counted},
};
use std::collections::BTreeMap;

/// Gone with the process.
pub(crate) struct Session {
    pub(crate) number: SessionNumber,
    /// Payloads wait until the partner's log is followed up to here.
    pub(crate) target: u64,
    /// The partner's clock differs by more than the agreement's skew.
    pub(crate) skewed: bool,
    /// When a checkpoint of the partner was last seen, Unix milliseconds.
    pub(crate) seen: u64,
    /// Payloads that may be sent in this session and are not in a lane: index and offset, by lane.
    pub(crate) pending: [BTreeMap<u64, u64>; 4],
    /// WANTs served in this session, by leaf.
    pub(crate) wanted: BTreeMap<u64, u8>,
    /// Leaves of mine below this index were looked at for `pending`.
    pub(crate) taken_up: u64,
    /// Bytes in the lanes.
    load: Load,
}

impl Session {
    /// One that has just been proven; `load` counts the bytes in its lanes.
    pub(crate) fn new(number: SessionNumber, load: Load) -> Self {
        Self {
            number,
            target: 0,
            skewed: false,
            seen: 0,
            pending: Default::default(),
            wanted: BTreeMap::new(),
            taken_up: 0,
            load,
        }
    }

    /// Bytes in the lanes.
    pub(crate) fn lane_bytes(&self) -> usize {
        self.load.bytes()
    }

    /// A payload of which so many bytes are to be sent goes into a lane.
    pub(crate) fn count(&mut self, bytes: u64) {
        self.load.add(counted(bytes));
    }

    /// Whether payloads may go: the partner's log is followed up to its HELLO, and the clocks agree.
    // FLW-14
    pub(crate) const fn is_ready(&self, followed: u64) -> bool {
        followed >= self.target && !self.skewed
    }
}
