//! Long reports: uploaded part by part before their submission, as a client does it.

use crate::{
    fixture::{Side, author, sign},
    pair::{Act, Pair},
};
use relto_exchange::{
    body::Body,
    input::{Input, Uploaded},
    out::Answer,
    parts::{PART, Parts},
    ready::parts::hash,
    store::{Key, Row, SubmissionId, one},
};
use relto_report::{assessment::Document, attachment::bytes::Bytes as _, crypto::sha256};

/// As [`PART`].
const PART_BYTES: u64 = PART as u64;

/// The author of a side uploads a document and submits it; gives its number among what was submitted.
pub fn submit_long(pair: &mut Pair, side: Side, document: &Document) -> usize {
    let id = pair.next_id();
    upload(pair, (side, id), document);
    let authored = sign(side, &uploaded(pair, (side, id), document));
    pair.submit_as(side, id, &authored)
}

/// Uploads a document part by part, and goes on where it broke off.
pub fn upload(pair: &mut Pair, (side, id): (Side, SubmissionId), document: &Document) {
    let received = |pair: &Pair| match one(pair.nodes[side].reader(), &Key::Upload(id)).unwrap() {
        Some(Row::Upload(row)) => row.received,
        _ => 0,
    };
    while received(pair) < document.length() {
        let offset = received(pair);
        upload_part(pair, (side, id), &author(side), (document, offset));
    }
}

/// One part, from whomever; gives the answer.
pub fn upload_part(
    pair: &mut Pair,
    (side, id): (Side, SubmissionId),
    account: &str,
    (document, offset): (&Document, u64),
) -> Answer {
    let (length, account) = (document.length(), account.to_owned());
    let mut part = vec![0; usize::try_from((length - offset).min(PART_BYTES)).unwrap()];
    document.read_at(offset, &mut part).unwrap();
    let body = Body::new(part, *sha256(&[&id, &offset.to_le_bytes()]).as_bytes());
    let request = pair.request(side, move |ticket| {
        let (account, body) = (account.clone(), body.clone());
        Input::Uploaded(Box::new(Uploaded { ticket, id, account, length, offset, body }))
    });
    loop {
        pair.act(side, Act::Ask);
        pair.act(side, Act::Turn);
        if let Some(answer) = pair.answer(request) {
            return answer.clone();
        }
    }
}

/// The uploaded document, as the node makes it of what it has.
///
/// # Panics
/// Where that is another.
#[must_use]
pub fn uploaded(pair: &Pair, (side, id): (Side, SubmissionId), document: &Document) -> Document {
    let (node, parts) = (&pair.nodes[side], Parts::Uploaded(id));
    let found = hash(node.reader(), parts, document.length()).unwrap().unwrap();
    let found = found.document(node.shelf(), parts).unwrap();
    assert!(found == *document && found.is_apart());
    found
}
