//! Maintenance: the thread that moves the write-ahead log into the database and makes segments ahead of their use.

use crate::hub::fatal;
use relto_host::store::{WalKeeper, segment::SegmentMaker};
use std::time::Duration;

/// Between two looks.
const LOOK: Duration = Duration::from_millis(250);

/// Runs for as long as the process does.
pub(crate) fn run(wal: &WalKeeper, segments: &SegmentMaker) {
    loop {
        std::thread::sleep(LOOK);
        if let Err(fault) = wal.keep().and_then(|()| segments.keep()) {
            fatal(&fault);
        }
    }
}
