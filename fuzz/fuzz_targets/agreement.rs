//! An agreement file.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| relto_policy::fuzzing::fuzz_agreement(bytes));
