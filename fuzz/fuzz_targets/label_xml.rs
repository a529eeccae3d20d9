//! A STANAG 4774 label as its originator sends it.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| relto_formats::fuzzing::fuzz_label(bytes));
