//! Long plaintexts: sent part by part before the submission, and gone on with where they broke off. API-54

use super::{
    caller::{Caller, Line},
    content::LONG,
    posting::{due, is_of_media},
    problem::{Refused, blocking, must_be, refused},
    submitting::{id_of, seed},
};
use crate::{
    hub::Hub,
    pool::Who,
    sync::{Locked, lock},
};
use axum::{
    Extension, Json,
    body::Body as Incoming,
    extract::{Path, Query, Request, State},
    http::StatusCode,
};
use http_body_util::BodyExt as _;
use relto_exchange::{
    body::Body,
    input::{Input, Uploaded},
    out::Answer,
    parts::{PART, Parts},
    place::{self, UploadAt},
    ready::parts::{HashedPayload, hash},
    rows::Upload,
    store::SubmissionId,
};
use relto_formats::api::{ProblemKind, Role, UploadState};
use relto_host::{clock, process};
use relto_report::{
    assessment::{Document, Hashing, MAX_PAYLOAD},
    codec::Malformed,
};
use serde::Deserialize;
use std::{collections::VecDeque, sync::Arc};
use tokio::{
    sync::oneshot,
    task::{JoinHandle, spawn_blocking},
    time::{Instant, timeout_at},
};

/// Parts of one request that are before the writer at once.
const AT_ONCE: usize = 8;
/// Bytes that one request holds at most: those parts, encrypted, likewise the one that is hashed, and the one that comes.
const HELD: usize = (2 * AT_ONCE + 4) * PART;
/// Bytes that must be free on the disk beyond a whole upload when it begins.
const SPARE: u64 = 1024 * 1024 * 1024;

/// `?offset=N&length=N`: where the body begins, and how long the whole plaintext is.
#[derive(Deserialize, Clone, Copy)]
#[serde(deny_unknown_fields)]
pub(crate) struct At {
    offset: u64,
    length: u64,
}

/// `PUT /v1/uploads/{id}`: bytes of a plaintext from an offset on, as many as the client likes. What is whole of them is on
/// the disk when this is answered.
pub(crate) async fn put(
    State(hub): State<Arc<Hub>>,
    Extension(caller): Extension<Caller>,
    Extension(Line(line)): Extension<Line>,
    Path(id): Path<String>,
    Query(at): Query<At>,
    request: Request,
) -> Result<Json<UploadState>, Refused> {
    // API-2, before a byte of the body is kept
    must_be(&caller, &[Role::Author])?;
    if !is_of_media(request.headers(), "application/octet-stream") {
        let text = "the body must be application/octet-stream";
        return Err(Refused::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, ProblemKind::MediaType, text));
    }
    let id = id_of(&id)?;
    if at.length > MAX_PAYLOAD {
        return Err(Refused::invalid("R062", "a report and its attachments have at most 1 GiB and 2 MiB together"));
    }
    if at.offset == 0 && !has_room(&hub, at.length) {
        return Err(Refused::storage_full());
    }
    // API-37: all that it ever holds
    let who = Who::account(&caller.0.account);
    let share = hub.shares.of(&caller.0).bodies.enter(who, HELD, &line, clock::monotonic_ms());
    let _share = share.ok_or_else(Refused::busy)?;
    // The row first: what was hashed may be of an upload that was given up, and of which nothing is there any more.
    let row = of_account(&hub, &caller.0.account, id).await?;
    let goes_on = row.is_some_and(|row| row.received == at.offset);
    let before = hub.uploads.take(id, at.offset).filter(|_| goes_on);
    let hashing = if at.offset == 0 { Some(Hashing::new()) } else { before };
    let (account, asked) = (caller.0.account.clone(), VecDeque::new());
    let mut sending = Sending { hub, account, id, at, hashing, seen: true, work: None, asked, stored: at.offset };
    let read = sending.read(request.into_body()).await;
    let ended = sending.finish().await;
    read.and(ended)?;
    Ok(Json(UploadState { received: sending.stored, length: at.length }))
}

fn has_room(hub: &Hub, length: u64) -> bool {
    let folder = hub.config.database();
    let folder = folder.parent().unwrap_or(&folder);
    // Where the system does not say, the write does.
    process::room(folder).map_or(true, |room| room >= length.saturating_add(SPARE))
}

/// What was hashed up to the end of a part, and the part encrypted.
type Part = (Option<Hashing>, Body);

/// One request.
struct Sending {
    hub: Arc<Hub>,
    account: String,
    id: SubmissionId,
    at: At,
    /// `None` where others came before it that were not hashed here.
    hashing: Option<Hashing>,
    /// Whether all that was hashed is what was taken.
    seen: bool,
    /// The part that is being hashed and encrypted while the next one comes, and where it begins.
    work: Option<(u64, JoinHandle<Part>)>,
    /// Parts before the writer, with their ends.
    asked: VecDeque<(u64, oneshot::Receiver<(Answer, u64)>)>,
    /// Bytes on the disk.
    stored: u64,
}

impl Sending {
    /// Reads the body and puts its parts before the writer. A rest that is no whole part is left to the next request.
    async fn read(&mut self, mut body: Incoming) -> Result<(), Refused> {
        let began = Instant::now();
        let (mut came, mut last, mut offset) = (0, began, self.at.offset);
        let mut part = Vec::new();
        while let Some(piece) = timeout_at(due(began, last, came), body.frame()).await.map_err(|_| late())? {
            let piece = piece.map_err(|_| Refused::bad("the body broke off"))?;
            let Ok(data) = piece.into_data() else { continue };
            (came, last) = (came.saturating_add(data.len()), Instant::now());
            let mut data = &data[..];
            while !data.is_empty() {
                let count = data.len().min(PART.saturating_sub(part.len()));
                let (now, later) = data.split_at_checked(count).unwrap_or((data, &[]));
                part.extend_from_slice(now);
                data = later;
                let end = offset.saturating_add(u64::try_from(part.len()).unwrap_or(u64::MAX));
                if end > self.at.length {
                    return Err(Refused::bad("the body goes beyond the length of the whole"));
                }
                if part.len() == PART || end == self.at.length {
                    self.put(std::mem::take(&mut part), offset).await?;
                    offset = end;
                }
            }
        }
        Ok(())
    }

