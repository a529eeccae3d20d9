//! The sealer: the thread that holds the seal key and the head file.

use crate::{
    hub::{Hub, fatal},
    jobs::{Job, SealJob},
    setup::load::NationKeys,
};
use relto_exchange::{input::Input, seal::seal, store::StoreError};
use relto_host::heads::HeadRing;
use std::sync::{Arc, mpsc::Receiver};

/// Batches sealed together at most.
const MAX_SEALED: usize = 64;

/// Seals recorded batches: one signature per log that grew, one flush of the head file, then out.
pub(crate) fn run(hub: &Arc<Hub>, keys: &NationKeys, mut heads: HeadRing, jobs: &Receiver<SealJob>) {
    while let Ok(first) = jobs.recv() {
        let mut batches = Vec::new();
        for job in std::iter::once(first).chain(jobs.try_iter().take(MAX_SEALED)) {
            match job {
                SealJob::Batch(recorded) => batches.push(recorded),
                SealJob::Sign(message, of, reply) => keys.answer(&message, &of, reply),
            }
        }
        if batches.is_empty() {
            continue;
        }
        // A key that is down ends the process: nothing leaves, and the next start seals what is on the disk.
        let Ok(sealed) = seal(batches, keys) else { fatal(&StoreError::Fatal("the seal key does not answer")) };
        match sealed.record(&mut heads) {
            Ok(written) => {
                // Queued before anything of it is sent: whoever hears of a receipt finds the report readable here (FLW-9), and
                // no HELLO shows less of our log than a partner may have. LNK-18
                for input in written.inputs() {
                    if let Input::Sealed(head) = &input {
                        hub.metrics.sealed();
                        hub.sealed.note(head.checkpoint());
                    }
                    hub.write(Job::Input(input, None));
                }
                for one in written.outgoing {
                    hub.sessions.send(one);
                }
            }
            Err(fault) => fatal(&fault),
        }
    }
}

/// For a halted node without a head file: HELLO proofs and nothing else.
pub(crate) fn prove_only(keys: &NationKeys, jobs: &Receiver<SealJob>) {
    while let Ok(job) = jobs.recv() {
        if let SealJob::Sign(message, of, reply) = job {
            keys.answer(&message, &of, reply);
        }
    }
}
