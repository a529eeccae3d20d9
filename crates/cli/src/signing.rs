//! What a person signs: an author a submission, an officer an approval.

use crate::profile::Profile;
use anyhow::Result;
use relto_formats::{
    api::{Approve, Held, Submit},
    base64_bytes::Bytes,
};
use relto_host::{clock, random};
use relto_policy::code::Code;
use relto_report::{
    assessment::Document,
    calendar::Timestamp,
    codec,
    crypto::Signer,
    digest::Digest,
    domain::{Tag, message},
    nation::Nation,
    signed::{ApprovalStatement, AuthorStatement, home_digest},
};
use std::collections::BTreeSet;

/// Seconds for which an approval answers.
const APPROVAL_LASTS: i64 = 24 * 60 * 60;

/// Signs a document for a recipient under an agreement, with a new submission id. Of one whose attachments stand apart it has
/// the head alone, and says that the whole is uploaded: [`posted`] is what goes out then.
///
/// # Errors
/// Where the key does not answer or no randomness is given.
pub fn submission(
    signer: &dyn Signer,
    agreement: &str,
    to: Nation,
    document: &Document,
    home: Option<Vec<u8>>,
    emergency: bool,
) -> Result<Submit> {
    let statement = codec::encode(&AuthorStatement {
        agreement: agreement.to_owned(),
        recipient: to,
        traffic: document.report().traffic.clone(),
        plaintext: document.digest(),
        home: home_digest(home.as_deref()),
    });
    let signature = signer.sign(&message(Tag::Author, &statement))?;
    let id = uuid::Uuid::from_bytes(random::uuid_v7(clock::now_ms(), random::fill()?));
    Ok(Submit {
        id: id.to_string(),
        statement: Bytes(statement),
        signature: Bytes(signature.as_bytes().to_vec()),
        plaintext: Bytes(document.plaintext().to_vec()),
        uploaded: document.is_apart(),
        home: home.map(Bytes),
        emergency,
    })
}

/// A submission as it goes to the node: of what was uploaded it has no byte.
#[must_use]
pub fn posted(submit: &Submit) -> Submit {
    let plaintext = if submit.uploaded { Vec::new() } else { submit.plaintext.0.clone() };
    Submit {
        id: submit.id.clone(),
        statement: submit.statement.clone(),
        signature: submit.signature.clone(),
        plaintext: Bytes(plaintext),
        uploaded: submit.uploaded,
        home: submit.home.clone(),
        emergency: submit.emergency,
    }
}

/// Signs a document's release under a version of the agreement.
///
/// # Errors
/// Where the key cannot be read.
pub fn approval(
    profile: &Profile,
    agreement: Digest,
    to: Nation,
    document: &Document,
    precedence: &str,
    answers: Vec<String>,
) -> Result<Approve> {
    let statement = codec::encode(&ApprovalStatement {
        agreement,
        recipient: to,
        traffic: document.report().traffic.clone(),
        plaintext: document.digest(),
        precedence: precedence.to_owned(),
        answers,
        expires: Timestamp::from_millis(clock::now_ms()).plus(APPROVAL_LASTS),
    });
    let signature = profile.signer()?.sign(&message(Tag::Approval, &statement))?;
    Ok(Approve { statement: Bytes(statement), signature: Bytes(signature.as_bytes().to_vec()) })
}

/// The codes that this officer's approval answers: what is owed, and the release itself where it was answered by the
/// approval that this one replaces.
#[must_use]
pub fn answers(held: &Held, account: &str, emergency: bool) -> Vec<String> {
    // API-52: what this program's list does not have no officer signs by it.
    let owed = held.owed.iter().filter_map(|ground| ground.code.code());
    // That an author approved is no question that an approval answers; that it is an emergency is one for an officer's
    // own word, never by the way.
    let asked = |code: &Code| *code != Code::ApproverIsAuthor && (emergency || *code != Code::EmergencyRelease);
    let again = held.approved_by.iter().any(|one| one == account).then_some(Code::ApprovalRequired);
    let names: BTreeSet<&str> = owed.filter(asked).chain(again).map(Code::name).collect();
    names.into_iter().map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use relto_policy::ground::{Ground, Named};

    fn held(owed: &[&str], approved_by: &[&str]) -> Held {
        Held {
            id: String::new(),
            serial: String::new(),
            agreement: String::new(),
            account: "author".to_owned(),
            time: 0,
            owed: owed.iter().map(|name| Ground::new(Named::of(name), false, "TLP_FORBIDS: two: of them")).collect(),
            approved_by: approved_by.iter().map(|text| (*text).to_owned()).collect(),
        }
    }

    #[test]
    fn api_11_api_52_an_approval_answers_the_codes_that_are_owed_sorted_and_once() {
        let owed = ["SECOND_APPROVAL_REQUIRED", "APPROVAL_REQUIRED", "APPROVER_IS_AUTHOR", "APPROVAL_REQUIRED"];
        assert_eq!(answers(&held(&owed, &[]), "mira", false), ["APPROVAL_REQUIRED", "SECOND_APPROVAL_REQUIRED"]);
        let owed = ["REVIEW_DATE_PASSED", "OF_A_LATER_LIST", "R012"];
        assert_eq!(answers(&held(&owed, &["ivo"]), "mira", false), ["REVIEW_DATE_PASSED"]);
        assert_eq!(answers(&held(&owed, &["mira"]), "mira", false), ["APPROVAL_REQUIRED", "REVIEW_DATE_PASSED"]);
        let owed = ["APPROVAL_REQUIRED", "EMERGENCY_RELEASE"];
        assert_eq!(answers(&held(&owed, &[]), "mira", false), ["APPROVAL_REQUIRED"]);
        assert_eq!(answers(&held(&owed, &[]), "mira", true), ["APPROVAL_REQUIRED", "EMERGENCY_RELEASE"]);
    }
}
