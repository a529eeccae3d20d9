//! Bodies of requests: first the role, then as many bytes as this account may have here at once, counted as they come and
//! within a time. Nothing of a body is read before its sender may send it, and nothing is set aside for what only may come.

use super::{
    caller::{Caller, Line},
    problem::{Refused, must_be},
};
use crate::{
    hub::Hub,
    pool::{Seat, Who},
};
use axum::{
    body::Body,
    extract::{FromRequest, Request},
    http::{HeaderMap, StatusCode, header},
};
use http_body_util::BodyExt as _;
use relto_formats::api::{
    Acknowledge, Approve, Decline, MAX_BODY, NewVersion, ProblemKind, RecoveryAct, Role, StateChange, Submit,
    TrustClock,
};
use relto_host::clock;
use relto_report::unseen::{RULE, unseen};
use serde::de::DeserializeOwned;
use std::{sync::Arc, time::Duration};
use tokio::time::{Instant, timeout_at};

/// Between two pieces of a body. API-19
const STALLED: Duration = Duration::from_secs(10);
/// The whole of a small body; each MiB that has come gives [`FOR_A_MIB`] more, whatever was announced. API-19
const WHOLE: Duration = Duration::from_secs(20);
const FOR_A_MIB: Duration = Duration::from_secs(2);
/// What a body counts as at least.
const LEAST: usize = 4 * 1024;
/// A refused body of up to so many bytes is read and thrown away, so that the connection can be used on.
const SMALL: usize = 64 * 1024;

/// What may be posted, and by whom.
pub(crate) trait Posted: DeserializeOwned {
    /// Any of these roles may.
    const ROLES: &'static [Role];
    /// Bytes of the longest one: where nothing else is said some signed lines, or an agreement and its signatures.
    const MOST: usize = 4 * 1024 * 1024;

    /// Name and text of what people type in it.
    fn typed(&self) -> Vec<(&'static str, &str)>;
}

impl Posted for Submit {
    const ROLES: &'static [Role] = &[Role::Author];
    const MOST: usize = MAX_BODY;

    fn typed(&self) -> Vec<(&'static str, &str)> {
        Vec::new()
    }
}
impl Posted for Approve {
    const ROLES: &'static [Role] = &[Role::Officer, Role::SeniorOfficer];

    fn typed(&self) -> Vec<(&'static str, &str)> {
        Vec::new()
    }
}
impl Posted for Decline {
    const ROLES: &'static [Role] = &[Role::Officer, Role::SeniorOfficer];

    fn typed(&self) -> Vec<(&'static str, &str)> {
        vec![("reason", &self.reason)]
    }
}
// API-28
impl Posted for Acknowledge {
    const ROLES: &'static [Role] = &[Role::Reader];

    fn typed(&self) -> Vec<(&'static str, &str)> {
        Vec::new()
    }
}
// API-27
impl Posted for StateChange {
    const ROLES: &'static [Role] = &[Role::Operator];

    fn typed(&self) -> Vec<(&'static str, &str)> {
        // The reader of its text looks at it.
        Vec::new()
    }
}
// API-45
impl Posted for TrustClock {
    const ROLES: &'static [Role] = &[Role::Operator, Role::Auditor];

    fn typed(&self) -> Vec<(&'static str, &str)> {
        Vec::new()
    }
}
// RCV-2
impl Posted for RecoveryAct {
    const ROLES: &'static [Role] = &[Role::Operator, Role::Auditor];

    fn typed(&self) -> Vec<(&'static str, &str)> {
        Vec::new()
    }
}
// API-34
impl Posted for NewVersion {
    const ROLES: &'static [Role] = &[Role::Operator];

    fn typed(&self) -> Vec<(&'static str, &str)> {
        // The reader of its text looks at it.
        Vec::new()
    }
}

/// A body, with its share of the bytes that its account may have here. To be dropped when the bytes are gone.
pub(crate) struct Posting<T> {
    /// The body.
    pub value: T,
    /// Its bytes.
    pub bytes: usize,
    /// Its share.
    pub share: Seat<String>,
}

impl<T: Posted> FromRequest<Arc<Hub>> for Posting<T> {
    type Rejection = Refused;

