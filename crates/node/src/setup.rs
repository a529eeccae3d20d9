//! What a node is started with: its configuration, the files that this names, and whether all of it may be started on.

pub(crate) mod check;
pub(crate) mod config;
pub(crate) mod load;
