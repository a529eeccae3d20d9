//! The offline verifier: every log of a stored node, the Anchors in them, and the rows beside them, from nothing but its
//! files. Each says what is wrong in words; what of it is told, and how, is for the caller.

pub mod anchors;
pub mod log;
mod parts;
pub mod records;
mod words;
