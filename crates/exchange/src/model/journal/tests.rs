use super::*;
use relto_policy::{code::Code, ground::Named};
use relto_report::crypto::{Signature, Signer as _, SoftwareKey};
use zeroize::Zeroizing;

fn digest(byte: u8) -> Digest {
    Digest::from_bytes([byte; 32])
}

fn signature() -> Signature {
    Signature::from_slice(&[6; 64]).unwrap()
}

/// One of each act, in the order of their numbers.
fn samples() -> Vec<Act> {
    let submission = [1; 16];
    let (account, officer) = (|| "author".to_owned(), || "officer-1".to_owned());
    let (agreement, nation) = (|| "XAA-XBB-2026-01".to_owned(), Nation::parse("XBB").unwrap());
    let (reason, words) = (|| "why".to_owned(), || vec!["TOPIC_UNKNOWN".to_owned()]);
    let causes = || {
        vec![
            Cause { code: Named::Code(Code::TopicUnknown), national: true },
            Cause { code: Named::Rule("R012"), national: false },
        ]
    };
    let log = Origin::new("XAA-XBB-2026-01", nation, 0);
    let change = SignedStatement { statement: vec![7; 9], signatures: vec![(2, signature())] };
    let word = ClockWord { account: account(), statement: vec![8; 5], signature: signature() };
    let key = SoftwareKey::from_seed(&Zeroizing::new([5; 32])).unwrap().public_key();
    let signed = RecoveryWord { account: account(), key, statement: vec![8; 5], signature: signature() };
    let now = Account {
        key: "ed25519:00".to_owned(),
        roles: vec!["author".to_owned()],
        office: "XAA/J2".to_owned(),
        offices: vec!["XAA/J2".to_owned()],
        clearance: Some(3),
        nationality: vec!["XAA".to_owned()],
        contractor: None,
    };
    vec![
        Act::Started { epoch: 2 },
        Act::RefusedInWords { submission, account: account(), agreement: digest(3), reasons: words() },
        Act::HeldInWords { submission, account: account(), agreement: digest(3), owed: words() },
        Act::QueuedInWords { submission, account: account(), why: reason() },
        Act::Approved { submission, officer: officer(), answers: words() },
        Act::Declined { submission, officer: officer(), reason: reason() },
        Act::ReceivedInWords { index: 4, verdict: "refused".to_owned(), reasons: words() },
        Act::Opened { account: account(), office: "XAA/J2".to_owned(), agreement: agreement(), nation, index: 4 },
        Act::Alarm { what: reason() },
        Act::Anchored { log, index: 4, size: 5, salt: [9; 32] },
        Act::NotOpenedInWords { account: account(), agreement: agreement(), nation, index: 4, reasons: words() },
        Act::Changed { agreement: agreement(), change },
        Act::Emergency { submission, index: 4, officers: vec![officer()], by: 6 },
        Act::Confirmed { submission, index: 4, officer: officer() },
        Act::Installed { agreement: agreement(), version: digest(5), number: 2 },
        Act::NotReleasedInWords {
            submission,
            account: account(),
            agreement: digest(3),
            signed: digest(4),
            reasons: words(),
        },
        Act::NotConfirmed { submission, index: 4, officer: officer(), reason: reason() },
        Act::ClockBelieved { by: reason(), words: vec![word] },
        Act::Account { account: account(), now: Some(now) },
        Act::People { digest: digest(5), count: 6 },
        Act::Held { submission, account: account(), agreement: digest(3), owed: causes() },
        Act::Queued { submission, account: account(), why: Waits::Version(digest(5)) },
        Act::Received { index: 4, verdict: Verdict::Quarantined, reasons: causes() },
        Act::NotOpened {
            account: account(),
            agreement: agreement(),
            nation,
            index: 4,
            reasons: ReadingRule::ALL.into(),
        },
        Act::NotReleased { submission, account: account(), agreement: digest(3), signed: digest(4), reasons: causes() },
        Act::Folded { digest: digest(5) },
        Act::Recovered { plan: digest(5), words: vec![signed] },
    ]
}

/// An act's number; whoever adds one gives it the next, and a sample.
const fn number(act: &Act) -> usize {
    match act {
        Act::Started { .. } => 0,
        Act::RefusedInWords { .. } => 1,
        Act::HeldInWords { .. } => 2,
        Act::QueuedInWords { .. } => 3,
        Act::Approved { .. } => 4,
        Act::Declined { .. } => 5,
        Act::ReceivedInWords { .. } => 6,
        Act::Opened { .. } => 7,
        Act::Alarm { .. } => 8,
        Act::Anchored { .. } => 9,
        Act::NotOpenedInWords { .. } => 10,
        Act::Changed { .. } => 11,
        Act::Emergency { .. } => 12,
        Act::Confirmed { .. } => 13,
        Act::Installed { .. } => 14,
        Act::NotReleasedInWords { .. } => 15,
        Act::NotConfirmed { .. } => 16,
        Act::ClockBelieved { .. } => 17,
        Act::Account { .. } => 18,
        Act::People { .. } => 19,
        Act::Held { .. } => 20,
        Act::Queued { .. } => 21,
        Act::Received { .. } => 22,
        Act::NotOpened { .. } => 23,
        Act::NotReleased { .. } => 24,
        Act::Folded { .. } => 25,
        Act::Recovered { .. } => 26,
    }
}

