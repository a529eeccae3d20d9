//! The sealer, the verifier and the reader: the thread that holds the seal key and the head file, the one that checks
//! people's signatures, each exactly once, and the one that reads what a later turn needs.

use crate::{
    hub::{Hub, Job, SealJob, VerifyJob, fatal},
    inspect,
};
use relto_audit::origin::Origin;
use relto_exchange::{
    input::Input,
    link::hello::Proof,
    ready::{self, Fetch, Seed},
    seal::{SealKeys, seal},
    store::StoreError,
};
use relto_host::{heads::HeadRing, random, store::SqliteReader};
use relto_report::crypto::{PublicKey, Signer, SoftwareKey};
use std::{
    collections::BTreeMap,
    sync::{Arc, mpsc::Receiver},
};
use tokio::sync::oneshot;

/// Batches sealed together at most.
const MAX_SEALED: usize = 64;

/// The nation's key signs the journal and every log that has no key of its own; an exercise's log has one. API-30
pub struct NationKeys {
    nation: SoftwareKey,
    own: BTreeMap<Origin, SoftwareKey>,
}

impl NationKeys {
    /// The nation's key, and those of single logs.
    #[must_use]
    pub const fn new(nation: SoftwareKey, own: BTreeMap<Origin, SoftwareKey>) -> Self {
        Self { nation, own }
    }

    /// A signature by each of these keys, each key once; `None` where one is not here or does not answer.
    fn prove(&self, message: &[u8], keys: &[PublicKey]) -> Option<Vec<Proof>> {
        let mut proofs: Vec<Proof> = Vec::new();
        for key in keys {
            if proofs.iter().any(|proof| proof.key == *key) {
                continue;
            }
            let signer = self.own.values().chain([&self.nation]).find(|one| one.public_key() == *key)?;
            proofs.push(Proof { key: *key, signature: signer.sign(message).ok()? });
        }
        Some(proofs)
    }

    /// Answers, or says why no session can begin.
    fn answer(&self, message: &[u8], keys: &[PublicKey], reply: oneshot::Sender<Vec<Proof>>) {
        match self.prove(message, keys) {
            // Who asked may be gone by now.
            Some(proofs) => drop(reply.send(proofs)),
            None => tracing::error!("a seal key does not answer: no session can begin"),
        }
    }
}

impl SealKeys for NationKeys {
    fn key_of(&self, log: Origin) -> Option<&dyn Signer> {
        Some(self.own.get(&log).unwrap_or(&self.nation))
    }
}

/// Seals recorded batches: one signature a touched log, one flush of the head file, then out.
pub fn run(hub: &Arc<Hub>, keys: &NationKeys, mut heads: HeadRing, jobs: &Receiver<SealJob>) {
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
pub fn prove_only(keys: &NationKeys, jobs: &Receiver<SealJob>) {
    while let Ok(job) = jobs.recv() {
        if let SealJob::Sign(message, of, reply) = job {
            keys.answer(&message, &of, reply);
        }
    }
}

/// Reads what the writer's turns ask for, decodes and encrypts it, and gives it to a later turn.
pub fn fetch(hub: &Arc<Hub>, reader: &SqliteReader, jobs: &Receiver<Fetch>) {
    while let Ok(asked) = jobs.recv() {
        let Ok(seed) = random::fill().map(Seed) else {
            fatal(&StoreError::Fatal("the system gives no random bytes"));
        };
        match ready::fetch(reader, &hub.links, asked, seed, &**hub) {
            Ok((input, look)) => {
                hub.write(Job::Input(input, None));
                if let Some(look) = look {
                    inspect::look_for_turn(hub, look);
                }
            }
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
