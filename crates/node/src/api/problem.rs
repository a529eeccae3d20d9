//! Answers that are not 2xx, and who may ask at all.

use super::caller::Caller;
use axum::{
    Json,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use relto_exchange::{out::Answer, store::StoreError};
use relto_formats::api::{Problem, ProblemKind, Role};
use relto_report::nation::Nation;

/// An answer that is not 2xx.
pub(crate) struct Refused(StatusCode, Problem);

impl Refused {
    /// Its status and body.
    #[must_use]
    pub(crate) fn into_parts(self) -> (StatusCode, Problem) {
        (self.0, self.1)
    }

    /// A problem with its kind and text.
    pub(crate) fn new(status: StatusCode, error: ProblemKind, message: impl Into<String>) -> Self {
        Self(status, Problem { error, rule: None, message: message.into() })
    }

    /// A rule is broken.
    pub(crate) fn invalid(rule: &str, message: impl Into<String>) -> Self {
        let Self(status, problem) = Self::new(StatusCode::UNPROCESSABLE_ENTITY, ProblemKind::Invalid, message);
        // What comes of a file of ours or a partner's names its rules in its text, one for each fault.
        Self(status, Problem { rule: Some(rule.to_owned()).filter(|rule| !rule.is_empty()), ..problem })
    }

    /// What was signed and its signature do not belong together.
    pub(crate) fn not_signed(message: impl Into<String>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, ProblemKind::NotSigned, message)
    }

    /// The thing asked for is not there, or not for this account: the same answer for both. API-8
    pub(crate) fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, ProblemKind::NotFound, "there is no such thing here for this account")
    }

    /// The body breaks a rule.
    pub(crate) fn bad(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, ProblemKind::BadRequest, message)
    }

    /// Nothing was written.
    pub(crate) fn storage_full() -> Self {
        Self::new(
            StatusCode::INSUFFICIENT_STORAGE,
            ProblemKind::StorageFull,
            "storage is full; nothing was written. Try again with the same id",
        )
    }

    /// Bytes of an upload are expected from another place on.
    pub(crate) fn goes_on_at(received: u64) -> Self {
        let text = format!("{received} bytes of the upload are here: it goes on with the next");
        Self::new(StatusCode::CONFLICT, ProblemKind::Upload, text)
    }

    /// There is nothing to be submitted.
    pub(crate) fn no_upload() -> Self {
        let text = "nothing was uploaded under this id by this account, or it was given up: upload the plaintext first";
        Self::new(StatusCode::CONFLICT, ProblemKind::Upload, text)
    }

    /// Too much at once.
    pub(crate) fn busy() -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, ProblemKind::Busy, "too much is queued. Try again with the same id")
    }

    /// The account does not read what it asked for.
    pub(crate) fn busy_answers() -> Self {
        let text =
            "too many long answers to this account, or to all, are not read yet. Read those first, and ask again";
        Self::new(StatusCode::SERVICE_UNAVAILABLE, ProblemKind::Busy, text)
    }

    /// The account's share of refusals is used up. API-38
    pub(crate) fn refused_too_often(millis: u64) -> Self {
        let text = format!(
            "so many submissions of this account were refused that the next is taken in {} s. Check a report before you submit it: relto check --online",
            millis.div_ceil(1_000)
        );
        Self::new(StatusCode::SERVICE_UNAVAILABLE, ProblemKind::Busy, text)
    }
}

impl From<StoreError> for Refused {
    fn from(fault: StoreError) -> Self {
        tracing::error!(%fault, "the store could not be read for an answer");
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            ProblemKind::Store,
            "the store could not be read; the operator must look",
        )
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        (self.0, Json(self.1)).into_response()
    }
}

/// Whether the caller has one of these roles.
///
/// # Errors
/// 403 naming the roles that may.
pub(super) fn must_be(caller: &Caller, roles: &[Role]) -> Result<(), Refused> {
    // API-2
    if caller.0.roles.iter().any(|role| roles.contains(role)) {
        return Ok(());
    }
    let words: Vec<String> = roles.iter().filter_map(|role| serde_json::to_string(role).ok()).collect();
    Err(Refused::new(
        StatusCode::FORBIDDEN,
        ProblemKind::Role,
        format!("this needs one of the roles {}", words.join(", ")),
    ))
}

/// How people name a leaf: `XAA>XBB:17`.
pub(super) fn leaf_name(from: Nation, to: Nation, index: u64) -> String {
    format!("{from}>{to}:{index}")
}

/// An answer of the writer that is a refusal of the request itself.
pub(super) fn refused(answer: Answer) -> Refused {
    match answer {
        // API-4
        Answer::IdReused => {
            let text = "this id came before with other signed bytes, or from another account. Make a new id for a new submission";
            Refused::new(StatusCode::CONFLICT, ProblemKind::IdReused, text)
        }
        Answer::Invalid { rule, message } => Refused::invalid(rule, message),
        Answer::Received(received) => Refused::goes_on_at(received),
        Answer::TooMany(most) => {
            let text = format!(
                "{most} uploads of this account are open, or too many of all: submit those first, or wait until they are given up"
            );
            Refused::new(StatusCode::SERVICE_UNAVAILABLE, ProblemKind::Busy, text)
        }
        Answer::NotFound => Refused::not_found(),
        Answer::Unavailable(why) => Refused::new(StatusCode::SERVICE_UNAVAILABLE, ProblemKind::Unavailable, why),
        Answer::Stands(_) | Answer::Known(_) | Answer::Noted | Answer::Taken(_) | Answer::Releasable(_) => {
            Refused::new(
                StatusCode::INTERNAL_SERVER_ERROR,
                ProblemKind::Answer,
                "an answer of the wrong kind; the operator must look",
            )
        }
    }
}

/// Runs a blocking read off the tokio threads.
pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Refused> + Send + 'static,
) -> Result<T, Refused> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(_) => Err(Refused::busy()),
    }
}
