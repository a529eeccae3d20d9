//! What an inspector says that a file has taken over.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| relto_report::fuzzing::fuzz_inspector(bytes));
