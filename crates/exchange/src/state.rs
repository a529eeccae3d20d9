//! Everything that one node's exchange knows between two turns: what the rows say, and what is gone with the process.

pub mod belief;
pub(crate) mod fold;
pub(crate) mod heads;
pub(crate) mod late;
pub(crate) mod log;
pub(crate) mod memory;
pub(crate) mod node;
pub(crate) mod pair;
pub mod recovery;
pub(crate) mod roots;
pub(crate) mod serials;
pub(crate) mod session;
pub(crate) mod spare;

pub use node::Keeping;
pub(crate) use node::State;
