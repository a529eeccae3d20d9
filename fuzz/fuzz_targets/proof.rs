//! Proofs of inclusion and of consistency.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| relto_audit::fuzzing::fuzz_proof(bytes));
