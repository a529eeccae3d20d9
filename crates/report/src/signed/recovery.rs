//! What an operator and an auditor sign of a recovery: the plan that both have seen. RCV-2

use super::{MAX_STATEMENT, NotSigned, Unverified, Verified};
use crate::{
    codec::{self, Malformed, Validate, bound},
    crypto::{PublicKey, Signature},
    digest::Digest,
    domain::{Tag, hash, message},
    nation::Nation,
};
use serde::{Deserialize, Serialize};

/// The digest of a plan's text, which is what is signed of it.
#[must_use]
pub fn plan_digest(text: &str) -> Digest {
    hash(Tag::Recovery, &[text.as_bytes()])
}

/// The statement.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct RecoveryStatement {
    /// Whose node.
    pub nation: Nation,
    /// Its name.
    pub node: String,
    /// How many times it has started on its store, this time counted: another start asks again.
    pub start: u64,
    /// Of the plan.
    pub plan: Digest,
}

impl Validate for RecoveryStatement {
    fn validate(&self) -> Result<(), Malformed> {
        self.nation.validate()?;
        bound(self.node.len(), 64, "node")
    }
}

/// Such a statement as it is kept.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct RecoveryWord {
    /// Account of the signer.
    pub account: String,
    /// Its key.
    pub key: PublicKey,
    /// The statement's exact bytes.
    #[serde(with = "serde_bytes")]
    pub statement: Vec<u8>,
    /// The signature over them.
    pub signature: Signature,
}

impl Unverified<RecoveryWord> {
    /// Checks the signature by the key that it names, and that the statement decodes; gives it with what it says.
    ///
    /// # Errors
    /// [`NotSigned`].
    pub fn verify(self) -> Result<(Verified<RecoveryWord>, RecoveryStatement), NotSigned> {
        let statement: RecoveryStatement = codec::decode::<_, MAX_STATEMENT>(&self.0.statement)?;
        if !self.0.key.verify(&message(Tag::Recovery, &self.0.statement), &self.0.signature) {
            return Err(NotSigned::Signature);
        }
        Ok((Verified(self.0), statement))
    }
}