    /// Hashes and encrypts a part, while the next one comes.
    async fn put(&mut self, part: Vec<u8>, offset: u64) -> Result<(), Refused> {
        self.hand_on().await?;
        let (seed, hashing) = (seed()?, self.hashing.take());
        let work = move || {
            let mut hashing = hashing;
            if let Some(hashing) = &mut hashing {
                hashing.push(&part);
            }
            (hashing, Body::new(part, seed.part()))
        };
        self.work = Some((offset, spawn_blocking(work)));
        Ok(())
    }

    /// Puts the part that was hashed before the writer.
    async fn hand_on(&mut self) -> Result<(), Refused> {
        let Some((offset, work)) = self.work.take() else { return Ok(()) };
        let (hashing, body) = work.await.map_err(|_| Refused::busy())?;
        self.hashing = hashing;
        while self.asked.len() >= AT_ONCE {
            self.hear().await?;
        }
        let end = offset.saturating_add(body.length());
        let (id, account, length) = (self.id, self.account.clone(), self.at.length);
        let question = move |ticket| Input::Uploaded(Box::new(Uploaded { ticket, id, account, length, offset, body }));
        self.asked.push_back((end, self.hub.put(Box::new(question), false)));
        Ok(())
    }

    /// Waits for the oldest part's answer.
    async fn hear(&mut self) -> Result<(), Refused> {
        let Some((end, answer)) = self.asked.pop_front() else { return Ok(()) };
        let answer = answer.await;
        if let Ok((Answer::Taken(_), _)) = answer {
            self.stored = end;
            return Ok(());
        }
        // Whatever else: these bytes are not what the disk has, and what was hashed says nothing of it.
        (self.hashing, self.seen) = (None, false);
        match answer {
            // It was here before, and need not have been the same.
            Ok((Answer::Received(received), _)) if received == end => {
                self.stored = end;
                Ok(())
            }
            // It is elsewhere than the client thought: that is the answer.
            Ok((Answer::Received(received), _)) => Err(Refused::goes_on_at(received)),
            Ok((other, _)) => Err(refused(other)),
            Err(_) => Err(Refused::storage_full()),
        }
    }

    /// All answers; what was hashed is kept where all of it is on the disk.
    async fn finish(&mut self) -> Result<(), Refused> {
        self.hand_on().await?;
        while !self.asked.is_empty() {
            self.hear().await?;
        }
        // Only where each part of it was taken from this very request, or from those that were hashed before it.
        let all = self.seen && self.stored > self.at.offset;
        let hashed = self.hashing.take().filter(|hashing| all && hashing.pushed() == self.stored);
        if let Some(hashing) = hashed {
            self.hub.uploads.keep(self.id, hashing);
        }
        Ok(())
    }
}

fn late() -> Refused {
    let text = "the body did not come in time; what came of it in whole parts is kept";
    Refused::new(StatusCode::REQUEST_TIMEOUT, ProblemKind::Late, text)
}

/// The upload of this account under an id.
async fn of_account(hub: &Arc<Hub>, account: &str, id: SubmissionId) -> Result<Option<Upload>, Refused> {
    let reads = hub.clone();
    let row = blocking(move || Ok(place::read(&*lock(&reads.reader), UploadAt(id))?)).await?;
    // API-8
    Ok(row.filter(|row| row.account == account))
}

/// `GET /v1/uploads/{id}`: how much of it is here.
pub(crate) async fn show(
    State(hub): State<Arc<Hub>>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
) -> Result<Json<UploadState>, Refused> {
    must_be(&caller, &[Role::Author])?;
    let row = of_account(&hub, &caller.0.account, id_of(&id)?).await?.ok_or_else(Refused::not_found)?;
    Ok(Json(UploadState { received: row.received, length: row.length }))
}

/// The report that this account has uploaded whole under an id; what it breaks where it does not decode.
///
/// # Errors
/// Where it is not here, or not whole.
pub(super) async fn uploaded(
    hub: &Arc<Hub>,
    account: &str,
    id: SubmissionId,
) -> Result<Result<Document, Malformed>, Refused> {
    let row = of_account(hub, account, id).await?.ok_or_else(Refused::no_upload)?;
    if row.received != row.length {
        return Err(Refused::goes_on_at(row.received));
    }
    let parts = Parts::Uploaded(id);
    if let Some(found) = hub.uploads.found(id, &row) {
        return Ok(found.document(&*hub.shelf, parts));
    }
    let found = match hub.uploads.take(id, row.length) {
        Some(hashing) => Arc::new(HashedPayload::of(hashing)),
        None => {
            // Seconds of work that an account may ask for again and again.
            let _turn = LONG.wait(account).await.ok_or_else(Refused::busy)?;
            let (reads, length) = (hub.clone(), row.length);
            let found = blocking(move || Ok(hash(&Locked(&reads.longs), parts, length)?)).await?;
            found.ok_or_else(Refused::no_upload)?
        }
    };
    hub.uploads.note(id, &row, found.clone());
    Ok(found.document(&*hub.shelf, parts))
}
