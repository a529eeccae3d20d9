//! What all tasks of a node share.

use crate::{keys::Keys, signing::Signatures, writer::Job};
use std::{
    path::PathBuf,
    sync::{Arc, atomic::AtomicU64, mpsc::Sender},
};

/// HTTP/2: bytes on their way without an acknowledgement, of a stream and of a connection.
pub const WINDOW: u32 = 8 * 1024 * 1024;
/// HTTP/2: bytes of a frame at most.
pub const FRAME: u32 = 1024 * 1024;
/// Bytes of the longest message.
pub const LONGEST: usize = 64 * 1024 * 1024;

/// One node.
pub struct Node {
    /// Keys, its own and others'.
    pub keys: Keys,
    /// How nodes sign.
    pub signatures: Signatures,
    /// To the writer.
    pub writer: Sender<Job>,
    /// The newest report with a receipt.
    pub receipted: Arc<AtomicU64>,
    /// The database.
    pub database: PathBuf,
}

impl Node {
    /// Gives the writer a job.
    pub fn write(&self, job: Job) {
        // Only a process that ends has no writer.
        let _ = self.writer.send(job);
    }
}
