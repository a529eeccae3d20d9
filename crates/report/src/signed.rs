//! What people sign, and values that stand for a checked signature.
//!
//! These signatures never cross the link: the partner trusts the seal on the leaf. They are kept at home, under the
//! message's erasable key, and prove who wrote and who approved.

pub mod recovery;

use crate::{
    assessment::Document,
    calendar::Timestamp,
    codec::{self, Malformed, Validate, bound},
    crypto::{PublicKey, Signature},
    digest::Digest,
    domain::{Tag, hash, message},
    nation::Nation,
};
use serde::{Deserialize, Serialize};

/// Bytes of the longest statement that a person signs.
pub const MAX_STATEMENT: usize = 4096;

/// What an author signs: these bytes, under this agreement, to this nation, with this home file.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct AuthorStatement {
    /// Id of the agreement; every version of it.
    pub agreement: String,
    /// Who is to receive it.
    pub recipient: Nation,
    /// `live`, or the exercise's id.
    pub traffic: String,
    /// Tagged digest of the plaintext.
    pub plaintext: Digest,
    /// Tagged digest of the home file; of no bytes where there is none.
    pub home: Digest,
}

/// What a foreign disclosure officer signs. A new agreement version voids it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ApprovalStatement {
    /// Digest of the agreement version.
    pub agreement: Digest,
    /// Who is to receive it.
    pub recipient: Nation,
    /// `live`, or the exercise's id.
    pub traffic: String,
    /// Tagged digest of the plaintext.
    pub plaintext: Digest,
    /// Precedence that the officer sets.
    pub precedence: String,
    /// Names of the codes that this answers, sorted, each once.
    pub answers: Vec<String>,
    /// After this moment it answers nothing.
    pub expires: Timestamp,
}

/// What an operator and an auditor sign of a node's clock: that it is right, in this start of the node.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ClockStatement {
    /// Whose node.
    pub nation: Nation,
    /// Its name.
    pub node: String,
    /// How many times it has started on its store, this time counted: another start asks again.
    pub start: u64,
    /// What its clock said, as the signer compared it.
    pub time: Timestamp,
}

impl Validate for ClockStatement {
    fn validate(&self) -> Result<(), Malformed> {
        self.nation.validate()?;
        bound(self.node.len(), 64, "node")
    }
}

/// Such a statement as it is kept.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ClockWord {
    /// Account of the signer.
    pub account: String,
    /// The statement's exact bytes.
    #[serde(with = "serde_bytes")]
    pub statement: Vec<u8>,
    /// The signature over them.
    pub signature: Signature,
}

impl Unverified<ClockWord> {
    /// Checks the signature and that the statement decodes; gives it with what it says.
    ///
    /// # Errors
    /// [`NotSigned`].
    pub fn verify(self, signer: &PublicKey) -> Result<(Verified<ClockWord>, ClockStatement), NotSigned> {
        let statement: ClockStatement = codec::decode::<_, MAX_STATEMENT>(&self.0.statement)?;
        if !signer.verify(&message(Tag::Clock, &self.0.statement), &self.0.signature) {
            return Err(NotSigned::Signature);
        }
        Ok((Verified(self.0), statement))
    }
}

impl Validate for AuthorStatement {
    fn validate(&self) -> Result<(), Malformed> {
        self.recipient.validate()?;
        bound(self.agreement.len(), 40, "agreement id")?;
        bound(self.traffic.len(), 40, "traffic")
    }
}

impl Validate for ApprovalStatement {
    fn validate(&self) -> Result<(), Malformed> {
        self.recipient.validate()?;
        bound(self.traffic.len(), 40, "traffic")?;
        bound(self.precedence.len(), 16, "precedence")?;
        bound(self.answers.len(), 16, "answers")?;
        self.answers.iter().try_for_each(|one| bound(one.len(), 64, "answers"))?;
        if self.answers.is_sorted_by(|one, next| one < next) { Ok(()) } else { Err(Malformed::OutOfBounds("answers")) }
    }
}

