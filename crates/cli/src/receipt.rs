//! What a partner's receipt proves, offline: both leaves under their owners' signed heads, and that one answers the
//! other. API-12

use crate::{
    cache::Installed,
    client::Client,
    output::{NotVerified, moment},
};
use anyhow::{Context as _, Result};
use relto_audit::{
    leaf::{Leaf, Outcome, Released, Verdict},
    origin::Origin,
    proof::InclusionProof,
    tree::leaf_hash,
};
use relto_formats::api::Receipt;
use relto_policy::{agreement::Agreement, code};
use relto_report::{crypto::PublicKey, nation::Nation};
use serde_json::{Value, json};

/// What a receipt proves.
pub struct Proven {
    pub(crate) released: Released,
    pub(crate) outcome: Outcome,
    /// Size of each head: ours, the partner's.
    pub(crate) heads: (u64, u64),
    /// `XAA>XBB:17`, and the partner's leaf that answers it.
    pub(crate) names: (String, String),
}

impl Proven {
    /// One line for people.
    pub fn line(&self) -> String {
        let (ours, theirs) = &self.names;
        format!(
            "receipt verified offline: {theirs} of {} answers {ours}; both stand under signed heads, of sizes {} and {}",
            moment(self.outcome.time),
            self.heads.1,
            self.heads.0
        )
    }

    /// The same for programs.
    pub fn object(&self) -> Value {
        json!({
            "verified": true, "leaf": self.names.0, "outcome": self.names.1, "verdict": self.outcome.verdict.word(),
            "codes": code::names(self.outcome.codes), "decided": moment(self.outcome.time),
        })
    }

    /// What the partner decided.
    pub const fn verdict(&self) -> Verdict {
        self.outcome.verdict
    }
}

/// Fetches the receipt for a leaf of ours and proves it here, from nothing that the node says of it.
pub async fn fetch_and_prove(client: &mut Client, installed: &Installed, index: u64) -> Result<Proven> {
    let receipt: Receipt = client.get(&format!("/v1/receipts/{}/{index}", installed.agreement.id)).await?;
    let own = installed.agreement.partner_of(installed.partner).context("both Parties")?;
    prove(&installed.agreement, own, &receipt).map_err(|what| NotVerified(what).into())
}

/// Proves both leaves under their owners' heads, and that the second answers the first.
pub(crate) fn prove(agreement: &Agreement, own: Nation, receipt: &Receipt) -> Result<Proven, String> {
    let partner = agreement.partner_of(own).ok_or_else(|| format!("{own} is no Party of {}", agreement.id))?;
    let side = |nation| -> Result<(Origin, PublicKey), String> {
        let party = agreement.party(nation).ok_or_else(|| format!("{nation} is no Party"))?;
        Ok((Origin::new(&agreement.id, nation, 0), party.seal_key))
    };
    let ((ours, our_key), (theirs, their_key)) = (side(own)?, side(partner)?);
    let (our_index, our_head) = included(&receipt.our_proof, &receipt.our_leaf.0, ours, &our_key, "our leaf")?;
    let (outcome_index, their_head) =
        included(&receipt.outcome_proof, &receipt.outcome_leaf.0, theirs, &their_key, "the partner's leaf")?;
    let released = match Leaf::decode(&receipt.our_leaf.0) {
        Ok(Leaf::Released(released)) => released,
        Ok(other) => return Err(format!("our leaf is of kind {} and not Released", other.kind())),
        Err(fault) => return Err(format!("our leaf: {fault}")),
    };
    let outcome = match Leaf::decode(&receipt.outcome_leaf.0) {
        Ok(Leaf::Outcome(outcome)) => outcome,
        Ok(other) => return Err(format!("the partner's leaf is of kind {} and not Outcome", other.kind())),
        Err(fault) => return Err(format!("the partner's leaf: {fault}")),
    };
    if outcome.index != our_index || outcome.leaf != leaf_hash(&receipt.our_leaf.0) {
        return Err("the partner's outcome names another leaf than ours".to_owned());
    }
    let names = (format!("{own}>{partner}:{our_index}"), format!("{partner}>{own}:{outcome_index}"));
    if (&receipt.leaf, &receipt.outcome) != (&names.0, &names.1) {
        return Err(format!(
            "the proofs are of {} and {}, the receipt says {} and {}",
            names.0, names.1, receipt.leaf, receipt.outcome
        ));
    }
    if receipt.verdict != outcome.verdict || receipt.codes != code::names(outcome.codes) {
        return Err("the verdict or codes told are not those of the partner's leaf".to_owned());
    }
    Ok(Proven { released, outcome, heads: (our_head, their_head), names })
}

/// Index of the leaf and size of the head under which it is proven.
fn included(text: &str, leaf: &[u8], log: Origin, key: &PublicKey, what: &str) -> Result<(u64, u64), String> {
    let proof = InclusionProof::parse(text.as_bytes()).map_err(|fault| format!("{what}: {fault}"))?;
    let head = proof.verify(leaf, log, key).map_err(|fault| format!("{what}: {fault}"))?;
    Ok((proof.index, head.checkpoint().size))
}

#[cfg(test)]
mod tests;
