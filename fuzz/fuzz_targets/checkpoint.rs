//! A signed checkpoint of a log.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| relto_audit::fuzzing::fuzz_checkpoint(bytes));