/// Beginnings of the digests of the samples' bytes. A line is added with an act, and none ever changes: stores have such
/// entries, and the journal's tree is over them.
const WRITTEN: [&str; 27] = [
    "c0437084589d8155",
    "2dc4191bf529e4aa",
    "aa5a7b3f48324cfc",
    "6b2b97c2370e1ced",
    "38dbe9ad9ca48884",
    "f5b2aae87933d583",
    "537a5245a4243146",
    "975aea0eb505705f",
    "f0acb2aba744fa49",
    "c8222189f6991e49",
    "992ff6a7b120ec3f",
    "fc3e04ad54b4e96f",
    "de48b56fe8d2c35f",
    "484fcfe0b8ace29f",
    "5a2bb2e4128a6488",
    "11af7d49586851ec",
    "969994ec9f28be82",
    "d6d8d89ccc72919a",
    "26dcf86f98ebe404",
    "3c07edaf28b32c17",
    "7f652c4675ae6a98",
    "d5703b472dfbdcfa",
    "06d6462743402aeb",
    "4d2e97e4836d63eb",
    "ac6d3dfb87021fbc",
    "67ac8b93d2632fa3",
    "45174a8844910fbe",
];

#[test]
fn log_11_an_entry_is_written_so_for_ever() {
    let written: Vec<String> = samples()
        .into_iter()
        .enumerate()
        .map(|(at, act)| {
            assert_eq!(number(&act), at);
            let entry = Entry { time: 1_800_000_000_000, act };
            let bytes = entry.encode();
            assert_eq!(bytes.get(8), Some(&u8::try_from(at).unwrap()), "its number stands behind the time");
            assert_eq!(Entry::decode(&bytes), Ok(entry));
            sha256(&[&bytes]).hex().get(..16).unwrap().to_owned()
        })
        .collect();
    assert_eq!(written, WRITTEN);
}

fn text(text: &str) -> Vec<u8> {
    [&(text.len() as u64).to_le_bytes()[..], text.as_bytes()].concat()
}

fn list(texts: &[&str]) -> Vec<u8> {
    let items: Vec<u8> = texts.iter().flat_map(|one| text(one)).collect();
    [&(texts.len() as u64).to_le_bytes()[..], &items].concat()
}

/// Laid out by hand as the program of store version 3 wrote them.
#[test]
fn log_11_entries_of_store_version_3_are_read_as_they_were_written() {
    let (time, id, index) = (7_u64.to_le_bytes(), [1_u8; 16], 4_u64.to_le_bytes());
    let entry = |number: u32, members: &[&[u8]]| [&time[..], &number.to_le_bytes(), &members.concat()].concat();
    let codes = ["NATIONAL_SCOPE:TOPIC_UNKNOWN", "R012"];
    let words: Vec<String> = codes.map(str::to_owned).into();
    let (submission, account, agreement) = (id, "author".to_owned(), digest(3));
    let why = "the window of unanswered reports is full";
    let (nation, id_of) = (Nation::parse("XBB").unwrap(), "XAA-XBB-2026-01");
    let nation_bytes = codec::encode(&nation);
    let written = [
        (
            entry(1, &[&id, &text("author"), &[3; 32], &list(&codes)]),
            Act::RefusedInWords { submission, account: account.clone(), agreement, reasons: words.clone() },
        ),
        (
            entry(2, &[&id, &text("author"), &[3; 32], &list(&codes)]),
            Act::HeldInWords { submission, account: account.clone(), agreement, owed: words.clone() },
        ),
        (
            entry(3, &[&id, &text("author"), &text(why)]),
            Act::QueuedInWords { submission, account: account.clone(), why: why.to_owned() },
        ),
        (
            entry(6, &[&index, &text("quarantined"), &list(&codes)]),
            Act::ReceivedInWords { index: 4, verdict: "quarantined".to_owned(), reasons: words.clone() },
        ),
        (
            entry(10, &[&text("author"), &text(id_of), &nation_bytes, &index, &list(&["clearance"])]),
            Act::NotOpenedInWords {
                account: account.clone(),
                agreement: id_of.to_owned(),
                nation,
                index: 4,
                reasons: vec!["clearance".to_owned()],
            },
        ),
        (
            entry(15, &[&id, &text("author"), &[3; 32], &[4; 32], &list(&codes)]),
            Act::NotReleasedInWords { submission, account, agreement, signed: digest(4), reasons: words },
        ),
    ];
    for (bytes, act) in written {
        let read = Entry::decode(&bytes).unwrap();
        assert_eq!(read, Entry { time: 7, act });
        assert_eq!(read.encode(), bytes);
    }
}

#[test]
fn an_entry_has_no_sentence_that_could_quote_a_report() {
    use relto_policy::ground::{Ground, causes};
    let told = [Ground::of(Code::TopicUnknown, "a word of the report")];
    let act = Act::NotReleased {
        submission: [1; 16],
        account: String::new(),
        agreement: digest(3),
        signed: digest(4),
        reasons: causes(&told),
    };
    let bytes = Entry { time: 1, act }.encode();
    assert!(!bytes.windows(6).any(|window| window == b"a word"));
}
