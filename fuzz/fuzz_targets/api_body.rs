//! The bodies of requests to the client API.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| relto_formats::fuzzing::fuzz_body(bytes));
