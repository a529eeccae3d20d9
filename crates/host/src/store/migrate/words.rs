//! Rows as store version 3 had them, whose reasons were words, and the same rows of version 4. The one place where those
//! words are taken apart.

use relto_audit::leaf::{Precedence, Verdict};
use relto_exchange::rows::{About, Inbox, Submission, SubmissionState};
use relto_policy::{
    ground::{Ground, Named},
    waits::Waits,
};
use relto_report::{
    codec::{self, Malformed, Validate},
    digest::Digest,
};
use serde::{Deserialize, Serialize};

/// Bytes of the longest of these rows: 64 reasons of 900 bytes, and what else there is.
const MAX_ROW: usize = 1 << 20;

/// [`Inbox`]
#[derive(Serialize, Deserialize)]
struct OldInbox {
    verdict: Verdict,
    codes: u64,
    reasons: Vec<String>,
    outcome: u64,
    serial: String,
    precedence: Precedence,
    time: u64,
    length: u64,
    statement: Option<About>,
    acknowledged: Option<u64>,
}

/// [`SubmissionState`]
#[derive(Serialize, Deserialize)]
enum OldState {
    Released(u64),
    Held(Vec<String>),
    Queued(String),
    Refused(Vec<String>),
    Declined { officer: String, reason: String },
}

/// [`Submission`]
#[derive(Serialize, Deserialize)]
struct OldSubmission {
    account: String,
    signed: Digest,
    agreement: String,
    serial: String,
    precedence: Precedence,
    time: u64,
    state: OldState,
}

impl Validate for OldInbox {
    fn validate(&self) -> Result<(), Malformed> {
        Ok(())
    }
}

impl Validate for OldSubmission {
    fn validate(&self) -> Result<(), Malformed> {
        Ok(())
    }
}

/// A row of the inbox, of version 4.
///
/// # Errors
/// [`Malformed`] where the bytes are no row of version 3.
pub(super) fn inbox(row: &[u8]) -> Result<Vec<u8>, Malformed> {
    let old: OldInbox = codec::decode::<_, MAX_ROW>(row)?;
    let OldInbox { verdict, codes, reasons, outcome, serial, precedence, time, length, statement, acknowledged } = old;
    let reasons = grounds(reasons);
    Ok(codec::encode(&Inbox {
        verdict,
        codes,
        reasons,
        outcome,
        serial,
        precedence,
        time,
        length,
        statement,
        acknowledged,
    }))
}

/// A row of a submission, of version 4.
///
/// # Errors
/// [`Malformed`] where the bytes are no row of version 3.
pub(super) fn submission(row: &[u8]) -> Result<Vec<u8>, Malformed> {
    let old: OldSubmission = codec::decode::<_, MAX_ROW>(row)?;
    let OldSubmission { account, signed, agreement, serial, precedence, time, state } = old;
    let state = match state {
        OldState::Released(index) => SubmissionState::Released(index),
        OldState::Held(owed) => SubmissionState::Held(grounds(owed)),
        OldState::Queued(why) => SubmissionState::Queued(waits(why)),
        OldState::Refused(reasons) => SubmissionState::Refused(reasons.into_iter().map(ground).map(unquoted).collect()),
        OldState::Declined { officer, reason } => SubmissionState::Declined { officer, reason },
    };
    Ok(codec::encode(&Submission { account, signed, agreement, serial, precedence, time, state }))
}

fn grounds(words: Vec<String>) -> Vec<Ground> {
    words.into_iter().map(ground).collect()
}

/// `NAME: sentence`, or `NAME` alone; before the name of a clause that national rules narrow `NATIONAL_SCOPE:`. What has
/// no name that is known keeps its words.
fn ground(words: String) -> Ground {
    let (name, detail) = words.split_once(": ").map_or((words.as_str(), None), |(name, rest)| (name, Some(rest)));
    let scoped = name.strip_prefix("NATIONAL_SCOPE:");
    match Named::of(scoped.unwrap_or(name)) {
        Named::Other(_) => {
            Ground { code: Named::Other(Named::UNKNOWN.to_owned()), national: false, detail: Some(words) }
        }
        code => Ground { code, national: scoped.is_some(), detail: detail.map(str::to_owned) },
    }
}

