//! Inspectors of attachments: real ones, ones that do wrong, and what nodes do while they work.
#![cfg(test)] // so that the lints know the helpers for tests

mod flow;
mod pool;
mod queue;

use relto_report::{
    assessment::{Attachment, Document},
    crypto::sha256,
};
use relto_tests::fixture::Draft;

/// A report with these files.
fn report(draft: &Draft, files: &[(&str, &str, &[u8])]) -> Document {
    let mut report = draft.clone().attachments(&vec![1; files.len()]).document().report().clone();
    for (one, (name, media_type, bytes)) in report.attachments.iter_mut().zip(files) {
        *one = Attachment {
            name: (*name).to_owned(),
            media_type: (*media_type).to_owned(),
            length: u64::try_from(bytes.len()).unwrap(),
            sha256: sha256(&[bytes]),
            ..one.clone()
        };
    }
    let bytes: Vec<&[u8]> = files.iter().map(|(_, _, bytes)| *bytes).collect();
    Document::decode(Document::lay_out(&report, &bytes)).unwrap_or_else(|fault| panic!("{fault}"))
}

/// A report with one table.
fn table(number: u32, text: &str) -> Document {
    report(&Draft::new(0, number), &[("a.csv", "text/csv", text.as_bytes())])
}
