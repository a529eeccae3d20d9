//! The work on lines: checked together, decided in order, answered as they are decided.

use super::{
    super::{
        problem::Refused,
        submissions::{MAX_WAIT, settled},
        submitting::{Asked, Claimed, Sender, Signed, Ticket, id_of, seed},
    },
    lines::{End, Lines, OneLine},
    reply::{Held, Replies, problem},
};
use axum::http::StatusCode;
use relto_audit::leaf::Precedence;
use relto_exchange::{ready::Seed, store::SubmissionId};
use relto_formats::api::{LineAnswer, ProblemKind, StreamEnd, StreamLine, Submission, Submit};
use relto_report::signed::NotSigned;
use std::time::Duration;
use tokio::sync::mpsc;

/// Lines that are checked in one visit to the verifier, so that others wait for few.
const AT_ONCE: usize = 32;

/// What a client asked for.
#[derive(Clone, Copy)]
pub(super) struct Terms {
    /// Lines at most.
    pub(super) most: u64,
    /// Whether the partner's answer is waited for.
    pub(super) waits: bool,
}

/// A line in work: its number, its place, its share of bytes.
struct Numbered {
    number: u64,
    id: String,
    held: Held,
}

/// A line that has a form.
struct Formed {
    of: Numbered,
    ticket: Ticket,
    claimed: Claimed,
}

/// A line whose signature is checked.
struct Checked {
    of: Numbered,
    ticket: Ticket,
    signed: Signed,
}

/// Reads and works on all lines; ends with the last answer, or where the client goes away.
pub(super) async fn run(from: Sender, mut lines: Lines, replies: Replies, terms: Terms) {
    let lanes = Lanes::open(&from, &replies, terms);
    let mut number = 0;
    let end = loop {
        let mut formed = Vec::new();
        let end = loop {
            // With lines at hand nobody waits for a place.
            let place = if formed.is_empty() { replies.place().await } else { replies.place_now() };
            let place = match place {
                Some(place) => place,
                None if formed.is_empty() => break Some(End::Broken),
                None => break None,
            };
            // Lines at hand go on; for what may come, and for room, only those who have none wait.
            let line = match lines.here() {
                None | Some(Err(End::Busy)) if !formed.is_empty() => break None,
                None | Some(Err(End::Busy)) => lines.next().await,
                Some(line) => line,
            };
            let held = Held { _place: place, _share: None };
            match line {
                Ok(line) => {
                    number += 1;
                    if number > terms.most {
                        refuse(&replies, (number, None), too_many(), held).await;
                        break Some(End::Broken);
                    }
                    formed.extend(form(&from, &replies, (number, held), line).await);
                }
                Err(end @ (End::TooLong | End::Busy)) => {
                    let why = if end == End::Busy { Refused::busy() } else { too_long() };
                    refuse(&replies, (number + 1, None), why, held).await;
                    break Some(end);
                }
                Err(end) => break Some(end),
            }
            if formed.len() == AT_ONCE {
                break None;
            }
        };
        check(&from, &replies, &lanes, formed).await;
        if let Some(end) = end {
            break end;
        }
    };
    drop(lanes);
    if end == End::Whole {
        replies.all_done().await;
        replies.give(&StreamLine::End(StreamEnd { end: true, lines: number }), None).await;
    }
}

fn too_many() -> Refused {
    let text = "a batch has more lines than that; send the rest as another, or as a stream";
    Refused::new(StatusCode::PAYLOAD_TOO_LARGE, ProblemKind::TooLarge, text)
}

fn too_long() -> Refused {
    Refused::new(
        StatusCode::PAYLOAD_TOO_LARGE,
        ProblemKind::TooLarge,
        "the line is longer than a body may be; nothing behind it is read",
    )
}

/// A line's bytes as a submission. One that is none is answered, and the next goes on.
async fn form(
    from: &Sender,
    replies: &Replies,
    (number, held): (u64, Held),
    OneLine { bytes, share }: OneLine,
) -> Option<Formed> {
    let held = Held { _share: Some(share), ..held };
    let body: Submit = match serde_json::from_slice(&bytes) {
        Ok(body) => body,
        Err(fault) => {
            refuse(replies, (number, None), Refused::bad(format!("line {number}: {fault}")), held).await;
            return None;
        }
    };
    // What is no id is not said again.
    let id = id_of(&body.id).ok().map(|_| body.id.clone());
    let made = async {
        let ticket = Ticket::take(from, &body.id, bytes.len()).await?;
        Ok((ticket, Claimed::read(&from.hub, body, None)?))
    };
    match made.await {
        Ok((ticket, claimed)) => {
            Some(Formed { of: Numbered { number, id: id.unwrap_or_default(), held }, ticket, claimed })
        }
        Err(refused) => {
            refuse(replies, (number, id), refused, held).await;
            None
        }
    }
}

