//! One connection between two nodes: frames, HELLO, lanes. Bytes in, inputs and frames out; no sockets.

pub mod connection;
pub mod frame;
pub mod hello;
pub mod lanes;
