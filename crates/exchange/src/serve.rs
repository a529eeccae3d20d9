//! What a connection needs of the store before it can send its next frame: leaves, a payload, and the answer to a partner's FETCH
//! or PROVE, in which there is nothing that it was not sent before. REC-1 to REC-3

use crate::{
    connection::{Asked, Need},
    model::{
        ids::LinkId,
        link::Link,
        place::{CheckpointAt, LeafAt, read, scan},
        store::{Reader, StoreError},
    },
    proofs,
    seal::{Outgoing, reload, resend},
    wire::{
        frame::{Frame, MAX_LEAVES},
        question::{Asking, ProofBody, Question},
    },
};
use relto_audit::origin::Origin;
use relto_report::digest::Digest;
use std::sync::Arc;

/// Leaves of one part, where a checkpoint was kept so soon.
const PART: u64 = 256;

/// Reads it; `None`: it is not there yet, or there is no such link.
///
/// # Errors
/// [`StoreError::Fatal`] when the store cannot be read.
pub fn read_need(reader: &dyn Reader, links: &[Link], need: Need) -> Result<Option<Outgoing>, StoreError> {
    let of = |log: Origin| {
        let at = links.iter().position(|link| link.mine() == log)?;
        Some((LinkId::at(at)?, links.get(at)?))
    };
    match need {
        Need::Leaves(log, from) => match of(log) {
            Some((id, link)) => resend(reader, id, log, &link.own_key, from),
            None => Ok(None),
        },
        Need::Payload(log, index, offset) => match of(log) {
            Some((id, _)) => reload(reader, id, log, index, offset).map(Some),
            None => Ok(None),
        },
        Need::Answer(asked) => answer(reader, &asked).map(Some),
    }
}

/// The answer, where there is one: of what the partner was not sent there is none, be it signed already or not. REC-2
fn answer(reader: &dyn Reader, asked: &Asked) -> Result<Outgoing, StoreError> {
    let frame = match asked.question {
        Question::Leaves(log, first) => leaves(reader, log, first, asked.limit)?,
        question => proof(reader, question, asked.limit)?,
    };
    Ok(Outgoing::Answer { link: asked.link, frame })
}

/// A part of a log, up to a checkpoint that was kept; at the end of it the newest checkpoint and no leaf.
fn leaves(reader: &dyn Reader, log: Origin, first: u64, limit: u64) -> Result<Option<Frame>, StoreError> {
    if first > limit {
        return Ok(None);
    }
    let most = first.saturating_add(u64::try_from(MAX_LEAVES).unwrap_or(0)).min(limit);
    let (from, soon) = (first.saturating_add(1), first.saturating_add(PART).min(limit));
    let kept = |from, to, count| scan(reader, CheckpointAt(log, from), CheckpointAt(log, to), count);
    // As many as a part has; where no checkpoint was kept so soon, up to the next.
    let end = match kept(from, soon, usize::try_from(PART).unwrap_or(0))?.pop() {
        None if soon < most => kept(from, most, 1)?.pop(),
        found => found,
    };
    let (size, note) = match end {
        Some((CheckpointAt(_, size), note)) => (size, note),
        None => match read(reader, CheckpointAt(log, first))? {
            Some(note) => (first, note),
            None => return Ok(None),
        },
    };
    let leaves: Vec<Vec<u8>> = if size == first {
        Vec::new()
    } else {
        let rows = scan(reader, LeafAt(log, first), LeafAt(log, size.saturating_sub(1)), MAX_LEAVES)?;
        rows.into_iter().map(|(_, leaf)| leaf).collect()
    };
    if u64::try_from(leaves.len()).ok() != size.checked_sub(first) {
        return Err(StoreError::Fatal("a leaf is missing under a checkpoint"));
    }
    Ok(Some(Frame::part(log, first, Arc::new(leaves), note)))
}

/// Of a tree that is not in the store, whoever showed it or said so in this session, there is no proof: what has come may wait for
/// the writer, and what a HELLO claims may be false.
fn is_stored(reader: &dyn Reader, log: Origin, size: u64) -> Result<bool, StoreError> {
    match size.checked_sub(1) {
        None => Ok(true),
        Some(last) => Ok(read(reader, LeafAt(log, last))?.is_some()),
    }
}

fn proof(reader: &dyn Reader, question: Question, limit: u64) -> Result<Option<Frame>, StoreError> {
    let size = match question {
        Question::Consistency(_, _, size) | Question::Inclusion(_, _, size) => size.min(limit),
        Question::Parts(..) | Question::Leaves(..) => limit,
    };
    if !is_stored(reader, question.log(), size)? {
        return Ok(None);
    }
    let hashes: Option<Vec<Digest>> = match question {
        Question::Consistency(log, first, second) if second <= limit => {
            proofs::consistency(reader, log, first, second)?
        }
        Question::Inclusion(log, index, size) if size <= limit => {
            proofs::path(reader, log, index, size)?.map(|(_, hashes)| hashes)
        }
        Question::Parts(log, first, level) if first < limit => Some(proofs::parts(reader, log, first, level, limit)?),
        Question::Leaves(..) | Question::Consistency(..) | Question::Inclusion(..) | Question::Parts(..) => None,
    };
    Ok(hashes.and_then(|hashes| match question.asking() {
        Asking::Prove(of) => Some(Frame::proof(ProofBody { of, hashes })),
        Asking::Fetch(_) => None,
    }))
}
