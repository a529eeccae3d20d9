//! Going on with an upload, and what of the files beside a report goes up.

use super::*;
use crate::{client::long::CannotRead, command::submit::kept, head::tests::with_attachment};
use relto_formats::{api::Problem, base64_bytes::Bytes};
use relto_report::{
    codec,
    nation::Nation,
    signed::{AuthorStatement, home_digest},
};

fn state(received: u64) -> Result<UploadState> {
    Ok(UploadState { received, length: 100 })
}

fn refused(status: u16, error: ProblemKind) -> anyhow::Error {
    Refused { status, problem: Problem { error, rule: None, message: String::new() } }.into()
}

#[test]
fn an_answer_says_where_it_goes_on() {
    let go = |step, answer| match next(step, answer, 100) {
        Ok(Next::Go(then)) => Some(then),
        _ => None,
    };
    let again = |step, answer| match next(step, answer, 100) {
        Ok(Next::Again(then, _)) => Some(then),
        _ => None,
    };
    assert_eq!(go(Step::Ask, Err(refused(404, ProblemKind::NotFound))), Some(Step::Put(0)));
    assert_eq!(go(Step::Ask, state(30)), Some(Step::Put(30)));
    assert_eq!(go(Step::Put(30), state(60)), Some(Step::Put(60)));
    assert!(matches!(next(Step::Put(60), state(100), 100), Ok(Next::Done)));
    assert_eq!(again(Step::Put(60), state(60)), Some(Step::Put(60)), "nothing was kept of it");
    assert_eq!(again(Step::Put(60), Err(refused(409, ProblemKind::Upload))), Some(Step::Ask));
    assert_eq!(again(Step::Put(60), Err(refused(503, ProblemKind::Busy))), Some(Step::Ask));
    assert_eq!(again(Step::Put(60), Err(refused(408, ProblemKind::Late))), Some(Step::Ask));
    assert_eq!(again(Step::Ask, Err(anyhow!("not reached"))), Some(Step::Ask));
    for fault in [
        refused(409, ProblemKind::IdReused),
        refused(403, ProblemKind::Role),
        refused(507, ProblemKind::StorageFull),
        CannotRead.into(),
    ] {
        assert!(next(Step::Put(60), Err(fault), 100).is_err());
    }
    assert!(next(Step::Put(0), Err(refused(404, ProblemKind::NotFound)), 100).is_err());
    let other = UploadState { received: 10, length: 90 };
    assert!(next(Step::Ask, Ok(other), 100).is_err(), "another upload of this id");
}

#[tokio::test(flavor = "current_thread")]
async fn an_upload_goes_on_from_what_is_on_the_nodes_disk() {
    let (mut there, mut count, mut asked) = (None, 0, Vec::new());
    let ask = async |step| {
        asked.push(step);
        count += 1;
        match (step, there) {
            (Step::Ask, None) => Err(refused(404, ProblemKind::NotFound)),
            (Step::Ask, Some(received)) => state(received),
            // What came of the broken one is kept.
            (Step::Put(at), _) if count == 3 => {
                there = Some(at + 10);
                Err(anyhow!("the connection broke"))
            }
            (Step::Put(at), there) if there.unwrap_or(0) != at => Err(refused(409, ProblemKind::Upload)),
            (Step::Put(at), _) => {
                let received = (at + 40).min(100);
                there = Some(received);
                state(received)
            }
        }
    };
    go_on(100, ask).await.unwrap();
    let puts = [Step::Ask, Step::Put(0), Step::Put(40), Step::Ask, Step::Put(50), Step::Put(90)];
    assert_eq!(asked, puts);
}

/// A submission of a report with an attachment that goes up, and the report's file beside it.
fn submission(folder: &Path) -> (std::path::PathBuf, Submit, Document) {
    let document = with_attachment("track.csv", b"a,b\n1,2\n");
    let file = folder.join("report.md");
    std::fs::write(folder.join("track.csv"), b"a,b\n1,2\n").unwrap();
    let statement = codec::encode(&AuthorStatement {
        agreement: "a".to_owned(),
        recipient: Nation::parse("XBB").unwrap(),
        traffic: "live".to_owned(),
        plaintext: document.digest(),
        home: home_digest(None),
    });
    let body = Submit {
        id: "0197".to_owned(),
        statement: Bytes(statement),
        signature: Bytes(vec![1; 64]),
        plaintext: Bytes(document.head().to_vec()),
        uploaded: true,
        home: None,
        emergency: false,
    };
    (file, body, document)
}

#[test]
fn api_10_a_submission_whose_attachments_go_up_is_kept_with_its_head() {
    let folder = tempfile::tempdir().unwrap();
    let (file, body, document) = submission(folder.path());
    let nation = Nation::parse("XBB").unwrap();
    let path = kept::path_for(&file, false, nation);
    kept::write_new(&path, &serde_json::to_vec(&body).unwrap()).unwrap();
    let again = kept::pending(&path, nation).unwrap();
    assert!(again.uploaded && again.plaintext == body.plaintext);
    let listed = signed(&again).unwrap();
    assert!(listed.digest() == document.digest() && listed.report() == document.report());
    let whole = attached(&file, &again).unwrap();
    assert_eq!((whole.digest(), whole.length()), (document.digest(), document.length()));
    assert!(posted(&again).plaintext.0.is_empty());
    // One of a version that knew no uploads.
    let mut old = serde_json::to_value(&body).unwrap();
    old.as_object_mut().unwrap().remove("uploaded");
    old["plaintext"] = serde_json::to_value(Bytes(document.plaintext().to_vec())).unwrap();
    std::fs::write(&path, old.to_string()).unwrap();
    let old = kept::pending(&path, nation).unwrap();
    assert!(!old.uploaded && signed(&old).unwrap() == document);
    assert_eq!(posted(&old).plaintext, old.plaintext);
}

#[test]
fn an_attachment_that_was_changed_since_the_signing_does_not_go_up() {
    let folder = tempfile::tempdir().unwrap();
    let (file, body, _) = submission(folder.path());
    let told = || attached(&file, &body).err().unwrap().to_string();
    let track = folder.path().join("track.csv");
    std::fs::write(&track, b"a,b\n1,3\n").unwrap();
    assert!(told().contains("track.csv: it has other bytes since submission 0197 was signed"), "{}", told());
    std::fs::write(&track, b"a,b\n").unwrap();
    assert!(told().contains("has another length"), "{}", told());
    std::fs::remove_file(&track).unwrap();
    assert!(told().contains("is not there"), "{}", told());
    std::fs::write(&track, b"a,b\n1,2\n").unwrap();
    let other = Submit { statement: submission_of(&body, [7; 32]), ..posted(&body) };
    let other = Submit { plaintext: body.plaintext.clone(), ..other };
    assert!(attached(&file, &other).err().unwrap().to_string().contains("not the one that was signed"));
}

/// The statement of a submission with another digest in it.
fn submission_of(body: &Submit, digest: [u8; 32]) -> Bytes {
    let statement: AuthorStatement = codec::decode::<_, 4096>(&body.statement.0).unwrap();
    let plaintext = relto_report::digest::Digest::from_bytes(digest);
    Bytes(codec::encode(&AuthorStatement { plaintext, ..statement }))
}