/// Why a person's signature does not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotSigned {
    /// The signed bytes are no statement of this kind.
    #[error("the signed bytes are not a statement of this kind")]
    Statement(#[from] Malformed),
    /// The report that was sent with it has no bytes that decode.
    #[error("the report {0}")]
    Report(Malformed),
    /// The statement names other bytes than those sent with it.
    #[error("the statement names another {0} than was sent")]
    Names(&'static str),
    /// The signature is not this key's.
    #[error("the signature is not by the key on record for this account")]
    Signature,
}

/// Came from outside and nothing of it is checked.
#[derive(Clone)]
pub struct Unverified<T>(T);

/// Its signature was checked, over these very bytes. Only the functions of this module make one.
#[derive(Clone)]
pub struct Verified<T>(T);

impl<T> Unverified<T> {
    /// Wraps a value from outside.
    pub const fn new(value: T) -> Self {
        Self(value)
    }
}

impl<T> Verified<T> {
    /// The value.
    pub const fn get(&self) -> &T {
        &self.0
    }

    /// The value, out of its proof.
    pub fn into_inner(self) -> T {
        self.0
    }
}

/// A document as its author signed it.
#[derive(Clone)]
pub struct Authored {
    /// The report and its bytes.
    pub document: Document,
    /// The home file, which stays at home.
    pub home: Option<Vec<u8>>,
    /// What was signed.
    pub statement: AuthorStatement,
    /// The statement's exact bytes.
    pub statement_bytes: Vec<u8>,
    /// The author's signature over them.
    pub signature: Signature,
}

impl Authored {
    /// What this program stored itself, after it had checked the signature when it came.
    ///
    /// # Errors
    /// [`NotSigned`] where the stored bytes do not decode.
    pub fn from_store(plaintext: &[u8], home: &[u8], statement: &[u8], signature: &[u8]) -> Result<Self, NotSigned> {
        let document = Document::decode(plaintext.to_vec()).map_err(NotSigned::Report)?;
        Self::from_store_with(document, home, statement, signature)
    }

    /// The same with a document that is there already, such as one whose attachments stand apart.
    ///
    /// # Errors
    /// [`NotSigned`] where the stored bytes do not decode.
    pub fn from_store_with(
        document: Document,
        home: &[u8],
        statement: &[u8],
        signature: &[u8],
    ) -> Result<Self, NotSigned> {
        Ok(Self {
            document,
            home: (!home.is_empty()).then(|| home.to_vec()),
            statement: codec::decode::<_, MAX_STATEMENT>(statement)?,
            statement_bytes: statement.to_vec(),
            signature: Signature::from_slice(signature).ok_or(NotSigned::Signature)?,
        })
    }

    /// Digest of everything that was signed, for telling a repeated submission from another with the same id.
    #[must_use]
    pub fn digest(&self) -> Digest {
        hash(Tag::Author, &[&self.statement_bytes])
    }
}

/// Tagged digest of a home file, of no bytes where there is none.
#[must_use]
pub fn home_digest(home: Option<&[u8]>) -> Digest {
    hash(Tag::Home, &[home.unwrap_or_default()])
}

/// The report of a submission.
pub enum Sent {
    /// The plaintext of the payload, which nobody has looked at.
    Plaintext(Vec<u8>),
    /// What it was decoded to while it came, for its attachments stand apart.
    Decoded(Box<Document>),
}

impl From<Vec<u8>> for Sent {
    fn from(plaintext: Vec<u8>) -> Self {
        Self::Plaintext(plaintext)
    }
}

impl From<Document> for Sent {
    fn from(document: Document) -> Self {
        Self::Decoded(Box::new(document))
    }
}

/// A submission as it arrives.
pub struct Submitted {
    /// The report, with its attachments.
    pub report: Sent,
    /// The home file.
    pub home: Option<Vec<u8>>,
    /// The author's statement, encoded.
    pub statement: Vec<u8>,
    /// The author's signature.
    pub signature: Signature,
}

impl Unverified<Submitted> {
    /// Decodes the plaintext strictly and checks that the author signed it and the home file. RPT-4
    ///
    /// # Errors
    /// [`NotSigned`]; a plaintext that does not decode is [`NotSigned::Report`] with the fault, whatever was signed.
    pub fn verify(self, author: &PublicKey) -> Result<Verified<Authored>, NotSigned> {
        let Submitted { report, home, statement: statement_bytes, signature } = self.0;
        let statement: AuthorStatement = codec::decode::<_, MAX_STATEMENT>(&statement_bytes)?;
        if !author.verify(&message(Tag::Author, &statement_bytes), &signature) {
            return Err(NotSigned::Signature);
        }
        let document = match report {
            Sent::Plaintext(plaintext) => Document::decode(plaintext).map_err(NotSigned::Report)?,
            Sent::Decoded(document) => *document,
        };
        if document.digest() != statement.plaintext {
            return Err(NotSigned::Names("report"));
        }
        if home_digest(home.as_deref()) != statement.home {
            return Err(NotSigned::Names("home file"));
        }
        Ok(Verified(Authored { document, home, statement, statement_bytes, signature }))
    }
}

/// An officer's approval as it is kept.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Approval {
    /// Account of the officer.
    pub account: String,
    /// The statement's exact bytes.
    #[serde(with = "serde_bytes")]
    pub statement: Vec<u8>,
    /// The officer's signature over them.
    pub signature: Signature,
}

impl Unverified<Approval> {
    /// Checks the officer's signature and that the statement decodes. RPT-5
    ///
    /// # Errors
    /// [`NotSigned`].
    pub fn verify(self, officer: &PublicKey) -> Result<Verified<Approval>, NotSigned> {
        let _: ApprovalStatement = codec::decode::<_, MAX_STATEMENT>(&self.0.statement)?;
        if !self.0.is_by(officer) {
            return Err(NotSigned::Signature);
        }
        Ok(Verified(self.0))
    }
}

impl Approval {
    /// Whether this key signed it.
    #[must_use]
    pub fn is_by(&self, officer: &PublicKey) -> bool {
        officer.verify(&message(Tag::Approval, &self.statement), &self.signature)
    }

    /// The statement.
    ///
    /// # Errors
    /// [`Malformed`] where the bytes are no approval statement.
    pub fn statement(&self) -> Result<ApprovalStatement, Malformed> {
        codec::decode::<_, MAX_STATEMENT>(&self.statement)
    }
}

#[cfg(test)]
mod tests;
