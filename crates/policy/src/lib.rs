//! One decision: may this report go from one nation to the other, under this agreement, now?
//!
//! [`check::check`] answers with a permit, with what people still owe, or with every clause that failed. It reads no
//! clock, no disk and no network, never fails and never panics; what is not permitted is refused. The files it rests
//! on are read here too: [`agreement`], [`national`], [`consent`] and the [`signatures`] beside them. A second decision,
//! [`reading`], is the recipient's own: which of its people may read what came.
//!
//! Not here: who may approve, whether a signature of a person verifies, what is done about a decision.
#![forbid(unsafe_code)]

pub mod agreement;
mod calendar;
mod case;
pub mod change;
pub mod check;
mod clauses;
pub mod code;
pub mod consent;
pub mod content;
pub mod decision;
pub mod explain;
mod facts;
pub mod fuzzing;
pub mod ground;
mod label;
pub mod national;
pub mod overlay;
mod reader;
pub mod reading;
mod side;
pub mod signatures;
pub mod state;
#[cfg(test)]
mod tests;
pub mod translation;
pub mod waits;
