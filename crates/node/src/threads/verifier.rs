//! The verifier: the thread that checks people's signatures, each exactly once.

use crate::jobs::VerifyJob;
use std::sync::mpsc::Receiver;

/// Checks people's signatures, in the order in which they came.
pub(crate) fn run(jobs: &Receiver<VerifyJob>) {
    while let Ok(VerifyJob(check)) = jobs.recv() {
        check();
    }
}
