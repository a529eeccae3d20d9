//! What everything here speaks of: names, rows, the store behind its traits, and how much of what may be open.

pub mod body;
pub mod head_write;
pub mod ids;
pub mod journal;
pub mod limits;
pub mod link;
pub mod parts;
pub mod place;
pub mod rows;
pub mod store;