/// One visit to the verifier for all that is here, and on into their lanes, in order.
async fn check(from: &Sender, replies: &Replies, lanes: &Lanes, formed: Vec<Formed>) {
    let mut claims: Vec<(Claimed, Seed)> = Vec::with_capacity(formed.len());
    let mut rest = Vec::with_capacity(formed.len());
    for Formed { of, ticket, claimed } in formed {
        match seed() {
            Ok(seed) => {
                claims.push((claimed, seed));
                rest.push((of, ticket));
            }
            Err(refused) => refuse(replies, (of.number, Some(of.id)), refused, of.held).await,
        }
    }
    if rest.is_empty() {
        return;
    }
    let (key, hub) = (from.caller.0.key, from.hub.clone());
    let checked = from.hub.verify(move || {
        let all = claims.into_iter().map(|(claimed, seed)| claimed.check(&hub, &key, seed));
        all.collect::<Vec<Result<Signed, NotSigned>>>()
    });
    let Some(checked) = checked.await else {
        for (of, _) in rest {
            refuse(replies, (of.number, Some(of.id)), Refused::busy(), of.held).await;
        }
        return;
    };
    for ((of, ticket), signed) in rest.into_iter().zip(checked) {
        match signed {
            Ok(signed) => lanes.put(Checked { of, ticket, signed }).await,
            Err(fault) => {
                refuse(replies, (of.number, Some(of.id)), from.not_signed(fault), of.held).await;
            }
        }
    }
}

/// One lane for each precedence. API-51
struct Lanes([mpsc::Sender<Checked>; Precedence::ALL.len()]);

impl Lanes {
    fn open(from: &Sender, replies: &Replies, terms: Terms) -> Self {
        Self(Precedence::ALL.map(|_| {
            let (sender, lines) = mpsc::channel(super::reply::IN_WORK);
            tokio::spawn(lane(from.clone(), replies.clone(), terms, lines));
            sender
        }))
    }

    /// What names no precedence is refused by its rule, in the slowest lane.
    async fn put(&self, line: Checked) {
        let known = Precedence::parse(line.signed.precedence());
        let lane = known.map_or(Precedence::ALL.len() - 1, Precedence::lane);
        if let Some(lane) = self.0.get(lane) {
            let _ = lane.send(line).await;
        }
    }
}

/// Puts lines before the writer in their order; what must be looked at for longer holds up its lane alone.
async fn lane(from: Sender, replies: Replies, terms: Terms, mut lines: mpsc::Receiver<Checked>) {
    while let Some(Checked { of, ticket, signed }) = lines.recv().await {
        match signed.make_ready(&from).await {
            Ok(ready) => {
                let id = ticket.id;
                let asked = ready.put(&from, ticket);
                tokio::spawn(answer(from.clone(), replies.clone(), terms, of, (id, asked)));
            }
            Err(refused) => refuse(&replies, (of.number, Some(of.id)), refused, of.held).await,
        }
    }
}

/// Tells how a line was decided, and then what the partner answered.
async fn answer(from: Sender, replies: Replies, terms: Terms, of: Numbered, (id, asked): (SubmissionId, Asked)) {
    let Numbered { number, id: text, held } = of;
    let (found, told) = match asked.answered(&from).await {
        Ok(answered) => answered,
        Err(refused) => return refuse(&replies, (number, Some(text)), refused, held).await,
    };
    let line = |submission: Submission, outcome| {
        StreamLine::Answer(Box::new(LineAnswer {
            line: number,
            id: Some(text.clone()),
            submission: Some(submission),
            outcome,
            problem: None,
        }))
    };
    if !terms.waits {
        replies.give(&line(found, false), Some(held)).await;
        return;
    }
    if !replies.give(&line(found.clone(), false), None).await {
        return;
    }
    // The bytes are with the store now, or gone, and reasons are told once.
    let held = Held { _share: None, ..held };
    match settled(&from.hub, id, found, told, Duration::from_secs(MAX_WAIT)).await {
        Ok(found) => {
            replies.give(&line(found, true), Some(held)).await;
        }
        // Its first answer stands.
        Err(refused) => {
            replies.give(&problem((number, Some(text.clone())), true, refused), Some(held)).await;
        }
    }
}

async fn refuse(replies: &Replies, (line, id): (u64, Option<String>), refused: Refused, held: Held) {
    let answer = problem((line, id), false, refused);
    replies.give(&answer, Some(held)).await;
}
