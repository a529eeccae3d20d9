//! Attachments that are too long for the memory are read where they are.

use super::*;
use crate::{
    assessment::MAX_TOGETHER,
    attachment::bytes::{Bytes, Unread, each_piece},
    crypto::sha256,
};
use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

/// A table of so many bytes that nobody has in memory. From so many bytes read of it on, it is another, or is not given.
struct Table {
    length: u64,
    read: AtomicU64,
    changes: u64,
    ends: u64,
}

impl Bytes for Table {
    fn length(&self) -> u64 {
        self.length
    }

    fn read_at(&self, offset: u64, into: &mut [u8]) -> Result<(), Unread> {
        let before = self.read.fetch_add(into.length(), Ordering::Relaxed);
        if before >= self.ends || offset + into.length() > self.length {
            return Err(Unread);
        }
        let figure = if before >= self.changes { b'2' } else { b'1' };
        for (place, at) in into.iter_mut().zip(offset..) {
            *place = if at % 8 == 7 || at + 1 == self.length { b'\n' } else { figure };
        }
        Ok(())
    }
}

fn table(length: u64, changes: u64, ends: u64) -> Arc<Table> {
    Arc::new(Table { length, read: AtomicU64::new(0), changes, ends })
}

fn read_with(file: &Apart) -> Result<Parsed, Faults> {
    let ((xaa, _), vocabulary) = (registers(), vocabulary());
    let now = Timestamp::parse("2026-11-17T12:00:00Z").unwrap();
    let attachment = |_: &str| Some(file.clone());
    let home = Some(("report.home.toml", HOME.as_bytes()));
    let context = Context { home, attachment: &attachment, ..Context::new(&xaa, &vocabulary, now) };
    parse("report.md", REPORT.as_bytes(), &context)
}

#[test]
fn a_long_attachment_stays_where_it_is_and_is_the_same_report() {
    for (length, is_apart) in [(MAX_TOGETHER, false), (MAX_TOGETHER + 1, true), (3 * MAX_TOGETHER + 5, true)] {
        let there: Apart = table(length, u64::MAX, u64::MAX);
        let mut bytes = Vec::new();
        each_piece(&there, length, |piece| bytes.extend_from_slice(piece)).unwrap();
        let (apart, here) = (good(read_with(&there)), good(read_with(&held(bytes.clone()))));
        for document in [&apart.document, &here.document] {
            assert_eq!(document.is_apart(), is_apart);
            let report = document.report();
            assert_eq!((report.attachments[0].length, report.attachments[0].sha256), (length, sha256(&[&bytes])));
            let whole = [document.head(), &bytes].concat();
            let decoded = Document::decode(whole).unwrap();
            assert!(decoded == *document && decoded.length() == document.length());
            let mut read = vec![0; bytes.len()];
            document.read_at(document.head().length(), &mut read).unwrap();
            assert!(read == bytes && document.attached(0).unwrap().read(bytes.len()).unwrap() == bytes);
        }
    }
}

#[test]
fn a_file_that_changes_while_it_is_read_gives_no_document() {
    for length in [1000, MAX_TOGETHER, 2 * MAX_TOGETHER + 5] {
        let all: Apart = table(length, u64::MAX, u64::MAX);
        // However often it was gone through, the last time is that of the digest: a change before it is a fault.
        for part in 1..8 {
            for (changes, ends) in [(length * part / 2, u64::MAX), (u64::MAX, length * part / 2)] {
                let file: Apart = table(length, changes, ends);
                match read_with(&file) {
                    Ok(parsed) => {
                        let report = parsed.document.report();
                        let same = good(read_with(&all)).document;
                        assert_eq!(parsed.document.digest(), same.digest(), "{length} {part}");
                        assert_eq!(report.attachments[0].sha256, same.report().attachments[0].sha256);
                    }
                    Err(faults) => {
                        let rules: Vec<&str> = faults.list.iter().map(|one| one.rule).collect();
                        let known = rules.iter().all(|rule| matches!(*rule, "R061" | "R062" | "R072"));
                        assert!(known && faults.has_errors(), "{length} {part} {rules:?}");
                    }
                }
            }
        }
        let changed: Apart = table(length, length + length / 2, u64::MAX);
        assert!(read_with(&changed).is_err(), "{length}");
    }
}