/// Of a refusal no sentence stays, which would quote the report; words without a name are all that there is.
fn unquoted(ground: Ground) -> Ground {
    if matches!(ground.code, Named::Other(_)) { ground } else { ground.cause().into() }
}

/// What version 3 said of whatever waits.
const WAITS: [(&str, Waits); 7] = [
    ("its attachments are being looked at", Waits::Attachments),
    ("its words and attachments are being looked at", Waits::Content),
    ("the clock of this node is not trusted", Waits::Clock),
    ("the partner's clock differs by more than the agreement's skew", Waits::ClocksDiffer),
    ("the partner has not confirmed the heads of the logs", Waits::Heads),
    ("the seal key does not keep up", Waits::SealKey),
    ("the window of unanswered reports is full", Waits::Window),
];
const LACKING: (&str, &str) =
    ("a version of the agreement that is adopted is not installed here: ", ". Install its file");

fn waits(words: String) -> Waits {
    let version = words.strip_prefix(LACKING.0).and_then(|rest| rest.strip_suffix(LACKING.1));
    let known = WAITS.into_iter().find(|(text, _)| *text == words).map(|(_, waits)| waits);
    known.or_else(|| version.and_then(Digest::parse).map(Waits::Version)).unwrap_or(Waits::Words(words))
}

#[cfg(test)]
mod tests {
    use super::*;
    use relto_policy::code::{Code, Reason};

    #[test]
    fn every_reason_that_was_written_reads_as_it_did() {
        for code in Code::ALL {
            for national in [false, true] {
                for detail in ["cut-off 3 days ago: 2 agreed", ""] {
                    let reason = Reason { code: *code, national, detail: detail.to_owned() };
                    let found = ground(reason.to_string());
                    assert_eq!(found.to_string(), reason.to_string());
                    assert!(found.is(*code));
                    let bare = ground(reason.name());
                    assert_eq!((bare.name(), bare.detail), (reason.name(), None));
                }
            }
        }
        let rule = ground("R012: serial XAA-J2-2026-0001 was used. Draw another: see".to_owned());
        assert_eq!(rule.code, Named::Rule("R012"));
        assert_eq!(rule.detail.as_deref(), Some("serial XAA-J2-2026-0001 was used. Draw another: see"));
        for words in ["TOPIC_NOT_AGREED: space", "whatever: it was", ""] {
            let found = ground(words.to_owned());
            assert_eq!((found.name().as_str(), found.detail.as_deref()), (Named::UNKNOWN, Some(words)));
        }
    }

    #[test]
    fn whatever_waited_waits_for_the_same() {
        for (words, known) in WAITS {
            assert_eq!(waits(words.to_owned()), known);
        }
        let version = Waits::Version(Digest::from_bytes([3; 32]));
        let lacks = format!("{}{}{}", LACKING.0, Digest::from_bytes([3; 32]), LACKING.1);
        assert_eq!(waits(lacks), version);
        let other = "the moon".to_owned();
        assert_eq!(waits(other.clone()), Waits::Words(other));
    }

    #[test]
    fn what_is_no_row_of_version_3_is_not_taken_for_one() {
        let digest = Digest::from_bytes([1; 32]);
        let held = Submission {
            account: "author".to_owned(),
            signed: digest,
            agreement: "A".to_owned(),
            serial: String::new(),
            precedence: Precedence::Flash,
            time: 1,
            state: SubmissionState::Held(vec![Ground::of(Code::ApprovalRequired, "one")]),
        };
        assert!(submission(&codec::encode(&held)).is_err());
        assert!(inbox(b"").is_err());
    }
}
