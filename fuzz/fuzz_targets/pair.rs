//! Two nodes, and a list of operations on them.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| relto_tests::operations::fuzz_pair(bytes));
