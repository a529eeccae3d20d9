//! S4: the one road by which anything of ours is appended for the partner. The leaf, its payload and its records go into
//! one transaction. FLW-2

use crate::{
    acts::{emergency, session},
    model::{
        body::Body,
        place::{DetailAt, OutboxAt, PayloadAt},
        rows::{About, Confirmation, Detail, Outbox, Stage},
        store::SubmissionId,
    },
    turn::batch::{Step, View},
};
use relto_audit::{
    commitment::{SALT_BYTES, commit, commit_detail},
    leaf::{Leaf, Precedence, Released, Statement},
    tree::leaf_hash,
};
use relto_policy::check::Permit;
use relto_report::{codec, digest::Digest};
use std::sync::Arc;

/// What is posted: a report, or a Statement.
pub(crate) struct Posting<'a> {
    pub(crate) submission: SubmissionId,
    /// A report's serial; nothing for a Statement.
    pub(crate) serial: String,
    pub(crate) precedence: Precedence,
    /// Digest and length in bytes of the plaintext.
    pub(crate) plaintext: (Digest, u64),
    pub(crate) salt: [u8; 32],
    /// Salt and plaintext, as they are sent; of a long one whose attachments stand in parts, what comes before these.
    pub(crate) payload: &'a Arc<Vec<u8>>,
    /// The same, encrypted before the turn; a Statement is short, and is encrypted where it is stored.
    pub(crate) ready: Option<&'a Body>,
    pub(crate) detail: Detail,
    pub(crate) what: What<'a>,
}

/// A report leaves by a permit, a Statement by the rule of its form.
pub(crate) enum What<'a> {
    Report(&'a Permit),
    Statement(About),
}

/// Appends it, and gives the index of its leaf.
pub(crate) fn post(step: &mut Step, view: &View<'_>, posting: Posting<'_>) -> u64 {
    let (origin, index, time) = (view.pair.mine.origin, step.next_index(view), step.leaf_time(view));
    let (plaintext, bytes) = posting.plaintext;
    let length = bytes.saturating_add(SALT_BYTES);
    let released = Released {
        time,
        agreement: view.pair.agreement.digest,
        commitment: commit(origin, index, &posting.salt, bytes, &plaintext),
        length,
        precedence: posting.precedence,
        detail: commit_detail(origin, index, &posting.detail.salt, &codec::encode(&posting.detail)),
        seen: view.pair.theirs.as_head(),
    };
    let (leaf, statement) = match &posting.what {
        What::Report(_) => (Leaf::Released(released), None),
        What::Statement(about) => {
            (Leaf::Statement(Statement { released, form: about.form, subject: about.subject }), Some(*about))
        }
    };
    step.append(view, &leaf);
    let confirmation = match &posting.what {
        What::Report(permit) => emergency::owe_confirmation(step, view, posting.submission, index, permit),
        What::Statement(_) => Confirmation::NotOwed,
    };
    let exposed = session::expose_at_once(step, view, index, posting.precedence, (length, posting.payload));
    let outbox = Outbox {
        submission: posting.submission,
        account: posting.detail.account.clone(),
        serial: posting.serial,
        plaintext,
        precedence: posting.precedence,
        length,
        time,
        leaf: leaf_hash(&leaf.encode()),
        exposed,
        stage: Stage::Released,
        confirmation,
        statement,
        acknowledged: None,
    };
    match posting.ready {
        Some(body) => step.insert_body(PayloadAt(origin, index), body.clone()),
        None => step.insert(PayloadAt(origin, index), posting.payload.to_vec()),
    }
    step.insert(DetailAt(origin, index), posting.detail);
    step.insert(OutboxAt(origin, index), outbox);
    index
}
