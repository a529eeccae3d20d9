//! The plaintext of a payload.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| relto_report::fuzzing::fuzz_report_bytes(bytes));
