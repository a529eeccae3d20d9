//! A stream of frames from a partner.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| relto_exchange::fuzzing::fuzz_frames(bytes));
