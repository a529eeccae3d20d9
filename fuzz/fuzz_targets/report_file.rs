//! A report file as an author writes it.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| relto_report::fuzzing::fuzz_report_file(bytes));
