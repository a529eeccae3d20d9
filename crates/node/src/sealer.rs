//! The sealer, the verifier and the reader: the thread that holds the seal key and the head file, the one that checks
//! people's signatures, each exactly once, and the one that reads what a later turn needs.

use crate::hub::{Hub, Job, SealJob, VerifyJob, fatal};
use relto_audit::origin::Origin;
use relto_exchange::{
    input::Input,
    ready::{self, Fetch, Seed},
    seal::{SealKeys, seal},
    store::StoreError,
};
use relto_host::{heads::HeadRing, random, store::SqliteReader};
use relto_report::crypto::{Signer, SoftwareKey};
use std::sync::{Arc, mpsc::Receiver};

/// Batches sealed together at most.
const MAX_SEALED: usize = 64;

/// One key signs every log of this nation, the journal included.
pub struct NationKey(pub SoftwareKey);

impl SealKeys for NationKey {
    fn key_of(&self, _: Origin) -> Option<&dyn Signer> {
        Some(&self.0)
    }
}

/// Seals recorded batches: one signature a touched log, one flush of the head file, then out.
pub fn run(hub: &Arc<Hub>, keys: &NationKey, mut heads: HeadRing, jobs: &Receiver<SealJob>) {
    while let Ok(first) = jobs.recv() {
        let mut batches = Vec::new();
        for job in std::iter::once(first).chain(jobs.try_iter().take(MAX_SEALED)) {
            match job {
                SealJob::Batch(recorded) => batches.push(recorded),
                SealJob::Sign(message, reply) => match keys.0.sign(&message) {
                    Ok(signature) => {
                        let _ = reply.send(signature);
                    }
                    Err(_) => tracing::error!("the seal key does not answer: no session can begin"),
                },
            }
        }
        if batches.is_empty() {
            continue;
        }
        // A key that is down ends the process: nothing leaves, and the next start seals what is on the disk.
        let Ok(sealed) = seal(batches, keys) else { fatal(&StoreError::Fatal("the seal key does not answer")) };
        match sealed.record(&mut heads) {
            Ok((heads, outgoing)) => {
                for one in outgoing {
                    hub.send(one);
                }
                for head in heads {
                    hub.metrics.sealed();
                    hub.write(Job::Input(Input::Sealed(head), None));
                }
            }
            Err(fault) => fatal(&fault),
        }
    }
}

/// For a halted node without a head file: HELLO proofs and nothing else.
pub fn prove_only(keys: &NationKey, jobs: &Receiver<SealJob>) {
    while let Ok(job) = jobs.recv() {
        if let SealJob::Sign(message, reply) = job
            && let Ok(signature) = keys.0.sign(&message)
        {
            let _ = reply.send(signature);
        }
    }
}

/// Reads what the writer's turns ask for, decodes and encrypts it, and gives it to a later turn.
pub fn fetch(hub: &Hub, reader: &SqliteReader, jobs: &Receiver<Fetch>) {
    while let Ok(asked) = jobs.recv() {
        let Ok(seed) = random::fill().map(Seed) else {
            fatal(&StoreError::Fatal("the system gives no random bytes"));
        };
        match ready::fetch(reader, &hub.links, asked, seed) {
            Ok(input) => hub.write(Job::Input(input, None)),
            Err(fault) => fatal(&fault),
        }
    }
}

/// Checks people's signatures, in the order in which they came.
pub fn verify(jobs: &Receiver<VerifyJob>) {
    while let Ok(VerifyJob(check)) = jobs.recv() {
        check();
    }
}
