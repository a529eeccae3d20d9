use super::VERSION;
use relto_audit::leaf::{Head, Precedence, Verdict};
use relto_exchange::{
    head_write::HeadWrite,
    rows::{
        About, Acknowledged, Awaited, Confirmation, Detail, Draft, Given, Inbox, Outbox, Stage, Submission,
        SubmissionState, Upload,
    },
};
use relto_policy::{
    code::Code,
    ground::{Ground, Named},
    waits::Waits,
};
use relto_report::{
    codec,
    crypto::{Signature, sha256},
    digest::Digest,
    nation::Nation,
    signed::Approval,
};

/// Of each version since this test: the digest of what the rows below come to. A row that is written otherwise makes a
/// new version, with a migration and a line here; no line ever changes.
const WRITTEN: [(i64, &str); 3] = [
    (4, "675dde0128dea6fe4c77b51a5a693adafe509de8f911750ffc8a64dd130553f4"),
    (5, "6237b979433868fbc64c6dd529c88cbd8dc6a5593ac9a867f1ad32a338e99290"),
    // Version 6 adds a table of bare roots: the rows of version 5 are written as they were.
    (6, "6237b979433868fbc64c6dd529c88cbd8dc6a5593ac9a867f1ad32a338e99290"),
];

fn digest(byte: u8) -> Digest {
    Digest::from_bytes([byte; 32])
}

fn approval() -> Approval {
    let signature = Signature::from_slice(&[6; 64]).unwrap();
    Approval { account: "officer-1".to_owned(), statement: vec![7; 9], signature }
}

fn grounds() -> Vec<Ground> {
    let scoped = Ground { national: true, ..Ground::of(Code::TopicUnknown, "a topic") };
    vec![scoped.cause().into(), scoped, Ground::new(Named::of("R012"), false, "a serial")]
}

fn outboxes() -> Vec<Outbox> {
    let about = About { form: 2, subject: Nation::parse("XBB").map(|nation| (nation, 9)) };
    let acknowledged = Acknowledged { office: "XBB/J2".to_owned(), statement: 5, time: 6 };
    let confirmations = [
        Confirmation::NotOwed,
        Confirmation::Owed { by: 7 },
        Confirmation::Given(approval()),
        Confirmation::Denied { officer: "officer-2".to_owned(), reason: "why".to_owned() },
    ];
    let stages = [
        Stage::Released,
        Stage::Withdrawn { maybe: true },
        Stage::Resolved { outcome: 3, verdict: Verdict::Admitted, codes: 0, time: 6 },
        Stage::Resolved { outcome: 3, verdict: Verdict::Refused, codes: 1 << 63, time: 6 },
    ];
    let row = |(confirmation, stage): (Confirmation, Stage)| Outbox {
        submission: [1; 16],
        account: "author".to_owned(),
        serial: "XAA-J2-2026-0001".to_owned(),
        plaintext: digest(4),
        precedence: Precedence::Flash,
        length: 99,
        time: 5,
        leaf: digest(5),
        exposed: true,
        stage,
        confirmation,
        statement: Some(about),
        acknowledged: Some(acknowledged.clone()),
    };
    confirmations.into_iter().zip(stages).map(row).collect()
}

fn awaited() -> Awaited {
    Awaited {
        commitment: digest(1),
        length: 99,
        precedence: Precedence::Routine,
        time: 5,
        agreement: digest(2),
        leaf: digest(3),
        seen: Head { size: 1, root: digest(4) },
        spooled: 7,
        tries: 2,
        owed: Some(1),
        statement: None,
    }
}

fn inbox() -> Inbox {
    Inbox {
        verdict: Verdict::Quarantined,
        codes: 3,
        reasons: grounds(),
        outcome: 4,
        serial: "XBB-J2-2026-0001".to_owned(),
        precedence: Precedence::Priority,
        time: 5,
        length: 99,
        statement: None,
        acknowledged: Some(8),
    }
}

fn submissions() -> Vec<Submission> {
    let waits = [
        Waits::Attachments,
        Waits::Content,
        Waits::Clock,
        Waits::ClocksDiffer,
        Waits::Version(digest(7)),
        Waits::Heads,
        Waits::SealKey,
        Waits::Window,
        Waits::Words("as it was".to_owned()),
    ];
    let others = [
        SubmissionState::Released(3),
        SubmissionState::Held(grounds()),
        SubmissionState::Refused(grounds()),
        SubmissionState::Declined { officer: "officer-1".to_owned(), reason: "why".to_owned() },
    ];
    let row = |state| Submission {
        account: "author".to_owned(),
        signed: digest(8),
        agreement: "XAA-XBB-2026-01".to_owned(),
        serial: "XAA-J2-2026-0001".to_owned(),
        precedence: Precedence::Immediate,
        time: 5,
        state,
    };
    others.into_iter().chain(waits.map(SubmissionState::Queued)).map(row).collect()
}

/// Every kind of row that is no text and no leaf, as it is written.
fn rows() -> Vec<Vec<u8>> {
    let given = vec![Given { approval: approval(), senior: true }];
    let detail = Detail {
        salt: [2; 32],
        account: "author".to_owned(),
        author: vec![3; 5],
        signature: vec![4; 64],
        approvals: given.clone(),
        basis: "standing authority".to_owned(),
    };
    let draft = Draft {
        author: vec![3; 5],
        signature: vec![4; 64],
        precedence: Precedence::Immediate,
        emergency: true,
        approvals: given,
    };
    let mut out: Vec<Vec<u8>> = outboxes().iter().map(codec::encode).collect();
    out.extend(submissions().iter().map(codec::encode));
    out.extend([codec::encode(&awaited()), codec::encode(&inbox()), codec::encode(&detail), codec::encode(&draft)]);
    let upload = Upload { account: "author".to_owned(), length: 99, received: 7, time: 5 };
    out.push(codec::encode(&upload));
    out.push(HeadWrite { number: 3, digest: digest(9) }.to_bytes());
    out
}

/// A program that reads rows which another one wrote otherwise would take one thing for another, or end.
#[test]
fn a_row_that_is_written_otherwise_makes_a_new_version() {
    let rows = rows();
    let parts: Vec<&[u8]> = rows.iter().map(Vec::as_slice).collect();
    let (version, written) = WRITTEN[WRITTEN.len() - 1];
    assert_eq!(version, VERSION, "this version's rows");
    assert_eq!(sha256(&parts).hex(), written, "raise VERSION, add a migration, and add a line to WRITTEN");
}
