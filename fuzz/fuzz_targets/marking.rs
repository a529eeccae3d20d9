//! A portion mark and a banner.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| relto_report::fuzzing::fuzz_marking(bytes));
