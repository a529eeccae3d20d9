//! Bodies of the fuzz targets for what a partner sends, replayed over the corpus by an ordinary test.

use crate::wire::{
    frame::{Decoder, Frame, HEADER, Incoming},
    hello::{Hello, MAX_HELLO},
};
use relto_report::codec;

/// Any bytes as a stream of frames, of either protocol version: no panic, and nothing is held beyond what has arrived.
pub fn fuzz_frames(data: &[u8]) {
    let mut newer = Decoder::default();
    newer.take_questions();
    for decoder in [Decoder::default(), newer] {
        frames(data, decoder);
    }
}

fn frames(data: &[u8], mut decoder: Decoder) {
    for part in data.chunks(97) {
        decoder.push(part);
        loop {
            match decoder.next_frame() {
                Ok(Some(Incoming::Bye(code))) => {
                    let wire = Frame::bye(code).encode();
                    assert!(wire.as_bytes().len() > HEADER, "a frame has a header");
                }
                Ok(Some(_)) => {}
                Ok(None) => break,
                Err(_) => return,
            }
        }
        assert!(decoder.held() <= data.len(), "more is held than has arrived");
    }
}

/// Any bytes as the signed part of a HELLO: what decodes is written back to the same bytes.
pub fn fuzz_hello(data: &[u8]) {
    if let Ok(hello) = codec::decode::<Hello, MAX_HELLO>(data) {
        assert!(codec::encode(&hello) == data, "a HELLO has one form");
    }
}
