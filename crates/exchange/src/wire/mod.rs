//! One connection between two nodes: frames, HELLO, the choice of the session, lanes. Bytes in, inputs and frames out; no sockets.

pub mod choice;
pub mod connection;
pub mod frame;
pub mod hello;
pub mod lanes;