    async fn from_request(request: Request, hub: &Arc<Hub>) -> Result<Self, Refused> {
        let caller = request.extensions().get::<Caller>().cloned().ok_or_else(Refused::not_found)?;
        let length = request.headers().get(header::CONTENT_LENGTH);
        let length = length.map(|text| text.to_str().ok().and_then(|text| text.parse::<usize>().ok()));
        let most = match length {
            // Of unknown length: it may become the longest.
            None => T::MOST,
            Some(length) => length.filter(|length| *length <= T::MOST).ok_or_else(|| too_large(T::MOST))?,
        };
        let is_json = is_of_media(request.headers(), "application/json");
        // API-2, before a byte of the body is kept
        if let Err(refused) = must_be(&caller, T::ROLES) {
            if most <= SMALL {
                let _ = read(request.into_body(), most, |_| true).await;
            }
            return Err(refused);
        }
        if !is_json {
            let text = "the body must be application/json";
            return Err(Refused::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, ProblemKind::MediaType, text));
        }
        // API-37: what it says is to come takes nothing yet
        let Line(line) = request.extensions().get::<Line>().cloned().ok_or_else(Refused::not_found)?;
        let who = Who::account(&caller.0.account);
        let share = hub.shares.of(&caller.0).bodies.enter(who, LEAST, &line, clock::monotonic_ms());
        let share = share.ok_or_else(Refused::busy)?;
        let grow = |more: usize| share.grow(more, clock::monotonic_ms());
        let bytes = read(request.into_body(), most, grow).await?;
        share.fix();
        let value = serde_json::from_slice(&bytes).map_err(|fault| Refused::bad(format!("the body: {fault}")))?;
        is_seen(&value)?;
        Ok(Self { value, bytes: bytes.len(), share })
    }
}

/// Refuses what a person typed where it has a character that nobody sees. RPT-8
fn is_seen<T: Posted>(value: &T) -> Result<(), Refused> {
    let found = value.typed().into_iter().find_map(|(name, text)| Some((name, unseen(text)?)));
    found.map_or(Ok(()), |(name, one)| Err(Refused::bad(format!("{name} ({RULE}): {one}"))))
}

/// Whether a request says that its body is of this media type.
pub(super) fn is_of_media(headers: &HeaderMap, wanted: &str) -> bool {
    let media = headers.get(header::CONTENT_TYPE).and_then(|text| text.to_str().ok()).unwrap_or_default();
    media.split(';').next().is_some_and(|one| one.trim().eq_ignore_ascii_case(wanted))
}

fn too_large(most: usize) -> Refused {
    let text = format!("the body has more than {most} bytes");
    Refused::new(StatusCode::PAYLOAD_TOO_LARGE, ProblemKind::TooLarge, text)
}

fn late() -> Refused {
    Refused::new(StatusCode::REQUEST_TIMEOUT, ProblemKind::Late, "the body did not come in time; nothing was written")
}

/// Until when the next piece must be here, by the bytes that are.
pub(super) fn due(began: Instant, last: Instant, bytes: usize) -> Instant {
    let mib = u32::try_from(bytes / (1024 * 1024)).unwrap_or(u32::MAX);
    (began + WHOLE.saturating_add(FOR_A_MIB.saturating_mul(mib))).min(last + STALLED)
}

async fn read(mut body: Body, most: usize, grow: impl Fn(usize) -> bool) -> Result<Vec<u8>, Refused> {
    let began = Instant::now();
    let (mut bytes, mut last) = (Vec::new(), began);
    while let Some(piece) = timeout_at(due(began, last, bytes.len()), body.frame()).await.map_err(|_| late())? {
        let piece = piece.map_err(|_| Refused::bad("the body broke off"))?;
        let Ok(data) = piece.into_data() else { continue };
        // API-15
        if bytes.len().saturating_add(data.len()) > most {
            return Err(too_large(most));
        }
        if !grow(data.len()) {
            return Err(Refused::busy());
        }
        bytes.extend_from_slice(&data);
        last = Instant::now();
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn api_19_a_body_has_time_by_what_has_come_and_not_by_what_was_announced() {
        let began = Instant::now();
        let second = Duration::from_secs(1);
        let left = |last: u32, bytes| due(began, began + last * second, bytes) - began;
        assert_eq!(left(0, 0), STALLED, "the first piece");
        assert_eq!(left(19, 1_000), WHOLE, "a byte now and then does not keep it");
        assert_eq!(left(19, 5 * 1024 * 1024), 29 * second, "it goes on every 10 s");
        assert_eq!(left(179, MAX_BODY), 180 * second, "the longest has 3 minutes");
    }
}
