//! Copies of a node's store beside each other in one folder: what is in one, made, kept, judged, put back. STO-11 to STO-14
//!
//! ```text
//! DIR/20261201T180000Z/manifest.json   what is in it, with digests and the newest head of each log
//! DIR/20261201T180000Z/relto.db        the database of one moment
//! DIR/20261201T180000Z/files/          node.toml and what it names but keys, and what the node keeps beside its store
//! DIR/bodies-0123456789abcdef/         files of bodies, of all copies of one run of the store; bodies.json their digests
//! ```

mod create;
mod keep;
mod manifest;
mod restore;
mod verify;

pub(crate) use create::{Created, create};
pub(crate) use keep::{Keep, list};
pub(crate) use manifest::Manifest;
pub(crate) use restore::restore;
pub(crate) use verify::{faults, files_of};
