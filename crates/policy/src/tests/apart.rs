//! What is found in attachments that stand apart is what is found in them in memory; what cannot be read is never nothing.

use super::*;
use crate::content::{HoldWords, Place, ToLook, inspect, to_look};
use relto_report::{
    assessment::{Attachment, Document},
    attachment::bytes::{Bytes, Unread},
    crypto::sha256,
    shapes::Words,
};
use std::sync::Arc;

/// A file that is not in memory, of which so many bytes are given.
struct There(Vec<u8>, u64);

impl Bytes for There {
    fn length(&self) -> u64 {
        self.0.length()
    }

    fn read_at(&self, offset: u64, into: &mut [u8]) -> Result<(), Unread> {
        if offset + into.length() > self.1 { Err(Unread) } else { self.0.read_at(offset, into) }
    }
}

/// The same report in memory and with its attachment apart, of which so much is given.
fn both(media_type: &str, bytes: &[u8], given: u64) -> (Document, Document) {
    let mut report = Try::out("SECRET//REL TO XAA, XBB", &["S//REL TO XAA, XBB"], &["XAA", "XBB"]).report;
    report.attachments.push(Attachment {
        name: "a.csv".to_owned(),
        mark: "U".to_owned(),
        title: MarkedText { mark: "U".to_owned(), text: "Track".to_owned() },
        media_type: media_type.to_owned(),
        length: bytes.length(),
        sha256: sha256(&[bytes]),
    });
    let here = Document::decode(Document::lay_out(&report, &[bytes])).unwrap();
    let there = Arc::new(There(bytes.to_vec(), given));
    let there = Document::stored(here.head().to_vec(), here.digest(), there).unwrap();
    (here, there)
}

fn look(document: &Document) -> Vec<ToLook> {
    to_look(document, &Words::of(World::new().registers.values()))
}

#[test]
fn pol_13_pol_21_pol_22_attachments_apart_are_looked_through_as_in_memory() {
    let words = HoldWords::read("hold-words.txt", b"amber lantern\n70417\n").unwrap();
    let rows = "1;\"two\nlines\";3,5\n".repeat(60_000);
    let json = "{\"a\": [1, \"two\\\"\"]},\n".repeat(50_000);
    for (media_type, filler, tail, stands, places) in [
        ("text/csv", &rows, "", false, 0),
        ("text/csv", &rows, "a;\"amber\nlantern\"\n", true, 0),
        ("text/csv", &rows, "amber\nlantern\n", false, 0),
        // The comma of other rows parts this row otherwise.
        ("text/csv", &rows, "amber; lantern\n", true, 0),
        ("text/csv", &rows, "1;(S//NF)\nx\u{200b}\n", false, 2),
        ("application/json", &json, "[70417]", true, 0),
        ("application/geo+json", &json, "[\"\\u0028S//NF)\", \"amber\", \"lantern\", 704, 17]", false, 1),
    ] {
        // In the middle, so that blocks lie before it and behind.
        let text = format!("{filler}{tail}{filler}");
        let (here, there) = both(media_type, text.as_bytes(), u64::MAX);
        assert_eq!(inspect(&there, Some(&words)), inspect(&here, Some(&words)), "{tail}");
        assert_eq!(
            inspect(&there, Some(&words)).words,
            Some(vec![Place::Attachment(1); usize::from(stands)]),
            "{tail}"
        );
        assert_eq!((look(&there), look(&there).len()), (look(&here), places), "{tail}");
    }
}

#[test]
fn pol_13_pol_22_what_cannot_be_read_is_held() {
    let words = HoldWords::read("hold-words.txt", b"amber lantern\n").unwrap();
    let rows = "1;2;3\n".repeat(250_000);
    for media_type in ["text/csv", "application/json"] {
        for given in [0, 1024 * 1024] {
            let (_, there) = both(media_type, rows.as_bytes(), given);
            assert_eq!(inspect(&there, Some(&words)).words, Some(vec![Place::Attachment(1)]), "{media_type} {given}");
            let found = look(&there);
            assert_eq!(found.iter().map(|one| one.code).collect::<Vec<_>>(), [Code::UnseenInAttachment]);
            assert!(found[0].detail.contains("attachment 1: it cannot be read to its end"), "{}", found[0].detail);
        }
    }
    let (_, picture) = both("image/png", b"", 0);
    assert_eq!((inspect(&picture, Some(&words)).words, look(&picture)), (Some(Vec::new()), Vec::new()));
}
