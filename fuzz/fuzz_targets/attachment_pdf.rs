//! A PDF attachment.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| relto_report::fuzzing::fuzz_attachment_pdf(bytes));
