//! Choices of a case: the decision and Cedar must agree on it.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| relto_oracle::fuzz_agree(bytes));
