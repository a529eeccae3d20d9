//! MUSTs of the specifications that no other test has for its subject.
#![cfg(test)] // so that the lints know the helpers for tests

use relto_exchange::{connection::HEARTBEAT, wire::frame::Incoming};
use relto_policy::{
    check::{Decision, Facts, Rules, Side, Subject, Times, check},
    state::{AgreementState, StateView},
};
use relto_report::{
    assessment::{Document, MAX_LINE, MAX_PORTION, MAX_PORTIONS, Report},
    calendar::Timestamp,
    codec::Malformed,
    crypto::Signer,
    domain::{Tag, message},
    signed::{Approval, ApprovalStatement, NotSigned, Unverified},
};
use relto_tests::{
    fixture::{Draft, NOW, key, link, nation},
    hostile::Hostile,
};

#[test]
fn lnk_30_the_newest_checkpoint_is_repeated_after_ten_quiet_seconds() {
    let mut hostile = Hostile::greeted();
    let empty = |hostile: &Hostile| {
        let last = hostile.heard.iter().rev().find_map(|frame| match frame {
            Incoming::Leaves(body) if body.leaves.is_empty() => Some((body.first, body.checkpoint.clone())),
            _ => None,
        });
        (hostile.heard.len(), last)
    };
    let before = empty(&hostile);
    hostile.now += HEARTBEAT - 1;
    hostile.pump();
    assert_eq!(empty(&hostile), before, "not a millisecond earlier");
    hostile.now += 1;
    hostile.pump();
    let (heard, repeated) = empty(&hostile);
    assert_eq!(heard, before.0 + 1);
    let (size, checkpoint) = repeated.expect("LEAVES without leaves");
    assert_eq!(size, 2, "Genesis and an Anchor");
    assert!(String::from_utf8(checkpoint).unwrap().contains("\n2\n"));
}

#[test]
fn rpt_1_what_decodes_is_written_the_same() {
    let bytes = Draft::new(0, 1).document().report().encode();
    assert_eq!(Report::decode(&bytes).unwrap_or_else(|fault| panic!("{fault}")).encode(), bytes);
    assert_eq!(Report::decode(&[&bytes[..], &[0]].concat()).err(), Some(Malformed::Trailing));
    let mut read = 0;
    for at in 0..bytes.len() {
        assert!(Report::decode(&bytes[..at]).is_err(), "cut at {at}");
        for bit in [1, 0x80] {
            let mut changed = bytes.clone();
            changed[at] ^= bit;
            if let Ok(report) = Report::decode(&changed) {
                assert_eq!(report.encode(), changed, "byte {at}");
                read += 1;
            }
        }
    }
    assert!(read > 100, "letters may be others: {read}");
}

#[test]
fn rpt_2_each_member_has_its_bound() {
    type Change = fn(&mut Report);
    let bounds: [(&str, Change, Change); 8] = [
        ("title", |r| r.title.text = "x".repeat(MAX_PORTION), |r| r.title.text = "x".repeat(MAX_PORTION + 1)),
        ("serial", |r| r.serial = "x".repeat(MAX_LINE), |r| r.serial = "x".repeat(MAX_LINE + 1)),
        ("topics", |r| r.topics = vec!["x".into(); 8], |r| r.topics = vec!["x".into(); 9]),
        ("rel_to", |r| r.rel_to = vec!["x".into(); 32], |r| r.rel_to = vec!["x".into(); 33]),
        ("action", |r| r.action = vec!["x".into(); 16], |r| r.action = vec!["x".into(); 17]),
        ("tlp", |r| r.tlp = Some("x".repeat(MAX_LINE)), |r| r.tlp = Some("x".repeat(MAX_LINE + 1))),
        (
            "portions",
            |r| r.portions = vec![r.portions[0].clone(); MAX_PORTIONS],
            |r| r.portions = vec![r.portions[0].clone(); MAX_PORTIONS + 1],
        ),
        ("format", |_| {}, |r| r.format = "relto-report/2".into()),
    ];
    for (what, within, beyond) in bounds {
        let decoded = |change: Change| {
            let mut report = Draft::new(0, 1).document().report().clone();
            change(&mut report);
            Report::decode(&report.encode()).map(|_| ())
        };
        assert_eq!(decoded(within), Ok(()), "{what}");
        assert!(matches!(decoded(beyond), Err(Malformed::OutOfBounds(_))), "{what}");
    }
}

