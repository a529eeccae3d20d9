//! The agreements' files, for clients.

use super::{
    caller::Caller,
    problem::{Refused, must_be},
};
use crate::hub::Hub;
use axum::{
    Extension, Json,
    extract::{Path, State},
};
use relto_formats::{
    api::{Agreement, Role},
    base64_bytes::Bytes,
};
use std::sync::Arc;

/// `GET /v1/agreements`: the ids.
pub(super) async fn agreements(State(hub): State<Arc<Hub>>) -> Json<Vec<String>> {
    Json(hub.links.iter().map(|link| link.agreement.id.clone()).collect())
}

/// `GET /v1/agreements/{id}`: the version in force.
pub(super) async fn agreement(
    State(hub): State<Arc<Hub>>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
) -> Result<Json<Agreement>, Refused> {
    let at = hub.links.iter().position(|link| link.agreement.id == id).ok_or_else(Refused::not_found)?;
    let (link, files) = hub.links.get(at).zip(hub.files.get(at)).ok_or_else(Refused::not_found)?;
    let in_force = hub.versions.in_force(at, link).digest;
    let later = hub.versions.later(at).into_iter().find(|one| one.text.digest == in_force);
    let (file, signatures) = match later {
        Some(version) => (version.file.clone(), version.signatures.clone()),
        None => (files.agreement.clone(), files.signatures.clone()),
    };
    // Whoever writes reports is told before signing what the node would refuse; nobody else needs it.
    let content = link.national.as_deref().and_then(|rules| rules.content.as_ref());
    let serials = content.and_then(|content| content.source_serials.clone());
    let source_serials = serials.filter(|_| must_be(&caller, &[Role::Author]).is_ok());
    Ok(Json(Agreement {
        file: Bytes(file),
        signatures: Bytes(signatures),
        vocabulary: Bytes(files.vocabulary.clone()),
        registers: files.registers.iter().map(|(nation, bytes)| (nation.to_string(), Bytes(bytes.clone()))).collect(),
        partner: link.partner.to_string(),
        source_serials,
    }))
}
