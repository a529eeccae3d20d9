//! One decision: may this report go from one nation to the other, under this agreement, now?
//!
//! [`check::check`] answers with a permit, with what people still owe, or with every clause that failed. It reads no
//! clock, no disk and no network, never fails and never panics; what is not permitted is refused. The files it rests
//! on are read here too: [`agreement`], [`national`], [`consent`] and the [`signatures`] beside them.
//!
//! Not here: who may approve, whether a signature of a person verifies, what is done about a decision.
#![forbid(unsafe_code)]

pub mod agreement;
mod calendar;
pub mod check;
mod clauses;
pub mod code;
pub mod consent;
pub mod decision;
pub mod fuzzing;
mod label;
pub mod national;
mod reader;
pub mod signatures;
pub mod state;
#[cfg(test)]
mod tests;
