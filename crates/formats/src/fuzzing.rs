//! Body of the fuzz target for what a client sends, replayed over the corpus by an ordinary test.

use crate::api::{Approve, Decline, Submit};

/// Any bytes as each request body: no panic, and what is accepted is written and read back alike.
pub fn fuzz_body(data: &[u8]) {
    if let Ok(submit) = serde_json::from_slice::<Submit>(data) {
        let text = serde_json::to_vec(&submit).unwrap_or_default();
        let again = serde_json::from_slice::<Submit>(&text);
        assert!(again.is_ok_and(|again| again.plaintext == submit.plaintext), "a body reads as it was written");
    }
    let _ = serde_json::from_slice::<Approve>(data);
    let _ = serde_json::from_slice::<Decline>(data);
}
