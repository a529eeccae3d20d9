//! What a turn does for each cause, a file for each.

pub(crate) mod admit;
pub(crate) mod belief;
pub(crate) mod change;
pub(crate) mod close;
pub mod dry_run;
pub(crate) mod emergency;
pub(crate) mod forms;
pub(crate) mod inbound;
pub(crate) mod keep;
pub(crate) mod officers;
pub(crate) mod overdue;
pub(crate) mod post;
pub(crate) mod recovery;
pub(crate) mod session;
pub(crate) mod start;
pub(crate) mod statement;
pub(crate) mod submit;
pub(crate) mod upkeep;
pub(crate) mod upload;