#[test]
fn rpt_3_attachments_are_of_their_length_and_digest_and_nothing_is_left_over() {
    let document = Draft::new(0, 1).attachments(&[40, 60]).document();
    let plaintext = document.plaintext().to_vec();
    assert!(Document::decode(plaintext.clone()).is_ok());
    for at in plaintext.len() - 100..plaintext.len() {
        let mut changed = plaintext.clone();
        changed[at] ^= 1;
        assert_eq!(Document::decode(changed).err(), Some(Malformed::OutOfBounds("attachment sha256")), "byte {at}");
    }
    assert_eq!(
        Document::decode(plaintext[..plaintext.len() - 1].to_vec()).err(),
        Some(Malformed::OutOfBounds("attachment length"))
    );
    assert_eq!(Document::decode([&plaintext[..], b"x"].concat()).err(), Some(Malformed::Trailing));
}

#[test]
fn rpt_5_an_approval_is_its_officers_and_lists_each_code_once_in_order() {
    let document = Draft::new(0, 1).document();
    let statement = |answers: &[&str]| ApprovalStatement {
        agreement: link(0).agreement.digest,
        recipient: nation(1),
        traffic: "live".to_owned(),
        plaintext: document.digest(),
        precedence: "ROUTINE".to_owned(),
        answers: answers.iter().map(|&one| one.to_owned()).collect(),
        expires: Timestamp::from_millis(NOW),
    };
    let told = |answers: &[&str], tag: Tag, signer: &str| {
        let statement = relto_report::codec::encode(&statement(answers));
        let signature = key(signer).sign(&message(tag, &statement)).unwrap();
        let approval = Approval { account: "officer".to_owned(), statement, signature };
        Unverified::new(approval).verify(&key("officer").public_key()).err()
    };
    assert_eq!(told(&["A", "B"], Tag::Approval, "officer"), None);
    assert_eq!(told(&["A", "B"], Tag::Approval, "another"), Some(NotSigned::Signature));
    assert_eq!(told(&["A", "B"], Tag::Author, "officer"), Some(NotSigned::Signature));
    let unsorted = Some(NotSigned::Statement(Malformed::OutOfBounds("answers")));
    assert_eq!(told(&["B", "A"], Tag::Approval, "officer"), unsorted);
    assert_eq!(told(&["A", "A"], Tag::Approval, "officer"), unsorted);
}

#[test]
fn pol_8_a_permit_is_for_one_plaintext_version_and_direction() {
    let (link, document) = (link(0), Draft::new(0, 1).document());
    let rules = Rules {
        agreement: &link.agreement,
        registers: &link.registers,
        vocabulary: &link.vocabulary,
        national: link.national.as_deref(),
    };
    let facts = Facts::new(link.own, link.partner, StateView::both(AgreementState::InForce), "ROUTINE");
    let times = Times { now: Timestamp::from_millis(NOW), released: None };
    let Decision::Permit(permit) = check(&Subject::of(&document), &rules, &facts, Side::Out, &times) else {
        panic!("the fixture's report goes out under a standing authority")
    };
    let (report, agreement, own, partner) = (document.digest(), link.agreement.digest, link.own, link.partner);
    assert!(permit.is_for(&report, &agreement, own, partner));
    assert!(!permit.is_for(&Draft::new(0, 2).document().digest(), &agreement, own, partner));
    assert!(!permit.is_for(&report, &report, own, partner));
    assert!(!permit.is_for(&report, &agreement, partner, own));
}
