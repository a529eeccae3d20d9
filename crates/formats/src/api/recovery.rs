//! Bodies of a recovery: what a halted node would do, and who asks for it.

use super::Role;
use crate::base64_bytes::Bytes;
use serde::{Deserialize, Serialize};

/// `GET /v1/recovery`: the way back of a node that has halted.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recovery {
    /// Its name.
    pub node: String,
    /// How many times it has started on its store, this time counted: what is signed is of one start.
    pub start: u64,
    /// Why it appends to no log; null: it does, and there is nothing to recover.
    pub halted: Option<String>,
    /// What would be done, in the text whose digest is signed.
    pub plan: Option<String>,
    /// Partners that have not said yet what they hold of our logs.
    pub waits_for: Vec<String>,
    /// Why it cannot be carried out.
    pub wrong: Option<String>,
    /// Who has signed this very plan within the hour: operator, auditor.
    pub signed_by: Vec<Role>,
    /// It was carried out, and the node starts anew.
    pub done: bool,
}

/// `POST /v1/recovery`: one of the two asks for something.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", tag = "act")]
pub enum RecoveryAct {
    /// The plan of the statement is to be carried out.
    Sign {
        /// The statement in its signed form.
        statement: Bytes,
        /// The account's Ed25519 signature.
        signature: Bytes,
    },
    /// Both have signed: do it.
    Start,
    /// What was signed is taken back.
    Abort,
}
