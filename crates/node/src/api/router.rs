//! Which handler answers which path.

use super::{
    acknowledge, agreements, attachments, changes, clock, inbox, listing, people, recovery, register, status, stream,
    submissions, uploads,
};
use crate::hub::Hub;
use axum::{
    Router,
    routing::{get, post},
};
use relto_formats::api::MAX_BATCH_LINES;
use std::sync::Arc;

/// All routes.
pub(super) fn router(hub: Arc<Hub>) -> Router {
    Router::new()
        .route("/v1/health", get(status::health))
        .route("/v1/metrics", get(status::metrics))
        .route("/v1/status", get(status::status))
        .route("/v1/clock", post(clock::trust))
        .route("/v1/recovery", get(recovery::show).post(recovery::act))
        .route("/v1/agreements", get(agreements::agreements))
        .route("/v1/agreements/{id}", get(agreements::agreement))
        .route("/v1/agreements/{id}/changes", get(changes::list).post(changes::state))
        .route("/v1/agreements/{id}/versions", post(changes::install))
        .route("/v1/checks", post(submissions::check))
        .route("/v1/submissions", get(listing::list).post(submissions::submit))
        .route("/v1/submissions:batch", post(stream::bulk::<MAX_BATCH_LINES>))
        .route("/v1/submissions:stream", post(stream::bulk::<{ u64::MAX }>))
        .route("/v1/submissions/{id}", get(submissions::show))
        .route("/v1/uploads/{id}", get(uploads::show).put(uploads::put))
        .route("/v1/outbox", get(inbox::outbox))
        .route("/v1/inbox", get(inbox::inbox))
        .route("/v1/inbox/{agreement}/{index}", get(inbox::open))
        .route("/v1/inbox/{agreement}/serials/{serial}", get(inbox::open_serial))
        .route("/v1/inbox/{agreement}/{index}/acknowledge", post(acknowledge::acknowledge))
        .route("/v1/inbox/{agreement}/{index}/attachments/{n}", get(attachments::received))
        .route("/v1/receipts/{agreement}/{index}", get(inbox::receipt))
        .route("/v1/register", get(register::register))
        .route("/v1/holds", get(people::holds))
        .route("/v1/holds/{id}", get(people::hold))
        .route("/v1/holds/{id}/attachments/{n}", get(attachments::on_hold))
        .route("/v1/holds/{id}/approve", post(people::approve))
        .route("/v1/holds/{id}/decline", post(people::decline))
        // API-3 is in the bodies' types
        .with_state(hub)
}
