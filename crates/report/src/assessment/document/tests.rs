//! A document is the same wherever its attachments are kept.

use super::*;
use crate::{
    assessment::{Attachment, MarkedText},
    attachment::bytes::held,
    calendar::Timestamp,
};

/// A report with attachments of these bytes.
pub(crate) fn report(attached: &[&[u8]]) -> Report {
    let text = || MarkedText { mark: "U".to_owned(), text: "Track".to_owned() };
    let attachment = |bytes: &&[u8]| Attachment {
        name: "a.csv".to_owned(),
        mark: "U".to_owned(),
        title: text(),
        media_type: "text/csv".to_owned(),
        length: bytes.len() as u64,
        sha256: sha256(&[bytes]),
    };
    Report {
        format: crate::assessment::FORMAT.to_owned(),
        serial: "XAA-J2-2026-1".to_owned(),
        form: String::new(),
        title: text(),
        banner: String::new(),
        rel_to: Vec::new(),
        topics: Vec::new(),
        purpose: String::new(),
        precedence: String::new(),
        action: Vec::new(),
        info: Vec::new(),
        traffic: String::new(),
        language: String::new(),
        translation_of: None,
        information_cutoff: Timestamp::from_seconds(0),
        produced: Timestamp::from_seconds(0),
        review: None,
        declassify: None,
        classified_by: None,
        likelihood_scale: String::new(),
        tlp: None,
        answers: None,
        refers_to: Vec::new(),
        supersedes: None,
        aggregation_reason: None,
        from_tear_line: false,
        judgements: Vec::new(),
        sources: Vec::new(),
        portions: Vec::new(),
        attachments: attached.iter().map(attachment).collect(),
    }
}

const ATTACHED: [&[u8]; 4] = [b"a,b\n", b"", b"cde", b"fghijk"];

/// One document, in memory and with its attachments apart.
fn both() -> (Document, Document) {
    let whole = Document::decode(Document::lay_out(&report(&ATTACHED), &ATTACHED)).unwrap();
    struct There(Vec<u8>);
    impl Bytes for There {
        fn length(&self) -> u64 {
            self.0.length()
        }
        fn read_at(&self, offset: u64, into: &mut [u8]) -> Result<(), Unread> {
            self.0.read_at(offset, into)
        }
    }
    let apart = std::sync::Arc::new(There(ATTACHED.concat()));
    let apart = Document::stored(whole.head().to_vec(), whole.digest(), apart).unwrap();
    (whole, apart)
}

#[test]
fn rpt_3_a_document_is_the_same_wherever_its_attachments_are() {
    let (whole, apart) = both();
    assert!(whole == apart && apart.clone() == whole);
    assert_eq!((whole.is_apart(), apart.is_apart()), (false, true));
    assert_eq!(whole.length(), apart.length());
    assert_eq!(whole.head(), apart.plaintext());
    assert_eq!(whole.plaintext().len() as u64, apart.length());
    for (n, bytes) in ATTACHED.into_iter().enumerate() {
        let (here, there) = (whole.attached(n).unwrap(), apart.attached(n).unwrap());
        assert_eq!((here.here(), there.here().is_none()), (Some(bytes), true));
        assert_eq!((here.read(6).unwrap(), there.read(6).unwrap()), (bytes.to_vec(), bytes.to_vec()));
        for one in [here, there] {
            assert_eq!(one.length(), bytes.len() as u64);
            assert!(bytes.is_empty() || one.read(bytes.len() - 1) == Err(Unread));
            assert_eq!(one.read_at(1, &mut vec![0; bytes.len()]), Err(Unread), "never the next one's bytes");
        }
    }
    assert!(whole.attached(4).is_none() && apart.attached(4).is_none());
}

#[test]
fn a_plaintext_is_read_by_ranges_as_it_is() {
    let (whole, apart) = both();
    let all = whole.plaintext();
    for document in [&whole, &apart] {
        for start in (0..=all.len()).filter(|at| at % 7 == 0 || at + 20 > all.len()) {
            for end in [start, start + 1, start + 9, all.len()] {
                let Some(wanted) = all.get(start..end) else { continue };
                let mut out = vec![0; wanted.len()];
                assert_eq!(document.read_at(start as u64, &mut out), Ok(()), "{start} {end}");
                assert_eq!(out, wanted, "{start} {end}");
            }
            let mut beyond = vec![0; all.len() - start + 1];
            assert_eq!(document.read_at(start as u64, &mut beyond), Err(Unread));
        }
        assert_eq!(document.read_at(all.len() as u64 + 1, &mut []), Err(Unread));
    }
}

#[test]
fn what_a_store_gives_must_have_the_form_of_a_document() {
    let (whole, _) = both();
    let stored =
        |head: &[u8], apart: &[u8]| Document::stored(head.to_vec(), whole.digest(), held(apart.to_vec())).err();
    let all = ATTACHED.concat();
    assert_eq!(stored(whole.head(), &all), None);
    assert_eq!(stored(whole.head(), &all[1..]), Some(Malformed::OutOfBounds("attachment length")));
    assert_eq!(stored(&[whole.head(), b"x"].concat(), &all), Some(Malformed::Trailing));
    assert_eq!(stored(&whole.head()[..20], &all), Some(Malformed::Undecodable));
    assert_eq!(stored(b"", &all), Some(Malformed::Undecodable));
}
