//! Bodies of requests: first the role, then as many bytes as this account may have here at once, within a time. Nothing
//! of a body is read before its sender may send it.

use super::{
    Caller,
    answers::{Refused, must_be},
};
use crate::{gate::Pass, hub::Hub};
use axum::{
    body::Body,
    extract::{FromRequest, Request},
    http::{StatusCode, header},
};
use http_body_util::BodyExt as _;
use relto_formats::api::{Acknowledge, Approve, Decline, MAX_BODY, NewVersion, Role, StateChange, Submit, TrustClock};
use relto_report::unseen::{RULE, unseen};
use serde::de::DeserializeOwned;
use std::{sync::Arc, time::Duration};
use tokio::time::timeout;

/// Between two pieces of a body. API-19
const STALLED: Duration = Duration::from_secs(10);
/// The whole of a small body; each MiB has [`FOR_A_MIB`] more. API-19
const WHOLE: Duration = Duration::from_secs(20);
const FOR_A_MIB: Duration = Duration::from_secs(2);
/// What a body counts as at least.
const LEAST: usize = 4 * 1024;
/// A refused body of up to so many bytes is read and thrown away, so that the connection can be used on.
const SMALL: usize = 64 * 1024;

/// What may be posted, and by whom.
pub trait Posted: DeserializeOwned {
    /// Any of these roles may.
    const ROLES: &'static [Role];

    /// Name and text of what people type in it.
    fn typed(&self) -> Vec<(&'static str, &str)>;
}

impl Posted for Submit {
    const ROLES: &'static [Role] = &[Role::Author];

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
pub struct Posting<T> {
    /// The body.
    pub value: T,
    /// Its bytes.
    pub bytes: usize,
    /// Its share.
    pub share: Pass<String>,
}

impl<T: Posted> FromRequest<Arc<Hub>> for Posting<T> {
    type Rejection = Refused;

    async fn from_request(request: Request, hub: &Arc<Hub>) -> Result<Self, Refused> {
        let caller = request.extensions().get::<Caller>().cloned().ok_or_else(Refused::not_found)?;
        let length = request.headers().get(header::CONTENT_LENGTH);
        let length = length.map(|text| text.to_str().ok().and_then(|text| text.parse::<usize>().ok()));
        let most = match length {
            // Of unknown length: it may become the longest.
            None => MAX_BODY,
            Some(length) => length.filter(|length| *length <= MAX_BODY).ok_or_else(too_large)?,
        };
        let media = request.headers().get(header::CONTENT_TYPE).and_then(|text| text.to_str().ok()).unwrap_or_default();
        let is_json = media.split(';').next().is_some_and(|one| one.trim().eq_ignore_ascii_case("application/json"));
        // API-2, before a byte of the body is kept
        if let Err(refused) = must_be(&caller, T::ROLES) {
            if most <= SMALL {
                let _ = read(request.into_body(), most).await;
            }
            return Err(refused);
        }
        if !is_json {
            let text = "the body must be application/json";
            return Err(Refused::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "media-type", text));
        }
        let share = hub.bodies.enter(caller.0.account.clone(), most.max(LEAST)).ok_or_else(Refused::busy)?;
        let bytes = read(request.into_body(), most).await?;
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

fn too_large() -> Refused {
    let text = format!("the body has more than {MAX_BODY} bytes");
    Refused::new(StatusCode::PAYLOAD_TOO_LARGE, "too-large", text)
}

fn late() -> Refused {
    Refused::new(StatusCode::REQUEST_TIMEOUT, "late", "the body did not come in time; nothing was written")
}

async fn read(mut body: Body, most: usize) -> Result<Vec<u8>, Refused> {
    let reading = async {
        let mut bytes = Vec::new();
        while let Some(piece) = timeout(STALLED, body.frame()).await.map_err(|_| late())? {
            let piece = piece.map_err(|_| Refused::bad("the body broke off"))?;
            let Ok(data) = piece.into_data() else { continue };
            // API-15
            if bytes.len().saturating_add(data.len()) > most {
                return Err(too_large());
            }
            bytes.extend_from_slice(&data);
        }
        Ok(bytes)
    };
    let mib = u32::try_from(most / (1024 * 1024)).unwrap_or(u32::MAX);
    timeout(WHOLE.saturating_add(FOR_A_MIB.saturating_mul(mib)), reading).await.map_err(|_| late())?
}
