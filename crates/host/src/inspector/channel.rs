//! Frames over any stream.

use relto_report::{codec::Malformed, inspection::frame};
use std::io::{self, Read, Write};

/// Why no frame came.
#[derive(Debug, thiserror::Error)]
pub enum Broken {
    /// The stream ended, or was late.
    #[error("{0}")]
    Stream(#[from] io::Error),
    /// What came is no frame.
    #[error("{0}")]
    Frame(#[from] Malformed),
}

/// The body of the next frame, of at most `most` bytes.
///
/// # Errors
/// The stream's, and frames that are too long.
pub fn receive(stream: &mut impl Read, most: usize) -> Result<Vec<u8>, Broken> {
    let mut header = [0; 4];
    stream.read_exact(&mut header)?;
    let mut body = vec![0; frame::length(header, most)?];
    stream.read_exact(&mut body)?;
    Ok(body)
}

/// Sends a frame.
///
/// # Errors
/// The stream's.
pub fn send(stream: &mut impl Write, frame: &[u8]) -> io::Result<()> {
    stream.write_all(frame)?;
    stream.flush()
}
