//! One turn: steps, one transaction, one way out.

pub mod batch;
pub mod out;
mod written;
