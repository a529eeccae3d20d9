//! The signed part of a HELLO.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| relto_exchange::fuzzing::fuzz_hello(bytes));
