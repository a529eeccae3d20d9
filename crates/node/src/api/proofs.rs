//! Proofs for receipts, from what is kept beside a log's leaves.

use super::problem::Refused;
use crate::{hub::Hub, sync::lock};
use relto_audit::{checkpoint::SignedCheckpoint, origin::Origin, proof::InclusionProof};
use relto_exchange::{
    place::{self, CheckpointAt},
    proofs::path,
    store::StoreError,
};
use relto_report::crypto::PublicKey;

/// A leaf and its inclusion under the first kept checkpoint that covers it. Blocks.
///
/// # Errors
/// 404 where no checkpoint covers it yet; the store's.
pub(crate) fn proof(hub: &Hub, log: Origin, key: &PublicKey, index: u64) -> Result<(Vec<u8>, String), Refused> {
    let from = CheckpointAt(log, index.saturating_add(1));
    let mut heads = place::scan(&*lock(&hub.reader), from, CheckpointAt(log, u64::MAX), 1)?;
    let Some((_, note)) = heads.pop() else { return Err(Refused::not_found()) };
    let checkpoint = SignedCheckpoint::open(&note, log, key)
        .map_err(|_| StoreError::Fatal("a stored checkpoint does not verify"))?;
    let found = path(&*lock(&hub.reader), log, index, checkpoint.checkpoint().size)?;
    let (leaf, hashes) = found.ok_or_else(Refused::not_found)?;
    let proof = InclusionProof { index, hashes, checkpoint: checkpoint.as_str().to_owned() };
    proof.verify(&leaf, log, key).map_err(|_| StoreError::Fatal("stored leaves do not lead to their checkpoint"))?;
    Ok((leaf, proof.format()))
}
